"""Places, keys and programs of the channels' settings."""

from __future__ import annotations

import pytest

WEBHOOK = "receivers:\n  - name: a\n    webhook_configs:\n      - url: https://a.example/x\n"
COMMAND = "receivers:\n  - name: a\n    command_configs:\n      - "
PLACE = "        allow_addresses: "


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("fd00::/8", "fd00::/8"),
        ("Intranet.example", "intranet.example"),
        ("intranet", "intranet"),
        ("_hook.my-host.example.", "_hook.my-host.example."),
    ],
)
def test_places(given, read, settings):
    """Networks, addresses and names of hosts; one may stand without brackets."""
    (webhook,) = settings(f"{WEBHOOK}{PLACE}'{given}'").receivers[0].webhook_configs
    assert webhook.allow_addresses == (read,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("10.0.0.1/8", "10.0.0.1/8 is not the beginning of a network; write 10.0.0.0/8"),
        ("10.0.0.0/99", "not an address, a network or the name of a host: '10.0.0.0/99'"),
        ("127.1", "not an address, a network or the name of a host: '127.1'"),
        ("0x7f000001", "not an address, a network or the name of a host: '0x7f000001'"),
        ("https://a.example", "not an address, a network or the name of a host"),
        ("a..b", "not an address, a network or the name of a host"),
        ("-a.b", "not an address, a network or the name of a host"),
        ("*.example", "not an address, a network or the name of a host"),
    ],
)
def test_what_is_no_place(given, message, messages):
    """Said at the entry; nothing that a resolver would take for another address."""
    (found,) = messages(f"{WEBHOOK}{PLACE}['{given}']")
    assert found.startswith("c.yaml:5:27: receivers[0].webhook_configs[0].allow_addresses[0]: ")
    assert message in found


def test_variables_are_secrets(settings):
    """They are in no print of the settings."""
    (command,) = (
        settings(COMMAND + "{command: [a], env: {TOKEN: pa55word}}").receivers[0].command_configs
    )
    assert command.env["TOKEN"].get_secret_value() == "pa55word"
    assert "pa55word" not in repr(command) + command.model_dump_json()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{command: []}", "empty"),
        ("{command: [a, '']}", "empty"),
        ("{command: ls}", "expected a list"),
        ('{command: ["a\\0b"]}', "a NUL character cannot be part of a command"),
        ("{command: [a], env: {1X: b}}", "not the name of an environment variable: '1X'"),
        ('{command: [a], env: {X: "a\\0"}}', "the variable X has a NUL character"),
    ],
)
def test_what_is_no_command(entry, message, messages):
    """A text is not cut into words: that would be a shell's work."""
    (found,) = messages(COMMAND + entry)
    assert message in found


def test_a_relative_folder_starts_at_the_configuration(settings, tmp_path):
    """As all paths do."""
    (command,) = (
        settings(COMMAND + "{command: [a], working_directory: w}").receivers[0].command_configs
    )
    assert command.working_directory == tmp_path / "w"


@pytest.mark.parametrize("host", [r"169.254.169.254\@a.example", r"a.example\@169.254.169.254"])
def test_an_address_with_a_backslash_is_none(host, messages):
    """Readers of addresses differ in which host it names: what is judged might not be what is
    connected to."""
    (found,) = messages(WEBHOOK.replace("https://a.example", f"https://{host}"))
    assert "not an address that starts with http" in found
    assert "169.254" not in found


@pytest.mark.parametrize("timeout", ["0s", "2d"])
@pytest.mark.parametrize(
    "entry",
    [
        "webhook_configs: [{url: 'https://a.example/', timeout: %s}]",
        "slack_configs: [{webhook_url: 'https://a.example/', timeout: %s}]",
        "email_configs: [{to: a@a.example, from: b@a.example, timeout: %s}]",
        "command_configs: [{command: [a], timeout: %s}]",
        "apprise_configs: [{url: 'json://a.example', timeout: %s}]",
    ],
)
def test_no_time_at_all_is_no_timeout(entry, timeout, messages):
    """Nothing would ever arrive within it; nor does anything take days."""
    (found,) = messages(f"receivers:\n  - name: a\n    {entry % timeout}")
    assert ".timeout: input should be " in found

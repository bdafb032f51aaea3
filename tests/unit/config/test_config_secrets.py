"""Secrets: given in a file, given by a variable, and never shown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from monitor.config import EmailSettings, SlackSettings, WebhookSettings

WEBHOOK = "receivers:\n  - name: a\n    webhook_configs:\n      - "
SLACK = "receivers:\n  - name: a\n    slack_configs:\n      - "
EMAIL = "receivers:\n  - name: a\n    email_configs:\n      - to: a@b\n        from: c@d\n        "


def test_a_secret_may_stand_in_a_file(settings, tmp_path):
    """x_file is read relative to the configuration's folder; outer blanks do not count."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "slack").write_text(" https://hooks.example.org/T/B/x\r\n", "utf-8")
    (slack,) = settings(SLACK + "webhook_url_file: secrets/slack").receivers[0].slack_configs
    assert slack.webhook_url.get_secret_value() == "https://hooks.example.org/T/B/x"


def test_every_kind_of_secret_file(settings, tmp_path):
    """Addresses, signing secrets, passwords and the database may all stand in files."""
    for name, content in {
        "url": "https://example.org/hook",
        "secret": "whsec_c2VjcmV0",
        "password": "p: [ä]!",
        "database": "postgresql://u:p@localhost/x",
    }.items():
        (tmp_path / name).write_text(content + "\n", "utf-8")
    read = settings(
        "database_file: database\n"
        + WEBHOOK
        + "{url_file: url, secret_file: secret}\n    email_configs:\n"
        + "      - {to: a@b, from: a@b, username: u, password_file: password}"
    )
    (receiver,) = read.receivers
    assert read.database.get_secret_value() == "postgresql://u:p@localhost/x"
    assert receiver.webhook_configs[0].url == "https://example.org/hook"
    assert receiver.webhook_configs[0].secret.get_secret_value() == "whsec_c2VjcmV0"
    assert receiver.email_configs[0].password.get_secret_value() == "p: [ä]!"


def test_the_file_may_be_named_by_a_variable(settings, tmp_path):
    """systemd's LoadCredential: ${CREDENTIALS_DIRECTORY}/name, an absolute path."""
    (tmp_path / "slack").write_text("https://hooks.example.org/x", "utf-8")
    text = SLACK + "webhook_url_file: ${CREDENTIALS_DIRECTORY}/slack"
    read = settings(text, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert read.receivers[0].slack_configs[0].webhook_url is not None


def test_a_secret_file_that_is_not_there(messages):
    """The message stands at the key and names the file."""
    assert messages(SLACK + "webhook_url_file: nope") == [
        "c.yaml:4:9: receivers[0].slack_configs[0].webhook_url_file: cannot read nope:"
        " No such file or directory"
    ]


def test_a_secret_file_that_is_a_folder(messages, tmp_path):
    """So does this."""
    (tmp_path / "d").mkdir()
    assert messages(SLACK + "webhook_url_file: d") == [
        "c.yaml:4:9: receivers[0].slack_configs[0].webhook_url_file: cannot read d: Is a directory"
    ]


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_secret_file(messages, tmp_path, content):
    """An empty file is no secret: an interrupted installation must not go unnoticed."""
    (tmp_path / "s").write_bytes(content)
    assert messages(SLACK + "webhook_url_file: s") == [
        f"c.yaml:4:9: receivers[0].slack_configs[0].webhook_url_file: {tmp_path / 's'} is empty"
    ]


def test_a_secret_file_that_is_no_text(messages, tmp_path):
    """Binary content is refused without being shown."""
    (tmp_path / "s").write_bytes(b"hunter\xff2")
    (message,) = messages(SLACK + "webhook_url_file: s")
    assert message.endswith("webhook_url_file: cannot read s: not UTF-8 text")
    assert "hunter" not in message


def test_a_secret_given_twice(messages, tmp_path):
    """x and x_file together are refused: which one counts would be a guess."""
    (tmp_path / "s").write_text("https://hooks.example.org/x", "utf-8")
    assert messages(SLACK + "webhook_url: https://h/hunter2\n        webhook_url_file: s") == [
        "c.yaml:5:9: receivers[0].slack_configs[0].webhook_url_file: webhook_url and"
        " webhook_url_file are both set; keep one"
    ]


def test_a_secret_file_without_a_name(settings, messages):
    """An empty x_file counts as not given; the secret is then missing."""
    assert messages(SLACK + "webhook_url_file:") == [
        "c.yaml:4:9: receivers[0].slack_configs[0]: webhook_url is missing: Slack's address"
        " (or webhook_url_file, or token)"
    ]


def test_an_empty_variable_is_no_secret(messages):
    """${X:-} leaves nothing, and nothing is refused."""
    (message,) = messages(EMAIL + "username: u\n        password: ${X:-}")
    assert message == "c.yaml:7:9: receivers[0].email_configs[0].password: empty"


BAD = {
    "slack address": SLACK + "webhook_url: hunter2",
    "slack address without host": SLACK + "webhook_url: 'https:///hunter2'",
    "slack address with a blank": SLACK + "webhook_url: 'https://h/hunter2 x'",
    "slack port": SLACK + "webhook_url: 'https://h:hunter2/'",
    "webhook address": WEBHOOK + "url: ftp://u:hunter2@h/",
    "signing secret": WEBHOOK + "{url: 'https://h/', secret: whsec_hunter2!}",
    "empty signing secret": WEBHOOK + "{url: 'https://h/hunter2', secret: whsec_}",
    "header value": WEBHOOK + '{url: "https://h/", headers: {X: "hunter2\\r\\nY: z"}}',
    "database": "database: mysql://u:hunter2@h/x",
    "list for a password": EMAIL + "password: [hunter2]",
    "mapping for a password": EMAIL + "password: {hunter: hunter2}",
    "tag for a password": EMAIL + "password: !hunter2",
    "alias for a password": EMAIL + "password: *hunter2",
    "half a quote": EMAIL + "password: 'hunter2",
    "mapping by accident": EMAIL + "password: x: hunter2",
    "reserved character": EMAIL + "password: @hunter2",
    "other key wrong": EMAIL + "password: hunter2\n        prt: 1",
    "twice": EMAIL + "password: hunter2\n        password: hunter3",
    "missing partner": WEBHOOK + "secret: whsec_aHVudGVyMg==",
}


@pytest.mark.parametrize("case", BAD)
def test_messages_never_repeat_a_secret(messages, case):
    """Whatever is wrong with or around a secret, no message shows any of it."""
    told = messages(BAD[case])
    assert told
    assert "hunter" not in "".join(told)
    assert "aHVudGVyMg" not in "".join(told)


def test_settings_never_show_a_secret(settings):
    """Neither repr nor str nor a dump as JSON shows passwords, keys, headers or addresses."""
    read = settings(
        "database: postgresql://u:hunter2@h/x\n"
        + WEBHOOK
        + "{url: 'https://h/hunter2', secret: whsec_aHVudGVyMg==, headers: {X: hunter2}}\n"
        + "    slack_configs: [{webhook_url: 'https://h/hunter2'}]\n"
        + "    email_configs: [{to: a@b, from: a@b, username: u, password: hunter2}]\n"
    )
    for shown in (repr(read), str(read)):
        assert "hunter" not in shown
        assert "aHVudGVyMg" not in shown
    secrets = read.receivers[0].model_dump_json(exclude={"webhook_configs": {0: {"url"}}})
    assert "hunter" not in secrets


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (SlackSettings, {"webhook_url": "hunter2"}),
        (WebhookSettings, {"url": "hunter2"}),
        (EmailSettings, {"to": "a@b", "from": "a@b", "password": ["hunter2"]}),
    ],
)
def test_pydantics_own_errors_do_not_show_a_secret(model, data):
    """An error that never went through the loader is as silent."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    assert "hunter" not in str(caught.value)


def test_a_password_may_look_like_anything(settings):
    """Numbers, dates and truth values are passwords as they were typed, zeros included."""
    for word in ("007", "1e5", "no", "true", "2026-01-07", "0x1F"):
        (email,) = settings(EMAIL + f"password: {word}").receivers[0].email_configs
        assert email.password.get_secret_value() == word


@pytest.mark.parametrize("secret", ["whsec_c2VjcmV0", "c2VjcmV0"])
def test_signing_secrets(settings, secret):
    """base64, with or without the prefix, as Standard Webhooks has it."""
    text = WEBHOOK + f"{{url: 'https://h/', secret: {secret}}}"
    assert settings(text).receivers[0].webhook_configs[0].secret.get_secret_value() == secret

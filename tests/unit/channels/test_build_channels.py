"""From receivers to channels by destination name."""

from __future__ import annotations

import io

import pytest

from monitor.channels import build_channels
from monitor.config import ReceiverSettings
from monitor.errors import ConfigError

RECEIVER = {
    "name": "desk",
    "console_configs": [{"max_items": 3}],
    "webhook_configs": [{"url": "http://a.test/x"}, {"url": "http://b.test/x"}],
    "slack_configs": [{"webhook_url": "https://hooks.slack.com/services/T/B/X"}],
    "email_configs": [{"to": ["ann@example.org", "bob@example.org"], "from": "m@example.org"}],
}


def test_every_destination_has_its_channel():
    """One for each entry, and for each recipient of mail."""
    channels = build_channels([ReceiverSettings.model_validate(RECEIVER)], out=io.StringIO())
    assert list(channels) == [
        "desk/console/0",
        "desk/webhook/0",
        "desk/webhook/1",
        "desk/slack/0",
        "desk/email/0/ann@example.org",
        "desk/email/0/bob@example.org",
    ]
    for name, channel in channels.items():
        assert channel.destination.name == name
        assert channel.destination.receiver == "desk"
        assert channel.destination.channel == name.split("/")[1]
    assert [c.max_items for c in channels.values()] == [3, 50, 50, 10, 30, 30]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"webhook_configs": [{"url": "http://*.x/token"}]}, "desk/webhook/0: not an address"),
        ({"slack_configs": [{"webhook_url": "https://*/token"}]}, "desk/slack/0: not an address"),
        (
            {"email_configs": [{"to": "ann@a..b", "from": "m@example.org"}]},
            "not a mail domain: 'a..b'",
        ),
    ],
)
def test_what_cannot_work_is_a_configuration_error(changes, message):
    """Found when the channels are built, not when the first alert is due; no token is shown."""
    receiver = ReceiverSettings.model_validate(RECEIVER | changes)
    with pytest.raises(ConfigError, match=message) as caught:
        build_channels([receiver])
    assert "token" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_file_that_cannot_be_used_is_named(tmp_path, content):
    """Missing or no PEM: the file is in the message."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    entry = {"to": "ann@example.org", "from": "m@example.org", "ca_file": str(file)}
    with pytest.raises((ConfigError, ValueError), match=r"ca\.pem"):
        build_channels([ReceiverSettings.model_validate({"name": "d", "email_configs": [entry]})])

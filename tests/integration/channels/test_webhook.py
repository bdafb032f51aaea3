"""What only a webhook must do: changing a secret, where it may go, and what its page promises."""

from __future__ import annotations

import base64
import json
import re
import secrets as random_secrets
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import standardwebhooks
from pydantic import ValidationError

from monitor.channels import build_channels
from monitor.config import ReceiverSettings
from monitor.errors import ConfigError, DeliveryError

DOCS = Path(__file__).parents[3] / "docs"
KEY = "dlv_0123456789abcdef0123456789abcdef"
NEW, OLD, OLDER, OTHER = (
    "whsec_" + base64.b64encode(random_secrets.token_bytes(32)).decode() for _ in range(4)
)


def build(folder: Path | None = None, **entry: Any) -> Any:
    receiver = {"name": "desk", "webhook_configs": [entry]}
    context = {"folder": str(folder)} if folder else None
    (channel,) = build_channels(
        [ReceiverSettings.model_validate(receiver, context=context)]
    ).values()
    return channel


@pytest.fixture
def hook(serve, talk):
    return serve(talk.http(talk.answer("200 OK")))


def url(server: Any, path: str = "/hook") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def verified_by_page() -> Any:
    """The function that docs/webhooks.md shows."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", (DOCS / "webhooks.md").read_text(), re.M | re.S)
    names: dict[str, Any] = {}
    exec(compile(code, "webhooks.md", "exec"), names)
    return names["verified"]


def test_both_secrets_verify_while_one_is_changed(hook, make_message):
    """By the published library: the new one, those before, and no other."""
    build(url=url(hook), secret=NEW, previous_secrets=[OLD, OLDER]).send(make_message(), key=KEY)
    ((head, body),) = hook.seen
    assert len(head["webhook-signature"].split(" ")) == 3
    for secret in (NEW, OLD, OLDER):
        event = standardwebhooks.Webhook(secret).verify(body, head)
        assert event["type"] == "article.new"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(OTHER).verify(body, head)


def test_previous_secrets_may_stand_in_a_file(hook, make_message, tmp_path):
    """One on each line; one that is there twice signs once."""
    (tmp_path / "old").write_text(f"{OLD}\n{NEW}\n\n{OLDER}\n")
    build(tmp_path, url=url(hook), secret=NEW, previous_secrets_file="old").send(
        make_message(), key=KEY
    )
    ((head, body),) = hook.seen
    assert len(set(head["webhook-signature"].split())) == 3
    standardwebhooks.Webhook(OLDER).verify(body, head)


@pytest.mark.parametrize(
    "entry", [{"previous_secrets": [OLD]}, {"secret": NEW, "previous_secrets": ["T0PSECRET"]}]
)
def test_previous_secrets_that_cannot_be(entry):
    """Without one of today, or of another form: refused, and not shown."""
    with pytest.raises(ValidationError) as caught:
        build(url="http://localhost/", **entry)
    assert "T0PSECRET" not in str(caught.value)


def test_the_page_verifies_what_is_sent(hook, make_message):
    """The code of docs/webhooks.md does what it says, for each secret."""
    verified = verified_by_page()
    build(url=url(hook), secret=NEW, previous_secrets=[OLD]).send(make_message(3), key=KEY)
    ((head, body),) = hook.seen
    moment = int(head["webhook-timestamp"])
    for secret, good in ((NEW, True), (OLD, True), (OTHER, False)):
        assert verified(secret, head, body) is good
    assert not verified(NEW, head, body + b" ")
    assert not verified(NEW, head | {"webhook-id": "dlv_other"}, body)
    assert not verified(NEW, head, body, now=moment + 301)
    assert verified(NEW, head, body, now=moment + 299)


def test_the_schema_fits_what_is_sent(hook, make_message):
    """And is itself a schema."""
    schema = json.loads((DOCS / "webhook.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    channel = build(url=url(hook))
    for count in (1, 3):
        channel.send(make_message(count), key=KEY)
    for _, body in hook.seen:
        jsonschema.validate(json.loads(body), schema)


def test_the_page_names_every_type_and_kind():
    """Whoever receives webhooks finds all of them."""
    page = (DOCS / "webhooks.md").read_text("utf-8")
    schema = json.loads((DOCS / "webhook.schema.json").read_text("utf-8"))
    types = schema["properties"]["type"]["enum"]
    kinds = schema["properties"]["data"]["properties"]["kind"]["enum"]
    assert [name for name in [*types, *kinds] if f"`{name}`" not in page] == []


# --------------------------------------------------------------------------- where it goes


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "127.1", "0x7f000001", "2130706433", "0"],
)
def test_an_address_inside_stops_the_start(host):
    """It is a mistake, or meant: then it is said in allow_addresses."""
    with pytest.raises(
        ConfigError, match=r"desk/webhook/0: it leads to .*allow_addresses"
    ) as caught:
        build(url=f"http://{host}/T0PSECRET")
    assert "T0PSECRET" not in str(caught.value)
    build(url=f"http://{host}/", allow_addresses=["0.0.0.0/0", "::/0"])


def test_a_redirect_to_a_metadata_service_is_not_followed(serve, talk, make_message):
    """The answer's address is told without its path, and never connected to."""
    location = "http://169.254.169.254/latest/meta-data/iam"
    server = serve(talk.http(talk.answer("302 Found", Location=location)))
    with pytest.raises(
        DeliveryError, match=r"a redirect to http://169\.254\.169\.254, which"
    ) as caught:
        build(url=url(server)).send(make_message(), key=KEY)
    assert caught.value.permanent
    assert "meta-data" not in str(caught.value)


def test_a_closed_channel_may_be_used_again(hook, make_message):
    """A delivery that began before a reload ends well whenever it comes to it."""
    channel = build(url=url(hook))
    channel.close()
    channel.send(make_message(), key=KEY)
    channel.close()
    channel.close()
    channel.send(make_message(), key=KEY)
    assert len(hook.seen) == 2

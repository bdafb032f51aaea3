"""What a bot in Slack must do: threads, edits, and what it makes of Slack's refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels import build_channels
from monitor.channels.slack_api import PERMANENT
from monitor.channels.slack_blocks import payload
from monitor.channels.slack_text import escape
from monitor.config import ReceiverSettings
from monitor.errors import DeliveryError
from monitor.model import AlertKind, DeliveryKind, Message

from .workspace import TOKEN, Workspace, refused, wrong_with

KEY = "dlv_0123456789abcdef0123456789abcdef"


class Desk:
    """A bot in a workspace; what its receipts say of threads is given back with each message, as
    the outbox does."""

    def __init__(self, serve: Any, workspace: Workspace, **settings: Any) -> None:
        server = serve(workspace.handle)
        entry = {
            "token": TOKEN,
            "channel": "#news",
            "api_url": f"http://127.0.0.1:{server.port}/api",
            **settings,
        }
        receiver = ReceiverSettings.model_validate({"name": "desk", "slack_configs": [entry]})
        (self.channel,) = build_channels([receiver]).values()
        self.workspace = workspace
        self.threads: dict[str, str] = {}

    def send(self, message: Message) -> str:
        receipt = self.channel.send(replace(message, threads=dict(self.threads)), key=KEY)
        self.threads |= receipt.threads
        return receipt.detail


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def revised(make_message):
    """A message about the second revision of one article, or of several."""

    def make(*numbers: int, **fields: Any) -> Message:
        message = make_message(max(numbers))
        alerts = tuple(
            replace(message.alerts[n - 1], kind=AlertKind.REVISED, revision=2) for n in numbers
        )
        return replace(message, alerts=alerts, total=len(alerts), **fields)

    return make


def test_a_message_and_its_key(serve, workspace, make_message):
    """It stands in the channel, by the channel's name; programs find the key in its metadata."""
    desk = Desk(serve, workspace)
    assert desk.send(make_message(3)) == "posted 1700000000.000100"
    (posted,) = workspace.posted
    assert (posted.channel, posted.thread_ts) == ("C0NEWS", None)
    assert posted.document["metadata"]["event_payload"] == {"key": KEY}
    assert len(set(desk.threads.values())) == 1
    assert len(desk.threads) == 3


def test_an_answer_longer_than_other_channels_take(serve, workspace, make_message):
    """Slack repeats the message, each letter of another alphabet as six: it is read to its end, or
    the message would go out again and again."""
    message = make_message(10)
    alerts = tuple(
        replace(alert, title="Ж" * 150, title_marks=(), excerpt="Я " * 300, excerpt_marks=())
        for alert in message.alerts
    )
    desk = Desk(serve, workspace)
    desk.send(replace(message, alerts=alerts))
    assert len(workspace.posted) == 1


@settings(max_examples=40, deadline=None)
@given(
    text=st.text(st.sampled_from("&<>*_~`@!|\n\r here channel\u202eабв\x00\ud800"), max_size=600),
    own=st.none() | st.text(st.sampled_from("<>&|* abc\n"), max_size=4_000),
    count=st.integers(1, 25),
)
def test_slack_takes_whatever_there_is_to_tell(make_message, text, own, count):
    """Titles, excerpts, rules and addresses of any form, and texts of templates of any length."""
    message = make_message(count)
    alerts = tuple(
        replace(one, title=text, excerpt=text, rules=(text[:60] or "x",), link="http://x/" + text)
        for one in message.alerts
    )
    own = own and escape(own)
    document = payload(
        replace(message, alerts=alerts), header=own, texts=[own] * count, notes=[text] * 12
    )
    assert wrong_with(document) is None


def test_revisions_are_replies(serve, workspace, make_message, revised):
    """What becomes of an article stands below the message that told of it first."""
    desk = Desk(serve, workspace)
    desk.send(make_message(2))
    desk.send(revised(1))
    desk.send(revised(1, 2))
    desk.send(revised(2))
    first, *others = workspace.posted
    assert [reply.thread_ts for reply in others] == [first.ts] * 3
    assert "reply_broadcast" not in others[0].document


def test_articles_of_several_threads_are_a_message_of_their_own(
    serve, workspace, make_message, revised
):
    """And each keeps to the thread it had; one that had none is followed there."""
    desk = Desk(serve, workspace)
    desk.send(make_message(1))
    desk.send(revised(2))
    desk.send(revised(1, 2, 3))
    desk.send(revised(1))
    desk.send(revised(3))
    first, _, mixed, reply, last = workspace.posted
    assert (mixed.thread_ts, reply.thread_ts, last.thread_ts) == (None, first.ts, mixed.ts)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": DeliveryKind.DIGEST},
        {"kind": DeliveryKind.STORM},
        {"kind": DeliveryKind.TEST},
        {"total": 5},
    ],
)
def test_what_is_read_later_is_no_reply(fields, serve, workspace, make_message, revised):
    """A digest, or a message that does not show all, is not hidden in a thread."""
    desk = Desk(serve, workspace)
    desk.send(make_message(1))
    desk.send(replace(revised(1), **fields))
    assert workspace.posted[1].thread_ts is None


def test_without_threads(serve, workspace, make_message, revised):
    """Every message stands in the channel."""
    desk = Desk(serve, workspace, threads=False)
    desk.send(make_message(1))
    desk.send(revised(1))
    assert [posted.thread_ts for posted in workspace.posted] == [None, None]


def test_a_thread_of_another_channel_is_left_there(serve, workspace, make_message, revised):
    """A channel that was changed in the settings gets what is new, old threads get nothing."""
    workspace.channels["C0DESK"] = "desk"
    desk = Desk(serve, workspace)
    desk.send(make_message(1))
    moved = Desk(serve, workspace, channel="C0DESK")
    moved.threads = desk.threads
    moved.send(revised(1))
    moved.send(revised(1))
    _, anew, reply = workspace.posted
    assert (anew.channel, anew.thread_ts) == ("C0DESK", None)
    assert (reply.channel, reply.thread_ts) == ("C0DESK", anew.ts)


def test_a_thread_whose_message_was_deleted(serve, workspace, make_message, revised):
    """The article is told anew, and what follows keeps to the new message."""
    desk = Desk(serve, workspace)
    desk.send(make_message(1))
    workspace.posted.clear()
    desk.send(revised(1))
    desk.send(revised(1))
    anew, reply = workspace.posted
    assert (anew.thread_ts, reply.thread_ts) == (None, anew.ts)


def test_an_update_changes_the_first_message(serve, workspace, make_message, revised):
    """Where it told of that article alone."""
    desk = Desk(serve, workspace, update=True)
    desk.send(make_message(1))
    assert desk.send(revised(1)) == "updated 1700000000.000100"
    (posted,) = workspace.posted
    assert posted.edits == 1
    assert posted.document["parse"] == "none"  # else Slack looks for names in the plain text
    assert "Revised: referendum" in posted.document["blocks"][1]["text"]["text"]


def test_an_update_of_a_message_about_several_is_a_reply(serve, workspace, make_message, revised):
    """The others would vanish."""
    desk = Desk(serve, workspace, update=True)
    desk.send(make_message(2))
    desk.send(revised(1))
    assert (workspace.posted[1].thread_ts, workspace.posted[0].edits) == (workspace.posted[0].ts, 0)


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed"])
def test_an_update_that_slack_does_not_allow(code, serve, workspace, make_message, revised):
    """Becomes a reply."""
    desk = Desk(serve, workspace, update=True)
    desk.send(make_message(1))
    workspace.refusals.append(refused(code))
    desk.send(revised(1))
    first, reply = workspace.posted
    assert (first.edits, reply.thread_ts) == (0, first.ts)


def test_an_update_of_a_message_that_is_gone(serve, workspace, make_message, revised):
    """Neither to be changed nor followed: told anew."""
    desk = Desk(serve, workspace, update=True)
    desk.send(make_message(1))
    workspace.posted.clear()
    desk.send(revised(1))
    assert workspace.calls[1:] == ["chat.update", "chat.postMessage", "chat.postMessage"]
    assert [posted.thread_ts for posted in workspace.posted] == [None]


def test_a_thread_that_cannot_be_read_is_none(serve, workspace, make_message, revised):
    """What another version of the program may have stored breaks nothing."""
    desk = Desk(serve, workspace)
    for stored in ("", ":::", "1700000000.0001", "news:C0NEWS:1:x"):
        desk.threads = {make_message(1).alerts[0].article_id: stored}
        desk.send(revised(1))
    assert [posted.thread_ts for posted in workspace.posted] == [None] * 4


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("invalid_auth", "is the token right"),
        ("token_revoked", "install the app anew"),
        ("account_inactive", "removed from the workspace"),
        ("not_in_channel", "/invite"),
        ("channel_not_found", "is `channel` right"),
        ("is_archived", "archived"),
        ("missing_scope", "chat:write"),
        ("fatal_error", "fatal_error"),
        ("something_new", "something_new"),
    ],
)
def test_what_can_be_mended_is_retried(code, advice, serve, workspace, make_message):
    """Token, rights and channel are settings: what has waited goes through once they are right."""
    workspace.refusals.append(refused(code))
    with pytest.raises(DeliveryError, match=f"refused chat.postMessage: {code}") as caught:
        Desk(serve, workspace).send(make_message())
    assert (caught.value.permanent, caught.value.retry_after) == (False, None)
    assert advice in str(caught.value)


@pytest.mark.parametrize("code", sorted(PERMANENT))
def test_what_is_wrong_with_the_message_is_final(code, serve, workspace, make_message):
    """It will never be taken; Slack's own words say what was wrong."""
    said = {"messages": [f"[ERROR] no such field [json-pointer:/blocks/0] {TOKEN}"]}
    workspace.refusals.append(refused(code, response_metadata=said))
    with pytest.raises(DeliveryError, match="no such field") as caught:
        Desk(serve, workspace).send(make_message())
    assert caught.value.permanent
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(("header", "wait"), [({"Retry_After": "17"}, 17.0), ({}, 30.0)])
@pytest.mark.parametrize("status", ["200 OK", "429 Too Many Requests"])
def test_too_much_at_once(status, header, wait, serve, talk, make_message):
    """Slack says for how long in a header, whatever the status; half a minute where it does not
    (with 429 the outbox knows how long)."""
    body = b'{"ok":false,"error":"ratelimited"}'
    server = serve(talk.http(talk.answer(status, body, Content_Type="application/json", **header)))
    entry = {"token": TOKEN, "channel": "x", "api_url": f"http://127.0.0.1:{server.port}/api"}
    receiver = ReceiverSettings.model_validate({"name": "desk", "slack_configs": [entry]})
    (channel,) = build_channels([receiver]).values()
    with pytest.raises(DeliveryError, match="ratelimited") as caught:
        channel.send(make_message(), key=KEY)
    expected = None if status.startswith("429") and not header else wait
    assert (caught.value.permanent, caught.value.retry_after) == (False, expected)


@pytest.mark.parametrize(
    "said", [b"<html>Log in</html>", b"", b"ok", b"[]", b'{"ok":"true"}', b"{" * 5_000, b"\xff"]
)
def test_what_is_not_slack_is_no_success(said, serve, talk, make_message):
    """A captive portal answers 200 to everything."""
    server = serve(talk.http(talk.answer("200 OK", said)))
    entry = {"token": TOKEN, "channel": "x", "api_url": f"http://127.0.0.1:{server.port}/api"}
    receiver = ReceiverSettings.model_validate({"name": "desk", "slack_configs": [entry]})
    (channel,) = build_channels([receiver]).values()
    with pytest.raises(DeliveryError, match="is it Slack") as caught:
        channel.send(make_message(), key=KEY)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"token": "xoxb-1"}, "channel is missing"),
        ({"token": "hunter2", "channel": "x"}, "not a token of Slack"),
        ({"channel": "x"}, "webhook_url is missing"),
        ({"webhook_url": "https://h/", "channel": "x"}, "token is missing"),
        ({"webhook_url": "https://h/", "token": "xoxb-1"}, "keep one"),
        ({"token": "xoxb-1", "channel": "x", "update": True, "threads": False}, "needs threads"),
    ],
)
def test_settings_that_contradict_each_other(fields, said):
    """Refused at the start, without the token."""
    with pytest.raises(ValueError, match=said) as caught:
        ReceiverSettings.model_validate({"name": "desk", "slack_configs": [fields]})
    assert "hunter2" not in str(caught.value)


def test_the_pause_between_two_messages(serve, workspace):
    """Slack takes about one a second; who knows better may say so."""
    assert Desk(serve, workspace).channel.pause == 1.0
    assert Desk(serve, workspace, min_interval="250ms").channel.pause == 0.25

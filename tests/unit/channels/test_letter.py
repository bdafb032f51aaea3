"""The mail: its headers, its two forms, the same bytes on every attempt."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime
from email import policy
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels import letter, wording
from monitor.channels.letter import Mailbox, Unsubscribe, compose
from monitor.model import AlertKind, DeliveryKind, Earlier

SENDER = Mailbox.parse("Press Monitor <monitor@alerts.some-longer-domain.example.org>")
ANN = Mailbox.parse("ann@example.org")
KEY = "dlv_0123456789abcdef0123456789abcdef"
NASTY = st.text(st.sampled_from("<>&\"'\r\n\x00\u2028\ud800=?_.@äж \u202e" + "x" * 5), max_size=300)


def read(mail):
    return email.message_from_bytes(mail.as_bytes(), policy=policy.default)


def test_the_headers_of_a_mail_about_one_article(make_message):
    """A stable id, the message's own date, a thread made of the article's id."""
    mail = read(compose(make_message(), key=KEY, sender=SENDER, recipient=ANN))
    domain = "alerts.some-longer-domain.example.org"
    thread = f"<article.0189d6f3-1111-7222-8333-000000000001@{domain}>"
    assert {name: str(value) for name, value in mail.items() if name != "Content-Type"} == {
        "From": f"Press Monitor <monitor@{domain}>",
        "To": "ann@example.org",
        "Subject": "referendum: Referendum on water 1",
        "Date": "Wed, 05 Jan 2022 08:31:00 +0000",
        "Message-ID": f"<{KEY}@{domain}>",
        "In-Reply-To": thread,
        "References": thread,
        "List-Id": f"<monitor.{domain}>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    assert mail.get_content_type() == "multipart/alternative"


def test_ids_are_never_folded_into_encoded_words(make_message):
    """An id longer than a line stays an id on the wire."""
    raw = compose(make_message(), key=KEY, sender=SENDER, recipient=ANN).as_bytes()
    assert re.search(rb"\r\nReferences: <article\.[0-9a-f-]{36}@[a-z.-]+>\r\n", raw)


def test_revisions_of_an_article_thread(make_alert, make_message):
    """The same thread id and subject, another message id."""
    first = read(compose(make_message(), key="k1", sender=SENDER, recipient=ANN))
    revised = make_message(make_alert(kind=AlertKind.REVISED, revision=2))
    second = read(compose(revised, key="k2", sender=SENDER, recipient=ANN))
    assert first["References"] == second["References"]
    assert first["Subject"] == second["Subject"]
    assert first["Message-ID"] != second["Message-ID"]


def test_a_mail_about_several_articles_belongs_to_no_thread(make_alert, make_message):
    """A digest is no answer to anything."""
    mail = compose(
        make_message(make_alert(1), make_alert(2)), key=KEY, sender=SENDER, recipient=ANN
    )
    assert mail["References"] is None


def test_the_bytes_are_the_same_on_every_attempt(make_message):
    """Nothing in a mail depends on when it is made."""
    mails = {
        compose(make_message(), key=KEY, sender=SENDER, recipient=ANN).as_bytes() for _ in range(3)
    }
    assert len(mails) == 1


def test_a_list_id_can_be_given(make_message):
    """With or without its brackets."""
    for given_id in ("alerts.example.org", "<alerts.example.org>"):
        mail = compose(make_message(), key=KEY, sender=SENDER, recipient=ANN, list_id=given_id)
        assert mail["List-Id"] == "<alerts.example.org>"


class Checker(HTMLParser):
    """Notes tags that do not close in order, and attributes that act."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.wrong += [name for name, _ in attrs if name.startswith("on")]
        if tag in ("script", "img", "iframe"):
            self.wrong.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")


@settings(max_examples=60, deadline=None)
@given(title=NASTY, excerpt=NASTY, source=NASTY)
def test_no_article_breaks_the_mail(make_alert, make_message, title, excerpt, source):
    """Whatever the text, the mail parses back with its own headers and well-formed HTML."""
    alert = make_alert(
        title=title, excerpt=excerpt, source=source, excerpt_marks=((2, 5),), title_marks=((0, 3),)
    )
    raw = compose(make_message(alert), key=KEY, sender=SENDER, recipient=ANN).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert not mail.defects
    assert "\n" not in mail["Subject"]
    text, html = mail.iter_parts()
    assert "referendum" in text.get_content()
    checker = Checker()
    checker.feed(html.get_content())
    checker.close()
    assert checker.wrong == []
    assert checker.open == []


def test_matched_words_are_marked_and_kinds_named(make_alert, make_message):
    """The HTML marks what matched; both forms say new or revised and link the rest."""
    message = make_message(make_alert(), make_alert(2, kind=AlertKind.REVISED), total=7)
    html, text = letter.html(message), letter.text(message)
    assert re.search(r"The <mark [^>]+>referendum</mark> will", html)
    assert re.search(r">New</span>.*>Revised</span>", html, re.DOTALL)
    assert re.search(r'<a href="http://monitor.test"[^>]*>and 5 more</a>', html)
    assert "NEW: referendum\n" in text
    assert "REVISED: referendum\n" in text
    assert "and 5 more: http://monitor.test" in text


def test_what_no_longer_matches(make_alert, make_message):
    """Both forms name it and show the old text as such."""
    message = make_message(make_alert(kind=AlertKind.DROPPED))
    html, text = letter.html(message), letter.text(message)
    assert re.search(r">No longer matches</span> referendum<", html)
    assert re.search(r">Before: The <mark [^>]+>referendum</mark> will", html)
    assert "NO LONGER MATCHES: referendum\n" in text
    assert "\nBefore: The referendum will be held in June.\n" in text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann <ann@Example.ORG>", "ann@example.org"),
        ('"Ann, B." <ann@example.org>', "ann@example.org"),
        ("ann@münchen.example", "ann@xn--mnchen-3ya.example"),
        ("анна@пример.example", "анна@xn--e1afmkfd.example"),
    ],
)
def test_mailboxes(text, address):
    """A domain travels in ASCII, a name and a local part as they are."""
    assert Mailbox.parse(text).address == address


@pytest.mark.parametrize(
    "text", ["", "ann", "@example.org", "ann@", "a b@example.org", "ann@exa\nmple.org", "ann@a..b"]
)
def test_what_is_no_mailbox_is_refused(text):
    """Each with the text in the message."""
    with pytest.raises(ValueError, match="not a"):
        Mailbox.parse(text)


def test_an_address_outside_ascii_is_kept(make_message):
    """With SMTPUTF8 the headers are UTF-8."""
    mail = compose(
        make_message(), key=KEY, sender=SENDER, recipient=Mailbox.parse("анна@пример.example")
    )
    assert "To: анна@xn--e1afmkfd.example\r\n".encode() in mail.as_bytes()


def test_unsubscribing_by_one_click(make_message):
    """RFC 8058: an https address for this recipient, beside one to write to; on one line each,
    whatever their length."""
    ways = Unsubscribe("https://lists.example.org/off?who={recipient}&l=" + "x" * 900, "off@a.org")
    recipient = Mailbox.parse("Ann <a+b%c@example.org>")
    raw = compose(
        make_message(), key=KEY, sender=SENDER, recipient=recipient, unsubscribe=ways
    ).as_bytes()
    lines = raw.split(b"\r\n")
    address = "https://lists.example.org/off?who=a%2Bb%25c%40example.org&l=" + "x" * 900
    mailto = "mailto:off@a.org?subject=unsubscribe%20a%2Bb%25c%40example.org"
    assert f"List-Unsubscribe: <{address}>, <{mailto}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


@pytest.mark.parametrize(
    ("ways", "names"),
    [
        (Unsubscribe(), []),
        (Unsubscribe(email="off@a.org"), ["List-Unsubscribe"]),
        (Unsubscribe("https://a.org/"), ["List-Unsubscribe", "List-Unsubscribe-Post"]),
    ],
)
def test_one_click_is_promised_only_where_there_is_one(ways, names, make_message):
    """A mail address alone takes a mail, not a click."""
    mail = read(compose(make_message(), key=KEY, sender=SENDER, recipient=ANN, unsubscribe=ways))
    assert sorted(name for name in mail if "unsubscribe" in name.lower()) == names


@given(url=NASTY, email=NASTY)
@settings(max_examples=60)
def test_no_setting_breaks_a_header(url, email):
    """Whatever stands in an address, the header stays one line of ASCII with its brackets."""
    found = Unsubscribe("https://a.org/" + url, email).headers(ANN)["List-Unsubscribe"]
    assert re.fullmatch(r"<https://a\.org/[!-;=?-~]*>, <mailto:[!-;=?-~]*>", found)


def test_a_digest_says_so_and_links_what_was_before(make_alert, make_message):
    """In the subject, at the top, and with each article its earlier alerts."""
    before = Earlier(AlertKind.NEW, 1, datetime(2022, 1, 5, 7, 5, tzinfo=UTC))
    revised = make_alert(kind=AlertKind.REVISED, revision=2, earlier=(before,))
    message = make_message(revised, make_alert(2), total=3, kind=DeliveryKind.DIGEST)
    mail = read(compose(message, key=KEY, sender=SENDER, recipient=ANN))
    assert mail["Subject"].startswith("Digest: ")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.startswith("Digest: ")
    assert f"{wording.BEFORE} new 07:05 UTC: {revised.url}" in text
    assert f'href="{revised.url}" style="color:#0757b8">new 07:05 UTC</a>' in html


def test_a_mail_leads_to_the_article_at_its_source(make_alert, make_message):
    """Both forms have its address, where it is one of the web: nothing else can be clicked."""
    message = make_message(make_alert(link="https://daily.example/1?a=b&c=d e"))
    assert "\noriginal: https://daily.example/1?a=b&c=d%20e\n" in letter.text(message)
    assert 'href="https://daily.example/1?a=b&amp;c=d%20e"' in letter.html(message)
    for address in (None, "", "javascript:alert(1)", "data:text/html,x", "/1", "https:///1"):
        message = make_message(make_alert(link=address))
        assert "original" not in letter.text(message) + letter.html(message)


def test_nothing_without_a_blank_makes_a_mail_wider_than_a_phone(make_alert, make_message):
    """All text may be broken anywhere: the style stands around the whole of it."""
    page = letter.html(make_message(make_alert(title="Ж" * 10_000, source="s" * 99)))
    before, _, _ = page.partition("1 new: referendum</td>")
    assert "overflow-wrap:anywhere" in before
    assert "Ж" * 201 not in page

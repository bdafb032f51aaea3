"""Mails as dumps: one or an mbox, well-formed, damaged and hostile."""

from __future__ import annotations

import io
from base64 import b64encode
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps import FORMATS, parse
from monitor.dumps.base import Context
from monitor.dumps.container import Source
from monitor.dumps.mail import MAX_MESSAGE, MailFormat
from monitor.dumps.mail.mime import decode_words
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

FORMAT = MailFormat()
PROFILE = SourceSettings(name="letters", zone=ZoneInfo("Asia/Almaty"))
HEADER = """Received: from mx.courier.example (mx.courier.example [192.0.2.7])
\tby mail.example with ESMTP; Tue, 6 Jan 2026 13:15:00 +0500 (+05)
From: "Steppe Courier" <news@courier.example>
Date: Tue, 6 Jan 2026 13:14:00 +0500
Subject: =?UTF-8?B?0JrQsNGA0YHRgyA=?=
 =?utf-8?q?opens_its_first_tram_line?=
Message-ID: <1@courier.example>
Archived-At: <https://courier.example/tram>
Content-Language: en-GB
"""
TEXT = """The mayor opened a tram line between the old town and the airport on Monday
morning, Steppe News reports.

>From today it runs every ten minutes.
"""
PLAIN = HEADER + "Content-Type: text/plain; charset=utf-8\n\n" + TEXT
HTML = "<p>The mayor opened a tram line.</p><p>It is <b>blue</b>.</p>"
SEPARATOR = "From news@courier.example Tue Jan  6 13:14:00 2026\n"
TWO = f"{SEPARATOR}{PLAIN}\n{SEPARATOR}{PLAIN.replace('Subject: ', 'Subject: Again: ')}\n"


def _source(data: bytes, damage: DumpError | None = None) -> Source:
    stream = io.BytesIO(data)

    def pull(size: int) -> bytes:
        part = stream.read(size)
        if not part and damage is not None:
            raise damage
        return part

    return Source(pull)


def _cut(mail: str | bytes, **settings: Any) -> list[Article | BadRecord]:
    data = mail.encode() if isinstance(mail, str) else mail
    profile = PROFILE.model_copy(update=settings)
    found = list(FORMAT.parse(_source(data), profile, Context("mail")))
    assert [segment.index for segment in found] == list(range(len(found)))
    return found


def _article(mail: str | bytes, **settings: Any) -> Article:
    (found,) = _cut(mail, **settings)
    assert isinstance(found, Article), found
    return found


def _bad(mail: str | bytes) -> str:
    (found,) = _cut(mail)
    assert isinstance(found, BadRecord), found
    return found.reason


def _parts(kind: str, *parts: str, end: str = "--x--\n") -> str:
    body = "".join(f"--x\n{part}\n" for part in parts)
    return f'{HEADER}Content-Type: multipart/{kind}; boundary="x"\n\nPreamble\n{body}{end}'


def _part(text: str, kind: str = "text/plain", **fields: str) -> str:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return f"Content-Type: {kind}; charset=utf-8\n{more}\n{text}"


# ------------------------------------------------------------------ what is a mail


@pytest.mark.parametrize("mail", [PLAIN, TWO, TWO.replace("\n", "\r\n"), "\ufeff\n" + PLAIN,
    "From - Tue Jan  6 13:14:00 2026\nX-Mozilla-Status: 0001\n" + PLAIN,
    "From 1850000000000000000@xxx Tue Jan 06 08:14:00 +0000 2026\nX-GM-THRID: 1\n" + PLAIN,
    "From aida at courier.example  Tue Jan  6 13:14:00 2026\nFrom: a at b\nSubject: x\n\nx",
])  # fmt: skip
def test_sniffs(mail: str) -> None:
    """Messages, and mboxes of several programs; nobody else takes them."""
    head = mail.encode()
    assert FORMAT.sniff(head)
    first = next(name for name, dump_format in FORMATS.items() if dump_format.sniff(head))
    assert first == "mail"


@pytest.mark.parametrize(
    "text",
    [
        "From Karsu with love\n\nThe tram opens.",
        "From Monday on, Jan 6 2026\nTram: opens",
        "From Karsu Tue Jan  6 13:14:00 2026\nThe tram opens.",
        "From Karsu Tue Jan  6 13:14:00 2026\nTram: opens today\nThe mayor said so.",
        "From: Karsu\nDate: 6 January 2026\n\nThe tram opens.",
        "Date: Tue, 6 Jan 2026 13:14:00 +0500\nSubject: Tram\n\nIt opens.",
        "date 2026-01-06 06.01.2026, 13:14\nTram opens",
        "Subject: tram",
        "",
    ],
)
def test_sniffs_not(text: str) -> None:
    """A text may begin with "From " or with lines that look like fields."""
    assert not FORMAT.sniff(text.encode())


# ------------------------------------------------------------------ what mails say


def test_message() -> None:
    """Subject, date, address, language and text; wrapped lines become paragraphs."""
    assert _article(PLAIN.replace(">From", "From")) == Article(
        index=0,
        title="Карсу opens its first tram line",
        paragraphs=(
            "The mayor opened a tram line between the old town and the airport on Monday morning,"
            " Steppe News reports.",
            "From today it runs every ten minutes.",
        ),
        source="letters",
        published=datetime.fromisoformat("2026-01-06T13:14:00+05:00"),
        url="https://courier.example/tram",
        language="en",
    )


def test_mbox() -> None:
    """Each message alone; lines that were quoted for the mbox are as they were."""
    first, second = _cut(TWO)
    assert first == _article(PLAIN.replace(">From", "From"))
    assert isinstance(second, Article)
    assert second.title == "Again: Карсу opens its first tram line"
    assert _cut(TWO.replace("\n", "\r\n")) == [first, second]
    assert _cut(("\n\n" + TWO).encode("utf-16")) == [first, second]
    deeper = _cut(TWO.replace(">From", ">>From"))[0]
    assert isinstance(deeper, Article)
    assert deeper.paragraphs[1] == ">From today it runs every ten minutes."


def test_unquoted_from() -> None:
    """A "From " line in a text that was not quoted parts nothing, unless it has all of it."""
    mail = TWO.replace(">From today", "From Monday Jan 6 2026")
    assert len(_cut(mail)) == 2
    assert len(_cut(TWO.replace(">From today", "From "))) == 2


def test_lines_of_bad_messages() -> None:
    """A bad record says at which line of the mbox its message begins."""
    broken = SEPARATOR + HEADER + "Content-Type: multipart/mixed\n\nx\n\n"
    _, bad, _ = _cut(TWO.replace(f"\n{SEPARATOR}", f"\n{broken}{SEPARATOR}"))
    assert isinstance(bad, BadRecord)
    assert bad.line == (SEPARATOR + PLAIN + "\n").count("\n") + 1
    assert "no boundary" in bad.reason


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("windows-1251", "cp1251"), ("koi8-r", "koi8-r"), ("", "cp1251"),
     ("no-such-charset", "utf-8"), ("us-ascii", "utf-8"), ("iso-8859-1", "utf-8")],
)  # fmt: skip
def test_charsets(charset: str, encoding: str) -> None:
    """What is declared, unless the bytes contradict; what is not is found out."""
    declared = f"Content-Type: text/plain; charset={charset}\n" if charset else ""
    text = "Мэр Карсу открыл первую трамвайную линию до аэропорта."
    for transfer in ("8bit", "base64", "quoted-printable"):
        body = text.encode(encoding)
        if transfer == "base64":
            body = b64encode(body)
        if transfer == "quoted-printable":
            body = b"".join(b"=%02X" % byte for byte in body)
        header = f"{HEADER}{declared}Content-Transfer-Encoding: {transfer}\n\n"
        assert _article(header.encode() + body).paragraphs == (text,)


def test_alternatives() -> None:
    """The plain text, or the HTML where the plain text only says that there is one."""
    assert _article(
        _parts("alternative", _part("Plain."), _part(HTML, "text/html"))
    ).paragraphs == ("Plain.",)
    long = "<p>" + "The mayor opened a tram line between the old town and the airport. " * 20
    stub = _parts("alternative", _part("View in a browser"), _part(long, "text/html"))
    assert _article(stub).paragraphs[0].startswith("The mayor")
    assert _article(stub, fields={"body": "text"}).paragraphs == ("View in a browser",)
    assert _article(_parts("alternative", _part(" "), _part(HTML, "text/html"))).paragraphs == (
        "The mayor opened a tram line.",
        "It is blue.",
    )


def test_parts() -> None:
    """Texts one below the other; attachments, pictures and signatures are left out."""
    mail = _parts(
        "mixed",
        _part("The tram opens.\n-- \nSteppe Courier\n1 Steppe Street"),
        _part("QUJD", "image/png", Content_Transfer_Encoding="base64"),
        _part("secret", Content_Disposition="attachment; filename=a.txt"),
        _part(HTML, "text/html"),
    )
    assert _article(mail).paragraphs == (
        "The tram opens.", "The mayor opened a tram line.", "It is blue.",
    )  # fmt: skip


def test_flowed() -> None:
    """RFC 3676."""
    flowed = PLAIN.partition("Content-Type")[0] + (
        "Content-Type: text/plain; format=flowed; delsp=yes\n\nThe tra \nm opens.\nIt is blue.\n"
    )
    assert _article(flowed).paragraphs == ("The tram opens.", "It is blue.")


def test_carried_messages() -> None:
    """A message forwarded as a whole is an article; what is written above it another."""
    inner = PLAIN.replace("Subject: ", "Subject: Inner: ")
    alone = _article(HEADER + "Content-Type: message/rfc822\n\n" + inner)
    assert alone.title.startswith("Inner: ")
    carried = f"Content-Type: message/rfc822\n\n{inner}"
    outer, within = _cut(_parts("mixed", _part("See below."), carried))
    assert isinstance(outer, Article)
    assert isinstance(within, Article)
    assert outer.paragraphs == ("See below.",)
    assert within == Article(**{**_fields(alone), "index": 1})
    assert len(_cut(_parts("digest", "\n" + inner, "\n" + inner))) == 2


def _fields(article: Article) -> dict[str, Any]:
    return {name: getattr(article, name) for name in Article.__slots__}


def test_fields() -> None:
    """Any header field may be a field of the article; boilerplate is left out."""
    mail = PLAIN.replace("Subject:", "X-Views: 1 204\nSubject:") + "\nUnsubscribe here\n"
    article = _article(
        mail, fields={"source": "from.name", "views": "x-views"}, boilerplate=("unsubscribe here",)
    )
    assert (article.source, article.views) == ("Steppe Courier", 1204)
    assert len(article.paragraphs) == 2
    assert _article(mail, fields={"source": "from.address"}).source == "news@courier.example"
    assert _article(mail, fields={"source": "from"}).source.startswith('"Steppe Courier"')


def test_times() -> None:
    """Without a date, the time of receipt; a date that cannot be read is flagged."""
    missing = PLAIN.replace("Date: ", "X-Date: ")
    assert _article(missing).published == datetime.fromisoformat("2026-01-06T13:15:00+05:00")
    odd = _article(PLAIN.replace("Tue, 6 Jan 2026 13:14:00 +0500\nS", "someday\nS"))
    assert (odd.published, odd.flags) == (None, ("bad-time",))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("=?utf-8?B?0KI=?= =?utf-8?B?0YDQsNC8?=", "Трам"),
        ("=?utf-8?B?0KLR?= =?utf-8?B?gNCw0Lw=?=", "Трам"),  # parted in a character
        ("[Courier] =?koi8-r?Q?=F4=D2=C1=CD?= 7", "[Courier] Трам 7"),
        ("=?utf-8*en?q?Tram_7?=", "Tram 7"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?no-such?q?Tram?=", "Tram"),
        ("=?utf-8?b?VHJhb?=", "Tra"),
        ("=?utf-8?x?Tram?= =?=", "=?utf-8?x?Tram?= =?="),
    ],
)
def test_encoded_words(field: str, text: str) -> None:
    """RFC 2047, and what programs make of it."""
    assert decode_words(field) == text


# ------------------------------------------------------------------ damaged and hostile


def test_message_too_large() -> None:
    """It is a bad record that is not held; its neighbours stay."""
    large = f"{SEPARATOR}{PLAIN}".encode() + b"A" * 76 + b"\n"
    large += (b"A" * 76 + b"\n") * (MAX_MESSAGE // 77)
    found = _cut(TWO.encode() + large + b"\n" + TWO.encode())
    bad = found.pop(2)
    assert isinstance(bad, BadRecord)
    assert "more than 16 MiB" in bad.reason
    assert bad.line == TWO.count("\n") + 1
    assert len(bad.raw) <= 64 * 1024
    assert [segment.index for segment in found] == [0, 1, 3, 4]
    assert "more than 16 MiB" in _bad(large.partition(b"\n")[2])


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (HEADER + "Content-Type: multipart/mixed\n\nx", "no boundary"),
        (_parts("mixed", end=""), "its boundary stands nowhere"),
        (_parts("mixed", _part("Half a te"), end=""), "ends in its text"),
        (HEADER + "X-Long: " + "x" * 300_000 + "\n\nText", "header of more than 256 KiB"),
        (HEADER + "\n" + "a\n" * 100_001, "100,000 lines"),
        (_parts("mixed", *["\nx"] * 1001), "more than 1,000 parts"),
        (HEADER + "".join(
            f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(10_000)
        ), "nested more than 20 times"),
        (HEADER + "Content-Type: message/rfc822\n\n" * 5_000, "carried in one another"),
        (HEADER + "Content-Type: application/pkcs7-mime\n\nMIIB", "application/pkcs7-mime"),
        ("\n\nThe tram opens.\n", "without a header"),
    ],
)  # fmt: skip
def test_bad_messages(mail: str, reason: str) -> None:
    """Each is told, in bounded time; in an mbox the others stay."""
    assert reason in _bad(mail)
    around = _cut(f"{TWO}{SEPARATOR}X: y\n{mail}\n\n{TWO}" if "header" not in reason else TWO)
    assert sum(isinstance(segment, Article) for segment in around) >= 2
    assert around[:2] == _cut(TWO)


def test_cut_off() -> None:
    """A text that is whole counts though the message ends early; so does the plain one of two."""
    cut = _parts("alternative", _part("The tram opens."), _part("<p>The tra", "text/html"), end="")
    assert _article(cut).paragraphs == ("The tram opens.",)
    cut = _parts("mixed", _part("The tram opens."), _part("QUJD", "image/png"), end="")
    assert _article(cut).paragraphs == ("The tram opens.",)
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError, match="truncated"):
        found += FORMAT.parse(
            _source(TWO.encode()[:-9], DumpError("truncated")), PROFILE, Context()
        )
    assert found[:1] == _cut(TWO)[:1]
    assert isinstance(found[1], BadRecord)
    with pytest.raises(DumpError, match="truncated"):
        found += FORMAT.parse(_source(PLAIN.encode(), DumpError("truncated")), PROFILE, Context())
    assert isinstance(found[-1], BadRecord)


def test_nuls() -> None:
    """They are no text of an article, wherever they stand."""
    for mail in (PLAIN.replace("tram line b", "tr\0m b"), PLAIN.replace("2026", "2\0")):
        article = _article(mail)
        assert "\0" not in article.title + article.body


def test_empty() -> None:
    """No message, no dump."""
    for data in (b"", b"\n\n", b"\xef\xbb\xbf\n"):
        with pytest.raises(DumpError, match="empty"):
            FORMAT.parse(_source(data), PROFILE, Context()).__next__()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([TWO, TWO + SEPARATOR + _parts("mixed", _part(HTML, "text/html")) + "\n"]),
    st.floats(0, 1),
    st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=6)), max_size=5),
)
def test_damage_leaves_what_is_above_it(
    mail: str, place: float, edits: list[tuple[int, bytes]]
) -> None:
    """Whatever the damage: only DumpError, and messages that end above it are as they were."""
    data = bytearray(mail.encode())
    at = int(place * len(data))
    for offset, piece in edits:
        data[at + offset : at + offset + len(piece)] = piece
    found: list[Article | BadRecord] = []
    try:
        found += parse(
            io.BytesIO(bytes(data)), PROFILE.model_copy(update={"format": "mail"}), name="x"
        )
    except DumpError:
        pass
    assert [segment.index for segment in found] == list(range(len(found)))
    whole = mail.encode()[:at].count(f"\n{SEPARATOR}".encode())
    assert found[:whole] == _cut(mail)[:whole]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(
    st.binary(max_size=20),
    st.sampled_from([part.encode() for part in (
        "From x Tue Jan  6 13:14:00 2026\n", "From: a@b\n", "\n", "--x\n", "--x--\n", "Subject: ",
        "=?utf-8?b?", "?=", "Content-Type: multipart/mixed; boundary=x\n", "Content-Type: ",
        "text/html; charset=", "Content-Transfer-Encoding: base64\n", "message/rfc822\n", "\r",
        "Date: ", "<p>", "\0", "multipart/alternative; boundary*0=x\n", "Received: ;", "\t",
    )]),
), max_size=30).map(b"".join))  # fmt: skip
def test_any_bytes(data: bytes) -> None:
    """They give segments or a DumpError."""
    try:
        found = list(FORMAT.parse(_source(data), PROFILE, Context("mail")))
    except DumpError:
        return
    assert [segment.index for segment in found] == list(range(len(found)))

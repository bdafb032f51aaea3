"""From a file to its lines: gzip, binary files, encodings, lines without end."""

from __future__ import annotations

import gzip
import io
import os
import random
import tracemalloc
import zlib

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.dumps.container import limits
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

PROFILE = SourceSettings(name="listing")
DUMP = "\n".join(
    f"{number + 1:02}.02.2026, 09:{number:02} {number}\nTitle of article {number} here\n"
    f"The first paragraph of article {number}.\nIts second paragraph is “quoted”."
    for number in range(20)
).encode()


def _segments(data: bytes, profile: SourceSettings = PROFILE) -> list[Article | BadRecord]:
    return list(parse(io.BytesIO(data), profile, name="dump.txt"))


def _refused(data: bytes) -> tuple[list[Article | BadRecord], str]:
    """The segments before the error, and its message."""
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError) as caught:
        found.extend(_take(data, found))
    return found, str(caught.value)


def _take(data: bytes, found: list[Article | BadRecord]) -> list[Article | BadRecord]:
    for segment in parse(io.BytesIO(data), PROFILE, name="dump.txt"):
        found.append(segment)
    return []


# ------------------------------------------------------------------ containers


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(DUMP),
        gzip.compress(DUMP[:700]) + gzip.compress(DUMP[700:]),
        gzip.compress(DUMP) + b"\0" * 512,
        gzip.compress(b"") + gzip.compress(DUMP),
        gzip.compress(DUMP) + b"what is this?",
        gzip.compress(gzip.compress(DUMP)),
    ],
    ids=["one member", "two members", "padded", "empty member", "trailing bytes", "twice"],
)
def test_gzip_gives_the_same_articles(packed: bytes) -> None:
    """gzip is known by its first bytes, not by the file's name."""
    assert _segments(packed) == _segments(DUMP)
    assert len(_segments(packed)) == 20


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_truncated_gzip(share: float) -> None:
    """Whole articles come first, then the cut-off piece as a bad record, then the error."""
    noise = random.Random(0)  # keeps zlib from packing it all into one block
    dump = DUMP + b"\n" + " ".join(str(noise.random()) for _ in range(20_000)).encode()
    dump = dump.replace(b"\n20.02", b" It ends here.\n20.02") + b"\n" + DUMP
    packed = gzip.compress(dump)
    found, message = _refused(packed[: int(len(packed) * share)])
    assert "dump.txt: truncated" in message
    *whole, cut_off = found
    assert whole == _segments(dump)[: len(whole)]
    assert isinstance(cut_off, BadRecord)
    assert "truncated" in cut_off.reason
    assert cut_off.index == len(whole)


def test_truncated_before_the_first_byte() -> None:
    """A gzip header alone is a truncated dump, not an empty one."""
    found, message = _refused(gzip.compress(DUMP)[:10])
    assert found == []
    assert "truncated" in message


def test_corrupt_gzip() -> None:
    """Damage is told from truncation, at the start and in the checksum at the end."""
    packed = bytearray(gzip.compress(DUMP))
    packed[12:16] = b"\xff\xff\xff\xff"
    assert "corrupt" in _refused(bytes(packed))[1]
    packed = bytearray(gzip.compress(DUMP))
    packed[-8] ^= 0xFF
    found, message = _refused(bytes(packed))
    assert "corrupt" in message
    assert len([s for s in found if isinstance(s, Article)]) == 19
    assert isinstance(found[-1], BadRecord)


def test_decompression_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to hundreds of times its size is refused after a stated amount."""
    monkeypatch.setattr(limits, "RATIO_FROM", 1 << 20)
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"word " * 200_000) for _ in range(20)) + packer.flush()
    assert "bomb" in _refused(bomb)[1]
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1 << 21)
    monkeypatch.setattr(limits, "MAX_RATIO", 1 << 30)
    assert "unpacks to more than" in _refused(bomb)[1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (gzip.compress(b""), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"\x7fELF\x02\x01\x01\0", "ELF"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (b"some words\0and more\n", "NUL"),
        (bytes(range(1, 9)) * 40, "control characters"),
        (random.Random(1).randbytes(5000), "binary"),
    ],
)
def test_what_is_no_text(data: bytes, words: str) -> None:
    """Empty and binary files are refused with a message that says what they are."""
    found, message = _refused(data)
    assert found == []
    assert message.startswith("dump.txt: ")
    assert words in message


class _Drip(io.RawIOBase):
    """A stream that gives a few bytes at a time, another number each time."""

    def __init__(self, data: bytes, seed: int) -> None:
        self._data, self._sizes = io.BytesIO(data), random.Random(seed)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, self._sizes.randint(1, 700)))


@pytest.mark.parametrize("data", [DUMP, gzip.compress(DUMP), DUMP.decode().encode("utf-16")])
def test_read_sizes_do_not_matter(data: bytes) -> None:
    """However the stream delivers its bytes, the segments are the same."""
    for seed in range(5):
        dripped = parse(_Drip(data, seed), PROFILE, name="dump.txt")  # type: ignore[arg-type]
        assert list(dripped) == _segments(data)


# ------------------------------------------------------------------ encodings

RUSSIAN = (
    "Президент подписал закон о воде\n"
    "Глава государства подписал закон «О воде», сообщает пресс-служба. Её сотрудники уточнили, что"
    " закон вступит в силу 1 марта – через десять дней после опубликования.\n"
    "Ещё один закон касается рыбоводства: объём вылова ограничат № 7."
)
KAZAKH = (
    "Қазақстан мен Өзбекстан келісімге қол қойды\n"
    "Екі елдің басшылары Астанада кездесіп, әріптестік туралы келісімге қол қойды, деп хабарлады"
    " баспасөз қызметі. Құжат бес жылға жасалған және жаңа жобаларды қамтиды."
)
KAZAKH_CYRILLIC_ONLY = KAZAKH.translate(str.maketrans("ҚқӨөӘәҢңҰұҮүҒғҺһ", "КкОоАаНнУуУуГгХх"))
WESTERN = (
    "Le café de l’Opéra rouvre à Genève\n"
    "Fermé depuis août, l’établissement a été rénové à l’identique – “un rêve”, dit sa gérante,"
    " Zoë Müller, qui a créé vingt emplois. Smörgåsbord, crème brûlée et señoritas: 25 €."
)


def _lines(data: bytes, encoding: str | None = None) -> list[str]:
    profile = SourceSettings(name="listing", encoding=encoding)
    return [
        line
        for segment in _segments(data, profile)
        if isinstance(segment, Article)
        for line in (segment.title, *segment.paragraphs)
    ]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (KAZAKH_CYRILLIC_ONLY, "cp1251"),
        (KAZAKH, "kz1048"),
        (WESTERN, "cp1252"),
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "utf-8-sig"),
        (KAZAKH, "utf-16"),
        (KAZAKH, "utf-16-le"),
        (RUSSIAN, "utf-16-be"),
        (WESTERN, "utf-16-le"),
        (WESTERN, "utf-32"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("above", [0, 3000], ids=["at once", "late"])
def test_encoding_is_detected(text: str, encoding: str, end: str, above: int) -> None:
    """Also where the first character that is not ASCII comes after more than 64 KB."""
    lines = ["An ordinary line of text that tells nothing."] * above + text.split("\n")
    assert _lines(end.join(lines).encode(encoding)) == lines


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (WESTERN, "cp1252"),
        ("Закон о воде\nЗакон подписан.", "koi8-r"),
        (RUSSIAN, "utf-16-le"),
    ],
)
def test_encoding_is_declared(text: str, encoding: str) -> None:
    """What the profile declares is used, also where nothing could detect it."""
    assert _lines(text.encode(encoding), encoding) == text.split("\n")


def test_byte_order_mark_wins_over_the_declaration() -> None:
    """A source that changes to UTF-8 with a mark is still read."""
    assert _lines(RUSSIAN.encode("utf-8-sig"), "cp1251") == RUSSIAN.split("\n")


def test_few_broken_bytes_cost_only_themselves() -> None:
    """Damaged UTF-8 loses the damaged characters; the other lines and letters stay."""
    data = bytearray(RUSSIAN.encode() * 3)
    place = data.index("закон".encode())
    data[place] = 0xFF
    lines = _lines(bytes(data))
    broken = [line for line in lines if "\ufffd" in line]
    assert len(broken) == 1
    assert "подписал" in broken[0]


def test_joined_dumps_of_two_encodings() -> None:
    """UTF-8 with a mark in the middle of a file, below Windows-1251, is read as both."""
    data = RUSSIAN.encode("cp1251") + b"\n" + KAZAKH.encode("utf-8-sig")
    assert _lines(data) == [*RUSSIAN.split("\n"), *KAZAKH.split("\n")]


# ------------------------------------------------------------------ lines without end

HEADER = b"06.02.2026, 13:14 5\n"


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 3_000_000])
def test_long_line_spoils_its_own_article_only(size: int) -> None:
    """Above 1 MiB the article is a bad record that names the line; exactly 1 MiB still passes."""
    data = (
        HEADER + b"Title of the first\nBody.\n" + HEADER + b"Title of the second\n"
        b"" + b"x" * size + b"\nMore.\n" + HEADER + b"Title of the third\nBody.\n"
    )
    first, second, third = _segments(data)
    assert isinstance(first, Article)
    assert isinstance(third, Article)
    assert (first.title, third.title) == ("Title of the first", "Title of the third")
    if size == 1 << 20:
        assert isinstance(second, Article)
    else:
        assert isinstance(second, BadRecord)
        assert (second.index, second.line) == (1, 4)
        assert "line 6 is longer than 1 MiB" in second.reason
        assert second.raw.startswith("06.02.2026, 13:14 5\nTitle of the second\nxxx")
        assert len(second.raw) <= 64 * 1024


class _Endless(io.RawIOBase):
    """``times`` times the same bytes, never held as a whole."""

    def __init__(self, piece: bytes, times: int) -> None:
        self._piece, self._left, self._rest = piece, times, b""

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        if not self._rest and self._left:
            self._left, self._rest = self._left - 1, self._piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def _peak(piece: bytes, times: int) -> tuple[int, list[Article | BadRecord]]:
    """Peak of traced memory in bytes, and the last few segments."""
    tracemalloc.start()
    try:
        kept: list[Article | BadRecord] = []
        stream = _Endless(piece, times)
        for segment in parse(stream, PROFILE, name="d"):  # type: ignore[arg-type]
            kept = [*kept[-2:], segment]
        return tracemalloc.get_traced_memory()[1], kept
    finally:
        tracemalloc.stop()


def test_one_line_of_200_mb() -> None:
    """One bad record, no error, and a few MB of memory."""
    peak, found = _peak(b"z" * 4096, 200_000_000 // 4096)
    (bad,) = found
    assert isinstance(bad, BadRecord)
    assert "line 1 is longer" in bad.reason
    assert peak < 8_000_000


@pytest.mark.parametrize("time", [b"", HEADER], ids=["untimed", "timed"])
def test_memory_does_not_grow_with_the_dump(time: bytes) -> None:
    """Three times the articles need no more memory, with time lines and without."""
    body = b"The paragraph tells what happened in the town of Karsu on that day. " * 12
    piece = (
        time + b"Town of Karsu Opens Another Tram Line to the Airport\n"
        b"" + body + b", City News Agency reports.\n" + body + b"\n"
    )
    small, _ = _peak(piece, 700)
    large, found = _peak(piece, 2100)
    assert isinstance(found[-1], Article)
    assert found[-1].index == 2099
    assert large < small + 2_000_000


def test_article_without_end() -> None:
    """Above 8 MiB an article is a bad record of bounded size; the next one is whole."""
    line = b"Some words that go on and on without any end in sight.\n"
    data = (
        HEADER + b"Title of the first\n" + line * 200_000
        + HEADER + b"Title of the second\nBody.\n"
    )  # fmt: skip
    bad, good = _segments(data)
    assert isinstance(bad, BadRecord)
    assert "more than 8 MiB" in bad.reason
    assert bad.raw.startswith("06.02.2026, 13:14 5\nTitle of the first\nSome words")
    assert len(bad.raw) <= 64 * 1024
    assert isinstance(good, Article)
    assert (good.title, good.index) == ("Title of the second", 1)


@pytest.mark.parametrize("nuls", [1, 4096])
def test_binary_data_in_declared_text_spoils_its_own_article_only(nuls: int) -> None:
    """Also in the beginning of a dump, which is refused where nothing says that it is text."""
    data = (
        HEADER + b"Title of the first\nBody.\n"
        + HEADER + b"Title of the second\nBody." + bytes(nuls) + b"\n"
        + HEADER + b"Title of the third\nBody.\n"
    )  # fmt: skip
    declared = PROFILE.model_copy(update={"format": "text"})
    first, second, third = _segments(data, declared)
    assert isinstance(first, Article)
    assert isinstance(second, BadRecord)
    assert (second.line, "NUL" in second.reason) == (4, True)
    assert isinstance(third, Article)
    assert "NUL" in _refused(data)[1]
    for binary in (random.Random(1).randbytes(5000), b"\x89PNG\r\n\x1a\n", b"ab\0\1\2" * 9):
        with pytest.raises(DumpError, match="not a dump"):
            _segments(binary, declared)


def test_late_binary_data_spoils_its_own_article_only() -> None:
    """NULs behind the first 64 KB make the article they stand in a bad record without NULs."""
    data = (
        HEADER + b"Title of the first\n" + b"Body text.\n" * 10_000
        + HEADER + b"Title of the second\n\0\0\0" + os.urandom(50).replace(b"\n", b"") + b"\n"
        + HEADER + b"Title of the third\nBody.\n"
    )  # fmt: skip
    first, second, third = _segments(data)
    assert isinstance(first, Article)
    assert isinstance(second, BadRecord)
    assert "NUL" in second.reason
    assert "\0" not in second.raw
    assert isinstance(third, Article)

"""From bytes to characters: byte order marks, UTF-16 without one, Windows-1251 or -1252.

Everything is taken for UTF-8 until a line is not. Such a line is either damaged UTF-8 (its other
non-ASCII bytes still form UTF-8 sequences) or of a legacy code page, and which one is decided by
all such bytes the dump has shown so far. So a file whose first non-ASCII byte comes late is read
as well as one that starts with it, and a few broken bytes cost their own characters only.
"""

from __future__ import annotations

import codecs
import re

from monitor.dumps.base import Bytes
from monitor.dumps.container import Source
from monitor.errors import DumpError

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ\x90", "a program (Windows)"),
    (b"\xca\xfe\xba\xbe", "a program (Java or macOS)"),
    (b"\x00asm", "a program (WebAssembly)"),
    (b"7z\xbc\xaf", "a 7-Zip archive, which is not read"),
    (b"Rar!\x1a\x07", "a RAR archive, which is not read"),
    (b"MSCF\x00", "a Cabinet archive, which is not read"),
    (b"LZIP\x01", "lzip data, which is not read"),
    (b"\x04\x22\x4d\x18", "lz4 data, which is not read"),
    (b"\x1f\x9d", "compress (.Z) data, which is not read"),
    (b"Obj\x01", "an Avro file, which is not read"),
    (b"\x1a\x45\xdf\xa3", "video (Matroska or WebM)"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
)
_BINARY_WITH_NULS = (  # letters alone, as a text may begin too
    (b"RIFF", "a WebP image, sound or video (RIFF)"),
    (b"OggS", "sound or video (Ogg)"),
    (b"ID3", "sound (MP3)"),
    (b"wOF", "a font"),
    (b"PAR1", "a Parquet file, which is not read"),
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")
_NULS = re.compile(rb"\0+")
# Latin, Greek, Cyrillic and the punctuation of prose
_ALPHABETIC = re.compile(r"[\t\n\r -~\xa0-\u052f\u2010-\u2026]")
_CHUNK = 64 * 1024

# Bytes C0-FF are letters in both code pages. In Cyrillic prose they stand side by side, in
# Western prose nearly always alone among ASCII letters.
_LETTER_RUNS = re.compile(rb"[\xc0-\xff\xa8\xb8\xb2\xb3]+")
_UTF8_LIKE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{1,2}|[\xf0-\xf4][\x80-\xbf]{1,3}"
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
# KZ-1048 is Windows-1251 with the letters of Kazakh. No language of the latter has both these
# bytes: 9D is қ or Macedonian ќ, B3 is і, of Kazakh, Ukrainian and Belarusian.
_KAZAKH = (b"\x9d", b"\xb3")


def known_kind(head: bytes) -> str | None:
    """What a file is whose first bytes are those of no text; None for others."""
    for magic, kind in _BINARY:
        if head.startswith(magic):
            return kind
    if b"\0" in head[:64]:
        for magic, kind in _BINARY_WITH_NULS:
            if head.startswith(magic):
                return kind
        if head[4:8] == b"ftyp":
            return "an image or video (MP4, HEIC, AVIF)"
    return None


def binary_kind(head: bytes, *, declared: bool = False) -> str | None:
    """What a file that begins with ``head`` is, if it is no text; None for text.

    Of one that is ``declared`` to be text, NULs here and there cost the lines they stand in; they
    are what a disk that was full, or a crash, leaves.
    """
    if kind := known_kind(head):
        return kind
    encoding, _ = detect(head, None)
    if encoding != "utf-8":
        return None
    nuls = len(_NULS.findall(head))
    if nuls and not declared:
        return "binary data (NUL bytes)"
    if (len(_CONTROLS.findall(head)) + nuls) * 20 > len(head):
        return "binary data (control characters)"
    return None


def detect(head: bytes, declared: str | None) -> tuple[str, int]:
    """``(encoding, length of the byte order mark)``; "utf-8" stands for all that needs no recoding.

    A mark wins over what is declared (https://encoding.spec.whatwg.org/#decode), which wins over
    UTF-16 told by its NUL bytes.
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    if declared is not None:
        name = codecs.lookup(declared).name
        return ("utf-8" if name in ("utf-8-sig", "ascii") else name), 0
    return _utf16(head) or "utf-8", 0


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark, where it is beyond doubt.

    NULs at even or odd places only, and nearly all characters of alphabets whose text has such
    NULs (for its spaces at least); other scripts need a mark or a declaration.
    """
    head = head[: len(head) & ~1]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if bool(even) == bool(odd):
        return None
    encoding = "utf-16-le" if odd else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    return encoding if len(_ALPHABETIC.findall(text)) >= 0.95 * len(text) > 5 else None


def as_utf8(source: Bytes, declared: str | None) -> Bytes:
    """The same text without its byte order mark, as UTF-8 or for ``Decoder`` to find out."""
    encoding, mark = detect(source.peek(_CHUNK), declared)
    source.read(mark)
    if encoding == "utf-8":
        return source
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    ended = False

    def pull(_: int) -> bytes:
        nonlocal ended
        while not ended:
            chunk = source.read(_CHUNK)
            ended = not chunk
            try:
                text = decoder.decode(chunk, final=ended)
            except UnicodeError as error:  # codecs that know no errors="replace"
                raise DumpError(f"the text is not {encoding}: {error}") from error
            if text:
                return text.encode("utf-8", errors="replace")
        return b""

    return Source(pull)


class Decoder:
    """Decodes blocks of whole lines: UTF-8, line by line something else where it is not.

    The answer depends on the blocks before, which are the same for the same bytes.
    """

    def __init__(self) -> None:
        self._letters = 0
        self._neighbours = 0
        self._kazakh: set[bytes] = set()

    def decode(self, block: bytes) -> str:
        """The block's text; never raises."""
        try:
            return block.decode("utf-8")
        except UnicodeDecodeError:
            lines = block.splitlines(keepends=True)
        broken = [index for index, line in enumerate(lines) if _is_legacy(line)]
        for index in broken:
            self._learn(lines[index])
        legacy, encoding = set(broken), self._code_page()
        return "".join(
            line.decode(encoding if index in legacy else "utf-8", errors="replace")
            for index, line in enumerate(lines)
        )

    def _learn(self, line: bytes) -> None:
        for run in _LETTER_RUNS.findall(line):
            self._letters += len(run)
            self._neighbours += len(run) if len(run) > 1 else 0
        self._kazakh.update(byte for byte in _KAZAKH if byte in line)

    def _code_page(self) -> str:
        if self._neighbours * 2 <= self._letters:
            return "cp1252"
        return "kz1048" if len(self._kazakh) == len(_KAZAKH) else "cp1251"


def _is_legacy(line: bytes) -> bool:
    """Not UTF-8, and most of its non-ASCII bytes are no (perhaps cut) UTF-8 sequences either."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        strange = sum(map(len, _NOT_ASCII.findall(line)))
        return 2 * sum(map(len, _UTF8_LIKE.findall(line))) < strange
    return False

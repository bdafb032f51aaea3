"""Which characters a page or a feed is written in: one that is held as a whole.

In the order of https://encoding.spec.whatwg.org/ and of the prescan in HTML (13.2.3.2): a byte
order mark, what the profile declares, what HTTP said, what the document says of itself; else it is
told by its bytes. A declaration that the bytes contradict does not count: a page that calls itself
Windows-1251 and is flawless UTF-8 was recoded on its way here.
"""

from __future__ import annotations

import codecs
import re

from monitor.dumps.encoding import Decoder, detect

HEAD = 4096
"""Bytes in which a document may say how it is written; browsers look at 1024."""

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta\b[^<>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\b[^<>]*?\bencoding\s*=\s*[\"']([\w.:-]+)")
_LABELS = {  # where the web means more by a name than Python does (Encoding Standard, 4.2)
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",  # whoever could read the declaration was not reading UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-32": "utf-8",
    "utf-8-sig": "utf-8",
}
_SINGLE = (
    *(f"cp{number}" for number in (866, 874, *range(1250, 1259))),
    *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    *("koi8-r", "koi8-u", "kz1048", "mac-cyrillic", "mac-roman"),
)
_KNOWN = frozenset(
    (*_SINGLE, "utf-8", "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949")
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ENOUGH = 3  # characters beyond ASCII that form UTF-8: no accident in a code page


def decode(data: bytes, *, declared: str | None = None, http: str | None = None) -> str:
    """The text of a page or a feed; what cannot be read is U+FFFD. Never raises.

    ``declared`` is the profile's encoding, ``http`` the charset of a Content-Type header.
    """
    found, mark = detect(data[: 64 * 1024], declared)
    data = data[mark:]
    if mark or declared is not None or found != "utf-8":
        return _as(data, found)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    stated = next(filter(None, map(_codec, (http, _stated(data)))), "utf-8")
    if stated == "utf-8":
        return Decoder().decode(data) if text is None else text
    if text is not None and len(_BEYOND_ASCII.findall(text)) >= _ENOUGH:
        return text
    return _as(data, stated)


def _stated(data: bytes) -> str | None:
    """What an XML declaration or the first meta element says, comments left out."""
    head = data[:HEAD]
    if (found := _XML.match(head)) or (found := _META.search(_COMMENT.sub(b"", head))):
        return found[1].decode("ascii")
    return None


def _codec(label: str | None) -> str | None:
    """Python's name for a label of the web, None for no label or one that names no characters."""
    if label is None:
        return None
    try:
        name = codecs.lookup(label.strip()).name
    except LookupError:
        return None
    name = _LABELS.get(name, name)
    return name if name in _KNOWN else None


def _as(data: bytes, name: str) -> str:
    try:
        return data.decode(name, errors="replace")
    except UnicodeError:  # codecs that know no errors="replace"
        return data.decode("utf-8", errors="replace")

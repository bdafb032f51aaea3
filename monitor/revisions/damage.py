"""Whether two texts read the same once the damage of a wrong encoding is mended.

Three kinds: UTF-8 that was read as a Windows code page (``â€œ``, ``РџСЂРё``), Cyrillic that was
read as Latin (``Ïðèâåò``), and characters that were lost (``�``, or a question mark in a word).
"""

from __future__ import annotations

import re

from monitor.revisions.tokens import skeleton

_LONGEST = 2_000  # characters of a text that is mended
_LOST = re.compile(r"\ufffd+|(?<=\w)\?+(?=\w)")
_MOST_LOST = 0.5  # of a text's characters


def _high(codec: str) -> dict[str, int]:
    """The upper half of a code page; bytes it leaves free stand for themselves, as programs do."""
    return {
        bytes([code]).decode(codec) if _defined(code, codec) else chr(code): code
        for code in range(0x80, 0x100)
    }


def _defined(code: int, codec: str) -> bool:
    try:
        bytes([code]).decode(codec)
    except UnicodeDecodeError:
        return False
    return True


_MISREAD = tuple(
    (page, re.compile("[" + re.escape("".join(page)) + "]{2,}"), codec)
    for page, codec in (
        (_high("cp1252"), "utf-8"),
        (_high("cp1251"), "utf-8"),
        (_high("cp1252"), "cp1251"),
    )
)


def read_the_same(one: str, other: str) -> bool:
    """Whether nothing but looks or damage tells two texts apart."""
    skeletons = skeleton(one), skeleton(other)
    if skeletons[0] == skeletons[1]:
        return True
    if max(len(one), len(other)) > _LONGEST:
        return False
    if not _mended(one).isdisjoint(_mended(other)):
        return True
    return _fits(one, skeletons[1]) or _fits(other, skeletons[0])


def _mended(text: str) -> set[str]:
    """The skeletons of the text as it is and as it may have been meant."""
    found = {skeleton(text)}
    for page, misread, codec in _MISREAD:

        def mend(run: re.Match[str], page: dict[str, int] = page, codec: str = codec) -> str:
            try:
                return bytes(map(page.__getitem__, run[0])).decode(codec)
            except UnicodeDecodeError:
                return run[0]

        if (meant := misread.sub(mend, text)) != text:
            found.add(skeleton(meant))
    return found


def _fits(damaged: str, meant: str) -> bool:
    """Whether ``meant``, a skeleton, is what is left of a text with lost characters."""
    parts = _LOST.split(damaged)
    lost = sum(map(len, _LOST.findall(damaged)))
    if len(parts) == 1 or lost > _MOST_LOST * len(damaged):
        return False
    # a lost character was one, none (a mark or a sign) or at most a few
    pattern = f".{{0,{3 * lost}}}".join(re.escape(skeleton(part)) for part in parts)
    return re.fullmatch(pattern, meant, re.DOTALL) is not None

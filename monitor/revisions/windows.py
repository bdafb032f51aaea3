"""Stretches of a text chosen by its contents: what two versions of it still have in common.

A window is the ``LENGTH`` bytes after an anchor, and an anchor a place where three bytes of
certain classes meet: about every fiftieth byte of a text, in Latin, Cyrillic, Arabic or Chinese
script. Nothing but the bytes around it makes a place an anchor, so two versions of a text have
the same windows wherever they are alike, in whatever paragraphs or lines.

The windows with the smallest hashes are a MinHash sketch: the bottom-k of Broder, "On the
resemblance and containment of documents" (1997), over stretches of text instead of all its
shingles. Each is a key of its own: a band of one row, of about six words, found more texts than
two rows of three words each did.
"""

from __future__ import annotations

from xxhash import xxh3_64_intdigest

LENGTH = 32
"""Bytes of a window: five or six English words, three Russian ones."""

# Classes of bytes, spread over the alphabets, and what makes an anchor of them. Three classes,
# because a search skips what stands in neither of the two that it looks for.
_CLASSES = bytes(
    ord("a") if spread < 80 else ord("b") if spread < 144 else ord("c")
    for spread in (byte * 161 % 256 for byte in range(256))
)
_ANCHOR = b"abb"


def smallest(text: str, count: int) -> list[int]:
    """The ``count`` smallest hashes (unsigned, 64 bits) of the windows of a folded text, or as
    many as it has, ascending."""
    data = text.encode("utf-8", "surrogatepass")
    pieces = data[:-LENGTH].translate(_CLASSES).split(_ANCHOR)
    pieces.pop()  # what follows the last anchor
    hashes = set()
    at = 0
    for piece in pieces:
        at += len(piece) + len(_ANCHOR)
        hashes.add(xxh3_64_intdigest(data[at : at + LENGTH]))
    return sorted(hashes)[:count]

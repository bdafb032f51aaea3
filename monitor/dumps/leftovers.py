"""Files in an archive that are no dumps: the pictures and style sheets of saved web pages, say.

There may be thousands, so they are told as one piece, not as one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from monitor.dumps.base import MAX_RAW
from monitor.model import BadRecord

_BY_NAME = {  # text that no first byte tells from a dump
    ".css": "a style sheet",
    ".js": "a script",
    ".mjs": "a script",
    ".map": "a source map",
    ".svg": "an SVG image",
}
_MOST_KINDS = 5


def kind_by_name(name: str) -> str | None:
    """What a file is that only its name tells from a dump, None for others."""
    return _BY_NAME.get(PurePosixPath(name).suffix.lower())


class Leftovers:
    """What was found of them so far."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._list: list[str] = []
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, name: str, kind: str) -> None:
        """A file of an archive, and what it is."""
        self._kinds[kind] += 1
        line = f"{name}: {kind}"
        if self._size + len(line) < MAX_RAW:
            self._list.append(line)
            self._size += len(line) + 1

    def segments(self, index: int) -> Iterator[BadRecord]:
        """One bad record with their names, numbered ``index``, if there were any."""
        if not self._kinds:
            return
        kinds = [f"{kind} ({count})" for kind, count in self._kinds.most_common(_MOST_KINDS)]
        if len(self._kinds) > _MOST_KINDS:
            kinds.append("...")
        yield BadRecord(
            index,
            1,
            f"files in it that are no dumps: {', '.join(kinds)}",
            "\n".join(self._list),
            whole=False,
        )

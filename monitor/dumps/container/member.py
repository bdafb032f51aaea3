"""What stands in an archive, and what of it nobody wants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from monitor.dumps.container.source import Source
from monitor.text import cut, one_line

_LONGEST_NAME = 200  # characters, in messages
_FURNITURE = frozenset(("__macosx", "thumbs.db", "desktop.ini"))


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a dump: its name in the archives it is in, "" for the dump itself.

    ``source`` has its unpacked bytes until the next member is asked for. None: it cannot be
    read, ``reason`` says why.
    """

    name: str
    source: Source | None
    reason: str = ""

    def within(self, archive: str) -> Member:
        """The same, named as a member of a member."""
        name = "/".join(filter(None, (archive, printable(self.name).lstrip("/"))))
        return Member(name, self.source, self.reason)


def is_furniture(name: str) -> bool:
    """Whether a file is one that systems put into archives by themselves, or a hidden one."""
    parts = PurePosixPath(name).parts
    return any(
        part.lower() in _FURNITURE or (part.startswith(".") and part not in (".", ".."))
        for part in parts
    )


def printable(name: str) -> str:
    """A name as one line of valid Unicode. Nothing is ever written under it, so its ``..`` and
    leading slashes do no harm."""
    return cut(
        one_line(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")), _LONGEST_NAME
    )

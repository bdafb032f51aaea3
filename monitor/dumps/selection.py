"""Which source a dump is of: by the folder it lies in, its name, and what its text begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import BinaryIO

from monitor.config import SourceSettings
from monitor.dumps.base import HEAD
from monitor.dumps.container import open_container
from monitor.dumps.encoding import Decoder, as_utf8
from monitor.errors import DumpError

SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tzst")
"""Of containers; what stands before them is the dump's own name."""


def select_source(
    name: str,
    sources: Sequence[SourceSettings],
    *,
    text: Callable[[SourceSettings], str] = lambda source: "",
) -> SourceSettings:
    """The profile for a file: the first source of which all conditions hold.

    ``name`` is the file's, with the folder it lies in where that is known: ``newswire/a.txt``. A
    pattern for ``*.txt`` fits ``*.txt.gz`` and ``*.txt.tar.xz`` too. ``text`` gives the beginning
    of the dump as that source would read it; it is asked only where name and folder fit and the
    source has a ``content``. Where no source fits, a profile called "default".
    """
    path = PurePath(name)
    names = dump_names(path.name)
    for source in sources:
        if source.folder is not None and source.folder != path.parent.name:
            continue
        if not any(fnmatchcase(each, pattern) for pattern in source.match for each in names):
            continue
        if source.content is not None and source.content.search(text(source)) is None:
            continue
        return source
    return SourceSettings(name="default")


def dump_names(name: str) -> list[str]:
    """A file's name, and what is left of it without the endings of containers, one by one."""
    names = [name]
    while name.lower().endswith(SUFFIXES) and (name := PurePath(name).stem) != names[-1]:
        names.append(name)
    return names


def beginning(stream: BinaryIO, encoding: str | None = None) -> str:
    """The text that a dump begins with, unpacked and decoded, for ``select_source``.

    The stream stays where it is. Of one that cannot go back, as of bytes that cannot be unpacked,
    nothing is known: "".
    """
    if not stream.seekable():
        return ""
    start = stream.tell()
    try:
        head = as_utf8(open_container(stream), encoding).peek(HEAD)
    except DumpError:
        return ""
    finally:
        stream.seek(start)
    return Decoder().decode(head)

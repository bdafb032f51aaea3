"""From a file to the dumps in it: packed, archived, both, and again inside.

What a file is is told by its first bytes, at every layer; names count for nothing.

source    bytes in order, with a look ahead
streams   gzip, bzip2, xz, zstd
tape      tar
zipped    ZIP
member    a file in an archive
limits    how much of all that is too much
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from monitor.dumps.container.limits import MAX_DEPTH, Budget, ExhaustedError
from monitor.dumps.container.member import Member, is_furniture
from monitor.dumps.container.source import Source
from monitor.dumps.container.streams import PACKINGS, Unpacker
from monitor.dumps.container.tape import BLOCK, is_tar, tar_members
from monitor.dumps.container.zipped import is_zip, zip_members
from monitor.errors import DumpError

__all__ = ["ExhaustedError", "Member", "Source", "open_container", "open_members"]


def open_members(stream: BinaryIO) -> Iterator[Member]:
    """The files in a dump file, in its order; a file that is no archive is its own only member.

    A member is to be read before the next one is asked for. Folders, hidden files and what
    systems put into archives by themselves are left out.

    Raises DumpError where an archive is damaged or ends early, after all that is whole; an
    archive in an archive then is a member without a source, and the others go on. Reading a
    member may raise DumpError too; where that is an ExhaustedError, nothing more can be read.
    """
    return _members(Source(stream.read), "", Budget(), 0)


def open_container(stream: BinaryIO) -> Source:
    """The unpacked bytes of the first file in a dump that can be read.

    Raises DumpError where there is none; reading may raise it too.
    """
    for member in open_members(stream):
        if member.source is not None:
            return member.source
    raise DumpError("empty: there is no file in it")


def _members(source: Source, name: str, budget: Budget, depth: int) -> Iterator[Member]:
    head = source.peek(BLOCK)
    packing = next((each for each in PACKINGS if each.begin.match(head)), None)
    zipped = is_zip(head)
    if packing is None and not zipped and not is_tar(head):
        yield Member(name, source)
        return
    if depth == MAX_DEPTH:
        raise DumpError(f"packed more than {MAX_DEPTH} times over")
    if packing is not None:
        unpacker = Unpacker(source, packing, budget)
        unpacked = Source(unpacker.pull, unpacker.resume)
        yield from _members(unpacked, name, budget, depth + 1)
        return
    for found in zip_members(source, budget) if zipped else tar_members(source):
        budget.member()
        member = found.within(name)
        if is_furniture(found.name):
            continue
        if member.source is None:
            yield member
            continue
        try:
            yield from _members(member.source, member.name, budget, depth + 1)
        except ExhaustedError:
            raise
        except DumpError as error:
            yield Member(member.name, None, str(error))

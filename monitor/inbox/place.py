"""Moving files without losing one: never over another file, never a file that changed.

A rename takes whatever bears the name at that moment, so it is verified afterwards and undone
where a producer was quicker; an unlink cannot be undone, so what is to be deleted is first
renamed into a folder of ours inside the drop folder. Durability follows rename(2) and fsync(2):
data before names, both folders after the rename.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from monitor.inbox.ready import Changed, Identity, Ready, Vanished, open_ready, verify

STAGING = ".press-monitor"
"""The folder inside the drop folder where files wait for their deletion (for an instant)."""

_NAME_MAX = 255  # bytes; ext4, XFS, Btrfs, tmpfs, NFS
_CHUNK = 1 << 20


def fsync_folder(folder: Path) -> None:
    """Make the folder's names durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems
            raise
    finally:
        os.close(fd)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(target: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Create or replace ``target`` with what ``write`` writes; durable when this returns."""
    token = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:24]
    temporary = target.with_name(f".{token}.tmp")  # the same each time: a crash leaves one at most
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)


def with_mark(name: str, mark: str, *, room: int = 0) -> str:
    """``dump.txt`` with the mark ``3f2a`` is ``dump.3f2a.txt``; no mark changes nothing.

    The stem is shortened where the name, and ``room`` further bytes, would not fit a folder.
    """
    suffix = Path(name).suffix if len(os.fsencode(Path(name).suffix)) <= 32 else ""
    stem = name[: len(name) - len(suffix)]
    tail = f".{mark}{suffix}" if mark else suffix
    fits = _NAME_MAX - room - len(os.fsencode(tail))
    while len(os.fsencode(stem)) > fits:
        stem = stem[:-1]
    return stem + tail


def choose(
    folder: Path, name: str, size: int, sha256: str | None, *, beside: str = ""
) -> tuple[Path, bool]:
    """Where in ``folder`` the content belongs, and whether that very content is there already.

    The plain name where it is free; else with the start of the hash in it. Without a hash a
    number tells namesakes apart. With ``beside`` the name with that ending is needed as well.
    """
    marks = ("", sha256[:12], sha256) if sha256 is not None else ("",)
    numbers = map(str, itertools.count(1))
    for mark in itertools.chain(marks, numbers):
        target = folder / with_mark(name, mark, room=len(beside))
        if os.path.lexists(target):
            if sha256 is not None and _holds(target, size, sha256):
                return target, True
        elif not beside or not os.path.lexists(target.with_name(target.name + beside)):
            return target, False
    raise AssertionError("numbers do not end")


def _holds(path: Path, size: int, sha256: str) -> bool:
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == size
        and sha256_of(path) == sha256
    )


def move(ready: Ready, target: Path) -> None:
    """Move the file to a free name, durably, also to another file system.

    Raises Vanished or Changed, and then the producer's file is where it was; or OSError.
    """
    verify(ready)
    try:
        _rename(ready, target)
    except OSError as error:
        # Also between two bind mounts of one file system, which is what systemd sets up.
        if error.errno != errno.EXDEV:
            raise
        with open_ready(ready) as source:
            write_atomically(target, lambda copy: shutil.copyfileobj(source, copy, _CHUNK))
        with contextlib.suppress(OSError):  # times and mode are a courtesy
            shutil.copystat(ready.path, target, follow_symlinks=False)
        try:
            remove(ready)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    else:
        fsync_folder(target.parent)
        fsync_folder(ready.path.parent)


def remove(ready: Ready) -> None:
    """Delete the file, if it is still the same; raises Vanished, Changed or OSError."""
    verify(ready)
    folder, name = ready.path.parent, ready.path.name
    with contextlib.suppress(FileExistsError):
        (folder / STAGING).mkdir(mode=0o700)
    with _staging(folder) as fd:
        _rename(ready, name, fd)
        os.unlink(name, dir_fd=fd)
    with contextlib.suppress(OSError):  # another one is being removed at this moment
        (folder / STAGING).rmdir()
    fsync_folder(folder)


def recover(folder: Path) -> int:
    """Return what a crash left between being set aside and being deleted; how many files.

    They were ingested, or a producer's that were taken by mistake: reading them again is right
    in either case. Raises OSError.
    """
    try:
        with _staging(folder) as fd:
            with os.scandir(fd) as entries:
                names = sorted(entry.name for entry in entries)
            for name in names:
                _give_back(name, fd, folder / name)
    except FileNotFoundError:
        return 0
    (folder / STAGING).rmdir()
    return len(names)


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[int]:
    """A descriptor of the staging folder.

    Names are then taken relative to it: producers may write in the drop folder, and a symbolic
    link of theirs in its place must not lead a rename of ours over our own files.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(folder / STAGING, flags)
    try:
        yield fd
    finally:
        os.close(fd)


def _rename(ready: Ready, target: str | Path, folder: int | None = None) -> None:
    """Rename to ``target`` (in the folder with that descriptor), undone if it was another file."""
    try:
        os.rename(ready.path, target, dst_dir_fd=folder)
    except FileNotFoundError as error:
        if os.path.lexists(ready.path):
            raise  # the target's folder is what is missing
        raise Vanished(f"{ready.name}: gone") from error
    taken = os.stat(target, dir_fd=folder, follow_symlinks=False)
    if Identity.of(taken) != ready.identity:
        _give_back(target, folder, ready.path)
        raise Changed(f"{ready.name}: changed while it was moved")


def _give_back(taken: str | Path, folder: int | None, home: Path) -> None:
    """Return a file to the drop folder; under a free name where its own has been given away."""
    free, number = home, 0
    while os.path.lexists(free):
        number += 1
        free = home.with_name(with_mark(home.name, str(number)))
    os.rename(taken, free, src_dir_fd=folder)

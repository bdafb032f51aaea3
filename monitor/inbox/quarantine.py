"""What lies in quarantine, and putting it back into the inbox.

Nothing here needs the daemon to be stopped. A file on its way back leaves the quarantine's names
first, so that the daemon, which may read and refuse it again at once, never finds the very file
there that we are about to remove.
"""

from __future__ import annotations

import codecs
import json
import os
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

from monitor.inbox.pieces import REASON
from monitor.inbox.place import fsync_folder, with_mark, write_atomically
from monitor.inbox.ready import InboxError, printable
from monitor.model import PIECE

LEAVING = ".leaving"
"""The folder in quarantine where a file is while it goes back; after a crash it is found there."""

SHORTEST_PREFIX = 6  # of a SHA-256
_PART = ".press-monitor.retry.tmp"
_MOST_READ = 1 << 20  # bytes of a reason; ours are smaller


@dataclass(frozen=True, slots=True)
class Held:
    """A file or a piece of one in quarantine.

    ``name`` is its file's, as people see it. ``origin`` is the name under which the dump came,
    with the inbox's subfolder. ``when`` is aware; None where no reason that can be read stands
    beside it. ``index`` (0-based) and ``line`` (1-based) say where in its dump a piece stood;
    ``whole``: all of its text is here.
    """

    path: Path
    name: str
    kind: Literal["file", "piece"]
    size: int
    reason: str
    when: datetime | None
    origin: str
    sha256: str | None
    dump: str | None = None
    index: int | None = None
    line: int | None = None
    whole: bool = True


def held(folder: Path) -> list[Held]:
    """All that lies in quarantine, newest first. Raises OSError; no folder is nothing."""
    found = [_held(path, folder) for path in _files(folder)]
    found.sort(key=lambda one: (one.when.timestamp() if one.when else 0.0, one.name), reverse=True)
    return found


def find(folder: Path, name: str) -> Held:
    """The one of this name; else the file that came by it, or whose SHA-256 begins so.

    Raises InboxError where there is none, or several that differ, and OSError.
    """
    for path in _files(folder):
        if name in (path.name, printable(path.name)):
            return _held(path, folder)
    others = [one for one in held(folder) if _meant(one, name)]
    files = [one for one in others if one.kind == "file"]
    if files and len({one.sha256 for one in files}) == 1:
        return files[0]
    if others:
        raise InboxError(f"{name}: name one of {', '.join(one.name for one in files or others)}")
    raise InboxError(f"nothing in quarantine is called {name} (monitor quarantine lists it)")


def _meant(one: Held, name: str) -> bool:
    by_hash = len(name) >= SHORTEST_PREFIX and (one.sha256 or "").startswith(name.lower())
    return by_hash or name == one.origin


def pieces_of(all_held: Collection[Held], whole: Held) -> list[Held]:
    """The pieces that were kept of a file which lies here as a whole."""
    if whole.kind == "piece" or whole.sha256 is None:
        return []
    return [
        one
        for one in all_held
        if one.dump is not None and one.dump.endswith(f".{whole.sha256[:12]}")
    ]


def put_back(one: Held, inbox: Path, folders: Collection[str] = ()) -> Path:
    """Put a file back into the inbox under the name it came by; where it is then.

    It appears there whole and all at once, never over another file; its reason goes last.
    ``folders`` are the subfolders of the inbox that are read. A piece becomes a dump of its own,
    named after its dump and, as it is kept in UTF-8 whatever that was in, with a byte order mark.
    Raises InboxError, and then it is still in quarantine.
    """
    if not one.whole:
        raise InboxError(
            f"{one.name}: only the beginning of its text was kept; the whole stands in the dump"
        )
    target = _destination(one, inbox, folders)
    try:
        leaving = _set_aside(one.path)
        try:
            _appear(leaving, target, codecs.BOM_UTF8 if one.kind == "piece" else b"")
        except BaseException:
            leaving.rename(_home(leaving))
            raise
        leaving.unlink()
        _home(leaving).with_name(leaving.name + REASON).unlink(missing_ok=True)
        _drop_empty(leaving.parent)
        fsync_folder(leaving.parent.parent)
    except FileExistsError as error:
        raise InboxError(
            f"{one.name}: a file of that name waits in the inbox; try again when it is read"
        ) from error
    except FileNotFoundError as error:
        raise InboxError(f"{one.name}: it, or the inbox, is no longer there") from error
    except OSError as error:
        raise InboxError(f"{one.name}: not put back: {error.strerror or error}") from error
    return target


def discard(one: Held) -> None:
    """Delete it with its reason: its text is elsewhere. Raises InboxError."""
    try:
        one.path.unlink(missing_ok=True)
        home = _home(one.path)
        home.with_name(home.name + REASON).unlink(missing_ok=True)
    except OSError as error:
        raise InboxError(f"{one.name}: not deleted: {error.strerror or error}") from error


def head_of(one: Held, limit: int) -> tuple[bytes, bool]:
    """Its first ``limit`` bytes, and whether there are more. Raises InboxError."""
    try:
        fd = os.open(one.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InboxError(f"{one.name}: {error.strerror or error}") from error
    return data[:limit], len(data) > limit


# --------------------------------------------------------------------------- reading


def _files(folder: Path) -> Iterator[Path]:
    """The files that are kept, reasons apart; first those that a crash left on their way back."""
    for place in (folder / LEAVING, folder):
        try:
            with os.scandir(place) as entries:
                names = sorted(entry.name for entry in entries if _is_file(entry))
        except FileNotFoundError:
            continue
        for name in names:
            hidden = name.startswith(".") and name.endswith(".tmp")  # of one being written
            if not name.endswith(REASON) and not hidden:
                yield place / name


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _held(path: Path, folder: Path) -> Held:
    fields = _reason(folder / (path.name + REASON))
    name = printable(path.name)
    try:
        size = path.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        size = 0
    dump = _text(fields, "dump")
    return Held(
        path=path,
        name=name,
        kind="file" if dump is None else "piece",
        size=size,
        reason=_text(fields, "reason") or "no reason stands beside it",
        when=_moment(_text(fields, "when")),
        origin=_text(fields, "name") or name,
        sha256=_text(fields, "sha256"),
        dump=dump,
        index=_number(fields, "index"),
        line=_number(fields, "line"),
        whole=not fields.get("cut") and fields.get("whole") is not False,
    )


def _reason(path: Path) -> Mapping[str, Any]:
    """The fields of a reason; nothing where there is none or it is none of ours."""
    try:
        with path.open("rb") as file:
            fields = json.loads(file.read(_MOST_READ))
    except (OSError, ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


# --------------------------------------------------------------------------- moving


def _destination(one: Held, inbox: Path, folders: Collection[str]) -> Path:
    """Where in the inbox it came from: in its subfolder, where that is still read."""
    sub, slash, name = one.origin.rpartition("/")
    home = inbox / sub if slash and sub in folders else inbox
    if one.kind == "piece":
        return home / _piece_name(name.lstrip(".") or "dump", one.index)
    # What is no valid Unicode was replaced in the reason; then the file's own name is nearer.
    plain = "\ufffd" not in name and "/" not in name and name not in ("", ".", "..")
    return home / (name if plain else one.path.name)


def _piece_name(dump: str, index: int | None) -> str:
    """``a.txt.gz`` gives ``a.piece-3.txt.gz``: the same source is found by it."""
    mark, path = f"{PIECE}{index}", Path(dump)
    if Path(path.stem).suffix[1:].isalpha():
        return with_mark(path.stem, mark, room=len(os.fsencode(path.suffix))) + path.suffix
    return with_mark(dump, mark)


def _set_aside(path: Path) -> Path:
    """Move it into ``LEAVING``, if it is not there yet."""
    if path.parent.name == LEAVING:
        return path
    folder = path.parent / LEAVING
    folder.mkdir(mode=0o700, exist_ok=True)
    leaving = folder / path.name
    if os.path.lexists(leaving):
        raise FileExistsError(leaving)
    path.rename(leaving)
    return leaving


def _home(path: Path) -> Path:
    """Where in quarantine it belongs."""
    return path.parent.parent / path.name if path.parent.name == LEAVING else path


def _appear(leaving: Path, target: Path, mark: bytes) -> None:
    """Let the file stand at ``target``, with ``mark`` before it, whole, unless something stands
    there already. Raises OSError."""
    if mark:
        _copy(leaving, target, mark)
    else:
        try:
            os.link(leaving, target, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:  # another file system, or one without links
            _copy(leaving, target, mark)
    fsync_folder(target.parent)


def _copy(leaving: Path, target: Path, mark: bytes) -> None:
    if os.path.lexists(target):
        raise FileExistsError(target)

    def write(copy: IO[bytes]) -> None:
        copy.write(mark)
        with leaving.open("rb") as source:
            shutil.copyfileobj(source, copy, 1 << 20)

    part = target.with_name(_PART)  # the inbox ignores names that begin with a dot
    write_atomically(part, write)
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links; nothing stood there a moment ago
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _drop_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        pass  # another one is leaving

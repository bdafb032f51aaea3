"""Compiled rules kept in files beside the state, so that the next start need not compile them.

A cache file belongs to one source file. It starts with a key made of all that the compiled form
depends on, and a checksum; what does not fit is ignored and written anew. So losing, copying or
damaging cache files costs nothing but time.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

from monitor import log

FORMAT = b"press-monitor rules 1\n"

_SIZE = 32  # bytes of key and of checksum
_SUFFIX = ".rules"
_WRITING = ".writing"
_ABANDONED = 3600.0  # seconds after which a file in writing belongs to nobody
# Libraries that decide what a rule becomes: stems, and which patterns are refused.
_LIBRARIES = ("google-re2", "pystemmer", "rapidfuzz")

_log = log.get(__name__)


def key_of(*parts: bytes) -> bytes:
    """The key of what is compiled from ``parts`` by this program on this Python."""
    key = blake2b(_program(), digest_size=_SIZE)
    for part in parts:
        key.update(len(part).to_bytes(8, "big"))
        key.update(part)
    return key.digest()


@cache
def _program() -> bytes:
    """Stands for the code that compiles: its own text, the libraries, Python, the machine."""
    program = blake2b(FORMAT)
    root = Path(__file__).parents[1]
    for pattern in ("*.py", "config/*.py", "rules/**/*.py"):
        for path in sorted(root.glob(pattern)):
            program.update(path.read_bytes())
    for library in _LIBRARIES:
        program.update(f"{library} {metadata.version(library)}\n".encode())
    program.update(f"{sys.version} {sys.byteorder} {platform.machine()}".encode())
    return program.digest()


class Cache:
    """A folder of cache files. No trouble with it is an error; a folder that cannot be written
    is logged, once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()
        self._told = False

    def get(self, source: Path, key: bytes) -> bytes | None:
        """What was kept for ``source`` under this key, whole, or None."""
        try:
            with self._file(source).open("rb") as file:
                if file.read(len(FORMAT) + _SIZE) != FORMAT + key:
                    return None
                checksum, content = file.read(_SIZE), file.read()
        except OSError:
            return None
        return content if checksum == blake2b(content, digest_size=_SIZE).digest() else None

    def put(self, source: Path, key: bytes, content: bytes) -> None:
        """Keep ``content``; whoever reads meanwhile finds the old or the new file, whole."""
        checksum = blake2b(content, digest_size=_SIZE).digest()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(_WRITING, "", self._folder)  # mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.writelines((FORMAT, key, checksum, content))
                Path(name).replace(self._file(source))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            if not self._told:
                _log.warning("rules.not_kept", folder=str(self._folder), error=str(error))
            self._told = True

    def prune(self) -> None:
        """Remove the files of sources that were not asked for, and what a crash left behind."""
        now = time.time()
        try:
            for entry in os.scandir(self._folder):
                old = entry.name.endswith(_SUFFIX) and entry.name not in self._used
                if old or (
                    entry.name.endswith(_WRITING) and entry.stat().st_mtime < now - _ABANDONED
                ):
                    Path(entry.path).unlink(missing_ok=True)
        except OSError:
            return  # nothing there, or no right to it: it was said when writing

    def _file(self, source: Path) -> Path:
        path = os.fsencode(source.absolute())
        name = blake2b(path, digest_size=16).hexdigest() + _SUFFIX
        self._used.add(name)
        return self._folder / name

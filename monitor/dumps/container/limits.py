"""How much a dump may unpack to. Each limit is far above what real dumps need."""

from __future__ import annotations

from monitor.errors import DumpError

MAX_UNPACKED = 8 * 1024**3
"""Bytes that all layers of a dump may unpack to together; more is hours of work for nothing."""
MAX_RATIO = 500
"""Unpacked to packed bytes of one layer, once ``RATIO_FROM`` are unpacked. Text comes to 3-50; a
tape of daily crawls of one page, most of it the same, to some 200."""
RATIO_FROM = 64 * 1024**2
MAX_MEMBERS = 1_000_000
"""Files in all archives of a dump. Memory does not grow with them, but a bad one may become a file
in quarantine."""
MAX_DEPTH = 6
"""Layers of packing. A page.html.gz in a day.tar.gz in a month.zip has four."""
MAX_MEMORY = 128 * 1024**2
"""Bytes that unpacking one layer may need: enough for ``xz -9`` and ``zstd --ultra -22``."""
MAX_NAME = 64 * 1024
"""Bytes of a member's name, and of what else an archive says of it."""


class ExhaustedError(DumpError):
    """A limit of the whole dump is reached: nothing more of it is read."""


class Budget:
    """What the layers of one dump have used up together."""

    def __init__(self) -> None:
        self._unpacked = 0
        self._members = 0

    def unpack(self, size: int) -> None:
        """So many bytes more were unpacked; raises ExhaustedError."""
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED:
            raise ExhaustedError(f"unpacks to more than {_amount(MAX_UNPACKED)}")

    def member(self) -> None:
        """One more member was found; raises ExhaustedError."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise ExhaustedError(f"holds more than {MAX_MEMBERS} files")


def check_ratio(unpacked: int, packed: int) -> None:
    """Raises DumpError where one layer gave far more bytes than it took."""
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed:
        raise DumpError(f"unpacks to more than {MAX_RATIO} times its size: a decompression bomb?")


def _amount(size: int) -> str:
    return f"{size >> 30} GiB" if size >= 1 << 30 else f"{size >> 20} MiB"

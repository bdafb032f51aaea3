"""Bytes in order, however what is below delivers them."""

from __future__ import annotations

from collections.abc import Callable

from monitor.errors import DumpError

CHUNK = 64 * 1024
"""Bytes read at once where the amount is of no consequence."""


class Source:
    """Bytes in full helpings, however the stream below delivers them, with a look ahead.

    An error of ``pull`` is kept back until all bytes before it are read, and then raised by each
    further read.
    """

    def __init__(
        self, pull: Callable[[int], bytes], resume: Callable[[], bool] = lambda: False
    ) -> None:
        """``pull(size)`` returns some bytes, best ``size`` of them, none at the end; may raise
        DumpError. ``resume`` is asked after that whether it can go on behind the damage."""
        self._pull = pull
        self._resume = resume
        self._ahead = b""
        self._error: DumpError | None = None
        self._ended = False

    def read(self, size: int) -> bytes:
        data = self.peek(size)
        self._ahead = self._ahead[len(data) :]
        if not data and size and self._error is not None:
            raise self._error
        return data

    def peek(self, size: int) -> bytes:
        missing = size - len(self._ahead)
        parts = [self._ahead]
        while missing > 0 and not self._ended:
            try:
                part = self._pull(missing)
            except DumpError as error:
                self._error, part = error, b""
            parts.append(part)
            missing -= len(part)
            self._ended = not part
        if len(parts) > 1:
            self._ahead = b"".join(parts)
        return self._ahead[:size]

    def recover(self) -> bool:
        """After an error was raised: whether more can be read, from somewhere behind the damage."""
        if self._error is None or self._ahead or not self._resume():
            return False
        self._error, self._ended = None, False
        return True

    def give_back(self, data: bytes) -> None:
        """Put bytes that were read too many before the next ones."""
        if data:
            self._ahead = data + self._ahead


class Part:
    """The next ``size`` bytes of a source, which may be fewer than ``what`` promises."""

    def __init__(self, whole: Source, size: int, what: str) -> None:
        self._whole = whole
        self._left = size
        self._what = what

    def pull(self, size: int) -> bytes:
        """For a Source of its own. Raises DumpError where the whole ends inside."""
        if not self._left:
            return b""
        data = self._whole.read(min(size, self._left))
        if not data:
            raise DumpError(f"truncated: {self._what} ends early")
        self._left -= len(data)
        return data

    def finish(self) -> None:
        """Pass over what nobody read; raises DumpError."""
        while self.pull(4 * CHUNK):
            pass

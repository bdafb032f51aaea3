from array import array
from collections.abc import Callable, Sequence
from typing import final

from monitor.rules.scan import Span

VERSION: int

@final
class Found:
    def get(self, number: int, default: list[Span], /) -> list[Span]: ...
    def __contains__(self, number: object, /) -> bool: ...
    def __getitem__(self, number: int, /) -> list[Span]: ...

@final
class Index:
    def __new__(
        cls,
        texts: Sequence[str],
        edges: bytes,
        *,
        rules: int,
        starts: array[int],
        waiting: array[int],
        always: array[int],
        guarded: array[int],
        guard_starts: array[int],
        guards: array[int],
        together: array[int],
        beside: array[int],
        neighbours: array[int],
        in_word: Callable[[str], bool],
    ) -> Index: ...
    def look(self, text: str, /) -> tuple[Found, list[int]]: ...
    def number(self, text: str, edges: int, before: int, behind: int, /) -> int | None: ...

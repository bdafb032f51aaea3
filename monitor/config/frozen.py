"""A mapping that does not change, for settings that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType


class FrozenMap(Mapping[str, str]):
    """Texts by text, with a hash; equal to any mapping of the same items."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str] = MappingProxyType({})) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> str:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


NOTHING = FrozenMap()


def nothing() -> FrozenMap:
    """The empty mapping, always the same."""
    return NOTHING

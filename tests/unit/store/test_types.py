"""The edge between hostile values and the database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from monitor.errors import StoreError
from monitor.store.types import UtcTime, bounded, clean, pack, to_json, unpack

ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\0\\u0\ud800\udfff\n"))
HASHES = st.lists(st.integers(-(2**63), 2**63 - 1))


@given(ANY_TEXT)
def test_clean_text_is_storable_and_as_long(text: str) -> None:
    """It encodes, holds no NUL, and each other character stays where it was."""
    cleaned = clean(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert len(cleaned) == len(text)
    assert all(
        new == old or (new == "\ufffd" and (old == "\0" or "\ud800" <= old <= "\udfff"))
        for old, new in zip(text, cleaned, strict=True)
    )


def test_clean_text_is_not_copied() -> None:
    """What needs no change is returned itself."""
    for text in ("", "plain", "Токаев 🙂"):
        assert clean(text) is text


@given(st.recursive(ANY_TEXT | st.integers() | st.none(), lambda item: st.lists(item)))
def test_json_holds_what_clean_leaves(value: object) -> None:
    """Reading it back gives the value with every text in it cleaned."""

    def cleaned(item: object) -> object:
        if isinstance(item, str):
            return clean(item)
        return [cleaned(part) for part in item] if isinstance(item, list) else item

    encoded = to_json(value)
    encoded.encode()
    assert json.loads(encoded) == cleaned(value)


def test_json_is_compact_and_readable() -> None:
    """A person looking into the database reads words, not escapes; NUL in mappings goes too."""
    assert to_json({"a": ["Токаев", 1], "b": None}) == '{"a":["Токаев",1],"b":null}'
    assert to_json({"a": ("x\0", "\\u0000")}) == '{"a":["x\ufffd","\\\\u0000"]}'


@given(HASHES)
def test_hashes_survive_packing(hashes: list[int]) -> None:
    """Eight bytes each, little endian on every machine."""
    assert unpack(pack(hashes)) == tuple(hashes)
    assert len(pack(hashes)) == 8 * len(hashes)


def test_packing_is_little_endian() -> None:
    """The stored form is fixed: a database may move to another machine."""
    assert pack([1, -1]) == b"\x01" + b"\0" * 7 + b"\xff" * 8


@pytest.mark.parametrize(
    ("number", "stored"), [(None, None), (0, 0), (7, 7), (-3, 0), (10**30, 2**63 - 1)]
)
def test_counters_are_bounded(number: int | None, stored: int | None) -> None:
    """A nonsensical counter must not overflow the column."""
    assert bounded(number) == stored


@given(
    st.datetimes(
        timezones=st.sampled_from([UTC, *(timezone(timedelta(hours=h)) for h in (-11, 14))])
    ),
    st.datetimes(timezones=st.just(UTC)),
)
def test_times_order_as_text(one: datetime, other: datetime) -> None:
    """On SQLite comparing the stored text compares the moments; it reads back as UTC."""
    kind, dialect = UtcTime(), sqlite.dialect()
    first, second = (kind.process_bind_param(t, dialect) for t in (one, other))
    back = kind.process_result_value(first, dialect)
    assert back is not None
    assert back.tzinfo is UTC
    if datetime(1, 1, 2, tzinfo=UTC) < back < datetime(9999, 12, 31, tzinfo=UTC):
        assert back == one
        assert (first < second) == (one < other)


def test_naive_times_are_refused() -> None:
    """On either database, before they get there."""
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        with pytest.raises(StoreError, match="without a zone"):
            UtcTime().process_bind_param(datetime(2026, 3, 1), dialect)  # noqa: DTZ001

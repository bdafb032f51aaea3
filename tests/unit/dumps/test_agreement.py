"""Confidence as agreement of signals."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dumps.agreement import Signals, agreement

SIGNALS = st.builds(
    Signals,
    **{field.name: st.booleans() for field in fields(Signals) if field.type == "bool"},
    attribution=st.floats(0, 4),
    echo=st.floats(-1, 1.5),
)
CLEAN = Signals(shaped=True, body=True, lead=True, alone=True, own=True)


@given(signals=SIGNALS, other=SIGNALS, chosen=st.sampled_from(fields(Signals)))
def test_one_more_signal_never_lowers_it(signals: Signals, other: Signals, chosen) -> None:
    """Whatever the others say."""
    values = sorted([getattr(signals, chosen.name), getattr(other, chosen.name)])
    less, more = (replace(signals, **{chosen.name: value}) for value in values)
    assert 0 <= agreement(less) <= agreement(more) <= 1


@pytest.mark.parametrize(
    ("signals", "sure"),
    [
        (Signals(), 0.13),
        (CLEAN, 0.5),
        (replace(CLEAN, echo=1.5), 0.7),
        (replace(CLEAN, marked=True), 0.77),
        (replace(CLEAN, attribution=4), 0.86),
        (replace(CLEAN, attribution=4, echo=1.5), 0.93),
        (replace(CLEAN, attribution=4, echo=1.5, marked=True), 0.98),
        (replace(CLEAN, known_title=True, known_lead=True), 0.97),
        (replace(CLEAN, timed=True), 1.0),
        (replace(CLEAN, timed=True, shaped=False), 0.6),
        (replace(CLEAN, timed=True, alone=False), 0.65),
        (replace(CLEAN, timed=True, own=False), 0.85),
    ],
)
def test_figures(signals: Signals, sure: float) -> None:
    """Those that the documentation names."""
    assert agreement(signals) == sure

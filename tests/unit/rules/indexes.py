"""Every index over triggers that there is, for tests that hold for all of them."""

from __future__ import annotations

from functools import partial

import pytest

from monitor.rules.index import NATIVE, NativeIndex, PlainIndex
from monitor.rules.watch import FewWatch, ManyWatch

native = pytest.mark.skipif(not NATIVE, reason="monitor/rules/c is not compiled here")

each_index = pytest.mark.parametrize(
    "index",
    [
        pytest.param(partial(PlainIndex, watch=FewWatch), id="few"),
        pytest.param(partial(PlainIndex, watch=ManyWatch), id="many"),
        pytest.param(NativeIndex, id="native", marks=native),
    ],
)

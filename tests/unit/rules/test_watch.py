"""Which automaton looks for triggers where nothing is compiled."""

from __future__ import annotations

from monitor.rules.watch import FewWatch, ManyWatch, watch_over


def test_many_triggers_are_looked_for_in_another_way():
    """What is quicker depends on how many there are."""
    assert isinstance(watch_over(["dam"], b"\3"), FewWatch)
    assert isinstance(watch_over([f"dam {n}" for n in range(2000)], bytes(2000)), ManyWatch)

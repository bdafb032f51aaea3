"""A bound on work that is the same on every machine."""

from __future__ import annotations


class Steps:
    """So many steps may be made. Counted, not timed: the same texts give the same result on any
    machine and under any load."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> bool:
        """Make ``count`` steps, or none where so many are not left."""
        if count > self.left:
            return False
        self.left -= count
        return True

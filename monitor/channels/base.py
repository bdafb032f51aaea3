"""The seam between the outbox and the ways out; it is declared among the ports."""

from __future__ import annotations

from monitor.ports import Channel

__all__ = ["Channel"]

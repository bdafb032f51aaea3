"""From matches to alerts: who is told, of what, and when. Pure; knows no channel and no store."""

from monitor.alerts.edits import Edit
from monitor.alerts.plan import (
    Found,
    Original,
    Planned,
    Telling,
    make_alerts,
    risen_alerts,
    suppressed,
    told_with_original,
    wanted,
)
from monitor.alerts.routing import Routing, default_route

__all__ = [
    "Edit",
    "Found",
    "Original",
    "Planned",
    "Routing",
    "Telling",
    "default_route",
    "make_alerts",
    "risen_alerts",
    "suppressed",
    "told_with_original",
    "wanted",
]

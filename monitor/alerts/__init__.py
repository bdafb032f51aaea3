"""From matches to alerts: who is told, of what, and when. Pure; knows no channel and no store."""

from monitor.alerts.edits import Edit
from monitor.alerts.plan import (
    Found,
    Original,
    Planned,
    Telling,
    make_alerts,
    risen_alerts,
    risen_withheld,
    suppressed,
    told_with_original,
    wanted,
    withheld,
)
from monitor.alerts.routing import Routing, default_route, never_telling
from monitor.alerts.storm import Storm
from monitor.alerts.withhold import Inhibition, Withholding

__all__ = [
    "Edit",
    "Found",
    "Inhibition",
    "Original",
    "Planned",
    "Routing",
    "Storm",
    "Telling",
    "Withholding",
    "default_route",
    "make_alerts",
    "never_telling",
    "risen_alerts",
    "risen_withheld",
    "suppressed",
    "told_with_original",
    "wanted",
    "withheld",
]

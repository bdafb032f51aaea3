"""From matches to alerts: who is told, of what, and when. Pure; knows no channel and no store."""

from monitor.alerts.edits import Edit
from monitor.alerts.plan import Found, Planned, make_alerts, suppressed
from monitor.alerts.routing import Routing, default_route

__all__ = ["Edit", "Found", "Planned", "Routing", "default_route", "make_alerts", "suppressed"]

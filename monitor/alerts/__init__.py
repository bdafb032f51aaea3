"""From matches to alerts: who is told, of what, and when. Pure; knows no channel and no store."""

from monitor.alerts.plan import Found, Planned, make_alerts
from monitor.alerts.routing import Routing, default_route

__all__ = ["Found", "Planned", "Routing", "default_route", "make_alerts"]

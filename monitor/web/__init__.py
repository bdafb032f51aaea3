"""The page, the feeds over HTTP, health, metrics: shows what the store says, decides nothing."""

from monitor.web.application import create_app
from monitor.web.deps import Health, ReloadResult, WebDeps
from monitor.web.server import Server

__all__ = ["Health", "ReloadResult", "Server", "WebDeps", "create_app"]

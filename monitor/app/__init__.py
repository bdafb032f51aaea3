"""Straight-line wiring: which part gets which, in what order they start and stop."""

from monitor.app.app import App, Check
from monitor.app.intake import Taken

__all__ = ["App", "Check", "Taken"]

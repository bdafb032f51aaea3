"""The drop folder: finding complete files, claiming, archiving, quarantine.

Knows files, not what is in them: no parsing, no SQL. One module for each question:
``ready`` (what is a file, is it still the same), ``settle`` (is it whole), ``watch`` (when to
look), ``place`` (moving it without losing anything), ``folder`` (the order of these steps, for
one folder), ``inbox`` (all folders together), ``pieces`` (rejected segments).
"""

from __future__ import annotations

from monitor.inbox.folder import ScanResult
from monitor.inbox.inbox import Inbox
from monitor.inbox.pieces import keep_piece
from monitor.inbox.ready import Changed, Identity, InboxError, NotReady, Ready, Unreadable, Vanished

__all__ = [
    "Changed",
    "Identity",
    "Inbox",
    "InboxError",
    "NotReady",
    "Ready",
    "ScanResult",
    "Unreadable",
    "Vanished",
    "keep_piece",
]

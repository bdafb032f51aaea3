"""Sends one message through Apprise; a program of its own, run by ``AppriseChannel``.

Apprise bounds neither its time nor the memory that an answer takes, and tells why it failed only in
its log. In a process of its own it can be ended, limited and listened to. The order comes as JSON
on standard input, the reason of a failure goes out as the last line of standard error. Nothing of
the monitor is imported: each start costs a third of a second as it is.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from collections.abc import Sequence
from typing import Any

SENT, NOT_SENT, NO_ADDRESS = 0, 75, 78  # sysexits.h: EX_OK, EX_TEMPFAIL, EX_CONFIG
MEMORY = 1024**3  # bytes of address space; an answer without end must not take the machine's

# What requests and its libraries call it, and what we do.
_CAUSES = (
    ("CERTIFICATE_VERIFY_FAILED", "its certificate was refused"),
    ("SSLError", "TLS failed"),
    ("Name or service not known", "its name was not resolved"),
    ("name resolution", "its name was not resolved"),
    ("Connection refused", "connection refused"),
    ("timed out", "timed out"),
    ("Connection aborted", "the connection broke off before a whole answer came"),
    ("Connection broken", "the connection broke off before a whole answer came"),
)


def fitting(items: Sequence[str], more: int, limit: int) -> str:
    """As many of the items as fit ``limit`` characters, and how many are left out or were before;
    of the first, if it alone is too long, the beginning."""
    for count in range(len(items), 0, -1):
        left = more + len(items) - count
        rest = [f"and {left:,} more"] if left else []
        text = "\n\n".join([*items[:count], *rest])
        if len(text) <= limit:
            return text
    return items[0][: max(limit - 1, 0)] + "…" if items else f"{more:,} alerts"[:limit]


class Heard(logging.Handler):
    """What Apprise logs: the last warning, and what caused it as far as a line below says so."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.warning = ""
        self.cause = ""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            self.warning = " ".join(text.split())
        for sign, words in _CAUSES:
            if not self.cause and sign in text and "Exception" in text:
                self.cause = words


def deliver(order: dict[str, Any], heard: Heard) -> int:
    """Do what the order says; the exit status."""
    import apprise

    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [heard], False
    logger.setLevel(logging.DEBUG)
    asset = apprise.AppriseAsset(
        app_id="Press monitor",
        app_desc="Press monitor",
        async_mode=False,
        secure_logging=True,
        plugin_paths=[],  # no code from files
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        http_redirects=False,
    )
    service = apprise.Apprise.instantiate(order["url"], asset=asset, suppress_exceptions=True)
    if not isinstance(service, apprise.NotifyBase):
        return NO_ADDRESS
    if order["check"]:
        return SENT
    for name in ("socket_connect_timeout", "socket_read_timeout"):  # where the address has none
        if getattr(service, name, None) == getattr(apprise.URLBase, name, None):
            setattr(service, name, order["timeout"])
    title = order["title"]
    # what is markup to the service is escaped, so the text grows
    limit = int(service.body_maxlen * 0.8)
    if service.title_maxlen <= 0:  # then the title becomes a part of the body
        limit -= len(title) + 2
    else:
        title = title[: service.title_maxlen]
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    sent = sender.notify(
        title=title,
        body=fitting(order["items"], order["more"], limit),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return SENT if sent else NOT_SENT


def main() -> int:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (OSError, ValueError):
        pass  # less is allowed already
    heard = Heard()
    status = deliver(json.load(sys.stdin.buffer), heard)
    if status != SENT:
        sys.stderr.write("\n" + ": ".join(filter(None, (heard.warning, heard.cause))) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())

"""Telling systemd how the service is doing: sd_notify(3) and sd_watchdog_enabled(3).

The protocol is one datagram of ``NAME=value`` lines to the socket in ``$NOTIFY_SOCKET``; outside
systemd the variable is missing and nothing happens.
"""

from __future__ import annotations

import os
import socket


def notify(*lines: str) -> bool:
    """Send state lines (``READY=1``, ``STATUS=...``) in one message; False if nobody got it.

    Never raises: a service manager that does not listen is no reason to stop working.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not lines or not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):  # the abstract name space: unix(7)
        address = "\0" + address[1:]
    message = "\n".join(line.replace("\n", " ") for line in lines)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.settimeout(1.0)  # a full queue must not hold up the caller
            sock.connect(address)
            sock.sendall(message.encode("utf-8", "backslashreplace"))
    except OSError:
        return False
    return True


def watchdog_interval() -> float | None:
    """Seconds within which systemd wants ``WATCHDOG=1``, or None where it does not.

    Send it about twice as often. None also where the variables are meant for another process
    (``$WATCHDOG_PID``) or make no sense.
    """
    wanted = os.environ.get("WATCHDOG_USEC", "")
    pid = os.environ.get("WATCHDOG_PID")
    if pid is not None and pid != str(os.getpid()):
        return None
    if not (wanted.isascii() and wanted.isdigit()) or int(wanted) == 0:
        return None
    return int(wanted) / 1_000_000

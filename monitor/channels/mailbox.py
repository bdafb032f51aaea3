"""Mails into a folder instead of to a server: to see what would be sent."""

from __future__ import annotations

import hashlib
import mailbox
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import DeliveryError


def to_maildir(folder: Path, mail: bytes) -> str:
    """Add the mail, unread, to a maildir, which is made where there is none; its name in there.

    Mail programs open such folders (https://cr.yp.to/proto/maildir.html). Raises DeliveryError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in ("tmp", "new", "cur"):  # mailbox makes them only where the folder is missing
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        box = mailbox.Maildir(folder, create=True)
        # as a message of its own class: bytes would be filed as read, with no flag of their own
        return box.add(mailbox.MaildirMessage(mail))
    except (OSError, mailbox.Error) as error:
        raise _failed(folder, error) from error


def to_eml(folder: Path, mail: bytes, *, created: datetime, key: str, recipient: str) -> str:
    """Write the mail as a file that mail programs open, whole or not at all; its name.

    A second attempt with the same key writes the same file. Raises DeliveryError.
    """
    person = re.sub("[^A-Za-z0-9.@_-]+", "_", recipient)[:80]
    short = hashlib.sha256(f"{key}\0{recipient}".encode()).hexdigest()[:12]
    name = f"{created.astimezone(UTC):%Y%m%dT%H%M%SZ}-{person}-{short}.eml"
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(mail)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
    except OSError as error:
        raise _failed(folder, error) from error
    return name


def _failed(folder: Path, error: Exception) -> DeliveryError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return DeliveryError(f"the mail folder {folder}: {reason}")

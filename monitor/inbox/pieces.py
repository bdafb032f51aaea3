"""What goes into quarantine is never without its reason: ``<name>.reason.json`` comes first."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from monitor.inbox.place import choose, write_atomically
from monitor.inbox.ready import InboxError, printable
from monitor.model import utcnow

REASON = ".reason.json"
MAX_PIECE = 1 << 20
"""Characters of a rejected segment that are kept."""


def write_reason(target: Path, fields: dict[str, str | int | None]) -> Path:
    """Write the reason for ``target`` beside it, durably. Raises OSError."""
    path = target.with_name(target.name + REASON)
    text = json.dumps(fields, ensure_ascii=False, indent=2) + "\n"
    data = text.encode("utf-8", "backslashreplace")
    write_atomically(path, lambda file: file.write(data))
    return path


def keep_piece(
    folder: Path,
    *,
    dump: str,
    index: int,
    line: int,
    reason: str,
    raw: str,
    origin: str = "",
    whole: bool = True,
    when: datetime | None = None,
) -> Path:
    """Keep a rejected segment of a dump as ``<dump>.<index>.txt`` with its reason beside it.

    ``index`` and ``line`` as in ``BadRecord``. A replay of the same segment changes nothing; a
    namesake with other content gets a name of its own. At most ``MAX_PIECE`` characters are
    kept. What UTF-8 cannot hold is written as an escape. ``origin`` is the name under which the
    dump came, ``whole`` false where ``raw`` is not all of the segment. Returns the path of the
    text; raises InboxError where the folder cannot be written.
    """
    kept = raw[:MAX_PIECE]
    data = kept.encode("utf-8", "backslashreplace")
    sha256 = hashlib.sha256(data).hexdigest()
    name = f"{printable(dump).replace('/', '_').lstrip('.') or 'dump'}.{index}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target, there = choose(folder, name, len(data), sha256, beside=REASON)
        if not there:
            write_reason(
                target,
                {
                    "reason": reason,
                    "dump": printable(dump),
                    "name": origin or printable(dump),
                    "index": index,
                    "line": line,
                    "sha256": sha256,
                    "size": len(data),
                    "cut": len(raw) - len(kept),
                    "whole": whole and kept == raw,
                    "when": (when or utcnow()).isoformat(timespec="seconds"),
                },
            )
            write_atomically(target, lambda file: file.write(data))
    except OSError as error:
        raise InboxError(f"quarantine {folder}: {error.strerror or error}") from error
    return target

"""What a feed is called: its file, its address, its permanent id. ``None`` is the main feed."""

from __future__ import annotations

import re
import uuid
from pathlib import PurePosixPath

_RULE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
# Never change: readers know a feed by the ids made from it.
_NAMESPACE = uuid.UUID("b575feb1-62ce-4f0b-85f2-13d08f7b8034")


def feed_file(rule: str | None) -> PurePosixPath:
    """The feed's place below the feeds folder: ``all.atom`` or ``rules/<rule>.atom``.

    Raises ValueError for what cannot be a rule's name, so that no name leads out of the folder.
    """
    if rule is None:
        return PurePosixPath("all.atom")
    if not _RULE_NAME.fullmatch(rule):
        raise ValueError(f"not a rule name: {rule!r}")
    return PurePosixPath("rules") / f"{rule}.atom"


def feed_url(base_url: str, rule: str | None) -> str:
    """Where the feed is fetched; ``base_url`` has no trailing slash."""
    return f"{base_url}/feeds/{feed_file(rule)}"


def feed_id(rule: str | None) -> str:
    """The feed's ``atom:id``: depends on its name alone, not on host, title or rule text."""
    return uuid.uuid5(_NAMESPACE, str(feed_file(rule))).urn

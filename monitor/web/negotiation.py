"""Content coding and conditional requests (RFC 9110, sections 12.5.3 and 13). Pure decisions."""

from __future__ import annotations

from datetime import datetime

from werkzeug.datastructures import ETags
from werkzeug.http import parse_list_header, parse_options_header


def accepts_gzip(header: str) -> bool:
    """Whether ``Accept-Encoding`` admits gzip and likes it no less than no coding at all."""
    weights: dict[str, float] = {}
    for item in parse_list_header(header):
        coding, options = parse_options_header(item)
        try:
            weights[coding.lower()] = float(options.get("q", 1))
        except ValueError:
            weights[coding.lower()] = 0.0  # not a weight: rather send what everyone can read
    gzip = max(
        (weights[name] for name in ("gzip", "x-gzip") if name in weights),
        default=weights.get("*", 0.0),
    )
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def is_not_modified(
    etag: str,
    modified: datetime,
    *,
    if_none_match: ETags | None,
    if_modified_since: datetime | None,
) -> bool:
    """Whether 304 is the answer: what the client has is what we would send.

    ``etag`` is unquoted; None means the header was absent. With If-None-Match, compared weakly
    (proxies weaken tags), If-Modified-Since is not looked at. ``modified`` is in whole seconds.
    """
    if if_none_match is not None:
        return if_none_match.star_tag or if_none_match.contains_weak(etag)
    return if_modified_since is not None and modified <= if_modified_since

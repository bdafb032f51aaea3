"""The published feed files over HTTP: cheap for readers that ask often and mostly in vain."""

from __future__ import annotations

import gzip
import hashlib
import os
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request
from werkzeug.http import http_date

from monitor.feeds import feed_file
from monitor.web.deps import WebDeps
from monitor.web.negotiation import accepts_gzip, is_not_modified

MAX_AGE = 60
"""Seconds a reader or proxy may keep a feed without asking."""


def blueprint(deps: WebDeps) -> Blueprint:
    """``/feeds/all.atom`` and ``/feeds/rules/<rule>.atom``."""
    feeds = Blueprint("feeds", __name__, url_prefix="/feeds")

    @feeds.get("/all.atom")
    def all_articles() -> Response:
        return _serve(deps, None)

    @feeds.get("/rules/<rule>.atom")
    def of_rule(rule: str) -> Response:
        has_feed = deps.rules().get(rule)
        if has_feed is None:
            abort(404, f"There is no rule called {rule}.")
        if not has_feed:
            abort(404, f"The rule {rule} has no feed of its own.")
        return _serve(deps, rule)

    return feeds


def _serve(deps: WebDeps, rule: str | None) -> Response:
    """The feed's file, 304, or 503 while it is not published.

    Not an empty feed in its place: a reader could not tell it from one whose entries are gone.
    """
    try:
        with (deps.feeds_folder / feed_file(rule)).open("rb") as file:
            moved = os.fstat(file.fileno()).st_mtime
            data = file.read()
    except FileNotFoundError:
        abort(503, "This feed is not published yet. Try again in a few seconds.")
    zipped = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    etag = hashlib.sha256(data).hexdigest()[:32] + ("-gzip" if zipped else "")
    # never later than the Date of this answer (RFC 9110, 8.8.2.1)
    modified = datetime.fromtimestamp(min(int(moved), int(deps.clock().timestamp())), UTC)
    headers = {
        "ETag": f'"{etag}"',
        "Last-Modified": http_date(modified),
        "Cache-Control": f"public, max-age={MAX_AGE}",
        "Vary": "Accept-Encoding",
    }
    conditional = "If-None-Match" in request.headers
    if is_not_modified(
        etag,
        modified,
        if_none_match=request.if_none_match if conditional else None,
        if_modified_since=request.if_modified_since,
    ):
        response = Response(status=304, headers=headers)
        del response.headers["Content-Type"]
        return response
    if zipped:
        data = gzip.compress(data, compresslevel=6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(data, headers=headers, content_type="application/atom+xml; charset=utf-8")

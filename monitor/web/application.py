"""The Flask application: routes, templates, and what holds for every request and answer."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, MisdirectedRequest

from monitor import log
from monitor.errors import StoreError
from monitor.text import xml_safe
from monitor.web import feeds, operations, pages, present
from monitor.web.deps import WebDeps
from monitor.web.security import HEADERS, cross_site, host_allowed

_log = log.get(__name__)

_HERE = Path(__file__).parent
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def create_app(deps: WebDeps) -> Flask:
    """The application over these; serve it with ``Server``."""
    app = Flask("monitor.web", root_path=str(_HERE))
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    # A lone surrogate in a text would fail the whole page when it is encoded.
    app.jinja_options = {"undefined": StrictUndefined, "finalize": _encodable}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        ago=present.ago, iso=present.iso, minute=present.minute, words=present.words
    )
    style = hashlib.sha256((_HERE / "static" / "page.css").read_bytes()).hexdigest()[:12]
    for blueprint in (pages, feeds, operations):
        app.register_blueprint(blueprint.blueprint(deps))

    @app.context_processor
    def common() -> dict[str, Any]:
        return {
            "root": _root(request.path),
            "style": style,
            "site": deps.settings().feeds.title,
            "version": deps.version,
        }

    @app.before_request
    def admit() -> Response | None:
        web = deps.settings().web
        host = request.environ.get("HTTP_HOST")  # absent in HTTP/1.0
        if host and not host_allowed(host, bound=web.host, base_url=web.base_url):
            raise MisdirectedRequest(
                "This server does not answer to that host name. If it should, set web.base_url."
            )
        if request.method not in _SAFE_METHODS and cross_site(
            fetch_site=request.headers.get("Sec-Fetch-Site"),
            origin=request.headers.get("Origin"),
            host=request.headers.get("Host", ""),
            base_url=web.base_url,
        ):
            _log.warning("web.cross_site_refused", path=request.path)
            return _error(HTTPStatus.FORBIDDEN, "A request from another site is not obeyed.")
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        response = _error(status, error.description or status.phrase)
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers[name] = value
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(StoreError)
    def store_failed(error: StoreError) -> Response:
        _log.error("web.store_failed", path=request.path, error=str(error))
        response = _error(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The database does not answer. Nothing is lost; the log says more.",
        )
        response.headers["Retry-After"] = "5"
        return response

    return app


def _error(status: HTTPStatus, text: str) -> Response:
    """The error in the form its reader expects: JSON, plain text or a page."""
    if request.path.startswith("/api/"):
        response = jsonify(error=text, status=status.value)
    elif request.path.startswith(("/-/", "/feeds/", "/metrics")):
        body = xml_safe(text)
        response = Response(f"{body}\n", content_type="text/plain; charset=utf-8")
    else:
        response = make_response(render_template("error.html", status=status, text=text))
    response.status_code = status.value
    return response


def _encodable(value: Any) -> Any:
    return xml_safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _root(path: str) -> str:
    """The way from a page to the top, so that links hold below any prefix of a reverse proxy."""
    return "../" * (path.count("/") - 1) or "./"

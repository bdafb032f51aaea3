"""Endpoints for machines and operators: health, readiness, reload, metrics, status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from prometheus_client.exposition import choose_encoder

from monitor.alerts.health import watched
from monitor.model import Condition, Delivery, DeliveryState, DestinationState, Dump
from monitor.outbox import circuit
from monitor.web.deps import WebDeps
from monitor.web.metrics import registry

STUCK_LIMIT = 50


def blueprint(deps: WebDeps) -> Blueprint:
    """``/-/healthy``, ``/-/ready``, ``/-/reload``, ``/metrics``, ``/api/status``."""
    operations = Blueprint("operations", __name__)
    metrics_registry = registry(deps)

    @operations.get("/-/healthy")
    def healthy() -> Response:
        health = deps.health()
        return _verdict("healthy", health.healthy, health.checks)

    @operations.get("/-/ready")
    def ready() -> Response:
        health = deps.health()
        return _verdict("ready", health.ready, health.checks)

    @operations.post("/-/reload")
    def reload() -> Response:
        result = deps.reload()
        if result.ok:
            return _text("reloaded\n", 200)
        return _text("".join(f"{problem}\n" for problem in result.problems), 400)

    @operations.get("/metrics")
    def metrics() -> Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(metrics_registry), content_type=content_type)

    @operations.get("/api/status")
    def status() -> Response:
        return jsonify(status_of(deps))

    return operations


def status_of(deps: WebDeps) -> dict[str, Any]:
    """What ``/api/status`` answers. Ages are seconds, times ISO 8601 in UTC. Raises StoreError."""
    now = deps.clock()
    health = deps.health()
    counts = deps.pages.counts()
    totals = asdict(counts)
    del totals["oldest_pending"], totals["last_dump"], totals["held_until"]
    last = next(iter(deps.pages.dumps(limit=1)), None)
    stuck = stuck_deliveries(
        [
            *deps.pages.deliveries(state=DeliveryState.DEAD, limit=STUCK_LIMIT),
            *deps.pages.deliveries(state=DeliveryState.PENDING, limit=STUCK_LIMIT),
        ]
    )
    return {
        "version": deps.version,
        "time": _iso(now),
        "healthy": health.healthy,
        "ready": health.ready,
        "checks": [
            {"name": name, "ok": ok, "detail": detail} for name, ok, detail in health.checks
        ],
        "rules": len(deps.rules()),
        "counts": totals,
        "lag": {
            "oldest_pending_seconds": _age(now, counts.oldest_pending),
            "last_dump_seconds": _age(now, counts.last_dump),
        },
        "held_until": _iso(counts.held_until) if counts.held_until else None,
        "last_dump": _dump(last) if last else None,
        "conditions": [
            {
                "source": one.source,
                "check": one.check,
                "since": _iso(one.since),
                "detail": one.detail,
            }
            for one in conditions_of(deps)
        ],
        "destinations": [_destination(one, now) for one in deps.pages.destinations()],
        "stuck": [_delivery(delivery) for delivery in stuck],
    }


def conditions_of(deps: WebDeps) -> list[Condition]:
    """What is not as usual of the sources that are configured now."""
    sources = watched(deps.settings())
    return [one for one in deps.pages.conditions() if one.source in sources]


def stuck_deliveries(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Those that need a look: dead, or tried at least once and still waiting."""
    return [
        delivery
        for delivery in deliveries
        if (delivery.state is DeliveryState.DEAD and not delivery.dropped)
        or (delivery.state is DeliveryState.PENDING and delivery.attempts > 0)
    ]


def _verdict(word: str, good: bool, checks: Iterable[tuple[str, bool, str]]) -> Response:
    lines = [word if good else f"not {word}"]
    for name, ok, detail in checks:
        mark = "ok  " if ok else "FAIL"
        lines.append(f"{mark} {name}: {detail}" if detail else f"{mark} {name}")
    return _text("\n".join(lines) + "\n", 200 if good else 503)


def _text(text: str, status: int) -> Response:
    body = text.encode("utf-8", "backslashreplace")
    return Response(body, status, content_type="text/plain; charset=utf-8")


def _iso(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None


def _age(now: datetime, then: datetime | None) -> float | None:
    return round(max(now - then, timedelta(0)).total_seconds(), 3) if then else None


def _dump(dump: Dump) -> dict[str, Any]:
    return {
        "name": dump.name,
        "sha256": dump.sha256,
        "source": dump.source,
        "received": _iso(dump.received),
        "crawled": dump.crawled.isoformat() if dump.crawled else None,
        "state": dump.state,
        "articles": dump.articles,
        "new": dump.new,
        "revised": dump.revised,
        "unchanged": dump.unchanged,
        "duplicate": dump.duplicate,
        "quarantined": dump.quarantined,
    }


def _destination(one: DestinationState, now: datetime) -> dict[str, Any]:
    return {
        "name": one.name,
        "circuit": circuit(one, now),
        "waiting": one.waiting,
        "oldest_waiting_seconds": _age(now, one.oldest),
        "failures": one.failures,
        "failing_since": _iso(one.failing_since),
        "held_until": _iso(one.held_until),
        "last_sent": _iso(one.last_sent),
        "last_error": one.last_error,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "receiver": delivery.receiver,
        "channel": delivery.channel,
        "rules": delivery.rules,
        "articles": delivery.articles,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt": _iso(delivery.next_attempt),
        "last_error": delivery.last_error,
    }

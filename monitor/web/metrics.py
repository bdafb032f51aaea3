"""Prometheus metrics, made from the store and the health checks at each scrape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor import log
from monitor.alerts.health import watched
from monitor.errors import StoreError
from monitor.model import Condition, Counts, DeliveryState, DestinationState, HealthCheck
from monitor.outbox import Circuit, circuit
from monitor.web.deps import WebDeps

_log = log.get(__name__)

_PREFIX = "press_monitor"


def registry(deps: WebDeps) -> CollectorRegistry:
    """A registry of our own: this program's metrics and the process's, nobody else's."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    made.register(_Monitor(deps))
    return made


class _Monitor(Collector):
    """Nearly all are gauges: the store's totals may fall when old rows are removed."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def collect(self) -> Iterator[Metric]:
        deps = self._deps
        yield InfoMetricFamily(_PREFIX, "The program.", value={"version": deps.version})
        health = deps.health()
        yield _gauge("healthy", "Whether the program works (1) or not (0).", health.healthy)
        yield _gauge("ready", "Whether it takes in dumps and serves.", health.ready)
        checks = GaugeMetricFamily(
            f"{_PREFIX}_check_ok", "One health check: 1 passed, 0 failed.", labels=["check"]
        )
        for name, ok, _ in health.checks:
            checks.add_metric([name], float(ok))
        yield checks
        yield _gauge("rules", "Rules in force.", len(deps.rules()))
        yield CounterMetricFamily(
            f"{_PREFIX}_rules_not_decided",
            "Times that a rule would have taken too long for an article, since the start.",
            value=deps.undecided(),
        )
        try:
            counts = deps.pages.counts()
            conditions = deps.pages.conditions()
            destinations = deps.pages.destinations()
        except StoreError as error:
            # the scrape must still say that the store is down
            _log.error("metrics.store_failed", error=str(error))
            yield _gauge("store_up", "Whether the database answers.", 0)
            return
        yield _gauge("store_up", "Whether the database answers.", 1)
        yield from self._counts(counts)
        yield self._sources(conditions)
        yield from self._destinations(destinations)

    def _destinations(self, destinations: Sequence[DestinationState]) -> Iterator[Metric]:
        """Every state of every destination always: 1 for the one that it is in."""
        now = self._deps.clock()
        circuits = GaugeMetricFamily(
            f"{_PREFIX}_destination_circuit",
            "Whether a destination is sent to (closed), held (open), tried (half-open) or switched"
            " off (disabled).",
            labels=["destination", "state"],
        )
        numbers = {
            "waiting": "Deliveries that wait for a destination.",
            "failures": "Deliveries in a row that failed at a destination.",
            "oldest_waiting_age_seconds": "Age of the delivery that has waited longest; 0: none.",
        }
        families = {
            name: GaugeMetricFamily(f"{_PREFIX}_destination_{name}", text, labels=["destination"])
            for name, text in numbers.items()
        }
        for one in destinations:
            standing = circuit(one, now)
            for state in Circuit:
                circuits.add_metric([one.name, state], float(state is standing))
            age = (now - one.oldest).total_seconds() if one.oldest else 0.0
            families["waiting"].add_metric([one.name], one.waiting)
            families["failures"].add_metric([one.name], one.failures)
            families["oldest_waiting_age_seconds"].add_metric([one.name], max(age, 0.0))
        yield circuits
        yield from families.values()

    def _sources(self, conditions: Sequence[Condition]) -> Metric:
        """Every check of every source always, so that an alert on 1 works."""
        standing = {(one.source, one.check) for one in conditions}
        gauge = GaugeMetricFamily(
            f"{_PREFIX}_source_unwell",
            "What of a source is not as usual (1), by check.",
            labels=["source", "check"],
        )
        for source in watched(self._deps.settings()):
            for check in HealthCheck:
                gauge.add_metric([source, check], float((source, check) in standing))
        return gauge

    def _counts(self, counts: Counts) -> Iterator[Metric]:
        yield _gauge("dumps", "Dumps in the ledger.", counts.dumps)
        yield _gauge("articles", "Articles stored.", counts.articles)
        yield _gauge("revisions", "Texts stored over all articles.", counts.revisions)
        yield _gauge("matches", "Matches of rules on texts.", counts.matches)
        yield _gauge("quarantined_segments", "Pieces of dumps rejected.", counts.quarantined)
        yield _gauge("quarantined_dumps", "Dumps rejected as a whole.", counts.quarantined_dumps)
        deliveries = GaugeMetricFamily(
            f"{_PREFIX}_deliveries", "Deliveries in the outbox, by state.", labels=["state"]
        )
        for state in DeliveryState:  # every state always, so that an alert on "dead" works
            deliveries.add_metric([state], counts.deliveries.get(state, 0))
        yield deliveries
        now = self._deps.clock()
        waiting = counts.oldest_pending
        yield _gauge(
            "oldest_pending_delivery_age_seconds",
            "Age of the delivery that has waited longest; 0: none waits.",
            max((now - waiting).total_seconds(), 0) if waiting else 0,
        )
        if counts.last_dump:
            yield _gauge(
                "last_dump_timestamp_seconds",
                "When the last dump came in (Unix time).",
                counts.last_dump.timestamp(),
            )


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", text, value=float(value))

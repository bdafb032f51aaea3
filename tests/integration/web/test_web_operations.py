"""Endpoints for machines: health, readiness, reload, metrics, status; and who may ask."""

from __future__ import annotations

import http.client
from datetime import timedelta

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from monitor.model import Condition, HealthCheck
from monitor.web import Health, ReloadResult

from .conftest import MakeSite, Site
from .samples import NOW, Samples, full

BAD = Health(False, False, (("database", True, "reads and writes"), ("outbox", False, "stuck 3 m")))


# ----------------------------------------------------------------------------- health


def test_healthy_and_ready(site: Site) -> None:
    """200 with the checks as text while all is well; HEAD has the same status, no body."""
    for path, word in (("/-/healthy", "healthy"), ("/-/ready", "ready")):
        response = requests.get(site.url + path, timeout=10)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.text == f"{word}\nok   database: reads and writes\n"
        head = requests.head(site.url + path, timeout=10)
        assert (head.status_code, head.content) == (200, b"")


def test_unhealthy_and_not_ready(site: Site) -> None:
    """503 says which check failed; the two verdicts are apart."""
    site.health = BAD
    response = requests.get(f"{site.url}/-/healthy", timeout=10)
    assert response.status_code == 503
    assert response.text == "not healthy\nok   database: reads and writes\nFAIL outbox: stuck 3 m\n"
    assert requests.head(f"{site.url}/-/healthy", timeout=10).status_code == 503
    site.health = Health(True, False)
    assert requests.get(f"{site.url}/-/healthy", timeout=10).text == "healthy\n"
    ready = requests.get(f"{site.url}/-/ready", timeout=10)
    assert (ready.status_code, ready.text) == (503, "not ready\n")


# ----------------------------------------------------------------------------- reload


def test_reload(site: Site) -> None:
    """POST reloads; a bad configuration is 400 with every problem on a line of its own."""
    response = requests.post(f"{site.url}/-/reload", timeout=10)
    assert (response.status_code, response.text) == (200, "reloaded\n")
    site.reload = ReloadResult(False, ("config.yaml:3:5: rules: no", "config.yaml:9:1: x: \ud800"))
    response = requests.post(f"{site.url}/-/reload", timeout=10)
    assert response.status_code == 400
    assert response.text.splitlines()[0] == "config.yaml:3:5: rules: no"
    assert len(response.text.splitlines()) == 2
    assert site.reloads == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_reload_is_a_post(site: Site, method: str) -> None:
    """A link, an image or a prefetch cannot reload."""
    response = requests.request(method, f"{site.url}/-/reload", timeout=10)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert site.reloads == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://localhost:1"},
        {"Origin": "file://"},
    ],
    ids=str,
)
def test_other_sites_cannot_reload(site: Site, headers: dict[str, str]) -> None:
    """A page elsewhere that makes the user's browser post here is refused."""
    response = requests.post(f"{site.url}/-/reload", headers=headers, timeout=10)
    assert response.status_code == 403
    assert site.reloads == 0


def test_our_own_origin_may_reload(make_site: MakeSite) -> None:
    """Same origin, also that of the public address, is no other site."""
    site = make_site(web={"base_url": "https://press.example.org"})
    for headers in (
        {"Origin": site.url, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://press.example.org"},
        {"Sec-Fetch-Site": "none"},
    ):
        response = requests.post(f"{site.url}/-/reload", headers=headers, timeout=10)
        assert response.status_code == 200
    assert site.reloads == 3


# ----------------------------------------------------------------------------- host names


def status_for(site: Site, host: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", site.server.port, timeout=10)
    try:
        connection.putrequest("GET", "/-/ready", skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8808", "127.0.0.1", "[::1]:8808", "press.example.org", "10.1.2.3:80"],
)
def test_known_host_names_are_served(make_site: MakeSite, host: str) -> None:
    """Loopback names, addresses and the public name are ours."""
    site = make_site(web={"base_url": "https://press.example.org/monitor"})
    assert status_for(site, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example:8808",
        "127.0.0.1.evil.example",
        "a@localhost",
        "[::1",
    ],
)
def test_rebound_names_are_refused(make_site: MakeSite, host: str) -> None:
    """A site that points its name at loopback reads nothing (DNS rebinding)."""
    site = make_site(web={"base_url": "https://press.example.org"})
    assert status_for(site, host) in (400, 421)


def test_a_server_for_the_network_answers_to_any_name(make_site: MakeSite) -> None:
    """Bound to all addresses it is meant to be reached by names we cannot know."""
    site = make_site(web={"host": "0.0.0.0"})
    assert status_for(site, "press.intranet") == 200


# ----------------------------------------------------------------------------- metrics, status


def samples(site: Site) -> dict[str, float]:
    response = requests.get(f"{site.url}/metrics", timeout=10)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_metrics(site: Site) -> None:
    """What operators alert on is there, in base units, with every delivery state always."""
    found = samples(site)
    assert found["press_monitor_info[1.2.3]"] == 1
    assert found["press_monitor_healthy"] == 1
    assert found["press_monitor_check_ok[database]"] == 1
    assert found["press_monitor_store_up"] == 1
    assert found["press_monitor_articles"] == 2
    assert found["press_monitor_revisions"] == 3
    assert found["press_monitor_matches"] == 2
    assert found["press_monitor_dumps"] == 2
    assert found["press_monitor_quarantined_segments"] == 1
    assert found["press_monitor_quarantined_dumps"] == 0
    assert found["press_monitor_rules"] == 3
    assert found["press_monitor_rules_not_decided_total"] == 3
    assert found["press_monitor_deliveries[dead]"] == 1
    assert found["press_monitor_deliveries[sending]"] == 0
    assert found["press_monitor_oldest_pending_delivery_age_seconds"] == 120
    assert found["press_monitor_last_dump_timestamp_seconds"] == NOW.timestamp() - 20 * 60
    assert found["process_open_fds"] > 0


def test_the_health_of_sources(make_site: MakeSite) -> None:
    """What is not as usual of a source that is configured stands in the status, in the metrics
    beside the checks that are well, and on the page; of one that is no longer there nothing."""
    store = full()
    detail = "no dump for 9 h (usually every 2 h)"
    store.unwell = [
        Condition("daily", HealthCheck.SILENT, NOW - timedelta(hours=9), detail),
        Condition("gone", HealthCheck.FEW, NOW, "2 articles"),
    ]
    site = make_site(store, sources=[{"name": "daily"}, {"name": "weekly"}])
    found = requests.get(f"{site.url}/api/status", timeout=10).json()
    assert found["conditions"] == [
        {
            "source": "daily",
            "check": "silent",
            "since": "2026-03-02T03:00:00+00:00",
            "detail": detail,
        }
    ]
    gauges = samples(site)
    prefix = "press_monitor_source_unwell"
    assert {name: value for name, value in gauges.items() if name.startswith(prefix)} == {
        f"{prefix}[{check}][{source}]": float((source, check) == ("daily", HealthCheck.SILENT))
        for source in ("daily", "weekly")
        for check in HealthCheck
    }
    page = requests.get(site.url, timeout=10).text
    assert f"<strong>daily:</strong> {detail}" in page
    assert "gone" not in page
    assert 'id="sources"' in page


def test_metrics_when_the_store_is_down(site: Site) -> None:
    """The scrape succeeds and says so: an alert needs a number, not a failed scrape."""
    site.store.broken = True
    site.health = BAD
    found = samples(site)
    assert found["press_monitor_store_up"] == 0
    assert found["press_monitor_healthy"] == 0
    assert found["press_monitor_check_ok[outbox]"] == 0
    assert "press_monitor_articles" not in found


def test_status(site: Site) -> None:
    """One JSON object: verdicts, checks, counts, lag, the last dump, what is stuck."""
    response = requests.get(f"{site.url}/api/status", timeout=10)
    assert response.headers["Content-Type"] == "application/json"
    found = response.json()
    assert (found["version"], found["healthy"], found["ready"]) == ("1.2.3", True, True)
    assert found["time"] == "2026-03-02T12:00:00+00:00"
    assert found["checks"] == [{"name": "database", "ok": True, "detail": "reads and writes"}]
    assert found["counts"]["articles"] == 2
    assert found["counts"]["deliveries"] == {"sent": 1, "pending": 1, "dead": 1}
    assert found["lag"] == {"oldest_pending_seconds": 120.0, "last_dump_seconds": 1200.0}
    assert found["last_dump"]["name"] == "listing-001.txt"
    assert found["last_dump"]["state"] == "done"
    assert [(one["id"], one["state"]) for one in found["stuck"]] == [
        ("key-3", "dead"),
        ("key-2", "pending"),
    ]
    assert found["stuck"][1]["next_attempt"] == "2026-03-02T12:04:00+00:00"
    assert found["stuck"][1]["last_error"] == "429 Too Many Requests"


def test_status_of_an_empty_store(make_site: MakeSite) -> None:
    """Before the first dump ages and the last dump are null, not missing and not zero."""
    found = requests.get(f"{make_site(Samples()).url}/api/status", timeout=10).json()
    assert found["lag"] == {"oldest_pending_seconds": None, "last_dump_seconds": None}
    assert found["last_dump"] is None
    assert found["stuck"] == []


def test_an_unknown_path_of_the_api_is_json(site: Site) -> None:
    """Programs get errors in their own language."""
    response = requests.get(f"{site.url}/api/nothing", timeout=10)
    assert response.status_code == 404
    assert response.json()["status"] == 404

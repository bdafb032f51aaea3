"""The whole way, measured: from file to committed match, memory, start, latency.

    python benchmarks/pipeline.py                 # everything, about 8 minutes
    python benchmarks/pipeline.py --large-mb 0    # without the large dump

Every figure is printed with what it was measured on. Throughput is also given as a ratio to its
own stages, measured in the same run, because machines differ and drift.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from corpus import rules, write_dump

SOURCE = {"name": "norland", "zone": "UTC"}


def configure(folder: Path, *, rule_count: int, **more: Any) -> Path:
    """A configuration in ``folder`` with default settings for all that is measured."""
    file = folder / "config.yaml"
    data = {
        "inbox": "./inbox",
        "state": "./state",
        "sources": [SOURCE],
        "rules": list(rules(rule_count)),
        "log": {"level": "error"},
        **more,
    }
    (folder / "inbox").mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return file


# --------------------------------------------------------------------------- throughput


def stages(folder: Path, articles: int, rule_count: int) -> dict[str, float]:
    """Seconds for reading a dump up to each stage, in one process on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from monitor.app.app import calm_collector
    from monitor.app.policy import compile_policy
    from monitor.config import load_settings
    from monitor.dumps import parse
    from monitor.model import DumpInfo, utcnow
    from monitor.pipeline import Pipeline
    from monitor.revisions import fingerprint
    from monitor.store import open_store

    settings = load_settings(configure(folder, rule_count=rule_count))
    profile = settings.sources[0]
    compiled = compile_policy(settings, settings.base_url)
    dump = folder / "dump.txt"
    write_dump(dump, articles=articles)
    day = utcnow().date()
    calm_collector()

    def cut() -> Iterator[Any]:
        with dump.open("rb") as stream:
            yield from parse(stream, profile, name=dump.name)

    def timed(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    cutting = [timed(lambda: sum(1 for _ in cut())) for _ in range(3)]
    cut_articles = list(cut())
    printing = [timed(lambda: [fingerprint(a, day) for a in cut_articles]) for _ in range(3)]
    found = 0

    def match() -> None:
        nonlocal found
        found = sum(len(compiled.rules.match(title=a.title, body=a.body)) for a in cut_articles)

    matching = [timed(match) for _ in range(3)]

    whole, again = [], []
    later = folder / "later.txt"  # the same listing, crawled a day later
    later.write_text(dump.read_text("utf-8").replace(" 2026-02-20 ", " 2026-02-21 ", 1), "utf-8")
    for attempt in range(3):
        store = open_store(f"sqlite:///{folder / f'bench-{attempt}.db'}")
        pipeline = Pipeline(store.ingest, clock=utcnow, keep_bad=lambda dump, bad: None)
        info = DumpInfo(f"{attempt:064x}", dump.name, "norland", dump.stat().st_size, utcnow())

        def run(pipeline: Pipeline = pipeline, info: DumpInfo = info) -> None:
            done = pipeline.ingest(cut(), info, profile, compiled.policy)
            assert done.dump.new == articles, done.dump

        def run_again(pipeline: Pipeline = pipeline, info: DumpInfo = info) -> None:
            other = replace(info, sha256=f"{info.sha256[:-1]}f")
            with later.open("rb") as stream:
                segments = parse(stream, profile, name=later.name)
                done = pipeline.ingest(segments, other, profile, compiled.policy)
            assert done.dump.unchanged == articles, done.dump

        whole.append(timed(run))
        again.append(timed(run_again))
        store.close()
    return {
        "bytes": float(dump.stat().st_size),
        "matches": float(found),
        "cut": statistics.median(cutting),
        "fingerprint": statistics.median(printing),
        "match": statistics.median(matching),
        "whole": statistics.median(whole),
        "whole_worst": max(whole),
        "again": statistics.median(again),
    }


def throughput(articles: int, rule_count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = in_child(stages, Path(folder), articles, rule_count)
    print(
        f"\nFile to committed match: {articles:,} articles of {found['bytes'] / articles:,.0f}"
        f" bytes, {rule_count:,} rules ({found['matches']:,.0f} matches), SQLite WAL"
        " synchronous=FULL, one core, median of 3\n"
    )
    print(f"  {'stage':<28}{'us/article':>12}{'articles/s':>12}{'of whole':>10}")
    rest = found["whole"] - found["cut"] - found["fingerprint"] - found["match"]
    for label, seconds in (
        ("cut", found["cut"]),
        ("fingerprint", found["fingerprint"]),
        ("match", found["match"]),
        ("identify, store (the rest)", rest),
        ("whole", found["whole"]),
        ("whole, slowest of 3", found["whole_worst"]),
        ("the next crawl, unchanged", found["again"]),
    ):
        print(
            f"  {label:<28}{seconds / articles * 1e6:>12,.1f}{articles / seconds:>12,.0f}"
            f"{seconds / found['whole']:>10.0%}"
        )


# --------------------------------------------------------------------------- memory


def large(megabytes: int, rule_count: int) -> None:
    """Peak memory of ``run --once`` on one large dump, beside that on a small one."""
    print(f"\nMemory of `monitor run --once`, {rule_count:,} rules (peak RSS of the process)\n")
    print(f"  {'dump':<16}{'articles':>10}{'peak MB':>10}{'seconds':>10}{'articles/s':>12}")
    for size in (1, megabytes):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            file = configure(
                folder, rule_count=rule_count, inbox={"path": "./inbox", "settle": "0s"}
            )
            count = write_dump(folder / "inbox" / "large.txt", size=size * 1_000_000)
            command = [sys.executable, "-m", "monitor", "-c", str(file), "run", "--once"]
            started = time.perf_counter()
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - started
            assert child.returncode == 0, child.returncode
            print(
                f"  {f'{size} MB':<16}{count:>10,}{usage.ru_maxrss / 1024:>10,.0f}"
                f"{seconds:>10,.1f}{count / seconds:>12,.0f}"
            )


# --------------------------------------------------------------------------- start and latency


class Daemon:
    """`monitor run` as a child process, with a webhook receiver in this one."""

    def __init__(self, folder: Path, rule_count: int, **more: Any) -> None:
        self.received: dict[str, float] = {}
        self.arrival = threading.Condition()
        outer = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                at = time.monotonic()
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(204)
                self.end_headers()
                with outer.arrival:
                    for alert in json.loads(body)["data"]["alerts"]:
                        outer.received.setdefault(alert["title"], at)
                    outer.arrival.notify_all()

            def log_message(self, *args: object) -> None:
                pass

        self.hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.hook.serve_forever, daemon=True).start()
        with contextlib.closing(__import__("socket").create_server(("127.0.0.1", 0))) as probe:
            self.port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{self.hook.server_address[1]}/"
        self.file = configure(
            folder,
            rule_count=rule_count,
            receivers=[{"name": "hook", "webhook_configs": [{"url": url}]}],
            route={"receiver": "hook", "max_age": "off"},  # the articles are of long ago
            web={"port": self.port},
            **more,
        )
        data = yaml.safe_load(self.file.read_text("utf-8"))
        data["rules"].append({"name": "needle", "any": ["needle"]})
        self.file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")

    def start(self) -> float:
        """Start it; returns seconds from exec to ready."""
        started = time.monotonic()
        self.child = subprocess.Popen(
            [sys.executable, "-m", "monitor", "-c", str(self.file), "run"]
        )
        while time.monotonic() < started + 30:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=1):
                    return time.monotonic() - started
            except (urllib.error.URLError, OSError):
                time.sleep(0.005)
        raise SystemExit("the daemon did not become ready")

    def stop(self) -> float:
        """SIGTERM; returns seconds until it was gone."""
        started = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(10) == 0
        return time.monotonic() - started

    def close(self) -> None:
        self.hook.shutdown()
        self.hook.server_close()


def start_up(rule_count: int, runs: int) -> None:
    times, stops = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            daemon = Daemon(Path(name), rule_count)
            first = daemon.start()
            daemon.stop()
            times.append((first, daemon.start()))
            stops.append(daemon.stop())
            daemon.close()
    print(
        f"\nStart to ready (GET /-/ready answers 200), {rule_count:,} rules, {runs} runs, seconds\n"
    )
    print(f"  {'':<28}{'median':>10}{'worst':>10}")
    for label, values in (
        ("first start (makes the store)", [a for a, _ in times]),
        ("later starts", [b for _, b in times]),
        ("SIGTERM to gone", stops),
    ):
        print(f"  {label:<28}{statistics.median(values):>10.2f}{max(values):>10.2f}")


def latency(files: int, rule_count: int) -> None:
    """Last write to feed file and to webhook, every setting at its default."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        daemon = Daemon(folder, rule_count)
        daemon.start()
        feed = folder / "state" / "feeds" / "rules" / "needle.atom"
        to_feed, to_hook = [], []
        for i in range(files):
            title = f"Needle Number {i} Found In The Harbour"
            text = (
                f" date 2026-02-20 20.02.2026, {i // 60 % 24:02}:{i % 60:02} {i}\n{title}\n"
                f"A needle was found again, number {i}, the Norland News Agency reports.\n"
            )
            partial, whole = text[: len(text) // 2], text[len(text) // 2 :]
            with (folder / "inbox" / f"dump-{i}.txt").open("w", encoding="utf-8") as out:
                out.write(partial)
                out.flush()
                out.write(whole)
            written = time.monotonic()
            while not (feed.exists() and re.search(re.escape(title), feed.read_text("utf-8"))):
                time.sleep(0.002)
                assert time.monotonic() < written + 30, "the feed never had it"
            to_feed.append(time.monotonic() - written)
            with daemon.arrival:
                assert daemon.arrival.wait_for(lambda title=title: title in daemon.received, 30)
            to_hook.append(daemon.received[title] - written)
        daemon.stop()
        daemon.close()
    print(
        f"\nLast write of a file to ..., all settings at their defaults, {files} files, seconds\n"
    )
    print(f"  {'':<28}{'median':>10}{'p99':>10}{'worst':>10}")
    for label, values in (("feed file", to_feed), ("webhook's receipt", to_hook)):
        p99 = statistics.quantiles(values, n=100, method="inclusive")[98]
        print(f"  {label:<28}{statistics.median(values):>10.2f}{p99:>10.2f}{max(values):>10.2f}")


# --------------------------------------------------------------------------- running


def in_child(work: Callable[..., dict[str, float]], *args: Any) -> dict[str, float]:
    """Run in a forked child, so that one figure's memory and affinity leave the others alone."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with os.fdopen(write, "w") as out:
            json.dump(work(*args), out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _, status = os.waitpid(pid, 0)
    if status or not text:
        raise SystemExit("the measured process failed")
    found: dict[str, float] = json.loads(text)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--articles", type=int, default=10_000)
    options.add_argument("--rules", type=int, default=1_000)
    options.add_argument("--large-mb", type=int, default=500, help="0: leave it out")
    options.add_argument("--starts", type=int, default=5)
    options.add_argument("--files", type=int, default=100, help="files of the latency measurement")
    chosen = options.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    print(f"{os.cpu_count()} CPUs, Python {sys.version.split()[0]}, page {resource.getpagesize()}")
    throughput(chosen.articles, chosen.rules)
    if chosen.starts:
        start_up(chosen.rules, chosen.starts)
    if chosen.files:
        latency(chosen.files, chosen.rules)
    if chosen.large_mb:
        large(chosen.large_mb, chosen.rules)


if __name__ == "__main__":
    main()

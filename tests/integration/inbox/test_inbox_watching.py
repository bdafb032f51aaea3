"""The watching itself: folders that go away, polling, limits of inotify, threads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.inbox.watch import Watch, remote_type

from .bench import PATIENCE, Bench


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def noticed(bench: Bench, name: str) -> None:
    """Drop a file and see that the observer tells, then take it."""
    bench.hinted.clear()
    bench.drop(name)
    assert bench.hinted.wait(10), "nobody woke the scanner"
    assert bench.run(len(bench.taken) + 1)[-1] == (name, b"text")


def test_a_missing_folder_is_made(bench: Bench) -> None:
    """The first start needs no preparation."""
    assert bench.folder.is_dir()
    assert bench.inbox.watching == "inotify"


@pytest.mark.parametrize("observer", ["inotify", "polling"])
def test_a_deleted_folder_comes_back(make: Callable[..., Bench], observer: str) -> None:
    """It is made again with its mode, watched again, and that is logged once."""
    bench = make(observer=observer)
    bench.folder.chmod(0o2770)
    noticed(bench, "before.txt")
    bench.inbox.stop()
    bench.inbox.start()  # as a program does that started with the folder in this mode
    shutil.rmtree(bench.folder)
    with capture_logs() as logs:
        bench.inbox.scan()
        bench.inbox.scan()
    assert [log["event"] for log in logs] == ["inbox.reattached"]
    assert bench.folder.stat().st_mode & 0o7777 == 0o2770
    noticed(bench, "after.txt")


def test_a_folder_made_again_at_once_is_watched_again(bench: Bench) -> None:
    """Also where the new folder got the inode number of the old one."""
    for number in range(5):
        shutil.rmtree(bench.folder)
        bench.folder.mkdir()
        until(lambda: bench.inbox.scan().problem is None and bench.inbox.watching)
        # The dead observer may still have lived during that scan; the next one sees it.
        until(lambda: (bench.inbox.scan(), bench.hinted.clear(), _hears(bench))[2])
        noticed(bench, f"{number}.txt")


def _hears(bench: Bench) -> bool:
    probe = bench.folder / "probe"
    probe.touch()
    heard = bench.hinted.wait(0.2)
    probe.unlink()
    return heard


def test_a_renamed_folder_is_left_and_a_new_one_watched(bench: Bench) -> None:
    """What follows the name is the inbox, not what follows the inode."""
    bench.folder.rename(bench.root / "elsewhere")
    bench.inbox.scan()
    noticed(bench, "new.txt")
    (bench.root / "elsewhere" / "old.txt").write_text("not for us")
    assert bench.inbox.scan().next_check is None


def test_a_symbolic_link_to_the_folder_may_be_turned(make: Callable[..., Bench]) -> None:
    """The folder's path may be a link; where it leads to is what is watched."""
    bench = make(start=False)
    one, two = bench.root / "one", bench.root / "two"
    one.mkdir()
    two.mkdir()
    bench.folder.symlink_to(one)
    bench.inbox.start()
    noticed(bench, "one.txt")
    bench.folder.unlink()
    bench.folder.symlink_to(two)
    bench.inbox.scan()
    noticed(bench, "two.txt")
    assert list(two.iterdir()) == []


def test_a_folder_that_cannot_be_had_is_a_problem_until_it_can(bench: Bench) -> None:
    """Scans go on, say why they see nothing, log it once, and recover by themselves."""
    shutil.rmtree(bench.folder)
    bench.folder.write_text("in the way")
    with capture_logs() as logs:
        for _ in range(3):
            found = bench.inbox.scan()
            assert found.ready == ()
            assert found.problem
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["inbox.unusable"]
    bench.folder.unlink()
    assert bench.inbox.scan().problem is None
    noticed(bench, "after.txt")


def test_a_scan_without_a_start_only_looks(make: Callable[..., Bench]) -> None:
    """Neither before the start nor after the stop does a scan create or watch anything."""
    bench = make(start=False)
    assert bench.inbox.scan().problem
    assert not bench.folder.exists()
    bench.inbox.start()
    bench.inbox.stop()
    bench.drop("a.txt")
    assert bench.whole()[0].name == "a.txt"
    assert bench.inbox.watching is None


@pytest.mark.parametrize("kind", ["inotify", "polling"])
def test_stop_ends_every_thread(make: Callable[..., Bench], kind: str) -> None:
    """A stopped inbox leaves no thread and no descriptor behind, and may be started again."""
    bench = make(start=False, observer=kind)
    threads = set(threading.enumerate())
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(3):
        bench.inbox.start()
        assert bench.inbox.watching == kind
        bench.inbox.stop()
        assert bench.inbox.watching is None
    bench.inbox.stop()
    until(lambda: set(threading.enumerate()) <= threads)
    until(lambda: len(os.listdir("/proc/self/fd")) == files)  # noqa: PTH208


def test_a_hint_that_fails_does_not_end_the_watching(tmp_path: Path) -> None:
    """An exception in the handler would end watchdog's thread; it is logged once instead."""
    heard: list[str] = []

    def fail(name: str) -> None:
        heard.append(name)
        raise RuntimeError("a bug")

    with capture_logs() as logs:
        watch = Watch(tmp_path, "inotify", fail)
        try:
            for name in ("one", "two"):
                (tmp_path / name).touch()
                until(lambda name=name: name in heard)
            assert watch.alive
        finally:
            watch.stop()
    assert [log["event"] for log in logs] == ["inbox.hint_failed"]


def test_only_arrivals_are_heard(tmp_path: Path) -> None:
    """Reading, writing and taking files away makes no hints, and a removal holds none back."""
    heard: list[str] = []
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    (folder / "old").write_text("text")
    (outside / "last").touch()
    watch = Watch(folder, "inotify", heard.append)
    try:
        (folder / "old").read_text()
        (folder / "old").rename(outside / "old")
        (outside / "old").rename(folder / "again")
        (folder / "again").rename(folder / "renamed")
        (folder / "renamed").unlink()
        (outside / "last").rename(folder / "last")
        until(lambda: "last" in heard)
    finally:
        watch.stop()
    assert heard == ["again", "renamed", "last"]


def test_names_that_are_not_utf8_are_heard(tmp_path: Path) -> None:
    """Such a name arrives with surrogates and harms nothing."""
    heard: list[str] = []
    watch = Watch(tmp_path, "inotify", heard.append)
    try:
        (tmp_path / os.fsdecode(b"caf\xe9")).touch()
        until(lambda: heard)
    finally:
        watch.stop()
    assert os.fsencode(heard[0]) == b"caf\xe9"


def test_a_local_folder_is_not_remote(tmp_path: Path) -> None:
    """Events are trusted on the file system the tests run on."""
    if (kind := remote_type(tmp_path)) is not None:
        pytest.skip(f"the tests run on {kind}")
    assert remote_type(Path("/proc/self/fd")) is None


_LIMITED = """
import json, sys, threading
from datetime import timedelta
from pathlib import Path
from structlog.testing import capture_logs
from monitor.config import InboxSettings
from monitor.inbox import Inbox, InboxError
from monitor.inbox import watch

watch.POLL_SECONDS = 0.1
root, limit, observer = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
Path("/proc/sys/user/" + limit).write_text("0")
hinted = threading.Event()
inbox = Inbox(
    InboxSettings(path=root / "inbox", settle=timedelta(milliseconds=100), observer=observer),
    archive=root / "a", quarantine=root / "q", on_hint=hinted.set,
)
answer = {}
with capture_logs() as logs:
    try:
        inbox.start()
    except InboxError as error:
        answer["error"] = str(error)
    else:
        answer["watching"] = inbox.watching
        (root / "inbox" / "a.txt").write_text("text")
        answer["hinted"] = hinted.wait(10)
        while not (found := inbox.scan()).ready:
            hinted.wait(found.next_check)
        answer["ready"] = [ready.name for ready in found.ready]
    inbox.stop()
answer["logs"] = [log["event"] for log in logs]
answer["threads"] = threading.active_count()
print(json.dumps(answer))
"""


@pytest.mark.parametrize("limit", ["max_inotify_instances", "max_inotify_watches"])
@pytest.mark.parametrize("observer", ["auto", "inotify"])
def test_where_inotify_is_used_up(tmp_path: Path, limit: str, observer: str) -> None:
    """auto: a warning, then polling finds the files. inotify: the start is refused, saying why."""
    name_space = ["unshare", "--user", "--map-root-user"]
    check = f"echo 0 > /proc/sys/user/{limit}"
    try:
        subprocess.run([*name_space, "sh", "-c", check], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no user name space with limits of its own: {error}")
    run = subprocess.run(
        [*name_space, sys.executable, "-c", _LIMITED, tmp_path, limit, observer],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["threads"] == 1
    if observer == "auto":
        assert answer["logs"] == ["inbox.polling"]
        assert answer["watching"] == "polling"
        assert answer["hinted"]
        assert answer["ready"] == ["a.txt"]
    else:
        assert f"fs.inotify.max_user_{limit.rpartition('_')[2]}" in answer["error"]


def test_a_folder_mounted_over_is_watched_anew(tmp_path: Path) -> None:
    """A file system mounted on the drop folder hides it; the inbox follows the path."""
    name_space = ["unshare", "--user", "--map-root-user", "--mount"]
    probe = [*name_space, "sh", "-c", f"mount -t tmpfs none {tmp_path}"]
    if subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("no mount name space of our own")
    code = """
import json, subprocess, sys, threading
from pathlib import Path
from structlog.testing import capture_logs
from monitor.config import InboxSettings
from monitor.inbox import Inbox

root = Path(sys.argv[1])
hinted = threading.Event()
inbox = Inbox(InboxSettings(path=root / "inbox"), archive=root / "a", quarantine=root / "q",
              on_hint=hinted.set)
inbox.start()
subprocess.run(["mount", "-t", "tmpfs", "none", root / "inbox"], check=True)
with capture_logs() as logs:
    inbox.scan()
hinted.clear()
(root / "inbox" / "a.txt").write_text("text")
print(json.dumps([[log["event"] for log in logs], hinted.wait(10)]))
inbox.stop()
"""
    run = subprocess.run(
        [*name_space, sys.executable, "-c", code, tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [["inbox.reattached"], True]

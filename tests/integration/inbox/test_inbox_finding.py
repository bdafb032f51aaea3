"""Every way a producer writes a file: each file once, never half."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.config import InboxSettings
from monitor.inbox import Changed, Inbox, InboxError, Unreadable, Vanished

from .bench import Bench

PATIENT = timedelta(seconds=0.6)  # for writers that pause: a loaded machine pauses them longer
PAUSE = 0.03


def test_files_from_before_the_start_are_taken_oldest_first(make: Callable[..., Bench]) -> None:
    """What lay there while the program was down is found, in order of time stamp, then name."""
    bench = make(start=False)
    bench.folder.mkdir()
    for name, age in (("b", 100), ("a", 100), ("new", 1), ("old", 1000)):
        os.utime(bench.drop(name, name.encode()), (1e9 - age, 1e9 - age))
    bench.inbox.start()
    assert [ready.name for ready in bench.whole(4)] == ["old", "a", "b", "new"]


def test_a_file_in_writing_is_not_returned_before_it_stands_still(
    make: Callable[..., Bench],
) -> None:
    """A producer that writes in place, in pieces with pauses, is never read half way."""
    bench = make(settle=PATIENT)
    pieces = [f"piece {number}\n".encode() * 500 for number in range(12)]
    pause = threading.Event()

    def write() -> None:
        with (bench.folder / "slow.txt").open("wb") as file:
            for piece in pieces:
                file.write(piece)
                file.flush()
                pause.wait(PAUSE)

    writer = threading.Thread(target=write)
    writer.start()
    assert bench.run(1) == [("slow.txt", b"".join(pieces))]
    writer.join()


def test_a_producer_that_closes_and_opens_again_is_waited_for(
    make: Callable[..., Bench],
) -> None:
    """A close is only a hint: the file may be opened again to append."""
    bench = make(settle=PATIENT)
    path = bench.folder / "appended.txt"
    pause = threading.Event()

    def write() -> None:
        for number in range(8):
            with path.open("ab") as file:
                file.write(b"%d," % number)
            pause.wait(PAUSE)

    writer = threading.Thread(target=write)
    writer.start()
    assert bench.run(1) == [("appended.txt", b"0,1,2,3,4,5,6,7,")]
    writer.join()


def _rename_in(bench: Bench, name: str, data: bytes) -> None:
    outside = bench.root / f"outside-{name}"
    outside.write_bytes(data)
    outside.rename(bench.folder / name)


def _rename_within(bench: Bench, name: str, data: bytes) -> None:
    bench.drop(f".{name}.part", data).rename(bench.folder / name)


def _link_and_unlink(bench: Bench, name: str, data: bytes) -> None:
    temporary = bench.drop(f".{name}.part", data)
    os.link(temporary, bench.folder / name)
    temporary.unlink()


def _slowly(bench: Bench, name: str, data: bytes) -> None:
    pause = threading.Event()
    with (bench.folder / name).open("wb", buffering=0) as file:
        for start in range(0, len(data), 20_000):
            file.write(data[start : start + 20_000])
            pause.wait(PAUSE)


def _copy(bench: Bench, name: str, data: bytes) -> None:
    source = bench.root / f"source-{name}"
    source.write_bytes(data)
    subprocess.run(["cp", "-p", source, bench.folder / name], check=True)


def _other_process(bench: Bench, name: str, data: bytes) -> None:
    code = "import sys; open(sys.argv[1], 'wb').write(bytes.fromhex(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", code, bench.folder / name, data.hex()], check=True)


@pytest.mark.parametrize(
    "write",
    [Bench.drop, _rename_in, _rename_within, _link_and_unlink, _copy, _other_process],
    ids=lambda write: write.__name__.strip("_"),
)
@pytest.mark.parametrize("observer", ["inotify", "polling"])
def test_each_way_of_writing_is_noticed_and_taken_once(
    make: Callable[..., Bench], write: Callable[[Bench, str, bytes], object], observer: str
) -> None:
    """The observer wakes the scanner, and each file comes once with all its bytes."""
    bench = make(observer=observer)
    assert bench.inbox.scan().ready == ()
    for name in ("one.txt", "two.txt"):
        bench.hinted.clear()
        write(bench, name, name.encode() * 1000)
        assert bench.hinted.wait(10), "nobody woke the scanner"
    assert sorted(bench.run(2)) == [(n, n.encode() * 1000) for n in ("one.txt", "two.txt")]


def test_two_names_for_one_file_are_two_files(bench: Bench) -> None:
    """Hard links are taken once for each name; that their content is the same, the ledger sees."""
    path = bench.drop("a.txt", b"same")
    os.link(path, bench.folder / "b.txt")
    assert sorted(bench.run(2)) == [("a.txt", b"same"), ("b.txt", b"same")]
    assert sorted(path.name for path in bench.day.iterdir()) == ["a.txt", "b.txt"]


def test_ignored_names_give_no_hint(bench: Bench) -> None:
    """A producer's temporary file wakes nobody: events come in order, and the first is ours."""
    for name in (".hidden", "upload.part", "copy.tmp"):
        bench.drop(name)
    _rename_in(bench, "marker.txt", b"text")
    assert bench.hinted.wait(10)
    assert bench.hints == 1


def test_ignored_names_are_never_returned(make: Callable[..., Bench]) -> None:
    """Shell patterns of the setting hold names back, those of other programs by default."""
    bench = make(ignore=("*.md5", ".*"), settle=timedelta(0))
    for name in ("a.txt", "a.txt.md5", ".a.txt"):
        bench.drop(name)
    assert [ready.name for ready in bench.inbox.scan().ready] == ["a.txt"]


def test_the_same_name_with_new_content_is_a_new_file(bench: Bench) -> None:
    """A producer that always writes the same name loses nothing."""
    for text in (b"one", b"two", b"three"):
        bench.drop("latest.txt", text)
        bench.run(len(bench.taken) + 1)
    assert bench.taken == [("latest.txt", text) for text in (b"one", b"two", b"three")]


def test_a_file_replaced_while_it_is_open_is_read_whole_and_left(bench: Bench) -> None:
    """The reader finishes the version it opened; the new version comes as a new file."""
    old = b"old" * 100_000
    bench.drop("a.txt", old)
    (ready,) = bench.whole()
    with bench.inbox.open(ready) as file:
        first = file.read(10)
        _rename_in(bench, "a.txt", b"new")
        assert first + file.read() == old
    bench.inbox.done(ready, "0" * 64)
    assert not bench.archive.exists() or not list(bench.day.iterdir())
    assert bench.run(1) == [("a.txt", b"new")]


@pytest.mark.parametrize("by", ["read", "lines"])
def test_a_file_written_to_while_it_is_read_is_noticed_at_its_end(bench: Bench, by: str) -> None:
    """A mixture of two versions cannot pass for a dump: the end of the stream raises."""
    path = bench.drop("a.txt", b"line\n" * 100_000)
    (ready,) = bench.whole()
    with bench.inbox.open(ready) as file:
        file.readline()
        with path.open("ab") as more:
            more.write(b"more\n")
        with pytest.raises(Changed, match=r"a\.txt"):
            if by == "read":
                file.read()
            else:
                for _ in file:
                    pass


def test_a_file_that_changed_or_went_before_it_was_opened_raises(bench: Bench) -> None:
    """Between scan and open a producer may do anything; the errors tell which."""
    one, two = bench.drop("1"), bench.drop("2")
    three, four = bench.drop("3"), bench.drop("4")
    ready = dict(zip("1234", bench.whole(4), strict=True))
    one.unlink()
    two.write_bytes(b"other")
    three.unlink()
    three.symlink_to("/etc/passwd")
    four.unlink()
    os.mkfifo(four)
    for name, error in (("1", Vanished), ("2", Changed), ("3", Changed), ("4", Changed)):
        with pytest.raises(error):
            bench.inbox.open(ready[name])


def test_what_is_no_regular_file_is_never_opened_and_named_once(bench: Bench) -> None:
    """Folders, links, pipes and sockets neither block nor come; each is logged once."""
    (bench.folder / "folder").mkdir()
    (bench.folder / "link.txt").symlink_to(bench.drop("real.txt"))
    os.mkfifo(bench.folder / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        here = os.open(bench.folder, os.O_RDONLY)
        try:
            sock.bind(f"/proc/self/fd/{here}/socket")
        finally:
            os.close(here)
        with capture_logs() as logs:
            assert [ready.name for ready in bench.whole()] == ["real.txt"]
            bench.inbox.scan()
    ignored = sorted(
        (log["name"], log["reason"]) for log in logs if log["event"] == "inbox.ignored"
    )
    assert ignored == [
        ("folder", "folder"),
        ("link.txt", "symbolic link"),
        ("pipe", "pipe"),
        ("socket", "socket"),
    ]


def _forbid(path: Path) -> Callable[[], None]:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path.chmod(0)
    return lambda: path.chmod(0o600)


def _lease(path: Path) -> Callable[[], None]:
    """Lock the file as a file server does: fcntl(2), leases; binds root too."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    fd = os.open(path, os.O_RDWR)
    try:
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        os.close(fd)
        pytest.skip(f"no leases here: {error.strerror}")
    return lambda: os.close(fd)


@pytest.mark.parametrize("lock", [_forbid, _lease])
def test_an_unreadable_file_is_told_once_and_holds_up_no_other(
    tmp_path: Path, lock: Callable[[Path], Callable[[], None]]
) -> None:
    """A file that cannot be opened is tried again each minute; its neighbours are read now."""
    minutes = [0.0]
    inbox = Inbox(
        InboxSettings(path=tmp_path / "inbox", settle=timedelta(0)),
        archive=tmp_path / "a",
        quarantine=tmp_path / "q",
        monotonic=lambda: minutes[0] * 60,
    )
    inbox.start()
    try:
        for name in ("locked.txt", "open.txt"):
            (tmp_path / "inbox" / name).write_bytes(b"text")
        unlock = lock(tmp_path / "inbox" / "locked.txt")
        with capture_logs() as logs:
            for minutes[0] in (1.0, 1.5, 2.5):
                found = {ready.name: ready for ready in inbox.scan().ready}
                assert ("locked.txt" in found) == (minutes[0] != 1.5)
                if "locked.txt" in found:
                    with pytest.raises(Unreadable):
                        inbox.open(found["locked.txt"])
                inbox.open(found["open.txt"]).close()
        assert [log["name"] for log in logs if log["event"] == "inbox.unreadable"] == ["locked.txt"]
        unlock()
        minutes[0] = 4.0
        found = {ready.name: ready for ready in inbox.scan().ready}
        with inbox.open(found["locked.txt"]) as file:
            assert file.read() == b"text"
    finally:
        inbox.stop()


def test_a_name_that_is_not_utf8_works(bench: Bench) -> None:
    """Any bytes may name a file; what people see of it is valid Unicode on one line."""
    raw = b"caf\xe9\nmenu.txt"
    with open(os.path.join(os.fsencode(bench.folder), raw), "wb") as file:  # noqa: PTH118, PTH123
        file.write(b"text")
    (ready,) = bench.whole()
    assert ready.name == "caf\ufffd menu.txt"
    bench.take(ready)
    assert [os.fsencode(path.name) for path in bench.day.iterdir()] == [raw]


@pytest.mark.parametrize("offset", [-3e9, 3e9], ids=["far past", "future"])
def test_time_stamps_far_off_do_not_stall(bench: Bench, offset: float) -> None:
    """Wrong clocks of producers change the order, nothing else."""
    path = bench.drop("a.txt")
    now = path.stat().st_mtime
    os.utime(path, (max(0, now + offset), max(0, now + offset)))
    assert bench.run(1) == [("a.txt", b"text")]


def test_five_thousand_files_at_once(make: Callable[..., Bench]) -> None:
    """A whole archive dropped at once comes in full, each file once."""
    bench = make(after="keep")
    for number in range(5000):
        bench.drop(f"{number:04}.txt", b"%d" % number)
    taken = bench.run(5000)
    assert sorted(taken) == [(f"{number:04}.txt", b"%d" % number) for number in range(5000)]


def test_many_producers_of_every_kind_at_once(make: Callable[..., Bench]) -> None:
    """Under a crowd, with the archive filling meanwhile, each content is read once and whole."""
    bench = make(settle=PATIENT)
    ways = [Bench.drop, _rename_in, _rename_within, _link_and_unlink, _slowly]
    expected = {f"{way}-{number}": os.urandom(60_000) for way in range(5) for number in range(30)}

    def produce(way: int) -> None:
        for number in range(30):
            name = f"{way}-{number}"
            ways[way](bench, name, expected[name])

    producers = [threading.Thread(target=produce, args=(way,)) for way in range(5)]
    for producer in producers:
        producer.start()
    taken = bench.run(len(expected))
    for producer in producers:
        producer.join()
    assert len(taken) == len(expected)
    assert dict(taken) == expected
    assert {path.name: path.read_bytes() for path in bench.day.iterdir()} == expected


def test_an_empty_file_is_a_file(bench: Bench) -> None:
    """What an empty dump means is not decided here."""
    bench.drop("empty.txt", b"")
    assert bench.run(1) == [("empty.txt", b"")]


def test_a_file_is_returned_until_it_is_put_away(bench: Bench) -> None:
    """A file whose processing failed comes again by itself."""
    bench.drop("a.txt")
    first = bench.whole()
    assert bench.inbox.scan().ready == first


@pytest.mark.parametrize("role", ["archive", "quarantine"])
def test_a_folder_with_two_roles_is_refused(tmp_path: Path, role: str) -> None:
    """Archived files must not come in again."""
    roles = {"archive": tmp_path / "a", "quarantine": tmp_path / "q"}
    roles[role] = tmp_path / "a" / ".." / "in"
    with pytest.raises(InboxError, match=f"both inbox and {role}"):
        Inbox(InboxSettings(path=tmp_path / "in"), **roles)


def test_a_file_in_the_place_of_the_folder_is_refused(make: Callable[..., Bench]) -> None:
    """A start that cannot work says why."""
    bench = make(start=False)
    bench.folder.write_text("not a folder")
    with pytest.raises(InboxError, match=r"inbox .*exists"):
        bench.inbox.start()

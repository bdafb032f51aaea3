"""Putting files away: nothing is lost, nothing is overwritten, nothing that changed is touched."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.inbox import Changed, InboxError, Vanished, keep_piece
from monitor.inbox.place import STAGING

from .bench import Bench


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[Path]:
    """A folder that a rename from ``tmp_path`` cannot reach."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system to write to")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_archive_keeps_the_name_under_the_day(bench: Bench) -> None:
    """An operator finds a dump by the day it was archived (UTC) and its own name."""
    bench.drop("dump.txt", b"one")
    bench.run(1)
    assert (bench.day / "dump.txt").read_bytes() == b"one"
    assert names(bench.folder) == []


def test_archive_never_overwrites(bench: Bench) -> None:
    """Namesakes of other content get a mark made of their hash; the same content is kept once."""
    for text in (b"one", b"two", b"one", b"two"):
        bench.drop("dump.txt", text)
        bench.run(len(bench.taken) + 1)
    assert {path.name: path.read_bytes() for path in bench.day.iterdir()} == {
        "dump.txt": b"one",
        f"dump.{sha(b'two')[:12]}.txt": b"two",
    }
    assert names(bench.folder) == []


def test_archive_holds_the_longest_names(bench: Bench) -> None:
    """A name of 255 bytes has no room for a mark; it is shortened, not refused."""
    name = "ф" * 125 + "x.txt"
    for text in (b"one", b"two"):
        bench.drop(name, text)
        bench.run(len(bench.taken) + 1)
    assert sorted(path.read_bytes() for path in bench.day.iterdir()) == [b"one", b"two"]
    assert all(path.suffix == ".txt" for path in bench.day.iterdir())


def test_delete_removes_and_leaves_nothing(make: Callable[..., Bench]) -> None:
    """With ``after: delete`` neither the file nor a trace of its removal stays."""
    bench = make(after="delete")
    bench.drop("a.txt")
    bench.run(1)
    assert names(bench.folder) == []
    assert not bench.archive.exists()


def test_keep_returns_a_file_once_and_again_when_it_changed(make: Callable[..., Bench]) -> None:
    """With ``after: keep`` the file stays, and only new content makes it come again."""
    bench = make(after="keep")
    path = bench.drop("a.txt", b"one")
    bench.run(1)
    assert bench.inbox.scan().ready == ()
    path.write_bytes(b"other")
    bench.run(2)
    assert bench.taken == [("a.txt", b"one"), ("a.txt", b"other")]
    assert path.read_bytes() == b"other"


@pytest.mark.parametrize("after", ["archive", "delete", "keep"])
def test_a_file_that_changed_since_is_left_and_comes_again(
    make: Callable[..., Bench], after: str
) -> None:
    """What a producer wrote during the ingest is neither archived nor deleted unread."""
    bench = make(after=after)
    bench.drop("a.txt", b"old")
    (ready,) = bench.whole()
    bench.drop("a.txt", b"newer")
    bench.inbox.done(ready, sha(b"old"))
    assert bench.run(1) == [("a.txt", b"newer")]


def test_done_on_a_file_that_is_gone_is_no_error(bench: Bench) -> None:
    """Its content is stored; that somebody took the file is fine."""
    path = bench.drop("a.txt")
    (ready,) = bench.whole()
    path.unlink()
    bench.inbox.done(ready, sha(b"text"))
    assert not bench.archive.exists() or names(bench.day) == []


@pytest.mark.parametrize("after", ["archive", "delete"])
def test_a_producer_that_is_quicker_than_the_rename_gets_its_file_back(
    make: Callable[..., Bench], after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file put there between the last look and the rename is returned, not taken for the old.

    The moment cannot be hit from outside, so the producer acts inside the call to rename.
    """
    bench = make(after=after)
    path = bench.drop("a.txt", b"old")
    (ready,) = bench.whole()
    real = os.rename

    def rename(source: object, target: object, **where: object) -> None:
        monkeypatch.undo()
        path.unlink()
        path.write_bytes(b"newer")
        real(source, target, **where)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "rename", rename)
    bench.inbox.done(ready, sha(b"old"))
    assert bench.run(1) == [("a.txt", b"newer")]
    if after == "archive":
        assert [file.read_bytes() for file in bench.day.iterdir()] == [b"newer"]


def test_archive_on_another_file_system(
    make: Callable[..., Bench], other_file_system: Path
) -> None:
    """Where a rename cannot go the file is copied whole, with its time stamp, then removed."""
    bench = make(archive=other_file_system / "archive")
    data = os.urandom(3_000_000)
    path = bench.drop("a.txt", data)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    with pytest.raises(OSError, match="cross-device") as error:
        path.rename(other_file_system / "a.txt")
    assert error.value.errno == errno.EXDEV
    bench.run(1)
    assert names(bench.day) == ["a.txt"]
    assert (bench.day / "a.txt").read_bytes() == data
    assert (bench.day / "a.txt").stat().st_mtime == 1_000_000_000
    assert names(bench.folder) == []


def test_quarantine_on_another_file_system_of_a_file_that_changed(
    make: Callable[..., Bench], other_file_system: Path
) -> None:
    """A file that changed is left where it is, without a copy or a reason elsewhere."""
    bench = make(root=other_file_system)
    bench.drop("a.txt", b"old")
    (ready,) = bench.whole()
    bench.drop("a.txt", b"newer")
    with pytest.raises(Changed):
        bench.inbox.quarantine(ready, "bad", sha256=sha(b"old"))
    assert names(bench.quarantine) == []
    assert bench.read(bench.whole()[0]) == b"newer"


def test_an_archive_that_cannot_be_written_is_told_once_and_tried_again(tmp_path: Path) -> None:
    """The file stays, is not read again, and leaves once there is an archive again."""
    from monitor.config import InboxSettings
    from monitor.inbox import Inbox

    seconds = [0.0]
    archive = tmp_path / "archive"
    archive.write_text("a file where the folder should be")
    inbox = Inbox(
        InboxSettings(path=tmp_path / "inbox", settle=Bench.ZERO),
        archive=archive,
        quarantine=tmp_path / "q",
        monotonic=lambda: seconds[0],
    )
    inbox.start()
    try:
        path = tmp_path / "inbox" / "a.txt"
        path.write_bytes(b"text")
        (ready,) = inbox.scan().ready
        with capture_logs() as logs:
            inbox.done(ready, sha(b"text"))
            for seconds[0] in (1.0, 70.0, 140.0):
                assert inbox.scan().ready == ()
        told = [log for log in logs if log["event"] == "inbox.move_failed"]
        assert [log["name"] for log in told] == ["a.txt"]
        assert path.exists()
        archive.unlink()
        seconds[0] = 210.0
        assert inbox.scan().ready == ()
        assert not path.exists()
        assert [file.read_bytes() for file in archive.rglob("a.txt")] == [b"text"]
    finally:
        inbox.stop()


def test_a_file_that_is_locked_when_it_is_to_be_copied_is_not_read_again(
    make: Callable[..., Bench], other_file_system: Path
) -> None:
    """A removal that fails for want of a look into the file is tried again, not the ingest."""
    bench = make(archive=other_file_system / "archive")
    path = bench.drop("a.txt")
    (ready,) = bench.whole()
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    lease = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.fcntl(lease, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError as error:
            pytest.skip(f"no leases here: {error.strerror}")
        with capture_logs() as logs:
            bench.inbox.done(ready, sha(b"text"))
            assert bench.inbox.scan().ready == ()
        assert [log["event"] for log in logs] == ["inbox.move_failed"]
        with pytest.raises(InboxError, match=r"a\.txt: not moved"):
            make(root=other_file_system).inbox.quarantine(ready, "bad", sha256=None)
    finally:
        os.close(lease)
    assert path.exists()


def test_a_crash_before_the_deletion_returns_the_file(make: Callable[..., Bench]) -> None:
    """What was set aside and not deleted comes again at the next start, beside its namesake."""
    bench = make(start=False)
    (bench.folder / STAGING).mkdir(parents=True)
    (bench.folder / STAGING / "a.txt").write_bytes(b"set aside")
    bench.drop("a.txt", b"newer")
    bench.inbox.start()
    assert sorted(bench.run(2)) == [("a.1.txt", b"set aside"), ("a.txt", b"newer")]
    assert names(bench.folder) == []


def test_a_link_in_place_of_our_own_folder_is_not_followed(make: Callable[..., Bench]) -> None:
    """Producers may write in the drop folder; they must not reach ours through it."""
    bench = make(after="delete")
    ours = bench.root / "ours"
    ours.mkdir()
    (ours / "a.txt").write_bytes(b"precious")
    (bench.folder / STAGING).symlink_to(ours)
    bench.drop("a.txt")
    bench.run(1)
    assert (ours / "a.txt").read_bytes() == b"precious"
    bench.inbox.stop()
    with pytest.raises(InboxError):
        bench.inbox.start()
    assert names(ours) == ["a.txt"]


# --------------------------------------------------------------------------- quarantine


def test_quarantine_holds_the_file_and_the_reason(bench: Bench) -> None:
    """Beside the file stands why it is there, for people and for programs."""
    bench.drop("bad.bin", b"\0\1\2")
    (ready,) = bench.whole()
    path = bench.inbox.quarantine(ready, "not text", sha256=sha(b"\0\1\2"))
    assert path == bench.quarantine / "bad.bin"
    assert path.read_bytes() == b"\0\1\2"
    assert json.loads((bench.quarantine / "bad.bin.reason.json").read_text()) == {
        "reason": "not text",
        "name": "bad.bin",
        "size": 3,
        "sha256": sha(b"\0\1\2"),
        "when": "2026-11-21T12:00:00+00:00",
    }
    assert names(bench.folder) == []


@pytest.mark.parametrize("known", [True, False], ids=["hash known", "hash unknown"])
def test_quarantine_never_overwrites(bench: Bench, known: bool) -> None:
    """Namesakes all stay, each with a reason of its own."""
    for text in (b"one", b"two", b"three"):
        bench.drop("bad", text)
        (ready,) = bench.whole()
        path = bench.inbox.quarantine(
            ready, f"reason {text!r}", sha256=sha(text) if known else None
        )
        assert path.read_bytes() == text
        reason = json.loads(path.with_name(path.name + ".reason.json").read_text())
        assert reason["reason"] == f"reason {text!r}"
    assert len(names(bench.quarantine)) == 6


def test_quarantine_of_the_same_content_twice_keeps_one(bench: Bench) -> None:
    """A replay changes nothing but the time in the reason."""
    for _ in range(2):
        bench.drop("bad", b"same")
        (ready,) = bench.whole()
        bench.inbox.quarantine(ready, "bad", sha256=sha(b"same"))
    assert names(bench.quarantine) == ["bad", "bad.reason.json"]
    assert names(bench.folder) == []


def test_a_reason_never_takes_the_place_of_a_file(bench: Bench) -> None:
    """A dump may be called like the reason of another one."""
    for name in ("x.reason.json", "x"):
        bench.drop(name, name.encode())
        (ready,) = bench.whole()
        bench.inbox.quarantine(ready, "bad", sha256=sha(name.encode()))
    assert (bench.quarantine / "x.reason.json").read_bytes() == b"x.reason.json"
    marked = f"x.{sha(b'x')[:12]}"
    assert (bench.quarantine / marked).read_bytes() == b"x"
    assert f"{marked}.reason.json" in names(bench.quarantine)


def test_quarantine_of_a_file_that_is_gone(bench: Bench) -> None:
    """No reason is left for a file that is not there."""
    path = bench.drop("a.txt")
    (ready,) = bench.whole()
    path.unlink()
    with pytest.raises(Vanished):
        bench.inbox.quarantine(ready, "bad", sha256=None)
    assert names(bench.quarantine) == []


def test_a_quarantine_that_cannot_be_written_is_an_error_without_a_loop(bench: Bench) -> None:
    """The caller is told, the file stays, and it is left out of the next scans."""
    bench.quarantine.write_text("a file where the folder should be")
    path = bench.drop("a.txt")
    (ready,) = bench.whole()
    with pytest.raises(InboxError, match=r"a\.txt: not moved to quarantine"):
        bench.inbox.quarantine(ready, "bad", sha256=None)
    assert path.exists()
    assert bench.inbox.scan().ready == ()


# --------------------------------------------------------------------------- pieces


def piece(
    folder: Path, raw: str = "text", dump: str = "dump.txt", reason: str = "no title"
) -> Path:
    return keep_piece(folder, dump=dump, index=3, line=41, reason=reason, raw=raw)


def test_a_piece_stands_beside_its_reason(tmp_path: Path) -> None:
    """A rejected segment is kept with where it stood and why it was rejected."""
    path = piece(tmp_path / "quarantine", "Überschrift\n")
    assert path == tmp_path / "quarantine" / "dump.txt.3.txt"
    assert path.read_text("utf-8") == "Überschrift\n"
    reason = json.loads((path.parent / "dump.txt.3.txt.reason.json").read_text("utf-8"))
    assert {key: reason[key] for key in ("reason", "dump", "index", "line", "cut")} == {
        "reason": "no title",
        "dump": "dump.txt",
        "index": 3,
        "line": 41,
        "cut": 0,
    }


def test_a_replayed_piece_changes_nothing(tmp_path: Path) -> None:
    """The same segment again: same path, same bytes, the first reason."""
    first = piece(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert piece(tmp_path, reason="said otherwise") == first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_namesake_with_other_text_is_another_piece(tmp_path: Path) -> None:
    """Two dumps of one name do not overwrite each other's pieces."""
    one, two = piece(tmp_path, "one"), piece(tmp_path, "two")
    assert (one.read_text(), two.read_text()) == ("one", "two")
    assert piece(tmp_path, "two") == two
    assert len(names(tmp_path)) == 4


@pytest.mark.parametrize("raw", ["\udcff\ud800", "", "\0", "😀"])
def test_any_text_can_be_kept(tmp_path: Path, raw: str) -> None:
    """Surrogates, nothing at all, control characters: each ends in a UTF-8 file."""
    path = piece(tmp_path, raw, reason=f"bad {raw}")
    assert path.read_bytes().decode("utf-8") == raw.replace("\udcff\ud800", "\\udcff\\ud800")
    json.loads(path.with_name(path.name + ".reason.json").read_text("utf-8"))


@pytest.mark.parametrize("dump", ["../../etc/x", "..", "/abs", "a\nb", "", "\udcff", "n" * 400])
def test_a_piece_stays_in_its_folder_whatever_the_dump_is_called(tmp_path: Path, dump: str) -> None:
    """A name from outside never leads out of the quarantine nor beyond the length of a name."""
    folder = tmp_path / "quarantine"
    path = piece(folder, dump=dump)
    assert path.parent == folder
    assert not path.name.startswith(".")
    assert len(names(folder)) == 2
    assert names(tmp_path) == ["quarantine"]


def test_a_long_piece_is_cut(tmp_path: Path) -> None:
    """A rejected line of hundreds of megabytes does not fill the disk; the cut is counted."""
    path = piece(tmp_path, "x" * ((1 << 20) + 5))
    assert path.stat().st_size == 1 << 20
    assert json.loads(path.with_name(path.name + ".reason.json").read_text())["cut"] == 5


def test_a_folder_that_cannot_be_written_is_an_inbox_error(tmp_path: Path) -> None:
    """Errors of the system come as the program's own, with the folder's name."""
    (tmp_path / "file").touch()
    with pytest.raises(InboxError, match=r"quarantine .*file"):
        piece(tmp_path / "file")

"""Subfolders of sources: the same care for each, and no two files of one name mistaken."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.inbox import InboxError

from .bench import Bench


def test_missing_folders_are_made_as_the_inbox_is(make: Callable[..., Bench]) -> None:
    """With its mode, so that whoever may drop files there may drop them here too."""
    bench = make(start=False, folders=["wire", "gazette"])
    bench.folder.mkdir()
    bench.folder.chmod(0o2770)
    bench.inbox.start()
    for name in ("wire", "gazette"):
        assert (bench.folder / name).stat().st_mode & 0o7777 == 0o2770
    assert bench.inbox.watching == "inotify"


def test_namesakes_are_told_apart_and_archived_apart(make: Callable[..., Bench]) -> None:
    """By the folder in their names; below a folder of that name in the archive."""
    bench = make(folders=["wire"])
    bench.drop("a.txt", b"one")
    bench.drop("wire/a.txt", b"two")
    assert sorted(bench.run(2)) == [("a.txt", b"one"), ("wire/a.txt", b"two")]
    assert (bench.day / "a.txt").read_bytes() == b"one"
    assert (bench.archive / "wire/2026/11/21/a.txt").read_bytes() == b"two"
    assert list((bench.folder / "wire").iterdir()) == []


@pytest.mark.parametrize("observer", ["inotify", "polling"])
def test_an_arrival_in_a_folder_is_noticed(make: Callable[..., Bench], observer: str) -> None:
    """As one in the inbox itself."""
    bench = make(folders=["wire"], observer=observer)
    bench.inbox.scan()
    bench.hinted.clear()
    bench.drop("wire/a.txt")
    assert bench.hinted.wait(10)
    assert bench.run(1) == [("wire/a.txt", b"text")]


def test_the_oldest_is_taken_first_whatever_its_folder(make: Callable[..., Bench]) -> None:
    """So a source that sends much does not hold up another."""
    bench = make(folders=["wire"])
    for age, name in enumerate(["wire/c.txt", "b.txt", "wire/a.txt"]):
        os.utime(bench.drop(name), ns=(0, 10**18 + age * 10**9))
    assert [ready.name for ready in bench.whole(3)] == ["wire/c.txt", "b.txt", "wire/a.txt"]


def test_other_folders_are_no_sources(make: Callable[..., Bench]) -> None:
    """They are named once, and what is in them stays; hidden ones are not even named."""
    bench = make(folders=["wire"])
    for name in ("other", ".hidden", "wire/deeper"):
        (bench.folder / name).mkdir()
        bench.drop(f"{name}/a.txt")
    with capture_logs() as logs:
        for _ in range(2):
            assert bench.inbox.scan().next_check is None
    told = [(log["event"], log["name"], log["reason"]) for log in logs]
    assert sorted(told) == [
        ("inbox.ignored", "other", "folder"),
        ("inbox.ignored", "wire/deeper", "folder"),
    ]


def test_a_file_that_cannot_be_used_keeps_its_folder_in_the_reason(
    make: Callable[..., Bench],
) -> None:
    """The quarantine is one folder for all; its notes say where a file came from."""
    bench = make(folders=["wire"])
    bench.drop("a.txt", b"one")
    bench.drop("wire/a.txt", b"two")
    kept = [bench.inbox.quarantine(ready, "why", sha256=None) for ready in bench.whole(2)]
    notes = [json.loads(path.with_name(f"{path.name}.reason.json").read_text()) for path in kept]
    assert {note["name"]: path.read_bytes() for note, path in zip(notes, kept, strict=True)} == {
        "a.txt": b"one",
        "wire/a.txt": b"two",
    }


def test_a_deleted_folder_comes_back(make: Callable[..., Bench]) -> None:
    """Alone, or with the inbox."""
    bench = make(folders=["wire"])
    for gone in (bench.folder / "wire", bench.folder):
        shutil.rmtree(gone)
        assert bench.inbox.scan().problem is None
        count = len(bench.taken)
        bench.drop("wire/a.txt")
        assert len(bench.run(count + 1)) == count + 1


def test_a_link_in_place_of_a_folder_is_not_followed(
    make: Callable[..., Bench], tmp_path: Path
) -> None:
    """Else whoever may drop files could have any folder of ours emptied."""
    bench = make(folders=["wire"])
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("not for the archive")
    (bench.folder / "wire").rmdir()
    (bench.folder / "wire").symlink_to(secret)
    bench.drop("a.txt")
    (ready,) = bench.whole_despite("symbolic link")
    assert ready.name == "a.txt"
    assert (secret / "key.txt").exists()
    other = make(start=False, folders=["wire"])
    with pytest.raises(InboxError, match="symbolic link"):
        other.inbox.start()


def test_folders_may_change_while_it_runs(make: Callable[..., Bench]) -> None:
    """A new one is made and watched; one that is left out is not looked into any more, but a
    file of it that is in work is still put away."""
    bench = make(folders=["wire"])
    bench.drop("wire/a.txt")
    (ready,) = bench.whole()
    bench.inbox.use(["gazette"])
    bench.drop("wire/b.txt")
    bench.take(ready)
    assert bench.taken == [("wire/a.txt", b"text")]
    bench.drop("gazette/c.txt")
    assert bench.run(2) == [("wire/a.txt", b"text"), ("gazette/c.txt", b"text")]
    assert (bench.folder / "wire" / "b.txt").exists()
    bench.inbox.use(["wire"])
    assert bench.run(3)[-1] == ("wire/b.txt", b"text")


def test_a_folder_that_cannot_be_used_changes_nothing(make: Callable[..., Bench]) -> None:
    """A reload that asks for it is refused; the folders of before go on."""
    bench = make(folders=["wire"])
    bench.drop("gazette", b"a file in the way")
    with pytest.raises(InboxError, match="gazette"):
        bench.inbox.use(["gazette"])
    bench.drop("wire/a.txt")
    assert ("wire/a.txt", b"text") in bench.run(2)


def test_a_folder_with_two_roles_is_refused(tmp_path: Path) -> None:
    """The archive must not be one of the folders that are read."""
    with pytest.raises(InboxError, match="archive"):
        Bench(tmp_path, archive=tmp_path / "inbox" / "wire", folders=["wire"])

"""From the inbox to the store: what a failure on our own side does to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from monitor.app.intake import Intake, Taken
from monitor.app.policy import Compiled, compile_policy
from monitor.config import Settings
from monitor.errors import StoreError
from monitor.inbox import Inbox
from monitor.inbox.quarantine import held, put_back
from monitor.model import DumpState, utcnow
from monitor.store import Store, open_store

DUMP = "01.02.2026, 09:00 5\nA title\nIts text.\n02.02.2026, 09:00\n03.02.2026, 09:00\nB\nText.\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'monitor.db'}")
    yield opened
    opened.close()


def intake_over(
    folder: Path,
    store: Store,
    taken: list[Taken],
    sources: Sequence[dict[str, str]] = (),
    on_progress: Callable[[str, int, int, int], None] | None = None,
    after: str = "archive",
) -> Intake:
    """An intake over ``folder/inbox`` with quarantine ``folder/quarantine``."""
    (folder / "inbox").mkdir(exist_ok=True)
    settings = Settings.model_validate(
        {
            "inbox": {"path": folder / "inbox", "settle": "10ms", "after": after},
            "state": folder,
            "sources": sources,
        }
    )
    compiled: Compiled = compile_policy(settings, "http://page", out=sys.stdout)
    inbox = Inbox(
        settings.inbox,
        archive=folder / "archive",
        quarantine=folder / "quarantine",
        folders=[source["folder"] for source in sources if "folder" in source],
        clock=utcnow,
    )
    return Intake(
        inbox,
        store.ingest,
        clock=utcnow,
        compiled=lambda: compiled,
        quarantine=folder / "quarantine",
        rescan=1.0,
        on_taken=taken.append,
        on_broken_off=lambda: None,
        on_progress=on_progress,
    )


def test_what_was_refused_in_part_is_not_deleted(tmp_path: Path, store: Store) -> None:
    """With ``after: delete``: of a long piece only the beginning is kept in quarantine."""
    intake = intake_over(tmp_path, store, [], after="delete")
    (tmp_path / "inbox" / "good.txt").write_text(DUMP.replace("02.02.2026, 09:00\n", ""))
    (tmp_path / "inbox" / "bad.txt").write_text(DUMP)
    intake.run_until_empty(5.0)
    assert list((tmp_path / "inbox").iterdir()) == []
    kept = [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["bad.txt"]
    assert kept[0].read_text() == DUMP


def test_quarantine_that_cannot_be_written(tmp_path: Path, store: Store) -> None:
    """A rejected segment that cannot be kept is our fault, not the file's: it waits for us."""
    taken: list[Taken] = []
    intake = intake_over(tmp_path, store, taken)
    (tmp_path / "inbox" / "dump.txt").write_text(DUMP)
    blocker = tmp_path / "quarantine"
    blocker.write_text("a file where the folder should be")
    for _ in range(4):
        with pytest.raises(StoreError, match="quarantine"):
            intake.run_until_empty(5.0)
    assert [path.name for path in (tmp_path / "inbox").iterdir()] == ["dump.txt"]
    assert store.pages.articles() == []
    blocker.unlink()
    intake.run_until_empty(5.0)
    (dump,) = store.pages.dumps()
    assert (dump.state, dump.new, dump.quarantined) == (DumpState.DONE, 2, 1)
    assert len(list(blocker.glob("*.txt"))) == 1
    assert list((tmp_path / "inbox").iterdir()) == []


def test_a_dump_over_which_the_program_fails(tmp_path: Path, store: Store) -> None:
    """It goes to quarantine after a few tries, and the ledger says so: it is not under way for
    ever. What was stored of it counts, and once the program is mended a retry reads on."""

    def fail(name: str, read: int, size: int, segments: int) -> None:
        raise ZeroDivisionError("our own mistake")

    taken: list[Taken] = []
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "dump.txt").write_text(DUMP)
    intake_over(tmp_path, store, taken, on_progress=fail).run_until_empty(5.0)
    (dump,) = store.pages.dumps()
    assert (dump.state, dump.new, dump.quarantined) == (DumpState.PARTIAL, 2, 1)
    assert dump.reason == "failed 3 times: ZeroDivisionError: our own mistake"
    assert [one.ingested.dump for one in taken] == [dump]
    (kept,) = [one for one in held(tmp_path / "quarantine") if one.kind == "file"]
    assert (kept.reason, kept.sha256) == (dump.reason, dump.sha256)

    put_back(kept, tmp_path / "inbox")
    intake_over(tmp_path, store, taken).run_until_empty(5.0)
    (dump,) = store.pages.dumps()
    assert (dump.state, dump.new, dump.quarantined) == (DumpState.DONE, 2, 1)


def test_a_refused_dump_in_the_ledger(tmp_path: Path, store: Store) -> None:
    """Its reason does not say its name once more."""
    taken: list[Taken] = []
    intake = intake_over(tmp_path, store, taken)
    (tmp_path / "inbox" / "dump.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    intake.run_until_empty(5.0)
    (dump,) = store.pages.dumps()
    assert (dump.state, dump.reason) == (
        DumpState.QUARANTINED,
        "not a dump: it looks like a PNG image",
    )


def test_a_source_of_its_own_folder(tmp_path: Path, store: Store) -> None:
    """Two files of one name, one of them in the folder of a source: each is cut as its source's
    is, and the ledger tells them apart. What a text begins with chooses a source too."""
    taken: list[Taken] = []
    sources = [
        {"name": "wire", "folder": "wire"},
        {"name": "steppe", "content": "Steppe Courier"},
        {"name": "rest"},
    ]
    intake = intake_over(tmp_path, store, taken, sources)
    for name, text in (
        ("dump.txt", "01.02.2026, 09:00 5\nA title\nIts text.\n"),
        ("wire/dump.txt", "01.02.2026, 09:00 7\nA title\nIts text.\n"),
        ("other.txt", "01.02.2026, 09:00 7\nA title\nBy the Steppe Courier.\n"),
    ):
        path = tmp_path / "inbox" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    intake.run_until_empty(5.0)
    assert {dump.name: dump.source for dump in store.pages.dumps()} == {
        "dump.txt": "rest",
        "wire/dump.txt": "wire",
        "other.txt": "steppe",
    }
    assert sorted(entry.source for entry in store.pages.articles()) == ["rest", "steppe", "wire"]

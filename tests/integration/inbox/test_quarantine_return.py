"""Files on their way from quarantine back into the inbox."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from monitor.inbox import InboxError, keep_piece
from monitor.inbox.pieces import write_reason
from monitor.inbox.quarantine import LEAVING, Held, find, head_of, held, pieces_of, put_back


@pytest.fixture
def quarantine(tmp_path: Path) -> Path:
    folder = tmp_path / "quarantine"
    folder.mkdir()
    (tmp_path / "inbox").mkdir()
    return folder


def refuse(folder: Path, name: str, data: bytes = b"bytes", *, came_as: str = "") -> Held:
    """A file in quarantine with its reason."""
    (folder / name).write_bytes(data)
    write_reason(
        folder / name,
        {
            "reason": "no article",
            "name": came_as or name,
            "sha256": "a" * 64,
            "when": "2026-03-01T09:00:00+00:00",
        },
    )
    return next(one for one in held(folder) if one.path.name == name)


def test_no_folder_is_an_empty_one(tmp_path: Path) -> None:
    """Before anything was refused there is nothing to list."""
    assert held(tmp_path / "quarantine") == []


def test_a_file_goes_back_under_the_name_it_came_by(quarantine: Path, tmp_path: Path) -> None:
    """Also one that was renamed because of a namesake; mark and reason are gone from quarantine."""
    one = refuse(quarantine, "dump.3f2a.txt", came_as="dump.txt")
    target = put_back(one, tmp_path / "inbox")
    assert (target.name, target.read_bytes()) == ("dump.txt", b"bytes")
    assert list(quarantine.iterdir()) == []


def test_a_subfolder_that_is_no_longer_read_is_passed_over(
    quarantine: Path, tmp_path: Path
) -> None:
    """A file goes back into its source's folder; without such a source into the inbox itself. A
    reason that names a way out of the inbox leads nowhere else."""
    inbox = tmp_path / "inbox"
    (inbox / "wire").mkdir()
    put_back(refuse(quarantine, "a", came_as="wire/a"), inbox, {"wire"})
    put_back(refuse(quarantine, "b", came_as="wire/b"), inbox, {"other"})
    put_back(refuse(quarantine, "c", came_as="../../c"), inbox, {"wire"})
    put_back(refuse(quarantine, "d", came_as="wire/.."), inbox, {"wire"})
    found = {str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()}
    assert found == {"wire/a", "b", "c", "wire/d"}


def test_a_name_that_is_no_unicode_comes_back(quarantine: Path, tmp_path: Path) -> None:
    """The reason has it with replacements; the file's own name has all its bytes."""
    name = os.fsdecode(b"caf\xe9.txt")
    one = refuse(quarantine, name, came_as="caf\ufffd.txt")
    assert (one.name, find(quarantine, "caf\ufffd.txt").path) == ("caf\ufffd.txt", one.path)
    assert put_back(one, tmp_path / "inbox").name == name


@pytest.mark.parametrize("other_file_system", [False, True])
def test_never_over_another_file(quarantine: Path, tmp_path: Path, other_file_system: bool) -> None:
    """Where the name is taken nothing moves; on another file system the bytes are copied."""
    inbox = tmp_path / "inbox"
    if other_file_system:
        shm = Path("/dev/shm")
        if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("no second file system at /dev/shm")
        inbox = shm / f"monitor-{os.getpid()}-{tmp_path.name}"
        inbox.mkdir()
    try:
        one = refuse(quarantine, "dump.txt", b"ours" * 10_000)
        (inbox / "dump.txt").write_bytes(b"theirs")
        with pytest.raises(InboxError, match="a file of that name waits"):
            put_back(one, inbox)
        assert (inbox / "dump.txt").read_bytes() == b"theirs"
        assert find(quarantine, "dump.txt") == one
        (inbox / "dump.txt").unlink()
        put_back(one, inbox)
        assert [path.name for path in inbox.iterdir()] == ["dump.txt"]
        assert (inbox / "dump.txt").read_bytes() == b"ours" * 10_000
        assert list(quarantine.iterdir()) == []
    finally:
        if other_file_system:
            for path in inbox.iterdir():
                path.unlink()
            inbox.rmdir()


def test_without_an_inbox_it_stays(quarantine: Path, tmp_path: Path) -> None:
    """Nothing is lost, and the reason is kept."""
    one = refuse(quarantine, "dump.txt")
    with pytest.raises(InboxError, match="no longer there"):
        put_back(one, tmp_path / "nowhere")
    assert find(quarantine, "dump.txt") == one


def test_what_a_crash_left_on_its_way_is_still_there(quarantine: Path, tmp_path: Path) -> None:
    """A file that had left its place but not arrived is listed with its reason, and goes back."""
    one = refuse(quarantine, "dump.txt")
    (quarantine / LEAVING).mkdir()
    one.path.rename(quarantine / LEAVING / "dump.txt")
    (left,) = held(quarantine)
    assert (left.name, left.reason, left.size) == (one.name, one.reason, one.size)
    assert put_back(left, tmp_path / "inbox").read_bytes() == b"bytes"
    assert list(quarantine.iterdir()) == []


def test_a_file_refused_again_at_once_is_not_lost(quarantine: Path, tmp_path: Path) -> None:
    """The daemon may move it to quarantine before its old reason is gone: each has its own."""
    one = refuse(quarantine, "dump.txt")
    target = put_back(one, tmp_path / "inbox")
    target.rename(quarantine / "dump.txt")
    write_reason(quarantine / "dump.txt", {"reason": "again"})
    (again,) = held(quarantine)
    assert (again.reason, again.size) == ("again", 5)


@pytest.mark.parametrize("reason", ["", "{", "[]", '{"reason": 7, "when": "noon", "index": true}'])
def test_a_reason_that_is_none_of_ours(quarantine: Path, reason: str) -> None:
    """The file is listed all the same."""
    (quarantine / "dump.txt").write_bytes(b"x")
    (quarantine / "dump.txt.reason.json").write_text(reason)
    (one,) = held(quarantine)
    assert (one.kind, one.reason, one.when) == ("file", "no reason stands beside it", None)
    assert (one.index, one.origin) == (None, "dump.txt")


def test_only_files_are_listed(quarantine: Path) -> None:
    """Links, folders and half-written files are left alone; reasons without a file too."""
    (quarantine / "link").symlink_to("/etc/passwd")
    (quarantine / "folder").mkdir()
    (quarantine / ".0123.tmp").write_bytes(b"half")
    (quarantine / "gone.txt.reason.json").write_text(json.dumps({"reason": "x"}))
    assert held(quarantine) == []
    with pytest.raises(InboxError, match="nothing in quarantine"):
        find(quarantine, "link")


@pytest.mark.parametrize(
    ("dump", "expected"),
    [
        ("kt.txt", "kt.piece-4.txt"),
        ("kt-2022.02.19.txt", "kt-2022.02.19.piece-4.txt"),
        ("kt.jsonl.gz", "kt.piece-4.jsonl.gz"),
        ("plain", "plain.piece-4"),
        ("wire/kt.txt", "kt.piece-4.txt"),
        (".hidden", "hidden.piece-4"),
    ],
)
def test_a_piece_is_named_after_its_dump(
    quarantine: Path, tmp_path: Path, dump: str, expected: str
) -> None:
    """So that the source is found by the same patterns; the text stands behind a mark that tells
    its encoding."""
    keep_piece(
        quarantine, dump=f"{dump}.abcdef", index=4, line=9, reason="r", raw="текст", origin=dump
    )
    (piece,) = held(quarantine)
    assert (piece.kind, piece.index, piece.line, piece.whole) == ("piece", 4, 9, True)
    target = put_back(piece, tmp_path / "inbox")
    assert (target.name, target.read_text("utf-8-sig")) == (expected, "текст")
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(quarantine.iterdir()) == []


def test_a_piece_that_was_cut_does_not_go_back(quarantine: Path, tmp_path: Path) -> None:
    """Half an article would be taken for the whole."""
    keep_piece(quarantine, dump="d.abc", index=0, line=1, reason="r", raw="x", whole=False)
    (piece,) = held(quarantine)
    with pytest.raises(InboxError, match="only the beginning"):
        put_back(piece, tmp_path / "inbox")
    assert held(quarantine) == [piece]


def test_the_pieces_of_a_file_are_told_by_its_hash(quarantine: Path) -> None:
    """Not by its name, which another dump may have had."""
    one = refuse(quarantine, "dump.txt")
    for sha256, index in (("a" * 64, 0), ("a" * 64, 1), ("b" * 64, 0)):
        keep_piece(
            quarantine, dump=f"dump.txt.{sha256[:12]}", index=index, line=1, reason="r", raw="x"
        )
    mine = pieces_of(held(quarantine), one)
    assert sorted((piece.dump, piece.index) for piece in mine) == [
        ("dump.txt." + "a" * 12, 0),
        ("dump.txt." + "a" * 12, 1),
    ]
    assert head_of(mine[0], 5) == (b"x", False)

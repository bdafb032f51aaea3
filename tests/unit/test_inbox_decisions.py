"""The pure parts of the inbox: when a file is whole, what it is called, what it lies on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.inbox.place import with_mark
from monitor.inbox.ready import Identity, printable
from monitor.inbox.settle import Settling
from monitor.inbox.watch import file_system

ONE = Identity(1, 1, 10, 100)
TWO = Identity(1, 1, 20, 200)


def test_a_file_is_whole_after_one_period_of_the_same_identity() -> None:
    """The period counts from the end of the first look to the start of the later one."""
    settling = Settling(1.0)
    assert settling.observe({"a": ONE}, 0.0, 0.5) == (set(), 1.0)
    assert settling.observe({"a": ONE}, 1.4, 1.4) == (set(), pytest.approx(0.1))
    assert settling.observe({"a": ONE}, 1.5, 1.5) == ({"a"}, None)


def test_a_change_starts_the_period_again() -> None:
    """Neither growth nor a new time stamp nor another inode keeps the time waited."""
    for other in (TWO, ONE._replace(mtime_ns=1), ONE._replace(inode=9), ONE._replace(device=9)):
        settling = Settling(1.0)
        settling.observe({"a": ONE}, 0.0, 0.0)
        assert settling.observe({"a": other}, 5.0, 5.0) == (set(), 1.0)
        assert settling.observe({"a": other}, 6.0, 6.0) == ({"a"}, None)


def test_a_name_that_was_gone_starts_anew() -> None:
    """What went and came back may be another writing of the same size and time."""
    settling = Settling(1.0)
    settling.observe({"a": ONE}, 0.0, 0.0)
    assert settling.observe({}, 0.5, 0.5) == (set(), None)
    assert settling.observe({"a": ONE}, 5.0, 5.0) == (set(), 1.0)


def test_without_a_period_first_sight_is_enough() -> None:
    """settle: 0s is for producers that only rename in."""
    assert Settling(0.0).observe({"a": ONE}, 1.0, 2.0) == ({"a"}, None)


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("ab"), st.sampled_from([ONE, TWO])),
            st.integers(0, 6),  # quarters of the period until the scan
            st.integers(0, 2),  # quarters that the scan takes
        ),
        max_size=12,
    )
)
def test_whole_means_stood_still_for_a_period(
    scans: list[tuple[dict[str, Identity], int, int]],
) -> None:
    """Whatever comes and goes between scans: exactly the files that stood still are whole."""
    settling, now = Settling(4.0), 0.0
    history: list[tuple[dict[str, Identity], float]] = []
    for listing, pause, duration in scans:
        before = now + pause
        after = now = before + duration
        history.append((listing, after))
        expected = set()
        for name, identity in listing.items():
            first = after
            for earlier, seen in reversed(history):
                if earlier.get(name) != identity:
                    break
                first = seen
            if before - first >= 4.0:
                expected.add(name)
        whole, next_check = settling.observe(listing, before, after)
        assert whole == expected
        assert (next_check is None) == (whole == set(listing))
        assert next_check is None or 0 <= next_check <= 4.0


@given(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(["", "1", "3f2a9c1b0d4e", "f" * 64]),
    st.sampled_from([0, 12]),
)
def test_a_marked_name_fits_and_keeps_its_ending(name: str, mark: str, room: int) -> None:
    """A name with a mark is a legal name; short ones keep all their parts, and the ending (of at
    most 32 bytes; more is no ending) its place."""
    marked = with_mark(name, mark, room=room)
    assert len(os.fsencode(marked)) <= 255 - room
    assert "/" not in marked
    if len(os.fsencode(name)) < 100:
        assert len(marked) == len(name) + (len(mark) + 1 if mark else 0)
        assert mark in marked
        if len(os.fsencode(Path(name).suffix)) <= 32:
            assert marked.endswith(Path(name).suffix)


def test_the_mark_stands_before_the_ending() -> None:
    """So that the file still opens with the right program."""
    assert with_mark("dump.txt", "3f2a") == "dump.3f2a.txt"
    assert with_mark("dump.txt.gz", "3f2a") == "dump.txt.3f2a.gz"
    assert with_mark("dump", "3f2a") == "dump.3f2a"
    assert with_mark("dump.txt", "") == "dump.txt"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"dump.txt", "dump.txt"),
        ("сводка.txt".encode(), "сводка.txt"),
        (b"caf\xe9.txt", "caf\ufffd.txt"),
        (b"a\nb\x1b[31m", "a b [31m"),
        (b"\n", "?"),
    ],
)
def test_names_are_shown_on_one_line(raw: bytes, shown: str) -> None:
    """Logs and the ledger get valid Unicode without control characters."""
    assert printable(os.fsdecode(raw)) == shown


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /srv rw - nfs4 server:/export rw,vers=4.2
31 30 0:27 / /srv/local rw - xfs /dev/vdb rw
32 22 0:28 / /mnt/two\\040words rw - cifs //server/share rw
33 22 0:29 / /mnt/over rw - ext4 /dev/vdc rw
34 33 0:30 / /mnt/over rw - fuse.sshfs host: rw
a line that is no mount
35 22 0:31 /sub /bind rw master:1 propagate_from:2 - 9p share rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/spool", "ext4"),
        ("/srv", "nfs4"),
        ("/srv/inbox", "nfs4"),
        ("/srvx/inbox", "ext4"),
        ("/srv/local/inbox", "xfs"),
        ("/mnt/two words/inbox", "cifs"),
        ("/mnt/over", "fuse.sshfs"),
        ("/bind/inbox", "9p"),
    ],
)
def test_the_file_system_is_that_of_the_innermost_mount(path: str, kind: str) -> None:
    """Field order, escapes and optional fields as in proc(5); the later of two mounts counts."""
    assert file_system(path, MOUNTS) == kind


def test_without_mounts_nothing_is_known() -> None:
    """An empty or foreign table is no error."""
    assert file_system("/srv", "") is None
    assert file_system("/srv", "nonsense - \n - \n") is None

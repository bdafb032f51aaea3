"""``monitor demo``: the first thing that anybody sees."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import requests

from .program import SAMPLES, Program


def temporary(program: Program) -> Path:
    """A folder for temporary files of its own, so that what is left behind is seen."""
    folder = program.folder / "tmp"
    folder.mkdir()
    program.env = {"TMPDIR": str(folder)}
    return folder


def test_once_shows_all_and_leaves_nothing(program: Program) -> None:
    """Every sample with its counts, alerts of both kinds, the addresses; then it ends, cleanly."""
    folder = temporary(program)
    ended = program("demo", "--once", "--pause", "0.1")
    assert (ended.status, ended.err) == (0, "")
    assert list(folder.iterdir()) == []
    for sample in SAMPLES:
        assert ended.out.count(sample.name) == 1
    assert "7 articles: 7 new;" in ended.out
    assert "8 articles: 2 new, 1 revised, 5 unchanged;" in ended.out
    assert len(re.findall(r"^NEW  ", ended.out, re.MULTILINE)) == 15
    assert len(re.findall(r"^REVISED  ", ended.out, re.MULTILINE)) == 1
    assert re.search(r"page +http://127\.0\.0\.1:\d+/\n", ended.out)
    assert "/feeds/all.atom" in ended.out
    assert "\x1b" not in ended.out


def test_ctrl_c_ends_it_at_any_time(program: Program) -> None:
    """While dumps still arrive: status 0, no traceback, nothing left; the page was there."""
    folder = temporary(program)
    child = program.start("demo", "--pause", "0.1")
    assert child.stdout is not None
    said = ""
    while "7 new" not in said:
        line = child.stdout.readline()
        assert line, (program.folder / "err").read_text()
        said += line
    page = re.search(r"page +(http\S+)", said)
    assert page is not None
    assert requests.get(page[1], timeout=10).status_code == 200
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert (program.folder / "err").read_text() == ""
    assert rest.endswith("demo ended; its temporary folder is removed\n")
    assert list(folder.iterdir()) == []

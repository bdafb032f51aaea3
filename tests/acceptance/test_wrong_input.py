"""What may arrive by mistake: each time a clear message, a reason kept, and nothing else lost."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .program import SAMPLES, Ended, Program, configure, free_port, gauge

MEMORY = 200 * 1024 * 1024  # bytes: what the program may take for any dump
MEASURED = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
print(usage.ru_maxrss, flush=True)
sys.exit(os.waitstatus_to_exitcode(status))
"""
# Runs a program and prints the KiB that it took at most. A process of its own, and a small one:
# up to its exec a child counts what its parent takes (getrusage(2)), and pytest takes much.
PARTS = ("new", "revised", "unchanged", "duplicate", "quarantined")


def round_with(program: Program, **files: bytes) -> tuple[Ended, dict[str, dict[str, Any]]]:
    """One round over these files, by name, and two good dumps; its end and the ledger by name.

    The good ones must go through, the ledger must add up, and nothing may stay in the inbox.
    """
    inbox = program.folder / "inbox"
    shutil.copy(SAMPLES[0], inbox / "norland-a.txt")
    for name, data in files.items():
        (inbox / name).write_bytes(data)
    shutil.copy(SAMPLES[1], inbox / "norland-z.txt")
    ended = program("run", "--once", "--json")
    assert ended.status == 0, ended.err
    rows = {row["name"]: row for row in program("dumps", "--json").rows}
    for row in rows.values():
        assert row["articles"] == sum(row[part] for part in PARTS)
    for neighbour in ("norland-a.txt", "norland-z.txt"):
        assert rows[neighbour]["state"] == "done"
    assert rows["norland-a.txt"]["new"] + rows["norland-z.txt"]["new"] == 10
    assert list(inbox.iterdir()) == []
    return ended, rows


def reasons(program: Program) -> dict[str, dict[str, Any]]:
    """The reason files in the quarantine, by name."""
    folder = program.folder / "state" / "quarantine"
    return {
        str(file.relative_to(folder)): json.loads(file.read_text("utf-8"))
        for file in folder.rglob("*.reason.json")
    }


def kept(program: Program, name: str) -> dict[str, Any]:
    """The reason beside a whole file in the quarantine."""
    assert (program.folder / "state" / "quarantine" / name).is_file()
    return reasons(program)[f"{name}.reason.json"]


# --------------------------------------------------------------------------- dumps


NO_DUMPS = {
    "norland-empty.txt": (b"", "empty"),
    "norland-blank.txt": (b"\n\n  \n\t\n", "no text"),
    "norland-picture.txt": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40, "PNG"),
    "norland-zeros.txt": (bytes(100_000), "NUL"),
    "norland-empty.gz": (gzip.compress(b"", mtime=0), "empty"),
    "norland-cut.gz": (gzip.compress(b"x" * 100, mtime=0)[:9], "gzip"),
    "norland-archive.zip": (b"PK\x03\x04" + bytes(range(256)) * 20, "ZIP"),
}


def test_what_is_no_dump_is_set_aside(program: Program) -> None:
    """Whole into the quarantine with its reason beside it; said in ledger, log and summary."""
    configure(program.folder, receivers=[])
    ended, rows = round_with(program, **{name: data for name, (data, _) in NO_DUMPS.items()})
    assert len(rows) == len(NO_DUMPS) + 2
    warned = [json.loads(line) for line in ended.err.splitlines()]
    for name, (data, reason) in NO_DUMPS.items():
        row, note = rows[name], kept(program, name)
        assert (row["state"], row["articles"]) == ("quarantined", 0)
        assert (note["name"], note["size"]) == (name, len(data))
        assert reason in note["reason"]
        assert reason in row["reason"]
        assert any(name in line and reason in line for line in ended.rows[0]["failed"])
        assert any(
            line["level"] == "warning" and line["name"] == name and reason in line["reason"]
            for line in warned
            if line["event"] == "dump.ingested"
        )
        assert (program.folder / "state" / "quarantine" / name).read_bytes() == data


def test_a_truncated_archive_gives_what_is_above_the_cut(program: Program) -> None:
    """Articles above the cut are stored, the rest is in the quarantine with its place."""
    configure(program.folder, receivers=[])
    data = gzip.compress("".join(gauge(n) for n in range(600)).encode(), mtime=0)
    ended, rows = round_with(program, **{"norland-cut.txt.gz": data[: len(data) * 2 // 3]})
    row = rows["norland-cut.txt.gz"]
    assert row["state"] == "partial"
    assert "truncated" in row["reason"]
    assert row["new"] > 100
    assert row["quarantined"] <= 1
    assert "truncated" in kept(program, "norland-cut.txt.gz")["reason"]
    assert any("norland-cut.txt.gz" in line for line in ended.rows[0]["failed"])
    titles = {line["title"] for line in program("articles", "--json", "--limit", "999").rows}
    assert "Gauge of station 0 of line 0 Read" in titles
    # the whole file, when it comes, brings what was missing and nothing twice
    (program.folder / "inbox" / "norland-cut.txt.gz").write_bytes(data)
    assert program("run", "--once").status == 0
    counts = program("status", "--json").rows[0]
    assert counts["articles"] == 600 + 10


def test_a_text_without_an_article_is_one_article(program: Program) -> None:
    """Kept as one article of low confidence, with flags that say so; the page is not fooled."""
    configure(program.folder, receivers=[])
    text = "\n".join(f"{n} rows of figures {n * 31} {n * 17}" for n in range(40)) + "\n"
    row = round_with(program, **{"norland-list.txt": text.encode()})[1]["norland-list.txt"]
    assert (row["state"], row["articles"], row["new"]) == ("done", 1, 1)
    (cut,) = program("parse", "--json", *(program.folder / "state/archive").rglob("*list*")).rows
    assert cut["confidence"] < 0.5
    assert cut["flags"]
    assert "39 rows of figures" in cut["body"]
    low = [a for a in program("articles", "--json").rows if a["confidence"] < 0.5]
    assert len(low) == 1


def test_a_line_of_200_megabytes_takes_no_memory(program: Program) -> None:
    """It is set aside as one piece with its reason; memory stays bounded; neighbours go on."""
    configure(program.folder, receivers=[])
    inbox = program.folder / "inbox"
    shutil.copy(SAMPLES[0], inbox / "norland-a.txt")
    piece = b"the quick brown fox jumps over the lazy dog, " * 23302  # 1 MiB
    with (inbox / "norland-line.txt").open("wb") as file:
        for _ in range(200):
            file.write(piece)
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, *program.command("run", "--once", "--json")],
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    report, peak = ended.stdout.splitlines()
    assert 0 < int(peak) * 1024 < MEMORY, f"{int(peak) // 1024} MiB"
    assert json.loads(report)["files"] == 2
    rows = {row["name"]: row for row in program("dumps", "--json").rows}
    assert rows["norland-a.txt"]["new"] == 7
    line = rows["norland-line.txt"]
    assert line["state"] == "quarantined"
    assert line["articles"] == line["quarantined"] == 1
    whole, part = sorted(reasons(program).values(), key=lambda note: -note["size"])
    assert part["reason"] == "line 1 is longer than 1 MiB"
    assert whole["size"] == 200 * len(piece)
    assert kept(program, "norland-line.txt") == whole
    (program.folder / "state" / "quarantine" / "norland-line.txt").unlink()  # pytest keeps folders


def test_names_and_kinds_of_files_that_surprise(program: Program) -> None:
    """Folders, links, pipes and names that are not UTF-8: dumps are read, the others left."""
    configure(program.folder, receivers=[])
    inbox = program.folder / "inbox"
    (inbox / "folder.txt").mkdir()
    os.mkfifo(inbox / "pipe.txt")
    (inbox / "link.txt").symlink_to(SAMPLES[1])
    (inbox / os.fsdecode(b"norland-\xff\xfe.txt")).write_bytes(SAMPLES[0].read_bytes())
    ended = program("run", "--once", "--json")
    assert ended.status == 0
    assert ended.rows[0]["new"] == 7
    assert sorted(path.name for path in inbox.iterdir()) == ["folder.txt", "link.txt", "pipe.txt"]
    said = [json.loads(line) for line in ended.err.splitlines()]
    ignored = {line["name"]: line["reason"] for line in said if line["event"] == "inbox.ignored"}
    assert ignored == {"folder.txt": "folder", "link.txt": "symbolic link", "pipe.txt": "pipe"}
    ledger = program("dumps")
    assert (ledger.status, ledger.err) == (0, "")
    assert "norland-" in ledger.out


# --------------------------------------------------------------------------- configuration


GOOD = """\
inbox: ./inbox
sources:
  - name: norland-today
    zone: Europe/Oslo
rules:
  - name: water
    any: [water]
  - name: rain
    any: [rain]
web: {port: 8808}
state: state
"""

WRONG = [  # a line, what is written instead, where that is reported, and how
    ("    zone: Europe/Oslo", "    zone: Europe/Olso", "4:5: sources[0].zone", "Europe/Oslo"),
    ("    any: [water]", "    anny: [water]", "7:5: rules[0].anny", "did you mean any"),
    ("  - name: rain", "  - name: water", "8:5: rules[1].name", "taken by rules[0]"),
    ("    any: [rain]", "    any: []", "8:5: rules[1]", "nothing to look for"),
    ("inbox: ./inbox", "inbox: state", "1:1: inbox", "the same folder as state"),
    ("inbox: ./inbox", "inbox: .", "1:1: inbox", "the folder of this file"),
    ("state: state", "state: state: state", "11:13", "not valid YAML"),
    ("web: {port: 8808}", "web: {port: eighty}", "10:7: web.port", "whole number"),
    ("state: state", "state: ${NOBODY}", "11:8: state", "NOBODY"),
]


def test_a_wrong_configuration_starts_nothing(program: Program) -> None:
    """Status 2 and file, line, column and key, also at ``run``; nothing is made."""
    files = []
    for number, (line, wrong, _, _) in enumerate(WRONG):
        assert line in GOOD
        files.append(f"wrong-{number}.yaml")
        (program.folder / files[-1]).write_text(GOOD.replace(line, wrong))
    checked = program.each(*(("-c", file, "check-config") for file in files))
    for file, ended, (_, _, place, message) in zip(files, checked, WRONG, strict=True):
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.startswith(f"{file}:{place}")
        assert message in ended.err
    ran = program.each(*(("-c", file, "run", "--once") for file in files[1:3]))
    assert [(ended.status, ended.err) for ended in ran] == [
        (2, ended.err) for ended in checked[1:3]
    ]
    assert sorted(path.name for path in program.folder.iterdir()) == files


# --------------------------------------------------------------------------- receivers


def test_an_unreachable_webhook_costs_nothing_else(program: Program) -> None:
    """The round ends with status 0, says what waits, and the delivery is due later."""
    url = f"http://127.0.0.1:{free_port()}/x?token=geheim"
    configure(program.folder, receivers=[{"name": "hook", "webhook_configs": [{"url": url}]}])
    shutil.copy(SAMPLES[0], program.folder / "inbox")
    ended = program("run", "--once")
    assert ended.status == 0
    assert "deliveries: 1 to be tried again, 0 dead" in ended.err
    assert "geheim" not in ended.err + ended.out
    (row,) = program("deliveries", "--json").rows
    assert (row["state"], row["attempts"]) == ("pending", 1)
    assert "refused" in row["last_error"]
    assert len(program("articles", "--json").rows) == 7


class Refusing:
    """An SMTP server's mind: it knows nobody called ``gone``."""

    def __init__(self) -> None:
        self.taken: dict[str, bytes] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        for address in envelope.rcpt_tos:
            assert isinstance(envelope.content, bytes)
            self.taken[address] = envelope.content
        return "250 OK"


@pytest.fixture
def refusing() -> Iterator[tuple[Refusing, int]]:
    mind = Refusing()
    controller = Controller(mind, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield mind, controller.port
    controller.stop()


def test_one_refused_recipient_of_three(program: Program, refusing: tuple[Refusing, int]) -> None:
    """The two others get their mail; the refused one is dead with the server's words, and only
    that one; retrying it bothers nobody else."""
    mind, port = refusing
    email = {
        "to": ["one@example.org", "gone@example.org", "Three <three@example.org>"],
        "from": "Press monitor <monitor@example.org>",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
    }
    configure(program.folder, receivers=[{"name": "editors", "email_configs": [email]}])
    shutil.copy(SAMPLES[0], program.folder / "inbox")
    ended = program("run", "--once")
    assert ended.status == 0
    assert "deliveries: 0 to be tried again, 1 dead" in ended.err
    assert set(mind.taken) == {"one@example.org", "three@example.org"}
    for content in mind.taken.values():
        letter = message_from_bytes(content, policy=policy.default)
        text = letter.get_body(("plain",))
        assert text is not None
        assert "Second Chamber" in text.get_content()
        assert letter["Auto-Submitted"] == "auto-generated"
    rows = {row["destination"]: row for row in program("deliveries", "--json").rows}
    states = {name.rpartition("/")[2]: row["state"] for name, row in rows.items()}
    assert sorted(states.values()) == ["dead", "sent", "sent"]
    (dead,) = (row for row in rows.values() if row["state"] == "dead")
    assert "no such user here" in dead["last_error"]
    status = program("status")
    assert (status.status, "1 dead deliveries" in status.out) == (1, True)
    mind.taken.clear()
    assert program("deliveries", "retry", "--all-dead").out == "1 delivery retried\n"
    assert program("run", "--once").status == 0
    assert mind.taken == {}

"""What commands say about nothing, about much, and about what stays where it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import main


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "none: nothing is looked for"),
        (2, "2: r0, r1"),
        (13, f"13: {', '.join(f'r{n}' for n in range(12))}, …"),
    ],
)
def test_check_config_names_the_first_rules(tmp_path: Path, count: int, said: str) -> None:
    """A list that is cut short shows it; none at all is said in words."""
    file = tmp_path / "config.yaml"
    rules = [f"  - {{name: r{n}, any: word}}\n" for n in range(count)]
    file.write_text("".join(["rules:\n", *rules]) if rules else "", "utf-8")
    answer = CliRunner().invoke(main, ["-c", str(file), "check-config"])
    assert answer.exit_code == 0
    assert f"  rules      {said}\n" in answer.output


def test_status_counts_what_is_read(tmp_path: Path) -> None:
    """A link or a folder never leaves the inbox, so it does not wait; a dump that was refused
    as a whole is not hidden behind the number of pieces."""
    file = tmp_path / "config.yaml"
    file.write_text("inbox: {path: inbox, settle: 10ms}\n", "utf-8")
    inbox = tmp_path / "inbox"
    (inbox / "folder").mkdir(parents=True)
    (inbox / "refused.txt").touch()
    subprocess.run(
        [sys.executable, "-m", "monitor", "-c", file, "run", "--once"],
        check=False,
        capture_output=True,
    )
    (inbox / "waits.txt").write_text("text", "utf-8")
    (inbox / "written.txt.part").write_text("text", "utf-8")
    (inbox / "link.txt").symlink_to(inbox / "waits.txt")
    answer = CliRunner().invoke(main, ["-c", str(file), "status"])
    assert "  inbox        1 waiting\n" in answer.output
    assert "  quarantined  1 dumps as a whole, 0 pieces of dumps\n" in answer.output

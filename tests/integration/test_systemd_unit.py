"""The unit file: accepted by systemd, hardened, and the program works within it."""

from __future__ import annotations

import ctypes.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "systemd" / "monitor.service"
ANALYZE = shutil.which("systemd-analyze")

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ANALYZE), *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


def settings() -> dict[str, list[str]]:
    """The unit's settings: name to values in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@needs_systemd
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """No unknown setting, no bad value; only the program's path is that of another machine."""
    copy = tmp_path / "monitor.service"
    program = "/opt/press-monitor/.venv/bin/monitor"
    text = UNIT.read_text("utf-8")
    assert program in text
    copy.write_text(text.replace(program, "/bin/true"), "utf-8")
    result = analyze("verify", "--man=no", copy)
    assert (result.returncode, result.stderr) == (0, "")


@needs_systemd
def test_the_exposure_stays_low() -> None:
    """systemd's own measure: 0 is a sealed box, 10 is no protection; we promise 1.5 at most."""
    result = analyze("security", "--offline=true", "--threshold=15", "--no-pager", UNIT)
    level = re.search(r"exposure level for monitor\.service: ([\d.]+)", result.stdout)
    assert level is not None, result.stderr
    assert float(level[1]) <= 1.5
    assert result.returncode == 0


def test_every_setting_is_explained() -> None:
    """A reader understands each line: every group of settings begins with a comment."""
    before = ""
    for line in UNIT.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith(("#", "Description=")):
            assert before, f"not explained: {line}"
        if not (before.startswith("# --- ") and not line):  # a heading may stand by itself
            before = line
    assert before


def test_every_setting_is_in_the_documentation() -> None:
    """docs/systemd.md is not behind: it names each setting of the unit."""
    text = (ROOT / "docs" / "systemd.md").read_text("utf-8")
    names = settings().keys() - {"Description"}
    missing = [name for name in names if not re.search(rf"\b{name}\b", text)]
    assert missing == []


def test_the_folders_and_the_user_are_made(tmp_path: Path) -> None:
    """The snippets beside the unit are accepted and make what the unit relies on."""
    sysusers, tmpfiles = shutil.which("systemd-sysusers"), shutil.which("systemd-tmpfiles")
    if sysusers is None or tmpfiles is None:
        pytest.skip("systemd-sysusers or systemd-tmpfiles is not installed")
    if os.geteuid() != 0:
        pytest.skip("only root may make users, even in another root folder")
    folder = UNIT.parent
    (tmp_path / "etc").mkdir()
    for program, file in ((sysusers, "sysusers"), (tmpfiles, "tmpfiles")):
        arguments = ["--create"] if file == "tmpfiles" else []
        subprocess.run(
            [program, f"--root={tmp_path}", *arguments, folder / f"press-monitor.{file}"],
            check=True,
            timeout=60,
        )
    users = (tmp_path / "etc" / "passwd").read_text()
    groups = {
        line.split(":")[0]: line.split(":")[2:]
        for line in (tmp_path / "etc" / "group").read_text().splitlines()
    }
    assert "press-monitor:" in users
    assert groups["press-drop"][1] == "press-monitor"
    drop = (tmp_path / "var" / "spool" / "press-monitor").stat()
    assert drop.st_mode & 0o7777 == 0o3770
    assert str(drop.st_gid) == groups["press-drop"][0]
    secrets = tmp_path / "etc" / "press-monitor" / "secrets"
    assert secrets.stat().st_mode & 0o7777 == 0o700
    assert secrets.parent.stat().st_mode & 0o7777 == 0o2750
    values = settings()
    assert values["ReadWritePaths"] == ["/var/spool/press-monitor"]
    assert values["LoadCredential"] == ["secret:/etc/press-monitor/secrets"]


def test_the_unit_needs_no_other_package() -> None:
    """A small Debian has no procps, so no /bin/kill: the unit runs the program and the shell."""
    values = settings()
    program = values["ExecStart"][0].split()[0]
    called = {
        line.split()[0] for name in values if name.startswith("Exec") for line in values[name]
    }
    assert called == {program, "/bin/sh"}


def test_the_command_sees_what_the_service_sees() -> None:
    """systemd/press-monitor runs the unit's program, as its user, with its secrets."""
    wrapper = UNIT.parent / "press-monitor"
    assert os.access(wrapper, os.X_OK)
    subprocess.run(["/bin/sh", "-n", wrapper], check=True, timeout=60)
    text = wrapper.read_text("utf-8")
    values = settings()
    for name in ("User", "UMask", "LoadCredential"):
        assert f"--property={name}={values[name][0]} " in text
    assert f'{values["ExecStart"][0].removesuffix(" run")} "$@"' in text


def test_the_installation_leaves_nothing_out() -> None:
    """docs/systemd.md installs every file of systemd/ except the check of the whole."""
    text = (ROOT / "docs" / "systemd.md").read_text("utf-8")
    install = text.split("## Install", 1)[1].split("```", 2)[1]
    files = {f"systemd/{file.name} " for file in UNIT.parent.iterdir()} - {"systemd/boot-test "}
    assert [file for file in sorted(files) if file not in install] == []


def allowed_calls() -> list[str]:
    """The system calls that the unit's filter lets through."""
    sets: dict[str, list[str]] = {}
    for line in analyze("syscall-filter", "--no-pager").stdout.splitlines():
        if line.startswith("@"):
            sets[line] = []
        elif (name := line.strip()) and not name.startswith("#") and sets:
            sets[list(sets)[-1]].append(name)

    def expand(name: str) -> set[str]:
        if not name.startswith("@"):
            return {name}
        return {call for member in sets[name] for call in expand(member)}

    allowed = expand("@default")
    for value in settings()["SystemCallFilter"]:
        calls = {call for name in value.removeprefix("~").split() for call in expand(name)}
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    return sorted(allowed)


# Restricts itself as systemd would, then becomes the program.
_CONFINE = """
import ctypes, errno, os, sys
prctl = ctypes.CDLL(None, use_errno=True).prctl
if prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE: MemoryDenyWriteExecute=
    sys.exit(77)
seccomp = ctypes.CDLL(sys.argv[1])
seccomp.seccomp_init.restype = ctypes.c_void_p
filter = ctypes.c_void_p(seccomp.seccomp_init(0x00050000 | errno.EPERM))
for name in sys.argv[2].split(","):
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        assert seccomp.seccomp_rule_add(filter, 0x7FFF0000, number, 0) == 0
assert seccomp.seccomp_load(filter) == 0
os.execv(sys.argv[3], sys.argv[3:])
"""

_DUMP = """\
 date 2026-11-20
20.11.2026, 10:00
Water talks open in the capital
The talks on shared rivers opened on Friday, the ministry reports.
"""


@pytest.fixture
def notified(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(30)
        yield sock


@needs_systemd
def test_the_program_works_within_the_unit(tmp_path: Path, notified: socket.socket) -> None:
    """Under the unit's own system call filter, without writable code in memory: it gets ready,
    tells systemd so, ingests a file, answers the watchdog, reloads and stops cleanly."""
    library = ctypes.util.find_library("seccomp")
    if library is None:
        pytest.skip("libseccomp is not installed")
    allowed = allowed_calls()
    assert "pipe2" in allowed
    assert "mount" not in allowed
    (tmp_path / "config.yaml").write_text(
        "inbox: {path: ./inbox, settle: 100ms}\n"
        "state: ./state\n"
        "web: {port: 0}\n"
        "rules: [{name: water, any: [water]}]\n"
        "receivers: [{name: console, console_configs: [{}]}]\n",
        "utf-8",
    )
    program = [sys.executable, "-m", "monitor", "-c", tmp_path / "config.yaml", "run"]
    process = subprocess.Popen(
        [sys.executable, "-c", _CONFINE, library, ",".join(allowed), *program],
        cwd=tmp_path,
        env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = ""
    try:
        _told(notified, process, "READY=1")
        (tmp_path / "inbox" / "dump.txt").write_text(_DUMP, "utf-8")
        feed = tmp_path / "state" / "feeds" / "rules" / "water.atom"
        deadline = time.monotonic() + 30
        while not (feed.exists() and "Water talks open" in feed.read_text("utf-8")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        _told(notified, process, "WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        _told(notified, process, "READY=1")
        process.terminate()
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    finally:
        if process.poll() is None:
            process.kill()
            output, _ = process.communicate()
        print(output)
    assert "Traceback" not in output


def _told(sock: socket.socket, process: subprocess.Popen[str], wanted: str) -> None:
    """Wait for a state; skips where the kernel lacks what the unit asks for."""
    told: list[str] = []
    while wanted not in told:
        try:
            told = sock.recv(4096).decode("utf-8").splitlines()
        except TimeoutError:
            if process.poll() == 77:
                pytest.skip("this kernel cannot forbid writable code (before 6.3)")
            raise

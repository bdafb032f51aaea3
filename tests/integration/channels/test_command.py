"""A program of one's own: what it gets, how it is ended, what its end means."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from monitor.channels import build_channels
from monitor.channels.command import verdict
from monitor.channels.event import MAX_BYTES, document
from monitor.channels.process import GRACE, LAST_WORDS, environment, run
from monitor.config import ReceiverSettings
from monitor.errors import ConfigError, DeliveryError

KEY = "dlv_0123456789abcdef0123456789abcdef"


def build(*command: str, **entry: Any) -> Any:
    receiver = {"name": "desk", "command_configs": [{"command": list(command), **entry}]}
    (channel,) = build_channels([ReceiverSettings.model_validate(receiver)]).values()
    return channel


def shell(script: str, **entry: Any) -> Any:
    return build("/bin/sh", "-c", script, **entry)


def failure(channel: Any, message: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(message, key=KEY)
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


def test_it_gets_the_event_and_the_key(make_message, tmp_path):
    """The document of a webhook, whole, on standard input."""
    message = make_message(3)
    channel = shell(f"cat > {tmp_path}/body; echo $MONITOR_KEY > {tmp_path}/key")
    assert channel.send(message, key=KEY).detail == "exit status 0"
    assert (tmp_path / "body").read_bytes() == document(message, key=KEY)
    assert (tmp_path / "key").read_text() == f"{KEY}\n"
    assert json.loads((tmp_path / "body").read_bytes())["data"]["key"] == KEY


def test_its_world_is_small(make_message, tmp_path, monkeypatch):
    """No variables but the few that every program needs and those of the configuration; none of
    our files; a folder and a session of its own."""
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        channel = shell(
            f"env > {tmp_path}/env; ls /proc/self/fd > {tmp_path}/fd; pwd > {tmp_path}/pwd;"
            f" cat /proc/$$/stat > {tmp_path}/stat",
            env={"QUEUE": "press", "MONITOR_KEY": "forged"},
            working_directory=str(tmp_path),
        )
        channel.send(make_message(), key=KEY)
    found = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    known = {"PATH", "LANG", "HOME", "TZ", "QUEUE", "MONITOR_KEY", "PWD", "OLDPWD", "SHLVL", "_"}
    assert set(found) <= known
    assert (found["QUEUE"], found["MONITOR_KEY"]) == ("press", KEY)
    # 0, 1, 2 and the folder that ls itself has open
    assert len((tmp_path / "fd").read_text().split()) == 4
    assert (tmp_path / "pwd").read_text().strip() == str(tmp_path)
    pid, *rest = (tmp_path / "stat").read_text().split()  # proc(5): pid, name, state, ppid, pgrp
    assert [pid, pid] == rest[3:5]


def test_there_is_no_shell(make_message, tmp_path):
    """What stands in the command is an argument, whatever is in it."""
    channel = build("printf", "%s", f"$(touch {tmp_path}/made); touch {tmp_path}/made")
    channel.send(make_message(), key=KEY)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("script", "said", "permanent"),
    [
        ("exit 1", "exit status 1", False),
        ("exit 63", "exit status 63", False),
        ("exit 64", "exit status 64", True),
        ("exit 75", "exit status 75", False),
        ("exit 78", "exit status 78", True),
        ("exit 79", "exit status 79", False),
        ("exit 127", "exit status 127", False),
        ("kill -KILL $$", "killed by SIGKILL", False),
        ("kill -SEGV $$", "killed by SIGSEGV", False),
    ],
)
def test_its_end_is_the_verdict(script, said, permanent, make_message):
    """The exit status as mail servers read it."""
    error = failure(shell(f"cat > /dev/null; {script}"), make_message())
    assert str(error) == f"sh: {said}"
    assert error.permanent is permanent


def test_every_status_has_a_verdict():
    """Only those of sysexits.h are final."""
    final = {status for status in range(1, 256) if verdict(status)}
    assert final == set(range(64, 79)) - {75}


def test_its_last_words_are_told_without_secrets(make_message):
    """The last line, short, clean, without arguments and variables."""
    script = 'echo first >&2; printf "no \\033[1mqueue $QUEUE for $0\\r\\n\\n" >&2; exit 65'
    channel = build("sh", "-c", script, "--token=T0PSECRET", env={"QUEUE": "pa55word"})
    assert str(failure(channel, make_message())) == "sh: exit status 65: no [1mqueue *** for ***"


def test_it_need_not_read(make_message):
    """A program that closes its input early, or never looks at it, may have all it needs."""
    message = make_message(2, base_url="x")
    assert len(document(message, key=KEY)) < MAX_BYTES
    big = b"x" * MAX_BYTES
    for script in ("exit 0", "exec <&-; sleep 0.1", "head -c 10 > /dev/null; sleep 0.1"):
        assert run(["sh", "-c", script], big, timeout=10, env=environment({})).status == 0
        shell(script).send(message, key=KEY)


def test_it_gets_all_of_a_long_text_while_it_talks():
    """Neither waits for the other."""
    script = "yes | head -c 300000 >&2; exec 2>&-; wc -c | grep -qx 262144"
    ended = run(["sh", "-c", script], b"x" * 262_144, timeout=30, env=environment({}))
    assert (ended.status, ended.late, ended.said) == (0, False, "y")


def test_what_it_says_too_much_is_not_kept():
    """A line without end is known by its end."""
    script = "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 3"
    ended = run(["sh", "-c", script], b"", timeout=30, env=environment({}))
    assert (ended.status, len(ended.said)) == (3, LAST_WORDS)


def test_what_it_leaves_behind_does_not_hold_us(make_message, tmp_path):
    """A program that starts another and ends has done its work; the other goes on."""
    script = f"(sleep 0.3; touch {tmp_path}/done) & echo started >&2; exit 0"
    assert shell(script, timeout="60s").send(make_message(), key=KEY).detail == "exit status 0"
    assert not (tmp_path / "done").exists()
    end = time.monotonic() + 30
    while not (tmp_path / "done").exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_that_talks_for_ever_behind_its_parent_does_not_hold_us():
    """Even if it keeps our end of the pipe full."""
    ended = run(["sh", "-c", "yes >&2 & exit 0"], b"", timeout=30, env=environment({}))
    assert (ended.status, ended.late) == (0, False)


def alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("stubborn", [False, True])
def test_when_its_time_is_up_it_is_ended_with_all_it_started(stubborn, make_message, tmp_path):
    """Asked first; killed if it does not listen. Then it is tried again."""
    trap = "trap '' TERM;" if stubborn else ""
    script = f"{trap} sleep 60 & echo $! $$ > {tmp_path}/pids; wait; sleep 60"
    channel = shell(script, timeout="300ms")
    began = time.monotonic()
    error = failure(channel, make_message())
    assert str(error).startswith("sh: not done within 0.3 s")
    assert not error.permanent
    assert time.monotonic() - began < 0.3 + GRACE + 10
    end = time.monotonic() + 10
    for pid in (tmp_path / "pids").read_text().split():
        while alive(pid):
            assert time.monotonic() < end
            time.sleep(0.01)


def test_one_that_ends_well_when_asked_is_late_all_the_same(make_message):
    """It was not done: what it says about it afterwards is not to be relied on."""
    channel = shell("trap 'exit 0' TERM; sleep 60 & wait", timeout="300ms")
    assert "not done within 0.3 s" in str(failure(channel, make_message()))


@pytest.mark.parametrize("name", ["no-such-program", "/secret/no-such-program"])
def test_a_program_that_is_not_there_is_found_out_early(name):
    """When the configuration is read; of its path only the end is told."""
    with pytest.raises(ConfigError, match=r"desk/command/0: no such program: no-such-program$"):
        build(name)


@pytest.mark.parametrize("content", ["", "#!/no/such/interpreter\n", "\x7fELF nonsense"])
def test_a_program_that_cannot_run(content, make_message, tmp_path):
    """An error like others: somebody may mend it."""
    program = tmp_path / "program"
    program.write_text(content)
    program.chmod(0o700)
    error = failure(build(str(program)), make_message())
    assert not error.permanent
    assert str(error).startswith("program: cannot be run: ")
    assert str(tmp_path) not in str(error)


def test_a_program_that_goes_away(make_message, tmp_path):
    """So is one that was there when we started, and a folder that is not."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    channel = build(str(program))
    channel.send(make_message(), key=KEY)
    program.unlink()
    assert "no such file" in str(failure(channel, make_message()))
    gone = build("true", working_directory=str(tmp_path / "gone"))
    assert "no such file" in str(failure(gone, make_message()))

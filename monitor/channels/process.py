"""One run of a program: a text on its standard input, a limit on its time, its last words.

Never through a shell, in a session of its own, so that what it starts ends with it, and with none
of our descriptors or variables but those that it is given.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from monitor.channels.deadline import Countdown

GRACE = 2.0  # seconds between being asked to end and being killed
LAST_WORDS = 4096  # bytes kept of the end of standard error
_LOOK = 0.05  # seconds; so often we look whether a program has ended that left others behind
_CHUNK = 64 * 1024
_INHERITED = ("PATH", "LANG", "HOME", "TZ")


@dataclass(frozen=True, slots=True)
class Ended:
    """``status`` is the exit status, or minus the number of the signal that killed it. ``late``:
    its time was over and we ended it. ``said`` is the last line of its standard error."""

    status: int
    late: bool
    said: str


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a program sees of the world: the path, the language, the home folder, the zone."""
    own = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {"PATH": os.defpath, **own, **more}


def run(
    command: Sequence[str],
    text: bytes,
    *,
    timeout: float,
    env: Mapping[str, str],
    folder: Path | None = None,
) -> Ended:
    """Run the program to its end, or to that of ``timeout`` (s): then it and all it started are
    asked to end and, ``GRACE`` seconds later, killed.

    A program need not read its input. One that leaves others behind has ended when it has. Raises
    OSError where it cannot be started.
    """
    countdown = Countdown(timeout)
    program = subprocess.Popen(  # noqa: S603 - what runs is what the configuration says
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=env,
        start_new_session=True,
    )
    try:
        said = _talk(program, text, countdown)
        late = not _over(program.pid, countdown)
    finally:
        _end(program)
    return Ended(program.returncode, late, said)


def _talk(program: subprocess.Popen[bytes], text: bytes, countdown: Countdown) -> str:
    """Feed the program and listen to it until it has ended, or wants no more and says no more."""
    stdin, stderr = program.stdin, program.stderr
    assert isinstance(stdin, FileIO) and isinstance(stderr, FileIO)
    rest, heard = memoryview(text), b""
    with selectors.DefaultSelector() as selector:
        for stream, event in ((stdin, selectors.EVENT_WRITE), (stderr, selectors.EVENT_READ)):
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, event)
        while selector.get_map() and not countdown.expired:
            for key, _ in selector.select(_LOOK):
                if key.fileobj is stdin:
                    rest = _feed(stdin, rest)
                    done = not rest
                else:
                    chunk = stderr.read(_CHUNK)
                    heard = (heard + (chunk or b""))[-LAST_WORDS:]
                    done = chunk == b""
                if done:
                    selector.unregister(key.fileobj)
                    if key.fileobj is stdin:
                        stdin.close()  # the end of the text
            if _is_over(program.pid):
                heard = (heard + (stderr.read(_CHUNK) or b""))[-LAST_WORDS:]  # left in the pipe
                break
    lines = heard.decode("utf-8", "replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")


def _feed(stdin: FileIO, rest: memoryview) -> memoryview:
    """What is left of the text; nothing where nobody reads it."""
    try:
        return rest[stdin.write(rest) or 0 :]
    except BrokenPipeError:
        return rest[:0]


def _is_over(pid: int) -> bool:
    """Whether the program itself has ended; its number is not given up by the question."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _over(pid: int, countdown: Countdown) -> bool:
    """Wait for the program's end; False where its time is up first."""
    pause = 0.001
    while not _is_over(pid):
        if countdown.expired:
            return False
        time.sleep(pause)
        pause = min(2 * pause, _LOOK)
    return True


def _end(program: subprocess.Popen[bytes]) -> None:
    """End the program with all that it started, if it has not ended by itself. What it left behind
    then may live on, and hold the other ends of the pipes for ever."""
    if not _is_over(program.pid):
        _signal(program.pid, signal.SIGTERM)
        _over(program.pid, Countdown(GRACE))
        _signal(program.pid, signal.SIGKILL)  # also those of the group that did not listen
    for stream in (program.stdin, program.stderr):
        if stream is not None:
            stream.close()
    program.wait()


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except OSError:
        pass  # nobody is left

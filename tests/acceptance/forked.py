"""The program in a child that need not import it first.

A server process imports the program once; each call is a fork of it with folder, environment and
standard streams of its own. That saves half a second for each of a hundred calls; all else is as
in a child that was started afresh. Run as a script, this file is the server.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

STREAMS = ("in", "out", "err")


class ForkServer:
    """Starts the server; ``close`` ends it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="monitor-fork-")
        self._address = str(Path(self._folder.name, "socket"))
        listener = socket.socket(socket.AF_UNIX)
        with listener:
            listener.bind(self._address)
            listener.listen(16)
            self._server = subprocess.Popen(
                [sys.executable, __file__, str(listener.fileno())],
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def run(
        self, arguments: Sequence[str], *, folder: Path, env: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes, bytes]:
        """Exit status, standard output and standard error of ``monitor`` with these arguments."""
        with tempfile.TemporaryDirectory(dir=self._folder.name) as streams:
            files = [Path(streams, name) for name in STREAMS]
            for file in files:
                file.touch()
            request = [list(arguments), str(folder), dict(env), [str(file) for file in files]]
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(timeout)
                connection.connect(self._address)
                connection.sendall(json.dumps(request).encode() + b"\n")
                answer = connection.recv(64)
            return int(answer), files[1].read_bytes(), files[2].read_bytes()

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()
        self._folder.cleanup()


def serve(listener: socket.socket) -> None:
    """One child for each connection; it forks the program, waits, and answers with its status.

    Ends when the tests have ended, however they did.
    """
    from monitor.cli import COMMANDS

    for lazy in COMMANDS.values():
        lazy.load()
    for name in ("monitor.cli.serve", "alembic.command", "sqlalchemy.dialects.sqlite"):
        import_module(name)
    gc.freeze()  # else each child's collector touches, and so copies, all that was imported
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those children
    parent = os.getppid()
    listener.settimeout(5)
    while os.getppid() == parent:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            with connection, connection.makefile("r") as lines:
                request = json.loads(lines.readline())
                program = os.fork()
                if program == 0:
                    connection.close()
                    be_the_program(*request)
                _, status = os.waitpid(program, 0)
                connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)
        connection.close()


def be_the_program(
    arguments: list[str], folder: str, env: dict[str, str], streams: list[str]
) -> None:
    """Take folder, environment and streams, then never return."""
    from monitor.cli import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    for number, file in enumerate(streams):
        opened = os.open(file, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    # sys.stdout and sys.stderr write to these numbers, as UTF-8: see the environment's LANG
    sys.argv[1:] = arguments
    sys.exit(main(prog_name="monitor"))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        serve(socket.socket(fileno=int(sys.argv[1])))

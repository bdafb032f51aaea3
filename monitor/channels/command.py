"""Command: a program of one's own, which gets the event of a webhook on its standard input.

What its exit status means follows sysexits.h as mail servers read it (Postfix pipe(8)): 0 is
delivered, 75 (EX_TEMPFAIL) is tried again, another of 64 to 78 is final.
"""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import PurePath

from monitor.channels.event import document
from monitor.channels.outlet import Outlet
from monitor.channels.process import Ended, environment, run
from monitor.channels.wording import quoted
from monitor.config import CommandSettings
from monitor.errors import ConfigError, DeliveryError
from monitor.model import Destination, Message, Receipt

EX_TEMPFAIL = 75
_FINAL = range(64, 79)  # sysexits.h: usage, data, no such user, configuration, ...


def verdict(status: int) -> bool:
    """Whether a message that a program refused with this status is refused for good."""
    return status in _FINAL and status != EX_TEMPFAIL


class CommandChannel(Outlet):
    """Runs one command for each message."""

    def __init__(self, destination: Destination, settings: CommandSettings) -> None:
        """Raises ConfigError where there is no such program."""
        super().__init__(destination, settings.max_items, settings.min_interval)
        self._settings = settings
        self._variables = {name: value.get_secret_value() for name, value in settings.env.items()}
        program = settings.command[0]
        self._name = quoted(PurePath(program).name, (), 60)
        # what has a slash and no root is found from the folder that it runs in
        if "/" not in program or program.startswith("/"):
            path = environment(self._variables)["PATH"]
            if shutil.which(program, path=path) is None:
                raise ConfigError(f"command {destination.name}: no such program: {self._name}")

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is exit status 0."""
        timeout = self._settings.timeout.total_seconds()
        try:
            ended = run(
                self._settings.command,
                document(message, key=key),
                timeout=timeout,
                env=environment({**self._variables, "MONITOR_KEY": key}),
                folder=self._settings.working_directory,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise DeliveryError(f"{self._name}: cannot be run: {reason.lower()}") from error
        if ended.late:
            raise DeliveryError(f"{self._name}: not done within {timeout:g} s{self._said(ended)}")
        if ended.status:
            text = f"{self._name}: {_how(ended.status)}{self._said(ended)}"
            raise DeliveryError(text, permanent=verdict(ended.status))
        return Receipt("exit status 0")

    def _said(self, ended: Ended) -> str:
        """The program's last words, without what it was told in confidence."""
        hidden = [*self._variables.values(), *self._settings.command[1:]]
        hidden += [word for one in hidden for word in re.split(r"[\s;,=:]+", one)]
        said = quoted(ended.said, hidden)
        return f": {said}" if said else ""


def _how(status: int) -> str:
    if status > 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"

"""What is wrong with a template."""

from __future__ import annotations

from monitor.errors import MonitorError


class TemplateMistake(MonitorError):  # noqa: N818
    """A template that cannot be used: why, in which of the files that it includes (None: in itself)
    and on which line (from 1), as far as that is known. ``endless``: it would not come to an end,
    whatever it is given."""

    def __init__(
        self,
        message: str,
        line: int | None = None,
        file: str | None = None,
        *,
        endless: bool = False,
    ) -> None:
        super().__init__(message)
        self.line = line
        self.file = file
        self.endless = endless

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.file else f"line {self.line}"
        said = super().__str__()
        return f"{place}: {said}" if self.line is not None else said

"""Value types of the configuration: durations, secrets, patterns, zones, sizes."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


class Model(BaseModel):
    """Base of all settings: frozen, unknown keys refused, defaults checked too.

    Where a model has the fields ``x`` and ``x_file``, ``x`` may be given as the name of a file
    that holds it (a secret from systemd's ``LoadCredential``, say). The validation context's
    ``folder`` is where relative paths start.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict):
            return data
        for name in cls.model_fields:
            file = f"{name}_file"
            if file not in cls.model_fields or data.get(file) is None:
                continue
            if data.get(name) is not None:
                raise ValueError(f"{name} and {file} are both set; keep one")
            path = _located(Path(str(data[file])), info)
            try:
                data = data | {name: path.read_text("utf-8").strip()}
            except (OSError, UnicodeError) as error:
                raise ValueError(f"{file}: cannot read {path}: {_reason(error)}") from error
            if not data[name]:
                raise ValueError(f"{file}: {path} is empty")
        return data


def _reason(error: OSError | UnicodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not UTF-8 text"


def _located(path: Path, info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", ".")) / path.expanduser()


def parse_duration(value: Any) -> timedelta:
    """``"1h30m"``, ``"250ms"``, ``"0s"`` (Prometheus' notation, fractions allowed) as a timedelta.

    Raises ValueError for anything else; a bare number is refused because its unit is unclear.
    """
    if isinstance(value, timedelta):
        return value
    text = value.strip() if isinstance(value, str) else ""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"not a duration: {value!r} (a number and a unit, like 2s, 5m or 1h30m)")
    return sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta())


def format_duration(value: timedelta) -> str:
    """The shortest notation that ``parse_duration`` reads back: ``90s`` is ``1m30s``."""
    left, parts = value, []
    for unit in ("w", "d", "h", "m", "s", "ms"):
        count, left = divmod(left, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _compile(value: Any) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    if not isinstance(value, str):
        raise ValueError(f"not a pattern: {value!r}")
    try:
        return re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"no such time zone: {value!r} (an IANA name like Asia/Almaty or UTC)"
        ) from error


Located = Annotated[Path, AfterValidator(_located)]
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d|w))+$"}),
]
Pattern = Annotated[
    re.Pattern[str],
    BeforeValidator(_compile),
    PlainSerializer(lambda value: value.pattern, return_type=str),
    WithJsonSchema({"type": "string", "format": "regex"}),
]
Zone = Annotated[
    ZoneInfo,
    BeforeValidator(_zone),
    PlainSerializer(lambda value: value.key, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["Asia/Almaty", "UTC"]}),
]

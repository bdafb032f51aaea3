"""Value types of the channels' settings: places to send to, keys that were, programs to run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr, WithJsonSchema

from monitor.config.types import SigningSecret, Text, one_is_a_list

_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def _place(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        if "host bits" in str(error):
            whole = ip_network(value, strict=False)
            raise ValueError(f"{value} is not the beginning of a network; write {whole}") from error
    # what ends in a number is an address to every resolver (WHATWG URL, "ends in a number")
    if not _HOST.fullmatch(value) or _NUMBER.fullmatch(value.rstrip(".").rpartition(".")[2]):
        raise ValueError(f"not an address, a network or the name of a host: {value!r}")
    return value.lower()


def _separate(value: Any) -> Any:
    """A text of several, as a file has them, one on each line."""
    return tuple(value.split()) if isinstance(value, str) else value


def _variables(value: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, content in value.items():
        if _VARIABLE.fullmatch(name) is None:
            raise ValueError(f"not the name of an environment variable: {name!r}")
        if "\0" in content.get_secret_value():
            raise ValueError(f"the variable {name} has a NUL character")
    return value


def _arguments(value: tuple[str, ...]) -> tuple[str, ...]:
    if any("\0" in one for one in value):
        raise ValueError("a NUL character cannot be part of a command")
    return value


_TEXTS = {"type": ["string", "array"], "items": {"type": "string"}}

Places = Annotated[
    tuple[Annotated[Text, AfterValidator(_place)], ...],
    BeforeValidator(one_is_a_list),
    WithJsonSchema(_TEXTS),
]
SigningSecrets = Annotated[
    tuple[SigningSecret, ...],
    BeforeValidator(_separate),
    WithJsonSchema(_TEXTS),
]
Variables = Annotated[Mapping[str, SecretStr], AfterValidator(_variables)]
Arguments = Annotated[tuple[Text, ...], AfterValidator(_arguments)]

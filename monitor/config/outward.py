"""Value types of the channels' settings: places to send to, keys that were, programs to run."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, WithJsonSchema

from monitor.config.types import Text, one_is_a_list

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def _url(value: str) -> str:
    # Not repeated in messages: what posts to an address often has a token in it.
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    # a backslash is a slash to some readers, so that they find another host
    if not good or re.search(r"[\s\x00-\x1f\x7f\\]", value):
        raise ValueError("not an address that starts with http:// or https://")
    return value


def _secret_url(value: SecretStr) -> SecretStr:
    _url(value.get_secret_value())
    return value


# --------------------------------------------------------------------------- connections


def _signing_secret(value: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(value.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("not a Standard Webhooks secret (whsec_ and base64)")
    return value


def _headers(value: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, content in value.items():
        if _TOKEN.fullmatch(name) is None:
            raise ValueError(f"not the name of a header: {name!r}")
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", content.get_secret_value()):
            raise ValueError(f"the header {name} has a control character")
    return value


def _slack_token(value: SecretStr) -> SecretStr:
    if re.fullmatch(r"xox[a-z]-[!-~]+", value.get_secret_value()) is None:
        raise ValueError("not a token of Slack (xoxb-...)")
    return value


# --------------------------------------------------------------------------- dumps


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

Url = Annotated[
    str, AfterValidator(_url), WithJsonSchema({"type": "string", "pattern": "^https?://"})
]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_url)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
SlackToken = Annotated[SecretStr, AfterValidator(_slack_token)]
Headers = Annotated[dict[str, SecretStr], AfterValidator(_headers)]
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

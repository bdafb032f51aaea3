"""The settings of the most messages that a receiver wants."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from monitor.config.types import Model, Wait


class StormSettings(Model):
    """More messages than this to one destination become one; `off`: never."""

    max_messages: int = Field(20, ge=1, description="At most so many messages of alerts ...")
    per: Wait = Field(
        timedelta(minutes=10),
        gt=timedelta(0),
        description="... within this; the rest is one message at its end. Digests do not count.",
    )


def _off(value: Any) -> Any:
    return None if value == "off" or value is False else value


def _or_off(schema: dict[str, Any]) -> None:
    """None is written ``off``, which is false to whoever reads YAML 1.1."""
    schema["anyOf"] = [
        {"enum": ["off", False]} if one.get("type") == "null" else one for one in schema["anyOf"]
    ]


StormOrOff = Annotated[
    StormSettings | None, BeforeValidator(_off), Field(json_schema_extra=_or_off)
]

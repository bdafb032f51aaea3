"""The settings of alerts that make others needless."""

from __future__ import annotations

from pydantic import Field, field_validator

from monitor.config.matchers import parse_matcher
from monitor.config.types import Model, Texts


class InhibitRuleSettings(Model):
    """While one alert is told another need not be: both by their labels, as in routes."""

    source_matchers: Texts = Field(
        min_length=1,
        description="The alert that keeps others from being told: of the same change of the same"
        " article, or of what is not as usual of a source, while it lasts.",
    )
    target_matchers: Texts = Field(min_length=1, description="The alerts that are not told.")
    equal: Texts = Field(
        (), description="Labels that must have the same value in both; one that neither has is."
    )

    @field_validator("source_matchers", "target_matchers", mode="after")
    @classmethod
    def _parse(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for matcher in value:
            parse_matcher(matcher)
        return value

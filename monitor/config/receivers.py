"""The settings of the ways out: one class for each channel, and the receivers that group them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from monitor.config.mail import EmailSettings
from monitor.config.outward import (
    Headers,
    Places,
    SecretUrl,
    SigningSecret,
    SigningSecrets,
    SlackToken,
    Url,
)
from monitor.config.services import AppriseSettings, CommandSettings
from monitor.config.storm import StormOrOff, StormSettings
from monitor.config.types import (
    Duration,
    Model,
    Name,
    Text,
)


def _need(name: str, value: object, why: str) -> None:
    if value is None:
        raise ValueError(f"{name} is missing: {why}")


class ConsoleSettings(Model):
    """Prints alerts on standard output."""

    text: Text | None = Field(None, description="Template of the whole text.")
    max_items: int = Field(20, ge=1, description="Articles shown in one message.")


class WebhookSettings(Model):
    """Posts JSON; signed as Standard Webhooks 1.0 where a secret is set."""

    url: Url | None = Field(None, repr=False, description="Where to post (http or https).")
    url_file: Path | None = Field(None, description="A file that holds the URL.")
    secret: SigningSecret | None = Field(None, description="whsec_ and base64: signs messages.")
    secret_file: Path | None = Field(None, description="A file that holds the secret.")
    previous_secrets: SigningSecrets = Field(
        (), description="They sign too, while receivers change over to a new secret."
    )
    previous_secrets_file: Path | None = Field(
        None, description="A file that holds them, one on each line."
    )
    allow_addresses: Places = Field(
        (),
        description="Networks, addresses and names of hosts that may be private; others are not"
        " posted to.",
    )
    headers: Headers = Field({}, description="Further request headers.")
    timeout: Duration = Field(
        timedelta(seconds=15),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="For the whole exchange.",
    )
    max_items: int = Field(50, ge=1, description="Articles in one message.")
    min_interval: Duration = Field(timedelta(0), description="Least time between two messages.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _need("url", self.url, "where to post (or url_file)")
        if self.previous_secrets:
            _need("secret", self.secret, "previous_secrets only sign beside it")
        return self


class SlackSettings(Model):
    """Posts to Slack: by an incoming webhook, or as a bot, which can keep to threads."""

    webhook_url: SecretUrl | None = Field(None, description="https://hooks.slack.com/services/...")
    webhook_url_file: Path | None = Field(None, description="A file that holds the address.")
    token: SlackToken | None = Field(
        None, description="Of a bot (xoxb-...) with chat:write, instead of webhook_url."
    )
    token_file: Path | None = Field(None, description="A file that holds the token.")
    channel: Text | None = Field(None, description="For a bot: the channel's id or name.")
    threads: bool = Field(
        True, description="As a bot, what becomes of an article is told in replies to its alert."
    )
    update: bool = Field(
        False,
        description="As a bot, the first message is changed instead, if it told of that article"
        " alone.",
    )
    api_url: Url = Field("https://slack.com/api", description="Where Slack's Web API is.")
    header: Text | None = Field(None, description="Template of the headline.")
    text: Text | None = Field(None, description="Template of what is told of one article.")
    timeout: Duration = Field(
        timedelta(seconds=15),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="For the whole exchange.",
    )
    max_items: int = Field(10, ge=1, le=20, description="Articles in one message.")
    min_interval: Duration = Field(
        timedelta(seconds=1),
        description="Least time between two messages: Slack takes about one a second.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.token is None:
            why = "Slack's address (or webhook_url_file, or token)"
            _need("webhook_url", self.webhook_url, why)
            if self.channel is not None or self.update:
                raise ValueError("channel and update are for a bot: token is missing")
        elif self.webhook_url is not None:
            raise ValueError("webhook_url and token are both set; keep one")
        else:
            _need("channel", self.channel, "where the bot posts: the channel's id or name")
        if self.update and not self.threads:
            raise ValueError("update needs threads")
        return self


class ReceiverSettings(Model):
    """A named group of channels that all get the receiver's alerts."""

    name: Name = Field(description="Unique; routes lead to it.")
    storm: StormOrOff = Field(
        StormSettings(), description="The most messages of alerts; off: as many as there are."
    )
    console_configs: tuple[ConsoleSettings, ...] = Field((), description="Standard output.")
    webhook_configs: tuple[WebhookSettings, ...] = Field((), description="JSON over HTTP.")
    command_configs: tuple[CommandSettings, ...] = Field((), description="Programs.")
    slack_configs: tuple[SlackSettings, ...] = Field((), description="Slack channels.")
    email_configs: tuple[EmailSettings, ...] = Field((), description="Mail.")
    apprise_configs: tuple[AppriseSettings, ...] = Field((), description="Services by Apprise.")

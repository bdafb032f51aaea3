"""The settings of the ways out: one class for each channel, and the receivers that group them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from monitor.config.types import (
    Duration,
    Headers,
    LocatedFile,
    Model,
    Name,
    Secret,
    SecretUrl,
    SigningSecret,
    SlackToken,
    Text,
    Texts,
    Url,
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
    headers: Headers = Field({}, description="Further request headers.")
    timeout: Duration = Field(timedelta(seconds=15), description="For the whole exchange.")
    max_items: int = Field(50, ge=1, description="Articles in one message.")
    min_interval: Duration = Field(timedelta(0), description="Least time between two messages.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _need("url", self.url, "where to post (or url_file)")
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
    timeout: Duration = Field(timedelta(seconds=15), description="For the whole exchange.")
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


class EmailSettings(Model):
    """Sends mail over SMTP, one message to each recipient."""

    to: Texts = Field(min_length=1, description="Recipients.")
    sender: Text = Field(alias="from", description="The sender's address.")
    host: Text = Field("localhost", description="SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="SMTP port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="tls: encrypted from the first byte (port 465)."
    )
    username: Text | None = Field(None, description="Login; none: without.")
    password: Secret | None = Field(None, description="Needed with a username.")
    password_file: Path | None = Field(None, description="A file that holds the password.")
    ca_file: LocatedFile | None = Field(None, description="Certificates to trust (PEM).")
    list_id: str | None = Field(None, description="List-Id header; none: made from the sender.")
    timeout: Duration = Field(timedelta(seconds=30), description="For the whole exchange.")
    max_items: int = Field(30, ge=1, description="Articles in one message.")
    min_interval: Duration = Field(
        timedelta(0), description="Least time between two messages to one recipient."
    )

    @field_validator("to", "sender", mode="after")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for address in (value,) if isinstance(value, str) else value:
            bare = address.rpartition("<")[2].rstrip(">")
            name, at, domain = bare.rpartition("@")
            if not (name and at and domain) or any(c in address for c in "\r\n\0"):
                raise ValueError(f"not an email address: {address!r}")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.username is not None:
            _need("password", self.password, "username is set (or password_file)")
        return self


class ReceiverSettings(Model):
    """A named group of channels that all get the receiver's alerts."""

    name: Name = Field(description="Unique; routes lead to it.")
    console_configs: tuple[ConsoleSettings, ...] = Field((), description="Standard output.")
    webhook_configs: tuple[WebhookSettings, ...] = Field((), description="JSON over HTTP.")
    slack_configs: tuple[SlackSettings, ...] = Field((), description="Slack channels.")
    email_configs: tuple[EmailSettings, ...] = Field((), description="Mail.")

"""The settings of email."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from monitor.config.outward import Url
from monitor.config.types import (
    Duration,
    HomePath,
    LocatedFile,
    Model,
    Secret,
    Text,
    Texts,
)


class OAuth2Settings(Model):
    """A login by XOAUTH2: where access tokens come from (RFC 6749)."""

    token_url: Url = Field(description="The provider's token endpoint.")
    client_id: Text = Field(description="What the provider calls this program.")
    client_secret: Secret | None = Field(None, description="The program's own secret, if any.")
    client_secret_file: Path | None = Field(None, description="A file that holds the secret.")
    refresh_token: Secret | None = Field(
        None, description="Of the mailbox; none: the program asks in its own name."
    )
    refresh_token_file: Path | None = Field(None, description="A file that holds the token.")
    scope: Text | None = Field(None, description="What the token shall allow, if it must be said.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.client_secret is None and self.refresh_token is None:
            raise ValueError("give client_secret, refresh_token or both (or as files)")
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
    password: Secret | None = Field(None, description="Needed with a username, unless oauth2 is.")
    password_file: Path | None = Field(None, description="A file that holds the password.")
    oauth2: OAuth2Settings | None = Field(
        None, description="Login by XOAUTH2 instead of a password (Google, Microsoft)."
    )
    ca_file: LocatedFile | None = Field(None, description="Certificates to trust (PEM).")
    subject: Text | None = Field(None, description="Template of the subject.")
    text: Text | None = Field(None, description="Template of the plain text.")
    html: Text | None = Field(None, description="Template of the HTML.")
    list_id: str | None = Field(None, description="List-Id header; none: made from the sender.")
    unsubscribe_url: Url | None = Field(
        None,
        description="Where a recipient unsubscribes with one click (https, RFC 8058); {recipient}"
        " in it is replaced.",
    )
    unsubscribe_email: Text | None = Field(
        None, description="An address to write to in order to unsubscribe."
    )
    maildir: HomePath | None = Field(
        None, description="For trying out: mails go into this maildir and to no server."
    )
    eml: HomePath | None = Field(
        None, description="For trying out: mails become .eml files in this folder."
    )
    timeout: Duration = Field(
        timedelta(seconds=30),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="For the whole exchange.",
    )
    max_items: int = Field(30, ge=1, description="Articles in one message.")
    min_interval: Duration = Field(
        timedelta(0), description="Least time between two messages to one recipient."
    )

    @field_validator("to", "sender", "unsubscribe_email", mode="after")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for address in (value,) if isinstance(value, str) else value or ():
            bare = address.rpartition("<")[2].rstrip(">")
            name, at, domain = bare.rpartition("@")
            if not (name and at and domain) or any(c in address for c in "\r\n\0"):
                raise ValueError(f"not an email address: {address!r}")
        return value

    @field_validator("unsubscribe_email", mode="after")
    @classmethod
    def _bare(cls, value: str | None) -> str | None:
        if value is not None and re.search(r"[\s<>,;]", value):
            raise ValueError("just the address, without a name")
        return value

    @field_validator("unsubscribe_url", mode="after")
    @classmethod
    def _one_click(cls, value: str | None) -> str | None:
        if value is not None and not value.lower().startswith("https://"):
            raise ValueError("must begin with https:// (RFC 8058)")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.password is not None and self.oauth2 is not None:
            raise ValueError("password and oauth2 are both set; keep one")
        if self.username is not None and self.password is None and self.oauth2 is None:
            raise ValueError("password is missing: username is set (or password_file, or oauth2)")
        if self.oauth2 is not None and self.username is None:
            raise ValueError("username is missing: oauth2 is set")
        if self.maildir is not None and self.eml is not None:
            raise ValueError("maildir and eml are both set; keep one")
        return self

"""Mails into folders, to see what would be sent."""

from __future__ import annotations

import email
import mailbox
from email import policy
from pathlib import Path
from typing import Any

import pytest

from monitor.channels import build_channels
from monitor.config import ReceiverSettings
from monitor.errors import DeliveryError

KEY = "dlv_0123456789abcdef0123456789abcdef"


def channel_to(closed_port: int, **fields: Any) -> Any:
    """A channel whose server is not there: nothing may go to it."""
    entry = {"to": "Анна <ann@example.org>", "from": "monitor@example.org", "port": closed_port}
    receiver = {"name": "desk", "email_configs": [entry | fields]}
    (channel,) = build_channels([ReceiverSettings.model_validate(receiver)]).values()
    return channel


@pytest.mark.parametrize("there", [False, True])
def test_a_maildir(there: bool, tmp_path: Path, closed_port: int, make_message: Any) -> None:
    """Mail programs find the mail there, unread; the folder is made where it is missing, and one
    that is there, and empty, becomes a maildir."""
    folder = tmp_path / "some" / "mail"
    if there:
        folder.mkdir(parents=True)
    receipt = channel_to(closed_port, maildir=folder).send(make_message(), key=KEY)
    box = mailbox.Maildir(folder, factory=None, create=False)
    ((name, mail),) = box.iteritems()
    assert receipt.detail == f"{folder}: {name}"
    assert mail["Message-ID"] == f"<{KEY}@example.org>"
    assert (mail.get_subdir(), mail.get_flags()) == ("new", "")


def test_a_file_for_each_mail(tmp_path: Path, closed_port: int, make_message: Any) -> None:
    """Its name sorts by time and says for whom it is; a second attempt leaves one file."""
    channel = channel_to(closed_port, eml=tmp_path / "mail")
    for _ in range(2):
        channel.send(make_message(), key=KEY)
    channel.send(make_message(), key="dlv_other")
    files = sorted((tmp_path / "mail").iterdir())
    assert len(files) == 2
    for file in files:
        assert file.name.startswith("20220105T083100Z-ann@example.org-")
        mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        assert mail["To"] == "Анна <ann@example.org>"
        assert mail.get_body(("html",)) is not None


@pytest.mark.parametrize("key", ["maildir", "eml"])
def test_a_folder_that_cannot_be_written(
    key: str, tmp_path: Path, closed_port: int, make_message: Any
) -> None:
    """Said with its name, and tried again: the disk may have been full."""
    (tmp_path / "mail").write_text("a file")
    channel = channel_to(closed_port, **{key: tmp_path / "mail"})
    with pytest.raises(DeliveryError, match=f"the mail folder {tmp_path}/mail: File exists") as no:
        channel.send(make_message(), key=KEY)
    assert not no.value.permanent

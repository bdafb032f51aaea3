"""Email: one message to each recipient, over SMTP or, for trying out, into a folder."""

from __future__ import annotations

import ssl

from monitor.channels.letter import Mailbox, Unsubscribe, compose
from monitor.channels.mailbox import to_eml, to_maildir
from monitor.channels.outlet import Outlet
from monitor.channels.smtp import MailServer
from monitor.channels.templates import Words
from monitor.config import EmailSettings
from monitor.errors import ConfigError, DeliveryError
from monitor.model import Destination, Message, Receipt


def mail_server(settings: EmailSettings, name: str) -> MailServer:
    """What the recipients of one entry share. Raises ConfigError, with the entry's ``name``, for a
    file of certificates of no use."""
    try:
        return MailServer(settings)
    except ssl.SSLError as error:
        raise ConfigError(
            f"email {name}: ca_file: no PEM certificate in {settings.ca_file}"
        ) from error
    except OSError as error:
        raise ConfigError(f"email {name}: ca_file: {settings.ca_file}: {error.strerror}") from error


class EmailChannel(Outlet):
    """Mails one recipient."""

    def __init__(
        self,
        destination: Destination,
        settings: EmailSettings,
        recipient: str,
        server: MailServer | None = None,
        words: Words | None = None,
    ) -> None:
        """``server`` is shared with other recipients; none: one of its own. Raises ConfigError for
        an address or a certificate file of no use."""
        super().__init__(destination, settings.max_items, settings.min_interval)
        self._settings = settings
        self._words = words
        self._server = server or mail_server(settings, destination.name)
        try:
            self._sender = Mailbox.parse(settings.sender)
            self._recipient = Mailbox.parse(recipient)
        except ValueError as error:
            raise ConfigError(f"email {destination.name}: {error}") from error
        self._unsubscribe = Unsubscribe(settings.unsubscribe_url, settings.unsubscribe_email)

    def close(self) -> None:
        self._server.close()

    def send(self, message: Message, *, key: str) -> Receipt:
        """Accepted is a 2xx answer to the end of DATA, or a file that is written."""
        settings, to = self._settings, self._recipient
        letter = compose(
            message,
            key=key,
            sender=self._sender,
            recipient=to,
            list_id=settings.list_id,
            unsubscribe=self._unsubscribe,
            words=self._words,
        )
        try:
            mail = letter.as_bytes()
        except ValueError as error:  # what the mail library cannot write, no attempt will mend
            raise DeliveryError(f"no mail can be made of it: {error}", permanent=True) from error
        if settings.maildir is not None:
            return Receipt(f"{settings.maildir}: {to_maildir(settings.maildir, mail)}")
        if settings.eml is not None:
            name = to_eml(
                settings.eml, mail, created=message.created, key=key, recipient=to.address
            )
            return Receipt(f"{settings.eml}: {name}")
        self._server.take(self._sender.address, to.address, mail)
        return Receipt(f"accepted by {self._server.where}")

"""The mail of a message: text and HTML, the same bytes on every attempt. Pure.

RFC 5322 (format), RFC 2919 (List-Id), RFC 3834 (Auto-Submitted), RFC 2369 and 8058 (unsubscribing
by a click). Mails about one article thread:
each names in ``References`` an id made of the article's, which no mail ever had itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from html import escape
from urllib.parse import quote

from monitor.channels import wording
from monitor.channels.templates import Words
from monitor.model import Alert, AlertKind, HealthState, Message, Run
from monitor.text import cut

_ATOM = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_SUBJECT = 250  # characters
_EXCERPT = 400  # characters
_CHANGES = 1_500  # characters of what an edit changed
_URL_SIGNS = "%:/?#[]@!$&'()*+,;=~"  # RFC 3986, section 2.2; what is encoded stays


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name to show, perhaps empty, and an address; the domain in ASCII (IDNA)."""

    name: str
    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Mailbox:
        """From ``ann@example.org`` or ``Ann <ann@example.org>``.

        Raises ValueError where it is neither or the domain has no IDNA form.
        """
        name, bracket, rest = text.rpartition("<")
        bare = rest.strip().removesuffix(">") if bracket else text.strip()
        local, at, domain = bare.rpartition("@")
        if not (local and at and domain) or re.search(r"[\s<>\x00-\x1f,;]", bare):
            raise ValueError(f"not an email address: {text!r}")
        try:
            ascii_domain = domain.encode("idna").decode().lower()
        except UnicodeError as error:
            raise ValueError(f"not a mail domain: {domain!r}") from error
        return cls(wording.clean(name).strip().strip('"'), local, ascii_domain)

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def header(self) -> Address:
        return Address(self.name, self.local, self.domain)


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """How a recipient can unsubscribe: an https address, in which ``{recipient}`` stands for who it
    is, and an address to write to."""

    url: str | None = None
    email: str | None = None

    def headers(self, recipient: Mailbox) -> dict[str, str]:
        """``List-Unsubscribe`` and, where one click is enough, ``List-Unsubscribe-Post``."""
        headers = {}
        ways = []
        if self.url is not None:
            mine = self.url.replace("{recipient}", _quoted(recipient.address, ""))
            ways.append(f"<{_quoted(mine, _URL_SIGNS)}>")
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        if self.email is not None:
            about = _quoted(f"unsubscribe {recipient.address}", "")
            ways.append(f"<mailto:{_quoted(self.email, '@+')}?subject={about}>")
        if ways:
            headers["List-Unsubscribe"] = ", ".join(ways)
        return headers


def _quoted(text: str, safe: str) -> str:
    """Percent-encoded but for ``safe`` signs; what is no text becomes a question mark."""
    return quote(text, safe=safe, errors="replace")


class _Policy(policy.EmailPolicy):
    """Does not fold headers made of message ids and addresses.

    The standard policy turns an id that is longer than a line into an encoded word, which no
    mail program reads as an id. RFC 5322 allows lines of 998 characters.
    """

    _WHOLE = frozenset({"message-id", "references", "in-reply-to", "list-id", "list-unsubscribe"})

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in self._WHOLE:
            return f"{name}: {value}{self.linesep}".encode("ascii", "replace")
        return super().fold_binary(name, value)


def compose(
    message: Message,
    *,
    key: str,
    sender: Mailbox,
    recipient: Mailbox,
    list_id: str | None = None,
    unsubscribe: Unsubscribe | None = None,
    words: Words | None = None,
) -> EmailMessage:
    """The mail for one recipient; its ``bytes`` depend on nothing but the arguments.

    ``list_id``: the List-Id without its angle brackets; none: made from the sender's address.
    ``words`` take the place of ours.
    """
    subject, plain, rich = parts(message, words or Words())
    international = not (sender.local + recipient.local).isascii()
    mail = EmailMessage(policy=_Policy(linesep="\r\n", utf8=international))
    mail["From"] = sender.header
    mail["To"] = recipient.header
    mail["Subject"] = subject
    mail["Date"] = message.created
    mail["Message-ID"] = _id(key, sender)
    if len(message.alerts) == message.total == 1:
        thread = _id(f"article.{message.alerts[0].article_id}", sender)
        mail["In-Reply-To"] = thread
        mail["References"] = thread
    mail["List-Id"] = f"<{wording.clean(list_id or _list_id(sender)).strip(' <>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in (unsubscribe.headers(recipient) if unsubscribe else {}).items():
        mail[name] = value
    mail.set_content(plain, cte="quoted-printable")
    mail.add_alternative(rich, subtype="html", cte="quoted-printable")
    # "=_" cannot occur in quoted-printable, so no boundary can stand in the text
    mail.set_boundary("=_" + hashlib.sha256(key.encode()).hexdigest()[:32])
    return mail


def parts(message: Message, words: Words) -> tuple[str, str, str]:
    """Subject, text and HTML, each in ``words`` where they have some."""
    said = words.said(message)
    subject = cut(" ".join(wording.clean(said.text("subject") or "").split()), _SUBJECT)
    plain, rich = said.text("text"), said.text("html")
    return (
        subject or wording.subject(message),
        _with_notes(text(message) if plain is None else f"{plain.rstrip()}\n", said.notes),
        _with_html_notes(html(message) if rich is None else rich, said.notes),
    )


def _with_notes(words: str, notes: Sequence[str]) -> str:
    """What is to be said of the mail itself stands above it."""
    return "".join(f"{note}\n\n" for note in notes) + words


def _with_html_notes(words: str, notes: Sequence[str]) -> str:
    """The same at the end of the page, where nothing can be open any more."""
    body, end, rest = words.rpartition("</body>")
    paragraphs = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"{body}{paragraphs}{end}{rest}" if end else words + paragraphs


def _id(left: str, sender: Mailbox) -> str:
    """A message id (RFC 5322, 3.6.4); what is no dot-atom is hashed."""
    if not _ATOM.fullmatch(left):
        left = hashlib.sha256(left.encode("utf-8", "replace")).hexdigest()
    return f"<{left}@{sender.domain}>"


def _list_id(sender: Mailbox) -> str:
    local = re.sub(r"[^A-Za-z0-9-]+", "-", sender.local).strip("-") or "monitor"
    return f"{local}.{sender.domain}"


# --------------------------------------------------------------------------- text


def text(message: Message) -> str:
    """The plain text: lines as long as they are, for the mail program to wrap."""
    parts = [wording.clean(wording.headline(message))]
    parts += [_text_article(alert) for alert in message.alerts]
    if more := wording.more(message):
        parts.append(f"{more}: {wording.clean(message.base_url)}")
    parts.append(f"-- \n{_footer(message)}\n{wording.clean(message.base_url)}")
    return "\n\n".join(parts) + "\n"


def _text_article(alert: Alert) -> str:
    rules = wording.clean(wording.listed(alert.rules))
    excerpt = "".join(piece for piece, _ in wording.excerpt(alert, _EXCERPT, marked=False))
    lines = [
        wording.label(alert).upper() + (f": {rules}" if rules else ""),
        wording.title(alert),
        wording.facts(alert),
        excerpt.strip(),
        wording.change(alert),
        *(wording.marked(heading, runs) for heading, runs in wording.changes(alert, _CHANGES)),
        wording.clean(alert.url),
        *(f"original: {link}" for link in [wording.original(alert)] if link),
        *(f"{wording.BEFORE} {text}: {url}" for text, url in wording.earlier(alert)),
        *(f"{wording.ALSO} {text}: {url}" for text, url in wording.copies(alert)),
    ]
    return "\n".join(line for line in lines if line)


def _footer(message: Message) -> str:
    return f"Sent by press-monitor to the receiver {wording.clean(message.receiver)}."


# --------------------------------------------------------------------------- HTML

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_MARK = "background-color:#ffe58a;color:#1f2328;padding:0 2px;border-radius:2px"
_PILL = (
    "display:inline-block;padding:2px 8px;border-radius:10px;color:#ffffff;"
    "font-size:12px;line-height:16px;font-weight:600;background-color:"
)
_COLOURS = {
    AlertKind.NEW: "#1a7f37",
    AlertKind.REVISED: "#9a6700",
    AlertKind.DROPPED: "#59636e",
    AlertKind.RISEN: "#0a6c74",
    AlertKind.HEALTH: "#cf222e",
}
_WELL = "#1a7f37"

# Styles stand inline because Gmail drops the rest for some accounts; tables because Outlook
# knows neither max-width nor padding on a div.
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{title}</title>
</head>
<body style="margin:0;padding:0;background-color:#f3f4f6">
<div style="display:none;max-height:0;overflow:hidden">{preview}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background-color:#f3f4f6"><tr><td align="center" style="padding:12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:600px;{font};color:#1f2328;text-align:left;overflow-wrap:anywhere">
<tr><td style="padding:8px 4px 14px;font-size:18px;line-height:24px;font-weight:600">\
{headline}</td></tr>
{articles}{more}<tr><td style="padding:10px 4px;font-size:13px;line-height:19px;color:#59636e">\
{footer} <a href="{base}" style="color:#0757b8">Open the monitor</a></td></tr>
</table>
</td></tr></table>
</body>
</html>
"""
_ARTICLE = """\
<tr><td style="padding:16px;background-color:#ffffff;border:1px solid #d9dee3;border-radius:10px">
<div style="font-size:13px;line-height:20px;color:#59636e"><span style="{pill}">{label}</span> \
{rules}</div>
<div style="margin-top:8px;font-size:18px;line-height:25px;font-weight:600">\
<a href="{url}" style="color:#0757b8;text-decoration:none">{title}</a></div>
<div style="margin-top:4px;font-size:13px;line-height:19px;color:#59636e">{facts}{original}</div>
{excerpt}{changes}{beside}</td></tr>
<tr><td style="height:12px;line-height:12px;font-size:0">&nbsp;</td></tr>
"""
_EXCERPT_LINE = '<div style="margin-top:10px;font-size:16px;line-height:24px">{}</div>\n'
# Struck out and underlined as well as coloured: red and green look alike to many. The colours
# have a contrast of more than 7:1.
_GONE = "background-color:#ffebe9;color:#82071e;text-decoration:line-through;padding:0 2px"
_CAME = "background-color:#dafbe1;color:#0b4a21;text-decoration:underline;padding:0 2px"
_CHANGED = (
    '<div style="margin-top:12px;padding:10px 12px;border-left:3px solid #9a6700;'
    'background-color:#f6f8fa;font-size:15px;line-height:23px">'
    '<div style="font-size:13px;line-height:19px;color:#59636e">{summary}</div>\n{lines}</div>\n'
)
_CHANGED_LINE = '<div style="margin-top:6px">{}</div>\n'
_HOW = '<span style="font-size:13px;color:#59636e">{}</span> '
_ORIGINAL = ' · <a href="{}" style="color:#0757b8">original</a>'
_LINKS = '<div style="margin-top:10px;font-size:14px;line-height:21px">{}</div>\n'
_LINK = '<div>{before} <a href="{url}" style="color:#0757b8">{text}</a></div>'
_MORE = (
    '<tr><td align="center" style="padding:4px 0 12px"><a href="{base}" style="display:block;'
    "padding:12px;border-radius:10px;background-color:#0757b8;color:#ffffff;font-size:16px;"
    'line-height:22px;font-weight:600;text-decoration:none">{more}</a></td></tr>\n'
)


def html(message: Message) -> str:
    """The HTML: one column of cards, readable on a phone, with what matched highlighted."""
    more = wording.more(message)
    base = escape(wording.clean(message.base_url))
    return _PAGE.format(
        font=_FONT,
        title=escape(wording.subject(message)),
        preview=escape(_preview(message)),
        headline=escape(wording.clean(wording.headline(message))),
        articles="".join(_html_article(alert) for alert in message.alerts),
        more=_MORE.format(base=base, more=escape(more)) if more else "",
        footer=escape(_footer(message)),
        base=base,
    )


def _preview(message: Message) -> str:
    """What a list of mails shows after the subject."""
    if len(message.alerts) == 1:
        (alert,) = message.alerts
        return f"{wording.label(alert)} · {wording.facts(alert)}"
    return " · ".join(wording.title(alert, 60) for alert in message.alerts[:3])


def _html_article(alert: Alert) -> str:
    excerpt = _marked(wording.excerpt(alert, _EXCERPT))
    return _ARTICLE.format(
        pill=_PILL + _colour(alert),
        label=wording.label(alert),
        rules=escape(wording.clean(wording.listed(alert.rules))),
        url=escape(wording.clean(alert.url)),
        title=_marked(wording.segments(alert.title, alert.title_marks, 200)) or "(untitled)",
        facts=escape(wording.facts(alert)),
        original=_ORIGINAL.format(escape(link)) if (link := wording.original(alert)) else "",
        excerpt=_EXCERPT_LINE.format(excerpt) if excerpt else "",
        changes=_html_changes(alert),
        beside=_html_links(wording.BEFORE, wording.earlier(alert))
        + _html_links(wording.ALSO, wording.copies(alert)),
    )


def _html_changes(alert: Alert) -> str:
    """What an edit changed; nothing of an alert of no edit."""
    if alert.edit is None:
        return ""
    lines = "".join(
        _CHANGED_LINE.format((_HOW.format(heading) if heading else "") + _html_runs(runs))
        for heading, runs in wording.changes(alert, _CHANGES)
    )
    return _CHANGED.format(summary=escape(wording.change(alert)), lines=lines)


def _html_links(before: str, found: list[tuple[str, str]]) -> str:
    """Links on lines of their own: what was told before, the articles with the same text."""
    lines = "".join(
        _LINK.format(before=before, url=escape(url), text=escape(text)) for text, url in found
    )
    return _LINKS.format(lines) if lines else ""


def _html_runs(runs: list[Run]) -> str:
    tags = {
        "=": "{}",
        "-": f'<del style="{_GONE}">{{}}</del>',
        "+": f'<ins style="{_CAME}">{{}}</ins>',
    }
    return "".join(tags[op].format(escape(text)) for op, text in runs)


def _colour(alert: Alert) -> str:
    well = alert.health is not None and alert.health.state is HealthState.RESOLVED
    return _WELL if well else _COLOURS[alert.kind]


def _marked(pieces: list[tuple[str, bool]]) -> str:
    return "".join(
        f'<mark style="{_MARK}">{escape(piece)}</mark>' if marked else escape(piece)
        for piece, marked in pieces
    ).strip()

"""Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text/): what an article says
is shown as it is, and only what we add is markup. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.channels import wording
from monitor.model import Run
from monitor.revisions import shown

Piece = tuple[str, str, tuple[str, str]]
"""A text, the sign that styles it (``*`` bold, ``~`` struck out, or nothing), and the marks that
stand around it where Slack would not understand the sign."""

_SIGNS = {"=": "", "-": "~", "+": "*"}
LONGEST_ADDRESS = 1_000  # characters; an article's own may have any length

_CODES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for its formatting characters; these look the same and format nothing.
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_ITALIC = re.compile(r"(?<!\w)_|_(?!\w)|(?<=_)_|_(?=_)")
_CALL = re.compile(r"@(?=(?:here|channel|everyone)\b|\Z)", re.IGNORECASE)
_UNFINISHED = re.compile(r"<[^<>]*\Z|&[a-z]{0,3}\Z")


def escape(text: str) -> str:
    """``text`` so that Slack shows it as it is: nothing in it is markup, mention or quote."""
    plain = _ITALIC.sub("ˍ", wording.clean(text).translate(_LOOKALIKES))
    return _CALL.sub("@\u2060", plain).translate(_CODES)


def address(url: str) -> str:
    """A URL as it stands in a link; what would end it early is percent-encoded."""
    encoded = re.sub(r"[<>|\s]", lambda found: f"%{ord(found[0]):02X}", wording.clean(url))
    return encoded.replace("&", "&amp;")


def link(url: str, text: str) -> str:
    """A link, or the text alone where the address is none of the web or longer than Slack takes."""
    if len(url) > LONGEST_ADDRESS or not re.match(r"https?://\S", url):
        return escape(text)
    return f"<{address(url)}|{escape(text)}>"


def marked(pieces: Sequence[tuple[str, bool]]) -> str:
    """The pieces in mrkdwn, marked ones in bold."""
    text = styled([(piece, "*" if bold else "", ("", "")) for piece, bold in pieces])
    # a line that begins with ">" is a quotation, escaped or not
    return "›" + text.removeprefix("&gt;") if text.startswith("&gt;") else text


def styled(pieces: Sequence[Piece]) -> str:
    """Pieces in mrkdwn, each between its sign where Slack would understand it, else between its
    marks.

    Slack takes a sign for style only at a word's edge and next to no space: a match inside a word
    stays plain rather than showing its asterisks.
    """
    out = []
    for index, (piece, sign, marks) in enumerate(pieces):
        core = piece.strip()
        lead, _, tail = piece.partition(core) if core else (piece, "", "")
        before = lead or (pieces[index - 1][0][-1] if index else "")
        after = tail or (pieces[index + 1][0][0] if index + 1 < len(pieces) else "")
        is_styled = sign and core and not before[-1:].isalnum() and not after[:1].isalnum()
        left, right = (sign, sign) if is_styled else marks
        out.append(f"{lead}{left}{escape(core)}{right}{tail}")
    return "".join(out).strip()


def edited(runs: Sequence[Run]) -> str:
    """A text that was edited: what went is struck out, what came is bold."""
    return styled([(text, _SIGNS[op], shown.MARKS[op]) for op, text in _apart(runs)])


def _apart(runs: Sequence[Run]) -> Iterator[Run]:
    """The runs, with a space between what went and what came in its place."""
    before = "="
    for run in runs:
        if before != "=" != run.op:
            yield Run("=", " ")
        yield run
        before = run.op


def cut_marked(text: str, limit: int) -> str:
    """At most ``limit`` characters of mrkdwn, cut at a word's end and in no link or escape."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    head, blank, _ = kept.rpartition(" ")
    kept = head if blank and len(head) > limit // 2 else kept
    return _UNFINISHED.sub("", kept).rstrip() + "…"

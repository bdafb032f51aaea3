"""What the values of a record say: texts, paragraphs, counters, addresses. Any value will do;
what says nothing is left out, and nothing raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from monitor.dumps.markup import html_paragraphs
from monitor.text import one_line

MAX_NESTED = 8
"""Lists and objects in one another that a text is looked for in."""
MAX_URL = 2048  # characters

_INNER = ("rendered", "html", "text", "value", "content", "#text", "$t", "$date")
"""Names under which an object has the text that it stands for, in usual formats."""

_ELEMENTS = (
    "a abbr address article aside b big blockquote body br center cite code dd div dl dt em"
    " figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins li link"
    " main mark meta nav ol p picture pre q s script section small source span strike strong style"
    " sub sup table tbody td th thead tr tt u ul video"
)
# Only what is known for an element: "<ann@example.org>" in a text is none.
_HTML = re.compile(
    rf"</?(?:{'|'.join(_ELEMENTS.split())})(?:\s[^<>]*|/?)>|<!--"
    r"|&(?:#\d{2,6}|#x[0-9a-f]{2,5}|amp|quot|apos|lt|gt|nbsp|[lr]aquo|[lr][sd]quo|[mn]dash|hellip);",
    re.IGNORECASE,
)
# One number, its thousands grouped or not, with words around it but none that multiplies it.
_COUNT = re.compile(
    r"[^\d-]*(\d{1,3}(?:[\s.,'’_]\d{3})+|\d+)(?:[.,]0+)?(?!\d)"
    r"(?!\s*(?:%|[kmкм]\b|тыс|млн|thous|mill|мың))\D*",
    re.IGNORECASE,
)
_MAX_COUNT = 2**63 - 1
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"]+", re.IGNORECASE)


def line_of(value: object) -> str:
    """The text of a value as one line, without mark-up; "" where there is none."""
    if value is None:
        return ""
    text = _sound(value) if isinstance(value, str) else " ".join(_texts(value, 0))
    return one_line(" ".join(html_paragraphs(text)) if _is_html(text) else text)


def paragraphs_of(value: object) -> tuple[str, ...]:
    """The paragraphs of a text (its lines), of a piece of HTML, or of a list of these.

    A tuple is taken for paragraphs that are plain text already.
    """
    found: list[str] = []
    for text in _texts(value, 0):
        if not isinstance(value, tuple) and _is_html(text):
            found += html_paragraphs(text)
        else:
            found += filter(None, map(str.strip, text.splitlines()))
    return tuple(found)


def _is_html(text: str) -> bool:
    return ("<" in text or "&" in text) and _HTML.search(text) is not None


def _texts(value: object, depth: int) -> Iterator[str]:
    """The texts in a value, in order, without halves of characters and NULs."""
    if isinstance(value, str):
        yield _sound(value)
    elif isinstance(value, bool | bytes) or value is None or depth > MAX_NESTED:
        return
    elif isinstance(value, int | float):
        yield _number(value)
    elif isinstance(value, Mapping):
        inner = (value.get(name) for name in _INNER)
        yield from _texts(next((each for each in inner if each), None), depth + 1)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each, depth + 1)


def _sound(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON may name half a character ("\\ud83d"), or both apart
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "\ufffd")


def _number(value: float) -> str:
    if value != value:  # not a number: how some programs write that there is none
        return ""
    try:
        return str(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        return ""


def count_of(value: object) -> tuple[int | None, tuple[str, ...]]:
    """A counter, and a flag where there is one that is no number we can hold."""
    text = line_of(value)
    if not text:
        return (None, ("bad-views",)) if isinstance(value, bool) else (None, ())
    found = _COUNT.fullmatch(text)
    digits = "".join(filter(str.isdecimal, found[1])) if found is not None else ""
    if not digits or len(digits) > 19 or int(digits) > _MAX_COUNT:
        return None, ("bad-views",)
    return int(digits), ()


def scalar_of(value: object) -> object:
    """The first thing in a list, or what an object stands for: for a time, say."""
    for _ in range(MAX_NESTED):
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, Mapping):
            value = next((value[name] for name in _INNER if value.get(name)), None)
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            value = value[0] if value else None
        else:
            return value
    return None


def url_of(value: object) -> str | None:
    """A web address, None if it is none or too long."""
    text = line_of(scalar_of(value))
    return text if len(text) <= MAX_URL and _URL.fullmatch(text) else None


def language_of(value: object) -> str | None:
    """The language of a tag (BCP 47): ``en`` of ``en-US``."""
    code = line_of(scalar_of(value)).replace("_", "-").partition("-")[0].lower()
    return code if 2 <= len(code) <= 3 and code.isascii() and code.isalpha() else None

"""What the words of a line say of its place in an article: attribution, names, connectives.

The patterns know English and some Russian and Kazakh; what they miss costs points, not articles
(see ``monitor.dumps.shape``). None of them backtracks over more than the few hundred characters
it is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

MOST_NOVEL, LEAST_NOVEL = 1.5, -2.0
"""The bounds of ``novelty_points``."""
MOST_ECHO = 1.5
"""The most that ``echo_points`` gives."""
_LEAD = 2048  # characters of a line that are looked at
_TAIL = 300  # characters in which an attribution stands
_STEM = 5  # letters
_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
# Words that say nothing of the subject (those of up to three letters are left out anyway)
_STOP = frozenset(
    """
    about after against also amid among been before being between could during from have into more
    most other over should some such than that their them then there these they this those through
    under until were what when where which while will with within would your
    """.split()  # noqa: SIM905
)

# ", somebody reports." and its like as the last clause
_AGENCY = re.compile(
    r",\s(?:[^,;]{2,140}\s)?(?:reports?|informs?|cites?|quotes?|learn(?:ed|t) from)\b"
    r"[^,;]{0,80}(?:,\s(?:citing|with reference to|referring to)\b[^;]{0,120})?$"
    r"|,\s[^,;]{2,140}\s(?:reported|informed|said in a statement)[.\"”]*$"
    r"|(?:сообща[ею]т|сообщил[аи]?|переда[её]т|информируе?т|со ссылкой|хабарла|мәлімде)[^,;]{0,90}$"
)
_BY_SOURCE = re.compile(
    r",\s(?:according to|as reported by|citing|with reference to|referring to|по данным)\b"
    r"[^,;]{2,120}$"
)
_SPEAKER = re.compile(
    r"\b(?:said|told|press service|news agency|according to|сказал|заявил)\b", re.IGNORECASE
)
# "ASTANA. KAZINFORM - ", "BEIJING, Jan. 3 (Xinhua) -- "
_DATELINE = re.compile(
    r"[A-Z][A-Z\-]{2,}[A-Z ,./\-]*(?:\w{3,9}\.? \d{1,2}\s*)?(?:\([\w .]+\))?\s*[.–—-]+\s"
)
# How a paragraph begins that carries on with what was said above it
_CARRIES_ON = re.compile(
    r"(?:he|she|it|they|this|these|those|such|thus|also|then|however|moreover|furthermore|meanwhile"
    r"|therefore|another|both|earlier|overall|notably|specifically|besides|as a result"
    r"|during (?:the|his|her|their)|following the|at the (?:end|meeting|conclusion|same time)"
    r"|in (?:his|her|its|their|this|turn|addition|conclusion|particular|response|general|total)"
    r"|(?:for|on) (?:his|her|its|their) part|according to (?:him|her|them)"
    r"|the (?:part(?:y|ies)|sides?|interlocutors?|participants?|talks|discussions?|latter)"
    r"|(?:particular|special) (?:attention|emphasis)|он|она|они|это|также|кроме (?:того|этого)"
    r"|при этом|в свою очередь|в ходе|по (?:его|е[её]|их) словам|стороны)\b",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:photos?|images?|pictures?|videos?|infographics?|sources?|credits?|authors?|editors?|text"
    r"|read (?:also|more)|see also|tags?|фото|видео|источник|автор|читайте|сурет)\b"
    r"(?:\s(?:by|courtesy|credit|source)\b|\s*[:/©|(]|$)|©",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"[\s(](?:photos?|images?|pictures?|фото|сурет)\s?(?:[:/©]|by\b|courtesy\b)", re.IGNORECASE
)
_BYLINE = re.compile(r"(?:By|Автор:?)(?: [A-ZА-ЯЁ][\w.'’-]*,?| and| и){1,8}$")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATED = re.compile(
    rf"[^\W\d_][\w -]{{1,30}}[.,] (?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?!\w).{{0,30}}$"
)
# A sentence that ends inside the line; four small letters rule out "Gov.", "Jan." and initials.
_SENTENCE_BREAK = re.compile(r"(?:[^\W\d_A-ZА-ЯЁ]|\d){4}[.…][\"”’»)]*\s+[\"“«(]?[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")
_SPEECH = re.compile(
    r",[\"”’»]\s+(?:\w+[ .]+){0,6}(?:said|says|noted|stressed|added|told|stated)\b"
)


def attribution_points(lead: str, attribution: Sequence[re.Pattern[str]]) -> float:
    """How clearly a lead says who reports: 4 as the profile has it, 3 in a usual way, 0 not."""
    if is_attributed(lead, attribution):
        return 4.0
    tail = lead[-_TAIL:]
    if _AGENCY.search(tail):
        return 3.0
    if _DATELINE.match(lead[:80]):
        return 2.0
    if _BY_SOURCE.search(tail):
        return 1.5
    return 1.0 if _SPEAKER.search(tail) else 0.0


def is_attributed(lead: str, attribution: Sequence[re.Pattern[str]]) -> bool:
    """Whether a lead says who reports as the profile has it."""
    lead = lead[-_LEAD:]
    return any(pattern.search(lead) for pattern in attribution)


def names_agency(line: str) -> bool:
    """Whether the line ends by naming who reports it."""
    return _AGENCY.search(line[-_TAIL:]) is not None


def echo_points(title: Set[str], lead: str) -> float:
    """Whether the lead takes up the title's words (its ``stems``), as leads do; names and numbers
    tell most."""
    if not title:
        return 0.0
    alike = [
        (place, word, stem)
        for place, word in enumerate(_WORD.findall(lead[:_LEAD]))
        if (stem := word.casefold()[:_STEM]) in title
    ]
    shared = {stem for _, word, stem in alike if _tells(word)}
    if not shared:
        return -1.0
    names_shared = shared & {stem for place, word, stem in alike if place and _is_name(word)}
    points = len(names_shared) + 0.5 * min(len(shared - names_shared), 2) - 0.5
    return min(points, MOST_ECHO)


def novelty_points(title: str, lead: str, above: Sequence[str]) -> float:
    """Whether title and lead speak of others than the lines above (-2 ... +1.5).

    Of the names in a lead about a tenth stand in the article above it, of those in a paragraph
    nearly half do. In Title Case no word is known for a name.
    """
    own = names(lead) if is_title_case(title) else names(lead) | names(title)
    if len(own) < 3:
        return 0.0
    known = set[str]().union(*map(names, above))
    return max(MOST_NOVEL - 5 * len(own & known) / len(own), LEAST_NOVEL)


def carries_on(line: str) -> bool:
    """Whether a paragraph begins as one that is not its article's first."""
    return _CARRIES_ON.match(line) is not None


def is_caption(line: str) -> bool:
    """Whether a line says whose picture or text it belongs to, or only where and when."""
    if any(pattern.match(line) for pattern in (_CAPTION, _BYLINE, _DATED)):
        return True
    return _CREDIT.search(line) is not None


def is_speech(line: str) -> bool:
    """Whether a sentence, or a quotation with its speaker, ends inside the line."""
    return _SENTENCE_BREAK.search(line) is not None or _SPEECH.search(line) is not None


def is_title_case(line: str) -> bool:
    """Whether most of the longer words, the first left out, begin with a capital letter."""
    words = [word for word in _WORD.findall(line)[1:] if len(word) > 3]
    return len(words) >= 2 and sum(word[0].isupper() for word in words) >= 0.6 * len(words)


def names(text: str) -> set[str]:
    """Capitalised words that do not begin the line, and numbers."""
    return set(filter(_is_name, _WORD.findall(text[:_LEAD])[1:]))


def stems(text: str) -> set[str]:
    """The words that carry meaning, cut to five letters against endings; names and numbers too."""
    return {word.casefold()[:_STEM] for word in _WORD.findall(text[:_LEAD]) if _tells(word)}


def _is_name(word: str) -> bool:
    return (word[0].isupper() and len(word) > 2) or word[0].isdigit()


def _tells(word: str) -> bool:
    """Whether the word carries meaning."""
    long = len(word) > 3 or word.isupper() or word[0].isdigit()
    return long and word.casefold() not in _STOP

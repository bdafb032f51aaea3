"""Names of rules, made of names of persons and organisations in any script."""

from __future__ import annotations

import re
from hashlib import blake2b

from monitor.text import fold

LONGEST = 64  # characters of a rule's name
LONGEST_PREFIX = 40

_NAME = re.compile("[a-z0-9][a-z0-9._-]*")
_OTHER = re.compile("[^a-z0-9]+")
# Folded letters only: й is и by then, ё is е, ї is і.
_LATIN = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True))
    | dict(zip("әғқңөұүһіґҳјћ", "agknouuhighjc", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
    | {"ъ": "", "ь": "", "є": "ye", "җ": "zh", "ҷ": "j", "ђ": "dj", "љ": "lj", "њ": "nj"}
    | {"џ": "dz", "ѕ": "dz", "ҙ": "z", "ҡ": "k", "ҫ": "s", "'": ""}
)


def slug(text: str) -> str:
    """Small letters, digits and hyphens: ``Зейнеп Асқарова`` as ``zeinep-askarova``.

    What is a rule's name already stays. Letters that are neither Latin nor Cyrillic vanish; where
    nothing is left, a number made of the text stands for it.
    """
    folded = fold(text).strip()
    if _NAME.fullmatch(folded):
        return folded
    plain = _OTHER.sub("-", folded.translate(_LATIN)).strip("-")
    return plain or f"entity-{blake2b(folded.encode(), digest_size=4).hexdigest()}"


class Names:
    """Gives each entry a name of its own; the same file gives the same names."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._taken: set[str] = set()
        self._ids: dict[str, int] = {}

    def first_line(self, given: str, line: int) -> int | None:
        """Where an id or a rule's name was given before, if it was."""
        if given in self._ids:
            return self._ids[given]
        self._ids[given] = line
        return None

    def name(self, text: str) -> str:
        """Prefix and slug; ``-2``, ``-3``, ... behind a slug that is taken."""
        whole = self._prefix + slug(text)
        name, count = whole[:LONGEST].rstrip("-"), 1
        while name in self._taken:
            count += 1
            tail = f"-{count}"
            name = whole[: LONGEST - len(tail)].rstrip("-") + tail
        self._taken.add(name)
        return name

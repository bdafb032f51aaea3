"""Languages and numbers of words, as databases of articles state them."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNITS = r"(?:words?|Wörter|mots|palabras|palavras|parole|woorden|слов[ао]?)"
_STATED = re.compile(rf"(\d[\d., ]{{0,9}})\s{UNITS}\b", re.IGNORECASE)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u4e00-\u9fff]")  # Thai, Lao, Japanese, Chinese
_FEWEST, _MOST = 0.6, 1.7
_LEAST = 40
_LANGUAGES = {
    name: code
    for code, names in {
        "ar": "arabic arabisch arabe", "de": "german deutsch allemand alemán duits",
        "en": "english englisch anglais inglés engels", "es": "spanish spanisch espagnol español",
        "fr": "french französisch français francés frans", "it": "italian italienisch italiano",
        "ja": "japanese", "kk": "kazakh қазақша", "nl": "dutch niederländisch nederlands",
        "pl": "polish polnisch", "pt": "portuguese portugiesisch português",
        "ru": "russian russisch russe русский", "tr": "turkish türkisch türkçe",
        "uk": "ukrainian ukrainisch", "zh": "chinese chinesisch",
    }.items()
    for name in names.split()
}  # fmt: skip


def language_of_name(name: str) -> str:
    """The code of a language by its name: "ENGLISH; EN" is en. What is unknown stays."""
    word = re.split(r"[;,(\s]", name.strip(), maxsplit=1)[0]
    return _LANGUAGES.get(word.lower(), word)


def has_other_length(stated: str, paragraphs: Sequence[str]) -> bool:
    """Whether a text has far fewer or more words than "355 words" says.

    Far: less than 0.6 or more than 1.7 times as many, and more than 40 of difference. False where
    nothing is stated, and for languages that put no spaces between words.
    """
    found = _STATED.search(stated)
    text = " ".join(paragraphs)
    if found is None or _UNSPACED.search(text):
        return False
    wanted, there = int(re.sub(r"\D", "", found[1])), len(text.split())
    return abs(wanted - there) > _LEAST and not _FEWEST * wanted <= there <= _MOST * wanted

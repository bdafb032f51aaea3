"""The words by which an edit is told: notes of correction, amounts in words, days and months."""

from __future__ import annotations

import re

from monitor.text import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold, text.split()))


AMOUNTS = _words(
    # English, Russian, Kazakh; "one", "один" and "бір" are articles and pronouns as well
    """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    hundreds thousand thousands million millions billion billions trillion dozen dozens half
    один одна одно два две двое три трое четыре четверо пять шесть семь восемь девять десять
    одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать
    девятнадцать двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто сто
    двести триста четыреста пятьсот тысяча тысячи тысяч миллион миллиона миллионов миллиард
    миллиарда миллиардов триллион триллиона тыс млн млрд
    екі үш төрт бес алты жеті сегіз тоғыз он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан жүз
    мың
    """
)
"""Number words. That one came or went says little; that it became another is a changed figure."""

DATES = _words(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december yesterday today tomorrow
    понедельник понедельника вторник вторника среда среду среды четверг четверга пятница пятницу
    пятницы суббота субботу субботы воскресенье воскресенья январь января февраль февраля март
    марта апрель апреля май мая июнь июня июль июля август августа сентябрь сентября октябрь
    октября ноябрь ноября декабрь декабря вчера сегодня завтра
    дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі қаңтар ақпан наурыз сәуір мамыр
    маусым шілде тамыз қыркүйек қазан қараша желтоқсан кеше бүгін ертең
    """
)
"""Days and months, as above."""

_HEADS = (
    "correction|corrections|corrected|clarification|clarified|update|updated|amended|erratum"
    "|editor'?s? note|retraction|retracted"
    "|исправлено|исправление|исправления|поправка|уточнение|уточнено|обновлено|обновление|дополнено"
    "|опровержение|от редакции"
    "|түзетілді|түзету|нақтыланды|нақтылау|жаңартылды|жаңарту|толықтырылды|редакциядан"
    "|виправлено|виправлення|уточнення|оновлено|доповнено"
    "|düzeltme|düzeltildi|güncelleme|güncellendi"
    "|korrektur|korrigiert|berichtigung|aktualisiert|aktualisierung"
    "|rectificatif|mise à jour|mis à jour|corrigé|précision"
    "|corrección|corregido|actualización|actualizado|fe de errores|rectificación"
)
# "the text" and "the report" may well be those of a law, or of a ministry
_THIS = (
    r"(?:this (?:\w+ )?(?:report|text|piece|item|version)|(?:this|the) (?:article|story|headline))"
)
_SENTENCES = (
    rf"{_THIS} (?:has been|was|had been) (?:\w+ )?(?:corrected|updated|amended|clarified)",
    rf"(?:earlier|previous|original|prior) version of {_THIS}",
    r"(?:in|of) (?:an|the) (?:earlier|previous|original) version",
    r"incorrectly (?:stated|said|reported|named|spelled)",
    r"we (?:regret|apologi[sz]e for) (?:the|this) (?:error|mistake)",
    r"в (?:предыдущей|более ранней|первоначальной|прошлой) версии",
    r"(?:материал|текст|новость|заголовок|статья) (?:был |была )?"
    r"(?:исправлен|уточнен|обновлен|дополнен|изменен)\w*",
    r"редакция приносит извинения",
    r"(?:мәтін|материал|жаңалық|тақырып) (?:түзетілді|нақтыланды|жаңартылды|толықтырылды)",
)


# Folding leaves the signs of an expression alone.
_HEADS, _SAID = fold(_HEADS), "|".join(map(fold, _SENTENCES))
_NOTE = re.compile(
    # at the start of a paragraph and set off: "Correction: ...", "UPDATED at 14:30", "UPDATE 2 -"
    rf"\A[\W_]*(?:{_HEADS})\b(?=\s*(?:\d[\d:. ]*)?(?:[:.!\])(–-]|$)|\s+(?:at|on|to|в)\s+\d)"
    # in brackets: "(Corrects the second paragraph)", "[updated]"
    rf"|[(\[](?:{_HEADS}|corrects|updates|adds|clarifies|refiles)\b[^)\]]{{0,300}}[)\]]"
    # at the end, set off by a dash: "... - updated"
    rf"|[-:.|]\s*(?:{_HEADS})[\s.!]*\Z"
    rf"|{_SAID}"
)


def correction(text: str) -> re.Match[str] | None:
    """The first note in a paragraph or title that says that the text was corrected or updated.

    The match is in the folded text.
    """
    return _NOTE.search(fold(text))

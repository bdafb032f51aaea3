"""How one sound of a name is written: the data table of the variant rules.

A row is one sound (or a run of letters that is respelled as a whole). The parser (``letters.py``)
cuts a name into rows; whatever spelling of a row stands in a text, it is the same name. Sources:
BGN/PCGN and ISO 9 for Russian and Ukrainian, the Kazakh Latin alphabets of 2018 and 2021, the
French, German and Turkish press for the rest.

Texts are compared folded (``monitor.text.fold``): й is и, ё is е, ї is і, and the table may be
written with either.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """``rule`` is what evidence says when another spelling of the row than the written stands
    there. ``marked`` are spellings that count only where the text has a diacritic on them: a
    plain ``s`` is no ``sh``, but a ``ş`` is."""

    rule: str
    latin: str
    cyrillic: str
    marked: str = ""


# Names of Slavic, Kazakh and other Turkic kind.
ROWS = {
    # Vowels with the glide before them.
    "ye": Row("Ye/E", "ye e je ie", "е э є"),
    "'ye": Row("Ye/E", "ye ie e je 'e 'ye", "ье е ъе ие"),
    "iye": Row("Ye/E", "iye ie ye ije", "ие ье"),
    "ya": Row("Ya/Ia", "ya ia ja 'ya", "я ья"),
    "iya": Row("Ya/Ia", "iya ia ya ija ja iia", "ия я ья ія"),
    "yu": Row("Yu/Iu", "yu iu ju you iou 'yu iyu", "ю ью ию"),
    "yo": Row("Yo/Io", "yo io jo e 'yo", "ё йо ьо ьё"),
    "iyo": Row("Yo/Io", "iyo io yo ijo", "иё ё ио"),
    "yi": Row("Yi/I", "yi i ji", "ї і и"),
    "ja": Row("J/Zh/Y", "ja zha dzha dja ya ia 'ya", "жа джа я ья"),
    "je": Row("J/Zh/Y", "je zhe dzhe dje ye ie e", "же дже е ье"),
    "ju": Row("J/Zh/Y", "ju zhu dzhu dju yu iu", "жу жұ жү джу ю ью"),
    # Plain vowels.
    "a": Row("A", "a", "а ә"),
    "a!": Row("", "a", "а"),  # never ә: -баев, -каев
    "e": Row("E", "e", "е"),
    "o": Row("O", "o", "о ө"),
    "u": Row("U/Ou", "u ou oo", "у ұ ү"),
    "ou": Row("U/Ou", "ou u oo", "у оу ұ ү"),
    "y": Row("Y/I", "y i", "ы и і"),
    "i": Row("Y/I", "i y", "и і ы"),
    "y/v": Row("Y/I", "y i j", "й і"),
    "iy$": Row("Iy/Y/I", "y iy i yi ij ii yy yj", "ий ый и ы і ій"),
    "oy$": Row("Iy/Y/I", "oy oi oj", "ой"),
    "o$": Row("O", "o", "о"),  # declines in Ukrainian
    "aya$": Row("Aya/Aia", "aya aia aja a", "ая а"),
    # Ends of surnames.
    "ev/v": Row("-yev/-ev", "yev ev iev jev ew jew yew eff yeff ieff", "ев"),
    "ev": Row("-yev/-ev", "ev yev iev jev ew yov eff yeff ieff", "ев ьев"),
    "yev": Row("-yev/-ev", "yev iev ev jev iyev ijev 'ev 'yev jew eff yeff ieff", "ьев ъев ев иев"),
    "iev": Row("-yev/-ev", "iev iyev yev ijev jev iiev yyev ieff iyeff", "иев ьев"),
    "ev/sh": Row("-yov/-ev", "ev ov yov yev ew ow eff off", "ев"),
    "yov": Row("-yov/-ev", "yov ev iov jov iyov eff yoff", "ёв ьёв"),
    "ov": Row("-ov/-off", "ov off ow", "ов"),
    "v$": Row("V/W", "v w ff", "в"),
    "sk": Row("-skyi/-sky", "sk s'k", "ск ськ"),
    "uly": Row("-uly", "uly uli ulu ogly oglu oghlu", "ұлы улы оглы"),
    "kyzy": Row("-kyzy", "kyzy qyzy kizi qizi gyzy", "қызы кызы гызы"),
    # Letters with two dots, and how they are written without.
    "ä": Row("Ä/Ae", "a ae", "а ә я э е"),
    "ö": Row("Ö/Oe", "o oe", "о ө ё э"),
    "ü": Row("Ü/Ue", "u ue", "у ү ю"),
    "ø": Row("Ö/Oe", "o oe", "о ө ё э"),
    "å": Row("Å/Aa", "a aa", "о а"),
    # Consonants.
    "zh": Row("Zh/J", "zh j dzh dj", "ж дж", marked="z"),
    "j": Row("Zh/J", "j zh dzh dj", "ж дж й"),
    "dzh": Row("Zh/J", "dzh dj j zh", "дж ж"),
    "ž": Row("Zh/J", "z zh j", "ж"),
    "sh": Row("Sh", "sh sch", "ш щ", marked="s"),
    "š": Row("Sh", "s sh sch", "ш с"),
    "ch": Row("Ch", "ch tch tsch", "ч", marked="c"),
    "č": Row("Ch", "c ch tch", "ч к ц"),
    "shch": Row("Shch", "shch sch stch chtch", "щ", marked="sc"),
    "sch": Row("Shch", "sch shch sh", "щ ш сч"),
    "kh": Row("Kh/H", "kh h x", "х һ"),
    "h": Row("Kh/H", "h kh x", "х һ"),
    "h/g": Row("H/G", "h g gh", "г х"),
    "x": Row("Ks/X", "x ks kh h", "кс х"),
    "ks": Row("Ks/X", "ks x", "кс"),
    "kt": Row("K/C", "kt ct", "кт"),
    "k": Row("K/Q", "k q", "к қ"),
    "q": Row("K/Q", "q k", "қ к"),
    "gh": Row("Gh/G", "gh g", "ғ г"),
    "g": Row("Gh/G", "g gh", "г ғ"),
    "g/e": Row("Gh/G", "g gh gu", "г ғ"),
    "ng": Row("Ng", "ng n ngh", "нг ң нғ"),
    "n": Row("N", "n", "н ң нь"),
    "ts": Row("Ts/Tz/C", "ts tz c", "ц тс"),
    "c": Row("K/C", "c k", "к ц с дж"),
    "ph": Row("Ph/F", "ph f", "ф"),
    "f": Row("Ph/F", "f ph", "ф"),
    "v": Row("V/W", "v w", "в"),
    "w": Row("V/W", "w v", "в у"),
    "l'": Row("soft sign", "l l'", "л ль"),
    "r'": Row("soft sign", "r r'", "р рь"),
    "z'": Row("soft sign", "z z'", "з зь"),
    "'": Row("apostrophe", "' -", "ь ъ ' -"),
    "s/v": Row("single or double", "s ss", "с сс"),
    "khyt": Row("Kh/K", "kh k h q", "х қ к"),  # Бақыт, in Russian Бахыт
    "iy/l": Row("Y/I", "i iy y yi", "и йы ы"),  # Смайылов, in Russian Смаилов
    "tl": Row("vowel put in", "tl til tyl", "тл тіл тил"),
} | {
    letter: Row("", letter, cyrillic)
    for letter, cyrillic in zip(
        "bdlmprstz", ["б", "д", "л", "м", "п", "р", "с", "т", "з"], strict=True
    )
}

# Names of Arabic and Persian kind, but for words with a Slavic ending: the short vowels are
# written by ear. The rows are named with the letter they begin with, to be told from those above.
LOOSE_ROWS = {
    "~a": Row("Arabic vowels", "a e aa", "а е э я ә аа"),
    "~e": Row("Arabic vowels", "e i a ee", "е и э а"),
    "~i": Row("Arabic vowels", "i e ee y", "и е ы і"),
    "~u": Row("Arabic vowels", "u o ou oo", "у о ұ"),
    "~ay": Row("Arabic vowels", "ai ay ei ey ae", "ай ей эй"),
    "~ah": Row("-ah/-eh/-a", "a ah eh e", "а ах е э я"),
    "~ya": Row("Arabic vowels", "ya ia iya iyya", "я ия иа"),
    "~iya$": Row("-ah/-eh/-a", "iya iyya iyah iyyah iyeh ia", "ия ийя ие"),
    "~abdul": Row(
        "Abdul/Abdel",
        "abdul abdel abdal abdoul abdool abd abdur abder abdar abdu",
        "абдул абдель абдал абд абдур абдер абду",
    ),
    "~y": Row("Arabic vowels", "y yy i", "й и ы"),
    "~j": Row("Zh/J", "j dj dzh zh g", "дж ж г"),
    "~g": Row("Gh/G", "g gh dj j", "г ғ дж"),
    "~gadd": Row(  # Каддафи: of all names that with the most spellings
        "Gaddafi/Qadhafi",
        "gadd gad gadh gaddh ghadd qadd qad qadh qaddh kadd kad kadh kaddh khadd khadh",
        "кадд гадд",
    ),
    "~q": Row("K/Q", "q k g gh", "к қ г"),
    "~k": Row("K/Q", "k q", "к қ"),
    "~kh": Row("Kh/H", "kh h x", "х"),
    "~h": Row("Kh/H", "h kh", "х г һ"),
    "~gh": Row("Gh/G", "gh g q", "г ғ к"),
    "~dh": Row("Dh/D", "dh d z", "д з"),
    "~th": Row("Th/T", "th t s", "т с"),
    "~w": Row("V/W", "w v u ou", "в у"),
    "~'": Row("apostrophe", "' -", "' ъ ь -"),
} | {
    f"~{latin}": Row("single or double", f"{latin} {latin * 2}", f"{cyrillic} {cyrillic * 2}")
    for latin, cyrillic in zip(
        "bdflmnrstzp", ["б", "д", "ф", "л", "м", "н", "р", "с", "т", "з", "п"], strict=True
    )
}

# A given name in the language of another passport.
SAME_GIVEN_NAMES = (
    ("Volodymyr", "Vladimir"),
    ("Oleksandr", "Aleksandr"),
    ("Oleksiy", "Aleksey"),
    ("Mykola", "Nikolay"),
    ("Mykhailo", "Mikhail"),
    ("Serhiy", "Sergey"),
    ("Dmytro", "Dmitry"),
    ("Andriy", "Andrey"),
    ("Yevhen", "Yevgeny"),
    ("Oleh", "Oleg"),
    ("Ihor", "Igor"),
    ("Petro", "Pyotr"),
    ("Pavlo", "Pavel"),
    ("Vasyl", "Vasily"),
    ("Olena", "Elena"),
    ("Kateryna", "Ekaterina"),
    ("Hryhoriy", "Grigory"),
    ("Kyrylo", "Kirill"),
    ("Danylo", "Daniil"),
    ("Vitaliy", "Vitaly"),
    ("Aleksandr", "Alexander"),
    ("Oleksandr", "Alexander"),
    ("Sergey", "Serge"),
    ("Yevgeny", "Eugene"),
    ("Yelizaveta", "Elizaveta"),
)

# Particles of surnames: all of one line are the same word.
PARTICLES = {
    word: row
    for row in (
        "al el ul as es ash esh ar er ad ed an en at et az ez аль эль ал ас аш ар ад ан ат аз",
        "bin ibn ben bn бин ибн бен",
        "bint бинт",
        "abu abou абу",
        "von фон",
        "van ван",
        "der дер",
        "de ді де",
    )
    for word in row.split()
}
ARTICLES = frozenset(PARTICLES["al"].split())
"""The Arabic article: may be left out."""

PATRONYMICS = tuple(
    ending
    for line in (
        "ovich evich ovych evych ovitch evitch yevich ievich ovna evna ivna yevna ievna",
        "uly uli ulu kyzy kizi qyzy qizi ogly oglu oghlu",
        "ович евич йович иевич овна евна івна иевна ұлы улы қызы кызы оглы",
    )
    for ending in line.split()
)
"""How patronymics end."""

"""The language of a text, told by its script, its letters and its commonest words.

Good for articles and for most titles; a text of two or three words is often undecided. No model
and no statistics: what decides can be read in the tables below. A text in several languages is in
the one that most of it is in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

SAMPLE = 1_500
"""Characters from the start that are looked at: enough, and a long text costs no more."""

_ENOUGH = 1.2  # points
_SHORT = 200  # characters; of longer texts more is asked, ...
_DENSITY = 0.026  # ... points a character: what chance gives a language that is not known here
_LEAD = 0.4  # points more than any other language, and ...
_SHARE = 0.1  # ... at least this share of its own

# --------------------------------------------------------------------------- scripts

# By the upper byte of a character's code. A Han or Hangul character stands for several letters.
_BLOCKS: Mapping[str, tuple[Iterable[int], int]] = {
    "Arabic": ((0x06, *range(0xFB, 0xFF)), 1),
    "Armenian or Hebrew": ((0x05,), 1),  # share that byte
    "Cyrillic": ((0x04,), 1),
    "Devanagari": ((0x09,), 1),
    "Georgian": ((0x10, 0x1C), 1),
    "Greek": ((0x03, 0x1F), 1),
    "Han or kana": ((0x30, *range(0x4E, 0xA0)), 3),
    "Hangul": (range(0xAC, 0xD8), 3),
    "Thai": ((0x0E,), 1),
}
_ONLY = {"Georgian": "ka", "Greek": "el", "Hangul": "ko", "Thai": "th"}
_SIGN = {script: number + 1 for number, script in enumerate(_BLOCKS)}
_SIGNS = bytes(
    next((_SIGN[script] for script, (upper, _) in _BLOCKS.items() if byte in upper), 0)
    for byte in range(256)
)
_NO_LETTERS = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalpha()))
_HEBREW = re.compile("[\u05d0-\u05ea]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")

# --------------------------------------------------------------------------- letters

# Points a letter is worth to a language: about 1 where it is rare there and nowhere else, less
# where it is common or shared. A text of SAMPLE characters gets 50 to 100 points in all.
_LETTERS: Mapping[str, str] = {
    "ar": "ةإ=.5 أى=.4 يك=.1",
    "az": "ə=.7 ğıöşüç=.3",
    "ba": "ҙҡҫ=1 һөүғ=.3 ә=.2",
    "be": "ў=1.5 і=.2 эё=.3 ы=.2",
    "bg": "ъ=2",
    "ca": "ç=.3 è=.3 ò=.3 ·=1",
    "cs": "řůě=1.5 čšž=.4 ň=.5",
    "da": "æ=.8 øå=.6",
    "de": "ß=2 äöü=.7",
    "es": "ñ=1 ¿¡=2",
    "et": "õ=.7 äöü=.5",
    "fa": "پچژگ=.5 کی=.2",
    "fi": "ä=.6 ö=.4",
    "fr": "œ=2 êîûëï=.5 èàç=.3 é=.2",
    "hr": "đ=1 ć=.7 čšž=.4",
    "hu": "őű=2 öü=.5 áé=.2",
    "it": "èìòù=.5 à=.3",
    "kk": "ұ=.6 қғ=.4 әңөүһі=.25 ǵń=1 ıäūñş=.4 ğöü=.3",
    "ku": "ڕڵێ=1 ۆە=.4",
    "ky": "ң=.6 өү=.5",
    "lt": "ėųįūą=.8 čšž=.4",
    "lv": "āēīķļņģ=.6 ū=.4 čšž=.3",
    "mk": "ѓќѕ=2 ј=.5 љњџ=.5",
    "mn": "өү=.6",
    "no": "øå=.7 æ=.5",
    "pl": "łżźś=1 ąęń=.7 ć=.4",
    "ps": "ښځڅړډګڼ=.7",
    "pt": "ãõ=1.5 ç=.4 êâ=.3",
    "ro": "șțţ=1 ă=.6 î=.5 âş=.2",
    "ru": "ыэё=.2",
    "sk": "ľĺŕťď=1.5 ô=.7 čšž=.4 ä=.3 ň=.4",
    "sq": "ë=.6 ç=.2",
    "sr": "ђћ=1.5 љњџ=.7 ј=.7",
    "sv": "å=.7 äö=.7",
    "tg": "ҷӣӯ=1.5 қғҳ=.5",
    "tr": "ğış=.5 öüç=.4",
    "tt": "җ=2 әөүңһ=.3",
    "ug": "ڭۇۈ=.7 ە=.3",
    "uk": "їєґ=1 і=.4",
    "ur": "ٹڈڑںے=.6 ہھ=.3 پچگ=.2 کی=.1",
    "uz": "ҳ=1 ўқғ=.6",
    "vi": "ơưạảấầậắặẹếềểệịọốồộớờợụủứừự=.4 đăâêô=.2",
}

# --------------------------------------------------------------------------- words

# The commonest words. One is worth two points, shared out among its languages.
_WORDS: Mapping[str, str] = {
    "ar": "في من على إلى ان أن عن مع هذا هذه التي الذي بعد قبل كان كما بين قال خلال أو ما لا وقال"
    " إن",
    "az": "və bu ilə üçün bir da də ki olan edib olub görə daha sonra isə onun azərbaycan edilib"
    " tərəfindən prezidenti haqqında",
    "ba": "һәм менән өсөн был тип булған буйынса ла лә",
    "be": "і на ў не з што па для гэта як да ад былі быў таксама яго але таму пры аб",
    "bg": "на и за в се от да с не е по са че ще към като при това който беше след до бяха които"
    " във със",
    "ca": "de la el els les i a en que per amb una un del al és no es va dels ha més aquest",
    "cs": "a v se na je že do o s z i k pro ve za by ale jako po podle jsou který byl také od si"
    " tak která řekl pražské jeho",
    "da": "og i at det er en til på af for den der med ikke som de har et var fra ved om siger"
    " efter bliver også",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch"
    " es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über"
    " einen so zum haben nur oder aber vor zur bis mehr durch man sein wurde sei gegen",
    "en": "the of and to in a is for that on with as by was at from has have are be it its said"
    " will this not an which were their he who also been but they his her or after would"
    " about had new more says over into between against during under after into amid hits"
    " warns calls",
    "es": "de la que el en y a los se del las un por con una para su es al como lo más pero sus"
    " le ha este o porque esta entre cuando muy sin sobre también hasta desde fue son dos"
    " años está",
    "et": "ja on ei et see oli ka kui mis oma aga siis ning või eesti tema kuid pole selle saab",
    "fa": "در به از که این را با است برای آن یک خود تا بر هم کرد شد می های ایران گفت اما باید شده",
    "fi": "ja on ei että se oli myös hän kun mutta ovat joka mukaan sen tai kuin jo sitä suomen"
    " ole vuonna sekä jos kanssa nyt vain",
    "fr": "de la le les et des en un une du dans que est pour qui par sur a au plus pas avec il"
    " ce sont l' d' qu' n' s' c' aux se ont été cette mais comme ou son ses elle leur après"
    " entre selon deux contre sous",
    "hi": "के में है की का से को और ने पर यह भी हैं कि एक नहीं कर लिए",
    "hr": "je u i na se da za od su s će iz o koji nije kako ali što bi po prema te biti kao samo"
    " rekao jer koja",
    "hu": "a az és hogy nem is egy volt meg ez de szerint már csak van még között után mint"
    " azt kell magyar lesz ki több vagy lehet",
    "id": "yang dan di ini itu dengan untuk dari pada dalam tidak akan ke oleh juga adalah karena"
    " telah ada tersebut sebagai bisa menjadi para atau mereka kata saat",
    "it": "di e il la che in a per un una del è le i con non si della da dei sono al alla ha nel"
    " più anche gli dal come delle lo ma l' dell' all' nell' d' un' stato suo questo tra"
    " dopo contro",
    "kk": "және мен да де бұл үшін деп бір осы оның туралы бойынша болып жылы еді екен болды"
    " керек арқылы деді жаңа дейін қазақстан бен пен ең jäne men bul bir üşin dep jáne úshin"
    " týraly turaly boldy jyly qazaqstan boıynsha boyynşa osy onyñ ret",
    "ku": "لە بە بۆ لەگەڵ کە ئەو ئەم دەکات",
    "ky": "жана менен үчүн бул бир деп боюнча болгон эмес ошондой кийин да ал анын кыргыз"
    " тууралуу керек эле болуп жылы",
    "lt": "ir kad į su iš yra tai bet kaip ne buvo o už apie jau dėl tik lietuvos po per nuo ar"
    " jis",
    "lv": "un ir ka par no ar uz gan kas latvijas bet arī tika pēc nav to",
    "mk": "на и во се да за од ќе е со не што ги но го како кои",
    "mn": "нь энэ байна юм гэж болон байгаа бол ба мөн уу хийх гэсэн байсан монгол тухай онд",
    "mr": "आहे आणि या च्या होते नाही आहेत",
    "ne": "छ र गरेको भएको मा हो छन्",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als maar bij uit"
    " door naar nog over dan heeft wordt worden hij deze werd hebben tegen na meer die",
    "no": "og i det er på til som en å for av at med har de ikke den et om var fra etter seg sier"
    " ble kan skal også",
    "pl": "w i na z się do nie że o jest to po jak za od dla przez oraz są przy ale tym ma co tak"
    " który jego ich został roku które także polski była może",
    "ps": "په د او چې کې له ته دي کړي",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao das"
    " foi pelo pela são sua ou ser quando muito nos já está também até à",
    "ro": "de și în la a cu care pe din că o un pentru nu se fi o mai sunt este au lui prin după"
    " dar al ale fost între către ca fără",
    "ru": "и в на не что с по о из к за от для как это его но у до его же они был при также так"
    " во был были после или об этом была года ее который будет уже между том со без против",
    "sk": "a v na sa je že s do o z i k pre aj ako za by ale po podľa sú ktorý bol od si tak"
    " ktorá bude jeho slovensko",
    "sq": "dhe në të për me nga është një që ka së por nuk janë tha shqipërisë",
    "sr": "и у је на се да за од су са ће из о који није као али што би по према након",
    "sv": "och i att det är en på av som för den till med har de inte om ett vid var från men"
    " efter säger ska kan nu under också mot",
    "tg": "ва дар ба аз ки бо ин барои он бар буд ҷумҳурии тоҷикистон мебошад кард шуд",
    "tr": "ve bir bu için da de ile olarak olan çok daha sonra gibi kadar ise türkiye dedi ne"
    " var göre yeni oldu ancak etti tarafından yapılan olduğunu başkanı",
    "tt": "һәм белән өчен бу дип булган буенча да дә татарстан",
    "ug": "بىلەن ۋە بۇ ئۈچۈن",
    "uk": "і в на не що з та до у за про від для як це його але по є після який або також під час"
    " й щодо були був проти ще вже їх року при які без",
    "ur": "کے میں کی ہے سے کا نے اور کو کہ پر ہیں بھی یہ اس کہا",
    "uz": "va bilan uchun bu bir ham deb edi bo' o' to' ko' yo' qo' bo'yicha esa hamda yil"
    " o'zbekiston haqida toshkent бу билан учун ва бир ҳам деб бўйича эди эса ҳамда йил"
    " ҳақида",
    "vi": "và của là có các được cho trong không một với người đã này những tại khi từ",
}
# What newspapers are full of: those who govern, what they do, and days.
_NEWS: Mapping[str, str] = {
    "az": "prezident nazirliyi nazir nazirlər hökumət azərbaycanın prezidentinin məclis bazar"
    " ertəsi çərşənbə edəcək olunub bildirib deyib keçirilib görüşüb",
    "be": "урад прэзідэнт краіны паведаміў",
    "bg": "министърът президентът правителството парламентът съобщи обяви",
    "ca": "govern dijous dilluns dimarts dimecres divendres president ajuntament",
    "cs": "vláda vlády prezident ministr ministři pondělí úterý středu čtvrtek pátek zahraničí"
    " země policie sněmovna",
    "da": "regeringen statsministeren folketinget mandag tirsdag onsdag torsdag fredag ikke danske",
    "de": "regierung bundestag präsident minister land landes montag dienstag mittwoch donnerstag"
    " freitag polizei neue neuen",
    "en": "president minister parliament government police country monday tuesday wednesday"
    " thursday friday people state year first two eastern western northern southern shortage"
    " water talks meets plans court case",
    "es": "gobierno presidente ministro ministros país lunes martes miércoles jueves viernes dijo"
    " según policía ley nueva",
    "et": "valitsus riigikogu minister president",
    "fi": "presidentti presidentin ministeri hallitus hallituksen eduskunta maanantaina tiistaina"
    " keskiviikkona torstaina perjantaina uuden uusi maan kertoo poliisi",
    "fr": "gouvernement président ministre ministres pays lundi mardi mercredi jeudi vendredi"
    " police loi nouvelle budget assemblée milliers",
    "hr": "predsjednik vlada vlade ministar sabor ponedjeljak utorak srijedu četvrtak petak",
    "hu": "kormány elnök miniszter országgyűlés hétfőn kedden szerdán csütörtökön pénteken új",
    "id": "presiden menteri pemerintah senin selasa rabu kamis jumat wilayah negara hari tahun"
    " baru",
    "it": "governo presidente ministro ministri paese lunedì martedì mercoledì giovedì venerdì"
    " legge nuova polizia incontra",
    "kk": "президенті министрі үкімет мәжіліс елордада мемлекет",
    "lt": "vyriausybė seimas prezidentas ministras",
    "nl": "regering president minister kamer maandag dinsdag woensdag donderdag vrijdag politie"
    " land nieuwe zei wil",
    "no": "regjeringen stortinget statsministeren mandag tirsdag onsdag torsdag fredag ikke norske",
    "pl": "rząd prezydent minister sejm kraju poniedziałek wtorek środę czwartek piątek"
    " powiedział policja nowy nową",
    "pt": "governo presidente ministro ministros país segunda-feira terça-feira quarta-feira"
    " quinta-feira sexta-feira disse lei nova reunião polícia",
    "ro": "guvernul președintele ministrul miniștrii parlamentul luni marți miercuri joi vineri"
    " declarat țării legea lege nouă noua poliția",
    "ru": "правительство страны сообщил сообщила заявил четверг",
    "sk": "vláda vlády prezident prezidentka minister parlament pondelok utorok stredu štvrtok"
    " piatok povedal",
    "sr": "председник влада скупштина министар рекао четвртак",
    "sv": "regeringen statsministern riksdagen måndag tisdag onsdag torsdag fredag ministern inte"
    " polisen nya svenska landet",
    "tr": "cumhurbaşkanı bakan bakanı hükümet meclis pazartesi salı çarşamba perşembe cuma"
    " ülkenin günü kişi polis açıkladı",
    "uk": "уряд рада ради міністр країни повідомив повідомила",
    "uz": "prezident prezidenti vazir vaziri hukumat prezidentning президенти вазири",
}

# Endings do in these languages what small words do elsewhere, so theirs count for more.
_FEW_WORDS = dict.fromkeys(("az", "et", "fi", "kk", "ky", "mn", "tr", "tt", "uz"), 1.5)

# The last three letters of words, half a point each: for headlines, which leave small words out.
_ENDINGS: Mapping[str, str] = {
    "az": "lər lar nin nın ndə dan dən",
    "bg": "ите ата ето ият ция",
    "cs": "ých ého ení ost ské ová",
    "de": "ung gen ich cht sch ert eit ier hen ige",
    "en": "ing ion ent ers ght ess ted ity als ize ows ces ths ial her ngs nts ays gns"
    " ned sed red ged led ved ked ced ded eps",
    "es": "ión ado ido dad nte res dor nes cia",
    "et": "sse use ste tud mas",
    "fi": "ssa sta lle nen sen tta ttä ssä een llä",
    "fr": "ent eur aux ées ois ère que ion nce ité eux ais ait",
    "hu": "ság ség ban ben nak nek ból ről tak val",
    "id": "kan nya ang",
    "it": "one are ato ità zza nte ere ione tto oni nza ale",
    "kk": "дар дер лар лер тар тер нда нде нің мен",
    "ky": "дын нын нда луу рдө нды дөн тан",
    "mn": "ийн ний гүй лээ сэн сан",
    "nl": "ijk eid aar ing ten cht den rde len",
    "pl": "ego ych owy nie nia ści wie ski ska emu",
    "pt": "ção ões ado ade nte dor ido cia",
    "ro": "lui lor ție ate ile ări",
    "sv": "ing het rna nde het ade ska",
    "tr": "lar ler nda nde ını dan den yor dı",
    "uk": "ння ися ють ому ати ять",
    "uz": "lar ning dan gan",
}
_OFTEN = 8  # times; more of one word alone proves nothing
_FEW = 40  # words; in longer texts endings add nothing

# Latin, but for these.
_OTHER_SCRIPT = {
    "Arabic": frozenset(("ar", "fa", "ku", "ps", "ug", "ur")),
    "Cyrillic": frozenset(
        ("ba", "be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk", "uz")
    ),
    "Devanagari": frozenset(("hi", "mr", "ne")),
}
_BOTH_SCRIPTS = frozenset(("kk", "uz"))
_LATIN = frozenset(_WORDS) - frozenset().union(*_OTHER_SCRIPT.values()) | _BOTH_SCRIPTS

_Points = dict[str, float]


def _points_of(table: Mapping[str, Iterable[tuple[str, float]]]) -> dict[str, _Points]:
    """From what each language has to what each word or letter is worth to languages."""
    points: dict[str, _Points] = {}
    for language, items in table.items():
        for item, worth in items:
            points.setdefault(item, {})[language] = worth
    return points


def _letters(groups: str) -> Iterable[tuple[str, float]]:
    for group in groups.split():
        letters, _, worth = group.partition("=")
        for letter in letters:
            yield letter, float(worth)


_LETTER_POINTS = _points_of({code: _letters(groups) for code, groups in _LETTERS.items()})
_WORD_POINTS = _points_of(
    {
        code: [
            (word, _FEW_WORDS.get(code, 1.0)) for word in f"{words} {_NEWS.get(code, '')}".split()
        ]
        for code, words in _WORDS.items()
    }
)
for _worth in _WORD_POINTS.values():
    for _code in _worth:
        _worth[_code] *= 2 / len(_worth)
_ENDING_POINTS = _points_of(
    {code: ((ending, 0.5) for ending in endings.split()) for code, endings in _ENDINGS.items()}
)
_TELLING = re.compile("[" + "".join(_LETTER_POINTS) + "]")
_RUSSIAN = frozenset("ыэё")
_PUNCTUATION = '.,;:!?"»”)'
_APOSTROPHES = "’ʻʼ‘"


def detect(text: str) -> str | None:
    """ISO 639-1 code, or None where it cannot be told. Looks at no more than ``SAMPLE``
    characters and takes some 30 µs."""
    sample = text[:SAMPLE].lower()
    script = "Latin" if sample.isascii() else _script(sample)
    if script in _ONLY:
        return _ONLY[script]
    if script == "Han or kana":
        return "ja" if len(_KANA.findall(sample)) * 10 > len(sample) else "zh"
    if script == "Armenian or Hebrew":
        return "he" if _HEBREW.search(sample) else "hy"
    least = max(_ENOUGH, (len(sample) - _SHORT) * _DENSITY)
    return _best(_points(sample, script), least)


def _script(sample: str) -> str:
    """The script of most letters."""
    # The upper bytes are counted at the speed of bytes.
    signs = sample.encode("utf-16-le", "replace")[1::2].translate(_SIGNS)
    counts = {
        script: weight * signs.count(_SIGN[script]) for script, (_, weight) in _BLOCKS.items()
    }
    counts["Latin"] = len(sample.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    return max(counts, key=lambda script: counts[script])


def _points(sample: str, script: str) -> _Points:
    """How much speaks for each language of a script."""
    points = dict.fromkeys(_OTHER_SCRIPT.get(script, _LATIN), 0.0)
    if not sample.isascii():
        letters = Counter(_TELLING.findall(sample))
        _add(points, letters, _LETTER_POINTS)
        # Headlines often have no other sign of Russian than that none speaks against it.
        if script == "Cyrillic" and letters.keys() <= _RUSSIAN and " " in sample.strip():
            points["ru"] += max(1.3, len(sample) / 100)
        if script == "Arabic":  # the article; Persian and Urdu have it in few words
            points["ar"] += 0.3 * sample.count(" ال")
        for apostrophe in _APOSTROPHES:
            sample = sample.replace(apostrophe, "'")
    words = sample.replace("'", "' ").split()
    found = Counter(filter(_WORD_POINTS.__contains__, words))
    _add(points, {word: min(count, _OFTEN) for word, count in found.items()}, _WORD_POINTS)
    if len(words) < _FEW:
        endings = [word.rstrip(_PUNCTUATION)[-3:] for word in words if len(word) > 4]
        _add(points, Counter(filter(_ENDING_POINTS.__contains__, endings)), _ENDING_POINTS)
    return points


def _add(points: _Points, found: Mapping[str, int], table: Mapping[str, _Points]) -> None:
    for item, count in found.items():
        for language, worth in table[item].items():
            if language in points:
                points[language] += count * worth


def _best(points: _Points, least: float) -> str | None:
    """The language with most points, if they are enough and more than any other's."""
    first, second = sorted(points, key=lambda language: -points[language])[:2]
    most = points[first]
    lead = max(_LEAD, most * _SHARE)
    return first if most >= least and most - points[second] >= lead else None

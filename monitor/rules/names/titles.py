"""Words with a capital that may stand beside a surname without being part of the name.

All folded. They decide whether a surname alone is somebody else's: ``Minister Sadykov`` is not,
``Daniyar Sadykov`` is.
"""

from __future__ import annotations

from monitor.text import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold, text.split()))


TITLES = _words(
    "mr mrs ms miss dr prof professor sir dame lord lady sheikh shaikh emir sultan king queen "
    "prince princess president premier chancellor minister chairman chairwoman chairperson "
    "chair speaker senator governor mayor akim hakim ambassador envoy consul counsel counselor "
    "counsellor attache secretary director deputy vice head chief leader general colonel major "
    "captain lieutenant sergeant marshal admiral commander judge justice prosecutor attorney "
    "commissioner representative delegate member lawmaker parliamentarian officer spokesman "
    "spokeswoman spokesperson rector dean academic academician doctor coach manager founder "
    "owner businessman journalist writer poet actor actress singer athlete boxer citizen comrade "
    "imam mufti patriarch bishop pope father brother excellency highness honourable honorable "
    "ex former acting first second interim outgoing incumbent new late elect he mp mps "
    "elbasy yelbasy елбасы monsieur madame herr frau señor senor bey pasha hodja "
    "президент президента президенту президентом президенте премьер министр министра министру "
    "министром глава главы главе главой посол посла послу послом депутат депутата депутату аким "
    "акима акиму акимом губернатор губернатора мэр мэра сенатор сенатора спикер спикера "
    "председатель председателя председателю секретарь секретаря директор директора генерал "
    "генерала полковник полковника майор капитан доктор профессор академик судья прокурор "
    "господин господина господину госпожа госпожи товарищ г г-н г-жа мырза ханым канцлер "
    "король шейх эмир султан лидер лидера начальник начальника заместитель экс вице "
    "министрі президенті төрағасы әкім әкімі"
)

ORDINARY = _words(
    # what sentences begin with
    "a an the this that these those his her its their our my your what which who whom whose "
    "when where why how if as at by for from in into of off on onto to toward towards with "
    "within without under over after before since until till during between among against "
    "about above across along around behind below beneath beside besides beyond despite except "
    "inside like near out outside past per regarding through throughout upon via and or but nor "
    "yet so because although though while whereas whether unless than then thus hence therefore "
    "however moreover meanwhile later earlier today yesterday tomorrow tonight now here there "
    "also both either neither not no yes only even just still again once soon ago thanks thank "
    "instead perhaps maybe often never always sometimes finally recently previously currently "
    "according addressing asked told said says added noted meeting greeting congratulating "
    "welcoming speaking answering did does do has have had is are was were will would can could "
    "should may might must shall let dear mine all some many most more much few several each "
    "every any other another such same last next one two three four five six "
    "в во на о об обо от ото по под подо при про с со у к ко за из изо до для без над перед "
    "через между и а но да или либо что чтобы как так когда где если хотя ведь же бы не ни он "
    "она они оно это этот эта эти тот та те его ее их мы вы я наш ваш свой сам также тоже еще "
    "уже только лишь вчера сегодня завтра затем потом позже ранее теперь тогда здесь там однако "
    "поэтому кроме после согласно вместо против напомним отметим сообщил сообщила заявил "
    "бұл ол мен және бірақ кеше бүгін ертең "
    # when
    "january february march april june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter "
    # where from
    "kazakhstan kazakh russia russian ukraine ukrainian uzbekistan uzbek kyrgyzstan kyrgyz "
    "tajikistan tajik turkmenistan turkmen azerbaijan azerbaijani turkiye turkey turkish china "
    "chinese iran iranian iraq iraqi syria syrian egypt egyptian saudi arab american british "
    "french german european asian soviet belarus belarusian georgian armenian moldovan japan "
    "japanese korean indian pakistan pakistani afghan afghanistan us usa uk uae un eu astana "
    "almaty moscow kyiv kremlin washington london "
    "казахстан казахстана россии украины узбекистана рк рф сша "
    # part of names of offices
    "affairs state republic government parliament party council committee ministry office "
    "administration foreign prime defence defense interior finance economy energy justice health "
    "education culture science agriculture trade transport security"
)

NAMED_AFTER = _words(
    "university institute academy school college street avenue square park airport stadium "
    "prize award foundation fund center centre museum library theatre theater hospital district "
    "street st ave university's readings cup memorial palace bridge station hall house "
    "doctrine doctrine's law plan family brothers sisters "
    "университет университета институт академия улица улицы проспект фонд фонда премия центр "
    "музей театр парк площадь аэропорт"
)
"""What behind a surname makes it the name of something else, in headlines as well."""

SUFFIXES = _words("jr sr ii iii iv phd md")
"""What may stand behind a surname in a canonical name and is no surname."""

CAPITAL_PARTICLES = _words("al el bin ibn bint von van der de le la du di da dos das del della")
"""What begins a surname also with a capital: Le Drian, De Gaulle, Al Saud."""

PATRONYMIC_WORDS = _words(
    "oglu ogly oghlu oglı uly uli ulu ұлы улы оглы kyzy qyzy kizi qizi gizi қызы кызы гызы"
)
"""What makes a patronymic of the word before: Heydar oglu."""

ONE_LETTER_WORDS = frozenset("авикосуяжеы")
"""Russian and Kazakh words of one letter: capitals at a sentence's beginning, no initials."""

INITIALS = _words(
    "shch sch dzh dj zh sh kh gh ch ts tz ye yo yu ya je jo ju ja ie iu ia tch th ph dh дж дз щ"
)
"""Initials of more than one letter."""

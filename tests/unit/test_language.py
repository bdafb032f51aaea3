"""Languages of texts: sentences and headlines in each, mixtures, and what is no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.language import SAMPLE, detect

TEXTS = [
    (
        "en",
        "The parliament of the country has approved the new budget for next year, officials said.",
    ),
    ("en", "Parliament approves new budget"),
    ("en", "President meets with foreign ministers"),
    ("en", "Water shortage hits eastern districts"),
    ("en", "Flood warning issued as rivers rise after heavy rain"),
    ("en", "Court rejects appeal in corruption case"),
    ("en", "Three dead after bus crash near the border"),
    ("en", "Farmers protest against import of cheap grain"),
    (
        "de",
        "Der Bundestag hat am Donnerstag das neue Gesetz über die Wasserversorgung beschlossen.",
    ),
    ("de", "Regierung plant neue Steuern für Unternehmen"),
    ("de", "Hochwasser trifft den Osten des Landes"),
    ("de", "Minister kündigt Rücktritt an"),
    ("de", "Gericht weist Berufung im Korruptionsfall ab"),
    ("de", "Zentralbank lässt Leitzins unverändert"),
    ("de", "Drei Tote nach Busunfall nahe der Grenze"),
    ("de", "Bauern protestieren gegen billige Einfuhren"),
    ("fr", "Le Parlement a adopté jeudi la nouvelle loi sur l'eau, selon le ministre."),
    ("fr", "Le président reçoit les ministres des Affaires étrangères"),
    ("fr", "Grève des trains : des milliers de voyageurs bloqués"),
    ("fr", "L’Assemblée vote le budget"),
    ("fr", "La cour rejette l’appel dans l’affaire de corruption"),
    ("fr", "La banque centrale maintient son taux"),
    ("fr", "Trois morts dans un accident de bus près de la frontière"),
    ("fr", "Les agriculteurs manifestent contre les importations"),
    ("es", "El Parlamento aprobó el jueves la nueva ley de aguas, según dijo el ministro."),
    ("es", "El presidente viajará a Madrid para reunirse con los ministros"),
    ("es", "Inundaciones en el este del país dejan dos muertos"),
    ("es", "El tribunal rechaza el recurso en el caso de corrupción"),
    ("es", "El banco central mantiene los tipos de interés"),
    ("es", "Tres muertos en un accidente de autobús cerca de la frontera"),
    ("it", "Il Parlamento ha approvato giovedì la nuova legge sull'acqua, ha detto il ministro."),
    ("it", "Il presidente incontra i ministri degli Esteri"),
    ("it", "Sciopero dei treni, migliaia di viaggiatori bloccati nelle stazioni"),
    ("it", "La corte respinge il ricorso nel caso di corruzione"),
    ("it", "Tre morti in un incidente vicino al confine"),
    ("pt", "O Parlamento aprovou na quinta-feira a nova lei da água, disse o ministro."),
    ("pt", "Presidente viaja a Lisboa para reunião com os ministros"),
    ("pt", "Inundações no leste do país deixam dois mortos"),
    ("pt", "Tribunal rejeita recurso em caso de corrupção"),
    ("pt", "Três mortos em acidente de ônibus perto da fronteira"),
    ("nl", "Het parlement heeft donderdag de nieuwe wet op het water aangenomen, zei de minister."),
    ("nl", "Regering wil nieuwe belasting voor bedrijven"),
    ("nl", "Overstromingen in het oosten van het land"),
    ("nl", "Drie doden na busongeluk bij de grens"),
    ("pl", "Sejm przyjął w czwartek nową ustawę o wodzie, powiedział minister."),
    ("pl", "Prezydent spotkał się z ministrami spraw zagranicznych"),
    ("pl", "Powódź na wschodzie kraju: dwie osoby nie żyją"),
    ("pl", "Sąd odrzucił apelację w sprawie korupcji"),
    ("pl", "Trzy osoby zginęły w wypadku autobusu"),
    ("tr", "Meclis perşembe günü yeni su yasasını kabul etti, bakan bunu bir toplantıda açıkladı."),
    ("tr", "Cumhurbaşkanı dışişleri bakanlarıyla görüştü"),
    ("tr", "Ülkenin doğusunda sel: iki kişi öldü"),
    ("tr", "Mahkeme yolsuzluk davasında itirazı reddetti"),
    ("tr", "Sınır yakınındaki kazada üç ölü"),
    ("az", "Parlament cümə axşamı yeni su qanununu qəbul edib, nazir bu barədə məlumat verib."),
    ("az", "Prezident xarici işlər nazirləri ilə görüşüb"),
    ("az", "Məhkəmə korrupsiya işi üzrə şikayəti rədd etdi"),
    ("az", "Mərkəzi bank faiz dərəcəsini dəyişmədi"),
    (
        "uz",
        "Parlament payshanba kuni suv toʻgʻrisidagi yangi qonunni qabul qildi va bu haqida vazir.",
    ),
    ("uz", "O‘zbekiston prezidenti tashqi ishlar vazirlari bilan uchrashdi"),
    (
        "uz",
        "Парламент пайшанба куни сув тўғрисидаги янги қонунни қабул қилди ва бу ҳақида вазир.",
    ),
    ("uz", "Sud korrupsiya ishi bo‘yicha shikoyatni rad etdi"),
    ("uz", "Markaziy bank stavkani o‘zgartirmadi"),
    ("kk", "Мәжіліс бейсенбі күні су туралы жаңа заңды қабылдады, деп хабарлады министр."),
    ("kk", "Президент сыртқы істер министрлерімен кездесті"),
    ("kk", "Parlament beısenbi kúni jańa zańdy qabyldady dep habarlady ministr."),
    ("kk", "Елордада жаңа мектеп ашылды"),
    ("kk", "Mäjilis beisenbı künı su turaly jaña zañdy qabyldady"),
    ("kk", "Сот жемқорлық ісі бойынша шағымды қабылдамады"),
    ("kk", "Ұлттық банк базалық мөлшерлемені өзгертпеді"),
    ("cs", "Sněmovna ve čtvrtek schválila nový zákon o vodě, řekl ministr."),
    ("cs", "Prezident se sešel s ministry zahraničí"),
    ("cs", "Povodně na východě země mají dvě oběti"),
    ("cs", "Soud zamítl odvolání v případu korupce"),
    ("cs", "Centrální banka ponechala sazby beze změny"),
    (
        "sk",
        "Parlament vo štvrtok schválil nový zákon o vode, povedal minister, ktorý ho pripravil.",
    ),
    ("sk", "Prezidentka sa stretla s ministrami zahraničných vecí, ktorí boli v Bratislave"),
    ("ro", "Parlamentul a adoptat joi noua lege a apei, a declarat ministrul."),
    ("ro", "Președintele s-a întâlnit cu miniștrii de externe"),
    ("ro", "Inundații în estul țării"),
    ("ro", "Curtea a respins apelul în dosarul de corupție"),
    ("ro", "Trei morți într-un accident de autobuz lângă graniță"),
    ("hu", "Az Országgyűlés csütörtökön elfogadta az új vízügyi törvényt, közölte a miniszter."),
    ("hu", "A köztársasági elnök a külügyminiszterekkel találkozott"),
    ("hu", "Árvíz az ország keleti részén"),
    ("hu", "A bíróság elutasította a fellebbezést a korrupciós ügyben"),
    ("hu", "A jegybank nem változtatott a kamaton"),
    ("id", "DPR pada hari Kamis menyetujui undang-undang air yang baru, kata menteri itu."),
    ("id", "Presiden bertemu dengan para menteri luar negeri"),
    ("id", "Banjir di wilayah timur"),
    ("id", "Pengadilan menolak banding dalam kasus korupsi"),
    ("sv", "Riksdagen antog på torsdagen den nya vattenlagen, säger ministern."),
    ("sv", "Regeringen vill höja skatten för företag"),
    ("sv", "Översvämningar i östra delen av landet"),
    ("sv", "Domstolen avslår överklagan i korruptionsmålet"),
    ("sv", "Tre döda efter bussolycka nära gränsen"),
    ("da", "Folketinget vedtog torsdag den nye lov om vand, siger ministeren efter mødet."),
    ("da", "Regeringen vil ikke hæve skatten for virksomheder"),
    (
        "no",
        "Stortinget vedtok torsdag den nye loven om vann, sier statsråden etter møtet.",
    ),
    ("fi", "Eduskunta hyväksyi torstaina uuden vesilain, kertoo ministeri."),
    ("fi", "Presidentti tapasi ulkoministerit Helsingissä"),
    ("fi", "Tulvat maan itäosassa"),
    ("fi", "Oikeus hylkäsi valituksen korruptiojutussa"),
    ("fi", "Kolme kuoli bussionnettomuudessa lähellä rajaa"),
    ("et", "Riigikogu võttis neljapäeval vastu uue veeseaduse, ütles minister, kes oli kohal."),
    (
        "lt",
        "Seimas ketvirtadienį priėmė naują vandens įstatymą, sakė ministras, kad tai yra svarbu.",
    ),
    (
        "hr",
        "Hrvatski sabor je u četvrtak usvojio novi zakon o vodama, rekao je ministar.",
    ),
    (
        "ca",
        "El Parlament ha aprovat dijous la nova llei de l'aigua, amb els vots del govern, i més.",
    ),
    ("ru", "Парламент принял в четверг новый закон о воде, сообщил министр."),
    ("ru", "Президент подписал закон о языках"),
    ("ru", "Глава государства посетил Алматы"),
    ("ru", "Наводнение на востоке страны: двое погибших"),
    ("ru", "Суд отклонил апелляцию по делу о коррупции"),
    ("ru", "Три человека погибли в аварии автобуса у границы"),
    ("ru", "Аграрии протестуют против ввоза дешевого зерна"),
    ("uk", "Верховна Рада ухвалила у четвер новий закон про воду, повідомив міністр."),
    ("uk", "Президент зустрівся з міністрами закордонних справ"),
    ("uk", "Повінь на сході країни: двоє загиблих"),
    ("uk", "Суд відхилив апеляцію у справі про корупцію"),
    ("uk", "Троє людей загинули в аварії автобуса біля кордону"),
    ("uk", "Аграрії протестують проти імпорту зерна"),
    ("be", "Парламент прыняў у чацвер новы закон аб вадзе, паведаміў міністр."),
    ("be", "Прэзідэнт сустрэўся з міністрамі замежных спраў"),
    ("be", "Суд адхіліў апеляцыю па справе аб карупцыі"),
    ("be", "Тры чалавекі загінулі ў аварыі аўтобуса каля мяжы"),
    ("bg", "Парламентът прие в четвъртък новия закон за водите, съобщи министърът."),
    ("bg", "България прие новия бюджет"),
    ("bg", "Президентът се срещна с министрите на външните работи"),
    ("bg", "Съдът отхвърли жалбата по делото за корупция"),
    ("sr", "Скупштина је у четвртак усвојила нови закон о водама, рекао је министар."),
    ("sr", "Председник се састао са министрима спољних послова"),
    ("sr", "Суд одбио жалбу у случају корупције"),
    ("sr", "Троје погинулих у несрећи аутобуса близу границе"),
    (
        "mk",
        "Собранието го усвои новиот закон за водите, изјави министерот, кој ќе ја посети и Битола.",
    ),
    (
        "ky",
        "Жогорку Кеңеш бейшемби күнү суу жөнүндө жаңы мыйзамды кабыл алды, деп билдирди министр.",
    ),
    ("ky", "Президент тышкы иштер министрлери менен жолугушту"),
    ("ky", "Сот коррупция боюнча арызды четке какты"),
    ("tg", "Маҷлис рӯзи панҷшанбе қонуни навро дар бораи об қабул кард."),
    ("tg", "Президент бо вазирони корҳои хориҷӣ вохӯрд"),
    ("tg", "Суд шикоятро оид ба парвандаи коррупсия рад кард"),
    (
        "mn",
        "Улсын Их Хурал пүрэв гарагт усны тухай шинэ хуулийг баталсан гэж сайд мэдэгдсэн байна.",
    ),
    ("mn", "Ерөнхийлөгч гадаад хэргийн сайд нартай уулзлаа"),
    ("mn", "Шүүх авлигын хэргийн давж заалдах гомдлыг хүлээж аваагүй"),
    (
        "tt",
        "Дәүләт Советы пәнҗешәмбе көнне су турында яңа закон кабул итте, дип хәбәр итә министр.",
    ),
    ("ar", "أقر البرلمان يوم الخميس قانون المياه الجديد، وقال الوزير إن ذلك مهم."),
    ("ar", "الرئيس يلتقي وزراء الخارجية في العاصمة"),
    ("ar", "المحكمة ترفض الاستئناف في قضية الفساد"),
    ("ar", "البنك المركزي يثبت سعر الفائدة"),
    ("fa", "مجلس روز پنجشنبه قانون جدید آب را تصویب کرد، وزیر گفت."),
    ("fa", "رئیس جمهور با وزیران خارجه دیدار کرد"),
    ("fa", "دادگاه درخواست تجدید نظر را رد کرد"),
    ("fa", "بانک مرکزی نرخ بهره را ثابت نگه داشت"),
    ("ur", "پارلیمنٹ نے جمعرات کو پانی کا نیا قانون منظور کر لیا، وزیر نے کہا۔"),
    ("ur", "صدر کی وزرائے خارجہ سے ملاقات"),
    ("ur", "عدالت نے بدعنوانی کیس میں اپیل مسترد کر دی"),
    ("zh", "议会周四通过了新的水法，部长说。"),
    ("zh", "总统会见外长"),
    ("ja", "議会は木曜日に新しい水法を可決したと大臣が述べた。"),
    ("ja", "大統領が外相と会談"),
    ("ko", "국회는 목요일 새로운 물 관리법을 통과시켰다고 장관이 말했다."),
    ("ko", "대통령, 외교장관 접견"),
    ("el", "Το κοινοβούλιο ψήφισε την Πέμπτη τον νέο νόμο για το νερό."),
    ("el", "Πλημμύρες στα ανατολικά"),
    ("he", "הכנסת אישרה ביום חמישי את חוק המים החדש, אמר השר."),
    ("ka", "პარლამენტმა ხუთშაბათს ახალი კანონი მიიღო."),
    ("hy", "Խորհրդարանը հինգշաբթի ընդունեց նոր օրենքը։"),
    ("hi", "संसद ने गुरुवार को नया जल कानून पारित किया, मंत्री ने कहा।"),
    ("th", "รัฐสภาผ่านกฎหมายน้ำฉบับใหม่เมื่อวันพฤหัสบดี"),
]
ENGLISH = "The parliament of the country has approved the new budget, and the minister said so."
RUSSIAN = "Парламент принял в четверг новый закон о воде, и об этом сообщил министр."
KAZAKH = (
    "Мәжіліс бейсенбі күні су туралы жаңа заңды қабылдады, деп хабарлады министр журналистерге."
)


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_sentences_and_headlines(language, text):
    """Each is told, also with blanks around it and where it stands twice, as title and lead."""
    assert detect(text) == language
    assert detect(f"  {text}\n") == language
    assert detect(f"{text}\n{text}") == language


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN, KAZAKH])
def test_capitals(text):
    """Headlines may be in capitals."""
    assert detect(text.upper()) == detect(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "1 234,5 — 2026",
        "Astana",
        "Астана",
        "OK",
        "😀🙂",
        "\0\0",
        "\ud800",
        "\ufeff",
        "www.example.org/a/b?c=1",
        "a",
        "de la",
        "𝐀𝐁𝐂",
    ],
)
def test_too_little_to_tell(text):
    """No language rather than a guess."""
    assert detect(text) is None


@pytest.mark.parametrize(
    ("parts", "language"),
    [
        ((ENGLISH, ENGLISH, RUSSIAN), "en"),
        ((ENGLISH, RUSSIAN, RUSSIAN), "ru"),
        ((KAZAKH, KAZAKH, KAZAKH, RUSSIAN), "kk"),
        ((KAZAKH, RUSSIAN, RUSSIAN, RUSSIAN), "ru"),
        ((KAZAKH, KAZAKH, ENGLISH), "kk"),
        (("iPhone 17 Pro Max OLED", "新款手机周四在北京发布，售价约为一千美元。"), "zh"),
        (("Қазақмыс", RUSSIAN), "ru"),
        (("Le Monde, El País", ENGLISH), "en"),
    ],
)
def test_mixtures(parts, language):
    """The language of most of the text, in whatever order; names in another do not matter."""
    assert detect("\n".join(parts)) == language
    assert detect("\n".join(reversed(parts))) == language


def test_only_the_beginning_counts():
    """What a long text costs does not depend on its length."""
    start = (ENGLISH + " ") * (SAMPLE // len(ENGLISH) + 1)
    assert detect(start + RUSSIAN * 1000) == "en"


def test_apostrophes_of_every_kind():
    """l'eau and l’eau, oʻ and o‘."""
    for apostrophe in "'’ʼ‘":
        text = "L'accord d'hier n'est qu'une étape, dit l'élu".replace("'", apostrophe)
        assert detect(text) == "fr"
        assert detect("O'zbekistonda bo'lib o'tdi va".replace("'", apostrophe)) == "uz"


def test_a_language_that_is_not_known():
    """Chance finds of small words do not make it another one."""
    basque = "Legebiltzarrak ostegunean onartu du uraren lege berria, sailburuak adierazi duenez. "
    welsh = "Cymeradwyodd y Senedd y ddeddf ddŵr newydd ddydd Iau, meddai'r gweinidog wrth bawb. "
    assert detect(basque * 10) is None
    assert detect(welsh * 10) is None


@given(st.text(max_size=200))
def test_anything_may_be_asked(text):
    """A code of two small letters or None, the same each time."""
    found = detect(text)
    assert found is None or (len(found) == 2 and found.isascii() and found.islower())
    assert detect(text) == found


@given(st.sampled_from(TEXTS), st.text("0123456789 .,-–()%\n", max_size=30))
def test_figures_say_nothing(sample, figures):
    """Numbers and punctuation before a text do not change its language."""
    language, text = sample
    assert detect(f"{figures} {text}") == language

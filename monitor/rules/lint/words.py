"""Words so common that a name or an acronym must not be one of them: English and Russian.

Function words (articles, pronouns, prepositions, conjunctions, auxiliaries) stand in nearly every
article. The others are everyday words and those of news: titles, institutions, days, months,
directions. Forms with endings are listed where they are common; the list is for warnings only.
"""

from __future__ import annotations

from monitor.text import fold

_FUNCTION = """
a an the this that these those some any each every either neither no none all both half such same
other another much many more most few fewer less least several enough one ones i me my mine myself
you your yours yourself he him his himself she her hers herself it its itself we us our ours
ourselves they them their theirs themselves who whom whose which what whatever whoever where when
while why how there here then thus so as at by for from in into of off on onto out over per than
through throughout till to toward towards under until up upon via with within without about above
across after against along among amid around before behind below beneath beside besides between
beyond despite down during except inside like near next outside past round since and or but nor yet
if unless because although though whether not be am is are was were been being do does did done
doing have has had having will would shall should can could may might must ought also too very just
only even still again ever never always often already now however и в во не что он на я с со как а
то все она так его но да ты к ко у же вы за бы по только ее мне было вот от меня еще нет о об из
ему теперь когда даже ну ли если уже или ни быть был была были него до вас нибудь опять уж вам ведь
там потом себя ничего ей может они тут где есть надо ней для мы тебя их чем сам сама само сами чтоб
чтобы без будто чего себе под будет будут кто этот того потому этого какой какая какие какое ним
этом мой моя мое мои наш наша наше наши ваш ваша ваше ваши тем всем всех весь вся нее них через про
над при между перед после около среди ради кроме вместо против эта эти это этой этих тот та те той
тех такой такая такие также тоже который которая которое которые которых свой своя свое свои своего
своей своих чей куда откуда почему зачем сколько лишь хотя пока бывает является очень более менее
"""

_COMMON = """
ability able access according account act action activity actually add address administration adult
advance affair age agency agenda agent ago agree agreement aid air airport allow alliance ally
alone amount analysis animal announce annual answer appeal appear approach area argue arm army art
article ask assembly asset assist attack attempt attention audience authority average award away
baby back bad bag balance ball ban band bank bar base basic basis battle beach bear beat become bed
begin behavior belief believe best better big bill billion bird bit black blood blow blue board
boat body bomb bond book border born boss bottom box boy branch bread break brief bright bring
broad brother budget build building bureau burn bus business busy buy cabinet call camera camp
campaign cancer candidate capital captain car card care career carry case cash cat catch cause cell
center central centre century ceremony certain chair chairman chairwoman chance change channel
chapter charge charter check chief child children choice choose church circle citizen city civil
claim class clean clear climate close club coach coal coast code coffee cold college color come
comment commission committee common community company compare computer concern condition conference
congress connect consider constitution consul consumer contact contain content continue contract
control convention cool cooperation corn corner corporation cost council country couple course
court cover create credit crew crime crisis critic crop cross crowd crown culture cup current
customer cut daily dam damage dance danger dark data date daughter day dead deal death debate debt
decade decide decision decree deep defence defense degree delegation demand democracy department
deputy design desk detail develop development dialogue die difference difficult diplomat direct
direction director disaster discuss disease district division doctor document dog dollar door draft
dream drink drive driver drop drought drug dry due duty early earth east eastern easy eat economic
economy edge editor education effect effort eight election electric embassy emergency employee
empire end enemy energy engine enjoy enter entire environment equal estate europe evening event
evidence example exchange executive exercise exhibition exist expect expert explain export express
extra eye face fact factory fair faith fall family famous far farm farmer fast father favor fear
federal federation feel festival field fight figure file fill film final finance find fine finger
finish fire firm first fish five fix flag flight flood floor flow fly focus follow food foot
football force foreign forest forget form former forum forward foundation four free freedom fresh
friday friend front fuel full fund future gain game gas gate general gift girl give glass global go
goal god gold good government governor grain grand grant grass great green ground group grow growth
guard guest guide gun guy hair hall hand happen happy harbor harbour hard harvest hat head heads
health hear heart heat heavy help high hill history hit hold holiday home honor hope horse hospital
host hot hotel hour house human hundred hunt husband ice idea identify image impact import
important improve income increase independence index individual industry information initiative
inside institute institution interest interior international investment investor island issue item
january february march april june july august september october november december job join joint
journal journalist judge jump justice keep key kid kill kind king kingdom know labor labour lake
land language large last late law lawyer lay lead leader league learn leave left leg legal letter
level liberty library life light line link list listen little live local long look lose loss lot
love low lower lunch machine main maintain major make man manage management manager march mark
market marriage mass master match material matter mayor meal mean measure meat media medical meet
meeting member memory mental message metal meter method middle military milk million mind mine
minister ministry minority minute mirror miss mission mode model modern moment monday money monitor
month moon morning mother motion mountain mouth move movement movie museum music name narrow nation
national native nature naval navy need network new news newspaper night nine noon north northern
note nothing notice number nurse object ocean offer office officer official oil old olympic once
open operation opinion opposition option order organisation organization origin page pain paint
pair palace panel paper parent park parliament part participant partner party pass patient pay
peace pen people percent perform period permanent person phone photo picture piece pilot pipeline
place plan plane plant play player point police policy political poll pool poor pope population
port position positive possible post pound power practice prepare present presidency president
press pressure price prime prince princess prison private prize problem process produce product
professor program programme project property protect protest provide province public pull purpose
push put quality quarter queen question quick quiet race radio rail railway rain raise range rapid
rare rate raw reach read ready real reason receive record red reduce referendum reform refugee
region regional regular relation release religion remain report reporter republic request research
reserve reservoir resident resource response rest result return review rice rich right rights ring
rise risk river road rock role roof room root rose route royal rule run rural safe safety sale salt
sand saturday save say school science sea search season seat second secretary section sector
security see seed seek sell senate senator send senior sense series serious serve service session
set seven severe shape share sheet shift ship shoe shop short shot show shut side sign silver
simple sing single sister sit site situation six size skill skin sky sleep slow small smart smile
snow social society soft soil sold soldier solid solution son song sort sound source south southern
space speak speaker special speech speed spend spirit sport spring square staff stage stand
standard star start state statement states station stay steel step stick stock stone stop store
storm story strategy street strike strong structure student study style subject success sugar
suggest summer summit sun sunday supply support supreme surface surprise survey sword system table
take talk talks tank target task tax teacher team tech technology television ten tend term terror
test text thank theater theatre theory thing think third thousand threat three thursday ticket tie
time title today together tomorrow ton tonight top total tour town track trade tradition traffic
train transport travel treasury treat treaty tree trial tribe trip troop truck true trust truth try
tube tuesday turn twin two type union unit united unity university upper urban use user usual
valley value variety vehicle version vice victim victory video view village violence virus visit
visitor voice vote voter wage wait walk wall want war warm warn wash watch water wave way weak
wealth weapon wear weather wednesday week weekend weight welcome west western wheat white whole
wide wife wild will win wind window wine wing winner winter wish woman women wood word work worker
world worth write writer wrong year yellow yesterday young youth zone автор агентство адрес азия
академия акт акция алматы армия ассоциация база банк безопасность берег бизнес больница больше
борьба брат будущее бюджет бюро вера вернуться верх весна вечер вещь взгляд вид видеть визит власть
власти вода воды война войска вокруг волна вопрос восток враг врач время всего встреча второй выбор
выборы выставка газ газета глава главы главный глаз год года годы голова голос гора город города
господин госпожа государство государственный граница граждане гражданин группа губернатор далеко
данные дата дверь движение двор дворец девочка девушка дело дела день деньги депутат депутаты
деревня дерево дети директор добро договор дождь документ доклад должен доллар дом дорога друг
другой дума душа дядя европа единый ехать жена женщина жизнь житель жители журнал журналист завод
закон законопроект зал заместитель запад заседание заявление звезда здание здоровье земля зима знак
знание золото идея известный издание имя индекс институт инициатива интерес информация искусство
история июль июнь канал капитал картина квартира клуб книга коалиция количество команда комиссия
комитет компания конец конкурс конституция консул контроль конференция концерт корабль король
корреспондент край красный кризис круг культура лагерь лев левый лед лес лето лето лига лидер линия
лист лицо лошадь луна любовь люди май мальчик март масса мастер материал мать машина международный
мера меры место месяц метр мечта миллион миллиард минимум министр министры министерство минута мир
мира мнение много молодежь момент море москва мост музей музыка муж народ народный наука
национальный начало начальник неделя нефть ноль новость новости новый номер ночь обзор область
образ образование общество общий объединение объект огонь один одна окно октябрь сентябрь ноябрь
декабрь январь февраль апрель август олимпиада операция оборона опыт орган организация осень основа
остров ответ отдел отец отношение отношения офис палата память парк парламент партия партнер первый
песня письмо план площадь победа погода поддержка поезд поездка поле политика полиция помощь
понедельник вторник среда четверг пятница суббота воскресенье порт посол посольство пост
постановление поток правда правило правительство право праздник практика предприятие председатель
представитель президент президента премия премьер премьера пресса проблема программа продукт проект
производство прокуратура промышленность процент процесс путь работа рабочий развитие район раз
рассказ расход республика результат река речь референдум реформа решение риск рост рубль рука
руководитель руководство рынок ряд саммит сбор свет свобода связь сегодня завтра вчера север
секретарь село семья сеть сила система ситуация слово служба случай смерть снег собака собрание
событие совет советник создание солнце сотрудник сотрудничество союз спикер список спорт средства
срок ставка станция старый статья стол столица сторона страна страны строительство студент суд
судья сфера сцена счет сын театр тело территория тенге товар топливо торговля точка транспорт
требование три труд тысяча удар указ улица университет уровень условие успех утро участие участник
участок учитель ученик фабрика факт федерация фильм фонд форма форум фронт футбол хлеб хозяйство
холод цель цена центр цифра час часть человек чемпионат число член шаг школа штат штаб экономика
экран экспорт эксперт элемент энергия эпоха этап эфир юг юстиция явление язык якорь
"""

FUNCTION_WORDS = frozenset(map(fold, _FUNCTION.split()))
"""Folded words that stand in nearly every article."""

COMMON_WORDS = frozenset(map(fold, _COMMON.split())) | FUNCTION_WORDS
"""Folded words that stand in many articles and mean many things."""

"""Given names, to tell their kind and another person's name from an ordinary word.

A table of the frequent ones, not of all: a name that is missing is treated with more caution,
never with less. Compared by ``key``, so one spelling stands for the others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.text import fold

_KAZAKH = """
Abai Abay Abylai Abzal Adil Adilet Aibek Aidar Aidos Aigerim Aigul Aiman Ainur Aisulu Akezhan
Akmaral Alibek Alikhan Alisher Aliya Almas Almat Altai Altay Altynai Amangeldy Anuar Ardak Arman
Armat Arsen Arystan Asel Asem Aset Asher Askar Askhat Aslan Assel Asylbek Ayan Azamat Azat Bagdat
Bakhyt Bakhytzhan Barlybay Baurzhan Bauyrzhan Beibut Bekbolat Berdibek Berik Bolat Bulat Dana
Daniyar Darkhan Dariga Daulet Dauren Dias Didar Dinara Dinmukhamed Dosym Duisen Erbol Erlan
Erkebulan Galym Galymzhan Gani Gaukhar Gulmira Gulnar Gulnara Gulshara Imangali Ilyas Janibek
Kairat Kanat Karim Kassym Kassymzhomart Kenes Kenzhebek Kuanysh Kuat Kulyash Kurmanbek Madina Maksat
Malik Manas Marat Maulen Mukhtar Murat Mukhamed Nariman Nurlan Nurlybek Nursultan Nurzhan Nurdaulet
Olzhas Oralbay Ramazan Raushan Roman Rustam Rustem Ruslan Sabit Sabr Saken Saltanat Samat Sanzhar
Saule Sauat Serik Serzhan Shavkat Sultan Sultanbek Symbat Talgat Temirlan Timur Tleuberdi Tolegen
Toktar Tulegen Umirzak Yerbol Yerkin Yerlan Yermek Yernar Yerzhan Yesen Zauresh Zhalgas Zhandos
Zhanar Zhanat Zhanibek Zhanna Zhaslan Zhomart Zhumabek Zulfiya Zarina Qasym Jomart Kassym-Jomart
Barlybek Bekzat Chingiz Dastan Eldar Galiya Ilyas Islam Kamila Laura Maira Nazym Perizat Roza Sayat
Shynggys Togzhan Ulan Uldana Zere Dosbol Beket Baglan Batyr Baktygul Nurgul Sharip
"""
_SLAVIC = """
Alexander Aleksandr Alexandra Alexei Aleksey Alla Anatoly Andrei Andrey Anna Anastasia Anton Arkady
Artem Artyom Boris Vadim Valentin Valentina Valery Vasily Vera Viktor Victor Viktoria Vitaly Vlad
Vladimir Vladislav Vyacheslav Galina Gennady Georgy Gleb Grigory Daria Denis Dmitry Evgeny Yevgeny
Yekaterina Ekaterina Elena Yelena Yelizaveta Elizaveta Efim Yegor Zinaida Igor Ilya Inna Irina
Kirill Konstantin Larisa Lev Leonid Lidia Lyubov Lyudmila Ludmila Maxim Maksim Margarita Maria
Marina Mikhail Nadezhda Natalia Natalya Nikita Nikolai Nikolay Nina Oksana Oleg Olga Pavel Pyotr
Petr Polina Raisa Svetlana Semyon Sergei Sergey Sofia Stanislav Stepan Taras Tamara Tatiana
Tatyana Timofey
Fyodor Fedor Yulia Yuri Yury Yakov Yana Yaroslav Zoya Eduard Emil Jan
Ksenia Lilia Rimma Ruslan Ramzan Zakhar Rodion Arseny Matvey Makar Miron Platon Prokhor Trofim
Ulyana Varvara Veronika Alina Alyona Antonina Evgenia Evdokia Kira Olesya Zlata Marat Rustam
"""
_UKRAINIAN = """
Volodymyr Oleksandr Oleksandra Oleksiy Oleksii Mykola Mykhailo Serhiy Serhii Dmytro Andriy Andrii
Yevhen Oleh Ihor Petro Pavlo Vasyl Olena Kateryna Hanna Hryhoriy Kyrylo Danylo Vitaliy Vitalii Denys
Bohdan Halyna Iryna Larysa Lesia Liudmyla Nataliia Nadiya Oksana Ostap Ruslana Tetiana Valeriy
Vadym Mykyta Nazar Orest Sviatoslav Valentyn Viacheslav Yevheniia Yevhenii Kyryl Kostiantyn Olha
Solomiia Tymur Andrij Arsenii Hennadii Heorhii Lidiia Mariana Myroslava Nadiia Rostyslav Zoriana
Valerii Vyacheslav Yulia Yuliia Yuriy Yurii Anatoliy Borys Maksym Mariia Ivan Illia Svitlana Rustem
"""
_ARABIC = """
Mohammed Muhammad Mohamed Mohammad Mohamad Muhammed Ahmed Ahmad Mahmoud Mahmud Mustafa Mostafa Ali
Hassan Hasan Hussein Hossein Husayn Husain Hussain Hamid Hamad Hamed Hamza Ibrahim Ismail Khalid
Khaled Khalifa Omar Umar Osama Usama Othman Osman Uthman Saddam Salman Saad Said Saeed Sayed Sayyid
Sami Samir Tariq Tarek Walid Waleed Yahya Yasser Yasir Youssef Yusuf Yousef Yusef Zayed Zaid Zayd
Abdullah Abdulla Abdallah Abdulaziz Abdelaziz Abdulrahman Abdelrahman Abdul Abdel Abdelfattah Adel
Bashar Faisal Faysal Fahd Fatima Fatemeh Fatma Gamal Jamal Hafez Hisham Jabir Jaber Kamal Karim
Kareem Maryam Mariam Mansour Mansur Muammar Moammar Nabil Nasser Nasir Noor Nouri Nuri Qasem Qassem
Rashid Rafik Rafiq Rami Riyad Ruhollah Saif Salah Saleh Salih Shukri Sultan Tamim Turki Zainab
Ebrahim Hassan Mahmoud Massoud Masoud Mohsen Javad Reza Abbas Akbar Asghar Masud Hamidreza Mojtaba
Sadeq Sadegh Esmail Esmaeil Ashraf Hekmatyar Hibatullah Sirajuddin Haibatullah Ayatollah Imran Nawaz
Asif Bilawal Shehbaz Shahbaz Benazir Amin Anwar Amir Ameer Emad Imad Nadia Leila Layla Laila
"""
_TURKIC = """
Recep Tayyip Abdulla Ilham Heydar Mehriban Islam Shavkat Gurbanguly Serdar Emomali Rustam Sadyr
Sooronbay Almazbek Kurmanbek Askar Roza Saparmurat Ekrem Kemal Mevlut Hakan Yildirim Binali Devlet
Fuat Cevdet Mehmet Mehmed Ahmet Mustafa Ozgur Ayse Emine Tansu Turgut Suleyman Bulent Deniz Emre
Burak Cem Cemal Elchin Jeyhun Ceyhun Eldar Elnur Farid Fuad Kamran Ramil Rovshan Togrul Vagif Vugar
Zakir Bakhtiyor Bakhtiyar Jasur Jamshid Otabek Sardor Ulugbek Aziz Saida Dilshod Farrukh Komil
Botir Akmal Nodir Daler Farrukh Sirojiddin Davron Azizbek Bektur Nurbek Akylbek Ulukbek Melis
"""
_WESTERN = """
Adam Alan Albert Alfred Andrew Angela Anne Anthony Antonio Arthur Barack Ben Benjamin Bernard Bill
Brian Bruce Carl Carlos Caroline Catherine Charles Christine Christopher Claude Claudia Daniel David
Deborah Diana Donald Dorothy Douglas Edward Elizabeth Emily Emma Emmanuel Eric Ernest Eugene Eva
Felix Fernando Francis Francisco Francois Frank Franz Fred Frederick Friedrich Fritz Gabriel Gary
George Gerald Gerhard Giorgia Giovanni Giuseppe Gordon Gregory Hans Harold Harry Heinrich Helen
Henry Herbert Hillary Howard Hugo Isabel Jack Jacob Jacques James Jane Janet Jason Jean Jeffrey
Jennifer Jens Jerry Jessica Jim Joan Joe Johann John Jonathan Jorge Jose Joseph Joshua Juan Judith
Julia Julian Justin Karen Karl Katherine Keir Keith Kenneth Kevin Klaus Larry Lars Laurent Lee Leo
Linda Lisa Louis Luca Lucas Luis Luiz Manuel Marco Margaret Maria Marie Mario Martha Martin Mary
Matteo Matthew Michael Michel Miguel Monica Nancy Nathan Nicholas Nicolas Noah Oliver Olivier Oscar
Pablo Patricia Patrick Paul Paula Pedro Peter Philip Philippe Pierre Rachel Ralph Raymond Rebecca
Richard Robert Roberto Roger Ronald Rudolf Ruth Samuel Sandra Sara Sarah Scott Simon Sophie Stephen
Steven Stuart Susan Sven Theodore Thomas Timothy Tom Tony Ursula Victor Vincent Volodya Walter
Wilhelm William Wolfgang Xavier Yves Viktor Marine Olaf Joaquin
Anna Roman Laura Dana Jan Eduard Boris Vera Nina Irina Tamara Olga Alexander Alexandra Sofia Emil
Valentin Valentina Victoria Natalia Marina Max Anton Leonid Sultan Roza
"""


def _letters() -> dict[int, str]:
    """Cyrillic to Latin, letter by letter, after folding."""
    latin = (
        "a b v g d e j z i k l m n o p r s t u f h c ch sh shch '' y '' e yu ya".replace("''", "-")
    ).split()
    table = dict(zip("абвгдежзиклмнопрстуфхцчшщъыьэюя", latin, strict=True))
    table |= dict(zip("әғқңөұүһієґ", "agknouuhieg", strict=True))
    return {ord(c): ("" if text == "-" else text) for c, text in table.items()}


_CYRILLIC = _letters()
_DIGRAPHS = (
    (re.compile("dzh|dj|zh"), "j"),
    (re.compile("kh|gh"), "h"),
    (re.compile("q"), "k"),
    (re.compile("ck|c(?=[kto])"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("ph"), "f"),
    (re.compile("w"), "v"),
    (re.compile("ou|oo"), "u"),
    (re.compile("[iy]+e|(?<![^aeo])e"), "e"),
    (re.compile("[iyj]+(?=[aou])"), "i"),
    (re.compile("[iy]+"), "i"),
    (re.compile(r"([^\W\d_])\1+"), r"\1"),
    (re.compile("['-]"), ""),
)


@lru_cache(maxsize=8192)
def key(word: str) -> str:
    """A rough form that the spellings of one name share: ``Жомарт``, ``Zhomart`` and ``Jomart``
    are ``jomart``. Rougher than the rules that count: only for tables and likeness."""
    text = fold(word).translate(_CYRILLIC)
    for expression, letters in _DIGRAPHS:
        text = expression.sub(letters, text)
    return text


def _keys(*tables: str) -> frozenset[str]:
    return frozenset(key(name) for table in tables for name in table.split())


UKRAINIAN = _keys(_UKRAINIAN)
LOOSE = _keys(_ARABIC)
_EASTERN = _keys(_KAZAKH, _SLAVIC, _TURKIC) | UKRAINIAN
_ELSEWHERE = _keys(_WESTERN)
EASTERN = _EASTERN - _ELSEWHERE
"""Without those that are as frequent in the West: they tell nothing of the surname."""
SHARED = _EASTERN & _ELSEWHERE
_ALL = _EASTERN | LOOSE | _ELSEWHERE
_ENDINGS = re.compile("(?:oi|ei|om|em|iu|a|u|i|e)$")


@lru_cache(maxsize=8192)
def is_given_name(word: str) -> bool:
    """Whether a word of a text is a given name of the table, declined or not."""
    rough = key(word)
    if rough in _ALL:
        return True
    if word.isascii():
        return False
    bare = _ENDINGS.sub("", rough)
    return len(bare) > 2 and not _ALL.isdisjoint((bare, bare + "a", bare + "i"))

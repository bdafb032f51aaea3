"""Queries with texts, what they find marked by hand: both matchers must find just that.

``⟦…⟧`` in title or body is a piece of evidence; pieces may stand in one another.
"""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """A query and an article. Without a mark the query must not match it."""

    query: str
    body: str
    title: str = ""
    language: str | None = "en"


def unmarked(text: str) -> tuple[str, set[tuple[int, int]]]:
    """The text without its marks, and the spans that stood between them."""
    plain, open_, spans = "", [], set()
    for char in text:
        if char == "⟦":
            open_.append(len(plain))
        elif char == "⟧":
            spans.add((open_.pop(), len(plain)))
        else:
            plain += char
    assert not open_, f"a mark is open in {text!r}"
    return plain, spans


EXAMPLES = [
    # words and phrases
    Example("water", "⟦Water⟧, ⟦WATER⟧; waters", "⟦water⟧"),
    Example("water", "waters, underwater, water5"),
    Example('"water council"', "⟦Water  Council⟧, ⟦water-council⟧, water\ncouncil, water, council"),
    Example('"a b" a', "⟦⟦a⟧ b⟧ ⟦a⟧"),
    Example("$5", "US⟦$5⟧, $55"),
    Example("šaban", "⟦Saban⟧ ⟦S\u030caban⟧ sabans"),
    Example('"AND"', "to ⟦and⟧ fro"),
    Example('"OR"', "this ⟦or⟧ that"),
    Example("and", "to ⟦and⟧ fro"),
    # side by side, signs, operators
    Example("water fire", "⟦fire⟧"),
    Example("water fire", "⟦fire⟧ ⟦water⟧"),
    Example("+water fire", "⟦water⟧"),
    Example("+water fire", "fire"),
    Example("+water fire", "⟦fire⟧ ⟦water⟧"),
    Example("water -fire", "⟦water⟧ air"),
    Example("water -fire", "water fire"),
    Example("water !fire", "water fire"),
    Example("water NOT fire", "⟦water⟧ air"),
    Example("water NOT fire", "water fire"),
    Example("+water +air -fire", "⟦water⟧ ⟦air⟧"),
    Example("+water +air -fire", "water fire air"),
    Example("water AND air", "⟦water⟧ ⟦air⟧"),
    Example("water && air", "water"),
    Example("a OR b AND c", "⟦a⟧"),
    Example("a OR b AND c", "b"),
    Example("a || b && c", "⟦b⟧ ⟦c⟧"),
    Example("a b AND c", "⟦a⟧"),
    Example("(a OR b) AND c", "a b"),
    Example("a AND NOT (b OR c)", "⟦a⟧ d"),
    Example("a AND NOT (b OR c)", "a c"),
    Example("a AND (b OR NOT c)", "⟦a⟧ d"),
    Example("a AND (b OR NOT c)", "a c"),
    Example("a AND (b OR NOT c)", "⟦a⟧ ⟦b⟧ c"),
    # fields
    Example("title:water", "water", "⟦water⟧"),
    Example("title:water", "water", "fire"),
    Example("body:water", "⟦water⟧", "water"),
    Example("lead:water", "\n \n–\n⟦water⟧ fire\nwater"),
    Example("lead:water", "fire\nwater", "water"),
    Example("title:(water -fire)", "fire", "⟦water⟧"),
    Example("title:water AND body:fire", "⟦fire⟧ water", "⟦water⟧ fire"),
    Example("title:water OR fire", "⟦fire⟧ water", "⟦fire⟧"),
    Example("title:water", "x", "a\n⟦water⟧"),
    Example("body:(lead:water)", "⟦water⟧\nwater"),
    # what must agree
    Example("case:WHO", "⟦WHO⟧, who, Who"),
    Example("case:who", "WHO, ⟦who⟧, Who"),
    Example("accent:resume", "résumé, ⟦resume⟧, ⟦Resume⟧"),
    Example("accent:résumé", "⟦résumé⟧, ⟦RE\u0301SUME\u0301⟧, resume"),
    Example("exact:Šaban", "⟦Šaban⟧, ⟦S\u030caban⟧, šaban, Saban"),
    Example("accent:йод", "⟦йод⟧ ⟦и\u0306од⟧ ⟦Йод⟧ иод"),
    Example("accent:ΟΔΌΣ", "⟦οδός⟧ ⟦Οδός⟧ ⟦ΟΔΌΣ⟧ οδος ΟΔΟΣ"),
    Example("accent:οδος", "⟦οδος⟧ ⟦ΟΔΟΣ⟧ οδός"),
    Example("exact:οδος", "⟦οδος⟧ ΟΔΟΣ Οδος"),
    Example("case:(WHO OR Un)", "⟦WHO⟧ un UN"),
    Example('exact:"Qur\'an"', "⟦Qur'an⟧ ⟦Qur’an⟧ ⟦Qurʼan⟧ qur'an"),
    Example('case:"A - B"', "⟦A B⟧ ⟦A–B⟧ a B"),
    # wildcards
    Example("wat*", "⟦water⟧, ⟦watt⟧-hour, ⟦wat⟧ w"),
    Example("*ter", "⟦water⟧, ⟦ter⟧, term"),
    Example("wa?er", "⟦water⟧ ⟦WAGER⟧ waer watter"),
    Example("w*er", "⟦water⟧ ⟦wer⟧ ⟦wererer⟧ water5"),
    Example('"wat* cou*l"', "⟦Waters  Council⟧, water, council"),
    Example("ab??", "abc ⟦abcd⟧ abcde"),
    Example("str*e", "⟦Straße⟧ ⟦STRASSE⟧"),
    Example("stra??e", "⟦Straße⟧"),
    Example("*'ab", "⟦'ab⟧ ⟦o’ab⟧ 'abc"),
    Example("*'a*bab", "x ⟦'abbab⟧ ⟦o'abab⟧ 'ab"),
    # fuzzy
    Example("water~1", "⟦water⟧ ⟦waters⟧ ⟦wate⟧ ⟦watre⟧ ⟦wader⟧ wade fwadter"),
    Example("election~", "⟦election⟧ ⟦elections⟧ ⟦eelectoin⟧ elecct"),
    Example("strasse~1", "⟦Straße⟧ ⟦Strase⟧ strae"),
    # stems
    Example("stem:running", "he ⟦runs⟧, ran-⟦run⟧"),
    Example("stem.en:run", "⟦Running⟧ runner", language="ru"),
    Example("stem:кошка", "две ⟦кошки⟧, ⟦КОШКУ⟧ кошмар", language="ru"),
    Example('stem:"running dogs"', "⟦run dog⟧, run, dog, ⟦Runs  dogs⟧, run\ndog"),
    Example("stem:кошка", "кошки ⟦Кошка⟧", language="kk"),
    # regular expressions, in the original
    Example("/wat.r/", "⟦Water⟧⟦watar⟧ wa\ntr"),
    Example("case:/W.t/", "⟦Wat⟧er wat"),
    Example("/a\\/b/", "⟦a/b⟧ a b"),
    Example("/^ab/", "⟦ab⟧ ab\n⟦ab⟧", "⟦ab⟧"),
    Example("/b$/", "ab a⟦b⟧\na⟦b⟧", "ab."),
    Example("/r.sum./", "⟦résumé⟧ re\u0301sume\u0301"),
    Example("lead:/ab/", "\n⟦ab⟧\nab", "ab"),
    Example("/a+/", "⟦aa⟧b⟦a⟧"),
    # proximity
    Example('"a b"~1', "⟦a⟧ x ⟦b⟧"),
    Example('"a b"~1', "a x x b"),
    Example('"a b"~1', "⟦b⟧ x ⟦a⟧"),
    Example('"a b"~>1', "b x a"),
    Example('"a b"~>1', "⟦a⟧. X! ⟦b⟧"),
    Example("a NEAR/1 b", "a x x ⟦b⟧ x ⟦a⟧ ⟦b⟧ x x a"),
    Example("a NEAR/9 b", "a\nb"),
    Example("a NEAR/9 b", "b", "a"),
    Example("a NEAR/9 b", "x", "a\nb"),
    Example("a NEAR/0 a", "⟦a⟧ ⟦a⟧ x a"),
    Example("a NEAR/0 a", "a x a"),
    Example('a NEAR/0 "a b"', "⟦a⟧ ⟦a b⟧ x b a"),
    Example("a ONEAR/1 b ONEAR/1 c", "⟦a⟧ x ⟦b⟧ ⟦c⟧"),
    Example("a ONEAR/1 b ONEAR/1 c", "a x b x c"),
    Example("a NEAR/1 b NEAR/1 c", "⟦c⟧ ⟦a⟧ x ⟦b⟧"),
    Example("a ONEAR/2 b ONEAR/2 c", "⟦a⟧ c ⟦b⟧ ⟦c⟧ a"),
    Example("(a OR b) NEAR/0 c", "⟦b⟧ ⟦c⟧ x a"),
    Example("(water OR a) NEAR/5 (wat* OR b)", "water x x\na"),
    Example("(water OR a) NEAR/5 (wat* OR b)", "⟦waters⟧ x ⟦water⟧ x\na\n⟦b⟧ ⟦a⟧"),
    Example("(water OR a) NEAR/5 (wat* OR b) NEAR/5 c", "water c\n⟦a⟧ x ⟦b⟧ x ⟦c⟧"),
    Example("wat* NEAR/1 stem:run", "⟦water⟧ x ⟦runs⟧"),
    Example("a NEAR/0 $5", "⟦a⟧ ⟦$5⟧ x a US$5"),
    Example("$5 NEAR/1 a", "x US⟦$5⟧ x ⟦a⟧"),
    Example("title:(a NEAR/1 b)", "a b", "⟦a⟧ ⟦b⟧"),
    Example("a NEAR/0 b AND c", "⟦a⟧ ⟦b⟧ ⟦c⟧"),
    Example("a NEAR/0 b AND c", "a b"),
    # as close as may be, where only a part of a word is looked for first
    Example("wat* NEAR/0 b", "⟦waters⟧ ⟦b⟧"),
    Example("(water OR wat*) NEAR/0 b", "⟦waters⟧ ⟦b⟧"),
    Example("election~1 NEAR/0 b", "⟦elections⟧ ⟦b⟧"),
    Example("stem:running NEAR/0 b", "⟦runs⟧ ⟦b⟧"),
    Example("water NEAR/0 fires NEAR/0 c", "⟦water⟧ ⟦c⟧ ⟦fires⟧"),
    # what need not be close, though both words are in a proximity somewhere
    Example("(water NEAR/9 b OR water) AND b", "⟦water⟧\n⟦b⟧"),
    Example("(water NEAR/9 b OR water NEAR/9 c) AND b", "⟦water⟧ ⟦c⟧\n⟦b⟧"),
    Example("water AND b AND NOT (water NEAR/9 b)", "⟦water⟧\n⟦b⟧"),
    Example("water AND b AND NOT (water NEAR/9 b)", "water b"),
    Example("+water +b -(water NEAR/9 b)", "⟦water⟧\n⟦b⟧"),
    Example("+water +b (water NEAR/9 b)", "⟦water⟧\n⟦b⟧"),
    Example("water AND (b NEAR/9 c)", "⟦water⟧\n⟦b⟧ ⟦c⟧"),
    Example("(water NEAR/9 b) AND (water NEAR/9 c)", "⟦water⟧ ⟦b⟧\n⟦water⟧ ⟦c⟧"),
    Example("title:water AND body:(water NEAR/9 b)", "⟦water⟧ ⟦b⟧", "⟦water⟧"),
    Example("title:water AND body:(water NEAR/9 b)", "water\nb", "water"),
]

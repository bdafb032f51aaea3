"""The same rules through PostgreSQL's stored tsqueries and through spaCy's matchers.

Both are given what they can express: PostgreSQL has no proximity in any order (``<N>`` counts
positions exactly, so NEAR/5 becomes ten alternatives), spaCy's phrases have no boolean logic, so
its queries are evaluated over the phrases and tokens that it finds. A person is looked for by
full name, swapped, and by initial and surname: not in other spellings. Neither says where a rule
matched; spaCy's spans are in tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from newsroom import Text

from monitor.config.settings import RuleSettings
from monitor.rules.scan import literal, loose
from monitor.rules.syntax import And, Entity, Glob, Group, In, Near, Node, Not, Or, Term
from monitor.rules.tree import tree_of
from monitor.rules.triggers import wakes

# --------------------------------------------------------------------------- PostgreSQL


def tsquery(node: Node) -> str:
    """The node in the syntax of ``tsquery`` with the configuration ``simple``."""
    match node:
        case Term():
            return _phrase(node.text)
        case Glob():
            return " <-> ".join(f"{text.strip()}:*" for kind, text in node.parts if kind == "text")
        case Entity():
            given, _, surname = node.settings.name.casefold().partition(" ")
            forms = f"{given} {surname}", f"{surname} {given}", f"{given[0]} {surname}"
            return "(" + " | ".join(f"({_phrase(form)})" for form in forms) + ")"
        case And():
            return "(" + " & ".join(map(tsquery, node.nodes)) + ")"
        case Or():
            return "(" + " | ".join(map(tsquery, node.nodes)) + ")"
        case Group():
            wanted = [*map(tsquery, node.must), *(f"!({tsquery(n)})" for n in node.must_not)]
            if not node.must:
                wanted.insert(0, "(" + " | ".join(map(tsquery, node.should)) + ")")
            return "(" + " & ".join(wanted) + ")"
        case Not():
            return f"!({tsquery(node.node)})"
        case In():
            return tsquery(node.node)  # weights would do for titles
        case Near():
            one, other = map(tsquery, node.nodes)
            ways = [
                f"({a} <{gap}> {b})"
                for a, b in ((one, other), (other, one))
                for gap in range(1, node.slop + 2)
            ]
            return "(" + " | ".join(ways) + ")"
        case _:
            raise TypeError(f"not in this benchmark: {node}")


def _phrase(text: str) -> str:
    return " <-> ".join(literal(text).split())


@contextmanager
def postgres_run(
    url: str, settings: Sequence[RuleSettings]
) -> Iterator[Callable[[Sequence[Text]], tuple[float, float]]]:
    """A table of queries, found by their rarest required words (else PostgreSQL would evaluate
    every one for every article), and what runs articles through it: wall time of the server for
    each, and how many rules matched."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE rules (id int, word text, query tsquery)")
        with connection.cursor() as cursor:
            with cursor.copy("COPY rules FROM STDIN") as copy:
                for number, rule in enumerate(settings):
                    tree = tree_of(rule)
                    query = tsquery(tree)
                    for word in needed_words(tree):
                        copy.write_row((number, word, query))
            cursor.execute("CREATE INDEX ON rules (word text_pattern_ops)")
            cursor.execute("ANALYZE rules")

        def run(texts: Sequence[Text]) -> tuple[float, float]:
            found = 0
            start = time.perf_counter()
            for title, body in texts:
                row = connection.execute(_SELECT, (f"{title} {body}",)).fetchone()
                assert row is not None
                found += row[0]
            return (time.perf_counter() - start) / len(texts), found / len(texts)

        yield run


_SELECT = """
WITH article AS MATERIALIZED (SELECT to_tsvector('simple', %s) AS vector)
SELECT count(DISTINCT rules.id) FROM article,
    unnest(tsvector_to_array(vector)) AS found (word)
    JOIN rules ON rules.word = found.word OR rules.word = left(found.word, 5) || '*'
WHERE article.vector @@ rules.query
"""


def needed_words(tree: Node) -> set[str]:
    """Of what a rule needs the rarest, as single words; prefixes as five letters and a star."""
    if isinstance(tree, Entity):
        return {tree.settings.name.casefold().split()[-1]}
    words = set()
    for trigger in wakes(tree).triggers[0]:
        parts = trigger.text.split()
        last = max(parts, key=len)
        words.add(last if trigger.right or len(parts) > 1 else last[:5] + "*")
    return words


# --------------------------------------------------------------------------- spaCy


def spacy_run(settings: Sequence[RuleSettings]) -> Callable[[str, str], int]:
    """Phrases through the PhraseMatcher on lower-case tokens, queries evaluated over them."""
    import spacy
    from spacy.matcher import PhraseMatcher

    language = spacy.blank("xx")
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    trees = [tree_of(rule) for rule in settings]
    waiting: dict[str, list[int]] = {}
    for number, tree in enumerate(trees):
        for text in _phrases(tree):
            waiting.setdefault(text, []).append(number)
    for text in waiting:
        matcher.add(text, [language.make_doc(text)])

    def run(title: str, body: str) -> int:
        doc = language.make_doc(f"{title}\n{body}")
        spans: dict[str, list[tuple[int, int]]] = {}
        for key, start, end in matcher(doc):
            spans.setdefault(language.vocab.strings[key], []).append((start, end))
        words = [token.lower_ for token in doc]
        candidates = {number for text in spans for number in waiting[text]}
        return sum(bool(_evaluate(trees[number], spans, words)) for number in candidates)

    return run


def _phrases(node: Node) -> Iterator[str]:
    match node:
        case Term():
            yield literal(node.text)
        case Entity():
            given, _, surname = node.settings.name.casefold().partition(" ")
            yield from (f"{given} {surname}", f"{surname} {given}", f"{given[0]}.{surname}")
        case And() | Or() | Near():
            for part in node.nodes:
                yield from _phrases(part)
        case Group():
            for part in (*node.must, *node.should, *node.must_not):
                yield from _phrases(part)
        case In() | Not():
            yield from _phrases(node.node)


def _evaluate(
    node: Node, spans: dict[str, list[tuple[int, int]]], words: list[str]
) -> list[tuple[int, int]] | bool:
    """Spans in tokens, or whether the node is true."""
    match node:
        case Term() | Entity():
            return [span for text in _phrases(node) for span in spans.get(text, ())]
        case Glob():
            start = loose(node.parts)[0][1]
            return [(i, i + 1) for i, word in enumerate(words) if word.startswith(start)]
        case And():
            return all(bool(_evaluate(part, spans, words)) for part in node.nodes)
        case Or():
            found = [_evaluate(part, spans, words) for part in node.nodes]
            flat = [span for part in found if isinstance(part, list) for span in part]
            return flat or any(part is True for part in found)
        case Group():
            if any(_evaluate(part, spans, words) for part in node.must_not):
                return False
            if node.must:
                return all(bool(_evaluate(part, spans, words)) for part in node.must)
            return any(bool(_evaluate(part, spans, words)) for part in node.should)
        case Not():
            return not _evaluate(node.node, spans, words)
        case In():
            return _evaluate(node.node, spans, words)
        case Near():
            one, other = (_evaluate(part, spans, words) for part in node.nodes)
            if not isinstance(one, list) or not isinstance(other, list):
                return False
            return any(max(a[0], b[0]) - min(a[1], b[1]) <= node.slop for a in one for b in other)
        case _:
            raise TypeError(f"not in this benchmark: {node}")

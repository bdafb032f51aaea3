"""How fast rules match, beside the bare loop that any matcher of this kind needs.

    python benchmarks/matching.py [--rules 1000] [--articles 2000] [--typographic 0.5]

Articles are made of a word list with Zipf-like frequencies; a share of them has curly quotes,
dashes and accents, the others are ASCII. Half of the rules are keywords (any, all, none), half
are persons with all their forms. The bare loop folds, scans the same literals, checks word
boundaries and maps hits back; it knows no rules and builds no evidence. Both run alternately
over the same articles in one process; the best of the repeats counts.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable, Sequence
from itertools import accumulate

from monitor.config.settings import RuleSettings
from monitor.rules import RuleSet, compile_rules
from monitor.rules.compiled import Compiler, automaton_over
from monitor.text import fold_with_offsets

Text = tuple[str, str]  # title, body
COMMON = re.findall(r"\w+", "the of and in to a for on is that with as by at from was has it are")
SYLLABLES = re.findall("..", "karatanolimesavegetibestdamiloprconialenoruaskhzhtuguyenuma")


def word_list(size: int, rng: random.Random) -> list[str]:
    """Distinct words, the most frequent first."""
    words = dict.fromkeys(COMMON)
    while len(words) < size:
        words["".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3, 3, 4))))] = None
    return list(words)


def articles(words: Sequence[str], args: argparse.Namespace, rng: random.Random) -> list[Text]:
    """Titles of ten words and paragraphs of some sixty up to the wanted length."""
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    made = []
    for number in range(args.articles):
        typographic = number < args.articles * args.typographic
        title = " ".join(rng.choices(words, cum_weights=weights, k=10)).title()
        paragraphs: list[str] = []
        while sum(map(len, paragraphs)) < args.length:
            text = ", ".join(
                " ".join(rng.choices(words, cum_weights=weights, k=12)).capitalize()
                for _ in range(5)
            )
            if typographic:
                text = text.replace(" the ", " “the ", 1).replace(" of ", "” of ", 1)
                text = text.replace(" in ", " – in ", 1).replace("as ", "’s ", 1)
            paragraphs.append(text + ".")
        made.append((title, "\n".join(paragraphs)))
    rng.shuffle(made)
    return made


def rules(words: Sequence[str], count: int, rng: random.Random) -> list[RuleSettings]:
    """Keyword rules and persons in turns; their words are neither frequent nor very rare."""
    pool = words[1000:]

    def phrase() -> str:
        return " ".join(rng.sample(pool, rng.choice((1, 1, 2))))

    made = []
    for number in range(count):
        rule: dict[str, object] = {"name": f"rule-{number}"}
        if number % 2:
            given, surname = (word.capitalize() for word in rng.sample(pool, 2))
            rule["entity"] = {"name": f"{given} {surname}", "aliases": [phrase()]}
        else:
            key = rng.choice(("any", "any", "all"))
            rule[key] = [phrase() for _ in range(3 if key == "any" else 2)]
            if rng.random() < 0.2:
                rule["none"] = [phrase()]
        made.append(RuleSettings.model_validate(rule))
    return made


def bare_loop(literals: Sequence[str]) -> Callable[[str, str], int]:
    """Fold, scan, word boundary, map back."""
    find = automaton_over(literals).find_matches_as_indexes

    def run(title: str, body: str) -> int:
        original = f"{title}\n{body}\n"
        text, offsets = fold_with_offsets(original)
        spans = []
        for number, start, end in find(text, overlapping=True):
            if not text[start - 1].isalnum() and not text[end].isalnum():
                spans.append((number, *offsets.original(start, end)))
        return len(spans)

    return run


def matcher(rule_set: RuleSet) -> Callable[[str, str], int]:
    return lambda title, body: len(rule_set.match(title=title, body=body))


def seconds(run: Callable[[str, str], int], texts: Sequence[Text]) -> tuple[float, int]:
    """CPU time of one pass, and what it found."""
    found = 0
    start = time.process_time()
    for title, body in texts:
        found += run(title, body)
    return time.process_time() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--length", type=int, default=2500, help="characters of a body, about")
    parser.add_argument("--words", type=int, default=30000)
    parser.add_argument("--typographic", type=float, default=0.5, help="share of the articles")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    words = word_list(args.words, rng)
    settings = rules(words, args.rules, rng)
    texts = articles(words, args, rng)

    start = time.process_time()
    rule_set = compile_rules(settings)
    compiled = time.process_time() - start
    compiler = Compiler()
    for rule in settings:
        compiler.add(rule)
    literals = compiler.automaton().literals
    runs = {"bare loop": bare_loop(literals), "RuleSet.match": matcher(rule_set)}
    times: dict[str, list[float]] = {name: [] for name in runs}
    found: dict[str, int] = {}
    for _ in range(args.repeats):
        for name, run in runs.items():
            took, found[name] = seconds(run, texts)
            times[name].append(took)

    size = sum(len(title) + len(body) for title, body in texts) / len(texts)
    print(f"{len(texts)} articles of {size:.0f} characters, {len(settings)} rules,", end=" ")
    print(f"{len(literals)} literals; compiled in {compiled * 1000:.0f} ms")
    print(f"{'':14}{'articles/s':>12}{'us/article':>12}{'found/article':>15}{'ratio':>8}")
    base = min(times["bare loop"])
    for name, taken in times.items():
        best = min(taken)
        print(
            f"{name:14}{len(texts) / best:12,.0f}{best / len(texts) * 1e6:12.1f}"
            f"{found[name] / len(texts):15.2f}{base / best:8.2f}"
        )


if __name__ == "__main__":
    main()

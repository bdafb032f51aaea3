"""How fast rules match, beside the bare loop that any matcher of this kind needs.

    python benchmarks/matching.py [--rules 100 1000 10000 100000] [--articles 1000]
        [--load] [--postgres URL] [--spacy]

Articles and rules are those of ``newsroom.py``: 70 % phrases, 20 % queries with proximity and
wildcards, 10 % persons. The bare loop folds, scans all literals of the same rules, checks word
boundaries and maps hits back; it knows no rules and builds no evidence. "Bare, required" does the
same over the fewer literals for which the rule set itself looks. ``RuleSet.match`` scans in C where
that could be compiled (see ``hatch_build.py``); beside it stands the same over the index in Python.
All run in turns over the same articles in one process; of each article the least time of the
repeats counts.

``--load`` measures loading the largest set in processes of their own: the first start, the second
start (rules kept compiled) and peak memory. ``--postgres`` and ``--spacy`` add the same rules as
stored ``tsquery`` and through spaCy's matchers (``pip install -e '.[benchmark]'``).
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from newsroom import Newsroom, Text, as_yaml

from monitor.config.settings import RuleSettings
from monitor.rules.block import compile_block
from monitor.rules.index import NATIVE, PlainIndex
from monitor.rules.ruleset import RuleSet
from monitor.rules.scan import literal, loose
from monitor.rules.syntax import And, Entity, Glob, Group, In, Near, Node, Not, Or, Term
from monitor.rules.tree import tree_of
from monitor.rules.triggers import triggers
from monitor.rules.watch import automaton_over
from monitor.text import fold_with_offsets

Run = Callable[[str, str], int]  # title, body: how many were found


def bare_loop(literals: Sequence[str]) -> Run:
    """Fold, scan, word boundary, map back."""
    find = automaton_over(literals).find_matches_as_indexes

    def run(title: str, body: str) -> int:
        text, offsets = fold_with_offsets(f"{title}\n{body}\n")
        spans = []
        for number, start, end in find(text, overlapping=True):
            if not text[start - 1].isalnum() and not text[end].isalnum():
                spans.append((number, *offsets.original(start, end)))
        return len(spans)

    return run


def literals_of(node: Node) -> Iterator[str]:
    """All literal text of a rule: words, phrases, what stands between wildcards, and of names
    what the automaton looks for."""
    match node:
        case Term():
            yield literal(node.text)
        case Glob():
            yield from (text.strip() for kind, text in loose(node.parts) if kind == "text")
        case Entity():
            yield from (trigger.text for trigger in triggers(node) or ())
        case And() | Or() | Near():
            for part in node.nodes:
                yield from literals_of(part)
        case Group():
            for part in (*node.must, *node.should, *node.must_not):
                yield from literals_of(part)
        case In() | Not():
            yield from literals_of(node.node)


def matcher(rule_set: RuleSet) -> Run:
    return lambda title, body: len(rule_set.match(title=title, body=body))


def measure(
    runs: dict[str, tuple[Run, Sequence[Text]]], repeats: int
) -> dict[str, tuple[float, float]]:
    """Seconds for an article, and what was found in it, on average; all run in turns.

    Of each article the least time counts: what else the machine does between two of its passes
    is left out, and each pass is over all articles, so that none finds the caches warm.
    """
    least = {name: [float("inf")] * len(texts) for name, (_, texts) in runs.items()}
    found = dict.fromkeys(runs, 0)
    gc.collect()
    gc.freeze()  # as the daemon does once its rules are loaded
    clock = time.perf_counter
    for _ in range(repeats):
        for name, (run, texts) in runs.items():
            best = least[name]
            found[name] = 0
            for place, (title, body) in enumerate(texts):
                start = clock()
                found[name] += run(title, body)
                best[place] = min(best[place], clock() - start)
    gc.unfreeze()
    return {name: (sum(best) / len(best), found[name] / len(best)) for name, best in least.items()}


LOAD = """
import json, re, sys, time
from pathlib import Path
start = time.perf_counter()
from monitor.rules import load_rules
imported = time.perf_counter()
rules = load_rules(Path(sys.argv[1]), cache=Path(sys.argv[2]))
loaded = time.perf_counter()
rules.match(title="A title", body="A body.")
print(json.dumps({
    "import": imported - start, "load": loaded - imported, "rules": len(rules),
    # not ru_maxrss, which a process takes over from the one that started it
    "peak": int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024,
}))
"""


def show_load(rules: Sequence[dict[str, object]]) -> None:
    """Loading in processes of their own: the first starts of two caches, three second starts."""
    print(f"\nloading {len(rules):,} rules from a YAML file, without the import of the program")
    print(f"{'':14}{'load':>8}{'import':>9}{'peak memory':>14}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(as_yaml(rules), "utf-8")
        for cache, label in (("a", "first"), ("b", "first"), ("a", "second"), ("a", "second")):
            done = subprocess.run(
                [sys.executable, "-c", LOAD, str(file), f"{folder}/{cache}"],
                check=True,
                capture_output=True,
                text=True,
            )
            took = json.loads(done.stdout)
            assert took["rules"] == len(rules)
            print(
                f"{label + ' start':14}{took['load']:6.2f} s{took['import']:7.2f} s"
                f"{took['peak']:11.0f} MB"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rules", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--length", type=int, default=2500, help="characters of a body, about")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--load", action="store_true", help="measure loading the largest set")
    parser.add_argument("--postgres", metavar="URL", help="beside it: stored tsqueries")
    parser.add_argument("--spacy", action="store_true", help="beside it: spaCy's matchers")
    args = parser.parse_args()
    newsroom = Newsroom(args.seed)
    texts = list(newsroom.articles(args.articles, args.length))
    written = list(newsroom.rules(max(args.rules)))
    size = sum(len(title) + len(body) for title, body in texts) / len(texts)
    index = "C" if NATIVE else "Python"
    print(
        f"{len(texts)} articles of {size:.0f} characters; one core, least of {args.repeats} passes",
        end="; ",
    )
    print(f"ratio: to the bare loop of the same run; index in {index}\n")
    print(f"{'rules':>8}  {'':24}{'articles/s':>12}{'µs/article':>12}{'found':>9}{'ratio':>8}")
    growth: dict[int, float] = {}
    for count in args.rules:
        settings = [RuleSettings.model_validate(rule) for rule in written[:count]]
        block = compile_block(settings, print)
        every = {text for rule in settings for text in literals_of(tree_of(rule))}
        runs: dict[str, tuple[Run, Sequence[Text]]] = {
            f"bare, {len(every):,} literals": (bare_loop(sorted(every)), texts),
            f"bare, required {len(block.texts):,}": (bare_loop(block.texts), texts),
            "RuleSet.match": (matcher(RuleSet.of([block])), texts),
        }
        if NATIVE:
            runs["the same without C"] = (matcher(RuleSet.of([block], PlainIndex)), texts)
        if args.spacy:
            from peers import spacy_run

            runs["spaCy matchers"] = (spacy_run(settings), texts[:20])
        best = measure(runs, args.repeats)
        if args.postgres:
            from peers import postgres_run

            with postgres_run(args.postgres, settings) as run:
                best["PostgreSQL tsquery"] = run(texts[:100])
        base = next(iter(best.values()))[0]
        growth[count] = best["RuleSet.match"][0]
        for name, (took, found) in best.items():
            print(
                f"{count:8,}  {name:24}{1 / took:12,.0f}{took * 1e6:12.1f}{found:9.2f}"
                f"{base / took:8.2f}"
            )
        print()
    if 1000 in growth and 100_000 in growth:
        print(f"100,000 rules take {growth[100_000] / growth[1000]:.1f} x the time of 1,000")
    if args.load:
        show_load(written)


if __name__ == "__main__":
    main()

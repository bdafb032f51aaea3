"""``rules test``: the rules against articles written for the purpose, with a diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from monitor.cli.load import load
from monitor.cli.options import Invocation, common
from monitor.cli.output import print_json
from monitor.errors import ConfigError, Problem
from monitor.model import Evidence, Match
from monitor.rules import Explanation, Reason, RuleSet
from monitor.rules.expectations import Expectation, Outcome, Suite, check, read_suite, rules_of
from monitor.rules.expectations import untested as without_test
from monitor.rules.library import load_library
from monitor.text import one_line

MOST_REASONS = 8  # of a rule that should match
MOST_NAMED = 8  # rules without a test that are named one by one

Tested = tuple[Suite, int, Expectation, Outcome]


@click.command("test", short_help="Run tests of the rules.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@common
@click.pass_obj
def test(invocation: Invocation, files: Sequence[Path]) -> None:
    """Run the tests in each FILE: articles, and the rules that must match them.

    A FILE (YAML) has `rule_files:`, whose rules it tests (none: those of the configuration), and
    `tests:`, each with an article (`title` and `body`) and `expect`, the rules that match it. See
    docs/rules.md. Exit status 1 where a test fails, 2 where a FILE is wrong.
    """
    suites, rule_sets = _read(invocation, files)
    tested = [
        (suite, index, test, check(test, rules))
        for suite, rules in zip(suites, rule_sets, strict=True)
        for index, test in enumerate(suite.tests)
    ]
    if invocation.as_json:
        print_json(_row(*one) for one in tested)
    else:
        for suite in suites:
            _show_suite(suite, [one for one in tested if one[0] is suite])
        _show_sum(suites, tested, _untested(suites, rule_sets))
    if not all(outcome.passed for *_, outcome in tested):
        raise SystemExit(1)


def _read(invocation: Invocation, files: Sequence[Path]) -> tuple[list[Suite], list[RuleSet]]:
    """Every suite and the rules that it tests. Raises ConfigError with all problems."""
    problems: list[Problem] = []
    suites: list[Suite] = []
    for file in files:
        try:
            suites.append(read_suite(file))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    known: dict[tuple[Path, ...], RuleSet] = {}
    for suite in suites:
        if suite.rule_files not in known:
            known[suite.rule_files] = (
                rules_of(suite) if suite.rule_files else load_library(load(invocation))
            )
        problems += suite.unknown(known[suite.rule_files].names)
    if problems:
        raise ConfigError(problems)
    return suites, [known[suite.rule_files] for suite in suites]


def _untested(suites: Sequence[Suite], rule_sets: Sequence[RuleSet]) -> list[str]:
    """Rules that some suite tests and none expects to match."""
    names = dict.fromkeys(name for rules in rule_sets for name in rules.names)
    return without_test(tuple(names), [test for suite in suites for test in suite.tests])


# --------------------------------------------------------------------------- for scripts


def _row(suite: Suite, index: int, test: Expectation, outcome: Outcome) -> dict[str, Any]:
    line, column = suite.place(index)
    return {
        "file": suite.file,
        "line": line,
        "column": column,
        "name": test.label,
        "passed": outcome.passed,
        "matched": list(outcome.matched),
        "missing": [
            {"rule": why.rule, "reasons": [_reason(reason) for reason in why.reasons]}
            for why in outcome.missing
        ],
        "unexpected": [
            {"rule": match.rule, "evidence": [_evidence(e) for e in match.evidence]}
            for match in outcome.unexpected
        ],
        "evidence": [
            {
                "rule": difference.rule,
                "missing": list(difference.missing),
                "unexpected": list(difference.unexpected),
            }
            for difference in outcome.differences
        ],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "clause": evidence.clause,
        "field": evidence.field,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "clause": reason.clause,
        "field": reason.field,
        "satisfied": reason.satisfied,
        "message": reason.message,
        "start": reason.start,
        "end": reason.end,
        "text": reason.text,
    }


# --------------------------------------------------------------------------- for people


def _show_suite(suite: Suite, tested: Sequence[Tested]) -> None:
    failed = [one for one in tested if not one[3].passed]
    verdict = (
        click.style("FAILED", fg="red", bold=True)
        if failed
        else click.style("SUCCESS", fg="green", bold=True)
    )
    click.echo(f"{verdict}  {suite.file}: {_passed(len(tested) - len(failed), len(tested))}")
    for _, index, test, outcome in failed:
        line, column = suite.place(index)
        where = click.style(f"{suite.file}:{line}:{column}", bold=True)
        click.echo(f"\n  {where}: {one_line(test.label)}")
        for text in _diff(outcome):
            click.echo(f"    {text}")
    if failed:
        click.echo()


def _diff(outcome: Outcome) -> Iterator[str]:
    """What was expected and is not there (-), what is there and was not expected (+)."""
    for why in outcome.missing:
        yield click.style(f"- {why.rule}", fg="red") + "  expected, and does not match"
        yield from (f"    {line}" for line in _reasons(why))
    for match in outcome.unexpected:
        yield click.style(f"+ {match.rule}", fg="green") + "  matches, and was not expected"
        yield from (f"    {line}" for line in _found(match))
    for difference in outcome.differences:
        yield f"  {difference.rule}  matches by other words than expected"
        for text in difference.missing:
            yield click.style(f"    - {one_line(text)}", fg="red")
        for text in difference.unexpected:
            yield click.style(f"    + {one_line(text)}", fg="green")


def _reasons(why: Explanation) -> Iterator[str]:
    """What speaks against the rule, near misses first, then what speaks for it."""
    reasons = sorted(why.reasons, key=lambda reason: (reason.satisfied, reason.field is None))
    for reason in reasons[:MOST_REASONS]:
        mark = click.style("yes", fg="green") if reason.satisfied else click.style("no ", fg="red")
        where = f" [{reason.field} {reason.start}-{reason.end}]" if reason.field else ""
        yield f"{mark}  {reason.clause}{where}: {reason.message}"
    if len(reasons) > MOST_REASONS:
        yield f"... and {len(reasons) - MOST_REASONS} more reasons (monitor explain shows them)"


def _found(match: Match) -> Iterator[str]:
    for evidence in match.evidence:
        where = f"[{evidence.field} {evidence.start}-{evidence.end}]"
        yield f"{evidence.clause} {where}: found {one_line(evidence.text)!r}"


def _show_sum(suites: Sequence[Suite], tested: Sequence[Tested], untested: list[str]) -> None:
    failed = sum(not outcome.passed for *_, outcome in tested)
    if untested:
        names = ", ".join(untested[:MOST_NAMED])
        names += f" and {len(untested) - MOST_NAMED} more" if len(untested) > MOST_NAMED else ""
        click.secho(f"no test expects {names}", dim=True)
    files = f" in {len(suites)} files" if len(suites) > 1 else ""
    if failed:
        click.secho(f"FAILED: {failed} of {len(tested)} tests{files}", fg="red", bold=True)
    elif len(suites) > 1:
        click.secho(f"SUCCESS: {len(tested)} tests{files}", fg="green", bold=True)


def _passed(count: int, total: int) -> str:
    tests = "test" if total == 1 else "tests"
    return f"{total} {tests}" if count == total else f"{total - count} of {total} {tests} failed"

"""The pages people read: the overview and one article."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence

from flask import Blueprint, abort, render_template, request

from monitor.model import ArticleMatch, DeliveryState, Entry, Revision
from monitor.outbox import Circuit, circuit, destination_line
from monitor.ports import PageStore
from monitor.revisions import compare
from monitor.web import changes, counters, present
from monitor.web.deps import WebDeps
from monitor.web.operations import conditions_of, stuck_deliveries

ARTICLES = 25
ROWS = 20
MOST = 200
"""Articles (``?limit=``) or pieces of evidence on one page, at most."""
RULES = 100
"""Rules listed; of more, those that the page's articles and matches name, or those looked for."""


def blueprint(deps: WebDeps) -> Blueprint:
    """``/`` and ``/articles/<id>``."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def overview() -> str:
        now = deps.clock()
        settings = deps.settings()
        rules = deps.rules()
        rule = request.args.get("rule") or None
        if rule is not None and rule not in rules:
            abort(404, f"There is no rule called {rule}.")
        limit = min(max(request.args.get("limit", ARTICLES, type=int), 1), MOST)
        store = deps.pages
        entries = store.articles(rule=rule, limit=limit + 1)
        dead = store.deliveries(state=DeliveryState.DEAD, limit=ROWS)
        shown = {delivery.id for delivery in dead}
        latest = store.deliveries(limit=ROWS)
        matches = store.matches(rule=rule, limit=ROWS)
        find = request.args.get("find", "").strip().lower()
        deliveries = [*dead, *(one for one in latest if one.id not in shown)][:ROWS]
        return render_template(
            "overview.html",
            now=now,
            rules=rules,
            listed=present.rule_list(rules, find, _named(rule, entries, matches), RULES),
            rule=rule,
            inbox=settings.inbox.path,
            articles=[present.listed(entry, now) for entry in entries[:limit]],
            more=limit * 4 if len(entries) > limit and limit < MOST else None,
            matches=matches,
            deliveries=deliveries,
            stuck=len(stuck_deliveries(deliveries)),
            failing=[
                (one.name, destination_line(one, now, present.minute))
                for one in store.destinations()
                if circuit(one, now) is not Circuit.CLOSED
            ],
            dumps=store.dumps(limit=ROWS),
            counts=store.counts(),
            health=deps.health(),
            conditions=conditions_of(deps),
        )

    @pages.get("/articles/<article_id>")
    def article(article_id: str) -> str:
        try:
            identity = str(uuid.UUID(article_id))
        except ValueError:
            abort(404, "There is no such article.")
        entry = deps.pages.article(identity)
        if entry is None:
            abort(404, "There is no such article.")
        chain = deps.pages.chain(entry.id)
        evidence = present.evidence_rows(entry.matches)
        return render_template(
            "article.html",
            now=deps.clock(),
            entry=entry,
            text=present.current_text(entry, chain),
            older=present.older_texts(entry, chain),
            steps=changes.steps(chain, deps.pages.edits(entry.id) if len(chain) > 1 else {}),
            compared=_compared(deps.pages, entry.id, chain),
            counter=counters.counter(deps.pages.views(entry.id)),
            evidence=evidence[:MOST],
            evidence_left=max(len(evidence) - MOST, 0),
            untold=deps.pages.suppressions(article=entry.id, limit=ROWS),
            rules=deps.rules(),
            unsure=entry.confidence < present.UNSURE,
        )

    return pages


def _compared(
    store: PageStore, article_id: str, chain: Sequence[Revision]
) -> changes.Compared | None:
    """The two revisions asked for (``?from=1&to=3``), else the last two; None where there is
    only one."""
    if len(chain) < 2:
        return None
    number = {revision.number: revision for revision in chain}
    after = number.get(request.args.get("to", chain[-1].number, type=int))
    first = after.number - 1 if after else 0
    before = number.get(request.args.get("from", max(first, chain[0].number), type=int))
    if after is None or before is None or before.number >= after.number:
        abort(404, "The article has no such revisions, or not in this order.")
    if before.pruned or after.pruned:
        return changes.compared(before, after, None)
    found = store.comparison(article_id, before.content, after.content)
    if found is None or not found.paragraphs:
        found = compare((before.title, before.body), (after.title, after.body))
    return changes.compared(before, after, found)


def _named(
    rule: str | None, entries: Iterable[Entry], matches: Iterable[ArticleMatch]
) -> Iterator[str]:
    """The rules that a page speaks of, some more than once."""
    if rule is not None:
        yield rule
    for entry in entries:
        yield from entry.rules
    for match in matches:
        yield match.rule

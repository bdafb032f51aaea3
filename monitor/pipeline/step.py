"""One transaction of a dump: each segment identified, placed, matched; then all written.

What is decided for one segment is visible to the next, whether it is written yet or not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from monitor.alerts import Found, Planned
from monitor.model import (
    Article,
    BadRecord,
    Change,
    Fingerprint,
    Known,
    Outcome,
    Revision,
    Sighting,
    Suppression,
)
from monitor.pipeline.counters import Counters
from monitor.pipeline.crawl import Crawl, Seen, Segment
from monitor.pipeline.edits import Neighbours, between, kept
from monitor.pipeline.history import History
from monitor.pipeline.known import left_out, seen_again, utc
from monitor.pipeline.lookup import look_up, recognise
from monitor.pipeline.matching import Counts, Verdict, matching
from monitor.pipeline.policy import Policy
from monitor.pipeline.teller import Teller
from monitor.ports import IngestBatch
from monitor.revisions import (
    Index,
    Relation,
    Sought,
    Texts,
    article_id,
    compare,
    hashed,
    order_key,
    place,
)

MOST_NAMESAKES = 16
"""Articles of one title and time; few enough that a look-up always finds them all."""


class Step:
    """The decisions of one transaction."""

    def __init__(
        self,
        tx: IngestBatch,
        policy: Policy,
        crawl: Crawl,
        batch: Sequence[tuple[Article, Fingerprint]],
        seen: Seen,
        now: datetime,
        days: Collection[date],
    ) -> None:
        """``batch`` are the articles with their fingerprints; ``seen`` what was met in this
        dump, added to as the step goes on; ``days`` the crawl days of the segments."""
        self.tx, self.policy, self.crawl, self.now = tx, policy, crawl, now
        self.seen = seen
        self.history = History(tx)
        self.index = Index({}, ())
        texts = Texts(self.history.text_of, self.history.revisions_of)
        self.sought = {
            article.index: Sought(
                article,
                print_,
                article.crawled or crawl.day,
                texts=texts,
                window=crawl.window,
                common=self.index.common,
            )
            for article, print_ in batch
        }
        self.others = look_up(tx, self.index, [*self.sought.values()])
        self.pks = iter(tx.next_pks(len(batch)))
        self.counters: Counters | None = None
        if policy.rules.by_growth and days:
            self.counters = Counters(tx, self.history, self.index.known, days, crawl.received)
        if policy.rules.by_sighting:
            self.history.read_matches(self.index.known)
        self.teller = Teller(tx, policy, self.history, self.counters, now)
        self.matches = 0
        self.undecided = 0
        self.rules: set[str] = set()

    @property
    def planned(self) -> list[Planned]:
        """The alerts planned so far."""
        return self.teller.planned

    @property
    def withheld(self) -> list[Suppression]:
        """What would have been alerts and is told nobody."""
        return self.teller.withheld

    def take(self, segment: Segment) -> None:
        """Decide what the segment becomes."""
        if isinstance(segment, BadRecord):
            self.history.decided(
                Change(segment.index, Outcome.QUARANTINED, segment.reason, confidence=0.0)
            )
            return
        sought = self.sought[segment.index]
        print_, day = sought.print, sought.day
        self.teller.crawled = day
        sighting = Sighting(
            order_key(day, self.crawl.newest, segment.views, self.crawl.name, print_.content),
            print_.content,
            segment.views,
        )
        others = self.others.get(segment.index, ())
        verdict = recognise(self.tx, self.index, sought, others, self.seen)
        known, reason = verdict.known, verdict.reason
        if verdict.relation is not Relation.SAME or known is None:
            change = self._unknown(segment, print_, sighting, known, reason, day)
        elif self.seen.get((known.pk, day), print_.content) == print_.content:
            change = self._again(segment, print_, sighting, known, reason, day)
        else:
            # a listing that shows both shows both again: as revisions they would alternate for ever
            reason = "stands twice in this dump, with another text; the first one counts"
            change = left_out(segment, known, reason)
        self.history.decided(change)
        if change.article is not None:
            self.index.put(change.article, change.features)
            self.seen.setdefault((change.article.pk, day), print_.content)

    def _unknown(
        self,
        article: Article,
        print_: Fingerprint,
        sighting: Sighting,
        original: Known | None,
        reason: str,
        day: date,
    ) -> Change:
        """An article that is not stored, unless very many share its title and time."""
        namesakes = self.index.find(print_.moment)
        if len(namesakes) >= MOST_NAMESAKES:
            return left_out(article, namesakes[0], "very many articles have its title and time")
        # the id of one that is alone with its title and time would be another's
        key = print_.title_key if not namesakes else hashed(sighting.order)
        if original is not None and original.duplicate_of is not None:
            original = self.history.known(original.duplicate_of)
        return self._first(article, print_, sighting, original, reason, day, key)

    def _first(
        self,
        article: Article,
        print_: Fingerprint,
        sighting: Sighting,
        original: Known | None,
        reason: str,
        day: date,
        key: int,
    ) -> Change:
        """A new article, ``key`` telling its id from others'."""
        known = Known(
            pk=next(self.pks),
            id=article_id(article, key, day),
            source=article.source,
            title=article.title,
            title_key=print_.title_key,
            content=print_.content,
            paragraphs=print_.paragraphs,
            published=utc(article.published),
            published_order=sighting.order if article.published else None,
            seen_from=day,
            seen_to=day,
            last_order=sighting.order,
            revision=1,
            views=article.views,
            first_seen=self.now,
            last_seen=self.now,
            updated=self.now,
            confidence=article.confidence,
            duplicate_of=original.pk if original else None,
            url=article.url,
            language=article.language,
        )
        revision = Revision(
            1,
            print_.content,
            article.title,
            article.body,
            print_.paragraphs,
            sighting.order,
            self.now,
        )
        text = article.title, article.body
        self.history.now_reads(known.pk, text)
        if self.counters:
            self.counters.note(known.pk, sighting, new=True)
        matches = self._match(article, self._counts(known.pk, sighting)).matches
        told = self.teller.new(known, Found(*text, matches))
        if original is not None:
            reason += f"; a copy of {original.id[:8]} ({original.source})"
            self.rules.update(self.history.matched(original.pk))  # their feeds name the copy
        return Change(
            article.index,
            Outcome.DUPLICATE if original else Outcome.NEW,
            f"{reason}; {told}" if told else reason,
            article=known,
            is_new=True,
            sighting=sighting,
            revisions=(revision,),
            features=self.index.worth_keeping(self.sought[article.index]),
            matches=matches,
            confidence=article.confidence,
        )

    def _again(
        self,
        article: Article,
        print_: Fingerprint,
        sighting: Sighting,
        known: Known,
        reason: str,
        day: date,
    ) -> Change:
        placed = place(
            article,
            print_,
            sighting,
            known,
            now=self.now,
            sightings_of=self.history.sightings_of,
            revisions_of=self.history.revisions_of,
        )
        state = seen_again(known, article, sighting, day, self.now, revision=placed.number)
        if self.counters:
            self.counters.note(known.pk, sighting, new=False)
        counts = self._counts(known.pk, sighting)
        verdict = Verdict()
        outcome, decided = placed.outcome, placed.reason
        if outcome is Outcome.REVISED:
            verdict = self._match(article, counts)
        elif self.policy.rules.by_sighting:
            # a rule matches a text if it matches one sighting of it: the same in any order
            verdict = self._again_matching(article, sighting, known, counts)
            if sighting.content == known.content:
                decided += self._risen(article, sighting, known, state, verdict)
        edits: Neighbours = ()
        if placed.forward:
            before = self._before(article, known.pk, counts)
            current = placed.revisions[-1]
            text = current.title, current.body
            comparison = compare((before.title, before.body), text) if before else None
            if comparison is not None:
                edits = ((known.content, print_.content, kept(comparison)),)
            state = replace(
                state,
                title=current.title,
                title_key=print_.title_key,
                content=print_.content,
                paragraphs=print_.paragraphs,
                updated=known.updated if comparison and comparison.cosmetic else self.now,
            )
            said, told = self.teller.edited(state, verdict.of(text), before, comparison)
            decided += f": {said}"
            if before is not None and self.policy.rules.by_sighting:
                matched = {match.rule for match in before.matches} - told
                rest = [match for match in verdict.matches if match.rule in matched]
                decided += self._risen(
                    article, sighting, known, state, Verdict(tuple(rest)), before, text
                )
            if known.duplicate_of is not None:
                self.rules.update(self.history.matched(known.duplicate_of))
            self.history.now_reads(known.pk, text)
        elif placed.replace_chain:
            state = replace(state, title=placed.revisions[-1].title)
            edits = between(placed.revisions, self.history.revisions_of(known.pk))
        if outcome is Outcome.UNCHANGED and (known.pk, day) in self.seen:
            outcome, reason = Outcome.DUPLICATE, f"stands twice in this dump; {reason}"
        return Change(
            article.index,
            outcome,
            f"{reason}; {decided}",
            article=state,
            sighting=sighting,
            revisions=placed.revisions,
            replace_chain=placed.replace_chain,
            features=self._new_keys(article, print_, known),
            matches=verdict.matches,
            confidence=article.confidence,
            edits=edits,
        )

    def _new_keys(self, article: Article, print_: Fingerprint, known: Known) -> tuple[int, ...]:
        """The lookup keys that a sighting may add to those of its article."""
        if print_.content != known.content:
            return self.index.worth_keeping(self.sought[article.index])
        there = not article.published or known.pk in self.index.pks(print_.moment)
        return () if there else (print_.moment,)

    def _counts(self, pk: int, sighting: Sighting) -> Counts | None:
        return self.counters.at(pk, sighting) if self.counters else None

    def _match(self, article: Article, counts: Counts | None) -> Verdict:
        verdict = matching(self.policy, (article.title, article.body), article, counts)
        self.matches += len(verdict.matches)
        self.undecided += len(verdict.undecided)
        self.rules.update(verdict.rules)
        return verdict

    def _again_matching(
        self, article: Article, sighting: Sighting, known: Known, counts: Counts | None
    ) -> Verdict:
        """The rules that match a text that is stored, at another sighting of it."""
        text = article.title, article.body
        verdict = matching(self.policy, text, article, counts)
        fresh = verdict.rules.difference(self.history.ever_matched(known.pk))
        if fresh and sighting.content == known.content:
            kept = self.history.kept_text(known.pk)
            if kept is not None and kept != text:  # written otherwise: evidence is of what is kept
                verdict = matching(self.policy, kept, article, counts)
        self.undecided += len(verdict.undecided)
        self.rules.update(verdict.rules)
        return verdict

    def _before(self, article: Article, pk: int, counts: Counts | None) -> Found | None:
        """The text that the article was edited from, and the rules that match it; None: it is no
        longer kept.

        All but the text is as it is now: what they tell apart is the edit's doing.
        """
        text = self.history.kept_text(pk)
        self.rules.update(self.history.matched(pk))  # their feeds lose it
        return None if text is None else matching(self.policy, text, article, counts).of(text)

    def _risen(
        self,
        article: Article,
        sighting: Sighting,
        known: Known,
        now: Known,
        verdict: Verdict,
        before: Found | None = None,
        text: tuple[str, str] | None = None,
    ) -> str:
        """Tell of rules that the counter alone made match: none did at any crawl before, nor would
        have with the counter that was known. In words for the ledger.

        ``verdict``: the rules that match now; of an edit those whose matching is not its doing,
        with the text ``before`` and the ``text`` after.
        """
        if not verdict.matches:
            return ""
        ever = self.history.ever_matched(known.pk)
        fresh = [match for match in verdict.matches if match.rule not in ever]
        if not fresh:
            return ""
        kept = text or self.history.kept_text(known.pk) or (article.title, article.body)
        was = replace(article, views=known.views, published=known.published)
        growth = self.counters.before(known.pk, sighting) if self.counters else None
        old = (before.title, before.body) if before else kept
        did = matching(self.policy, old, was, [(known.views, growth)])
        risen = [m for m in fresh if m.rule not in did.rules and m.rule not in did.undecided]
        return f"; {self.teller.risen(now, Found(*kept, risen))}" if risen else ""

    def remember(self) -> None:
        """Learn of the segments that are stored already what ``take`` would have known by them: a
        dump that is resumed is the same as one that was not broken off."""
        became = self.tx.became(self.sought)
        for index, sought in self.sought.items():
            if index in became:
                self.seen.setdefault((became[index], sought.day), sought.print.content)

    def flush(self) -> None:
        """Write the changes decided so far."""
        self.history.flush()

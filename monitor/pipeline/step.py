"""One transaction of a dump: each segment identified, placed, matched; then all written.

What is decided for one segment is visible to the next, whether it is written yet or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime

from monitor.alerts import Edit, Found, Planned, make_alerts, suppressed
from monitor.language import detect
from monitor.model import (
    Article,
    BadRecord,
    Change,
    Comparison,
    Fingerprint,
    Known,
    Match,
    Outcome,
    Revision,
    Sighting,
)
from monitor.pipeline.crawl import Crawl, Segment
from monitor.pipeline.edits import Neighbours, between, edit_of, in_words, kept
from monitor.pipeline.known import seen_again, utc
from monitor.pipeline.lookup import find_namesakes, look_up
from monitor.pipeline.policy import Policy
from monitor.ports import IngestBatch
from monitor.revisions import (
    Relation,
    Texts,
    article_id,
    compare,
    hashed,
    identify,
    order_key,
    place,
)

MOST_NAMESAKES = 16
"""Articles of one title and time; few enough that a look-up always finds them all."""

_Verdict = tuple[tuple[Match, ...], Set[str]]
"""The rules that match, and the names of those that would have taken too long."""


class Step:
    """The decisions of one transaction."""

    def __init__(
        self,
        tx: IngestBatch,
        policy: Policy,
        crawl: Crawl,
        prints: Mapping[int, Fingerprint],
        seen: dict[int, int],
        now: datetime,
    ) -> None:
        """``prints`` are the fingerprints by segment index; ``seen`` the articles met in this
        dump (pk to the content met), added to as the step goes on."""
        self.tx, self.policy, self.crawl, self.now = tx, policy, crawl, now
        self.prints, self.seen = prints, seen
        self.namesakes = find_namesakes(prints)
        self.index = look_up(tx, prints, self.namesakes)
        self.pks = iter(tx.next_pks(len(prints)))
        self.changes: list[Change] = []
        self.texts: dict[int, tuple[str, str] | None] = {}  # also of articles not yet written
        self.planned: list[Planned] = []
        self.matches = 0
        self.rules: set[str] = set()

    def take(self, segment: Segment) -> None:
        """Decide what the segment becomes."""
        if isinstance(segment, BadRecord):
            self.changes.append(
                Change(segment.index, Outcome.QUARANTINED, segment.reason, confidence=0.0)
            )
            return
        print_ = self.prints[segment.index]
        day = segment.crawled or self.crawl.day
        sighting = Sighting(
            order_key(day, self.crawl.newest, segment.views, self.crawl.name, print_.content),
            print_.content,
            segment.views,
        )
        verdict = identify(
            segment,
            print_,
            day=day,
            index=self.index,
            texts=Texts(self.text_of, self.revisions_of),
            window=self.crawl.window,
            namesakes=self.namesakes.get(segment.index, ()),
        )
        known = verdict.known
        if verdict.relation is not Relation.SAME or known is None:
            change = self._unknown(segment, print_, sighting, known, verdict.reason, day)
        elif self.seen.get(known.pk, print_.content) == print_.content:
            change = self._again(segment, print_, sighting, known, verdict.reason, day)
        else:
            change = self._rival(segment, print_, sighting, known, day)
        self.changes.append(change)
        if change.article is not None:
            self.index.put(change.article, change.features)
            self.seen.setdefault(change.article.pk, print_.content)

    def _rival(
        self, article: Article, print_: Fingerprint, sighting: Sighting, known: Known, day: date
    ) -> Change:
        """An article that stands in this dump already, with another text.

        A listing that shows both shows both again in the next crawl: taken for revisions of one
        another they would alternate for ever. With nothing in common they are two articles;
        otherwise the first one counts.
        """
        if set(print_.paragraphs).isdisjoint(known.paragraphs):
            reason = "another article of this dump has its title and time, and another text"
            return self._unknown(article, print_, sighting, None, reason, day)
        return _left_out(
            article, known, "stands twice in this dump, with another text; the first one counts"
        )

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
            return _left_out(article, namesakes[0], "very many articles have its title and time")
        # the id of one that is alone with its title and time would be another's
        key = print_.title_key if not namesakes else hashed(sighting.order)
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
        matches, _ = self._match(article)
        self._alert(known, self._unsaid(known, Found(article.title, article.body, matches)))
        self.texts[known.pk] = article.title, article.body
        return Change(
            article.index,
            Outcome.DUPLICATE if original else Outcome.NEW,
            reason,
            article=known,
            is_new=True,
            sighting=sighting,
            revisions=(revision,),
            features=self.index.worth_keeping(print_),
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
            sightings_of=self.sightings_of,
            revisions_of=self.revisions_of,
        )
        state = seen_again(known, article, print_, sighting, day, self.now)
        matches: tuple[Match, ...] = ()
        undecided: Set[str] = frozenset()
        if placed.outcome is Outcome.REVISED:
            matches, undecided = self._match(article)
        elif self.policy.rules.by_sighting:
            # a rule matches a text if it matches one sighting of it: the same in any order
            matches, _ = self._matching((article.title, article.body), article)
            self.rules.update(match.rule for match in matches)
        edits: Neighbours = ()
        outcome, decided = placed.outcome, placed.reason
        if placed.forward:
            before = self._before(article, known.pk)
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
            decided += ": " + self._edited(
                replace(state, revision=placed.number),
                Found(*text, matches, undecided),
                before,
                comparison,
            )
            self.texts[known.pk] = text
        elif placed.replace_chain:
            state = replace(state, title=placed.revisions[-1].title)
            edits = between(placed.revisions, self.revisions_of(known.pk))
        if outcome is Outcome.UNCHANGED and known.pk in self.seen:
            outcome, reason = Outcome.DUPLICATE, f"stands twice in this dump; {reason}"
        return Change(
            article.index,
            outcome,
            f"{reason}; {decided}",
            article=replace(state, revision=placed.number),
            sighting=sighting,
            revisions=placed.revisions,
            replace_chain=placed.replace_chain,
            features=self._new_keys(article, print_, known),
            matches=matches,
            confidence=article.confidence,
            edits=edits,
        )

    def _edited(
        self, known: Known, now: Found, before: Found | None, comparison: Comparison | None
    ) -> str:
        """Tell of an edit those who want to know; what was told, and what was not, in words."""
        if before is None or comparison is None:
            # no rule is known to have matched before, nor not to have
            unknown = Found(now.title, "", (), frozenset(match.rule for match in now.matches))
            self._alert(known, self._unsaid(known, now), unknown)
            return "the text before is no longer kept"
        edit, planned = edit_of(comparison, now.body), len(self.planned)
        now, before = self._unsaid(known, now), self._unsaid(known, before)
        self._alert(known, now, before, edit)
        reasons = suppressed(now, before, edit, self.policy.rules.info)
        return in_words(comparison, reasons, alerts=len(self.planned) - planned)

    def _new_keys(self, article: Article, print_: Fingerprint, known: Known) -> tuple[int, ...]:
        """The lookup keys that a sighting may add to those of its article."""
        if print_.content != known.content:
            return self.index.worth_keeping(print_)
        return (print_.moment,) if article.published else ()

    def _match(self, article: Article) -> _Verdict:
        matches, undecided = self._matching((article.title, article.body), article)
        self.matches += len(matches)
        self.rules.update(match.rule for match in matches)
        return matches, undecided

    def _matching(self, text: tuple[str, str], of: Article | Known) -> _Verdict:
        """The rules that match title and body, with what else they ask of the article."""
        rules, (title, body) = self.policy.rules, text
        matches = rules.match(
            title=title,
            body=body,
            source=of.source,
            language=of.language or self.policy.languages.get(of.source),
            url=of.url,
            views=of.views,
            published=of.published,
        )
        return tuple(matches), matches.undecided

    def _before(self, article: Article, pk: int) -> Found | None:
        """The text that the article was edited from, and the rules that match it; None: it is no
        longer kept.

        All but the text is as it is now: what they tell apart is the edit's doing.
        """
        text = self._kept_text(pk)
        self.flush()
        self.rules.update(self.tx.matched(pk))  # their feeds lose it
        if text is None:
            return None
        return Found(*text, *self._matching(text, article))

    def _unsaid(self, known: Known, found: Found) -> Found:
        """Of a near-duplicate only what its original does not say."""
        if known.duplicate_of is None or not found.matches:
            return found
        said = self._rules_of(known.duplicate_of)
        return replace(found, matches=[m for m in found.matches if m.rule not in said])

    def _alert(
        self, known: Known, now: Found, before: Found | None = None, edit: Edit | None = None
    ) -> None:
        policy = self.policy
        if policy.routing is None or not (now.matches or (before and before.matches)):
            return
        language = ""
        if "language" in policy.routing.labels:
            stated = known.language or policy.languages.get(known.source)
            language = stated or detect(f"{now.title}\n{now.body}") or ""
        self.planned += make_alerts(
            known,
            now,
            before,
            policy.routing,
            policy.rules.info,
            edit=edit,
            language=language,
            observed=self.now,
            base_url=policy.base_url,
        )

    def _rules_of(self, pk: int) -> set[str]:
        """The rules that match an article as it is; without its text those that did."""
        text = self._kept_text(pk)
        self.flush()
        if text is None:
            return set(self.tx.matched(pk))
        matches, _ = self._matching(text, self.tx.known(pk))
        return {match.rule for match in matches}

    # --- history, written first where it is still waiting in this transaction

    def text_of(self, pk: int) -> tuple[str, str]:
        """Title and body; nothing where they are not kept, which proves nothing."""
        return self._kept_text(pk) or ("", "")

    def _kept_text(self, pk: int) -> tuple[str, str] | None:
        if pk not in self.texts:
            self.texts[pk] = self.tx.text(pk)
        return self.texts[pk]

    def sightings_of(self, pk: int) -> Sequence[Sighting]:
        self.flush()
        return self.tx.sightings(pk)

    def revisions_of(self, pk: int) -> Sequence[Revision]:
        self.flush()
        return self.tx.revisions(pk)

    def flush(self) -> None:
        """Write the changes decided so far."""
        if self.changes:
            self.tx.write(self.changes)
            self.changes = []


def _left_out(article: Article, known: Known, reason: str) -> Change:
    """A segment whose text is not kept, though it is none that the article had."""
    return Change(
        article.index,
        Outcome.DUPLICATE,
        reason,
        article=known,
        confidence=article.confidence,
    )

"""What is stored of articles, with what this transaction has decided and not written yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from monitor.model import Change, Known, Revision, Sighting
from monitor.ports import IngestBatch


class History:
    """Reads through the transaction, which first writes what was decided."""

    def __init__(self, tx: IngestBatch) -> None:
        self._tx = tx
        self._decided: list[Change] = []
        self._touched: set[int] = set()  # pks in _decided
        self._matched: dict[int, set[str]] = {}
        self._texts: dict[int, tuple[str, str] | None] = {}  # also of articles not yet written

    def decided(self, change: Change) -> None:
        """Take over what was decided for one segment."""
        self._decided.append(change)
        if change.article is not None:
            pk = change.article.pk
            self._touched.add(pk)
            if change.matches and pk in self._matched:
                self._matched[pk].update(match.rule for match in change.matches)

    def flush(self) -> None:
        """Write the changes decided so far."""
        if self._decided:
            self._tx.write(self._decided)
            self._decided = []
            self._touched = set()

    def now_reads(self, pk: int, text: tuple[str, str]) -> None:
        """Say what the current text of an article will be."""
        self._texts[pk] = text

    def text_of(self, pk: int) -> tuple[str, str]:
        """Title and body; nothing where they are not kept, which proves nothing."""
        return self.kept_text(pk) or ("", "")

    def kept_text(self, pk: int) -> tuple[str, str] | None:
        """Title and body of the current text; None where they are not kept."""
        if pk not in self._texts:
            self._texts[pk] = self._tx.text(pk)
        return self._texts[pk]

    def known(self, pk: int) -> Known:
        """The article's state."""
        self._settle(pk)
        return self._tx.known(pk)

    def matched(self, pk: int) -> Collection[str]:
        """The rules that are stored for its current text."""
        self._settle(pk)
        return self._tx.matched(pk)

    def read_matches(self, pks: Collection[int]) -> None:
        """Read at once what ``ever_matched`` will be asked for."""
        self.flush()
        found = self._tx.ever_matched(pks) if pks else {}
        self._matched |= {pk: set(found.get(pk, ())) for pk in pks}

    def ever_matched(self, pk: int) -> Collection[str]:
        """The rules that match any text that it had, as decided until now."""
        if pk not in self._matched:
            self.read_matches([pk])
        return self._matched[pk]

    def sightings_of(self, pk: int) -> Sequence[Sighting]:
        """All of them, unordered."""
        self._settle(pk)
        return self._tx.sightings(pk)

    def revisions_of(self, pk: int) -> Sequence[Revision]:
        """The chain, by number."""
        self._settle(pk)
        return self._tx.revisions(pk)

    def _settle(self, pk: int) -> None:
        if pk in self._touched:
            self.flush()

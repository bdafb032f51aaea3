"""What was seen before, asked of the store by lookup keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Set

from monitor.revisions import key_of_paragraph, key_of_title


class StoredRecall:
    """``monitor.dumps.base.Recall`` of one source; each call is one question to the store."""

    def __init__(self, source: str, known: Callable[[Collection[int]], Set[int]]) -> None:
        """``known`` says which of the lookup keys are those of stored articles."""
        self._source = source
        self._known = known

    def titles(self, lines: Collection[str]) -> Set[str]:
        """Those of these lines that are titles of the source's articles."""
        return self._of({line: key_of_title(self._source, line) for line in lines})

    def paragraphs(self, lines: Collection[str]) -> Set[str]:
        """Those of these lines that are paragraphs of articles. Not all paragraphs are known:
        the store has keys for a choice of them, and for none that is short."""
        keys = {line: key_of_paragraph(line) for line in lines}
        return self._of({line: key for line, key in keys.items() if key is not None})

    def _of(self, keys: dict[str, int]) -> Set[str]:
        if not keys:
            return frozenset()
        known = self._known(frozenset(keys.values()))
        return {line for line, key in keys.items() if key in known}

"""A second matcher: slow, obviously right, and without a line of the first.

Every original character is folded on its own and remembers where it stood; whatever a query asks
is then tried at every place and in every combination. With ``monitor.rules`` it shares the tree
of a query, with the rest ``monitor.text.fold`` (for one character at a time) and the language of
a text; these have tests of their own. Entities are left to theirs too.
"""

from .matcher import Hit, matches

__all__ = ["Hit", "matches"]

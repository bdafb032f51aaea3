"""What to look for, and why it was or was not found.

``load_rules`` and ``compile_rules`` make a ``RuleSet``; its ``match`` and ``explain`` are pure
functions of the text.
"""

from monitor.rules.explain import Explanation, Reason
from monitor.rules.load import load_rules
from monitor.rules.ruleset import RuleSet, UnknownRuleError, compile_rules

__all__ = [
    "Explanation",
    "Reason",
    "RuleSet",
    "UnknownRuleError",
    "compile_rules",
    "load_rules",
]

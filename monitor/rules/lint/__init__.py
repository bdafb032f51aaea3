"""What a careful reader of rules would object to. Pure functions of settings and articles.

``lint_rule`` looks at one rule, ``Comparison`` at all of them together, ``tally`` at what they
match.
"""

from monitor.rules.lint.across import Comparison
from monitor.rules.lint.archive import LEAST, Tally, tally
from monitor.rules.lint.findings import Check, Finding, Severity
from monitor.rules.lint.rule import lint_rule

__all__ = ["LEAST", "Check", "Comparison", "Finding", "Severity", "Tally", "lint_rule", "tally"]

"""``rules``: are they right? Tests of one's own, and what a reader of rules would object to."""

from __future__ import annotations

import click

from monitor.cli.options import common
from monitor.cli.rules_lint import lint
from monitor.cli.rules_test import test


@click.group()
@common
def rules() -> None:
    """Test the rules with articles of your own, and check them for slips."""


rules.add_command(test)
rules.add_command(lint)

"""The commands. ``monitor --help`` lists them; INTERFACE names are kept.

Each is imported when it is called: ``parse`` needs no web server and ``--help`` no database.
"""

from __future__ import annotations

import click

from monitor import __version__
from monitor.cli.group import Lazy, Root
from monitor.cli.options import CONFIG_HELP, JSON_HELP, Invocation

COMMANDS = {
    "init": Lazy("monitor.cli.setup:init", "Write a starter configuration and the folders."),
    "check-config": Lazy("monitor.cli.setup:check_config", "Check the configuration."),
    "run": Lazy("monitor.cli.run:run", "The daemon: watch, ingest, publish, deliver, serve."),
    "demo": Lazy("monitor.cli.demo:demo", "Show it at work on sample dumps."),
    "parse": Lazy("monitor.cli.parse:parse", "Split dumps into articles and print them."),
    "profile": Lazy("monitor.cli.profile:profile", "Infer the profile of an unknown source."),
    "explain": Lazy("monitor.cli.explain:explain", "Why a rule matches an article, or why not."),
    "backtest": Lazy("monitor.cli.backtest:backtest", "Try rules on the stored articles."),
    "rules": Lazy("monitor.cli.rules:rules", "Test the rules; check them for slips."),
    "dumps": Lazy("monitor.cli.dumps:dumps", "The ledger: what became of every dump."),
    "quarantine": Lazy("monitor.cli.quarantine:quarantine", "What could not be read; retry."),
    "articles": Lazy("monitor.cli.ledger:articles", "Seen articles, newest change first."),
    "diff": Lazy("monitor.cli.diff:diff", "What an edit of an article changed, word by word."),
    "matches": Lazy("monitor.cli.ledger:matches", "Matches with their evidence, newest first."),
    "deliveries": Lazy("monitor.cli.deliveries:deliveries", "The outbox; retry and replay."),
    "routes": Lazy("monitor.cli.routes:routes", "Who is told of what, and when; try an alert."),
    "silence": Lazy("monitor.cli.silence:silence", "Hear nothing of some alerts for a while."),
    "suppressed": Lazy("monitor.cli.suppressed:suppressed", "Why was somebody not told?"),
    "receivers": Lazy("monitor.cli.receivers:receivers", "Whom alerts can go to; send a test."),
    "template": Lazy("monitor.cli.template:template", "What messages look like."),
    "prune": Lazy("monitor.cli.prune:prune_command", "Forget old texts and archived files."),
    "status": Lazy("monitor.cli.status:status", "Health, counts, lag, and what is stuck."),
}


@click.group(
    cls=Root,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-c", "--config", "config", metavar="FILE", help=CONFIG_HELP)
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
@click.version_option(__version__, prog_name="monitor")
@click.pass_context
def main(context: click.Context, config: str | None, as_json: bool) -> None:
    """Watches a folder of news dumps; tells you when something you care about appears."""
    context.obj = Invocation(config, as_json)

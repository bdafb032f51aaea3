"""The commands. ``monitor --help`` lists them; INTERFACE names are kept."""

from __future__ import annotations

import click

from monitor import __version__
from monitor.cli.common import Group, Invocation
from monitor.cli.cutting import explain, parse
from monitor.cli.demo import demo
from monitor.cli.ledger import articles, deliveries, dumps, matches, status
from monitor.cli.run import run
from monitor.cli.setup import check_config, init


@click.group(
    cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "-c",
    "--config",
    "config",
    metavar="FILE",
    help="Configuration file [default: $MONITOR_CONFIG, else ./config.yaml].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@click.version_option(__version__, prog_name="monitor")
@click.pass_context
def main(context: click.Context, config: str | None, as_json: bool) -> None:
    """Watches a folder of news dumps; tells you when something you care about appears."""
    context.obj = Invocation(config, as_json)


for _command in (
    init,
    check_config,
    run,
    demo,
    parse,
    explain,
    dumps,
    articles,
    matches,
    deliveries,
    status,
):
    main.add_command(_command)

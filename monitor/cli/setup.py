"""``init`` and ``check-config``: the way in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from monitor.alerts import default_route
from monitor.app.policy import compile_policy
from monitor.cli.load import kept_rules, read_settings
from monitor.cli.options import Invocation, common
from monitor.cli.output import print_json
from monitor.config import ReceiverSettings, RouteSettings, Settings
from monitor.errors import ConfigError, MonitorError
from monitor.resources import resource


@click.command()
@click.argument("folder", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@common
@click.pass_obj
def init(invocation: Invocation, folder: Path) -> None:
    """Write a commented starter configuration and make the folders."""
    target = folder / "config.yaml"
    if target.exists():
        raise MonitorError(f"{target} is there already; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("inbox", "state"):
        (folder / name).mkdir(exist_ok=True)
    for name in ("config.schema.json", "config.yaml"):
        shutil.copyfile(resource(name), folder / name)
    if invocation.as_json:
        print_json([{"config": str(target), "inbox": str(folder / "inbox")}])
        return
    click.echo(f"wrote {target} and made {folder / 'inbox'} and {folder / 'state'}")
    option = "" if folder == Path() else f" -c {target}"
    click.echo(f"next: monitor{option} check-config; monitor{option} run")


@click.command("check-config")
@common
@click.pass_obj
def check_config(invocation: Invocation) -> None:
    """Check the configuration: print what it holds, or every error with its place."""
    file = invocation.config_file
    try:
        settings = read_settings(invocation)
        compiled = compile_policy(settings, settings.base_url, cache=kept_rules(settings))
        names = compiled.rules.names
    except ConfigError as error:
        if invocation.as_json:
            print_json(
                {
                    "file": p.file,
                    "line": p.line,
                    "column": p.column,
                    "path": p.path,
                    "message": p.message,
                }
                for p in error.problems
            )
            raise SystemExit(2) from error
        raise
    if invocation.as_json:
        print_json(
            [
                {
                    "file": str(file),
                    "sources": [source.name for source in settings.sources] or ["default"],
                    "rules": list(names),
                    "receivers": [receiver.name for receiver in settings.receivers],
                    "routes": list(_routes(settings.route)) if settings.route else [],
                    "result": "SUCCESS",
                }
            ]
        )
        return
    _show(file, settings, names)


def _show(file: Path, settings: Settings, rules: Sequence[str]) -> None:
    def line(label: str, text: str) -> None:
        click.echo(f"  {label:<10} {text}")

    click.echo(str(file))
    line("inbox", str(settings.inbox.path))
    line("state", str(settings.state))
    line("sources", ", ".join(source.name for source in settings.sources) or "default")
    names = ", ".join(rules[:12]) + (", …" if len(rules) > 12 else "")
    line("rules", f"{len(rules):,}: {names}" if rules else "none: nothing is looked for")
    line("receivers", "; ".join(map(_receiver, settings.receivers)) or "none: no alerts are sent")
    if settings.route is not None:
        line("routes", "")
        for text in _routes(settings.route):
            click.echo(f"    {text}")
    elif default_route(None, settings.receivers) is not None:
        line("routes", f"everything to {settings.receivers[0].name}")
    line("page", settings.base_url if settings.web.enabled else "off")
    click.secho("SUCCESS", fg="green", bold=True)


def _receiver(receiver: ReceiverSettings) -> str:
    channels = [
        f"{len(entries)} {key.removesuffix('_configs')}"
        for key, entries in receiver
        if key.endswith("_configs") and entries
    ]
    return f"{receiver.name} ({', '.join(channels) or 'no channel'})"


def _routes(route: RouteSettings, depth: int = 0, above: str = "") -> Iterator[str]:
    receiver = route.receiver or above
    when = " and ".join(route.matchers) or "everything"
    more = ", then on" if route.continue_ else ""
    yield f"{'  ' * depth}{when} -> {receiver}{more}"
    for child in route.routes:
        yield from _routes(child, depth + 1, receiver)

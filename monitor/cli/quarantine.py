"""``quarantine``: what could not be read, why, and reading it again."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from monitor.cli.load import load, opened_store
from monitor.cli.options import Invocation, common, limit
from monitor.cli.output import Column, iso, print_json, print_table, short, size
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.inbox import InboxError
from monitor.inbox.quarantine import Held, discard, find, head_of, held, pieces_of, put_back
from monitor.model import DumpState

SHOWN = 64 * 1024  # bytes of a text
HEX_SHOWN = 256  # bytes of what is no text
_HEX_LINE = 16


@click.group(invoke_without_command=True)
@limit
@common
@click.pass_context
def quarantine(context: click.Context, limit: int) -> None:
    """What could not be read: look at it, and read it again once the cause is mended."""
    if context.invoked_subcommand is None:
        _list(context.obj, limit)


@quarantine.command("list")
@limit
@common
@click.pass_obj
def list_(invocation: Invocation, limit: int) -> None:
    """Files and pieces of files in quarantine, newest first."""
    _list(invocation, limit)


def _list(invocation: Invocation, limit: int) -> None:
    everything = held(load(invocation).state / "quarantine")
    listed = everything[:limit]
    if invocation.as_json:
        print_json(map(_fields, listed))
        return
    print_table(
        [
            Column("name", wrap=24),
            Column("when", spare=2),
            Column("kind", spare=1),
            Column("size", right=True),
            Column("reason", wrap=20, style="red"),
        ],
        ((one.name, short(one.when), one.kind, size(one.size), one.reason) for one in listed),
        "nothing is in quarantine",
    )
    if len(everything) > limit:
        click.echo(f"and {len(everything) - limit:,} more (--limit)", err=True)


@quarantine.command("show")
@click.argument("name")
@common
@click.pass_obj
def show(invocation: Invocation, name: str) -> None:
    """The reason and the text of one; of what is no text, its first bytes."""
    one = find(load(invocation).state / "quarantine", name)
    text, head, more = _contents(one)
    if invocation.as_json:
        contents = {"text": text, "head": head.hex() if text is None else None, "cut": more}
        print_json([_fields(one) | contents])
        return
    where = f"segment {one.index}, line {one.line}" if one.kind == "piece" else ""
    for label, value in (
        ("name", one.name),
        ("kind", f"{one.kind} of {one.origin}, {where}" if where else one.kind),
        ("when", short(one.when)),
        ("size", f"{one.size:,} bytes"),
        ("sha256", one.sha256),
        ("reason", click.style(one.reason, fg="red")),
    ):
        if value:
            click.echo(f"  {label:<8}{value}")
    click.echo()
    click.echo(_hex(head) if text is None else _printable(text))
    if more:
        click.echo(f"... and more: {one.path}", err=True)
    elif not one.whole:
        click.echo("... only the beginning was kept", err=True)


@quarantine.command("retry")
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "every", is_flag=True, help="Every whole file; pieces by their names only.")
@common
@click.pass_obj
def retry(invocation: Invocation, names: tuple[str, ...], every: bool) -> None:
    """Put files back into the inbox, to be read once more.

    A file goes back under the name it came by. A piece becomes a dump of its own: its text alone,
    named after its dump. The daemon need not be stopped; without one, go on with monitor run
    --once.
    """
    if bool(names) == every:
        raise click.UsageError("name what is to be read again, or say --all")
    settings = load(invocation)
    folder = settings.state / "quarantine"
    everything = held(folder)
    chosen = (
        [one for one in everything if one.kind == "file"]
        if every
        else [find(folder, name) for name in dict.fromkeys(names)]
    )
    failed = 0
    for one in chosen:
        try:
            target = _retry(settings, one, everything)
        except InboxError as error:
            failed += 1
            click.echo(f"monitor: {error}", err=True)
            continue
        shown = str(target.relative_to(settings.inbox.path))
        if invocation.as_json:
            print_json([{"name": one.name, "kind": one.kind, "inbox": shown}])
        else:
            click.echo(f"{one.name}: back in the inbox as {shown}")
    if failed:
        raise MonitorError(f"{failed} of {len(chosen)} not put back")
    if not chosen and not invocation.as_json:
        click.echo("nothing is in quarantine", err=True)


def _retry(settings: Settings, one: Held, everything: Sequence[Held]) -> Path:
    """Put it back. The pieces of a dump that is read anew from its start go first: they will be
    made again, as far as there still are any, and till then all of their text is in the file."""
    if one.kind == "file" and one.sha256 is not None and _anew(settings, one.sha256):
        for piece in pieces_of(everything, one):
            discard(piece)
    folders = {source.folder for source in settings.sources if source.folder is not None}
    return put_back(one, settings.inbox.path, folders)


def _anew(settings: Settings, sha256: str) -> bool:
    """Whether nothing is stored of the dump, so that all of it is read again."""
    with opened_store(settings) as store:
        account = store.pages.dump(sha256)
    return account is not None and account.dump.state is DumpState.QUARANTINED


def _fields(one: Held) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "when": iso(one.when),
        "size": one.size,
        "reason": one.reason,
        "origin": one.origin,
        "sha256": one.sha256,
        "dump": one.dump,
        "index": one.index,
        "line": one.line,
        "whole": one.whole,
    }


def _contents(one: Held) -> tuple[str | None, bytes, bool]:
    """Its text, None where it is none; its first bytes; whether there is more of it."""
    head, more = head_of(one, SHOWN)
    if b"\0" not in head:
        for cut in range(4 if more else 1):  # a character may have been cut in two
            try:
                return head[: len(head) - cut].decode("utf-8-sig"), head, more
            except UnicodeDecodeError:
                continue
    return None, head[:HEX_SHOWN], one.size > HEX_SHOWN


def _printable(text: str) -> str:
    """Without what could command a terminal."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else "\ufffd"
        for char in text
    ).rstrip("\n")


def _hex(data: bytes) -> str:
    """As ``hexdump -C`` does: place, bytes, and those that are characters."""
    lines = []
    for start in range(0, len(data), _HEX_LINE):
        part = data[start : start + _HEX_LINE]
        seen = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{start:08x}  {part.hex(' '):<{3 * _HEX_LINE}} {seen}")
    return "\n".join(lines)

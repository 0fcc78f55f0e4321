"""``riskmiljo audit``: read the log of what was done, and see that nobody has changed it."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from riskmiljo.cli.language import Group, say
from riskmiljo.cli.output import printable
from riskmiljo.cli.session import Session
from riskmiljo.settings import Settings
from riskmiljo.situation import zone_of
from riskmiljo.store import Store
from riskmiljo.store.audit_log import AuditQuestion, AuditRow
from riskmiljo.wording import Text

_MOST_FAULTS = 20
_DEFAULT_ROWS = 50


@click.group(
    "audit",
    cls=Group,
    help=say(
        "Loggen: vem som gjorde och läste vad. Varje rad bär en hash av raden före.",
        "The audit: who did and read what. Each row carries a hash of the row before it.",
    ),
)
def audit() -> None:
    """Gather the commands on the audit."""


@audit.command(
    "verify",
    help=say(
        "Följ kedjan från första raden till den sista. Skriver ut ett sigill: spara det på annat "
        "håll, för den som får skriva filen kan skriva om hela kedjan, men inte så att den "
        "stämmer med sigillet.",
        "Follow the chain from its first row to its last. Prints a seal: keep it elsewhere, for "
        "whoever may write the file can write the whole chain anew, but not so that it agrees "
        "with the seal.",
    ),
)
@click.option(
    "--against",
    "noted",
    default="",
    metavar="SEAL",
    help=say("Ett sigill från förr.", "A seal from before."),
)
@click.pass_obj
def verify(settings: Settings, noted: str) -> int:
    """Verify the audit; 1 where something was changed."""
    with Session(settings).open() as store:
        faults, seal = store.verify_audit(noted), store.seal()
    for fault in faults[:_MOST_FAULTS]:
        click.echo(say(fault), err=True)
    if len(faults) > _MOST_FAULTS:
        more = Text("… och {n} fel till.", "… and {n} more {n:fault|faults}.")
        click.echo(say(more.fill(n=len(faults) - _MOST_FAULTS)), err=True)
    if faults:
        return 1
    click.echo(
        say(
            Text("Loggen är hel: {n} {n:rad|rader}.", "The audit is whole: {n} {n:row|rows}.").fill(
                n=seal.partition("-")[0]
            )
        )
    )
    click.echo(say("Sigill: {s}", "Seal: {s}").format(s=seal))
    return 0


_ACT = click.option("--act", metavar="WORD", help=say("Bara detta.", "Only this."))
_USER = click.option("--user", metavar="NAME", help=say("Bara detta konto.", "Only this account."))
_FROM = click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("Från och med denna dag.", "From this day."),
)
_TO = click.option(
    "--to",
    "until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("Till och med denna dag.", "Until and including this day."),
)


@audit.command("list", help=say("Visa de senaste raderna.", "Show the latest rows."))
@_ACT
@_USER
@_FROM
@_TO
@click.option(
    "--most",
    type=click.IntRange(1, 10_000),
    default=_DEFAULT_ROWS,
    show_default=True,
    help=say("Hur många.", "How many."),
)
@click.pass_obj
def show(settings: Settings, /, most: int, **asked: Any) -> None:
    """List rows, the latest first."""
    with Session(settings).open() as store:
        zone = ZoneInfo(zone_of(store, settings))
        rows = store.audit_log.rows(_question(store, settings, **asked), most=most)
    if not rows:
        click.echo(say("Inga rader.", "No rows."))
    for row in rows:
        told = " ".join(f"{name}={value}" for name, value in row.detail.items())
        click.echo(
            f"{row.seq}  {row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {row.act}  {printable(told)}"
        )


@audit.command(
    "export",
    help=say(
        "Skriv raderna till FILE, en JSON-rad var, den första först.",
        "Write the rows to FILE, one line of JSON each, the first one first.",
    ),
)
@click.argument("file", metavar="FILE", type=click.File("x", encoding="utf-8", lazy=False))
@_ACT
@_USER
@_FROM
@_TO
@click.pass_obj
def export(settings: Settings, /, file: Any, **asked: Any) -> None:
    """Write rows as lines of JSON; the export has its own row."""
    session, number = Session(settings), 0
    with session.open() as store:
        for row in store.audit_log.every(_question(store, settings, **asked)):
            file.write(_line(row))
            number += 1
        store.audit_log.note_export(number, now=session.now())
    click.echo(
        say(
            Text(
                "{n} {n:rad|rader} skrevs till {f}.", "{n} {n:row was|rows were} written to {f}."
            ).fill(n=number, f=Path(file.name))
        )
    )


def _question(
    store: Store,
    settings: Settings,
    *,
    act: str | None,
    user: str | None,
    since: datetime | None,
    until: datetime | None,
) -> AuditQuestion:
    zone = ZoneInfo(zone_of(store, settings))
    end = None if until is None else until.date() + timedelta(days=1)
    return AuditQuestion(
        act=act,
        user_id=None if user is None else store.users.named(user).user_id,
        since=None if since is None else datetime.combine(since.date(), time.min, zone),
        until=None if end is None else datetime.combine(end, time.min, zone),
    )


def _line(row: AuditRow) -> str:
    told = {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "act": row.act,
        "detail": row.detail,
        "hash": row.hash,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"

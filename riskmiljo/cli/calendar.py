"""``riskmiljo calendar``: events that change where adults are needed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from riskmiljo.cli.language import Command, Group, say
from riskmiljo.cli.output import printable
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError, UnreadableFileError
from riskmiljo.intake.ics import MAX_BYTES, read_calendar
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation import zone_of
from riskmiljo.situation.calendar import BUILT_IN, Occasion, built_in_days, occasions
from riskmiljo.wording import Text

_WEEKS: Final = 8
_MOST_WEEKS: Final = 104


@click.group(
    "calendar",
    cls=Group,
    help=say(
        "Kalendern: högtider, lov och egna händelser.",
        "The calendar: celebrations, school breaks and own events.",
    ),
)
def calendar() -> None:
    """Gather the commands on the calendar."""


@calendar.command(
    "import",
    cls=Command,
    help=say(
        "Läs in en kalenderfil (.ics). Bara titel, plats och tid sparas. Samma fil två gånger ger "
        "inget nytt; en ny utgåva ersätter den förra, händelse för händelse.\n\n"
        "Exempel: riskmiljo calendar import evenemang.ics",
        "Take in a calendar file (.ics). Only title, place and time are kept. The same file twice "
        "adds nothing; a new edition replaces the earlier one, event by event.\n\n"
        "Example: riskmiljo calendar import events.ics",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.pass_obj
def import_file(settings: Settings, file: Path) -> int:
    """Read the whole file first, and write to the store only when it can be taken."""
    session = Session(settings)
    now = session.now()
    with session.open() as store:
        intake = read_calendar(_bytes(file), tz=zone_of(store, settings), now=now)
        kept = store.calendar.add(intake.events, name=file.name, sha256=intake.sha256, now=now)
    click.echo(
        say(
            Text(
                "Kalender {i}: {a} {a:nytt tillfälle|nya tillfällen}, {c} "
                "{c:ändrat|ändrade}, {k} {k:känt|kända}.",
                "Calendar {i}: {a} new {a:occasion|occasions}, {c} changed, {k} known.",
            ).fill(i=kept.import_id, a=kept.added, c=kept.changed, k=kept.known)
        )
    )
    for note in intake.notes:
        click.echo(say(note), err=True)
    return 0 if intake.events else 1


@calendar.command(
    "list",
    cls=Command,
    help=say(
        "Visa vad som händer de närmaste veckorna, och vilka kalendrar som är inlästa.",
        "Show what happens in the coming weeks, and which calendars have been taken in.",
    ),
)
@click.option(
    "--weeks",
    type=click.IntRange(1, _MOST_WEEKS),
    default=_WEEKS,
    show_default=True,
    help=say("Antal veckor framåt.", "How many weeks ahead."),
)
@click.option("--json", "as_json", is_flag=True, help=say("Skriv JSON.", "Write JSON."))
@click.pass_obj
def list_events(settings: Settings, weeks: int, *, as_json: bool) -> int:
    """Show built-in and imported events, earliest first."""
    session = Session(settings)
    with session.open() as store:
        tz = zone_of(store, settings)
        now = session.now()
        period = Period(now, now + timedelta(weeks=weeks))
        coming = occasions(store, period, tz=tz)
        imports = [one for one in store.calendar.imports() if one.undone_at is None]
    if as_json:
        body = {
            "events": [_record(one) for one in coming],
            "imports": [
                {"import": one.import_id, "name": one.name, "occasions": one.events}
                for one in imports
            ],
        }
        click.echo(json.dumps(body, ensure_ascii=False, indent=1))
        return 0
    if not coming:
        click.echo(say("Inget känt händer.", "Nothing that is known happens."))
    for occasion in coming:
        click.echo(_line(occasion, tz))
    for kept in imports:
        line = say(
            "Inläst kalender {i}: {n}. Tillfällen: {e}.",
            "Calendar {i} taken in: {n}. Occasions: {e}.",
        ).format(i=kept.import_id, n=kept.name, e=kept.events)
        click.echo(printable(line))
    return 0


@calendar.command(
    "remove",
    cls=Command,
    help=say(
        "Ta bort en inläst kalender som helhet. Numret står i riskmiljo calendar list.",
        "Remove a calendar as a whole. Its number is told by riskmiljo calendar list.",
    ),
)
@click.argument("number", type=int, metavar="NUMBER")
@click.pass_obj
def remove(settings: Settings, number: int) -> int:
    """Undo one import."""
    session = Session(settings)
    with session.open() as store:
        gone = store.calendar.undo(number, now=session.now())
    click.echo(
        say(
            Text(
                "Kalender {i} är borttagen: {n} {n:tillfälle|tillfällen}.",
                "Calendar {i} is removed: {n} {n:occasion|occasions}.",
            ).fill(i=number, n=gone)
        )
    )
    return 0


@calendar.command(
    "days",
    cls=Command,
    help=say(
        "Rätta dagarna för en årlig händelse: första och sista dag, 'none' om den inte blir av, "
        "'rule' för att följa regeln igen.\n\n"
        "Exempel: riskmiljo calendar days winter_break 2027 2027-02-22 2027-02-28",
        "Correct the days of a yearly event: first and last day, 'none' if it will not be, 'rule' "
        "to follow the rule again.\n\n"
        "Example: riskmiljo calendar days winter_break 2027 2027-02-22 2027-02-28",
    ),
)
@click.argument("kind", type=click.Choice(list(BUILT_IN)), metavar="KIND")
@click.argument("year", type=click.IntRange(2000, 2099), metavar="YEAR")
@click.argument("days", nargs=-1, required=True, metavar="FIRST LAST | none | rule")
@click.pass_obj
def set_days(settings: Settings, kind: str, year: int, days: tuple[str, ...]) -> int:
    """Change, cancel or reset the days of one year."""
    session = Session(settings)
    now = session.now()
    with session.open() as store:
        if days == ("rule",):
            store.calendar.reset(kind, year, now=now)
        elif days == ("none",):
            store.calendar.change(kind, year, None, now=now)
        else:
            store.calendar.change(kind, year, _days(days), now=now)
        fallen = built_in_days(kind, year, store.calendar.changes())
    name = BUILT_IN[kind].name
    if fallen is None:
        click.echo(
            say("{n} {y}: blir inte av.", "{n} {y}: will not be.").format(n=say(name), y=year)
        )
    else:
        click.echo(f"{say(name)} {year}: {fallen[0]} – {fallen[1]}")
    return 0


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFileError(
            Text("{f} kan inte läsas: {why}.", "{f} cannot be read: {why}.").fill(
                f=file.name, why=error.strerror or type(error).__name__
            )
        ) from error


def _days(texts: tuple[str, ...]) -> tuple[date, date]:
    wrong = InvalidInputError(
        Text(
            "Ange första och sista dag som 2027-02-22 2027-02-28, eller none, eller rule.",
            "Give the first and last day as 2027-02-22 2027-02-28, or none, or rule.",
        )
    )
    if len(texts) != 2:  # noqa: PLR2004 - first and last
        raise wrong
    try:
        return date.fromisoformat(texts[0]), date.fromisoformat(texts[1])
    except ValueError:
        raise wrong from None


def _record(one: Occasion) -> dict[str, Any]:
    return {
        "event": one.key if one.built_in else "",
        "name": one.name.as_dict(),
        "place": one.place,
        "from": one.begins.isoformat(),
        "to": one.ends.isoformat(),
        "built_in": one.built_in,
        "typical": one.typical,
    }


def _line(one: Occasion, tz: str) -> str:
    first, last = (moment.astimezone(ZoneInfo(tz)) for moment in (one.begins, one.ends))
    where = f", {one.place}" if one.place else ""
    kind = f" [{one.key}]" if one.built_in else ""
    typical = say(" (vanliga dagar)", " (typical days)") if one.typical else ""
    line = f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}  {say(one.name)}{where}{kind}{typical}"
    return printable(line)

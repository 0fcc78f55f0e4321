"""``riskmiljo backup``, ``restore`` and ``purge``: the upkeep of a store."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from riskmiljo.cli.language import Command, say
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError
from riskmiljo.settings import Settings
from riskmiljo.situation import refresh_zones, zone_of
from riskmiljo.store.backup import restore_backup
from riskmiljo.wording import Text

_YES = click.option("--yes", is_flag=True, help=say("Fråga inte.", "Do not ask."))


@click.command(
    "backup",
    cls=Command,
    help=say(
        "Spara en säkerhetskopia av databasen i FILE, också medan den används. Kopian kontrolleras "
        "och kan läsas av dig ensam. Det som finns skrivs inte över. Nyckelfilen bredvid "
        "databasen, som engångskoderna är förseglade med, är inte med.",
        "Keep a backup copy of the store in FILE, also while it is in use. The copy is checked and "
        "can be read by you alone. Nothing is overwritten. The key file beside the store, which "
        "one-time codes are sealed with, is not in it.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Make a backup copy."""
    session = Session(settings)
    with session.open() as store:
        made = store.maintenance.backup(file, now=session.now())
        key = store.maintenance.key_file
    click.echo(
        say(
            "Säkerhetskopian {f} är sparad och kontrollerad: {n} byte.",
            "The backup copy {f} has been kept and checked: {n} bytes.",
        ).format(f=made.path, n=made.size_bytes)
    )
    click.echo(say("Loggens sigill: {s}", "Seal of the audit: {s}").format(s=made.seal))
    if key.is_file():
        click.echo(
            say(
                "Engångskoderna är förseglade med {k}. Spara en kopia av den också, men inte "
                "bredvid säkerhetskopian: utan den kan de inte prövas på en annan dator.",
                "The one-time codes are sealed with {k}. Keep a copy of it too, but not beside the "
                "backup copy: without it they cannot be tried on another machine.",
            ).format(k=key)
        )


@click.command(
    "restore",
    cls=Command,
    help=say(
        "Lägg tillbaka säkerhetskopian FILE. Kopian kontrolleras först, och den databas som den "
        "ersätter ligger kvar bredvid. Stoppa riskmiljo serve innan.",
        "Put the backup copy FILE back. The copy is checked first, and the store that it replaces "
        "stays beside it. Stop riskmiljo serve before.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@_YES
@click.pass_obj
def restore(settings: Settings, file: Path, yes: bool) -> None:
    """Put a backup copy back."""
    if not yes:
        question = say(
            "Ersätta {s} med {f}? Allt som har tillkommit sedan dess är borta ur den",
            "Replace {s} by {f}? All that was added since then is gone from it",
        )
        click.confirm(question.format(s=settings.store, f=file), abort=True)
    session = Session(settings)
    done = restore_backup(file, settings.store, now=session.now())
    # Opened as every command opens it: that it can be is part of having put it back.
    with session.open() as store:
        click.echo(say("{f} är tillbaka.", "{f} is back.").format(f=done.path))
        lost, key = len(store.factors.lost()), store.maintenance.key_file
    if done.kept is not None:
        click.echo(
            say("Den tidigare ligger kvar: {f}", "The earlier one is kept: {f}").format(f=done.kept)
        )
    if lost:
        click.echo(
            say(
                "Konton vars engångskod inte kan prövas: {n}. Nyckelfilen {k} är inte den som de "
                "är förseglade med. Lägg dit den rätta; annars loggar de in med en reservkod, "
                "eller så tar du bort koden: riskmiljo user password NAMN --no-code.",
                "Accounts whose one-time code cannot be tried: {n}. The key file {k} is not the "
                "one that they are sealed with. Put the right one there; otherwise they log in "
                "with a recovery code, or you remove the code: riskmiljo user password NAME "
                "--no-code.",
            ).format(n=lost, k=key.absolute())
        )


@click.command(
    "purge",
    cls=Command,
    help=say(
        "Gallra: ta bort händelser, närvaro, sparade resultat och riskzoner från tiden före en "
        "dag, och importer som inget finns kvar av. Zonerna söks om i det som är kvar. Utan "
        "--before gäller inställningen retention_weeks. Säkerhetskopior gallras inte.",
        "Purge: remove incidents, presence, kept results and risk zones from before a day, and "
        "imports of which nothing is left. The zones are found anew in what is left. Without "
        "--before the setting retention_weeks holds. Backup copies are not purged.",
    ),
)
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=say("Den första dagen som blir kvar.", "The first day that stays."),
)
@click.option("--dry-run", is_flag=True, help=say("Räkna bara.", "Only count."))
@_YES
@click.pass_obj
def purge(settings: Settings, before: datetime | None, dry_run: bool, yes: bool) -> None:
    """Purge, after having told how much."""
    session = Session(settings)
    with session.open() as store:
        now, zone = session.now(), ZoneInfo(zone_of(store, settings))
        if before is None and settings.retention_weeks is None:
            raise InvalidInputError(
                Text(
                    "Ange --before DATUM, eller sätt retention_weeks i inställningarna.",
                    "Give --before DATE, or set retention_weeks in the settings.",
                )
            )
        day = (
            before.date()
            if before is not None
            else (now.astimezone(zone) - timedelta(weeks=settings.retention_weeks or 0)).date()
        )
        first = datetime.combine(day, time.min, zone)
        if first > now:
            raise InvalidInputError(
                Text(
                    "{d} ligger i framtiden: allt skulle försvinna. Ange en dag som har varit.",
                    "{d} lies in the future: everything would go. Give a day that has been.",
                ).fill(d=day)
            )
        planned = store.maintenance.purge(first, now=now, dry_run=True)
        counts = say(
            Text(
                "Före {d}: {i} {i:händelse|händelser}, {p} {p:rad|rader} närvaro, {r} "
                "{r:sparat|sparade} resultat, {b} {b:import|importer}, {z} "
                "{z:sökning|sökningar} efter zoner.",
                "Before {d}: {i} {i:incident|incidents}, {p} {p:row|rows} of presence, {r} "
                "kept {r:result|results}, {b} {b:import|imports}, {z} {z:search|searches} "
                "for zones.",
            ).fill(
                d=day,
                i=planned.incidents,
                p=planned.presence,
                r=planned.results,
                b=planned.batches,
                z=planned.zone_sets,
            )
        )
        click.echo(counts)
        if dry_run:
            return
        if not yes:
            click.confirm(say("Ta bort dem för gott", "Remove them for good"), abort=True)
        done = store.maintenance.purge(first, now=now)
        if done.incidents and store.count():
            # What stands must rest on what is left.
            refresh_zones(store, settings, now=now)
        click.echo(say("Gallrat.", "Purged."))

"""``riskmiljo presence``: where patrols and outreach were, taken in, shown and taken out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import geopandas as gpd
import pandas as pd

from riskmiljo.cli.file_options import (
    all_rejects,
    counts_line,
    file_options,
    first_reasons,
    read_mapping,
    refuse_all,
    what_was_left_lines,
)
from riskmiljo.cli.language import LANGUAGE, Command, Group, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import plain, records, require_form, write_answer
from riskmiljo.cli.session import Session
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.intake import ConfiguredArea, read_presence_file, write_rejects
from riskmiljo.intake.presence import CREW_KINDS
from riskmiljo.model.plan import CREW_KIND_NAMES
from riskmiljo.model.vocabulary import PRESENCE_SOURCES
from riskmiljo.settings import Settings
from riskmiljo.situation import PresenceShown, add_presence, data_end, presence_shown, zone_of
from riskmiljo.situation.presence import fair_text
from riskmiljo.wording import Text, decimal_text


@click.group(
    "presence",
    cls=Group,
    help=say(
        "Närvaro: var patruller, fältare och nattvandrare har varit, och hur länge.",
        "Presence: where patrols, outreach and night walkers have been, and for how long.",
    ),
)
def presence() -> None:
    """Gather the commands on presence."""


@presence.command(
    "import",
    cls=Command,
    help=say(
        "Läs in närvaro: plats, början, slut och styrka per rad.\n\n"
        "Platsen är ett namn ur ortregistret eller koordinater. Kolumner gissas; --map rättar "
        "gissningen. Avvisas någon rad läses inget in, om inte --rejects säger var de avvisade "
        "ska sparas. Samma fil två gånger ger inget nytt.\n\n"
        "Exempel: riskmiljo presence import pass.csv --crew police --rejects avvisade.csv",
        "Take in presence: place, beginning, end and crew, one row each.\n\n"
        "The place is a name of the gazetteer or coordinates. Columns are guessed; --map corrects "
        "the guess. If any row is refused nothing is taken in, unless --rejects says where the "
        "refused rows shall be kept. The same file twice adds nothing.\n\n"
        "Example: riskmiljo presence import shifts.csv --crew police --rejects refused.csv",
    ),
)
@click.option(
    "--crew",
    type=click.Choice(list(CREW_KINDS)),
    help=say("Styrkan, där filen inte säger den.", "The crew, where the file does not say."),
)
@file_options(Text("Incheckad=begins", "Arrived=begins"))
@click.pass_obj
def import_files(
    settings: Settings,
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    crew: str | None,
    crs: str | None,
    tz: str | None,
    layer: str | None,
    rejects: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Read every file first, and write to the store only when all of them can be taken."""
    session = Session(settings)
    mapping = read_mapping(pairs)
    with session.open() as store:
        # An empty store has no area yet: incidents come first.
        data_end(store, tz=zone_of(store, settings))
        kept = store.area()
        area = None if kept is None else ConfiguredArea(kept.name, kept.bbox, kept.epsg, kept.tz)
        read = [
            (
                path,
                read_presence_file(
                    path,
                    mapping=mapping,
                    crs=crs,
                    tz=tz or zone_of(store, settings),
                    crew_kind=crew,
                    gazetteer=read_gazetteer(
                        settings.gazetteer, crs=settings.epsg if kept is None else kept.epsg
                    ),
                    area=area,
                    layer=layer,
                    now=session.now(),
                ),
            )
            for path in files
        ]
        refused = [(path, intake.rejects) for path, intake in read if len(intake.rejects)]
        if refused and rejects is None and not dry_run:
            raise refuse_all(refused)
        if dry_run:
            receipts = [{**intake.receipt, "dry_run": True} for _, intake in read]
        else:
            if rejects is not None and refused:
                # Before the store is touched: no refused row may be lost to a full disk.
                write_rejects(all_rejects(refused), rejects)
            receipts = []
            for _, intake in read:
                added, known = add_presence(store, intake.presence, now=session.now())
                receipts.append(
                    {**intake.receipt, "added": added, "known": known, "dry_run": False}
                )
    if as_json:
        click.echo(json.dumps(plain(receipts), ensure_ascii=False, indent=1))
    else:
        for receipt in receipts:
            click.echo(_summary(receipt, rejects))
        for line in first_reasons(refused) if dry_run else ():
            click.echo(line)
    return 1 if refused else 0


def _summary(receipt: dict[str, Any], rejects: Path | None) -> str:
    lines = [counts_line(receipt)]
    hours = ", ".join(
        f"{say(CREW_KIND_NAMES[kind])} {say(decimal_text(number, 1))} h"
        for kind, number in receipt["hours"].items()
    )
    if hours:
        lines.append(say("  Timmar: ", "  Hours: ") + hours)
    return "\n".join([*lines, *what_was_left_lines(receipt, rejects)])


@presence.command(
    "list",
    cls=Command,
    help=say(
        "Visa vad närvaron kom ur: filer och noterade besök, de senaste först.",
        "Show what presence came from: files and noted visits, the latest first.",
    ),
)
@click.option(
    "--most",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help=say("Hur många.", "How many."),
)
@click.pass_obj
def list_entries(settings: Settings, most: int) -> None:
    """List what brought presence that is still there."""
    with Session(settings).open() as store:
        entries = store.presence_entries.latest(most=most)
        zone = ZoneInfo(zone_of(store, settings))
    if not entries:
        click.echo(say("Ingen närvaro.", "No presence."))
    row = Text("{n} {n:rad|rader}", "{n} {n:row|rows}")
    for one in entries:
        times = [at.astimezone(zone) for at in (one.added_at, one.begins, one.ends)]
        crews = ", ".join(say(CREW_KIND_NAMES[kind]) for kind in one.crew_kinds)
        known = (say(PRESENCE_SOURCES.get(word, Text(word, word))) for word in one.sources)
        click.echo(
            f"{one.entry_id}  {times[0]:%Y-%m-%d %H:%M}  {say(row.fill(n=one.rows))}  "
            f"{times[1]:%Y-%m-%d %H:%M} – {times[2]:%Y-%m-%d %H:%M}  {crews}  "
            f"{', '.join(known)}"
        )


@presence.command(
    "undo",
    cls=Command,
    help=say(
        "Ta bort det som kom ur en fil eller ett noterat besök, som helhet. NUMBER står i "
        "riskmiljo presence list.",
        "Take out what came from a file or a noted visit, as a whole. NUMBER stands in "
        "riskmiljo presence list.",
    ),
)
@click.argument("number", metavar="NUMBER", type=click.IntRange(min=1))
@click.pass_obj
def undo(settings: Settings, number: int) -> None:
    """Take out what one entry brought."""
    session = Session(settings)
    with session.open() as store:
        removed = store.presence_entries.undo(number, now=session.now())
    click.echo(
        say(
            Text("{n} {n:rad|rader} togs bort.", "{n} {n:row was|rows were} taken out.").fill(
                n=removed
            )
        )
    )


@presence.command(
    "show",
    cls=Command,
    help=say(
        "Närvaro per vecka, zon och styrka, mot var behovet är.\n\n"
        "Exempel: riskmiljo presence show --weeks 12",
        "Presence by week, zone and crew, against where the need is.\n\n"
        "Example: riskmiljo presence show --weeks 12",
    ),
)
@click.option(
    "--weeks",
    type=int,
    default=8,
    metavar="N",
    help=say("Så många veckor; 8.", "So many weeks; 8."),
)
@filter_options
@format_options
@click.pass_obj
def show(
    settings: Settings, weeks: int, query: dict[str, list[str]], form: str, out: Path | None
) -> None:
    """Write presence by week and its balance against the need."""
    require_form(form, ("table", "json", "csv"))
    session = Session(settings)
    with session.open() as store:
        made = presence_shown(
            store,
            settings,
            session.lens(),
            session.question(store, query),
            now=session.now(),
            weeks=weeks,
        )
        tz = zone_of(store, settings)
    table = form == "table"
    if table and out is None:
        _tell(made, tz)
    write_answer(
        name="weeks",
        frame=gpd.GeoDataFrame(_by_zone(made) if table else _weeks(made)),
        about={
            "simulated": made.simulated,
            "from": made.period.start.isoformat(),
            "to": made.period.end.isoformat(),
            "data_until": made.as_of.isoformat(),
            "lens": session.lens().reason,
            "outside_hours": made.outside_h,
            "balance": records(made.balance.reset_index()),
            "notes": [*made.notes, fair_text()],
        },
        columns=[
            ("zone", say("zon", "zone")),
            *((kind, say(CREW_KIND_NAMES[kind])) for kind in CREW_KINDS),
            ("presence", say("närvaro %", "presence %")),
            ("need", say("behov %", "need %")),
            ("ratio", say("kvot", "ratio")),
            (f"why_{LANGUAGE}", say("larm", "alarm")),
        ],
        form=form,
        out=out,
    )


def _weeks(made: PresenceShown) -> pd.DataFrame:
    return made.weeks.assign(week=[day.isoformat() for day in made.weeks["week"]])


def _by_zone(made: PresenceShown) -> pd.DataFrame:
    """Return hours by zone and kind of crew, with the balance, the most alarming first."""
    hours = made.weeks.pivot_table(
        index="zone_id", columns="crew_kind", values="minutes", aggfunc="sum", fill_value=0.0
    )
    hours = (hours / 60).reindex(columns=list(CREW_KINDS), fill_value=0.0)
    table = made.balance.join(hours)
    table[list(CREW_KINDS)] = table[list(CREW_KINDS)].fillna(0.0).round(1)
    table["presence"] = (100 * table["presence_share"]).round(1)
    table["need"] = (100 * table["need_share"]).round(1)
    return table.reset_index()


def _tell(made: PresenceShown, tz: str) -> None:
    first, last = made.period.first_and_last_day(tz)
    click.echo(
        say(
            Text(
                "Närvaro i timmar {a} till {b}; utanför zonerna {o} {o:timme|timmar}. "
                "Andelarna gäller zonerna, de senaste fyra hela veckorna.",
                "Presence in hours {a} to {b}; outside the zones {o} {o:hour|hours}. Shares "
                "are of the zones, the latest four whole weeks.",
            ).fill(a=first, b=last, o=decimal_text(made.outside_h, 0))
        )
    )

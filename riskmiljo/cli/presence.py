"""``riskmiljo presence import`` and ``presence show``: where patrols and outreach were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import geopandas as gpd
import pandas as pd

from riskmiljo.cli.importing import read_mapping
from riskmiljo.cli.language import LANGUAGE, Command, Group, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import plain, records, require_form, write_answer
from riskmiljo.cli.session import Session
from riskmiljo.errors import RowsRefusedError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.intake import ConfiguredArea, PresenceIntake, read_presence_file, write_rejects
from riskmiljo.intake.presence import CREW_KINDS
from riskmiljo.model.plan import CREW_KIND_NAMES
from riskmiljo.settings import Settings
from riskmiljo.situation import PresenceShown, add_presence, data_end, presence_shown, zone_of
from riskmiljo.situation.presence import fair_text
from riskmiljo.wording import Text

_FIRST_REASONS: Final = 5


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
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE...",
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="COLUMN=FIELD",
    help=say(
        "Kolumn till fält, till exempel Incheckad=begins; COLUMN= hoppar över en kolumn.",
        "Column to field, for example Arrived=begins; COLUMN= skips a column.",
    ),
)
@click.option(
    "--crew",
    type=click.Choice(list(CREW_KINDS)),
    help=say("Styrkan, där filen inte säger den.", "The crew, where the file does not say."),
)
@click.option(
    "--crs",
    metavar="EPSG",
    help=say(
        "Koordinatsystem; annars känns det igen på värdena.",
        "Coordinate system; otherwise recognised from the values.",
    ),
)
@click.option(
    "--tz",
    metavar="ZONE",
    help=say("Tidszon för tider utan angiven zon.", "Zone of times that name none."),
)
@click.option(
    "--layer",
    metavar="NAME",
    help=say(
        "Lager eller blad i en fil som har flera.", "Layer or sheet, where there are several."
    ),
)
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=say(
        "Godta att rader avvisas och spara dem här.",
        "Accept that rows are refused; keep them here.",
    ),
)
@click.option(
    "--dry-run",
    is_flag=True,
    help=say("Visa vad som skulle hända, ändra inget.", "Change nothing."),
)
@click.option("--json", "as_json", is_flag=True, help=say("Kvittot som JSON.", "Receipt as JSON."))
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
        refused = sum(len(intake.rejects) for _, intake in read)
        if refused and rejects is None and not dry_run:
            raise RowsRefusedError(_refusal(read, refused))
        if dry_run:
            receipts = [{**intake.receipt, "dry_run": True} for _, intake in read]
        else:
            if rejects is not None and refused:
                # Before the store is touched: no refused row may be lost to a full disk.
                write_rejects(_all_rejects(read), rejects)
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
    return 1 if refused else 0


def _all_rejects(read: Sequence[tuple[Path, PresenceIntake]]) -> pd.DataFrame:
    frames = [intake.rejects.assign(file=path.name) for path, intake in read]
    return pd.concat(frames, ignore_index=True)


def _refusal(read: Sequence[tuple[Path, PresenceIntake]], refused: int) -> Text:
    column = "reason_en" if LANGUAGE == "en" else "reason"
    reasons = [
        f"  {path.name}: {reason}"
        for path, intake in read
        for reason in intake.rejects[column].head(_FIRST_REASONS)
    ][:_FIRST_REASONS]
    return Text(
        "{n} rader avvisades och inget lästes in. De första:\n{r}\nRätta filen, eller lägg till "
        "--rejects FIL för att läsa in resten och spara de avvisade där.",
        "{n} rows were refused and nothing was taken in. The first:\n{r}\nCorrect the file, or add "
        "--rejects FILE to take in the rest and keep the refused ones there.",
    ).fill(n=refused, r="\n".join(reasons))


def _summary(receipt: dict[str, Any], rejects: Path | None) -> str:
    counts = {"f": receipt["file"], "rows": receipt["rows"]}
    counts |= {"ok": receipt["accepted"], "bad": receipt["refused"]}
    if receipt["dry_run"]:
        head = say(
            "{f}: {rows} rader, {ok} skulle godtas och {bad} avvisas. Inget ändrades.",
            "{f}: {rows} rows, {ok} would be accepted and {bad} refused. Nothing was changed.",
        )
    else:
        counts |= {"new": receipt["added"], "old": receipt["known"]}
        head = say(
            "{f}: {rows} rader, {ok} godtagna, {bad} avvisade; {new} nya, {old} redan kända.",
            "{f}: {rows} rows, {ok} accepted, {bad} refused; {new} new, {old} already known.",
        )
    lines = [head.format(**counts)]
    hours = ", ".join(
        f"{say(CREW_KIND_NAMES[kind])} {round(number)} h"
        for kind, number in receipt["hours"].items()
    )
    if hours:
        lines.append(say("  Timmar: ", "  Hours: ") + hours)
    lines += [f"  {warning[LANGUAGE]}" for warning in receipt["warnings"]]
    if receipt["dropped"]:
        lines.append(
            say("  Lagras inte: ", "  Not stored: ")
            + ", ".join(sorted(str(one["column"]) for one in receipt["dropped"]))
        )
    if rejects is not None and receipt["refused"]:
        lines.append(say("  Avvisade rader: {p}", "  Refused rows: {p}").format(p=rejects))
    return "\n".join(lines)


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
    table = form == "table" and out is None
    if table:
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
                "Närvaro i timmar {a} till {b}; utanför zonerna {o:.0f} timmar. Andelarna gäller "
                "zonerna, de senaste fyra hela veckorna.",
                "Presence in hours {a} to {b}; outside the zones {o:.0f} hours. Shares are of the "
                "zones, the latest four whole weeks.",
            ).fill(a=first, b=last, o=made.outside_h)
        )
    )

"""``riskmiljo import``: files in, checked incidents in the store, refused rows in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.output import plain
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError, RowsRefusedError, StoreError
from riskmiljo.intake import ConfiguredArea, Intake, read_incidents, write_rejects
from riskmiljo.model.vocabulary import SOURCES
from riskmiljo.settings import Settings
from riskmiljo.situation import changes, refresh_zones
from riskmiljo.situation.importing import take_in
from riskmiljo.wording import Text

_FIRST_REASONS: Final = 5
_STATUS_WORDS: Final[dict[str, Text]] = {
    "new": Text("nya", "new"),
    "persisting": Text("kvar", "persisting"),
    "growing": Text("växer", "growing"),
    "shrinking": Text("krymper", "shrinking"),
    "moved": Text("flyttade", "moved"),
    "split": Text("delade", "split"),
    "merged": Text("sammanslagna", "merged"),
}


@click.command(
    "import",
    cls=Command,
    help=say(
        "Läs in händelser ur CSV, Excel, GeoJSON, GeoPackage eller Parquet.\n\n"
        "Kolumner gissas; --map rättar gissningen. Avvisas någon rad läses inget in, om inte "
        "--rejects säger var de avvisade raderna ska sparas. Samma fil två gånger ger inget nytt. "
        "Namn, personnummer, telefonnummer och fritext lagras aldrig.\n\n"
        "Exempel: riskmiljo import april.csv --source police --map Brottstid=occurred_from "
        "--rejects avvisade.csv",
        "Take in incidents from CSV, Excel, GeoJSON, GeoPackage or Parquet.\n\n"
        "Columns are guessed; --map corrects the guess. If any row is refused nothing is taken in, "
        "unless --rejects says where the refused rows shall be kept. The same file twice adds "
        "nothing. Names, personal numbers, telephone numbers and free text are never stored.\n\n"
        "Example: riskmiljo import april.csv --source police --map Date=occurred_from "
        "--rejects refused.csv",
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
    "--source",
    type=click.Choice(list(SOURCES)),
    default="open_data",
    show_default=True,
    help=say("Vem händelserna kommer från.", "Who the incidents come from."),
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="COLUMN=FIELD",
    help=say(
        "Kolumn till fält, till exempel Brottstyp=category; COLUMN= hoppar över en kolumn.",
        "Column to field, for example Kind=category; COLUMN= skips a column.",
    ),
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
    help=say(
        "Tidszon för tider utan angiven zon, till exempel America/Chicago.",
        "Zone of times that name none, for example America/Chicago.",
    ),
)
@click.option(
    "--categories",
    metavar="FILE|WORD",
    help=say(
        "Egen ordtabell (CSV), eller ett slag för alla rader.",
        "A table of words of one's own (CSV), or one kind for every row.",
    ),
)
@click.option(
    "--layer",
    metavar="NAME",
    help=say(
        "Lager i en GeoPackage eller blad i en Excelfil som har flera.",
        "The layer of a GeoPackage, or the sheet of an Excel file, that has several.",
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
    source: str,
    pairs: tuple[str, ...],
    crs: str | None,
    tz: str | None,
    categories: str | None,
    layer: str | None,
    rejects: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Read every file first, and write to the store only when all of them can be taken."""
    session = Session(settings)
    mapping = read_mapping(pairs)
    area = _area_before(session)
    read: list[tuple[Path, Intake]] = []
    for path in files:
        intake = read_incidents(
            path,
            mapping=mapping,
            crs=crs,
            tz=tz or (settings.timezone if area is None else area.tz),
            source=source,
            categories=_categories(categories),
            area=area,
            layer=layer,
            now=session.now(),
        )
        # The files of one call belong together: the first decides the area of an empty store.
        area = area or _area_of(intake)
        read.append((path, intake))
    refused = sum(len(intake.rejects) for _, intake in read)
    if refused and rejects is None and not dry_run:
        raise RowsRefusedError(_refusal(read, refused))
    if dry_run:
        receipts = [{**intake.receipt, "dry_run": True} for _, intake in read]
    else:
        if rejects is not None and refused:
            # Before the store is touched: no refused row may be lost to a full disk.
            write_rejects(_all_rejects(read), rejects)
        with session.open(create=True) as store:
            receipts = [
                take_in(store, intake, file_name=path.name, source=source, now=session.now())
                for path, intake in read
            ]
            if any(receipt["added"] for receipt in receipts):
                receipts[-1]["zones"] = changes(refresh_zones(store, settings, now=session.now()))
    if as_json:
        click.echo(json.dumps(plain(receipts), ensure_ascii=False, indent=1))
    else:
        for (_, intake), receipt in zip(read, receipts, strict=True):
            click.echo(_summary(intake, receipt, rejects, dry_run=dry_run))
    return 1 if refused else 0


def read_mapping(pairs: Sequence[str]) -> dict[str, str] | None:
    """Read what ``--map`` says.

    Parameters
    ----------
    pairs
        ``COLUMN=FIELD`` each.

    Returns
    -------
    dict of str to str or None
        Column to field; None when nothing was said.

    Raises
    ------
    InvalidInputError
        If one of them is no pair.
    """
    mapping = {}
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not equals or not column:
            raise InvalidInputError(
                Text(
                    "--map {p!r} kan inte läsas. Skriv KOLUMN=FÄLT, som Tid=occurred_from.",
                    "--map {p!r} cannot be read. Write COLUMN=FIELD, like Time=occurred_from.",
                ).fill(p=pair)
            )
        mapping[column] = field
    return mapping or None


def _categories(given: str | None) -> Path | str | None:
    if given is None:
        return None
    path = Path(given)
    return path if path.is_file() else given


def _area_before(session: Session) -> Any:
    """Return the area that rows must lie in; None lets the first file of an empty store choose."""
    settings = session.settings
    try:
        with session.open() as store:
            area = store.area()
    except StoreError as error:
        if error.code != "SAKNAS":
            raise
        # No store yet: it is made only when there is something to put into it.
        area = None
    if area is not None:
        return ConfiguredArea(area.name, area.bbox, area.epsg, area.tz)
    if {"area_bbox", "epsg"} & settings.model_fields_set:
        return ConfiguredArea(
            settings.area_name, settings.area_bbox, settings.epsg, settings.timezone
        )
    return None


def _area_of(intake: Intake) -> Any:
    area = intake.receipt["area"]
    return ConfiguredArea(area["name"], tuple(area["bbox"]), area["epsg"], intake.receipt["tz"])


def _all_rejects(read: list[tuple[Path, Intake]]) -> pd.DataFrame:
    frames = [intake.rejects.assign(file=path.name) for path, intake in read]
    return pd.concat(frames, ignore_index=True)


def _refusal(read: list[tuple[Path, Intake]], refused: int) -> Text:
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


def _summary(
    intake: Intake, receipt: dict[str, Any], rejects: Path | None, *, dry_run: bool
) -> str:
    counts = {"f": receipt["file"], "rows": receipt["rows"]}
    counts |= {"ok": receipt["accepted"], "bad": receipt["refused"]}
    if dry_run:
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
    area = receipt["area"]
    lines.append(
        say("  Område: {n}, EPSG:{e}.", "  Area: {n}, EPSG:{e}.").format(
            n=area["name"], e=area["epsg"]
        )
    )
    lines += [f"  {warning[LANGUAGE]}" for warning in receipt["warnings"]]
    if receipt["dropped"]:
        lines.append(
            say("  Lagras inte: ", "  Not stored: ")
            + ", ".join(sorted(str(one["column"]) for one in receipt["dropped"]))
        )
    if rejects is not None and len(intake.rejects):
        lines.append(say("  Avvisade rader: {p}", "  Refused rows: {p}").format(p=rejects))
    if receipt.get("zones"):
        told = ", ".join(f"{n} {say(_STATUS_WORDS[s])}" for s, n in receipt["zones"].items())
        lines.append(say("  Riskzoner: ", "  Risk zones: ") + told)
    return "\n".join(lines)

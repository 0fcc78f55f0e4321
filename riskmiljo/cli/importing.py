"""``riskmiljo import``: files in, checked incidents in the store, refused rows in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from riskmiljo.cli.file_options import (
    all_rejects,
    counts_line,
    file_options,
    first_reasons,
    read_mapping,
    refuse_all,
    what_was_left_lines,
)
from riskmiljo.cli.language import Command, say
from riskmiljo.cli.output import plain
from riskmiljo.cli.session import Session
from riskmiljo.errors import StoreError
from riskmiljo.intake import ConfiguredArea, Intake, read_incidents, write_rejects
from riskmiljo.model.vocabulary import SOURCES
from riskmiljo.settings import Settings
from riskmiljo.situation import changes, refresh_zones
from riskmiljo.situation.importing import take_in
from riskmiljo.wording import Text

_STATUS_WORDS: Final[dict[str, Text]] = {
    "new": Text("{n:ny|nya}", "new"),
    "persisting": Text("kvar", "persisting"),
    "growing": Text("växer", "growing"),
    "shrinking": Text("krymper", "shrinking"),
    "moved": Text("{n:flyttad|flyttade}", "moved"),
    "split": Text("{n:delad|delade}", "split"),
    "merged": Text("{n:sammanslagen|sammanslagna}", "merged"),
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
@click.option(
    "--source",
    type=click.Choice(list(SOURCES)),
    default="open_data",
    show_default=True,
    help=say("Vem händelserna kommer från.", "Who the incidents come from."),
)
@click.option(
    "--categories",
    metavar="FILE|WORD",
    help=say(
        "Egen ordtabell (CSV), eller ett slag för alla rader.",
        "A table of words of one's own (CSV), or one kind for every row.",
    ),
)
@file_options(Text("Brottstyp=category", "Kind=category"))
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
    refused = [(path, intake.rejects) for path, intake in read if len(intake.rejects)]
    if refused and rejects is None and not dry_run:
        raise refuse_all(refused)
    if dry_run:
        receipts = [{**intake.receipt, "dry_run": True} for _, intake in read]
    else:
        if rejects is not None and refused:
            # Before the store is touched: no refused row may be lost to a full disk.
            write_rejects(all_rejects(refused), rejects)
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
        for receipt in receipts:
            click.echo(_summary(receipt, rejects))
        for line in first_reasons(refused) if dry_run else ():
            click.echo(line)
    return 1 if refused else 0


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


def _summary(receipt: dict[str, Any], rejects: Path | None) -> str:
    lines = [counts_line(receipt)]
    area = receipt["area"]
    lines.append(
        say("  Område: {n}, EPSG:{e}.", "  Area: {n}, EPSG:{e}.").format(
            n=area["name"], e=area["epsg"]
        )
    )
    lines += what_was_left_lines(receipt, rejects)
    if receipt.get("zones"):
        told = ", ".join(
            f"{n} {say(_STATUS_WORDS[s].fill(n=n))}" for s, n in receipt["zones"].items()
        )
        lines.append(say("  Riskzoner: ", "  Risk zones: ") + told)
    return "\n".join(lines)

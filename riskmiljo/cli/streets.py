"""``riskmiljo streets import`` and ``riskmiljo streets info``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import pandas as pd

from riskmiljo.cli.language import Command, Group, say
from riskmiljo.cli.session import Session
from riskmiljo.errors import NothingFoundError
from riskmiljo.patrol.street_files import read_ground
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings
from riskmiljo.store import GROUND_KINDS, Area
from riskmiljo.wording import Text

_OPENSTREETMAP: Final = "© OpenStreetMap contributors"


@click.group("streets", cls=Group, help=say("Gatunätet.", "The street network."))
def streets() -> None:
    """Group the commands about the street network."""


@streets.command(
    "import",
    cls=Command,
    help=say(
        "Läs in ett gatunät: GraphML (OSMnx), GeoPackage eller GeoJSON med linjer. Det ritas som "
        "baskarta.",
        "Take in a street network: GraphML (OSMnx), GeoPackage or GeoJSON with lines. It is drawn "
        "as the base map.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--attribution",
    metavar="TEXT",
    help=say(
        "Vems gatunätet är, som kartan ska ange; för GraphML från OSMnx OpenStreetMaps.",
        "Whose network it is, for the map to say; OpenStreetMap's for GraphML from OSMnx.",
    ),
)
@click.pass_obj
def import_network(settings: Settings, file: Path, attribution: str | None) -> None:
    """Read a network and keep its lines in the store."""
    session = Session(settings)
    network = read_streets(file, mode="walk")
    with session.open(create=True) as store:
        area = store.area() or Area(
            settings.area_name, settings.area_bbox, settings.epsg, settings.timezone
        )
        store.set_area(area)
        streets = network.lines().to_crs(area.epsg)
        ground = read_ground(file).to_crs(area.epsg)
        lines = pd.concat([streets, ground], ignore_index=True)
        store.save_streets(lines, source=attribution or _attribution(file), now=session.now())
    report = network.report
    click.echo(
        say(
            "{n} linjer lästa, {km:.0f} km sammanhängande gatunät; {cut:.0f} km i {p} lösa delar "
            "och {c} stängda linjer lämnades utanför.",
            "{n} lines read, {km:.0f} km of connected network; {cut:.0f} km in {p} loose parts and "
            "{c} closed lines were left out.",
        ).format(
            n=report.lines,
            km=report.kept_m / 1000,
            cut=report.cut_off_m / 1000,
            p=report.parts - 1,
            c=report.closed,
        )
    )
    for note in report.notes:
        click.echo(say(note))


def _attribution(file: Path) -> str:
    return _OPENSTREETMAP if file.suffix.lower() == ".graphml" else file.name


@streets.command(
    "info", cls=Command, help=say("Vilket gatunät som är inläst.", "Which network is loaded.")
)
@click.pass_obj
def info(settings: Settings) -> None:
    """Say how much of a network the store holds."""
    with Session(settings).open() as store:
        lines = store.streets()
    if lines is None:
        raise NothingFoundError(
            Text(
                "Inget gatunät är inläst. Läs in ett med riskmiljo streets import FIL.",
                "No street network is loaded. Take one in with riskmiljo streets import FILE.",
            )
        )
    ground = lines["kind"].isin(GROUND_KINDS)
    streets = lines[~ground & (lines["kind"] != "rail")]
    click.echo(
        say(
            "{n} sträckor, {km:.0f} km. Bakgrund: {w} vatten, {p} parker, {r} järnvägar. {s}",
            "{n} stretches, {km:.0f} km. Ground: {w} water, {p} parks, {r} railways. {s}",
        ).format(
            n=len(streets),
            km=streets.length.sum() / 1000,
            w=(lines["kind"] == "water").sum(),
            p=(lines["kind"] == "park").sum(),
            r=(lines["kind"] == "rail").sum(),
            s=lines.attrs["source"],
        )
    )

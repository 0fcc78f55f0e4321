"""``riskmiljo streets import``, ``download`` and ``info``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import geopandas as gpd
import pandas as pd
import shapely

from riskmiljo.cli.language import Command, Group, say
from riskmiljo.cli.session import Session
from riskmiljo.cli.street_download import download_streets
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.maps.basemap import source_text
from riskmiljo.patrol.street_files import read_ground
from riskmiljo.patrol.street_graph import once_each
from riskmiljo.patrol.street_lines import street_lines
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings
from riskmiljo.store import GROUND_KINDS, Area
from riskmiljo.wording import Text

_OPENSTREETMAP: Final = "© OpenStreetMap contributors"
# Streets just outside the area lead somewhere too.
_BESIDE_M: Final = 1000.0
_OF_OPENSTREETMAP: Final = (".graphml", ".osm", ".pbf")


@click.group("streets", cls=Group, help=say("Gatunätet.", "The street network."))
def streets() -> None:
    """Group the commands about the street network."""


@streets.command(
    "import",
    cls=Command,
    help=say(
        "Läs in ett gatunät: GraphML (OSMnx), OSM PBF eller XML, GeoPackage eller GeoJSON med "
        "linjer. Det ritas som baskarta.",
        "Take in a street network: GraphML (OSMnx), OSM PBF or XML, GeoPackage or GeoJSON with "
        "lines. It is drawn as the base map.",
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
    _take_in(settings, file, attribution or _attribution(file))


@streets.command(
    "download",
    cls=Command,
    help=say(
        "Hämta gatunätet för en ort från OpenStreetMap (kräver internet och OSMnx: pip install "
        '"riskmiljo[streets]").\n\nExempel: riskmiljo streets download "Uppsala, Sverige"',
        "Fetch the street network of a town from OpenStreetMap (needs internet and OSMnx: pip "
        'install "riskmiljo[streets]").\n\nExample: riskmiljo streets download "Uppsala, Sweden"',
    ),
)
@click.argument("place")
@click.pass_obj
def download(settings: Settings, place: str) -> None:
    """Fetch a network and keep its lines in the store."""
    with TemporaryDirectory() as folder:
        file = download_streets(place, Path(folder))
        _take_in(settings, file, _OPENSTREETMAP)


def _take_in(settings: Settings, file: Path, source: str) -> None:
    """Put a network in the place of the one in the store, and say what became of its lines."""
    session = Session(settings)
    network = read_streets(file, mode="walk")
    ground = read_ground(file)
    with session.open(create=True) as store:
        area = store.area() or Area(
            settings.area_name, settings.area_bbox, settings.epsg, settings.timezone
        )
        store.set_area(area)
        # Every line that anyone may use: other modes have networks of their own.
        streets = street_lines(file, crs=area.epsg)
        streets = streets[streets["modes"] != ""]
        _require_within(streets, area, file)
        lines = pd.concat([streets, ground.to_crs(area.epsg)], ignore_index=True)
        store.save_streets(lines, source=source, now=session.now())
    report = network.report
    click.echo(
        say(
            Text(
                "{n} {n:linje läst|linjer lästa}, {km:.0f} km sammanhängande gatunät; "
                "{cut:.0f} km i {p} {p:lös del|lösa delar} och {c} {c:stängd linje|stängda "
                "linjer} lämnades utanför.",
                "{n} {n:line|lines} read, {km:.0f} km of connected network; {cut:.0f} km in "
                "{p} loose {p:part|parts} and {c} closed {c:line was|lines were} left out.",
            ).fill(
                n=report.lines,
                km=report.kept_m / 1000,
                cut=report.cut_off_m / 1000,
                p=report.parts - 1,
                c=report.closed,
            )
        )
    )
    for note in report.notes:
        click.echo(say(note))


def _require_within(streets: gpd.GeoDataFrame, area: Area, file: Path) -> None:
    """Refuse streets of another place: no plan could use them, and they would replace the own."""
    west, south, east, north = area.bbox
    box = gpd.GeoSeries([shapely.box(west, south, east, north)], crs=WGS84).to_crs(streets.crs)
    near = box.iloc[0].buffer(_BESIDE_M)
    if streets.intersects(near).any():
        return
    x, y = streets.total_bounds.reshape(2, 2).mean(axis=0).tolist()
    (lon,), (lat,) = transform([x], [y], streets.crs, WGS84)
    raise InvalidInputError(
        Text(
            "{f} ligger inte i {a}: gatornas mitt är {lat:.3f},{lon:.3f} (latitud,longitud), {k} "
            "km från området. Kontrollera vilken fil det är, och att longituden står först i den.",
            "{f} does not lie in {a}: the middle of its streets is {lat:.3f},{lon:.3f} "
            "(latitude,longitude), {k} km from the area. Check which file it is, and that "
            "longitude comes first in it.",
        ).fill(
            f=file.name,
            a=area.name,
            lat=float(lat),
            lon=float(lon),
            k=f"{near.distance(shapely.Point(x, y)) / 1000:.0f}",
        )
    )


def _attribution(file: Path) -> str:
    return _OPENSTREETMAP if file.name.lower().endswith(_OF_OPENSTREETMAP) else file.name


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
    # Files that list both directions of a street draw it twice.
    once, _ = once_each(streets.geometry.to_numpy(), streets["oneway"].to_numpy())
    streets = streets.iloc[once]
    click.echo(
        say(
            Text(
                "{n} {n:sträcka|sträckor}, {km:.0f} km. Bakgrund: {w} vatten, "
                "{p} {p:park|parker}, {r} {r:järnväg|järnvägar}. {s}",
                "{n} {n:stretch|stretches}, {km:.0f} km. Ground: {w} water, "
                "{p} {p:park|parks}, {r} {r:railway|railways}. {s}",
            ).fill(
                n=len(streets),
                km=streets.length.sum() / 1000,
                w=(lines["kind"] == "water").sum(),
                p=(lines["kind"] == "park").sum(),
                r=(lines["kind"] == "rail").sum(),
                s=say(source_text(str(lines.attrs["source"]))),
            )
        )
    )

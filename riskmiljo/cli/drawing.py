"""``riskmiljo drawn``: zones drawn elsewhere, taken in as GeoJSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
import numpy as np

from riskmiljo.access.lens import OWN_DATA, Lens
from riskmiljo.cli.borders import read_named_areas
from riskmiljo.cli.language import Command, Group, say
from riskmiljo.cli.output import printable
from riskmiljo.cli.session import Session
from riskmiljo.errors import NothingFoundError
from riskmiljo.settings import Settings
from riskmiljo.situation.drawing import Drawing, Outline, drop_outline, keep_outlines, outlines
from riskmiljo.wording import Text

_OWNERS: Final = tuple(sorted(owner for owners in OWN_DATA.values() for owner in owners))
_NONE_FOR_ALL: Final = Text(
    "Ingen zon är ritad för dem som läser allas händelser. Zoner som en ägares läsare har ritat "
    "visas med --owner.",
    "No zone is drawn for those who read everyone's incidents. Zones drawn by the readers of one "
    "owner are shown with --owner.",
)
_NONE: Final = Text("Ingen ritad zon heter {z}.", "There is no drawn zone {z}.")

_owner = click.option(
    "--owner",
    type=click.Choice(_OWNERS),
    help=say(
        "För dem som läser denna ägares händelser; annars för dem som läser allas.",
        "For those who read this owner's incidents; otherwise for those who read everyone's.",
    ),
)


@click.group(
    "drawn",
    cls=Group,
    help=say(
        "Zoner som är ritade för hand: de står kvar när riskzonerna söks om, och de funna ger "
        "plats för dem.",
        "Zones drawn by hand: they stay when the risk zones are found anew, and the found ones "
        "give way to them.",
    ),
)
def drawn() -> None:
    """Gather the commands on drawn zones."""


@drawn.command(
    "add",
    cls=Command,
    help=say(
        "Läs in ritade zoner: ytor i GeoJSON (WGS 84) med egenskapen name. Heter en zon redan så, "
        "ritas den om. Alla sparas, eller ingen.\n\nExempel: riskmiljo drawn add zoner.geojson",
        "Take in drawn zones: polygons in GeoJSON (WGS 84) with the property name. A zone that is "
        "called so already is redrawn. All are kept, or none.\n\n"
        "Example: riskmiljo drawn add zones.geojson",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@_owner
@click.pass_obj
def add(settings: Settings, file: Path, owner: str | None) -> None:
    """Read the whole file first, and keep its zones only when all can be kept."""
    session = Session(settings)
    areas = read_named_areas(file)
    with session.open() as store:
        lens = _lens(session, owner)
        known = {
            one.name.casefold(): one.zone_id for one in reversed(outlines(store, settings, lens))
        }
        drawings = [Drawing(name, corners, known.get(name.casefold())) for name, corners in areas]
        ids = keep_outlines(store, settings, lens, drawings, now=session.now())
    for zone_id, drawing in zip(ids, drawings, strict=True):
        click.echo(printable(f"{zone_id}  {drawing.name}"))


@drawn.command("list", cls=Command, help=say("Visa ritade zoner.", "Show the drawn zones."))
@_owner
@click.option("--json", "as_json", is_flag=True, help=say("Skriv JSON.", "Write JSON."))
@click.pass_obj
def list_drawn(settings: Settings, owner: str | None, *, as_json: bool) -> None:
    """Show the drawn zones with their corners."""
    session = Session(settings)
    with session.open() as store:
        found = _drawn(outlines(store, settings, _lens(session, owner)))
    if as_json:
        body = [
            {"zone_id": one.zone_id, "name": one.name, "corners": np.round(one.corners, 6).tolist()}
            for one in found
        ]
        click.echo(json.dumps({"drawn": body}, ensure_ascii=False, indent=1))
        return
    if not found and owner is None:
        click.echo(say(_NONE_FOR_ALL))
    elif not found:
        click.echo(say("Ingen zon är ritad.", "No zone is drawn."))
    for one in found:
        click.echo(printable(f"{one.zone_id}  {one.name}"))


@drawn.command(
    "remove",
    cls=Command,
    help=say(
        "Ta bort en ritad kontur, och ge platsen tillbaka till sökningen.",
        "Remove a drawn outline, and give the place back to the search.",
    ),
)
@click.argument("name", metavar="ZONE")
@_owner
@click.pass_obj
def remove(settings: Settings, name: str, owner: str | None) -> None:
    """Take out one drawn zone by its id or its name."""
    session = Session(settings)
    with session.open() as store:
        lens = _lens(session, owner)
        for one in _drawn(outlines(store, settings, lens)):
            if name.casefold() in (one.zone_id, one.name.casefold()):
                drop_outline(store, settings, lens, one.zone_id, now=session.now())
                break
        else:
            raise NothingFoundError(_NONE.fill(z=name))
    click.echo(say("Borttagen.", "Removed."))


def _lens(session: Session, owner: str | None) -> Lens:
    lens = session.lens()
    return lens if owner is None else replace(lens, owners=frozenset({owner}))


def _drawn(known: list[Outline]) -> list[Outline]:
    return [one for one in known if one.drawn]

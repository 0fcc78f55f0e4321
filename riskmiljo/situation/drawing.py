"""Zones that a user draws: checked, kept for the readers of the same owners, and found around.

What the joint picture shows is released and fixed, and an emergency reading is for reading alone:
nothing is drawn in either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.access.lens import Lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.settings import Settings
from riskmiljo.situation.periods import zone_of
from riskmiljo.situation.planner import standing_zones
from riskmiljo.situation.standing import DRAWN_PREFIX, drawn_zones_of, refresh_zones_of
from riskmiljo.store import Area, Store
from riskmiljo.store.drawn import DrawnChange
from riskmiljo.wording import Text, decimal_text

FEWEST_CORNERS: Final = 3
MOST_CORNERS: Final = 500
MOST_KM2: Final = 25.0
_LEAST_M2: Final = 100.0
# Corners on a line in degrees are hardly ever on one in metres: what is so thin is no area.
_LEAST_WIDTH_M: Final = 2.0
# A found outline follows the surface with a corner every few metres; by hand fewer are moved.
_CORNERS_TO_MOVE: Final = 24
_TOLERANCES_M: Final = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)

JOINT: Final = Text(
    "Den gemensamma lägesbildens zoner är fasta: de görs av det som har lämnats ut, och kan inte "
    "ritas om. Rita i din egen insyn.",
    "The zones of the joint picture are fixed: they are made of what was released, and cannot be "
    "redrawn. Draw in your own view.",
)
_NO_AREA: Final = Text(
    "Databasen har inget område än. Läs in händelser först.",
    "The store has no area yet. Take in incidents first.",
)
_FEW: Final = Text(
    "Konturen har {n} hörn. Den behöver minst tre olika.",
    "The outline has {n} {n:corner|corners}. It needs at least three different ones.",
)
_MANY: Final = Text(
    "Konturen har {n} hörn. Den får ha högst {most}.",
    "The outline has {n} {n:corner|corners}. It may have at most {most}.",
)
_CROSSES: Final = Text(
    "Konturens linje korsar eller rör sig själv. Flytta hörnen så att den går ett varv.",
    "The outline crosses or touches itself. Move the corners so that it goes round once.",
)
_SMALL: Final = Text(
    "Konturen omsluter nästan ingen yta. Dra isär hörnen.",
    "The outline holds hardly any area. Draw the corners apart.",
)
_LARGE: Final = Text(
    "Konturen omsluter {a} km². En zon får vara högst {most} km².",
    "The outline holds {a} km². A zone may be at most {most} km².",
)
_OUTSIDE: Final = Text(
    "Hörn {n} ligger utanför området {a}. Flytta det dit.",
    "Corner {n} lies outside the area {a}. Move it there.",
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A zone as a user draws it.

    Attributes
    ----------
    name
        1 to 80 characters.
    corners
        As `outline_of` takes them.
    zone_id
        The zone that is redrawn; None for a new one.
    """

    name: str
    corners: Sequence[Sequence[float]]
    zone_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A zone as it can be redrawn.

    Attributes
    ----------
    zone_id, name
        Which.
    corners
        Shape (n, 2): longitude and latitude, WGS 84; the first is not repeated.
    drawn
        Whether a user drew it; else it was found.
    simplified
        Whether it has fewer corners here than where it is kept.
    """

    zone_id: str
    name: str
    corners: npt.NDArray[np.float64]
    drawn: bool
    simplified: bool = False


def outline_of(corners: npt.ArrayLike, area: Area) -> shapely.Polygon:
    """Return the polygon that corners spell, or say what is wrong with it.

    Parameters
    ----------
    corners
        Shape (n, 2): longitude and latitude, WGS 84. The first may be repeated as the last.
    area
        Of the store.

    Returns
    -------
    shapely.Polygon
        In the area's metric reference system.

    Raises
    ------
    InvalidInputError
        If there are fewer than three corners or more than 500, one lies outside the area, the line
        crosses itself, or it holds less than 100 m² or more than 25 km², or is under 2 m wide.
    """
    given = np.asarray(corners, dtype=float).reshape(-1, 2)
    follows = np.any(given != np.roll(given, 1, axis=0), axis=1)
    ring = given[follows] if len(given) > 1 else given
    if len(np.unique(ring, axis=0)) < FEWEST_CORNERS:
        raise InvalidInputError(_FEW.fill(n=len(np.unique(ring, axis=0))))
    if len(ring) > MOST_CORNERS:
        raise InvalidInputError(_MANY.fill(n=len(ring), most=MOST_CORNERS))
    west, south, east, north = area.bbox
    # Written so that a corner that is no number is outside too.
    inside = (ring >= (west, south)) & (ring <= (east, north))
    if not inside.all():
        at = int(np.flatnonzero(~np.all(inside, axis=1))[0])
        raise InvalidInputError(_OUTSIDE.fill(n=at + 1, a=area.name))
    shape = shapely.Polygon(np.column_stack(transform(ring[:, 0], ring[:, 1], WGS84, area.epsg)))
    if _is_thin(shape.convex_hull):
        raise InvalidInputError(_SMALL)
    if not shape.is_valid:
        raise InvalidInputError(_CROSSES)
    if _is_thin(shape):
        raise InvalidInputError(_SMALL)
    if shape.area > MOST_KM2 * 1e6:
        size = decimal_text(shape.area / 1e6, 1)
        raise InvalidInputError(_LARGE.fill(a=size, most=decimal_text(MOST_KM2, 0)))
    return shape


def keep_outlines(
    store: Store,
    settings: Settings,
    lens: Lens,
    drawings: Sequence[Drawing],
    *,
    now: datetime,
    user: int | None = None,
) -> list[str]:
    """Keep drawn zones for the readers of a lens's owners, and find their zones anew around them.

    It is one act: where the search fails, the outlines are not kept either.

    Parameters
    ----------
    store
        Where zones are kept.
    settings
        The installation's settings.
    lens
        Who draws.
    drawings
        All are kept, or none.
    now
        Aware.
    user
        Who draws, for the audit.

    Returns
    -------
    list of str
        The zones' ids.

    Raises
    ------
    InvalidInputError
        In the joint picture, or if an outline or a name cannot be used.
    """
    refuse_drawing(lens)
    area = store.area()
    if area is None:
        raise InvalidInputError(_NO_AREA)
    shapes = [outline_of(one.corners, area) for one in drawings]
    ids = [
        one.zone_id or _new_id(one.name, shape, now)
        for one, shape in zip(drawings, shapes, strict=True)
    ]
    zones = gpd.GeoDataFrame(
        {"zone_id": ids, "name": [one.name for one in drawings]},
        geometry=shapes,
        crs=f"EPSG:{area.epsg}",
    )
    _draw(store, settings, DrawnChange(now, lens.owners, user, zones=zones))
    return ids


def drop_outline(
    store: Store,
    settings: Settings,
    lens: Lens,
    zone_id: str,
    *,
    now: datetime,
    user: int | None = None,
) -> None:
    """Take out a drawn outline, and leave the place to the search again, in one act.

    Parameters
    ----------
    store
        Where zones are kept.
    settings
        The installation's settings.
    lens
        Who does it.
    zone_id
        The drawn zone.
    now
        Aware.
    user
        Who does it, for the audit.

    Raises
    ------
    InvalidInputError
        In the joint picture.
    NothingFoundError
        If no zone drawn for these readers has this id.
    """
    refuse_drawing(lens)
    _draw(store, settings, DrawnChange(now, lens.owners, user, removed=zone_id))


def outlines(store: Store, settings: Settings, lens: Lens) -> list[Outline]:
    """Return the zones that a lens's readers may redraw.

    Parameters
    ----------
    store
        Where zones are kept.
    settings
        The installation's settings.
    lens
        Who looks.

    Returns
    -------
    list of Outline
        The drawn ones, also those with too few incidents to be shown, then the found ones that
        the lens shows; none in the joint picture.
    """
    drawn = drawn_zones_of(store, lens)
    made = [] if drawn is None else _told(drawn, drawn=True)
    if lens.scope == "joint":
        return []
    standing = standing_zones(store, lens, tz=zone_of(store, settings))
    if standing is None:
        return made
    known = {one.zone_id for one in made}
    return made + [one for one in _told(standing, drawn=False) if one.zone_id not in known]


def refuse_drawing(lens: Lens) -> None:
    """Refuse to draw where zones are not the reader's own.

    Parameters
    ----------
    lens
        Who draws.

    Raises
    ------
    InvalidInputError
        In the joint picture; says why.
    """
    if lens.scope == "joint":
        raise InvalidInputError(JOINT)


def _told(zones: gpd.GeoDataFrame, *, drawn: bool) -> list[Outline]:
    told = []
    for zone_id, name, shape in zip(zones["zone_id"], zones["name"], zones.geometry, strict=True):
        simple = shape if drawn else _to_move(shape)
        x, y = shapely.get_coordinates(simple.exterior)[:-1].T
        corners = np.column_stack(transform(x, y, zones.crs, WGS84))
        fewer = len(simple.exterior.coords) < len(shape.exterior.coords)
        told.append(Outline(str(zone_id), str(name), corners, drawn, fewer))
    return told


def _to_move(shape: shapely.Polygon) -> shapely.Polygon:
    """Return an outline with so few corners that a hand can move them."""
    simple = shape
    for metres in _TOLERANCES_M:
        if len(simple.exterior.coords) <= _CORNERS_TO_MOVE + 1:
            break
        coarser = shape.simplify(metres)
        if isinstance(coarser, shapely.Polygon) and coarser.is_valid and not coarser.is_empty:
            simple = coarser
    return simple


def _draw(store: Store, settings: Settings, change: DrawnChange) -> None:
    # What is refused is refused before anything is searched.
    store.drawn_zones.after(change)
    try:
        refresh_zones_of(store, settings, change.owners, now=change.now, drawing=change)
    except NothingFoundError:
        # Without incidents there is nothing to find: the outline waits for them.
        store.drawn_zones.make(change)


def _is_thin(shape: shapely.Geometry) -> bool:
    return bool(shape.area < max(_LEAST_M2, shape.length / 2 * _LEAST_WIDTH_M))


def _new_id(name: str, shape: shapely.Polygon, now: datetime) -> str:
    drawn = shapely.to_wkb(shape) + f"{now.isoformat()} {name}".encode()
    # A word that tells nothing by itself: it stands in addresses and logs.
    return DRAWN_PREFIX + hashlib.blake2b(drawn, digest_size=4).hexdigest()

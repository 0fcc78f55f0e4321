"""Standing posts: where a few crews wait so that most expected incidents are near one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import is_real, number_text, require_instance, shown
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.area_units import check_zones
from riskmiljo.patrol.covering import Cover, best_cover
from riskmiljo.patrol.expected import NOTHING_EXPECTED, assumptions, expected_incidents
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.travel import REACH_M, STRAIGHT_NOTE, straight_minutes
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

POST_COLUMNS: Final[dict[str, str]] = {
    "post_id": "1 to N, the one with most expected incidents first",
    "name": "the street corner; without streets the zone",
    "expected": "expected incidents in the shift that are nearest to this post and within reach",
    "risk_share": "their share of all expected incidents, 0 to 1",
    "backup_share": "the share of its own that another post reaches too, 0 to 1",
    "minutes": "mean travel time to its own, weighted by what is expected",
    "zones": "tuple of zone_id within its reach, weightiest first",
    "zone_names": "tuple of names in the same order",
    "why_sv": "one line, Swedish",
    "why_en": "one line, English",
    "geometry": "point, metres",
}

MAX_POSTS: Final = 50
# A zone's incidents are taken as even over it: one point for each square of this side, metres;
# of a large town fewer.
_STEP_M: Final = 125.0
_MOST_POINTS: Final = 200
_ZONES_NAMED: Final = 2
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What is to be covered, and from where."""

    points: Floats
    zone: Ints
    weights: Floats
    places: Floats
    names: tuple[str, ...]
    minutes: Floats


def standing_posts(
    zones: gpd.GeoDataFrame,
    *,
    posts: int,
    minutes: float,
    streets: Streets | None = None,
    shift: Shift | None = None,
    rhythm: pd.DataFrame | None = None,
    backup: float = 0.0,
) -> gpd.GeoDataFrame:
    """Choose standing posts that reach the most expected incidents in time.

    First as much as possible is within reach of one post; then, among the choices that reach so
    much, as much as possible of two; both exactly. Then posts are moved closer to what they reach,
    as far as no such loss comes of it.

    Parameters
    ----------
    zones
        Risk zones in a metric CRS, as for `riskmiljo.patrol.areas.patrol_areas`.
    posts
        How many, 1 to 50.
    minutes
        Reach: the longest travel time from a post to what it covers.
    streets
        Street network in the same CRS: posts stand at its corners. Without one they stand in the
        zones, and ways are straight lines × the detour factor, on foot.
    shift
        The hours that count; None is the whole week.
    rhythm
        Index ``zone_id``, 168 columns, as for `patrol_areas`.
    backup
        Share of what could be reached that may be given up so that more is reached by two posts,
        0 to 1.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of `POST_COLUMNS`. Its ``attrs`` hold ``covered`` and ``backup`` (expected
        incidents within reach of one and of two posts), ``expected`` (all), ``summary`` (``sv``,
        ``en``), ``distance`` (``streets`` or ``straight``) and ``notes``.

    Raises
    ------
    InvalidInputError
        If a number, a zone or the rhythm cannot be used, or there are fewer places than posts.
    NothingFoundError
        If there are no zones, or no corner reaches any of them in time.
    CRSError
        If zones are not in metres, or streets in another CRS.

    References
    ----------
    Church, R. and ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional
    Science Association 32, 101-118.

    Hogan, K. and ReVelle, C. (1986). Concepts and applications of backup coverage. Management
    Science 32, 1434-1444.
    """
    _check_numbers(posts, minutes, backup)
    used, crs = check_zones(zones)
    if streets is not None:
        require_instance(Streets, streets=streets)
    if streets is not None and streets.crs != crs:
        raise CRSError(
            Text(
                "Gatunätet har ett annat koordinatsystem än zonerna. Projicera om.",
                "The street network has another reference system than the zones. Project one.",
            )
        )
    expected = expected_incidents(used, shift, rhythm)
    notes = assumptions(expected, rhythm)
    load = expected.total
    if load.sum() <= 0:
        load = shapely.area(used.geometry.to_numpy())
        notes.append(NOTHING_EXPECTED)
    if streets is None:
        notes.append(STRAIGHT_NOTE)
    ground = _ground(used, load, streets)
    if len(ground.places) < posts:
        raise InvalidInputError(
            Text(
                "Det finns bara {n} {n:möjlig plats|möjliga platser} för {p} {p:post|poster}. "
                "Ange färre poster.",
                "There are only {n} possible {n:place|places} for {p} {p:post|posts}. Give fewer "
                "posts.",
            ).fill(n=len(ground.places), p=posts)
        )
    within = ground.minutes <= minutes + _TINY
    if not (within @ ground.weights > 0).any():
        raise NothingFoundError(
            Text(
                "Inget väntat ligger inom {m} min från något gathörn. Ange en längre räckvidd.",
                "Nothing expected lies within {m} min of any street corner. Give a longer reach.",
            ).fill(m=decimal_text(minutes, 2))
        )
    near = np.where(within, ground.minutes, 0.0) @ ground.weights
    reached = within @ ground.weights
    # A place that reaches nothing is as far from everything as can be.
    cost = np.where(reached > 0, near / np.where(reached > 0, reached, 1.0), minutes)
    cover = best_cover(within, ground.weights, cost, posts, backup)
    frame = gpd.GeoDataFrame(
        _table(used, ground, cover, minutes, float(expected.total.sum())),
        geometry=shapely.points(ground.places[cover.places]),
        crs=crs,
    )
    frame = frame.sort_values(["expected", "risk_share"], ascending=False, kind="stable")
    frame = frame.reset_index(drop=True)
    frame.insert(0, "post_id", np.arange(1, len(frame) + 1))
    scale = float(expected.total.sum() / ground.weights.sum())
    frame = frame[list(POST_COLUMNS)]
    frame.attrs = {
        "covered": cover.covered * scale,
        "backup": cover.twice * scale,
        "expected": float(expected.total.sum()),
        "summary": _summary(cover, ground, minutes).as_dict(),
        "distance": "straight" if streets is None else "streets",
        "notes": [note.as_dict() for note in notes],
    }
    return frame


def _check_numbers(posts: object, minutes: float, backup: float) -> None:
    if not isinstance(posts, int | np.integer) or not 1 <= posts <= MAX_POSTS:
        raise InvalidInputError(
            Text(
                "Antalet poster är {n}. Ange ett heltal från 1 till {m}.",
                "The number of posts is {n}. Give a whole number from 1 to {m}.",
            ).fill(n=shown(posts), m=MAX_POSTS)
        )
    if not (is_real(minutes) and minutes > 0):
        raise InvalidInputError(
            Text(
                "Räckvidden är {m} {m:minut|minuter}. Ange ett tal större än noll.",
                "The reach is {m} {m:minute|minutes}. Give a number above zero.",
            ).fill(m=number_text(minutes))
        )
    if not (is_real(backup) and 0 <= backup <= 1):
        raise InvalidInputError(
            Text(
                "Andelen som får offras för dubbel täckning är {b}. Ange ett tal från 0 till 1.",
                "The share that may be given up for backup is {b}. Give a number from 0 to 1.",
            ).fill(b=number_text(backup))
        )


def _ground(zones: gpd.GeoDataFrame, load: Floats, streets: Streets | None) -> _Ground:
    shapes = zones.geometry.to_numpy()
    points, zone = _points_in(shapes)
    weights = (load / np.bincount(zone))[zone]
    if streets is None:
        names = tuple(zones["name"].astype("str").to_numpy()[zone])
        return _Ground(points, zone, weights, points, names, straight_minutes(points, points))
    far = streets.snap(points)[1] > REACH_M
    if far.all():
        raise InvalidInputError(
            Text(
                "Zonerna ligger utanför gatunätet. Läs in ett gatunät som når dit.",
                "The zones lie outside the street network. Load a network that reaches them.",
            )
        )
    corners = streets.nearest_corner(points[~far])
    node, first = np.unique(corners.node, return_index=True)
    places = streets.nodes[node]
    times = np.full((len(places), len(points)), np.inf)
    times[:, ~far] = streets.travel_minutes(places, points[~far])
    if far.any():
        times[:, far] = straight_minutes(places, points[far], streets.mode)
    names = tuple(
        corners.name[at] or str(zones["name"].iloc[zone[~far][at]]) for at in first.tolist()
    )
    return _Ground(points, zone, weights, places, names, times)


def _points_in(shapes: npt.NDArray[Any]) -> tuple[Floats, Ints]:
    """Points that stand for the ground of zones: a lattice, and one at least in each."""
    step = max(_STEP_M, float(np.sqrt(shapely.area(shapes).sum() / _MOST_POINTS)))
    points, zone = [], []
    for row, shape in enumerate(shapes):
        west, south, east, north = shape.bounds
        # A lattice of the whole map, not of each zone: the same ground has the same points.
        x, y = np.meshgrid(
            np.arange(np.floor(west / step), east / step) * step + step / 2,
            np.arange(np.floor(south / step), north / step) * step + step / 2,
        )
        inside = np.column_stack([x.ravel(), y.ravel()])
        inside = inside[shapely.contains_xy(shape, inside)]
        if not len(inside):
            inside = shapely.get_coordinates(shape.representative_point())
        points.append(inside)
        zone += [row] * len(inside)
    return np.vstack(points), np.asarray(zone, dtype=np.int64)


def _table(
    zones: gpd.GeoDataFrame, ground: _Ground, cover: Cover, minutes: float, expected: float
) -> pd.DataFrame:
    """Say of each post what it is for."""
    times = ground.minutes[cover.places]
    within = times <= minutes + _TINY
    nearest = np.where(within.any(axis=0), times.argmin(axis=0), -1)
    total = ground.weights.sum()
    rows = []
    for post in range(len(cover.places)):
        own = nearest == post
        weight = ground.weights * own
        held = float(weight.sum())
        by_zone = np.bincount(ground.zone, ground.weights * within[post], len(zones))
        order = np.argsort(-by_zone, kind="stable")[: int((by_zone > 0).sum())]
        named = zones["name"].astype("str").to_numpy()[order]
        twice = float(weight[within.sum(axis=0) > 1].sum())
        mean = float((weight[own] @ times[post][own]) / held) if held > 0 else 0.0
        share = held / total
        line = _why(expected * share, share, twice / held if held > 0 else 0.0, minutes, named)
        rows.append(
            {
                "name": ground.names[cover.places[post]],
                "expected": expected * share,
                "risk_share": share,
                "backup_share": twice / held if held > 0 else 0.0,
                "minutes": mean,
                "zones": tuple(zones["zone_id"].to_numpy()[order]),
                "zone_names": tuple(named),
                "why_sv": line.sv,
                "why_en": line.en,
            }
        )
    return pd.DataFrame(rows)


def _why(
    expected: float, share: float, twice: float, minutes: float, zones: npt.NDArray[Any]
) -> Text:
    if share <= 0:
        return Text(
            "Ingen väntad händelse ligger närmare denna post än de andra.",
            "No expected incident is nearer to this post than to the others.",
        )
    some = list(zones[:_ZONES_NAMED])
    return Text(
        "Närmast till {e} {e:väntad händelse|väntade händelser} inom {m} min, {p:.0f} % "
        "av alla; mest {z}; {b:.0f} % av dem når även en annan post.",
        "Nearest to {e} expected {e:incident|incidents} within {m} min, {p:.0f}% of all; "
        "mostly {z}; another post too reaches {b:.0f}% of them.",
    ).fill(
        e=decimal_text(expected, 1, fixed=True),
        m=decimal_text(minutes, 1),
        p=100 * share,
        z=Text(" och ".join(some), " and ".join(some)),
        b=100 * twice,
    )


def _summary(cover: Cover, ground: _Ground, minutes: float) -> Text:
    total = ground.weights.sum()
    return Text(
        "{p:.0f} % av det väntade ligger inom {m} min från en post, {b:.0f} % från två.",
        "{p:.0f}% of what is expected lies within {m} min of a post, {b:.0f}% of two.",
    ).fill(p=100 * cover.covered / total, b=100 * cover.twice / total, m=decimal_text(minutes, 1))

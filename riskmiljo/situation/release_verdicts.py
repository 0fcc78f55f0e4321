"""Whether operations helped, told to the joint picture: each once, in coarse figures.

Anybody who may enter an operation chooses its places and days, so that a verdict is an answer to a
question of the asker's own making. These rules keep the answers from telling a small count:

1. A verdict is a ratio of ratios and never a count. It is told only where every count behind it,
   before and during, in the places and in what they are compared with, is at least 10, at 3 places
   and on 3 days; in whole twentieths, its interval rounded outward; what happened around the places
   is one word, by the same minimum counts.
2. A square of 250 m enters at most one judgement among all operations that begin within 13 weeks
   of each other, whatever came of that judgement: "too few" is an answer too, and a place added or
   taken away would otherwise show where the count passes the minimum. So no two answers are about
   the same ground and much the same days, and there is nothing to subtract. That an operation is
   refused for this depends on places and days that are known to all, on no incident.
3. An operation is judged when it has ended and settled, and never again: not week by week as it
   goes on, and not when a report comes in late. Taking the operation out does not free the ground,
   and one whose days or places are corrected is judged as another operation is: what it was judged
   for before keeps its ground.
4. Incidents are moved to the middle of their place of 50 m first, and only those reported to one
   group of owners count, none that is sensitive: where within its place something lies does not
   matter, and nobody can take his own authority's part from a sum.
5. Whoever asks does not choose what the places are compared with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.access.lens import Lens, lens_of
from riskmiljo.analysis.effect import EffectResult, effect
from riskmiljo.analysis.effect_words import MOST_INVISIBLE, MOST_PLACEBO
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation.operations import hidden_groups
from riskmiljo.situation.release_margins import owners_of
from riskmiljo.situation.withheld import PLACE_M
from riskmiljo.store import Store
from riskmiljo.store.operations import OperationRow, Which, which_of

KIND: Final = "released_verdict"
SQUARE_M: Final = 250
# Operations that begin nearer to each other than this do not share ground.
APART: Final = timedelta(weeks=13)
# 25 km²: what covers more has nothing left to be compared with.
MOST_SQUARES: Final = 400
SETTLED: Final = timedelta(days=7)
# Whose reports count: the first of these that has delivered any.
_OWNERS: Final = ("police", "municipality")
_STEPS: Final = 20
# A rise beyond this is told as this: three times what was expected.
MOST: Final = 2.0
_LEAST_COUNT: Final = 10
_FEWEST_COMPARED: Final = 3

# An operation that was judged: which, when it begins, and its squares of ground.
Taken = tuple[Which, datetime, frozenset[tuple[int, int]]]


def release_verdicts(
    store: Store,
    settings: Settings,
    incidents: gpd.GeoDataFrame,
    *,
    now: datetime,
    tz: str,
    anew: bool = False,
) -> int:
    """Judge the operations that have ended, and keep what the joint picture tells of them.

    Parameters
    ----------
    store
        Operations; verdicts are kept there.
    settings
        Whose minimum counts hold, where they are higher than ours.
    incidents
        The incident contract, metres: what the joint picture may rest on.
    now
        Aware.
    tz
        The zone of local days.
    anew
        Judge every operation again, for corrections, by decision.

    Returns
    -------
    int
        How many operations were judged.
    """
    taken = _taken(store)
    told = set() if anew else {which for which, _, _ in taken}
    ended = [
        row
        for row in sorted(store.operations.all(), key=lambda one: one.operation_id)
        if row.which not in told and now >= row.operation.period.end + SETTLED
    ]
    reported = counted_reports(incidents) if ended else incidents.iloc[:0]
    if reported.empty:
        return 0
    latest = reported["occurred_from"].max()
    judged = 0
    for row in ended:
        period = row.operation.period
        if latest < period.end:
            continue
        ground = _ground(row.operation.places)
        sharing = set() if ground is None else _sharing(row, ground, taken)
        if ground is None:
            body: dict[str, Any] = {"state": "large"}
        elif sharing:
            body = {"state": "corrected" if sharing == {row.operation_id} else "shared"}
        else:
            body = _judged(reported, row, settings, tz)
        occupied = [] if ground is None or sharing else sorted(ground)
        store.results.add(
            KIND,
            parameters={
                "operation": row.operation_id,
                "revision": row.revision,
                "begins": period.start.isoformat(),
                "ground": [list(square) for square in occupied],
            },
            body=body,
            now=now,
        )
        taken.append((row.which, period.start, frozenset(occupied)))
        judged += 1
    return judged


def counted_reports(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the incidents that verdicts rest on.

    Parameters
    ----------
    incidents
        The incident contract, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        The reports to one group of owners, which ``attrs["owners"]`` names, none of them
        sensitive, each in the middle of its place of 50 m.
    """
    owners = owners_of(incidents)
    first = next((one for one in _OWNERS if (owners == one).any()), _OWNERS[0])
    reported = (incidents["detection"].astype(str) == "reported").to_numpy()
    mine = incidents[(owners == first) & reported].reset_index(drop=True)
    xy = np.floor(coordinates(mine) / PLACE_M) * PLACE_M + PLACE_M / 2
    shapes = gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=mine.crs)
    placed: gpd.GeoDataFrame = mine.set_geometry(shapes)
    placed.attrs["owners"] = first
    return placed


def _taken(store: Store) -> list[Taken]:
    return [
        (
            which_of(row.parameters),
            datetime.fromisoformat(row.parameters["begins"]),
            frozenset((int(x), int(y)) for x, y in row.parameters["ground"]),
        )
        for row in store.results.all(KIND)
    ]


def _ground(places: gpd.GeoDataFrame) -> frozenset[tuple[int, int]] | None:
    """Return the squares that places touch; None where they are too many."""
    squares: set[tuple[int, int]] = set()
    for shape in places.geometry:
        west, south, east, north = (int(one // SQUARE_M) for one in shape.bounds)
        if (east - west + 1) * (north - south + 1) > 4 * MOST_SQUARES:
            return None
        x, y = (
            one.ravel() * SQUARE_M
            for one in np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
        )
        touched = shapely.intersects(shapely.box(x, y, x + SQUARE_M, y + SQUARE_M), shape)
        squares |= set(zip(x[touched].tolist(), y[touched].tolist(), strict=True))
    return frozenset(squares) if len(squares) <= MOST_SQUARES else None


def _sharing(
    row: OperationRow, ground: frozenset[tuple[int, int]], taken: Iterable[Taken]
) -> set[int]:
    """Return the operations of much the same days for which some of the ground was judged.

    The operation itself is among them where it was judged before it was corrected.
    """
    return {
        which[0]
        for which, begins, squares in taken
        if which != row.which
        and abs(row.operation.period.start - begins) < APART
        and not ground.isdisjoint(squares)
    }


def _judged(
    reported: gpd.GeoDataFrame, row: OperationRow, settings: Settings, tz: str
) -> dict[str, Any]:
    """Return what is told of one operation; no words of the analysis, which may hold counts."""
    try:
        found = effect(reported, row.operation, tz=tz, rng=0)
    except NothingFoundError:
        return {"state": "too_few"}
    except InvalidInputError as error:
        # That no incident lies near the places is said no otherwise than that few do.
        return {"state": "too_few" if error.code == "UTANFOR_OMRADE" else "record"}
    hidden = hidden_groups(_floors(settings), found, row, reported, tz)
    figures = (found.estimate, found.lower, found.upper)
    if {"operation", "comparison"} & set(hidden) or not np.isfinite(figures).all():
        return {"state": "too_few"}
    around = None if "ring" in hidden or found.around is None else found.around
    word, why = _word(found, ring=around is not None)
    return {
        "state": "told",
        "word": word,
        "why": why,
        "estimate": _twentieths(found.estimate, round),
        "lower": _twentieths(found.lower, math.floor),
        "upper": _twentieths(found.upper, math.ceil),
        "around": _direction(around.lower, around.upper) if around is not None else None,
        "owners": reported.attrs["owners"],
    }


def _floors(settings: Settings) -> Lens:
    joint = lens_of(Role.PLANNER, settings)
    return replace(
        joint,
        scope="own",
        min_incidents=max(joint.min_incidents, _LEAST_COUNT),
        min_sensitive=max(joint.min_sensitive, _LEAST_COUNT),
    )


def _word(found: EffectResult, *, ring: bool) -> tuple[str, str | None]:
    """Return the verdict, and why it cannot be told; of what lies around only if that is told."""
    decided = found.upper < 0 or found.lower > 0
    if found.code != "cannot_tell":
        return ("helped" if found.code == "moved" and not ring else found.code), None
    if int(found.counts["places"]["comparison"]) < _FEWEST_COMPARED:
        return "cannot_tell", "compared"
    if not decided and found.power > MOST_INVISIBLE:
        return "cannot_tell", "power"
    if decided and found.placebo_p > MOST_PLACEBO:
        return "cannot_tell", "common"
    earlier = found.placebo_time
    if not decided or (earlier is not None and not earlier.lower <= 0 <= earlier.upper):
        return "cannot_tell", "parted"
    # What is left: it fell, and what lies around cannot rule out that it moved.
    return ("cannot_tell", "around") if ring else ("helped", None)


def _direction(lower: float, upper: float) -> str:
    if upper < 0:
        return "fell"
    return "rose" if lower > 0 else "level"


def _twentieths(share: float, rounded: Callable[[float], float]) -> float:
    # A share that is a twentieth but for the machine's last digit is that twentieth.
    return min(float(rounded(round(_STEPS * share, 6))) / _STEPS, MOST)

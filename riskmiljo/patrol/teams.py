"""Who goes: teams as a user describes them, made into the crews of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from riskmiljo.analysis.arguments import is_one_of, is_real, number_text, require_instance
from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.plan import CREW_KIND_NAMES, Crew, Spot
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.areas import check_teams
from riskmiljo.patrol.street_rules import Mode, require_mode
from riskmiljo.wording import Text

# A break is begun between these shares of a crew's time, so that no one works long without one.
_PAUSE_FROM: Final = 0.3
_PAUSE_TO: Final = 0.65
_LONGEST_PAUSE_MIN: Final = 120.0


@dataclass(frozen=True, slots=True)
class Team:
    """One crew as it is asked for.

    Attributes
    ----------
    kind
        ``police``, ``outreach`` or ``night_walkers``.
    mode
        ``walk``, ``cycle`` or ``drive``.
    start, end
        Where it begins and ends: a `Spot`, a point or (x, y) in metres; None is the plan's own.
    begins, ends
        Aware; None is the shift's own.
    pause_min
        Minutes of break, begun between 30 and 65 % of its time.
    """

    kind: str = "police"
    mode: Mode = "walk"
    start: Any = None
    end: Any = None
    begins: datetime | None = None
    ends: datetime | None = None
    pause_min: float = 0.0


def crews_of(
    teams: int | Sequence[Team],
    *,
    shift: Shift,
    start: Any,
    end: Any,
    mode: str,
    pause_min: float,
    crs: Any,
) -> tuple[tuple[Crew, ...], tuple[float, ...]]:
    """Make the crews of a plan.

    Parameters
    ----------
    teams
        How many alike, or each by itself.
    shift
        When they work.
    start, end
        Where they begin and end where a team says nothing; ``end`` None is where it began.
    mode
        How they go, where only a number was given.
    pause_min
        Minutes of break, where only a number was given.
    crs
        The reference system of the stops.

    Returns
    -------
    tuple
        The crews, and each one's minutes of break.

    Raises
    ------
    InvalidInputError
        If there is no team, or a kind, mode, time or place cannot be used; says which team.
    CRSError
        If a place is in another reference system.
    """
    if not isinstance(teams, Sequence):
        check_teams(teams)
        wanted = [Team(mode=require_mode(mode), pause_min=pause_min)] * int(teams)
    else:
        wanted = list(teams)
        check_teams(len(wanted))
    crews = []
    for number, team in enumerate(wanted, start=1):
        require_instance(Team, teams=team)
        if not is_one_of(team.kind, CREW_KIND_NAMES):
            raise InvalidInputError(
                Text(
                    "Lag {n}: slaget {k!r} finns inte. Välj {c}.",
                    "Team {n}: there is no kind {k!r}. Choose {c}.",
                ).fill(n=number, k=team.kind, c=", ".join(CREW_KIND_NAMES))
            )
        begins, ends = _working_time(team, number, shift)
        first = spot_of(start if team.start is None else team.start, crs)
        if team.end is not None:
            last = spot_of(team.end, crs)
        elif team.start is not None or end is None:
            last = first
        else:
            last = spot_of(end, crs)
        crews.append(Crew(number, team.kind, require_mode(team.mode), begins, ends, first, last))
    return tuple(crews), tuple(float(team.pause_min) for team in wanted)


def pause_window(crew: Crew) -> tuple[datetime, datetime]:
    """Return the earliest and the latest time at which a crew's break begins.

    Parameters
    ----------
    crew
        The crew.

    Returns
    -------
    tuple of datetime
        UTC.
    """
    length = crew.ends - crew.begins
    return crew.begins + _PAUSE_FROM * length, crew.begins + _PAUSE_TO * length


def spot_of(place: Any, crs: Any) -> Spot:
    """Return a place given in any of the usual forms.

    Parameters
    ----------
    place
        A `Spot`, a shapely Point or (x, y) in the reference system, or a GeoSeries or GeoDataFrame
        with one point (its ``name``, if any, is used).
    crs
        The metric reference system wanted.

    Returns
    -------
    Spot
        Its name is empty where none was given.

    Raises
    ------
    InvalidInputError
        If it is not one point with finite coordinates.
    CRSError
        If it comes in another reference system.
    """
    name = ""
    if isinstance(place, Spot):
        name, x, y = place.name, place.x, place.y
    elif isinstance(place, gpd.GeoDataFrame | gpd.GeoSeries):
        if CRS(place.crs) != CRS(crs):
            raise CRSError(
                Text(
                    "Startplatsen har ett annat koordinatsystem än hållpunkterna. Projicera om.",
                    "The start has another reference system than the stops. Project it first.",
                )
            )
        xy = coordinates(place)
        if len(xy) != 1:
            raise _no_place(place)
        x, y = xy[0]
        if isinstance(place, gpd.GeoDataFrame) and "name" in place:
            name = str(place["name"].iloc[0])
    elif isinstance(place, shapely.Point) and not place.is_empty:
        x, y = place.x, place.y
    else:
        try:
            x, y = (float(value) for value in place)
        except (TypeError, ValueError) as error:
            raise _no_place(place) from error
    if not np.isfinite([x, y]).all():
        raise _no_place(place)
    return Spot(name, float(x), float(y))


def _no_place(place: Any) -> InvalidInputError:
    return InvalidInputError(
        Text(
            "Platsen {p} är inte en punkt. Ange (x, y) i meter.",
            "The place {p} is not a point. Give (x, y) in metres.",
        ).fill(p=repr(place)[:60])
    )


def _working_time(team: Team, number: int, shift: Shift) -> tuple[datetime, datetime]:
    begins = shift.period.start if team.begins is None else team.begins
    ends = shift.period.end if team.ends is None else team.ends
    require_instance(datetime, begins=begins, ends=ends)
    inside = (
        begins.tzinfo is not None
        and ends.tzinfo is not None
        and shift.period.start <= begins < ends <= shift.period.end
    )
    if not inside:
        raise InvalidInputError(
            Text(
                "Lag {n}: tiden måste ligga inom passet och sluta efter att den börjat.",
                "Team {n}: its time must lie within the shift and end after it begins.",
            ).fill(n=number)
        )
    fits = is_real(team.pause_min) and 0 <= team.pause_min <= _LONGEST_PAUSE_MIN
    if not fits or timedelta(minutes=2 * team.pause_min) > ends - begins:
        raise InvalidInputError(
            Text(
                "Lag {n}: rasten är {p} min. Ange 0 till {m}, högst halva tiden.",
                "Team {n}: the break is {p} min. Give 0 to {m}, at most half of the time.",
            ).fill(n=number, p=number_text(team.pause_min), m=f"{_LONGEST_PAUSE_MIN:.0f}")
        )
    return begins, ends

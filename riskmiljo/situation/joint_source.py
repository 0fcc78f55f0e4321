"""Released bands in the form of incidents, so that every analysis can be made of them.

No row here is an incident. A band becomes as many rows as the figure it is calculated with, spread
over its cell, its days and its day-parts by a fixed rule; what is made of them is made of the
released bands alone, and tells nothing that they do not tell.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.situation.release_margins import (
    CATEGORY,
    DAYPART,
    DETECTION,
    GROUP,
    GROUPS,
    ONLY_IN_GROUP,
    PART_HOURS,
    WEEK_PARTS,
)
from riskmiljo.situation.released import CELL, Answer, released_answer
from riskmiljo.store import Store

# The smallest cell: larger ones are spread over squares of this side.
SQUARE_M: Final = 250
_SOURCE: Final = {"police": "police", "municipality": "municipality", "sensitive": "outreach"}
_OWNER: Final = {"police": "police", "municipality": "municipality", "sensitive": "social"}
_ANY: Final = ""
_REMEMBERED: Final = 16

Ints = npt.NDArray[np.int64]

_Value = TypeVar("_Value", str, int)

_memory: OrderedDict[tuple[str, int, Filter], gpd.GeoDataFrame] = OrderedDict()
_lock = threading.Lock()


def pseudo_incidents(store: Store, question: Filter) -> gpd.GeoDataFrame:
    """Return the released bands that answer a question, in the form of incidents.

    Parameters
    ----------
    store
        Where releases are kept; no incident is read.
    question
        The filter. Without a period: the latest released year.

    Returns
    -------
    geopandas.GeoDataFrame
        The incident contract: at the middles of squares of 250 m, each in a day-part of six hours
        where that is known and else in a whole day from 06; ``category`` is ``other`` and
        ``detection`` ``unknown`` where no band tells. There are as many as the figures that the
        bands are calculated with (`riskmiljo.situation.released.about_of`).

    Raises
    ------
    NothingFoundError
        If nothing was released, or no band answers.
    InvalidInputError
        If the question has terms that were not released together.
    """
    answer = released_answer(store, question)
    key = (store.url, answer.release.release_id, question)
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key].copy()
    area = store.area()
    made = spread(answer, tz=question.tz, epsg=area.epsg if area else 3006)
    with _lock:
        _memory[key] = made
        while len(_memory) > _REMEMBERED:
            _memory.popitem(last=False)
    return made.copy()


def hours_known(made: gpd.GeoDataFrame) -> pd.Series:
    """Return of which rows the part of the day was released.

    Parameters
    ----------
    made
        As of `pseudo_incidents`.

    Returns
    -------
    pandas.Series
        One boolean a row; the others stand for a whole day.
    """
    # A part of a day is an hour longer or shorter in the nights when the clock is moved.
    known: pd.Series = made["occurred_to"] - made["occurred_from"] < pd.Timedelta(
        hours=2 * PART_HOURS
    )
    return known


def spread(answer: Answer, *, tz: str, epsg: int) -> gpd.GeoDataFrame:
    """Spread the bands of an answer over their cells, days and day-parts.

    Parameters
    ----------
    answer
        Released bands.
    tz
        The zone of days and day-parts.
    epsg
        The metres of the cells.

    Returns
    -------
    geopandas.GeoDataFrame
        The incident contract.
    """
    shares = dict(tuple(answer.shares.groupby([*CELL, "begins"])))
    months = dict(tuple(answer.months.groupby(CELL)))
    calendar = _calendar(answer.period, tz)
    table: dict[str, list[object]] = {
        name: []
        for name in ("id", "x", "y", "day", "part", "category", "detection", "owners", "square")
    }
    columns = (answer.cells[name].tolist() for name in (*CELL, "begins", "ends", "about"))
    for owners, x0, y0, side_m, begins, ends, told in zip(*columns, strict=True):
        corner = (owners, x0, y0, side_m)
        number = max(1, round(told))
        mine = shares.get((*corner, begins))
        per_side = max(1, side_m // SQUARE_M)
        square = _order(number, 2) % per_side**2
        side = side_m / per_side
        table["x"] += list(x0 + (square % per_side + 0.5) * side)
        table["y"] += list(y0 + (square // per_side + 0.5) * side)
        table["category"] += _deal(number, _categories(mine, answer), "other", 3)
        table["detection"] += _deal(number, _of(mine, DETECTION), "unknown", 5)
        parts = _deal(number, _of(mine, DAYPART), _ANY, 7)
        inside = [n for n, month in enumerate(calendar) if begins <= month[0] < ends]
        known = months.get(corner)
        about = {} if known is None else dict(zip(known["month"], known["about"], strict=True))
        dealt = _deal(
            number, {n: about[calendar[n][0]] for n in inside if calendar[n][0] in about}, -1, 11
        )
        even = _order(number, 13) % len(inside)
        which = [inside[even[i]] if one < 0 else one for i, one in enumerate(dealt)]
        table["day"] += _days(which, parts, calendar)
        table["part"] += parts
        table["owners"] += [owners] * number
        table["square"] += [side] * number
        key = f"{owners}-{x0}-{y0}-{begins:%Y%m}-{ends:%Y%m}"
        table["id"] += [f"{key}-{n}" for n in range(number)]
    return _contract(pd.DataFrame(table), tz, epsg)


def _contract(table: pd.DataFrame, tz: str, epsg: int) -> gpd.GeoDataFrame:
    hour = table["part"].str[-2:].replace("", "06").astype(int)
    # The small hours belong to the evening before.
    days = table["day"] + pd.to_timedelta((hour == 0).astype(int), unit="D")
    begins = (days + pd.to_timedelta(hour, unit="h")).dt.tz_localize(
        tz, ambiguous=np.ones(len(table), dtype=bool), nonexistent="shift_forward"
    )
    length = np.where(table["part"] == _ANY, 4 * PART_HOURS, PART_HOURS)
    frame = gpd.GeoDataFrame(
        {
            "incident_id": table["id"],
            "occurred_from": begins,
            "occurred_to": begins + pd.to_timedelta(length, unit="h"),
            "category": table["category"],
            "detection": table["detection"],
            "owner": table["owners"].map(_OWNER),
            "source": table["owners"].map(_SOURCE),
            "precision_m": table["square"] / 2,
        },
        geometry=gpd.points_from_xy(table["x"], table["y"]),
        crs=parse_crs(epsg),
    )
    frame["registered_at"] = frame["occurred_to"]
    made: gpd.GeoDataFrame = complete_incidents(frame, tz=tz)
    return made


def _order(number: int, prime: int) -> Ints:
    """Return 0 to number - 1 in an order of its own for each prime, always the same."""
    return np.argsort((np.arange(number) + 1) * np.sqrt(prime) % 1.0, kind="stable")


def _deal(number: int, about: Mapping[_Value, float], rest: _Value, prime: int) -> list[_Value]:
    """Deal values to rows by their figures; what no figure speaks for gets the rest."""
    total = sum(about.values())
    scale = min(1.0, number / total) if total else 1.0
    exact = {value: one * scale for value, one in about.items()}
    whole = {value: int(one) for value, one in exact.items()}
    most = round(sum(exact.values()))
    # The largest remainders are rounded up.
    for value in sorted(exact, key=lambda one: whole[one] - exact[one])[
        : most - sum(whole.values())
    ]:
        whole[value] += 1
    dealt = [value for value, count in whole.items() for _ in range(count)]
    dealt += [rest] * (number - len(dealt))
    return [dealt[at] for at in _order(number, prime)]


def _of(mine: pd.DataFrame | None, margin: str) -> dict[str, float]:
    if mine is None:
        return {}
    rows = mine[mine["margin"] == margin]
    return dict(zip(rows["value"], rows["about"], strict=True))


def _categories(mine: pd.DataFrame | None, answer: Answer) -> dict[str, float]:
    if answer.term == GROUP:
        # A group is told as a whole: its first category stands for it.
        return {
            next(word for word in GROUPS[group] if word not in ONLY_IN_GROUP): about
            for group, about in _of(mine, GROUP).items()
        }
    return _of(mine, CATEGORY)


def _calendar(period: Period, tz: str) -> list[tuple[pd.Timestamp, dict[str, list[pd.Timestamp]]]]:
    """Return for each month its beginning (UTC) and its days by the part of the week."""
    first, last = (pd.Timestamp(moment).tz_localize(None) for moment in period.local(tz))
    months = []
    for month in pd.date_range(first, last, freq="MS", inclusive="left"):
        days = pd.date_range(month, month + pd.offsets.MonthEnd(0))
        of_week = {
            name: [day for day in days if day.day_of_week + 1 in held]
            for name, held in WEEK_PARTS.items()
        }
        begins = month.tz_localize(tz).tz_convert("UTC").as_unit("us")
        months.append((begins, {**of_week, _ANY: list(days)}))
    return months


def _days(
    which: list[int],
    parts: list[str],
    calendar: list[tuple[pd.Timestamp, dict[str, list[pd.Timestamp]]]],
) -> list[pd.Timestamp]:
    """Return a day for each row, spread over its month."""
    seen: dict[tuple[int, str], int] = {}
    days = []
    for month, part in zip(which, parts, strict=True):
        of_week = part.split(" ")[0]
        held = calendar[month][1][of_week]
        # What began before midnight on the last day would end in the next month.
        usable = (
            held
            if part == _ANY
            else [day for day in held if not (part[-2:] == "00" and day.is_month_end)]
        )
        turn = seen.get((month, part), 0)
        seen[month, part] = turn + 1
        days.append(usable[int((turn + 0.5) * np.sqrt(2) % 1.0 * len(usable))])
    return days

"""What a release counts: groups of owners, fixed months, one category hierarchy, day-parts, bands.

Nothing here depends on what anybody asks for: the margins are the same in every release.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS
from riskmiljo.settings import Settings
from riskmiljo.situation.withheld import PLACE_M, is_sensitive
from riskmiljo.wording import Text

# Group of owners -> side of its smallest cell, metres. What concerns minors or comes from social
# services is a group of its own, whoever registered it.
CELL_SIDE_M: Final[dict[str, int]] = {"police": 250, "municipality": 250, "sensitive": 500}
LARGEST_M: Final = 1_000
SENSITIVE: Final = "sensitive"

# The lower ends of the bands; the last has no upper end.
BANDS: Final = (5, 10, 20, 50, 100)

# The one hierarchy: all, five groups, categories. A sexual offence in a cell is too near a person:
# it is told within its group only.
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "drugs": ("narcotics", "alcohol"),
    "violence": ("violence", "threat", "robbery", "weapon", "sexual_offence"),
    "property": ("theft", "vandalism"),
    "order": ("public_order", "unsafety", "other"),
    "care": ("welfare_concern",),
}
GROUP_NAMES: Final[dict[str, Text]] = {
    "drugs": Text("droger och alkohol", "drugs and alcohol"),
    "violence": Text("våld och hot", "violence and threats"),
    "property": Text("stöld och skadegörelse", "theft and vandalism"),
    "order": Text("ordning och otrygghet", "disorder and unease"),
    "care": Text("oro för unga", "concern for the young"),
}
GROUP_OF: Final = {category: group for group, held in GROUPS.items() for category in held}
ONLY_IN_GROUP: Final = frozenset({"sexual_offence"})

ALL, GROUP, CATEGORY, DAYPART, DETECTION = "all", "group", "category", "daypart", "detection"
YEAR_MARGINS: Final = (ALL, GROUP, CATEGORY, DAYPART, DETECTION)
MONTH_MARGINS: Final = (ALL, GROUP)

# A day runs from 06 to 06, so that a night belongs to its evening. Friday and Saturday are apart.
PART_HOURS: Final = 6
PARTS: Final = ("06", "12", "18", "00")
WEEK_PARTS: Final[dict[str, tuple[int, ...]]] = {"sun-thu": (1, 2, 3, 4, 7), "fri-sat": (5, 6)}
DAYPARTS: Final = tuple(f"{days} {part}" for days in WEEK_PARTS for part in PARTS)
VALUES: Final[dict[str, tuple[str, ...]]] = {
    ALL: ("",),
    GROUP: tuple(GROUPS),
    CATEGORY: tuple(word for word in CATEGORIES if word not in ONLY_IN_GROUP),
    DAYPART: DAYPARTS,
    DETECTION: tuple(DETECTIONS),
}


def floor_of(owners: str, floors: Settings | Lens) -> int:
    """Return the least count that a group of owners may be told with.

    Parameters
    ----------
    owners
        A key of `CELL_SIDE_M`.
    floors
        Who sets the minimum counts.

    Returns
    -------
    int
        5, or 10 for what is sensitive, unless raised.
    """
    return floors.min_sensitive if owners == SENSITIVE else floors.min_incidents


def lows_of(owners: str, floors: Settings | Lens) -> tuple[int, ...]:
    """Return the lower ends of the bands of a group of owners.

    Parameters
    ----------
    owners
        A key of `CELL_SIDE_M`.
    floors
        Who sets the minimum counts.

    Returns
    -------
    tuple of int
        Whole bands from the minimum count on: a part of a band would tell more than a band.
    """
    least = floor_of(owners, floors)
    return tuple(low for low in BANDS if low >= least) or (max(least, BANDS[-1]),)


def upper_of(low: int) -> float:
    """Return the upper end of the band that begins at a number.

    Parameters
    ----------
    low
        One of `BANDS`, or an open band's own lower end.

    Returns
    -------
    float
        Included in the band; infinite for the last.
    """
    return next((float(other - 1) for other in BANDS if other > low), np.inf)


def owners_of(incidents: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Return the group of owners of each incident.

    Parameters
    ----------
    incidents
        The incident contract.

    Returns
    -------
    numpy.ndarray
        Keys of `CELL_SIDE_M`.
    """
    sensitive = is_sensitive(incidents).to_numpy()
    return np.where(sensitive, SENSITIVE, incidents["owner"].astype(object).to_numpy())


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months from one to another.

    Parameters
    ----------
    first, last
        First days of months; the last is included.

    Returns
    -------
    list of datetime.date
        Empty if the last comes before the first.
    """
    number = (last.year - first.year) * 12 + last.month - first.month
    return [later_month(first, n) for n in range(number + 1)]


def later_month(month: date, number: int) -> date:
    """Return the first day of a month some months later.

    Parameters
    ----------
    month
        A day of the month counted from.
    number
        How many months; negative for earlier.

    Returns
    -------
    datetime.date
        The first day.
    """
    months = month.year * 12 + month.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def span_of(first: date, months: int, tz: str) -> Period:
    """Return some whole months as a period.

    Parameters
    ----------
    first
        The first day of the first.
    months
        How many.
    tz
        The zone of local midnights.

    Returns
    -------
    Period
        In UTC.
    """
    return Period.between(first, later_month(first, months), tz=tz)


def labels(incidents: gpd.GeoDataFrame, *, tz: str) -> pd.DataFrame:
    """Return what each incident counts as.

    Parameters
    ----------
    incidents
        The incident contract, metres.
    tz
        The zone of months, days and day-parts.

    Returns
    -------
    pandas.DataFrame
        ``owners``, ``owner`` (who registered it), ``at`` (the middle of its interval, UTC),
        ``place``, ``day``, and a column for each margin.
    """
    half = (incidents["occurred_to"] - incidents["occurred_from"]) / 2
    middle = incidents["occurred_from"] + half
    local = middle.dt.tz_convert(tz).dt.tz_localize(None)
    shifted = local - pd.Timedelta(hours=PART_HOURS)
    place = np.floor(coordinates(incidents) / PLACE_M).astype(np.int64)
    part = np.asarray(PARTS)[shifted.dt.hour.to_numpy() // PART_HOURS]
    late = np.isin(shifted.dt.day_of_week.to_numpy() + 1, WEEK_PARTS["fri-sat"])
    category = incidents["category"].astype(str)
    return pd.DataFrame(
        {
            "owners": owners_of(incidents),
            "owner": incidents["owner"].astype(str).to_numpy(),
            "at": middle,
            "place": place[:, 0] * 10_000_000 + place[:, 1],
            "day": incidents["occurred_from"].dt.tz_convert(tz).dt.date.to_numpy(),
            ALL: "",
            GROUP: category.map(GROUP_OF).to_numpy(),
            CATEGORY: category.to_numpy(),
            DAYPART: [
                f"{'fri-sat' if weekend else 'sun-thu'} {hours}"
                for weekend, hours in zip(late, part, strict=True)
            ],
            DETECTION: incidents["detection"].astype(str).to_numpy(),
        }
    )


def count_margins(
    labelled: pd.DataFrame,
    cell: npt.NDArray[np.int64],
    span: npt.NDArray[np.int64],
    margins: Sequence[str],
) -> pd.DataFrame:
    """Count every margin of every period in every cell.

    Parameters
    ----------
    labelled
        As `labels` returns it, of one group of owners.
    cell
        Shape (n,), the number of each incident's cell.
    span
        Shape (n,), the number of the period that each incident lies in; -1 for none.
    margins
        Which margins.

    Returns
    -------
    pandas.DataFrame
        ``cell, span, margin, value, n, places, days``, those with any incident.
    """
    inside = span >= 0
    rows = labelled[inside].assign(cell=cell[inside], span=span[inside])
    tables = []
    for margin in margins:
        told = rows[rows[margin].isin(VALUES[margin])]
        keys = ["cell", "span", margin]
        table = told.groupby(keys).size().rename("n").to_frame()
        for name, column in (("places", "place"), ("days", "day")):
            table[name] = told[[*keys, column]].drop_duplicates().groupby(keys).size()
        tables.append(table.reset_index().rename(columns={margin: "value"}).assign(margin=margin))
    return pd.concat(tables, ignore_index=True)[
        ["cell", "span", "margin", "value", "n", "places", "days"]
    ]

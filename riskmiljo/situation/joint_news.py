"""What is new in the joint picture: zones whose latest released month stands out from those before.

Reckoned from released bands alone, so it tells nothing that the bands did not. A month is judged
against the months before it in the same released year, and in whole bands: "higher" is a higher
band than in any of them. Weeks, and how likely a week was, are seen by each authority in its own
data: single weeks of a zone are too few to be released.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.model.period import Period
from riskmiljo.situation.build import Situation
from riskmiljo.situation.joint_source import SQUARE_M
from riskmiljo.situation.joint_zones import SUM_BANDS, sum_band
from riskmiljo.situation.release_margins import ALL
from riskmiljo.situation.released import released_answer
from riskmiljo.store import Store
from riskmiljo.wording import Text

# Fewer months than these before the latest say little of what is usual.
FEWEST_MONTHS: Final = 5

_NONE: Final = Text("få eller inga", "few or none")
_RANGE: Final = Text("{a} till {b}", "{a} to {b}")


@dataclass(frozen=True, slots=True)
class MonthNews:
    """A zone whose latest month stands out.

    Attributes
    ----------
    zone_id, name
        Which zone.
    status
        ``higher`` or ``lower`` than in every month before.
    band
        The latest month's.
    before
        Those of the months before, from the lowest to the highest.
    """

    zone_id: str
    name: str
    status: Literal["higher", "lower"]
    band: Text
    before: Text


@dataclass(frozen=True, slots=True)
class JointNews:
    """What is new in the joint picture.

    Attributes
    ----------
    month
        The latest released month.
    months
        How many months it was held against.
    zones
        Those that stand out, the higher first.
    begins
        First local days of those months and of `month`, which comes last.
    by_zone
        Zone id to the low end of each of these months' bands; 0 where there are few or none.
    """

    month: Period
    months: int
    zones: tuple[MonthNews, ...]
    begins: tuple[date, ...]
    by_zone: dict[str, tuple[int, ...]]


def joint_news(store: Store, situation: Situation) -> JointNews | None:
    """Tell which zones of the joint picture stand out in the latest released month.

    Parameters
    ----------
    store
        Where releases are kept; no incident is read.
    situation
        A joint picture.

    Returns
    -------
    JointNews or None
        None where the question chooses among the incidents, or fewer than six months are
        released: then nothing can be judged.
    """
    asked = situation.question.within(situation.period)
    answer = released_answer(store, asked)
    begins = sorted(answer.months["month"].unique())
    if answer.term != ALL or len(begins) <= FEWEST_MONTHS or situation.zones.empty:
        return None
    months = _by_square(answer.months)
    at = gpd.GeoSeries.from_xy(months["x"], months["y"], crs=situation.zones.crs)
    told = []
    by_zone = {}
    for zone_id, name, shape in zip(
        situation.zones["zone_id"], situation.zones["name"], situation.zones.geometry, strict=True
    ):
        inside = months[at.within(shape).to_numpy()]
        sums = inside.groupby("month")["about"].sum().reindex(begins, fill_value=0.0)
        lows = [sum_band(float(one))[0] for one in sums]
        by_zone[str(zone_id)] = tuple(lows)
        *before, latest = lows
        status = _status(latest, before)
        if status is not None:
            ends = _RANGE.fill(a=month_band(min(before)), b=month_band(max(before)))
            within = month_band(before[0]) if min(before) == max(before) else ends
            told.append(MonthNews(str(zone_id), str(name), status, month_band(latest), within))
    told.sort(key=lambda one: one.status != "higher")
    month = _month_of(situation, begins[-1])
    days = tuple(pd.Timestamp(one).tz_convert(situation.tz).date() for one in begins)
    return JointNews(month, len(begins) - 1, tuple(told), days, by_zone)


def _by_square(cells: pd.DataFrame) -> pd.DataFrame:
    """Share cells larger than a square out over their squares, as the figures of zones do."""
    side = cells["side_m"].to_numpy(dtype=np.int64)
    across = np.maximum(1, side // SQUARE_M)
    row = np.repeat(np.arange(len(cells)), across**2)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(across**2) - across**2, across**2)
    parts = cells.iloc[row].reset_index(drop=True)
    across, step = across[row], (side / across)[row]
    return parts.assign(
        x=parts["x0"] + (nth % across + 0.5) * step,
        y=parts["y0"] + (nth // across + 0.5) * step,
        about=parts["about"] / across**2,
    )


def _status(latest: int, before: list[int]) -> Literal["higher", "lower"] | None:
    if latest > max(before):
        return "higher"
    return "lower" if latest < min(before) else None


def month_band(low: int) -> Text:
    """Return the band of a month in words.

    Parameters
    ----------
    low
        Its low end; 0 for few or none.

    Returns
    -------
    Text
        For example "20–49".
    """
    return _NONE if low < SUM_BANDS[0] else sum_band(float(low))[1]


def _month_of(situation: Situation, begins: pd.Timestamp | np.datetime64) -> Period:
    first = pd.Timestamp(begins).tz_convert(situation.tz).date().replace(day=1)
    after = (pd.Timestamp(first) + pd.DateOffset(months=1)).date()
    return Period.between(first, after, tz=situation.tz)

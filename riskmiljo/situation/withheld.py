"""Small counts taken out of the tables before anyone sees them."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import SENSITIVE_CATEGORIES, SENSITIVE_OWNERS, Lens
from riskmiljo.analysis.trend import verdict_text
from riskmiljo.geo.crs import coordinates
from riskmiljo.wording import Text

# More than half of the incidents from social services or about minors: the higher floor.
SENSITIVE_SHARE: Final = 0.5
# Places as minimum counts see them: coordinates within a square of this side are one.
PLACE_M: Final = 50.0

_SHARES: Final = Text(
    "{r}\u00a0% rapporterade, {d}\u00a0% upptäckta", "{r}% reported, {d}% discovered"
)
MOSTLY_REPORTED: Final = Text("mest rapporterade", "mostly reported")
MOSTLY_DISCOVERED: Final = Text("mest upptäckta", "mostly discovered")
MOSTLY_UNKNOWN: Final = Text("mest okänt", "mostly unknown")
MIXED: Final = Text("blandat", "mixed")

_FEWER: Final = Text("färre än {n}", "fewer than {n}")
_BELOW_ONE: Final = Text("under 1", "under 1")
_FIGURES: Final = ("this_period", "change", "lower", "upper", "p", "q")


def is_sensitive(incidents: gpd.GeoDataFrame) -> pd.Series:
    """Return which incidents come from social services or concern minors.

    Parameters
    ----------
    incidents
        The incident contract.

    Returns
    -------
    pandas.Series
        One boolean an incident.
    """
    flagged: pd.Series = (
        incidents["owner"].isin(SENSITIVE_OWNERS)
        | (incidents["age_band"] == "under_18")
        | incidents["category"].isin(SENSITIVE_CATEGORIES)
    )
    return flagged


def told_groups(
    incidents: gpd.GeoDataFrame, group: npt.ArrayLike, lens: Lens, *, tz: str
) -> pd.DataFrame:
    """Count incidents in groups, and ask the lens which of the counts may be shown.

    Parameters
    ----------
    incidents
        The incident contract, metres.
    group
        Shape (n,), the group of each incident: a cell's number, a zone's id; missing for none.
    lens
        Whose minimum counts hold.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        Index group, those with an incident only: ``events``, ``places`` (squares of 50 m),
        ``days`` and ``shown``.
    """
    rows = pd.DataFrame(
        {
            "group": np.asarray(group),
            "place": [f"{x:.0f} {y:.0f}" for x, y in np.floor(coordinates(incidents) / PLACE_M)],
            "day": incidents["occurred_from"].dt.tz_convert(tz).dt.date.to_numpy(),
            "sensitive": is_sensitive(incidents).to_numpy(),
        }
    )
    grouped = rows.groupby("group")
    told = pd.DataFrame(
        {
            "events": grouped.size(),
            "places": grouped["place"].nunique(),
            "days": grouped["day"].nunique(),
        }
    )
    told["shown"] = lens.shown(
        told["events"],
        told["places"],
        told["days"],
        sensitive=(grouped["sensitive"].mean() > SENSITIVE_SHARE).to_numpy(),
    )
    return told


def detection_text(events: int, reported: int, discovered: int, lens: Lens) -> Text:
    """Return how a zone's incidents became known, without showing a small count.

    Parameters
    ----------
    events, reported, discovered
        Plain counts; the rest is unknown.
    lens
        Whose minimum count holds for every part.

    Returns
    -------
    Text
        Shares where all three counts may be shown; else which is the larger, or that it is mixed.
        A part of zero and a small part look alike.
    """
    unknown = events - reported - discovered
    if min(reported, discovered) >= lens.fewest and (unknown == 0 or unknown >= lens.fewest):
        return _SHARES.fill(r=round(100 * reported / events), d=round(100 * discovered / events))
    for part, text in (
        (reported, MOSTLY_REPORTED),
        (discovered, MOSTLY_DISCOVERED),
        (unknown, MOSTLY_UNKNOWN),
    ):
        if part > events / 2:
            return text
    return MIXED


def without_small_parts(zones: gpd.GeoDataFrame, lens: Lens) -> gpd.GeoDataFrame:
    """Say how incidents became known in words, and take the small counts behind them out.

    Parameters
    ----------
    zones
        ZONE_COLUMNS, those that the lens shows.
    lens
        Whose minimum count holds.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy with ``detection_sv`` and ``detection_en``; ``reported`` and ``discovered`` are NaN
        wherever one of the parts, the unknown among them, is too small: the sum would give it away.
    """
    shown = zones.copy()
    parts = shown[["events", "reported", "discovered"]].itertuples(index=False, name=None)
    texts = [detection_text(int(n), int(r), int(d), lens) for n, r, d in parts]
    shown["detection_sv"] = [text.sv for text in texts]
    shown["detection_en"] = [text.en for text in texts]
    unknown = shown["events"] - shown["reported"] - shown["discovered"]
    smallest = shown[["reported", "discovered"]].min(axis=1)
    small = (smallest < lens.fewest) | ((unknown > 0) & (unknown < lens.fewest))
    for name in ("reported", "discovered"):
        shown[name] = shown[name].astype(float).mask(small)
    return shown


def without_small_counts(trend: pd.DataFrame, lens: Lens, *, days: int) -> pd.DataFrame:
    """Take counts below the minimum out of a trend table, and out of its verdicts.

    Parameters
    ----------
    trend
        As `riskmiljo.analysis.trend.zone_trend` returns it.
    lens
        Whose minimum count holds.
    days
        Length of the last part of the period.

    Returns
    -------
    pandas.DataFrame
        A copy. The verdict itself stays: that a zone is falling is no count.
    """
    shown = trend.copy()
    few = shown["this_period"] < lens.fewest
    few_before = shown["before"] < lens.fewest
    fewer = _FEWER.fill(n=lens.fewest)
    texts = [
        verdict_text(
            str(verdict),
            fewer if small else int(now),
            _BELOW_ONE if thin else float(expected),
            days,
        )
        for verdict, now, expected, small, thin in zip(
            trend["verdict"], trend["this_period"], trend["expected"], few, few_before, strict=True
        )
    ]
    shown["verdict_sv"] = [text.sv for text in texts]
    shown["verdict_en"] = [text.en for text in texts]
    shown["this_period"] = shown["this_period"].astype(float)
    shown["before"] = shown["before"].astype(float).mask(few_before)
    shown.loc[few, list(_FIGURES)] = np.nan
    shown.loc[few_before, ["expected", "change", "lower", "upper", "p", "q"]] = np.nan
    return shown

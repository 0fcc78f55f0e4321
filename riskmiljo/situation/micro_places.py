"""The micro-places within the zones, with the counts that would give a small remainder away."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.situation.withheld import told_groups
from riskmiljo.zones import assign_zones

# All that a count could be reckoned from: a density times its hectares and weeks is one.
_FIGURES: Final = (
    "events",
    "incidents",
    "places",
    "days",
    "per_ha_week",
    "per_ha_week_lower",
    "per_ha_week_upper",
    "share",
)
# Parts of a micro-place: the zone's own part less these could be small.
_PARTS: Final = ("reported", "discovered", "peak_share")
_REST: Final = ""


def told_micro_places(
    micro: gpd.GeoDataFrame, inside: gpd.GeoDataFrame, belongs: pd.Series, lens: Lens, *, tz: str
) -> gpd.GeoDataFrame:
    """Return the micro-places that the lens shows, with the counts that it shows.

    Parameters
    ----------
    micro
        The second level of `riskmiljo.zones.find_zones`.
    inside
        The incidents within the zones that are shown.
    belongs
        The zone of each of them, on the same index.
    lens
        Whose minimum counts hold.
    tz
        The zone of local days.

    Returns
    -------
    geopandas.GeoDataFrame
        Those of shown zones that may be shown themselves. Where what is left of a zone beside
        them may not be shown, the figures of its smallest are NaN, so that it cannot be reckoned.
    """
    known = micro[micro["parent_id"].isin(belongs.unique())].reset_index(drop=True)
    if known.empty:
        return known
    within = assign_zones(inside, known)
    shown: list[str] = []
    blank: list[str] = []
    for parent, rows in known.groupby("parent_id", sort=False):
        mine = (belongs == parent).to_numpy()
        incidents = inside[mine]
        place = within[mine].astype(object).fillna(_REST)
        told = told_groups(incidents, place, lens, tz=tz)
        told = told[told["shown"] & told.index.isin(rows["zone_id"])]
        shown += list(told.index)
        # The smallest last: it is the first to lose its figures.
        counted = list(told.sort_values("events", ascending=False, kind="stable").index)
        while counted and not _may_be_reckoned(incidents, place, counted, lens, tz):
            blank.append(counted.pop())
    seen = known[known["zone_id"].isin(shown)].reset_index(drop=True)
    hidden = seen["zone_id"].isin(blank)
    for name in (*_FIGURES, *_PARTS):
        if name in seen:
            mask = hidden if name in _FIGURES else np.ones(len(seen), dtype=bool)
            seen[name] = seen[name].astype(float).mask(mask)
    return seen


def _may_be_reckoned(
    incidents: gpd.GeoDataFrame, place: pd.Series, counted: list[str], lens: Lens, tz: str
) -> bool:
    """Tell whether the zone less its counted micro-places is nothing, or may be shown."""
    rest = incidents[~place.isin(counted).to_numpy()]
    if rest.empty:
        return True
    told = told_groups(rest, np.zeros(len(rest), dtype=int), lens, tz=tz)
    return bool(told["shown"].iloc[0])

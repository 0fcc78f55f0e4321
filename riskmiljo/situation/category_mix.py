"""What happens in a zone: its categories, as far as the minimum counts let them be told."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.withheld import told_groups

# The row of all categories that may not be told one by one.
REST: Final = ""
_FEWEST_TOGETHER: Final = 2


def category_mix(incidents: gpd.GeoDataFrame, lens: Lens, *, tz: str) -> pd.DataFrame:
    """Count the incidents of one zone by category.

    Parameters
    ----------
    incidents
        Those in the zone, whose number the lens shows.
    lens
        Whose minimum counts hold.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        ``category, events, share``, the commonest first. Categories that may not be shown stand
        together in a last row whose category is `REST`. One alone could be reckoned from the
        others, and so could a few whose sum is small: then the next smallest joins them.
    """
    told = told_groups(incidents, incidents["category"], lens, tz=tz)
    told = told.reset_index(names="category").sort_values(
        ["events", "category"], ascending=[False, True]
    )
    shown = told.loc[told["shown"], "category"].astype(str).tolist()
    hidden = set(told["category"].astype(str)) - set(shown)
    while hidden and shown and not _may_be_told(incidents, hidden, lens, tz):
        hidden.add(shown.pop())
    counts = told.set_index("category")["events"]
    rows = [(one, int(counts[one])) for one in shown]
    if hidden:
        rows.append((REST, int(counts[sorted(hidden)].sum())))
    table = pd.DataFrame(rows, columns=["category", "events"])
    table["share"] = table["events"] / max(len(incidents), 1)
    return table


def joint_mix(made: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sum the released bands of one zone by category.

    Parameters
    ----------
    made
        Released bands in the form of incidents; ``other`` is what no category's band tells of.

    Returns
    -------
    pandas.DataFrame
        As `category_mix`: ``events`` is the lower end of a band, and ``share`` is in twentieths.
    """
    counts = made["category"].astype(str).replace("other", REST).value_counts()
    counts = counts[counts > 0]
    rows = [(str(name), sum_band(float(n))[0], n) for name, n in counts.items() if name != REST]
    rows.sort(key=lambda row: (-row[2], row[0]))
    if REST in counts.index:
        rows.append((REST, sum_band(float(counts[REST]))[0], int(counts[REST])))
    table = pd.DataFrame(rows, columns=["category", "events", "about"])
    table["share"] = (20 * table["about"] / max(len(made), 1)).round() / 20
    return table[["category", "events", "share"]]


def _may_be_told(incidents: gpd.GeoDataFrame, hidden: set[str], lens: Lens, tz: str) -> bool:
    """Tell whether the sum of the hidden categories may be shown."""
    if len(hidden) < _FEWEST_TOGETHER:
        return False
    together = incidents[incidents["category"].isin(hidden).to_numpy()]
    told = told_groups(together, np.zeros(len(together), dtype=int), lens, tz=tz)
    return bool(told["shown"].iloc[0])

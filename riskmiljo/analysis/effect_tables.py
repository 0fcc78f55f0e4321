"""The tables of an evaluation: weekly counts, counts per group, the series to draw, the places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.effect_inference import Pair
from riskmiljo.analysis.effect_panel import Weeks
from riskmiljo.analysis.effect_places import Ground
from riskmiljo.analysis.places import Floats

Bools = npt.NDArray[np.bool_]

_BLOCK_WEEKS: Final = 4


@dataclass(frozen=True)
class WeeklyCounts:
    """Counts per place and week.

    Parameters
    ----------
    treated, ring, control
        The operation's places, the ring around them, and the comparison, shape (places, weeks).
    weeks
        The weeks.
    used
        Which weeks before the operation are compared with, shape (weeks before,).
    """

    treated: Floats
    ring: Floats
    control: Floats
    weeks: Weeks
    used: Bools

    def pairs(self, weekly: Floats) -> Floats:
        """Return counts before and during.

        Parameters
        ----------
        weekly
            Shape (places, weeks).

        Returns
        -------
        numpy.ndarray
            Shape (places, 2).
        """
        number = self.weeks.before
        before = weekly[:, :number] @ self.used.astype(float)
        return np.column_stack([before, weekly[:, number:].sum(axis=1)])

    @property
    def days(self) -> Pair:
        """Days before (of the weeks used) and during."""
        lengths, number = self.weeks.lengths, self.weeks.before
        return float(lengths[:number][self.used].sum()), float(lengths[number:].sum())


def counts_table(treated: Floats, ring: Floats, control: Floats, days: Pair) -> pd.DataFrame:
    """Return counts before and during, per group.

    Parameters
    ----------
    treated, ring, control
        Counts per place, shape (places, 2).
    days
        Days before and during.

    Returns
    -------
    pandas.DataFrame
        Index operation, ring, comparison.
    """
    rows = {"operation": treated, "ring": ring, "comparison": control}
    return pd.DataFrame(
        {
            "places": [len(pairs) for pairs in rows.values()],
            "before": [int(pairs[:, 0].sum()) for pairs in rows.values()],
            "during": [int(pairs[:, 1].sum()) for pairs in rows.values()],
            "before_per_week": [pairs[:, 0].sum() / days[0] * 7 for pairs in rows.values()],
            "during_per_week": [pairs[:, 1].sum() / days[1] * 7 for pairs in rows.values()],
        },
        index=pd.Index(list(rows), name="group"),
    )


def series_of(counts: WeeklyCounts, tz: str) -> pd.DataFrame:
    """Return blocks of four weeks, back and forth from the start of the operation.

    Parameters
    ----------
    counts
        Per place and week.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        ``begins`` (local), counts per group, ``weeks``, ``expected`` in the places after the
        comparison, and ``during``.
    """
    weeks, number = counts.weeks, counts.weeks.before
    offset = np.arange(len(weeks.edges) - 1) - number
    block = offset // _BLOCK_WEEKS
    groups = {"operation": counts.treated, "ring": counts.ring, "comparison": counts.control}
    table = pd.DataFrame({name: weekly.sum(axis=0) for name, weekly in groups.items()})
    # A week in which the clock is changed is a week all the same.
    table["weeks"] = weeks.lengths.round(1) / 7
    summed = table.groupby(block).sum()
    first = pd.Series(weeks.edges[:-1]).groupby(block).min().dt.tz_localize("UTC")
    summed.insert(0, "begins", first.dt.tz_convert(tz).dt.tz_localize(None).to_numpy())
    before = table.iloc[:number].sum()
    scale = before["operation"] / max(before["comparison"], 1.0)
    summed["expected"] = summed["comparison"] * scale
    summed["during"] = summed.index >= 0
    return summed.reset_index(drop=True)


def places_table(
    ground: Ground, crs: Any, treated: Floats, ring: Floats, control: Floats
) -> gpd.GeoDataFrame:
    """Return the polygons of an evaluation with their role and counts.

    Parameters
    ----------
    ground
        The places.
    crs
        Theirs.
    treated, ring, control
        Counts per place, shape (places, 2).

    Returns
    -------
    geopandas.GeoDataFrame
        Operation, ring, comparison.
    """
    shapes = [*ground.treated, ground.buffer, *ground.comparison]
    pairs = np.vstack([treated, ring, control])
    roles = ["operation"] * len(treated) + ["ring"] + ["comparison"] * len(control)
    data = {
        "role": roles,
        "before": pairs[:, 0].astype(np.int64),
        "during": pairs[:, 1].astype(np.int64),
    }
    table = gpd.GeoDataFrame(data, geometry=shapes, crs=crs)
    return table[~table.geometry.is_empty].reset_index(drop=True)

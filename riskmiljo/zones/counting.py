"""What each zone holds: incidents, places, days, and how dense that is."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.analysis.places import Floats, Ints
from riskmiljo.model.period import Period

# Coordinates this close are one place.
_PLACE_M: Final = 50.0
_M2_A_HECTARE: Final = 10_000.0


def count_zones(
    zone: Ints,
    area_m2: Floats,
    incidents: gpd.GeoDataFrame,
    xy: Floats,
    weights: Floats,
    *,
    period: Period,
    tz: str,
) -> pd.DataFrame:
    """Count what lies in each zone.

    Parameters
    ----------
    zone
        Shape (n,), the zone of each incident, -1 for none.
    area_m2
        Shape (k,), the areas of the zones, square metres.
    incidents
        With ``occurred_from`` in UTC and, where known, ``detection``.
    xy, weights
        Shape (n, 2) and (n,), of the same incidents.
    period
        What rates refer to.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        One row a zone: incidents, events, places, days, area_ha, per_ha_week, share, reported,
        discovered.
    """
    count = len(area_m2)
    inside = zone >= 0
    at = zone[inside]
    square = np.floor(xy[inside] / _PLACE_M).astype(np.int64)
    _, place = np.unique(square, axis=0, return_inverse=True)
    local = incidents["occurred_from"][inside].dt.tz_convert(tz).dt.tz_localize(None)
    day = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    weighted = np.bincount(at, weights[inside], count)
    area_ha = area_m2 / _M2_A_HECTARE
    return pd.DataFrame(
        {
            "incidents": weighted,
            "events": np.bincount(at, minlength=count),
            "places": _different(at, place.reshape(-1), count),
            "days": _different(at, day - day.min(initial=day.max(initial=0)), count),
            "area_ha": area_ha,
            "per_ha_week": weighted / area_ha / period.weeks,
            "share": weighted / weights.sum(),
            "reported": _detected("reported", incidents, inside, at, count),
            "discovered": _detected("discovered", incidents, inside, at, count),
        }
    )


def _different(at: Ints, what: Ints, count: int) -> Ints:
    span = int(what.max(initial=0)) + 1
    return np.bincount(np.unique(at * span + what) // span, minlength=count)


def _detected(
    word: str, incidents: gpd.GeoDataFrame, inside: np.ndarray, at: Ints, count: int
) -> Ints:
    if "detection" not in incidents:
        return np.zeros(count, dtype=np.int64)
    hit = (incidents["detection"] == word).to_numpy()[inside]
    return np.bincount(at[hit], minlength=count)

"""What each zone holds: incidents, places, days, and how dense that is."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import special

from riskmiljo.analysis.peaks import peak_hours, smoothed_rhythm
from riskmiljo.analysis.places import Floats, Ints, unique_places
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.model.period import Period

# Coordinates this close are one place.
PLACE_M: Final = 50.0
_M2_A_HECTARE: Final = 10_000.0
_TAIL: Final = 0.025


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
        One row a zone: incidents, events, places, days, area_ha, per_ha_week with its interval,
        share, reported, discovered, and the hours of the week in which most happens.
    """
    count = len(area_m2)
    inside = zone >= 0
    at = zone[inside]
    place = unique_places(np.floor(xy[inside] / PLACE_M), weights[inside]).inverse
    day = local_days(incidents[inside], tz)
    weighted = np.bincount(at, weights[inside], count)
    area_ha = area_m2 / _M2_A_HECTARE
    per_ha_week = 1 / area_ha / period.weeks
    lower, upper = rate_interval(at, weights[inside], count)
    table = pd.DataFrame(
        {
            "incidents": weighted,
            "events": np.bincount(at, minlength=count),
            "places": _different(at, place, count),
            "days": _different(at, day - day.min(initial=day.max(initial=0)), count),
            "area_ha": area_ha,
            "per_ha_week": weighted * per_ha_week,
            "per_ha_week_lower": lower * per_ha_week,
            "per_ha_week_upper": upper * per_ha_week,
            "share": weighted / weights.sum(),
            "reported": _detected("reported", incidents, inside, at, count),
            "discovered": _detected("discovered", incidents, inside, at, count),
        }
    )
    return table.join(_peaks(incidents[inside], at, count, tz))


def local_days(incidents: gpd.GeoDataFrame, tz: str) -> Ints:
    """Return the local day on which each incident began.

    Parameters
    ----------
    incidents
        With ``occurred_from`` in UTC.
    tz
        The zone of local days.

    Returns
    -------
    numpy.ndarray
        Shape (n,), days since 1970.
    """
    local = incidents["occurred_from"].dt.tz_convert(tz).dt.tz_localize(None)
    return np.asarray(local.to_numpy().astype("datetime64[D]").astype(np.int64))


def rate_interval(at: Ints, weights: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the 95 % interval of the expected weighted count of each zone.

    Parameters
    ----------
    at
        Shape (m,), the zone of each incident that lies in one.
    weights
        Shape (m,).
    count
        How many zones there are.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper ends, shape (count,).

    References
    ----------
    Fay, M. P. and Feuer, E. J. (1997). Confidence intervals for directly standardized rates: a
    method based on the gamma distribution. Where all weights are one it is Garwood's (1936) exact
    interval of a Poisson count.
    """
    total = np.bincount(at, weights, count).astype(float)
    variance = np.bincount(at, weights**2, count).astype(float)
    # One more incident, as heavy as the zone's heaviest; where there is none, an ordinary one.
    heaviest = np.zeros(count)
    np.maximum.at(heaviest, at, weights)
    heaviest[heaviest == 0] = 1.0
    some = variance > 0
    scale = np.divide(variance, total, out=np.ones(count), where=some)
    shape = np.divide(total, scale, out=np.ones(count), where=some)
    lower = np.where(some, scale * special.gammaincinv(shape, _TAIL), 0.0)
    scale = (variance + heaviest**2) / (total + heaviest)
    upper = scale * special.gammaincinv((total + heaviest) / scale, 1 - _TAIL)
    return np.asarray(lower), np.asarray(upper)


def _peaks(inside: gpd.GeoDataFrame, at: Ints, count: int, tz: str) -> pd.DataFrame:
    """Return the peak of each zone's rhythm, shrunk towards that of all zones."""
    hours = np.zeros((count, 4), dtype=np.int64)
    share = np.full(count, np.nan)
    profile = rhythm(inside, by=pd.Series(at, index=inside.index, name="zone"), tz=tz)
    profile = profile[profile.sum(axis=1) > 0]
    smoothed = smoothed_rhythm(profile).to_numpy()
    for zone, counts, shares in zip(profile.index, profile.to_numpy(), smoothed, strict=True):
        peak = peak_hours(shares)
        if not peak.even:
            hours[zone] = peak.weekdays[0], peak.weekdays[-1], peak.start_h, peak.end_h
            length = (peak.end_h - peak.start_h) % 24
            begins = (np.array(peak.weekdays) - 1) * 24 + peak.start_h
            within = (begins[:, None] + np.arange(length)) % len(counts)
            share[zone] = counts[within.ravel()].sum() / counts.sum()
    names = ["peak_first_day", "peak_last_day", "peak_start_h", "peak_end_h"]
    return pd.DataFrame(hours, columns=names).assign(peak_share=share)


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

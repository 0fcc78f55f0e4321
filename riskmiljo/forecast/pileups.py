"""Pile-ups: one place with so many incidents that it must be a desk, not a street corner."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.places import incident_points, unique_places
from riskmiljo.geo.crs import parse_crs, points_frame
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]

# A police headquarters, a hospital or a town's centroid holds several per cent of a city.
_LEAST_SHARE: Final = 0.02
_LEAST_COUNT: Final = 20
# And stands far above the city's other busy places, of which this many are looked at.
_TIMES_OTHERS: Final = 4.0
_OTHERS: Final = 20


def find_pileups(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Find places with an outlying share of all incidents.

    Parameters
    ----------
    incidents
        Points in a metric CRS; those within the same metre are at one place.

    Returns
    -------
    geopandas.GeoDataFrame
        ``incidents``, ``share`` (of all) and ``times_others`` (against the median of the twenty
        next busy places), heaviest first; empty where no place holds 2 % of the incidents, at
        least 20, and four times as many as the others.
    """
    xy, _ = incident_points(incidents)
    crs = parse_crs(incidents.crs)
    places = unique_places(np.round(xy), np.ones(len(xy)))
    order = np.argsort(-places.weights, kind="stable")
    counts, where = places.weights[order], places.xy[order]
    total = max(len(xy), 1)
    # Several pile-ups must not hide each other: each is held against those that are none.
    able = (counts >= _LEAST_SHARE * total) & (counts >= _LEAST_COUNT)
    usual = 1.0
    found = 0
    for n in range(int(able.sum()), 0, -1):
        others = counts[n : n + _OTHERS]
        usual = float(np.median(others)) if len(others) else 0.0
        if usual > 0 and counts[n - 1] >= _TIMES_OTHERS * usual:
            found = n
            break
    data = {
        "incidents": counts[:found].astype(np.int64),
        "share": counts[:found] / total,
        "times_others": counts[:found] / usual,
    }
    return points_frame(data, where[:found, 0], where[:found, 1], crs)


def at_pileups(incidents: gpd.GeoDataFrame, pileups: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell which incidents lie at a pile-up.

    Parameters
    ----------
    incidents
        Points in a metric CRS.
    pileups
        As `find_pileups` gives them.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    xy, _ = incident_points(incidents)
    there, _ = incident_points(pileups)
    own = np.ascontiguousarray(np.round(xy)).view(np.complex128).ravel()
    piled = np.ascontiguousarray(there).view(np.complex128).ravel()
    return np.asarray(np.isin(own, piled), dtype=bool)


def pileup_note(pileups: gpd.GeoDataFrame, *, apart: bool) -> Text:
    """Say what was found, for the notes of a back-test or a forecast.

    Parameters
    ----------
    pileups
        As `find_pileups` gives them, not empty.
    apart
        Whether they were left out.

    Returns
    -------
    Text
        One sentence.
    """
    done = (
        Text("De är borttagna ur måtten.", "They are left out of the scores.")
        if apart
        else Text(
            "De är med i måtten och kan göra dem för goda.",
            "They are part of the scores and may flatter them.",
        )
    )
    return Text(
        "{n} plats(er) har en orimligt stor andel av händelserna, den största {s} %: troligen en "
        "receptionsdisk, ett sjukhus eller en ortspunkt. {done}",
        "{n} place(s) hold an outlying share of the incidents, the largest {s} %: probably a "
        "front desk, a hospital or a town's centroid. {done}",
    ).fill(n=len(pileups), s=decimal_text(100 * pileups["share"].iloc[0], 1), done=done)

"""Hot and cold street segments: Gi* with neighbours along the streets."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from riskmiljo.analysis.false_discovery import adjusted_p, checked_rate
from riskmiljo.analysis.hot_spots import checked_radius
from riskmiljo.analysis.local_statistics import centred, gi_scores
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import (
    PeriodLike,
    incident_points,
    observed_period,
    within_period,
)
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ
from riskmiljo.patrol.street_density import on_streets
from riskmiljo.patrol.streets import Streets
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TOLERANCE: Final = 1e-9
# Distances to all corners and middles are held for this many segments at a time.
_SOURCES_AT_ONCE: Final = 256
# scipy reads a stored zero as "no street" in places.
_SHORTEST_M: Final = 1e-6


def street_hot_spots(
    incidents: gpd.GeoDataFrame,
    *,
    streets: Streets,
    reach_m: float = 200,
    per_km: bool = False,
    fdr: float = 0.05,
    snap_m: float = 100,
    period: PeriodLike | None = None,
    tz: str = TZ,
) -> gpd.GeoDataFrame:
    """Find street segments around which more, or fewer, incidents lie than chance would put there.

    Parameters
    ----------
    incidents
        Points in the streets' CRS; the column ``weight``, where there is one, weighs them.
    streets
        The network; a segment is one row of its ``edges``, from corner to corner.
    reach_m
        Segments whose middle lies within this distance along the streets are neighbours, metres.
    per_km
        Whether the statistic is of incidents per kilometre, instead of incidents per segment.
    fdr
        Share of false alarms among the significant segments that is accepted.
    snap_m
        Incidents farther from any street than this are left out, metres; ``attrs["left_out"]``
        says how many.
    period
        A `Period` or a pair of local dates, the end not included: only incidents that began
        within it count. None: all.
    tz
        The zone of local dates.

    Returns
    -------
    geopandas.GeoDataFrame
        For each segment, in the order of ``streets.edges``: ``edge``, ``name``, ``kind``,
        ``length_m``, ``count``, ``gi_z``, two-sided ``p``, ``q``, ``significant``, ``state`` (hot,
        cold or none) and the line.

    Raises
    ------
    NothingFoundError
        If there are no incidents, or none within ``snap_m`` of a street.
    InvalidInputError
        If the reach, the rate, a weight or a coordinate cannot be used.
    CRSError
        If the incidents are not in the streets' CRS.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application.
    Yamada, I. and Thill, J.-C. (2007). Local indicators of network-constrained clusters in spatial
    point patterns. Geographical Analysis 39, 268-292.
    """
    checked_rate(fdr)
    checked_radius(reach_m)
    xy, weights = incident_points(incidents)
    inside = np.ones(len(xy), dtype=bool)
    if period is not None:
        incidents = with_moments(incidents, tz)
        inside = within_period(incidents, observed_period(incidents, period, tz=tz))
    street, _, near = on_streets(xy[inside], incidents, streets, snap_m)
    edges = streets.edges
    length = edges["length_m"].to_numpy(dtype=float)
    values = np.bincount(street, weights[inside][near], minlength=len(edges)).astype(float)
    if per_km:
        values *= 1000 / length
    z, p = segment_gi_star(values, segment_neighbours(streets, reach_m))
    q = adjusted_p(p)
    significant = np.nan_to_num(q, nan=1.0) <= fdr
    frame = edges[["name", "kind", "length_m", "geometry"]].copy()
    columns: dict[str, object] = {
        "count": np.bincount(street, minlength=len(edges)),
        "gi_z": z,
        "p": p,
        "q": q,
        "significant": significant,
        "state": np.select([significant & (z > 0), significant], ["hot", "cold"], "none"),
    }
    frame.insert(0, "edge", np.arange(len(frame)))
    for place, (name, column) in enumerate(columns.items()):
        frame.insert(4 + place, name, column)
    frame.attrs.update(left_out=int((~near).sum()), reach_m=float(reach_m))
    return frame


def segment_neighbours(streets: Streets, reach_m: float) -> csr_matrix:
    """Return which segments are near each other along the streets.

    Parameters
    ----------
    streets
        The network, walked in both directions.
    reach_m
        From middle to middle, metres.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (e, e), 1 for neighbours; every segment is its own.
    """
    ends = streets.edges[["from", "to"]].to_numpy(dtype=np.int64)
    half = np.maximum(streets.edges["length_m"].to_numpy(dtype=float) / 2, _SHORTEST_M)
    nodes, count = len(streets.nodes), len(half)
    middle = nodes + np.arange(count)
    # Both halves of a street that comes back to its corner are one way to its middle.
    second = ends[:, 0] != ends[:, 1]
    begin = np.concatenate([ends[:, 0], ends[second, 1]])
    end = np.concatenate([middle, middle[second]])
    size = nodes + count
    graph = csr_matrix((np.concatenate([half, half[second]]), (begin, end)), shape=(size, size))
    rows, columns = [], []
    limit = reach_m * (1 + _TOLERANCE)
    for start in range(0, count, _SOURCES_AT_ONCE):
        some = middle[start : start + _SOURCES_AT_ONCE]
        far = dijkstra(graph, directed=False, indices=some, limit=limit)[:, nodes:]
        row, column = np.nonzero(np.isfinite(far))
        rows.append(row + start)
        columns.append(column)
    at = np.concatenate(rows), np.concatenate(columns)
    return csr_matrix((np.ones(len(at[0])), at), shape=(count, count))


def segment_gi_star(values: npt.ArrayLike, neighbours: csr_matrix) -> tuple[Floats, Floats]:
    """Compute Getis-Ord Gi* with given neighbours.

    Parameters
    ----------
    values
        Shape (n,), finite.
    neighbours
        Shape (n, n), 1 for neighbours, each place its own; as `segment_neighbours` gives it.

    Returns
    -------
    tuple of numpy.ndarray
        z and two-sided p, shape (n,); NaN where all values are equal, or all are neighbours.

    Raises
    ------
    InvalidInputError
        If the shapes do not fit or a value is not finite.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or neighbours.shape != (len(array),) * 2 or not np.isfinite(array).all():
        raise InvalidInputError(
            Text(
                "Gi* behöver ett ändligt tal per gatusträcka och en tabell över grannar.",
                "Gi* needs one finite number for each street segment and a table of neighbours.",
            )
        )
    inside = np.ones(len(array), dtype=bool)
    moved, rest, deviation = centred(array, inside)
    number = np.asarray(neighbours.sum(axis=1)).ravel()
    return gi_scores(neighbours @ moved - number * rest, number, deviation, len(array), inside)

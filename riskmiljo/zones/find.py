"""Incidents in, named risk zones out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.analysis.places import (
    Floats,
    Ints,
    PeriodLike,
    incident_points,
    nothing_to_analyse,
    observed_period,
    unique_places,
    within_period,
)
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.period import TZ
from riskmiljo.model.tables import PLACE_COLUMNS, ZONE_COLUMNS, check_columns
from riskmiljo.wording import Text
from riskmiljo.zones.cluster import checked_parameters, cluster_places
from riskmiljo.zones.clustered import clustered_reliefs
from riskmiljo.zones.counting import count_zones
from riskmiljo.zones.identity import identify
from riskmiljo.zones.membership import in_crs_of, zone_of_points
from riskmiljo.zones.outline import outlines, top_points
from riskmiljo.zones.relief import (
    CELLS_A_BANDWIDTH,
    DEFAULT_BANDWIDTH_M,
    Relief,
    effective_weights,
    find_reliefs,
)
from riskmiljo.zones.stability import stability
from riskmiljo.zones.standing_out import standing_tops, threshold

METHODS: Final = ("auto", "density", "dbscan", "hdbscan")
_BY_DENSITY: Final = ("auto", "density")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Outlined zones, before they are counted."""

    shapes: list[shapely.Polygon]
    tops: Floats

    def only(self, kept: Ints) -> _Drawn:
        return _Drawn([self.shapes[number] for number in kept.tolist()], self.tops[kept])


def find_zones(
    incidents: gpd.GeoDataFrame,
    *,
    method: str = "auto",
    places: gpd.GeoDataFrame | None = None,
    previous: gpd.GeoDataFrame | None = None,
    rng: int | np.random.Generator = 0,
    period: PeriodLike | None = None,
    bandwidth_m: float = DEFAULT_BANDWIDTH_M,
    min_incidents: int = 20,
    min_places: int = 3,
    min_days: int = 3,
    bootstraps: int = 0,
    tz: str = TZ,
    **parameters: float,
) -> gpd.GeoDataFrame:
    """Find the areas whose incident density stands out, and name them.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC; ``weight`` and ``detection`` where
        known.
    method
        ``"auto"`` and ``"density"``: tops of the density surface, merged by persistence, that rise
        above their surroundings more than the roughness of the surface explains. ``"dbscan"`` and
        ``"hdbscan"``: clusters of weighted unique places, outlined on the same surface.
    places
        The gazetteer (PLACE_COLUMNS); None numbers the zones.
    previous
        Zones of an earlier period: ids, names and first days carry over to the zones that share
        most of their incidents.
    rng
        Seed or generator; only the bootstraps draw from it.
    period
        A `Period` or a pair of local dates, the end not included: only incidents that began within
        it count. None: whole local days from the first incident's to the last's.
    bandwidth_m
        Of the quartic kernel, metres. Zones closer than about twice this merge.
    min_incidents, min_places, min_days
        What a zone must hold: incidents, places (50 m squares) and local days.
    bootstraps
        How often to repeat the search on resampled incidents, for ``stability``; ``"auto"`` and
        ``"density"`` only.
    tz
        The zone of local days.
    **parameters
        Those of `cluster` for ``"dbscan"`` and ``"hdbscan"``.

    Returns
    -------
    geopandas.GeoDataFrame
        ZONE_COLUMNS, the zone with the most incidents first, in the CRS of the incidents.
        ``attrs["parameters"]`` holds what is needed to run it again, ``attrs["ceased"]`` the zones
        of ``previous`` that are no more. Both can be written as JSON.

    Raises
    ------
    NothingFoundError
        If there are no incidents, or no area stands out.
    InvalidInputError
        If an argument, a coordinate or a weight cannot be used.
    CRSError
        If the incidents are not in metres, or another frame has no CRS.

    Notes
    -----
    The same area has the same id in every run as long as its top stays within a square of 100 m,
    and with ``previous`` for as long as it shares its incidents.

    References
    ----------
    Chazal, F., Guibas, L. J., Oudot, S. Y. and Skraba, P. (2013). Persistence-based clustering in
    Riemannian manifolds.
    Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null hypothesis.
    """
    _check_arguments(method, bandwidth_m, bootstraps)
    xy, weights = incident_points(incidents)
    span = observed_period(incidents, period, tz=tz)
    if period is not None:
        inside = within_period(incidents, span)
        incidents, xy, weights = incidents[inside], xy[inside], weights[inside]
    if len(xy) == 0 or weights.sum() == 0:
        raise nothing_to_analyse()
    effective = effective_weights(weights)
    unique = unique_places(xy, effective)
    by_density = method in _BY_DENSITY
    if by_density:
        checked_parameters(parameters, {})
        reliefs = find_reliefs(unique, bandwidth_m=bandwidth_m)
        limit = threshold(reliefs)
        chosen = [standing_tops(part, limit) for part in reliefs]
        threshold_z: float | None = limit
    else:
        counted = unique_places(xy, weights)
        labels = cluster_places(counted, method, parameters)
        reliefs = clustered_reliefs(counted, labels, bandwidth_m)
        threshold_z = None
        chosen = [list(range(len(part.basins.tops))) for part in reliefs]
    drawn = _draw(reliefs, chosen)
    zone = zone_of_points(unique.xy, drawn.shapes)
    table = count_zones(
        zone[unique.inverse],
        shapely.area(drawn.shapes),
        incidents,
        xy,
        weights,
        period=span,
        tz=tz,
    )
    enough = (
        (table["events"] >= min_incidents)
        & (table["places"] >= min_places)
        & (table["days"] >= min_days)
    ).to_numpy()
    if not enough.any():
        raise _nothing_stands_out(len(xy), min_incidents, min_places, min_days)
    order = np.argsort(-table["incidents"].to_numpy(), kind="stable")
    order = order[enough[order]]
    table, drawn = table.iloc[order].reset_index(drop=True), drawn.only(order)
    renumbered = np.full(len(enough) + 1, -1, dtype=np.int64)
    renumbered[order] = np.arange(len(order))
    table["stability"] = stability(
        renumbered[zone],
        len(order),
        unique,
        effective,
        bandwidth_m=bandwidth_m,
        bootstraps=bootstraps if by_density else 0,
        rng=np.random.default_rng(rng),
    )
    identity = identify(
        drawn.shapes,
        drawn.tops,
        unique,
        first_day=span.start,
        places=_gazetteer(incidents, places),
        previous=_former(incidents, previous),
    )
    table = table.assign(**identity.columns, parent_id="")
    zones = gpd.GeoDataFrame(table, geometry=drawn.shapes, crs=incidents.crs)[list(ZONE_COLUMNS)]
    zones.attrs["ceased"] = identity.ceased
    zones.attrs["parameters"] = {
        "method": "density" if by_density else method,
        "bandwidth_m": bandwidth_m,
        "cell_m": bandwidth_m / CELLS_A_BANDWIDTH,
        "kernel": "quartic",
        "threshold_z": threshold_z,
        "min_incidents": min_incidents,
        "min_places": min_places,
        "min_days": min_days,
        "bootstraps": bootstraps,
        "seed": rng if isinstance(rng, int) else None,
        "period": [span.start.isoformat(), span.end.isoformat()],
        "tz": tz,
        "crs": parse_crs(incidents.crs).to_string(),
        "incidents": len(xy),
        **parameters,
    }
    return zones


def _check_arguments(method: str, bandwidth_m: float, bootstraps: int) -> None:
    if method not in METHODS:
        raise InvalidInputError(
            Text(
                "Metoden {m!r} finns inte. Välj en av {all}.",
                "There is no method {m!r}. Choose one of {all}.",
            ).fill(m=method, all=", ".join(METHODS))
        )
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise InvalidInputError(
            Text(
                "Bandbredden måste vara större än 0 meter, inte {v}.",
                "The bandwidth must be more than 0 metres, not {v}.",
            ).fill(v=bandwidth_m)
        )
    if bootstraps < 0:
        raise InvalidInputError(
            Text(
                "Antalet omdragningar kan inte vara {v}. Ge 0 eller fler.",
                "The number of bootstraps cannot be {v}. Give 0 or more.",
            ).fill(v=bootstraps)
        )


def _draw(reliefs: list[Relief], chosen: list[list[int]]) -> _Drawn:
    shapes: list[shapely.Polygon] = []
    points: list[shapely.Point] = []
    for part, tops in zip(reliefs, chosen, strict=True):
        for shape, point in zip(outlines(part, tops), top_points(part, tops), strict=True):
            if shape is not None:
                shapes.append(shape)
                points.append(point)
    return _Drawn(shapes, shapely.get_coordinates(points).reshape(-1, 2))


def _gazetteer(
    incidents: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    if places is None:
        return None
    what = Text("Ortregistret", "The gazetteer")
    check_columns(places, PLACE_COLUMNS, what)
    return in_crs_of(incidents, places, what)


def _former(
    incidents: gpd.GeoDataFrame, previous: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    if previous is None or len(previous) == 0:
        return None
    what = Text("De tidigare zonerna", "The former zones")
    check_columns(previous, ZONE_COLUMNS, what)
    return in_crs_of(incidents, previous, what)


def _nothing_stands_out(
    incidents: int, min_incidents: int, min_places: int, min_days: int
) -> NothingFoundError:
    return NothingFoundError(
        Text(
            "Ingen plats sticker ut bland {n} händelser: en zon behöver minst {i} händelser på {p} "
            "platser under {d} dagar, tätare än omgivningen. Välj en längre period.",
            "No place stands out among {n} incidents: a zone needs at least {i} incidents at {p} "
            "places on {d} days, denser than its surroundings. Choose a longer period.",
        ).fill(n=incidents, i=min_incidents, p=min_places, d=min_days)
    )

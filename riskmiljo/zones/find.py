"""Incidents in, named risk zones out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import is_one_of, is_real, random_of, require_whole, shown
from riskmiljo.analysis.places import (
    Floats,
    Ints,
    PeriodLike,
    Places,
    incident_points,
    incident_times,
    nothing_to_analyse,
    observed_period,
    unique_places,
    within_period,
)
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.period import TZ, Period
from riskmiljo.model.tables import PLACE_COLUMNS, ZONE_COLUMNS, ZONE_DETAIL_COLUMNS, check_columns
from riskmiljo.wording import Text
from riskmiljo.zones.counting import count_zones, local_days
from riskmiljo.zones.drawn import checked_drawn, give_way
from riskmiljo.zones.identity import identify
from riskmiljo.zones.membership import in_crs_of, zone_of_points
from riskmiljo.zones.micro import MICRO_BANDWIDTH_M, micro_places
from riskmiljo.zones.relief import CELLS_A_BANDWIDTH, effective_weights
from riskmiljo.zones.search import BY_DENSITY, METHODS, Outlined, search
from riskmiljo.zones.stability import stability

_LEVELS: Final = (1, 2)
_COLUMNS: Final = [*(c for c in ZONE_COLUMNS if c != "geometry"), *ZONE_DETAIL_COLUMNS, "geometry"]


@dataclass(frozen=True, slots=True)
class _Counts:
    """The incidents as arrays, and what a zone must hold of them."""

    incidents: gpd.GeoDataFrame
    xy: Floats
    weights: Floats
    unique: Places
    period: Period
    tz: str
    minima: dict[str, int]

    def of(self, shapes: list[shapely.Polygon]) -> tuple[pd.DataFrame, Ints]:
        """Return what each shape holds, and the shape of each unique place."""
        zone = zone_of_points(self.unique.xy, shapes)
        table = count_zones(
            zone[self.unique.inverse],
            shapely.area(shapes),
            self.incidents,
            self.xy,
            self.weights,
            period=self.period,
            tz=self.tz,
        )
        return table, zone

    def enough(self, table: pd.DataFrame, *columns: str) -> npt.NDArray[np.bool_]:
        """Tell which rows hold enough of each column to be a zone."""
        held = [(table[column] >= self.minima[column]).to_numpy() for column in columns]
        return np.asarray(np.all(held, axis=0), dtype=bool)


def find_zones(
    incidents: gpd.GeoDataFrame,
    *,
    method: str = "auto",
    places: gpd.GeoDataFrame | None = None,
    previous: gpd.GeoDataFrame | None = None,
    rng: int | np.random.Generator = 0,
    period: PeriodLike | None = None,
    bandwidth_m: float | None = None,
    min_incidents: int = 20,
    min_places: int = 3,
    min_days: int = 3,
    bootstraps: int = 0,
    levels: int = 1,
    drawn: gpd.GeoDataFrame | None = None,
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
        ``"density"``: tops of the density surface, merged by persistence, that rise above their
        surroundings more than the roughness of the surface explains. ``"auto"``: the same, and
        where incidents are so scattered that such zones hold less than a twentieth of them, with
        the bandwidth of 175, 250, 350 or 500 m whose zones best foretell the weeks that they have
        not seen. ``"dbscan"`` and ``"hdbscan"``: clusters of weighted unique places, outlined on
        the same surface.
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
        Of the quartic kernel, metres. Zones closer than about twice this merge. None is 175 m (the
        median ``precision_m`` where that is more), which ``"auto"`` may widen.
    min_incidents, min_places, min_days
        What a zone must hold: incidents, places (50 m squares) and local days.
    bootstraps
        How often to repeat the search on resampled incidents, for ``stability``; ``"auto"`` and
        ``"density"`` only.
    levels
        1 for zones that do not overlap; 2 adds the micro-places within them, as rows of their own
        with the zone as ``parent_id``, after all zones.
    drawn
        Zones that a user drew: ``zone_id``, ``name`` and polygons without holes that do not
        overlap. They stay as drawn however little they hold; found zones that are mostly the same
        give way, others are cut back from them.
    tz
        The zone of local days, and of times that have none.
    **parameters
        Those of `cluster` for ``"dbscan"`` and ``"hdbscan"``.

    Returns
    -------
    geopandas.GeoDataFrame
        ZONE_COLUMNS and ZONE_DETAIL_COLUMNS, the zone with the most incidents first, in the CRS of
        the incidents.
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
    and with ``previous`` for as long as it shares its incidents. Micro-places are found on a
    surface of 70 m, or of the places' precision where that is more, within each zone.

    References
    ----------
    Chazal, F., Guibas, L. J., Oudot, S. Y. and Skraba, P. (2013). Persistence-based clustering in
    Riemannian manifolds.
    Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null hypothesis.
    """
    _check_arguments(method, bandwidth_m, levels)
    require_whole(
        0,
        bootstraps=bootstraps,
        min_incidents=min_incidents,
        min_places=min_places,
        min_days=min_days,
    )
    xy, weights = incident_points(incidents)
    incidents = incidents.assign(occurred_from=incident_times(incidents, tz=tz))
    span = observed_period(incidents, period, tz=tz)
    if period is not None:
        inside = within_period(incidents, span)
        incidents, xy, weights = incidents[inside], xy[inside], weights[inside]
    if len(xy) == 0 or weights.sum() == 0:
        raise nothing_to_analyse()
    precision_m = _median_precision(incidents)
    effective = effective_weights(weights)
    unique = unique_places(xy, effective)
    found = search(
        unique,
        weights,
        local_days(incidents, tz),
        method=method,
        bandwidth_m=bandwidth_m,
        precision_m=precision_m,
        min_places=min_places,
        parameters=parameters,
    )
    minima = {"events": min_incidents, "places": min_places, "days": min_days}
    counts = _Counts(incidents, xy, weights, unique, span, tz, minima)
    own = None if drawn is None or _has_no_rows(drawn) else checked_drawn(incidents, drawn)
    candidates = found.outlined if own is None else _with_drawn(own, found.outlined, unique)
    number_drawn = 0 if own is None else len(own)
    table, zone = counts.of(candidates.shapes)
    enough = counts.enough(table, "events", "places", "days")
    enough[:number_drawn] = True
    if not enough.any():
        raise _nothing_stands_out(len(xy), minima)
    order = np.argsort(-table["incidents"].to_numpy(), kind="stable")
    order = order[enough[order]]
    table, outlined = table.iloc[order].reset_index(drop=True), candidates.only(order)
    renumbered = np.full(len(enough) + 1, -1, dtype=np.int64)
    renumbered[order] = np.arange(len(order))
    table["stability"] = stability(
        renumbered[zone],
        len(order),
        unique,
        effective,
        bandwidth_m=found.bandwidth_m,
        bootstraps=bootstraps if method in BY_DENSITY else 0,
        rng=random_of(rng),
    )
    gazetteer, former = _gazetteer(incidents, places), _former(incidents, previous)
    identity = identify(
        outlined.shapes,
        outlined.tops,
        unique,
        first_day=span.start,
        places=gazetteer,
        previous=None if former is None else former[former["parent_id"] == ""],
        given=None if own is None else _given(own, order),
    )
    table = table.assign(**identity.columns, parent_id="", level=1, drawn=order < number_drawn)
    zones = gpd.GeoDataFrame(table, geometry=outlined.shapes, crs=incidents.crs)[_COLUMNS]
    ceased = identity.ceased
    micro_m = max(MICRO_BANDWIDTH_M, precision_m)
    if levels > 1:
        children, gone = _children(zones, counts, micro_m, gazetteer, former)
        ceased = ceased + gone
        if not children.empty:
            zones = pd.concat([zones, children[_COLUMNS]], ignore_index=True)
    zones.attrs["ceased"] = ceased
    zones.attrs["parameters"] = {
        "method": "density" if method in BY_DENSITY else method,
        "asked_method": method,
        "bandwidth_m": found.bandwidth_m,
        "bandwidth_gains": {f"{wide:g}": round(gain, 2) for wide, gain in found.gains.items()},
        "cell_m": found.bandwidth_m / CELLS_A_BANDWIDTH,
        "kernel": "quartic",
        "threshold_z": found.threshold_z,
        "min_incidents": min_incidents,
        "min_places": min_places,
        "min_days": min_days,
        "bootstraps": bootstraps,
        "levels": levels,
        "micro_bandwidth_m": micro_m if levels > 1 else None,
        "drawn": number_drawn,
        "seed": int(rng) if isinstance(rng, (int, np.integer)) else None,
        "period": [span.start.isoformat(), span.end.isoformat()],
        "tz": tz,
        "crs": parse_crs(incidents.crs).to_string(),
        "incidents": len(xy),
        **parameters,
    }
    return zones


def _median_precision(incidents: gpd.GeoDataFrame) -> float:
    if "precision_m" not in incidents:
        return 0.0
    known = incidents["precision_m"].dropna().to_numpy(dtype=float)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if len(known) else 0.0


def _with_drawn(own: gpd.GeoDataFrame, found: Outlined, unique: Places) -> Outlined:
    shapes = list(own.geometry)
    left = give_way(found, shapes, unique)
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return Outlined([*shapes, *left.shapes], np.concatenate([middles, left.tops]))


def _given(own: gpd.GeoDataFrame, order: Ints) -> dict[int, tuple[str, str]]:
    named = list(zip(own["zone_id"].astype(str), own["name"].astype(str), strict=True))
    return {at: named[zone] for at, zone in enumerate(order.tolist()) if zone < len(named)}


def _children(
    zones: gpd.GeoDataFrame,
    counts: _Counts,
    bandwidth_m: float,
    gazetteer: gpd.GeoDataFrame | None,
    former: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, list[dict[str, str]]]:
    """Return the micro-places within zones, and the former ones that are no more."""
    shapes: list[shapely.Polygon] = []
    tops: list[Floats] = []
    parent: list[int] = []
    for position, zone in enumerate(zones.geometry):
        within = micro_places(
            zone, counts.unique, bandwidth_m=bandwidth_m, min_places=counts.minima["places"]
        )
        shapes.extend(within.shapes)
        tops.extend(within.tops)
        parent.extend([position] * len(within.shapes))
    table, _ = counts.of(shapes)
    table = table.assign(parent=np.array(parent, dtype=np.int64))
    # Its places were counted as addresses: the squares of 50 m are as large as it is.
    table = table[counts.enough(table, "events", "days")]
    # A zone with a single part is no more than that part.
    table = table[table.groupby("parent")["parent"].transform("size") > 1]
    table = table.sort_values(["parent", "incidents"], ascending=[True, False], kind="stable")
    outlined = Outlined(shapes, np.array(tops).reshape(-1, 2)).only(table.index.to_numpy())
    identity = identify(
        outlined.shapes,
        outlined.tops,
        counts.unique,
        first_day=counts.period.start,
        places=gazetteer,
        previous=None if former is None else former[former["parent_id"] != ""],
        level=2,
        taken=zones["name"],
    )
    parent_ids = zones["zone_id"].to_numpy()[table["parent"].to_numpy()]
    table = table.reset_index(drop=True).assign(
        **identity.columns, parent_id=parent_ids, level=2, drawn=False, stability=np.nan
    )
    return (
        gpd.GeoDataFrame(table, geometry=outlined.shapes, crs=zones.crs),
        identity.ceased,
    )


def _check_arguments(method: str, bandwidth_m: float | None, levels: int) -> None:
    if not is_one_of(method, METHODS):
        raise InvalidInputError(
            Text(
                "Metoden {m!r} finns inte. Välj en av {all}.",
                "There is no method {m!r}. Choose one of {all}.",
            ).fill(m=shown(method), all=", ".join(METHODS))
        )
    if bandwidth_m is not None and not (is_real(bandwidth_m) and bandwidth_m > 0):
        raise InvalidInputError(
            Text(
                "Bandbredden måste vara större än 0 meter, inte {v}.",
                "The bandwidth must be more than 0 metres, not {v}.",
            ).fill(v=shown(bandwidth_m))
        )
    if not is_real(levels) or levels not in _LEVELS:
        raise InvalidInputError(
            Text("Det finns 1 eller 2 nivåer, inte {v}.", "There are 1 or 2 levels, not {v}.").fill(
                v=shown(levels)
            )
        )


def _gazetteer(
    incidents: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    if places is None:
        return None
    what = Text("Ortregistret", "The gazetteer")
    check_columns(places, PLACE_COLUMNS, what)
    return in_crs_of(incidents, places, what)


def _has_no_rows(frame: object) -> bool:
    return isinstance(frame, pd.DataFrame) and frame.empty


def _former(
    incidents: gpd.GeoDataFrame, previous: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    if previous is None or _has_no_rows(previous):
        return None
    what = Text("De tidigare zonerna", "The former zones")
    check_columns(previous, ZONE_COLUMNS, what)
    return in_crs_of(incidents, previous, what)


def _nothing_stands_out(incidents: int, minima: dict[str, int]) -> NothingFoundError:
    return NothingFoundError(
        Text(
            "Ingen plats sticker ut bland {n} {n:händelse|händelser}: en zon behöver minst "
            "{i} {i:händelse|händelser} på {p} {p:plats|platser} under {d} {d:dag|dagar}, "
            "tätare än omgivningen. Välj en längre period.",
            "No place stands out among {n} {n:incident|incidents}: a zone needs at least {i} "
            "{i:incident|incidents} at {p} {p:place|places} on {d} {d:day|days}, denser than "
            "its surroundings. Choose a longer period.",
        ).fill(n=incidents, i=minima["events"], p=minima["places"], d=minima["days"])
    )

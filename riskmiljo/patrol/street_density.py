"""Incidents per kilometre of street and week, spread along the streets and not across blocks."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from riskmiljo.analysis.arguments import is_one_of, is_real, require_instance, shown
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import (
    PeriodLike,
    incident_points,
    nothing_to_analyse,
    observed_period,
    within_period,
)
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.period import TZ
from riskmiljo.patrol.street_kernel import Network
from riskmiljo.patrol.streets import Streets
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SPLITS: Final = ("continuous", "discontinuous")
_MOST_PARTS: Final = 2_000_000


def street_density(
    incidents: gpd.GeoDataFrame,
    *,
    streets: Streets,
    bandwidth_m: float = 250,
    lixel_m: float = 50,
    split: str = "continuous",
    lixels: bool = False,
    snap_m: float = 100,
    period: PeriodLike | None = None,
    tz: str = TZ,
) -> gpd.GeoDataFrame:
    """Estimate the density of incidents along the streets.

    Parameters
    ----------
    incidents
        Points in the streets' CRS with ``occurred_from`` in UTC; the column ``weight``, where
        there is one, weighs them.
    streets
        The network.
    bandwidth_m
        How far along the streets an incident reaches (quartic kernel), metres.
    lixel_m
        Streets are cut into equal parts of at most this length, metres.
    split
        ``"continuous"``: at a corner of n streets each other one gets 2/n and the street itself
        the rest (density has no steps at corners); ``"discontinuous"``: each other one gets
        1/(n - 1). Both keep the number of incidents.
    lixels
        Whether one row is a part, instead of a whole street segment from corner to corner.
    snap_m
        Incidents farther from any street than this are left out, metres; ``attrs["left_out"]``
        says how many.
    period
        A `Period` or a pair of local dates, the end not included. None: whole local days from the
        first incident's to the last's.
    tz
        The zone of local dates.

    Returns
    -------
    geopandas.GeoDataFrame
        For each segment, in the order of ``streets.edges``: ``edge``, ``name``, ``kind``,
        ``length_m``, ``count`` of incidents on it, ``per_km_week`` (mean density along it) and
        ``highest_per_km_week`` (that of its densest part); or for each part ``edge``, ``name``,
        ``kind``, ``begins_m``, ``ends_m``, ``length_m``, ``count``, ``per_km_week``. With lines.

    Raises
    ------
    NothingFoundError
        If there are no incidents in the period, or none within ``snap_m`` of a street.
    InvalidInputError
        If a length, the split, a weight or a coordinate cannot be used, or there would be more
        than two million parts.
    CRSError
        If the incidents are not in the streets' CRS.

    References
    ----------
    Okabe, A., Satoh, T. and Sugihara, K. (2009). A kernel density estimation method for networks,
    its computational method and a GIS-based tool. International Journal of Geographical
    Information Science 23, 7-32.
    """
    for name, value in (("bandwidth_m", bandwidth_m), ("lixel_m", lixel_m)):
        if not (is_real(value) and value > 0):
            raise InvalidInputError(
                Text(
                    "{name} ska vara större än 0 meter, inte {v}.",
                    "{name} must be more than 0 metres, not {v}.",
                ).fill(name=name, v=shown(value))
            )
    if not is_one_of(split, SPLITS):
        raise InvalidInputError(
            Text(
                "Delningen {s!r} finns inte. Välj continuous eller discontinuous.",
                "There is no split {s!r}. Choose continuous or discontinuous.",
            ).fill(s=str(split)[:40])
        )
    incidents = with_moments(incidents, tz)
    xy, weights = incident_points(incidents)
    span = observed_period(incidents, period, tz=tz)
    inside = within_period(incidents, span)
    street, at_m, near = on_streets(xy[inside], incidents, streets, snap_m)
    weight = weights[inside][near]
    length = streets.edges["length_m"].to_numpy(dtype=float)
    parts = _parts(length, lixel_m)
    network = Network(streets.edges[["from", "to"]].to_numpy(dtype=np.int64), length)
    continuous = split == "continuous"
    mass = network.mass((street, at_m, weight), parts, float(bandwidth_m), continuous=continuous)
    # A corner's debt and its payment may differ by rounding where nothing is.
    mass = np.clip(mass, 0.0, None)
    per_km = mass / (parts[2] - parts[1]) * (1000 / span.weeks)
    if lixels:
        frame = _part_rows(streets, parts, per_km, (street, at_m))
    else:
        frame = streets.edges[["name", "kind", "length_m", "geometry"]].copy()
        frame.insert(0, "edge", np.arange(len(frame)))
        frame.insert(4, "count", np.bincount(street, minlength=len(frame)))
        frame.insert(
            5,
            "per_km_week",
            np.bincount(parts[0], mass, minlength=len(frame)) / length * (1000 / span.weeks),
        )
        highest = np.zeros(len(frame))
        np.maximum.at(highest, parts[0], per_km)
        frame.insert(6, "highest_per_km_week", highest)
    frame.attrs.update(
        left_out=int((~near).sum()), bandwidth_m=float(bandwidth_m), split=split, weeks=span.weeks
    )
    return frame


def on_streets(
    xy: Floats, incidents: gpd.GeoDataFrame, streets: Streets, snap_m: float
) -> tuple[Ints, Floats, Bools]:
    """Put incidents on their nearest street.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    incidents
        The frame that they come from, for its CRS.
    streets
        The network.
    snap_m
        Those farther away are left out, metres.

    Returns
    -------
    tuple of numpy.ndarray
        For those that are near: row of ``streets.edges`` and metres from the street's beginning;
        and, for all, whether they are near.

    Raises
    ------
    NothingFoundError
        If there are none, or none is near.
    InvalidInputError
        If ``snap_m`` is negative or not a number.
    CRSError
        If the reference systems differ.
    """
    require_instance(Streets, streets=streets)
    # However far away: to the nearest street, wherever that lies.
    given: object = snap_m
    unbounded = isinstance(given, float) and given == np.inf
    if not unbounded and not (is_real(snap_m) and snap_m >= 0):
        raise InvalidInputError(
            Text(
                "snap_m ska vara 0 meter eller mer, inte {v}.",
                "snap_m must be 0 metres or more, not {v}.",
            ).fill(v=shown(snap_m))
        )
    if parse_crs(incidents.crs) != streets.crs:
        raise CRSError(
            Text(
                "Händelserna har ett annat koordinatsystem än gatunätet ({c}). Projicera om dem.",
                "The incidents have another CRS than the streets ({c}). Project them first.",
            ).fill(c=streets.crs.to_string()[:40])
        )
    if len(xy) == 0:
        raise nothing_to_analyse()
    edge, off_m = streets.snap(xy)
    near = off_m <= snap_m
    if not near.any():
        raise NothingFoundError(
            Text(
                "Ingen av {n} {n:händelse|händelser} ligger inom {m} meter från en gata. "
                "Kontrollera gatunätet eller öka snap_m.",
                "None of {n} {n:incident|incidents} lies within {m} {m:metre|metres} of "
                "a street. Check the street network or raise snap_m.",
            ).fill(n=len(xy), m=decimal_text(snap_m, 0))
        )
    lines = streets.edges.geometry.to_numpy()[edge[near]]
    at_m = np.asarray(shapely.line_locate_point(lines, shapely.points(xy[near])), dtype=float)
    return edge[near], at_m, near


def _parts(length: Floats, lixel_m: float) -> tuple[Ints, Floats, Floats]:
    pieces = np.ceil(length / lixel_m - 1e-9).clip(1)
    if pieces.sum() > _MOST_PARTS:
        raise InvalidInputError(
            Text(
                "Gatorna skulle delas i {n} {n:del|delar}. Välj en större lixel_m.",
                "The streets would be cut into {n} {n:part|parts}. Choose a larger lixel_m.",
            ).fill(n=decimal_text(pieces.sum(), 0))
        )
    size = pieces.astype(np.int64)
    street = np.repeat(np.arange(len(length)), size)
    number = np.arange(len(street)) - np.repeat(np.cumsum(size) - size, size)
    piece_m = (length / pieces)[street]
    return street, number * piece_m, np.minimum((number + 1) * piece_m, length[street])


def _part_rows(
    streets: Streets,
    parts: tuple[Ints, Floats, Floats],
    per_km: Floats,
    events: tuple[Ints, Floats],
) -> gpd.GeoDataFrame:
    street, begin, end = parts
    first = np.searchsorted(street, events[0], "left")
    piece_m = (end - begin)[first]
    last = np.searchsorted(street, events[0], "right") - 1
    part = np.minimum(first + (events[1] / piece_m).astype(np.int64), last)
    lines = streets.edges.geometry.to_numpy()[street]
    whole = np.bincount(street)[street] == 1
    geometry = [
        line if alone else substring(line, a, b)
        for line, alone, a, b in zip(lines, whole, begin, end, strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            "edge": street,
            "name": streets.edges["name"].to_numpy()[street],
            "kind": streets.edges["kind"].to_numpy()[street],
            "begins_m": begin,
            "ends_m": end,
            "length_m": end - begin,
            "count": np.bincount(part, minlength=len(street)),
            "per_km_week": per_km,
        },
        geometry=geometry,
        crs=streets.crs,
    )

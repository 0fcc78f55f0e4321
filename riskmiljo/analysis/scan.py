"""What is new: clusters in space and time that are alive at the end of the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import is_one_of, is_real, random_of, require_whole, shown
from riskmiljo.analysis.cylinders import Circles, Scanned
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import (
    PeriodLike,
    incident_points,
    nothing_to_analyse,
    observed_period,
    unique_places,
    within_period,
)
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, parse_crs, require_metric
from riskmiljo.model.incidents import UTC_DTYPE
from riskmiljo.model.period import TZ, Period, local_instant
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Draws places, ages, and the shares of the places where these are drawn too.
Draw = Callable[[np.random.Generator], tuple[Ints, Ints, Floats | None]]

MODELS: Final = ("permutation", "poisson")
COLUMNS: Final = (
    "centre_x",
    "centre_y",
    "radius_m",
    "begins",
    "ends",
    "days",
    "observed",
    "expected",
    "ratio",
    "llr",
    "p",
)
# Counting so many cylinders takes some ten milliseconds, for each simulation.
_MOST_CYLINDERS: Final = 1_500_000
_TOO_MANY_CYLINDERS: Final = 30_000_000
_RADII: Final = 12
_COARSER: Final = 1.2
# A cluster at one address has radius 0; its circle is drawn this wide to be seen.
_LEAST_DRAWN_M: Final = 25.0
# Jeffreys' prior of a cell's share of the earlier record.
_PRIOR: Final = 0.5


@dataclass(frozen=True)
class _Model:
    """Places, what is expected of them, and how chance would spread incidents over them."""

    places: Floats
    place: Ints
    age: Ints
    share: Floats
    until: Floats
    total: int
    draw: Draw

    def expected(self, circles: Circles, share: Floats) -> Floats:
        """Return how many incidents each cylinder should hold, by the shares of the places."""
        return np.outer(circles.totals(share), self.until)


def scan(
    incidents: gpd.GeoDataFrame,
    *,
    model: str = "permutation",
    max_radius_m: float,
    max_days: int,
    simulations: int = 99,
    rng: int | np.random.Generator = 0,
    baseline: gpd.GeoDataFrame | None = None,
    period: PeriodLike | None = None,
    tz: str = TZ,
    most: int = 10,
) -> gpd.GeoDataFrame:
    """Search for clusters that are alive on the last day of a period.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from`` in UTC. Each counts once; weights do not.
    model
        ``"permutation"``: more than the place's own share and the days' own share would give
        together; needs nothing but the incidents. ``"poisson"``: more than a baseline gives.
    max_radius_m
        Largest radius of a cluster, metres.
    max_days
        Longest duration of a cluster, whole local days, shorter than the period.
    simulations
        Sets of incidents drawn by chance; 999 for a p-value to three digits.
    rng
        Seed or generator of the simulations.
    baseline
        For ``"poisson"``: points in the incidents' CRS with ``population`` (people, dwellings, or
        any measure of how many incidents are due); an incident belongs to the nearest one. None:
        the record before the last ``max_days``, in cells.
    period
        A `Period` or a pair of local dates, the end not included; its last day is "now". None:
        whole local days from the first incident's to the last's.
    tz
        The zone of local days.
    most
        How many clusters at most.

    Returns
    -------
    geopandas.GeoDataFrame
        The most likely cluster first, then others that do not overlap it nor each other:
        ``centre_x``, ``centre_y`` and ``radius_m`` in metres, ``begins`` and ``ends`` in UTC (the
        end not included), ``days``, ``observed``, ``expected``, ``ratio``, ``llr`` (log likelihood
        ratio), ``p`` and the circle. A circle of under 25 m is drawn with 25 m. Empty if nowhere
        two incidents are more than expected.

    Raises
    ------
    NothingFoundError
        If there are no incidents in the period, or none where the baseline is.
    InvalidInputError
        If an argument cannot be used, ``max_days`` is not shorter than the period, or a wide area
        would take more than 30 million cylinders.
    CRSError
        If incidents or baseline are not in metres, or not in the same CRS.

    Notes
    -----
    Every cylinder has a circle as its base and ends on the last day. Small records are searched
    exactly: around every place, with every distance to another place as radius. Where that would
    make more than 1.5 million cylinders, twelve radii are tried around every place, and if that
    is too many as well around the middles of the cells in which anything happened, of at most half
    the largest radius; which was done, and how many cylinders, stands in the result's ``attrs``.

    p is the rank of a cluster's log likelihood ratio among the highest of each simulation, so it
    holds for the whole search: under no clustering one search in twenty has p at or below 0.05.
    Without a baseline the simulations of the Poisson model draw anew which incidents are the late
    ones, and the baseline with them: a short earlier record gives an uncertain baseline, not false
    alarms.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics 26, 1481-1496.
    Kulldorff, M. (2001). Prospective time periodic geographical disease surveillance using a scan
    statistic. Journal of the Royal Statistical Society A 164, 61-72.
    Kulldorff, M. et al. (2005). A space-time permutation scan statistic for disease outbreak
    detection. PLoS Medicine 2, e59.
    """
    _require_arguments(model, max_radius_m, max_days, simulations, most)
    if baseline is not None and model != "poisson":
        raise InvalidInputError(
            Text(
                "En baslinje hör till modellen poisson. Välj model='poisson' eller ta bort den.",
                "A baseline belongs to the model poisson. Choose model='poisson' or remove it.",
            )
        )
    incidents = with_moments(incidents, tz)
    xy, _ = incident_points(incidents)
    span = observed_period(incidents, period, tz=tz)
    inside = within_period(incidents, span)
    xy = xy[inside]
    if len(xy) == 0:
        raise nothing_to_analyse()
    age, days = _ages(incidents["occurred_from"][inside], span, tz)
    if max_days >= days:
        raise InvalidInputError(
            Text(
                "max_days = {m} men perioden har bara {d} dygn. Välj en längre period eller "
                "färre dygn.",
                "max_days = {m} but the period has only {d} {d:day|days}. Choose a longer period "
                "or fewer days.",
            ).fill(m=max_days, d=days)
        )
    if model == "permutation":
        chosen = _permutation(xy, age, max_days)
    elif baseline is None:
        chosen = _earlier_record(xy, age, max_days, max_radius_m / 4)
    else:
        chosen = _population(
            xy, age, max_days, days, _baseline(baseline, incidents, xy, float(max_radius_m))
        )
    circles, how = _circles(chosen.places, float(max_radius_m), max_days)
    scanned = Scanned(circles, chosen.expected(circles, chosen.share), chosen.total)
    counts = circles.counts(chosen.place, chosen.age, max_days)
    generator = random_of(rng)
    at, ratios = scanned.ratios(counts)
    highest = np.zeros(simulations if len(at) else 0)
    for number in range(len(highest)):
        place, ages, share = chosen.draw(generator)
        alike = scanned
        if share is not None:
            alike = Scanned(circles, chosen.expected(circles, share), chosen.total)
        drawn = circles.counts(place, ages, max_days)
        highest[number] = alike.ratios(drawn)[1].max(initial=0.0)
    kept = _apart(circles, at, ratios, max_days, most)
    frame = _clusters(scanned, counts, at[kept], ratios[kept], highest)
    frame["begins"] = _midnights(span, frame["days"], tz)
    frame["ends"] = pd.Series([pd.Timestamp(span.end)] * len(frame), dtype=UTC_DTYPE)
    drawn_m = np.maximum(frame["radius_m"].to_numpy(dtype=float), _LEAST_DRAWN_M)
    middles = shapely.points(frame["centre_x"], frame["centre_y"])
    result = gpd.GeoDataFrame(
        frame[list(COLUMNS)],
        geometry=shapely.buffer(middles, drawn_m, quad_segs=16),
        crs=parse_crs(incidents.crs),
    )
    result.attrs.update(
        model=model,
        centres=how,
        cylinders=int(counts.size),
        simulations=simulations,
        max_radius_m=float(max_radius_m),
        max_days=int(max_days),
    )
    return result


def _permutation(xy: Floats, age: Ints, max_days: int) -> _Model:
    places = unique_places(xy, np.ones(len(xy)))
    order = np.argsort(age, kind="stable")
    lately = age[order][: int((age < max_days).sum())]
    until = np.cumsum(np.bincount(lately, minlength=max_days)).astype(float)
    here = places.inverse[order]

    def draw(rng: np.random.Generator) -> tuple[Ints, Ints, Floats | None]:
        return rng.permutation(here)[: len(lately)], lately, None

    share = places.weights / len(xy)
    return _Model(places.xy, here[: len(lately)], lately, share, until, len(xy), draw)


def _population(xy: Floats, age: Ints, max_days: int, days: int, given: Any) -> _Model:
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import, needed by few

    places = unique_places(*given)
    share = places.weights / places.weights.sum()
    _, nearest = cKDTree(places.xy).query(xy)
    lately = age < max_days
    total = len(xy)
    until: Floats = np.arange(1, max_days + 1, dtype=np.float64) * (total / days)

    def draw(rng: np.random.Generator) -> tuple[Ints, Ints, Floats | None]:
        size = int(rng.binomial(total, max_days / days))
        here = rng.choice(len(share), size, p=share).astype(np.int64)
        return here, rng.integers(0, max_days, size), None

    place = nearest[lately].astype(np.int64)
    return _Model(places.xy, place, age[lately], share, until, total, draw)


def _earlier_record(xy: Floats, age: Ints, max_days: int, cell_m: float) -> _Model:
    middles = (np.floor(xy / cell_m) + 0.5) * cell_m
    cells = unique_places(middles, np.ones(len(xy)))
    order = np.argsort(age, kind="stable")
    total = int((age < max_days).sum())
    lately = age[order][:total]
    here = cells.inverse[order]
    until: Floats = np.arange(1, max_days + 1, dtype=np.float64) * (total / max_days)

    def share(earlier: Ints) -> Floats:
        counts = np.bincount(earlier, minlength=len(cells.xy)) + _PRIOR
        return np.asarray(counts / counts.sum())

    def draw(rng: np.random.Generator) -> tuple[Ints, Ints, Floats | None]:
        # Which incidents are the late ones is drawn, so that the baseline is as uncertain in each
        # simulation as it is in the data.
        mixed = rng.permutation(here)
        return mixed[:total], lately, share(mixed[total:])

    return _Model(cells.xy, here[:total], lately, share(here[total:]), until, total, draw)


def _circles(places: Floats, max_radius_m: float, max_days: int) -> tuple[Circles, str]:
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import, needed by few

    tree = cKDTree(places)
    if tree.count_neighbors(tree, max_radius_m) * max_days <= _MOST_CYLINDERS:
        return Circles.around(places, places, max_radius_m), "places, every radius"
    radii_m = max_radius_m * np.arange(1, _RADII + 1) / _RADII
    most_centres = max(1, _MOST_CYLINDERS // (_RADII * max_days))
    if len(places) <= most_centres:
        return Circles.around(places, places, max_radius_m, radii_m), "places, twelve radii"
    cell_m = max_radius_m / 8
    middles = np.unique(np.floor(places / cell_m), axis=0)
    # Wider cells would leave places that no circle reaches.
    while len(middles) > most_centres and cell_m * _COARSER <= max_radius_m / 2:
        cell_m *= _COARSER
        middles = np.unique(np.floor(places / cell_m), axis=0)
    how = f"cells of {cell_m:.0f} m, twelve radii"
    circles = Circles.around((middles + 0.5) * cell_m, places, max_radius_m, radii_m)
    cylinders = len(circles.radius_m) * max_days
    if cylinders > _TOO_MANY_CYLINDERS:
        raise InvalidInputError(
            Text(
                "Sökningen skulle pröva {n} miljoner cylindrar. Välj en större max_radius_m, färre "
                "dygn eller ett mindre område.",
                "The search would try {n} million cylinders. Choose a larger max_radius_m, fewer "
                "days or a smaller area.",
            ).fill(n=cylinders // 1_000_000)
        )
    return circles, how


def _apart(circles: Circles, at: Ints, ratios: Floats, days: int, most: int) -> Ints:
    """Take the highest, then the highest of those that overlap none of the taken."""
    order = np.lexsort((at, -ratios))
    taken: list[int] = []
    while len(order) and len(taken) < most:
        taken.append(int(order[0]))
        circle = at[order] // days
        middle = circles.centres[circles.centre[circle]]
        radius = circles.radius_m[circle]
        apart = np.hypot(*(middle - middle[0]).T) > radius + radius[0]
        order = order[apart]
    return np.asarray(taken, dtype=np.int64)


def _clusters(
    scanned: Scanned, counts: npt.NDArray[np.int32], at: Ints, ratios: Floats, highest: Floats
) -> pd.DataFrame:
    circles = scanned.circles
    circle, duration = np.divmod(at, counts.shape[1])
    middle = circles.centres[circles.centre[circle]]
    observed, expected = counts.ravel()[at].astype(np.int64), scanned.expected.ravel()[at]
    at_least = (highest[None, :] >= ratios[:, None] - 1e-9).sum(axis=1)
    return pd.DataFrame(
        {
            "centre_x": middle[:, 0],
            "centre_y": middle[:, 1],
            "radius_m": circles.radius_m[circle],
            "days": duration + 1,
            "observed": observed,
            "expected": expected,
            "ratio": observed / expected,
            "llr": ratios,
            "p": (1 + at_least) / (len(highest) + 1),
        }
    )


def _ages(times: pd.Series, span: Period, tz: str) -> tuple[Ints, int]:
    """Return how many local days before the last one each incident began, and all days."""
    first, last = span.first_and_last_day(tz)
    day = times.dt.tz_convert(tz).dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    age = (np.datetime64(last, "D") - day).astype(np.int64)
    return age, (last - first).days + 1


def _midnights(span: Period, days: pd.Series, tz: str) -> pd.Series:
    _, last = span.first_and_last_day(tz)
    begins = [local_instant(last - timedelta(days=int(n) - 1), tz) for n in days]
    return pd.Series(pd.to_datetime(begins, utc=True)).astype(UTC_DTYPE)


def _baseline(
    baseline: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame, xy: Floats, max_radius_m: float
) -> tuple[Floats, Floats]:
    crs = require_metric(baseline, Text("Baslinjen", "The baseline"))
    if crs != parse_crs(incidents.crs):
        raise CRSError(
            Text(
                "Baslinjen har ett annat koordinatsystem än händelserna. Projicera om den.",
                "The baseline has another CRS than the incidents. Project it first.",
            )
        )
    usable = "population" in baseline and len(baseline) > 0
    weights = baseline["population"].to_numpy(dtype=float) if usable else np.zeros(0)
    usable = usable and bool((np.isfinite(weights) & (weights >= 0)).all() and weights.sum() > 0)
    points = baseline.geometry.geom_type.eq("Point").all() and not baseline.geometry.is_empty.any()
    if not (usable and points):
        raise InvalidInputError(
            Text(
                "Baslinjen ska vara punkter med kolumnen population: tal från 0 och uppåt, inte "
                "alla 0.",
                "The baseline must be points with the column population: numbers from 0 upwards, "
                "not all 0.",
            )
        )
    some = weights > 0
    places = coordinates(baseline)[some]
    low, high = places.min(axis=0) - max_radius_m, places.max(axis=0) + max_radius_m
    if not ((xy >= low) & (xy <= high)).all(axis=1).any():
        raise NothingFoundError(
            Text(
                "Ingen av {n} {n:händelse|händelser} ligger där baslinjen finns. Kontrollera dess "
                "koordinatsystem.",
                "None of {n} {n:incident|incidents} lies where the baseline is. Check its "
                "coordinate system.",
            ).fill(n=len(xy))
        )
    return places, weights[some]


def _require_arguments(
    model: str, max_radius_m: float, max_days: int, simulations: int, most: int
) -> None:
    if not is_one_of(model, MODELS):
        raise InvalidInputError(
            Text(
                "Modellen {m!r} finns inte. Välj permutation eller poisson.",
                "There is no model {m!r}. Choose permutation or poisson.",
            ).fill(m=shown(model))
        )
    if not (is_real(max_radius_m) and max_radius_m > 0):
        raise InvalidInputError(
            Text(
                "max_radius_m ska vara större än 0 meter, inte {v}.",
                "max_radius_m must be more than 0 metres, not {v}.",
            ).fill(v=shown(max_radius_m))
        )
    require_whole(1, max_days=max_days, simulations=simulations, most=most)

"""How concentrated: the share of the top places, the generalised Gini, and whether tops last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.arguments import is_real, numbers_in, shown
from riskmiljo.analysis.hot_spots import checked_radius
from riskmiljo.analysis.places import incident_points, unique_places
from riskmiljo.analysis.study_area import require_same_crs
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs, require_metric
from riskmiljo.geo.grid import Grid
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_TOLERANCE: Final = 1e-12


@dataclass(frozen=True)
class Concentration:
    """How incidents are shared among places.

    Parameters
    ----------
    counts
        Shape (n,), incidents at each place, largest first; places without any are among them.
    gini
        Gini coefficient, 0 (evenly shared) to 1 - 1/n (all at one place). With fewer incidents
        than places it is large by necessity.
    generalised_gini
        The same against the most even way in which so many incidents can be shared: 0 is "as
        even as it can be". Equal to ``gini`` with at least as many incidents as places.
    """

    counts: Floats = field(repr=False)
    gini: float
    generalised_gini: float

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.counts)

    @property
    def incidents(self) -> float:
        """Number (sum of weights) of incidents."""
        return float(self.counts.sum())

    def share_of_top(self, share: float) -> float:
        """Return the share of incidents at the top places.

        Parameters
        ----------
        share
            Share of the places, 0 to 1. A fraction of a place counts by that fraction, so that
            neither rounding nor the order of equal places decides.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        InvalidInputError
            If the share lies outside 0 to 1.
        """
        _checked_share(share)
        ranks, held = self._curve()
        return float(np.interp(share * self.places, ranks, held))

    def places_for(self, share: float) -> int:
        """Return how few places hold a share of the incidents.

        Parameters
        ----------
        share
            Share of the incidents, 0 to 1.

        Returns
        -------
        int
            Number of whole places.

        Raises
        ------
        InvalidInputError
            If the share lies outside 0 to 1.
        """
        _checked_share(share)
        _, held = self._curve()
        return int(np.searchsorted(held, share * (1 - _TOLERANCE)))

    def lorenz(self) -> pd.DataFrame:
        """Return the Lorenz curve.

        Returns
        -------
        pandas.DataFrame
            ``places`` and ``incidents``, cumulative shares from 0 to 1, fewest incidents first.
        """
        ranks, held = self._curve()
        return pd.DataFrame({"places": 1 - ranks[::-1] / self.places, "incidents": 1 - held[::-1]})

    def summary(self) -> pd.Series:
        """Return the figures that reports give.

        Returns
        -------
        pandas.Series
            Incidents, places, both Ginis, the shares of the top 1, 5, 10 and 20 %, and the shares
            of places that hold 25, 50 and 80 % of the incidents.
        """
        figures = {
            "incidents": self.incidents,
            "places": float(self.places),
            "gini": self.gini,
            "generalised_gini": self.generalised_gini,
        }
        figures |= {f"top_{p}_percent": self.share_of_top(p / 100) for p in (1, 5, 10, 20)}
        figures |= {
            f"places_for_{p}_percent": self.places_for(p / 100) / self.places for p in (25, 50, 80)
        }
        return pd.Series(figures)

    def _curve(self) -> tuple[Floats, Floats]:
        held = np.concatenate([[0.0], np.cumsum(self.counts)])
        return np.arange(self.places + 1, dtype=float), held / held[-1]


def concentration(counts: npt.ArrayLike) -> Concentration:
    """Measure how concentrated incidents are.

    Parameters
    ----------
    counts
        Shape (n,): incidents at each place, street segment or cell; the many without any are
        places too, and must be there with their zero.

    Returns
    -------
    Concentration
        With Gini coefficients, shares and the Lorenz curve.

    Raises
    ------
    InvalidInputError
        If a count is negative or not a finite number.
    NothingFoundError
        If there are no places, or no incidents at them.

    References
    ----------
    Weisburd, D. (2015). The law of crime concentration and the criminology of place.
    Bernasco, W. and Steenbeek, W. (2017). More places than crimes: implications for evaluating the
    law of crime concentration at place.

    Examples
    --------
    >>> shared = concentration([8, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    >>> shared.share_of_top(0.1), shared.places_for(0.5), round(shared.gini, 2)
    (0.8, 1, 0.84)
    """
    values = _checked_counts(numbers_in(counts, Text("Antalen", "The counts")).ravel())
    largest_first = np.sort(values)[::-1]
    n, total = len(values), float(values.sum())
    rank = np.arange(n, 0, -1)
    spread = 2 * float((rank * largest_first).sum()) / total - n - 1
    generalised = max(1 / total, 1 / n) * spread - max(n / total, 1.0) + 1
    return Concentration(largest_first, spread / n, generalised)


def unit_counts(
    incidents: gpd.GeoDataFrame,
    units: Grid | gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    *,
    reach_m: float = 100,
) -> Floats:
    """Count incidents at each place, cell, street segment or district.

    Parameters
    ----------
    incidents
        Points in a metric CRS; the column ``weight``, where there is one, weighs them.
    units
        A grid (the cells of its mask), or lines or polygons in the incidents' CRS. None: the
        unique places of the incidents, among which there is none without an incident.
    reach_m
        An incident belongs to its nearest unit, if it is no farther than this, metres. A tie goes
        to the unit that comes first.

    Returns
    -------
    numpy.ndarray
        Shape (units,). Incidents out of reach, or outside the grid's mask, are not counted.

    Raises
    ------
    CRSError
        If something is not in metres, or the reference systems differ.
    InvalidInputError
        If the reach is negative, or a point or weight cannot be used.
    """
    checked_radius(reach_m)
    xy, weights = incident_points(incidents)
    if units is None:
        return unique_places(xy, weights).weights
    if isinstance(units, Grid):
        require_same_crs(incidents, units)
        return units.counts(xy, weights)[units.mask]
    crs = require_metric(units, Text("Platserna", "The units"))
    if crs != parse_crs(incidents.crs):
        raise CRSError(
            Text(
                "Händelserna och platserna har olika koordinatsystem. Projicera om det ena.",
                "The incidents and the units have different coordinate systems. Project one.",
            )
        )
    if len(units) == 0 or len(xy) == 0:
        return np.zeros(len(units))
    tree = shapely.STRtree(units.geometry.to_numpy())
    point, unit = tree.query_nearest(
        shapely.points(xy), max_distance=reach_m * (1 + 1e-9) + 1e-9, all_matches=True
    )
    # Of several at the same distance, the first.
    nearest = np.full(len(xy), len(units))
    np.minimum.at(nearest, point, unit)
    found = nearest < len(units)
    counted = np.bincount(nearest[found], weights[found], minlength=len(units))
    return np.asarray(counted, dtype=float)


def top_stability(counts: npt.ArrayLike, *, top: float = 0.05) -> pd.DataFrame:
    """Tell whether the places at the top in one year are still there the next.

    Parameters
    ----------
    counts
        Shape (years, places), the same places in each year.
    top
        Share of the places that is called the top.

    Returns
    -------
    pandas.DataFrame
        One row for each year but the first, by its number from 1: ``still_top``, the share of
        last year's top that is at the top again; ``jaccard`` of the two; ``holds``, this year's
        share of incidents at last year's top; ``best``, their share at this year's own top;
        ``by_chance``, what ``still_top`` would be for two tops drawn at random.

    Raises
    ------
    InvalidInputError
        If there are fewer than two years, a count cannot be used, or the share lies outside 0
        to 1.
    NothingFoundError
        If a year has no incidents.

    Notes
    -----
    Where places tie for the last seats of the top, each has its share of a seat, and the figures
    are what drawing lots among them would give on average. A place without incidents is never at
    the top.

    References
    ----------
    Weisburd, D., Bushway, S., Lum, C. and Yang, S.-M. (2004). Trajectories of crime at places.
    """
    _checked_share(top)
    if top == 0:
        raise InvalidInputError(
            Text("Toppen måste vara mer än 0 av platserna.", "The top must be more than 0 places.")
        )
    table = numbers_in(counts, Text("Antalen", "The counts"))
    if table.ndim != 2 or len(table) < 2:  # noqa: PLR2004 - a year and the next
        raise InvalidInputError(
            Text(
                "Ge en tabell med minst två år som rader och platser som kolumner.",
                "Give a table of at least two years as rows, with places as columns.",
            )
        )
    years = [_checked_counts(year) for year in table]
    seats = [_seats(year, top * table.shape[1]) for year in years]
    rows = []
    for t in range(1, len(years)):
        before, now = seats[t - 1], seats[t]
        # A place that ties in both years meets itself as often as two draws of lots would say.
        both = float((before * now).sum())
        size = float(before.sum())
        total = float(years[t].sum())
        rows.append(
            {
                "still_top": both / size,
                "jaccard": both / (size + float(now.sum()) - both),
                "holds": float((before * years[t]).sum()) / total,
                "best": float((now * years[t]).sum()) / total,
                "by_chance": float(now.sum()) / table.shape[1],
            }
        )
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(years), name="year"))


def _seats(counts: Floats, seats: float) -> Floats:
    held = np.sort(counts)[::-1]
    last = held[min(len(held), int(np.ceil(seats - 1e-9))) - 1] if seats > 0 else np.inf
    taken = (counts > max(last, 0)).astype(float)
    if last > 0 and np.isfinite(last):
        tied = counts == last
        taken[tied] = min(1.0, (seats - taken.sum()) / tied.sum())
    return taken


def _checked_counts(values: Floats) -> Floats:
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InvalidInputError(
            Text(
                "Antalen måste vara tal från 0 och uppåt. Det på rad {row} är {v}.",
                "The counts must be numbers from 0 upwards. The one in row {row} is {v}.",
            ).fill(
                row=int(np.argmin(np.isfinite(values) & (values >= 0))),
                v=values[~(np.isfinite(values) & (values >= 0))][0],
            )
        )
    if len(values) == 0 or values.sum() == 0:
        raise NothingFoundError(
            Text(
                "Det finns inga händelser på platserna. Välj en längre period.",
                "There are no incidents at the places. Choose a longer period.",
            )
        )
    return values


def _checked_share(share: float) -> None:
    if not (is_real(share) and 0 <= share <= 1):
        raise InvalidInputError(
            Text(
                "En andel måste ligga mellan 0 och 1, inte {v}.",
                "A share must lie between 0 and 1, not {v}.",
            ).fill(v=shown(share))
        )

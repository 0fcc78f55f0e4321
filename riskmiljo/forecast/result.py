"""A forecast of a coming period on a grid, with its uncertainty and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import random_of
from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

if TYPE_CHECKING:
    from riskmiljo.forecast.choose import Choice

Floats = npt.NDArray[np.float64]

LEVEL: Final = 0.9
_LEAST_CANDIDATES: Final = 200


@dataclass(frozen=True)
class Forecast:
    """Expected incidents of each cell in a period.

    Attributes
    ----------
    prediction
        The belief about each cell of the study area, in the order of the grid's mask.
    grid
        Where the cells lie.
    period
        The period (UTC).
    now
        Until when incidents were known to it: the period's start.
    model
        Name of the model.
    reason
        Why this model, with its hit rate so far beside last year's count where it was chosen by
        back-testing.
    notes
        What a reader must know of the record behind it.
    incidents
        How many incidents it rests on.
    last_year
        Plain number of incidents of each cell in the 365 days before, in the order of the mask:
        what stands beside everything that weighs the recent ones more.
    choice
        How the model was chosen; None for a sum of forecasts.
    """

    prediction: Prediction = field(repr=False)
    grid: Grid
    period: Period
    now: datetime
    model: str
    reason: Text
    notes: tuple[Text, ...]
    incidents: int
    last_year: Floats = field(repr=False)
    choice: Choice | None = None

    @cached_property
    def values(self) -> Floats:
        """Shape (ny, nx), expected incidents in the period; zero outside the study area."""
        return self._laid_out(self.prediction.expected)

    @cached_property
    def lower(self) -> Floats:
        """Shape (ny, nx), lower end of the 90 % interval of the expected number."""
        return self._laid_out(self._interval[0])

    @cached_property
    def upper(self) -> Floats:
        """Shape (ny, nx), upper end of the 90 % interval of the expected number."""
        return self._laid_out(self._interval[1])

    @property
    def per_ha_week(self) -> Floats:
        """Shape (ny, nx), expected incidents per hectare and week, the unit of a `Surface`."""
        return np.asarray(self.values / (self.grid.cell_ha * self.period.weeks), dtype=float)

    @property
    def total(self) -> float:
        """Expected incidents of the whole study area in the period."""
        return float(self.prediction.expected.sum())

    @cached_property
    def _interval(self) -> tuple[Floats, Floats]:
        return self.prediction.interval(LEVEL)

    def count_interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the interval of the count that comes, which chance makes wider.

        Parameters
        ----------
        level
            Its probability, 0 to 1.

        Returns
        -------
        tuple of numpy.ndarray
            Whole numbers, shape (ny, nx) each.

        Raises
        ------
        InvalidInputError
            If the level is not between 0 and 1.
        """
        _require_level(level)
        low, high = self.prediction.count_interval(level)
        return self._laid_out(low), self._laid_out(high)

    def total_interval(self, level: float = LEVEL) -> tuple[int, int]:
        """Return the interval of the count that comes in the whole study area.

        The cells are taken as independent; the belief about their sum is a gamma of the same mean
        and variance, and what comes is then negative binomial.

        Parameters
        ----------
        level
            Its probability, 0 to 1.

        Returns
        -------
        tuple of int
            Lowest and highest count.

        Raises
        ------
        InvalidInputError
            If the level is not between 0 and 1.
        """
        _require_level(level)
        expected, shape = self.prediction.expected, self.prediction.shape
        variance = float(np.sum(expected**2 / shape))
        whole = np.array([self.total**2 / variance if variance > 0 else np.inf])
        low, high = Prediction(np.array([self.total]), whole).count_interval(level)
        return int(low[0]), int(high[0])

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """Return the cells of the study area, as squares.

        Returns
        -------
        geopandas.GeoDataFrame
            ``cell`` (flat number in the grid), ``expected``, ``lower`` and ``upper`` (incidents
            in the period), ``per_ha_week``, ``last_year`` (the plain number of the 365 days
            before) and the square.
        """
        flat = np.flatnonzero(self.grid.mask.ravel())
        expected = self.prediction.expected
        return gpd.GeoDataFrame(
            {
                "cell": flat,
                "expected": expected,
                "lower": self._interval[0],
                "upper": self._interval[1],
                "per_ha_week": expected / (self.grid.cell_ha * self.period.weeks),
                "last_year": self.last_year.astype(np.int64),
            },
            geometry=self.grid.cells()[flat],
            crs=self.grid.crs,
        )

    def top_places(
        self,
        count: int = 5,
        *,
        among: int = 10,
        draws: int = 2_000,
        rng: int | np.random.Generator = 0,
    ) -> gpd.GeoDataFrame:
        """Return the cells with most expected, and the chance that each truly is among the top.

        Parameters
        ----------
        count
            How many.
        among
            How many are the top.
        draws
            How many times the true numbers are drawn from what is believed of them.
        rng
            A seed or a generator.

        Returns
        -------
        geopandas.GeoDataFrame
            ``rank``, ``cell``, ``expected``, ``lower``, ``upper``, ``chance`` (0 to 1),
            ``last_year`` and the square, most expected first. Cells without anything expected are
            left out.

        Raises
        ------
        InvalidInputError
            If a number is less than one.
        """
        if min(count, among, draws) < 1:
            raise InvalidInputError(
                Text(
                    "Antal platser, topp och dragningar måste vara minst 1.",
                    "The numbers of places, of the top and of draws must be at least 1.",
                )
            )
        cells = self.to_geodataframe()
        chance = _chance_of_top(self.prediction, among, draws, random_of(rng))
        order = np.argsort(-self.prediction.expected, kind="stable")[:count]
        order = order[self.prediction.expected[order] > 0]
        top = cells.iloc[order][["cell", "expected", "lower", "upper", "last_year", "geometry"]]
        top = top.reset_index(drop=True)
        top.insert(0, "rank", np.arange(1, len(top) + 1))
        top.insert(5, "chance", chance[order])
        return top

    def _laid_out(self, values: Floats) -> Floats:
        field_ = np.zeros(self.grid.shape)
        field_[self.grid.mask] = values
        return field_


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise InvalidInputError(
            Text(
                "Nivån ska ligga mellan 0 och 1, inte {v}.",
                "The level must lie between 0 and 1, not {v}.",
            ).fill(v=level)
        )


def _chance_of_top(
    prediction: Prediction, among: int, draws: int, rng: np.random.Generator
) -> Floats:
    expected = prediction.expected
    chance = np.zeros(len(expected))
    if len(expected) <= among:
        return np.where(expected > 0, 1.0, 0.0)
    # Only cells that could come high are drawn: those whose far upper tail reaches the others.
    reach = prediction.interval(0.9999)[1]
    floor = np.sort(prediction.interval(0.5)[0])[-among]
    able = np.flatnonzero((reach >= floor) & (expected > 0))
    if len(able) > _LEAST_CANDIDATES * among:
        able = able[np.argsort(-reach[able], kind="stable")[: _LEAST_CANDIDATES * among]]
    if len(able) <= among:
        chance[able] = 1.0
        return chance
    at_once = max(1, 2_000_000 // len(able))
    hits = np.zeros(len(able))
    for begun in range(0, draws, at_once):
        drawn = prediction.draw(rng, able, min(at_once, draws - begun))
        top = np.argpartition(drawn, -among, axis=1)[:, -among:]
        hits += np.bincount(top.ravel(), minlength=len(able))
    chance[able] = hits / draws
    return chance

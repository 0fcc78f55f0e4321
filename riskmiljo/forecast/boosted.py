"""Boosted trees with a Poisson loss, on what a unit and its neighbourhood have seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.errors import CRSError
from riskmiljo.forecast.base import Floats, Forecaster
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import FEWEST_WEEKS, History
from riskmiljo.forecast.units import Units
from riskmiljo.geo.crs import require_metric
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

_LAGS_DAYS: Final = (28.0, 91.0, 182.0, 365.0, 730.0)
_KERNELS: Final = ((120.0, 200.0), (365.0, 150.0), (365.0, 350.0), (730.0, 700.0))
# A leaf holds at least one in so many of the lessons.
_LEAVES: Final = 200
_NEIGHBOURS_CELLS: Final = 1.5
_NEIGHBOURS_M: Final = 300.0
_MOST_KINDS: Final = 10
_FARTHEST_M: Final = 2_000.0
_TARGET_DAYS: Final = 28
_YEAR_DAYS: Final = 365.25
# A year ago on the same day of the week.
_WEEKS_DAYS: Final = 364.0


class Boosted(Forecaster):
    """Gradient boosting of the count of the coming four weeks, learned at many past moments.

    Features are a unit's own counts over five windows, its neighbours' over the last year, four
    fading kernel densities, the gamma-Poisson rate, the same weeks of last year, the level of the
    whole area, the time of year, and how far it is to places where they are given. Nothing about
    persons or who lives there is a feature. The hours of the week are weighed in afterwards, as
    for every model.

    Parameters
    ----------
    moments
        How many past moments, four weeks apart, the trees learn from.
    trees
        How many trees.
    seed
        For the trees' ties.
    places
        Points or polygons in the units' metric CRS, such as stations, schools and licensed
        premises, which may have a ``kind``: the distance to the nearest place, and to the nearest
        of each of the ten commonest kinds, become features; no other column is looked at. None
        does without.

    Attributes
    ----------
    rate_
        Shape (n,), incidents a day; their sum follows the latest months.

    References
    ----------
    Friedman, J. H. (2001). Greedy function approximation: a gradient boosting machine.
    """

    name: ClassVar[str] = "boosted"
    label: ClassVar[Text] = Text("boostade träd (Poisson)", "boosted trees (Poisson)")

    rate_: Floats
    shape_: Floats

    def __init__(
        self,
        *,
        moments: int = 12,
        trees: int = 60,
        seed: int = 0,
        places: gpd.GeoDataFrame | None = None,
    ) -> None:
        self.moments = moments
        self.trees = trees
        self.seed = seed
        self.places = places

    def __repr__(self) -> str:
        settings = f"moments={self.moments!r}, trees={self.trees!r}, seed={self.seed!r}"
        if self.places is not None:
            settings += f", places=<{len(self.places)}>"
        return f"Boosted({settings})"

    def _learn(self, history: History) -> None:
        base = GammaPoisson().fit(history)
        self.shape_ = base.shape_
        away = _distances(history.units, self.places)
        rows, targets = self._lessons(history, away)
        if not rows or sum(target.sum() for target in targets) == 0:
            # Too short a record to learn from: the rate that would have been one of the features.
            self.rate_ = base.rate_
            return
        trees = self._grow(np.vstack(rows), np.concatenate(targets))
        expected = np.asarray(trees.predict(_features(history, away)), dtype=float)
        self.rate_ = expected * (history.level() / max(expected.sum(), np.finfo(float).tiny))

    def _lessons(self, history: History, away: Floats) -> tuple[list[Floats], list[Floats]]:
        rows, targets = [], []
        for moment in range(1, self.moments + 1):
            days = float(moment * _TARGET_DAYS)
            if history.days - days < FEWEST_WEEKS * 7:
                break
            then = history.earlier(days)
            came = (history.age_days <= days) & (history.age_days > days - _TARGET_DAYS)
            rows.append(_features(then, away))
            targets.append(
                np.bincount(history.unit[came], minlength=len(history.units)).astype(float)
            )
        return rows, targets

    def _grow(self, rows: Floats, targets: Floats) -> Any:
        from sklearn.ensemble import (  # noqa: PLC0415 - a second to load, only for this model
            HistGradientBoostingRegressor,
        )

        trees = HistGradientBoostingRegressor(
            loss="poisson",
            learning_rate=0.06,
            max_iter=self.trees,
            max_leaf_nodes=8,
            min_samples_leaf=int(np.clip(len(rows) // _LEAVES, 5, 200)),
            l2_regularization=1.0,
            early_stopping=False,
            random_state=self.seed,
        )
        return trees.fit(rows, targets)

    def _expect(self, period: Period) -> Prediction:
        return Prediction(self.rate_ * period.days, self.shape_)


def _distances(units: Units, places: gpd.GeoDataFrame | None) -> Floats:
    """Return metres from each unit to the nearest place, of all and of the commonest kinds."""
    if places is None or len(places) == 0:
        return np.empty((len(units), 0))
    crs = require_metric(places, Text("Platserna", "The places"))
    if units.crs is not None and crs != units.crs:
        raise CRSError(
            Text(
                "Platserna är i {a} men området i {b}. Projicera om platserna först.",
                "The places are in {a} but the area in {b}. Project the places first.",
            ).fill(a=crs.to_string()[:40], b=units.crs.to_string()[:40])
        )
    shapes = places.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    groups = [there]
    if "kind" in places:
        kinds = places["kind"].astype(str).to_numpy()
        names, counts = np.unique(kinds[there], return_counts=True)
        commonest = np.lexsort((names, -counts))[:_MOST_KINDS]
        groups += [there & (kinds == names[at]) for at in commonest]
    middles = shapely.points(units.xy)
    columns = []
    for group in groups if there.any() else []:
        tree = shapely.STRtree(shapes[group])
        _, away = tree.query_nearest(middles, return_distance=True, all_matches=False)
        # What lies farther away than one walks to says nothing.
        columns.append(np.minimum(away, _FARTHEST_M))
    return np.column_stack(columns) if columns else np.empty((len(units), 0))


def _features(history: History, away: Floats) -> Floats:
    units = history.units
    radius = _NEIGHBOURS_CELLS * units.grid.cell_m if units.grid is not None else _NEIGHBOURS_M
    year = history.counts(window_days=365.0)
    fortnight = timedelta(days=_TARGET_DAYS / 2)
    middle = history.now + fortnight
    angle = 2 * np.pi * middle.timetuple().tm_yday / _YEAR_DAYS
    then = (history.age_days <= _WEEKS_DAYS) & (history.age_days > _WEEKS_DAYS - _TARGET_DAYS)
    columns = [history.counts(window_days=lag) for lag in _LAGS_DAYS]
    columns += [history.spread(half_life, wide) for half_life, wide in _KERNELS]
    columns += [
        history.counts(),
        GammaPoisson().fit(history).rate_,
        units.within(radius, year) - year,
        np.bincount(history.unit[then], minlength=len(units)).astype(float),
        np.full(len(units), history.level()),
        np.full(len(units), np.sin(angle)),
        np.full(len(units), np.cos(angle)),
    ]
    return np.column_stack([*columns, away])

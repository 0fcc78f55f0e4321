"""Settings of the models, from periods before those that they are judged on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from riskmiljo.forecast import scores
from riskmiljo.forecast.average import Average, combined
from riskmiljo.forecast.base import Forecaster
from riskmiljo.forecast.boosted import Boosted
from riskmiljo.forecast.counts import AllHistory, LastYear, RecencyCounts, SamePeriodLastYear
from riskmiljo.forecast.etas import ETAS
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.kernel import RecencyKDE
from riskmiljo.forecast.mixed_prior import MixedPrior
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.prospective import Prospective
from riskmiljo.forecast.record import History, Record
from riskmiljo.model.period import Period

Floats = npt.NDArray[np.float64]

BASELINE: Final = LastYear.name
# How much surer or less sure than the model itself says: its shape is multiplied by one of these.
_SHARPNESS: Final = tuple(np.geomspace(0.05, 20.0, 25))
_SHARPNESS_PERIODS: Final = 6


def _each(make: Callable[..., Forecaster], **values: tuple[float, ...]) -> list[Forecaster]:
    names = list(values)
    return [make(**dict(zip(names, v, strict=True))) for v in product(*values.values())]


def candidates(seed: int) -> dict[str, list[Forecaster]]:
    """Return every model's settings to choose among, the usual one first.

    Parameters
    ----------
    seed
        For models with chance in them.

    Returns
    -------
    dict
        Name to models. ``average`` has none: its members are the best of the others.
    """
    return {
        LastYear.name: [LastYear()],
        SamePeriodLastYear.name: [SamePeriodLastYear()],
        AllHistory.name: [AllHistory()],
        RecencyCounts.name: _each(RecencyCounts, half_life_days=(365.0, 180.0, 730.0)),
        RecencyKDE.name: _each(
            RecencyKDE, bandwidth_m=(150.0, 100.0, 225.0, 340.0), half_life_days=(365.0, 730.0)
        ),
        GammaPoisson.name: _each(
            GammaPoisson,
            bandwidth_m=(250.0, 150.0, 400.0),
            half_life_days=(365.0, 240.0, 480.0),
            kappa=(5.0, 3.0, 10.0),
        ),
        MixedPrior.name: [MixedPrior()],
        Prospective.name: [Prospective()],
        ETAS.name: [
            ETAS(bandwidth_m=150.0, most_rounds=25, most_pairs=600_000, shuffles=0, controls=0)
        ],
        Boosted.name: [Boosted(seed=seed)],
        Average.name: [],
    }


@dataclass(frozen=True)
class Tuned:
    """Models with the settings that did best before the test.

    Attributes
    ----------
    models
        Name to model.
    sharpness
        Name to the factor on the shape of its belief under which past counts were likeliest.
    table
        One row a model and tuning period: ``model``, ``origin``, ``events``, ``gain_bits`` and
        ``hits`` at the last share.
    members
        Names of the models that ``average`` is made of.
    """

    models: dict[str, Forecaster]
    sharpness: dict[str, float]
    table: pd.DataFrame = field(repr=False)
    members: tuple[str, ...] = ()


def tune(
    record: Record, periods: list[Period], choices: Mapping[str, list[Forecaster]], share: float
) -> Tuned:
    """Choose each model's settings by the information gain over past periods.

    Parameters
    ----------
    record
        Incidents; at each period's start only what was known then is used.
    periods
        All before the test; none leaves every model at its usual settings.
    choices
        Name to models with different settings, the usual one first. An ``average`` without any
        is made of the best others.
    share
        Flagged share of the area for the hits in the table.

    Returns
    -------
    Tuned
        For the back-test.
    """
    # The models of one moment share what is dear.
    histories = [record.known(period.start) for period in periods]
    models = _best_settings(record, periods, histories, choices)
    made = _Trial(record, share)
    members: tuple[str, ...] = ()
    wants_average = Average.name in choices and not choices[Average.name]
    for period, history in zip(periods, histories, strict=True):
        for name, model in models.items():
            made.add(name, period, model.fit(history).predict(period))
    if wants_average:
        able = [name for name in models if name != BASELINE] or list(models)
        usual = [name for name in (GammaPoisson.name, Boosted.name) if name in able] or able[:1]
        members = made.best_pair(able) if periods else tuple(usual)
        models[Average.name] = Average(members=[models[name] for name in members])
        for at, period in enumerate(periods):
            joint = combined([made.predictions[name][at] for name in members])
            made.add(Average.name, period, joint)
    sharpness = {name: made.sharpness(name) for name in models}
    return Tuned(models, sharpness, made.table(), members)


def _best_settings(
    record: Record,
    periods: list[Period],
    histories: list[History],
    choices: Mapping[str, list[Forecaster]],
) -> dict[str, Forecaster]:
    open_ = {name: models for name, models in choices.items() if len(models) > 1}
    bits = {name: np.zeros(len(models)) for name, models in open_.items()}
    for period, history in zip(periods, histories, strict=True) if open_ else ():
        came = record.counts(period)
        if came.sum() == 0:
            continue
        for name, models in open_.items():
            for at, model in enumerate(models):
                expected = model.fit(history).predict(period).expected
                gain = scores.gain_bits(expected, came, record.units.size)
                bits[name][at] += gain * came.sum()
    return {
        # argmax takes the first of equals: the usual settings.
        name: models[int(np.argmax(bits[name]))] if name in bits else models[0]
        for name, models in choices.items()
        if models
    }


class _Trial:
    """Forecasts of the tuning periods, model by model."""

    def __init__(self, record: Record, share: float) -> None:
        self.record, self.share = record, share
        self.predictions: dict[str, list[Prediction]] = {}
        self.came: dict[str, list[Floats]] = {}
        self.rows: list[dict[str, object]] = []
        self.gained: list[tuple[str, float]] = []

    def add(self, name: str, period: Period, prediction: Prediction) -> None:
        came, size = self.record.counts(period), self.record.units.size
        events = float(came.sum())
        self.predictions.setdefault(name, []).append(prediction)
        self.came.setdefault(name, []).append(came)
        gain = scores.gain_bits(prediction.expected, came, size)
        self.gained.append((name, gain * events if events else 0.0))
        self.rows.append(
            {
                "model": name,
                "origin": pd.Timestamp(period.start),
                "events": int(events),
                "gain_bits": gain,
                "hits": scores.hits(scores.flagged(prediction.expected, size, self.share), came),
            }
        )

    def bits(self, name: str) -> float:
        return float(sum(bits for model, bits in self.gained if model == name))

    def best_pair(self, names: list[str]) -> tuple[str, ...]:
        """Return the model with most gain, and the one that with it makes the best average."""
        first = max(names, key=self.bits)
        size = self.record.units.size

        def joint(name: str) -> float:
            pairs = zip(self.predictions[first], self.predictions[name], strict=True)
            return float(
                sum(
                    scores.gain_bits(combined(pair).expected, came, size) * came.sum()
                    for pair, came in zip(pairs, self.came[first], strict=True)
                    if came.any()
                )
            )

        rest = [name for name in names if name != first]
        return (first, max(rest, key=joint)) if rest else (first,)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=["model", "origin", "events", "gain_bits", "hits"])

    def sharpness(self, name: str) -> float:
        made = self.predictions.get(name, [])[-_SHARPNESS_PERIODS:]
        return _sharpness(
            list(zip(made, self.came.get(name, [])[-_SHARPNESS_PERIODS:], strict=True))
        )


def _sharpness(pairs: list[tuple[Prediction, Floats]]) -> float:
    if not pairs:
        return 1.0
    expected = np.concatenate([made.expected for made, _ in pairs])
    shape = np.concatenate([made.shape for made, _ in pairs])
    came = np.concatenate([counts for _, counts in pairs])
    used = expected > 0
    expected, shape, came = expected[used], shape[used], came[used]
    some = came > 0

    def likelihood(factor: float) -> float:
        r = shape * factor
        # log NB without what does not depend on r.
        value = -(came + r) * np.log1p(expected / r) - came * np.log(r)
        counted = special.gammaln(came[some] + r[some]) - special.gammaln(r[some])
        return float(value.sum() + counted.sum())

    return float(max(_SHARPNESS, key=likelihood))

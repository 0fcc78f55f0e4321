"""All scores of one forecast at one origin, as a row of the back-test's table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.forecast import scores
from riskmiljo.forecast.ceiling import Ceiling, noise_ceiling
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.units import Units
from riskmiljo.model.period import Period

Floats = npt.NDArray[np.float64]

# The forecast areas of the NIJ Real-Time Crime Forecasting Challenge, square miles.
NIJ_AREAS: Final = (0.25, 0.75)
_HECTARES_A_SQUARE_MILE: Final = 258.9988
_HECTARES_A_KM2: Final = 100.0
# Expected numbers are pooled in classes a fiftieth of their size wide.
_CLASS_WIDTH: Final = 0.02
_CEILING_SIMULATIONS: Final = 10


@dataclass(frozen=True, slots=True)
class Flag:
    """A flagged area of fixed size.

    Attributes
    ----------
    label
        Its part of the column names, such as ``1pct`` or ``0.25mi2``.
    share
        Its share of the study area.
    """

    label: str
    share: float


def flags_of(shares: tuple[float, ...], units: Units) -> list[Flag]:
    """Return the areas to flag: the shares asked for, and those of the NIJ challenge.

    Parameters
    ----------
    shares
        Of the study area.
    units
        The study area in parts. The NIJ areas are left out where they are no hectares or the
        study area is smaller.

    Returns
    -------
    list of Flag
        In that order.
    """
    wanted = [Flag(share_label(share), share) for share in shares]
    if units.grid is not None:
        for square_miles in NIJ_AREAS:
            share = square_miles * _HECTARES_A_SQUARE_MILE / units.area
            if share < 1:
                wanted.append(Flag(f"{square_miles:g}mi2", share))
    return wanted


def share_label(share: float) -> str:
    """Return a share's part of the column names: 0.05 gives ``5pct``."""
    return f"{100 * share:g}pct"


@dataclass(frozen=True)
class Outcome:
    """What came in a period, and what all models are held against.

    Attributes
    ----------
    period
        The period.
    counts
        Shape (n,), incidents of each unit.
    before
        Shape (n,), incidents of the 365 days before, as known at the origin.
    best
        The hits of the best choice in hindsight, by label.
    ceilings
        What the true rates would reach, by label.
    """

    period: Period
    counts: Floats = field(repr=False)
    before: Floats = field(repr=False)
    best: dict[str, float]
    ceilings: dict[str, Ceiling]


def outcome_of(
    period: Period,
    counts: Floats,
    before: Floats,
    rates: Floats,
    units: Units,
    flags: list[Flag],
    rng: np.random.Generator,
) -> Outcome:
    """Gather what a period's forecasts are held against.

    Parameters
    ----------
    period, counts, before
        As in `Outcome`.
    rates
        Shape (n,), the fitted expected numbers from which the ceiling is simulated.
    units
        The study area in parts.
    flags
        The areas to flag.
    rng
        Chance.

    Returns
    -------
    Outcome
        For `score_row`.
    """
    best = {flag.label: scores.best_hits(counts, units.size, flag.share) for flag in flags}
    ceilings = {
        flag.label: noise_ceiling(
            rates, units.size, flag.share, simulations=_CEILING_SIMULATIONS, rng=rng
        )
        for flag in flags
    }
    return Outcome(period, counts, before, best, ceilings)


@dataclass(frozen=True)
class Scored:
    """One model's scores at one origin.

    Attributes
    ----------
    row
        Column name to value.
    flagged
        Label to the flagged fractions, shape (n,), for the stability of the next origin.
    classes
        ``level`` (class of the expected number), ``units``, ``expected`` and ``came``.
    """

    row: dict[str, Any]
    flagged: dict[str, Floats] = field(repr=False)
    classes: pd.DataFrame = field(repr=False)


def score_row(
    prediction: Prediction,
    outcome: Outcome,
    units: Units,
    flags: list[Flag],
    earlier: dict[str, Floats] | None,
) -> Scored:
    """Score one forecast.

    Parameters
    ----------
    prediction
        The forecast.
    outcome
        What came.
    units
        The study area in parts.
    flags
        The areas to flag.
    earlier
        The same model's flagged fractions at the origin before; None at the first.

    Returns
    -------
    Scored
        A row without the model's name.
    """
    came, expected = outcome.counts, prediction.expected
    events = float(came.sum())
    row: dict[str, Any] = {
        "origin": pd.Timestamp(outcome.period.start),
        "end": pd.Timestamp(outcome.period.end),
        "events": int(events),
        "expected": float(expected.sum()),
        "gain_bits": scores.gain_bits(expected, came, units.size),
        "deviance": scores.poisson_deviance(expected, came),
        "slope": scores.calibration_slope(expected, came),
    }
    covered = scores.coverage(prediction, came)
    row["coverage"] = float(covered.mean())
    kept: dict[str, Floats] = {}
    for flag in flags:
        part = scores.flagged(expected, units.size, flag.share)
        kept[flag.label] = part
        hit = scores.hits(part, came)
        best, ceiling = outcome.best[flag.label], outcome.ceilings[flag.label]
        area_km2 = flag.share * units.area / _HECTARES_A_KM2
        before_hit, before = scores.hits(part, outcome.before), float(outcome.before.sum())
        values = {
            "hits": hit,
            "best_hits": best,
            "hit_rate": hit / events if events else float("nan"),
            "pai": scores.pai(hit, events, flag.share),
            "pei_star": scores.pei_star(hit, best),
            "ceiling_hit_rate": ceiling.hit_rate,
            "ceiling_pei_star": ceiling.pei_star,
            "ser": hit / area_km2 if units.grid is not None else float("nan"),
            "rri": scores.recapture_rate_index(before_hit, hit, before, events),
            "precision": scores.precision(part, came),
            "coverage": float(part @ covered / part.sum()),
            "jaccard": float("nan")
            if earlier is None
            else scores.jaccard(part * units.size, earlier[flag.label] * units.size),
        }
        row.update({f"{name}_{flag.label}": value for name, value in values.items()})
    return Scored(row, kept, _classes(expected, came))


def _classes(expected: Floats, came: Floats) -> pd.DataFrame:
    used = expected > 0
    level = np.round(np.log(expected[used]) / _CLASS_WIDTH).astype(np.int64)
    values, inverse = np.unique(level, return_inverse=True)
    return pd.DataFrame(
        {
            "level": values,
            "units": np.bincount(inverse, minlength=len(values)),
            "expected": np.bincount(inverse, expected[used], minlength=len(values)),
            "came": np.bincount(inverse, came[used], minlength=len(values)),
        }
    )

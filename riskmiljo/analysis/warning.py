"""Early warning: the latest week of each zone against the range that its past leads to expect."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from riskmiljo.analysis.expected_range import (
    Fit,
    Predicted,
    robust_quasi_poisson,
    seasons,
)
from riskmiljo.analysis.false_discovery import adjusted_p, checked_rate
from riskmiljo.analysis.weekly import weekly_counts
from riskmiljo.model.period import TZ
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS: Final = (
    "this_week",
    "expected",
    "lower_90",
    "upper_90",
    "lower_95",
    "upper_95",
    "z",
    "exceedance",
    "p",
    "q",
    "weeks",
    "seasons",
    "verdict",
    "verdict_sv",
    "verdict_en",
)
VERDICTS: Final[dict[str, Text]] = {
    "alarm": Text(
        "larm: {n} i veckan mot väntade {e} ({a} till {b})",
        "alarm: {n} this week against {e} expected ({a} to {b})",
    ),
    "above": Text(
        "över det väntade: {n} i veckan mot {a} till {b}; kan vara slump bland många zoner",
        "above the expected range: {n} this week against {a} to {b}; may be chance among many "
        "zones",
    ),
    "usual": Text(
        "som väntat: {n} i veckan, väntat {a} till {b}",
        "as expected: {n} this week, {a} to {b} expected",
    ),
    "below": Text(
        "under det väntade: {n} i veckan mot {a} till {b}",
        "below the expected range: {n} this week against {a} to {b}",
    ),
    "short": Text(
        "för kort historik för att bedöma: {n} i veckan, {w} {w:vecka|veckor} före",
        "too short a record to judge: {n} this week, {w} {w:week|weeks} before",
    ),
    "empty": Text(
        "ingen historik att jämföra med: {n} i veckan, inga händelser på {w} {w:vecka|veckor}",
        "no record to compare with: {n} this week, no incidents in {w} {w:week|weeks}",
    ),
}
# With fewer weeks before, not even the spread is known.
_SHORTEST: Final = 12
_YEAR: Final = 52
# Weeks just before now are left out: what is beginning must not become what is expected.
_GUARD: Final = 3
# Zones with at least so many incidents in their record get a season of their own.
_OWN_SEASON: Final = 500
_TREND_P: Final = 0.05


def early_warning(
    incidents: pd.DataFrame,
    by: pd.Series | None = None,
    *,
    now: str | date,
    since: str | date | None = None,
    fdr: float = 0.05,
    tz: str = TZ,
) -> pd.DataFrame:
    """Compare the last seven days with what is expected of them, zone by zone.

    Parameters
    ----------
    incidents
        With ``occurred_from`` in UTC, best two years or more of them.
    by
        The zone of each incident, as `assign_zones` gives it; those without one count in the
        area's season only. None: the whole area as one row, ``"all"``.
    now
        The week ends at the local midnight that begins this day.
    since
        The first local day of the record; None: that of the first incident.
    fdr
        Share of false alarms among the alarms that is accepted.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        Index zone_id in sorted order. ``this_week``, ``expected``, the prediction intervals
        ``lower_90`` to ``upper_95``, ``z`` (standard normal score of the count), ``exceedance``
        (1 is the upper end of the 90 % interval), ``p`` (chance of so many or more), ``q`` (after
        control over all zones), ``weeks`` of record used, ``seasons`` ("own", "area" or "none"),
        and ``verdict``: alarm (q within ``fdr``), above (over the 95 % interval, but no alarm),
        usual, below, short (fewer than 12 weeks) or empty, said in ``verdict_sv`` and
        ``verdict_en``. What cannot be told is NaN.

    Raises
    ------
    NothingFoundError
        If no incident began before ``now``.
    InvalidInputError
        If the labels do not fit, or an argument cannot be used.

    Notes
    -----
    A quasi-Poisson regression with level, trend and the year's waves, fitted to all weeks but the
    last four; weeks that look like earlier outbreaks weigh less. A trend is kept from 52 weeks on
    if it is significant; one wave is used from 52 weeks, two from 104. A zone with fewer than 500
    incidents takes the season of the whole area. The count is negative binomial around the
    predicted mean, the uncertainty of which is in its variance. Incidents that are registered
    late are missing from the last week: it errs on the low side.

    References
    ----------
    Farrington, C. P. et al. (1996). A statistical algorithm for the early detection of outbreaks
    of infectious disease. Journal of the Royal Statistical Society A 159, 547-563.
    Noufaily, A. et al. (2013). An improved algorithm for outbreak detection in multiple
    surveillance systems. Statistics in Medicine 32, 1206-1222.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    checked_rate(fdr)
    whole = weekly_counts(incidents, now=now, since=since, tz=tz)
    zones = whole
    if by is not None:
        zones = weekly_counts(incidents, by, now=now, since=whole.columns[0], tz=tz)
    table = expected_ranges(zones.to_numpy(), whole.to_numpy()[0])
    table.index = zones.index
    table["q"] = adjusted_p(table["p"])
    this_week = table["this_week"]
    table["verdict"] = np.select(
        [
            table["weeks"] < _SHORTEST,
            table["p"].isna(),
            table["q"] <= fdr,
            this_week > table["upper_95"],
            this_week < table["lower_95"],
        ],
        ["short", "empty", "alarm", "above", "below"],
        "usual",
    )
    said = [_said(row) for row in table.to_dict("records")]
    table["verdict_sv"] = [text.sv for text in said]
    table["verdict_en"] = [text.en for text in said]
    return table[list(COLUMNS)]


def expected_ranges(counts: npt.ArrayLike, area: npt.ArrayLike) -> pd.DataFrame:
    """Return what is expected of the last week of each series, and how unusual it is.

    Parameters
    ----------
    counts
        Shape (zones, weeks), whole numbers; the last column is the week that is judged.
    area
        Shape (weeks,), the counts of the whole area, for the season of small zones.

    Returns
    -------
    pandas.DataFrame
        The numeric columns of `early_warning` but ``q``; NaN where there are fewer than 12 weeks
        before the last one, or no incident in the weeks that are fitted.
    """
    table = np.atleast_2d(np.asarray(counts, dtype=float))
    total = np.asarray(area, dtype=float)
    before = table.shape[1] - 1
    rows = [
        _row(series, total, before) if before >= _SHORTEST else _unknown(series[-1], before)
        for series in table
    ]
    columns = [name for name in COLUMNS if name not in ("q", "verdict", "verdict_sv", "verdict_en")]
    return pd.DataFrame(rows, columns=columns).astype({"this_week": int, "weeks": int})


def _unknown(count: float, weeks: int) -> dict[str, object]:
    return {"this_week": count, "weeks": weeks, "seasons": "none"}


def _row(series: Floats, area: Floats, before: int) -> dict[str, object]:
    fitted = series[: before - _GUARD]
    if fitted.sum() == 0:
        return _unknown(series[-1], before)
    own = fitted.sum() >= _OWN_SEASON or series is area
    waves = _waves(len(fitted))
    season = np.zeros(len(series))
    if not own and waves and area[: len(fitted)].sum() > 0:
        season = _season(area, len(fitted), waves)
    predicted = _predicted(series, len(fitted), season, waves if own else 0)
    count = series[-1]
    below, upto = float(predicted.at_most(count - 1)), float(predicted.at_most(count))
    upper = predicted.quantile(0.95)
    mid = np.clip((below + upto) / 2, 1e-300, 1 - 1e-16)
    return {
        "this_week": count,
        "expected": predicted.mean,
        "lower_90": predicted.quantile(0.05),
        "upper_90": upper,
        "lower_95": predicted.quantile(0.025),
        "upper_95": predicted.quantile(0.975),
        "z": float(special.ndtri(mid)),
        "exceedance": (count - predicted.mean) / max(upper - predicted.mean, 1e-9),
        "p": min(1.0, max(0.0, 1.0 - below)),
        "weeks": before,
        "seasons": "none" if not waves else "own" if own else "area",
    }


def _waves(weeks: int) -> int:
    return min(2, weeks // _YEAR)


def _season(area: Floats, past: int, waves: int) -> Floats:
    """Return the logarithm of the area's season over all weeks, 0 on average."""
    week = np.arange(len(area))
    design = np.column_stack([np.ones(len(area)), seasons(week, waves)])
    fit = robust_quasi_poisson(area[:past], design[:past], np.zeros(past))
    return np.asarray(design[:, 1:] @ fit.coefficients[1:])


def _predicted(series: Floats, past: int, offset: Floats, waves: int) -> Predicted:
    week = np.arange(len(series))
    design = np.column_stack([np.ones(len(series)), seasons(week, waves)])
    if past >= _YEAR:
        # In the last fitted week the trend is 0: the level is then that of today.
        trend = (week - (past - 1)) / _YEAR
        longer = np.column_stack([design, trend])
        fit = robust_quasi_poisson(series[:past], longer[:past], offset[:past])
        if _significant(fit) and _tame(fit, series[:past], longer[-1], float(offset[-1])):
            return _next(fit, longer[-1], float(offset[-1]))
    fit = robust_quasi_poisson(series[:past], design[:past], offset[:past])
    return _next(fit, design[-1], float(offset[-1]))


def _significant(fit: Fit) -> bool:
    error = np.sqrt(fit.covariance[-1, -1])
    return bool(2 * special.ndtr(-abs(fit.coefficients[-1]) / error) < _TREND_P)


def _tame(fit: Fit, past: Floats, row: Floats, offset: float) -> bool:
    # A trend may not lead beyond what was ever seen (Noufaily and others).
    return bool(np.exp(row @ fit.coefficients + offset) <= past.max())


def _next(fit: Fit, row: Floats, offset: float) -> Predicted:
    mean = float(np.exp(np.clip(row @ fit.coefficients + offset, -30.0, 30.0)))
    variance = mean * fit.dispersion + mean**2 * float(row @ fit.covariance @ row)
    return Predicted(mean, variance)


def _said(row: dict[Hashable, Any]) -> Text:
    word = str(row["verdict"])
    values: dict[str, object] = {"n": int(row["this_week"]), "w": int(row["weeks"])}
    if word not in ("short", "empty"):
        values["e"] = decimal_text(row["expected"], 1)
        values["a"], values["b"] = int(row["lower_95"]), int(row["upper_95"])
    return VERDICTS[word].fill(**values)

"""When the level changed: the best division of a series of counts into stretches."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from riskmiljo.analysis.arguments import is_real, numbers_in, require_whole, shown
from riskmiljo.analysis.expected_range import robust_quasi_poisson, seasons
from riskmiljo.analysis.weekly import checked_counts, weekly_counts
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STRETCH_COLUMNS: Final = ("begin", "end", "count", "level", "times_before")
_YEAR: Final = 52


def change_points(
    counts: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
    min_length: int = 4,
    penalty: float | None = None,
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """Divide a series of counts into stretches of one level each.

    Parameters
    ----------
    counts
        Shape (n,), whole numbers, one a week (or any other step).
    exposure
        Shape (n,), more than 0: what the count is due in proportion to, such as a season. None: 1.
    min_length
        Steps in a stretch at least.
    penalty
        What a change must gain in log likelihood. None: the Bayesian information criterion, which
        asks ``log(n)`` for a change's place and level.
    dispersion
        Variance over mean within a stretch, at least 1; the gain is divided by it.

    Returns
    -------
    pandas.DataFrame
        One row a stretch: ``begin`` and ``end`` (steps, the end not included), ``count``,
        ``level`` (per step of exposure 1) and ``times_before`` (the level over the former one;
        NaN in the first row, infinite after nothing).

    Raises
    ------
    InvalidInputError
        If a count, an exposure or an option cannot be used, or the series is shorter than
        ``min_length``.

    Notes
    -----
    Exact: dynamic programming over all divisions. The time grows with the square of the length
    (500 weeks: 10 ms).

    References
    ----------
    Auger, I. E. and Lawrence, C. E. (1989). Algorithms for the optimal identification of segment
    neighborhoods. Bulletin of Mathematical Biology 51, 39-54.
    Jackson, B. et al. (2005). An algorithm for optimal partitioning of data on an interval. IEEE
    Signal Processing Letters 12, 105-108.
    Killick, R., Fearnhead, P. and Eckley, I. A. (2012). Optimal detection of changepoints with a
    linear computational cost. Journal of the American Statistical Association 107, 1590-1598.

    Examples
    --------
    >>> change_points([2, 1, 3, 2, 2, 9, 8, 11, 10, 9])["begin"].tolist()
    [0, 5]
    """
    values = checked_counts(counts)
    due = _checked_exposure(exposure, len(values))
    if penalty is None:
        penalty = float(np.log(len(values)))
    if not (is_real(penalty) and is_real(dispersion) and penalty >= 0 and dispersion >= 1):
        raise InvalidInputError(
            Text(
                "penalty ska vara minst 0 och dispersion minst 1, inte {p} och {d}.",
                "penalty must be at least 0 and dispersion at least 1, not {p} and {d}.",
            ).fill(p=shown(penalty), d=shown(dispersion))
        )
    require_whole(1, min_length=min_length)
    if min_length > len(values):
        raise InvalidInputError(
            Text(
                "Serien har {n} steg och min_length är {m}. Ge en längre serie eller ett mindre "
                "tal.",
                "The series has {n} {n:step|steps} and min_length is {m}. Give a longer series "
                "or a smaller number.",
            ).fill(n=len(values), m=min_length)
        )
    begins = _best_division(values, due, min_length, penalty * dispersion)
    ends = np.append(begins[1:], len(values))
    sums = np.add.reduceat(values, begins)
    level = sums / np.add.reduceat(due, begins)
    before = np.concatenate([[np.nan], level[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        times = level / before
    return pd.DataFrame(dict(zip(STRETCH_COLUMNS, (begins, ends, sums, level, times), strict=True)))


def _best_division(values: Ints, due: Floats, shortest: int, penalty: float) -> Ints:
    n = len(values)
    sums = np.concatenate([[0], np.cumsum(values)]).astype(float)
    dues = np.concatenate([[0.0], np.cumsum(due)])
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    previous = np.zeros(n + 1, dtype=np.int64)
    for end in range(shortest, n + 1):
        begin = np.arange(end - shortest + 1)
        count = sums[end] - sums[begin]
        # Minus the log likelihood at the best level, without what no division changes.
        cost = best[begin] - special.xlogy(count, count / (dues[end] - dues[begin])) + penalty
        previous[end] = int(np.argmin(cost))
        best[end] = cost[previous[end]]
    begins = [n]
    while begins[-1] > 0:
        begins.append(int(previous[begins[-1]]))
    return np.asarray(begins[:0:-1], dtype=np.int64)


def level_changes(
    incidents: pd.DataFrame,
    by: pd.Series | None = None,
    *,
    now: str | date,
    since: str | date | None = None,
    min_weeks: int = 4,
    tz: str = TZ,
) -> pd.DataFrame:
    """Tell from which week each zone has its present level, and what it was before.

    Parameters
    ----------
    incidents
        With ``occurred_from`` in UTC.
    by
        The zone of each incident, as `assign_zones` gives it. None: the whole area, ``"all"``.
    now
        The last week ends at the local midnight that begins this day.
    since
        The first local day of the record; None: that of the first incident.
    min_weeks
        Weeks in a stretch at least.
    tz
        The zone of local days.

    Returns
    -------
    pandas.DataFrame
        One row a stretch: ``zone_id``, ``begins`` and ``ends`` (local dates, the end not
        included), ``weeks``, ``incidents``, ``per_week``, ``times_before`` (the level over the
        former one with the season taken out) and ``seasonal``: whether it was, which takes 104
        weeks; with less a change may be the season's.

    Raises
    ------
    NothingFoundError
        If no incident began before ``now``.
    InvalidInputError
        If the labels do not fit, or the record is shorter than ``min_weeks``.

    Notes
    -----
    `change_points` with the season of the whole area as exposure, and with the dispersion of the
    zone's counts from week to week, which a change of level hardly touches.

    References
    ----------
    Killick, R., Fearnhead, P. and Eckley, I. A. (2012). Optimal detection of changepoints with a
    linear computational cost. Journal of the American Statistical Association 107, 1590-1598.
    """
    whole = weekly_counts(incidents, now=now, since=since, tz=tz)
    zones = whole
    if by is not None:
        zones = weekly_counts(incidents, by, now=now, since=whole.columns[0], tz=tz)
    seasonal = len(whole.columns) >= 2 * _YEAR
    due = _season(whole.to_numpy()[0].astype(float)) if seasonal else np.ones(len(whole.columns))
    week = np.append(
        whole.columns.to_numpy(dtype="datetime64[D]"),
        np.datetime64(whole.columns[-1], "D") + np.timedelta64(7, "D"),
    )
    rows = []
    for zone, series in zip(zones.index, zones.to_numpy(), strict=True):
        found = change_points(
            series, exposure=due, min_length=min_weeks, dispersion=_dispersion(series, due)
        )
        length = (found["end"] - found["begin"]).to_numpy()
        rows.append(
            pd.DataFrame(
                {
                    "zone_id": zone,
                    "begins": week[found["begin"]].tolist(),
                    "ends": week[found["end"]].tolist(),
                    "weeks": length,
                    "incidents": found["count"],
                    "per_week": found["count"] / length,
                    "times_before": found["times_before"],
                    "seasonal": seasonal,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _season(area: Floats) -> Floats:
    week = np.arange(len(area))
    waves = seasons(week, 1)
    # A slow trend of its own keeps a change of level out of the waves.
    design = np.column_stack([np.ones(len(area)), waves, (week - week.mean()) / len(area)])
    fit = robust_quasi_poisson(area, design, np.zeros(len(area)))
    due = np.exp(waves @ fit.coefficients[1:3])
    return np.asarray(due / due.mean())


def _dispersion(series: Ints, due: Floats) -> float:
    """Variance over mean, from the steps between neighbouring weeks."""
    level = series / due
    if len(level) < 2 or level.sum() == 0:  # noqa: PLR2004 - no two weeks to compare
        return 1.0
    mean = (level[1:] + level[:-1]) / 2
    expected = mean * (1 / due[1:] + 1 / due[:-1])
    return max(1.0, float((np.diff(level) ** 2).sum() / expected.sum()))


def _checked_exposure(exposure: npt.ArrayLike | None, n: int) -> Floats:
    if exposure is None:
        return np.ones(n)
    due = numbers_in(exposure, Text("exposure", "exposure"))
    if due.shape != (n,) or not (np.isfinite(due) & (due > 0)).all():
        raise InvalidInputError(
            Text(
                "exposure ska vara {n} tal större än 0, ett per steg.",
                "exposure must be {n} {n:number|numbers} of more than 0, one for each step.",
            ).fill(n=n)
        )
    return due

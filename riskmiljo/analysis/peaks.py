"""A rhythm smoothed, and the hours in which it peaks, said as people say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from riskmiljo.analysis.rhythm import HOURS
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.vocabulary import WEEKDAYS_SHORT
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

_DAYS: Final = 7
_SHORTEST_H, _LONGEST_H = 3, 6
# Under this many times the mean nothing stands out that is worth naming.
_EVEN_TIMES: Final = 1.2
# Runs that people speak of: up to three days from any day, Monday to Friday, and all week.
_RUNS: Final = (1, 2, 3, 5, 7)
_WORKING_DAYS: Final = 5


def smoothed_rhythm(
    profile: pd.DataFrame, *, width_h: float = 1.5, prior_weight: float = 40.0
) -> pd.DataFrame:
    """Smooth profiles around the week and shrink the thin ones towards the whole.

    Parameters
    ----------
    profile
        Groups by 168 hours, counts, as `rhythm` gives it.
    width_h
        Standard deviation of the Gaussian that is laid around the circle of the week, hours.
    prior_weight
        How many incidents the whole's profile counts for in each group's.

    Returns
    -------
    pandas.DataFrame
        Same shape; shares, each row sums to one. A group without incidents has the whole's shares,
        and a table without any has equal ones.

    Raises
    ------
    InvalidInputError
        If the table has not 168 columns.

    Notes
    -----
    The whole's profile is the mean of a Dirichlet prior, ``prior_weight`` its weight.

    References
    ----------
    Good, I. J. (1965). The Estimation of Probabilities: An Essay on Modern Bayesian Methods.
    """
    counts = _hours(profile)
    smooth = ndimage.gaussian_filter1d(counts, width_h, axis=1, mode="wrap") if width_h else counts
    whole = smooth.sum(axis=0)
    prior = whole / whole.sum() if whole.sum() > 0 else np.full(HOURS, 1 / HOURS)
    total = smooth.sum(axis=1, keepdims=True)
    weight = total + prior_weight
    safe = np.where(weight > 0, weight, 1.0)
    shares = np.where(weight > 0, (smooth + prior_weight * prior) / safe, prior)
    return pd.DataFrame(shares, index=profile.index, columns=profile.columns)


@dataclass(frozen=True, slots=True)
class Peak:
    """The hours of the week in which most happens for their length.

    Parameters
    ----------
    weekdays
        The days on which the hours begin, 1 (Monday) to 7, in order of the run.
    start_h, end_h
        Local hours; an end at or before the start is on the next day.
    share
        Share of all that falls in these hours, 0 to 1.
    times_usual
        That share over the hours' share of the week.
    """

    weekdays: tuple[int, ...]
    start_h: int
    end_h: int
    share: float
    times_usual: float

    @property
    def even(self) -> bool:
        """Whether the hours hold hardly more than any others: then there is no peak to name."""
        return self.times_usual < _EVEN_TIMES

    @property
    def text(self) -> Text:
        """Days and hours in words, such as "fre–lör 22–02"."""
        hours = f"{self.start_h:02d}–{self.end_h:02d}"
        if len(self.weekdays) == _DAYS:
            return Text(f"alla dagar {hours}", f"every day {hours}")
        first, last = WEEKDAYS_SHORT[self.weekdays[0] - 1], WEEKDAYS_SHORT[self.weekdays[-1] - 1]
        if len(self.weekdays) == 1:
            return Text(f"{first.sv} {hours}", f"{first.en} {hours}")
        return Text(f"{first.sv}–{last.sv} {hours}", f"{first.en}–{last.en} {hours}")


def peak_hours(hours: npt.ArrayLike) -> Peak:
    """Find the run of days and span of hours that holds the most for its length.

    Parameters
    ----------
    hours
        Shape (168,), counts or shares by hour of the local week, Monday 00 first.

    Returns
    -------
    Peak
        Among runs of one to three days, Monday to Friday and the whole week, with the same 3 to 6
        hours on each, the one with the highest scan statistic; ties go to the shortest.

    Raises
    ------
    NothingFoundError
        If nothing happened.
    InvalidInputError
        If there are not 168 hours.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic.
    """
    values = _hours(pd.DataFrame(np.asarray(hours, dtype=float).reshape(1, -1)))[0]
    if values.sum() <= 0:
        raise NothingFoundError(Text("Inga händelser, ingen topp.", "No incidents, no peak."))
    shares = values / values.sum()
    best_score = -1.0
    best = Peak((1,), 0, _SHORTEST_H, 0.0, 0.0)
    twice = np.tile(shares, 2)
    for length in range(_SHORTEST_H, _LONGEST_H + 1):
        # Share of the span that begins at each hour of the week.
        begun = np.convolve(twice, np.ones(length), "valid")[:HOURS].reshape(_DAYS, 24)
        for days in _RUNS:
            run = sum(np.roll(begun, -day, axis=0) for day in range(days))
            usual = days * length / HOURS
            score = _likelihood_ratio(np.asarray(run), usual)
            if days >= _WORKING_DAYS:
                score[1:] = -1.0
            day, hour = divmod(int(np.argmax(score)), 24)
            if score[day, hour] > best_score + 1e-12:
                share = float(np.asarray(run)[day, hour])
                weekdays = tuple((day + step) % _DAYS + 1 for step in range(days))
                end = (hour + length) % 24
                best_score = float(score[day, hour])
                best = Peak(weekdays, hour, end, share, share / usual)
    return best


def _likelihood_ratio(share: Floats, usual: float) -> Floats:
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    ratio = inside * np.log(inside / usual) + (1 - inside) * np.log((1 - inside) / (1 - usual))
    return np.where(inside > usual, ratio, 0.0)


def _hours(profile: pd.DataFrame) -> Floats:
    if profile.shape[1] != HOURS:
        raise InvalidInputError(
            Text(
                "En dygnsprofil har 168 timmar, inte {n}.",
                "A profile has 168 hours, not {n}.",
            ).fill(n=profile.shape[1])
        )
    return profile.to_numpy(dtype=float)

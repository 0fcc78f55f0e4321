"""Where and when safe adults are missing: expected need, met or not met by their presence.

**Need** is the expected number of incidents an hour in which young people or unease are involved
and which somebody else than a patrol told of: what patrols discover follows the patrols.

**Presence** is adult minutes an hour at a place: two adults side by side for an hour are 120. Crews
come when they come; if they come independently of each other, the number of crews at a place at any
moment is Poisson with mean ``adult minutes / (60 * ADULTS_PER_CREW)``, whatever the length of their
stays. The share of the hour in which no adult is there is then ``exp(-mean)``.

**The gap** is need times that share: incidents an hour that are to be expected while no adult is
there. It is the need itself where nobody comes, and falls with every minute of presence.

References
----------
Cohen, L. E. and Felson, M. (1979). Social change and crime rate trends: a routine activity
approach. American Sociological Review 44, 588-608. (Why adults who are there matter.)
Takács, L. (1962). Introduction to the Theory of Queues. Oxford University Press. (The number in a
system without queues is Poisson, whatever the length of stays.)
Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks for
use in disease mapping. Biometrics 43, 671-681.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Patrols, outreach and night walkers go in twos; one adult alone is half a crew.
ADULTS_PER_CREW: Final = 2
# How many incidents what is known of the surroundings is worth beside an hour's own.
PRIOR_EVENTS: Final = 5.0
_LEAST_WORTH: Final = 0.5
_HOUR_MIN: Final = 60.0
_CERTAINTY: Final = 0.95
_DAY_H: Final = 24

YOUNG: Final = ("under_18", "18_20")
# Worry and unease count whoever they concern.
UNEASE: Final = ("welfare_concern", "unsafety")
# Whom youth outreach meets.
OUTREACH: Final = "outreach"
# Where no age is known: what in public places mostly has young people in it.
OFTEN_YOUNG: Final = ("alcohol", "public_order")


def concerns_young(incidents: pd.DataFrame) -> Bools:
    """Return which incidents tell of young people or unease, made known by others than patrols.

    Parameters
    ----------
    incidents
        With ``category``, ``detection``, ``age_band`` and ``source`` of the incident contract.

    Returns
    -------
    numpy.ndarray
        True for reported (or unknown) incidents with someone under 21, of worry or unease at any
        age, told by youth outreach, and, where the age is unknown, of alcohol or disorder.
    """
    category = incidents["category"].astype(str)
    age = incidents["age_band"].astype(str)
    young = age.isin(YOUNG) | category.isin(UNEASE) | (incidents["source"] == OUTREACH)
    young |= (age == "unknown") & category.isin(OFTEN_YOUNG)
    return np.asarray(young & (incidents["detection"].astype(str) != "discovered"), dtype=bool)


def time_without_adults(adult_minutes: npt.ArrayLike) -> Floats:
    """Return the share of the time in which no adult is at a place.

    Parameters
    ----------
    adult_minutes
        Adult minutes an hour, any shape.

    Returns
    -------
    numpy.ndarray
        1 where nobody comes, falling towards 0; see the module's references.

    Raises
    ------
    InvalidInputError
        If a number is negative or not finite.

    Examples
    --------
    >>> time_without_adults([0.0, 30.0, 120.0]).round(2).tolist()
    [1.0, 0.78, 0.37]
    """
    minutes = _amounts(adult_minutes, Text("vuxenminuter", "adult minutes"))
    return np.asarray(np.exp(-minutes / (_HOUR_MIN * ADULTS_PER_CREW)))


def presence_gap(
    events: npt.ArrayLike,
    hours: npt.ArrayLike,
    adult_minutes: npt.ArrayLike,
    *,
    prior: npt.ArrayLike | None = None,
    prior_events: float = PRIOR_EVENTS,
) -> pd.DataFrame:
    """Return the need in each slot of time, and how much of it no adult meets.

    Parameters
    ----------
    events
        Shape (places, slots): incidents counted (see `concerns_young`).
    hours
        Shape (slots,): how many hours of each slot were counted in; 0 for a slot never seen.
    adult_minutes
        Shape (places, slots): adult minutes an hour.
    prior
        Shape (slots,): incidents an hour of all places that the surroundings would make one
        believe; None is the mean of all slots.
    prior_events
        How many incidents that belief is worth.

    Returns
    -------
    pandas.DataFrame
        One row a slot, of all places together: ``need`` (incidents an hour), ``need_lower`` and
        ``need_upper`` (95 %), ``adult_minutes`` (an hour, all places), ``uncovered`` (share of the
        need at times and places without an adult, 0 to 1), ``gap``, ``gap_lower`` and ``gap_upper``
        (incidents an hour while no adult is there).

    Raises
    ------
    InvalidInputError
        If shapes do not fit, or a number is negative or not finite.

    Notes
    -----
    A slot's rate is believed Gamma(κ + y, κ/m + E): y incidents in E hours, drawn towards the
    prior m with the weight of κ incidents. Within a slot the places share its need as
    (κ s + y) / (κ + Σy), s being a place's share over all slots. The interval is that of the need;
    presence is taken as known.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987); Takács, L. (1962): see the module.

    Examples
    --------
    >>> presence_gap([[4, 16]], [100, 100], [[0, 120]])[["need", "gap"]].round(3).values.tolist()
    [[0.06, 0.06], [0.14, 0.052]]
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - a page without it need not wait

    counts = _amounts(events, Text("händelser", "incidents"))
    exposure = _amounts(hours, Text("timmar", "hours"))
    minutes = _amounts(adult_minutes, Text("vuxenminuter", "adult minutes"))
    if counts.ndim != 2 or counts.shape != minutes.shape or exposure.shape != counts.shape[1:]:  # noqa: PLR2004 - places and slots
        raise InvalidInputError(
            Text(
                "Händelser och närvaro ska ha formen (platser, tider) och timmar (tider,).",
                "Incidents and presence must have the shape (places, slots) and hours (slots,).",
            )
        )
    if not np.isfinite(prior_events) or prior_events <= 0:
        raise InvalidInputError(
            Text("prior_events ska vara större än 0.", "prior_events must be more than 0.")
        )
    seen = counts.sum(axis=0)
    before = _prior(prior, seen, exposure)
    believed = before > 0
    worth = np.where(believed, prior_events, 0.0)
    time = exposure + np.where(believed, prior_events / np.where(believed, before, 1.0), 0.0)
    ever = time > 0
    time = np.where(ever, time, 1.0)
    tail = (1 - _CERTAINTY) / 2
    shape = worth + seen
    # Without a belief the interval is the exact Poisson one.
    high = np.where(believed, shape, seen + 1)
    need = shape / time
    lower = np.where(shape > 0, gammaincinv(np.maximum(shape, 1e-12), tail), 0.0) / time
    upper = np.where(ever, gammaincinv(np.maximum(high, 1e-12), 1 - tail) / time, np.inf)
    uncovered = (_shares(counts, seen, prior_events) * time_without_adults(minutes)).sum(axis=0)
    return pd.DataFrame(
        {
            "need": need,
            "need_lower": lower,
            "need_upper": upper,
            "adult_minutes": minutes.sum(axis=0),
            "uncovered": uncovered,
            "gap": need * uncovered,
            "gap_lower": lower * uncovered,
            "gap_upper": upper * uncovered,
        }
    )


def prior_worth(events: npt.ArrayLike, hours: npt.ArrayLike) -> float:
    """Return how many incidents the mean of all hours is worth beside an hour's own.

    Parameters
    ----------
    events
        Shape (slots,): incidents counted.
    hours
        Shape (slots,): how many hours of each slot were counted in.

    Returns
    -------
    float
        κ of Gamma(κ, κ/m): `PRIOR_EVENTS` at most, as where the hours are alike, and half an
        incident at least, as where all happens in a few of them.

    Notes
    -----
    By moments: slots whose rates are Gamma(κ, κ/m) have the variance m E + (m E)² / κ.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987): see the module.

    Examples
    --------
    >>> prior_worth([7, 9, 8, 8], [100] * 4), prior_worth([32, 0, 0, 0], [100] * 4)
    (5.0, 0.5)
    """
    counts = _amounts(events, Text("händelser", "incidents"))
    exposure = _amounts(hours, Text("timmar", "hours"))
    if not counts.sum() or not exposure.sum():
        return PRIOR_EVENTS
    usual = counts.sum() / exposure.sum() * exposure
    beyond_chance = float(((counts - usual) ** 2).sum() - usual.sum())
    if beyond_chance <= 0:
        return PRIOR_EVENTS
    return float(np.clip((usual**2).sum() / beyond_chance, _LEAST_WORTH, PRIOR_EVENTS))


def change_on_occasions(
    events: float, expected: float, *, prior_events: float = PRIOR_EVENTS
) -> tuple[float, float, float]:
    """Return how many times the usual an occasion (Walpurgis Night, a concert) tends to bring.

    Parameters
    ----------
    events
        Incidents on earlier occasions of the same kind.
    expected
        What the same hours of ordinary weeks would have brought.
    prior_events
        How many incidents "as usual" is worth: few earlier incidents say little.

    Returns
    -------
    tuple of float
        Times the usual, and its 95 % interval: Gamma(κ + y, κ + e).

    Raises
    ------
    InvalidInputError
        If a number is negative or not finite.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987): see the module.

    Examples
    --------
    >>> [round(number, 2) for number in change_on_occasions(45, 10)]
    [3.33, 2.47, 4.32]
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - as above

    seen = float(_amounts(events, Text("händelser", "incidents")))
    usual = float(_amounts(expected, Text("väntat", "expected")))
    shape, rate = prior_events + seen, prior_events + usual
    tail = (1 - _CERTAINTY) / 2
    low, high = (float(gammaincinv(shape, at)) / rate for at in (tail, 1 - tail))
    return shape / rate, low, high


def best_windows(
    gap: npt.ArrayLike, *, length_h: int = 3, most: int = 5, per_place: int = 2
) -> pd.DataFrame:
    """Return the places and hours of the week where presence is worth most.

    Parameters
    ----------
    gap
        Shape (places, 168), Monday 00:00 first; NaN where it is not known or not shown.
    length_h
        Hours of a window; it may pass midnight, but not the end of the week.
    most
        How many windows.
    per_place
        No more than this at one place, each on a day of its own.

    Returns
    -------
    pandas.DataFrame
        The best first: ``place`` (row of ``gap``), ``start`` (hour of the week), ``hours`` and
        ``gap`` (mean an hour). A window with an unknown hour, or without any gap, is not among
        them. Of equals the first row and the earliest hour come first.

    Raises
    ------
    InvalidInputError
        If the shape is another, or a window is not 1 to 24 hours.
    """
    values = np.asarray(gap, dtype=float)
    if values.ndim != 2 or values.shape[1] != HOURS_OF_WEEK or not 1 <= length_h <= _DAY_H:  # noqa: PLR2004 - places and hours
        raise InvalidInputError(
            Text(
                "Glappet ska ha formen (platser, 168) och fönstret 1 till 24 timmar.",
                "The gap must have the shape (places, 168) and a window 1 to 24 hours.",
            )
        )
    columns = ("place", "start", "hours", "gap")
    if not len(values):
        return pd.DataFrame({name: [] for name in columns})
    windows = np.lib.stride_tricks.sliding_window_view(values, length_h, axis=1).mean(axis=2)
    order = np.argsort(-np.nan_to_num(windows, nan=-1.0).ravel(), kind="stable")
    chosen: list[tuple[int, int, int, float]] = []
    taken: dict[int, list[int]] = {}
    for at in order:
        place, start = divmod(int(at), windows.shape[1])
        value = windows[place, start]
        if len(chosen) == most or not value > 0:
            break
        days = taken.setdefault(place, [])
        # Friday 22 to Saturday 01 and Saturday 00 to 03 are one evening.
        if len(days) < per_place and all(abs(start - other) >= _DAY_H / 2 for other in days):
            days.append(start)
            chosen.append((place, start, length_h, float(value)))
    return pd.DataFrame(chosen, columns=list(columns))


def _amounts(values: npt.ArrayLike, what: Text) -> Floats:
    amounts = np.asarray(values, dtype=float)
    if not np.isfinite(amounts).all() or (amounts < 0).any():
        raise InvalidInputError(
            Text(
                "{w}: talen ska vara ändliga och inte under 0.",
                "{w}: the numbers must be finite and not below 0.",
            ).fill(w=what)
        )
    return amounts


def _prior(prior: npt.ArrayLike | None, seen: Floats, exposure: Floats) -> Floats:
    if prior is None:
        total = exposure.sum()
        return np.full(len(exposure), seen.sum() / total if total > 0 else 0.0)
    given = _amounts(prior, Text("prior", "prior"))
    if given.shape != exposure.shape:
        raise InvalidInputError(
            Text("prior ska ha formen (tider,).", "prior must have the shape (slots,).")
        )
    return given


def _shares(counts: Floats, seen: Floats, worth: float) -> Floats:
    """Return each place's share of a slot's need; equal ones while nothing has been seen."""
    total = counts.sum()
    places = len(counts)
    usual = counts.sum(axis=1) / total if total > 0 else np.full(places, 1.0 / max(places, 1))
    return np.asarray((worth * usual[:, None] + counts) / (worth + seen))

"""What is shown beside the joint rate: per presence-hour, the audit, three maps, the alarm."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.effort_inputs import Floats, districts_of, membership, observed, positive
from riskmiljo.forecast.effort_model import DELTA_PER_H, KAPPA
from riskmiljo.wording import Text

# A district's share of presence over its share of need, and for how many weeks outside.
FAIR: Final = (0.8, 1.25)
ALARM_WEEKS: Final = 4
# How far a unit's rank may differ between the maps before it is marked, percentiles.
MOVED_PERCENTILES: Final = 20.0
_TAILS: Final = (0.05, 0.95)
_LEAST_SEEN: Final = 0.02
_SHIFT_PRIOR: Final = 80.0


def presence_rate(
    discovered: Any, presence_h: Any, *, half_life_days: float | None = None, prior: float = KAPPA
) -> pd.DataFrame:
    """Return discovered incidents per hour of presence, for display.

    Parameters
    ----------
    discovered
        Counts, shape (units,) or (units, days).
    presence_h
        Hours, the same shape.
    half_life_days
        The age at which a day counts half.
    prior
        How many discoveries the city's rate weighs as much as.

    Returns
    -------
    pandas.DataFrame
        ``rate`` (per hour), ``lower`` and ``upper`` (90 %), ``presence_h``, and ``little_known``:
        where the city's rate outweighs what was seen at the place; such places are drawn grey.
        All values are missing where there is no presence at all.

    Notes
    -----
    Gamma(prior + D, prior / city's rate + hours).
    """
    data = observed(discovered, np.zeros_like(np.asarray(discovered, dtype=float)), presence_h)
    half_life = None if half_life_days is None else _half_life(half_life_days)
    totals = data.totals(DELTA_PER_H, half_life)
    found, hours = totals.discovered[0], totals.presence_h[0]
    if hours.sum() <= 0:
        nothing = np.full(len(found), np.nan)
        columns = {"rate": nothing, "lower": nothing, "upper": nothing, "presence_h": hours}
        return pd.DataFrame({**columns, "little_known": True}, index=data.units)
    city = max(float(found.sum()), 0.5) / hours.sum()
    shape, per_hour = prior + found, prior / city + hours
    lower, upper = (special.gammaincinv(shape, tail) / per_hour for tail in _TAILS)
    return pd.DataFrame(
        {
            "rate": shape / per_hour,
            "lower": lower,
            "upper": upper,
            "presence_h": hours,
            "little_known": hours < prior / city,
        },
        index=data.units,
    )


def _half_life(days: float) -> float:
    return positive(days, Text("Halveringstiden", "The half-life"))


def horvitz_thompson(
    discovered: Any, presence_h: Any, *, delta_per_h: float = DELTA_PER_H, days: float | None = None
) -> pd.Series:
    """Return the audit's estimate: every discovery counts for those that nobody saw.

    Parameters
    ----------
    discovered
        Counts, shape (units,) or (units, columns).
    presence_h
        Hours, the same shape.
    delta_per_h
        As for `joint_rate`.
    days
        The length of a column, days.

    Returns
    -------
    pandas.Series
        Incidents per column, unbiased wherever somebody was there; shown beside the joint rate.

    Notes
    -----
    The mean over columns of D / p, p at least 0.02.

    References
    ----------
    Horvitz, D. and Thompson, D. (1952). A generalization of sampling without replacement.
    """
    data = observed(
        discovered, np.zeros_like(np.asarray(discovered, dtype=float)), presence_h, days=days
    )
    p = np.maximum(data.share_seen(delta_per_h), _LEAST_SEEN)
    return pd.Series((data.discovered / p).mean(axis=1), index=data.units, name="audit")


def side_by_side(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the ranks of the three maps: all incidents, reported only, corrected.

    Parameters
    ----------
    rates
        As `joint_rate` returns it.

    Returns
    -------
    pandas.DataFrame
        ``all_incidents``, ``reported_only``, ``corrected``: percentile of each unit on each map,
        0 to 100, ties in the middle; ``moved``: where they differ by more than 20 percentiles.
    """
    maps = {
        "all_incidents": rates["discovered"] + rates["reported"],
        "reported_only": rates["reported"],
        "corrected": rates["rate"],
    }
    most = max(len(rates) - 1, 1)
    ranks = pd.DataFrame(
        {name: (values.rank(method="average") - 1) / most * 100 for name, values in maps.items()},
        index=rates.index,
    )
    ranks["moved"] = ranks.max(axis=1) - ranks.min(axis=1) > MOVED_PERCENTILES
    return ranks


def presence_balance(
    presence_h: Any, need: Any, district: Any, *, fair: tuple[float, float] = FAIR
) -> pd.DataFrame:
    """Compare each district's share of presence with its share of need, week by week.

    Parameters
    ----------
    presence_h
        Hours, shape (units, weeks), the latest week last.
    need
        The corrected rate of each unit, shape (units,).
    district
        A label per unit.
    fair
        Between which ratios all is well.

    Returns
    -------
    pandas.DataFrame
        One row a district: ``presence_share`` and ``need_share`` (0 to 1, the latest four weeks),
        ``ratio``, ``weeks_outside`` (the latest unbroken run of weeks outside ``fair``),
        ``alarm`` (four or more), and ``why_sv``, ``why_en`` (empty without alarm).

    Raises
    ------
    InvalidInputError
        If shapes differ, or a value is missing, negative or infinite.
    """
    data = observed(need, need, need)
    hours = np.array(presence_h, dtype=float)
    units = len(data.units)
    if hours.ndim != 2 or len(hours) != units or not (np.isfinite(hours) & (hours >= 0)).all():  # noqa: PLR2004 - units by weeks
        raise InvalidInputError(
            Text(
                "Närvaron ska vara timmar, noll eller mer, i {n} {n:rad|rader} (enheter) och en "
                "kolumn per vecka.",
                "The presence must be hours, zero or more, in {n} {n:row|rows} (units) and one "
                "column a week.",
            ).fill(n=units)
        )
    number, labels = districts_of(district, units)
    member = membership(number)
    needed = data.discovered[:, 0] @ member
    need_share = needed / max(float(needed.sum()), 1e-300)
    weekly = member.T @ hours
    ratio = _ratios(weekly, need_share)
    outside = (ratio < fair[0]) | (ratio > fair[1])
    run = np.cumprod(outside[:, ::-1], axis=1).sum(axis=1).astype(np.int64)
    latest = weekly[:, -ALARM_WEEKS:].sum(axis=1)
    lately = _ratios(latest[:, None], need_share)[:, 0]
    alarm = run >= ALARM_WEEKS
    why = [
        _balance_text(float(r), int(n)) if a else Text("", "")
        for r, n, a in zip(lately, run, alarm, strict=True)
    ]
    return pd.DataFrame(
        {
            "presence_share": latest / max(float(latest.sum()), 1e-300),
            "need_share": need_share,
            "ratio": lately,
            "weeks_outside": run,
            "alarm": alarm,
            "why_sv": [text.sv for text in why],
            "why_en": [text.en for text in why],
        },
        index=pd.Index(labels, name="district"),
    )


def _ratios(weekly: Floats, need_share: Floats) -> Floats:
    """Return share of presence over share of need; 1 in a week without any presence."""
    total = weekly.sum(axis=0)
    share = np.divide(weekly, total, out=np.zeros_like(weekly), where=total > 0)
    need = need_share[:, None]
    ratio: Floats = np.divide(share, need, out=np.full_like(share, np.inf), where=need > 0)
    ratio[(need == 0) & (share == 0)] = 1.0
    ratio[:, total == 0] = 1.0
    return ratio


def _balance_text(ratio: float, weeks: int) -> Text:
    if ratio > 1:
        return Text(
            "Mer närvaro än behovet motiverar, {n} {n:vecka|veckor} i rad",
            "More presence than the need warrants, {n} {n:week|weeks} in a row",
        ).fill(n=weeks)
    return Text(
        "Mindre närvaro än behovet motiverar, {n} {n:vecka|veckor} i rad",
        "Less presence than the need warrants, {n} {n:week|weeks} in a row",
    ).fill(n=weeks)


def shift_rate(
    rate: Any, all_hours: Any, in_shift: Any, *, city_share: float | None = None,
    prior: float = _SHIFT_PRIOR,
) -> Floats:  # fmt: skip
    """Return the part of each unit's rate that falls in a shift's hours of the week.

    Parameters
    ----------
    rate
        The rate of each unit over all hours, shape (units,).
    all_hours, in_shift
        Counts of incidents, over all hours and in the shift's hours, shape (units,).
    city_share
        The share of all incidents that fall in the shift's hours; None takes that of the counts.
    prior
        How many incidents the city's share weighs as much as.

    Returns
    -------
    numpy.ndarray
        rate (b + prior × share) / (a + prior), shape (units,).

    Raises
    ------
    InvalidInputError
        If shapes differ, a value is missing, negative or infinite, more fell in the shift than
        in all, or the share is not between 0 and 1.
    """
    data = observed(all_hours, in_shift, rate)
    total, inside, rates = (
        values[:, 0] for values in (data.discovered, data.reported, data.presence_h)
    )
    share = city_share
    if share is None:
        share = float(inside.sum() / total.sum()) if total.sum() > 0 else 0.0
    if (inside > total).any() or not 0 <= share <= 1:
        raise InvalidInputError(
            Text(
                "Fler händelser i passets timmar än i alla timmar. Kontrollera antalen.",
                "More incidents in the shift's hours than in all hours. Check the counts.",
            )
        )
    positive(prior, Text("prior", "prior"))
    return np.asarray(rates * (inside + prior * share) / (total + prior), dtype=np.float64)

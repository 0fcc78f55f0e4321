"""More or fewer than usual: the latest weeks of each zone against what came before."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from riskmiljo.analysis.false_discovery import adjusted_p
from riskmiljo.analysis.moments import with_moments
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS: Final = (
    "this_period",
    "before",
    "expected",
    "change",
    "lower",
    "upper",
    "p",
    "q",
    "verdict",
    "verdict_sv",
    "verdict_en",
)
VERDICTS: Final[dict[str, Text]] = {
    "rising": Text(
        "ökar: {n} mot väntade {e} på {d} {d:dag|dagar}",
        "rising: {n} against {e} in {d} {d:day|days}",
    ),
    "falling": Text(
        "minskar: {n} mot väntade {e} på {d} {d:dag|dagar}",
        "falling: {n} against {e} in {d} {d:day|days}",
    ),
    "level": Text(
        "ingen säker ändring: {n} mot väntade {e} på {d} {d:dag|dagar}",
        "no certain change: {n} against {e} in {d} {d:day|days}",
    ),
    "few": Text(
        "för få för att avgöra: {n} på {d} {d:dag|dagar}, väntat {e}",
        "too few to tell: {n} in {d} {d:day|days}, {e} expected",
    ),
    "short": Text(
        "perioden är för kort för att jämföra: {n} på {d} {d:dag|dagar}",
        "the period is too short to compare: {n} in {d} {d:day|days}",
    ),
}
# With less expected, not even no incident at all would be surprising.
_LEAST_EXPECTED: Final = 5.0
_FALSE_DISCOVERIES: Final = 0.05
_COVERAGE: Final = 0.95


def zone_trend(
    incidents: pd.DataFrame, by: pd.Series, *, period: Period, days: int = 28
) -> pd.DataFrame:
    """Compare the last days of a period with the rest of it, zone by zone.

    Parameters
    ----------
    incidents
        With ``occurred_from`` in UTC.
    by
        The zone of each incident, as `assign_zones` gives it; incidents without one are left out.
    period
        What the incidents were asked for; its end is "now".
    days
        How many days at its end are looked at.

    Returns
    -------
    pandas.DataFrame
        Index zone_id in sorted order. ``this_period`` and ``before`` are plain counts, ``expected``
        is the former rate over the latest days, ``change`` the relative difference (0.5 is half as
        many again; NaN where nothing was before) with its exact 95 % interval ``lower`` and
        ``upper``, ``p`` the two-sided exact test, ``q`` after control over all zones, ``verdict``
        one of rising, falling, level, few and short, said in ``verdict_sv`` and ``verdict_en``.

    Raises
    ------
    InvalidInputError
        If ``days`` is not positive or the labels do not fit the incidents.

    Notes
    -----
    Given both counts, the latest one is binomial with the latest days' share of the period if
    nothing has changed: the conditional test of two Poisson rates. Among the zones that can be
    judged the false discovery rate is held at 5 %. Zones with fewer than five expected incidents
    and fewer than five seen are not judged. A period shorter than twice ``days`` is not compared.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
    series.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    if days <= 0 or len(by) != len(incidents):
        raise InvalidInputError(
            Text(
                "Trenden behöver minst en dag och en zon per händelse ({a} {a:zon|zoner}, {b} "
                "{b:händelse|händelser}).",
                "The trend needs at least one day and a zone for each incident ({a} "
                "{a:zone|zones}, {b} {b:incident|incidents}).",
            ).fill(a=len(by), b=len(incidents))
        )
    times = with_moments(incidents, TZ)["occurred_from"]
    known = by.notna().to_numpy() & (times >= period.start).to_numpy()
    known &= (times < period.end).to_numpy()
    number, zones = pd.factorize(by[known], sort=True)
    latest = (times[known] >= period.end - timedelta(days=days)).to_numpy()
    now = np.bincount(number[latest], minlength=len(zones)).astype(np.int64)
    before = np.bincount(number[~latest], minlength=len(zones)).astype(np.int64)
    compared = period.days >= 2 * days
    share = days / period.days if compared else 0.5
    ratio = (1 - share) / share
    expected = before / ratio
    lower, upper = change_interval(now, before, ratio)
    all_of_it = now + before
    fewer, more = special.bdtr(now, all_of_it, share), special.bdtrc(now - 1, all_of_it, share)
    p = np.minimum(1.0, 2 * np.minimum(fewer, more))
    judged = compared & ((expected >= _LEAST_EXPECTED) | (now >= _LEAST_EXPECTED))
    q = np.full(len(zones), np.nan)
    if judged.any():
        q[judged] = adjusted_p(p[judged])
    sure = judged & (np.nan_to_num(q, nan=1.0) <= _FALSE_DISCOVERIES)
    verdict = np.select(
        [np.full(len(zones), not compared), ~judged, sure & (now > expected), sure],
        ["short", "few", "rising", "falling"],
        "level",
    )
    said = [
        verdict_text(word, n, e, days)
        for word, n, e in zip(verdict.tolist(), now.tolist(), expected.tolist(), strict=True)
    ]
    change = np.divide(now, expected, out=np.full(len(zones), np.nan), where=expected > 0) - 1
    unknown = np.nan if not compared else 1.0
    return pd.DataFrame(
        {
            "this_period": now,
            "before": before,
            "expected": expected * unknown,
            "change": change * unknown,
            "lower": lower * unknown,
            "upper": upper * unknown,
            "p": p * unknown,
            "q": q,
            "verdict": verdict,
            "verdict_sv": [text.sv for text in said],
            "verdict_en": [text.en for text in said],
        },
        index=pd.Index(zones, name="zone_id"),
        columns=list(COLUMNS),
    )


def verdict_text(verdict: str, n: int | Text, expected: float | Text, days: int) -> Text:
    """Return a verdict in words.

    Parameters
    ----------
    verdict
        A key of `VERDICTS`.
    n, expected
        Incidents in the last days, and how many were expected; a `Text` where the figure itself
        may not be shown.
    days
        How many days.

    Returns
    -------
    Text
        For example "ökar: 33 mot väntade 13 på 28 dagar".
    """
    if not isinstance(expected, Text):
        expected = decimal_text(expected, int(verdict == "few"), fixed=True)
    return VERDICTS[verdict].fill(n=n, e=expected, d=days)


def change_interval(now: Ints, before: Ints, ratio: float) -> tuple[Floats, Floats]:
    """Return the exact 95 % interval of the relative change of a rate.

    Parameters
    ----------
    now, before
        Shape (n,), counts of two spans of time.
    ratio
        How many times as long the former span is.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper limit, shape (n,) each: 0.5 is half as many again. Infinite where nothing
        was before.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated
    in the case of the binomial.
    """
    # Limits of the share of the later span, turned into limits of the relative change.
    tail = (1 - _COVERAGE) / 2
    low = np.where(now > 0, special.betaincinv(np.maximum(now, 1), before + 1, tail), 0.0)
    high = np.where(before > 0, special.betaincinv(now + 1, np.maximum(before, 1), 1 - tail), 1.0)
    with np.errstate(divide="ignore"):
        return low / (1 - low) * ratio - 1, high / (1 - high) * ratio - 1

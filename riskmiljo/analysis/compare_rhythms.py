"""Whether two zones, or two periods, have the same week, and how sure a peak is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import random_of, require_whole
from riskmiljo.analysis.false_discovery import adjusted_p, checked_rate
from riskmiljo.analysis.peaks import Peak, peak_hours
from riskmiljo.analysis.places import checked_weights, require_times
from riskmiljo.analysis.rhythm import HOURS, interval_microseconds, local_hours, rhythm
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.period import TZ
from riskmiljo.model.vocabulary import WEEKDAYS_SHORT
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]

_DAY_H: Final = 24
_INCIDENTS_AT_ONCE: Final = 20_000
_SHUFFLES_AT_ONCE: Final = 32
_FEWEST: Final = 2
_NAMED: Final = 3
# Two peaks are the same if they share at least half of the hours that either has.
_SAME: Final = 0.5


@dataclass(frozen=True)
class RhythmComparison:
    """Two rhythms, part of the week by part of the week.

    Attributes
    ----------
    table
        One row for each part of the week: ``weekday`` (1 to 7), ``from_h``, ``to_h``, ``count_a``,
        ``count_b`` (weighted, spread over uncertain times), ``share_a``, ``share_b``,
        ``difference`` (of the shares, a less b), ``p``, ``q`` and ``differs``.
    statistic
        Chi-squared over all parts.
    p_value
        Of the whole comparison; never 0.
    incidents_a, incidents_b
        How many.
    """

    table: pd.DataFrame = field(repr=False)
    statistic: float
    p_value: float
    incidents_a: int
    incidents_b: int

    @property
    def text(self) -> Text:
        """The result in a sentence."""
        p = decimal_text(self.p_value, 3)
        differing = self.table[self.table["differs"]]
        if differing.empty:
            return Text(
                "Ingen säker skillnad i någon del av veckan (p = {p}; {a} och {b} "
                "{b:händelse|händelser}).",
                "No certain difference in any part of the week (p = {p}; {a} and {b} "
                "{b:incident|incidents}).",
            ).fill(p=p, a=self.incidents_a, b=self.incidents_b)
        most = differing.reindex(differing["difference"].abs().sort_values(ascending=False).index)
        said = [_part_text(row) for row in most.head(_NAMED).to_dict("records")]
        parts = Text("; ".join(t.sv for t in said), "; ".join(t.en for t in said))
        return Text(
            "Skillnad i {n} av {m} {m:del|delar} av veckan (p = {p}), störst: {parts}.",
            "A difference in {n} of {m} {m:part|parts} of the week (p = {p}), the largest: "
            "{parts}.",
        ).fill(n=len(differing), m=len(self.table), p=p, parts=parts)


def compare_rhythms(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    block_h: int = 6,
    permutations: int = 999,
    fdr: float = 0.05,
    rng: int | np.random.Generator = 0,
    tz: str = TZ,
) -> RhythmComparison:
    """Compare the weeks of two zones or of two periods.

    Parameters
    ----------
    a, b
        Incidents with ``occurred_from``, and where known ``occurred_to`` and ``weight``; times in
        UTC.
    block_h
        Hours in a part of the week; divides 24.
    permutations
        How often the incidents are dealt out anew to the two.
    fdr
        Share of false alarms among the parts that are said to differ.
    rng
        Seed or generator.
    tz
        The zone of the week.

    Returns
    -------
    RhythmComparison
        Compared are shares of each one's own total: twice as many at the same hours is the same
        rhythm.

    Raises
    ------
    NothingFoundError
        If either has fewer than two incidents.
    InvalidInputError
        If an option, a weight or an interval cannot be used.

    Notes
    -----
    If the two had one rhythm, which of them an incident belongs to would say nothing about its
    hour: a permutation test, that holds for spread-out times and weights too. Incidents that come
    in bursts are not independent; then the test is too sure.

    References
    ----------
    Good, P. (2005). Permutation, Parametric and Bootstrap Tests of Hypotheses, chapter 3.
    Ratcliffe, J. H. (2002). Aoristic signatures and the spatio-temporal analysis of high volume
    crime patterns. Journal of Quantitative Criminology 18, 23-43.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    checked_rate(fdr)
    require_whole(1, block_h=block_h)
    if _DAY_H % block_h:
        raise InvalidInputError(
            Text(
                "block_h ska dela 24 jämnt, inte vara {h}.",
                "block_h must divide 24 evenly, not be {h}.",
            ).fill(h=block_h)
        )
    require_whole(1, permutations=permutations)
    for frame in (a, b):
        require_times(frame)
        if len(frame) < _FEWEST:
            raise NothingFoundError(
                Text(
                    "Det behövs minst två händelser på var sida för att jämföra, inte {n}.",
                    "At least two incidents on each side are needed to compare, not {n}.",
                ).fill(n=len(frame))
            )
    spread = np.vstack([_by_block(frame, block_h, tz) for frame in (a, b)])
    total = spread.sum(axis=0)
    seen = spread[: len(a)].sum(axis=0)
    difference, statistic = _measures(seen, total)
    larger, at_least = np.zeros(len(total), dtype=np.int64), 0
    generator = random_of(rng)
    for begin in range(0, permutations, _SHUFFLES_AT_ONCE):
        number = min(_SHUFFLES_AT_ONCE, permutations - begin)
        dealt = np.zeros((number, len(spread)))
        for row in dealt:
            row[generator.permutation(len(spread))[: len(a)]] = 1.0
        by_chance, chi_squared = _measures(dealt @ spread, total)
        larger += (np.abs(by_chance) >= np.abs(difference) - 1e-12).sum(axis=0)
        at_least += int((chi_squared >= statistic * (1 - 1e-12)).sum())
    p = (1 + larger) / (permutations + 1)
    p[total == 0] = np.nan
    q = adjusted_p(p)
    begins = np.arange(0, HOURS, block_h)
    table = pd.DataFrame(
        {
            "weekday": begins // _DAY_H + 1,
            "from_h": begins % _DAY_H,
            "to_h": begins % _DAY_H + block_h,
            "count_a": seen,
            "count_b": total - seen,
            "share_a": seen / seen.sum(),
            "share_b": (total - seen) / (total - seen).sum(),
            "difference": difference,
            "p": p,
            "q": q,
            "differs": np.nan_to_num(q, nan=1.0) <= fdr,
        }
    )
    whole = (1 + at_least) / (permutations + 1)
    return RhythmComparison(table, float(statistic), whole, len(a), len(b))


@dataclass(frozen=True, slots=True)
class SurePeak:
    """A peak, and how much of it would be there in another sample of the same week.

    Attributes
    ----------
    peak
        As `peak_hours` finds it.
    share
        Lower and upper end of the 95 % interval of the share that falls in its hours.
    times_usual
        The same, over those hours' share of the week.
    agreement
        Share of the samples that have their peak in the same hours, at least by half.
    """

    peak: Peak
    share: tuple[float, float]
    times_usual: tuple[float, float]
    agreement: float

    @property
    def text(self) -> Text:
        """The peak with its interval in words."""
        low, high = (decimal_text(100 * share, 0) for share in self.share)
        return Text(
            "{peak}: {low} till {high} % av händelserna; samma topp i {a} % av stickproven",
            "{peak}: {low} to {high} % of the incidents; the same peak in {a} % of the samples",
        ).fill(peak=self.peak.text, low=low, high=high, a=decimal_text(100 * self.agreement, 0))


def sure_peak(
    incidents: pd.DataFrame,
    *,
    resamples: int = 199,
    rng: int | np.random.Generator = 0,
    tz: str = TZ,
) -> SurePeak:
    """Find the peak of a week, and how sure it is.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and where known ``occurred_to`` and ``weight``; times in UTC.
    resamples
        How many samples of the same size are drawn from the incidents, with replacement.
    rng
        Seed or generator.
    tz
        The zone of the week.

    Returns
    -------
    SurePeak
        The hours stay those of the peak found; the intervals are of what falls in them.

    Raises
    ------
    NothingFoundError
        If nothing happened.
    InvalidInputError
        If an option, a weight or an interval cannot be used.

    Notes
    -----
    In each sample an uncertain time is drawn from its interval, all moments alike. A peak chosen
    as the highest is a little too high (the winner's curse): where the agreement is low, it is
    chance which hours are named.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap.
    """
    require_whole(1, resamples=resamples)
    peak = peak_hours(rhythm(incidents, tz=tz).sum(axis=0).to_numpy())
    begins, ends = interval_microseconds(incidents, tz)
    column = incidents["weight"].to_numpy() if "weight" in incidents else None
    weights = checked_weights(column, len(incidents))
    clock = local_hours(begins, ends, tz)
    named = _hours_of(peak)
    generator = random_of(rng)
    shares, same = np.zeros(resamples), 0
    for number in range(resamples):
        drawn = generator.integers(0, len(begins), len(begins))
        into = generator.random(len(begins)) * (ends - begins)[drawn]
        hours = clock.at(begins[drawn] + into.astype(np.int64))
        counts = np.bincount(hours, weights[drawn], minlength=HOURS)
        if counts.sum() == 0:
            continue
        shares[number] = counts[named].sum() / counts.sum()
        other = _hours_of(peak_hours(counts))
        same += (named & other).sum() >= _SAME * (named | other).sum()
    low, high = (float(end) for end in np.quantile(shares, [0.025, 0.975]))
    part = named.sum() / HOURS
    return SurePeak(peak, (low, high), (low / part, high / part), same / resamples)


def _by_block(incidents: pd.DataFrame, block_h: int, tz: str) -> Floats:
    parts = []
    for begin in range(0, len(incidents), _INCIDENTS_AT_ONCE):
        some = incidents.iloc[begin : begin + _INCIDENTS_AT_ONCE]
        alone = pd.Series(np.arange(len(some)), index=some.index)
        hours = rhythm(some, by=alone, tz=tz).to_numpy()
        parts.append(hours.reshape(len(some), HOURS // block_h, block_h).sum(axis=2))
    return np.vstack(parts)


def _measures(seen: Floats, total: Floats) -> tuple[Floats, Any]:
    """Return the differences of shares and chi-squared; for rows of counts, row by row."""
    rest = total - seen
    of_a, of_b = seen.sum(axis=-1, keepdims=True), rest.sum(axis=-1, keepdims=True)
    if not (of_a > 0).all() or not (of_b > 0).all():
        # Only where nearly all weights are 0.
        of_a, of_b = np.maximum(of_a, 1e-300), np.maximum(of_b, 1e-300)
    share = total / total.sum() if total.sum() > 0 else total
    due_a, due_b = of_a * share, of_b * share
    used = share > 0
    squared = ((seen - due_a) ** 2)[..., used]
    chi_squared = (squared / due_a[..., used] + squared / due_b[..., used]).sum(axis=-1)
    return seen / of_a - rest / of_b, chi_squared


def _hours_of(peak: Peak) -> npt.NDArray[np.bool_]:
    hours = np.zeros(HOURS, dtype=bool)
    length = (peak.end_h - peak.start_h) % _DAY_H
    for weekday in peak.weekdays:
        begin = (weekday - 1) * _DAY_H + peak.start_h
        hours[np.arange(begin, begin + length) % HOURS] = True
    return hours


def _part_text(row: dict[Any, Any]) -> Text:
    day = WEEKDAYS_SHORT[int(row["weekday"]) - 1]
    return Text(
        "{d} {f:02d}–{t:02d}: {a} mot {b} %", "{d} {f:02d}–{t:02d}: {a} against {b} %"
    ).fill(
        d=day,
        f=int(row["from_h"]),
        t=int(row["to_h"]),
        a=decimal_text(100 * row["share_a"], 1),
        b=decimal_text(100 * row["share_b"], 1),
    )

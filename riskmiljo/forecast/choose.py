"""Which model to trust: the one that past forecasts favour, or the baseline where none does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast import average, boosted, counts, etas, gamma_poisson, kernel, prospective
from riskmiljo.forecast.paired import Estimate, difference
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]

BASELINE: Final = counts.LastYear.name
LABELS: Final[dict[str, Text]] = {
    model.name: model.label
    for model in (
        counts.LastYear,
        counts.SamePeriodLastYear,
        counts.AllHistory,
        counts.RecencyCounts,
        kernel.RecencyKDE,
        gamma_poisson.GammaPoisson,
        prospective.Prospective,
        etas.ETAS,
        boosted.Boosted,
        average.Average,
    )
}
_FEWEST_ORIGINS: Final = 4
# Hits within a twentieth of the baseline's are level with them.
_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen model and why.

    Attributes
    ----------
    model
        Its name.
    reason
        One or two sentences with the figures.
    beats_baseline
        Whether it is anything else than last year's count.
    """

    model: str
    reason: Text
    beats_baseline: bool


def choose(table: pd.DataFrame, *, share: float, rng: int | np.random.Generator = 0) -> Choice:
    """Choose the model with most information gain among those that do not lose to the baseline.

    Parameters
    ----------
    table
        ``model``, ``origin``, ``events``, ``gain_bits`` and ``hits`` (in the flagged share), one
        row a model and origin.
    share
        The flagged share of the area, for the words.
    rng
        A seed or a generator, for the bootstrap over origins: each interval draws the same ones,
        so that one that is told elsewhere from the same seed is the same.

    Returns
    -------
    Choice
        A model other than last year's count only if its gain or its hit rate is better with 95 %
        confidence (paired bootstrap), and its hit rate is neither reliably lower nor lower by more
        than a twentieth.

    Raises
    ------
    InvalidInputError
        If the baseline is not in the table.
    """
    base = table[table["model"] == BASELINE].set_index("origin")
    if base.empty and not table.empty:
        raise InvalidInputError(
            Text(
                "Jämförelsen med senaste årets antal saknas. Ta med modellen last_year.",
                "The comparison with last year's count is missing. Include the model last_year.",
            )
        )
    seed = int(rng.integers(2**31)) if isinstance(rng, np.random.Generator) else rng
    chance = partial(np.random.default_rng, seed)
    events = base["events"].to_numpy(dtype=float)
    if len(base) < _FEWEST_ORIGINS or events.sum() == 0:
        return Choice(
            BASELINE,
            Text(
                "Senaste årets antal används: historiken räcker bara till {n} provprognoser, för "
                "få för att visa att något är bättre.",
                "Last year's count is used: the history allows only {n} trial forecasts, too few "
                "to show that anything is better.",
            ).fill(n=len(base)),
            beats_baseline=False,
        )
    base_hits, base_bits = base["hits"].to_numpy(dtype=float), _bits(base)
    best: tuple[Estimate, str, Estimate, float] | None = None
    for name, rows in table[table["model"] != BASELINE].groupby("model", sort=True):
        mine = rows.set_index("origin").reindex(base.index)
        if mine["hits"].isna().any():
            continue
        hit = difference(mine["hits"].to_numpy(dtype=float), base_hits, events, chance())
        bits = difference(_bits(mine), base_bits, events, chance())
        level = hit.upper >= 0 and hit.value >= -_LEVEL * base_hits.sum() / events.sum()
        better = level and (hit.lower > 0 or bits.lower > 0)
        if better and (best is None or bits.value > best[0].value):
            best = bits, str(name), hit, float(mine["hits"].sum() / events.sum())
    base_rate = float(base_hits.sum() / events.sum())
    if best is None:
        return Choice(BASELINE, _nothing_better(base_rate, share, len(base)), beats_baseline=False)
    bits, name, hit, own_rate = best
    reason = _reason(name, own_rate, base_rate, hit, share, len(base))
    if hit.lower <= 0:
        reason = _also_gains(reason, bits)
    return Choice(name, reason, beats_baseline=True)


def _bits(rows: pd.DataFrame) -> Floats:
    # An origin without events has no gain, and no weight.
    bits = rows["gain_bits"].to_numpy(dtype=float) * rows["events"].to_numpy(dtype=float)
    return np.asarray(np.nan_to_num(bits), dtype=float)


def _percent(value: float) -> Text:
    return decimal_text(100 * value, 1, fixed=True)


def _points(difference: float) -> Text:
    """Write a difference of shares in percentage points, with its sign."""
    number = decimal_text(100 * difference, 1)
    sign = "+" if difference > 0 and number.en != "0" else ""
    return Text(f"{sign}{number.sv}", f"{sign}{number.en}")


def _reason(
    name: str, rate: float, base_rate: float, hit: Estimate, share: float, origins: int
) -> Text:
    return Text(
        "{m}: fångade {r} % av händelserna på {a} % av ytan i {n} provprognoser; senaste årets "
        "antal fångade {b} % (skillnad {l} till {u} procentenheter, 95 %).",
        "{m}: caught {r} % of the incidents in {a} % of the area over {n} trial forecasts; last "
        "year's count caught {b} % (difference {l} to {u} percentage points, 95 %).",
    ).fill(
        m=LABELS.get(name, Text(name, name)),
        r=_percent(rate),
        a=decimal_text(100 * share, 2),
        n=origins,
        b=_percent(base_rate),
        l=_points(hit.lower),
        u=_points(hit.upper),
    )


def _also_gains(reason: Text, bits: Estimate) -> Text:
    """Where the hits alone decide nothing, say what did."""
    return Text(
        "{r} Dess sannolikheter stämmer säkert bättre: {b} bit mer per händelse.",
        "{r} Its probabilities are reliably truer: {b} bits more per incident.",
    ).fill(r=reason, b=decimal_text(bits.value, 2))


def _nothing_better(base_rate: float, share: float, origins: int) -> Text:
    return Text(
        "Senaste årets antal används: ingen annan modell var säkert bättre i {n} provprognoser. "
        "Det fångade {b} % av händelserna på {a} % av ytan.",
        "Last year's count is used: no other model was reliably better over {n} trial forecasts. "
        "It caught {b} % of the incidents in {a} % of the area.",
    ).fill(n=origins, b=_percent(base_rate), a=decimal_text(100 * share, 2))

"""Which model to trust: the one that past forecasts favour, or the baseline where none does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast import (
    average,
    boosted,
    counts,
    etas,
    gamma_poisson,
    kernel,
    mixed_prior,
    prospective,
)
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
        mixed_prior.MixedPrior,
        prospective.Prospective,
        etas.ETAS,
        boosted.Boosted,
        average.Average,
    )
}
# Fewer trial forecasts show nothing.
FEWEST_ORIGINS: Final = 4
_TOO_FEW: Final = Text("Träffarna är för få för att visas.", "The hits are too few to be shown.")
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
    hits
        The fewest hits that a figure of the reason rests on; infinite where it tells none.
    """

    model: str
    reason: Text
    beats_baseline: bool
    hits: float = float("inf")

    def told(self, least: int) -> Text:
        """Return the reason, without its figures where they rest on too few hits.

        Parameters
        ----------
        least
            So many hits may be told.

        Returns
        -------
        Text
            One or two sentences.
        """
        if round(min(self.hits, least)) >= least:
            return self.reason
        better = Text(
            "{m}: säkert bättre än senaste årets antal i provprognoserna. {f}",
            "{m}: reliably better than last year's count over the trial forecasts. {f}",
        )
        no_better = Text(
            "Senaste årets antal används: ingen annan modell var säkert bättre i provprognoserna. "
            "{f}",
            "Last year's count is used: no other model was reliably better over the trial "
            "forecasts. {f}",
        )
        return (better if self.beats_baseline else no_better).fill(
            m=LABELS.get(self.model, Text(self.model, self.model)), f=_TOO_FEW
        )


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
    if len(base) < FEWEST_ORIGINS or events.sum() == 0:
        return Choice(BASELINE, _nothing_shown(len(base)), beats_baseline=False)
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
        why = nothing_better(base_rate, share=share, origins=len(base))
        return Choice(BASELINE, why, beats_baseline=False, hits=float(base_hits.sum()))
    bits, name, hit, own_rate = best
    reason = why_better(
        name, (own_rate, base_rate), hit, bits.value, share=share, origins=len(base)
    )
    hits = min(own_rate, base_rate) * float(events.sum())
    return Choice(name, reason, beats_baseline=True, hits=hits)


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


def why_better(
    name: str, rates: tuple[float, float], hit: Estimate, bits: float, *, share: float, origins: int
) -> Text:
    """Say why a model is trusted more than last year's count.

    Parameters
    ----------
    name
        The model's.
    rates
        Its hit rate and that of last year's count, 0 to 1.
    hit
        The difference between the two.
    bits
        By how many bits an incident its probabilities are truer.
    share
        The flagged share of the area.
    origins
        How many forecasts.

    Returns
    -------
    Text
        One or two sentences.
    """
    reason = Text(
        "{m}: fångade {r} % av händelserna på {a} % av ytan i {n} "
        "{n:provprognos|provprognoser}; senaste årets antal fångade {b} % (skillnad {l} "
        "till {u} procentenheter, 95 %).",
        "{m}: caught {r}% of the incidents in {a}% of the area over {n} trial "
        "{n:forecast|forecasts}; last year's count caught {b}% (difference {l} to {u} "
        "percentage points, 95%).",
    ).fill(
        m=LABELS.get(name, Text(name, name)),
        r=_percent(rates[0]),
        a=decimal_text(100 * share, 2),
        n=origins,
        b=_percent(rates[1]),
        l=_points(hit.lower),
        u=_points(hit.upper),
    )
    if hit.lower > 0:
        return reason
    # Where the hits alone decide nothing, say what did.
    return Text(
        "{r} Dess sannolikheter stämmer säkert bättre: {b} bit mer per händelse.",
        "{r} Its probabilities are reliably truer: {b} {b:bit|bits} more per incident.",
    ).fill(r=reason, b=decimal_text(bits, 2))


def _nothing_shown(origins: int) -> Text:
    if origins >= FEWEST_ORIGINS:
        return Text(
            "Senaste årets antal används: inga händelser inträffade i {n} "
            "{n:provprognos|provprognoser}, så inget kan visas vara bättre.",
            "Last year's count is used: no incidents came in {n} trial "
            "{n:forecast|forecasts}, so that nothing can be shown to be better.",
        ).fill(n=origins)
    return Text(
        "Senaste årets antal används: {n} {n:provprognos|provprognoser} är för få för att visa att "
        "något är bättre; {m} behövs.",
        "Last year's count is used: {n} trial {n:forecast is|forecasts are} too few to show that "
        "anything is better; {m} are needed.",
    ).fill(n=origins, m=FEWEST_ORIGINS)


def nothing_better(base_rate: float, *, share: float, origins: int) -> Text:
    """Say why last year's count is used.

    Parameters
    ----------
    base_rate
        Its hit rate, 0 to 1.
    share
        The flagged share of the area.
    origins
        How many forecasts.

    Returns
    -------
    Text
        Two sentences.
    """
    return Text(
        "Senaste årets antal används: ingen annan modell var säkert bättre i {n} "
        "{n:provprognos|provprognoser}. Det fångade {b} % av händelserna på {a} % av "
        "ytan.",
        "Last year's count is used: no other model was reliably better over {n} trial "
        "{n:forecast|forecasts}. It caught {b}% of the incidents in {a}% of the area.",
    ).fill(n=origins, b=_percent(base_rate), a=decimal_text(100 * share, 2))

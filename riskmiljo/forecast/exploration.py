"""Exploratory stops: where little is known, by a rule that is logged."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import is_one_of, random_of, require_whole
from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.effort_inputs import districts_of
from riskmiljo.model.tables import check_columns
from riskmiljo.wording import Text, decimal_text

Method = Literal["random", "upper", "thompson"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

COLUMNS: Final[dict[str, str]] = {
    "unit": "the unit's label",
    "label": "always 'exploratory'",
    "method": "random, upper or thompson",
    "propensity": "the chance that the rule gave this unit, to be logged with the assignment",
    "rate": "posterior mean",
    "upper": "95 % limit",
    "presence_h": "hours",
    "why_sv": "one line, Swedish",
    "why_en": "one line, English",
}
_NEEDED: Final = dict.fromkeys(("rate", "upper", "shape", "presence_h"), "")
# Little presence: the least visited quarter of the units.
_LITTLE: Final = 0.25
_DRAWS: Final = 400
_WHY: Final[dict[str, Text]] = {
    "random": Text(
        "Utforskande stopp, draget på måfå (chans {p}): här har någon varit {h} {h:timme|timmar}",
        "Exploratory stop, drawn at random (chance {p}): somebody was here for {h} {h:hour|hours}",
    ),
    "upper": Text(
        "Utforskande stopp: {h} {h:timmes|timmars} närvaro, och risken kan vara upp till "
        "{u} {u:gång|gånger} den vanliga",
        "Exploratory stop: {h} {h:hour|hours} of presence, and the risk may be up to {u} "
        "{u:time|times} the usual",
    ),
    "thompson": Text(
        "Utforskande stopp: {h} {h:timmes|timmars} närvaro; med chansen {p} är platsen "
        "bland de {n} främsta",
        "Exploratory stop: {h} {h:hour|hours} of presence; with chance {p} the place is "
        "among the top {n}",
    ),
}


def exploratory_units(
    rates: pd.DataFrame,
    *,
    count: int = 1,
    method: Method = "random",
    district: Any = None,
    taken: Collection[Any] = (),
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Choose the places that earn a stop because little is known of them.

    Parameters
    ----------
    rates
        As `joint_rate` returns it.
    count
        How many for one shift; a tenth of its stops is a good number.
    method
        ``"random"``: drawn from all, spread over the districts, each with the same chance;
        what these patrols see may be used to estimate delta and to check the map.
        ``"upper"``: the highest 95 % limits among the least visited quarter.
        ``"thompson"``: the highest of one draw from each unit's posterior.
    district
        A label per unit, for ``"random"``.
    taken
        Labels of units that the shift visits anyhow.
    rng
        Seed or source of chance.

    Returns
    -------
    pandas.DataFrame
        With the columns of `COLUMNS`, fewer rows than ``count`` where there are not so many
        units. Every row is labelled exploratory and says why.

    Raises
    ------
    InvalidInputError
        If the count is negative, the method is unknown, or the table is not one of rates.

    References
    ----------
    Horvitz, D. and Thompson, D. (1952). A generalization of sampling without replacement.
    Thompson, W. (1933). On the likelihood that one unknown probability exceeds another.
    """
    check_columns(rates, _NEEDED, Text("Tabellen", "The table"))
    if not is_one_of(method, _WHY):
        raise InvalidInputError(
            Text(
                "Metoden {m!r} finns inte. Välj {all}.", "There is no method {m!r}. Choose {all}."
            ).fill(m=method, all=", ".join(_WHY))
        )
    require_whole(0, count=count)
    if not isinstance(taken, Iterable):
        raise InvalidInputError(
            Text(
                "taken ska vara en lista av enheter, inte {t}.",
                "taken must be a list of units, not {t}.",
            ).fill(t=type(taken).__name__)
        )
    chance = random_of(rng)
    number, _ = districts_of(district, len(rates))
    free = np.flatnonzero(~rates.index.isin(list(taken)))
    wanted = min(count, len(free))
    if wanted == 0:
        chosen, propensity = np.zeros(0, dtype=np.int64), np.zeros(0)
    elif method == "random":
        chosen, propensity = _spread(number[free], wanted, chance)
    elif method == "upper":
        chosen, propensity = _highest(rates.iloc[free], wanted)
    else:
        chosen, propensity = _drawn(rates.iloc[free], wanted, chance)
    return _table(rates.iloc[free[chosen]], rates, method, propensity, count)


def _spread(district: Ints, wanted: int, chance: np.random.Generator) -> tuple[Ints, Floats]:
    """Draw systematically along the districts: each unit has exactly the same chance."""
    within = chance.random(len(district))
    # The order of the districts is drawn too, or neighbours in the list would never both be drawn.
    order = np.lexsort((within, chance.permutation(district.max() + 1)[district]))
    step = len(district) / wanted
    places = (chance.random() + np.arange(wanted)) * step
    at = np.minimum(places.astype(np.int64), len(district) - 1)
    return order[at].astype(np.int64), np.full(wanted, wanted / len(district))


def _highest(rates: pd.DataFrame, wanted: int) -> tuple[Ints, Floats]:
    hours = rates["presence_h"].to_numpy(dtype=float)
    little = hours <= np.quantile(hours, _LITTLE)
    # Among units that nothing tells apart, the order of the table decides.
    order = np.lexsort((hours, -rates["upper"].to_numpy(dtype=float), ~little))
    return order[:wanted].astype(np.int64), np.ones(wanted)


def _drawn(rates: pd.DataFrame, wanted: int, chance: np.random.Generator) -> tuple[Ints, Floats]:
    shape = rates["shape"].to_numpy(dtype=float)
    scale = rates["rate"].to_numpy(dtype=float) / shape
    draws = chance.standard_gamma(shape, size=(_DRAWS, len(rates))) * scale
    top = np.argpartition(-draws, wanted - 1, axis=1)[:, :wanted]
    chosen = top[0][np.argsort(-draws[0, top[0]], kind="stable")]
    # The draw that decides is one of those that count, so that no propensity is zero.
    often = np.bincount(top.ravel(), minlength=len(rates)) / _DRAWS
    return chosen.astype(np.int64), often[chosen]


def _table(
    chosen: pd.DataFrame, rates: pd.DataFrame, method: Method, propensity: Floats, count: int
) -> pd.DataFrame:
    usual = float(rates["rate"].median()) if len(rates) else 1.0
    why = [
        _WHY[method].fill(
            p=decimal_text(float(p), 2 if p >= 0.01 else 4),  # noqa: PLR2004 - 0.00 says nothing
            h=decimal_text(float(hours), 1),
            u=decimal_text(float(upper) / usual, 1),
            n=count,
        )
        for p, hours, upper in zip(propensity, chosen["presence_h"], chosen["upper"], strict=True)
    ]
    return pd.DataFrame(
        {
            "unit": chosen.index,
            "label": "exploratory",
            "method": method,
            "propensity": propensity,
            "rate": chosen["rate"].to_numpy(dtype=float),
            "upper": chosen["upper"].to_numpy(dtype=float),
            "presence_h": chosen["presence_h"].to_numpy(dtype=float),
            "why_sv": [text.sv for text in why],
            "why_en": [text.en for text in why],
        },
        columns=list(COLUMNS),
    )

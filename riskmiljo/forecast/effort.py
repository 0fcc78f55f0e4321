"""`joint_rate`: what the risk is, whoever looked and however much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from riskmiljo.forecast.effort_delta import Delta, estimate_delta
from riskmiljo.forecast.effort_inputs import (
    Floats,
    Totals,
    districts_of,
    neighbours_of,
    observed,
    positive,
)
from riskmiljo.forecast.effort_model import (
    DELTA_LOG_SPREAD,
    DELTA_PER_H,
    KAPPA,
    SHRINKAGE,
    posterior,
)
from riskmiljo.wording import Text, decimal_text

COLUMNS: Final[dict[str, str]] = {
    "rate": "incidents per column of the data (per day, or in the whole period of totals)",
    "lower": "5 % limit; wide where it is not known how fast presence discovers (delta)",
    "upper": "95 % limit; the same",
    "reporting_rate": "share of what patrols do not see that others report; NaN: cannot be told",
    "reporting_known": "whether the district has presence enough to tell its reporting rate",
    "knowledge": "how much the data say here against the prior, 0 to 1",
    "shape": "of the Gamma distribution of a place's rate (its mean) for a given delta",
    "discovered": "count, old ones weighted down, with those that no known presence met",
    "reported": "count, old ones weighted down",
    "presence_h": "hours, old ones weighted down",
}
CANNOT_TELL: Final = Text(
    "rapporteringsgrad kan inte skattas", "the reporting rate cannot be estimated"
)
NO_PRESENCE: Final = Text(
    "Ingen närvaro är känd. Risken visas efter rapporterade händelser ensamma; upptäckta räknas "
    "inte in, eftersom de säger mer om var patruller har varit.",
    "No presence is known. The risk is shown from reported incidents alone; discovered ones are "
    "not counted in, since they say more of where patrols have been.",
)
_FEW_UNSEEN: Final = Text(
    "{n} av {of} {of:upptäckt händelse|upptäckta händelser} ligger där ingen "
    "närvaro är känd samtidigt. {n:Den|De} räknas in: så få kan vara fel plats "
    "eller dag.",
    "{n} of {of} discovered {of:incident|incidents} {n:lies|lie} where no "
    "presence is known at the same time. {n:It is|They are} counted in: so few "
    "may be a wrong place or day.",
)
_UNSEEN: Final = Text(
    "{n} av {of} {of:upptäckt händelse|upptäckta händelser} ligger där ingen "
    "närvaro är känd samtidigt. {n:Den|De} räknas inte in: {n:den|de} säger att "
    "närvaron är ofullständig, inte hur mycket som händer.",
    "{n} of {of} discovered {of:incident|incidents} {n:lies|lie} where no "
    "presence is known at the same time. {n:It is|They are} not counted in: "
    "{n:it says|they say} that the presence is incomplete, not how much happens.",
)
INCOMPLETE: Final = Text(
    "Många upptäckta händelser ligger där ingen närvaro är känd samtidigt. De räknas inte in: de "
    "säger att närvaron är ofullständig, inte hur mycket som händer.",
    "Many discovered incidents lie where no presence is known at the same time. They are not "
    "counted in: they say that the presence is incomplete, not how much happens.",
)
_DISTRICTS_UNKNOWN: Final = Text(
    "Rapporteringsgrad kan inte skattas i {n} av {of} distrikt; stadens används, med "
    "vidare intervall.",
    "The reporting rate cannot be estimated in {n} of {of} {of:district|districts}; "
    "the city's is used, with wider intervals.",
)
_ABOVE_ONE: Final = Text(
    "En rapporteringsgrad över 1 säger att delta är för högt; ordningen mellan platser berörs "
    "knappt.",
    "A reporting rate above 1 says that delta is too high; the order of places hardly changes.",
)
# Said where delta is its default.
LEVEL_UNSURE: Final = Text(
    "Hur fort en patrull upptäcker det som händer framgår inte av uppgifterna; {d} i timmen "
    "antas. Nivån kan vara hälften eller dubbelt så hög, ordningen mellan platser berörs knappt.",
    "How fast a patrol discovers what happens does not show in the data; {d} an hour is taken. "
    "The level may be half or double, the order of places hardly changes.",
).fill(d=decimal_text(DELTA_PER_H))
_NO_LENGTH: Final = Text(
    "Det är inte sagt hur många dagar summorna gäller. Nivån beror på det; ordningen mellan "
    "platser berörs knappt. Ange days för nivån.",
    "How many days the totals are of is not said. The level depends on it; the order of places "
    "hardly changes. Give days for the level.",
)
# With less presence in all, there is none.
LEAST_PRESENCE_H: Final = 1 / 60
# A complete record misses a few: a visit that nobody wrote down, a place in the next cell. Of a
# simulated one 2 % of what was discovered lies outside it, of 90 % of the visits 4 %, of 70 % 9 %.
MOST_UNSEEN: Final = 0.05
KNOWLEDGE: Final[tuple[tuple[float, Text], ...]] = (
    (1 / 3, Text("lite känt", "little known")),
    (2 / 3, Text("delvis känt", "partly known")),
    (1.0, Text("välkänt", "well known")),
)


def joint_rate(
    discovered: Any,
    reported: Any,
    presence_h: Any,
    *,
    district: Any = None,
    neighbours: Any = None,
    half_life_days: float | None = None,
    days: float | None = None,
    delta_per_h: float | None = None,
    kappa: float | None = None,
    shrinkage: float = SHRINKAGE,
) -> pd.DataFrame:
    """Estimate risk from discovered and reported incidents and the hours that somebody was there.

    Parameters
    ----------
    discovered, reported
        Counts: shape (units,) for totals of one period, or (units, days) with the latest day
        last. Arrays, or Series and DataFrames with units as rows.
    presence_h
        Hours of presence, of the same shape.
    district
        A label per unit: each district has its own reporting rate. None: one for all.
    neighbours
        An adjacency matrix, or for each unit a list of its neighbours' numbers (or a dict of
        these by its number), over which the prior is smoothed. None: one prior for all.
    half_life_days
        The age at which a column counts half; None forgets nothing. Totals have no age.
    days
        The length of one column or of the totals, days. None: one day a column; totals are taken
        as thin presence over many days, and a note says that their level is not told.
    delta_per_h
        How fast an hour of presence discovers what happens that day. None: 0.1, unless the data
        plainly say otherwise.
    kappa
        How many incidents a unit's prior weighs as much as. None: five, or as many as the data
        say where at least thirty units plainly differ.
    shrinkage
        How many expected reports the city's reporting rate weighs as much as.

    Returns
    -------
    pandas.DataFrame
        One row a unit, with the columns of `COLUMNS`; ``rate`` per column of the data. ``attrs``
        holds ``delta_per_h``, ``presence_complete`` and ``notes``, a list of `Text`. Without any
        presence the rate is that of reported incidents alone, and the first note says so.

    Raises
    ------
    InvalidInputError
        If shapes differ, a value is missing, negative or infinite, or presence is longer than the
        day.

    Notes
    -----
    ``D ~ Poisson(rate p)`` is discovered and ``R ~ Poisson(reporting rate (1 - p))`` reported,
    ``p = 1 - exp(-delta h)``. A district's reporting rate comes from the rate that patrols meet
    there, shrunk towards the city's; of four districts or more that do not plainly differ in that
    rate, it is drawn towards the others'. A unit's posterior is Gamma(kappa + D + R, kappa / prior
    + sum p + reporting rate × sum (1 - p)). The 90 % interval adds the uncertainty of the reporting
    rate, and that of delta unless it is given.

    The model has one reporting rate a district: where it differs between the places of one, so
    does the error, and the interval does not tell. Of districts that plainly differ, each is known
    as well as its number of discoveries allows: 100 leave a tenth.

    By the model nothing is discovered where nobody is. Such a discovery comes of hours that are
    not in the record; held against none, it would say that immeasurably much happens, and the less
    of the presence is known, the more. Where more than one in twenty lie in a unit and column
    without presence, these are left out of the rate (``presence_complete`` is false, and a note
    says so), as all are where there is no presence at all. ``discovered`` has them all.

    References
    ----------
    Ensign, D. et al. (2018). Runaway feedback loops in predictive policing.
    Lum, K. and Isaac, W. (2016). To predict and serve?

    Examples
    --------
    >>> table = joint_rate([30, 10], [20, 20], [150.0, 50.0], days=365)
    >>> bool(abs(table["rate"][0] / table["rate"][1] - 1) < 0.3)
    True
    """
    data = observed(discovered, reported, presence_h, days=days)
    number, labels = districts_of(district, len(data.units))
    near = neighbours_of(neighbours, len(data.units))
    numbers = {
        "kappa": kappa, "shrinkage": shrinkage, "half_life_days": half_life_days,
        "delta_per_h": delta_per_h,
    }  # fmt: skip
    for name, value in numbers.items():
        if value is not None or name == "shrinkage":
            positive(value, Text(name, name))
    recorded = data.discovered @ data.weights(half_life_days)
    unseen, found = float(data.unseen.sum()), float(data.discovered.sum())
    complete = unseen <= MOST_UNSEEN * found
    if not complete:
        data = replace(data, discovered=data.discovered - data.unseen)
    delta = Delta(delta_per_h or DELTA_PER_H, 0.0 if delta_per_h else DELTA_LOG_SPREAD, told=False)
    # Of totals one does not know how the hours were spread, on which an estimate rests.
    if delta_per_h is None and (data.days == 1 or data.discovered.shape[1] > 1):
        delta = estimate_delta(data, number)
    totals = data.totals(delta.per_h, half_life_days)
    alone = totals.presence_h.sum() < LEAST_PRESENCE_H
    notes: list[Text] = []
    if len(data.units) == 0:
        return _table(data.units, dict.fromkeys(COLUMNS, np.zeros(0)), delta.per_h, complete, notes)
    counts = {
        "discovered": recorded,
        "reported": totals.reported[0],
        "presence_h": totals.presence_h[0],
    }
    if alone:
        # Reports at an unknown rate: the level is theirs, and nothing is said of the rest.
        nothing = np.zeros_like(totals.reported)
        only = Totals(totals.reported, nothing, totals.unseen + totals.seen, nothing, nothing)
        fitted = posterior(only, number * 0, neighbours=near, kappa=kappa, shrinkage=shrinkage)
        known = np.zeros(len(data.units), dtype=bool)
        notes.append(NO_PRESENCE)
    else:
        fitted = posterior(totals, number, neighbours=near, kappa=kappa, shrinkage=shrinkage)
        known = fitted.reporting_known[0][number]
        if unseen > 0:
            said = _FEW_UNSEEN if complete else _UNSEEN
            notes.append(said.fill(n=int(np.ceil(unseen)), of=int(np.ceil(found))))
        notes += _notes(fitted.reporting_known[0], fitted.reporting[0], len(labels))
    if delta_per_h is None and not delta.told and not alone:
        notes.append(LEVEL_UNSURE)
    if days is None and np.ndim(presence_h) == 1 and not alone:
        notes.append(_NO_LENGTH)
    lower, upper = fitted.interval(0.0 if alone else delta.log_spread)
    trusted = np.where(known, fitted.reports_weight[0], 0.0)
    trusted += 0.0 if alone else totals.seen[0]
    columns = {
        "rate": fitted.mean[0],
        "lower": lower[0],
        "upper": upper[0],
        "reporting_rate": np.where(known, fitted.reporting[0][fitted.district], np.nan),
        "reporting_known": known,
        "knowledge": trusted / (trusted + (kappa or KAPPA) / fitted.prior_rate[0]),
        "shape": fitted.effective_shape[0],
        **counts,
    }
    return _table(data.units, columns, delta.per_h, complete, notes)


def left_out(rates: pd.DataFrame) -> list[Text]:
    """Say that a table of rates does not count some discovered incidents in, and why.

    Parameters
    ----------
    rates
        As `joint_rate` returns it.

    Returns
    -------
    list of Text
        One sentence without a number, which not everybody may see; none where all are counted in.
    """
    if NO_PRESENCE in rates.attrs["notes"]:
        return [NO_PRESENCE]
    return [] if rates.attrs["presence_complete"] else [INCOMPLETE]


def knowledge_text(knowledge: float) -> Text:
    """Say how much is known of a unit.

    Parameters
    ----------
    knowledge
        As in the table of `joint_rate`, 0 to 1.

    Returns
    -------
    Text
        "lite känt", "delvis känt" or "välkänt"; a place is never said to be safe.
    """
    return next((text for most, text in KNOWLEDGE if knowledge < most), KNOWLEDGE[-1][1])


def _notes(known: Any, reporting: Floats, districts: int) -> list[Text]:
    notes = []
    unknown = int((~known).sum())
    if unknown and districts == 1:
        notes.append(Text(CANNOT_TELL.sv.capitalize() + ".", CANNOT_TELL.en.capitalize() + "."))
    elif unknown:
        notes.append(_DISTRICTS_UNKNOWN.fill(n=unknown, of=districts))
    if (reporting[known] > 1).any():
        notes.append(_ABOVE_ONE)
    return notes


def _table(
    units: pd.Index, columns: Any, delta: float, complete: bool, notes: list[Text]
) -> pd.DataFrame:
    table = pd.DataFrame(dict(columns), index=units, columns=list(COLUMNS))
    table["reporting_known"] = table["reporting_known"].astype(bool)
    table.attrs = {"delta_per_h": delta, "presence_complete": complete, "notes": notes}
    return table

"""What a record of presence can and cannot tell of how much happens: a forecast by presence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.errors import NothingFoundError
from riskmiljo.forecast.effort import LEAST_PRESENCE_H, joint_rate
from riskmiljo.forecast.effort_table import check_presence, effort_table, near_units
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.geo.grid import Grid
from riskmiljo.model.incidents import to_utc
from riskmiljo.model.period import Period
from riskmiljo.wording import Text, decimal_text

# More than so many times what becomes known is not believed of any record: twice what a complete
# one of simulated drug offences gives, of which one in a hundred is reported.
MOST_TIMES_KNOWN: Final = 250.0
_STEP_DAYS: Final = 7
_HALF_LIFE_DAYS: Final = 365.0
_UNDERLYING: Final = Text(
    "Rapporterade och upptäckta händelser är sammanvägda efter närvaron. Talen är "
    "den underliggande risken, omkring {x} {x:gång|gånger} så många som blir kända.",
    "Reported and discovered incidents are weighed together by the presence. The "
    "numbers are the underlying risk, about {x} {x:time|times} as many as become "
    "known.",
)
_SUM_OF_LAST_YEAR: Final = Text(
    "Rapporterade och upptäckta händelser är sammanvägda efter närvaron. Hur mycket som händer "
    "framgår inte av den: summan är satt till det som registrerades det senaste året.",
    "Reported and discovered incidents are weighed together by the presence. How much happens "
    "does not show in it: the sum is set to what was registered in the last year.",
)
_REPORTED_ONLY: Final = Text(
    "Bara rapporterade händelser, eftersom ingen närvaro är känd.",
    "Reported incidents alone, since no presence is known.",
)
_TOO_MUCH: Final = Text(
    "Efter närvarons timmar skulle mindre än en händelse på {most} bli känd. Det är osäkert: "
    "timmarna är kanske bara en del av dem som patruller var ute.",
    "By the hours of presence less than one incident in {most} would become known. That is "
    "doubtful: the hours may be only some of those that patrols were out.",
)
_NOTHING_LEFT: Final = Text(
    "Alla {n} {n:händelse|händelser} upptäcktes där ingen närvaro är känd. Ge en "
    "mer fullständig närvaro, eller gör prognosen utan.",
    "All {n} {n:incident was|incidents were} discovered where no presence is "
    "known. Give a more complete presence, or forecast without it.",
)


@dataclass(frozen=True)
class ByPresence:
    """A forecast of days in which discovered incidents are weighed by presence.

    Attributes
    ----------
    prediction
        The underlying risk, as many as are believed to happen.
    level_told
        Whether the record is such that the sum, not only the order of places, can be told.
    reason
        What the numbers are, once a sum that cannot be told is set to last year's.
    notes
        What a reader must know of it.
    """

    prediction: Prediction
    level_told: bool
    reason: Text
    notes: tuple[Text, ...]


def by_presence(
    known: gpd.GeoDataFrame,
    presence: gpd.GeoDataFrame,
    grid: Grid,
    *,
    span: Period,
    days: float,
    tz: str,
) -> ByPresence:
    """Expect incidents per cell from what was discovered, reported, and the hours of presence.

    Parameters
    ----------
    known
        Incidents that were known before the coming period.
    presence
        `PRESENCE_COLUMNS`; what ended after ``span`` is not looked at.
    grid
        The cells.
    span
        The time of the record.
    days
        The length of the coming period, days.
    tz
        The zone of local days.

    Returns
    -------
    ByPresence
        The sum is told where at most one discovered incident in twenty lies in a cell and week
        without known presence, patrols met enough to tell the reporting rate, and it is at most
        250 times what becomes known.

    Raises
    ------
    InvalidInputError
        If the presence lacks a column or cannot be.
    NothingFoundError
        If there are only discovered incidents, all of them where no presence is known.
    CRSError
        If the presence is in another CRS than the incidents.

    Notes
    -----
    `joint_rate` leaves out the discoveries of a record in which many lie where nobody is known to
    have been. What is left still comes of more hours than are known, so that the sum is not theirs
    to tell.
    """
    check_presence(presence)
    # One without an end stays, to be refused.
    before = presence[~(to_utc(presence["ends"], tz) > span.end)]
    table = effort_table(
        known, before, grid, period=span, step_days=_STEP_DAYS, unknown="reported", tz=tz
    )
    discovered, hours = table.discovered, table.presence_h
    notes = [*table.notes]
    found = float(discovered.to_numpy().sum())
    weighed = float(hours.to_numpy().sum()) >= LEAST_PRESENCE_H
    unseen = float(discovered.to_numpy()[hours.to_numpy() == 0].sum())
    reported = float(table.reported.to_numpy().sum())
    if found > 0 and reported == 0 and unseen == found:
        raise NothingFoundError(_NOTHING_LEFT.fill(n=int(found)))
    rates = joint_rate(
        discovered,
        table.reported,
        hours,
        neighbours=near_units(grid),
        half_life_days=_HALF_LIFE_DAYS,
        days=_STEP_DAYS,
    )
    complete = bool(rates.attrs["presence_complete"])
    rate = rates["rate"].to_numpy(dtype=float)
    times_known = float(rate.sum()) / max(_known_a_step(table.discovered + table.reported), 1e-12)
    too_much = times_known > MOST_TIMES_KNOWN
    if weighed and complete and too_much:
        notes.append(_TOO_MUCH.fill(most=decimal_text(MOST_TIMES_KNOWN)))
    told = complete and not too_much and bool(rates["reporting_known"].any())
    if not weighed:
        reason = _REPORTED_ONLY
    elif told:
        reason = _UNDERLYING.fill(x=decimal_text(times_known, 1))
    else:
        reason = _SUM_OF_LAST_YEAR
    return ByPresence(
        prediction=Prediction(rate * (days / _STEP_DAYS), rates["shape"].to_numpy(dtype=float)),
        level_told=told or not weighed,
        reason=reason,
        notes=(*notes, *rates.attrs["notes"]),
    )


def _known_a_step(counts: pd.DataFrame) -> float:
    """Return how many become known in a column, old ones weighted down like the rates."""
    by_step = counts.to_numpy(dtype=float).sum(axis=0)
    age = np.arange(len(by_step) - 1, -1, -1.0) * _STEP_DAYS
    return float(np.average(by_step, weights=2.0 ** (-age / _HALF_LIFE_DAYS)))

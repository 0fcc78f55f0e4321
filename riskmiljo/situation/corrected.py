"""A forecast in which what patrols discover is weighed by the hours that they were there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.errors import NothingFoundError
from riskmiljo.forecast.choose import Choice
from riskmiljo.forecast.coming import JOINT, forecast, known_grid, with_last_years_sum
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import FEWEST_WEEKS
from riskmiljo.forecast.result import Forecast
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.wording import Text

# A kind of which patrols discover at least this share says where they have been; of others the
# reports are the measure, and weighing them by presence would only move them.
LEAST_DISCOVERED: Final = 0.25
_FEWEST: Final = 50
_REASON: Final = Text(
    "{k} upptäcks ofta av patruller och är därför vägda efter närvaron: så många som skulle bli "
    "kända om patruller vore lika mycket överallt, med senaste årets summa.",
    "{k} are often discovered by patrols and are therefore weighed by presence: as many as would "
    "become known if patrols were everywhere alike, with last year's sum.",
)
_REST: Final = Text("Övriga slag: {r}", "Other kinds: {r}")


@dataclass(frozen=True)
class Corrected:
    """A forecast and which kinds in it are weighed by presence.

    Attributes
    ----------
    forecast
        Of all kinds together.
    kinds
        Categories that are weighed.
    rest
        The forecast of the other kinds; None where there are none.
    """

    forecast: Forecast
    kinds: tuple[str, ...]
    rest: Forecast | None


def corrected_forecast(
    incidents: gpd.GeoDataFrame,
    presence: gpd.GeoDataFrame,
    period: Period,
    *,
    model: str | Choice,
    tz: str,
    least: int = 0,
    others: gpd.GeoDataFrame | None = None,
) -> Corrected:
    """Forecast with those kinds weighed by presence that patrols often discover.

    Parameters
    ----------
    incidents
        The incident contract; what began before the period.
    presence
        Presence before it.
    period
        What is forecast.
    model
        For the kinds that are not weighed: ``"auto"`` or a choice.
    tz
        The zone of local days.
    least
        So many hits may be told of the model of the kinds that are not weighed.
    others
        Incidents of kinds that are not asked for, as `forecast` takes them.

    Returns
    -------
    Corrected
        Without any such kind, the plain forecast.

    Notes
    -----
    Each weighed kind has its own observation model, since kinds differ in how they become known.
    How much happens that nobody sees cannot be told well; the order of the places hardly depends on
    it but the sum does, so that each kind's is set to what was registered in the last year.
    """
    grid = known_grid(incidents, period.start)
    category = incidents["category"].astype(str)
    weighed: dict[str, Forecast] = {}
    for kind in _kinds(incidents, period):
        # One that nobody reported, nor met in presence that is known, is counted like the others.
        with suppress(NothingFoundError):
            weighed[kind] = _weighed(incidents[category == kind], presence, period, grid, tz)
    kinds = tuple(weighed)
    plain = incidents[~category.isin(kinds)]
    rest = None
    if len(plain):
        rest = forecast(plain, period=period, model=model, grid=grid, tz=tz, others=others)
    if rest is not None and not kinds:
        return Corrected(rest, (), rest)
    parts = [*weighed.values(), *([] if rest is None else [rest])]
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    reason = _REASON.fill(k=_listed([CATEGORIES[kind] for kind in kinds]))
    if rest is not None:
        more = _REST.fill(r=rest.choice.told(least) if rest.choice else rest.reason)
        reason = Text(f"{reason.sv} {more.sv}", f"{reason.en} {more.en}")
    whole = Forecast(
        _sum([part.prediction for part in parts]),
        grid,
        period,
        period.start,
        JOINT if rest is None else rest.model,
        reason,
        tuple(notes),
        sum(part.incidents for part in parts),
        np.sum([part.last_year for part in parts], axis=0),
    )
    return Corrected(whole, kinds, rest)


def _kinds(incidents: gpd.GeoDataFrame, period: Period) -> tuple[str, ...]:
    """Return the kinds that patrols often discover, and that are known long enough."""
    found = pd.DataFrame(
        {
            "kind": incidents["category"].astype(str),
            "discovered": incidents["detection"].astype(str) == "discovered",
            "began": incidents["occurred_from"],
        }
    ).groupby("kind")
    early = found["began"].min() <= period.start - timedelta(weeks=FEWEST_WEEKS)
    enough = found.size() >= _FEWEST
    often = found["discovered"].mean() >= LEAST_DISCOVERED
    chosen = set((early & enough & often).loc[lambda flags: flags].index)
    return tuple(kind for kind in CATEGORIES if kind in chosen)


def _weighed(
    incidents: gpd.GeoDataFrame, presence: gpd.GeoDataFrame, period: Period, grid: Grid, tz: str
) -> Forecast:
    made = forecast(incidents, period=period, presence=presence, grid=grid, tz=tz)
    return with_last_years_sum(made, incidents, tz=tz)


def _sum(parts: Sequence[Prediction]) -> Prediction:
    """Return the belief about a sum: its mean, and a gamma of the same variance."""
    expected = np.sum([part.expected for part in parts], axis=0)
    variance = np.sum([part.expected**2 / part.shape for part in parts], axis=0)
    shape = np.divide(expected**2, variance, out=np.full_like(expected, np.inf), where=variance > 0)
    return Prediction(expected, shape)


def _listed(words: Sequence[Text]) -> Text:
    def joined(parts: list[str], last: str) -> str:
        first, rest = parts[0], [part.lower() for part in parts[1:]]
        return first if not rest else f"{', '.join([first, *rest[:-1]])} {last} {rest[-1]}"

    return Text(joined([w.sv for w in words], "och"), joined([w.en for w in words], "and"))

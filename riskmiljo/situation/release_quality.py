"""How good the data are, told to the joint picture: once a closed month, in steps of 5 %.

The shares are those of all owners' incidents together in the last twelve closed months, whatever a
page is filtered by. They are told when a month has closed and stay as they were told until the
next one has, so that what is registered late cannot be read off two answers about the same months.
A share is told only where at least 10 incidents lie behind it and as many behind the rest, at
three places on three days.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.data_quality import Quality, delivered_rows, traits, waited_days
from riskmiljo.situation.release_margins import later_month, span_of
from riskmiljo.situation.withheld import PLACE_M
from riskmiljo.store import Store

KIND: Final = "released_quality"
MONTHS: Final = 12
_LEAST: Final = 10
_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class ToldQuality:
    """What the joint picture tells of the data.

    Attributes
    ----------
    quality
        Shares in steps of 5 %, the median in whole days.
    period
        The months that it is about.
    """

    quality: Quality
    period: Period


def release_quality(
    store: Store,
    settings: Settings,
    incidents: gpd.GeoDataFrame,
    last: date,
    *,
    now: datetime,
    tz: str,
    anew: bool = False,
) -> None:
    """Keep what the joint picture tells of the data.

    Parameters
    ----------
    store
        Where imports and what was told are kept.
    settings
        Whose minimum counts hold, where they are higher than ours.
    incidents
        All that may be released, of every owner.
    last
        First day of the last closed month.
    now
        Aware.
    tz
        The zone of local days.
    anew
        Tell it again though the months are the same.
    """
    period = span_of(later_month(last, 1 - MONTHS), MONTHS, tz)
    told = {"begins": period.start.isoformat(), "ends": period.end.isoformat()}
    kept = store.results.latest(KIND)
    if kept is not None and kept.parameters == told and not anew:
        return
    within = incidents["occurred_from"].between(period.start, period.end, inclusive="left")
    quality = _quality(
        incidents[within],
        delivered_rows(store, EVERY_OWNER, period),
        least=max(_LEAST, settings.min_incidents, settings.min_sensitive),
        settings=settings,
        tz=tz,
    )
    store.results.add(KIND, parameters=told, body=asdict(quality), now=now)


def told_quality(store: Store) -> ToldQuality | None:
    """Return what the joint picture tells of the data.

    Parameters
    ----------
    store
        Where it is kept.

    Returns
    -------
    ToldQuality or None
        None while nothing has been released.
    """
    row = store.results.latest(KIND)
    if row is None:
        return None
    ends = (datetime.fromisoformat(row.parameters[name]) for name in ("begins", "ends"))
    return ToldQuality(Quality(**row.body), Period(*ends))


def _quality(
    incidents: gpd.GeoDataFrame,
    delivered: tuple[int, int],
    *,
    least: int,
    settings: Settings,
    tz: str,
) -> Quality:
    def enough(some: gpd.GeoDataFrame) -> bool:
        places = len(np.unique(np.floor(coordinates(some) / PLACE_M), axis=0))
        days = some["occurred_from"].dt.tz_convert(tz).dt.date.nunique()
        return len(some) >= least and places >= settings.min_places and days >= settings.min_days

    def share(chosen: pd.Series) -> float | None:
        of = incidents.loc[chosen.index]
        if not enough(of[chosen]) or not enough(of[~chosen]):
            return None
        return _step(float(chosen.mean()))

    waited = waited_days(incidents)
    rows, lost = delivered
    median = float(waited.median()) if enough(incidents.loc[waited.index]) else None
    return Quality(
        median_days=None if median is None else float(round(median)),
        placeless=_step(lost / rows) if min(lost, rows - lost) >= least else None,
        **{name: share(chosen) for name, chosen in traits(incidents).items()},
    )


def _step(share: float) -> float | None:
    """Return the nearest step; None for the lowest, which is no answer."""
    return round(_STEPS * share) / _STEPS or None

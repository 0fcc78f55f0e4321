"""How good the data are, told to the joint picture: once a closed month, in steps of 5 %.

The shares are those of all owners' incidents together in the last twelve closed months, whatever a
page is filtered by. They are told when a month has closed and stay as they were told until the
next one has, so that what is registered late cannot be read off two answers about the same months.

Each owner knows its own incidents and can take them away, so that small numbers are kept out owner
by owner: fewer than 10 incidents of a kind, or at fewer than three places or days, count as five,
and an owner that has too few both of a kind and of the rest is left out. A share is told only where
an owner has enough behind it, and an owner, the same or another, behind the rest.
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
# Of one owner fewer incidents than these are too few to move what is told: they count as `FEW`.
LEAST: Final = 10
FEW: Final = 5
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
    # Where imports are undone the last closed month can be an earlier one: that was told before.
    if kept is not None and kept.parameters["ends"] >= told["ends"] and not anew:
        return
    within = incidents["occurred_from"].between(period.start, period.end, inclusive="left")
    quality = _quality(
        incidents[within],
        _delivered(store, period),
        least=max(LEAST, settings.min_incidents, settings.min_sensitive),
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


def _delivered(store: Store, period: Period) -> list[tuple[int, int]]:
    """Return the rows of each owner's files and those without a place; files of several last."""
    each = [delivered_rows(store, frozenset({owner}), period) for owner in sorted(EVERY_OWNER)]
    rows, lost = delivered_rows(store, EVERY_OWNER, period)
    return [*each, (rows - sum(one for one, _ in each), lost - sum(one for _, one in each))]


def _quality(
    incidents: gpd.GeoDataFrame,
    delivered: list[tuple[int, int]],
    *,
    least: int,
    settings: Settings,
    tz: str,
) -> Quality:
    def enough(some: gpd.GeoDataFrame) -> bool:
        places = len(np.unique(np.floor(coordinates(some) / PLACE_M), axis=0))
        days = some["occurred_from"].dt.tz_convert(tz).dt.date.nunique()
        return len(some) >= least and places >= settings.min_places and days >= settings.min_days

    def count(some: gpd.GeoDataFrame) -> int | None:
        return len(some) if enough(some) else None

    def share(chosen: pd.Series) -> float | None:
        known = incidents.loc[chosen.index]
        return _together(
            [
                (count(mine[chosen[mine.index]]), count(mine[~chosen[mine.index]]))
                for _, mine in known.groupby("owner", observed=True)
            ]
        )

    waited = waited_days(incidents)
    known = incidents.loc[waited.index]
    told = [mine.index for _, mine in known.groupby("owner", observed=True) if enough(mine)]
    median = float(waited[np.concatenate(told)].median()) if told else None
    return Quality(
        median_days=None if median is None else float(round(median)),
        placeless=_together(
            [
                (lost if lost >= least else None, rows - lost if rows - lost >= least else None)
                for rows, lost in delivered
            ]
        ),
        **{name: share(chosen) for name, chosen in traits(incidents).items()},
    )


def _together(parts: list[tuple[int | None, int | None]]) -> float | None:
    """Return the share of a kind, of how many each owner has of it and of the rest; None is few."""
    some = [part for part in parts if any(part)]
    if not some or not all(any(side) for side in zip(*some, strict=True)):
        return None
    of, rest = (sum(FEW if n is None else n for n in side) for side in zip(*some, strict=True))
    return _step(of / (of + rest))


def _step(share: float) -> float | None:
    """Return the nearest step; None for the lowest, which is no answer."""
    return round(_STEPS * share) / _STEPS or None

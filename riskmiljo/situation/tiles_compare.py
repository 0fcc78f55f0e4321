"""Two periods of one question, zone by zone: what was, what is, and how sure the change is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.trend import change_interval
from riskmiljo.model.period import Period
from riskmiljo.situation.build import Situation
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.tiles import seen_rows
from riskmiljo.situation.tiles_rows import Rows, rows_of
from riskmiljo.store import Store
from riskmiljo.zones.membership import zone_of_points

WHOLE: Final = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One zone in two periods.

    Attributes
    ----------
    zone_id, name
        The zone; both empty for the whole area.
    before, now
        Incidents in each period; None where too few, or none, may be shown.
    before_per_week, now_per_week
        The same by week, as the periods may differ in length.
    change
        Relative difference of the rates by week: 0.5 is half as many again. None unless both may
        be shown.
    lower, upper
        Its exact 95 % interval.
    """

    zone_id: str
    name: str
    before: int | None
    now: int | None
    before_per_week: float | None
    now_per_week: float | None
    change: float | None
    lower: float | None
    upper: float | None

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out "no change".

        Returns
        -------
        bool
            For this zone by itself: of twenty unchanged ones about one will say so by chance.
        """
        return self.lower is not None and self.upper is not None and self.lower * self.upper > 0


def differences(store: Store, situation: Situation, before: Period) -> list[Difference]:
    """Compare a situation's period with another one, in the zones of the situation.

    Parameters
    ----------
    store
        Where the incidents lie.
    situation
        Its zones, filter, lens and period ("now").
    before
        The other period; the two may differ in length and overlap.

    Returns
    -------
    list of Difference
        The whole area first, then the zones in their order.

    Notes
    -----
    The zones are those of the situation's own period, chosen because much happened there: some of
    a rise in them is chance (regression to the mean). The pages say so.
    """
    periods = (before, situation.period)
    then, now = (_told(store, situation, period) for period in periods)
    zones = situation.zones
    ids = [WHOLE, *zones["zone_id"].astype(str)]
    names = ["", *zones["name"].astype(str)]
    return [
        _difference(zone_id, name, then[k], now[k], periods)
        for k, (zone_id, name) in enumerate(zip(ids, names, strict=True))
    ]


def _told(store: Store, situation: Situation, period: Period) -> list[int | None]:
    """Return the shown counts of the whole area and of each zone."""
    lens, asked = situation.lens, situation.question.within(period)
    if lens.scope == "own":
        rows = seen_rows(store, lens, tz=asked.tz)
        chosen = rows.chosen(asked)
    else:
        rows = rows_of(seen_incidents(store, asked, lens), tz=asked.tz)
        chosen = np.arange(len(rows.begins))
    zones = situation.zones
    number = _zone_of_place(rows, situation)[rows.place[chosen]]
    all_of_it = rows.told(chosen, np.zeros(len(chosen), dtype=np.int64), 1, lens)
    by_zone = rows.told(chosen, number, len(zones), lens)
    return [
        int(n) if shown else None
        for told in (all_of_it, by_zone)
        for n, shown in zip(told.events, told.shown, strict=True)
    ]


def _zone_of_place(rows: Rows, situation: Situation) -> npt.NDArray[np.int64]:
    zones = situation.zones
    if zones.empty or not len(rows.places):
        return np.full(len(rows.places), -1, dtype=np.int64)
    return zone_of_points(rows.places, list(zones.geometry))


def _difference(
    zone_id: str, name: str, before: int | None, now: int | None, periods: tuple[Period, Period]
) -> Difference:
    weeks_before, weeks = periods[0].weeks, periods[1].weeks
    change = lower = upper = None
    if before is not None and now is not None:
        ratio = weeks_before / weeks
        change = now / before * ratio - 1
        low, high = change_interval(np.array([now]), np.array([before]), ratio)
        lower, upper = float(low[0]), float(high[0])
    return Difference(
        zone_id=zone_id,
        name=name,
        before=before,
        now=now,
        before_per_week=None if before is None else before / weeks_before,
        now_per_week=None if now is None else now / weeks,
        change=change,
        lower=lower,
        upper=upper,
    )

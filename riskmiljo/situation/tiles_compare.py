"""Two periods of one question, zone by zone: what was, what is, and how sure the change is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.trend import change_interval
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.period import Period
from riskmiljo.situation.build import Situation
from riskmiljo.situation.joint_source import pseudo_incidents
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.released import released_answer
from riskmiljo.situation.tiles import seen_rows
from riskmiljo.situation.tiles_rows import Rows
from riskmiljo.store import Store
from riskmiljo.wording import Text
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
    before_band, now_band
        In the joint picture what the counts are told as; the counts are then the lower ends of the
        bands, and nothing is reckoned from them.
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
    before_band: Text | None = None
    now_band: Text | None = None

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
    zones = situation.zones
    if situation.lens.scope == "joint":
        return _joint_differences(store, situation, before)
    rows = seen_rows(store, situation.lens, tz=situation.question.tz)
    zone_of_place = zone_of_points(rows.places, list(zones.geometry))
    then, now = (_told(rows, zone_of_place, situation, period) for period in periods)
    ids = [WHOLE, *zones["zone_id"].astype(str)]
    names = ["", *zones["name"].astype(str)]
    return [
        _difference(zone_id, name, then[k], now[k], periods)
        for k, (zone_id, name) in enumerate(zip(ids, names, strict=True))
    ]


def _told(
    rows: Rows, zone_of_place: npt.NDArray[np.int64], situation: Situation, period: Period
) -> list[int | None]:
    """Return the shown counts of the whole area and of each zone."""
    lens = situation.lens
    chosen = rows.chosen(situation.question.within(period))
    everywhere = np.zeros(len(chosen), dtype=np.int64)
    number = zone_of_place[rows.place[chosen]]
    counted = (
        rows.told(chosen, everywhere, 1, lens),
        rows.told(chosen, number, len(situation.zones), lens),
    )
    return [
        int(n) if shown else None
        for told in counted
        for n, shown in zip(told.events, told.shown, strict=True)
    ]


def _joint_differences(store: Store, situation: Situation, before: Period) -> list[Difference]:
    then, now = (_bands(store, situation, period) for period in (before, situation.period))
    zones = situation.zones
    ids = [WHOLE, *zones["zone_id"].astype(str)]
    names = ["", *zones["name"].astype(str)]
    return [
        Difference(
            zone_id=zone_id,
            name=name,
            before=then[k][0],
            now=now[k][0],
            before_per_week=None,
            now_per_week=None,
            change=None,
            lower=None,
            upper=None,
            before_band=then[k][1],
            now_band=now[k][1],
        )
        for k, (zone_id, name) in enumerate(zip(ids, names, strict=True))
    ]


def _bands(
    store: Store, situation: Situation, period: Period
) -> list[tuple[int | None, Text | None]]:
    """Return the bands of the whole area and of each zone.

    A cell that is larger than a square counts to each zone by its squares, as the figures of the
    zones themselves do.
    """
    zones = situation.zones
    asked = situation.question.within(period)
    try:
        answer = released_answer(store, asked)
    except NothingFoundError:
        return [(None, None)] * (1 + len(zones))
    # A question for less than what was released is answered by more: that is another period.
    if answer.period != period:
        return [(None, None)] * (1 + len(zones))
    number = zone_of_points(coordinates(pseudo_incidents(store, asked)), list(zones.geometry))
    sums = [answer.cells["about"].sum(), *np.bincount(number + 1, minlength=len(zones) + 1)[1:]]
    told = [sum_band(float(one)) for one in sums]
    return [(low, band) if low else (None, None) for low, band in told]


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

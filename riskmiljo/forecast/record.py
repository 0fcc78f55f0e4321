"""What was known at a moment: incidents as arrays, the days that were observed, their gaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from riskmiljo.analysis.places import incident_points
from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.forecast.units import Units
from riskmiljo.geo.crs import parse_crs, require_metric
from riskmiljo.model.incidents import to_utc
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY_US: Final = 86_400_000_000
FEWEST_WEEKS: Final = 8
# A silence is a gap in the record when so many incidents would have been expected in it: under a
# Poisson process none then come with probability 6e-6.
_EXPECTED_IN_GAP: Final = 12.0
_SHORTEST_GAP_DAYS: Final = 14
_RATE_DAYS: Final = 60
_FEWEST_FOR_RATE: Final = 10


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970 in UTC."""
    return round(moment.timestamp() * 1_000_000)


def _as_us(times: pd.Series) -> Ints:
    utc = to_utc(times, TZ)
    naive = utc.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.asarray(naive.astype(np.int64), dtype=np.int64)


@dataclass(frozen=True)
class Record:
    """The incidents of a study area, in order of time.

    Parameters
    ----------
    units
        The study area in parts.
    unit
        Shape (n,), the unit of each incident.
    xy
        Shape (n, 2), metres.
    occurred_us, known_us
        Shape (n,), when each began and when it was registered, microseconds since 1970 (UTC).
    row
        Shape (n,), its row in the frame it came from.
    outside
        How many incidents lay outside the study area and were left out.
    others
        The incidents of other kinds, in the same units; None for none.
    """

    units: Units
    unit: Ints = field(repr=False)
    xy: Floats = field(repr=False)
    occurred_us: Ints = field(repr=False)
    known_us: Ints = field(repr=False)
    row: Ints = field(repr=False)
    outside: int = 0
    others: Record | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, incidents: gpd.GeoDataFrame, units: Units, *, others: gpd.GeoDataFrame | None = None
    ) -> Record:
        """Take incidents into arrays; each counts once, whatever its weight.

        Parameters
        ----------
        incidents
            Points in a metric CRS with ``occurred_from``; ``occurred_to`` and ``registered_at``
            where known. Times without an offset are local (Europe/Stockholm).
        units
            The study area in parts.
        others
            Incidents of other kinds, in the same form. Those that were discovered (``detection``)
            are left out: they say where patrols have been.

        Returns
        -------
        Record
            Without the incidents outside the study area.

        Raises
        ------
        CRSError
            If the incidents or the others are not in metres, not in the units' CRS or not in the
            same.
        InvalidInputError
            If a time or a point is missing.
        """
        xy, _ = incident_points(incidents)
        if units.crs is not None and parse_crs(incidents.crs) != units.crs:
            raise CRSError(
                Text(
                    "Händelserna är i {a} men området i {b}. Projicera om händelserna först.",
                    "The incidents are in {a} but the area in {b}. Project the incidents first.",
                ).fill(a=incidents.crs.to_string()[:40], b=units.crs.to_string()[:40])
            )
        occurred_us, known_us = known_times(incidents)
        unit = units.locate(xy)
        inside = np.flatnonzero(unit >= 0)
        order = inside[np.argsort(occurred_us[inside], kind="stable")]
        return cls(
            units,
            unit[order],
            xy[order],
            occurred_us[order],
            known_us[order],
            order,
            outside=len(unit) - len(inside),
            others=None if others is None else _reported(others, units, parse_crs(incidents.crs)),
        )

    def known(self, now: datetime) -> History:
        """Return what was known at a moment.

        Parameters
        ----------
        now
            Aware. Incidents that began or were registered at it or later are not there.

        Returns
        -------
        History
            Of the incidents registered before it.
        """
        now_us = microseconds(now)
        end = int(np.searchsorted(self.occurred_us, now_us))
        early = self.known_us[:end] < now_us
        # A slice, which takes no memory, where all that had begun was registered too.
        known = slice(end) if early.all() else np.flatnonzero(early)
        age = (now_us - self.occurred_us[known]) / DAY_US
        others = None if self.others is None else self.others.known(now)
        return History(
            self.units, now, self.unit[known], self.xy[known], age, self.row[known], others
        )

    def whole(self, now: datetime) -> History:
        """Return all incidents, whenever registered: what is looked back on, never forecast from.

        Parameters
        ----------
        now
            Aware; not before the last incident.

        Returns
        -------
        History
            Of every incident.
        """
        age = (microseconds(now) - self.occurred_us) / DAY_US
        return History(self.units, now, self.unit, self.xy, age, self.row)

    def occurred(self, now: datetime) -> int:
        """Return how many incidents had begun by a moment, registered or not."""
        return int(np.searchsorted(self.occurred_us, microseconds(now)))

    def until(self, now: datetime) -> Record:
        """Return the record as it stood at a moment: nothing registered at it or later."""
        now_us = microseconds(now)
        there = (self.occurred_us < now_us) & (self.known_us < now_us)
        return Record(
            self.units,
            self.unit[there],
            self.xy[there],
            self.occurred_us[there],
            self.known_us[there],
            self.row[there],
            others=None if self.others is None else self.others.until(now),
        )

    def counts(self, period: Period) -> Floats:
        """Return how many incidents began in each unit within a period, whenever registered."""
        first, last = np.searchsorted(
            self.occurred_us, [microseconds(period.start), microseconds(period.end)]
        )
        return np.bincount(self.unit[first:last], minlength=len(self.units)).astype(float)


def _reported(others: gpd.GeoDataFrame, units: Units, crs: CRS) -> Record | None:
    what = Text("Händelserna av andra slag", "The incidents of other kinds")
    if require_metric(others, what) != crs:
        raise CRSError(
            Text(
                "Händelserna av andra slag är i {a} men händelserna i {b}. Projicera om dem först.",
                "The incidents of other kinds are in {a} but the incidents in {b}. Project them "
                "first.",
            ).fill(a=others.crs.to_string()[:40], b=crs.to_string()[:40])
        )
    if "detection" in others:
        others = others[others["detection"].astype(str) != "discovered"]
    return None if others.empty else Record.of(others, units)


def known_times(incidents: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return when incidents began and when they were known.

    Parameters
    ----------
    incidents
        With ``occurred_from``; ``occurred_to`` and ``registered_at`` where known. Nothing is
        known before it has ended.

    Returns
    -------
    tuple of numpy.ndarray
        Microseconds since 1970, UTC, shape (n,) each.

    Raises
    ------
    InvalidInputError
        If ``occurred_from`` is not a column or a time in it is missing.
    """
    if "occurred_from" not in incidents:
        raise InvalidInputError(
            Text(
                "Kolumnen occurred_from saknas. Händelser behöver minst geometry och "
                "occurred_from.",
                "The column occurred_from is missing. Incidents need at least geometry and "
                "occurred_from.",
            )
        )
    begins = incidents["occurred_from"]
    if begins.isna().any():
        raise InvalidInputError(
            Text(
                "{n} {n:händelse|händelser} saknar tid, den första på rad {row}. Ta bort "
                "{n:den|dem} först.",
                "{n} {n:incident has|incidents have} no time, the first in row {row}. Remove "
                "{n:it|them} first.",
            ).fill(n=int(begins.isna().sum()), row=int(np.argmax(begins.isna())))
        )
    occurred = _as_us(begins)
    known = occurred
    for name in ("occurred_to", "registered_at"):
        if name in incidents:
            there = incidents[name].notna().to_numpy()
            if there.any():
                later = known.copy()
                later[there] = np.maximum(later[there], _as_us(incidents[name][there]))
                known = later
    return occurred, known


@dataclass(frozen=True)
class History:
    """The incidents known at one moment, with their age.

    Parameters
    ----------
    units
        The study area in parts.
    now
        The moment.
    unit
        Shape (n,), the unit of each incident.
    xy
        Shape (n, 2), metres.
    age_days
        Shape (n,), days from its beginning to now, falling.
    row
        Shape (n,), its row in the frame it came from.
    others
        What was known of other kinds; None where nothing is said of them.
    """

    units: Units
    now: datetime
    unit: Ints = field(repr=False)
    xy: Floats = field(repr=False)
    age_days: Floats = field(repr=False)
    row: Ints = field(repr=False)
    others: History | None = field(default=None, repr=False)

    @property
    def days(self) -> float:
        """Days from the first incident to now."""
        return float(self.age_days[0]) if len(self.age_days) else 0.0

    @cached_property
    def observed(self) -> Bools:
        """Shape (days,), True for the days before now, youngest first, that are in no gap."""
        length = max(1, int(np.ceil(self.days)))
        observed = np.ones(length, dtype=bool)
        for first, last in self.gaps:
            observed[last:first] = False
        return observed

    @cached_property
    def gaps(self) -> list[tuple[int, int]]:
        """Stretches without incidents too long to be chance: (days ago it began, it ended)."""
        if len(self.age_days) == 0:
            return []
        # The silence up to now is a gap of its own kind: the record ends early.
        ages = np.append(self.age_days, 0.0)
        silence = ages[:-1] - ages[1:]
        found = []
        for at in np.flatnonzero(silence >= _SHORTEST_GAP_DAYS):
            first, last = ages[at], ages[at + 1]
            before = self._rate(first, first + _RATE_DAYS)
            after = self._rate(last - _RATE_DAYS, last) if last >= 1 else before
            if min(before, after) * (first - last) > _EXPECTED_IN_GAP:
                found.append((int(first), int(np.ceil(last))))
        return found

    def _rate(self, youngest: float, oldest: float) -> float:
        youngest = max(youngest, 0.0)
        oldest = min(oldest, self.days)
        within = int(((self.age_days >= youngest) & (self.age_days <= oldest)).sum())
        # Of a handful of incidents nobody can tell whether they went silent.
        return within / max(oldest - youngest, 1.0) if within >= _FEWEST_FOR_RATE else 0.0

    def exposure(
        self, half_life_days: float | None = None, window_days: float | None = None
    ) -> float:
        """Return the observed days, the older the lighter.

        Parameters
        ----------
        half_life_days
            The age at which a day counts half; None counts all alike.
        window_days
            Only days younger than this; None takes all.

        Returns
        -------
        float
            Days, at least 1.
        """
        length = len(self.observed)
        # The oldest day is only partly there; a window may end within a day.
        end = min(self.days, np.inf if window_days is None else window_days)
        part = np.clip(end - np.arange(length), 0, 1) * self.observed
        if half_life_days is not None:
            part = part * 0.5 ** ((np.arange(length) + 0.5) / half_life_days)
        return max(float(part.sum()), 1.0)

    def weights(self, half_life_days: float) -> Floats:
        """Return the weight of each incident, one half at the half-life."""
        return np.asarray(0.5 ** (self.age_days / half_life_days), dtype=float)

    def counts(
        self, half_life_days: float | None = None, window_days: float | None = None
    ) -> Floats:
        """Return the incidents of each unit, the older the lighter.

        Parameters
        ----------
        half_life_days, window_days
            As in `exposure`.

        Returns
        -------
        numpy.ndarray
            Shape (units,).
        """
        weights = None if half_life_days is None else self.weights(half_life_days)
        unit = self.unit
        if window_days is not None:
            young = self.age_days <= window_days
            unit = unit[young]
            weights = None if weights is None else weights[young]
        return np.bincount(unit, weights, minlength=len(self.units)).astype(float)

    def spread(self, half_life_days: float, bandwidth_m: float) -> Floats:
        """Return decayed incidents spread over the units by a Gaussian kernel.

        Parameters
        ----------
        half_life_days
            As in `exposure`.
        bandwidth_m
            Standard deviation, metres.

        Returns
        -------
        numpy.ndarray
            Shape (units,).
        """
        key = half_life_days, bandwidth_m
        if key not in self._spreads:
            weights = self.weights(half_life_days)
            self._spreads[key] = self.units.spread(self.xy, weights, bandwidth_m)
        return self._spreads[key]

    @cached_property
    def _spreads(self) -> dict[tuple[float, float], Floats]:
        # The models of one origin share what is dear.
        return {}

    def level(self) -> float:
        """Return the incidents a day to expect in the whole area.

        Returns
        -------
        float
            The rate of the latest months (half-life 120 days), drawn towards that of two years
            (half-life 730 days) as if the latter were twenty incidents.
        """
        return self._level

    @cached_property
    def _level(self) -> float:
        slow = (len(self.age_days) and self.weights(730.0).sum()) / self.exposure(730.0)
        if slow == 0:
            return 0.0
        recent = self.weights(120.0).sum()
        return float((recent + 20.0) / (self.exposure(120.0) + 20.0 / slow))

    def earlier(self, days: float) -> History:
        """Return the incidents that had begun so many days ago, with their age then.

        Parameters
        ----------
        days
            How long before now.

        Returns
        -------
        History
            All of them were known by now; whether they were known then is not asked.
        """
        old = self.age_days > days
        return History(
            self.units,
            self.now - timedelta(days=days),
            self.unit[old],
            self.xy[old],
            self.age_days[old] - days,
            row=self.row[old],
            others=None if self.others is None else self.others.earlier(days),
        )

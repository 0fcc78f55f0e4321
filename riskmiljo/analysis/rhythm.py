"""When it happens: aoristic profiles over the 168 hours of the local week."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import count_of
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import checked_weights, require_times
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOURS: Final = 168
_HOUR_US: Final = 3_600_000_000
# Zones such as India's are off by half an hour, Nepal's by a quarter.
_QUARTER_US: Final = _HOUR_US // 4
_SLOTS_AT_ONCE: Final = 4_000_000
_ALL: Final = "all"


def rhythm(
    incidents: pd.DataFrame,
    *,
    by: pd.Series | str | None = None,
    tz: str = TZ,
) -> pd.DataFrame:
    """Count incidents by local hour of the week, spreading uncertain times evenly.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and where known ``occurred_to`` and ``weight``; times in UTC.
    by
        A column, or a label for each incident such as `assign_zones` gives; incidents without a
        label are left out. None makes one group, ``"all"``.
    tz
        The zone of the week.

    Returns
    -------
    pandas.DataFrame
        One row a group in sorted order, columns 0 (Monday 00 to 01) to 167 (Sunday 23 to 24). A row
        sums to the group's weighted count.

    Raises
    ------
    InvalidInputError
        If a label column is missing, the labels do not fit, or an interval ends before it begins.

    Notes
    -----
    An exact time counts in its hour. An interval counts in each hour by the share of its UTC time
    that falls there, so that the hour skipped in spring gets nothing and the one repeated in
    autumn counts twice. The whole weeks of an interval longer than a week are spread over all
    hours alike.

    References
    ----------
    Ratcliffe, J. H. (2000). Aoristic analysis: the spatial interpretation of unspecific temporal
    events.
    """
    require_times(incidents)
    labels = labels_of(incidents, by)
    known = labels.notna().to_numpy()
    groups, names = pd.factorize(labels[known], sort=True)
    times = incidents[[c for c in ("occurred_from", "occurred_to") if c in incidents]]
    begins, ends = interval_microseconds(times[known], tz)
    column = incidents["weight"].to_numpy() if "weight" in incidents else None
    weights = checked_weights(column, len(incidents))[known]
    profile = _Profile(len(names), local_hours(begins, ends, tz))
    profile.add(groups.astype(np.int64), begins, ends, weights)
    index = pd.Index(names, name=labels.name)
    return pd.DataFrame(profile.counts, index=index, columns=pd.RangeIndex(HOURS))


@dataclass(frozen=True, slots=True)
class LocalHours:
    """The local hour of the week of each slot of UTC time, an hour or a quarter long.

    Attributes
    ----------
    first_us
        When the first slot begins, microseconds since 1970 in UTC.
    slot_us
        Length of a slot.
    hours
        Shape (slots,), 0 (Monday 00 to 01) to 167.
    """

    first_us: int
    slot_us: int
    hours: Ints

    def at(self, moments_us: Ints) -> Ints:
        """Return the local hour of the week of each moment.

        Parameters
        ----------
        moments_us
            Microseconds since 1970 in UTC, within the slots.

        Returns
        -------
        numpy.ndarray
            The same shape, 0 to 167.
        """
        return self.hours[(moments_us - self.first_us) // self.slot_us]


class _Profile:
    """Counts that grow as incidents are added."""

    def __init__(self, groups: int, clock: LocalHours) -> None:
        self.counts = np.zeros((groups, HOURS))
        self.clock = clock

    def add(self, groups: Ints, begins: Ints, ends: Ints, weights: Floats) -> None:
        length = ends - begins
        week_us = HOURS * _HOUR_US
        whole_weeks = length // week_us
        exact = length == 0
        safe = np.where(exact, 1, length)
        long = whole_weeks > 0
        if long.any():
            uniform = weights[long] * (whole_weeks[long] * week_us / safe[long])
            self.counts += np.bincount(groups[long], uniform, len(self.counts))[:, None] / HOURS
        # What is left of each interval after its whole weeks: less than a week.
        rest = np.where(exact, 1, length % week_us)
        share_us = weights / safe
        slot = self.clock.slot_us
        first = (begins - self.clock.first_us) // slot
        last = (begins + rest - 1 - self.clock.first_us) // slot
        slots = np.where(rest > 0, last - first + 1, 0)
        filled = np.cumsum(slots)
        chunks = np.arange(0, slots.sum(), _SLOTS_AT_ONCE)
        bounds = [*np.unique(np.searchsorted(filled, chunks, "right")).tolist(), len(slots)]
        for start, stop in pairwise(bounds):
            part = slice(start, stop)
            self._spread(
                groups[part], begins[part], rest[part], share_us[part], first[part], slots[part]
            )

    def _spread(
        self, groups: Ints, begins: Ints, rest: Ints, share_us: Floats, first: Ints, slots: Ints
    ) -> None:
        owner = np.repeat(np.arange(len(slots)), slots)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(slots) - slots, slots)
        number = first[owner] + nth
        opens = self.clock.first_us + number * self.clock.slot_us
        covered = np.minimum(begins[owner] + rest[owner], opens + self.clock.slot_us)
        covered -= np.maximum(begins[owner], opens)
        cell = groups[owner] * HOURS + self.clock.hours[number]
        added = np.bincount(cell, covered * share_us[owner], self.counts.size)
        self.counts += added.reshape(self.counts.shape)


def labels_of(incidents: pd.DataFrame, by: pd.Series | str | None) -> pd.Series:
    """Return the group of each incident.

    Parameters
    ----------
    incidents
        The incidents.
    by
        A column, a label for each incident, or None for one group, ``"all"``.

    Returns
    -------
    pandas.Series
        One label an incident.

    Raises
    ------
    InvalidInputError
        If the column is missing or the labels do not fit.
    """
    if by is None:
        return pd.Series(_ALL, index=incidents.index, dtype=str, name="group")
    if isinstance(by, str):
        if by not in incidents:
            raise InvalidInputError(
                Text("Kolumnen {c} saknas.", "The column {c} is missing.").fill(c=by)
            )
        return incidents[by]
    if count_of(by) != len(incidents):
        raise InvalidInputError(
            Text(
                "{a} {a:etikett|etiketter} för {b} {b:händelse|händelser}. Ge en etikett per "
                "händelse.",
                "{a} {a:label|labels} for {b} {b:incident|incidents}. Give one label for each "
                "incident.",
            ).fill(a=count_of(by), b=len(incidents))
        )
    given: Any = by
    return given if isinstance(given, pd.Series) else pd.Series(list(given), index=incidents.index)


def interval_microseconds(incidents: pd.DataFrame, tz: str) -> tuple[Ints, Ints]:
    """Return when each incident began and ended.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and where known ``occurred_to``.
    tz
        The zone of times without an offset.

    Returns
    -------
    tuple of numpy.ndarray
        Microseconds since 1970 in UTC; equal where only the beginning is known.

    Raises
    ------
    InvalidInputError
        If a time is missing or cannot be read, or an interval ends before it begins.
    """
    incidents = with_moments(incidents, tz)
    begins = _microseconds(incidents["occurred_from"])
    ends = _microseconds(incidents["occurred_to"]) if "occurred_to" in incidents else begins
    if (ends < begins).any():
        raise InvalidInputError(
            Text(
                "{n} {n:händelse|händelser} slutar innan {n:den|de} börjar. Byt plats på tiderna.",
                "{n} {n:incident ends before it begins|incidents end before they begin}. "
                "Swap the times.",
            ).fill(n=int((ends < begins).sum()))
        )
    return begins, ends


def _microseconds(times: pd.Series) -> Ints:
    utc = times.dt.tz_convert("UTC").dt.as_unit("us")
    naive = utc.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.asarray(naive.astype(np.int64), dtype=np.int64)


def local_hours(begins: Ints, ends: Ints, tz: str) -> LocalHours:
    """Return the local hours of the week over the time that incidents span.

    Parameters
    ----------
    begins, ends
        Shape (n,), microseconds since 1970 in UTC.
    tz
        The zone of the week.

    Returns
    -------
    LocalHours
        In slots of an hour, or of a quarter where the zone's offset is not whole hours.
    """
    if len(begins) == 0:
        return LocalHours(0, _HOUR_US, np.zeros(1, dtype=np.int64))
    first = int(begins.min()) // _HOUR_US * _HOUR_US
    last = int(np.maximum(ends, begins).max()) + 1
    for slot in (_HOUR_US, _QUARTER_US):
        slots = np.arange(first, last + slot, slot, dtype=np.int64)
        local = pd.DatetimeIndex(slots.astype("datetime64[us]")).tz_localize("UTC").tz_convert(tz)
        if slot == _QUARTER_US or not local.minute.to_numpy().any():
            break
    hours = (local.day_of_week * 24 + local.hour).to_numpy().astype(np.int64)
    return LocalHours(first, slot, hours)

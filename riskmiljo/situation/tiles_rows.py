"""The incidents that a lens shows as compact arrays: another filter takes milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.places import unique_places
from riskmiljo.geo.crs import WGS84, coordinates, transform
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.situation.withheld import PLACE_M, SENSITIVE_SHARE, is_sensitive

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# A week without a change of clocks, for asking a filter which hours it means.
_PLAIN_MONDAY: Final = "2024-01-15"
_MOST_MARKS: Final = 20_000_000
_WORDS: Final = ("category", "source", "detection")


@dataclass(frozen=True)
class Rows:
    """Incidents in the order in which they began.

    Parameters
    ----------
    begins
        Shape (n,), microseconds since 1970 in UTC, rising.
    place
        Shape (n,), the number of each incident's place.
    places
        Shape (m, 2), each coordinate once, metres, in rising order of x, then y.
    square
        Shape (m,), the square of 50 m that each place lies in, numbered from 0.
    weight
        Shape (n,).
    sensitive
        Shape (n,), whether it rests on social data or minors.
    day, hour
        Shape (n,), local day from the first one's, and local hour of the week (0 is Monday 00) of
        the middle of its interval.
    first_day
        The local day that is day 0; None without incidents.
    words
        For category, source and detection: the code of each incident and what the codes mean.
    crs
        The metric reference system of the places.
    """

    begins: Ints = field(repr=False)
    place: npt.NDArray[np.int32] = field(repr=False)
    places: Floats = field(repr=False)
    square: npt.NDArray[np.int32] = field(repr=False)
    weight: Floats = field(repr=False)
    sensitive: Bools = field(repr=False)
    day: npt.NDArray[np.int32] = field(repr=False)
    hour: npt.NDArray[np.int16] = field(repr=False)
    first_day: date | None
    words: dict[str, tuple[npt.NDArray[np.int8], tuple[str, ...]]] = field(repr=False)
    crs: CRS = field(repr=False)

    @cached_property
    def degrees(self) -> tuple[Floats, Floats]:
        """Longitude and latitude of each place.

        Returns
        -------
        tuple of numpy.ndarray
            Shape (m,) each, WGS 84.
        """
        return transform(self.places[:, 0], self.places[:, 1], self.crs, WGS84)

    @property
    def nbytes(self) -> int:
        """How much memory it takes.

        Returns
        -------
        int
            Bytes.
        """
        arrays: tuple[npt.NDArray[Any], ...] = (
            self.begins,
            self.place,
            self.places,
            self.square,
            self.weight,
            self.sensitive,
            self.day,
            self.hour,
            *(codes for codes, _ in self.words.values()),
        )
        # The degrees, where somebody asks for a box.
        return sum(array.nbytes for array in arrays) + self.places.nbytes

    def chosen(self, question: Filter) -> Ints:
        """Return the numbers of the incidents that a filter asks for.

        Parameters
        ----------
        question
            The filter; None as its period is all of them.

        Returns
        -------
        numpy.ndarray
            Rising; the same incidents as `riskmiljo.store.Store.incidents` finds.
        """
        first, last = 0, len(self.begins)
        if question.period is not None:
            first, last = self.between(question.period)
        keep = np.ones(last - first, dtype=bool)
        asked = (question.categories, question.sources, question.detections)
        for name, wanted in zip(_WORDS, asked, strict=True):
            if wanted:
                codes, known = self.words[name]
                # The last entry is for a code of -1: a missing word.
                allowed = np.array([word in wanted for word in known] + [False])
                keep &= allowed[codes[first:last]]
        if question.weekdays or question.hours is not None:
            keep &= _hours_of(question)[self.hour[first:last]]
        if question.bbox is not None:
            lon, lat = self.degrees
            west, south, east, north = question.bbox
            inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            keep &= inside[self.place[first:last]]
        return np.flatnonzero(keep) + first

    def between(self, period: Period) -> tuple[int, int]:
        """Return which rows began in a period.

        Parameters
        ----------
        period
            In UTC.

        Returns
        -------
        tuple of int
            The first row and the one after the last.
        """
        edges = [_micros(period.start), _micros(period.end)]
        first, last = np.searchsorted(self.begins, edges)
        return int(first), int(last)

    def shown(self, rows: Ints, lens: Lens) -> bool:
        """Tell whether a lens shows how many some incidents are, and where.

        Parameters
        ----------
        rows
            Their numbers.
        lens
            Whose minimum counts hold.

        Returns
        -------
        bool
            As `riskmiljo.situation.withheld.told_groups` decides for one group.
        """
        return bool(self.told(rows, np.zeros(len(rows), dtype=np.int64), 1, lens).shown[0])

    def told(self, rows: Ints, group: Ints, groups: int, lens: Lens) -> Told:
        """Count incidents in groups, and ask the lens which of the counts may be shown.

        Parameters
        ----------
        rows
            Their numbers.
        group
            Shape (n,), the group of each from 0; -1 for none.
        groups
            How many groups there are.
        lens
            Whose minimum counts hold.

        Returns
        -------
        Told
            Shape (groups,) each; what `riskmiljo.situation.withheld.told_groups` says.
        """
        rows, group = rows[group >= 0], group[group >= 0]
        events = np.bincount(group, minlength=groups)
        squares = _distinct(group, self.square[self.place[rows]], groups)
        days = _distinct(group, self.day[rows], groups)
        sensitive = np.bincount(group, self.sensitive[rows], minlength=groups)
        mostly = sensitive > SENSITIVE_SHARE * np.maximum(events, 1)
        return Told(events, lens.shown(events, squares, days, sensitive=mostly) & (events > 0))

    def at_places(self, rows: Ints) -> tuple[Floats, Floats]:
        """Return where some incidents are, each place once.

        Parameters
        ----------
        rows
            Their numbers.

        Returns
        -------
        tuple of numpy.ndarray
            Coordinates (m, 2) in metres and the sum of the weights at each place.
        """
        place = self.place[rows]
        there = np.flatnonzero(np.bincount(place, minlength=len(self.places)))
        weights = np.bincount(place, self.weight[rows], minlength=len(self.places))
        return self.places[there], weights[there].astype(float)


@dataclass(frozen=True)
class Told:
    """Counts by group.

    Parameters
    ----------
    events
        Shape (groups,), plain counts.
    shown
        Shape (groups,), which of them may be shown; none at all may not either.
    """

    events: Ints = field(repr=False)
    shown: Bools = field(repr=False)


def rows_of(incidents: gpd.GeoDataFrame, *, tz: str) -> Rows:
    """Turn incidents into arrays.

    Parameters
    ----------
    incidents
        The incident contract, metres; what a lens shows.
    tz
        The zone of local days and hours.

    Returns
    -------
    Rows
        In the order in which they began.
    """
    order = np.argsort(_as_micros(incidents["occurred_from"]), kind="stable")
    ordered = incidents.iloc[order]
    begins = _as_micros(ordered["occurred_from"])
    weight = ordered["weight"].to_numpy(dtype=float)
    unique = unique_places(coordinates(ordered), weight)
    squares = np.floor(unique.xy / PLACE_M).astype(np.int64)
    # One number for each pair: a row of squares is shorter than 2 ** 31.
    _, square = np.unique(squares[:, 0] * 2**31 + squares[:, 1], return_inverse=True)
    local = ordered["occurred_from"].dt.tz_convert(tz).dt.tz_localize(None)
    days = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    middle = ordered["occurred_from"] + (ordered["occurred_to"] - ordered["occurred_from"]) / 2
    clock = middle.dt.tz_convert(tz)
    return Rows(
        begins=begins,
        place=unique.inverse.astype(np.int32),
        places=unique.xy,
        square=square.astype(np.int32),
        weight=weight,
        sensitive=is_sensitive(ordered).to_numpy(dtype=bool),
        day=(days - (days[0] if len(days) else 0)).astype(np.int32),
        hour=(clock.dt.day_of_week * 24 + clock.dt.hour).to_numpy().astype(np.int16),
        first_day=local.iloc[0].date() if len(local) else None,
        words={
            name: (
                ordered[name].cat.codes.to_numpy(dtype=np.int8),
                tuple(str(word) for word in ordered[name].cat.categories),
            )
            for name in _WORDS
        },
        crs=incidents.crs,
    )


def _distinct(group: Ints, value: npt.NDArray[np.int32], groups: int) -> Ints:
    """Return how many different values each group has."""
    most = int(value.max(initial=0)) + 1
    if groups * most <= _MOST_MARKS:
        # A mark for each value of each group: no sorting.
        there = np.zeros(groups * most, dtype=bool)
        there[group * most + value] = True
        return np.asarray(np.count_nonzero(there.reshape(groups, most), axis=1), dtype=np.int64)
    pairs = np.unique(group * most + value)
    return np.bincount(pairs // most, minlength=groups)


def _as_micros(times: pd.Series) -> Ints:
    return times.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _micros(moment: datetime) -> int:
    return int(np.datetime64(moment.replace(tzinfo=None), "us").astype(np.int64))


def _hours_of(question: Filter) -> Bools:
    """Return which hours of the week a filter means, as the filter itself says it."""
    hours = pd.date_range(_PLAIN_MONDAY, periods=HOURS_OF_WEEK, freq="h", tz=question.tz)
    return question.clock_mask(pd.DataFrame({"occurred_from": hours, "occurred_to": hours}))

"""A filter: the question a user asks of the incidents; its text form is the page's address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ, Period
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES
from riskmiljo.wording import Text

_WEEKDAY_NUMBERS: Final = tuple("1234567")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents are asked for; None or empty means "all".

    Parameters
    ----------
    period
        When they happened.
    categories, sources, detections
        Words of the vocabulary.
    weekdays
        1 (Monday) to 7 (Sunday), local time.
    hours
        First hour and the hour it ends before, local time; ``(18, 2)`` runs over midnight.
    bbox
        West, south, east, north in degrees (WGS 84).
    tz
        The zone of weekdays and hours.
    """

    period: Period | None = None
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    detections: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None
    bbox: tuple[float, float, float, float] | None = None
    tz: str = TZ

    @classmethod
    def from_query(cls, query: Mapping[str, Sequence[str]], *, tz: str = TZ) -> Self:
        """Read a filter from an address or a command line.

        Parameters
        ----------
        query
            Lists of text under ``from``, ``to``, ``period``, ``category``, ``source``,
            ``detection``, ``weekday``, ``hours`` and ``bbox``; other keys are not looked at.
        tz
            The zone of dates, weekdays and hours.

        Returns
        -------
        Filter
            Words in vocabulary order, so that the same question has one text form.

        Raises
        ------
        InvalidInputError
            If a value is not allowed; names the field and what is allowed.
        """

        def many(name: str, allowed: Sequence[str]) -> tuple[str, ...]:
            given = {word for text in query.get(name, ()) for word in text.split(",") if word}
            unknown = sorted(given - set(allowed))
            if unknown:
                raise InvalidInputError(
                    Text(
                        "{name}: {word!r} finns inte. Tillåtna: {allowed}.",
                        "{name}: {word!r} is not known. Allowed: {allowed}.",
                    ).fill(name=name, word=unknown[0], allowed=", ".join(allowed))
                )
            return tuple(word for word in allowed if word in given)

        def one(name: str) -> str:
            return next((text.strip() for text in query.get(name, ()) if text.strip()), "")

        return cls(
            period=_period(one("period"), one("from"), one("to"), tz),
            categories=many("category", tuple(CATEGORIES)),
            sources=many("source", tuple(SOURCES)),
            detections=many("detection", tuple(DETECTIONS)),
            weekdays=tuple(int(day) for day in many("weekday", _WEEKDAY_NUMBERS)),
            hours=_hours(one("hours")),
            bbox=_bbox(one("bbox")),
            tz=tz,
        )

    def to_query(self) -> list[tuple[str, str]]:
        """Return the filter as pairs for an address; `from_query` reads them back."""
        pairs: list[tuple[str, str]] = []
        if self.period is not None:
            first, last = self.period.local(self.tz)
            pairs += [("from", _shortest(first.isoformat())), ("to", _shortest(last.isoformat()))]
        pairs += [("category", word) for word in self.categories]
        pairs += [("source", word) for word in self.sources]
        pairs += [("detection", word) for word in self.detections]
        pairs += [("weekday", str(day)) for day in self.weekdays]
        if self.hours is not None:
            pairs.append(("hours", f"{self.hours[0]:02d}-{self.hours[1]:02d}"))
        if self.bbox is not None:
            pairs.append(("bbox", ",".join(repr(value) for value in self.bbox)))
        return pairs

    def within(self, period: Period) -> Filter:
        """Return the same filter for another period."""
        return replace(self, period=period)

    def clock_mask(self, incidents: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Return which incidents fall on the chosen weekdays and hours.

        Parameters
        ----------
        incidents
            With ``occurred_from`` and ``occurred_to`` in UTC. An interval counts by its middle.

        Returns
        -------
        numpy.ndarray
            One boolean per row. Hours past midnight belong to the evening's weekday: Friday 18–02
            holds Saturday 01:00.
        """
        keep = np.ones(len(incidents), dtype=bool)
        if not self.weekdays and self.hours is None:
            return keep
        middle = incidents["occurred_from"] + (
            (incidents["occurred_to"] - incidents["occurred_from"]) / 2
        )
        local = middle.dt.tz_convert(self.tz)
        hour = local.dt.hour.to_numpy()
        weekday = local.dt.day_of_week.to_numpy()
        if self.hours is not None:
            first, last = self.hours
            if first < last:
                keep &= (hour >= first) & (hour < last)
            else:
                keep &= (hour >= first) | (hour < last)
                weekday = np.where(hour < last, (weekday - 1) % 7, weekday)
        if self.weekdays:
            keep &= np.isin(weekday + 1, self.weekdays)
        return keep


def _shortest(text: str) -> str:
    return text[:10] if text[10:].startswith("T00:00:00") else text


def _period(period: str, start: str, end: str, tz: str) -> Period | None:
    if period:
        return Period.parse(period, tz=tz)
    if start and end:
        return Period.between(start, end, tz=tz)
    if start or end:
        raise InvalidInputError(
            Text(
                "Perioden behöver både from och to. Fyll i båda eller ingen.",
                "The period needs both from and to. Fill in both or neither.",
            )
        )
    return None


def _hours(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 24:  # noqa: PLR2004
        raise InvalidInputError(
            Text(
                "hours: {t!r} kan inte läsas. Skriv till exempel 18-02.",
                "hours: {t!r} cannot be read. Write for example 18-02.",
            ).fill(t=text)
        )
    first, last = int(match[1]), int(match[2])
    # 00-24 and 7-7 are the whole day.
    return None if (last - first) % 24 == 0 else (first, last % 24)


def _bbox(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    wrong = InvalidInputError(
        Text(
            "bbox: {t!r} kan inte läsas. Skriv väst,syd,öst,nord i grader, till exempel "
            "17.60,59.83,17.70,59.88.",
            "bbox: {t!r} cannot be read. Write west,south,east,north in degrees, for example "
            "17.60,59.83,17.70,59.88.",
        ).fill(t=text)
    )
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise wrong from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
        raise wrong
    return west, south, east, north

"""The forms of the presence week: who was where, and on which days a yearly event falls."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.analysis.presence_gap import ADULTS_PER_CREW
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import points_frame
from riskmiljo.intake.ics_child import NOTES
from riskmiljo.intake.presence import CREW_KINDS
from riskmiljo.model.period import local_instant
from riskmiljo.situation.calendar import BUILT_IN
from riskmiljo.web import presence_words
from riskmiljo.wording import Text

MOST_ADULTS: Final = 50
LOG_FIELDS: Final = ("place", "day", "from", "until", "adults", "crew")
_LONGEST: Final = timedelta(hours=12)
_OLDEST: Final = timedelta(days=60)
_AHEAD: Final = timedelta(minutes=5)
_MINUTE: Final = timedelta(minutes=1)
_MOST_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Stay:
    """Adults who were somewhere; never who.

    Attributes
    ----------
    place
        A name of the gazetteer.
    begins, ends
        UTC.
    adults
        How many.
    crew_kind
        From whom: ``outreach``, ``night_walkers`` or ``police``.
    """

    place: str
    begins: datetime
    ends: datetime
    adults: int
    crew_kind: str

    def as_presence(self, spots: Mapping[str, tuple[float, float]], epsg: int) -> gpd.GeoDataFrame:
        """Return it as a row of presence.

        Parameters
        ----------
        spots
            Where the places are, metres.
        epsg
            The store's reference system.

        Returns
        -------
        geopandas.GeoDataFrame
            ``PRESENCE_COLUMNS``. A crew is two adults: four adults for an hour are 120 crew
            minutes, one adult 30.
        """
        minutes = (self.ends - self.begins) / _MINUTE * self.adults / ADULTS_PER_CREW
        row = {
            "begins": pd.Series([pd.Timestamp(self.begins)]),
            "ends": pd.Series([pd.Timestamp(self.ends)]),
            "minutes": [minutes],
            "crew_kind": [self.crew_kind],
            "source": ["checked_in"],
        }
        x, y = spots[self.place]
        return points_frame(row, np.array([x]), np.array([y]), epsg)


def read_stay(
    sent: Mapping[str, Sequence[str]],
    places: Mapping[str, tuple[float, float]],
    *,
    now: datetime,
    tz: str,
    kinds: Collection[str] = CREW_KINDS,
) -> Stay:
    """Read the log's form.

    Parameters
    ----------
    sent
        What the reader sent.
    places
        Names that can be chosen.
    now
        Aware.
    tz
        The zone of the clock.
    kinds
        Whose presence the reader may log.

    Returns
    -------
    Stay
        An end before its beginning is past midnight.

    Raises
    ------
    InvalidInputError
        If something is missing or cannot be used; names the field.
    """
    place = _one(sent, "place", presence_words.PLACE)
    if place not in places:
        raise InvalidInputError(presence_words.WRONG_PLACE.fill(v=_shown(place)))
    crew = _one(sent, "crew", presence_words.WHO)
    if crew not in kinds:
        raise InvalidInputError(presence_words.WRONG_CREW.fill(v=_shown(crew)))
    adults = _one(sent, "adults", presence_words.ADULTS)
    if not re.fullmatch(r"[0-9]{1,3}", adults) or not 1 <= int(adults) <= MOST_ADULTS:
        raise InvalidInputError(presence_words.WRONG_ADULTS.fill(v=_shown(adults), n=MOST_ADULTS))
    on = read_day(_one(sent, "day", presence_words.DAY), presence_words.DAY)
    first, last = (
        _clock(_one(sent, name, label), label)
        for name, label in (("from", presence_words.FROM), ("until", presence_words.UNTIL))
    )
    if last == first:
        raise InvalidInputError(presence_words.NO_LENGTH)
    over = timedelta(days=1) if last < first else timedelta(0)
    begins = local_instant(datetime.combine(on, first), tz)
    ends = local_instant(datetime.combine(on, last) + over, tz)
    if ends - begins > _LONGEST or ends <= begins:
        raise InvalidInputError(presence_words.TOO_LONG.fill(h=_LONGEST // timedelta(hours=1)))
    if ends > now + _AHEAD:
        raise InvalidInputError(presence_words.IN_FUTURE)
    if begins < now - _OLDEST:
        raise InvalidInputError(presence_words.TOO_OLD.fill(d=_OLDEST.days))
    return Stay(place, begins, ends, int(adults), crew)


def read_days(sent: Mapping[str, Sequence[str]]) -> tuple[str, int, tuple[date, date] | None]:
    """Read the form that corrects a yearly event.

    Parameters
    ----------
    sent
        What the reader sent.

    Returns
    -------
    tuple
        Kind, year, and the first and last day; None to follow the rule again.

    Raises
    ------
    InvalidInputError
        If something is missing or cannot be used; names the field.
    """
    kind = _one(sent, "kind", presence_words.EVENT)
    if kind not in BUILT_IN:
        raise InvalidInputError(presence_words.MISSING.fill(field=presence_words.EVENT))
    year = _one(sent, "year", presence_words.YEAR)
    if not re.fullmatch(r"20[0-9]{2}", year):
        raise InvalidInputError(presence_words.WRONG_YEAR.fill(v=_shown(year)))
    texts = [next((text.strip() for text in sent.get(name, ())), "") for name in ("first", "last")]
    if not any(texts):
        return kind, int(year), None
    if not all(texts):
        raise InvalidInputError(presence_words.BOTH_DAYS)
    first, last = (
        read_day(text, label)
        for text, label in zip(
            texts, (presence_words.FIRST_DAY, presence_words.LAST_DAY), strict=True
        )
    )
    return kind, int(year), (first, last)


def counts_text(counts: Sequence[tuple[str, int]]) -> str:
    """Return what was left out of a calendar, for an address.

    Parameters
    ----------
    counts
        Keys of `riskmiljo.intake.ics_child.NOTES`, and how many.

    Returns
    -------
    str
        ``outside.3-untitled.1``; empty where nothing was.
    """
    return "-".join(f"{code}.{number}" for code, number in counts)


def done_words(done: str, left_out: str) -> Text | None:
    """Return what is said of an act that has just been done.

    Parameters
    ----------
    done
        A key of `riskmiljo.web.presence_words.DONE`.
    left_out
        From `counts_text`; whoever wrote something else there reads nothing of it.

    Returns
    -------
    Text or None
        None for an act that does not exist.
    """
    said = presence_words.DONE.get(done)
    if said is None:
        return None
    found = re.findall(r"(?:^|-)([a-z]{1,20})\.([0-9]{1,6})(?=-|$)", left_out)
    return with_notes(said, [NOTES[code].fill(n=n) for code, n in found if code in NOTES])


def with_notes(said: Text, notes: Iterable[Text]) -> Text:
    """Return a sentence with others behind it.

    Parameters
    ----------
    said
        The sentence.
    notes
        The others.

    Returns
    -------
    Text
        One paragraph.
    """
    all_ = [said, *notes]
    return Text(" ".join(one.sv for one in all_), " ".join(one.en for one in all_))


def read_day(text: str, label: Text) -> date:
    """Read a local day.

    Parameters
    ----------
    text
        ISO 8601.
    label
        What the field is called.

    Returns
    -------
    datetime.date
        The day.

    Raises
    ------
    InvalidInputError
        If it cannot be read.
    """
    wrong = InvalidInputError(presence_words.WRONG_DAY.fill(field=label, v=_shown(text)))
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        raise wrong
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong from None


def _clock(text: str, label: Text) -> time:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise InvalidInputError(presence_words.WRONG_CLOCK.fill(field=label, v=_shown(text)))
    return time.fromisoformat(text)


def _one(sent: Mapping[str, Sequence[str]], name: str, label: Text) -> str:
    text = next((text.strip() for text in sent.get(name, ())), "")
    if not text:
        raise InvalidInputError(presence_words.MISSING.fill(field=label))
    return text


def _shown(text: str) -> str:
    return repr(text[:_MOST_SHOWN])

"""Instants as people on a shift read them: local time, the hour that comes twice told apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from riskmiljo.model.shift import Shift
from riskmiljo.wording import Language, Text

_LOCALES: Final[dict[Language, str]] = {"sv": "sv", "en": "en_GB"}
_SUMMER: Final = Text("sommartid", "summer time")
_WINTER: Final = Text("vintertid", "winter time")
_PUT_BACK: Final = Text(
    "Klockan ställs tillbaka kl. {a}: timmen efter {b} kommer två gånger, och dess tider är märkta "
    "sommartid eller vintertid.",
    "The clock is put back at {a}: the hour after {b} comes twice, and its times are marked summer "
    "time or winter time.",
)
_PUT_FORWARD: Final = Text(
    "Klockan ställs fram kl. {a} till {b}: timmen däremellan finns inte.",
    "The clock is put forward from {a} to {b}: the hour between does not exist.",
)
_STEP: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock on the wall of one place.

    The rule for the autumn night: a time that the clock shows twice is followed by ``(sommartid)``
    the first time and ``(vintertid)`` the second; every other time of the year stands alone.

    Parameters
    ----------
    tz
        The zone.
    language
        The language of its words.

    Examples
    --------
    >>> from datetime import UTC
    >>> Clock("Europe/Stockholm", "sv").time(datetime(2026, 10, 25, 1, 10, tzinfo=UTC))
    '02:10 (vintertid)'
    """

    tz: str
    language: Language

    def local(self, instant: datetime) -> datetime:
        """Return an aware instant as the clock shows it: local time, in the minute that runs."""
        return instant.replace(second=0, microsecond=0).astimezone(ZoneInfo(self.tz))

    def time(self, instant: datetime) -> str:
        """Return ``18:05``, and ``02:10 (vintertid)`` in the hour that comes twice."""
        mark = self._mark(instant)
        return f"{self.local(instant):%H:%M}" + (f" ({mark})" if mark else "")

    def span(self, first: datetime, last: datetime) -> str:
        """Return two times with a dash; their mark once where both have the same.

        Parameters
        ----------
        first, last
            Aware instants.

        Returns
        -------
        str
            ``18:05–18:17``.
        """
        mark = self._mark(first)
        if mark and mark == self._mark(last):
            return f"{self.local(first):%H:%M}–{self.time(last)}"
        return f"{self.time(first)}–{self.time(last)}"

    def day(self, instant: datetime) -> str:
        """Return the local date in words, such as ``torsdag 30 april 2026``."""
        return str(
            format_date(self.local(instant).date(), "EEEE d MMMM y", _LOCALES[self.language])
        )

    def moment(self, instant: datetime) -> str:
        """Return the local date in words and the time."""
        return f"{self.day(instant)} {self.time(instant)}"

    def changes(self, shift: Shift) -> tuple[str, ...]:
        """Say when the clock is changed within a shift.

        Parameters
        ----------
        shift
            Any.

        Returns
        -------
        tuple of str
            One sentence for each change; empty on all other nights.
        """
        zone = ZoneInfo(self.tz)
        said = []
        at, end = shift.period.start, shift.period.end
        # All zones of the world change on a quarter of an hour.
        after = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + _STEP
        while after <= end:
            before_offset = (after - _STEP).astimezone(zone).utcoffset()
            local = after.astimezone(zone)
            moved = (local.utcoffset() or timedelta()) - (before_offset or timedelta())
            if moved:
                sentence = _PUT_FORWARD if moved > timedelta() else _PUT_BACK
                old = local - moved
                said.append(
                    sentence.fill(a=f"{old:%H:%M}", b=f"{local:%H:%M}").in_language(self.language)
                )
            after += _STEP
        return tuple(said)

    def _mark(self, instant: datetime) -> str:
        local = self.local(instant)
        first = local.replace(fold=0).utcoffset() or timedelta()
        second = local.replace(fold=1).utcoffset() or timedelta()
        if first == second:
            return ""
        return (_WINTER if local.fold else _SUMMER).in_language(self.language)

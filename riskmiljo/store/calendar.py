"""Imported calendars, and the changed days of events that are built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, delete, insert, select, update

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.calendar import LONGEST_TEXT, CalendarEvent
from riskmiljo.model.period import Period
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import calendar_change, calendar_event, calendar_import
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class CalendarImport:
    """One calendar that was taken in.

    Attributes
    ----------
    import_id
        Its number.
    name
        What the user calls the file.
    imported_at
        UTC.
    events
        How many occasions it brought.
    undone_at
        When it was taken out again; None while it counts.
    """

    import_id: int
    name: str
    imported_at: datetime
    events: int
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of taking in a calendar.

    Attributes
    ----------
    import_id
        Its number; of the earlier import where the very same file stands already.
    added, changed, known
        Occasions that are new, of a series known in another form, and known as they are.
    """

    import_id: int
    added: int
    changed: int
    known: int


class Calendar:
    """The calendar of one store.

    Of each event (uid) the latest import that names it holds, as a whole: what was moved in the
    foreign calendar moves here, and what an undone import brought gives way to what stood before.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        events: Sequence[CalendarEvent],
        *,
        name: str,
        sha256: str,
        now: datetime,
        user: int | None = None,
    ) -> Kept:
        """Take in a calendar.

        Parameters
        ----------
        events
            Its occasions; of two with the same uid and beginning the last holds.
        name
            What the user calls the file; kept to 200 characters.
        sha256
            Of the file's bytes. The file that was taken in last changes nothing.
        now
            Aware.
        user
            Who did it, for the audit; None where nobody had logged in.

        Returns
        -------
        Kept
            How much of it was new.

        Raises
        ------
        InvalidInputError
            If an event has no title, a text that is too long, or ends before it begins.
        """
        _check(events)
        single = {(event.uid, event.begins): event for event in events}
        with writing(self._engine) as connection:
            newest = _live_imports(connection)[:1]
            if newest and newest[0][1] == sha256:
                return Kept(newest[0][0], 0, 0, len(single))
            before = {(event.uid, event.begins): event for event in _standing(connection)}
            known_uids = {uid for uid, _ in before}
            made = connection.execute(
                insert(calendar_import).values(
                    name=name[:LONGEST_TEXT], sha256=sha256, imported_at=now, events=len(single)
                )
            )
            (number,) = made.inserted_primary_key or (0,)
            if single:
                rows = [_row(int(number), event) for event in single.values()]
                connection.execute(insert(calendar_event), rows)
            same = sum(before.get(key) == event for key, event in single.items())
            fresh = sum(uid not in known_uids for uid, _ in single)
            detail = {"import": int(number), "events": len(single)}
            audit.append(connection, at=now, act="calendar_import", detail=detail, user=user)
        return Kept(int(number), fresh, len(single) - fresh - same, same)

    def events(self, period: Period | None = None) -> tuple[CalendarEvent, ...]:
        """Return the events that stand, earliest first; none that was called off.

        Parameters
        ----------
        period
            Those that overlap it; None for all.

        Returns
        -------
        tuple of CalendarEvent
            Of each uid, as the latest import tells it.
        """
        with reading(self._engine) as connection:
            standing = _standing(connection)
        return tuple(
            event
            for event in sorted(standing, key=lambda one: (one.begins, one.ends, one.uid))
            if not event.called_off
            and (period is None or (event.begins < period.end and event.ends > period.start))
        )

    def imports(self) -> tuple[CalendarImport, ...]:
        """Return every calendar that was taken in, the latest first.

        Returns
        -------
        tuple of CalendarImport
            Undone ones too.
        """
        table = calendar_import
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.import_id.desc())).all()
        return tuple(
            CalendarImport(row.import_id, row.name, row.imported_at, row.events, row.undone_at)
            for row in rows
        )

    def undo(self, import_id: int, *, now: datetime, user: int | None = None) -> int:
        """Take out what one import brought; earlier forms of its events stand again.

        Parameters
        ----------
        import_id
            Its number.
        now
            Aware.
        user
            Who did it, for the audit; None where nobody had logged in.

        Returns
        -------
        int
            How many occasions it had brought.

        Raises
        ------
        NothingFoundError
            If there is no such import, or it was undone before.
        """
        table = calendar_import
        with writing(self._engine) as connection:
            wanted = (table.c.import_id == import_id) & table.c.undone_at.is_(None)
            events = connection.execute(select(table.c.events).where(wanted)).scalar()
            if events is None:
                raise NothingFoundError(
                    Text(
                        "Kalendern {n} finns inte eller är redan borttagen.",
                        "There is no calendar {n}, or it was removed before.",
                    ).fill(n=import_id)
                )
            connection.execute(update(table).where(wanted).values(undone_at=now))
            detail = {"import": import_id, "events": int(events)}
            audit.append(connection, at=now, act="calendar_undo", detail=detail, user=user)
            return int(events)

    def changes(self) -> Mapping[tuple[str, int], tuple[date, date] | None]:
        """Return the changed days of built-in events.

        Returns
        -------
        Mapping
            By kind and year: the first and last local day, or None where there is none that year.
        """
        table = calendar_change
        with reading(self._engine) as connection:
            rows = connection.execute(select(table)).all()
        return {
            (row.kind, row.year): None
            if row.first_day is None
            else (date.fromisoformat(row.first_day), date.fromisoformat(row.last_day))
            for row in rows
        }

    def change(
        self,
        kind: str,
        year: int,
        days: tuple[date, date] | None,
        *,
        now: datetime,
        user: int | None = None,
    ) -> None:
        """Say on which days a built-in event falls in one year.

        Parameters
        ----------
        kind
            A word of the built-in calendar.
        year
            Which year.
        days
            The first and the last local day; None where there is none that year.
        now
            Aware.
        user
            Who did it, for the audit; None where nobody had logged in.

        Raises
        ------
        InvalidInputError
            If the last day comes before the first, or they lie far from the year.
        """
        if days is not None and not (days[0] <= days[1] and days[0].year == year):
            raise InvalidInputError(
                Text(
                    "Dagarna måste börja {y}, och den sista får inte komma före den första.",
                    "The days must begin in {y}, and the last must not come before the first.",
                ).fill(y=year)
            )
        self._set(kind, year, days, kept=True, now=now, user=user)

    def reset(self, kind: str, year: int, *, now: datetime, user: int | None = None) -> None:
        """Let a built-in event follow its rule again in one year.

        Parameters
        ----------
        kind
            A word of the built-in calendar.
        year
            Which year.
        now
            Aware.
        user
            Who did it, for the audit; None where nobody had logged in.
        """
        self._set(kind, year, None, kept=False, now=now, user=user)

    def _set(
        self,
        kind: str,
        year: int,
        days: tuple[date, date] | None,
        *,
        kept: bool,
        now: datetime,
        user: int | None,
    ) -> None:
        table = calendar_change
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.kind == kind, table.c.year == year))
            if kept:
                first, last = (None, None) if days is None else (str(days[0]), str(days[1]))
                connection.execute(
                    insert(table).values(
                        kind=kind, year=year, first_day=first, last_day=last, changed_at=now
                    )
                )
            detail: audit.Detail = {"kind": kind, "year": year}
            audit.append(connection, at=now, act="calendar_change", detail=detail, user=user)


def _check(events: Sequence[CalendarEvent]) -> None:
    for event in events:
        texts = (event.title, event.place)
        if not event.title or max(map(len, texts)) > LONGEST_TEXT or event.ends < event.begins:
            raise InvalidInputError(
                Text(
                    "Händelsen {t!r} har ingen titel, en för lång text eller slutar innan den "
                    "börjar.",
                    "The event {t!r} has no title, too long a text, or ends before it begins.",
                ).fill(t=event.title[:40]),
                code="CONTRACT",
            )


def _live_imports(connection: Connection) -> list[tuple[int, str]]:
    table = calendar_import
    wanted = select(table.c.import_id, table.c.sha256).where(table.c.undone_at.is_(None))
    rows = connection.execute(wanted.order_by(table.c.import_id.desc())).all()
    return [(row.import_id, row.sha256) for row in rows]


def _standing(connection: Connection) -> list[CalendarEvent]:
    """Return of each uid what the latest import that names it says."""
    table, imports = calendar_event, calendar_import
    wanted = (
        select(table)
        .join(imports, imports.c.import_id == table.c.import_id)
        .where(imports.c.undone_at.is_(None))
        .order_by(table.c.import_id, table.c.begins)
    )
    latest: dict[str, tuple[int, list[CalendarEvent]]] = {}
    for row in connection.execute(wanted):
        number, occasions = latest.get(row.uid, (0, []))
        if number != row.import_id:
            occasions = []
            latest[row.uid] = (row.import_id, occasions)
        occasions.append(
            CalendarEvent(
                row.uid, row.title, row.place, row.begins, row.ends, row.all_day, row.called_off
            )
        )
    return [event for _, occasions in latest.values() for event in occasions]


def _row(number: int, event: CalendarEvent) -> dict[str, object]:
    return {
        "import_id": number,
        "uid": event.uid,
        "begins": event.begins,
        "ends": event.ends,
        "all_day": event.all_day,
        "called_off": event.called_off,
        "title": event.title,
        "place": event.place,
    }

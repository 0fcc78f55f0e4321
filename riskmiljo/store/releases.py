"""What was released to the joint picture, and the decisions to release more than it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Table,
    delete,
    insert,
    select,
)

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import (
    filter_use,
    release,
    release_decision,
    released_cell,
    released_period,
    released_row,
    zone_name,
)
from riskmiljo.store.zones import clean_name, give_name

CELL_COLUMNS: Final = ("owners", "x0", "y0", "side_m")
ROW_COLUMNS: Final = (*CELL_COLUMNS, "begins", "ends", "margin", "value", "low")
# The ids of the joint picture's zones begin so: they name none of the zones found among incidents.
JOINT_ZONE: Final = "zg"
PERIOD_COLUMNS: Final = ("owners", "begins", "ends")


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """One release.

    Attributes
    ----------
    release_id
        Its number.
    made_at, until
        When, and the end of the last period that it holds (UTC).
    parameters
        How it was made; JSON.
    """

    release_id: int
    made_at: datetime
    until: datetime
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision to release something across the border between owners.

    Attributes
    ----------
    decision_id
        Its number.
    at
        When (UTC).
    function, ground, recipient, what
        Words of the closed lists of `riskmiljo.situation.release_decisions`.
    """

    decision_id: int
    at: datetime
    function: str
    ground: str
    recipient: str
    what: str


@dataclass(frozen=True, slots=True)
class FilterUse:
    """How many filters a reader has used in a day.

    Attributes
    ----------
    filters
        Distinct ones.
    pairs
        Pairs of them of which one narrows the other by a single term.
    """

    filters: int
    pairs: int


class Releases:
    """The releases of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self) -> ReleaseInfo | None:
        """Return the last release.

        Returns
        -------
        ReleaseInfo or None
            None while nothing has been released.
        """
        newest = select(release).order_by(release.c.release_id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).one_or_none()
        return (
            None
            if row is None
            else ReleaseInfo(row.release_id, row.made_at, row.until, row.parameters)
        )

    def cells(self) -> pd.DataFrame:
        """Return the fixed cells.

        Returns
        -------
        pandas.DataFrame
            `CELL_COLUMNS`: group of owners, south-west corner and side in metres.
        """
        return self._frame(released_cell, CELL_COLUMNS)

    def periods(self) -> pd.DataFrame:
        """Return the periods that have been released, for each group of owners.

        Returns
        -------
        pandas.DataFrame
            `PERIOD_COLUMNS`.
        """
        return self._frame(released_period, PERIOD_COLUMNS)

    def rows(self, margins: tuple[str, ...] = ()) -> pd.DataFrame:
        """Return released rows.

        Parameters
        ----------
        margins
            Which margins; empty for all.

        Returns
        -------
        pandas.DataFrame
            `ROW_COLUMNS`; ``low`` is the lower end of the band.
        """
        return self._frame(released_row, ROW_COLUMNS, margins)

    def add(
        self,
        *,
        cells: pd.DataFrame,
        periods: pd.DataFrame,
        rows: pd.DataFrame,
        until: datetime,
        parameters: Mapping[str, Any],
        anew: bool,
        now: datetime,
    ) -> int:
        """Keep one release.

        Parameters
        ----------
        cells, periods, rows
            `CELL_COLUMNS`, `PERIOD_COLUMNS` and `ROW_COLUMNS`, none of which is there yet.
        until
            The end of the last period (aware).
        parameters
            How it was made; JSON.
        anew
            Whether the earlier rows and periods give way. The cells stay for ever.
        now
            Aware.

        Returns
        -------
        int
            Its number.
        """
        with writing(self._engine) as connection:
            if anew:
                connection.execute(delete(released_row))
                connection.execute(delete(released_period))
            made = connection.execute(
                insert(release).values(made_at=now, until=until, parameters=dict(parameters))
            )
            number = _number_of(made)
            if len(cells):
                connection.execute(insert(released_cell), _records(cells, CELL_COLUMNS))
            if len(periods):
                numbered = [
                    {**one, "release_id": number} for one in _records(periods, PERIOD_COLUMNS)
                ]
                connection.execute(insert(released_period), numbered)
            if len(rows):
                connection.execute(insert(released_row), _records(rows, ROW_COLUMNS))
            detail = {"release": number, "rows": len(rows), "anew": int(anew)}
            audit.append(connection, at=now, act="release", detail=detail)
        return number

    def decide(
        self, *, function: str, ground: str, recipient: str, what: str, now: datetime
    ) -> int:
        """Keep a decision to release something across the border between owners.

        Parameters
        ----------
        function, ground, recipient, what
            Words of closed lists; they are written to the audit.
        now
            Aware.

        Returns
        -------
        int
            Its number.
        """
        words = {"function": function, "ground": ground, "recipient": recipient, "what": what}
        with writing(self._engine) as connection:
            made = connection.execute(insert(release_decision).values(at=now, **words))
            number = _number_of(made)
            detail: dict[str, str | int] = {"decision": number, **words}
            audit.append(connection, at=now, act="release_decision", detail=detail)
        return number

    def decisions(self) -> tuple[DecisionRow, ...]:
        """Return the decisions, the latest first.

        Returns
        -------
        tuple of DecisionRow
            Empty while there is none.
        """
        newest = select(release_decision).order_by(release_decision.c.decision_id.desc())
        with reading(self._engine) as connection:
            return tuple(DecisionRow(*row) for row in connection.execute(newest).all())

    def use_filter(
        self,
        user_id: int,
        mark: str,
        wider: tuple[str, ...],
        *,
        day: date,
        most: int,
        warn: int,
        now: datetime,
    ) -> FilterUse:
        """Count a filter as used by a reader on a day.

        Parameters
        ----------
        user_id
            The reader.
        mark
            A hash of the filter.
        wider
            Hashes of the filters that it narrows by one term.
        day
            The local day.
        most
            How many distinct filters a day allows; one more is not kept.
        warn
            At how many pairs that differ by one term the audit is told.
        now
            Aware.

        Returns
        -------
        FilterUse
            With this filter.
        """
        mine = (filter_use.c.user_id == user_id) & (filter_use.c.day == day.isoformat())
        with reading(self._engine) as connection:
            used = _used(connection, mine)
        # Most requests repeat a filter: they need not wait for a writer.
        if mark in used:
            return FilterUse(len(used), _pairs(used))
        with writing(self._engine) as connection:
            used = _used(connection, mine)
            before = _pairs(used)
            # A map asks for many tiles at once: another of them may have been first.
            if mark in used:
                return FilterUse(len(used), before)
            used[mark] = list(wider)
            after = _pairs(used)
            if len(used) > most:
                return FilterUse(len(used), before)
            # Yesterday's marks have no further use.
            older = (filter_use.c.user_id == user_id) & (filter_use.c.day < day.isoformat())
            connection.execute(delete(filter_use).where(older))
            values = {"user_id": user_id, "day": day.isoformat(), "mark": mark}
            connection.execute(insert(filter_use).values(**values, wider=list(wider)))
            for act, reached in (
                ("filter_budget", len(used) == most),
                ("filter_pairs", before < warn <= after),
            ):
                if reached:
                    detail = {"user": user_id, "filters": len(used), "pairs": after}
                    audit.append(connection, at=now, act=act, detail=detail, changes=False)
        return FilterUse(len(used), after)

    def zone_names(self) -> dict[str, str]:
        """Return the names that readers have given zones of the joint picture.

        Returns
        -------
        dict of str to str
            By zone id, in the order of the ids.
        """
        mine = zone_name.c.zone_id.startswith(JOINT_ZONE)
        order = select(zone_name).where(mine).order_by(zone_name.c.zone_id)
        with reading(self._engine) as connection:
            return {row.zone_id: row.name for row in connection.execute(order)}

    def name_zone(self, zone_id: str, name: str, *, now: datetime, user: int | None = None) -> None:
        """Give a zone of the joint picture a name that stays.

        Parameters
        ----------
        zone_id
            Its id, which begins with `JOINT_ZONE`.
        name
            1 to 80 characters.
        now
            Aware.
        user
            Who, for the log; None where a release hands the name on.

        Raises
        ------
        InvalidInputError
            If the name cannot be used.
        """
        clean = clean_name(name)
        with writing(self._engine) as connection:
            give_name(connection, zone_id, clean, now, owners=EVERY_OWNER)
            audit.append(connection, at=now, act="rename", detail={"zone": zone_id}, user=user)

    def _frame(
        self, table: Table, columns: tuple[str, ...], margins: tuple[str, ...] = ()
    ) -> pd.DataFrame:
        query = select(*(table.c[name] for name in columns))
        if margins:
            query = query.where(table.c.margin.in_(margins))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        frame = pd.DataFrame([tuple(row) for row in rows], columns=list(columns))
        for name in ("begins", "ends"):
            if name in columns:
                frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
        return frame


def _number_of(made: CursorResult[Any]) -> int:
    key = made.inserted_primary_key
    return 0 if key is None else int(key[0])


def _records(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    chosen = frame[list(columns)].copy()
    for name in ("begins", "ends"):
        if name in chosen:
            chosen[name] = pd.Series(
                list(chosen[name].dt.to_pydatetime()), index=chosen.index, dtype=object
            )
    return [dict(zip(columns, row, strict=True)) for row in chosen.itertuples(index=False)]


def _used(connection: Connection, mine: ColumnElement[bool]) -> dict[str, list[str]]:
    rows = connection.execute(select(filter_use.c.mark, filter_use.c.wider).where(mine)).all()
    return {str(row.mark): list(row.wider) for row in rows}


def _pairs(used: dict[str, list[str]]) -> int:
    return sum(one in used for marks in used.values() for one in marks)

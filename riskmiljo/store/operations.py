"""Operations (insatser): planned efforts that are evaluated later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import shapely
from sqlalchemy import Connection, Engine, delete, insert, select, update

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import parse_crs
from riskmiljo.model.operation import Operation
from riskmiljo.model.period import Period
from riskmiljo.store import audit
from riskmiljo.store.area import require_area, require_same_crs
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import operation as table
from riskmiljo.wording import Text

_LONGEST_NAME: Final = 120
_PLACES: Final = Text("Insatsens platser", "The operation's places")
_CORRECTED: Final = Text(
    "Insatsen har rättats sedan du öppnade formuläret. Öppna det igen och rätta därifrån.",
    "The operation has been corrected since you opened the form. Open it again and go on from "
    "there.",
)

# An operation as it was at one time: its number and its revision.
Which = tuple[int, int]

# What a place was called when it was entered: ``zone`` and its id, or ``place`` and what was
# written.
Named = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation as it is kept.

    Attributes
    ----------
    operation_id
        Its number.
    added_at
        When it was entered (UTC).
    operation
        The operation itself; its places are a GeoDataFrame in the store's reference system.
    owner
        The authority that it was entered for; None where nobody had logged in.
    named
        What each place was called when it was entered; empty where that was not kept.
    corrections
        How many times it has been corrected.
    revision
        The number of the correction that moved it to where and when it is; 0 for none. An
        evaluation is of one revision.
    """

    operation_id: int
    added_at: datetime
    operation: Operation
    owner: str | None = None
    named: tuple[Named, ...] = ()
    corrections: int = 0
    revision: int = 0

    @property
    def which(self) -> Which:
        """What an evaluation of it is kept with."""
        return self.operation_id, self.revision


def which_of(parameters: Mapping[str, Any]) -> Which:
    """Return what a kept result is an evaluation of.

    Parameters
    ----------
    parameters
        Of the result.

    Returns
    -------
    tuple of int
        As `OperationRow.which`. Older results name no revision: those are of 0.
    """
    return int(parameters["operation"]), int(parameters.get("revision", 0))


class Operations:
    """The operations of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        operation: Operation,
        *,
        now: datetime,
        owner: str | None = None,
        named: Sequence[Named] = (),
        user: int | None = None,
    ) -> int:
        """Keep an operation.

        Parameters
        ----------
        operation
            With places as a GeoDataFrame in the store's reference system.
        now
            Aware.
        owner
            The authority that it is entered for; None where nobody has logged in.
        named
            What each place is called, in their order; empty for not known.
        user
            Who enters it, for the audit; None where nobody logs in.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        InvalidInputError
            If it has no name or no places.
        CRSError
            If its places are in another reference system.
        """
        columns = _columns(operation)
        body: dict[str, Any] = {
            "partners": list(operation.partners),
            "goal": operation.goal,
            "outcomes": {key: int(number) for key, number in operation.outcomes.items()},
            "owner": owner,
            "named": [list(one) for one in named],
        }
        with writing(self._engine) as connection:
            require_same_crs(connection, operation.places, _PLACES)
            made = connection.execute(insert(table).values(**columns, body=body, added_at=now))
            (number,) = made.inserted_primary_key or (0,)
            _note(connection, now, "operation", int(number), user)
            return int(number)

    def correct(
        self,
        operation_id: int,
        operation: Operation,
        *,
        seen: int,
        now: datetime,
        named: Sequence[Named] = (),
        user: int | None = None,
    ) -> None:
        """Put what an operation should have been in the place of what was entered.

        Parameters
        ----------
        operation_id
            Its number, which stays.
        operation
            As for `add`; its outcomes are not looked at, those that are kept stay.
        seen
            How many times it had been corrected when it was read.
        now
            Aware.
        named
            As for `add`.
        user
            Who corrects it, for the audit; None where nobody logs in.

        Raises
        ------
        InvalidInputError
            If it has no name or no places, or somebody has corrected it since it was read.
        CRSError
            If its places are in another reference system.
        NothingFoundError
            If there is none with this number.
        """
        columns = _columns(operation)
        wanted = table.c.operation_id == operation_id
        with writing(self._engine) as connection:
            require_same_crs(connection, operation.places, _PLACES)
            row = connection.execute(select(table).where(wanted)).one_or_none()
            if row is None:
                raise _unknown(operation_id)
            body = {
                **row.body,
                "partners": list(operation.partners),
                "goal": operation.goal,
                "named": [list(one) for one in named],
            }
            kept = {name: getattr(row, name) for name in columns}
            if (columns, body) == (kept, {**row.body, "named": row.body.get("named", [])}):
                # The same sent twice.
                return
            number = int(row.body.get("corrections", 0))
            if number != seen:
                raise InvalidInputError(_CORRECTED)
            body["corrections"] = number + 1
            if _mark(columns) != _mark(kept):
                # Moved back, it is what it was before, with what was found for that.
                known = {**body.get("revisions", {}), _mark(kept): body.get("revision", 0)}
                body |= {"revisions": known, "revision": known.get(_mark(columns), number + 1)}
            connection.execute(update(table).where(wanted).values(**columns, body=body))
            _note(connection, now, "operation_corrected", operation_id, user)

    def all(self) -> tuple[OperationRow, ...]:
        """Return every operation, the latest to begin first.

        Returns
        -------
        tuple of OperationRow
            With their places.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(table).order_by(table.c.begins.desc(), table.c.operation_id.desc())
            ).all()
            epsg = require_area(connection).epsg if rows else 0
        return tuple(
            OperationRow(
                row.operation_id,
                row.added_at,
                Operation(
                    name=row.name,
                    period=Period(row.begins, row.ends),
                    places=gpd.GeoDataFrame(
                        geometry=shapely.get_parts(shapely.from_wkb(row.geometry)),
                        crs=parse_crs(epsg),
                    ),
                    partners=tuple(row.body["partners"]),
                    goal=row.body["goal"],
                    outcomes=row.body["outcomes"],
                ),
                row.body.get("owner"),
                tuple((str(kind), str(text)) for kind, text in row.body.get("named", ())),
                int(row.body.get("corrections", 0)),
                int(row.body.get("revision", 0)),
            )
            for row in rows
        )

    def get(self, operation_id: int) -> OperationRow:
        """Return one operation.

        Parameters
        ----------
        operation_id
            Its number.

        Returns
        -------
        OperationRow
            With its places.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        for row in self.all():
            if row.operation_id == operation_id:
                return row
        raise _unknown(operation_id)

    def count(
        self,
        operation_id: int,
        outcomes: Mapping[str, int],
        *,
        now: datetime,
        user: int | None = None,
    ) -> None:
        """Keep counts of what an operation led to; those not given stay as they are.

        Parameters
        ----------
        operation_id
            Its number.
        outcomes
            By the names of `riskmiljo.model.operation.OUTCOMES`.
        now
            Aware.
        user
            Who counted, for the audit; None where nobody logs in.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        wanted = table.c.operation_id == operation_id
        with writing(self._engine) as connection:
            body = connection.execute(select(table.c.body).where(wanted)).scalar()
            if body is None:
                raise _unknown(operation_id)
            kept = {**body["outcomes"], **{key: int(number) for key, number in outcomes.items()}}
            changed = update(table).where(wanted).values(body={**body, "outcomes": kept})
            connection.execute(changed)
            _note(connection, now, "operation_counted", operation_id, user)

    def remove(self, operation_id: int, *, now: datetime, user: int | None = None) -> None:
        """Take out an operation that was entered by mistake.

        Parameters
        ----------
        operation_id
            Its number.
        now
            Aware.
        user
            Who takes it out, for the audit; None where nobody logs in.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        with writing(self._engine) as connection:
            gone = connection.execute(delete(table).where(table.c.operation_id == operation_id))
            if gone.rowcount == 0:
                raise _unknown(operation_id)
            _note(connection, now, "operation_removed", operation_id, user)


def _note(
    connection: Connection, now: datetime, act: str, operation_id: int, user: int | None
) -> None:
    detail = {"operation": operation_id}
    audit.append(connection, at=now, act=act, detail=detail, user=user, maps=False)


def _unknown(operation_id: int) -> NothingFoundError:
    return NothingFoundError(
        Text("Insatsen {n} finns inte.", "There is no operation {n}.").fill(n=operation_id)
    )


def _columns(operation: Operation) -> dict[str, Any]:
    """Return what is kept of an operation beside its body."""
    name = " ".join(operation.name.split())
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(
            Text(
                "Insatsens namn ska ha 1 till {n} tecken på en rad.",
                "An operation's name must have 1 to {n} characters on one line.",
            ).fill(n=_LONGEST_NAME)
        )
    places = operation.places
    if not isinstance(places, gpd.GeoDataFrame) or places.empty:
        raise InvalidInputError(Text("Insatsen saknar platser.", "The operation has no places."))
    return {
        "name": name,
        "begins": operation.period.start,
        "ends": operation.period.end,
        "geometry": shapely.to_wkb(shapely.geometrycollections(places.geometry.to_numpy())),
    }


def _mark(columns: Mapping[str, Any]) -> str:
    """Return a text that differs wherever days or places do."""
    days = f"{columns['begins'].timestamp()}/{columns['ends'].timestamp()}/"
    return hashlib.sha256(days.encode() + columns["geometry"]).hexdigest()

"""Operations (insatser): planned efforts that are evaluated later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import shapely
from sqlalchemy import Engine, delete, insert, select, update

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
    """

    operation_id: int
    added_at: datetime
    operation: Operation


class Operations:
    """The operations of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, operation: Operation, *, now: datetime) -> int:
        """Keep an operation.

        Parameters
        ----------
        operation
            With places as a GeoDataFrame in the store's reference system.
        now
            Aware.

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
            raise InvalidInputError(
                Text("Insatsen saknar platser.", "The operation has no places.")
            )
        body: dict[str, Any] = {
            "partners": list(operation.partners),
            "goal": operation.goal,
            "outcomes": {key: int(number) for key, number in operation.outcomes.items()},
        }
        with writing(self._engine) as connection:
            require_same_crs(connection, places, _PLACES)
            made = connection.execute(
                insert(table).values(
                    name=name,
                    begins=operation.period.start,
                    ends=operation.period.end,
                    body=body,
                    geometry=shapely.to_wkb(
                        shapely.geometrycollections(places.geometry.to_numpy())
                    ),
                    added_at=now,
                )
            )
            (number,) = made.inserted_primary_key or (0,)
            detail = {"operation": int(number)}
            audit.append(connection, at=now, act="operation", detail=detail, maps=False)
            return int(number)

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

    def count(self, operation_id: int, outcomes: Mapping[str, int], *, now: datetime) -> None:
        """Keep counts of what an operation led to; those not given stay as they are.

        Parameters
        ----------
        operation_id
            Its number.
        outcomes
            By the names of `riskmiljo.model.operation.OUTCOMES`.
        now
            Aware.

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
            detail = {"operation": operation_id}
            audit.append(connection, at=now, act="operation_counted", detail=detail, maps=False)

    def remove(self, operation_id: int, *, now: datetime) -> None:
        """Take out an operation that was entered by mistake.

        Parameters
        ----------
        operation_id
            Its number.
        now
            Aware.

        Raises
        ------
        NothingFoundError
            If there is none with this number.
        """
        with writing(self._engine) as connection:
            gone = connection.execute(delete(table).where(table.c.operation_id == operation_id))
            if gone.rowcount == 0:
                raise _unknown(operation_id)
            detail = {"operation": operation_id}
            audit.append(connection, at=now, act="operation_removed", detail=detail, maps=False)


def _unknown(operation_id: int) -> NothingFoundError:
    return NothingFoundError(
        Text("Insatsen {n} finns inte.", "There is no operation {n}.").fill(n=operation_id)
    )

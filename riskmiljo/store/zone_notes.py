"""Notes about zones: a few words on a place, kept whatever later sets call it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, delete, insert, select

from riskmiljo.errors import InvalidInputError
from riskmiljo.store import audit
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.tables import zone_note as table
from riskmiljo.store.zones import owners_key
from riskmiljo.wording import Text

LONGEST_NOTE: Final = 300


@dataclass(frozen=True, slots=True)
class ZoneNote:
    """What was written about a zone.

    Attributes
    ----------
    text
        On one line.
    noted_at
        When (UTC).
    """

    text: str
    noted_at: datetime


class ZoneNotes:
    """The notes of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, zone_id: str, *, owners: AbstractSet[str]) -> ZoneNote | None:
        """Return the note about a zone.

        Parameters
        ----------
        zone_id
            The zone.
        owners
            Whose incidents the reader may read: others have notes of their own.

        Returns
        -------
        ZoneNote or None
            None where there is none.
        """
        mine = (table.c.zone_id == zone_id) & (table.c.owners == owners_key(owners))
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(mine)).one_or_none()
        return None if row is None else ZoneNote(row.note, row.noted_at)

    def write(
        self,
        zone_id: str,
        text: str,
        *,
        owners: AbstractSet[str],
        now: datetime,
        user: int | None = None,
    ) -> None:
        """Put a note in the place of the earlier one.

        Parameters
        ----------
        zone_id
            The zone.
        text
            At most 300 characters; empty takes the note away.
        owners
            Whose incidents those read whom it is for.
        now
            Aware.
        user
            Who, for the log; None for the command line.

        Raises
        ------
        InvalidInputError
            If it is too long or not printable.
        """
        clean = " ".join(text.split())
        if len(clean) > LONGEST_NOTE or not clean.isprintable():
            raise InvalidInputError(
                Text(
                    "En anteckning ska ha högst {n} tecken och inga styrtecken.",
                    "A note must have at most {n} {n:character|characters} and no control "
                    "characters.",
                ).fill(n=LONGEST_NOTE)
            )
        mine = (table.c.zone_id == zone_id) & (table.c.owners == owners_key(owners))
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(mine))
            if clean:
                connection.execute(
                    insert(table).values(
                        zone_id=zone_id, owners=owners_key(owners), note=clean, noted_at=now
                    )
                )
            # That there is a note, never what it says.
            detail: audit.Detail = {"zone": zone_id, "length": len(clean)}
            audit.append(connection, at=now, act="note", detail=detail, user=user, maps=False)

"""The store's file: opened once, with its area, small facts about it, and its log's marks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, delete, insert, select

from riskmiljo.errors import InvalidInputError
from riskmiljo.store import audit, tables
from riskmiljo.store.area import Area, read_area, write_area
from riskmiljo.store.engine import reading, writing
from riskmiljo.wording import Text


class StoreFile:
    """A file of tables that are up to date.

    Parameters
    ----------
    engine
        Of the file.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The store's address, without a password.

        Returns
        -------
        str
            As `open_store` takes it.
        """
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    # --- the area and small facts

    def area(self) -> Area | None:
        """Return the area, None while none is set.

        Returns
        -------
        Area or None
            As it was set last.
        """
        with reading(self._engine) as connection:
            return read_area(connection)

    def set_area(self, area: Area, *, now: datetime | None = None) -> None:
        """Set the area.

        Parameters
        ----------
        area
            Its reference system stays once anything is kept in the store.
        now
            Aware; the clock's time by default.

        Raises
        ------
        StoreError
            If the reference system would have to change.
        """
        at = instant_of(now)
        with writing(self._engine) as connection:
            write_area(connection, area)
            audit.append(connection, at=at, act="area", detail={"epsg": area.epsg})

    def flag(self, name: str) -> str | None:
        """Return a small fact about the store, e.g. ``"simulated"``.

        Parameters
        ----------
        name
            Which.

        Returns
        -------
        str or None
            None while it is not set.
        """
        with reading(self._engine) as connection:
            value = select(tables.flag.c.value).where(tables.flag.c.name == name)
            return connection.execute(value).scalar()

    def set_flag(self, name: str, value: str, *, now: datetime | None = None) -> None:
        """Set a small fact about the store.

        Parameters
        ----------
        name
            Which; a word of ours, as it is written to the audit.
        value
            What it is from now on.
        now
            Aware; the clock's time by default.

        Raises
        ------
        InvalidInputError
            If the name is not a word of 1 to 64 letters a to z and underscores.
        """
        if not re.fullmatch(r"[a-z_]{1,64}", name):
            raise InvalidInputError(
                Text(
                    "Namnet {n!r} duger inte. Använd a till z och understreck.",
                    "The name {n!r} cannot be used. Use a to z and underscores.",
                ).fill(n=name)
            )
        at = instant_of(now)
        with writing(self._engine) as connection:
            connection.execute(delete(tables.flag).where(tables.flag.c.name == name))
            connection.execute(insert(tables.flag).values(name=name, value=value))
            audit.append(connection, at=at, act="flag", detail={"flag": name})

    # --- what was done

    def version(self) -> str:
        """Return a text that changes with every change of data or names.

        Returns
        -------
        str
            Number and hash of the last audit row that tells of such a change; for caches.
        """
        with reading(self._engine) as connection:
            seq, link = audit.last_change(connection)
        return f"{seq}-{link}"

    def map_version(self) -> str:
        """Return a text that changes with every change of what maps are drawn from.

        Returns
        -------
        str
            As `version`; visits, answers, plans and with whom they are shared, operations and kept
            results leave it alone.
        """
        with reading(self._engine) as connection:
            seq, link = audit.last_map_change(connection)
        return f"{seq}-{link}"

    def seal(self) -> str:
        """Return a text that changes with every act, also those that change no data.

        Returns
        -------
        str
            Number and hash of the last audit row, to be kept elsewhere.
        """
        with reading(self._engine) as connection:
            seq, link = audit.head(connection)
        return f"{seq}-{link}"

    def verify_audit(self, noted: str = "") -> list[Text]:
        """Look for edits, deletions and reordering in the audit.

        Parameters
        ----------
        noted
            A `seal` that was kept elsewhere; empty for none.

        Returns
        -------
        list of Text
            One sentence a fault; empty when the chain is whole.
        """
        with reading(self._engine) as connection:
            return audit.faults(connection, noted=noted)


def instant_of(now: datetime | None) -> datetime:
    """Return the time of an act.

    Parameters
    ----------
    now
        Aware; None is the clock's time.

    Returns
    -------
    datetime.datetime
        Aware.

    Raises
    ------
    InvalidInputError
        If the time has no time zone.
    """
    if now is None:
        return datetime.now(UTC)
    if now.tzinfo is None:
        raise InvalidInputError(
            Text(
                "Tiden {t} saknar tidszon. Ange den i UTC.",
                "The time {t} has no time zone. Give it in UTC.",
            ).fill(t=now.isoformat())
        )
    return now

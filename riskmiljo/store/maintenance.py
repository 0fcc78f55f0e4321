"""How the store's file is: its size, the room beside it, its tables, and whether it is whole."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from riskmiljo.store.backup import BackupMade, write_backup
from riskmiljo.store.engine import reading, writing
from riskmiljo.store.key_file import key_file
from riskmiljo.store.migrate import revision_of
from riskmiljo.store.purge import Purged, purge_rows


@dataclass(frozen=True, slots=True)
class FileHealth:
    """The state of a store's file.

    Attributes
    ----------
    size_bytes
        How large it is.
    free_bytes
        What is free on its disk.
    revision
        Of its tables.
    sqlite
        The version of SQLite that reads it.
    """

    size_bytes: int
    free_bytes: int
    revision: str
    sqlite: str


class Maintenance:
    """The upkeep of one store.

    Parameters
    ----------
    engine
        The store's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def path(self) -> Path:
        """The store's file.

        Returns
        -------
        pathlib.Path
            Absolute.
        """
        return Path(str(self._engine.url.database))

    @property
    def key_file(self) -> Path:
        """The key that one-time codes are sealed with.

        Returns
        -------
        pathlib.Path
            Nothing is there where none has been needed.
        """
        return key_file(self._engine)

    def health(self) -> FileHealth:
        """Return how the file is, without reading all of it."""
        with reading(self._engine) as connection:
            revision = revision_of(connection) or ""
        return FileHealth(
            size_bytes=self.path.stat().st_size,
            free_bytes=shutil.disk_usage(self.path.parent).free,
            revision=revision,
            sqlite=sqlite3.sqlite_version,
        )

    def is_whole(self) -> bool:
        """Read the whole file and return whether SQLite finds it undamaged."""
        with reading(self._engine) as connection:
            return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"

    def backup(self, target: Path, *, now: datetime) -> BackupMade:
        """Copy the store while it may be in use, and check the copy.

        Parameters
        ----------
        target
            Where to; nothing may be there.
        now
            Aware.

        Returns
        -------
        BackupMade
            With its seal.

        Raises
        ------
        StoreError
            If there is something already, it cannot be written, or the copy is not whole.
        """
        return write_backup(self._engine, target, now=now)

    def purge(
        self, before: datetime, *, now: datetime, user: int = 0, dry_run: bool = False
    ) -> Purged:
        """Take out what is older than a day, all of it or nothing.

        Parameters
        ----------
        before
            The first instant that stays; aware.
        now
            Aware.
        user
            The account that does it; 0 for the command line.
        dry_run
            Whether it is only counted.

        Returns
        -------
        Purged
            How many rows were taken out, or would be.
        """
        # Counted by doing it, in a transaction that is rolled back: the figures cannot differ.
        with reading(self._engine) if dry_run else writing(self._engine) as connection:
            return purge_rows(connection, before, at=now, user=user)

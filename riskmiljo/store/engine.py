"""Connections to the store: how they are opened, begun and checked, and what their faults mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from riskmiljo.errors import StoreError
from riskmiljo.wording import Text

# How long a reader or writer waits for another before it gives up.
BUSY_TIMEOUT_S: float = 20.0

# "rkmj": marks the file as ours, so that another program's database is never taken over.
APPLICATION_ID: Final = 0x726B6D6A

_BEGIN: Final = "riskmiljo_begin"

_PRAGMAS: Final = (
    # A rollback journal and EXTRA survive a power cut at any moment. WAL would let readers pass
    # a writer, but many systems carry an SQLite before 3.51.3, whose WAL can lose its integrity.
    "PRAGMA journal_mode = DELETE",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    # Incident ids that are staged in a temporary table never reach another disk.
    "PRAGMA temp_store = MEMORY",
    # 64 MiB: an import of 100 000 incidents stays in memory until its commit, so that readers
    # need not wait for it.
    "PRAGMA cache_size = -65536",
)

_FAULTS: Final[dict[int, tuple[str, Text]]] = {
    sqlite3.SQLITE_BUSY: (
        "LAST",
        Text(
            "Databasen {f} används av någon annan just nu. Försök igen om en stund.",
            "The store {f} is in use by another program right now. Try again in a while.",
        ),
    ),
    sqlite3.SQLITE_CORRUPT: (
        "SKADAD",
        Text(
            "Databasen {f} är skadad. Lägg tillbaka en säkerhetskopia.",
            "The store {f} is damaged. Put back a backup copy.",
        ),
    ),
    sqlite3.SQLITE_NOTADB: (
        "INTE_DATABAS",
        Text(
            "{f} är ingen databas. Ange en annan fil.",
            "{f} is not a database. Name another file.",
        ),
    ),
    sqlite3.SQLITE_READONLY: (
        "SKRIVSKYDDAD",
        Text(
            "Databasen {f} är skrivskyddad. Ge ditt konto skrivrätt till filen och dess mapp.",
            "The store {f} is read-only. Give your account the right to write the file and its "
            "folder.",
        ),
    ),
    sqlite3.SQLITE_FULL: (
        "DISK_FULL",
        Text(
            "Disken med databasen {f} är full; inget ändrades. Frigör utrymme och försök igen.",
            "The disk with the store {f} is full; nothing was changed. Free some space and try "
            "again.",
        ),
    ),
    sqlite3.SQLITE_IOERR: (
        "DISKFEL",
        Text(
            "Disken med databasen {f} svarar med fel; inget ändrades. Kontrollera disken.",
            "The disk with the store {f} reports faults; nothing was changed. Check the disk.",
        ),
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "KAN_INTE_OPPNAS",
        Text(
            "Databasen {f} kan inte öppnas. Kontrollera att filen och mappen finns kvar.",
            "The store {f} cannot be opened. Check that the file and its folder still exist.",
        ),
    ),
}


def path_of(url: str) -> Path:
    """Return the file that an address names.

    Parameters
    ----------
    url
        An SQLAlchemy address, ``sqlite:///FILE``.

    Returns
    -------
    pathlib.Path
        As written, not resolved.

    Raises
    ------
    StoreError
        If the address cannot be read or names anything but an SQLite file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unusable(url) from error
    name = parsed.database or ""
    plain = parsed.drivername in {"sqlite", "sqlite+pysqlite"} and not parsed.query
    if not plain or not name or name == ":memory:" or name.startswith("file:"):
        raise _unusable(url if parsed.password is None else parsed.render_as_string())
    return Path(name)


def make_engine(path: Path) -> Engine:
    """Return an engine whose connections all have the store's settings.

    Parameters
    ----------
    path
        The store's file.

    Returns
    -------
    sqlalchemy.Engine
        It keeps no connection open: one is made for each use (0.2 ms), so that threads, child
        processes and a file put back from a backup need no further care.
    """
    engine = create_engine(
        # Absolute: a program that changes its folder later must not find another file.
        URL.create("sqlite", database=str(path.absolute())),
        poolclass=NullPool,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        # Values never stand in an error's text, and so in no log.
        hide_parameters=True,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one unchanging state of the store.

    Parameters
    ----------
    engine
        The store's engine.

    Yields
    ------
    sqlalchemy.Connection
        In a transaction that is always rolled back.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with speaking(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write, until the block ends.

    Parameters
    ----------
    engine
        The store's engine.

    Yields
    ------
    sqlalchemy.Connection
        In a transaction that is committed at the end of the block, or rolled back as a whole if
        anything is raised.

    Raises
    ------
    StoreError
        If the file cannot be written, or another writer does not finish in time.
    """
    with speaking(engine), engine.connect() as plain:
        # IMMEDIATE: two writers that first read and then write would otherwise block each other.
        connection = plain.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        with connection.begin():
            yield connection


@contextmanager
def speaking(engine: Engine) -> Iterator[None]:
    """Turn the faults of a disk or file into one clear sentence.

    Parameters
    ----------
    engine
        Whose file the sentence names.

    Yields
    ------
    None
        Around the work.

    Raises
    ------
    StoreError
        For a fault that a user can mend. Anything else is a fault of ours and stays as it is.
    """
    try:
        yield
    except DBAPIError as error:
        # The low byte is the family, the others tell it apart further.
        family = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if family not in _FAULTS:
            raise
        code, sentence = _FAULTS[family]
        raise StoreError(sentence.fill(f=engine.url.database), code=code) from error


def damaged(engine: Engine) -> StoreError:
    """Return the error for a file that fails its check.

    Parameters
    ----------
    engine
        Whose file the sentence names.

    Returns
    -------
    StoreError
        To be raised.
    """
    code, sentence = _FAULTS[sqlite3.SQLITE_CORRUPT]
    return StoreError(sentence.fill(f=engine.url.database), code=code)


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own habit of beginning late would leave reads outside of any transaction.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    options: Any = connection.get_execution_options()
    connection.exec_driver_sql(options.get(_BEGIN, "BEGIN"))


def _unusable(url: str) -> StoreError:
    return StoreError(
        Text(
            "Databasens adress {u!r} kan inte användas. Skriv till exempel "
            "sqlite:///riskmiljo.sqlite.",
            "The store's address {u!r} cannot be used. Write for example "
            "sqlite:///riskmiljo.sqlite.",
        ).fill(u=url),
        code="ADRESS",
    )

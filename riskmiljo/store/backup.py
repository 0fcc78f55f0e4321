"""Backup copies of a store: made while it is in use, checked, and put back as a whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, delete
from sqlalchemy.exc import SQLAlchemyError

from riskmiljo.errors import StoreError
from riskmiljo.store import audit
from riskmiljo.store.disk import prepare_file, refuse_network
from riskmiljo.store.engine import BUSY_TIMEOUT_S, damaged, make_engine, path_of, reading, writing
from riskmiljo.store.migrate import check_and_upgrade, revision_of
from riskmiljo.store.tables import login
from riskmiljo.wording import Text

_OWN_ALONE: Final = 0o600


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup copy.

    Attributes
    ----------
    path
        Where it is.
    size_bytes
        How large it is.
    seal
        Number and hash of the last audit row in it.
    """

    path: Path
    size_bytes: int
    seal: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that was put back.

    Attributes
    ----------
    path
        The store's file.
    kept
        Where the store lies that it replaced; None where there was none.
    """

    path: Path
    kept: Path | None


def write_backup(engine: Engine, target: Path, *, now: datetime) -> BackupMade:
    """Copy a store while it may be in use, and check the copy.

    Parameters
    ----------
    engine
        The store's.
    target
        Where to; nothing may be there. Its mode is 0600.
    now
        Aware.

    Returns
    -------
    BackupMade
        With its seal; the store's audit has a row of it.

    Raises
    ------
    StoreError
        If there is something already, it cannot be written, or the copy is not whole.
    """
    _new_file(target)
    try:
        _copy(Path(str(engine.url.database)), target)
        seal = _checked(target)
        with writing(engine) as connection:
            detail: dict[str, str | int] = {"seal": seal, "bytes": target.stat().st_size}
            audit.append(connection, at=now, act="backup", detail=detail, changes=False)
    except BaseException:
        # Half a copy must not lie there and look like a whole one.
        target.unlink(missing_ok=True)
        raise
    return BackupMade(target, target.stat().st_size, seal)


def restore_backup(source: Path, url: str, *, now: datetime) -> Restored:
    """Put a backup copy in the place of a store, which is kept beside it.

    Parameters
    ----------
    source
        The copy; it stays as it is.
    url
        The store's address.
    now
        Aware.

    Returns
    -------
    Restored
        Tables are up to date, everyone is logged out, and the audit has a row of it.

    Raises
    ------
    StoreError
        If the copy cannot be read, is damaged, was tampered with or is of a newer riskmiljo, or
        the store is in use. Then nothing has changed.
    """
    path = path_of(url).absolute()
    refuse_network(path)
    if not source.is_file():
        raise _wrong(
            Text("Filen {f} finns inte.", "The file {f} does not exist."), source, "SAKNAS"
        )
    if path.exists() and source.samefile(path):
        raise _wrong(
            Text(
                "{f} är databasen själv. Ange en säkerhetskopia.",
                "{f} is the store itself. Name a backup copy.",
            ),
            source,
            "SAMMA",
        )
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    fresh = path.with_name(f".{path.name}.restored-{stamp}")
    _new_file(fresh)
    try:
        _copy(source, fresh)
        _made_ready(fresh, source, path, now=now)
        kept = _keep(path, stamp, fresh) if path.exists() else None
        if kept is None:
            fresh.replace(path)
        _settle(path.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return Restored(path, kept)


def _made_ready(fresh: Path, source: Path, path: Path, *, now: datetime) -> None:
    engine = make_engine(fresh)
    try:
        with reading(engine) as connection:
            if revision_of(connection) is None:
                raise _wrong(
                    Text(
                        "{f} är ingen säkerhetskopia av riskmiljo. Ange en annan fil.",
                        "{f} is no backup copy of riskmiljo. Name another file.",
                    ),
                    source,
                    "FRAMMANDE",
                )
        check_and_upgrade(engine)
        _checked(fresh)
        replaced = "none"
        if path.exists():
            # A store that is damaged is a reason to put a copy back, not to refuse it.
            with suppress(StoreError, SQLAlchemyError):
                old = make_engine(path)
                with reading(old) as connection:
                    replaced = "-".join(map(str, audit.head(connection)))
        with writing(engine) as connection:
            # Whoever was logged in when the copy was made is not let in by it.
            connection.execute(delete(login))
            detail = {"replaced": replaced}
            audit.append(connection, at=now, act="restore", detail=detail)
    finally:
        engine.dispose()


def _keep(path: Path, stamp: str, fresh: Path) -> Path:
    """Put the new file in the old one's place in one step; the old one stays under another name."""
    prepare_file(path, create=False)
    kept = path.with_name(f"{path.name}.before-{stamp}")
    if kept.exists():
        raise _exists(kept)
    journal = path.with_name(f"{path.name}-journal")
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as old:
        # Nobody is in the middle of anything, and what was left half is undone; a file that is no
        # database any more has no lock to take.
        try:
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise _wrong(
                    Text(
                        "Databasen {f} används. Stoppa riskmiljo serve och försök igen.",
                        "The store {f} is in use. Stop riskmiljo serve and try again.",
                    ),
                    path,
                    "LAST",
                ) from error
        try:
            os.link(path, kept)
        except OSError:
            # A file system without links.
            shutil.copy2(path, kept)
        # Before: the journal of a damaged store must never be taken for the new one's.
        if journal.exists():
            journal.rename(kept.with_name(f"{kept.name}-journal"))
        fresh.replace(path)
    return kept


def _settle(folder: Path) -> None:
    # The new name outlives a power cut.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _new_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWN_ALONE))
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise _unwritable(path) from error


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT_S)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            # In one step: a state that was there at one moment.
            old.backup(new)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_CORRUPT,
        ):
            raise damaged(make_engine(source)) from error
        raise _unwritable(target) from error


def _checked(path: Path) -> str:
    """Return the seal of a copy that is whole, with an audit that nobody has changed."""
    engine = make_engine(path)
    try:
        with reading(engine) as connection:
            if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                raise damaged(engine)
            faults = audit.faults(connection)
            if faults:
                raise StoreError(
                    Text(
                        "Kopian {f} används inte: dess logg är ändrad. {first}",
                        "The copy {f} is not used: its audit was changed. {first}",
                    ).fill(f=path, first=faults[0]),
                    code="LOGG",
                )
            return "-".join(map(str, audit.head(connection)))
    finally:
        engine.dispose()


def _wrong(sentence: Text, path: Path, code: str) -> StoreError:
    return StoreError(sentence.fill(f=path), code=code)


def _exists(path: Path) -> StoreError:
    return _wrong(
        Text(
            "{f} finns redan och skrivs inte över. Ange en annan fil.",
            "{f} is there already and is not overwritten. Name another file.",
        ),
        path,
        "FINNS",
    )


def _unwritable(path: Path) -> StoreError:
    return _wrong(
        Text(
            "{f} kan inte skrivas. Kontrollera mappen och utrymmet på disken.",
            "{f} cannot be written. Check the folder and the space on the disk.",
        ),
        path,
        "KAN_INTE_SKRIVAS",
    )

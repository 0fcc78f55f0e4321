"""Check a store at its opening, and bring its tables up to what this riskmiljo wants."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from riskmiljo.errors import StoreError
from riskmiljo.store.engine import APPLICATION_ID, damaged, reading, writing
from riskmiljo.wording import Text

SCRIPTS: Path = Path(__file__).parent / "migrations"


def check_and_upgrade(engine: Engine) -> None:
    """See that the file is whole and ours, and make or upgrade its tables.

    Parameters
    ----------
    engine
        The store's engine.

    Raises
    ------
    StoreError
        If the file is damaged, belongs to another program, or was written by a newer riskmiljo.
    """
    with reading(engine) as connection:
        if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise damaged(engine)
    scripts = ScriptDirectory(str(SCRIPTS))
    with reading(engine) as connection:
        if revision_of(connection) == scripts.get_current_head():
            return
    with writing(engine) as connection:
        # Looked at again: another process may have been faster.
        _upgrade(connection, scripts, str(engine.url.database))


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None for a file without ours.

    Parameters
    ----------
    connection
        Any connection to the store.

    Returns
    -------
    str or None
        As named in a file under ``migrations/versions``.
    """
    ours = connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
    return MigrationContext.configure(connection).get_current_revision() if ours else None


def _upgrade(connection: Connection, scripts: ScriptDirectory, name: str) -> None:
    found = revision_of(connection)
    if found is None:
        if inspect(connection).get_table_names():
            raise StoreError(
                Text(
                    "Databasen {f} hör till ett annat program. Ange en annan fil.",
                    "The database {f} belongs to another program. Name another file.",
                ).fill(f=name),
                code="FRAMMANDE",
            )
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    elif found not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            Text(
                "Databasen {f} är skriven av en nyare riskmiljo (revision {r}). Uppdatera "
                "riskmiljo.",
                "The store {f} was written by a newer riskmiljo (revision {r}). Update riskmiljo.",
            ).fill(f=name, r=found),
            code="NYARE",
        )
    config = Config()
    config.set_main_option("script_location", scripts.dir.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

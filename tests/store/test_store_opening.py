"""Opening a store: what it sees to, and what it says when it cannot."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from riskmiljo.errors import StoreError
from riskmiljo.store import disk, engine, migrate, open_store
from riskmiljo.store.tables import metadata


def path_in(url):
    return Path(url.removeprefix("sqlite:///"))


def refused(url, **options):
    with pytest.raises(StoreError) as caught:
        open_store(url, **options)
    message = caught.value.message
    assert message.sv != message.en
    assert "\n" not in message.sv + message.en
    return caught.value


def one(opened, question):
    with engine.reading(opened._engine) as connection:
        return connection.exec_driver_sql(question).scalar()


def test_a_new_store_is_closed_to_other_users(url):
    open_store(url).close()
    assert path_in(url).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("store")
def test_a_store_that_others_could_read_is_closed_when_opened(url):
    path_in(url).chmod(0o644)
    open_store(url).close()
    assert path_in(url).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "delete"),
        ("synchronous", 3),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("temp_store", 2),
        ("busy_timeout", 20_000),
    ],
)
def test_every_connection_has_the_settings_that_survive_a_power_cut(store, pragma, value):
    assert one(store, f"PRAGMA {pragma}") == value


@pytest.mark.usefixtures("store")
def test_a_store_in_wal_mode_is_brought_back_to_a_rollback_journal(url):
    with closing(sqlite3.connect(path_in(url))) as other:
        assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    with open_store(url) as again:
        assert one(again, "PRAGMA journal_mode") == "delete"


def test_an_odd_file_name_is_taken_as_it_is(tmp_path):
    for name in ("läge 50%.sqlite", "a?mode=ro", "b#c.sqlite"):
        if "?" in name:
            refused(f"sqlite:///{tmp_path / name}")
        else:
            open_store(f"sqlite:///{tmp_path / name}").close()
            assert (tmp_path / name).stat().st_size > 0


def test_a_store_stays_the_same_file_when_the_program_changes_its_folder(tmp_path, monkeypatch):
    (tmp_path / "annan").mkdir()
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///lokal.sqlite") as opened:
        opened.set_flag("simulated", "1")
        monkeypatch.chdir(tmp_path / "annan")
        assert opened.flag("simulated") == "1"
    assert list((tmp_path / "annan").iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    error = refused(f"sqlite:///{tmp_path / 'borta' / 'x.sqlite'}")
    assert error.code == "MAPP_SAKNAS"
    assert str(tmp_path / "borta") in error.message.en


def test_a_folder_is_not_a_store(tmp_path):
    assert refused(f"sqlite:///{tmp_path}").code == "MAPP"


def test_a_missing_store_is_made_only_when_wanted(url):
    assert refused(url, create=False).code == "SAKNAS"
    assert not path_in(url).exists()


@pytest.mark.parametrize(
    "address",
    ["", "riskmiljo.sqlite", "sqlite://", "sqlite:///:memory:", "postgresql://anna:hemligt@db/x"],
)
def test_an_address_that_is_no_sqlite_file_is_refused_without_its_password(address):
    error = refused(address)
    assert error.code == "ADRESS"
    assert "hemligt" not in error.message.sv + error.message.en


def test_a_file_that_is_no_database_is_refused_and_left_alone(url):
    path_in(url).write_bytes(b"rad;tid;plats\n" * 200)
    assert refused(url).code == "INTE_DATABAS"
    assert path_in(url).read_bytes().startswith(b"rad;tid")


@pytest.mark.parametrize("harm", ["torn", "overwritten"])
def test_a_damaged_store_is_refused(store, url, make, add, harm):
    add(store, make(2_000))
    file = path_in(url)
    whole = file.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    torn = whole[:middle]
    file.write_bytes(torn if harm == "torn" else torn + b"\x17" * 8192 + whole[middle + 8192 :])
    assert refused(url).code == "SKADAD"


def test_another_programs_database_is_refused_and_left_alone(url):
    with closing(sqlite3.connect(path_in(url))) as other:
        other.execute("CREATE TABLE recept (namn TEXT)")
    before = path_in(url).read_bytes()
    assert refused(url).code == "FRAMMANDE"
    assert path_in(url).read_bytes() == before


@pytest.mark.usefixtures("store")
def test_a_store_in_use_is_said_to_be_in_use(url, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(path_in(url), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert refused(url).code == "LAST"


@pytest.mark.usefixtures("store")
def test_a_read_only_store_is_said_to_be_read_only(url):
    file = path_in(url)
    file.chmod(0o400)
    # The superuser may write everything: it becomes somebody else, in a process of its own that
    # stands in the folder already.
    nobody = 65534
    if os.geteuid() == 0:
        os.chown(file, nobody, nobody)
        os.chown(file.parent, nobody, nobody)
    code = (
        "import os\n"
        "from riskmiljo.errors import StoreError\n"
        "from riskmiljo.store import open_store\n"
        f"os.geteuid() or os.setresuid({nobody}, {nobody}, {nobody})\n"
        "try:\n"
        f"    open_store('sqlite:///{file.name}')\n"
        "except StoreError as error:\n"
        "    print(error.code)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=file.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "SKRIVSKYDDAD", done.stderr[-2000:]
    assert file.stat().st_mode & 0o777 == 0o400


def test_a_network_file_system_is_refused(tmp_path, url, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/hem {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    error = refused(url)
    assert error.code == "NATVERK"
    assert "nfs4" in error.message.sv
    assert not path_in(url).exists()


def test_the_tables_and_the_migrations_agree(store):
    with engine.reading(store._engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_an_older_store_is_upgraded_and_a_newer_one_refused(
    store, url, make, add, tmp_path, monkeypatch
):
    incidents = make(20)
    add(store, incidents)
    shipped, later = migrate.SCRIPTS, tmp_path / "migrations"
    shutil.copytree(shipped, later, ignore=shutil.ignore_patterns("__pycache__"))
    (later / "versions" / "v9999_later.py").write_text(
        '"""A later change."""\n'
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        'revision, down_revision = "9999", '
        f'"{migrate.ScriptDirectory(str(shipped)).get_current_head()}"\n'
        "def upgrade():\n"
        '    op.add_column("incident", sa.Column("later", sa.Integer()))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(migrate, "SCRIPTS", later)
    with open_store(url) as upgraded:
        assert upgraded.count() == 20
        assert one(upgraded, "SELECT count(*) FROM pragma_table_info('incident')") == 17
    monkeypatch.setattr(migrate, "SCRIPTS", shipped)
    error = refused(url)
    assert error.code == "NYARE"
    assert "9999" in error.message.en


def test_a_migration_that_fails_leaves_the_store_as_it_was(store, url, tmp_path, monkeypatch):
    store.close()
    before = path_in(url).read_bytes()
    shipped, later = migrate.SCRIPTS, tmp_path / "migrations"
    shutil.copytree(shipped, later, ignore=shutil.ignore_patterns("__pycache__"))
    (later / "versions" / "v9999_wrong.py").write_text(
        "from alembic import op\n"
        'revision, down_revision = "9999", '
        f'"{migrate.ScriptDirectory(str(shipped)).get_current_head()}"\n'
        "def upgrade():\n"
        '    op.execute("DROP TABLE presence")\n'
        '    op.execute("DROP TABLE no_such_table")\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(migrate, "SCRIPTS", later)
    with pytest.raises(Exception, match="no_such_table"):
        open_store(url)
    assert path_in(url).read_bytes() == before


def test_two_programs_may_make_the_same_store_at_once(url):
    start, faults = threading.Barrier(6), []

    def make_it():
        start.wait()
        try:
            open_store(url).close()
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=make_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with closing(sqlite3.connect(path_in(url))) as file:
        assert file.execute("SELECT count(*) FROM audit_head").fetchone() == (1,)


def test_a_fault_of_ours_is_not_dressed_up_as_a_fault_of_the_disk(store):
    with pytest.raises(Exception, match="no such table"), engine.reading(store._engine) as link:
        link.exec_driver_sql("SELECT * FROM nowhere")


def test_values_never_stand_in_the_text_of_an_error(store):
    assert create_engine("sqlite://").hide_parameters is False
    assert store._engine.hide_parameters is True

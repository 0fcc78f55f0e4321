"""What the command line reads is written down before it is read, like what the pages show."""

from __future__ import annotations

import ast
import re
import sqlite3
from pathlib import Path

import click
import pytest

import riskmiljo.cli
from riskmiljo.cli import root
from riskmiljo.cli.readings import NO_READING
from riskmiljo.model.filters import Filter
from riskmiljo.store import open_store
from riskmiljo.store.audit_log import AuditQuestion


def readings(folder):
    with open_store(f"sqlite:///{folder}/s.sqlite") as store:
        return store.audit_log.rows(AuditQuestion(act="read"), most=100)


def commands(group, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield " ".join((*path, name))
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name))


def test_what_a_filter_reads_is_logged_with_its_count_and_the_file_without_its_folder(
    call, filled, tmp_path
):
    out = tmp_path / "hemlig mapp" / "zoner.csv"
    out.parent.mkdir()
    words = ("zones", "--category", "robbery", "--hours", "20-24", "--out", out)
    assert call(filled, "--purpose", "follow_up", *words).returncode == 0
    row = readings(filled)[0].detail
    assert re.fullmatch("[0-9a-f]{32}", row.pop("salt"))
    with open_store(f"sqlite:///{filled}/s.sqlite") as store:
        asked = Filter.from_query({"category": ["robbery"], "hours": ["20-24"]})
        matching = len(store.incidents(asked))
    assert 0 < matching < 60
    assert row == {
        "user": 0,
        "role": "planner",
        "scope": "own",
        "owners": "municipality,police,social",
        "page": "riskmiljo zones",
        "category": "robbery",
        "hours": "20-24",
        "kind": "export csv",
        "file": "zoner.csv",
        "count": matching,
        "purpose": "follow_up",
    }


def test_a_box_and_a_name_are_written_as_hashes_only(call, filled):
    call(filled, "zone", "Hemliga gården", "--bbox", "17.5,59.8,17.8,59.9", "--json")
    row = readings(filled)[0].detail
    assert (row["page"], row["kind"], row["count"]) == ("riskmiljo zone", "json", 60)
    assert {len(row[name]) for name in ("bbox", "more")} == {32}
    with open_store(f"sqlite:///{filled}/s.sqlite") as store:
        kept = [str(line.detail) for line in store.audit_log.every(AuditQuestion())]
    assert not any("Hemliga" in text or "17.5" in text for text in kept)


def test_lists_are_readings_too_and_stand_in_the_log_that_they_list(call, filled):
    for words in (("presence", "list"), ("patrol", "plans"), ("user", "list"), ("audit", "list")):
        said = call(filled, *words)
        assert said.returncode == 0
        assert readings(filled)[0].detail["page"] == f"riskmiljo {' '.join(words)}"
    assert "page=riskmiljo audit list" in said.stdout
    before = len(readings(filled))
    assert call(filled, "audit", "verify").returncode == 0
    assert len(readings(filled)) == before


def test_where_the_log_cannot_be_written_nothing_is_read(call, filled, tmp_path):
    path = tmp_path / "s.sqlite"
    path.write_bytes((filled / "s.sqlite").read_bytes())
    with sqlite3.connect(path) as file:
        file.execute(
            "CREATE TRIGGER stop BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'x'); END"
        )
    said = call(tmp_path, "zones", "--json")
    assert said.returncode == 2
    assert said.stdout == ""
    assert "kunde inte loggas" in said.stderr


def test_every_command_reads_unless_it_is_said_to_do_something_else():
    known = set(commands(root))
    assert known >= NO_READING
    assert {"zones", "forecast", "presence show", "maps build", "report"} <= known - NO_READING


@pytest.mark.parametrize("path", sorted(Path(riskmiljo.cli.__file__).parent.glob("*.py")))
def test_no_command_opens_the_store_past_the_log(path):
    if path.name == "session.py":
        return
    names = {
        node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)
    }
    assert "open_store" not in names

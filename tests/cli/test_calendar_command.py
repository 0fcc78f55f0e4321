"""``riskmiljo calendar``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from riskmiljo.cli import run
from riskmiljo.store import open_store


@pytest.fixture
def store(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/k.sqlite"
    open_store(url).close()
    monkeypatch.setenv("RISKMILJO_STORE", url)
    return url


@pytest.fixture
def file(tmp_path):
    begins = datetime.now(UTC) + timedelta(days=3)
    path = tmp_path / "evenemang.ics"
    path.write_bytes(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Konsert \u202e i parken\r\n"
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:2\r\nCLASS:PRIVATE\r\nSUMMARY:Möte\r\n"
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    )
    return path


def test_a_calendar_is_taken_in_listed_and_removed(store, file, capsys):
    assert run(["calendar", "import", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "1 nytt tillfälle" in out
    assert "1 privat händelse" in err
    assert run(["calendar", "import", str(file)]) == 0
    assert "0 nya tillfällen, 0 ändrade, 1 känt" in capsys.readouterr().out
    assert run(["calendar", "list"]) == 0
    listed = capsys.readouterr().out
    assert "Konsert i parken" in listed
    assert "evenemang.ics" in listed
    assert "Möte" not in listed
    assert run(["calendar", "list", "--json", "--weeks", "52"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["imports"] == [{"import": 1, "name": "evenemang.ics", "occasions": 1}]
    assert {"walpurgis", "lucia"} <= {one["event"] for one in body["events"]}
    assert run(["calendar", "remove", "1"]) == 0
    capsys.readouterr()
    assert run(["calendar", "remove", "1"]) == 1
    assert "Kalendern 1 finns inte" in capsys.readouterr().err
    with open_store(store) as opened:
        assert opened.calendar.events() == ()


def test_days_are_corrected_called_off_and_reset(store, capsys):  # noqa: ARG001 - in force
    first = ["calendar", "days", "winter_break", "2030"]
    assert run([*first, "2030-02-25", "2030-03-03"]) == 0
    assert "Sportlov 2030: 2030-02-25 – 2030-03-03" in capsys.readouterr().out
    assert run([*first, "none"]) == 0
    assert "blir inte av" in capsys.readouterr().out
    assert run([*first, "rule"]) == 0
    assert "2030-02-18 – 2030-02-24" in capsys.readouterr().out
    for wrong in (
        ["x"],
        ["2030-02-25"],
        ["2030-03-03", "2030-02-25"],
        ["2031-02-25", "2031-02-26"],
    ):
        assert run([*first, *wrong]) == 2
    assert run(["calendar", "days", "carnival", "2030", "none"]) == 2


def test_what_is_no_calendar_changes_nothing(store, tmp_path, capsys):
    wrong = tmp_path / "a.ics"
    wrong.write_text("hej")
    assert run(["calendar", "import", str(wrong)]) == 2
    assert run(["calendar", "import", str(tmp_path / "finns_inte.ics")]) == 2
    assert "kan inte läsas" in capsys.readouterr().err
    with open_store(store) as opened:
        assert opened.calendar.imports() == ()

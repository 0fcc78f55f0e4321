"""Imported calendars in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.calendar import CalendarEvent
from riskmiljo.model.period import Period

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
BEGINS = datetime(2026, 5, 1, 17, tzinfo=UTC)
CONCERT = CalendarEvent("a" * 64, "Konsert", "Parken", BEGINS, BEGINS + timedelta(hours=3))
FAIR = replace(CONCERT, uid="b" * 64, title="Marknad", begins=BEGINS + timedelta(days=1))
FAIR = replace(FAIR, ends=FAIR.begins + timedelta(hours=2))


def take_in(store, *events, sha="1"):
    return store.calendar.add(events, name="k.ics", sha256=sha, now=NOW)


def test_events_come_back_as_they_went_in_earliest_first(store):
    kept = take_in(store, FAIR, CONCERT)
    assert (kept.added, kept.changed, kept.known) == (2, 0, 0)
    assert store.calendar.events() == (CONCERT, FAIR)
    assert store.calendar.events(Period.between("2026-05-02", "2026-05-03")) == (FAIR,)
    assert store.calendar.events(Period.between("2026-06-01", "2026-06-03")) == ()


def test_the_same_calendar_twice_changes_nothing(store):
    first = take_in(store, CONCERT, FAIR)
    before = store.version()
    again = take_in(store, CONCERT, FAIR)
    assert (again.import_id, again.added, again.known) == (first.import_id, 0, 2)
    assert store.version() == before
    assert len(store.calendar.imports()) == 1


def test_a_new_edition_moves_an_event_and_undoing_it_moves_it_back(store):
    take_in(store, CONCERT, FAIR)
    later = replace(CONCERT, begins=BEGINS + timedelta(hours=1))
    kept = take_in(store, later, sha="2")
    assert (kept.added, kept.changed, kept.known) == (0, 1, 0)
    assert store.calendar.events() == (later, FAIR)
    assert store.calendar.undo(kept.import_id, now=NOW) == 1
    assert store.calendar.events() == (CONCERT, FAIR)
    with pytest.raises(NothingFoundError):
        store.calendar.undo(kept.import_id, now=NOW)
    # The file may come again once it was undone.
    assert take_in(store, later, sha="2").changed == 1


def test_an_event_that_was_called_off_is_not_shown(store):
    take_in(store, CONCERT)
    take_in(store, replace(CONCERT, called_off=True), sha="2")
    assert store.calendar.events() == ()


def test_of_two_rows_of_the_same_event_and_time_the_last_holds(store):
    take_in(store, CONCERT, replace(CONCERT, title="Stor konsert"))
    assert [event.title for event in store.calendar.events()] == ["Stor konsert"]


def test_an_empty_calendar_is_kept_as_such(store):
    kept = take_in(store)
    assert store.calendar.events() == ()
    assert store.calendar.undo(kept.import_id, now=NOW) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CONCERT, title=""),
        replace(CONCERT, title="x" * 201),
        replace(CONCERT, place="x" * 201),
        replace(CONCERT, ends=BEGINS - timedelta(hours=1)),
    ],
)
def test_an_event_that_breaks_the_contract_is_refused_with_all_of_its_file(store, wrong):
    with pytest.raises(InvalidInputError):
        take_in(store, FAIR, wrong)
    assert store.calendar.events() == ()
    assert store.calendar.imports() == ()


def test_changed_days_are_kept_changed_again_and_reset(store):
    days = (date(2027, 2, 22), date(2027, 2, 28))
    store.calendar.change("winter_break", 2027, days, now=NOW)
    store.calendar.change("lucia", 2027, None, now=NOW)
    assert store.calendar.changes() == {("winter_break", 2027): days, ("lucia", 2027): None}
    store.calendar.reset("winter_break", 2027, now=NOW)
    assert store.calendar.changes() == {("lucia", 2027): None}
    for wrong in (days[::-1], (date(2026, 2, 1), date(2026, 2, 2))):
        with pytest.raises(InvalidInputError):
            store.calendar.change("winter_break", 2027, wrong, now=NOW)


def test_the_audit_tells_of_calendars_without_a_word_of_them(store):
    kept = take_in(store, CONCERT)
    store.calendar.undo(kept.import_id, now=NOW, user=7)
    store.calendar.change("lucia", 2027, None, now=NOW)
    assert store.verify_audit() == []
    with store._engine.connect() as connection:
        rows = connection.exec_driver_sql("select act, detail from audit").all()
    acts = [row.act for row in rows]
    assert acts[-3:] == ["calendar_import", "calendar_undo", "calendar_change"]
    assert '"user":7' in rows[-2].detail.replace(" ", "")
    assert "user" not in rows[-1].detail
    assert not any("onsert" in row.detail or "Parken" in row.detail for row in rows)

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.lens import demo_lens
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES
from riskmiljo.settings import Settings
from riskmiljo.store import Area
from riskmiljo.web.service import service_of
from riskmiljo.web.view import FIELDS, MOST_TEAMS, View, as_query, query_of_request, read_view


class NoStore:
    settings = Settings()
    lens = demo_lens(settings)
    store = None

    def area(self):
        return Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm")


def some(words):
    return st.sets(st.sampled_from(list(words))).map(
        lambda chosen: tuple(word for word in words if word in chosen)
    )


hours_of_record = st.integers(0, 80_000).map(
    lambda hour: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
)
boxes = st.tuples(
    st.floats(-180, 0), st.floats(-90, 0), st.floats(0.001, 180), st.floats(0.001, 90)
)
periods = st.tuples(hours_of_record, st.integers(1, 9000)).map(
    lambda drawn: Period(drawn[0], drawn[0] + timedelta(hours=drawn[1]))
)
hours = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1])
filters = st.builds(
    Filter,
    period=st.none() | periods,
    categories=some(CATEGORIES),
    sources=some(SOURCES),
    detections=some(DETECTIONS),
    weekdays=some(range(1, 8)),
    hours=st.none() | hours,
    bbox=st.none() | boxes,
)
# Evenings far from the nights when the clock changes.
shifts = st.integers(0, 60).map(
    lambda days: Shift.next_evening(datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(days=days))
)


@given(view=st.builds(View, filters, st.none() | shifts, st.integers(1, MOST_TEAMS)))
def test_an_address_read_back_asks_for_the_same(view):
    assert read_view(as_query(view.pairs()), NoStore()) == view


def test_an_address_without_a_query_asks_for_everything():
    assert read_view({}, NoStore()) == View.everything()
    assert View.everything().pairs() == []


@pytest.mark.parametrize(
    ("address", "hours"),
    [
        ("/?hours=18&hours=02", (18, 2)),
        ("/?hours=18-02", (18, 2)),
        ("/?hours=&hours=", None),
        ("/?hours=0&hours=24", None),
        ("/?hours=22&hours=24", (22, 0)),
    ],
)
def test_the_two_lists_of_hours_are_one_field(app, address, hours):
    with app.test_request_context(address):
        assert read_view(query_of_request(), service_of(app)).question.hours == hours


def test_the_empty_fields_that_a_form_sends_along_ask_for_nothing(app):
    empty = "&".join(f"{field}=" for field in FIELDS)
    with app.test_request_context(f"/?{empty}&hours="):
        assert read_view(query_of_request(), service_of(app)) == View.everything()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"categori": ["robbery"]}, "'categori'"),
        ({"teams": ["0"]}, "teams: '0'"),
        ({"teams": ["13"]}, "teams: '13'"),
        ({"teams": ["three"]}, "teams: 'three'"),
        ({"teams": ["3.5"]}, "teams: '3.5'"),
        ({"teams": ["-1"]}, "teams: '-1'"),
        ({"teams": ["\u0663"]}, "teams:"),  # a digit, but not one of ours
        ({"hours": ["18"]}, "hours: '18'"),
        ({"hours": ["25-26"]}, "hours: '25-26'"),
        ({"weekday": ["8"]}, "weekday: '8'"),
        ({"category": ["murder"]}, "category: 'murder'"),
        ({"detection": ["guessed"]}, "detection: 'guessed'"),
        ({"source": ["rumour"]}, "source: 'rumour'"),
        ({"from": ["2026-04-01"]}, "både from och to"),
        ({"from": ["2026-04-01"], "to": ["2026-03-01"]}, "slut"),
        ({"from": ["igår"], "to": ["idag"]}, "'igår'"),
        ({"period": ["2026-13"]}, "'2026-13'"),
        ({"period": ["9999"]}, "9999"),
        ({"period": ["0000"]}, "0000"),
        ({"from": ["0001-01-01"], "to": ["2026-01-01"]}, "0001"),
        ({"bbox": ["nan,nan,nan,nan"]}, "bbox"),
        ({"shift": ["ikväll"]}, "'ikväll'"),
        ({"shift": ["2026-03-28 18:00/02:30"]}, "finns inte"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(query, named):
    with pytest.raises(InvalidInputError) as refused:
        read_view(query, NoStore())
    assert named in refused.value.message.sv
    assert refused.value.message.en


def test_a_period_counted_from_the_end_of_the_data(client, stage):
    assert client.get("/?period=last-7-days").status_code == 200
    assert stage.asked[-1].question.period == Period.between("2026-04-20", "2026-04-27")
    assert client.get("/?period=last-0-days").status_code == 400
    assert client.get("/?period=last-summer").status_code == 400

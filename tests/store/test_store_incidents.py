"""Incidents come out as they went in, and a question means the same as in pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmiljo.errors import StoreError
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents, validate_incidents
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, OWNERS, SOURCES
from riskmiljo.store import Area, open_store
from riskmiljo.store.incidents import _metric_box

YEAR = Period.parse("2025")
PERIODS = st.tuples(st.integers(0, 366 * 24), st.integers(1, 2_000)).map(
    lambda hours: Period(
        YEAR.start + timedelta(hours=hours[0]), YEAR.start + timedelta(hours=sum(hours))
    )
)
BOXES = st.tuples(
    st.floats(17.4, 17.8), st.floats(59.7, 59.95), st.floats(0.001, 0.4), st.floats(0.001, 0.2)
).map(lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3]))
HOURS = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda hours: hours[0] != hours[1])


def some(words):
    return st.lists(st.sampled_from(sorted(words)), max_size=3, unique=True).map(tuple)


QUESTIONS = st.builds(
    Filter,
    period=st.none() | PERIODS,
    categories=some(CATEGORIES),
    sources=some(SOURCES),
    detections=some(DETECTIONS),
    weekdays=st.lists(st.integers(1, 7), max_size=3, unique=True).map(tuple),
    hours=st.none() | HOURS,
    bbox=st.none() | BOXES,
)


@pytest.fixture
def filled(store, make, add):
    incidents = make(400)
    add(store, incidents)
    return store, incidents


def by_the_clock(row, question):
    """Judge one incident the way a person with a calendar would."""
    middle = row.occurred_from + (row.occurred_to - row.occurred_from) / 2
    local = middle.to_pydatetime().astimezone(ZoneInfo(question.tz))
    weekday = local.isoweekday()
    if question.hours is not None:
        first, end = question.hours
        if first < end:
            if not first <= local.hour < end:
                return False
        elif local.hour < end:
            weekday = weekday - 1 or 7
        elif local.hour < first:
            return False
    return not question.weekdays or weekday in question.weekdays


def asked_in_pandas(incidents, question, owners):
    keep = np.array([by_the_clock(row, question) for row in incidents.itertuples()], dtype=bool)
    if question.period is not None:
        begins = incidents["occurred_from"]
        keep &= (begins >= question.period.start) & (begins < question.period.end)
    for name, words in (
        ("category", question.categories),
        ("source", question.sources),
        ("detection", question.detections),
    ):
        if words:
            keep &= incidents[name].isin(words)
    if owners is not None:
        keep &= incidents["owner"].isin(owners)
    if question.bbox is not None:
        degrees = incidents.geometry.to_crs(4326)
        west, south, east, north = question.bbox
        keep &= degrees.x.between(west, east) & degrees.y.between(south, north)
    return incidents[keep].reset_index(drop=True)


@given(question=QUESTIONS, owners=st.none() | st.frozensets(st.sampled_from(sorted(OWNERS))))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_question_means_the_same_as_in_pandas(filled, question, owners):
    store, incidents = filled
    found = store.incidents(question, owners=owners)
    assert_geodataframe_equal(found, asked_in_pandas(incidents, question, owners))


def test_incidents_come_out_bit_by_bit_as_they_went_in(filled):
    store, incidents = filled
    found = validate_incidents(store.incidents())
    assert_geodataframe_equal(found, incidents)
    given_xy = shapely.get_coordinates(incidents.geometry)
    assert (shapely.get_coordinates(found.geometry) == given_xy).all()


def test_more_rows_than_one_packet_come_out_in_their_order(store, make, add):
    incidents = make(9_001)
    add(store, incidents)
    assert_geodataframe_equal(store.incidents(), incidents)


def test_both_hours_of_the_autumn_night_stay_apart(store, make, add):
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)  # 02:30 summer time
    times = pd.DatetimeIndex([first, first + timedelta(hours=1)]).as_unit("us")
    incidents = make(2, occurred_from=times, occurred_to=times)
    add(store, incidents)
    found = store.incidents()
    assert list(found["occurred_from"]) == list(times)
    local = found["occurred_from"].dt.tz_convert("Europe/Stockholm")
    assert list(local.dt.strftime("%H:%M %z")) == ["02:30 +0200", "02:30 +0100"]
    assert len(store.incidents(Filter(hours=(2, 3)))) == 2


def test_a_microsecond_a_far_year_and_a_foreign_word_survive(store, make, add):
    times = pd.DatetimeIndex(["1899-12-31T23:59:59.999999Z", "2262-06-01T00:00:00.000001Z"])
    incidents = make(2, occurred_from=times.as_unit("us"), occurred_to=times.as_unit("us"))
    incidents["incident_id"] = ["K-åäö-😀-'; DROP TABLE incident; --", "{{ 7*7191 }}"]
    add(store, incidents)
    assert_geodataframe_equal(store.incidents(), incidents)


def test_an_empty_store_gives_an_empty_frame_that_keeps_the_contract(store):
    found = store.incidents(Filter(bbox=(17.6, 59.8, 17.7, 59.9), hours=(18, 2)))
    assert len(validate_incidents(found)) == 0
    assert (store.count(), store.span()) == (0, None)


def test_nobodys_incidents_are_none(filled):
    store, _ = filled
    assert len(store.incidents(owners=frozenset())) == 0


def test_the_span_holds_the_first_and_the_last_incident(filled):
    store, incidents = filled
    span = store.span()
    assert span.start == incidents["occurred_from"].min()
    assert len(store.incidents(Filter(period=span))) == store.count() == len(incidents)
    shorter = Period(span.start, span.end - timedelta(microseconds=1))
    assert len(store.incidents(Filter(period=shorter))) < len(incidents)


def test_one_incident_has_a_span(store, make, add):
    add(store, make(1))
    assert len(store.incidents(Filter(period=store.span()))) == 1


def test_neighbouring_periods_add_up_whatever_their_intervals(filled):
    store, incidents = filled
    months = [Period.parse(f"2025-{month:02d}") for month in range(1, 13)]
    counts = [len(store.incidents(Filter(period=month))) for month in months]
    within = incidents["occurred_from"].between(YEAR.start, YEAR.end, inclusive="left")
    assert sum(counts) == within.sum()


@pytest.mark.parametrize(
    ("epsg", "box"),
    [
        (3006, (10.1, 55.0, 24.1, 69.0)),
        (3006, (17.6, 59.8, 17.7, 59.9)),
        (32616, (-88.0, 41.6, -87.5, 42.1)),
        (32616, (-89.9, 0.1, -84.1, 83.9)),
        (3035, (-16.0, 33.0, 40.0, 80.0)),
    ],
)
def test_the_rectangle_in_metres_leaves_no_point_of_the_box_outside(epsg, box):
    rectangle = _metric_box(box, epsg)
    rng = np.random.default_rng(3)
    lon = np.r_[rng.uniform(box[0], box[2], 20_000), np.linspace(box[0], box[2], 5_000)]
    lat = np.r_[rng.uniform(box[1], box[3], 20_000), np.full(5_000, box[3])]
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat, crs=4326)).to_crs(epsg)
    assert points.x.between(rectangle[0], rectangle[2]).all()
    assert points.y.between(rectangle[1], rectangle[3]).all()


def test_a_box_beyond_the_reach_of_the_projection_is_answered_exactly(filled):
    store, incidents = filled
    assert _metric_box((-180, -90, 180, 90), 3006) is None
    assert len(store.incidents(Filter(bbox=(-180, -90, 180, 90)))) == len(incidents)
    assert len(store.incidents(Filter(bbox=(-180, -90, 0, 90)))) == 0


def test_a_store_abroad_counts_in_its_own_metres(tmp_path, make, add):
    frame = make(30).drop(columns="geometry")
    points = gpd.points_from_xy(np.linspace(440_000, 450_000, 30), np.full(30, 4_630_000))
    incidents = complete_incidents(gpd.GeoDataFrame(frame, geometry=points, crs=32616))
    with open_store(f"sqlite:///{tmp_path / 'chicago.sqlite'}") as store:
        store.set_area(Area("Chicago", (-88.0, 41.6, -87.5, 42.1), 32616, "America/Chicago"))
        add(store, incidents)
        assert_geodataframe_equal(store.incidents(), incidents)
        question = Filter(bbox=(-87.66, 41.6, -87.5, 42.1), tz="America/Chicago")
        found = store.incidents(question)
        assert 0 < len(found) < 30
        assert_geodataframe_equal(found, asked_in_pandas(incidents, question, None))


def test_without_an_area_there_is_nothing_to_ask(url):
    with open_store(url) as empty, pytest.raises(StoreError) as caught:
        empty.incidents()
    assert caught.value.code == "OMRADE_SAKNAS"

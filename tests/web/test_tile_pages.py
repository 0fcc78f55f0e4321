"""Tiles, the weeks of the brush and the comparison, as the pages give them."""

from __future__ import annotations

import json
from datetime import date

import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.maps.tiles import empty_tile
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation import build_situation
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.tiles_compare import differences
from riskmiljo.situation.tiles_time import step_edges, timeline
from riskmiljo.situation.withheld import told_groups
from riskmiljo.zones import assign_zones

TZ = "Europe/Stockholm"
TILE = "/tiles/density/13/4497/2385.png"
LENS = demo_lens(Settings())
YEAR, BEFORE = ("2025-10-30", "2026-04-30"), ("2025-05-01", "2025-10-30")


def test_a_tile_is_a_picture_for_this_reader_alone(city):
    answer = city.client.get(TILE)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data != empty_tile()
    assert answer.cache_control.private
    assert answer.cache_control.no_cache
    again = city.client.get(TILE, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_another_filter_is_another_tile(city):
    whole = city.client.get(TILE)
    some = city.client.get(TILE + "?from=2026-03-01&to=2026-04-01&category=theft")
    wide = city.client.get(TILE + "?utjamning=500")
    assert len({answer.headers["ETag"] for answer in (whole, some, wide)}) == 3
    assert len({answer.data for answer in (whole, some, wide)}) == 3


def test_the_default_period_and_the_same_dates_are_one_tile(city):
    usual = seen_default(city)
    named = city.client.get(TILE + f"?from={usual[0]}&to={usual[1]}")
    assert named.headers["ETag"] == city.client.get(TILE).headers["ETag"]


def seen_default(city):
    situation = build_situation(city.store, Settings(), LENS, Filter(), now=city.now())
    return [f"{moment:%Y-%m-%d}" for moment in situation.period.local(TZ)]


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/incidents/13/4497/2385.png",
        "/tiles/density/20/0/0.png",
        "/tiles/density/3/8/0.png",
        "/tiles/density/3/0/8.png",
        "/tiles/density/-1/0/0.png",
        "/tiles/density/13/4497/2385",
        "/tiles/density/13/4498/x.png",
        "/tiles/../density/13/4497/2385.png",
    ],
)
def test_what_is_no_tile_is_not_found(city, path):
    assert city.client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["utjamning=10", "utjamning=x", "utjamning=nan", "hours=99-2", "nonsense=1", "from=2026-01-01"],
)
def test_a_tile_of_an_unreadable_question_is_refused(city, query):
    assert city.client.get(f"{TILE}?{query}").status_code == 400


def test_an_empty_store_has_empty_tiles_and_no_weeks(empty_city):
    assert empty_city.client.get(TILE).data == empty_tile()
    assert empty_city.client.get("/tid.json").status_code == 404


def test_the_map_of_the_page_takes_its_density_from_tiles(city):
    query = "?from=2025-10-30&to=2026-04-30&category=theft&category=violence"
    layers = {one["id"]: one for one in city.client.get("/lager.json" + query).json["layers"]}
    density = layers["density"]
    assert density["features"] == []
    assert density["tiles"].startswith("/tiles/density/{z}/{x}/{y}.png?")
    for field in ("from=2025-10-30", "to=2026-04-30", "category=theft", "category=violence"):
        assert field in density["tiles"]
    address = density["tiles"].replace("{z}/{x}/{y}", "13/4497/2385")
    assert city.client.get(address).status_code == 200
    assert len(density["legend"]["classes"]) == 8


# --- weeks


def test_each_bar_is_the_week_s_incidents_or_withheld(city):
    told = city.client.get("/tid.json?category=theft").json
    assert told["unit"] == "week"
    assert len(told["edges"]) == len(told["counts"]) + 1
    edges = [date.fromisoformat(edge) for edge in told["edges"]]
    assert all(edge.weekday() == 0 for edge in edges[:-1])
    withheld = 0
    for first, end, count in zip(edges, edges[1:], told["counts"], strict=False):
        week = Filter(period=Period.between(first, end, tz=TZ), categories=("theft",))
        found = seen_incidents(city.store, week, LENS)
        group = told_groups(found, [0] * len(found), LENS, tz=TZ)
        shown = len(group) and bool(group["shown"].iloc[0])
        assert count == (len(found) if shown else None)
        withheld += count is None
    assert withheld < len(told["counts"])


def test_the_brush_does_not_depend_on_the_period_that_is_shown(city):
    whole = city.client.get("/tid.json").json
    assert city.client.get("/tid.json?from=2026-01-01&to=2026-02-01").json == whole


def test_weeks_begin_on_mondays_and_end_where_the_data_do():
    assert step_edges(date(2026, 4, 29), date(2026, 4, 30)) == (
        date(2026, 4, 27),
        date(2026, 4, 30),
    )
    assert step_edges(date(2026, 4, 20), date(2026, 5, 4)) == (
        date(2026, 4, 20),
        date(2026, 4, 27),
        date(2026, 5, 4),
    )
    assert len(step_edges(date(1995, 1, 2), date(2026, 5, 4))) == 521


def test_a_last_week_that_is_cut_is_said_to_be(city):
    shown = timeline(city.store, LENS, Filter(tz=TZ))
    assert shown.whole is ((shown.edges[-1] - shown.edges[-2]).days == 7)


# --- two periods


@pytest.fixture(scope="module")
def compared(running_city):
    question = Filter(period=Period.between(*YEAR, tz=TZ), tz=TZ)
    situation = build_situation(
        running_city.store, Settings(), LENS, question, now=running_city.now()
    )
    before = Period.between(*BEFORE, tz=TZ)
    return running_city.store, situation, before, differences(running_city.store, situation, before)


def test_zones_are_counted_in_both_periods(compared):
    store, situation, before, rows = compared
    assert len(rows) == 1 + len(situation.zones) > 2
    for period, name in ((before, "before"), (situation.period, "now")):
        found = seen_incidents(store, Filter(period=period, tz=TZ), LENS)
        assert getattr(rows[0], name) == len(found)
        member = assign_zones(found, situation.zones)
        told = told_groups(found[member.notna()], member.dropna(), LENS, tz=TZ)
        for row in rows[1:]:
            seen = row.zone_id in told.index and told.loc[row.zone_id, "shown"]
            expected = int(told.loc[row.zone_id, "events"]) if seen else None
            assert getattr(row, name) == expected


def test_a_change_is_one_of_rates_and_only_between_figures_that_are_shown(compared):
    _, situation, before, rows = compared
    for row in rows:
        if row.before is None or row.now is None:
            assert (row.change, row.lower, row.upper) == (None, None, None)
            assert not row.certain
            continue
        rates = row.now / situation.period.weeks, row.before / before.weeks
        assert row.change == pytest.approx(rates[0] / rates[1] - 1)
        assert row.lower < row.change < row.upper


def test_the_page_and_its_twin_compare(city):
    query = "?from={}&to={}&jamfor={}/{}".format(*YEAR, *BEFORE)
    page = city.client.get("/karta" + query).text
    assert "Skillnad mellan 1 maj" in page
    assert "Hela området" in page
    twin = city.client.get("/karta.json" + query).json["compare"]
    assert twin["from"].startswith("2025-05-01")
    assert twin["zones"][0]["zone_id"] == ""
    assert twin["zones"][0]["now"] == city.client.get("/karta.json" + query).json["total"]
    assert city.client.get("/karta.json").json["compare"] is None


def test_the_forms_two_dates_are_one_comparison(city):
    query = "?from={}&to={}".format(*YEAR)
    form = city.client.get("/karta.json" + query + "&jamfor={}&jamfor={}".format(*BEFORE)).json
    assert form == city.client.get("/karta.json" + query + "&jamfor={}/{}".format(*BEFORE)).json


@pytest.mark.parametrize("text", ["2026-01-01", "x/y", "2026-02-01/2026-01-01", "2026-01-01/"])
def test_a_comparison_that_cannot_be_read_is_refused_or_is_a_day(city, text):
    status = city.client.get(f"/karta.json?jamfor={text}").status_code
    assert status == (200 if text == "2026-01-01" else 400)


def test_what_the_answers_hold_is_json(city):
    for path in ("/tid.json", "/karta.json?jamfor=2026-01-01/2026-02-01"):
        json.loads(city.client.get(path).data, parse_constant=pytest.fail)

"""The presence week: what is told, what is not, and that presence is what closes the gap."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.analysis.presence_gap import ADULTS_PER_CREW, concerns_young
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.calendar import CalendarEvent
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import TZ, Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import presence_week as module
from riskmiljo.situation.presence_adults import adults_of_week, companions_of
from riskmiljo.situation.presence_places import CELL_M, coarse_places
from riskmiljo.situation.presence_slots import LEVELS, hours_of, minutes_by_hour, strict
from riskmiljo.situation.presence_week import presence_week, window_span
from riskmiljo.situation.tiles_time import timeline
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
WEEK = Period.parse("2026-W18")
SETTINGS = Settings()
AREA = Area(SETTINGS.area_name, SETTINGS.area_bbox, SETTINGS.epsg, SETTINGS.timezone)


def fill(store, incidents):
    store.set_area(AREA)
    store.add_incidents(
        incidents, file_name="a.csv", sha256="0" * 64, source="police", receipt={}, now=NOW
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Three years of a simulated town, with its presence."""
    path = tmp_path_factory.mktemp("narvaro") / "stad.sqlite"
    city = simulate_city(seed=5, end=date(2026, 4, 29), years=3, incidents=9000)
    with open_store(f"sqlite:///{path}") as store:
        fill(store, city.incidents)
        store.add_presence(city.presence, now=NOW)
        yield store


@pytest.fixture
def small(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/liten.sqlite") as store:
        yield store


def look(store, week=WEEK, lens=None, **options):
    return presence_week(store, SETTINGS, lens or demo_lens(SETTINGS), week, now=NOW, **options)


def evenings(n, *, name="Gottsunda centrum", hour=20, apart=120.0, **columns):
    """Return n welfare concerns, one a Friday evening, at places of their own around a spot."""
    spot = read_gazetteer().set_index("name").loc[name].geometry
    day = pd.Timestamp("2026-04-24") - pd.to_timedelta(7 * np.arange(n), unit="D")
    times = (day + pd.Timedelta(hours=hour, minutes=20)).tz_localize(TZ).tz_convert("UTC")
    # Within one square of half a kilometre.
    x = (spot.x // CELL_M + 0.3) * CELL_M + apart * (np.arange(n) % 3)
    frame = points_frame(
        {
            "occurred_from": pd.Series(times),
            "category": ["welfare_concern"] * n,
            "detection": ["reported"] * n,
            "incident_id": [f"{name}-{hour}-{k}" for k in range(n)],
            **columns,
        },
        x,
        np.full(n, spot.y),
        3006,
    )
    return complete_incidents(frame)


def test_every_told_hour_rests_on_ten_incidents_at_three_places_on_three_days(town):
    lens = lens_of(Role.OUTREACH, SETTINGS)
    incidents = town.incidents(owners=lens.owners)
    assert set(incidents["owner"]) == {"social"}
    young = incidents[concerns_young(incidents)]
    seen = look(town, lens=lens)
    assert (seen.hours["level"] < 0).any()
    assert (seen.hours["level"] >= 0).any()
    local = young["occurred_from"].dt.tz_convert(TZ)
    slot = (local.dt.day_of_week * 24 + local.dt.hour).to_numpy()
    for place in ("", *seen.places[:4]):
        hours = look(town, lens=lens, place=place).hours
        assert hours.loc[hours["level"] < 0, "gap"].isna().all()
        for _, rows in hours[hours["level"] >= 0].groupby("group"):
            # More than those behind it, never fewer: ordinary weeks are some of all.
            assert np.isin(slot, rows.index).sum() >= 10
            mine = young[np.isin(slot, rows.index)]
            spots = np.unique(np.floor(coordinates(mine) / 50), axis=0)
            assert len(spots) >= 3
            days = mine["occurred_from"].dt.tz_convert(TZ).dt.date
            assert days.nunique() >= 3
            # What is told together looks alike, but for what is on in single hours.
            plain = rows["need"] / rows["times"]
            assert np.allclose(plain, plain.iloc[0])


def test_the_levels_are_nested_so_that_nothing_is_had_by_subtraction():
    for fine, coarse in ((LEVELS[0], LEVELS[1]),):
        pairs = pd.DataFrame({"fine": fine, "coarse": coarse}).drop_duplicates()
        assert pairs["fine"].is_unique
    assert np.bincount(LEVELS[1]).tolist() == [6] * 28
    assert sorted(np.bincount(LEVELS[2])) == [12] * 4 + [30] * 4


def test_nine_incidents_show_nothing_and_ten_are_an_hour(small):
    fill(small, evenings(9))
    with pytest.raises(NothingFoundError, match="minst 10"):
        look(small)
    small.add_incidents(
        evenings(10), file_name="b.csv", sha256="1" * 64, source="police", receipt={}, now=NOW
    )
    seen = look(small)
    told = seen.hours[seen.hours["level"] >= 0]
    assert told.index.tolist() == [4 * 24 + 20]
    (place,) = seen.places
    assert place.startswith("Gottsunda")
    # The window of three hours reaches into hours of which nothing may be told.
    assert seen.best == ()


def test_ten_reports_from_one_home_are_one_family(small):
    fill(small, evenings(10, apart=0.0))
    with pytest.raises(NothingFoundError):
        look(small)


def test_adults_on_the_spot_close_the_gap_there_and_nowhere_else(small):
    frames = [evenings(30, name=name, hour=h) for h in (20, 21, 22)
              for name in ("Gottsunda centrum", "Stenhagens centrum")]  # fmt: skip
    fill(small, gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=3006))
    before = {
        name: look(small, place=name).hours["gap"][4 * 24 + 20] for name in look(small).places
    }
    assert len(before) == 2
    assert any("Ingen närvaro" in note.sv for note in look(small).notes)
    x, y = coordinates(evenings(1))[0]
    begins = pd.date_range("2026-02-06 20:00", periods=12, freq="7D", tz=TZ).tz_convert("UTC")
    row = {
        "begins": pd.Series(begins),
        "ends": pd.Series(begins + pd.Timedelta(hours=1)),
        "minutes": [60.0] * 12,
        "crew_kind": ["night_walkers"] * 12,
        "source": ["imported"] * 12,
    }
    small.add_presence(points_frame(row, [x] * 12, [y] * 12, 3006), now=NOW)
    after = {name: look(small, place=name).hours["gap"][4 * 24 + 20] for name in before}
    near, far = sorted(before, key=lambda name: "Gottsunda" not in name)
    assert after[near] < 0.7 * before[near]
    assert after[far] == pytest.approx(before[far])
    best = look(small).best
    assert (best[0].place, best[0].start) == (far, 4 * 24 + 20)


def test_a_plan_of_the_week_counts_as_presence_and_is_told_by_place_and_time_only(town):
    best = look(town).best[0]
    place, xy = best.place, coordinates(read_gazetteer())
    places = coarse_places(xy, read_gazetteer())
    called = places.place[places.find(xy)]
    x, y = next(at for at, one in zip(xy, called, strict=True) if places.names[one] == place)
    begins, ends = window_span(WEEK, best.start, best.hours, TZ)
    visit = SimpleNamespace(
        begins=begins, leaves=ends, dwell_min=(ends - begins) / timedelta(minutes=1), x=x, y=y
    )
    route = SimpleNamespace(crew=SimpleNamespace(kind="night_walkers"), visits=(visit,))
    seen = look(town, plans=(SimpleNamespace(routes=(route,)),))
    (other,) = seen.companions
    assert (other.crew_kind, other.place) == ("night_walkers", place)
    assert (other.begins, other.ends) == (begins, ends)
    without, with_plan = (
        look(town, place=place, plans=plans).hours["gap"].sum()
        for plans in ((), (SimpleNamespace(routes=(route,)),))
    )
    assert with_plan < without


def test_a_shift_over_midnight_is_told_in_one_line_a_place_and_another_shift_in_its_own():
    week = Period.parse("2026-W48")
    squares = coarse_places(np.array([[648_100.0, 6_638_100.0]]), read_gazetteer())

    def plan(*times):
        visits = [
            SimpleNamespace(
                begins=at, leaves=at + timedelta(minutes=12), dwell_min=12.0, x=648_100.0,
                y=6_638_100.0,
            )
            for at in (pd.Timestamp(time, tz=TZ).tz_convert("UTC") for time in times)
        ]  # fmt: skip
        crew = SimpleNamespace(kind="police")
        return SimpleNamespace(routes=(SimpleNamespace(crew=crew, visits=visits),))

    shifts = (plan("2026-11-27 20:00", "2026-11-28 01:40"), plan("2026-11-28 01:50"))
    told = [
        tuple(f"{at.astimezone(ZoneInfo(TZ)):%d %H:%M}" for at in (one.begins, one.ends))
        for one in companions_of(shifts, week, squares)
    ]
    assert told == [("27 20:00", "28 01:52"), ("28 01:50", "28 02:02")]


def test_the_usual_presence_is_that_of_whole_local_days_also_over_the_night_of_winter_time():
    begins = pd.Series(pd.date_range("2026-07-01 20:00", "2026-11-20", freq="D", tz=TZ))
    stays = {
        "begins": begins.dt.tz_convert("UTC"),
        "ends": (begins + pd.Timedelta(hours=1)).dt.tz_convert("UTC"),
        "minutes": 60.0,
        "crew_kind": "outreach",
    }
    xy = np.full(len(begins), 648_100.0), np.full(len(begins), 6_638_100.0)
    store = SimpleNamespace(presence=lambda: points_frame(stays, *xy, 3006))
    squares = coarse_places(np.column_stack(xy)[:1], read_gazetteer())
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    week = Period.parse("2026-W48")
    found, span = adults_of_week(store, squares, week, (), now=now, tz=TZ)
    assert span == Period.between("2026-08-28", "2026-11-20")
    # Two adults for an hour each evening, whatever the clock did in October.
    usual, _ = found["outreach"]
    assert usual[0, 4 * 24 + 20] == pytest.approx(120, rel=0.001)
    assert usual.sum() == pytest.approx(7 * 120, rel=0.001)


def test_the_gap_of_a_small_store_is_what_one_reckons_by_hand(small):
    # Seven ordinary weeks, one square: 21 incidents Fridays at 20, 14 Tuesdays at 15, 2 others.
    times = [
        *3 * [*pd.date_range("2026-01-16 20:10", periods=7, freq="7D")],
        *2 * [*pd.date_range("2026-01-13 15:10", periods=7, freq="7D")],
        *pd.to_datetime(["2026-01-12 00:10", "2026-03-01 23:50"]),
    ]
    when = pd.Series(pd.DatetimeIndex(times).tz_localize(TZ).tz_convert("UTC"))
    columns = {
        "occurred_from": when, "category": ["welfare_concern"] * 37, "source": ["outreach"] * 37,
        "owner": ["social"] * 37, "detection": ["reported"] * 37,
    }  # fmt: skip
    x = [648_100.0 + 60 * (at % 4) for at in range(37)]
    fill(small, complete_incidents(points_frame(columns, x, [6_638_100.0] * 37, 3006)))
    # Each Friday from 20 to 21 a pair of night walkers half the time, and the police a third of it.
    fridays = pd.Series(pd.date_range("2026-01-16 20:00", periods=7, freq="7D", tz=TZ))
    for kind, minutes in (("night_walkers", 30.0), ("police", 20.0)):
        row = {
            "begins": fridays.dt.tz_convert("UTC"),
            "ends": fridays.dt.tz_convert("UTC") + pd.Timedelta(hours=1),
            "minutes": minutes, "crew_kind": kind, "source": "imported",
        }  # fmt: skip
        small.add_presence(points_frame(row, x[:1] * 7, [6_638_100.0] * 7, 3006), now=NOW)
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    lens = lens_of(Role.OUTREACH, SETTINGS)
    seen = presence_week(small, SETTINGS, lens, Period.parse("2026-W10"), now=now)
    friday = seen.hours.iloc[4 * 24 + 20]
    # Gamma: 21 in 7 hours, and half an incident at the mean of all hours (37 in 7 weeks): hours so
    # unlike tell little of each other.
    need = (0.5 + 21) / (0.5 / (37 / (7 * 168)) + 7)
    assert friday["need"] == pytest.approx(need, rel=1e-9)
    # Friday 16 January 20:00 to the end of Friday 27 February: six weeks and four hours.
    adult_minutes = 7 * (30 + 20) * 2 / (6 + 4 / 168)
    assert friday["adult_minutes"] == pytest.approx(adult_minutes, rel=1e-9)
    assert friday["gap"] == pytest.approx(need * math.exp(-adult_minutes / 120), rel=1e-9)


def test_walpurgis_night_is_told_to_bring_more_and_does_so_in_its_hours_only(town):
    seen = look(town)
    (night,) = [one for one in seen.happenings if one.occasion.key == "walpurgis"]
    assert night.effect is not None
    assert night.effect.years >= 2
    assert night.effect.lower > 1.5
    plain = look(town, Period.parse("2026-W17")).hours
    ratio = seen.hours["need"] / plain["need"]
    on = np.zeros(168, dtype=bool)
    on[3 * 24 + 9 : 4 * 24 + 5] = True
    assert np.allclose(ratio[on & (plain["level"] >= 0)], night.effect.times)
    assert np.allclose(ratio[~on & (plain["level"] >= 0)], 1.0)


def test_an_own_event_without_earlier_ones_changes_nothing_and_says_so(small):
    frames = [evenings(30, hour=hour) for hour in (20, 21, 22)]
    fill(small, gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=3006))
    week = Period.parse("2026-W19")
    before = look(small, week)
    begins = datetime(2026, 5, 8, 17, tzinfo=UTC)
    small.calendar.add(
        [CalendarEvent("1", "Konsert", "Parken", begins, begins + timedelta(hours=4))],
        name="k.ics", sha256="1", now=NOW,
    )  # fmt: skip
    after = look(small, week)
    small.calendar.add(
        [CalendarEvent(f"{n}", f"Match {n}", "", begins, begins) for n in range(2, 52)],
        name="m.ics", sha256="2", now=NOW,
    )  # fmt: skip
    (imported,) = [one for one in small.calendar.imports() if one.name == "m.ics"]
    crowded = look(small, week)
    assert len(crowded.happenings) == 40
    assert "40 av veckans 51 händelser i kalendern visas, de första." in {
        n.sv for n in crowded.notes
    }
    small.calendar.undo(imported.import_id, now=NOW)
    (happening,) = after.happenings
    assert happening.effect is None
    pd.testing.assert_frame_equal(before.hours, after.hours)
    assert [one.occasion.name.sv for one in after.best[0].occasions] == ["Konsert"]


def test_what_others_recorded_before_and_after_changes_nothing_of_ones_own(small):
    lens = lens_of(Role.OUTREACH, SETTINGS)
    frames = [evenings(30, hour=hour, owner=["social"] * 30) for hour in (20, 21, 22)]
    fill(small, gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=3006))

    def seen():
        week = look(small, lens=lens)
        return week, timeline(small, lens, Filter())

    alone = seen()
    others = evenings(90, name="Resecentrum", owner=["police"] * 90)
    for name in ("occurred_from", "occurred_to"):
        others[name] += pd.Timedelta(days=4)
    small.add_incidents(
        others, file_name="b.csv", sha256="1" * 64, source="police", receipt={}, now=NOW
    )
    beside = seen()
    pd.testing.assert_frame_equal(alone[0].hours, beside[0].hours)
    assert beside[0].as_of == alone[0].as_of
    assert beside[0].need_period == alone[0].need_period
    assert beside[1].edges == alone[1].edges
    assert beside[1].counts == alone[1].counts


def test_the_joint_picture_tells_parts_of_the_day_and_no_more(town, monkeypatch):
    # As a release is read: squares, and a day that is no real one, with its part or without.
    period = Period.between("2025-03-01", "2026-03-01")
    days = pd.date_range("2025-03-01", periods=365, freq="D", tz=TZ)
    begins = pd.Series((days + pd.Timedelta(hours=18)).tz_convert("UTC"))
    length = np.where(np.arange(365) % 5, 6, 24)
    frame = points_frame(
        {
            "occurred_from": begins,
            "occurred_to": begins + pd.to_timedelta(length, unit="h"),
            "category": ["other"] * 365,
            "source": ["outreach"] * 365,
            "owner": ["social"] * 365,
        },
        np.full(365, 647_875.0),
        np.full(365, 6_638_375.0),
        3006,
    )
    released = SimpleNamespace(period=period)
    monkeypatch.setattr(module, "released_answer", lambda *_: released)
    monkeypatch.setattr(module, "seen_incidents", lambda *_: complete_incidents(frame))
    seen = look(town, lens=lens_of(Role.PLANNER, SETTINGS))
    told = seen.hours[seen.hours["level"] >= 0]
    assert set(told["level"]) == {2}
    assert len(told) == 42
    assert told.groupby("group")["need"].nunique().max() == 1
    # All of them, also those without a part of the day: one an evening of six hours.
    assert told["need"].to_numpy() == pytest.approx(1 / 6, rel=0.08)
    assert all(one.effect is None for one in seen.happenings)
    assert (seen.as_of, seen.need_period) == (period.end, period)


def test_a_place_that_cannot_be_chosen_is_refused_without_telling_why(town):
    told = set(look(town).places)
    untold = next(name for name in read_gazetteer()["name"] if name not in told)
    messages = []
    for name in (untold, "Atlantis"):
        with pytest.raises(InvalidInputError, match="finns inte eller har för lite") as problem:
            look(town, place=name)
        messages.append(str(problem.value).replace(name, ""))
    assert messages[0] == messages[1]


def test_an_empty_store_says_that_it_is_empty(small):
    with pytest.raises(NothingFoundError):
        look(small)


@given(st.integers(0, 2**32 - 1))
def test_minutes_are_spread_over_hours_and_none_is_lost(seed):
    rng = np.random.default_rng(seed)
    begins = pd.Series(
        pd.Timestamp("2026-03-27", tz="UTC") + pd.to_timedelta(rng.integers(0, 9e5, 20), unit="s")
    )
    length = pd.to_timedelta(rng.integers(0, 20_000, 20), unit="s")
    minutes = rng.random(20) * 100
    stay, slot, pieces = minutes_by_hour(begins, begins + length, minutes, tz=TZ)
    np.testing.assert_allclose(np.bincount(stay, pieces, minlength=20), minutes)
    first = begins.dt.tz_convert(TZ)
    expected = (first.dt.day_of_week * 24 + first.dt.hour).to_numpy()
    heads = np.flatnonzero(np.r_[True, np.diff(stay) > 0])
    assert (slot[heads] == expected).all()


def test_the_nights_when_the_clock_is_moved_have_their_hours():
    spring = hours_of(Period.parse("2026-W13"), TZ)[1]
    autumn = hours_of(Period.parse("2026-W43"), TZ)[1]
    assert (len(spring), len(autumn)) == (167, 169)
    assert 6 * 24 + 2 not in spring
    assert (autumn == 6 * 24 + 2).sum() == 2
    begins, ends = window_span(Period.parse("2026-W13"), 6 * 24 + 1, 3, TZ)
    assert ends - begins == timedelta(hours=2)
    assert ends.astimezone(ZoneInfo(TZ)).hour == 4


def test_places_are_squares_of_half_a_kilometre_and_named_by_the_nearest_place():
    gazetteer = read_gazetteer()
    rng = np.random.default_rng(3)
    xy = np.array([647_900, 6_638_300]) + rng.normal(0, 3000, (300, 2))
    places = coarse_places(xy, gazetteer)
    at = places.find(xy)
    assert (at >= 0).all()
    assert (np.floor(xy / CELL_M) == places.cells[at]).all()
    assert places.find(np.array([[0.0, 0.0]])).tolist() == [-1]
    assert coarse_places(np.empty((0, 2)), gazetteer).names == ()
    assert len(set(places.names)) == len(places.names)
    far = coarse_places(np.array([[500_000.0, 7_000_000.0]]), gazetteer)
    assert far.place.tolist() == [-1]


def test_the_stricter_floor_holds_for_all_and_a_crew_is_two_adults():
    lens = strict(replace(demo_lens(SETTINGS), min_incidents=12))
    assert (lens.min_incidents, lens.min_places, lens.min_days) == (12, 3, 3)
    assert strict(demo_lens(SETTINGS)).min_incidents == SETTINGS.min_sensitive
    assert math.isclose(ADULTS_PER_CREW, 2)

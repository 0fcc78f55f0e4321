from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.maps import json_text
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import shipped
from riskmiljo.situation import (
    build_situation,
    changes,
    data_end,
    default_period,
    map_layers,
    named_period,
    refresh_zones,
)
from riskmiljo.store import open_store

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SPRING = Period.parse("2026-02-01/2026-05-01")


def build(store, settings, question=None, **options):
    lens = options.pop("lens", demo_lens(settings))
    return build_situation(store, settings, lens, question or Filter(), now=NOW, **options)


def test_without_a_period_the_last_52_weeks_of_the_data_are_meant(store, settings, city) -> None:
    end = data_end(store)
    assert end >= city.incidents["occurred_from"].max()
    period = default_period(store)
    assert period.end == end
    days = (period.local()[1].date() - period.local()[0].date()).days
    assert days == 364
    assert build(store, settings).period == period


def test_the_last_days_are_counted_back_from_the_data_and_not_from_today(store) -> None:
    period = named_period("last-28-days", store)
    assert period.end == data_end(store)
    assert named_period("2026-04", store) == Period.parse("2026-04")
    with pytest.raises(InvalidInputError, match="0"):
        named_period("last-0-days", store)


def test_every_table_speaks_of_the_same_zones(store, settings) -> None:
    situation = build(store, settings)
    ids = set(situation.zones["zone_id"])
    assert {"City", "Resecentrum"} <= set(situation.zones["name"])
    assert set(situation.rhythm.index) == ids
    assert set(situation.trend.index) == ids
    assert {one for zones in situation.areas["zones"] for one in zones} == ids


def test_a_zones_figures_are_those_of_the_incidents_inside_it(store, settings, city) -> None:
    situation = build(store, settings)
    inside = city.incidents[
        (city.incidents["occurred_from"] >= situation.period.start)
        & (city.incidents["occurred_from"] < situation.period.end)
    ]
    for zone in situation.zones.itertuples():
        held = inside[inside.geometry.intersects(zone.geometry)]
        assert zone.events == len(held)
        reported = (held["detection"] == "reported").sum()
        small = min(reported, len(held) - reported) < settings.min_incidents
        assert np.isnan(zone.reported) if small else zone.reported == reported
        assert zone.per_ha_week == pytest.approx(
            len(held) / zone.area_ha / situation.period.weeks, rel=1e-6
        )
        assert situation.rhythm.loc[zone.zone_id].sum() == pytest.approx(len(held))


def test_the_filter_narrows_what_is_counted(store, settings, city) -> None:
    question = Filter.from_query({"category": ["theft"], "weekday": ["5"], "hours": ["18-02"]})
    situation = build(store, settings, question.within(SPRING))
    wanted = city.incidents[
        (city.incidents["category"] == "theft")
        & (city.incidents["occurred_from"] >= SPRING.start)
        & (city.incidents["occurred_from"] < SPRING.end)
    ]
    assert situation.total == question.clock_mask(wanted).sum()


def test_a_zone_below_the_floors_is_withheld_and_said_to_be(store, settings) -> None:
    lens = demo_lens(settings)
    seen = build(store, settings)
    strict = build(store, settings, lens=replace(lens, min_incidents=100))
    assert set(strict.zones["name"]) == set(seen.zones.loc[seen.zones["events"] >= 100, "name"])
    withheld = len(seen.zones) - len(strict.zones)
    assert withheld > 0
    assert any(str(withheld) in note.sv for note in strict.notes)
    hidden = set(seen.zones["name"]) - set(strict.zones["name"])
    drawn = json_text(map_layers(strict, settings, layers=("zones", "areas")))
    assert not any(f'"{name}"' in drawn for name in hidden)


def test_social_data_need_more_incidents_to_be_shown(store, settings, city) -> None:
    social = city.incidents["owner"] == "social"
    lens = replace(demo_lens(settings), owners=frozenset({"social"}))
    open_to_all = build(store, settings, lens=replace(lens, min_sensitive=1)).zones
    usual = build(store, settings, lens=replace(lens, min_sensitive=30)).zones
    assert social.any()
    assert set(usual["name"]) == set(open_to_all.loc[open_to_all["events"] >= 30, "name"])
    assert 0 < len(usual) < len(open_to_all)


def test_another_owners_incidents_are_not_in_a_lens_without_that_owner(
    store, settings, city
) -> None:
    lens = replace(demo_lens(settings), owners=frozenset({"police"}))
    situation = build(store, settings, Filter(period=SPRING), lens=lens)
    mine = city.incidents[city.incidents["owner"] == "police"]
    assert (
        situation.total
        == ((mine["occurred_from"] >= SPRING.start) & (mine["occurred_from"] < SPRING.end)).sum()
    )


def test_two_lenses_never_share_a_remembered_picture(store, settings) -> None:
    lens = demo_lens(settings)
    first = build(store, settings, lens=lens)
    assert build(store, settings, lens=lens) is first
    assert build(store, settings, lens=replace(lens, owners=frozenset({"police"}))) is not first


def test_a_new_name_is_seen_at_once(fresh_store, settings) -> None:
    refresh_zones(fresh_store, settings, now=NOW)
    before = build(fresh_store, settings)
    zone = before.zones.iloc[0]
    fresh_store.rename_zone(zone["zone_id"], "Torget", now=NOW)
    after = build(fresh_store, settings)
    assert after.zones.set_index("zone_id").loc[zone["zone_id"], "name"] == "Torget"


def test_zones_keep_their_number_and_name_from_one_period_to_the_next(
    fresh_store, settings
) -> None:
    earlier = Period.parse("2025-03-01/2026-03-01")
    first = refresh_zones(fresh_store, settings, now=NOW, period=earlier)
    second = refresh_zones(fresh_store, settings, now=NOW)
    ids = dict(zip(first["name"], first["zone_id"], strict=True))
    for name in ("City", "Resecentrum"):
        assert second.set_index("name").loc[name, "zone_id"] == ids[name]
        assert second.set_index("name").loc[name, "first_seen"] == earlier.start
    assert sum(changes(second).values()) == len(second)


def test_no_drawn_point_lies_on_an_incident(store, settings, city) -> None:
    situation = build(store, settings)
    points = coordinates(city.incidents)
    corners = situation.zones.geometry.get_coordinates().to_numpy()
    nearest = np.array([np.hypot(*(points - corner).T).min() for corner in corners])
    # Outlines follow the surface: none of their corners is an incident's place.
    assert (nearest > 0.01).all()


def test_what_nothing_matches_is_said_and_not_drawn(store, settings) -> None:
    said = "för 1 januari 2019 till 31 december 2019 med detta filter"
    with pytest.raises(NothingFoundError, match=said):
        build(store, settings, Filter(period=Period.parse("2019")))
    day = Filter(period=Period.parse("2019-03-02"))
    with pytest.raises(NothingFoundError, match="för 2 mars 2019 med") as refused:
        build(store, settings, day)
    assert "for 2 March 2019 with" in refused.value.message.en


def test_few_incidents_give_a_note_instead_of_zones(store, settings) -> None:
    one_day = Filter(period=Period.parse("2026-04-14"), categories=("robbery", "weapon", "threat"))
    situation = build(store, settings, one_day)
    assert situation.zones.empty
    assert situation.areas.empty
    assert any("Inga riskzoner" in note.sv for note in situation.notes)
    # Where the map opens would tell where these few happened.
    assert 0 < situation.total < 5
    assert situation.surface is None
    assert map_layers(situation, settings)["view"]["bounds"] == list(settings.area_bbox)


def test_an_empty_store_says_how_to_fill_it(tmp_path, settings) -> None:
    with (
        open_store(f"sqlite:///{tmp_path}/empty.sqlite") as empty,
        pytest.raises(NothingFoundError, match="riskmiljo import"),
    ):
        build(empty, settings)


@pytest.mark.parametrize("teams", [0, -1])
def test_a_shift_needs_a_team(store, settings, teams: int) -> None:
    with pytest.raises(InvalidInputError):
        build(store, settings, teams=teams)


def test_the_shift_changes_what_is_expected_and_not_where_the_zones_are(store, settings) -> None:
    evening = build(store, settings, shift=Shift.parse("2026-05-08 18:00/02:00"))
    morning = build(store, settings, shift=Shift.parse("2026-05-11 06:00/14:00"))
    assert evening.areas["expected"].sum() > morning.areas["expected"].sum()
    assert evening.zones["zone_id"].tolist() == morning.zones["zone_id"].tolist()


def test_the_map_of_the_same_situation_is_the_same_to_the_byte(store, settings) -> None:
    first = json_text(map_layers(build(store, settings), settings))
    assert first == json_text(map_layers(build(store, settings), settings))


def test_a_loaded_street_network_decides_the_distances(fresh_store, settings) -> None:
    without = build(fresh_store, settings)
    assert without.areas.attrs["distance"] == "straight"
    assert any("fågelvägen" in note.sv for note in without.notes)
    lines = read_streets(shipped("data", "streets.geojson")).lines()
    fresh_store.save_streets(lines, source="prov", now=NOW)
    loaded = build(fresh_store, settings)
    assert loaded.areas.attrs["distance"] == "streets"
    assert not any("Inget gatunät" in note.sv for note in loaded.notes)


def test_a_wrong_number_of_teams_is_refused_even_when_there_are_no_zones(store, settings) -> None:
    one_day = Filter(period=Period.parse("2026-04-14"), categories=("robbery",))
    with pytest.raises(InvalidInputError, match="lag"):
        build(store, settings, one_day, teams=0)


def test_how_surely_a_zone_is_one_is_kept_and_shown_where_it_holds(fresh_store, settings) -> None:
    kept = refresh_zones(fresh_store, settings, now=NOW)
    parameters = fresh_store.zones().attrs["parameters"]
    assert parameters["bootstraps"] == 20
    assert "police" in parameters["owners"]
    assert kept["stability"].between(0, 1).all()
    shown = build(fresh_store, settings).zones
    known = kept.set_index("zone_id")["stability"].reindex(shown["zone_id"])
    assert shown["stability"].to_list() == known.to_list()
    # It does not hold for another period or a part of the incidents.
    for other in (Filter(period=SPRING), Filter(categories=("violence",))):
        assert build(fresh_store, settings, other).zones["stability"].isna().all()


def test_how_sure_a_zone_is_rests_on_the_incidents_of_who_asks(fresh_store, settings) -> None:
    refresh_zones(fresh_store, settings, now=NOW)
    police = replace(demo_lens(settings), owners=frozenset({"police"}))
    own = fresh_store.zones(owners=police.owners).set_index("zone_id")["stability"]
    shown = build(fresh_store, settings, lens=police).zones
    assert len(shown)
    assert shown["stability"].tolist() == own.reindex(shown["zone_id"]).tolist()
    # Of these two nothing is kept.
    both = replace(police, owners=frozenset({"police", "municipality"}))
    assert build(fresh_store, settings, lens=both).zones["stability"].isna().all()

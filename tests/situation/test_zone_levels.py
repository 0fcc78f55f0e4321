"""Micro-places, categories and history as a lens shows them: no small count can be reckoned."""

from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.access.lens import demo_lens
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation import build_situation, map_layers, refresh_zones
from riskmiljo.situation.category_mix import REST, category_mix
from riskmiljo.situation.micro_places import told_micro_places
from riskmiljo.situation.zone_story import former_zones, history_of, zone_story
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LENS = demo_lens(Settings())
TZ = "Europe/Stockholm"
SQUARES = np.array([[647_800.0, 6_638_600.0], [647_930.0, 6_638_540.0], [647_710.0, 6_638_760.0]])


def incidents_at(xy, categories="theft", *, seed=0, precision_m=None):
    """One incident a point, each on a day of its own, the last before the beginning of May."""
    days = pd.to_timedelta(np.arange(len(xy)) % 300 + 4, unit="D")
    columns = {
        "occurred_from": pd.Series(pd.Timestamp("2026-05-04 10:00", tz="UTC") - days),
        "category": np.resize(np.asarray(categories, dtype=object), len(xy)),
        "owner": "police",
        "source": "police",
        "incident_id": [f"{seed}-{i}" for i in range(len(xy))],
    }
    if precision_m is not None:
        columns["precision_m"] = precision_m
    return complete_incidents(points_frame(columns, xy[:, 0], xy[:, 1], 3006))


def parts(counts):
    """A zone of three places and what lies between them, with so many incidents in each."""
    spots = np.array([[100.0, 100.0], [400.0, 100.0], [100.0, 400.0], [400.0, 400.0]])
    rng = np.random.default_rng(sum(counts))
    # Squares of 50 m with room for several places each.
    xy = np.concatenate(
        [s + rng.uniform(-90, 90, (n, 2)) for s, n in zip(spots, counts, strict=True)]
    )
    inside = incidents_at(xy)
    micro = gpd.GeoDataFrame(
        {
            "zone_id": ["a", "b", "c"],
            "name": ["A", "B", "C"],
            "parent_id": "z",
            **{name: np.asarray(counts[:3], dtype=float) for name in ("events", "incidents")},
            "reported": 1,
            "discovered": 1,
            "places": 4,
            "days": 4,
            "area_ha": 4.0,
            "per_ha_week": np.asarray(counts[:3]) / 4.0,
            "share": np.asarray(counts[:3]) / 100,
        },
        geometry=[shapely.box(x - 95, y - 95, x + 95, y + 95) for x, y in spots[:3]],
        crs=3006,
    )
    return micro, inside, pd.Series("z", index=inside.index)


@given(st.tuples(*[st.integers(0, 30)] * 4).filter(lambda counts: sum(counts) >= 5))
def test_what_is_left_of_a_zone_beside_its_told_places_is_never_small(counts):
    told = told_micro_places(*parts(counts), LENS, tz=TZ)
    counted = told["events"].dropna()
    rest = sum(counts) - counted.sum()
    assert rest == 0 or rest >= LENS.min_incidents
    assert (counted >= LENS.min_incidents).all()
    # What a count could be reckoned from is gone with it; the shape and the name stay.
    hidden = told["events"].isna()
    for name in ("incidents", "per_ha_week", "share", "places", "days"):
        assert told[name].isna().equals(hidden)
    assert told["reported"].isna().all()
    assert told["area_ha"].notna().all()


def test_the_smallest_place_loses_its_count_and_the_others_keep_theirs():
    told = told_micro_places(*parts((30, 12, 20, 3)), LENS, tz=TZ).set_index("name")["events"]
    assert told["A"] == 30
    assert told["C"] == 20
    assert np.isnan(told["B"])
    whole = told_micro_places(*parts((30, 12, 20, 25)), LENS, tz=TZ)
    assert whole["events"].tolist() == [30, 12, 20]


def test_places_in_zones_that_are_not_shown_are_not_shown():
    micro, inside, belongs = parts((30, 12, 20, 25))
    assert told_micro_places(micro.assign(parent_id="y"), inside, belongs, LENS, tz=TZ).empty
    assert told_micro_places(micro[:0], inside, belongs, LENS, tz=TZ).empty


@given(st.lists(st.integers(1, 25), min_size=1, max_size=6).filter(lambda n: sum(n) >= 5))
def test_no_category_below_the_minimum_can_be_reckoned(counts):
    names = ["theft", "violence", "alcohol", "narcotics", "threat", "weapon"][: len(counts)]
    rng = np.random.default_rng(sum(counts))
    inside = incidents_at(rng.uniform(0, 500, (sum(counts), 2)), np.repeat(names, counts))
    mix = category_mix(inside, LENS, tz=TZ)
    assert mix["events"].sum() == sum(counts)
    assert mix["share"].sum() == pytest.approx(1.0)
    true = dict(zip(names, counts, strict=True))
    told = mix[mix["category"] != REST]
    assert all(true[row.category] == row.events for row in told.itertuples())
    assert (mix["events"] >= LENS.min_incidents).all() or len(told) == 0
    together = set(names) - set(told["category"])
    # One category alone under another name would be told after all.
    assert len(together) != 1 or len(told) == 0
    assert (told["events"] >= LENS.min_incidents).all()


def test_welfare_concerns_need_the_higher_count_in_the_mix_too():
    xy = np.random.default_rng(5).uniform(0, 500, (68, 2))
    named = np.repeat(["theft", "violence", "welfare_concern"], [40, 20, 8])
    mix = category_mix(incidents_at(xy, named), LENS, tz=TZ)
    assert mix["category"].tolist() == ["theft", REST]
    assert mix["events"].tolist() == [40, 28]


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """A town of three squares close together, and little else."""
    rng = np.random.default_rng(1)
    addresses = SQUARES[:, None, :] + rng.normal(0, 22, (3, 25, 2))
    xy = np.concatenate(
        [spot[rng.integers(0, 25, n)] for spot, n in zip(addresses, (700, 560, 390), strict=True)]
    )
    elsewhere = SQUARES[0] + rng.uniform(-3000, 3000, (300, 2))
    settings = Settings()
    path = tmp_path_factory.mktemp("torg") / "t.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        store.add_incidents(
            incidents_at(np.concatenate([xy, elsewhere]), ["theft", "violence", "alcohol"]),
            file_name="torg",
            sha256="0" * 64,
            source="police",
            receipt={},
            now=NOW,
        )
        refresh_zones(store, settings, now=NOW)
        yield store


def build(store, lens=LENS):
    return build_situation(store, Settings(), lens, Filter(), now=NOW)


def test_a_square_within_the_city_is_a_place_of_its_zone(squares):
    situation = build(squares)
    assert (situation.zones["parent_id"] == "").all()
    micro = situation.micro_places
    assert len(micro) == 3
    zone = situation.zones.set_index("zone_id").loc[micro["parent_id"].iloc[0]]
    assert (micro["parent_id"] == zone.name).all()
    assert micro.within(zone.geometry).all()
    centres = shapely.points(SQUARES)
    assert all(micro.geometry.distance(centre).min() == 0 for centre in centres)
    assert micro["events"].sum() <= zone["events"]
    layer = next(one for one in map_layers(situation, Settings())["layers"] if one["id"] == "zones")
    assert [one["properties"]["events"] for one in layer["micro_places"]] == sorted(
        micro["events"], reverse=True
    )


def test_a_place_below_the_floors_of_a_lens_is_not_there(squares):
    seen = build(squares).micro_places
    least = int(seen["events"].sort_values().iloc[1])
    strict = build(squares, replace(LENS, min_incidents=least)).micro_places
    assert set(strict["zone_id"]) == set(seen.loc[seen["events"] >= least, "zone_id"])


def test_the_story_tells_of_no_single_place_or_day(squares):
    situation = build(squares)
    zone_id = situation.micro_places["parent_id"].iloc[0]
    story = zone_story(situation, squares, zone_id)
    told = " ".join(line.en for line in story.lines)
    assert "busiest" not in told
    assert "cease" in told
    assert story.mix["events"].sum() == story.zone["events"]


def test_a_kept_count_is_held_to_the_floors_of_places_and_days_too(squares):
    zone_id = build(squares).zones["zone_id"].iloc[0]
    kept = history_of(zone_id, squares, LENS)
    assert kept["events"].notna().all()
    for floors in ({"min_places": 10_000}, {"min_days": 10_000}, {"min_sensitive": 10_000}):
        assert history_of(zone_id, squares, replace(LENS, **floors))["events"].isna().all()
    # All of them are the police's: so is what is kept of them.
    police, social = (replace(LENS, owners=frozenset({owner})) for owner in ("police", "social"))
    pd.testing.assert_frame_equal(history_of(zone_id, squares, police), kept)
    assert history_of(zone_id, squares, social).empty
    assert history_of("z-none", squares, LENS).empty


def test_a_wider_smoothing_than_usual_is_said(squares, tmp_path):
    assert not any("utjämning" in note.sv for note in build(squares).notes)
    settings = Settings()
    xy = SQUARES[0] + np.random.default_rng(3).normal(0, 150, (400, 2))
    with open_store(f"sqlite:///{tmp_path}/grov.sqlite") as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        store.add_incidents(
            incidents_at(xy, precision_m=300.0),
            file_name="grov",
            sha256="1" * 64,
            source="police",
            receipt={},
            now=NOW,
        )
        notes = build(store).notes
    assert any("300 meters utjämning i stället för 175" in note.sv for note in notes)


def test_a_zone_that_has_ceased_is_told_of_to_who_may_read_its_incidents(tmp_path):
    settings = Settings()
    rng = np.random.default_rng(4)
    far = SQUARES[0] + 3000.0
    with open_store(f"sqlite:///{tmp_path}/upphord.sqlite") as store:
        assert former_zones(store, LENS) == []
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        both = np.concatenate([rng.normal(spot, 60, (150, 2)) for spot in (SQUARES[0], far)])
        incidents = incidents_at(rng.permutation(both))
        late = incidents["occurred_from"] >= pd.Timestamp("2026-01-01", tz="UTC")
        only_here = incidents.geometry.distance(shapely.Point(SQUARES[0])) < 1500
        store.add_incidents(
            incidents[~late | only_here],
            file_name="a",
            sha256="2" * 64,
            source="police",
            receipt={},
            now=NOW,
        )
        for period in ("2025-07-01/2026-01-01", "2026-01-01/2026-05-01"):
            refresh_zones(store, settings, now=NOW, period=Period.parse(period))
        [(zone_id, _name)] = former_zones(store, LENS)
        kept = history_of(zone_id, store, LENS)
        assert kept["status"].tolist()[-1] == "ceased"
        assert kept["events"].notna().tolist() == [True, False]
        assert former_zones(store, replace(LENS, owners=frozenset({"police"}))) == [
            (zone_id, _name)
        ]
        assert former_zones(store, replace(LENS, owners=frozenset({"social"}))) == []
        assert former_zones(store, replace(LENS, scope="joint")) == []

"""Kept zones rest on the incidents of whoever may read them, and on none that are gone."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation import (
    add_operation,
    build_situation,
    refresh_zones,
    standing,
    zone_history,
    zone_warnings,
)
from riskmiljo.situation.operation_cards import zones_to_choose
from riskmiljo.situation.planner import zone_news
from riskmiljo.situation.zone_runs import KIND, repeat_search
from riskmiljo.situation.zone_story import former_zones, history_of, places_of
from riskmiljo.store import Area, open_store
from riskmiljo.store.drawn import DrawnChange

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TZ = "Europe/Stockholm"
SETTINGS = Settings()
LENS = demo_lens(SETTINGS)
POLICE = lens_of(Role.POLICE, SETTINGS)
OUTREACH = lens_of(Role.OUTREACH, SETTINGS)
PLANNER = lens_of(Role.PLANNER, SETTINGS)
SPOTS = np.array([[647_800.0, 6_638_600.0], [648_900.0, 6_639_300.0], [646_900.0, 6_637_500.0]])


def around(spot, number, *, seed, weeks, end="2026-05-04", spread_m=45):
    """Incidents at some addresses around a spot, over the weeks before a day."""
    rng = np.random.default_rng(seed)
    addresses = spot + rng.normal(0, spread_m, (20, 2))
    xy = addresses[rng.integers(0, 20, number)]
    back = rng.uniform(0, weeks * 7 - 1, number)
    return xy, pd.Timestamp(end, tz="UTC") - pd.to_timedelta(back, unit="D").round("s")


def incidents_of(owner, parts, *, name):
    xy = np.concatenate([xy for xy, _ in parts])
    times = pd.Series(np.concatenate([times.to_numpy() for _, times in parts]))
    columns = {
        "occurred_from": pd.to_datetime(times, utc=True),
        "category": np.resize(np.array(["theft", "violence"], dtype=object), len(xy)),
        "owner": owner,
        "source": {"police": "police", "social": "outreach"}[owner],
        "incident_id": [f"{name}-{at}" for at in range(len(xy))],
    }
    return complete_incidents(points_frame(columns, xy[:, 0], xy[:, 1], 3006))


def background(number, *, seed, weeks):
    rng = np.random.default_rng(seed)
    xy = SPOTS[0] + rng.uniform(-4000, 4000, (number, 2))
    back = pd.to_timedelta(rng.uniform(0, weeks * 7 - 1, number), unit="D").round("s")
    return xy, pd.Timestamp("2026-05-04", tz="UTC") - back


@pytest.fixture(scope="module")
def of_police():
    # The second spot goes quiet before the last year begins: its zone ceases in the end.
    parts = [
        around(SPOTS[0], 500, seed=1, weeks=60),
        around(SPOTS[1], 160, seed=2, weeks=20, end="2025-04-20"),
        background(450, seed=3, weeks=60),
    ]
    return incidents_of("police", parts, name="p")


@pytest.fixture(scope="module")
def of_outreach():
    # In the midst of the police's zone, in one of its own, and later than any other incident.
    parts = [
        around(SPOTS[0] + 120, 600, seed=4, weeks=60, end="2026-05-09"),
        around(SPOTS[2], 400, seed=5, weeks=60, end="2026-05-09"),
        background(300, seed=6, weeks=60),
    ]
    return incidents_of("social", parts, name="s")


def add(store, incidents, name, *, now=NOW):
    result = store.add_incidents(
        incidents, file_name=name, sha256=name * 64, source="police", receipt={}, now=now
    )
    return result.batch_id


def new_store(path):
    store = open_store(f"sqlite:///{path}")
    store.set_area(Area(SETTINGS.area_name, SETTINGS.area_bbox, SETTINGS.epsg, SETTINGS.timezone))
    return store


def search(store, *, now=NOW, **more):
    return refresh_zones(store, SETTINGS, now=now, bootstraps=0, **more)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, of_police, of_outreach):
    """Both owners' incidents, searched three times."""
    with new_store(tmp_path_factory.mktemp("bada") / "s.sqlite") as store:
        add(store, of_police, "p")
        add(store, of_outreach, "s")
        for weeks in (36, 8, 0):
            search(store, weeks_earlier=weeks)
        yield store


@pytest.fixture(scope="module")
def alone(tmp_path_factory, of_police):
    """The same without outreach's."""
    with new_store(tmp_path_factory.mktemp("ensam") / "s.sqlite") as store:
        add(store, of_police, "p")
        for weeks in (36, 8, 0):
            search(store, weeks_earlier=weeks)
        yield store


def seen_by_police(store):
    """All that rests on kept zones, as the police see it."""
    situation = build_situation(store, SETTINGS, POLICE, Filter(), now=NOW, teams=1)
    history = zone_history(store, POLICE)
    return {
        "kept": store.zones(owners=POLICE.owners, levels=2),
        "zones": situation.zones,
        "places": situation.micro_places,
        "period": situation.period,
        "as_of": situation.as_of,
        "history": history,
        "of_each": [places_of(zone_id, store, POLICE) for zone_id in history["zone_id"].unique()],
        "former": former_zones(store, POLICE),
        "news": zone_news(store, POLICE, tz=TZ),
        "to_choose": zones_to_choose(store, SETTINGS, POLICE, now=NOW),
        "warnings": zone_warnings(store, SETTINGS, POLICE, Filter(), now=NOW).zones,
    }


def assert_same(one, other):
    if isinstance(one, gpd.GeoDataFrame):
        assert_geodataframe_equal(one, other)
    elif isinstance(one, pd.DataFrame):
        # Sets are numbered through: how many others have is none of anyone's business.
        assert_same(
            *(
                frame.drop(columns="set_id", errors="ignore").to_dict("list")
                for frame in (one, other)
            )
        )
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert_same(value, other[key])
    else:
        assert one == other or (one != one and other != other)  # noqa: PLR0124 - NaN


def test_what_the_police_see_is_the_same_without_the_incidents_of_outreach(shared, alone):
    told = seen_by_police(shared)
    for name, value in seen_by_police(alone).items():
        assert_same(told[name], value)
    # And it is something: zones with a history, news of one that ceased, and zones to tick.
    assert len(told["history"]) > 3
    assert len(told["former"]) == 1
    assert told["news"].since is not None
    assert told["to_choose"]


def test_each_follows_zones_of_their_own_and_the_joint_picture_none(shared):
    sets = {
        lens.role: set(shared.zones(owners=lens.owners)["zone_id"]) for lens in (POLICE, OUTREACH)
    }
    outside = shared.zones(owners=OUTREACH.owners)
    reach = outside.geometry.distance(gpd.points_from_xy(*SPOTS[2:].T, crs=3006)[0]) == 0
    # Where outreach alone has been, the police know of no zone.
    assert reach.sum() == 1
    assert outside.loc[reach, "zone_id"].iloc[0] not in sets[Role.POLICE]
    assert history_of(outside.loc[reach, "zone_id"].iloc[0], shared, POLICE).empty
    joint = replace(POLICE, scope="joint")
    for lens in (PLANNER, joint):
        assert standing.kept_zones(shared, lens) is None
        assert former_zones(shared, lens) == []
        assert zone_news(shared, lens, tz=TZ).zones == ()


def test_a_zone_of_others_can_be_neither_renamed_nor_entered_nor_compared_with(shared):
    outside = shared.zones(owners=OUTREACH.owners)
    known = set(shared.zone_history(owners=POLICE.owners)["zone_id"])
    secret = next(one for one in outside["zone_id"] if one not in known)
    name = outside.set_index("zone_id").loc[secret, "name"]
    with pytest.raises(NothingFoundError):
        shared.rename_zone(secret, "Parken", now=NOW, owners=POLICE.owners)
    names = set(shared.zones(owners=POLICE.owners)["name"])
    for word in (secret, *({str(name)} - names)):
        with pytest.raises(InvalidInputError) as refused:
            add_operation(
                shared, SETTINGS, name="x", period=("2026-01-01", "2026-02-01"), zones=[word],
                now=NOW, lens=POLICE,
            )  # fmt: skip
        told = refused.value.message.sv
        assert not any(str(other) in told for other in set(outside["name"]) - names - {word})


def copy_of(store, folder):
    return open_store(f"sqlite:///{shutil.copy(store.maintenance.path, folder / 'kopia.sqlite')}")


def sets_of(store, lens):
    return list(store.zone_history(owners=lens.owners)["period_end"].unique())


def test_a_name_and_a_drawn_zone_go_from_set_to_set(alone, tmp_path):
    with copy_of(alone, tmp_path) as store:
        zone_id = store.zones(owners=POLICE.owners)["zone_id"].iloc[0]
        for lens in (POLICE, LENS):
            store.rename_zone(zone_id, "Torget", now=NOW, owners=lens.owners)
        drawn = gpd.GeoDataFrame(
            {"zone_id": ["r1"], "name": ["Min plats"]},
            geometry=[shapely.Point(SPOTS[1]).buffer(150)],
            crs=3006,
        )
        for lens in (POLICE, LENS):
            store.drawn_zones.make(DrawnChange(NOW, lens.owners, zones=drawn))
        search(store)
        for lens in (POLICE, LENS):
            named = store.zones(owners=lens.owners).set_index("zone_id")["name"]
            assert (named[zone_id], named["r1"]) == ("Torget", "Min plats")


# --- what is gone is gone from the zones too


def test_no_set_rests_on_incidents_that_were_undone(alone, tmp_path, of_outreach):
    later = NOW + timedelta(hours=1)
    with copy_of(alone, tmp_path) as store:
        batch = add(store, of_outreach, "s", now=later)
        search(store, now=later)
        before = store.zones(owners=POLICE.owners)
        assert store.zones(owners=OUTREACH.owners) is not None
        store.undo_batch(batch, now=later)
        # The police lost nothing by it; what rested on the other's incidents is not there.
        assert_geodataframe_equal(store.zones(owners=POLICE.owners), before)
        made = store.zone_history(owners=POLICE.owners)["set_id"]
        assert len(made.unique()) == 4
        assert store.zones(owners=OUTREACH.owners) is None
        every = store.zone_history()
        assert len(every["set_id"].unique()) == 3
        assert (every["created_at"] == pd.Timestamp(NOW)).all()
        assert store.verify_audit() == []


def test_what_another_file_delivered_too_keeps_its_sets(alone, tmp_path, of_police):
    with copy_of(alone, tmp_path) as store:
        first = store.batches()["batch_id"].iloc[0]
        add(store, of_police, "q")
        assert store.undo_batch(int(first), now=NOW) == 0
        assert sets_of(store, POLICE) == sets_of(alone, POLICE)


def test_a_search_that_an_undo_overtakes_keeps_nothing_of_it(
    alone, tmp_path, of_outreach, monkeypatch
):
    later = NOW + timedelta(hours=1)
    with copy_of(alone, tmp_path) as store:
        batch = add(store, of_outreach, "s", now=later)
        found = standing.zones_of
        calls = []

        def overtaken(incidents, **asked):
            calls.append(len(incidents))
            zones = found(incidents, **asked)
            if len(calls) == 1:
                store.undo_batch(batch, now=later)
            return zones

        monkeypatch.setattr(standing, "zones_of", overtaken)
        kept = search(store, now=later)
        # Found once more in what was left, and the police's own are the very same.
        assert len(calls) == 2
        assert calls[1] < calls[0]
        own, whole = (store.zones(owners=lens.owners) for lens in (POLICE, LENS))
        assert kept["events"].tolist() == own["events"].tolist() == whole["events"].tolist()
        assert kept.geometry.to_wkt().tolist() == own.geometry.to_wkt().tolist()
        assert store.zones(owners=OUTREACH.owners) is None


def test_a_purge_takes_the_sets_of_what_it_takes(alone, tmp_path):
    with copy_of(alone, tmp_path) as store:
        ends = sets_of(store, POLICE)
        assert len(ends) == 3
        gone = store.maintenance.purge(ends[0].to_pydatetime(), now=NOW)
        assert gone.zone_sets == 2
        for lens in (POLICE, LENS):
            assert sets_of(store, lens) == ends[1:]


# --- the places within the zones


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """Three squares in one zone; the third comes to life in November."""
    spots = SPOTS[0] + np.array([[0.0, 0.0], [130.0, -60.0], [-90.0, 160.0]])
    parts = [
        around(spots[0], 700, seed=7, weeks=100, spread_m=22),
        around(spots[1], 560, seed=8, weeks=100, spread_m=22),
        around(spots[2], 300, seed=9, weeks=24, spread_m=22),
        background(300, seed=10, weeks=100),
    ]
    with new_store(tmp_path_factory.mktemp("torg") / "s.sqlite") as store:
        add(store, incidents_of("police", parts, name="t"), "t")
        for weeks in (30, 0):
            search(store, weeks_earlier=weeks)
        yield store


def test_the_places_within_a_zone_are_followed_like_the_zone(squares):
    zone_id = squares.zones()["zone_id"].iloc[0]
    told = places_of(zone_id, squares, POLICE)
    first, second = (rows for _, rows in told.groupby("set_id"))
    assert (first["status"] == "").all()
    lasting = second[second["status"] != "new"]
    assert set(first["zone_id"]) == set(lasting["zone_id"]) != set(second["zone_id"])
    came = second[second["status"] == "new"]
    assert (came["first_seen"] == came["period_start"]).all()
    assert (lasting["first_seen"] < lasting["period_start"]).all()
    # The picture of today has the same places, under the same ids and names.
    shown = build_situation(squares, SETTINGS, POLICE, Filter(), now=NOW, teams=1).micro_places
    assert set(shown["zone_id"]) == set(second["zone_id"])
    assert dict(zip(shown["zone_id"], shown["name"], strict=True)) == dict(
        zip(second["zone_id"], second["name"], strict=True)
    )
    # A count beside the zone's own would tell what is left of it.
    assert not {"events", "incidents", "per_ha_week"} & set(told.columns)


def test_a_place_below_the_floors_is_not_told_of_in_any_set(squares):
    zone_id = squares.zones()["zone_id"].iloc[0]
    every = squares.zone_history()
    least = int(every.loc[every["parent_id"] == zone_id, "events"].max())
    assert len(places_of(zone_id, squares, replace(POLICE, min_sensitive=least))) == 1
    assert places_of(zone_id, squares, replace(POLICE, min_sensitive=least + 1)).empty
    assert places_of(zone_id, squares, OUTREACH).empty
    assert places_of(zone_id, squares, replace(POLICE, scope="joint")).empty


def test_a_place_that_is_gone_has_ceased_in_the_first_set_without_it(squares, tmp_path):
    zone_id = squares.zones()["zone_id"].iloc[0]
    both = squares.zones(levels=2)
    gone = both["zone_id"][both["parent_id"] != ""].iloc[-1]
    with copy_of(squares, tmp_path) as store:
        left = both[both["zone_id"] != gone].reset_index(drop=True)
        left.attrs = {}
        start, end = (datetime.fromisoformat(moment) for moment in both.attrs["period"])
        store.save_zones(left, parameters={}, period=Period(start, end), now=NOW)
        rows = places_of(zone_id, store, LENS)
        assert rows.loc[rows["zone_id"] == gone, "status"].iloc[-1] == "ceased"
        assert (history_of(zone_id, store, LENS)["status"] != "ceased").all()
        assert gone not in set(zone_history(store, LENS)["zone_id"])


# --- how sure they are, as a run of its own


def test_a_repeated_search_is_kept_with_what_is_needed_to_make_it_again(alone):
    spring = Filter.from_query({"category": ["theft"]}, tz=TZ)
    situation = build_situation(alone, SETTINGS, POLICE, spring, now=NOW, teams=1)
    assert situation.zones["stability"].isna().all()
    run, again = (
        repeat_search(situation, alone, SETTINGS, bootstraps=3, now=NOW) for _ in range(2)
    )
    assert run.zones["stability"].between(0, 1).all()
    assert run.zones["stability"].tolist() == again.zones["stability"].tolist()
    kept = alone.results.latest(KIND)
    assert kept.result_id == again.result_id > run.result_id
    assert kept.parameters["bootstraps"] == 3
    assert ["category", "theft"] in kept.parameters["filter"]
    assert kept.parameters["seed"] == 0
    assert [zone["stability"] for zone in kept.body["zones"]] == run.zones["stability"].tolist()
    with pytest.raises(InvalidInputError):
        repeat_search(situation, alone, SETTINGS, bootstraps=-1, now=NOW)

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.tables import ZONE_COLUMNS, ZONE_DETAIL_COLUMNS
from riskmiljo.zones import assign_zones, find_zones
from riskmiljo.zones.counting import rate_interval


@pytest.fixture
def zone_at(city):
    def at(zones, x, y):
        found = zones[zones.contains(shapely.Point(city.centre + np.array([x, y])))]
        assert len(found) == 1
        return found.iloc[0]

    return at


def test_each_spot_is_a_zone_of_its_own_and_the_rest_is_none(three_spots, zone_at):
    zones = find_zones(three_spots)
    assert len(zones) == 3
    assert zones["events"].is_monotonic_decreasing
    for (x, y), number in (((0, 0), 400), ((520, 0), 200), ((-1500, 900), 100)):
        assert zone_at(zones, x, y)["events"] == pytest.approx(number, rel=0.12)


def test_every_column_of_the_contract_is_filled(three_spots):
    zones = find_zones(complete_incidents(three_spots))
    assert set(zones.columns) == {*ZONE_COLUMNS, *ZONE_DETAIL_COLUMNS}
    assert zones.crs.to_epsg() == 3006
    filled = zones.drop(columns=["stability", "parent_id", "status", "peak_share"])
    assert not filled.isna().any().any()
    assert zones["stability"].isna().all()
    assert (zones["parent_id"] == "").all()
    assert (zones["status"] == "").all()
    assert zones["zone_id"].is_unique
    assert str(zones["first_seen"].dtype) == "datetime64[us, UTC]"


def test_the_counts_are_those_of_the_incidents_inside_the_outline(three_spots):
    rng = np.random.default_rng(3)
    three_spots["weight"] = rng.uniform(0.5, 2, len(three_spots))
    three_spots["detection"] = rng.choice(["reported", "discovered", "unknown"], len(three_spots))
    zones = find_zones(three_spots, period=("2025-01-01", "2026-01-01"))
    for zone in zones.itertuples():
        inside = three_spots[three_spots.intersects(zone.geometry)]
        local = inside["occurred_from"].dt.tz_convert("Europe/Stockholm")
        squares = np.unique(np.floor(coordinates(inside) / 50), axis=0)
        assert zone.events == len(inside)
        assert zone.incidents == pytest.approx(inside["weight"].sum())
        assert zone.reported == (inside["detection"] == "reported").sum()
        assert zone.discovered == (inside["detection"] == "discovered").sum()
        assert zone.days == local.dt.date.nunique()
        assert zone.places == len(squares)
        assert zone.area_ha == pytest.approx(zone.geometry.area / 1e4)
        assert zone.per_ha_week == pytest.approx(zone.incidents / zone.area_ha / (365 / 7))
        assert zone.share == pytest.approx(zone.incidents / three_spots["weight"].sum())


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), spots=st.integers(1, 8), noise=st.integers(0, 2000))
@example(seed=761, spots=4, noise=0)
def test_outlines_are_simple_polygons_that_never_overlap(city, seed, spots, noise):
    rng = np.random.default_rng(seed)
    parts = [
        city.spot(rng, *rng.uniform(-900, 900, 2), int(rng.integers(60, 500)), rng.uniform(40, 160))
        for _ in range(spots)
    ]
    zones = find_zones(city.incidents_at(np.concatenate([*parts, city.background(rng, noise)])))
    assert (zones.geom_type == "Polygon").all()
    assert zones.is_valid.all()
    assert (shapely.get_num_interior_rings(zones.geometry.to_numpy()) == 0).all()
    # Readable: a handful of corners, no slivers.
    assert (shapely.get_num_coordinates(zones.geometry.to_numpy()) < 80).all()
    assert (4 * np.pi * zones.area / zones.length**2 > 0.25).all()
    for i in range(len(zones)):
        for j in range(i):
            assert zones.geometry.iloc[i].intersection(zones.geometry.iloc[j]).area == 0


def test_no_corner_of_an_outline_is_the_place_of_an_incident(three_spots):
    zones = find_zones(three_spots)
    corners = shapely.get_coordinates(zones.geometry.to_numpy())
    gaps = np.hypot(*(corners[:, None] - coordinates(three_spots)[None]).transpose(2, 0, 1))
    assert gaps.min() > 0.01


def test_the_order_of_the_incidents_changes_nothing(three_spots):
    zones = find_zones(three_spots)
    again = find_zones(three_spots.sample(frac=1, random_state=5))
    pd.testing.assert_frame_equal(
        pd.DataFrame(zones.drop(columns="geometry")), pd.DataFrame(again.drop(columns="geometry"))
    )
    assert zones.geometry.geom_equals(again.geometry).all()


def test_the_incidents_given_are_left_as_they_were(three_spots):
    before = three_spots.copy()
    find_zones(three_spots)
    pd.testing.assert_frame_equal(pd.DataFrame(three_spots), pd.DataFrame(before))


def test_the_unit_of_the_weights_changes_no_outline(three_spots):
    weighted = three_spots.assign(weight=250.0)
    zones, heavy = find_zones(three_spots), find_zones(weighted)
    assert zones.geometry.geom_equals_exact(heavy.geometry, 1e-6).all()
    assert np.allclose(heavy["incidents"], 250 * zones["incidents"])


def test_a_stray_point_at_the_origin_changes_nothing(three_spots, city):
    strays = city.incidents_at([[0.0, 0.0], [9e6, 9e6]])
    zones = find_zones(three_spots)
    more = find_zones(pd.concat([three_spots, strays], ignore_index=True))
    assert zones["events"].tolist() == more["events"].tolist()
    assert zones["zone_id"].tolist() == more["zone_id"].tolist()


def test_towns_far_apart_are_searched_each_on_its_own(city):
    rng = np.random.default_rng(2)
    town = np.concatenate([city.spot(rng, 0, 0, 200), city.background(rng, 600, 1500)])
    other = town + np.array([700_000, 300_000])
    zones = find_zones(city.incidents_at(np.concatenate([town, other])))
    assert len(zones) == 2
    assert zones["events"].iloc[0] == zones["events"].iloc[1]
    assert zones["zone_id"].is_unique


def test_evenly_spread_incidents_have_no_zones(city):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(10):
        try:
            found += len(find_zones(city.incidents_at(city.background(rng, 4000, 2500))))
        except NothingFoundError:
            continue
    assert found <= 1


def test_a_city_of_nothing_but_hot_spots_shows_them_all(city):
    rng = np.random.default_rng(4)
    parts = [
        city.spot(rng, 1000 * (i % 6) - 2500, 1000 * (i // 6) - 2500, int(rng.integers(60, 900)))
        for i in range(36)
    ]
    assert len(find_zones(city.incidents_at(np.concatenate(parts)))) == 36


@pytest.mark.parametrize("ratio", [1, 3, 8])
def test_neighbours_five_hundred_metres_apart_are_two_zones_whatever_their_sizes(city, ratio):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        xy = np.concatenate(
            [
                city.spot(rng, 0, 0, 800, 130),
                city.spot(rng, 500, 0, 800 // ratio, 110),
                city.background(rng, 2000),
            ]
        )
        zones = find_zones(city.incidents_at(xy))
        here = [zones.contains(shapely.Point(city.centre + np.array([x, 0]))) for x in (0, 500)]
        assert here[0].sum() == here[1].sum() == 1
        assert here[0].idxmax() != here[1].idxmax()


def test_only_incidents_of_the_period_count(three_spots):
    half = find_zones(three_spots, period=("2025-01-01", "2025-07-01"), min_incidents=10)
    all_year = find_zones(three_spots)
    assert half["events"].sum() == pytest.approx(all_year["events"].sum() / 2, rel=0.15)
    assert half["first_seen"].iloc[0] == pd.Timestamp("2024-12-31T23:00Z")


def test_all_at_one_address_is_no_zone(city):
    frame = city.incidents_at(np.repeat([city.centre], 500, axis=0))
    with pytest.raises(NothingFoundError, match="minst 20 händelser på 3 platser"):
        find_zones(frame)


def test_one_incident_and_incidents_on_a_line_give_a_clear_answer(city):
    with pytest.raises(NothingFoundError, match="Ingen plats sticker ut bland 1 "):
        find_zones(city.incidents_at([city.centre]))
    line = city.centre + np.column_stack([np.linspace(0, 8000, 400), np.zeros(400)])
    with pytest.raises(NothingFoundError):
        find_zones(city.incidents_at(line))


def test_a_zone_must_hold_enough_incidents_places_and_days(city):
    rng = np.random.default_rng(0)
    xy = np.concatenate([city.spot(rng, 0, 0, 60), city.background(rng, 300)])
    assert len(find_zones(city.incidents_at(xy))) == 1
    with pytest.raises(NothingFoundError):
        find_zones(city.incidents_at(xy), min_incidents=100)
    with pytest.raises(NothingFoundError):
        find_zones(city.incidents_at(xy), min_places=40)
    with pytest.raises(NothingFoundError):
        find_zones(city.incidents_at(xy, days=1))


def test_times_without_a_zone_are_local(three_spots):
    local = three_spots["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.tz_localize(None)
    zones, naive = find_zones(three_spots), find_zones(three_spots.assign(occurred_from=local))
    assert zones["days"].tolist() == naive["days"].tolist()


def test_no_incidents_is_told(three_spots):
    with pytest.raises(NothingFoundError, match="inga händelser"):
        find_zones(three_spots.head(0))
    with pytest.raises(NothingFoundError, match="inga händelser"):
        find_zones(three_spots, period=("2010-01-01", "2011-01-01"))


def test_mistaken_arguments_are_told(three_spots, city):
    with pytest.raises(InvalidInputError, match="kmeans"):
        find_zones(three_spots, method="kmeans")
    with pytest.raises(InvalidInputError, match="Bandbredden"):
        find_zones(three_spots, bandwidth_m=-1)
    with pytest.raises(InvalidInputError, match="bootstraps ska vara ett heltal"):
        find_zones(three_spots, bootstraps=-1)
    with pytest.raises(InvalidInputError, match="eps_km"):
        find_zones(three_spots, method="dbscan", eps_km=1.0)
    with pytest.raises(InvalidInputError, match="eps_m"):
        find_zones(three_spots, eps_m=100.0)
    weights = np.where(np.arange(len(three_spots)) == 2, np.nan, 1.0)
    with pytest.raises(InvalidInputError, match="Vikten på rad 2"):
        find_zones(three_spots.assign(weight=weights))
    with pytest.raises(InvalidInputError, match="saknar giltig koordinat"):
        find_zones(city.incidents_at([[np.nan, 0.0], [1.0, 2.0]]))
    with pytest.raises(CRSError, match="inte i meter"):
        find_zones(city.incidents_at([[17.6, 59.8]], crs=4326))
    with pytest.raises(InvalidInputError, match="radius_m"):
        find_zones(three_spots, places=gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[]))


def test_what_was_run_is_kept_with_the_result_as_json(three_spots):
    kept = find_zones(three_spots, rng=7).attrs
    parameters = json.loads(json.dumps(kept["parameters"]))
    assert parameters["method"] == "density"
    assert parameters["bandwidth_m"] == 175
    assert parameters["cell_m"] == 25
    assert parameters["seed"] == 7
    assert parameters["crs"] == "EPSG:3006"
    assert parameters["threshold_z"] >= 4
    assert json.loads(json.dumps(kept["ceased"])) == []


def test_a_run_can_be_repeated_from_what_was_kept_with_it(three_spots):
    asked = {"min_incidents": 30, "min_days": 5, "bandwidth_m": 150.0, "rng": 3, "bootstraps": 2}
    zones = find_zones(three_spots, period=("2025-01-01", "2025-11-01"), **asked)
    kept = json.loads(json.dumps(zones.attrs["parameters"]))
    same = ("method", "bandwidth_m", "min_incidents", "min_places", "min_days", "bootstraps", "tz")
    again = find_zones(
        three_spots,
        period=tuple(kept["period"]),
        rng=kept["seed"],
        levels=kept["levels"],
        **{name: kept[name] for name in same},
    )
    pd.testing.assert_frame_equal(
        pd.DataFrame(zones.drop(columns="geometry")), pd.DataFrame(again.drop(columns="geometry"))
    )
    assert zones.geometry.geom_equals(again.geometry).all()
    differs = {name for name, value in again.attrs["parameters"].items() if value != kept.get(name)}
    assert differs == {"asked_method"}


def test_the_interval_of_the_density_is_the_exact_one_of_a_count(three_spots):
    zones = find_zones(three_spots)
    for zone in zones.itertuples():
        lower = stats.chi2.ppf(0.025, 2 * zone.events) / 2
        upper = stats.chi2.ppf(0.975, 2 * zone.events + 2) / 2
        unit = zone.per_ha_week / zone.events
        assert zone.per_ha_week_lower == pytest.approx(lower * unit)
        assert zone.per_ha_week_upper == pytest.approx(upper * unit)


def test_the_interval_heeds_the_weights(three_spots):
    zones = find_zones(three_spots)
    heavy = find_zones(three_spots.assign(weight=7.0))
    for end in ("per_ha_week_lower", "per_ha_week_upper"):
        assert np.allclose(heavy[end], 7 * zones[end])
    rng = np.random.default_rng(0)
    uneven = find_zones(three_spots.assign(weight=rng.choice([0.1, 5.0], len(three_spots))))
    width = (uneven["per_ha_week_upper"] - uneven["per_ha_week_lower"]) / uneven["per_ha_week"]
    even = (zones["per_ha_week_upper"] - zones["per_ha_week_lower"]) / zones["per_ha_week"]
    assert width.iloc[0] > even.iloc[0]


def test_the_interval_holds_the_true_rate_19_times_of_20():
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        weights = rng.choice([0.5, 2.0], rng.poisson(40), p=[0.6, 0.4])
        lower, upper = rate_interval(np.zeros(len(weights), dtype=np.int64), weights, 1)
        inside += lower[0] <= 40 * (0.5 * 0.6 + 2.0 * 0.4) <= upper[0]
    assert inside / 400 > 0.94


def test_the_peak_hours_are_those_that_were_planted(city):
    rng = np.random.default_rng(0)
    xy = np.concatenate(
        [city.spot(rng, 0, 0, 400), city.spot(rng, 1500, 0, 300), city.background(rng, 900)]
    )
    monday = pd.Timestamp("2025-01-06", tz="Europe/Stockholm")
    weeks, days = rng.integers(0, 50, len(xy)), rng.integers(0, 7, len(xy))
    hours = rng.uniform(0, 24, len(xy))
    # The first spot: Friday and Saturday 22 to 02.
    days[:400] = rng.integers(4, 6, 400)
    hours[:400] = rng.uniform(22, 26, 400)
    local = monday.tz_localize(None) + pd.to_timedelta(weeks * 7 + days + hours / 24, unit="D")
    times = local.tz_localize("Europe/Stockholm", ambiguous=True, nonexistent="shift_forward")
    frame = city.incidents_at(xy, rng).assign(occurred_from=times.tz_convert("UTC").as_unit("us"))
    zones = find_zones(frame)
    first = zones.iloc[0]
    assert [first["peak_first_day"], first["peak_last_day"]] == [5, 6]
    # Smoothing may widen them by an hour at either end.
    assert first["peak_start_h"] in {21, 22}
    assert first["peak_end_h"] in {2, 3}
    assert first["peak_share"] > 0.9


def test_scattered_incidents_get_the_bandwidth_that_foretells(city):
    rng = np.random.default_rng(6)
    wide = [
        city.centre + rng.normal(0, 200, (100, 2)) + offset
        for offset in ([-1800.0, 0.0], [1700.0, 900.0])
    ]
    xy = np.concatenate([*wide, city.background(rng, 5000, 5000)])
    incidents = city.incidents_at(xy, rng)
    with pytest.raises(NothingFoundError):
        find_zones(incidents, method="density")
    zones = find_zones(incidents)
    kept = zones.attrs["parameters"]
    assert len(zones) == 2
    assert kept["bandwidth_m"] > 175
    gains = {float(wide): gain for wide, gain in kept["bandwidth_gains"].items()}
    assert max(gains, key=gains.get) == kept["bandwidth_m"]
    for offset in ([-1800.0, 0.0], [1700.0, 900.0]):
        assert zones.contains(shapely.Point(city.centre + np.array(offset))).sum() == 1


def test_sure_zones_appear_in_nearly_every_bootstrap(three_spots):
    zones = find_zones(three_spots, bootstraps=10, rng=1)
    assert (zones["stability"] >= 0.9).all()
    again = find_zones(three_spots, bootstraps=10, rng=np.random.default_rng(1))
    assert zones["stability"].tolist() == again["stability"].tolist()


def test_a_weak_zone_is_less_stable_than_a_strong_one(city):
    rng = np.random.default_rng(3)
    xy = np.concatenate(
        [city.spot(rng, 0, 0, 500), city.spot(rng, 1500, 0, 24), city.background(rng, 1200)]
    )
    zones = find_zones(city.incidents_at(xy), bootstraps=15)
    assert zones["stability"].iloc[0] == 1
    assert len(zones) == 2
    assert zones["stability"].iloc[1] < 1


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_other_methods_are_outlined_on_the_same_surface(three_spots, zone_at, method):
    parameters = {"dbscan": {"eps_m": 60.0, "min_weight": 15.0}, "hdbscan": {}}[method]
    zones = find_zones(three_spots, method=method, **parameters)
    assert zone_at(zones, 0, 0)["zone_id"] != zone_at(zones, 520, 0)["zone_id"]
    assert zones.is_valid.all()
    assert zones.attrs["parameters"]["method"] == method
    assert zones["stability"].isna().all()


def test_assigning_gives_each_incident_its_zone_or_none(three_spots):
    zones = find_zones(three_spots)
    shuffled = three_spots.sample(frac=1, random_state=1)
    labels = assign_zones(shuffled, zones)
    assert labels.index.equals(shuffled.index)
    expected = gpd.sjoin(shuffled, zones[["zone_id", "geometry"]], how="left")["zone_id"]
    pd.testing.assert_series_equal(
        labels.sort_index(), expected.sort_index(), check_names=False, check_dtype=False
    )
    assert labels.isna().any()


def test_assigning_projects_the_zones_and_takes_an_empty_set(three_spots):
    zones = find_zones(three_spots)
    labels = assign_zones(three_spots, zones)
    elsewhere = assign_zones(three_spots, zones.to_crs(3007))
    assert (labels.fillna("") == elsewhere.fillna("")).mean() > 0.999
    assert assign_zones(three_spots, zones.head(0)).isna().all()
    assert len(assign_zones(three_spots.head(0), zones)) == 0
    with pytest.raises(CRSError):
        assign_zones(three_spots, zones.set_crs(None, allow_override=True))

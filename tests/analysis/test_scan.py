from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.analysis import scan as module
from riskmiljo.analysis.cylinders import Circles
from riskmiljo.analysis.scan import COLUMNS, scan
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError

ORIGIN = np.array([648_000.0, 6_638_000.0])
START = pd.Timestamp("2025-03-01", tz="Europe/Stockholm")


def frame(xy, days):
    """Incidents so many days after local midnight of 1 March 2025."""
    xy = np.asarray(xy, dtype=float).reshape(-1, 2) + ORIGIN
    day = np.floor(days).astype(int)
    local = START.tz_localize(None) + pd.to_timedelta(day, unit="D")
    # Noon: the same local day whatever the clocks do.
    times = (local + pd.Timedelta(hours=12)).tz_localize("Europe/Stockholm").tz_convert("UTC")
    return gpd.GeoDataFrame(
        {"occurred_from": pd.Series(times.as_unit("us"))}, geometry=shapely.points(xy), crs=3006
    )


def llr(c, mu, total):
    rest = (total - c) * np.log((total - c) / (total - mu)) if total > c else 0.0
    return c * np.log(c / mu) + rest


def best_by_hand(xy, day, last, max_radius, max_days):
    """Every circle around a place through another, every duration: Kulldorff's permutation."""
    places = np.unique(xy, axis=0)
    best = (0.0,)
    for centre in places:
        far = np.hypot(*(xy - centre).T)
        for radius in np.unique(far[far <= max_radius]):
            inside = far <= radius + 1e-6
            for days in range(1, max_days + 1):
                lately = day > last - days
                c = int((inside & lately).sum())
                mu = inside.sum() * lately.sum() / len(xy)
                if c >= 2 and c > mu and (score := llr(c, mu, len(xy))) > best[0] + 1e-12:
                    best = (score, c, mu, days)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_the_best_cylinder_is_that_of_trying_them_all(seed):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 12, (60, 2)) * 100.0
    day = rng.integers(0, 30, 60)
    day[0], day[1] = 0, 29
    result = scan(frame(xy, day), max_radius_m=400, max_days=7, simulations=1)
    score, count, expected, days = best_by_hand(xy, day, 29, 400, 7)
    top = result.iloc[0]
    assert top["llr"] == pytest.approx(score, abs=1e-9)
    assert (top["observed"], top["expected"]) == (count, pytest.approx(expected))
    assert top["days"] == days
    assert top["ratio"] == pytest.approx(count / expected)


def planted(seed, n=600):
    rng = np.random.default_rng(seed)
    xy, day = rng.uniform(0, 5000, (n, 2)), rng.integers(0, 100, n)
    day[0], day[1] = 0, 99
    more = rng.uniform(-120, 120, (12, 2)) + np.array([3200, 1400])
    return np.vstack([xy, more]), np.concatenate([day, rng.integers(95, 100, 12)])


@pytest.mark.parametrize("model", ["permutation", "poisson"])
@pytest.mark.parametrize("most_cylinders", [1_500_000, 60_000, 6_000])
def test_a_planted_cluster_is_found_at_its_place_and_dates(model, most_cylinders, monkeypatch):
    monkeypatch.setattr(module, "_MOST_CYLINDERS", most_cylinders)
    xy, day = planted(1)
    result = scan(frame(xy, day), model=model, max_radius_m=600, max_days=14)
    top = result.iloc[0]
    assert top["p"] == 0.01  # the lowest that 99 simulations can give
    assert top.geometry.contains(shapely.Point(651_200, 6_639_400))
    assert np.hypot(top["centre_x"] - 651_200, top["centre_y"] - 6_639_400) < 400
    assert 10 <= top["observed"] <= 16
    assert 4 <= top["days"] <= 7
    assert top["begins"] == (START + pd.DateOffset(days=100 - int(top["days"]))).tz_convert("UTC")
    # Clocks went forward on 30 March: the last local midnight is 22:00 in UTC.
    assert top["ends"] == pd.Timestamp("2025-06-08 22:00", tz="UTC")
    if most_cylinders > 10_000:
        assert result.attrs["cylinders"] <= most_cylinders
    assert (result["p"].diff().dropna() >= 0).all()
    for i, one in enumerate(result.itertuples()):
        for other in result.iloc[i + 1 :].itertuples():
            apart = np.hypot(one.centre_x - other.centre_x, one.centre_y - other.centre_y)
            assert apart > one.radius_m + other.radius_m


@pytest.mark.parametrize(
    ("model", "options"), [("permutation", {}), ("poisson", {}), ("poisson", {"people": True})]
)
def test_where_nothing_is_new_one_search_in_twenty_says_so(model, options):
    rng = np.random.default_rng(7)
    # Places of very different weight are no news.
    places = rng.uniform(0, 2500, (40, 2))
    weight = rng.gamma(0.7, 1, 40)
    baseline = gpd.GeoDataFrame(
        {"population": weight}, geometry=shapely.points(places + ORIGIN), crs=3006
    )
    alarms = 0
    for seed in range(80):
        xy = places[rng.choice(40, 200, p=weight / weight.sum())]
        day = rng.integers(0, 60, 200)
        day[0], day[1] = 0, 59
        more = {"baseline": baseline} if options else {}
        result = scan(
            frame(xy, day),
            model=model,
            max_radius_m=700,
            max_days=7,
            simulations=19,
            rng=seed,
            **more,
        )
        alarms += len(result) > 0 and result["p"].iloc[0] <= 0.05
    # Binomial with 5 %: 11 or more of 80 have a chance of 0.3 %.
    assert alarms <= 10


def test_a_population_says_what_is_due():
    rng = np.random.default_rng(3)
    homes = gpd.GeoDataFrame(
        {"population": [900.0, 100.0, 0.0]},
        geometry=shapely.points([[648_000, 6_638_000], [649_000, 6_638_000], [650_000, 6_638_000]]),
        crs=3006,
    )
    many = rng.random(200) < 0.9
    xy = np.where(many[:, None], [[0.0, 0.0]], [[1000.0, 0.0]])
    day = rng.integers(0, 50, 200)
    day[0] = 0
    xy[150:165], day[150:165] = (1000.0, 0.0), 49
    result = scan(frame(xy, day), model="poisson", baseline=homes, max_radius_m=300, max_days=5)
    top = result.iloc[0]
    assert (top["centre_x"], top["radius_m"], top["days"]) == (649_000, 0, 1)
    assert top["expected"] == pytest.approx(200 * 0.1 / 50)
    assert top["llr"] == pytest.approx(llr(top["observed"], 0.4, 200))
    assert top.geometry.area > 1000  # a cluster at one address is drawn to be seen


def test_over_a_wide_area_every_place_is_reached(monkeypatch):
    monkeypatch.setattr(module, "_MOST_CYLINDERS", 1_000)
    rng = np.random.default_rng(8)
    xy = rng.uniform(0, 200_000, (400, 2))
    day = rng.integers(0, 60, 400)
    day[0] = 0
    xy[390:], day[390:] = xy[:1] + rng.uniform(-50, 50, (10, 2)), 59
    top = scan(frame(xy, day), max_radius_m=500, max_days=7).iloc[0]
    assert top["observed"] == 10
    assert top.geometry.contains(shapely.Point(ORIGIN + xy[0]))
    monkeypatch.setattr(module, "_TOO_MANY_CYLINDERS", 1_000)
    with pytest.raises(InvalidInputError, match="cylindrar"):
        scan(frame(xy, day), max_radius_m=500, max_days=7)


def test_the_same_seed_gives_the_same_answer_and_more_can_be_asked_for():
    incidents = frame(*planted(2))
    first = scan(incidents, max_radius_m=500, max_days=7, simulations=29, rng=4)
    again = scan(
        incidents, max_radius_m=500, max_days=7, simulations=29, rng=np.random.default_rng(4)
    )
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(again))
    assert len(scan(incidents, max_radius_m=500, max_days=7, simulations=1, most=1)) == 1
    assert list(first.columns) == [*COLUMNS, "geometry"]
    assert first.crs == incidents.crs


def test_a_period_without_incidents_at_its_end_has_nothing_new():
    incidents = frame(*planted(2))
    quiet = scan(
        incidents, max_radius_m=500, max_days=7, simulations=5, period=("2025-03-01", "2025-09-01")
    )
    assert len(quiet) == 0
    assert list(quiet.columns) == [*COLUMNS, "geometry"]
    assert quiet["begins"].dtype == quiet["ends"].dtype == "datetime64[us, UTC]"


def test_all_at_one_address_is_nothing_new():
    # The days' own share explains everything: no cylinder holds more than expected.
    result = scan(frame(np.zeros((30, 2)), np.arange(30)), max_radius_m=100, max_days=5)
    assert len(result) == 0


def test_circles_hold_the_sums_of_their_places():
    rng = np.random.default_rng(5)
    places, weight = rng.uniform(0, 100, (40, 2)), rng.integers(1, 9, 40).astype(float)
    for radii in (None, np.array([10.0, 20.0, 40.0])):
        circles = Circles.around(places[:7], places, 40.0, radii)
        sums = circles.totals(weight)
        for z, radius in enumerate(circles.radius_m):
            far = np.hypot(*(places - places[circles.centre[z]]).T)
            assert sums[z] == pytest.approx(weight[far <= radius + 1e-9].sum())
    # On a lattice, at a radius but for rounding: inside, the same number around every middle.
    steps = np.stack(np.meshgrid(np.arange(9), np.arange(9)), axis=-1).reshape(-1, 2)
    for spacing in (33.3, 70.1, 33.7):
        lattice = np.array([648_000.0, 6_638_000.0]) + spacing * steps
        middles = lattice[(steps == 4).any(axis=1) & (np.abs(steps - 4).max(axis=1) <= 1)]
        for radii in (None, spacing * np.arange(1.0, 4.0)):
            circles = Circles.around(middles, lattice, spacing * 3, radii)
            sums = circles.totals(np.ones(81))
            for number in range(len(middles)):
                # 5, 13 and 29 lattice points lie within one, two and three steps.
                found = set(sums[circles.centre == number].astype(int))
                assert {5, 13, 29} <= found
                assert max(found) == 29


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "bernoulli"}, "permutation or poisson"),
        ({"max_radius_m": -1.0}, "more than 0"),
        ({"max_radius_m": np.nan}, "more than 0"),
        ({"max_days": 0}, "max_days"),
        ({"max_days": 2.5}, "max_days"),
        ({"max_days": 100}, "only 100 days"),
        ({"simulations": 0}, "simulations"),
    ],
)
def test_scans_that_cannot_be_made_are_told(change, said):
    arguments = {"max_radius_m": 500.0, "max_days": 7, **change}
    with pytest.raises(InvalidInputError) as error:
        scan(frame(*planted(2)), **arguments)
    assert said in error.value.message.en


def test_a_baseline_must_fit():
    incidents = frame(*planted(2))
    homes = gpd.GeoDataFrame({"population": [1.0]}, geometry=[shapely.Point(648_000, 6_638_000)])
    options = {"model": "poisson", "max_radius_m": 500, "max_days": 7}
    with pytest.raises(CRSError):
        scan(incidents, baseline=homes.set_crs(3011), **options)
    homes = homes.set_crs(3006)
    with pytest.raises(InvalidInputError, match="population"):
        scan(incidents, baseline=homes.rename(columns={"population": "folk"}), **options)
    with pytest.raises(InvalidInputError, match="population"):
        scan(incidents, baseline=homes.assign(population=np.nan), **options)
    with pytest.raises(InvalidInputError, match="poisson"):
        scan(incidents, baseline=homes, max_radius_m=500, max_days=7)


def test_no_incidents_and_degrees_are_told():
    incidents = frame(*planted(2))
    with pytest.raises(NothingFoundError):
        scan(incidents.iloc[:0], max_radius_m=500, max_days=7)
    with pytest.raises(CRSError):
        scan(incidents.to_crs(4326), max_radius_m=500, max_days=7)

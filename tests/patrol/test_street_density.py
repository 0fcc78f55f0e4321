from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from esda import G_Local
from libpysal.weights import W
from scipy.integrate import quad
from scipy.stats import false_discovery_control

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.patrol.street_density import street_density
from riskmiljo.patrol.street_hot_spots import (
    segment_gi_star,
    segment_neighbours,
    street_hot_spots,
)
from riskmiljo.patrol.street_kernel import Network
from riskmiljo.patrol.streets import Streets

WEEK = ("2025-01-01", "2025-01-08")
CORNER = np.array([648_000.0, 6_638_000.0])


def streets_of(*lines):
    geometry = [shapely.LineString(np.asarray(line, dtype=float) + CORNER) for line in lines]
    return Streets.from_lines(gpd.GeoDataFrame(geometry=geometry, crs=3006))


def at(*points, **columns):
    xy = np.asarray(points, dtype=float).reshape(-1, 2) + CORNER
    times = pd.Series([pd.Timestamp("2025-01-03", tz="UTC")] * len(xy))
    return gpd.GeoDataFrame(
        {"occurred_from": times.astype("datetime64[us, UTC]"), **columns},
        geometry=shapely.points(xy),
        crs=3006,
    )


def star(arms, length=1000.0):
    turn = 2 * np.pi * np.arange(arms) / arms
    return streets_of(*[[(0, 0), (length * np.cos(a), length * np.sin(a))] for a in turn])


def block_town(size=5, step=90.0):
    lines = []
    for i in range(size):
        for j in range(size):
            here = (i * step, j * step + 3 * i)
            if i + 1 < size:
                lines.append([here, ((i + 1) * step, j * step + 3 * (i + 1))])
            if j + 1 < size:
                lines.append([here, (i * step, (j + 1) * step + 3 * i)])
    # A dead end, and a stub shorter than a step of the kernel.
    lines += [[(0, 0), (-70, 0)], [(-70, 0), (-70.3, 0)]]
    return streets_of(*lines)


def quartic(d, h):
    return 15 / (16 * h) * (1 - (d / h) ** 2) ** 2 if abs(d) < h else 0.0


@pytest.mark.parametrize("arms", [3, 4, 5])
@pytest.mark.parametrize("split", ["continuous", "discontinuous"])
def test_at_a_corner_an_incident_is_split_over_the_other_streets(arms, split):
    h, x = 200.0, 60.0
    streets = star(arms)
    rows = street_density(
        at((x, 0)), streets=streets, bandwidth_m=h, split=split, period=WEEK
    ).set_index("edge")
    mass = rows["per_km_week"] * rows["length_m"] / 1000
    own = int(streets.snap(CORNER[None] + [[x, 0]])[0][0])
    beyond = quad(lambda d: quartic(d, h), x, h)[0]
    to_each = 2 / arms if split == "continuous" else 1 / (arms - 1)
    back = 2 / arms - 1 if split == "continuous" else 0.0
    for edge, value in mass.items():
        wanted = 1 - beyond + back * beyond if edge == own else to_each * beyond
        assert value == pytest.approx(wanted, abs=2e-6)
    assert mass.sum() == pytest.approx(1, abs=2e-6)


@pytest.mark.parametrize("split", ["continuous", "discontinuous"])
def test_an_incident_on_the_corner_itself_is_shared_equally(split):
    rows = street_density(at((0, 0)), streets=star(5), bandwidth_m=200, split=split, period=WEEK)
    assert rows["per_km_week"].to_numpy() * 1.0 == pytest.approx(np.full(5, 0.2), abs=1e-6)


class Followed:
    """Every way out of every incident, street by street; parts by Simpson's rule."""

    def __init__(self, streets, parts, h, *, continuous):
        self.ends = streets.edges[["from", "to"]].to_numpy()
        self.length = streets.edges["length_m"].to_numpy()
        self.parts, self.h, self.continuous = parts, h, continuous
        self.mass = np.zeros(len(parts[0]))
        self.at_node = {}
        for e, (a, b) in enumerate(self.ends):
            self.at_node.setdefault(a, []).append((e, 0))
            self.at_node.setdefault(b, []).append((e, 1))

    def add(self, e, x, weight):
        street, begin, end = self.parts
        for p in np.flatnonzero(street == e):
            share = quad(lambda s: quartic(s - x, self.h), begin[p], end[p], points=[x])[0]
            self.mass[p] += weight * share
        self.go(self.ends[e][1], (e, 1), self.length[e] - x, weight)
        self.go(self.ends[e][0], (e, 0), x, weight)

    def go(self, node, came, gone, share):
        if gone >= self.h or abs(share) < 1e-7:
            return
        n = len(self.at_node[node])
        onward, back = (2 / n, 2 / n - 1) if self.continuous else (1 / max(n - 1, 1), n == 1)
        for e, side in self.at_node[node]:
            part = share * (back if (e, side) == came else onward)
            if part:
                self.lay(e, side, gone, part)
                self.go(self.ends[e][1 - side], (e, 1 - side), gone + self.length[e], part)

    def lay(self, e, side, gone, share):
        street, begin, end = self.parts
        for p in np.flatnonzero(street == e):
            near, far = begin[p], end[p]
            if side:
                near, far = self.length[e] - far, self.length[e] - near
            values = [quartic(d, self.h) for d in np.linspace(gone + near, gone + far, 101)]
            simpson = values[0] + values[-1] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2])
            self.mass[p] += share * simpson * (far - near) / 300


def test_a_large_network_takes_longer_steps_and_hardly_differs(monkeypatch):
    streets, rng = block_town(), np.random.default_rng(4)
    incidents = at(*rng.uniform(0, 360, (50, 2)))
    fine = street_density(incidents, streets=streets, period=WEEK)["per_km_week"]
    monkeypatch.setattr("riskmiljo.patrol.street_kernel._MOST_IN_TABLE", 100)
    coarse = street_density(incidents, streets=streets, period=WEEK)["per_km_week"]
    assert not fine.equals(coarse)
    assert coarse.to_numpy() == pytest.approx(fine.to_numpy(), abs=1e-3 * fine.max())


@pytest.mark.parametrize("continuous", [True, False])
def test_in_a_town_of_blocks_every_way_is_followed(continuous):
    streets = block_town(4)
    rng = np.random.default_rng(0)
    length = streets.edges["length_m"].to_numpy()
    edge = rng.choice(np.flatnonzero(length > 50), 4)
    events = edge, rng.uniform(0.1, 0.9, 4) * length[edge], rng.uniform(1, 3, 4)
    half = np.tile([0.0, 0.5], len(length)), np.tile([0.5, 1.0], len(length))
    street = np.repeat(np.arange(len(length)), 2)
    parts = street, half[0] * length[street], half[1] * length[street]
    network = Network(streets.edges[["from", "to"]].to_numpy(), length)
    ours = network.mass(events, parts, 260.0, continuous=continuous)
    by_hand = Followed(streets, parts, 260.0, continuous=continuous)
    for e, x, weight in zip(*events, strict=True):
        by_hand.add(e, x, weight)
    wanted = by_hand.mass
    assert ours == pytest.approx(wanted, abs=2e-4 * wanted.max())
    assert ours.sum() == pytest.approx(events[2].sum(), rel=1e-4)


@pytest.mark.parametrize("split", ["continuous", "discontinuous"])
def test_the_streets_hold_as_many_incidents_as_were_put_on_them(split):
    streets = block_town()
    rng = np.random.default_rng(1)
    points = rng.uniform(-60, 380, (500, 2))
    weight = rng.uniform(0.5, 2, 500)
    incidents = at(*points, weight=weight)
    incidents.loc[:99, "geometry"] = shapely.points(streets.nodes[rng.integers(0, 20, 100)])
    options = {"streets": streets, "split": split, "period": WEEK, "snap_m": 30}
    rows = street_density(incidents, **options)
    near = streets.snap(incidents)[1] <= 30
    assert rows.attrs["left_out"] == (~near).sum() > 0
    assert rows["count"].sum() == near.sum()
    total = (rows["per_km_week"] * rows["length_m"]).sum() / 1000
    assert total == pytest.approx(weight[near].sum(), rel=1e-4)
    assert (rows["highest_per_km_week"] >= rows["per_km_week"] - 1e-9).all()
    parts = street_density(incidents, lixels=True, lixel_m=25, **options)
    assert parts["length_m"].max() <= 25
    assert parts["count"].sum() == near.sum()
    again = (parts["per_km_week"] * parts["length_m"]).groupby(parts["edge"]).sum()
    assert again.to_numpy() == pytest.approx((rows["per_km_week"] * rows["length_m"]).to_numpy())
    assert parts.length.to_numpy() == pytest.approx(parts["length_m"].to_numpy())


def test_the_rate_is_per_week_of_the_period():
    one = street_density(at((60, 0)), streets=star(3), period=WEEK)
    four = street_density(at((60, 0)), streets=star(3), period=("2025-01-01", "2025-01-29"))
    assert four["per_km_week"].to_numpy() * 4 == pytest.approx(one["per_km_week"].to_numpy())


def test_gi_star_along_streets_is_that_of_esda_with_the_same_neighbours():
    streets = block_town(6)
    rng = np.random.default_rng(2)
    neighbours = segment_neighbours(streets, 180.0)
    n = neighbours.shape[0]
    lists = {
        i: neighbours.indices[neighbours.indptr[i] : neighbours.indptr[i + 1]] for i in range(n)
    }
    others = W(
        {i: [int(j) for j in row if j != i] for i, row in lists.items()}, silence_warnings=True
    )
    for values in (rng.poisson(2.0, n).astype(float), rng.gamma(0.3, 1e5, n)):
        z, p = segment_gi_star(values, neighbours)
        theirs = G_Local(values, others, transform="B", star=True, permutations=0)
        assert np.abs(z - theirs.Zs).max() < 1e-9
        assert np.abs(p - 2 * theirs.p_norm).max() < 1e-9


def test_neighbours_are_those_within_reach_along_the_streets():
    streets = block_town(4)
    reach = 200.0
    ours = segment_neighbours(streets, reach).toarray().astype(bool)
    middles = shapely.line_interpolate_point(
        streets.edges.geometry.to_numpy(), 0.5, normalized=True
    )
    xy = shapely.get_coordinates(middles)
    metres = streets.travel_minutes(xy, xy) * streets.speed_m_min
    # Where two ways are as long as the reach but for rounding, either answer is right.
    clear = np.abs(metres - reach) > 1e-3
    assert (ours == (metres <= reach))[clear].all()
    assert ours.diagonal().all()
    assert (ours == ours.T).all()
    # Middles at the reach itself but for rounding: neighbours, on every street alike.
    row = streets_of(*[[(70.1 * i, 0), (70.1 * (i + 1), 0)] for i in range(9)])
    steps = np.abs(np.subtract.outer(np.arange(9), np.arange(9)))
    for far in range(1, 8):
        near = segment_neighbours(row, 70.1 * far).toarray().astype(bool)
        assert (near == (steps <= far)).all()


def test_a_street_that_comes_back_to_its_corner_has_its_middle_half_its_length_away():
    loop = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    streets = streets_of(loop, [(0, 0), (-100, 0)])
    assert segment_neighbours(streets, 249.0).toarray().tolist() == [[1, 0], [0, 1]]
    assert segment_neighbours(streets, 251.0).toarray().tolist() == [[1, 1], [1, 1]]
    rows = street_density(at((50, 0)), streets=streets, period=WEEK, bandwidth_m=300)
    assert (rows["per_km_week"] * rows["length_m"]).sum() / 1000 == pytest.approx(1, abs=1e-4)


def test_a_hot_street_is_found():
    streets = block_town(9)
    rng = np.random.default_rng(3)
    scattered = rng.uniform(0, 720, (150, 2))
    hot = rng.normal((360, 372), 40, (150, 2))
    rows = street_hot_spots(at(*scattered, *hot), streets=streets, reach_m=150)
    assert rows["count"].sum() == 300 - rows.attrs["left_out"]
    found = rows[rows["state"] == "hot"]
    assert len(found) >= 4
    far = found.distance(shapely.Point(CORNER + np.array([360, 372])))
    assert far.max() < 200
    assert rows["q"].to_numpy() == pytest.approx(false_discovery_control(rows["p"]), rel=1e-12)
    even = street_hot_spots(at(*scattered), streets=streets, reach_m=150)
    assert (even["p"] < 0.05).any()
    assert not even["significant"].any()
    per_km = street_hot_spots(at(*hot), streets=streets, reach_m=150, per_km=True)
    assert per_km["significant"].any()


def test_one_incident_and_even_streets_have_a_right_answer():
    streets = star(3)
    rows = street_hot_spots(at((10, 0), (-5, 8.66), (-5, -8.66)), streets=streets)
    assert rows["gi_z"].isna().all()
    assert not rows["significant"].any()
    assert len(street_density(at((10, 0)), streets=streets)) == 3


def test_what_cannot_be_used_is_told():
    streets = star(3)
    one = at((10, 0))
    for options in (
        {"bandwidth_m": 0},
        {"bandwidth_m": np.nan},
        {"lixel_m": -1},
        {"lixel_m": 1e-4},
        {"split": "half"},
        {"snap_m": -1},
        {"snap_m": np.nan},
    ):
        with pytest.raises(InvalidInputError):
            street_density(one, streets=streets, **options)
    with pytest.raises(InvalidInputError):
        street_hot_spots(one, streets=streets, reach_m=-1)
    with pytest.raises(CRSError):
        street_density(one.to_crs(3011), streets=streets)
    with pytest.raises(NothingFoundError):
        street_density(one.iloc[:0], streets=streets)
    with pytest.raises(NothingFoundError, match="100 meter"):
        street_hot_spots(at((10, 9000)), streets=streets)
    # To the nearest street, however far away it is.
    rows = street_hot_spots(at((10, 9000)), streets=streets, snap_m=np.inf)
    assert (rows["count"].sum(), rows.attrs["left_out"]) == (1, 0)

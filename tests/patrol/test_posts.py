"""Standing posts: exact cover, backup, and what is said of it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.covering import best_cover
from riskmiljo.patrol.posts import POST_COLUMNS, standing_posts

X, Y = 648_000, 6_638_000


def by_brute_force(within, weights, posts, give_up):
    """Every choice looked at: the best cover, and the best backup among those good enough."""
    choices = []
    for chosen in itertools.combinations(range(len(within)), posts):
        times = within[list(chosen)].sum(axis=0)
        choices.append((weights[times > 0].sum(), weights[times > 1].sum()))
    most = max(cover for cover, _ in choices)
    return most, max(twice for cover, twice in choices if cover >= most * (1 - give_up) - 1e-9)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    posts=st.integers(1, 4),
    give_up=st.sampled_from([0.0, 0.05, 0.3, 1.0]),
)
def test_no_choice_of_posts_covers_more_or_backs_up_better(seed, posts, give_up):
    rng = np.random.default_rng(seed)
    places, points = rng.integers(5, 10), rng.integers(4, 14)
    within = rng.uniform(size=(places, points)) < 0.35
    within[0, 0] = True
    weights = np.round(rng.gamma(1.0, 1.0, points), 2) + 0.01
    cost = np.round(rng.uniform(0, 5, places), 3)
    found = best_cover(within, weights, cost, posts, give_up)
    most, twice = by_brute_force(within, weights, posts, give_up)
    assert len(found.places) == posts
    assert found.covered >= most * (1 - give_up) - 1e-6
    assert found.twice == pytest.approx(twice, abs=1e-5)
    if give_up == 0:
        assert found.covered == pytest.approx(most, abs=1e-5)
    # No single post can be moved to a cheaper place without a loss.
    for old, new in itertools.product(found.places, range(places)):
        moved = [new, *(place for place in found.places if place != old)]
        times = within[moved].sum(axis=0)
        if len(set(moved)) == posts and weights[times > 0].sum() >= found.covered:
            worse = weights[times > 1].sum() < found.twice - 1e-9
            assert worse or cost[new] >= cost[old]


def test_a_post_stands_where_most_is_expected_within_reach(zones_at):
    zones = zones_at([(X, Y), (X + 200, Y), (X + 3000, Y)], [2, 2, 3])
    posts = standing_posts(zones, posts=1, minutes=4)
    assert list(posts.columns) == list(POST_COLUMNS)
    assert posts["zones"].tolist() == [("z000", "z001")]
    assert posts.attrs["covered"] == pytest.approx(4)
    assert posts.attrs["expected"] == pytest.approx(7)
    assert posts["risk_share"].tolist() == pytest.approx([4 / 7])
    both = standing_posts(zones, posts=2, minutes=4)
    assert both.attrs["covered"] == pytest.approx(7)
    assert both["expected"].tolist() == pytest.approx([4, 3])


def test_reach_is_travel_time_with_the_detour(zones_at):
    # 400 m straight, 6.5 minutes with the detour.
    zones = zones_at([(X, Y), (X + 400, Y)], [1, 1])
    assert standing_posts(zones, posts=1, minutes=6.4).attrs["covered"] == pytest.approx(1)
    assert standing_posts(zones, posts=1, minutes=6.6).attrs["covered"] == pytest.approx(2)


def test_what_is_given_up_buys_backup(zones_at):
    # Three zones near each other, and a small one far away.
    zones = zones_at([(X, Y), (X + 150, Y), (X + 300, Y), (X + 3000, Y)], [3, 3, 3, 1])
    spread = standing_posts(zones, posts=2, minutes=6)
    assert spread.attrs["covered"] == pytest.approx(10)
    assert spread.attrs["backup"] == pytest.approx(0)
    close = standing_posts(zones, posts=2, minutes=6, backup=0.1)
    assert close.attrs["covered"] == pytest.approx(9)
    assert close.attrs["backup"] == pytest.approx(9)
    assert close["backup_share"].tolist() == pytest.approx([1, 1])


def test_the_shift_decides_what_counts(zones_at):
    zones = zones_at([(X, Y), (X + 3000, Y)], [5, 5])
    hours = np.zeros((2, 168))
    hours[0, 4 * 24 + 20] = 1
    hours[1, 9] = 1
    rhythm = pd.DataFrame(hours, index=zones["zone_id"])
    shift = Shift.parse("2026-05-08 18:00/02:00")
    posts = standing_posts(zones, posts=1, minutes=3, shift=shift, rhythm=rhythm)
    assert posts["zones"].tolist() == [("z000",)]
    assert posts["expected"].tolist() == pytest.approx([5])
    even = standing_posts(zones, posts=1, minutes=3, shift=shift)
    assert len(even.attrs["notes"]) == 2
    assert posts.attrs["covered"] > even.attrs["covered"]


def test_on_streets_a_post_stands_at_a_named_corner_and_a_river_divides(schematic, zones_at):
    # Across Fyrisån without a bridge near: one post cannot reach both sides in three minutes.
    zones = zones_at([(647_640, 6_638_250), (647_800, 6_638_640), (648_330, 6_638_900)], [3, 2, 2])
    zones = zones.set_crs(schematic.edges.crs, allow_override=True)
    posts = standing_posts(zones, posts=2, minutes=4, streets=schematic)
    assert posts.attrs["distance"] == "streets"
    assert posts.attrs["notes"] == []
    assert posts["name"].str.contains(" / ").any()
    assert schematic.snap(posts.geometry)[1] == pytest.approx(0, abs=1e-6)
    for post in posts.itertuples():
        assert post.minutes <= 4
    assert "väntade händelser inom 4 min" in posts["why_sv"].iloc[0]
    assert "expected incidents within 4 min" in posts["why_en"].iloc[0]


def test_every_expected_incident_is_counted_for_one_post(scattered_zones):
    zones = scattered_zones(6, 25)
    posts = standing_posts(zones, posts=4, minutes=8)
    assert posts["expected"].sum() == pytest.approx(posts.attrs["covered"])
    assert posts["expected"].is_monotonic_decreasing
    again = standing_posts(zones.sample(frac=1, random_state=1), posts=4, minutes=8)
    assert again.geometry.geom_equals(posts.geometry).all()
    assert "inom 8 min från en post" in posts.attrs["summary"]["sv"]


def test_more_posts_cover_no_less(scattered_zones):
    zones = scattered_zones(7, 30)
    covered = [standing_posts(zones, posts=n, minutes=5).attrs["covered"] for n in (1, 2, 3, 5)]
    assert covered == sorted(covered)


def test_nothing_expected_is_weighed_by_size_and_said(zones_at):
    posts = standing_posts(zones_at([(X, Y)], [0.0]), posts=1, minutes=5)
    assert posts.attrs["covered"] == 0
    assert "efter yta" in posts.attrs["notes"][0]["sv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"posts": 0}, "Antalet poster"),
        ({"posts": 2.5}, "Antalet poster"),
        ({"posts": 51}, "Antalet poster"),
        ({"posts": 30}, "bara 1 möjlig plats för 30 poster"),
        ({"minutes": 0}, "Räckvidden"),
        ({"minutes": np.nan}, "Räckvidden"),
        ({"minutes": np.inf}, "Räckvidden"),
        ({"backup": -0.1}, "dubbel täckning"),
        ({"backup": 1.1}, "dubbel täckning"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(zones_at, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        standing_posts(zones_at([(X, Y)], [1.0]), **{"posts": 1, "minutes": 5, **arguments})


def test_zones_and_streets_that_do_not_fit_are_refused(zones_at, schematic):
    zones = zones_at([(X, Y)], [1.0])
    with pytest.raises(NothingFoundError, match="zoner"):
        standing_posts(zones.iloc[:0], posts=1, minutes=5)
    with pytest.raises(CRSError, match="koordinatsystem"):
        standing_posts(zones.to_crs(3011), posts=1, minutes=5, streets=schematic)
    far = zones_at([(X + 90_000, Y)], [1.0])
    with pytest.raises(InvalidInputError, match="utanför gatunätet"):
        standing_posts(far, posts=1, minutes=5, streets=schematic)
    with pytest.raises(NothingFoundError, match="inom 0,01 min"):
        standing_posts(zones, posts=1, minutes=0.01, streets=schematic)


@pytest.mark.real_data
def test_posts_on_the_real_network_reach_what_they_say(uppsala, scattered_zones):
    zones = scattered_zones(11, 20, extent_m=2500).set_geometry(
        scattered_zones(11, 20, extent_m=2500).translate(-1000, -500)
    )
    posts = standing_posts(zones, posts=4, minutes=6, streets=uppsala)
    centres = zones.representative_point()
    minutes = uppsala.travel_minutes(posts.geometry, centres)
    for row, held in enumerate(posts["zones"]):
        for zone in held[:2]:
            assert minutes[row, zones["zone_id"].tolist().index(zone)] < 6 + 3
    assert posts["name"].ne("").all()

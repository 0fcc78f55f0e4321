"""Presence, discovery and near repeats of the simulated city."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from riskmiljo.geo.crs import coordinates
from riskmiljo.model.period import Period
from riskmiljo.simulate.almanac import Almanac
from riskmiljo.simulate.behaviour import BEHAVIOUR, KINDS
from riskmiljo.simulate.ground import Addresses
from riskmiljo.simulate.occurrences import Occurrences, add_near_repeats, weigh_knowledge
from riskmiljo.simulate.presence import Visits
from riskmiljo.simulate.sites import Site


def _knox(xy, days, *, metres=100.0, within=7.0):
    """Count pairs near in place and time, by brute force over near pairs."""
    pairs = cKDTree(xy).query_pairs(metres, output_type="ndarray")
    return int((np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) <= within).sum())


@pytest.mark.parametrize("category", ["vandalism", "theft"])
def test_near_repeats_exceed_what_shuffled_dates_give(city, category):
    own = city.incidents[
        ((city.incidents["category"] == category) & (city.planted == "").to_numpy())
    ]
    xy = coordinates(own)
    days = (own["occurred_from"] - own["occurred_from"].min()).dt.total_seconds().to_numpy() / 86400
    rng = np.random.default_rng(1)
    shuffled = [_knox(xy, rng.permutation(days)) for _ in range(99)]
    assert _knox(xy, days) > 2 * max(shuffled)


def test_kinds_that_do_not_repeat_show_no_excess(city):
    own = city.incidents[
        (city.incidents["category"].isin(["unsafety", "sexual_offence"]))
        & (city.planted == "").to_numpy()
        & (city.incidents["detection"] == "reported")
    ]
    xy = coordinates(own)
    days = (own["occurred_from"] - own["occurred_from"].min()).dt.total_seconds().to_numpy() / 86400
    rng = np.random.default_rng(1)
    shuffled = [_knox(xy, rng.permutation(days)) for _ in range(99)]
    assert _knox(xy, days) <= np.quantile(shuffled, 0.99) + 1


def test_repeats_are_as_many_as_the_branching_says():
    size = 40_000
    kind = KINDS.index("vandalism")
    first = Occurrences(
        np.zeros(size, dtype=np.int64), np.full(size, kind), np.zeros(size, dtype=np.int64),
        np.zeros((size, 2)), np.full(size, -1),
    )  # fmt: skip
    almanac = Almanac(Period.between("2025-01-01", "2026-01-01"))
    known = add_near_repeats(first, almanac, np.random.default_rng(3))
    # A branching process with mean offspring b has 1 / (1 - b) in all.
    assert len(known.kind) / size == pytest.approx(
        1 / (1 - BEHAVIOUR["vandalism"].repeats), rel=0.01
    )
    lag = known.second[size:] / 86_400
    assert lag.min() > 0
    assert np.median(lag) < 7


def test_discovered_incidents_lie_where_and_when_a_crew_was(city):
    found = city.incidents[city.incidents["detection"] == "discovered"]
    visits = city.presence
    tree = cKDTree(coordinates(visits))
    begins = visits["begins"].to_numpy()
    ends = visits["ends"].to_numpy()
    moment = found["occurred_from"].to_numpy()
    crew = visits["crew_kind"].to_numpy()
    source = found["source"].astype(str).to_numpy()
    for at, near in enumerate(tree.query_ball_point(coordinates(found), 120.0)):
        there = np.array(near)
        during = (begins[there] <= moment[at]) & (moment[at] <= ends[there])
        assert (during & (crew[there] == source[at])).any()
    assert len(found) > 500


def test_reported_incidents_are_not_bound_to_presence(city):
    told = city.incidents[city.incidents["detection"] == "reported"]
    starts = np.sort(city.presence["begins"].to_numpy())
    moment = told["occurred_from"].to_numpy()
    gap = moment - starts[np.maximum(np.searchsorted(starts, moment) - 1, 0)]
    assert (gap > np.timedelta64(2, "h")).mean() > 0.3


def test_narcotics_are_mostly_found_and_thefts_told(city):
    found = (city.incidents["detection"] == "discovered").groupby(
        city.incidents["category"], observed=True
    )
    share = found.mean()
    assert share["narcotics"] > 0.4
    assert share["theft"] < 0.02


def test_presence_is_uneven_and_of_three_kinds(city):
    minutes = city.presence.groupby("crew_kind")["minutes"].sum()
    assert minutes["police"] > minutes["outreach"] > minutes["night_walkers"] > 0
    assert set(city.presence["source"]) == {"checked_in", "planned", "imported"}
    assert (
        (city.presence["ends"] - city.presence["begins"]).dt.total_seconds() / 60
        == city.presence["minutes"]
    ).all()
    xy = coordinates(city.presence)
    truth = city.truth.set_index("place_id")
    hours = {
        name: city.presence["minutes"][
            np.hypot(xy[:, 0] - truth.geometry[name].x, xy[:, 1] - truth.geometry[name].y) < 200
        ].sum() / 60
        for name in ("city", "savja")
    }  # fmt: skip
    size = truth["expected_per_year"]
    assert hours["city"] / size["city"] > 1.5 * hours["savja"] / size["savja"] > 0


def _one_hour_site(attention_minutes, reporting=1.0):
    """Two sites of equal true risk, one hour; only the first is visited."""
    by_kind = np.zeros((len(KINDS), 2))
    by_kind[KINDS.index("narcotics")] = 10.0
    by_kind += 1e-9
    addresses = Addresses(np.zeros((1, 2)), np.ones(1))
    sites = [
        Site("a", addresses, by_kind, np.zeros(2), reporting=reporting),
        Site("", addresses, by_kind, np.zeros(2)),
    ]
    number = len(attention_minutes)
    zero = np.zeros(number, dtype=np.int64)
    visits = Visits(zero, zero, zero, np.array(attention_minutes), zero, np.zeros((number, 2)))
    return weigh_knowledge(sites, visits)


def test_discovery_follows_the_stated_formula():
    kind = KINDS.index("narcotics")
    delta, rho = BEHAVIOUR["narcotics"].found_per_hour, BEHAVIOUR["narcotics"].reported
    knowledge = _one_hour_site([15, 30])
    p = 1 - np.exp(-delta * 0.75)
    found, told = knowledge.discovered[0][kind], knowledge.reported[0][kind]
    # Within the one hour with visits, λ p are found and ρ λ (1 - p) reported.
    assert found.sum() / told[0] == pytest.approx(p / (rho * (1 - p)))
    assert found[1] / found[0] == pytest.approx(2.0)
    # The hour without a visit, and the other site, have reports only.
    assert knowledge.discovered[1].size == 0
    assert told[1] == pytest.approx(knowledge.reported[1][kind][0])


def test_as_many_become_known_in_all_as_the_figures_call_for():
    kind = KINDS.index("narcotics")
    knowledge = _one_hour_site([45])
    known = sum(a[kind].sum() for a in knowledge.reported + knowledge.discovered)
    assert known == pytest.approx(40.0)
    # Both sites have the same true risk, though the visited one shows far more.
    assert knowledge.happened[0] == pytest.approx(knowledge.happened[1])
    visited = knowledge.discovered[0][kind].sum() + knowledge.reported[0][kind].sum()
    assert visited > 5 * knowledge.reported[1][kind].sum()


def test_reporting_scales_reports_exactly():
    kind = KINDS.index("narcotics")
    usual, low = _one_hour_site([45]), _one_hour_site([45], reporting=0.5)
    ratio_usual = usual.reported[0][kind].sum() / usual.reported[1][kind].sum()
    ratio_low = low.reported[0][kind].sum() / low.reported[1][kind].sum()
    assert ratio_low == pytest.approx(0.5 * ratio_usual)

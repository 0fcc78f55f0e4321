"""The self-exciting process finds what was planted in a simulated self-exciting city."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from scipy import special

from riskmiljo.forecast.etas import ETAS
from riskmiljo.forecast.etas_contrast import _Others
from riskmiljo.forecast.ground import Ground
from riskmiljo.forecast.record import History
from riskmiljo.forecast.units import Units
from riskmiljo.geo.grid import Grid

SIDE_M, DAYS = 5_000.0, 500.0
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def self_exciting_city(branching, decay_days, spread_m, *, spontaneous, seed):
    """Hot spots and an even rest; each incident has Poisson(branching) offspring."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(spontaneous)
    centres, widths = rng.uniform(0, SIDE_M, (25, 2)), rng.uniform(150, 500, 25)
    spot = rng.integers(0, 25, count)
    xy = centres[spot] + rng.normal(size=(count, 2)) * widths[spot, None]
    anywhere = rng.random(count) < 0.4
    xy[anywhere] = rng.uniform(0, SIDE_M, (anywhere.sum(), 2))
    days = rng.uniform(0, DAYS, count)
    all_xy, all_days = [xy], [days]
    while len(days):
        offspring = rng.poisson(branching, len(days))
        xy = np.repeat(xy, offspring, axis=0)
        xy = xy + rng.normal(size=xy.shape) * spread_m
        days = np.repeat(days, offspring) + rng.exponential(decay_days, offspring.sum())
        xy, days = xy[days < DAYS], days[days < DAYS]
        all_xy.append(xy)
        all_days.append(days)
    xy, days = np.concatenate(all_xy), np.concatenate(all_days)
    inside = ((xy > 0) & (xy < SIDE_M)).all(axis=1)
    order = np.argsort(days[inside], kind="stable")
    xy, days = xy[inside][order], days[inside][order]
    units = Units.of_grid(Grid.over(shapely.box(0, 0, SIDE_M, SIDE_M), 250))
    return History(units, NOW, units.locate(xy), xy, DAYS - days, row=np.arange(len(days)))


@pytest.mark.parametrize(("branching", "decay_days", "spread_m"), [(0.3, 10, 60), (0.5, 15, 90)])
def test_branching_and_scales_are_recovered(branching, decay_days, spread_m):
    history = self_exciting_city(
        branching, decay_days, spread_m, spontaneous=3000 * (1 - branching), seed=4
    )
    model = ETAS().fit(history)
    assert model.branching_ == pytest.approx(branching, abs=0.05)
    assert model.decay_days_ == pytest.approx(decay_days, rel=0.2)
    assert model.spread_m_ == pytest.approx(spread_m, rel=0.2)
    # Those that have offspring to come are not all born yet: the share is that of the seen.
    assert model.background_share_ == pytest.approx(1 - branching, abs=0.06)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_without_triggering_none_is_found(seed):
    history = self_exciting_city(0.0, 10, 60, spontaneous=1500, seed=seed)
    model = ETAS().fit(history)
    assert model.branching_ < 0.05
    assert model.background_share_ > 0.95


def test_weak_triggering_is_not_taken_for_chance():
    history = self_exciting_city(0.15, 7, 50, spontaneous=3000, seed=2)
    assert ETAS(bandwidth_m=150, controls=0).fit(history).branching_ == pytest.approx(
        0.15, abs=0.05
    )


def test_a_background_that_is_smoothed_too_much_hardly_changes_the_contrast_in_time():
    # By its likelihood the fit takes what the background misses for slow families.
    history = self_exciting_city(0.3, 3, 200, spontaneous=2800, seed=1)
    plain = ETAS(bandwidth_m=225, shuffles=0, controls=0, most_rounds=40).fit(history)
    model = ETAS(bandwidth_m=225, shuffles=0, most_rounds=40).fit(history)
    assert plain.contrast_weight_ == 0
    assert model.contrast_weight_ == 1
    assert model.branching_ == pytest.approx(0.3, abs=0.06)
    assert model.decay_days_ == pytest.approx(3, rel=0.3)
    assert abs(np.log(model.decay_days_ / 3)) < abs(np.log(plain.decay_days_ / 3)) / 2


def test_moments_to_compare_with_follow_the_seasons_but_no_burst():
    # Twice as many in the first half, and a burst of one day.
    rng = np.random.default_rng(2)
    steady = [rng.uniform(0, 250, 8_000), rng.uniform(250, 500, 4_000)]
    moments = np.sort(np.concatenate([*steady, rng.uniform(400, 401, 2_000)]))
    drawn, share = _Others(moments, 20.0, 500.0, rng).draw(np.full(20_000, 100.0), rng)
    assert ((drawn >= 0) & (drawn <= 500) & (np.abs(drawn - 100) > 20)).all()
    assert share == pytest.approx(1 - 8_000 / 250 * 40 / 14_000, abs=0.01)
    assert np.mean((drawn > 400) & (drawn < 401)) < 0.01
    early, late = (drawn > 140) & (drawn < 220), (drawn > 280) & (drawn < 360)
    assert early.sum() / late.sum() == pytest.approx(2, rel=0.1)


def test_offspring_beyond_the_border_are_reckoned_with():
    # A narrow strip of which half of the offspring leave: those seen are fewer and nearer.
    rng = np.random.default_rng(3)
    wide, branching, spread_m = 400.0, 0.5, 150.0
    count = 2500
    xy, days = rng.uniform(0, 1, (count, 2)) * (20_000, wide), rng.uniform(0, DAYS, count)
    born = rng.poisson(branching, count)
    children = np.repeat(xy, born, axis=0)
    children = children + rng.normal(0, spread_m, children.shape)
    later = np.repeat(days, born) + rng.exponential(8, len(children))
    xy, days = np.concatenate([xy, children]), np.concatenate([days, later])
    seen = (xy > 0).all(axis=1) & (xy < (20_000, wide)).all(axis=1) & (days < DAYS)
    order = np.argsort(days[seen])
    xy, days = xy[seen][order], days[seen][order]
    grid = Grid.over(shapely.box(0, 0, 20_000, wide), 100)
    units = Units.of_grid(grid)
    history = History(units, NOW, units.locate(xy), xy, DAYS - days, row=np.arange(len(days)))
    model = ETAS(bandwidth_m=340, shuffles=0, controls=0).fit(history)
    seen_share = (seen[count:].sum()) / len(children)
    assert seen_share < 0.8
    # Children have none of their own here, so that there are fewer offspring an incident.
    expected = len(children) / (count + len(children) * seen_share)
    assert model.branching_ == pytest.approx(expected, abs=0.06)
    assert model.spread_m_ == pytest.approx(spread_m, rel=0.15)


def test_the_share_of_a_gaussian_inside_is_the_integral():
    rng = np.random.default_rng(4)
    grid = Grid.over(shapely.box(0, 0, 2000, 1000), 250)
    units = Units.of_grid(grid)
    xy = rng.uniform(0, 1, (50, 2)) * (2000, 1000)
    history = History(units, NOW, units.locate(xy), xy, np.ones(50), row=np.arange(50))
    for spread_m in (40.0, 150.0, 400.0):
        inside, outside_m2 = Ground(history).seen(spread_m**2)
        scale = spread_m * np.sqrt(2)
        along = (special.erf((2000 - xy[:, 0]) / scale) + special.erf(xy[:, 0] / scale)) / 2
        across = (special.erf((1000 - xy[:, 1]) / scale) + special.erf(xy[:, 1] / scale)) / 2
        # Read from a table of widths: a few hundredths beside the border.
        assert inside == pytest.approx(along * across, abs=0.05)
        assert inside.mean() == pytest.approx((along * across).mean(), abs=0.01)
        drawn = rng.normal(0, spread_m, (20_000, 2))
        to = xy[:, None] + drawn
        gone = ~((to > 0) & (to < (2000, 1000))).all(axis=2)
        moment = (gone * (drawn**2).sum(axis=1)).mean(axis=1)
        assert outside_m2.mean() == pytest.approx(moment.mean(), rel=0.1)


def test_the_expected_number_is_that_of_the_simulated_future():
    # Branching 0.5 and ten days: after a burst the coming week has more than the background.
    from datetime import timedelta  # noqa: PLC0415 - beside its only use

    from riskmiljo.model.period import Period  # noqa: PLC0415 - as above

    theta, decay, horizon = 0.5, 10.0, 20.0
    units = Units.of_grid(Grid.over(shapely.box(0, 0, SIDE_M, SIDE_M), 250))
    model = ETAS()
    age = np.array([30.0, 8.0, 3.0, 0.5])
    xy = np.full((4, 2), SIDE_M / 2)
    model.history_ = History(units, NOW, units.locate(xy), xy, age, row=np.arange(4))
    model.branching_, model.decay_days_, model.spread_m_ = theta, decay, 60.0
    model.background_ = np.full(len(units), 2.0 / len(units))
    model.shape_ = np.ones(len(units))
    ours = model.predict(Period(NOW, NOW + timedelta(days=horizon))).expected.sum()
    rng = np.random.default_rng(0)
    totals = []
    for _ in range(3000):
        fresh = rng.uniform(0, horizon, rng.poisson(2.0 * horizon))
        first = np.repeat(-age, rng.poisson(theta, 4))
        first = first + rng.exponential(decay, len(first))
        born = np.concatenate([fresh, first[(first > 0) & (first < horizon)]])
        total = len(born)
        while len(born):
            children = np.repeat(born, rng.poisson(theta, len(born)))
            children = children + rng.exponential(decay, len(children))
            born = children[children < horizon]
            total += len(born)
        totals.append(total)
    assert ours == pytest.approx(np.mean(totals), rel=0.02)


def test_the_fit_is_the_same_each_time_and_takes_few_incidents_as_background():
    history = self_exciting_city(0.4, 8, 50, spontaneous=500, seed=6)
    one, other = ETAS().fit(history), ETAS().fit(history)
    assert (one.branching_, one.spread_m_) == (other.branching_, other.spread_m_)
    few = History(
        history.units, NOW, history.unit[-20:], history.xy[-20:], history.age_days[-20:],
        row=np.arange(20),
    )  # fmt: skip
    assert ETAS().fit(few).branching_ == 0.0

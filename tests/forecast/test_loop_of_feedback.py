"""Patrols go where yesterday's map says: the plain map runs away, the corrected one does not.

Ensign et al. (2018) and Lum and Isaac (2016) describe the loop. Risk is equal everywhere; half of
the districts were visited four times as often before the loop begins.
"""

from __future__ import annotations

import numpy as np
import pytest

from riskmiljo.forecast.effort import joint_rate
from riskmiljo.forecast.effort_inputs import Totals
from riskmiljo.forecast.effort_model import posterior
from riskmiljo.simulate.loop import LoopCity, run_loop

SEEDS = 20
# What may differ between districts of equal risk, and how presence may lean to favoured ones.
MOST_ERROR = 0.12
FAIR_PRESENCE = (0.9, 1.1)
USUAL = LoopCity.equal()
DRUGS = LoopCity.equal(reporting=(0.0, 0.02))


def everything(history, _rng):
    return history.discovered + history.reported


def reported_only(history, _rng):
    return history.reported


def filtered(history, _rng):
    """Divide what was discovered by how often somebody was there, and add reports as they are."""
    return history.discovered / np.maximum(history.seen, 0.02) + history.reported


def known(city, history):
    sums = (history.discovered, history.reported, history.seen, history.unseen)
    return posterior(Totals(*sums, history.presence_h), city.district)


def corrected(city):
    return lambda history, rng: known(city, history).draw(rng)


def by_district(city, values):
    member = np.eye(city.district.max() + 1)[city.district]
    summed = values @ member
    return summed / summed.mean(axis=-1, keepdims=True)


def error(city, values):
    """Return the root-mean-square error between districts over all seeds, the truth being 1."""
    return float(np.sqrt(np.mean((by_district(city, values) - 1) ** 2)))


def slope(city, values):
    """Return how the estimate rises with the reporting rate; 0 is fair."""
    centred = city.reporting - city.reporting.mean()
    return float(np.mean(by_district(city, values) @ centred / (centred @ centred)))


def tables(city, run, prepare=lambda days: days):
    """Return what `joint_rate` says of each city, knowing nothing of how fast patrols discover."""
    days = zip(run.discovered, run.reported, run.presence_h, strict=True)
    return [joint_rate(*map(prepare, day), district=city.district) for day in days]


def rates(city, run):
    return np.array([table["rate"] for table in tables(city, run)])


def loop(city, scores, **options):
    return run_loop(city, scores, cities=SEEDS, rng=2, **options)


@pytest.fixture(scope="module")
def told():
    """Two years of patrols that follow the corrected map, and what `joint_rate` says of them."""
    run = loop(USUAL, corrected(USUAL), explore=0.1)
    return run, tables(USUAL, run)


@pytest.fixture(scope="module")
def usual(told):
    run, found = told
    return run, np.array([table["rate"] for table in found])


@pytest.fixture(scope="module")
def drugs():
    run = loop(DRUGS, corrected(DRUGS), explore=0.1)
    return run, rates(DRUGS, run)


def passes(city, run, values):
    low, high = FAIR_PRESENCE
    return error(city, values) <= MOST_ERROR and low <= run.presence_share[-1].mean() <= high


def test_the_corrected_map_stays_with_the_truth(usual, drugs):
    for city, (run, estimate) in ((USUAL, usual), (DRUGS, drugs)):
        share = run.presence_share[-1].mean()
        assert passes(city, run, estimate), (error(city, estimate), share)


@pytest.mark.parametrize("kind", ["usual", "drugs"])
def test_totals_of_which_nobody_says_how_many_days_stay_with_the_truth_too(kind, request):
    city = {"usual": USUAL, "drugs": DRUGS}[kind]
    run, _ = request.getfixturevalue(kind)
    totals = [table["rate"] for table in tables(city, run, lambda days: days.sum(axis=1))]
    assert error(city, np.array(totals)) <= MOST_ERROR


def test_intervals_hold_the_truth_where_patrols_follow_what_they_found(told):
    _, found = told
    deltas = [table.attrs["delta_per_h"] for table in found]
    # Each place by itself, its chance finds and the visits they bring pass for a higher delta.
    assert np.median(deltas) == pytest.approx(USUAL.delta_per_h, rel=0.15)
    held = [((t["lower"] <= USUAL.risk) & (USUAL.risk <= t["upper"])).mean() for t in found]
    assert 0.85 <= np.mean(held) <= 0.98


def test_the_estimate_does_not_rise_with_the_reporting_rate(usual):
    run, estimate = usual
    assert abs(slope(USUAL, estimate)) < 0.1
    assert slope(USUAL, run.history.reported) > 0.8


@pytest.mark.parametrize("city", [USUAL, DRUGS], ids=["usual", "drugs"])
@pytest.mark.parametrize("scores", [everything, reported_only, filtered])
def test_maps_without_the_correction_fail_the_same_test(city, scores):
    run = loop(city, scores)
    values = scores(run.history, None)
    assert not passes(city, run, values)
    assert error(city, values) > 2 * MOST_ERROR


def test_the_plain_map_of_drug_offences_keeps_patrols_where_they_have_been():
    run = loop(DRUGS, everything)
    assert run.presence_share[-1].mean() > 1.5
    # It does not heal: the second year is as lopsided as the first.
    assert run.presence_share[-1].mean() > run.presence_share[0].mean() - 0.05


def test_patrols_at_the_highest_rates_do_not_stay_where_they_were():
    # Nothing is drawn: each difference between districts that is chance would send them there.
    city = LoopCity.equal(districts=4)

    def highest(history, _rng):
        return known(city, history).mean

    run = loop(city, highest, explore=0.1, visits=10, before_days=182, days=365)
    assert passes(city, run, highest(run.history, None))
    assert error(city, highest(run.history, None)) < 0.08
    assert run.presence_share[-1].std() < 0.35


def test_the_corrected_map_finds_planted_differences():
    risk = np.repeat([0.2, 0.2, 0.3, 0.3, 0.45, 0.45, 0.6, 0.6], 25)
    city = LoopCity(risk, USUAL.district, USUAL.reporting, USUAL.favoured, USUAL.delta_per_h)
    run = loop(city, corrected(city), explore=0.1)
    truth = by_district(city, risk)
    errors = by_district(city, rates(city, run)) - truth
    assert np.sqrt(np.mean(errors**2)) <= MOST_ERROR
    plain = by_district(city, run.history.discovered + run.history.reported) - truth
    assert np.sqrt(np.mean(plain**2)) > 2 * MOST_ERROR


@pytest.mark.parametrize(("reporting", "most"), [((0.005, 0.02), 0.15), ((0.1, 0.8), 0.12)])
def test_where_places_differ_what_patrols_meet_is_not_taken_for_the_whole_district(reporting, most):
    # A few places hold most of the risk, and patrols know it from the start.
    risk = np.random.default_rng(1).gamma(0.3, 1 / 0.3, 200) * 0.2
    rates_of = LoopCity.equal(reporting=reporting)
    city = LoopCity(risk, rates_of.district, rates_of.reporting, rates_of.favoured)
    habit = lambda history, rng: city.risk * rng.gamma(0.5, 1.0, history.discovered.shape)  # noqa: E731 - a map of one line
    run = run_loop(city, habit, cities=8, explore=0.05, before_days=0, days=365, rng=3)
    days = zip(run.discovered, run.reported, run.presence_h, strict=True)
    tables = [joint_rate(*day, district=city.district, delta_per_h=0.2) for day in days]
    values = np.array([table["rate"] for table in tables])
    wrong = np.sqrt(np.mean((by_district(city, values) - by_district(city, risk)) ** 2))
    assert wrong <= most
    held = [((table["lower"] <= risk) & (risk <= table["upper"])).mean() for table in tables]
    assert 0.8 <= np.mean(held) <= 0.97
    told = np.array([table["reporting_rate"].groupby(city.district).mean() for table in tables])
    # The rate that patrols meet, taken for the district's, gives 0.1 to 0.4 of the truth.
    assert np.abs(np.log(told.mean(axis=0) / city.reporting)).max() < 0.35


def test_the_same_seed_gives_the_same_loop():
    one, two = (run_loop(USUAL, everything, before_days=20, days=20, rng=5) for _ in range(2))
    assert (one.discovered == two.discovered).all()
    assert (one.presence_h == two.presence_h).all()
    assert one.presence_h.sum(axis=1).max() == 20

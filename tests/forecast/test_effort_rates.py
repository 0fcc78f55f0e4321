"""One rate from discovered and reported incidents, against the formulas written out plainly."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.effort import COLUMNS, NO_PRESENCE, joint_rate, knowledge_text

DELTA, KAPPA, S = 0.1, 5.0, 20.0


def plainly(d, r, h, district, half_life=None, delta=DELTA, kappa=KAPPA):
    """METHODS section 2, formulas 2 and 3, one number at a time."""
    units, days = len(d), len(d[0])
    g = 1.0 if half_life is None else 2 ** (-1 / half_life)
    sums = []
    for i in range(units):
        p = [1 - math.exp(-delta * h[i][t]) for t in range(days)]
        w = [g ** (days - 1 - t) for t in range(days)]
        sums.append(
            [
                sum(w[t] * x for t, x in enumerate(row))
                for row in (d[i], r[i], p, [1 - q for q in p])
            ]
        )
    names = sorted(set(district))
    total = [sum(s[k] for s in sums) for k in range(4)]
    l_bar = total[0] / total[2]
    by = {
        n: [sum(s[k] for s, x in zip(sums, district, strict=True) if x == n) for k in range(4)]
        for n in names
    }
    rate = {n: (v[0] + 2) / (v[2] + 2 / l_bar) for n, v in by.items()}
    rho_bar = total[1] / sum(by[n][3] * rate[n] for n in names)
    rho = {n: (by[n][1] + S * rho_bar) / (by[n][3] * rate[n] + S) for n in names}
    exposure = [s[2] + rho[n] * s[3] for s, n in zip(sums, district, strict=True)]
    m = sum(s[0] + s[1] for s in sums) / sum(exposure)
    shape = [kappa + s[0] + s[1] for s in sums]
    mean = [a / (kappa / m + e) for a, e in zip(shape, exposure, strict=True)]
    out = []
    for i, n in enumerate(district):
        spread = math.sqrt(1 / (by[n][0] + 2) + 1 / (by[n][1] + S))
        part = spread * rho[n] * sums[i][3] / (kappa / m + exposure[i])
        a = 1 / (1 / shape[i] + part**2)
        low, high = stats.gamma.ppf([0.05, 0.95], a, scale=mean[i] / a)
        out.append((mean[i], low, high, rho[n]))
    return np.array(out)


@pytest.fixture(scope="module")
def city():
    rng = np.random.default_rng(4)
    units, days = 12, 60
    district = ["A"] * 4 + ["B"] * 4 + ["C"] * 4
    h = rng.choice([0.0, 0.5, 2.0, 8.0], (units, days))
    p = 1 - np.exp(-DELTA * h)
    d = rng.poisson(1.5 * p)
    r = rng.poisson(np.repeat([0.1, 0.4, 0.9], 4)[:, None] * 1.5 * (1 - p))
    return d, r, h, district


@pytest.mark.parametrize("half_life", [None, 20.0])
def test_the_rate_is_that_of_the_published_formulas(city, half_life):
    d, r, h, district = city
    table = joint_rate(d, r, h, district=district, half_life_days=half_life, delta_per_h=DELTA)
    expected = plainly(d.tolist(), r.tolist(), h.tolist(), district, half_life)
    found = table[["rate", "lower", "upper", "reporting_rate"]].to_numpy()
    assert np.allclose(found, expected, rtol=1e-9)
    assert list(table.columns) == list(COLUMNS)
    assert table["reporting_known"].all()


def test_reporting_rates_and_the_rate_are_near_the_planted_ones(city):
    d, r, h, district = city
    table = joint_rate(d, r, h, district=district)
    by_district = table.groupby(np.array(district))[["rate", "reporting_rate"]].mean()
    assert np.allclose(by_district["reporting_rate"], [0.1, 0.4, 0.9], atol=0.15)
    assert np.allclose(by_district["rate"], 1.5, rtol=0.2)
    # Counting all incidents would say that C has three times the risk of A.
    naive = (d + r).sum(1).reshape(3, 4).sum(1)
    assert naive[2] > 2.5 * naive[0]


def test_nine_of_ten_intervals_hold_the_truth():
    held = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        truth = rng.gamma(5, 0.1, 40)
        h = rng.choice([0.0, 1.0, 4.0], (40, 90), p=[0.6, 0.3, 0.1])
        p = 1 - np.exp(-DELTA * h)
        d = rng.poisson(truth[:, None] * p)
        r = rng.poisson(0.3 * truth[:, None] * (1 - p))
        table = joint_rate(d, r, h, delta_per_h=DELTA)
        held.append((table["lower"] <= truth) & (truth <= table["upper"]))
    assert 0.87 <= np.mean(held) <= 0.95


def test_a_wrong_delta_hardly_changes_the_order(city):
    d, r, h, district = city
    ranks = [
        joint_rate(d, r, h, district=district, delta_per_h=delta)["rate"].rank()
        for delta in (0.05, 0.1, 0.2)
    ]
    assert ranks[0].corr(ranks[1]) > 0.85
    assert ranks[2].corr(ranks[1]) > 0.85


def test_delta_is_found_where_the_data_plainly_contradict_the_default():
    rng = np.random.default_rng(1)
    h = rng.exponential(1.5, (60, 365)).clip(0, 24)
    p = 1 - np.exp(-1.0 * h)
    d, r = rng.poisson(0.3 * p), rng.poisson(0.4 * 0.3 * (1 - p))
    found = joint_rate(d, r, h).attrs["delta_per_h"]
    assert 0.7 < found < 1.4
    assert joint_rate(d[:5, :9], r[:5, :9], h[:5, :9]).attrs["delta_per_h"] == DELTA


@pytest.mark.parametrize("misplaced", [0, 20])
@pytest.mark.parametrize("delta", [DELTA, 1.0])
def test_thin_presence_gives_the_true_delta_though_some_discoveries_are_misplaced(delta, misplaced):
    rng = np.random.default_rng(2)
    h = rng.choice([0.0, 0.5, 2.0], (200, 200), p=[0.9, 0.07, 0.03])
    p = 1 - np.exp(-delta * h)
    d, r = rng.poisson(0.3 * p), rng.poisson(0.05 * 0.3 * (1 - p))
    rows, days = np.nonzero(h == 0)
    for at in rng.choice(len(rows), misplaced, replace=False):
        d[rows[at], days[at]] += 1
    assert delta / 1.5 < joint_rate(d, r, h).attrs["delta_per_h"] < delta * 1.5


def test_delta_never_ends_at_an_edge_when_patrols_come_on_busy_days():
    rng = np.random.default_rng(3)
    busy = rng.gamma(0.5, 2.0, (60, 300))
    h = busy * 0.8
    p = 1 - np.exp(-DELTA * h)
    d, r = rng.poisson(0.4 * busy * p), rng.poisson(0.1 * 0.4 * (1 - p))
    assert joint_rate(d, r, h).attrs["delta_per_h"] == DELTA


def test_delta_is_seldom_moved_by_reporting_that_differs_between_units():
    moved = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        h = np.outer(rng.gamma(1.0, 0.5, 40), np.ones(60))
        p = 1 - np.exp(-DELTA * h)
        reporting = rng.gamma(0.7, 0.5, (40, 1))
        d, r = rng.poisson(3.0 * p), rng.poisson(reporting * 3.0 * (1 - p))
        moved += joint_rate(d, r, h).attrs["delta_per_h"] != DELTA
    # Taken for Poisson counts with one reporting rate, more than half of them would be.
    assert moved <= 3


def test_where_nobody_says_how_fast_presence_discovers_the_limits_allow_for_half_and_double(city):
    d, r, h, district = city
    told = joint_rate(d, r, h, district=district, delta_per_h=DELTA)
    unknown = joint_rate(d, r, h, district=district)
    assert np.allclose(told["rate"], unknown["rate"])
    assert np.allclose(told["shape"], unknown["shape"])
    assert (unknown["lower"] < told["rate"] / 2).all()
    assert (unknown["upper"] > told["rate"] * 1.8).all()
    assert "0,1 i timmen" in unknown.attrs["notes"][-1].sv
    assert told.attrs["notes"] == []


def test_totals_are_taken_as_thin_presence_and_give_the_same_order_as_days(city):
    d, r, h, district = city
    daily = joint_rate(d, r, h, district=district)["rate"]
    totals = joint_rate(d.sum(1), r.sum(1), h.sum(1), district=district)["rate"]
    told = joint_rate(d.sum(1), r.sum(1), h.sum(1), district=district, days=60)["rate"]
    assert daily.corr(totals, method="spearman") > 0.9
    assert daily.corr(told, method="spearman") > 0.9
    notes = joint_rate(d.sum(1), r.sum(1), h.sum(1)).attrs["notes"]
    assert any("Ange days för nivån" in note.sv for note in notes)
    # The unit is the whole period instead of the day.
    assert told.mean() / daily.mean() == pytest.approx(60, rel=0.25)


def test_without_presence_it_says_so_and_never_mixes():
    table = joint_rate([50, 0, 0], [4, 10, 1], [0, 0, 0])
    assert table.attrs["notes"] == [NO_PRESENCE]
    assert table["reporting_rate"].isna().all()
    assert not table["reporting_known"].any()
    assert (table["knowledge"] == 0).all()
    other = joint_rate([0, 7, 3], [4, 10, 1], [0, 0, 0])
    assert (table["rate"] == other["rate"]).all()
    assert table["rate"].idxmax() == 1
    assert table["discovered"].tolist() == [50, 0, 0]


def test_presence_that_is_long_forgotten_is_no_presence():
    table = joint_rate([[1, 1], [0, 1]], [[1, 2], [0, 3]], [[9, 0], [9, 0]], half_life_days=0.01)
    assert table.attrs["notes"][0] == NO_PRESENCE
    assert np.isfinite(table["rate"]).all()


def test_a_district_that_nobody_visits_has_no_reporting_rate_and_wider_intervals():
    d, r, h = [40, 40, 0, 0], [20, 20, 20, 20], [400.0, 400.0, 0.5, 0.0]
    table = joint_rate(d, r, h, district=["A", "A", "B", "B"], days=365, delta_per_h=DELTA)
    assert table["reporting_known"].tolist() == [True, True, False, False]
    assert table["reporting_rate"].notna().tolist() == [True, True, False, False]
    width = (table["upper"] - table["lower"]) / table["rate"]
    assert width[3] > 2 * width[0]
    assert table["knowledge"][3] < 0.1 < table["knowledge"][0]
    assert "1 av 2 distrikt" in table.attrs["notes"][0].sv
    one = joint_rate([1, 0], [5, 5], [3.0, 1.0], days=30)
    assert "kan inte skattas" in one.attrs["notes"][0].sv


def test_many_discoveries_where_nobody_is_known_to_have_been_say_nothing_of_the_risk():
    # Whoever calls it: the last unit, never visited, is not the one where most happens.
    hours = [300.0, 200.0, 0.0]
    table, other = (joint_rate([40, 30, n], [9, 9, 9], hours, days=365) for n in (60, 0))
    for name in ("rate", "lower", "upper", "reporting_rate", "knowledge"):
        assert np.allclose(table[name], other[name])
    assert not table.attrs["presence_complete"]
    assert other.attrs["presence_complete"]
    assert table.attrs["notes"][0].sv.startswith("60 av 130 upptäckta händelser ligger där ingen")
    assert "räknas inte in" in table.attrs["notes"][0].sv
    # What was recorded is still told.
    assert table["discovered"].tolist() == [40, 30, 60]
    # Week by week: the third place was visited, but not when its discoveries were made.
    d, h = np.array([[5, 5, 5], [4, 4, 4], [0, 9, 9]]), np.array([[9.0] * 3, [9.0] * 3, [9, 0, 0]])
    weeks = joint_rate(d, d * 0 + 2, h, days=7)
    assert weeks["rate"][2] < weeks["rate"][1]
    assert weeks["discovered"].tolist() == [15, 12, 18]


def test_a_few_discoveries_where_nobody_is_known_to_have_been_are_counted_and_pointed_out():
    table, other = (joint_rate([40, 30, n], [9] * 3, [300, 200, 0], days=365) for n in (3, 0))
    assert table["rate"][2] > other["rate"][2]
    assert table.attrs["presence_complete"]
    assert table.attrs["notes"][0].sv.startswith("3 av 73 upptäckta händelser ligger där ingen")
    assert "De räknas in" in table.attrs["notes"][0].sv


def test_neighbours_lend_a_place_their_rate(city):
    d, r, h, district = city
    d, r, h = d.copy(), r.copy(), h.copy()
    d[0], r[0], h[0] = 0, 0, 0
    d[1:4], r[1:4] = d[1:4] * 4, r[1:4] * 4
    near = np.zeros((12, 12))
    near[0, 1:4] = near[1:4, 0] = 1
    alone = joint_rate(d, r, h, district=district, delta_per_h=DELTA)
    matrix = joint_rate(d, r, h, district=district, neighbours=near, delta_per_h=DELTA)
    assert matrix["rate"][0] > alone["rate"][0]
    lists = [np.flatnonzero(row) for row in near]
    by_number = {unit: lists[unit] for unit in reversed(range(12))}
    rows = near.astype(int).tolist()
    for same in (sparse.csr_array(near), sparse.coo_matrix(near), lists, by_number, rows,
                 pd.DataFrame(near, columns=list("abcdefghijkl"))):  # fmt: skip
        other = joint_rate(d, r, h, district=district, neighbours=same, delta_per_h=DELTA)
        assert np.allclose(other["rate"], matrix["rate"])


def test_labels_of_the_units_are_kept():
    names = pd.Index(["a", "b", "c"])
    d, r, h = (pd.Series([1, 2, 3], index=names) for _ in range(3))
    assert joint_rate(d, r, h).index.equals(names)
    with pytest.raises(InvalidInputError, match="radetiketter"):
        joint_rate(d, r.iloc[::-1], h)


def test_no_units_give_an_empty_table():
    table = joint_rate([], [], [])
    assert len(table) == 0
    assert list(table.columns) == list(COLUMNS)


@pytest.mark.parametrize("values", [(0, 0, 0.0), (0, 0, 3.0), (0, 5, 3.0), (5, 0, 3.0), (3, 3, 24)])
def test_one_unit_has_a_finite_rate_within_its_interval(values):
    row = joint_rate(*([value] for value in values)).iloc[0]
    assert 0 < row["lower"] < row["rate"] < row["upper"] < np.inf


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"discovered": [1, np.nan]}, "saknat, negativt eller oändligt"),
        ({"reported": [1, -1]}, "Rapporterade: värdet -1.0 på rad 1"),
        ({"presence_h": [1, np.inf]}, "Närvaron: värdet inf på rad 1"),
        ({"presence_h": [1, 2, 3]}, "olika form"),
        ({"discovered": ["x", "y"]}, "är inte tal"),
        ({"presence_h": [1, 25], "days": 1}, "25 timmar på rad 1"),
        ({"district": ["a"]}, "1 distrikt för 2 enheter"),
        ({"district": ["a", None]}, "rad 1 saknar distrikt"),
        ({"neighbours": np.ones((3, 3))}, "Grannarna passar inte"),
        ({"neighbours": [[1], [7]]}, "Grannarna passar inte"),
        ({"neighbours": {"x": [1], "y": [0]}}, "Grannarna passar inte"),
        ({"neighbours": -np.ones((2, 2))}, "negativ"),
        ({"half_life_days": 0}, "half_life_days måste vara större än 0"),
        ({"half_life_days": "30"}, "half_life_days måste vara större än 0, inte 30"),
        ({"days": -1}, "större än 0"),
        ({"kappa": 0}, "kappa"),
        ({"delta_per_h": np.nan}, "delta"),
    ],
)
def test_bad_input_gets_a_clear_message(change, message):
    given_values = {"discovered": [1, 2], "reported": [3, 4], "presence_h": [5.0, 1.0], **change}
    with pytest.raises(InvalidInputError, match=message):
        joint_rate(**given_values)


def test_presence_longer_than_the_day_is_refused_day_by_day():
    h = np.ones((2, 3))
    h[1, 2] = 24.5
    with pytest.raises(InvalidInputError, match=r"24,5 timmar på rad 1, kolumn 2"):
        joint_rate(h, h, h)
    assert len(joint_rate(h, h, h, days=7)) == 2


def test_three_dimensions_are_refused():
    with pytest.raises(InvalidInputError, match="formen"):
        joint_rate(np.ones((2, 2, 2)), np.ones((2, 2, 2)), np.ones((2, 2, 2)))


counts = st.lists(st.integers(0, 40), min_size=4, max_size=4)
hours = st.lists(st.floats(0, 24), min_size=4, max_size=4)


def districts_met(risk, seed, count=8, units=25):
    """Two years in which a tenth of the places is visited each day, mostly in every other."""
    rng = np.random.default_rng(seed)
    district = np.repeat(np.arange(count), units)
    favour = np.where(district % 2 == 0, 4.0, 1.0)
    h = 730 * 0.1 * favour / favour.mean()
    p = 1 - math.exp(-0.2)
    d = rng.poisson(np.asarray(risk)[district] * p * h)
    share = np.linspace(0.1, 0.8, count)[district]
    r = rng.poisson(np.asarray(risk)[district] * share * (730 - p * h))
    table = joint_rate(d, r, h, district=district, days=730, delta_per_h=0.2)
    return table, table["rate"].groupby(district).mean() / 730, (d, r, h, district)


def test_districts_that_only_chance_tells_apart_are_taken_for_alike():
    # Some 24 discoveries a district: by itself each is 20 % off.
    off, plain = [], []
    for seed in range(20):
        _, rates, (d, _, h, district) = districts_met(np.full(8, 0.08), seed)
        met = np.bincount(district, d) / np.bincount(district, h)
        off.append(rates / rates.mean() - 1)
        plain.append(met / met.mean() - 1)
    assert np.std(plain) > 0.2
    assert np.std(off) < 0.1


def test_districts_that_plainly_differ_have_their_own_rates():
    risk = np.array([0.8, 0.8, 0.2, 0.2, 0.8, 0.8, 0.2, 0.2])
    for seed in range(3):
        table, rates, (d, r, h, district) = districts_met(risk, seed)
        assert np.allclose(rates / rates.mean(), risk / risk.mean(), rtol=0.4)
        # As the formulas have it: two discoveries at the city's rate, and no more.
        e = 730 * -np.expm1(-0.2 / 730 * h)
        found, reported, seen, unseen = (np.bincount(district, x) for x in (d, r, e, 730 - e))
        rate = (found + 2) / (seen + 2 / (found.sum() / seen.sum()))
        city = reported.sum() / (unseen * rate).sum()
        rho = (reported + S * city) / (unseen * rate + S)
        assert np.allclose(table["reporting_rate"], rho[district], rtol=1e-9)


@given(d=counts, r=counts, h=hours, unit=st.integers(0, 3))
def test_one_more_report_never_lowers_a_places_rate(d, r, h, unit):
    # With a fifth place that settles the reporting rate of them all.
    more = [n + (i == unit) for i, n in enumerate(r)]
    before, after = (joint_rate([*d, 40], [*x, 100], [*h, 24.0]) for x in (r, more))
    assert after["rate"][unit] >= before["rate"][unit] * (1 - 1e-12)


@given(d=counts, r=counts, h=hours, unit=st.integers(0, 3))
def test_more_presence_without_discoveries_never_raises_a_places_rate(d, r, h, unit):
    # Nothing is discovered where nobody is.
    d = [n * (x > 0) for n, x in zip(d, h, strict=True)]
    longer = [min(x + (i == unit), 24.0) for i, x in enumerate(h)]
    before, after = (
        joint_rate([*d, 40], [*r, 5], [*x, 24.0], delta_per_h=0.1) for x in (h, longer)
    )
    assert after["rate"][unit] <= before["rate"][unit] * (1 + 1e-12)


@given(d=counts, r=counts, h=hours)
def test_intervals_hold_the_rate_and_knowledge_is_a_share(d, r, h):
    table = joint_rate(d, r, h, district=["a", "a", "b", "b"])
    assert np.isfinite(table[["rate", "lower", "upper"]]).all().all()
    assert (table["lower"] < table["rate"]).all()
    assert (table["rate"] < table["upper"]).all()
    assert table["knowledge"].between(0, 1, inclusive="left").all()


@given(d=counts, r=counts, h=hours, order=st.permutations(range(4)))
def test_the_order_of_the_units_does_not_matter(d, r, h, order):
    table = joint_rate(d, r, h)
    turned = joint_rate(*([x[i] for i in order] for x in (d, r, h)))
    assert np.allclose(turned["rate"], table["rate"].to_numpy()[list(order)])


def test_more_presence_gives_more_knowledge_never_the_word_safe():
    shares = [joint_rate([2], [2], [h], days=100)["knowledge"][0] for h in (0.5, 50.0, 2000.0)]
    assert shares == sorted(shares)
    words = [knowledge_text(share).sv for share in (0.0, 0.5, 0.99, 1.0)]
    assert words == ["lite känt", "delvis känt", "välkänt", "välkänt"]

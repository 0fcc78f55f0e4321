"""Did an operation help: the estimate against statsmodels, and what the evaluation refuses."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.analysis.effect import effect
from riskmiljo.analysis.effect_words import percent, rarity
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.operation import Operation
from riskmiljo.model.period import Period

SIDE = 200.0
START = pd.Timestamp("2025-03-03")
PERIOD = ("2025-03-03", "2025-05-26")  # twelve weeks
WEEKS_BEFORE = 30


def cell(column, row=0):
    west, south = 600_000 + column * 1_000, 6_600_000 + row * 1_000
    return shapely.box(west, south, west + SIDE, south + SIDE)


def city(rates, *, seed=0, change=None, weeks=12, detection="reported", extra=()):
    """Return incidents in cells a kilometre apart, ``rates`` a week each."""
    rng = np.random.default_rng(seed)
    rows = []
    for number, rate in enumerate(rates):
        for week in range(-WEEKS_BEFORE, weeks):
            factor = 1.0 if change is None or week < 0 else change[number]
            for _ in range(rng.poisson(rate * factor)):
                x, y = rng.uniform(5, SIDE - 5, 2)
                moment = START + pd.Timedelta(days=7 * week + rng.uniform(0, 7))
                rows.append((moment, 600_000 + number * 1_000 + x, 6_600_000 + y))
    rows += list(extra)
    # The record begins with the first week, whatever chance says.
    rows.append((START - pd.Timedelta(weeks=WEEKS_BEFORE), 600_900, 6_600_900))
    frame = pd.DataFrame(rows, columns=["when", "x", "y"])
    first = np.ones(len(frame), dtype=bool)
    times = frame["when"].dt.tz_localize(
        "Europe/Stockholm", nonexistent="shift_forward", ambiguous=first
    )
    return gpd.GeoDataFrame(
        {"occurred_from": times.dt.tz_convert("UTC").dt.as_unit("us"), "detection": detection},
        geometry=gpd.points_from_xy(frame["x"], frame["y"]),
        crs=3006,
    )


@pytest.fixture(scope="module")
def record():
    return city([6.0] * 2 + [5.0] * 10, change=[0.5] * 2 + [1.0] * 10)


OPERATION = {"period": PERIOD, "places": gpd.GeoSeries([cell(0), cell(1)], crs=3006)}
COMPARISON = gpd.GeoDataFrame(geometry=[cell(n) for n in range(2, 12)], crs=3006)


@pytest.fixture(scope="module")
def result(record):
    return effect(record, OPERATION, comparison=COMPARISON)


def test_the_estimate_is_that_of_the_poisson_model_with_place_and_week_effects(record, result):
    import statsmodels.api as sm  # noqa: PLC0415 - slow to load

    shapes = [*OPERATION["places"], *COMPARISON.geometry]
    days = (
        record["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.tz_localize(None) - START
    ).dt
    week = np.floor(days.total_seconds() / 86_400 / 7).astype(int)
    counts = np.array(
        [np.histogram(week[record.within(shape)], np.arange(-30, 13))[0] for shape in shapes]
    )
    units, weeks = counts.shape
    treated = np.arange(units)[:, None] < 2
    after = np.arange(-30, 12)[None, :] >= 0
    design = np.column_stack(
        [
            np.repeat(np.eye(units), weeks, axis=0),
            np.tile(np.eye(weeks)[:, 1:], (units, 1)),
            (treated & after).ravel().astype(float),
        ]
    )
    fit = sm.GLM(counts.ravel(), design, family=sm.families.Poisson()).fit()
    assert result.estimate == pytest.approx(np.expm1(fit.params[-1]), abs=1e-6)
    table = result.counts
    assert table.loc["operation", "before"] == counts[:2, :30].sum()
    assert table.loc["comparison", "during"] == counts[2:, 30:].sum()


def test_a_halved_number_is_seen_and_said(result):
    assert result.upper < -0.25
    assert result.lower < -0.5 < result.upper
    assert result.code == "helped"
    assert result.verdict.sv.startswith("Hjälpte: ")
    assert result.verdict.en.startswith("Helped: ")
    assert 0.1 < result.power < 0.5
    assert "Minsta minskning" in result.power_text.sv
    assert result.placebo_p <= 0.1
    assert result.outcome.sv == "rapporterade händelser"


def test_the_pre_trend_can_be_drawn(result):
    series = result.series
    assert (~series["during"]).sum() == 8
    assert series["during"].sum() == 3
    assert series["begins"].iloc[-3] == START
    assert series["comparison"].sum() == result.counts.loc["comparison", ["before", "during"]].sum()
    before = series[~series["during"]]
    assert before["expected"].sum() == pytest.approx(before["operation"].sum())
    assert list(result.places["role"].unique()) == ["operation", "ring", "comparison"]
    assert result.places.crs.to_epsg() == 3006


def test_the_difference_in_incidents_and_the_quotient_are_those_of_their_formulas(result):
    (t0, t1), (d0, d1), (c0, c1) = result.counts[["before", "during"]].to_numpy(dtype=float)
    length = 12 / 30
    saved = (t1 - t0 * length) - (c1 - c0 * length) * t0 / c0
    assert result.wdd.local == pytest.approx(saved)
    assert d0 == d1 == 0
    assert result.around is None


def test_places_without_an_effect_are_not_said_to_have_one():
    record = city([6.0] * 2 + [5.0] * 10, seed=3)
    result = effect(record, OPERATION, comparison=COMPARISON)
    assert result.lower < 0 < result.upper
    assert result.code in ("no_clear_effect", "cannot_tell")
    assert "skulle ha synts" in result.verdict.sv or "går inte att avgöra" in result.verdict.sv


def test_what_moves_to_the_ring_is_seen():
    rng = np.random.default_rng(1)
    before, during = -rng.uniform(0, 200, 20), rng.uniform(0, 84, 90)
    ring = [
        (START + pd.Timedelta(days=day), 600_250 + rng.uniform(0, 50), 6_600_100)
        for day in (*before, *during)
    ]
    record = city([8.0] + [6.0] * 11, change=[0.4] + [1.0] * 11, extra=ring)
    operation = {"period": PERIOD, "geometry": cell(0)}
    result = effect(record, operation, comparison=COMPARISON)
    assert result.code == "moved"
    assert result.verdict.sv.startswith("Flyttade: ")
    assert result.wdq < -1
    assert result.around.lower > 0
    # With what moved counted in, nothing was won.
    net = effect(record, operation, comparison=COMPARISON, method="wdd")
    assert net.upper > 0 > result.upper


def test_discoveries_do_not_count_where_reports_are_known():
    record = city([6.0] * 12)
    during = record["occurred_from"] >= START.tz_localize("Europe/Stockholm")
    more = record[during & (record.geometry.x < 601_300)].assign(detection="discovered")
    both = pd.concat([record, more, more], ignore_index=True)
    with_them = effect(both, OPERATION, comparison=COMPARISON)
    without = effect(record, OPERATION, comparison=COMPARISON)
    assert with_them.estimate == without.estimate
    assert "patruller upptäckte" in with_them.notes[0].sv
    only = effect(both.assign(detection="discovered"), OPERATION, comparison=COMPARISON)
    assert only.estimate > 1
    assert "Inga händelser är rapporterade" in only.notes[0].sv
    unknown = effect(both.drop(columns="detection"), OPERATION, comparison=COMPARISON)
    assert "okänt hur" in unknown.notes[0].sv


@pytest.mark.parametrize("method", ["did", "synthetic", "wdd"])
def test_places_to_compare_with_are_found_by_themselves(method):
    record = city([6.0] * 2 + [5.0] * 8 + [1.0] * 10, change=[0.4] * 2 + [1.0] * 18, seed=5)
    result = effect(record, OPERATION, method=method)
    assert result.method == method
    assert result.upper < 0
    assert -0.85 < result.estimate < -0.35
    compared = result.places[result.places["role"] == "comparison"]
    away = shapely.union_all(list(OPERATION["places"])).buffer(300)
    assert not compared.intersects(away).any()
    assert len(compared) >= 3


def test_the_operation_may_be_given_in_many_ways(record):
    shapes = gpd.GeoSeries([cell(0), cell(1)], crs=3006)
    frame = gpd.GeoDataFrame({"begins": [PERIOD[0]] * 2, "ends": [PERIOD[1]] * 2}, geometry=shapes)
    both = shapely.union_all(list(shapes))
    results = [
        effect(record, given, comparison=COMPARISON)
        for given in (
            OPERATION,
            Operation("Vår", Period.between(*PERIOD), shapes, partners=("polis", "fältare")),
            {"period": (date(2025, 3, 3), date(2025, 5, 26)), "geometry": both},
            {"period": "2025-03-03/2025-05-26", "geometry": list(shapes)},
            frame,
            {"period": PERIOD, "places": shapes.to_crs(4326)},
        )
    ]
    assert {round(result.estimate, 12) for result in results} == {results[0].estimate.__round__(12)}


def test_a_point_is_a_place_of_150_metres(record):
    point = {"period": PERIOD, "geometry": cell(0).centroid}
    result = effect(record, point, comparison=COMPARISON)
    area = result.places.loc[result.places["role"] == "operation"].area.iloc[0]
    assert area == pytest.approx(np.pi * 150**2, rel=0.02)


def test_the_same_input_gives_the_same_answer(record, result):
    again = effect(record, OPERATION, comparison=COMPARISON)
    assert (again.estimate, again.lower, again.upper, again.placebo_p, again.verdict) == (
        result.estimate, result.lower, result.upper, result.placebo_p, result.verdict,
    )  # fmt: skip


def test_shuffled_rows_and_naive_local_times_change_nothing(record, result):
    turned = record.sample(frac=1, random_state=1)
    local = turned["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.tz_localize(None)
    again = effect(turned.assign(occurred_from=local), OPERATION, comparison=COMPARISON)
    assert again.estimate == result.estimate


def late(record, weeks):
    return record[record["occurred_from"] >= (START - pd.Timedelta(weeks=weeks)).tz_localize("UTC")]


def early(record):
    return record[record["occurred_from"] < START.tz_localize("UTC")]


def timeless(record):
    return record.assign(occurred_from=record["occurred_from"].where(record.index > 3))


def hole(record):
    moment = record["occurred_from"]
    first = (START - pd.Timedelta(weeks=10)).tz_localize("UTC")
    return record[(moment < first) | (moment > first + pd.Timedelta(weeks=3))]


def half_way(record):
    new = record[record["occurred_from"] >= (START - pd.Timedelta(weeks=5)).tz_localize("UTC")]
    both = pd.concat([record.assign(category="theft"), new.assign(category="narcotics")])
    return both.reset_index(drop=True)


def ended(record):
    old = early(record)
    both = pd.concat([record.assign(category="theft"), old.assign(category="robbery")])
    return both.reset_index(drop=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: late(r, 5), "saknar ett före"),
        (early, "Underlaget slutar 2025-03-02"),
        (hole, "hål: inga händelser alls 2024-12-30 till 2025-01-13"),
        (half_way, "Slaget narkotika börjar först 2025-01-27"),
        (ended, "Slaget rån slutar redan 2025-03-03"),
        (lambda r: r.iloc[:0], "inga händelser"),
        (lambda r: r.to_crs(4326), "inte i meter"),
        (lambda r: r.drop(columns="occurred_from"), "occurred_from"),
        (timeless, "4 händelser saknar tid, den första på rad"),
    ],
    ids=["short", "over", "hole", "begins", "ends", "empty", "degrees", "no time", "NaT"],
)  # fmt: skip
def test_a_record_that_cannot_bear_it_is_refused(record, change, message):
    with pytest.raises((InvalidInputError, NothingFoundError), match=message):
        effect(change(record), OPERATION, comparison=COMPARISON)


@pytest.mark.parametrize(
    ("operation", "options", "error", "message"),
    [
        ({"period": PERIOD[::-1], "geometry": cell(0)}, {}, InvalidInputError, "efter dess början"),
        ({"period": PERIOD, "geometry": cell(70)}, {}, InvalidInputError, "utanför underlaget"),
        ({"period": PERIOD, "geometry": shapely.box(600_400, 6_600_000, 600_600, 6_600_200)}, {},
         NothingFoundError, "varken före eller under"),
        ({"period": PERIOD, "geometry": shapely.Polygon()}, {}, InvalidInputError, "tom"),
        ({"period": PERIOD, "geometry": []}, {}, InvalidInputError, "tom"),
        ({"period": PERIOD}, {}, InvalidInputError, "saknar period eller platser"),
        ({"geometry": cell(0)}, {}, InvalidInputError, "saknar period eller platser"),
        ({"period": ("2025-03-03",), "geometry": cell(0)}, {}, InvalidInputError, "två datum"),
        (OPERATION, {"comparison": cell(1)}, InvalidInputError, "överlappar insatsen"),
        (OPERATION, {"comparison": [cell(3), cell(3)]}, InvalidInputError, "överlappar varandra"),
        (OPERATION, {"method": "magic"}, InvalidInputError, "magic"),
        (OPERATION, {"buffer_m": -1}, InvalidInputError, "Ringens bredd"),
        (OPERATION, {"since": "2025-02-01"}, InvalidInputError, "saknar ett före"),
        (OPERATION, {"comparison": gpd.GeoSeries([cell(3)])}, CRSError, "saknar koordinatsystem"),
        (OPERATION, {"comparison": cell(60)}, NothingFoundError, "jämförelseplatserna"),
    ],
)  # fmt: skip
def test_an_operation_that_cannot_be_evaluated_is_refused(
    record, operation, options, error, message
):
    with pytest.raises(error, match=message):
        effect(record, operation, **options)


def test_one_or_two_comparison_places_cannot_tell(record):
    result = effect(record, OPERATION, comparison=[cell(4)])
    assert result.code == "cannot_tell"
    assert (result.lower, result.upper) == (-1.0, np.inf)
    assert "bara 1 jämförelseplats," in result.verdict.sv
    assert result.power == 1.0


def test_a_hole_can_be_left_behind_by_beginning_later():
    record = city([6.0] * 2 + [5.0] * 10)
    moment = record["occurred_from"]
    first = (START - pd.Timedelta(weeks=20)).tz_localize("UTC")
    holed = record[(moment < first) | (moment > first + pd.Timedelta(weeks=3))]
    with pytest.raises(InvalidInputError, match="börjar senare"):
        effect(holed, OPERATION, comparison=COMPARISON)
    result = effect(holed, OPERATION, comparison=COMPARISON, since="2024-11-11")
    assert result.counts.loc["operation", "before_per_week"] == pytest.approx(12, abs=3)
    assert len(result.series) == 7


def test_an_operation_that_goes_on_is_evaluated_so_far(record):
    going = {"period": ("2025-03-03", "2025-12-01"), "places": OPERATION["places"]}
    result = effect(record, going, comparison=COMPARISON)
    assert any("utvärderas till dess" in note.sv for note in result.notes)
    assert result.counts.loc["operation", "during_per_week"] == pytest.approx(6, abs=2)


def test_a_comparison_in_the_ring_is_pointed_out(record):
    near = shapely.box(600_250, 6_600_000, 600_450, 6_600_200)
    result = effect(record, OPERATION, comparison=[near, *COMPARISON.geometry])
    assert any("Jämförelseplatser ligger i ringen" in note.sv for note in result.notes)


def test_outcomes_are_counts_of_known_names():
    made = Operation("Vår", PERIOD, cell(0), outcomes={"drug_seizures": np.int64(3)})
    assert made.period.weeks == pytest.approx(12, abs=0.01)
    for wrong in ({"arrests": 1}, {"drug_seizures": -1}, {"drug_seizures": 1.5}):
        with pytest.raises(InvalidInputError, match=r"[Uu]tfallet"):
            Operation("Vår", PERIOD, cell(0), outcomes=wrong)


def test_changes_are_written_with_a_true_minus_in_both_languages():
    assert (percent(-0.204).sv, percent(-0.204).en) == ("−20 %", "−20%")
    assert (percent(0.5).sv, percent(-0.001).en) == ("50 %", "0%")
    assert percent(-np.inf).en == "−∞%"
    # The operation itself is counted in: no change is rarer than all.
    assert (rarity(1 / 401).sv, rarity(0.12).en) == ("färre än 1 %", "12%")

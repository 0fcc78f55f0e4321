"""The back-test: no look ahead, pairs, notes, resuming, and what it says of the models."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.forecast import scores
from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.choose import LABELS, choose
from riskmiljo.forecast.counts import LastYear, RecencyCounts
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.origins import rolling_periods
from riskmiljo.forecast.pileups import at_pileups, find_pileups
from riskmiljo.forecast.units import Units
from riskmiljo.geo.grid import Grid

AREA = shapely.box(0, 0, 5000, 4000)
END = pd.Timestamp("2026-04-01", tz="Europe/Stockholm")
FAST = ["gamma_poisson", "recency_counts"]


def city(count, *, days=800, seed=0, spots=30, share_in_spots=0.7):
    """Lasting hot spots of unequal weight, and an even rest; nothing else to learn."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 1, (spots, 2)) * (5000, 4000)
    spot = rng.choice(spots, count, p=rng.dirichlet(np.full(spots, 0.7)))
    xy = centres[spot] + rng.normal(0, 150, (count, 2))
    anywhere = rng.random(count) > share_in_spots
    xy[anywhere] = rng.uniform(0, 1, (anywhere.sum(), 2)) * (5000, 4000)
    xy = np.clip(xy, 1, (4999, 3999))
    times = END - pd.to_timedelta(np.sort(rng.uniform(0.01, days, count))[::-1], "D")
    data = {"occurred_from": times.tz_convert("UTC").as_unit("us")}
    return gpd.GeoDataFrame(data, geometry=shapely.points(xy), crs=3006)


@pytest.fixture(scope="module")
def sparse():
    return city(3000)


@pytest.fixture(scope="module")
def result(sparse):
    return backtest(sparse, area=AREA, horizon_days=28, origins=8, models=FAST)


def test_there_is_a_row_for_each_model_and_origin_and_the_figures_hang_together(result, sparse):
    table = result.table
    assert len(table) == 3 * 8
    assert not table[["model", "origin"]].duplicated().any()
    assert list(table["model"].unique()) == ["last_year", "gamma_poisson", "recency_counts"]
    assert (table["end"] - table["origin"]).dt.days.isin([27, 28]).all()
    assert table["end"].max() == END
    first = table[table["model"] == "last_year"]
    inside = sparse["occurred_from"] >= first["origin"].min()
    assert first["events"].sum() == inside.sum()
    for label, share in (("1pct", 0.01), ("5pct", 0.05)):
        value = {
            name: table[f"{name}_{label}"].to_numpy()
            for name in ("hits", "best_hits", "hit_rate", "pai", "pei_star")
        }
        assert value["hit_rate"] == pytest.approx(value["hits"] / table["events"].to_numpy())
        assert value["pai"] == pytest.approx(value["hit_rate"] / share)
        assert value["pei_star"] == pytest.approx(value["hits"] / value["best_hits"])
        assert (value["hits"] <= value["best_hits"] + 1e-9).all()
        assert table[f"ceiling_pei_star_{label}"].between(0.2, 1).all()
    assert table[table["origin"] == table["origin"].min()]["jaccard_1pct"].isna().all()
    assert table["jaccard_1pct"].dropna().between(0, 1).all()
    # 20 km² is more than 0.75 square miles: the NIJ areas are there.
    assert {"pai_0.25mi2", "pai_0.75mi2"} <= set(table.columns)


def test_one_row_is_what_the_formulas_give_by_hand(result, sparse):
    row = result.table.iloc[0]
    grid = Grid.over(AREA, 250)
    origin, end = row["origin"], row["end"]
    model = LastYear().fit(sparse, Units.of_grid(grid), now=origin.to_pydatetime())
    expected = model.count_
    then = sparse[(sparse["occurred_from"] >= origin) & (sparse["occurred_from"] < end)]
    came = grid.counts(np.column_stack([then.geometry.x, then.geometry.y])).ravel()
    flags = scores.flagged(expected, np.ones(320), 0.05)
    assert row["hits_5pct"] == pytest.approx(flags @ came)
    assert row["gain_bits"] == pytest.approx(scores.gain_bits(expected, came, np.ones(320)))


def test_the_summary_sums_hits_over_origins_and_pairs_them_with_the_baseline(result):
    summary, table = result.summary(), result.table
    ours = table[table["model"] == "gamma_poisson"]
    base = table[table["model"] == "last_year"]
    rate = ours["hits_5pct"].sum() / ours["events"].sum()
    assert summary.loc["gamma_poisson", "hit_rate_5pct"] == pytest.approx(rate)
    gap = rate - base["hits_5pct"].sum() / base["events"].sum()
    row = summary.loc["gamma_poisson"]
    assert row["hit_rate_5pct_diff"] == pytest.approx(gap)
    assert row["hit_rate_5pct_diff_lower"] <= gap <= row["hit_rate_5pct_diff_upper"]
    assert row["hit_rate_5pct_lower"] <= rate <= row["hit_rate_5pct_upper"]
    assert summary.loc["last_year", "hit_rate_5pct_diff"] == 0
    assert (summary["label_sv"] != summary["label_en"]).all()


def test_smoothing_beats_the_raw_count_on_a_sparse_lasting_city(result):
    row = result.summary().loc["gamma_poisson"]
    assert row["gain_bits_diff_lower"] > 0
    assert row["hit_rate_5pct_diff_upper"] > 0
    assert row["slope"] == pytest.approx(1, abs=0.15)
    assert row["coverage"] == pytest.approx(0.9, abs=0.025)
    assert row["level"] == pytest.approx(1, abs=0.1)
    assert row["hit_rate_5pct"] <= row["ceiling_hit_rate_5pct"] + 0.05
    assert result.choice.model == "gamma_poisson"
    assert result.choice.beats_baseline
    assert "%" in result.choice.reason.sv
    assert result.choose().model == "gamma_poisson"
    # The reason tells the very interval of the table.
    told = result.summary().loc["gamma_poisson"]
    low, high = (round(100 * told[f"hit_rate_5pct_diff_{end}"], 1) for end in ("lower", "upper"))
    signed = [f"{value:+g}".replace("-", "\N{MINUS SIGN}") for value in (low, high)]
    assert f"difference {signed[0]} to {signed[1]} percentage" in result.choose().reason.en


def test_calibration_by_tenths_adds_up(result):
    tenths = result.calibration("gamma_poisson")
    assert list(tenths.index) == list(range(1, 11))
    table = result.table[result.table["model"] == "gamma_poisson"]
    assert tenths["came"].sum() == table["events"].sum()
    assert tenths["expected"].sum() == pytest.approx(table["expected"].sum())
    filled = tenths[tenths["units"] > 0]
    assert filled["expected"].to_numpy() == pytest.approx(filled["expected"].mean(), rel=0.6)


def test_the_future_and_late_registrations_change_no_forecast(sparse, result):
    # Incidents of the test period are moved about: every origin before them scores the same.
    cut = result.periods[4].start
    late = sparse["occurred_from"] >= cut
    rng = np.random.default_rng(9)
    moved = sparse.copy()
    points = rng.uniform(1, 3999, (int(late.sum()), 2))
    moved.loc[late, "geometry"] = shapely.points(points)
    again = backtest(moved, area=AREA, horizon_days=28, origins=8, models=FAST)
    assert {n: repr(m) for n, m in again.tuned.models.items()} == {
        n: repr(m) for n, m in result.tuned.models.items()
    }
    early = result.table["origin"] < cut
    pd.testing.assert_frame_equal(
        again.table[early].reset_index(drop=True), result.table[early].reset_index(drop=True)
    )
    assert not again.table[~early]["hits_5pct"].equals(result.table[~early]["hits_5pct"])
    # What is registered only after the whole test is as if it had never happened before it.
    extra = city(1500, seed=5)
    extra["registered_at"] = (END + timedelta(days=1)).tz_convert("UTC")
    known = sparse.assign(registered_at=sparse["occurred_from"])
    before = extra[extra["occurred_from"] < result.periods[0].start]
    joined = gpd.GeoDataFrame(pd.concat([known, before], ignore_index=True), crs=3006)
    told = backtest(joined, area=AREA, horizon_days=28, origins=8, models=FAST)
    same = ["hits_1pct", "hits_5pct", "gain_bits", "expected", "slope", "coverage"]
    pd.testing.assert_frame_equal(told.table[same], result.table[same])


def test_a_back_test_can_be_stopped_and_taken_up_again(sparse, result):
    seen = []

    def stop_after_three(done, of):
        seen.append((done, of))
        return done < 3

    part = backtest(
        sparse, area=AREA, horizon_days=28, origins=8, models=FAST, progress=stop_after_three
    )
    assert (part.done, part.complete, seen[-1]) == (3, False, (3, 8))
    whole = backtest(sparse, area=AREA, horizon_days=28, origins=8, models=FAST, resume=part)
    assert whole.complete
    pd.testing.assert_frame_equal(whole.table, result.table)
    pd.testing.assert_frame_equal(whole.summary(), result.summary())
    assert part.done == 3
    with pytest.raises(InvalidInputError, match="annat anrop"):
        backtest(sparse, area=AREA, horizon_days=14, origins=8, models=FAST, resume=part)


def test_the_same_seed_gives_the_same_and_ceilings_differ_with_another(sparse):
    one, two, other = (
        backtest(sparse, area=AREA, horizon_days=28, origins=2, models=["last_year"], rng=seed)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one.summary(), two.summary())
    assert one.table["hits_5pct"].equals(other.table["hits_5pct"])
    assert not one.table["ceiling_pei_star_5pct"].equals(other.table["ceiling_pei_star_5pct"])


def test_shifted_grids_are_summed_over(sparse):
    once = backtest(sparse, area=AREA, horizon_days=28, origins=3, models=["last_year"])
    thrice = backtest(sparse, area=AREA, horizon_days=28, origins=3, models=["last_year"], shifts=3)
    assert len(thrice.table) == len(once.table)
    assert set(thrice.rows["shift"]) == {0, 1, 2}
    assert thrice.table["hits_5pct"].to_numpy() == pytest.approx(
        thrice.rows.groupby("origin")["hits_5pct"].mean().to_numpy()
    )
    assert not thrice.table["hits_5pct"].equals(once.table["hits_5pct"])


def test_all_models_run_by_name_and_models_by_themselves():
    few = city(500, days=300)
    every = backtest(few, area=AREA, cell_m=500, horizon_days=28, origins=2)
    assert sorted(every.models) == sorted(LABELS)
    assert len(every.tuned.members) == 2
    sums = every.table.groupby("model")["expected"].sum()
    # Less than a year is known: the same weeks of last year are not.
    assert sums.pop("same_period_last_year") == 0
    assert sums.between(50, 150).all()
    own = backtest(
        few,
        area=AREA,
        cell_m=500,
        origins=2,
        models={"mine": GammaPoisson(kappa=8), "counts": RecencyCounts()},
    )
    assert own.models == ["last_year", "mine", "counts"]
    assert "kappa=8" in own.summary().loc["mine", "settings"]
    units = Units.of_grid(Grid.over(AREA, 500))
    by_units = backtest(few, area=units, origins=2, models=["last_year"])
    assert by_units.table["hits_5pct"].equals(
        own.table[own.table["model"] == "last_year"].reset_index(drop=True)["hits_5pct"]
    )


def test_periods_are_whole_local_days_over_the_change_of_clocks():
    periods = rolling_periods(date(2026, 4, 5), horizon_days=7, count=30)
    assert [p.end for p in periods[:-1]] == [p.start for p in periods[1:]]
    hours = {round(p.days * 24) for p in periods}
    assert hours == {167, 168, 169}
    assert all(p.local()[0].hour == 0 for p in periods)


def test_pile_ups_are_found_named_and_set_apart(sparse):
    desk = gpd.GeoDataFrame(
        {"occurred_from": sparse["occurred_from"].sample(600, random_state=1).to_numpy()},
        geometry=[shapely.Point(1234, 777)] * 600,
        crs=3006,
    )
    desk["occurred_from"] = pd.to_datetime(desk["occurred_from"], utc=True).dt.as_unit("us")
    piled = gpd.GeoDataFrame(pd.concat([sparse, desk], ignore_index=True), crs=3006)
    found = find_pileups(piled)
    assert found["incidents"].tolist() == [600]
    assert found["share"].iloc[0] == pytest.approx(600 / 3600)
    assert at_pileups(piled, found).sum() == 600
    assert len(find_pileups(sparse)) == 0
    keep = backtest(piled, area=AREA, horizon_days=28, origins=2, models=["last_year"])
    apart = backtest(
        piled, area=AREA, horizon_days=28, origins=2, models=["last_year"], pileups_apart=True
    )
    assert len(keep.pileups) == 1
    assert any("receptionsdisk" in note.sv for note in keep.notes)
    assert keep.table["hit_rate_1pct"].mean() > apart.table["hit_rate_1pct"].mean() + 0.05
    assert apart.table["events"].sum() < keep.table["events"].sum()


def test_where_nothing_is_better_the_baseline_is_used_and_it_is_said():
    origins = pd.date_range("2025-01-01", periods=12, freq="28D", tz="UTC")
    rng = np.random.default_rng(0)
    base = rng.integers(10, 30, 12).astype(float)
    rows = [
        {"model": name, "origin": origin, "events": 100, "gain_bits": bits, "hits": hit}
        for name, bits, shift in (("last_year", 1.0, 0), ("recency_kde", 1.0, 0), ("etas", 2.0, -6))
        for origin, hit in zip(origins, base + shift, strict=True)
    ]
    table = pd.DataFrame(rows)
    chosen = choose(table, share=0.05)
    assert (chosen.model, chosen.beats_baseline) == ("last_year", False)
    assert "ingen annan modell" in chosen.reason.sv
    table.loc[table["model"] == "recency_kde", "hits"] += 3
    assert choose(table, share=0.05).model == "recency_kde"
    short = choose(table[table["origin"] < origins[3]], share=0.05)
    assert "3 provprognoser är för få" in short.reason.sv
    nothing = choose(table.assign(events=0), share=0.05)
    assert "inga händelser inträffade i 12 provprognoser" in nothing.reason.sv
    with pytest.raises(InvalidInputError, match="last_year"):
        choose(table[table["model"] != "last_year"], share=0.05)


def test_a_short_record_gives_fewer_origins_or_a_clear_refusal():
    year = city(600, days=300)
    result = backtest(year, area=AREA, origins=52, models=["last_year"])
    assert len(result.periods) == (300 - 56) // 7
    assert any("räcker till" in note.sv for note in result.notes)
    with pytest.raises(InvalidInputError, match=r"åtta veckor|8 veckor"):
        backtest(city(200, days=50), area=AREA, models=["last_year"])
    with pytest.raises(InvalidInputError, match="en enda provprognos på 5000 dagar"):
        backtest(year, area=AREA, horizon_days=5000, models=["last_year"])
    one = city(1, days=10)
    with pytest.raises((InvalidInputError, NothingFoundError)):
        backtest(one, area=AREA, models=["last_year"])


def test_trial_forecasts_in_a_gap_of_the_record_do_not_count():
    year = city(1500, days=400).sort_values("occurred_from", ignore_index=True)
    days = (year["occurred_from"] - year["occurred_from"].iloc[0]).dt.days
    late = np.where(days > 330, "weapon", "theft")
    holed = year.assign(category=late)[(days < 250) | (days >= 310)]
    made = backtest(holed, area=AREA, origins=30, models=["last_year"])
    gap = [note.sv for note in made.notes if "räknas inte" in note.sv]
    assert len(gap) == 1
    assert "10 provprognoser som faller där" in gap[0]
    assert len(made.periods) == 20
    assert (made.table["events"] > 0).all()
    # What begins amid the tested time is told as well.
    assert any("Slaget vapen börjar först" in note.sv for note in made.notes)
    with pytest.raises(InvalidInputError, match="Ingen provprognos blir kvar"):
        backtest(holed, area=AREA, origins=1, horizon_days=120, models=["last_year"])


def test_bad_arguments_are_said_in_words(sparse):
    with pytest.raises(InvalidInputError, match="okänd"):
        backtest(sparse, area=AREA, models=["crystal_ball"])
    with pytest.raises(InvalidInputError, match="Andelarna"):
        backtest(sparse, area=AREA, shares=(0.0, 0.05))
    with pytest.raises(InvalidInputError, match="prognoser"):
        backtest(sparse, area=AREA, origins=0)
    with pytest.raises(InvalidInputError, match="prognoser"):
        backtest(sparse, area=AREA, origins=2.5)
    with pytest.raises(InvalidInputError, match="Området saknas"):
        backtest(sparse, area=None)
    with pytest.raises(InvalidInputError, match="Horisonten"):
        backtest(sparse, area=AREA, horizon_days=0)
    with pytest.raises(NothingFoundError, match="i området"):
        backtest(sparse, area=shapely.box(9e5, 9e5, 9.1e5, 9.1e5))
    with pytest.raises(InvalidInputError, match="förskjutas"):
        backtest(sparse, area=Grid.over(AREA, 250), shifts=2)
    with pytest.raises(CRSError):
        backtest(sparse.to_crs(4326), area=AREA)
    with pytest.raises(NothingFoundError):
        backtest(sparse.iloc[:0], area=AREA)

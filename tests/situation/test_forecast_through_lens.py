"""Forecasts, back-tests and the choice of model, as a lens shows them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.choose import BASELINE, Choice
from riskmiljo.forecast.coming import forecast, known_grid
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.settings import Settings
from riskmiljo.situation import (
    chance_words,
    chosen_model,
    coming_forecast,
    data_end,
    forecast_record,
    run_backtest,
)
from riskmiljo.situation.backtest_state import from_state, state_of
from riskmiljo.situation.backtesting import PARTIAL
from riskmiljo.situation.forecasting import coming_days
from riskmiljo.situation.kept_backtests import KIND, kept_backtest
from riskmiljo.situation.model_choice import remember_choice
from riskmiljo.wording import Text

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
FEW = {"origins": 6, "models": ["gamma_poisson", "recency_counts"]}


def test_every_cell_shown_holds_as_many_incidents_as_may_be_shown(fresh_store, settings):
    lens = demo_lens(settings)
    made = coming_forecast(fresh_store, settings, lens, Filter(), now=NOW)
    assert (made.cells["last_year"] >= lens.min_incidents).all()
    assert made.cells["expected"].is_monotonic_decreasing
    assert (made.cells["lower"] <= made.cells["expected"]).all()
    assert (made.cells["expected"] <= made.cells["upper"]).all()
    assert list(made.places["rank"]) == [1, 2, 3, 4, 5]
    assert made.places["chance"].between(0, 1).all()
    assert made.places["name"].is_unique
    incidents = fresh_store.incidents()
    since = made.period.start - timedelta(days=365)
    lately = incidents[
        (incidents["occurred_from"] >= since) & (incidents["occurred_from"] < made.period.start)
    ]
    for row in made.cells.head(3).itertuples():
        west, south, east, north = row.geometry.bounds
        x, y = lately.geometry.x, lately.geometry.y
        assert int(((x >= west) & (x < east) & (y >= south) & (y < north)).sum()) == row.last_year


def test_withheld_cells_are_counted_and_their_expectation_is_not_told(fresh_store, settings):
    strict = Settings(min_incidents=60)
    lens = demo_lens(strict)
    made = coming_forecast(fresh_store, strict, lens, Filter(), now=NOW)
    free = coming_forecast(fresh_store, settings, demo_lens(settings), Filter(), now=NOW)
    assert made.cells["last_year"].min() >= 60
    assert made.withheld > free.withheld
    assert len(made.cells) + made.withheld == len(free.cells) + free.withheld
    none = Settings(min_incidents=5000)
    with pytest.raises(NothingFoundError, match="får visas"):
        coming_forecast(fresh_store, none, demo_lens(none), Filter(), now=NOW)


def test_without_presence_it_says_so_and_reports_alone_need_none(fresh_store, settings):
    lens = demo_lens(settings)
    mixed = coming_forecast(fresh_store, settings, lens, Filter(), now=NOW)
    assert any("Ingen närvaro är inläst" in note.sv for note in mixed.notes)
    assert mixed.corrected == ()
    alone = coming_forecast(fresh_store, settings, lens, Filter(detections=("reported",)), now=NOW)
    assert not any("Ingen närvaro" in note.sv for note in alone.notes)


def test_with_presence_what_patrols_discover_is_weighed_by_it(fresh_store, city, settings):
    fresh_store.add_presence(city.presence, now=NOW)
    lens = demo_lens(settings)
    made = coming_forecast(fresh_store, settings, lens, Filter(), now=NOW)
    assert "narcotics" in made.corrected
    assert "theft" not in made.corrected
    assert "närvaro" in made.reason.sv
    assert made.total == pytest.approx(made.baseline_total, rel=0.15)
    asked = coming_forecast(fresh_store, settings, lens, Filter(), now=NOW, model="gamma_poisson")
    assert asked.corrected == ()
    assert any("gamma-Poisson" in note.sv for note in asked.notes)


def test_a_shift_holds_its_part_of_the_week(fresh_store, settings):
    lens = demo_lens(settings)
    week = coming_forecast(fresh_store, settings, lens, Filter(), now=NOW, model=BASELINE)
    shift = Shift.parse("2026-05-08 20:00/04:00")
    night = coming_forecast(
        fresh_store, settings, lens, Filter(), now=NOW, model=BASELINE, shift=shift
    )
    assert 0.05 < night.total / week.total < 0.4
    assert night.period == shift.period


def test_the_coming_days_begin_where_the_data_end_and_never_before_today(store, settings):
    end = data_end(store)
    assert coming_days(store, settings, Filter(), 7, now=NOW).start >= end
    later = datetime(2026, 9, 1, 12, tzinfo=UTC)
    made = coming_days(store, settings, Filter(), 3, now=later)
    first, last = made.local()
    assert (first.date().isoformat(), last.date().isoformat()) == ("2026-09-01", "2026-09-04")
    asked = Filter(period=Period.between("2026-01-01", "2026-03-25"))
    spring = coming_days(store, settings, asked, 7, now=NOW)
    # The clock is put forward in that week, which is an hour shorter.
    assert spring.start == asked.period.end
    assert spring.end - spring.start == timedelta(days=7, hours=-1)
    for days in (0, -3, 400):
        with pytest.raises(InvalidInputError, match="dagar"):
            coming_days(store, settings, Filter(), days, now=NOW)
    early = Filter(period=Period.between("2019-01-01", "2019-02-01"))
    with pytest.raises(NothingFoundError, match="kända före 1 februari 2019 med") as refused:
        coming_forecast(store, settings, demo_lens(settings), early, now=NOW, model=BASELINE)
    assert "before 1 February 2019 with" in refused.value.message.en


def test_a_forecast_does_not_look_beyond_the_period_asked_for(fresh_store, settings):
    lens = demo_lens(settings)
    asked = Filter(period=Period.between("2024-06-01", "2026-03-01"))
    made = coming_forecast(fresh_store, settings, lens, asked, now=NOW, model=BASELINE)
    known = fresh_store.incidents(asked)
    grid = known_grid(known, asked.period.end)
    plain = forecast(known, period=made.period, model=BASELINE, grid=grid)
    assert made.total == pytest.approx(plain.total)


def test_turned_off_there_is_no_forecast_and_no_back_test(fresh_store):
    off = Settings(forecasting=False)
    for verb in (coming_forecast, run_backtest):
        with pytest.raises(InvalidInputError, match="avstängda"):
            verb(fresh_store, off, demo_lens(off), Filter(), now=NOW)
    assert fresh_store.results.latest("backtest") is None


def test_the_choice_is_kept_for_a_month_and_for_its_own_question(fresh_store, settings):
    weapons = Filter(categories=("weapon",))
    reason = Text("prövat", "tried")
    choice = Choice("gamma_poisson", reason, beats_baseline=True)
    assert chosen_model(fresh_store, NOW) is None
    remember_choice(fresh_store, choice, basis="backtest", now=NOW)
    kept = chosen_model(fresh_store, NOW + timedelta(days=29))
    assert kept.choice == choice
    assert kept.made_at == NOW
    assert chosen_model(fresh_store, NOW + timedelta(days=31)) is None
    assert chosen_model(fresh_store, NOW, question=weapons) is None
    other = Choice(BASELINE, reason, beats_baseline=False)
    later = NOW + timedelta(days=1)
    remember_choice(fresh_store, other, basis="trials", now=later, question=weapons)
    assert chosen_model(fresh_store, later, question=weapons).choice.model == BASELINE
    assert chosen_model(fresh_store, later).choice.model == "gamma_poisson"
    # The forecast of the same question uses it, and its period makes no difference.
    made = coming_forecast(fresh_store, settings, demo_lens(settings), Filter(), now=later)
    assert (made.model, made.reason) == ("gamma_poisson", reason)


def test_a_forecast_chooses_anew_where_nothing_is_remembered(fresh_store, settings):
    made = coming_forecast(fresh_store, settings, demo_lens(settings), Filter(), now=NOW)
    kept = chosen_model(fresh_store, NOW)
    assert kept.choice.model == made.model
    assert kept.basis == "trials"


def test_a_back_test_written_down_goes_on_as_if_it_had_never_stopped(store):
    incidents = store.incidents()
    area = known_grid(incidents, datetime(2026, 3, 1, tzinfo=UTC))
    options = {"area": area, "origins": 4, "models": ["gamma_poisson", "average"]}
    begun = backtest(incidents, **options, progress=lambda done, _: done < 2)
    kept = json.dumps(state_of(begun), allow_nan=False)
    resumed = backtest(incidents, **options, resume=from_state(json.loads(kept)))
    whole = backtest(incidents, **options)
    pd.testing.assert_frame_equal(resumed.table, whole.table)
    pd.testing.assert_frame_equal(resumed.summary(), whole.summary())
    assert resumed.choose() == whole.choose()


def test_a_broken_off_run_goes_on_and_is_then_forgotten(fresh_store, settings):
    lens = demo_lens(settings)

    def stop(done, _total):
        if done == 3:
            raise KeyboardInterrupt

    def run(progress):
        return run_backtest(
            fresh_store, settings, lens, Filter(), now=NOW, progress=progress, **FEW
        )

    with pytest.raises(KeyboardInterrupt):
        run(stop)
    assert forecast_record(fresh_store, lens) is None
    assert fresh_store.results.latest(PARTIAL).body != {}
    seen = []
    made = run(lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 3
    assert seen[-1] == (6, 6)
    assert fresh_store.results.latest(PARTIAL).body == {}
    assert made.forecasts == 6
    assert made.models["model"].iloc[0] == BASELINE
    # A test of a few models does not decide the month.
    assert chosen_model(fresh_store, NOW) is None


def test_the_record_shows_the_last_weeks_without_small_counts(fresh_store, settings):
    lens = demo_lens(settings)
    question = Filter(categories=("narcotics",))
    made = run_backtest(fresh_store, settings, lens, question, now=NOW, **FEW)
    record = forecast_record(fresh_store, lens, weeks=3)
    assert len(record.origins) == 3
    # Over the change to summer time, when a week is an hour shorter, none is lost.
    over = forecast_record(fresh_store, lens, weeks=6)
    assert len(over.origins) == 6
    assert over.origins["begins"].min() < datetime(2026, 3, 29, tzinfo=UTC)
    assert record.origins["ends"].max() == made.origins["ends"].max()
    weekly = made.origins
    assert (weekly["events"].dropna() >= lens.min_incidents).all()
    assert weekly["events"].isna().any()
    for name in ("hit_rate_1pct", "hit_rate_5pct", "baseline_hit_rate_5pct"):
        hits = (weekly[name] * weekly["events"]).dropna()
        assert (hits >= lens.min_incidents - 1e-6).all()
    assert (made.calibration["came"].dropna() >= lens.min_incidents).all()
    row = made.models.set_index("model").loc[BASELINE]
    assert row["hit_rate_5pct_diff"] == 0
    assert np.isfinite(row["ceiling_pei_star_5pct"])
    # The reason is told in the words of today, from the figures that are kept, and is the same.
    kept = fresh_store.results.latest(KIND)
    assert made.choice.reason.as_dict() == kept.body["choice"]["reason"]
    older = {**kept.body["choice"], "reason": {"sv": "förr", "en": "once"}}
    old = replace(kept, body={**kept.body, "choice": older})
    assert kept_backtest(old, lens).choice == made.choice
    assert any(sign.isdigit() for sign in made.choice.reason.sv)
    # Neither it nor a difference tells what the table withholds.
    for least in (round(made.choice.hits) + 1, 1000):
        strict = kept_backtest(kept, replace(lens, min_incidents=least))
        told = strict.models.set_index("model")[["hit_rate_5pct", "hit_rate_5pct_diff"]]
        assert told.loc[[made.choice.model]].isna().all(axis=None)
        assert "för få för att visas" in strict.choice.reason.sv
        assert not any(sign.isdigit() for sign in strict.choice.reason.sv + strict.in_words.en)
    assert told.isna().all(axis=None)


def test_a_remembered_reason_tells_no_figures_that_rest_on_too_few_hits(fresh_store, settings):
    lens = demo_lens(settings)
    reason = Text("fångade 9,1 %", "caught 9.1 %")
    for hits, told in ((4.2, False), (4.6, True), (float("inf"), True)):
        choice = Choice("gamma_poisson", reason, beats_baseline=True, hits=hits)
        remember_choice(fresh_store, choice, basis="trials", now=NOW)
        kept = chosen_model(fresh_store, NOW, least=lens.min_incidents).choice
        assert (kept.reason == reason) == told
        made = coming_forecast(fresh_store, settings, lens, Filter(), now=NOW)
        assert made.reason == kept.reason
        assert ("för få för att visas" in made.reason.sv) == (not told)
    # The trials of the forecast itself follow the same rule.
    raised = Settings(min_incidents=50)
    theft = Filter(categories=("theft",))
    fresh = coming_forecast(fresh_store, raised, demo_lens(raised), theft, now=NOW)
    hits = chosen_model(fresh_store, NOW, question=theft).choice.hits
    assert (hits < 49.5) == ("för få för att visas" in fresh.reason.sv)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"origins": 0}, "minst 1"),
        ({"horizon_days": 0}, "minst 1"),
        ({"horizon_days": 700}, "Historiken"),
        ({"cell_m": -1}, "Cellens sida"),
        ({"models": ["crystal"]}, "crystal"),
    ],
)
def test_a_back_test_that_cannot_be_made_is_one_sentence(store, settings, options, problem):
    with pytest.raises(InvalidInputError, match=problem):
        run_backtest(store, settings, demo_lens(settings), Filter(), now=NOW, **options)
    assert store.results.latest("backtest") is None


def test_the_record_is_of_what_is_forecast_else_of_all_incidents(fresh_store, settings):
    lens = demo_lens(settings)
    quick = {**FEW, "origins": 1, "models": [BASELINE]}
    narcotics, theft = (Filter(categories=(word,)) for word in ("narcotics", "theft"))
    for day, question in enumerate((Filter(), narcotics, theft)):
        now = NOW + timedelta(days=day)
        run_backtest(fresh_store, settings, lens, question, now=now, **quick)

    def tested(question):
        return forecast_record(fresh_store, lens, question=question).question

    lately = narcotics.within(Period.between("2026-03-01", "2026-04-01"))
    assert (tested(narcotics), tested(lately)) == (narcotics, narcotics)
    assert tested(None) == tested(Filter(categories=("weapon",))) == Filter()


def test_a_chance_is_not_told_surer_than_chances_come_true():
    told = [chance_words(chance).sv for chance in (0.0, 0.012, 0.756, 0.9, 0.91, 1.0)]
    assert told == ["under 1 %", "1 %", "76 %", "90 %", "över 90 %", "över 90 %"]

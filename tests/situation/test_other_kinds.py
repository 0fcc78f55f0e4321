"""A forecast of one kind learns from the others where things happen, within the same lens."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.model.filters import Filter
from riskmiljo.situation import coming_forecast, run_backtest
from riskmiljo.situation.backtesting import PARTIAL
from riskmiljo.situation.source import other_kinds, seen_incidents

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KIND = Filter(categories=("narcotics",), detections=("reported",))
TOLD = "Händelser av andra slag"


@pytest.fixture
def lens(settings):
    return demo_lens(settings)


def test_the_others_are_those_not_asked_for_on_the_same_other_terms(store, lens):
    assert other_kinds(store, Filter(), lens) is None
    assert other_kinds(store, Filter(detections=("reported",)), lens) is None
    evening = Filter(categories=("narcotics",), detections=("discovered",), hours=(18, 2))
    others = other_kinds(store, evening, lens)
    every = seen_incidents(store, Filter(hours=(18, 2)), lens)
    assert len(others) == (every["category"] != "narcotics").sum()
    assert not (others["category"] == "narcotics").any()


def test_a_forecast_of_one_kind_looks_at_the_others_and_of_all_at_none(fresh_store, settings, lens):
    made = coming_forecast(fresh_store, settings, lens, KIND, now=NOW, days=7, model="mixed_prior")
    assert any(note.sv.startswith(TOLD) for note in made.notes)
    own = seen_incidents(fresh_store, KIND, lens)
    assert made.incidents == (own["occurred_from"] < made.period.start).sum()
    whole = coming_forecast(
        fresh_store, settings, lens, Filter(), now=NOW, days=7, model="mixed_prior"
    )
    assert not any(note.sv.startswith(TOLD) for note in whole.notes)


def test_a_back_test_of_one_kind_is_kept_and_resumed_beside_the_others(fresh_store, settings, lens):
    few = {"now": NOW, "origins": 3, "models": ["mixed_prior"]}

    def stop(done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_backtest(fresh_store, settings, lens, KIND, progress=stop, **few)
    begun = fresh_store.results.latest(PARTIAL)
    assert begun.parameters["others"] == len(other_kinds(fresh_store, KIND, lens))
    assert json.dumps(begun.body)
    made = run_backtest(fresh_store, settings, lens, KIND, **few)
    assert any(note.sv.startswith(TOLD) for note in made.notes)
    assert list(made.models["model"]) == ["last_year", "mixed_prior"]

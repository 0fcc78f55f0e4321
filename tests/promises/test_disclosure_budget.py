"""How often the joint picture may be asked, and who decides to release more than it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from riskmiljo.errors import BudgetSpentError, InvalidInputError
from riskmiljo.settings import Settings
from riskmiljo.situation.release_decisions import decide
from riskmiljo.store import open_store
from riskmiljo.store.releases import Releases
from riskmiljo.web import budget, create_app
from riskmiljo.web.service import read_as, service_of

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)


def test_the_day_has_five_hundred_filters(tmp_path, monkeypatch):
    store = open_store(f"sqlite:///{tmp_path}/s.sqlite")
    app = create_app(Settings(store=store.url), clock=lambda: NOW)
    reader = replace(service_of(app).reader, user_id=7)

    def ask(hour, day, user=reader):
        with app.test_request_context(f"/karta?hours={hour:02d}-00&from=2026-01-01&to={day}"):
            read_as(user, service_of(app).lens)
            budget.check_budget()

    # As many as a day allows take half a minute to write: a smaller budget shows the same.
    assert budget.MOST_FILTERS == 500
    monkeypatch.setattr(budget, "MOST_FILTERS", 12)
    used = [(hour, f"2026-{month:02d}-01") for month in range(2, 6) for hour in range(1, 4)]
    for hour, day in used:
        ask(hour, day)
    with pytest.raises(BudgetSpentError):
        ask(9, "2026-12-01")
    # One that was used already may be opened again; another reader has a day of their own.
    ask(*used[0])
    ask(9, "2026-12-01", replace(reader, user_id=8))
    ask(9, "2026-12-01", replace(reader, user_id=None))
    # Of one that is counted the store is not asked again: a map's tiles come by the dozen.
    with monkeypatch.context() as patch:
        patch.setattr(Releases, "use_filter", lambda *_, **__: pytest.fail("asked again"))
        ask(*used[1])
    service_of(app).store.close()
    store.close()


def test_pairs_of_filters_that_differ_by_one_term_are_counted(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        terms = {"day": date(2026, 5, 12), "most": 500, "warn": 2, "now": NOW}
        use = store.releases.use_filter
        assert use(1, "a", (), **terms).pairs == 0
        assert use(1, "b", ("a",), **terms).pairs == 1
        before = store.seal()
        assert use(1, "c", ("a", "x"), **terms).pairs == 2
        assert store.seal() != before
        assert use(1, "c", ("a", "x"), **terms).filters == 3
        assert store.verify_audit() == []


def test_a_release_across_the_border_is_a_decision_of_a_named_function(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as store:
        words = {
            "function": "social_director",
            "ground": "osl_10_18a",
            "recipient": "police",
            "what": "zone_picture",
        }
        before = store.seal()
        number = decide(store, **words, now=NOW)
        assert [(row.decision_id, row.function) for row in store.releases.decisions()] == [
            (number, "social_director")
        ]
        assert store.seal() != before
        for wrong in ({"ground": "because"}, {"recipient": "social"}):
            with pytest.raises(InvalidInputError):
                decide(store, **{**words, **wrong}, now=NOW)
        assert len(store.releases.decisions()) == 1

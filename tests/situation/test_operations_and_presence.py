"""Operations, presence, early warning and a zone's story, as a lens shows them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.access.lens import demo_lens
from riskmiljo.analysis.effect import effect
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.effort import INCOMPLETE
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation import (
    add_operation,
    add_presence,
    build_situation,
    evaluate,
    evaluation_record,
    presence_shown,
    refresh_zones,
    story_of_zone,
    zone_history,
    zone_warnings,
)
from riskmiljo.store.drawn import DrawnChange
from riskmiljo.zones import assign_zones

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SPRING = ("2026-02-01", "2026-05-01")


def entered(store, settings, **words):
    given = {"name": "Vår", "period": SPRING, "now": NOW, **words}
    return add_operation(store, settings, **given)


def test_an_operation_has_the_places_that_its_words_name(fresh_store, settings):
    refresh_zones(fresh_store, settings, now=NOW)
    zone = fresh_store.zones().iloc[0]
    number = entered(
        fresh_store, settings, zones=[zone["name"].upper()], places=["Resecentrum:200", "Gottsunda"]
    )
    shapes = list(fresh_store.operations.get(number).operation.places.geometry)
    assert shapes[0].equals(zone.geometry)
    assert shapes[1].area == pytest.approx(np.pi * 200**2, rel=0.02)
    assert shapes[2].area == pytest.approx(np.pi * 150**2, rel=0.02)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({}, "saknar platser"),
        ({"places": ["Resecentrm"]}, "Menas Resecentrum"),
        ({"places": ["Resecentrum:0"]}, "Radien"),
        ({"places": ["Resecentrum:nan"]}, "Radien"),
        ({"places": ["Resecentrum"], "period": ("2026-05-01", "2026-02-01")}, "slut måste komma"),
        ({"places": ["Resecentrum"], "name": "  "}, "namn"),
        ({"places": ["Resecentrum"], "outcomes": {"deaths": 1}}, "deaths"),
        ({"places": ["Resecentrum"], "outcomes": {"drug_seizures": -1}}, "drug_seizures"),
    ],
)
def test_what_cannot_be_entered_is_said_and_nothing_is_kept(store, settings, words, problem):
    with pytest.raises(InvalidInputError, match=problem):
        entered(store, settings, **words)
    assert store.operations.all() == ()


def test_the_effect_shown_is_that_of_the_analysis_and_is_kept(fresh_store, settings):
    number = entered(fresh_store, settings, places=["Resecentrum:400"])
    made = evaluate(fresh_store, settings, demo_lens(settings), Filter(), number, now=NOW)
    plain = effect(
        fresh_store.incidents(), fresh_store.operations.get(number).operation, method="did"
    )
    assert made.estimate == pytest.approx(plain.estimate, abs=0.005)
    assert made.verdict == plain.verdict
    assert made.counts.loc["operation", "before"] == plain.counts.loc["operation", "before"]
    kept = fresh_store.results.latest("effect")
    assert kept.body == json.loads(json.dumps(evaluation_record(made), allow_nan=False))
    assert kept.parameters["operation"] == number


def test_an_operation_is_compared_with_the_places_that_one_names(fresh_store, settings):
    refresh_zones(fresh_store, settings, now=NOW)
    lens = demo_lens(settings)
    number = entered(fresh_store, settings, places=["Resecentrum:300"])
    zone = fresh_store.zones().set_index("name")
    words = ["Gränbystaden:300", "Stenhagens centrum:200", "Sävja:200", "GOTTSUNDA CENTRUM"]
    made = evaluate(fresh_store, settings, lens, Filter(), number, now=NOW, compare=words)
    compared = made.shapes[made.shapes["role"] == "comparison"]
    assert len(compared) == 4
    assert any(shape.equals(zone.geometry["Gottsunda centrum"]) for shape in compared.geometry)
    assert fresh_store.results.latest("effect").parameters["compare"] == words
    chosen = evaluate(fresh_store, settings, lens, Filter(), number, now=NOW, compare=["  "])
    assert (chosen.shapes["role"] == "comparison").sum() > 4


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["Resecentrum:100"], "överlappar insatsen"),
        (["Resecentrm"], "Menas Resecentrum"),
        (["59.80,17.50:50"], "för få händelser|Inga händelser"),
    ],
)
def test_comparison_places_that_cannot_be_used_are_refused(fresh_store, settings, words, problem):
    number = entered(fresh_store, settings, places=["Resecentrum:300"])
    lens = demo_lens(settings)
    with pytest.raises((InvalidInputError, NothingFoundError), match=problem):
        evaluate(fresh_store, settings, lens, Filter(), number, now=NOW, compare=words)


def test_small_counts_and_what_would_tell_them_are_taken_out(fresh_store):
    # The operation's places have more before, and fewer during.
    strict = Settings(min_incidents=100)
    number = entered(fresh_store, strict, places=["Resecentrum:400"])
    lens = demo_lens(strict)
    made = evaluate(fresh_store, strict, lens, Filter(), number, now=NOW)
    free = evaluate(fresh_store, strict, demo_lens(Settings()), Filter(), number, now=NOW)
    shown = made.counts[["before", "during"]]
    assert shown.loc["operation"].isna().all()
    assert free.counts.loc["operation", "before"] > 100 > free.counts.loc["operation", "during"]
    # The change and one count would tell the other; the quotient and the ring's change both.
    assert made.wdq is None
    assert made.around is None
    assert made.series.empty
    [row] = [row for row in evaluation_record(made)["counts"] if row["group"] == "operation"]
    assert {name: row[name] for name in row if name not in ("group", "places")} == {
        "before": None, "during": None, "before_per_week": None, "during_per_week": None,
    }  # fmt: skip


def test_an_operation_without_a_before_is_refused(fresh_store, settings):
    first = fresh_store.span().start.date()
    early = (first.isoformat(), (first + timedelta(days=20)).isoformat())
    number = entered(fresh_store, settings, places=["Resecentrum"], period=early)
    with pytest.raises(InvalidInputError, match="före"):
        evaluate(fresh_store, settings, demo_lens(settings), Filter(), number, now=NOW)
    with pytest.raises(NothingFoundError, match="99"):
        evaluate(fresh_store, settings, demo_lens(settings), Filter(), 99, now=NOW)


def test_the_same_presence_twice_adds_nothing_but_two_crews_are_two(fresh_store, city):
    some = city.presence.iloc[:40]
    assert add_presence(fresh_store, some, now=NOW) == (40, 0)
    assert add_presence(fresh_store, some, now=NOW) == (0, 40)
    both = pd.concat([some.iloc[:1], some.iloc[:1]], ignore_index=True)
    assert add_presence(fresh_store, both, now=NOW) == (1, 1)
    more = city.presence.iloc[30:50]
    assert add_presence(fresh_store, more, now=NOW) == (10, 10)
    assert len(fresh_store.presence()) == 51
    assert add_presence(fresh_store, city.presence.iloc[:0], now=NOW) == (0, 0)


def test_presence_by_week_zone_and_crew_sums_to_what_is_kept(fresh_store, city, settings):
    lens = demo_lens(settings)
    with pytest.raises(NothingFoundError, match="Ingen närvaro"):
        presence_shown(fresh_store, settings, lens, Filter(), now=NOW)
    add_presence(fresh_store, city.presence, now=NOW)
    made = presence_shown(fresh_store, settings, lens, Filter(), now=NOW, weeks=6)
    kept = fresh_store.presence()
    kept = kept[(kept["begins"] >= made.period.start) & (kept["begins"] < NOW)]
    assert made.weeks["minutes"].sum() == pytest.approx(kept["minutes"].sum())
    assert {day.weekday() for day in made.weeks["week"]} == {0}
    assert made.weeks["week"].nunique() <= 6
    by_crew = made.weeks.groupby("crew_kind")["minutes"].sum()
    assert by_crew["police"] == pytest.approx(
        kept.loc[kept["crew_kind"] == "police", "minutes"].sum()
    )
    assert INCOMPLETE not in made.notes
    balance = made.balance
    assert balance["presence_share"].sum() == pytest.approx(1)
    assert balance["need_share"].sum() == pytest.approx(1)
    assert not balance["alarm"].iloc[int(balance["alarm"].sum()) :].any()
    assert (balance.loc[balance["alarm"], "why_sv"] != "").all()
    for weeks in (0, 1000):
        with pytest.raises(InvalidInputError, match="veckor"):
            presence_shown(fresh_store, settings, lens, Filter(), now=NOW, weeks=weeks)


def test_presence_that_avoids_a_zone_for_weeks_is_an_alarm(fresh_store, city, settings):
    lens = demo_lens(settings)
    zones = build_situation(fresh_store, settings, lens, Filter(), now=NOW).zones
    busiest = zones.sort_values("events").iloc[-1]
    inside = shapely.contains_xy(busiest.geometry, *coordinates(city.presence).T)
    add_presence(fresh_store, city.presence[~inside], now=NOW)
    made = presence_shown(fresh_store, settings, lens, Filter(), now=NOW)
    row = made.balance.loc[busiest["zone_id"]]
    assert row["alarm"]
    assert row["presence_share"] == 0
    assert "Mindre närvaro" in row["why_sv"]
    # What was discovered there came of hours that are not known, and says nothing of the need.
    assert INCOMPLETE in made.notes


def test_the_latest_week_is_counted_and_small_counts_are_withheld(fresh_store, settings):
    lens = demo_lens(settings)
    made = zone_warnings(fresh_store, settings, lens, Filter(), now=NOW)
    assert made.week[1] - made.week[0] == timedelta(days=6)
    incidents = fresh_store.incidents()
    zones = build_situation(fresh_store, settings, lens, Filter(), now=NOW).zones
    member = assign_zones(incidents, zones)
    day = incidents["occurred_from"].dt.tz_convert("Europe/Stockholm").dt.date
    latest = (day >= made.week[0]) & (day <= made.week[1])
    counts = member[latest].value_counts()
    table = made.zones.set_index("zone_id")
    assert set(table.index) == set(zones["zone_id"])
    for zone_id, row in table.iterrows():
        count = counts.get(zone_id, 0)
        if np.isnan(row["this_week"]):
            assert np.isnan([row["z"], row["p"], row["q"]]).all()
            assert "för få för att visas" in row["verdict_sv"] or row["verdict"] != "usual"
            if row["verdict"] in ("alarm", "above", "below"):
                assert np.isnan(row["upper_95"])
        else:
            assert row["this_week"] == count >= lens.min_incidents
    assert table["this_week"].isna().any()
    few = Settings(min_incidents=1000)
    with pytest.raises(NothingFoundError):  # no zone of the year may be shown
        zone_warnings(fresh_store, few, demo_lens(few), Filter(), now=NOW)


def test_a_narrow_question_is_answered_for_the_standing_zones(fresh_store, settings):
    refresh_zones(fresh_store, settings, now=NOW)
    lens = demo_lens(settings)
    question = Filter(categories=("robbery",))
    made = zone_warnings(fresh_store, settings, lens, question, now=NOW)
    incidents = fresh_store.incidents(question)
    counts = assign_zones(incidents, fresh_store.zones()).value_counts()
    shown = set(made.zones["zone_id"])
    assert shown == {zone for zone, count in counts.items() if count >= 5 and zone in shown}
    assert shown
    left = len(fresh_store.zones()) - len(shown)
    assert any(f"{left} zoner visas inte" in note.sv for note in made.notes)


def test_a_period_chooses_the_week_that_is_judged(fresh_store, settings):
    asked = Filter(period=Period.between("2025-01-06", "2026-01-05"))
    made = zone_warnings(fresh_store, settings, demo_lens(settings), asked, now=NOW)
    assert made.week == (date(2025, 12, 29), date(2026, 1, 4))
    assert made.zones["weeks"].max() == 51


def test_a_zone_that_ceases_is_in_the_history_and_a_drawn_one_stays(fresh_store, settings):
    lens = demo_lens(settings)
    with pytest.raises(NothingFoundError, match="sparade"):
        zone_history(fresh_store, lens)
    first = refresh_zones(fresh_store, settings, now=NOW)
    gone = first.iloc[0]
    own = gone.geometry.centroid.buffer(200)
    drawn = first.iloc[[0]][["zone_id", "name", "geometry"]].assign(
        zone_id="d1", name="Egen zon", geometry=[own]
    )
    fresh_store.drawn_zones.make(DrawnChange(NOW, zones=drawn))
    second = refresh_zones(fresh_store, settings, now=NOW)
    kept = second.set_index("zone_id").loc["d1"]
    assert kept["name"] == "Egen zon"
    assert kept.geometry.equals(own)
    history = zone_history(fresh_store, lens)
    ceased = history[history["status"] == "ceased"]
    assert gone["zone_id"] in set(ceased["zone_id"])
    assert ceased["events"].isna().all()
    assert (history["events"].dropna() >= lens.min_sensitive).all()
    shown = build_situation(fresh_store, settings, lens, Filter(), now=NOW).zones
    assert "d1" in set(shown["zone_id"])


def test_a_zones_story_tells_no_single_place_or_day(fresh_store, settings):
    refresh_zones(fresh_store, settings, now=NOW)
    lens = demo_lens(settings)
    zones = build_situation(fresh_store, settings, lens, Filter(), now=NOW).zones
    for name in zones["name"]:
        told = story_of_zone(fresh_store, settings, lens, Filter(), str(name).lower(), now=NOW)
        said = " ".join(line.sv for line in told.lines)
        assert "dagen då mest hände" not in said
        assert "platsen där mest händer" not in said
        assert said.count("Bärs upp av") == 1
        assert "Upphör att vara en zon" in said
        assert not {"top_place_share", "top_day_share"} & set(told.explanation)
        assert len(told.history) == 1
    first = zones.iloc[0]
    by_id = story_of_zone(fresh_store, settings, lens, Filter(), first["zone_id"], now=NOW)
    assert by_id.zone["name"] == first["name"]
    assert by_id.explanation["events"] == first["events"]
    with pytest.raises(InvalidInputError, match=first["name"]):
        story_of_zone(fresh_store, settings, lens, Filter(), first["name"][:-1], now=NOW)


def test_kept_counts_are_those_of_the_owners_that_a_reader_may_read(fresh_store, settings):
    refresh_zones(fresh_store, settings, now=NOW, bootstraps=0)
    whole = demo_lens(settings)
    assert zone_history(fresh_store, whole)["events"].notna().all()
    police = replace(whole, owners=frozenset({"police"}))
    kept = fresh_store.zones(owners=police.owners)
    assert zone_history(fresh_store, police)["events"].tolist() == kept["events"].tolist()
    incidents = fresh_store.incidents(owners=police.owners)
    assert kept["events"].sum() <= len(incidents) < fresh_store.count()
    for narrow in (
        replace(whole, owners=frozenset({"municipality"})),
        replace(whole, scope="joint"),
    ):
        with pytest.raises(NothingFoundError):
            zone_history(fresh_store, narrow)

"""What a planner follows, through the lens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.analysis.warning import early_warning
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation import refresh_zones
from riskmiljo.situation.data_quality import data_quality
from riskmiljo.situation.operation_cards import operation_cards, told_outcomes, zones_to_choose
from riskmiljo.situation.operation_entry import add_operation
from riskmiljo.situation.operations import evaluate
from riskmiljo.situation.planner import (
    BLOCK_WEEKS,
    WEEKS,
    News,
    _hide_more,
    planner_overview,
    standing_zones,
    zone_news,
)
from riskmiljo.store import open_store
from riskmiljo.zones import assign_zones

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TZ = "Europe/Stockholm"
LENS = demo_lens(Settings())


@pytest.fixture(scope="module")
def overview(store, settings):
    return planner_overview(store, settings, LENS, Filter(), now=NOW)


def local_days(incidents):
    return incidents["occurred_from"].dt.tz_convert(TZ).dt.date


def test_the_area_s_weeks_are_the_counts_of_whole_local_weeks(overview, store):
    days = local_days(store.incidents(Filter()))
    assert len(overview.area) == 12
    for row in overview.area.to_dict("records"):
        last = row["begins"] + timedelta(days=6)
        counted = int(((days >= row["begins"]) & (days <= last)).sum())
        assert row["count"] == counted
    assert overview.week == (overview.area["begins"].iloc[-1], last)


def test_each_week_is_judged_by_what_was_known_when_it_began(overview, store):
    incidents = store.incidents(Filter())
    for row in overview.area.to_dict("records")[::5]:
        end = row["begins"] + timedelta(days=7)
        alone = early_warning(incidents, now=end).loc["all"]
        assert row["expected"] == pytest.approx(alone["expected"])
        assert (row["lower"], row["upper"]) == (alone["lower_95"], alone["upper_95"])


def test_a_zone_s_counts_are_true_or_withheld(overview, store):
    incidents = store.incidents(Filter())
    member = assign_zones(incidents, overview.situation.zones)
    days = local_days(incidents)
    end = overview.week[1] + timedelta(days=1)
    shown = 0
    for zone_id, zone in overview.zones.items():
        inside = days[(member == zone_id).to_numpy()]
        assert len(zone.counts) * zone.step == WEEKS
        for n, count in enumerate(zone.counts):
            first = end - timedelta(days=7 * zone.step * (len(zone.counts) - n))
            last = first + timedelta(days=7 * zone.step)
            true = int(((inside >= first) & (inside < last)).sum())
            assert count is None or count == true >= LENS.min_incidents
            shown += count is not None
    assert shown > 0
    assert {zone.step for zone in overview.zones.values()} == {1, BLOCK_WEEKS}


def test_no_small_count_can_be_had_from_a_sum_of_four_weeks(overview, store):
    incidents = store.incidents(Filter())
    member = assign_zones(incidents, overview.situation.zones)
    days = local_days(incidents)
    end = overview.week[1] + timedelta(days=1)
    for zone_id, zone in overview.zones.items():
        inside = days[(member == zone_id).to_numpy()]
        width = BLOCK_WEEKS if zone.step == 1 else len(zone.counts)
        for at in range(0, len(zone.counts), width):
            hidden = [n for n in range(at, at + width) if zone.counts[n] is None]
            rest = 0
            for n in hidden:
                first = end - timedelta(days=7 * zone.step * (len(zone.counts) - n))
                last = first + timedelta(days=7 * zone.step)
                rest += int(((inside >= first) & (inside < last)).sum())
            if hidden and len(hidden) < width:
                assert len(hidden) >= 2
                assert rest >= LENS.min_incidents


@pytest.mark.parametrize(
    ("counts", "shown", "kept"),
    [
        ([9, 8, 2, 12], [1, 1, 0, 1], [1, 0, 0, 1]),
        ([9, 1, 2, 12], [1, 0, 0, 1], [0, 0, 0, 1]),
        ([9, 3, 3, 12], [1, 0, 0, 1], [1, 0, 0, 1]),
        ([9, 8, 7, 12], [1, 1, 1, 1], [1, 1, 1, 1]),
        ([0, 0, 0, 5], [0, 0, 0, 1], [0, 0, 0, 0]),
    ],
)
def test_more_is_hidden_until_the_hidden_counts_cannot_be_told(counts, shown, kept):
    seen = np.array(shown, dtype=bool)
    _hide_more(np.array(counts, dtype=float), seen, 5)
    assert seen.astype(int).tolist() == kept


def test_a_withheld_count_outside_its_range_does_not_tell_the_range(overview):
    for zone in overview.zones.values():
        if zone.this_week is None and zone.verdict in ("alarm", "above", "below"):
            assert zone.lower is None
            assert zone.upper is None


def test_a_period_is_compared_with_itself_only(store, settings):
    period = Period.between("2026-01-05", "2026-04-27")
    seen = planner_overview(store, settings, LENS, Filter(period=period), now=NOW)
    assert seen.week == (date(2026, 4, 20), date(2026, 4, 26))
    assert seen.area["begins"].iloc[0] == date(2026, 2, 2)
    # Twelve weeks before are the least that is judged by.
    assert seen.area["expected"].notna().tolist() == [False] * 8 + [True] * 4


def test_a_period_without_a_whole_week_is_refused(store, settings):
    period = Period.between("2026-04-20", "2026-04-23")
    with pytest.raises(InvalidInputError, match="0 hela veckor"):
        planner_overview(store, settings, LENS, Filter(period=period), now=NOW)


def test_an_empty_store_says_so(tmp_path, settings):
    with open_store(f"sqlite:///{tmp_path}/tom.sqlite") as empty:
        with pytest.raises(NothingFoundError, match="tomt"):
            planner_overview(empty, settings, LENS, Filter(), now=NOW)
        assert zone_news(empty, LENS, tz=TZ).since is None
        assert zones_to_choose(empty, settings, LENS, now=NOW) == ()
        assert operation_cards(empty, LENS) == ()


# --- data quality


def frame_of(**columns):
    number = len(next(iter(columns.values())))
    times = pd.Series(pd.Timestamp("2026-03-01", tz="UTC")).repeat(number).reset_index(drop=True)
    table = {"occurred_from": times, **{k: pd.Series(v) for k, v in columns.items()}}
    return complete_incidents(
        points_frame(table, np.full(number, 648_000.0), np.full(number, 6_638_000.0), 3006)
    )


def test_quality_is_told_in_shares_that_a_reader_can_check():
    waits = [0.5] * 40 + [2.0] * 40 + [10.0] * 20
    start = pd.Timestamp("2026-03-01", tz="UTC")
    frame = frame_of(
        registered_at=[start + pd.Timedelta(days=wait) for wait in waits],
        detection=["reported"] * 70 + ["discovered"] * 30,
        precision_m=[50.0] * 94 + [300.0] * 6,
    )
    quality = data_quality(frame, LENS)
    assert quality.median_days == 2.0
    assert quality.late == 0.2
    assert (quality.reported, quality.discovered) == (0.7, 0.3)
    assert quality.unknown is None
    assert quality.coarse == 0.06


def test_a_share_that_rests_on_few_is_not_told_nor_its_complement():
    frame = frame_of(detection=["reported"] * 96 + ["discovered"] * 4)
    quality = data_quality(frame, LENS)
    assert quality.reported is None
    assert quality.discovered is None
    # Registered at the very moment that it occurred: no time of registration was known.
    assert quality.median_days is None
    assert quality.late is None
    assert data_quality(frame_of(detection=["reported"] * 96), LENS).reported == 1.0
    assert data_quality(frame_of(detection=["reported"] * 4), LENS).reported is None
    assert data_quality(frame.iloc[:0], LENS).late is None


# --- what is new


def test_what_is_new_names_zones_that_came_and_went(fresh_store, settings):
    assert zone_news(fresh_store, LENS, tz=TZ).since is None
    refresh_zones(fresh_store, settings, now=NOW)
    assert zone_news(fresh_store, LENS, tz=TZ).since is None
    zones = fresh_store.zones()
    gone = zones.iloc[0]
    later = zones.iloc[1:].copy()
    later["status"] = ["new", "growing"] + ["persisting"] * (len(later) - 2)
    later.attrs = {}
    start, end = (datetime.fromisoformat(text) for text in zones.attrs["period"])
    fresh_store.save_zones(later, parameters={}, period=Period(start, end), now=NOW)
    news = zone_news(fresh_store, LENS, tz=TZ)
    assert news.since == end
    told = [(zone.status, zone.zone_id) for zone in news.zones]
    assert told == [
        ("new", later["zone_id"].iloc[0]),
        ("growing", later["zone_id"].iloc[1]),
        ("ceased", gone["zone_id"]),
    ]
    # One who may not read all of them is told nothing of what rests on all.
    social = replace(LENS, owners=frozenset({"social"}))
    assert zone_news(fresh_store, social, tz=TZ) == News(None, ())
    own = set(fresh_store.zones(owners={"social"})["zone_id"])
    assert set(standing_zones(fresh_store, social, tz=TZ)["zone_id"]) <= own
    for narrow in (
        replace(LENS, owners=frozenset({"police", "municipality"})),
        replace(LENS, scope="joint"),
    ):
        assert standing_zones(fresh_store, narrow, tz=TZ) is None
        assert zone_news(fresh_store, narrow, tz=TZ) == News(None, ())


# --- operations


def test_an_evaluation_is_shown_through_the_lens_that_made_it(fresh_store, settings):
    refresh_zones(fresh_store, settings, now=NOW)
    zones = zones_to_choose(fresh_store, settings, LENS, now=NOW)
    names = [name for _zone_id, name in zones]
    assert names == sorted(names, key=str.casefold)
    first, second = (
        add_operation(
            fresh_store,
            settings,
            name=name,
            period=("2026-01-01", "2026-04-01"),
            zones=[zone_id for zone_id, _name in zones[:3]],
            outcomes={"drug_seizures": 3, "young_people_met": 40},
            now=NOW,
        )
        for name in ("Vinter", "Vinter igen")
    )
    for hour in (1, 2):
        later = NOW + timedelta(hours=hour)
        evaluate(fresh_store, settings, LENS, Filter(), first, now=later)
    reported = Filter(detections=("reported",))
    evaluate(fresh_store, settings, LENS, reported, second, now=NOW)
    cards = {card.operation_id: card for card in operation_cards(fresh_store, LENS)}
    assert cards[first].effect.made_at == NOW + timedelta(hours=2)
    assert cards[first].effect.filter == ()
    assert cards[second].effect.filter == (("detection", "reported"),)
    assert cards[first].outcomes == {"drug_seizures": None, "young_people_met": 40}
    stricter = replace(LENS, min_incidents=20)
    assert all(card.effect is None for card in operation_cards(fresh_store, stricter))
    assert len(fresh_store.results.all("effect")) == 3
    assert fresh_store.results.all("no such kind") == ()


def test_small_outcomes_are_withheld_those_of_the_young_sooner():
    given = {
        "support_contacts": 9,
        "weapon_seizures": 5,
        "drug_seizures": 0,
        "young_people_met": 10,
    }
    assert told_outcomes(given, LENS) == {
        "drug_seizures": None,
        "weapon_seizures": 5,
        "young_people_met": 10,
        "support_contacts": None,
    }

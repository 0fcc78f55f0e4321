"""How good the data are, in one's own picture and as it is released to the joint one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.analysis.warning import early_warning
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation.data_quality import (
    LIMITS,
    Quality,
    data_quality,
    delivered_rows,
    weakest,
)
from riskmiljo.situation.release_margins import labels
from riskmiljo.situation.release_quality import release_quality, told_quality
from riskmiljo.situation.release_weeks import release_weeks, told_weeks
from riskmiljo.store import Area, open_store

TZ = "Europe/Stockholm"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday
LENS = demo_lens(Settings())
FIRST = date(2025, 4, 28)  # a Monday
EVERY = frozenset({"police", "social", "municipality"})


def frame_of(times, **columns):
    """Incidents at four places in turn."""
    at = pd.to_datetime(pd.Series(times), utc=True)
    x = 648_000.0 + 200.0 * (np.arange(len(at)) % 4)
    data = {"occurred_from": at, **columns}
    made = points_frame(data, x, np.full(len(at), 6_638_000.0), 3006)
    return complete_incidents(made)


def weeks_of(*counts, **columns):
    """So many incidents in each week from the first on, spread over its days."""
    times = [
        pd.Timestamp(FIRST + timedelta(days=7 * week), tz=TZ)
        + pd.Timedelta(hours=12 + 24 * (n % 7))
        for week, count in enumerate(counts)
        for n in range(count)
    ]
    return frame_of(times, **columns)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("tomt") / "s.sqlite"
    with open_store(f"sqlite:///{path}") as made:
        made.set_area(Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, TZ))
    return path


@pytest.fixture
def store(empty, tmp_path):
    with open_store(f"sqlite:///{shutil.copy(empty, tmp_path / 's.sqlite')}") as made:
        yield made


def deliver(store, name, span, *, rows, refused, owner="police"):
    frame = frame_of(pd.date_range("2026-01-01", periods=3, freq="D", tz="UTC"), owner=owner)
    frame["incident_id"] = [f"{name}-{n}" for n in range(3)]
    receipt = {"span": list(span), "rows": rows, "refused_by_code": refused}
    return store.add_incidents(
        frame,
        file_name=f"{name}.csv",
        sha256=name.ljust(64, "0"),
        source="police",
        receipt=receipt,
        now=NOW,
    )


# --- one's own picture


def test_rows_without_a_place_are_counted_from_the_files_that_touch_the_period(store):
    year = ("2026-01-01T00:00:00+00:00", "2026-03-31T00:00:00+00:00")
    deliver(
        store,
        "a",
        year,
        rows=100,
        refused={"KOORD_SAKNAS": 6, "LATLON_OMKASTAD": 2, "TID_FORMAT": 9},
    )
    deliver(store, "b", year, rows=60, refused={"GEOM_SAKNAS": 4}, owner="social")
    deliver(store, "c", (year[0], year[0]), rows=1000, refused={"KOORD_NOLL": 1000})
    spring = Period.between("2026-02-01", "2026-05-01", tz=TZ)
    assert delivered_rows(store, EVERY, spring) == (160, 12)
    assert delivered_rows(store, frozenset({"police"}), spring) == (100, 8)
    told = data_quality(frame_of([]), LENS, delivered=(100, 8))
    assert told.placeless == 0.08
    # Four would be too few to tell.
    assert data_quality(frame_of([]), LENS, delivered=(60, 4)).placeless is None
    # Where all is social, ten are asked for.
    social = lens_of(Role.OUTREACH, Settings())
    assert told.placeless is not None
    assert data_quality(frame_of([]), social, delivered=(100, 8)).placeless is None
    assert data_quality(frame_of([]), social, delivered=(100, 10)).placeless == 0.1


def test_an_undone_file_and_one_without_a_receipt_count_for_nothing(store):
    span = ("2026-01-01T00:00:00+00:00", "2026-03-31T00:00:00+00:00")
    deliver(store, "a", span, rows=100, refused={"KOORD_SAKNAS": 50})
    store.undo_batch(1, now=NOW)
    deliver(store, "b", (None, None), rows=10, refused={})
    assert delivered_rows(store, EVERY, Period.between("2026-01-01", "2026-05-01", tz=TZ)) == (0, 0)


def test_the_worst_is_what_is_largest_beside_its_limit():
    quality = Quality(1.0, 0.12, 0.6, 0.38, None, 0.03, 0.01)
    worst = weakest(quality)
    assert (worst.name, worst.share, worst.grave) == ("late", 0.12, True)
    mild = weakest(replace(quality, late=0.02))
    assert (mild.name, mild.grave) == ("discovered", False)
    assert weakest(Quality(None, None, None, None, None, None)) is None
    assert set(LIMITS) <= set(Quality.__dataclass_fields__)


# --- the joint picture


def told_of(store, frame, now=NOW, **options):
    release_quality(store, Settings(), frame, date(2026, 4, 1), now=now, tz=TZ, **options)
    return told_quality(store)


def test_the_joint_picture_tells_shares_in_steps_of_five_per_cent(store):
    frame = weeks_of(
        *[20] * 52, detection=["discovered", "reported", "reported"] * 346 + ["unknown"] * 2
    )
    told = told_of(store, frame).quality
    assert (told.discovered, told.reported) == (0.35, 0.65)
    # Two of a kind are no answer, nor are all of them but a few.
    assert told.unknown is None
    assert told.coarse is None
    assert told.median_days is None


def test_a_share_of_few_places_or_days_is_not_told(store):
    detection = ["discovered" if n % 4 == 0 else "reported" for n in range(52 * 20)]
    assert told_of(store, weeks_of(*[20] * 52, detection=detection)).quality.discovered is None


def test_quality_is_told_once_a_month_whatever_is_registered_later(store):
    frame = weeks_of(*[20] * 52, detection=["reported"] * 700 + ["discovered"] * 340)
    first = told_of(store, frame)
    frame["detection"] = "unknown"
    assert told_of(store, frame) == first
    assert len(store.results.all("released_quality")) == 1
    assert told_of(store, frame, anew=True) != first


def keep_weeks(store, frame, now=NOW, **options):
    release_weeks(store, Settings(), labels(frame, tz=TZ), now=now, tz=TZ, **options)
    return told_weeks(store)


def test_a_released_week_has_a_band_and_the_word_of_the_warning(store):
    counts = [30 + n % 5 for n in range(52)]
    counts[-2], counts[-4] = 80, 12
    frame = weeks_of(*counts)
    told = keep_weeks(store, frame)
    # The week that ended yesterday has not settled.
    assert told[-1].begins == FIRST + timedelta(days=7 * 51)
    assert [week.band.sv for week in told[-4:]] == ["10–19", "20–49", "50–99", "20–49"]
    for week in told:
        alone = early_warning(frame, now=week.begins + timedelta(days=7), tz=TZ).loc["all"]
        count = counts[(week.begins - FIRST).days // 7]
        state = (
            "over"
            if count > alone["upper_95"]
            else "under"
            if count < alone["lower_95"]
            else "within"
        )
        assert (week.state, week.owner) == (state, "municipality"), week
    assert [week.state for week in told[-4:]] == ["under", "within", "over", "within"]


def test_a_week_is_told_once_and_a_later_one_is_added(store):
    frame = weeks_of(*[30] * 53)
    first = keep_weeks(store, frame, now=NOW)
    more = pd.concat([frame, weeks_of(*[0] * 50, 60)], ignore_index=True)
    again = keep_weeks(store, more, now=NOW + timedelta(days=7))
    assert again[:-1] == first[1:]
    assert again[-1].begins == first[-1].begins + timedelta(days=7)


def test_a_week_that_an_authority_has_not_delivered_is_not_told_as_a_quiet_one(store):
    police = weeks_of(*[30] * 52, owner="police")
    other = weeks_of(*[30] * 50, owner="municipality")
    told = keep_weeks(store, pd.concat([police, other], ignore_index=True))
    assert told[-1].begins == FIRST + timedelta(days=7 * 49)


def test_too_few_incidents_of_a_group_are_in_no_week(store):
    police = weeks_of(*[30] * 52, owner="police")
    # Nine of the social services' a week: below the floor of ten.
    social = weeks_of(*[9] * 52, owner="social")
    both = pd.concat([police, social], ignore_index=True)
    assert {week.low for week in keep_weeks(store, both)} == {20}
    assert keep_weeks(store, weeks_of(*[3] * 52), anew=True) == ()


def test_a_town_without_a_whole_week_tells_none(store):
    assert keep_weeks(store, weeks_of(20), now=datetime(2025, 5, 6, tzinfo=UTC)) == ()

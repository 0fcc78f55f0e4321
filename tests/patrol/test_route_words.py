"""What a plan says of its stops: hours, presence so far, and names in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError
from riskmiljo.model.plan import place_title
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.habit import HABIT_DAYS, minutes_at_stops
from riskmiljo.patrol.route_words import hour_of, peak_of, presence_so_far
from riskmiljo.patrol.routes import plan_routes

TZ = "Europe/Stockholm"
X0, Y0 = 648_000.0, 6_638_000.0
UNTIL = datetime(2026, 4, 30, 16, tzinfo=UTC)


def presence_of(rows: list[tuple[float, float, float]]) -> gpd.GeoDataFrame:
    """Rows of (days before the shift, metres east of the stop, minutes)."""
    begins = pd.DatetimeIndex([pd.Timestamp(UNTIL) - pd.Timedelta(days=d) for d, _, _ in rows])
    minutes = np.array([m for _, _, m in rows], dtype=float)
    data = {
        "begins": begins,
        "ends": begins + pd.to_timedelta(minutes, unit="min"),
        "minutes": minutes,
        "crew_kind": "outreach",
        "source": "imported",
    }
    return gpd.GeoDataFrame(
        data, geometry=[shapely.Point(X0 + x, Y0) for _, x, _ in rows], crs=3006
    )


@pytest.mark.parametrize(
    ("utc", "sv", "en"),
    [
        ("2026-04-30 20:30", "22–23", "22–23"),
        ("2026-04-30 21:59", "23–00", "23–00"),
        # The autumn night has two hours that begin at two.
        ("2026-10-24 23:40", "01–02", "01–02"),
        ("2026-10-25 00:00", "02–03 (sommartid)", "02–03 (summer time)"),
        ("2026-10-25 00:59", "02–03 (sommartid)", "02–03 (summer time)"),
        ("2026-10-25 01:00", "02–03 (vintertid)", "02–03 (winter time)"),
        ("2026-10-25 01:59", "02–03 (vintertid)", "02–03 (winter time)"),
        ("2026-10-25 02:00", "03–04", "03–04"),
        # The spring night has none.
        ("2026-03-29 00:30", "01–02", "01–02"),
        ("2026-03-29 01:00", "03–04", "03–04"),
    ],
)
def test_each_hour_of_a_night_is_told_by_a_name_of_its_own(utc, sv, en):
    told = hour_of(datetime.fromisoformat(utc).replace(tzinfo=UTC), TZ)
    assert (told.sv, told.en) == (sv, en)


@pytest.mark.parametrize("text", ["2026-03-28 22:00/06:00", "2026-10-24 22:00/06:00"])
def test_no_two_hours_of_a_shift_over_a_clock_change_are_told_alike(text):
    shift = Shift.parse(text)
    slots = shift.hour_slots()
    told = [hour_of(slot.begins, TZ).sv for slot in slots]
    assert len(set(told)) == len(slots) == {"03": 7, "10": 9}[text[5:7]]
    peaks = [peak_of([float(i == n) for i in range(len(slots))], shift) for n in range(len(slots))]
    assert [peak.sv for peak in peaks if peak is not None] == told
    assert peak_of([1.0] * len(slots), shift) is None


@pytest.mark.parametrize(
    ("minutes", "sv", "en"),
    [
        (0, "ingen noterad", "none noted"),
        (0.4, "ingen noterad", "none noted"),
        (59.4, "59 min", "59 min"),
        (59.6, "1 tim", "1 h"),
        (200, "3 tim 20 min", "3 h 20 min"),
    ],
)
def test_presence_is_told_in_hours_and_minutes_over_a_stated_span(minutes, sv, en):
    told = presence_so_far(minutes, HABIT_DAYS)
    assert told.sv == f"Närvaro här senaste 28 dygnen: {sv}."
    assert told.en == f"Presence here in the last 28 days: {en}."


def test_presence_at_a_stop_is_that_within_sight_in_the_weeks_before():
    rows = [(1, 0, 10), (27.9, 149, 20), (28.1, 0, 40), (2, 151, 80), (0, 0, 160), (-1, 0, 320)]
    at = np.array([(X0, Y0), (X0 + 300, Y0), (X0 + 5_000, Y0)])
    found = minutes_at_stops(presence_of(rows), at, until=UNTIL)
    # The second stop is as far from its nearest rows as sight reaches: 151 m and 149 m.
    assert found.tolist() == [30.0, 80.0, 0.0]
    assert minutes_at_stops(presence_of(rows)[:0], at, until=UNTIL).tolist() == [0] * 3
    with pytest.raises(CRSError):
        minutes_at_stops(presence_of(rows).to_crs(4326), at, until=UNTIL)


def test_every_stop_and_every_one_left_out_tells_count_expected_and_presence():
    shift = Shift.parse("2026-04-30 18:00/20:00")
    near, far = shapely.Point(X0, Y0), shapely.Point(X0 + 60_000, Y0)
    told = {
        "stop_id": ["a", "b", "c"],
        "name": ["City, norra delen", "Fjärran", "Torget"],
        "kind": ["zone", "zone", "explore"],
        "risk": [(0.5, 0.4), (0.3, 0.2), (0.1, 0.1)],
        "why_sv": ["6 händelser.", "9 händelser.", "Utforskande stopp: liten närvaro."],
        "why_en": ["6 incidents.", "9 incidents.", "Exploratory stop: little presence."],
        "presence_min": [200.0, 0.0, 5.0],
    }
    stops = gpd.GeoDataFrame(told, geometry=[near, far, shapely.Point(X0 + 90, Y0)], crs=3006)
    made = {"streets": None, "shift": shift, "teams": 1, "start": (X0, Y0), "seconds": 0.05}
    plan = plan_routes(stops, **made)
    whys = {visit.stop_id: visit.why for visit in reversed(plan.routes[0].visits)}
    assert "6 incidents." in whys["a"].en
    assert "expected 0.5 at 18–19" in whys["a"].en
    assert "Närvaro här senaste 28 dygnen: 3 tim 20 min." in whys["a"].sv
    # What is to be explored has said so itself.
    assert "Närvaro här" not in whys["c"].sv
    (left,) = plan.left_out
    assert left.why.sv.startswith("För långt bort")
    assert left.why.sv.endswith("9 händelser. Närvaro här senaste 28 dygnen: ingen noterad.")
    untold = plan_routes(stops.drop(columns="presence_min"), **made)
    everything = [*untold.routes[0].visits, *untold.left_out]
    assert not any("senaste 28" in step.why.sv for step in everything)


def test_parts_of_zones_and_places_on_the_way_are_told_in_both_languages():
    assert place_title("City, norra delen").en == "City, northern part"
    assert place_title("City, norra delen").sv == "City, norra delen"
    assert place_title("på väg").en == "on the way"
    for name in ("Norra delen", "City, Stora torget", ""):
        assert place_title(name).en == place_title(name).sv == name

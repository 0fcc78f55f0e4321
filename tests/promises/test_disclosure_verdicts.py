"""What is told of operations and forecasts gives no small count away: an attacker tries.

The attacker enters operations as any reader may, with places and days of his own choosing, and
knows the rules, the method and how all comparison places changed. What counts as recovered: an
exact count of 1 to 9 at a place, which follows for certain.
"""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.lens import lens_of
from riskmiljo.analysis.effect import effect
from riskmiljo.analysis.effect_inference import difference_in_differences, spread_of
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.operation import Operation
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation import build_situation
from riskmiljo.situation.joint_news import joint_news
from riskmiljo.situation.joint_zones import SUM_BANDS
from riskmiljo.situation.operation_cards import operation_cards
from riskmiljo.situation.release_margins import upper_of
from riskmiljo.situation.release_record import KIND as RECORD
from riskmiljo.situation.release_record import release_record, told_record
from riskmiljo.situation.release_verdicts import APART, KIND, counted_reports, release_verdicts
from riskmiljo.situation.told_verdicts import told_verdicts
from riskmiljo.store import open_store

TZ = "Europe/Stockholm"
FIRST, LAST = date(2025, 11, 3), date(2026, 3, 30)


@pytest.fixture(scope="module")
def settings():
    return Settings()


@pytest.fixture(scope="module")
def centre(joint_city):
    """The busiest square of 50 m of the centre."""
    place = read_gazetteer(crs=joint_city.known.crs).set_index("name").geometry["City"]
    return place.x, place.y


@pytest.fixture
def store(tmp_path, released_path):
    shutil.copy(released_path, tmp_path / "s.sqlite")
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as made:
        yield made


@pytest.fixture
def attack(store, joint_city, settings):
    """Enter operations and let the weekly release judge them; returns what is told of each."""

    def judged(*asked, incidents=None, now=joint_city.now, anew=False):
        numbers = [add(store, joint_city, *one) for one in asked]
        known = joint_city.known if incidents is None else incidents
        release_verdicts(store, settings, known, now=now, tz=TZ, anew=anew)
        told = told_verdicts(store)
        return [told.get((number, 0)) for number in numbers]

    return judged


def add(store, joint_city, shape, first=FIRST, last=LAST):
    places = gpd.GeoDataFrame(geometry=[shape], crs=joint_city.known.crs)
    operation = Operation("Insats", Period.between(first, last), places)
    return store.operations.add(operation, now=joint_city.now)


def disc(middle, radius_m):
    return gpd.points_from_xy([middle[0]], [middle[1]])[0].buffer(radius_m)


def bodies(store):
    return [row.body for row in reversed(store.results.all(KIND))]


def test_a_verdict_is_coarse_holds_the_true_interval_and_no_count(
    store, attack, joint_city, centre, settings
):
    [told] = attack([disc(centre, 500)])
    assert told.state == "told"
    counted = counted_reports(joint_city.known)
    found = effect(counted, store.operations.all()[0].operation, tz=TZ, rng=0)
    assert told.lower <= found.lower <= found.upper <= told.upper
    assert abs(told.estimate - found.estimate) <= 0.025 + 1e-9
    for value in (told.estimate, told.lower, told.upper):
        assert (20 * value) == pytest.approx(round(20 * value))
    [body] = bodies(store)
    assert set(body) == {"state", "word", "why", "estimate", "lower", "upper", "around", "owners"}
    # Every count behind it is at least ten.
    assert found.counts.loc[["operation", "comparison"], ["before", "during"]].min().min() >= 10
    [card] = operation_cards(store, lens_of(Role.PLANNER, settings))
    assert card.effect is None
    assert card.told == told
    assert "%" in told.text.sv


def test_sensitive_reports_and_those_to_other_owners_change_nothing(
    store, attack, joint_city, centre, settings
):
    [told] = attack([disc(centre, 500)])
    known = joint_city.known
    mine = counted_reports(known)
    assert set(mine["owner"].astype(str)) == {"police"}
    assert set(mine["detection"].astype(str)) == {"reported"}
    assert not (mine["age_band"] == "under_18").any()
    others = known[(known["owner"] != "police") | (known["age_band"] == "under_18")]
    more = pd.concat([known, others.sample(300, random_state=1)], ignore_index=True)
    release_verdicts(store, settings, more, now=joint_city.now, tz=TZ, anew=True)
    assert bodies(store)[0] == bodies(store)[1]
    assert list(told_verdicts(store).values()) == [told]


@pytest.fixture
def neighbours(centre):
    """Two operations of which one has a place more, where little happens."""
    inner = disc(centre, 500)
    x, y = centre[0] + 640.0, centre[1]
    outer = inner.union(disc((x, y), 120.0))
    return inner, outer


def test_what_happens_at_the_place_by_which_two_operations_differ_changes_nothing_told(
    store, joint_city, settings, neighbours, tmp_path
):
    inner, outer = neighbours
    alone = outer.difference(inner)
    at = alone.representative_point()
    known = joint_city.known
    pattern = known[(known["owner"] == "police") & (known["detection"] == "reported")].iloc[[0]]
    day = pd.Timestamp("2026-01-14 18:00", tz="UTC")
    answers, exact = [], []
    for number in (0, 1, 3):
        extra = pd.concat([pattern] * number, ignore_index=True) if number else pattern.iloc[:0]
        extra = extra.assign(
            incident_id=[f"ny-{n}" for n in range(number)],
            occurred_from=day, occurred_to=day, age_band="unknown", category="violence",
        ).set_geometry(gpd.GeoSeries([at] * number, crs=known.crs))  # fmt: skip
        incidents = pd.concat([known, extra], ignore_index=True)
        shutil.copy(store.url.removeprefix("sqlite:///"), tmp_path / f"{number}.sqlite")
        with open_store(f"sqlite:///{tmp_path}/{number}.sqlite") as copy:
            for shape in (inner, outer):
                add(copy, joint_city, shape)
            release_verdicts(copy, settings, incidents, now=joint_city.now, tz=TZ)
            answers.append(bodies(copy))
            # The control: counts of the two, which the same attacker would subtract.
            rows = counted_reports(incidents)
            during = rows[rows["occurred_from"].between("2025-11-02T23:00Z", "2026-03-29T22:00Z")]
            exact.append(int(during.intersects(outer).sum()) - int(during.intersects(inner).sum()))
    assert answers[0] == answers[1] == answers[2]
    assert [body["state"] for body in answers[0]] == ["told", "shared"]
    # At the centre of its place of 50 m a report may lie outside a shape that cuts the place.
    assert exact == [exact[0], exact[0] + 1, exact[0] + 3]
    assert exact[0] + 3 < 10


def test_growing_discs_do_not_show_where_the_count_passes_the_minimum(attack, store, centre):
    grown = [disc(centre, radius) for radius in range(40, 400, 20)]
    told = attack(*([shape] for shape in grown))
    # The first is too small, and that is the only answer that the ground gives.
    assert [one.state for one in told] == ["too_few", *["shared"] * (len(grown) - 1)]
    assert bodies(store)[0] == {"state": "too_few"}
    # Shifted days are the same attack.
    begins = [FIRST + timedelta(days=n) for n in (-60, -20, 14, 80)]
    told = attack(*([disc(centre, 450), first, LAST] for first in begins))
    assert {one.state for one in told} == {"shared"}


def test_ground_stays_taken_when_the_operation_is_taken_out(attack, store, joint_city, neighbours):
    inner, outer = neighbours
    [told] = attack([inner])
    store.operations.remove(store.operations.all()[0].operation_id, now=joint_city.now)
    [again] = attack([outer])
    assert (told.state, again.state) == ("told", "shared")


def test_what_is_corrected_is_judged_as_another_operation_and_never_twice_on_its_ground(
    attack, store, joint_city, settings, neighbours
):
    inner, outer = neighbours
    planner = lens_of(Role.PLANNER, settings)
    [told] = attack([inner])
    [row] = store.operations.all()

    def correct(shape, first=FIRST, last=LAST):
        """Move the operation; returns what is told of it before the next release, and after."""
        [seen] = store.operations.all()
        places = gpd.GeoDataFrame(geometry=[shape], crs=joint_city.known.crs)
        moved = Operation("Rättad", Period.between(first, last), places)
        store.operations.correct(row.operation_id, moved, seen=seen.corrections, now=joint_city.now)
        before = operation_cards(store, planner)[0].told
        release_verdicts(store, settings, joint_city.known, now=joint_city.now, tz=TZ)
        return before, operation_cards(store, planner)[0].told

    # A place more, or days moved by a little: nothing that could be subtracted.
    for asked in ((outer,), (inner, FIRST + timedelta(days=20))):
        before, after = correct(*asked)
        assert before is None
        assert (after.state, after.estimate) == ("corrected", None)
    # Nor does a decision to judge all anew open it.
    release_verdicts(store, settings, joint_city.known, now=joint_city.now, tz=TZ, anew=True)
    assert operation_cards(store, planner)[0].told.state == "corrected"
    # Moved back it is what was judged, and nothing is judged again.
    number = len(bodies(store))
    assert correct(inner) == (told, told)
    assert len(bodies(store)) == number
    # Where nothing was judged it has an answer, and what it was judged for keeps its ground.
    before, after = correct(inner, FIRST - APART, LAST - APART)
    assert (before, after.state) == (None, "told")
    [other] = attack([outer])
    assert (told.state, other.state) == ("told", "shared")


def test_a_verdict_is_made_once_when_all_is_over_and_late_reports_do_not_touch_it(
    attack, store, joint_city, settings, centre
):
    shape = disc(centre, 500)
    # It ends the day after the release: nothing is told of how it goes.
    soon = (joint_city.now + timedelta(days=1)).date()
    assert attack([shape, FIRST, soon]) == [None]
    ended = (joint_city.now - timedelta(days=6)).date()
    assert attack([shape, FIRST, ended]) == [None]
    for row in store.operations.all():
        store.operations.remove(row.operation_id, now=joint_city.now)
    [told] = attack([shape])
    late = pd.concat([joint_city.known, joint_city.late()], ignore_index=True)
    after = joint_city.now + timedelta(days=7)
    release_verdicts(store, settings, late, now=after, tz=TZ)
    assert list(told_verdicts(store).values()) == [told]
    # By decision everything is judged anew, and still no neighbour of it.
    outer = shape.union(disc((centre[0] + 640.0, centre[1]), 120.0))
    attack([outer])
    release_verdicts(store, settings, late, now=after, tz=TZ, anew=True)
    states = [body["state"] for body in bodies(store)]
    assert states == ["told", "shared", "told", "shared"]


def consistent(found, told):
    """Return every pair of counts in the places that leads to the same figures.

    The attacker is granted what nobody is told: the counts of every comparison place.
    """
    places = found.places[found.places["role"] == "comparison"]
    control = places[["before", "during"]].to_numpy(dtype=float)
    spread = spread_of(control[:, 0], control[:, 1])
    pairs = []
    for before, during in itertools.product(range(10, 91), repeat=2):
        if (
            abs(
                during / before
                - found.counts.loc["operation", "during"] / found.counts.loc["operation", "before"]
            )
            > 0.6
        ):
            continue  # fmt: skip
        change = difference_in_differences(
            np.array([[before, during]], dtype=float), control, spread
        )
        shown = (
            round(20 * change.estimate), np.floor(20 * change.lower), np.ceil(20 * change.upper)
        )  # fmt: skip
        if shown == (round(20 * told.estimate), round(20 * told.lower), round(20 * told.upper)):
            pairs.append((before, during))
    return pairs


def test_two_verdicts_of_the_same_ground_a_quarter_apart_leave_every_difference_open(
    attack, store, joint_city, neighbours
):
    inner, outer = neighbours
    first = FIRST - APART
    told = attack([inner, first, LAST - APART], [outer, FIRST, LAST])
    assert [one.state for one in told] == ["told", "told"]
    counted = counted_reports(joint_city.known)
    pairs = []
    for row, one in zip(store.operations.all(), reversed(told), strict=True):
        found = effect(counted, row.operation, tz=TZ, rng=0)
        pairs.append(consistent(found, one))
    for known in pairs:
        assert len({before for before, _ in known}) >= 3
        assert len({during for _, during in known}) >= 3
    for part in (0, 1):
        left = {abs(a[part] - b[part]) for a in pairs[0] for b in pairs[1]}
        assert len(left & set(range(1, 10))) >= 2


# --- the forecast record


def kept_test(store, joint_city, begins, events, hits, base, *, model="gamma_poisson"):
    """Keep a back-test of some weeks as if it had been run."""
    origins = []
    for name, caught in (("last_year", base), (model, hits)):
        for n, (number, hit) in enumerate(zip(events, caught, strict=True)):
            at = pd.Timestamp(begins, tz=TZ) + pd.Timedelta(weeks=n)
            origins.append({
                "model": name, "origin": at.tz_convert("UTC").isoformat(),
                "end": (at + pd.Timedelta(weeks=1)).tz_convert("UTC").isoformat(),
                "events": number, "hits_5pct": hit, "hit_rate_5pct": hit / number,
            })  # fmt: skip
    total = sum(events)
    models = [
        {"model": name, "hit_rate_5pct": sum(caught) / total, "hit_rate_5pct_diff_lower": -0.01}
        for name, caught in (("last_year", base), (model, hits))
    ]
    asked = {
        "filter": [], "horizon_days": 7, "owners": ["municipality", "police", "social"],
        "cell_m": 250.0,
    }  # fmt: skip
    choice = {"model": model, "reason": {"sv": "", "en": ""}, "beats_baseline": True}
    body = {"models": models, "origins": origins, "choice": choice}
    return store.results.add("backtest", parameters=asked, body=body, now=joint_city.now)


def test_the_forecast_record_tells_closed_weeks_once_in_whole_per_cents(
    store, joint_city, settings
):
    events = [60, 55, 19, 48, 52]
    kept_test(store, joint_city, "2026-04-06", events, [33, 28, 10, 41, 25], [30, 27, 9, 30, 24])
    assert release_record(store, settings, now=joint_city.now) == 2
    told = told_record(store)
    # Too few in the third week, too few missed in the fourth, and the fifth is not closed.
    assert [(week.caught, week.baseline) for week in told.weeks] == [(55, 50), (51, 49)]
    assert told.reason.sv.startswith("Antal vägt mot grannskapet")
    # The same test again, and one whose weeks begin on another day: nothing is told twice.
    assert release_record(store, settings, now=joint_city.now) == 0
    assert len(store.results.all(RECORD)) == 1
    kept_test(store, joint_city, "2026-04-07", [60, 56, 50], [34, 29, 25], [30, 27, 24])
    assert release_record(store, settings, now=joint_city.now) == 1
    weeks = told_record(store).weeks
    assert [week.caught for week in weeks] == [55, 51, 50]
    for one, other in itertools.pairwise(weeks):
        assert other.begins >= one.ends
    assert "60" not in str(store.results.latest(RECORD).body["weeks"])


def test_whole_per_cents_leave_the_number_of_incidents_open(store, joint_city, settings):
    kept_test(store, joint_city, "2026-03-02", [60, 75, 120], [33, 40, 70], [30, 41, 66])
    release_record(store, settings, now=joint_city.now)
    for week in told_record(store).weeks:
        numbers = {
            events
            for events in range(20, 400)
            if all(
                any(round(100 * hits / events) == share for hits in range(10, events - 9))
                for share in (week.caught, week.baseline)
            )
        }
        assert len(numbers) > 200


def test_what_was_tested_on_a_part_or_by_the_month_is_not_told(store, joint_city, settings):
    number = kept_test(store, joint_city, "2026-03-02", [60, 60], [30, 30], [30, 30])
    row = store.results.latest("backtest")
    assert row.result_id == number
    for change in (
        {"filter": [["category", "theft"]]},
        {"horizon_days": 28},
        {"owners": ["police"]},
    ):
        store.results.add(
            "backtest", parameters={**row.parameters, **change}, body=row.body, now=joint_city.now
        )
    assert release_record(store, settings, now=joint_city.now) == 2
    assert store.results.latest(RECORD).parameters == {"backtest": number}
    off = settings.model_copy(update={"forecasting": False})
    assert release_record(store, off, now=joint_city.now) == 0


def test_months_that_stand_out_follow_from_the_released_bands_alone(store, joint_city, settings):
    lens = lens_of(Role.PLANNER, settings)
    situation = build_situation(store, settings, lens, Filter(), now=joint_city.now)
    news = joint_news(store, situation)
    rows = store.releases.rows(("all",))
    first, last = (pd.Timestamp(one) for one in (situation.period.start, situation.period.end))
    rows = rows[(rows["begins"] >= first) & (rows["ends"] <= last)]
    rows = rows[(rows["ends"] - rows["begins"]).dt.days < 32]
    months = sorted(rows["begins"].unique())
    assert (news.month.start, news.months) == (months[-1], len(months) - 1)
    ends = [100.0 if one == 100 else np.sqrt(one * upper_of(one)) for one in rows["low"]]
    half = rows["side_m"] / 2
    at = gpd.points_from_xy(rows["x0"] + half, rows["y0"] + half)
    expected, by_zone = {}, {}
    for zone in situation.zones.itertuples():
        sums = pd.Series(ends)[at.within(zone.geometry)].groupby(
            rows["begins"].to_numpy()[at.within(zone.geometry)]
        ).sum().reindex(months, fill_value=0.0)  # fmt: skip
        bands = [max((low for low in SUM_BANDS if low <= one), default=0) for one in sums]
        by_zone[zone.zone_id] = tuple(bands)
        if bands[-1] > max(bands[:-1]) or bands[-1] < min(bands[:-1]):
            expected[zone.zone_id] = "higher" if bands[-1] > max(bands[:-1]) else "lower"
    assert {one.zone_id: one.status for one in news.zones} == expected
    assert news.by_zone == by_zone
    assert news.begins == tuple(one.tz_convert(situation.tz).date() for one in months)
    chosen = replace(situation, question=Filter(categories=("theft",)))
    assert joint_news(store, chosen) is None

"""Plans that can be walked: feasible, explained, honest about what they assume."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.plan import Leg, Pause, Plan, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.options import DISCOUNTS
from riskmiljo.patrol.routes import plan_routes
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.teams import Team

SHIFT = Shift.parse("2026-04-30 18:00/02:00")
SHORT = Shift.parse("2026-04-30 18:00/20:00")
MINUTE = timedelta(minutes=1)
X0, Y0 = 648_000.0, 6_638_000.0


def stops_at(places: list[tuple[float, float]], risk: list, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "stop_id": [f"s{n}" for n in range(len(places))],
            "name": [f"Plats {n}" for n in range(len(places))],
            "risk": risk,
            **columns,
        },
        geometry=[shapely.Point(X0 + x, Y0 + y) for x, y in places],
        crs=3006,
    )


def grid_streets(size: int = 8, step: float = 200.0) -> Streets:
    lines = [
        shapely.LineString([(X0 + i * step, Y0), (X0 + i * step, Y0 + (size - 1) * step)])
        for i in range(size)
    ]
    lines += [
        shapely.LineString([(X0, Y0 + i * step), (X0 + (size - 1) * step, Y0 + i * step)])
        for i in range(size)
    ]
    noded = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    names = [f"Gata {n}" for n in range(len(noded))]
    return Streets.from_lines(
        gpd.GeoDataFrame({"name": names, "kind": "street"}, geometry=noded, crs=3006)
    )


def town(seed: int, count: int = 14) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    slots = len(SHIFT.hour_slots())
    places = [tuple(spot) for spot in rng.uniform(0, 1400, size=(count, 2))]
    risk = [tuple(row) for row in rng.gamma(1.0, 0.2, size=(count, slots))]
    return stops_at(places, risk)


def assert_walkable(plan: Plan, streets: Streets | None, gap_min: float) -> None:
    """Check a plan against the network itself, with code of our own."""
    slack = timedelta(seconds=1)
    visits = [visit for route in plan.routes for visit in route.visits]
    for route in plan.routes:
        crew = route.crew
        clock, here = crew.begins, (crew.start.x, crew.start.y)
        for step in route.steps:
            if isinstance(step, Leg):
                assert step.departs >= clock - slack
                there = tuple(step.way[-1])
                if streets is not None:
                    needed = streets.travel_minutes([here], [there])[0, 0]
                    assert step.minutes == pytest.approx(needed, abs=0.01)
                    assert shapely.LineString(step.way).length == pytest.approx(step.length_m)
                clock, here = step.arrives, there
            elif isinstance(step, Visit):
                assert np.hypot(here[0] - step.x, here[1] - step.y) < 0.1
                assert clock - slack <= step.arrives <= step.begins + slack
                clock = step.leaves
            else:
                assert step.begins >= clock - slack
                clock = step.ends
        assert clock <= crew.ends + slack
        assert np.hypot(here[0] - crew.end.x, here[1] - crew.end.y) < 0.1
    by_stop: dict[str, list[Visit]] = {}
    for visit in visits:
        by_stop.setdefault(visit.stop_id, []).append(visit)
    for same in by_stop.values():
        same.sort(key=lambda visit: visit.begins)
        apart = [
            (b.begins - a.leaves) / MINUTE for a, b in pairwise(same) if b.begins - a.begins > slack
        ]
        assert all(minutes >= gap_min - 0.02 for minutes in apart)


def worth(plan: Plan, stops: gpd.GeoDataFrame) -> float:
    """Return the plan's value by the definition, from its visits alone."""
    starts = [slot.begins for slot in plan.shift.hour_slots()]
    values: dict[str, list[float]] = {}
    for route in plan.routes:
        for visit in route.visits:
            hour = max(n for n, start in enumerate(starts) if start <= visit.begins)
            risk = stops.set_index("stop_id")["risk"][visit.stop_id][hour]
            values.setdefault(visit.stop_id, []).append(risk)
    return sum(
        weight * value
        for held in values.values()
        for weight, value in zip(DISCOUNTS, sorted(held, reverse=True), strict=False)
    )


@settings(max_examples=12)
@given(
    seed=st.integers(0, 10_000),
    teams=st.integers(1, 3),
    gap=st.sampled_from([0.0, 45.0, 90.0, 200.0]),
    pause=st.sampled_from([0.0, 30.0]),
    on_streets=st.booleans(),
)
def test_every_plan_can_be_walked_and_is_worth_what_it_says(seed, teams, gap, pause, on_streets):
    streets = grid_streets() if on_streets else None
    stops = town(seed)
    plan = plan_routes(
        stops,
        streets=streets,
        shift=SHIFT,
        teams=teams,
        start=(X0 + 600, Y0 + 600),
        revisit_gap_min=gap,
        pause_min=pause,
        seconds=0.05,
        rng=seed,
    )
    assert_walkable(plan, streets, gap)
    assert plan.covered == pytest.approx(worth(plan, stops))
    assert 0 < plan.covered <= plan.reachable + 1e-9
    assert all(len(route.pauses) == (pause > 0) for route in plan.routes)
    seen = {visit.stop_id for route in plan.routes for visit in route.visits}
    assert seen | {left.stop_id for left in plan.left_out} == set(stops["stop_id"])
    assert not seen & {left.stop_id for left in plan.left_out}
    assert all(visit.why.sv and visit.why.en for route in plan.routes for visit in route.visits)


def test_the_same_seed_gives_the_same_plan_and_nothing_of_the_input_is_changed():
    stops, streets = town(3), grid_streets()
    before = stops.copy(deep=True)
    plans = [
        plan_routes(
            stops, streets=streets, shift=SHIFT, teams=2, start=(X0, Y0), seconds=0.1, rng=7
        )
        for _ in range(2)
    ]
    steps = [[(v.stop_id, v.begins) for r in plan.routes for v in r.visits] for plan in plans]
    assert steps[0] == steps[1]
    pd.testing.assert_frame_equal(pd.DataFrame(stops), pd.DataFrame(before))


def test_without_streets_the_plan_says_that_ways_are_straight():
    plan = plan_routes(town(1), streets=None, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.05)
    assert plan.distance == "straight"
    assert "Inget gatunät" in plan.notes[0].sv
    leg = plan.routes[0].legs[0]
    assert leg.length_m == pytest.approx(1.3 * shapely.LineString(leg.way).length)


def test_a_stop_is_visited_in_its_window_and_a_pinned_one_always():
    opens = pd.Timestamp("2026-04-30 21:30", tz="Europe/Stockholm").tz_convert("UTC")
    stops = stops_at(
        [(100, 100), (200, 100), (900, 900)],
        [(0.5,) * 8, (0.5,) * 8, (0.0,) * 8],
        pinned=[False, False, True],
        opens=[pd.NaT, pd.NaT, opens],
        closes=[pd.NaT, pd.NaT, opens + pd.Timedelta(minutes=20)],
    )
    plan = plan_routes(stops, streets=None, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.1)
    (visit,) = [v for v in plan.routes[0].visits if v.stop_id == "s2"]
    assert opens <= visit.begins <= opens + pd.Timedelta(minutes=20)
    assert visit.pinned
    assert visit.why.sv.startswith("Eget önskemål. Ska börja 21:30–21:50.")


def test_a_pinned_stop_that_does_not_fit_is_named_with_the_minutes_that_are_missing():
    # 5 000 m there and back on foot: 2 x 81.25 min and 12 min there is 174.5 min of 120.
    stops = stops_at([(100, 0), (5_000, 0)], [(0.5, 0.5), (0.5, 0.5)], pinned=[False, True])
    plan = plan_routes(stops, streets=None, shift=SHORT, teams=1, start=(X0, Y0), seconds=0.1)
    (note,) = [note.sv for note in plan.notes if "Plats 1" in note.sv]
    assert "54 min sent" in note or "55 min sent" in note
    assert [left.stop_id for left in plan.left_out] == ["s1"]


def test_exploring_gives_way_to_a_wish_and_to_the_work_of_a_short_shift():
    stops = stops_at(
        [(100, 100), (1500, 100)], [(0.5,) * 8, (0.0,) * 8], pinned=True, kind=["own", "explore"]
    )
    asked = {"streets": None, "shift": SHIFT, "start": (X0, Y0), "seconds": 0.05}
    plan = plan_routes(stops, teams=1, **asked)
    assert {visit.stop_id for visit in plan.routes[0].visits} == {"s0", "s1"}
    # So far that it would take too much of two hours, but not of eight.
    short = Shift.parse("2026-04-30 18:00/20:00")
    brief = stops.assign(risk=[(0.5,) * 2, (0.0,) * 2])
    plan = plan_routes(brief, teams=1, **(asked | {"shift": short}))
    assert {visit.stop_id for visit in plan.routes[0].visits} == {"s0"}
    assert any("mer än 15 % av lagens tid" in note.sv for note in plan.notes)
    # Both at nine, a quarter of an hour's walk apart, and more to gain at the one to explore.
    nine = pd.Timestamp("2026-04-30 19:00", tz="UTC")
    both = stops.assign(opens=nine, closes=nine, risk=[(0.0,) * 8, (0.5,) * 8])
    plan = plan_routes(both, teams=1, **asked)
    assert {visit.stop_id for visit in plan.routes[0].visits} == {"s0"}
    assert any("egna hållpunkter går före" in note.sv for note in plan.notes)


def test_police_and_outreach_are_at_a_joint_stop_at_the_same_time():
    stops = stops_at(
        [(300, 300), (900, 200), (200, 1000)],
        [(0.1,) * 8, (0.4,) * 8, (0.3,) * 8],
        joint=[True, False, False],
    )
    plan = plan_routes(
        stops,
        streets=None,
        shift=SHIFT,
        teams=[Team(kind="police"), Team(kind="outreach", mode="cycle")],
        start=(X0, Y0),
        seconds=0.2,
    )
    together = [[v for v in route.visits if v.stop_id == "s0"] for route in plan.routes]
    assert len(together[0]) >= 1
    assert {v.begins for v in together[0]} & {v.begins for v in together[1]}
    shared = [v for v in together[0] if v.joint]
    assert shared
    assert "Tillsammans med lag 2" in shared[0].why.sv
    assert plan.covered == pytest.approx(sum(r.expected for r in plan.routes))


def test_a_joint_stop_needs_teams_of_two_kinds():
    stops = stops_at([(300, 300)], [(0.1,) * 8], joint=[True])
    with pytest.raises(InvalidInputError, match="alla lag är av samma slag"):
        plan_routes(stops, streets=None, shift=SHIFT, teams=2, start=(X0, Y0), seconds=0.1)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"teams": 0}, "Antalet lag är 0"),
        ({"teams": 2.5}, "lag"),
        ({"start": (X0 + 5_000, Y0 - 3_000)}, "från närmaste gata"),
        ({"start": (np.nan, Y0)}, "är inte en punkt"),
        ({"start": "Polishuset"}, "är inte en punkt"),
        ({"dwell_min": 0}, "Uppehållet är 0"),
        ({"dwell_min": -5}, "Uppehållet är \N{MINUS SIGN}5"),
        ({"revisit_gap_min": -1}, "Tiden mellan besök är \N{MINUS SIGN}1"),
        ({"seconds": 0}, "Söktiden är 0"),
        ({"mode": "fly"}, "Färdsättet 'fly'"),
        ({"discounts": (0.5, 1.0)}, "vikter"),
        ({"rng": -1}, "Slumptalsfröet är -1. Ange"),
        ({"teams": [Team(kind="wizards")]}, "slaget 'wizards' finns inte"),
        ({"pause_min": 500}, "rasten är"),
    ],
)
def test_a_demand_that_cannot_be_met_is_refused_in_one_sentence(change, problem):
    asked = {"streets": grid_streets(), "shift": SHIFT, "teams": 1, "start": (X0, Y0)}
    with pytest.raises(InvalidInputError, match=problem) as caught:
        plan_routes(town(1), **{**asked, "seconds": 0.05, **change})
    assert caught.value.message.en


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"risk": [0.1, -0.2]}, r"Hållpunkt 2 \(Plats 1\): risken"),
        ({"risk": [0.1, np.nan]}, r"Hållpunkt 2 \(Plats 1\): risken"),
        ({"risk": [(0.1,) * 8, (0.1,) * 3]}, "risken har 3 timmar, passet 8"),
        ({"stop_id": ["a", "a"]}, "id finns två gånger"),
        ({"dwell_min": [12.0, 900.0]}, "uppehållet"),
    ],
)
def test_a_stop_that_cannot_be_used_is_named(columns, problem):
    stops = stops_at([(0, 0), (100, 0)], [0.1, 0.2])
    for name, values in columns.items():
        stops[name] = values
    with pytest.raises(InvalidInputError, match=problem):
        plan_routes(stops, streets=None, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.05)


def test_no_stops_and_stops_in_degrees_are_refused():
    stops = town(1)
    with pytest.raises(NothingFoundError, match="inga hållpunkter"):
        plan_routes(stops.iloc[:0], streets=None, shift=SHIFT, teams=1, start=(X0, Y0))
    with pytest.raises(CRSError):
        plan_routes(stops.to_crs(4326), streets=None, shift=SHIFT, teams=1, start=(17.6, 59.8))


def test_stops_off_the_network_are_left_out_with_their_distance():
    stops = stops_at([(400, 400), (400, 5_000)], [(0.3,) * 8, (0.9,) * 8])
    plan = plan_routes(
        stops, streets=grid_streets(), shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.05
    )
    (left,) = plan.left_out
    assert left.stop_id == "s1"
    assert "3,6 km från närmaste gata" in left.why.sv


def test_a_stop_by_a_path_alone_is_for_those_who_walk_though_others_drive():
    lines = grid_streets().lines()
    path = gpd.GeoDataFrame(
        {"name": ["Stigen"], "kind": ["path"]},
        geometry=[shapely.LineString([(X0, Y0), (X0 - 900, Y0)])],
        crs=3006,
    )
    streets = Streets.from_lines(pd.concat([lines, path], ignore_index=True))
    stops = stops_at([(400, 400), (-800, 0)], [(0.3,) * 8, (0.9,) * 8], pinned=[False, True])
    walker = Team(mode="walk", start=(X0 - 600, Y0), end=(X0 - 600, Y0))
    asked = {"streets": streets, "shift": SHIFT, "start": (X0, Y0), "seconds": 0.05}
    plan = plan_routes(stops, teams=[walker, Team(mode="drive")], **asked)
    on_foot, by_car = ({visit.stop_id for visit in route.visits} for route in plan.routes)
    assert "s1" in on_foot
    assert by_car == {"s0"}
    assert not plan.left_out
    plan = plan_routes(stops, teams=[Team(mode="drive")], **asked)
    assert "800 m från närmaste gata" in plan.left_out[0].why.sv
    with pytest.raises(InvalidInputError, match=r"Lag 2.*600 m från närmaste gata"):
        plan_routes(stops, teams=[walker, Team(mode="drive", start=walker.start)], **asked)


def test_a_shift_shorter_than_any_dwell_is_refused():
    asked = {"streets": None, "shift": Shift.parse("2026-04-30 18:00/18:05"), "teams": 1}
    with pytest.raises(InvalidInputError, match=r"rymmer inget uppehåll på 12 min\. Förläng"):
        plan_routes(stops_at([(0, 0)], [1.0]), start=(X0, Y0), **asked)


def halves(*, gap_m: float) -> Streets:
    """Two grids that nothing joins, the second to the east of the first."""
    west = grid_streets().lines()
    east = west.assign(geometry=west.translate(xoff=1400 + gap_m))
    east = east[east.length > 0].iloc[: len(east) // 2]
    return Streets.from_lines(pd.concat([west, east], ignore_index=True))


@pytest.mark.parametrize("gap_m", [60.0, 240.0, 3_000.0])
def test_what_lies_on_the_other_half_of_a_network_is_out_of_reach_and_said(gap_m):
    streets = halves(gap_m=gap_m)
    # On the first street of the other half, nearer to this half than any stop may be off street.
    beyond = (1400 + gap_m, 500.0)
    stops = stops_at([(400, 400), beyond], [(0.3,) * 8, (0.9,) * 8], pinned=[False, True])
    asked = {"streets": streets, "shift": SHIFT, "teams": 1, "seconds": 0.05}
    plan = plan_routes(stops, start=(X0, Y0), **asked)
    assert {visit.stop_id for visit in plan.routes[0].visits} == {"s0"}
    (left,) = plan.left_out
    assert left.why.sv.startswith("Gatan intill hänger inte ihop med resten av gatunätet")
    [note] = [note for note in plan.notes if note.sv.startswith("Plats 1 är inte med i planen: g")]
    assert "take back the wish" in note.en
    with pytest.raises(InvalidInputError, match="broar och tunnlar") as caught:
        plan_routes(stops, start=(X0 + beyond[0], Y0 + beyond[1]), **asked)
    assert "startplatsen" in caught.value.message.sv
    with pytest.raises(InvalidInputError, match="slutplatsen"):
        plan_routes(stops, start=(X0, Y0), end=(X0 + beyond[0], Y0 + beyond[1]), **asked)


def test_a_courtyard_path_that_is_not_joined_shuts_nobody_out():
    lines = grid_streets().lines()
    yard = lines.iloc[:1].assign(
        geometry=[shapely.LineString([(X0 + 460, Y0 + 450), (X0 + 490, Y0 + 500)])]
    )
    streets = Streets.from_lines(pd.concat([lines, yard], ignore_index=True))
    assert streets.report.cut_off_m > 0
    stops = stops_at([(462, 452)], [(0.3,) * 8])
    plan = plan_routes(stops, streets=streets, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.05)
    assert plan.routes[0].visits


def test_points_alone_are_enough_and_the_plan_says_what_it_took_for_granted():
    spots = gpd.GeoDataFrame(geometry=[shapely.Point(X0 + 100 * n, Y0) for n in range(4)], crs=3006)
    plan = plan_routes(spots, streets=None, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.1)
    assert {v.name for v in plan.routes[0].visits} == {f"Hållpunkt {n}" for n in range(1, 5)}
    assert any("jämn över passet" in note.sv for note in plan.notes)


@pytest.mark.parametrize("text", ["2026-03-28 22:00/06:00", "2026-10-24 22:00/06:00"])
def test_a_shift_over_a_clock_change_is_as_long_as_it_is(text):
    shift = Shift.parse(text)
    slots = len(shift.hour_slots())
    assert slots == {"03": 7, "10": 9}[text[5:7]]
    stops = stops_at(
        [(100 * n, 0) for n in range(6)],
        [tuple(0.1 * n + 0.1 * np.arange(slots)) for n in range(6)],
    )
    plan = plan_routes(stops, streets=None, shift=shift, teams=1, start=(X0, Y0), seconds=0.1)
    assert_walkable(plan, None, 90)
    last = plan.routes[0].visits[-1].leaves
    assert last > shift.period.start + timedelta(hours=slots - 2)


def test_the_plan_is_compared_with_where_patrols_have_been():
    stops = stops_at([(0, 0), (600, 0)], [(0.9,) * 8, (0.1,) * 8])
    begins = pd.Timestamp("2026-04-20 20:00", tz="UTC")
    row = {"begins": begins, "ends": begins + 12 * MINUTE, "minutes": 12.0}
    row |= {"crew_kind": "police", "source": "checked_in"}

    def habit(x: float) -> float | None:
        presence = gpd.GeoDataFrame([row], geometry=[shapely.Point(X0 + x, Y0)], crs=3006)
        plan = plan_routes(
            stops,
            streets=None,
            shift=SHIFT,
            teams=1,
            start=(X0, Y0),
            seconds=0.1,
            presence=presence,
        )
        return plan.habit

    # All visits at the one place: its best four hours, discounted, whoever it is.
    assert habit(10) == pytest.approx(0.9 * sum(DISCOUNTS))
    assert habit(610) == pytest.approx(0.1 * sum(DISCOUNTS))
    assert habit(4_000) == 0.0
    older = {**row, "begins": begins - timedelta(days=60), "ends": begins - timedelta(days=60)}
    presence = gpd.GeoDataFrame([older], geometry=[shapely.Point(X0, Y0)], crs=3006)
    plan = plan_routes(
        stops, streets=None, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.1, presence=presence
    )
    assert plan.habit is None
    assert "Närvaro saknas" in plan.comparison.sv


def test_breaks_are_taken_in_the_middle_of_the_work():
    plan = plan_routes(
        town(2), streets=None, shift=SHIFT, teams=2, start=(X0, Y0), pause_min=30, seconds=0.1
    )
    for route in plan.routes:
        (rest,) = route.pauses
        assert isinstance(rest, Pause)
        assert rest.ends - rest.begins == pytest.approx(30 * MINUTE, abs=timedelta(seconds=1))
        worked = (rest.begins - route.crew.begins) / timedelta(hours=8)
        assert 0.29 <= worked <= 0.66


def test_what_is_lost_and_the_detour_are_those_of_the_plan_itself():
    stops = town(5)
    plan = plan_routes(stops, streets=None, shift=SHIFT, teams=1, start=(X0, Y0), seconds=0.1)
    visits = plan.routes[0].visits
    assert sum(visit.expected for visit in visits) == pytest.approx(plan.covered)
    by_stop = pd.Series([v.stop_id for v in visits]).value_counts()
    once = [v for v in visits if by_stop[v.stop_id] == 1]
    assert once
    assert all(v.lost == pytest.approx(v.expected) for v in once)
    assert all(0 <= v.lost <= v.expected + 1e-9 or v.visit > 1 for v in visits)
    total = stops["risk"].map(sum).sum()
    share = {
        sid: sum(risk) / total for sid, risk in zip(stops["stop_id"], stops["risk"], strict=True)
    }
    assert all(v.share == pytest.approx(share[v.stop_id]) for v in visits)


def test_a_team_without_stops_is_told_why():
    stops = stops_at([(0, 0), (100, 0)], [2.0, 1.0])
    plan = plan_routes(
        stops, streets=None, shift=SHORT, teams=3, start=(X0, Y0), revisit_gap_min=200, seconds=0.05
    )
    idle = [str(route.crew.number) for route in plan.routes if not route.visits]
    assert idle
    [note] = [note for note in plan.notes if "har inga stopp" in note.sv]
    assert note.sv.startswith(f"Lag {', '.join(idle)} har inga stopp: de andra lagen")
    who = f"Teams {', '.join(idle)} have" if len(idle) > 1 else f"Team {idle[0]} has"
    assert note.en.startswith(f"{who} no stops: the other teams")


def test_a_team_without_the_time_for_any_stop_is_told_so():
    stops = stops_at([(0, 0), (100, 0)], [2.0, 1.0])
    far = Team(start=(X0 + 4000, Y0), end=(X0 + 4000, Y0))
    plan = plan_routes(
        stops, streets=None, shift=SHORT, teams=[Team(), far], start=(X0, Y0), seconds=0.05
    )
    assert not plan.routes[1].visits
    [note] = [note for note in plan.notes if note.sv.startswith("Lag 2 har inga stopp")]
    assert "ryms" in note.sv
    assert not any(note.sv.startswith("Lag 1") for note in plan.notes)

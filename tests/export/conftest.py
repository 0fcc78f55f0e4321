"""Plans built by hand: no search, no streets file, the same every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.model.plan import Crew, LeftOut, Leg, Pause, Plan, Route, Spot, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text

NOW = datetime(2026, 4, 29, 12, 0, tzinfo=UTC)
HOME = Spot("Polishuset", 648_300.0, 6_638_700.0)
NAMES = ("Resecentrum", "Stora torget", "Vaksala torg", "Celsiushuset", "Fyristorg", "Slottsbacken")
HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7191}}{% raw %}${7*7191}",
    "]]></desc><x>",
    "\"quoted\" & 'single', a;b\\c\nBEGIN:VEVENT",
    "Grönt 🌲 مرحبا \u202eabc\x00\x07\x1b[31m",
    "--><img src=x onerror=alert(1)>\ufffe",
)


def leg(begins, a, b, minutes):
    """A way with two corners between two points, along the grid."""
    way = np.array([a, (b[0], a[1]), b], dtype=float)
    length = float(np.abs(np.subtract(a, b)).sum())
    return Leg(
        begins, begins + timedelta(minutes=minutes), length, way, ("Kungsgatan", "Bredgränd")
    )


def visit(at, number, name, begins, dwell, **changes):
    fields = {
        "stop_id": f"s{number}",
        "name": name,
        "x": at[0],
        "y": at[1],
        "kind": "zone",
        "zone_id": f"z{number}",
        "arrives": begins,
        "begins": begins,
        "leaves": begins + timedelta(minutes=dwell),
        "expected": 0.42,
        "share": 0.07,
        "visit": 1,
        "since_min": None,
        "lost": 0.4,
        "detour_min": 3.0,
        "pinned": False,
        "joint": False,
        "why": Text(
            f"{number + 4} händelser fre och lör 22–02 på 4 veckor; väntat 0,4",
            f"{number + 4} incidents Fri and Sat 22–02 in 4 weeks; expected 0.4",
        ),
    }
    return Visit(**{**fields, **changes})


def route(number, shift, stops, *, names=NAMES, kind="police", seed=1, gap_min=None):
    """A crew that walks to so many stops, a pause in the middle, and home."""
    rng = np.random.default_rng(seed)
    crew = Crew(number, kind, "walk", shift.period.start, shift.period.end, HOME, HOME)
    steps, at, here = [], shift.period.start, (HOME.x, HOME.y)
    for n in range(stops):
        there = (HOME.x + float(rng.normal(0, 450)), HOME.y + float(rng.normal(0, 350)))
        walk = 6 if gap_min is None else gap_min
        steps.append(leg(at, here, there, walk))
        at += timedelta(minutes=walk)
        steps.append(visit(there, n, names[n % len(names)], at, 12))
        at, here = at + timedelta(minutes=12), there
        if n == stops // 2 and stops > 2:
            steps.append(Pause(at, at + timedelta(minutes=20), Spot("Fikarummet", *here)))
            at += timedelta(minutes=20)
    if stops:
        steps.append(leg(at, here, (HOME.x, HOME.y), 7))
    return Route(crew, tuple(steps))


def make(
    text="2026-04-30 18:00/02:00", *, stops=(8, 5), names=NAMES, area=None, gap_min=None, **changes
):
    shift = Shift.parse(text)
    routes = tuple(
        route(number, shift, count, names=names, seed=number, gap_min=gap_min)
        for number, count in enumerate(stops, start=1)
    )
    left = (
        LeftOut(
            "s90",
            names[0] if area else "Gottsunda centrum",
            HOME.x - 300,
            HOME.y + 200,
            "zone",
            0.31,
            Text("40 min dit och tillbaka; ger 0,3", "40 min there and back; gives 0.3"),
        ),
        LeftOut(
            "s91",
            "Flottsund",
            HOME.x,
            HOME.y - 9_000,
            "explore",
            0.05,
            Text("för långt att gå", "too far to walk"),
        ),
    )
    fields = {
        "shift": shift,
        "epsg": 3006,
        "routes": routes,
        "left_out": left,
        "covered": 5.46,
        "reachable": 7.6,
        "habit": 3.65,
        "comparison": Text(
            "72 % av passets nåbara risk; samma lag efter förra månadens vana skulle nå 48 %.",
            "72% of the shift's reachable risk; the same teams on last month's habit: 48%.",
        ),
        "distance": "streets",
        "notes": (
            Text("Närvaro är känd för 3 av 4 veckor.", "Presence is known for 3 of 4 weeks."),
        ),
        "parameters": {"seed": 0, "dwell_min": 12, "gap_min": 90, "nan": float("nan")},
        "as_of": datetime(2026, 4, 27, 22, 0, tzinfo=UTC),
        "simulated": True,
    }
    return Plan(**{**fields, **changes})


@pytest.fixture
def plans():
    """What builds plans, and the hostile strings to build them of."""
    return SimpleNamespace(
        make=make, route=route, visit=visit, leg=leg, hostile=HOSTILE, now=NOW, home=HOME
    )


@pytest.fixture
def plan():
    return make()


@pytest.fixture
def hostile_plan():
    bad = make(names=HOSTILE, stops=(6, 6), area=True)
    rotten = Text(HOSTILE[0], HOSTILE[3])
    routes = tuple(
        Route(
            replace(
                one.crew,
                kind=HOSTILE[0],
                start=replace(HOME, name=HOSTILE[3]),
                end=replace(HOME, name=HOSTILE[4]),
            ),
            tuple(
                replace(step, why=Text(HOSTILE[n % 6], HOSTILE[(n + 1) % 6]))
                if isinstance(step, Visit)
                else replace(step, streets=HOSTILE)
                if isinstance(step, Leg)
                else replace(step, spot=replace(step.spot, name=HOSTILE[1]))
                for n, step in enumerate(one.steps)
            ),
        )
        for one in bad.routes
    )
    return replace(
        bad,
        routes=routes,
        left_out=tuple(replace(one, why=rotten) for one in bad.left_out),
        comparison=rotten,
        title=rotten,
        notes=tuple(Text(text, text) for text in HOSTILE),
        parameters={HOSTILE[0]: HOSTILE[1], "deep": [HOSTILE[2], {"x": HOSTILE[3]}]},
    )


@pytest.fixture
def base():
    """Streets, a river as an area and as a line, and a park round the station."""
    x, y = HOME.x, HOME.y
    lines = [
        shapely.LineString([(x - 3000, y + d), (x + 3000, y + d)]) for d in range(-900, 901, 150)
    ]
    lines += [
        shapely.LineString([(x + d, y - 3000), (x + d, y + 3000)]) for d in range(-900, 901, 150)
    ]
    kinds = [
        "main" if n % 4 == 0 else "path" if n % 3 == 0 else "street" for n in range(len(lines))
    ]
    shapes = [
        *lines,
        shapely.LineString([(x - 2000, y + 700), (x, y - 60), (x + 2000, y - 800)]).buffer(30),
        shapely.Point(x + 350, y + 250)
        .buffer(140)
        .difference(shapely.Point(x + 350, y + 250).buffer(40)),
        shapely.LineString([(x - 500, y - 3000), (x - 400, y + 3000)]),
    ]
    return gpd.GeoDataFrame(
        {"name": ["Gatan"] * len(shapes), "kind": [*kinds, "water", "park", "rail"]},
        geometry=shapes,
        crs=3006,
    )

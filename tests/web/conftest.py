"""A web application over a store that needs no disk, showing a situation that the test chooses."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.access import passwords
from riskmiljo.access.lens import demo_lens
from riskmiljo.analysis.density import density
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.maps.tiles import pyramid
from riskmiljo.model.filters import Filter
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings, shipped
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import Situation, refresh_zones, zone_kin
from riskmiljo.situation.tiles import Drawn
from riskmiljo.situation.tiles_time import Timeline
from riskmiljo.situation.withheld import without_small_parts
from riskmiljo.store import Area, open_store
from riskmiljo.web import (
    create_app,
    factory,
    pictures,
    shift_query,
    situation_pages,
    tile_pages,
    time_views,
    zone_pages,
)
from riskmiljo.web.service import service_of
from riskmiljo.wording import Text

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
PERIOD = Period.between("2026-03-30", "2026-04-27")
CENTRES = {"z1": (647_900, 6_638_300), "z2": (648_500, 6_638_600), "z3": (646_800, 6_637_100)}


class FakeStore:
    """What the pages ask of a store themselves; all else goes through the situation."""

    url = "fake://"

    def __init__(self) -> None:
        self.flags = {"simulated": "1"}
        self.zone_notes = SimpleNamespace(of=lambda *_, **__: None)
        self.drawn_zones = SimpleNamespace(of=lambda _: None)
        self.zones = lambda **_: None
        self.filled = True
        self.changes = 1
        self.closed = False
        self.covers = None
        self.users = SimpleNamespace(exist=lambda: False)
        self.logins = SimpleNamespace(secret=lambda: "s" * 64)
        self.plans = SimpleNamespace(latest=lambda most=50: ())  # noqa: ARG005 - as called

    def area(self):
        return self.covers

    def flag(self, name):
        return self.flags.get(name)

    def span(self, **_):
        return PERIOD if self.filled else None

    def count(self):
        return 400 if self.filled else 0

    def version(self):
        return f"v{self.changes}"

    def map_version(self):
        return f"v{self.changes}-{self.covers}"

    def close(self):
        self.closed = True


def zones(names=("Resecentrum", "City", "Gottsunda centrum")):
    counts = np.array([120, 64, 12])
    shapes = [shapely.Point(xy).buffer(150 + 40 * n) for n, xy in enumerate(CENTRES.values())]
    hectares = np.array([shape.area / 1e4 for shape in shapes])
    return gpd.GeoDataFrame(
        {
            "zone_id": list(CENTRES),
            "name": list(names),
            "incidents": counts.astype(float),
            "events": counts,
            "places": [30, 20, 5],
            "days": [26, 20, 9],
            "area_ha": hectares,
            "per_ha_week": counts / hectares / 4,
            "share": counts / 400,
            "reported": [80, 61, 2],
            "discovered": [40, 3, 10],
            "stability": [0.97, 0.91, 0.6],
            "parent_id": ["", "", ""],
            "status": ["persisting", "growing", "new"],
            "first_seen": pd.to_datetime(["2025-01-06"] * 3, utc=True),
        },
        geometry=shapes,
        crs=3006,
    )


def areas(names=("Resecentrum och City", "Gottsunda")):
    shapes = [shapely.box(647_000, 6_638_000, 649_000, 6_639_000)]
    shapes.append(shapely.box(646_000, 6_636_500, 647_500, 6_637_900))
    return gpd.GeoDataFrame(
        {
            "area_id": [1, 2],
            "name": list(names),
            "area_ha": [200.0, 210.0],
            "expected": [2.14, 0.31],
            "risk_share": [0.87, 0.13],
            "zones": [("z1", "z2"), ("z3",)],
            "zone_names": [("Resecentrum", "City"), ("Gottsunda centrum",)],
            "why_sv": ["Två zoner intill varandra; väntat 2,1", "En zon; väntat 0,3"],
            "why_en": ["Two zones side by side; expected 2.1", "One zone; expected 0.3"],
        },
        geometry=shapes,
        crs=3006,
    )


def rhythm():
    hours = np.zeros((3, 168))
    hours[0, 4 * 24 + 20 : 5 * 24 + 3] = 1.0  # Friday 20 to Saturday 03
    hours[0, 4 * 24 + 22 : 5 * 24 + 2] = 9.0
    hours[1] = 64 / 168
    hours[2, :2] = hours[2, -2:] = 3.0  # Sunday 22 to Monday 02
    return pd.DataFrame(hours, index=pd.Index(list(CENTRES), name="zone_id"))


def trend():
    return pd.DataFrame(
        {
            "this_period": [120, 64, 12],
            "before": [80, 66, 0],
            "change": [0.5, -0.03, np.nan],
            "verdict_sv": ["ökar", "oförändrat", "ny"],
            "verdict_en": ["rising", "unchanged", "new"],
        },
        index=pd.Index(list(CENTRES), name="zone_id"),
    )


def kept_history(zone_id):
    """Four sets: the zone grows, is withheld once, and the one that is no more ceases."""
    ends = pd.date_range("2026-01-05", periods=4, freq="28D", tz="UTC")
    gone = zone_id == "z7"
    table = pd.DataFrame(
        {
            "zone_id": zone_id,
            "name": "Gamla torget",
            "status": ["new", "growing", "persisting", "ceased" if gone else "moved"],
            "first_seen": pd.Timestamp("2025-01-06", tz="UTC"),
            "period_start": ends - pd.Timedelta(days=28),
            "period_end": ends,
            "events": [30.0, 45.0, np.nan, np.nan if gone else 120.0],
            "per_ha_week": [0.8, 1.2, np.nan, np.nan if gone else 3.1],
        }
    )
    return table if zone_id in {*CENTRES, "z7"} else table[:0]


def kept_places(zone_id):
    """Two sets: one place of z1 grows, the other comes with the second."""
    ends = pd.to_datetime(["2026-01-05", "2026-02-02", "2026-02-02"], utc=True)
    table = pd.DataFrame(
        {
            "set_id": [1, 2, 2],
            "zone_id": ["m1", "m1", "m2"],
            "name": ["Stationsplanen", "Stationsplanen", "Gången"],
            "status": ["", "growing", "new"],
            "first_seen": pd.Timestamp("2025-01-06", tz="UTC"),
            "period_start": ends - pd.Timedelta(days=28),
            "period_end": ends,
        }
    )
    return table if zone_id == "z1" else table[:0]


def story(situation, _store, zone_id):
    """What the pages tell of a zone; the sentences themselves are tested elsewhere."""
    lines = (Text("53,9 gånger så tätt.", "53.9 times as dense."),)
    mix = pd.DataFrame(
        {"category": ["theft", "violence", ""], "events": [70, 40, 10], "share": [0.58, 0.33, 0.09]}
    )
    return SimpleNamespace(
        lines=lines,
        mix=mix,
        history=kept_history(zone_id),
        places=kept_places(zone_id),
        situation=situation,
    )


def surface():
    rng = np.random.default_rng(7)
    xy = np.concatenate([np.array(xy) + rng.normal(0, 120, (60, 2)) for xy in CENTRES.values()])
    times = pd.Series(pd.Timestamp(PERIOD.start)).repeat(len(xy)).reset_index(drop=True)
    frame = points_frame({"occurred_from": times}, xy[:, 0], xy[:, 1], 3006)
    return density(complete_incidents(frame), cell_m=50, period=PERIOD)


def weeks():
    """A year of weeks that ends on a Wednesday; two of them are withheld."""
    edges = [date(2025, 4, 28) + timedelta(weeks=k) for k in range(53)]
    counts = [None if k in (3, 40) else 20 + k % 9 for k in range(53)]
    return Timeline("week", (*edges, date(2026, 4, 29)), tuple(counts), 4, whole=False)


@pytest.fixture(scope="session")
def plain_situation():
    """Three zones around Uppsala, two patrol areas, four weeks."""
    return Situation(
        question=Filter(),
        lens=demo_lens(Settings()),
        period=PERIOD,
        shift=Shift.next_evening(NOW),
        teams=3,
        total=400,
        surface=surface(),
        zones=without_small_parts(zones(), demo_lens(Settings())),
        rhythm=rhythm(),
        trend=trend(),
        areas=areas(),
        places=read_gazetteer(),
        streets=None,
        simulated=True,
        as_of=PERIOD.end,
        notes=(Text("2 zoner visas inte.", "2 zones are not shown."),),
        tz="Europe/Stockholm",
        version="v1",
    )


@pytest.fixture
def stage(monkeypatch, plain_situation):
    """The store and the situation that the pages will meet; a test may change both."""
    store = FakeStore()
    scene = SimpleNamespace(store=store, situation=plain_situation, asked=[], error=None)

    def build(store, _settings, lens, question, *, now, shift=None, teams=3):  # noqa: ARG001 - as called
        scene.asked.append(SimpleNamespace(question=question, shift=shift, teams=teams, lens=lens))
        if scene.error is not None:
            raise scene.error
        if not store.filled:
            raise NothingFoundError(Text("Lagret är tomt.", "The store is empty."))
        period = question.period or scene.situation.period
        shift = shift or scene.situation.shift
        return replace(scene.situation, question=question, period=period, shift=shift, teams=teams)

    monkeypatch.setattr(factory, "open_store", lambda _url: store)
    monkeypatch.setattr(pictures, "build_situation", build)
    monkeypatch.setattr(tile_pages, "timeline", lambda *_: weeks())
    drawn = Drawn(("v1",), pyramid(plain_situation.surface))
    monkeypatch.setattr(tile_pages, "drawn_density", lambda *_, **__: drawn)
    monkeypatch.setattr(time_views, "differences", lambda *_: [])
    monkeypatch.setattr(situation_pages, "former_zones", lambda *_: [("z7", "Gamla torget")])
    monkeypatch.setattr(zone_kin, "former_zones", lambda *_: [("z7", "Gamla torget")])
    store.last_outlines = lambda zone_ids, **_: {
        one: plain_situation.zones.geometry.iloc[0].buffer(-5) for one in zone_ids if one == "z7"
    }
    monkeypatch.setattr(zone_pages, "zone_story", story)
    monkeypatch.setattr(zone_pages, "history_of", lambda zone_id, *_: kept_history(zone_id))
    return scene


@pytest.fixture
def make_app(stage):  # noqa: ARG001 - the application opens what the stage put in place
    return lambda **settings: create_app(Settings(**settings), clock=lambda: NOW)


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


# --- a filled store on disk, for planning


class City:
    """The application over a store, with a clock that a test may move."""

    def __init__(self, url) -> None:
        self.moved = timedelta(0)
        self.app = create_app(Settings(store=url), clock=self.now)
        self.client = self.app.test_client()
        self.service = service_of(self.app)
        self.store = self.service.store

    def now(self):
        return NOW + self.moved

    def move(self, by):
        # The shift of the tests begins the day after NOW.
        self.moved = timedelta(days=1) + by


@pytest.fixture(scope="session")
def filled_store(tmp_path_factory):
    """A small simulated town with the schematic streets and its zones."""
    path = tmp_path_factory.mktemp("stad") / "stad.sqlite"
    city = simulate_city(seed=3, end=date(2026, 4, 29), years=1, incidents=2500)
    settings = Settings(store=f"sqlite:///{path}")
    with open_store(settings.store) as store:
        area = Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        store.set_area(area)
        store.set_flag("simulated", "1")
        store.add_incidents(
            city.incidents,
            file_name="stad.csv",
            sha256="0" * 64,
            source="police",
            receipt={},
            now=NOW,
        )
        streets = read_streets(shipped("data", "streets.geojson"), crs=settings.epsg)
        store.save_streets(streets.lines(), source="Schematiskt", now=NOW)
        refresh_zones(store, settings, now=NOW)
    return path


@pytest.fixture(scope="session")
def quick_search():
    """Enough for four hours and two teams; what a longer search gains is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shift_query, "SEARCH_S", 0.1)
        yield


@pytest.fixture(scope="session")
def planned_store(filled_store, tmp_path_factory, quick_search):  # noqa: ARG001 - must be in force
    """The same store with one plan, number 1."""
    path = shutil.copy(filled_store, tmp_path_factory.mktemp("planerad"))
    city = City(f"sqlite:///{path}")
    assert keep_plan(city) == "/pass/1"
    city.store.close()
    return path


@pytest.fixture(scope="session")
def running_city(planned_store, tmp_path_factory):
    """One application for all tests: what a plan costs is paid once."""
    path = shutil.copy(planned_store, tmp_path_factory.mktemp("gemensam"))
    city = City(f"sqlite:///{path}")
    yield city
    city.store.close()


@pytest.fixture
def city(running_city):
    """The running city with its clock set back."""
    running_city.moved = timedelta(0)
    return running_city


@pytest.fixture
def own_city(planned_store, tmp_path):
    """A city of the test's own, whose presence nobody else adds to."""
    path = shutil.copy(planned_store, tmp_path / "egen.sqlite")
    city = City(f"sqlite:///{path}")
    yield city
    city.store.close()


@pytest.fixture
def empty_city(tmp_path):
    """A city where nothing has been taken in."""
    city = City(f"sqlite:///{tmp_path}/tom.sqlite")
    yield city
    city.store.close()


def keep_plan(city):
    """Keep a plan of four hours for police and outreach; returns its address."""
    fields = {"shift": "2026-04-30T18:00/22:00", "police_walk": "1", "outreach_walk": "1"}
    headers = {"Origin": "http://localhost"}
    return city.client.post("/pass", data=fields, headers=headers).headers["Location"]


@pytest.fixture
def kept_plan(city):  # noqa: ARG001 - the plan is in its store
    """The address of a plan that is kept, for tests that leave it as it is."""
    return "/pass/1"


@pytest.fixture
def own_plan(own_city):  # noqa: ARG001 - the plan is in its store
    """The address of the plan that is kept in the test's own city."""
    return "/pass/1"


# --- accounts

PASSWORD = "korrekt häst batteri"  # noqa: S105 - test data
OWN = {"Origin": "http://localhost"}


class House:
    """An application with accounts, and a clock that a test may move."""

    def __init__(self, folder, **settings) -> None:
        self.now = NOW
        self.app = create_app(
            Settings(store=f"sqlite:///{folder}/hus.sqlite", **settings), clock=lambda: self.now
        )
        self.store = service_of(self.app).store
        self.users = {}

    def add(self, name, role, password=None):
        self.users[name] = self.store.users.add(name, role, password=password, now=self.now)
        return self.users[name]

    def client(self, name=None):
        """A browser; with a name, one that is logged in."""
        client = self.app.test_client()
        if name is not None:
            key = self.store.logins.begin(self.users[name], now=self.now)
            client.set_cookie("riskmiljo_login", key)
        return client

    def token_of(self, client, path="/login"):
        return re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)[1]

    def log_in(self, client, name="anna", password=PASSWORD, **more):
        # Until somebody is logged in the page's token stays good.
        token = client.__dict__.get("token") or self.token_of(client)
        fields = {"name": name, "password": password, "csrf_token": token, **more}
        answer = client.post("/login", data=fields, headers=OWN)
        client.token = token if answer.status_code in (403, 429) else None
        return answer

    def send(self, client, path, at="/konto", **fields):
        fields["csrf_token"] = self.token_of(client, at)
        return client.post(path, data=fields, headers=OWN)


@pytest.fixture
def cheap_hashes(monkeypatch):
    """What a hash costs is tested by the test of times and where passwords are tested."""
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 64)
    passwords._hasher.cache_clear()
    passwords._dummy.cache_clear()
    yield
    passwords._hasher.cache_clear()
    passwords._dummy.cache_clear()


@pytest.fixture
def new_house(cheap_hashes):  # noqa: ARG001 - for its effect
    return House


@pytest.fixture(scope="session")
def accounts(tmp_path_factory):
    """A store with accounts, made once; every test gets a copy."""
    folder = tmp_path_factory.mktemp("konton")
    made = House(folder)
    made.add("anna", Role.POLICE)
    for role in Role:
        made.add(f"en-{role}", role)
    made.store.close()
    return folder / "hus.sqlite", made.users


@pytest.fixture
def house(accounts, tmp_path, cheap_hashes):  # noqa: ARG001 - for its effect
    path, users = accounts
    shutil.copy(path, tmp_path / "hus.sqlite")
    opened = House(tmp_path)
    opened.users = dict(users)
    opened.store.users.set_password(users["anna"], PASSWORD, now=NOW)
    yield opened
    opened.store.close()

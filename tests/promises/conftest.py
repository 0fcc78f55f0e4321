"""The whole program over a small simulated city, in which a test may plant names."""

from __future__ import annotations

import io
import re
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.lens import OWN_DATA
from riskmiljo.geo.crs import WGS84, coordinates, points_frame, transform
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.model.role import Role
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings, shipped
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import refresh_zones
from riskmiljo.situation.releases import make_release
from riskmiljo.store import Area, open_store
from riskmiljo.web import (
    admin_audit,
    check_ins,
    create_app,
    forecast_pages,
    import_jobs,
    operation_form,
    presence_form,
    presence_pages,
    share_pages,
    shift_query,
    tonight_answers,
    tonight_query,
)
from riskmiljo.web.service import service_of
from riskmiljo.web.shift_query import SHIFT_FIELDS
from riskmiljo.web.view import FIELDS

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)


@dataclass
class City:
    """A filled store, the settings that open it, and the application over it."""

    settings: Settings
    store: object
    app: object


@pytest.fixture(scope="session")
def found_city():
    return simulate_city(seed=3, end=date(2026, 4, 27), years=1, incidents=2500)


@pytest.fixture(scope="session")
def city_path(found_city, tmp_path_factory):
    """Where the store of a city lies, filled once for each choice of settings, to be copied."""
    made = {}

    def path_of(**chosen) -> Path:
        key = repr(sorted(chosen.items()))
        if key not in made:
            made[key] = tmp_path_factory.mktemp("stad") / "stad.sqlite"
            settings = Settings(store=f"sqlite:///{made[key]}", **chosen)
            with open_store(settings.store) as store:
                store.set_area(
                    Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
                )
                store.set_flag("simulated", "1")
                store.add_incidents(
                    found_city.incidents,
                    file_name="city.csv",
                    sha256="0" * 64,
                    source="police",
                    receipt={},
                    now=NOW,
                )
                refresh_zones(store, settings, now=NOW)
        return made[key]

    return path_of


@pytest.fixture
def make_city(city_path, tmp_path: Path):
    """Build a `City`; the arguments are settings."""
    opened = []

    def make(**chosen) -> City:
        path = shutil.copy(city_path(**chosen), tmp_path / f"city{len(opened)}.sqlite")
        settings = Settings(store=f"sqlite:///{path}", **chosen)
        app = create_app(settings, clock=lambda: NOW)
        opened.append(service_of(app).store)
        return City(settings, service_of(app).store, app)

    yield make
    for store in opened:
        store.close()


# --- a city whose joint picture has been released

RELEASED = datetime(2026, 5, 12, 12, tzinfo=UTC)


@dataclass
class JointCity:
    """Two years of a small town, released once.

    Attributes
    ----------
    incidents, known
        All there is, and what had been registered when the release was made.
    folder
        Where its stores lie.
    now
        When the release was made.
    """

    incidents: gpd.GeoDataFrame
    known: gpd.GeoDataFrame
    folder: Path
    now: datetime = RELEASED

    def made(self, name, known, *, release=True):
        """Fill a store; returns where it lies."""
        settings = Settings()
        path = self.folder / name
        with open_store(f"sqlite:///{path}") as store:
            store.set_area(
                Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
            )
            store.set_flag("simulated", "1")
            self.add(store, known, "0", RELEASED)
            if release:
                make_release(store, settings, now=RELEASED)
        return path

    def add(self, store, incidents, mark, now):
        for source, rows in incidents.groupby("source", observed=True):
            store.add_incidents(
                rows.reset_index(drop=True),
                file_name=f"{source}.csv",
                sha256=f"{mark}{source}".ljust(64, "0"),
                source=str(source),
                receipt={},
                now=now,
            )

    def late(self, number=150):
        """Return reports that come late, of months that have been told already."""
        copies = self.known.sample(number, random_state=4).reset_index(drop=True)
        copies["incident_id"] = [f"sen-{n}" for n in range(len(copies))]
        return copies


@pytest.fixture(scope="session")
def joint_city(tmp_path_factory):
    incidents = simulate_city(seed=5, end=date(2026, 6, 10), years=2, incidents=3000).incidents
    known = incidents[incidents["registered_at"] < RELEASED].reset_index(drop=True)
    return JointCity(incidents, known, tmp_path_factory.mktemp("gemensam"))


@pytest.fixture(scope="session")
def released_path(joint_city):
    return joint_city.made("slappt.sqlite", joint_city.known)


@pytest.fixture(scope="session")
def moved_path(joint_city):
    """The same town with every incident somewhere else within its place of 50 m."""
    rng = np.random.default_rng(3)
    corner = np.floor(coordinates(joint_city.known) / 50) * 50
    xy = corner + rng.uniform(0.001, 49.999, corner.shape)
    known = joint_city.known
    shapes = type(known.geometry).from_xy(xy[:, 0], xy[:, 1], crs=known.crs)
    return joint_city.made("flyttat.sqlite", known.set_geometry(shapes))


# --- what can be asked of a route and sent to it

_SHOWN = (*FIELDS, "utjamning")
_STAGED = (
    "kalla",
    "lager",
    "system",
    "slag",
    "kolumn-0",
    "kolumn-1",
    "ord-0",
    "slag-0",
    "saker",
    "utan",
)
_SURE = ("sure",)
# Flask endpoint -> the fields of its address; and those of a form or a JSON body that is sent to
# it. The crawler sees that no form has a field that is not here.
ASKED_OF = {
    **dict.fromkeys(("situation.index", "situation.data", "situation.layers"), FIELDS),
    **dict.fromkeys(("planner.overview", "planner.data", "report.paper"), FIELDS),
    **dict.fromkeys(("forecasts.index", "forecasts.data"), forecast_pages.FIELDS),
    **dict.fromkeys(("zones.zone", "zones.data", "zones.history"), FIELDS),
    **dict.fromkeys(("shift.index", "shift.data", "shift.layers", "shift.file"), SHIFT_FIELDS),
    **dict.fromkeys(("tonight.index", "tonight.data", "tonight.layers"), tonight_query.FIELDS),
    **dict.fromkeys(("home.index", "home.data"), (*FIELDS, "plan", "lag", "vecka", "plats", "own")),
    **dict.fromkeys(("presence.index", "presence.data"), presence_pages.FIELDS),
    **dict.fromkeys(("audit.index", "audit.data", "audit.table"), admin_audit._FIELDS),
    **dict.fromkeys(("importing.staged", "importing.receipt"), ("sida",)),
    "importing.index": ("klart",),
    "account.index": ("gjort",),
    "admin.index": ("gjort",),
    "login.form": ("next", "steg"),
    "login.left": ("state",),
    "login.organisation_begin": ("next",),
    "login.organisation_end": ("code", "state", "error"),
    "tiles.tile_of": _SHOWN,
    "tiles.weeks": FIELDS,
    "drawing.new": ("borta",),
    "drawing.outline": ("sparad",),
    "planner.operations": ("borta", "rattad"),
}
SENT_TO = {
    "login.enter": ("name", "password", "code", "next"),
    "account.password": ("password", "new", "again"),
    "account.offer_code": ("password",),
    "account.take_up_code": ("code", "password"),
    "account.remove_code": ("password", "sure"),
    "account.add_token": ("password", "days"),
    "account.revoke_token": _SURE,
    "purpose.choose": ("purpose", "next"),
    "admin.add": ("name", "role", "password", "again"),
    "admin.change_role": ("role", "sure"),
    "admin.change_password": ("password", "new", "again", "sure"),
    **dict.fromkeys(("admin.remove_code", "admin.disable", "admin.enable"), _SURE),
    "admin.count_old": ("day", "before"),
    "break.begin": ("owner", "reason", "sure"),
    "tonight.start": tonight_query.FIELDS,
    "tonight.answer": tonight_answers.FIELDS,
    "tonight.add_stop": ("plan", "lag", "teams", "own", "place", "shift"),
    "presence.log": (*presence_form.LOG_FIELDS, "vecka"),
    "presence.take_in": ("file", "vecka"),
    "presence.take_out": ("vecka",),
    "presence.set_days": ("kind", "year", "first", "last", "vecka"),
    "shared.share": share_pages._FIELDS,
    "importing.upload": ("fil", "kalla"),
    "importing.look_again": _STAGED,
    "importing.take": _STAGED,
    "importing.undo": ("saker",),
    "zones.rename": ("name",),
    "zones.note": ("note",),
    "drawing.add": ("name", "corners"),
    "drawing.redraw": ("corners",),
    "shift.keep": SHIFT_FIELDS,
    "plans.replan": ("late_1", "late_2", "away_1", "away_2"),
    "phone.check_in": (*check_ins.FIELDS, "page"),
    "planner.add": (*operation_form.TEXT_FIELDS, "zone"),
    "planner.assess": ("category", "compare"),
    "planner.count": tuple(operation_form.outcome_field(name) for name in OUTCOMES),
    "operations.correct": operation_form.CORRECTED_FIELDS,
}


@pytest.fixture(scope="session")
def fields_of_routes():
    """Endpoint to the fields of its address, and endpoint to those that are sent to it."""
    return ASKED_OF, SENT_TO


# --- a town in which each owner has something that nobody else may see


SOURCES = {"police": "police", "social": "outreach", "municipality": "municipality"}
# Lonely fields, and there the corner of a square: far from streets, names, other incidents, and
# from the lines and the middle of every square of the joint picture.
LONELY = {
    "police": (650_312.0, 6_635_312.0),
    "social": (643_562.0, 6_639_562.0),
    "municipality": (651_312.0, 6_641_312.0),
}
NEAR_M = 50.0
JOINT = "insyn=gemensam"
# Who reads where there are no accounts.
OPEN = "open"
PLAIN = ("text/", "application/json", "application/geo+json", "application/gpx", "image/svg")
PARSED = ("text/html", "application/json", "image/svg+xml", "application/gpx+xml")
# Away from them, for a stop of the owner's own.
OWN_STOP_M = 300.0
OWN_ORIGIN = {"Origin": "http://localhost"}
# Who works with whose; what everybody with the joint picture may know, and the night walkers.
MAY_KNOW = {
    Role.POLICE: {"police", "shared"},
    Role.OUTREACH: {"social", "shared"},
    Role.PLANNER: {"municipality", "shared"},
    Role.ADMIN: {"municipality", "shared", "emergency"},
    Role.PARTNER: set(),
}


def canary(whose):
    """Return a text that tells whose it is, and that would run where it is not escaped."""
    return f"kanarie-{whose}<script>alert(7)</script>"


@dataclass
class PlantedTown:
    """An application with an account of each role over a town with canaries.

    Attributes
    ----------
    app, open_app
        With accounts; and the same town before there were any.
    planted
        Owner to the places (metres) of incidents that only the owner may see.
    folder
        Where its stores and uploads lie.
    own_pages
        Role to the pages of what it has made for itself.
    seen, places_seen
        Role to whose canaries it was told of, and to how many places stood in its answers.
    """

    app: object
    open_app: object
    planted: dict[str, np.ndarray]
    folder: Path
    now: datetime = RELEASED
    users: dict[Role, int] = field(default_factory=dict)
    own_pages: dict[Role, list[str]] = field(default_factory=dict)
    seen: dict[Role, set[str]] = field(default_factory=lambda: defaultdict(set))
    places_seen: Counter = field(default_factory=Counter)

    @property
    def store(self):
        return service_of(self.app).store

    def client(self, role=None):
        """Return a browser, logged in as a role, and its token for forms."""
        client = (self.open_app if role == OPEN else self.app).test_client()
        if role is None or role == OPEN:
            return client, ""
        client.set_cookie(
            "riskmiljo_login", self.store.logins.begin(self.users[role], now=self.now)
        )
        page = client.get("/konto").text
        return client, re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def look(self, role, address, answer):
        """See that an answer is no fault, gives its reason and tells nothing that is others'."""
        where = (role, address[:300], answer.status_code)
        assert answer.status_code < 500, where
        if not answer.mimetype.startswith(PLAIN) or address.startswith("/assets/"):
            return
        # A calendar's long lines are folded, also in the middle of a word.
        text = re.sub(r"\r\n[ \t]", "", answer.text)
        assert "Traceback (most recent" not in text, where
        if answer.mimetype in PARSED:
            assert "<script>alert(7)" not in text, where
            assert "50337" not in text, where
        if answer.status_code >= 400:
            if answer.is_json:
                assert answer.json["error"]["message"]["sv"], where
            else:
                assert re.search(r'class="problem|role="alert"|<p class="lead">[^<]', text), where
        if role != OPEN:
            self.look_for_others(role, address, unescape(text), where)

    def look_for_others(self, role, address, text, where):
        told = set(re.findall(r"kanarie-([a-z]+)", text))
        assert told <= MAY_KNOW.get(role, set()), (where, told)
        assert not re.search(r"SIM-[A-Z]-\d|kanarie-[a-z]+-[fs]\d", text), where
        places = places_in(text)
        self.seen[role].update(told)
        self.places_seen[role] += len(places)
        joint = role not in OWN_DATA or JOINT in address
        for owner, xy in self.planted.items():
            if len(places) and (joint or owner not in OWN_DATA[role]):
                apart = np.hypot(*(places[:, None] - xy[None]).transpose(2, 0, 1)).min(axis=1)
                assert apart.min() > NEAR_M, (where, owner, places[apart <= NEAR_M][:3])

    def send(self, role, path, fields):
        """Send a form as a role; returns where it leads."""
        client, token = self.client(role)
        answer = client.post(path, data={**fields, "csrf_token": token}, headers=OWN_ORIGIN)
        assert answer.status_code == 303, (path, answer.status_code, answer.text)
        return re.split("[?#]", answer.headers["Location"])[0]


def places_in(text):
    """Return every pair of numbers in a text that could be a place in the area, in metres."""
    number = r"(\d{2}\.\d{3,})"
    found = re.findall(rf'{number}(?=(?:,\s*|;|"?\s+(?:lon|lat)="|%2C|%20){number})', text)
    pairs = np.array(found, dtype=float).reshape(-1, 2)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    west, south, east, north = Settings().area_bbox
    lon, lat = both.T
    inside = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    metres = re.findall(r"\b(6\d{5}(?:\.\d+)?)[^\d.]{1,4}(66\d{5}(?:\.\d+)?)\b", text)
    there = np.array(metres, dtype=float).reshape(-1, 2)
    if not inside.any():
        return there
    x, y = transform(lon[inside], lat[inside], WGS84, Settings().epsg)
    return np.concatenate([there, np.column_stack([x, y])])


def lonely_incidents(owner, number, first_day, mark, epsg):
    """Return incidents of an owner around its lonely corner, a few metres apart."""
    x, y = LONELY[owner]
    n = np.arange(number)
    when = pd.Timestamp(first_day, tz="UTC") + pd.to_timedelta(n * 25, unit="h")
    columns = {
        "incident_id": [f"kanarie-{owner}-{mark}{k}" for k in n],
        "occurred_from": pd.Series(when),
        "category": ["violence"] * number,
        "source": [SOURCES[owner]] * number,
        "owner": [owner] * number,
        "registered_at": pd.Series(when),
    }
    frame = points_frame(columns, x + 7.31 * (n % 4), y + 5.17 * (n % 3), epsg)
    return complete_incidents(frame)


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """A `PlantedTown`: what each owner's readers have written, uploaded and kept is in it."""
    folder = tmp_path_factory.mktemp("kanarier")
    settings = Settings()
    known = simulate_city(seed=8, end=date(2026, 5, 12), years=1, incidents=1500).incidents
    lone = {
        # Four were known when the picture was released, too few to be told; twelve came later.
        owner: [
            lonely_incidents(owner, 4, "2026-03-02 20:10", "f", settings.epsg),
            lonely_incidents(owner, 12, "2026-04-20 21:40", "s", settings.epsg),
        ]
        for owner in SOURCES
    }
    path = folder / "oppen.sqlite"
    address = f"sqlite:///{path}"
    with open_store(address) as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        store.set_flag("simulated", "1")
        for step in range(2):
            for owner, source in SOURCES.items():
                mine = known[known["owner"] == owner] if step == 0 else known[:0]
                rows = pd.concat([mine, lone[owner][step]], ignore_index=True)
                store.add_incidents(
                    rows,
                    file_name=f"{canary(owner)}.csv",
                    sha256=f"{step}{owner}".ljust(64, "0"),
                    source=source,
                    receipt={},
                    now=RELEASED,
                )
            if step == 0:
                make_release(store, settings, now=RELEASED)
        streets = read_streets(shipped("data", "streets.geojson"), crs=settings.epsg)
        store.save_streets(streets.lines(), source="Schematiskt", now=RELEASED)
    shutil.copy(path, folder / "konton.sqlite")
    apps = [
        create_app(Settings(store=f"sqlite:///{folder}/{name}.sqlite"), clock=lambda: RELEASED)
        for name in ("konton", "oppen")
    ]
    town = PlantedTown(
        *apps,
        planted={owner: coordinates(pd.concat(both)) for owner, both in lone.items()},
        folder=folder,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shift_query, "SEARCH_S", 0.05)
        patch.setattr(import_jobs, "start", lambda _key, work: (work(), True)[1])
        plant(town)
        yield town
    for app in apps:
        service_of(app).store.close()


SHIFT_OF_TOWN = {"shift": "2026-05-15T18:00/21:00", "police_walk": "1", "outreach_walk": "1"}


def plant(town):
    """Let each role write what it can, under its canary."""
    for role in Role:
        town.users[role] = town.store.users.add(str(role), role, password=None, now=town.now)
    for role, owner in ((Role.POLICE, "police"), (Role.OUTREACH, "social")):
        x, y = LONELY[owner][0] + OWN_STOP_M, LONELY[owner][1]
        lon, lat = transform(np.array([x]), np.array([y]), Settings().epsg, WGS84)
        own = f"{lat[0]:.5f},{lon[0]:.5f}"
        kept = town.send(role, "/pass", {**SHIFT_OF_TOWN, "own": own})
        town.own_pages[role] = [
            kept, *(f"{kept}{more}" for more in (".json", "/lager.json", "/plan.gpx", "/lag/1"))
        ]  # fmt: skip
    joint = town.send(Role.PLANNER, "/pass", SHIFT_OF_TOWN)
    town.send(Role.PLANNER, f"{joint}/dela", {"role": "partner"})
    mine = f"{canary('police')};2026-05-01;22:10;Rån;59,8586;17,6389;{canary('police')}\n"
    rows = "Händelsenr;Datum;Tid;Brottstyp;Latitud;Longitud;Övrigt\n" + mine * 3
    file = (io.BytesIO(rows.encode()), f"{canary('police')}.csv")
    staged = town.send(Role.POLICE, "/import", {"fil": file, "kalla": "police"})
    town.own_pages[Role.POLICE] += [staged, f"{staged}.json", f"{staged}/lager.json"]
    event = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a@example.org\r\n"
        f"SUMMARY:{canary('shared')}\r\nLOCATION:{canary('shared')}\r\n"
        "DTSTART:20260515T190000\r\nDTEND:20260515T230000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    file = (io.BytesIO(event.encode()), f"{canary('shared')}.ics")
    town.send(Role.OUTREACH, "/narvaro/kalender", {"file": file, "vecka": "2026-W20"})
    planned = {
        "name": canary("shared"), "goal": canary("shared"), "partners": canary("shared"),
        "first": "2026-03-02", "last": "2026-03-29", "places": "Stora torget",
    }  # fmt: skip
    town.send(Role.PLANNER, "/insatser", planned)
    client, _ = town.client(Role.PLANNER)
    [zone, *_] = client.get("/karta.json").json["zones"]
    town.send(Role.PLANNER, f"/zoner/{zone['zone_id']}/namn", {"name": canary("shared")})
    reading = {"owner": "social", "reason": canary("emergency"), "sure": "1"}
    town.send(Role.ADMIN, "/admin/nodinsyn", reading)

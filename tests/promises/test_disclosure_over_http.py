"""What logged-in readers of the joint picture are answered tells of no import and of no place.

Every answer is asked for three times: as released, after an import of more incidents, and of a
town in which every incident lies somewhere else within its place of 50 m.
"""

from __future__ import annotations

import json
import re
import shutil

import pytest

from riskmiljo.model.role import Role
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings, shipped
from riskmiljo.situation.joint_zones import SUM_BANDS
from riskmiljo.situation.release_record import KIND as RECORD
from riskmiljo.situation.releases import make_release
from riskmiljo.web import create_app, shift_query
from riskmiljo.web.service import service_of

OWN = {"Origin": "http://localhost"}
SHIFT = "shift=2026-05-15T18:00/22:00&police_walk=1&outreach_walk=1"
TOKEN = re.compile(r'(name="csrf[-_]token" (?:content|value))="[^"]+"')
COMMON = (
    "/karta.json",
    "/lagesbild.json",
    "/lagesbild/prognos.json",
    "/insatser.json",
    "/tid.json",
    "/tiles/density/14/8996/4801.png",
    f"/pass.json?{SHIFT}",
    "/pass/1",
    "/pass/1.json",
)
PLANNERS = (
    "/karta",
    "/karta.json?period=last-28-days",
    "/lager.json?hours=18-02&weekday=5&teams=1",
    "/lagesbild",
    "/lagesbild/prognos",
    "/lagesbild/rapport.pdf",
    "/zoner/ZONE",
    "/zoner/ZONE.json",
    "/insatser",
    "/tiles/density/12/2249/1200.png",
    "/narvaro",
    "/narvaro.json",
    "/index.json",
    "/ikvall.json",
    "/pass",
    "/pass.json",
    f"/pass?{SHIFT}",
    f"/pass/lager.json?{SHIFT}",
    *(f"/pass/plan.{suffix}?{SHIFT}" for suffix in ("gpx", "ics", "geojson", "html")),
    "/pass/1/lager.json",
    *(f"/pass/1/plan.{suffix}" for suffix in ("gpx", "ics", "geojson", "html")),
    # What is refused, and how.
    "/karta.json?source=police",
    "/karta.json?bbox=17.6,59.8,17.7,59.9",
    "/karta.json?category=narcotics&hours=18-02",
    "/karta.json?from=2019-01-01&to=2019-02-01",
    "/karta.json?period=last-1-days",
    "/lagesbild.json?from=2026-05-11&to=2026-05-12",
    "/zoner/z-finns-inte.json",
    "/narvaro.json?plats=Flogsta",
    f"/pass.json?{SHIFT}&pin=finns-inte",
    "/pass/999.json",
    "/delade/1.json",
)
ROLES = {
    Role.PLANNER: (*COMMON, *PLANNERS),
    Role.POLICE: (*COMMON, "/ikvall.json", "/ikvall/lager.json", "/delade.json", "/delade/1.json"),
    Role.OUTREACH: (*COMMON, "/narvaro.json", "/delade.json"),
    Role.PARTNER: ("/", "/delade", "/delade.json", "/delade/1", "/delade/1.json",
                   "/delade/1/lager.json", "/karta.json", "/pass/1.json"),
}  # fmt: skip

# One that can be told, one too small, and one that differs from the first by its reach.
OPERATIONS = (
    ("City:500", "2025-11-03"), ("Flogsta centrum:60", "2025-11-03"), ("City:510", "2025-11-10"),
)  # fmt: skip
TESTED = {
    "weeks": [{
        "begins": "2026-04-12T22:00:00+00:00", "ends": "2026-04-19T22:00:00+00:00",
        "model": "gamma_poisson", "caught": 57, "baseline": 53,
    }],
    "model": "gamma_poisson", "better": True, "caught": 58, "baseline": 54, "forecasts": 16,
    "cell_m": 250.0, "tested_at": "2026-05-10T10:00:00+00:00",
}  # fmt: skip


class Reader:
    """A logged-in reader who asks for the joint picture."""

    def __init__(self, app, role, now, zone) -> None:
        self.client = app.test_client()
        self.zone = zone
        store = service_of(app).store
        number = next(u.user_id for u in store.users.all() if u.role is role)
        self.client.set_cookie("riskmiljo_login", store.logins.begin(number, now=now))

    def token(self):
        page = self.client.get("/konto").text
        return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def ask(self, page):
        page = page.replace("ZONE", self.zone)
        answer = self.client.get(f"{page}{'&' if '?' in page else '?'}insyn=gemensam")
        body = answer.data
        if answer.mimetype == "text/html":
            body = TOKEN.sub(r"\1", answer.text).encode()
        return answer.status_code, body, answer.headers.get("ETag")


class Town:
    """An application over a released town with an account of each role and a shared plan."""

    def __init__(self, path, now, streets) -> None:
        self.app = create_app(Settings(store=f"sqlite:///{path}"), clock=lambda: now)
        self.now = now
        self.zone = ""
        self.store = service_of(self.app).store
        self.store.save_streets(streets, source="Schematiskt", now=now)
        for role in Role:
            self.store.users.add(str(role), role, password=None, now=now)
        planner = self.reader(Role.PLANNER)
        headers = {**OWN, "X-CSRFToken": planner.token()}
        fields = dict(pair.split("=") for pair in SHIFT.split("&"))
        kept = planner.client.post("/pass", data=fields, headers=headers)
        assert kept.headers["Location"] == "/pass/1"
        for role in ("partner", "outreach", "police"):
            said = planner.client.post("/pass/1/dela", data={"role": role}, headers=headers)
            assert said.status_code == 303
        # Asked of the ground and the days of the asker's choice, and answered at a weekly release.
        for number, (place, first) in enumerate(OPERATIONS):
            asked = {
                "name": f"Insats {number}",
                "places": place,
                "first": first,
                "last": "2026-03-29",
                "n_drug_seizures": "3",
                "n_young_people_met": "40",
            }
            said = planner.client.post("/insatser", data=asked, headers=headers)
            assert said.status_code == 303, said.text
        self.store.results.add(RECORD, parameters={"backtest": 1}, body=TESTED, now=now)
        make_release(self.store, Settings(), now=now)
        self.zone = json.loads(planner.ask("/karta.json")[1])["zones"][0]["zone_id"]

    def reader(self, role):
        return Reader(self.app, role, self.now, self.zone)


@pytest.fixture(scope="module")
def make_town(tmp_path_factory):
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shift_query, "SEARCH_S", 0.1)
        streets = read_streets(shipped("data", "streets.geojson"), crs=Settings().epsg).lines()

        def make(path, now):
            own = tmp_path_factory.mktemp("stad") / path.name
            shutil.copy(path, own)
            made.append(Town(own, now, streets))
            return made[-1]

        yield make
        for town in made:
            town.store.close()


@pytest.fixture(scope="module")
def now(joint_city):
    return joint_city.now


@pytest.fixture(scope="module")
def town(make_town, released_path, now):
    return make_town(released_path, now)


@pytest.fixture(scope="module")
def answers(town, joint_city, now):
    """Return what each role is answered before and after an import, under the same login."""
    readers = {role: town.reader(role) for role in ROLES}
    asked = [(role, page) for role, pages in ROLES.items() for page in pages]
    before = {(role, page): readers[role].ask(page) for role, page in asked}
    version = town.store.version()
    joint_city.add(town.store, joint_city.late(), "1", now)
    assert town.store.version() != version
    return before, {(role, page): readers[role].ask(page) for role, page in asked}


def test_an_import_shows_in_no_answer_and_in_no_tag(answers):
    before, after = answers
    for asked, told in before.items():
        assert after[asked] == told, asked
    codes = {status for status, _, _ in before.values()}
    assert codes == {200, 400, 404}


def test_where_within_its_place_an_incident_lies_shows_in_no_answer(
    answers, make_town, moved_path, now
):
    before, _ = answers
    moved = make_town(moved_path, now).reader(Role.PLANNER)
    for page in ROLES[Role.PLANNER]:
        assert moved.ask(page)[:2] == before[Role.PLANNER, page][:2], page


def numbers_under(body, names):
    """Return every number that stands under one of the names, at any depth."""
    if isinstance(body, list):
        return [one for part in body for one in numbers_under(part, names)]
    if not isinstance(body, dict):
        return []
    found = []
    for name, value in body.items():
        inside = value if isinstance(value, list) else [value]
        if name in names:
            found += [one for one in inside if isinstance(one, (int, float))]
        found += numbers_under(value, names)
    return found


def test_counts_are_low_ends_of_bands_in_every_answer(answers):
    before, _ = answers
    counted = 0
    for (role, page), (status, body, _) in before.items():
        if status == 200 and ".json" in page and not page.startswith("/delade"):
            names = {"count", "counts", "events", "incidents", "total", "this_week", "this_period"}
            for number in numbers_under(json.loads(body), names):
                assert number in {0, *SUM_BANDS}, (role, page, number)
                counted += 1
    assert counted > 50


def test_the_planner_reads_whether_operations_helped_and_how_good_forecasts_were(answers):
    before, _ = answers
    told = json.loads(before[Role.PLANNER, "/insatser.json"][1])["operations"]
    states = {one["name"]: one["told"]["state"] for one in told}
    assert states == {"Insats 0": "told", "Insats 1": "too_few", "Insats 2": "shared"}
    assert all(one["effect"] is None for one in told)
    # What was typed in for the meeting is read by all of it, but for what is too small.
    assert told[0]["outcomes"] == {"drug_seizures": None, "young_people_met": 40}
    page, review = (before[Role.PLANNER, name][1].decode() for name in ("/insatser", "/lagesbild"))
    for one in told:
        assert one["told"]["text"]["sv"] in page
        assert one["told"]["text"]["sv"] in review
    assert "57\N{NO-BREAK SPACE}%" in review
    [week] = json.loads(before[Role.PLANNER, "/lagesbild.json"][1])["forecasts"]["released"][
        "weeks"
    ]
    assert (week["caught"], week["baseline"]) == (57, 53)
    # What is new is told by the month and in bands.
    news = json.loads(before[Role.PLANNER, "/lagesbild.json"][1])["news"]["months"]
    assert news["months_before"] >= 5
    assert all(len(one["bands"]) == len(news["months_begin"]) for one in news["zone_months"])
    assert review.count('class="spark"') == len(news["zone_months"]) > 0
    # Every role reads the same of the operations.
    assert len({before[role, "/insatser.json"][1] for role in (Role.POLICE, Role.PLANNER)}) == 1


def test_the_presence_week_tells_classes_and_no_figures(answers):
    before, _ = answers
    status, body, _ = before[Role.OUTREACH, "/narvaro.json"]
    week = json.loads(body)
    assert status == 200
    told = [hour for hour in week["hours"] if hour["level"] >= 0]
    assert told
    assert all(hour["band"] and hour["need"] is None and hour["gap"] is None for hour in told)
    assert week["best"]
    assert all(one["band"] and one["need"] is None for one in week["best"])
    page = before[Role.PLANNER, "/narvaro"][1].decode()
    assert week["best"][0]["band"]["sv"] in page


def test_counts_stand_as_bands_on_the_pages_too(answers):
    before, _ = answers
    for page in ("/karta", "/lagesbild"):
        text = before[Role.PLANNER, page][1].decode()
        zones = json.loads(before[Role.PLANNER, f"{page}.json"][1])["zones"]
        assert zones
        for zone in zones:
            assert zone["band"]["sv"] in text


def test_a_partner_sees_shared_plans_and_nothing_else(answers):
    before, _ = answers
    assert before[Role.PARTNER, "/delade/1.json"][0] == 200
    for page in ("/karta.json", "/pass/1.json"):
        assert before[Role.PARTNER, page][0] == 404


def test_a_name_that_the_planner_gives_is_seen_by_all(town, answers):
    before, _ = answers
    zones = json.loads(before[Role.PLANNER, "/karta.json"][1])["zones"]
    planner, police = town.reader(Role.PLANNER), town.reader(Role.POLICE)
    headers = {**OWN, "X-CSRFToken": planner.token()}
    page = f"/zoner/{zones[0]['zone_id']}/namn"
    for name, status in ((zones[1]["name"], 400), ("Nya torget", 303)):
        said = planner.client.post(page, data={"name": name}, headers=headers)
        assert said.status_code == status
    for reader in (planner, police):
        told = json.loads(reader.ask("/karta.json")[1])["zones"]
        assert told[0] == {**zones[0], "name": "Nya torget"}
        assert told[1:] == zones[1:]

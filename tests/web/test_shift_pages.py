"""Planning a shift on the web: the form, the plan, its files, keeping it, planning it anew."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import gpxpy
import icalendar
import pytest

from riskmiljo.situation import build
from riskmiljo.web import plan_words
from riskmiljo.web.plan_views import duration, written_around
from riskmiljo.web.service import install
from riskmiljo.web.shift_query import read_shift
from riskmiljo.web.view import as_query

OWN = {"Origin": "http://localhost"}
SHIFT = "2026-04-30T18:00/22:00"
QUERY = f"shift={SHIFT}&police_walk=1&outreach_walk=1"
FIELDS = {"shift": SHIFT, "police_walk": "1", "outreach_walk": "1"}


class Page(HTMLParser):
    """Links and the values of a page's fields."""

    def __init__(self, text):
        super().__init__()
        self.links, self.values = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "a":
            self.links.append(given["href"])
        box = given.get("type") == "checkbox"
        if tag == "input" and "name" in given and (not box or "checked" in given):
            self.values.setdefault(given["name"], []).append(given.get("value", ""))


def stops(answer):
    return [
        step for route in answer["routes"] for step in route["steps"] if step["step"] == "visit"
    ]


def minutes(step):
    first, last = {
        "leg": ("departs", "arrives"),
        "visit": ("begins", "leaves"),
        "pause": ("begins", "ends"),
    }[step["step"]]
    return (datetime.fromisoformat(step[last]) - datetime.fromisoformat(step[first])).seconds / 60


def test_the_form_comes_with_the_coming_evening_and_three_teams(city):
    answer = city.client.get("/pass")
    values = Page(answer.text).values
    assert answer.status_code == 200
    assert (values["day"], values["begins"], values["ends"]) == (
        ["2026-04-29"],
        ["18:00"],
        ["02:00"],
    )
    assert (values["police_walk"], values["outreach_walk"]) == (["3"], ["0"])
    assert "Stora torget" in answer.text  # the gazetteer's names are offered
    assert 'class="karta"' not in answer.text


def test_an_address_gives_a_plan_with_its_map_its_tables_and_its_reasons(city):
    answer = city.client.get(f"/pass?{QUERY}")
    text = unescape(answer.text)
    data = city.client.get(f"/pass.json?{QUERY}").json
    assert answer.status_code == 200
    assert data["comparison"]["sv"] in text
    assert "Lag 1: polis, till fots" in text
    assert "Lag 2: ungdomsjour, till fots" in text
    assert len(stops(data)) >= 6
    for stop in stops(data):
        assert stop["name"] in text
        assert stop["why"]["sv"] in text
    for left in data["left_out"]:
        assert left["why"]["sv"] in text
    for note in data["notes"]:
        assert note["sv"] in text
    assert 'data-layers="/pass/lager.json?' in text
    assert "På väg" in text
    # What is neither at a stop, on the way nor a break is told: nobody is left to wonder.
    for route in data["routes"]:
        spare = 4 * 60 - sum(minutes(step) for step in route["steps"])
        told = f"{duration(spare).sv} av passet är inte planerad tid."
        assert (told in text) == (spare >= 5), spare
    # The shift's time and nothing that the plan does not go by; no share is told as none.
    assert "alla timmar" not in text
    assert '<td class="figure">0 %</td>' not in text


def test_the_same_address_gives_the_same_plan_in_both_languages(city):
    one, two = (city.client.get(f"/pass.json?{QUERY}&lang={lang}").json for lang in ("sv", "en"))
    assert one == two
    english = city.client.get(f"/pass?{QUERY}&lang=en").text
    assert "Team 1: police, on foot" in english
    assert stops(one)[0]["why"]["en"] in unescape(english)


def test_the_address_comes_back_as_it_was_read(city):
    query = as_query(
        [
            ("shift", SHIFT),
            ("police_walk", "2"),
            ("outreach_cycle", "1"),
            ("start", "Stora torget"),
            ("dwell", "15"),
            ("break", "20"),
            ("own", "Vaksala torg"),
            ("pin", "z1.1"),
            ("forbid", "z2.1"),
            ("unpredictable", "1"),
            ("seed", "4"),
        ]
    )
    with city.app.test_request_context():
        view = read_shift(query, city.service)
        assert view.query == query
        assert read_shift(view.query, city.service) == view
    assert [team.pause_min for team in view.request.teams] == [20.0] * 3


def test_day_and_times_of_the_form_are_the_shift(city):
    filled = "day=2026-04-30&begins=18:00&ends=22:00&police_walk=1&outreach_walk=1&start=&own=&own="
    assert (
        city.client.get(f"/pass.json?{filled}").json == city.client.get(f"/pass.json?{QUERY}").json
    )


def test_a_stop_is_removed_and_allowed_again_by_links_alone(city):
    first = city.client.get(f"/pass?{QUERY}")
    gone = stops(city.client.get(f"/pass.json?{QUERY}").json)[0]["stop_id"]
    link = next(one for one in Page(first.text).links if f"forbid={gone}" in one)
    without = city.client.get(link)
    data = city.client.get(link.replace("/pass?", "/pass.json?")).json
    assert gone not in [stop["stop_id"] for stop in stops(data)]
    assert gone not in [left["stop_id"] for left in data["left_out"]]
    assert plan_words.UNWANTED.sv in without.text
    assert set(Page(without.text).values["forbid"]) == {gone}
    back = [one for one in Page(without.text).links if one.startswith("/pass?")]
    assert any(parse_qs(urlsplit(one).query) == parse_qs(QUERY) for one in back)


def test_a_stop_that_was_left_out_is_added_by_its_link_or_it_is_said_why_not(city):
    query = f"shift={SHIFT}&police_walk=1&dwell=45"
    links = Page(city.client.get(f"/pass?{query}").text).links
    asked = city.client.get(f"/pass.json?{query}").json
    start = asked["routes"][0]["crew"]["start"]
    near = sorted(
        asked["left_out"],
        key=lambda stop: (stop["x"] - start["x"]) ** 2 + (stop["y"] - start["y"]) ** 2,
    )
    added = 0
    for left in near[:3]:
        link = next(one for one in links if f"pin={left['stop_id']}" in one)
        data = city.client.get(link.replace("/pass?", "/pass.json?")).json
        visits = [stop for stop in stops(data) if stop["stop_id"] == left["stop_id"]]
        assert all(stop["pinned"] for stop in visits)
        assert visits or any(left["name"] in note["sv"] for note in data["notes"])
        added += bool(visits)
    assert added


def test_a_stop_of_ones_own_is_in_the_plan_and_goes_by_its_link(city):
    query = f"{QUERY}&own=Stora+torget+19:00-19:30+15+min"
    data = city.client.get(f"/pass.json?{query}").json
    own = [stop for stop in stops(data) if stop["kind"] == "own" and stop["pinned"]]
    assert own
    assert all("Ska börja 19:00–19:30." in stop["why"]["sv"] for stop in own)
    text = city.client.get(f"/pass?{query}").text
    links = [one for one in Page(text).links if "/pass?" in one]
    assert any(parse_qs(urlsplit(one).query) == parse_qs(QUERY) for one in links)
    # Dragged elsewhere it keeps its terms; one that was suggested has none.
    moves = re.findall(r'data-move="([^"]+)" data-field="([^"]+)" data-terms="([^"]*)"', text)
    assert {move for move in moves if move[0] == "own.1"} == {
        ("own.1", "own", " 19:00-19:30 15 min")
    }
    assert {move[1:] for move in moves if move[0] != "own.1"} == {("own", "")}
    view = read_shift(parse_qs(f"{QUERY}&joint=Stora torget 20:00-"), city.service)
    assert written_around(view, "own.1") == ("joint", " 20:00-")


def test_the_server_shares_the_town_out_while_it_searches_for_routes(city, monkeypatch):
    made = []
    share_out = build.patrol_areas

    def shared_out(*given, **options):
        made.append(threading.current_thread().name)
        return share_out(*given, **options)

    monkeypatch.setattr(build, "patrol_areas", shared_out)
    # A shift that no other test plans: nothing of it is remembered.
    asked = "shift=2026-05-01T19:00/21:00&police_walk=2"
    install(city.app, replace(city.service, beside=True))
    try:
        assert city.client.get(f"/pass?{asked}").status_code == 200
        for thread in threading.enumerate():
            if thread.name == "areas":
                thread.join()
        layers = city.client.get(f"/pass/lager.json?{asked}").json["layers"]
    finally:
        install(city.app, city.service)
    areas = next(one for one in layers if one["id"] == "areas")
    assert len(areas["features"]) == 2
    assert made == ["areas"]


def test_the_map_of_the_plan_has_its_routes_and_its_patrol_areas(city):
    layers = {one["id"]: one for one in city.client.get(f"/pass/lager.json?{QUERY}").json["layers"]}
    data = city.client.get(f"/pass.json?{QUERY}").json
    drawn = [one["properties"] for one in layers["routes"]["features"]]
    visits = [visit for one in drawn if one["kind"] == "stop" for visit in one["visits"]]
    assert len(visits) == len(stops(data))
    assert [one["number"] for one in layers["routes"]["crews"]] == [1, 2]
    assert layers["routes"]["shown"]
    assert not layers["areas"]["shown"]


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("gpx", "application/gpx+xml"),
        ("ics", "text/calendar"),
        ("geojson", "application/geo+json"),
        ("html", "text/html"),
        ("pdf", "application/pdf"),
    ],
)
@pytest.mark.parametrize("kept", [False, True])
def test_every_file_comes_as_an_attachment_of_its_type(city, kept_plan, suffix, kind, kept):
    address = f"{kept_plan}/plan.{suffix}" if kept else f"/pass/plan.{suffix}?{QUERY}"
    answer = city.client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == kind
    name = answer.headers["Content-Disposition"]
    assert name == f'attachment; filename="passplan-2026-04-30-1800.{suffix}"'
    match suffix:
        case "gpx":
            assert gpxpy.parse(answer.text).tracks
        case "ics":
            assert icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
        case "geojson":
            assert json.loads(answer.text)["features"]
        case "html":
            assert "Lag 1" in answer.text
        case "pdf":
            assert answer.data.startswith(b"%PDF")


def test_a_file_that_cannot_be_made_is_refused_with_those_that_can(city, kept_plan):
    for address in (f"/pass/plan.exe?{QUERY}", f"{kept_plan}/plan.exe"):
        answer = city.client.get(address)
        assert answer.status_code == 400
        assert ".gpx" in answer.text


BAD = [
    ("shift=2026-04-30+18:00/2026-05-02+18:01", "24"),
    ("shift=i+kv%C3%A4ll", "Passet"),
    ("day=2026-02-30&begins=18:00&ends=02:00", "2026-02-30"),
    ("day=2026-03-29&begins=02:30&ends=06:00", "02:30"),
    ("begins=18:00&ends=02:00&day=", "dag"),
    (f"{QUERY}&day=2026-04-30", "shift"),
    (f"shift={SHIFT}&police_walk=0", "lag"),
    (f"shift={SHIFT}&police_walk=13", "police_walk"),
    (f"shift={SHIFT}&police_walk=9&outreach_walk=9", "18"),
    (f"{QUERY}&teams=3", "teams"),
    (f"{QUERY}&start=Polishusett", "Polishuset"),
    (f"{QUERY}&start=91,200", "91,200"),
    (f"{QUERY}&dwell=lagom", "dwell"),
    (f"{QUERY}&dwell=0", "0"),
    (f"{QUERY}&dwell=999", "120"),
    (f"{QUERY}&gap=-5", "gap"),
    (f"{QUERY}&break=200", "rast"),
    (f"{QUERY}&seed=1e9", "seed"),
    (f"{QUERY}&own={'x' * 121}", "own"),
    (f"{QUERY}&pin=finns-inte", "finns-inte"),
    (f"{QUERY}&pin=%3Cscript%3E", "script"),
    (f"{QUERY}&pin=z1.1&forbid=z1.1", "z1.1 ska både vara med och inte vara med"),
    (f"{QUERY}&own=Stora+torget&forbid=own.1", "Stora torget ska både"),
    ("shift=2026-04-30+18:00/18:00", "ett helt dygn"),
    ("shift=2026-04-30+18:00/2026-04-30+17:00", "slutar inte efter"),
    (f"shift={SHIFT}&start=59.60,17.20", "från närmaste gata"),
    (f"{QUERY}&colour=red", "colour"),
    (f"{QUERY}&hours=99-2", "hours"),
]


@pytest.mark.parametrize(("query", "named"), BAD)
def test_what_cannot_be_used_is_answered_by_one_sentence_and_the_form_as_left(city, query, named):
    page = city.client.get(f"/pass?{query}")
    assert page.status_code == 400
    text = unescape(page.text)
    problem = re.search(r'role="alert">.*?<p>(.*?)</p>', text, re.DOTALL)[1]
    assert named.lower() in problem.lower()
    assert 'class="karta"' not in text
    values = Page(page.text).values
    for name, sent in parse_qs(query, keep_blank_values=True).items():
        if name in values and name not in ("shift", "teams") and sent != [""]:
            assert set(sent) <= set(values[name]), name
    body = city.client.get(f"/pass.json?{query}")
    assert body.status_code == 400
    assert (
        named.lower()
        in (body.json["error"]["message"]["sv"] + body.json["error"]["message"]["en"]).lower()
    )
    assert city.client.get(f"/pass/lager.json?{query}").status_code == 400


def test_an_empty_store_is_said_and_nothing_is_planned(empty_city):
    page = empty_city.client.get(f"/pass?{QUERY}")
    assert page.status_code == 200
    assert plan_words.NOTHING.sv in page.text
    assert empty_city.client.get(f"/pass.json?{QUERY}").status_code == 404


def test_a_kept_plan_has_its_page_its_twin_and_a_place_in_the_list(city, kept_plan):
    page = city.client.get(kept_plan)
    asked = city.client.get(f"/pass.json?{QUERY}").json
    kept = city.client.get(f"{kept_plan}.json").json
    assert page.status_code == 200
    for name in ("shift", "routes", "left_out", "covered", "reachable", "notes"):
        assert kept[name] == asked[name], name
    assert (kept["plan"], kept["replaced_by"]) == (int(kept_plan.rsplit("/", 1)[1]), None)
    assert all(
        "Data till och med" in city.client.get(f"{kept_plan}{at}").text for at in ("", "/lag/1")
    )
    assert kept_plan in Page(city.client.get("/pass").text).links
    assert kept["plan"] in [row["plan"] for row in city.client.get("/pass.json").json["plans"]]
    assert city.client.get(f"{kept_plan}/lager.json").json["layers"]


def test_the_map_of_a_kept_plan_shows_the_heat_and_the_zones_around_its_routes(city, kept_plan):
    planned = city.client.get(f"/pass/lager.json?{QUERY}").json
    kept = city.client.get(f"{kept_plan}/lager.json").json
    drawn = {layer["id"] for layer in kept["layers"]}
    assert {"density", "zones", "routes"} <= drawn
    assert drawn == {layer["id"] for layer in planned["layers"]}


def test_the_form_of_a_plan_keeps_it_and_leads_to_it(city):
    answer = city.client.post("/pass", data=FIELDS, headers=OWN)
    assert answer.status_code == 303
    assert re.fullmatch(r"/pass/[0-9]+", answer.headers["Location"])
    # Pressed twice, or sent again after Back: there is one such plan.
    again = city.client.post("/pass", data=FIELDS, headers=OWN)
    assert again.headers["Location"] == answer.headers["Location"]
    english = city.client.post("/pass?lang=en", data=FIELDS, headers=OWN)
    assert english.headers["Location"].endswith("?lang=en")


@pytest.mark.parametrize(
    "data", [{"start": ""}, {"shift": "x"}, {**FIELDS, "dwell": "x"}, {"dwell": "12"}]
)
def test_a_form_that_cannot_be_used_keeps_nothing(city, data):
    before = city.client.get("/pass.json").json
    answer = city.client.post("/pass", data=data, headers=OWN)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert city.client.get("/pass.json").json == before


def test_a_form_beyond_measure_is_refused(city):
    answer = city.client.post("/pass", data={"own": "x" * 100_000}, headers=OWN)
    assert answer.status_code == 413
    assert "för stort" in answer.text


@pytest.mark.parametrize("number", ["0", "999999", "2147483647", "2147483648", "9" * 30, "-1", "x"])
def test_a_plan_that_does_not_exist_is_not_found(city, number):
    for address in (f"/pass/{number}", f"/pass/{number}.json", f"/pass/{number}/lag/1"):
        assert city.client.get(address).status_code == 404, address


def test_a_plan_is_made_anew_during_the_shift_and_the_old_one_says_so(own_city, own_plan):
    assert plan_words.REPLAN_CLOSED.sv in own_city.client.get(own_plan).text
    early = own_city.client.post(f"{own_plan}/om", data={"late_1": "30"}, headers=OWN)
    assert early.status_code == 400
    assert "Planera om under passet" in early.text
    before = own_city.client.get(f"{own_plan}.json").json
    own_city.move(timedelta(hours=6))  # 18:00 UTC is 20:00 in Uppsala
    answer = own_city.client.post(
        f"{own_plan}/om", data={"late_1": "40", "away_2": "1"}, headers=OWN
    )
    assert answer.status_code == 303
    fresh_at = answer.headers["Location"]
    fresh = own_city.client.get(f"{fresh_at}.json").json
    number = int(fresh_at.rsplit("/", 1)[1])
    now = own_city.now().isoformat()
    for old, new in zip(before["routes"], fresh["routes"], strict=True):
        done = [step for step in old["steps"] if step["step"] == "visit" and step["begins"] < now]
        kept = [step["stop_id"] for step in new["steps"] if step["step"] == "visit"]
        assert kept[: len(done)] == [step["stop_id"] for step in done]
    late = (own_city.now() + timedelta(minutes=40)).isoformat()
    assert all(
        step["begins"] >= late
        for step in fresh["routes"][0]["steps"]
        if step["step"] == "visit" and step["begins"] >= now
    )
    old = own_city.client.get(own_plan).text
    assert f"Plan {number} gäller" in old
    assert fresh_at in Page(old).links
    assert own_city.client.get(f"{own_plan}.json").json["replaced_by"] == number
    again = own_city.client.post(f"{own_plan}/om", data={"late_1": ""}, headers=OWN)
    assert again.status_code == 400
    assert f"plan {number}" in again.text


@pytest.mark.parametrize("data", [{"late_1": "-5"}, {"late_1": "601"}, {"late_9": "5"}, {"x": "1"}])
def test_a_replanning_that_cannot_be_read_is_refused_in_words(city, kept_plan, data):
    city.move(timedelta(hours=6))
    answer = city.client.post(f"{kept_plan}/om", data=data, headers=OWN)
    assert answer.status_code == 400
    assert next(iter(data)) in answer.text
    assert city.client.get(f"{kept_plan}.json").json["replaced_by"] is None


def test_the_situation_leads_to_planning_its_shift(city):
    page = city.client.get(f"/?shift={SHIFT}&teams=2&category=violence")
    [link] = [one for one in Page(page.text).links if one.startswith("/pass?")]
    sent = parse_qs(urlsplit(link).query)
    assert sent["shift"] == [SHIFT]
    assert sent["teams"] == ["2"]
    assert sent["category"] == ["violence"]
    assert city.client.get(link).status_code == 200


def test_a_browser_that_has_the_plan_is_told_so(city, kept_plan):
    for address in (f"/pass?{QUERY}", f"/pass.json?{QUERY}", kept_plan, f"{kept_plan}/lag/1"):
        tag = city.client.get(address).headers["ETag"]
        assert city.client.get(address, headers={"If-None-Match": tag}).status_code == 304

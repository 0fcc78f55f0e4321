"""The presence week on the web."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO

import pandas as pd
import pytest
from flask import g

from riskmiljo.access.lens import lens_of
from riskmiljo.access.presence import kinds_taken_out
from riskmiljo.access.reader import Reader
from riskmiljo.access.rules import may_use
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation.calendar import Occasion
from riskmiljo.situation.presence_log import take_out_entry, taken_in
from riskmiljo.situation.presence_week import Happening
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app, presence_pages, presence_rows, presence_words
from riskmiljo.web.presence_form import read_stay
from riskmiljo.web.service import install, service_of
from riskmiljo.wording import Text

OWN = {"Origin": "http://localhost"}
NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
STAY = {
    "place": "City", "day": "2026-04-28", "from": "21:00", "until": "00:30", "adults": "4",
    "crew": "night_walkers",
}  # fmt: skip
EVENT = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a@example.org\r\n"
    b"SUMMARY:Konsert {{ 7*7191 }} <script>alert(1)</script>\r\nLOCATION:Parken\r\n"
    b"DTSTART:20260501T190000\r\nDTEND:20260501T230000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def town(filled_store, tmp_path):
    """An application over a town of the test's own."""
    shutil.copy(filled_store, tmp_path / "stad.sqlite")
    app = create_app(Settings(store=f"sqlite:///{tmp_path}/stad.sqlite"), clock=lambda: NOW)
    yield app
    service_of(app).store.close()


@pytest.fixture
def reader(town):
    return town.test_client()


def page(reader, address="/narvaro", status=200):
    answer = reader.get(address)
    assert answer.status_code == status
    return unescape(answer.text)


def take_in(reader, data=EVENT, name="C:\\kalendrar\\vår.ics"):
    return reader.post(
        "/narvaro/kalender",
        data={"file": (BytesIO(data), name), "vecka": "2026-W18"},
        headers=OWN,
        content_type="multipart/form-data",
    )


def test_the_page_and_its_twin_tell_the_same_week(reader):
    text, body = page(reader), reader.get("/narvaro.json").json
    assert "Vecka 18" in text
    assert body["week"] == "2026-W18"
    assert [one["name"]["sv"] for one in body["events"]] == ["Valborg"]
    assert "Valborg" in text
    assert "Data till och med 28 april 2026" in text
    assert "Simulerade data" in text
    assert len(body["hours"]) == 168
    cells = re.findall(r'<td class="(lv-[a-z0-9]+)', text)
    assert len(cells) == 168
    for one in body["best"]:
        assert one["place"] in text
    shown = [hour for hour in body["hours"] if hour["gap"] is not None]
    # Of where adults were no more than the page tells: it is others' too.
    assert {hour["adult_minutes"]["en"] for hour in shown} <= {
        "under 1", "1 to 15", "15 to 30", "30 to 60", "60 or more",
    }  # fmt: skip
    for name, digits in (("gap", 3), ("gap_lower", 3), ("gap_upper", 3), ("uncovered", 2)):
        assert all(hour[name] == round(hour[name], digits) for hour in shown), name
    assert all(round(one["covered"], 2) == one["covered"] for one in body["best"])
    assert sum(name != "lv-none" for name in cells) == len(shown)
    english = page(reader, "/narvaro?lang=en")
    assert "The presence week" in english
    assert "Närvaroveckan" not in english


def test_what_is_rare_is_told_in_whole_incidents(reader):
    told = re.findall(r"På (tio|hundra) sådana tillfällen väntas ([0-9,]+) händelser", page(reader))
    assert told
    assert all(float(n.replace(",", ".")) >= 1 or often == "hundra" for often, n in told)
    window = presence_rows.BestWindow
    seen = [window("City", 0, 3, need, need / 2, need * 2, 0, 0, 0, (), ()) for need in (0.05, 0.4)]
    rows = [presence_rows._why(one, banded=False)[0] for one in seen]
    assert rows[0].en.startswith("On a hundred such occasions 5 incidents")
    assert "(2.5 to 10)" in rows[0].en
    assert rows[1].sv.startswith("På tio sådana tillfällen väntas 4 händelser")


def test_what_a_calendar_left_out_is_told_and_one_without_occasions_is_refused(reader):
    secret = EVENT.replace(b"UID:a", b"CLASS:PRIVATE\r\nUID:b")
    old = EVENT.replace(b"2026", b"2016").replace(b"UID:a", b"UID:c")
    events = b"".join(one[15:-15] for one in (EVENT, secret, old))
    led = take_in(reader, b"BEGIN:VCALENDAR" + events + b"END:VCALENDAR\r\n").headers["Location"]
    text = page(reader, led.split("#")[0])
    assert "Kalendern är inläst." in text
    assert "1 privat händelse lästes inte in." in text
    assert "1 händelse ligger mer än två år bort" in text
    for foreign in ("private.x-outside", "hej.3", "private.9999999", "<b>.1"):
        text = page(reader, f"/narvaro?klart=kalender&utom={foreign}")
        assert re.search(r'class="done"[^>]*>Kalendern är inläst\.<', text), foreign
    refused = take_in(reader, old)
    assert refused.status_code == 400
    assert "Kalendern har inga tillfällen att läsa in. 1 händelse ligger" in unescape(refused.text)
    assert len(reader.get("/narvaro").text.split('class="imports"')) == 2


def test_an_occasion_is_told_without_its_day_twice(town):
    for times, told in (
        (("30T07:00", "30T21:00"), "30 april 2026 09:00–23:00"),
        (("30T07:00", "30T22:00"), "30 april 2026 09:00 – 1 maj 2026 00:00"),
        (("30T17:00", "30T17:00"), "30 april 2026 19:00"),
        (("29T22:00", "30T22:00"), "30 april 2026"),
        (("28T22:00", "30T22:00"), "29 april 2026 – 30 april 2026"),
    ):
        begins, ends = (datetime.fromisoformat(f"2026-04-{text}+00:00") for text in times)
        one = Occasion("own:x", Text("x", "x"), "", begins, ends, year=2026, built_in=False)
        with town.test_request_context("/narvaro"):
            g.language = "sv"
            assert presence_rows.happening_when(Happening(one, None)) == told


def test_colour_is_never_alone(reader):
    text = page(reader)
    for name, said in re.findall(r'<td class="(lv-\S+?)[" ].*?class="said">(.*?)</span>', text):
        if name == "lv-none":
            assert said == presence_words.UNTOLD.sv
        else:
            assert said.startswith(presence_words.LEVELS[int(name[-1])].sv)


def test_the_words_are_those_of_social_work():
    sentences = [
        text.sv.casefold() + text.en.casefold()
        for name, text in vars(presence_words).items()
        if name.isupper() and hasattr(text, "sv")
    ]
    assert len(sentences) > 50
    for wrong in (
        "brott",
        "crime",
        "gripa",
        "arrest",
        "misstänk",
        "suspect",
        "patrullera",
        "hot spot",
    ):
        assert not any(wrong in sentence for sentence in sentences), wrong


def test_the_address_holds_week_and_place(reader):
    text = page(reader, "/narvaro?vecka=2026-W19")
    assert "vecka=2026-W18" in text
    assert "vecka=2026-W20" in text
    [place, *_] = reader.get("/narvaro.json").json["places"]
    assert f"{place}, timme för timme" in page(reader, f"/narvaro?plats={place}")
    for wrong in ("vecka=2026-18", "vecka=2026-W60", "plats=Atlantis", "foo=1", "vecka=0000-W01"):
        assert 'role="alert"' in page(reader, f"/narvaro?{wrong}", 400)
        assert reader.get(f"/narvaro.json?{wrong}").status_code == 400


def test_safe_adults_are_logged_once_without_a_name_and_counted_as_presence(town, reader):
    store = service_of(town).store
    answer = reader.post("/narvaro/logg", data=STAY, headers=OWN)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/narvaro?vecka=2026-W18&klart=logg#logg"
    again = reader.post("/narvaro/logg", data=STAY, headers=OWN)
    assert "klart=finns" in again.headers["Location"]
    rows = store.presence()
    assert len(rows) == 1
    # Three and a half hours, four adults: two crews.
    assert rows["minutes"][0] == 210 * 4 / 2
    assert rows["crew_kind"][0] == "night_walkers"
    text = page(reader, answer.headers["Location"].split("#")[0])
    assert "Närvaron är sparad." in text
    assert "City, 28 april 2026 21:00–00:30: Nattvandrare, 840 vuxenminuter" in text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("place", "Atlantis", "ortregistret"),
        ("place", "", "Plats saknas"),
        ("day", "28/4", "2026-04-30"),
        ("day", "2026-04-29", "framtiden"),
        ("day", "2025-04-29", "60 dagar"),
        ("from", "25:00", "21:30"),
        ("until", "20:30", "12 timmar"),
        ("until", "21:00", "samma tid"),
        ("adults", "0", "1 till 50"),
        ("adults", "-1", "1 till 50"),
        ("adults", "²", "1 till 50"),
        ("crew", "robots", "Vilka"),
    ],
)
def test_a_log_that_cannot_be_used_is_shown_again_with_its_reason(reader, field, value, said):
    answer = reader.post("/narvaro/logg", data={**STAY, field: value}, headers=OWN)
    assert answer.status_code == 400
    text = unescape(answer.text)
    assert said in text
    if field != "place":
        assert '<option value="City" selected>' in text


def test_a_time_that_spring_skips_is_refused():
    places = {"City": (0.0, 0.0)}
    sent = {name: [text] for name, text in STAY.items()}
    sent.update({"day": ["2026-03-29"], "from": ["02:30"], "until": ["04:00"]})
    with pytest.raises(ValueError, match="finns inte"):
        read_stay(sent, places, now=NOW, tz="Europe/Stockholm")
    sent.update({"from": ["01:00"]})
    stay = read_stay(sent, places, now=NOW, tz="Europe/Stockholm")
    assert stay.ends - stay.begins == timedelta(hours=2)


def test_a_calendar_comes_in_shows_as_text_and_goes_out_again(town, reader):
    assert take_in(reader).status_code == 303
    text = reader.get("/narvaro?vecka=2026-W18").text
    assert "Konsert {{ 7*7191 }} &lt;script&gt;" in text
    assert "50337" not in text
    assert "<script>alert" not in text
    assert "vår.ics, inläst 29 april 2026" in text
    assert "example.org" not in text
    events = reader.get("/narvaro.json?vecka=2026-W18").json["events"]
    assert {"place": "Parken", "built_in": False}.items() <= events[-1].items()
    assert text.count("Då är det Konsert") == text.count("&lt;/script&gt; (Parken).")
    gone = reader.post("/narvaro/kalender/1/bort", data={"vecka": "2026-W18"}, headers=OWN)
    assert gone.status_code == 303
    assert "Konsert" not in page(reader, "/narvaro?vecka=2026-W18")
    assert reader.post("/narvaro/kalender/1/bort", data={"a": ""}, headers=OWN).status_code == 404
    assert service_of(town).store.verify_audit() == []


def test_a_file_that_is_no_calendar_is_refused_and_a_huge_one_is_not_read(reader):
    refused = take_in(reader, b"PK\x03\x04")
    assert refused.status_code == 400
    assert "ingen kalender" in unescape(refused.text)
    huge = reader.post(
        "/narvaro/kalender",
        data=b"x" * 1_200_000,
        headers=OWN,
        content_type="multipart/form-data; boundary=y",
    )
    assert huge.status_code == 413
    nothing = reader.post("/narvaro/kalender", data={"vecka": "2026-W18"}, headers=OWN)
    assert nothing.status_code == 400
    # Files may be sent there and nowhere else.
    sent = {"file": (BytesIO(EVENT), "a.ics")}
    answer = reader.post(
        "/narvaro/logg", data=sent, headers=OWN, content_type="multipart/form-data"
    )
    assert answer.status_code == 415


def test_a_yearly_events_days_are_corrected_and_reset(reader):
    days = {"kind": "winter_break", "year": "2027", "first": "2027-02-15", "last": "2027-02-21"}

    def named(week):
        body = reader.get(f"/narvaro.json?vecka={week}").json
        return [one["name"]["sv"] for one in body["events"]]

    assert named("2027-W08") == ["Sportlov"]
    assert reader.post("/narvaro/dagar", data=days, headers=OWN).status_code == 303
    assert (named("2027-W07"), named("2027-W08")) == (["Sportlov"], [])
    reset = {**days, "first": "", "last": ""}
    assert reader.post("/narvaro/dagar", data=reset, headers=OWN).status_code == 303
    assert (named("2027-W07"), named("2027-W08")) == ([], ["Sportlov"])
    for wrong in (
        {"last": ""},
        {"first": "x"},
        {"year": "1"},
        {"kind": "x"},
        {"last": "2027-01-01"},
    ):
        answer = reader.post("/narvaro/dagar", data={**days, **wrong}, headers=OWN)
        assert answer.status_code == 400


def test_an_empty_store_is_explained_and_too_little_too(empty_city, town):
    assert empty_city.client.get("/narvaro").status_code == 200
    assert empty_city.client.get("/narvaro.json").status_code == 404
    assert empty_city.client.post("/narvaro/logg", data=STAY, headers=OWN).status_code == 400
    strict = Settings(min_incidents=100_000, min_sensitive=100_000)
    here = service_of(town)
    lens = lens_of(Role.OUTREACH, strict)
    install(town, type(here)(strict, lens, here.store, here.clock, here.started))
    client = town.test_client()
    text = page(client)
    assert "För lite är känt" in text
    assert "Vi var här" in text
    assert client.get("/narvaro.json").status_code == 404


def test_the_page_is_for_outreach_planners_and_admins():
    allowed = {role for role in Role if may_use(role, "presence.index").allowed}
    assert allowed == {Role.OUTREACH, Role.PLANNER, Role.ADMIN}
    for endpoint in ("presence.log", "presence.take_in", "presence.take_out", "presence.set_days"):
        assert may_use(Role.OUTREACH, endpoint, "POST").allowed
        assert not may_use(Role.OUTREACH, endpoint, "GET").allowed
        assert not may_use(Role.PARTNER, endpoint, "POST").allowed


def test_outreach_sees_what_rests_on_its_own_incidents_alone(town):
    here = service_of(town)
    lens = lens_of(Role.OUTREACH, here.settings)
    reader = Reader(None, "", Role.OUTREACH)
    everyone = town.test_client().get("/narvaro.json").json
    install(town, type(here)(here.settings, lens, here.store, here.clock, here.started, reader))
    own = town.test_client().get("/narvaro.json")
    if own.status_code == 200:
        shown = [sum(hour["gap"] is not None for hour in b["hours"]) for b in (own.json, everyone)]
        assert shown[0] < shown[1]


def test_nobody_logs_what_he_could_not_take_back(town, reader, monkeypatch):
    assert '<option value="police"' in page(reader)
    # Where the police were is theirs to tell.
    kinds = kinds_taken_out(Reader(7, "u", Role.OUTREACH))
    monkeypatch.setattr(presence_pages, "kinds_taken_out", lambda _: kinds)
    text = page(reader)
    assert '<option value="night_walkers"' in text
    assert '<option value="police"' not in text
    before = len(service_of(town).store.presence())
    sent = {**STAY, "crew": "police"}
    assert reader.post("/narvaro/logg", data=sent, headers=OWN).status_code == 400
    assert len(service_of(town).store.presence()) == before


def test_the_classes_are_fixed_and_rise():
    for place in (False, True):
        bounds = presence_rows.PLACE_BOUNDS if place else presence_rows.AREA_BOUNDS
        levels = [presence_rows.level_of(bound / 100, place=place) for bound in (0, *bounds)]
        assert levels == [0, 1, 2, 3, 4]
        assert [row[0] for row in presence_rows.legend(place=place)] == levels


def test_every_key_of_the_presence_week_is_documented(reader, documented):
    body = reader.get("/narvaro.json").json
    parts = (body, body["hours"][0], body["best"][0], body["events"][0])
    assert {key for part in parts for key in part} | {"crew_kind"} == documented(
        "The presence week at /narvaro.json"
    )


def test_what_was_logged_by_mistake_is_taken_out_and_a_file_as_a_whole(town, reader):
    store = service_of(town).store
    reader.post("/narvaro/logg", data=STAY, headers=OWN)
    begins = pd.Series(pd.date_range("2026-04-27T20:00Z", periods=3, freq="D", unit="us"))
    row = {
        "begins": begins,
        "ends": begins + pd.Timedelta(hours=1),
        "minutes": [60.0] * 3,
        "crew_kind": ["police"] * 3,
        "source": ["imported"] * 3,
    }
    store.add_presence(points_frame(row, [648_000] * 3, [6_638_000] * 3, 3006), now=NOW)
    text = page(reader)
    assert "3 rader, 27 april 2026 till 29 april 2026: polis. Inläst 29 april 2026." in text
    paths = re.findall(r'action="(/narvaro/logg/\d+/bort)"', text)
    assert paths == ["/narvaro/logg/1/bort", "/narvaro/logg/2/bort"]
    # Where the police were is not for youth outreach to take out.
    outreach = Reader(7, "u", Role.OUTREACH)
    assert taken_in(store, outreach) == ()
    with pytest.raises(NothingFoundError):
        take_out_entry(store, outreach, 2, now=NOW)
    gone = reader.post(paths[0], data={"vecka": "2026-W18"}, headers=OWN)
    assert gone.headers["Location"] == "/narvaro?vecka=2026-W18&klart=angrad#logg"
    assert len(store.presence()) == 3
    assert reader.post(paths[1], data={"vecka": "2026-W18"}, headers=OWN).status_code == 400
    assert len(store.presence()) == 3
    sure = {"vecka": "2026-W18", "sure": "1"}
    assert reader.post(paths[1], data=sure, headers=OWN).status_code == 303
    assert store.presence().empty
    twice = reader.post(paths[1], data=sure, headers=OWN)
    assert twice.status_code == 404
    assert "är redan borttaget" in twice.text
    assert "Närvaroveckan i" in twice.text
    acts = [one.act for one in store.audit_log.rows(AuditQuestion(), most=4)]
    assert acts == ["presence_undo", "presence_undo", "presence", "presence"]


def test_no_advice_is_of_the_past_and_hours_that_are_over_say_so(reader):
    body = reader.get("/narvaro.json").json
    assert [row["hour"] for row in body["hours"] if row["past"]] == list(range(2 * 24 + 14))
    assert body["best"]
    assert all(datetime.fromisoformat(one["from"]) >= NOW for one in body["best"])
    text = page(reader)
    assert text.count(' past"') == 2 * 24 + 14
    assert "har varit" in text
    assert re.search(r'href="/pass\?shift=2026-0[45]-[0-9T:]+/[0-9:]+&outreach_walk=1&own=', text)
    before = reader.get("/narvaro.json?vecka=2026-W17").json
    assert before["best"] == []
    gone = page(reader, "/narvaro?vecka=2026-W17")
    assert "Veckan är över: inga råd." in gone
    # A whole week is compared by its colours, as the legend says.
    assert ' past"' not in gone
    assert not any(row["past"] for row in reader.get("/narvaro.json?vecka=2026-W19").json["hours"])

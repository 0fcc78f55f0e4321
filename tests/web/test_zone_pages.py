from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import geopandas as gpd
import numpy as np
import pytest
import shapely
from flask import g

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.errors import AccessDeniedError, InvalidInputError, NothingFoundError
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.store.zone_notes import ZoneNote
from riskmiljo.web import zone_pages
from riskmiljo.web.language import part
from riskmiljo.web.service import install, service_of
from riskmiljo.web.zone_history import HEIGHT, WIDTH, HistoryRow, history_line
from riskmiljo.wording import Text

OWN = {"Origin": "http://localhost"}


def micro_places():
    """Two places within z1, of which one has no count that may be told."""
    return gpd.GeoDataFrame(
        {
            "zone_id": ["m1", "m2"],
            "name": ["Stationsplanen", "Gången"],
            "parent_id": "z1",
            "events": [70.0, np.nan],
            "incidents": [70.0, np.nan],
            "per_ha_week": [9.5, np.nan],
            "area_ha": [0.4, 0.3],
        },
        geometry=[shapely.Point(647_900, 6_638_300 + 60 * k).buffer(25) for k in (0, 1)],
        crs=3006,
    )


def test_a_zone_has_a_page_with_count_trend_rhythm_and_why(client):
    page = unescape(client.get("/zoner/z1").text)
    assert "<h1>Resecentrum</h1>" in page
    assert "53,9 gånger så tätt." in page
    assert "ökar" in page
    assert "Mest fre 2" in page
    assert "Resecentrum och City. Två zoner intill varandra" in page
    assert page.count('class="step4"') > 1
    assert page.count("<rect") == 168 + 5
    assert 'data-about="z1"' in page


def test_a_zone_without_known_hours_has_no_profile_of_nothing(client, stage):
    rhythm = stage.situation.rhythm.drop(index="z1")
    stage.situation = replace(stage.situation, rhythm=rhythm)
    stage.store.changes += 1
    page = unescape(client.get("/zoner/z1").text)
    assert "Inga tider att visa." in page
    assert 'class="strip"' not in page
    assert "rhythm-caption" not in page


def test_a_zone_has_an_english_twin_and_a_json_twin(client):
    page = unescape(client.get("/zoner/z1?lang=en").text)
    assert "53.9 times as dense." in page
    assert "Two zones side by side" in page
    body = client.get("/zoner/z1.json").json
    assert body["zone"]["name"] == "Resecentrum"
    assert body["area"]["area_id"] == "1"
    assert body["why"][0]["en"] == "53.9 times as dense."
    friday = body["day_parts"][4]
    assert friday["weekday"]["en"] == "Friday"
    assert friday["shares"][:3] == [None, None, None]
    assert friday["shares"][3] > 0.4


def test_categories_that_may_not_be_told_stand_together(client):
    page = unescape(client.get("/zoner/z1").text)
    assert "Övriga, tillsammans" in page
    assert "med minst en till" in page
    categories = client.get("/zoner/z1.json").json["categories"]
    assert [(one["category"], one["events"]) for one in categories] == [
        ("theft", 70),
        ("violence", 40),
        ("", 10),
    ]


def test_what_there_is_some_of_is_never_told_as_nothing(client, app, monkeypatch):
    few = [
        ("weapons", Text("Vapen", "Weapons"), 5, 0.0),
        ("theft", Text("Stöld", "Theft"), 99, 0.9),
    ]
    monkeypatch.setattr(zone_pages, "_mix", lambda _story: few)
    page = unescape(client.get("/zoner/z1").text).replace("\xa0", " ")
    rows = re.findall(
        r'">(\w+)</th>\s*<td class="figure">(\d+)</td>\s*<td class="figure">([^<]*)<', page
    )
    assert ("Vapen", "5", "under 1 %") in rows
    assert ("Stöld", "99", "90 %") in rows
    shares = [one["share"] for one in client.get("/zoner/z1.json").json["categories"]]
    assert shares == [None, 0.9]
    with app.test_request_context():
        g.language = "en"
        assert (part(0.02, 0.05), part(0.03, 0.05), part(0.005)) == ("under 5%", "3%", "under 1%")


def test_the_density_has_its_interval_where_it_is_known(client, stage):
    assert "95 %" not in client.get("/zoner/z1").text
    zones = stage.situation.zones.assign(per_ha_week_lower=3.4, per_ha_week_upper=4.9)
    stage.situation = replace(stage.situation, zones=zones)
    stage.store.changes += 1
    assert "95 %: 3,40–4,90" in unescape(client.get("/zoner/z1").text)
    row = client.get("/zoner/z1.json").json["zone"]
    assert (row["per_ha_week_lower"], row["per_ha_week_upper"]) == (3.4, 4.9)


def test_the_places_of_a_zone_stand_under_it_without_the_count_that_is_withheld(client, stage):
    stage.situation = replace(stage.situation, micro_places=micro_places())
    for address in ("/", "/zoner/z1"):
        page = unescape(client.get(address).text)
        assert page.index("Stationsplanen") < page.index("Gången")
        assert page.count("visas inte</td>") == 1, address
    places = client.get("/zoner/z1.json").json["zone"]["micro_places"]
    assert [place["events"] for place in places] == [70, None]
    assert places[0]["share_of_zone"] == pytest.approx(70 / 120)
    assert places[1]["per_ha_week"] is None
    assert "Stationsplanen" not in client.get("/zoner/z2").text


def test_the_places_of_a_zone_have_a_history_of_their_own(client):
    page = unescape(client.get("/zoner/z1").text)
    table = page.split("Platserna vid varje sökning</h2>")[1].split("</table>")[0]
    # The latest search first; the place that was not there yet has a dash.
    assert table.index("<td>ny</td>") < table.index("<td>–</td>") < table.index("första gången")
    body = client.get("/zoner/z1.json").json["places_history"]
    assert [one["zone_id"] for one in body] == ["m2", "m1"]
    assert [kept["status"] and kept["status"]["en"] for kept in body[0]["sets"]] == [None, "new"]
    assert "Platserna vid varje sökning" not in unescape(client.get("/zoner/z2").text)
    assert client.get("/zoner/z2.json").json["places_history"] == []


def test_the_history_is_a_line_a_table_and_a_file(client):
    page = unescape(client.get("/zoner/z1").text)
    assert page.count('<circle class="dot"') == 3
    # The third set may not be shown: the line is broken there, and nothing is drawn in its place.
    assert page.count("<polyline") == 1
    assert "växer" in page
    assert "flyttad" in page
    answer = client.get("/zoner/z1/historik.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["incidents"] for row in rows] == ["30", "45", "", "120"]
    assert [row["per_ha_week"] for row in rows] == ["0.8", "1.2", "", "3.1"]
    assert [one["events"] for one in client.get("/zoner/z1.json").json["history"]] == [
        30,
        45,
        None,
        120,
    ]


def test_a_zone_that_is_no_more_keeps_its_history(client):
    assert '<a href="/zoner/z7?' in unescape(client.get("/?weekday=5").text)
    page = unescape(client.get("/zoner/z7").text)
    assert "<h1>Gamla torget</h1>" in page
    assert "upphört" in page
    assert "<title>Gamla torget – tidigare riskzon" in page
    assert "Zonen finns inte längre: den upphörde i sökningen" in page
    assert client.get("/zoner/z7/historik.csv").status_code == 200
    assert client.get("/zoner/z7.json").status_code == 404


def test_a_former_zone_and_the_zone_that_lies_there_now_lead_to_each_other(client):
    former = unescape(client.get("/zoner/z7").text)
    lies_there = re.search(r'Där zonen låg ligger nu: <a href="/zoner/(\w+)', former)
    assert lies_there
    now = unescape(client.get(f"/zoner/{lies_there[1]}").text)
    assert re.search(r'Här låg tidigare: <a href="/zoner/z7[^>]*>Gamla torget</a>\.', now)
    english = unescape(client.get(f"/zoner/{lies_there[1]}?lang=en").text)
    assert "Former zones here: " in english
    others = {"z1", "z2", "z3"} & set(re.findall(r"/zoner/(z\d)", client.get("/karta").text))
    for other in others - {lies_there[1]}:
        assert "Här låg tidigare" not in client.get(f"/zoner/{other}").text


def test_a_zone_that_only_the_selection_lacks_is_not_said_to_be_no_more(client, monkeypatch):
    kept = zone_pages.history_of("z1", None, None)
    monkeypatch.setattr(zone_pages, "history_of", lambda *_: kept)
    page = unescape(client.get("/zoner/z9").text)
    assert "Zonen finns inte i detta urval" in page
    assert "tidigare riskzon" not in page
    assert "inte längre" not in page


def test_a_former_zone_without_a_count_that_may_be_told_is_not_found(client, monkeypatch):
    kept = zone_pages.history_of("z7", None, None).assign(events=np.nan)
    monkeypatch.setattr(zone_pages, "history_of", lambda *_: kept)
    assert client.get("/zoner/z7").status_code == 404
    assert client.get("/zoner/z7/historik.csv").status_code == 404


def test_a_lens_that_allows_no_files_gives_no_history_file(app):
    here = service_of(app)
    install(app, replace(here, lens=replace(here.lens, may_export=False)))
    client = app.test_client()
    assert client.get("/zoner/z1/historik.csv").status_code == 404
    assert "historik.csv" not in client.get("/zoner/z1").text


def test_the_line_stays_within_its_box_and_a_single_set_has_none():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    period = Period(start, start + timedelta(days=28))
    quiet = Text("–", "–")
    rows = [HistoryRow(period, quiet, 30, density) for density in (0.013, 0.4, 977.0)]
    line = history_line(rows)
    assert line is not None
    assert line.top >= 977.0
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in line.dots)
    # The densest is the highest: y counts downwards.
    heights = [y for _, y in line.dots]
    assert heights == sorted(heights, reverse=True)
    assert history_line(rows[:1]) is None


def test_a_planner_gives_a_zone_its_name_and_comes_back(client, stage):
    given = []
    stage.store.rename_zone = lambda zone_id, name, **asked: given.append(
        (zone_id, name, asked["owners"])
    )
    answer = client.post("/zoner/z1/namn?hours=18-02", data={"name": "Stationen"}, headers=OWN)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/zoner/z1?hours=18-02"
    # Among the zones that the reader may know: here those of everyone's incidents.
    assert given == [("z1", "Stationen", EVERY_OWNER)]


def test_a_name_that_is_refused_comes_back_with_the_reason(client, stage):
    def refuse(_zone_id, _name, *, now, owners, user):  # noqa: ARG001 - as called
        raise InvalidInputError(Text("Namnet är upptaget.", "The name is taken."))

    stage.store.rename_zone = refuse
    answer = client.post("/zoner/z1/namn", data={"name": '"><b>City'}, headers=OWN)
    assert answer.status_code == 400
    assert "Namnet är upptaget." in answer.text
    assert 'value="&#34;&gt;&lt;b&gt;City"' in answer.text


def test_a_note_is_shown_kept_and_led_back_from(client, stage):
    given = []
    stage.store.zone_notes.write = lambda *sent, owners, **asked: given.append(
        (sent, owners, asked["now"])
    )
    page = client.get("/zoner/z1")
    assert "Skriv en anteckning" in page.text
    answer = client.post("/zoner/z1/anteckning?hours=18-02", data={"note": "Mörkt"}, headers=OWN)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/zoner/z1?hours=18-02"
    assert [one[:2] for one in given] == [(("z1", "Mörkt"), EVERY_OWNER)]
    kept = ZoneNote("<b>Mörkt</b> {{ 7*7191 }}", datetime(2026, 5, 1, 12, tzinfo=UTC))
    stage.store.zone_notes.of = lambda zone_id, *, owners: kept if zone_id == "z1" else None  # noqa: ARG005 - as called
    again = client.get("/zoner/z1", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 200
    assert again.text.count("&lt;b&gt;Mörkt&lt;/b&gt; {{ 7*7191 }}") == 2
    assert "Skrivet 1 maj 2026." in again.text
    assert client.get("/zoner/z1.json").json["note"] == kept.text
    assert client.get("/zoner/z2.json").json["note"] is None


@pytest.mark.parametrize("field", ["anteckning", "namn"])
def test_what_is_written_of_a_zone_points_out_no_person(client, stage, field):
    stage.store.zone_notes.write = lambda *_, **__: pytest.fail("written")
    stage.store.rename_zone = lambda *_, **__: pytest.fail("renamed")
    name = "note" if field == "anteckning" else "name"
    answer = client.post(
        f"/zoner/z1/{field}", data={name: "Ring 070-123 45 67 om lampan"}, headers=OWN
    )
    assert answer.status_code == 400
    assert "Texten innehåller telefonnummer. Ta bort det" in answer.text
    # As the reader left it.
    assert "Ring 070-123 45 67 om lampan" in answer.text


def test_a_note_that_is_refused_comes_back_with_the_reason(client, stage):
    def refuse(_zone_id, _text, *, owners, now, user):  # noqa: ARG001 - as called
        raise InvalidInputError(Text("För lång.", "Too long."))

    stage.store.zone_notes.write = refuse
    answer = client.post("/zoner/z1/anteckning", data={"note": "</textarea><b>"}, headers=OWN)
    assert answer.status_code == 400
    assert "För lång." in answer.text
    assert "&lt;/textarea&gt;&lt;b&gt;</textarea>" in answer.text


def test_nothing_is_written_of_zones_not_shown_or_in_an_emergency_reading(client, stage, app):
    stage.store.zone_notes.write = lambda *_, **__: pytest.fail("written")
    for zone_id in ("z9", "z7"):
        sent = client.post(f"/zoner/{zone_id}/anteckning", data={"note": "x"}, headers=OWN)
        assert sent.status_code == 404
    here = service_of(app)
    install(app, replace(here, lens=replace(here.lens, role=Role.ADMIN)))
    client = app.test_client()
    assert "anteckning" not in client.get("/zoner/z1").text.lower()
    sent = client.post("/zoner/z1/anteckning", data={"note": "x"}, headers=OWN)
    assert sent.status_code == AccessDeniedError.http_status


def test_a_zone_that_is_not_shown_cannot_be_renamed(client, stage):
    stage.store.rename_zone = lambda *_a, **_k: pytest.fail("renamed")
    for zone_id in ("z9", "z7"):
        answer = client.post(f"/zoner/{zone_id}/namn", data={"name": "Ny"}, headers=OWN)
        assert answer.status_code == 404


def test_another_site_cannot_rename_a_zone(client, stage):
    stage.store.rename_zone = lambda *_a, **_k: pytest.fail("renamed")
    for sender in ({}, {"Origin": "https://example.org"}):
        answer = client.post("/zoner/z1/namn", data={"name": "Ny"}, headers=sender)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("role", "scope", "may"),
    [
        (Role.PLANNER, "own", True),
        (Role.POLICE, "own", True),
        (Role.OUTREACH, "own", True),
        (Role.ADMIN, "own", False),
        (Role.POLICE, "joint", False),
    ],
)
def test_a_zone_is_named_by_who_reads_it_and_the_joint_one_by_planners(app, role, scope, may):
    here = service_of(app)
    lens = replace(here.lens, role=role, scope=scope)
    install(app, replace(here, lens=lens))
    client = app.test_client()
    if scope == "own":
        assert ('name="name"' in client.get("/zoner/z1").text) is may
    if not may:
        sent = client.post("/zoner/z1/namn", data={"name": "Ny"}, headers=OWN)
        assert sent.status_code == AccessDeniedError.http_status


def test_a_zone_that_is_not_in_the_picture_is_not_found(client, stage):
    for address in ("/zoner/z9", "/zoner/z9.json", "/zoner/z1/mer", "/zoner/"):
        assert client.get(address).status_code == 404, address
    assert "välj en längre period" in client.get("/zoner/z9").text.lower()
    stage.error = NothingFoundError(Text("Inget.", "Nothing."))
    assert client.get("/zoner/z9").status_code == 404
    assert client.get("/zoner/z1.json").status_code == 404


@pytest.mark.parametrize(
    "address", ["/zoner/z1?hours=x", "/zoner/z1.json?hours=x", "/zoner/z1/historik.csv?hours=x"]
)
def test_a_mistaken_question_about_a_zone_is_refused(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert "kan inte läsas" in answer.text

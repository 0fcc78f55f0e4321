from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from riskmiljo.errors import NothingFoundError, StoreError
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.store import Area
from riskmiljo.wording import Text


class Elements(HTMLParser):
    """The start tags of a page, and the text of its table cells."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.cells, self._cell = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self._cell = ""

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.cells.append(" ".join(self._cell.split()))
            self._cell = None

    def all(self, tag, **attributes):
        return [
            found
            for name, found in self.tags
            if name == tag and all(found.get(key) == value for key, value in attributes.items())
        ]


def test_the_page_works_as_tables_without_script(client):
    cells = Elements(client.get("/").text).cells
    row = [
        "1. Resecentrum",
        "120",
        "4,25",
        "ökar",
        "fre 22–02",
        "67 % rapporterade, 33 % upptäckta",
    ]
    at = cells.index(row[0])
    assert cells[at : at + len(row)] == row
    row = ["Resecentrum och City", "2,1", "87 %", "Resecentrum, City"]
    at = cells.index(row[0])
    assert cells[at : at + len(row)] == row


def test_the_english_twin_says_the_same_in_english(client):
    page = client.get("/?lang=en").text
    assert '<html lang="en">' in page
    cells = Elements(page).cells
    at = cells.index("1. Resecentrum")
    assert cells[at + 1 : at + 5] == ["120", "4.25", "rising", "Fri 22–02"]
    assert "Data up to and including 26 April 2026" in page
    for swedish in ("Lägesbild", "Riskzoner", "Urval", "Veckodagar", "Visningsläge"):
        assert swedish not in page


def test_the_language_switch_keeps_page_and_question(client):
    address = "/?from=2026-04-01&to=2026-04-20&weekday=5&weekday=6&hours=18-02&category=robbery"
    switch = Elements(client.get(address).text).all("a", hreflang="en")[0]["href"]
    assert switch.startswith("?")
    assert parse_qs(switch[1:]) == {**parse_qs(urlsplit(address).query), "lang": ["en"]}
    back = Elements(client.get("/" + switch).text).all("a", hreflang="sv")[0]["href"]
    assert parse_qs(back[1:])["lang"] == ["sv"]


def test_an_installation_may_speak_english_first(make_app):
    page = make_app(language="en").test_client().get("/").text
    assert '<html lang="en">' in page
    assert Elements(page).all("a", hreflang="sv")
    # Its addresses need not name it.
    assert 'data-layers="/lager.json"' in page


def test_the_form_stands_as_the_address_says(client, stage):
    address = (
        "/?from=2026-04-01&to=2026-04-20&weekday=5,6&hours=18-02&category=robbery&category=weapon"
        "&detection=reported&teams=2&shift=2026-05-01T18:00/02:00&source=police&lang=en"
    )
    page = Elements(client.get(address).text)
    ticked = {
        (box["name"], box["value"])
        for box in page.all("input", type="checkbox")
        if "checked" in box
    }
    assert ticked == {
        ("weekday", "5"), ("weekday", "6"), ("category", "robbery"), ("category", "weapon"),
        ("detection", "reported"),
    }  # fmt: skip
    chosen = {option["value"] for option in page.all("option") if "selected" in option}
    assert chosen == {"18", "02", "2", "2026-05-01T18:00/02:00"}
    assert page.all("input", id="f-from")[0]["value"] == "2026-04-01"
    assert page.all("input", id="f-to")[0]["value"] == "2026-04-20"
    # What the form has no control for rides along.
    assert page.all("input", type="hidden", name="source")[0]["value"] == "police"
    assert page.all("input", type="hidden", name="lang")[0]["value"] == "en"
    assert (stage.asked[-1].teams, stage.asked[-1].shift.hours) == (2, 8)


def test_the_form_shows_the_period_that_is_shown_when_the_address_names_none(client):
    page = Elements(client.get("/").text)
    assert page.all("input", id="f-from")[0]["value"] == "2026-03-30"
    assert page.all("input", id="f-to")[0]["value"] == "2026-04-27"


def test_the_map_asks_for_the_same_question_as_the_page(client, stage):
    address = "/?period=last-7-days&weekday=5&hours=22&hours=02&teams=4&lang=en"
    page = Elements(client.get(address).text)
    on_page = stage.asked[-1]
    layers = next(found["data-layers"] for _tag, found in page.tags if "data-layers" in found)
    assert client.get(layers).status_code == 200
    assert stage.asked[-1] == on_page


def test_every_link_of_the_page_leads_somewhere_and_keeps_the_question(client):
    page = Elements(client.get("/?weekday=5&category=robbery&lang=en").text)
    # What planners follow, presence, imports and plans are asked of a store itself, and tested
    # on one.
    asked = {"/lagesbild", "/insatser", "/narvaro", "/import", "/ikvall", "/delade"}
    elsewhere = {"#innehall", *(f"{path}?lang=en" for path in asked)}
    links = {found["href"] for found in page.all("a")} - elsewhere
    [planning] = [link for link in links if link.startswith("/pass?") and "shift=" in link]
    assert "category=robbery" in planning
    links.remove(planning)
    assert len(links) > 8
    for link in links:
        assert client.get(link if link.startswith("/") else "/" + link).status_code == 200, link
    zone = next(link for link in links if "/zoner/z1" in link)
    assert parse_qs(urlsplit(zone).query) == {
        "weekday": ["5"], "category": ["robbery"], "lang": ["en"],
    }  # fmt: skip


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_mistake_is_answered_with_the_sentence_and_the_form_as_it_was(client, language):
    address = f"/?hours=99-2&category=robbery&from=igår&to=2026-04-20&lang={language}"
    answer = client.get(address)
    assert answer.status_code == 400
    sentence = {"sv": "'igår' kan inte läsas", "en": "'igår' cannot be read"}[language]
    assert sentence in unescape(answer.text)
    page = Elements(answer.text)
    assert "open" in page.all("details")[0]
    assert "checked" in page.all("input", name="category", value="robbery")[0]
    # A date field would show what is no date as empty.
    field = page.all("input", id="f-from")[0]
    assert (field["value"], field["type"]) == ("igår", "text")
    assert page.all("input", id="f-to")[0]["type"] == "date"


def test_an_unknown_language_or_field_is_said(client):
    assert "lang: 'de' finns inte" in unescape(client.get("/?lang=de").text)
    answer = client.get("/?categori=robbery")
    assert answer.status_code == 400
    assert "'categori'" in unescape(answer.text)


def test_the_json_twin_has_the_page_in_both_languages(client):
    answer = client.get("/index.json?weekday=5")
    assert answer.mimetype == "application/json"
    body = answer.json
    assert body["simulated"] is True
    assert body["query"] == {"weekday": ["5"]}
    assert body["total"] == 400
    assert body["notes"] == [{"sv": "2 zoner visas inte.", "en": "2 zones are not shown."}]
    first = body["zones"][0]
    assert (first["name"], first["events"]) == ("Resecentrum", 120)
    assert first["trend"] == {"sv": "ökar", "en": "rising"}
    assert (first["reported"], first["discovered"]) == (80, 40)
    assert body["areas"][0]["zones"] == [["z1", "Resecentrum"], ["z2", "City"]]
    assert body["period"]["from"] == "2026-03-29T22:00:00+00:00"
    assert client.get("/index.json?lang=en&weekday=5").json == body


def test_the_json_twin_refuses_in_the_shape_of_errors(client):
    answer = client.get("/index.json?hours=99-2")
    assert answer.status_code == 400
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"status", "code", "message"}
    assert set(answer.json["error"]["message"]) == {"sv", "en"}
    assert client.get("/lager.json?hours=99-2").json == answer.json


def test_an_answer_of_nothing_is_an_answer(client, stage):
    stage.error = NothingFoundError(Text("Inga händelser för maj.", "No incidents for May."))
    page = client.get("/?category=robbery")
    assert page.status_code == 200
    assert "Inga händelser för maj." in page.text
    assert "data-layers" not in page.text
    body = client.get("/index.json?category=robbery")
    assert (body.status_code, body.json["zones"], body.json["total"]) == (200, [], None)
    assert body.json["notes"][0]["en"] == "No incidents for May."
    assert client.get("/lager.json").status_code == 404


def test_an_empty_store_tells_how_to_fill_it(client, stage):
    stage.store.filled = False
    for address in ("/", "/?period=last-28-days", "/?category=robbery"):
        page = client.get(address)
        assert page.status_code == 200
        assert "riskmiljo import" in page.text
        assert "riskmiljo demo" in page.text
    assert client.get("/index.json").json["zones"] == []


def test_a_total_that_may_not_be_shown_is_not_shown(client, stage):
    stage.situation = replace(
        stage.situation,
        surface=None,
        total=3,
        zones=stage.situation.zones[:0],
        areas=stage.situation.areas[:0],
    )
    page = client.get("/")
    assert page.status_code == 200
    assert "visas inte" in page.text
    assert "För få händelser" in page.text
    assert not re.search(r"<dd[^>]*>\s*3\s*</dd>", page.text)
    assert client.get("/index.json").json["total"] is None
    assert json.loads(client.get("/lager.json").text)["layers"] is not None


def test_every_page_says_that_data_are_simulated_only_when_they_are(client, stage):
    addresses = ("/", "/zoner/z1", "/finns/inte", "/?hours=x", "/?lang=en")
    for address in addresses:
        assert 'class="simulated"' in client.get(address).text, address
    assert client.get("/lager.json").json["simulated"] is True
    stage.store.flags.clear()
    stage.situation = replace(stage.situation, simulated=False)
    for address in addresses:
        assert 'class="simulated"' not in client.get(address).text, address
    assert client.get("/index.json").json["simulated"] is False


def test_every_picture_says_its_age_its_lens_and_its_notes(client):
    for address in ("/", "/zoner/z1"):
        page = client.get(address).text
        assert "Data till och med 26 april 2026" in page
        assert "Visningsläge utan inloggning" in page
        assert "2 zoner visas inte." in page


def test_the_period_is_shown_with_its_last_day(client, stage):
    assert "30 mars–26 apr. 2026" in client.get("/").text
    one_day = Period.parse("2026-04-20")
    stage.situation = replace(stage.situation, period=one_day)
    assert "20 april 2026" in client.get("/").text
    evening = Period.between("2026-04-20 18:00", "2026-04-21 02:00")
    stage.situation = replace(stage.situation, period=evening)
    page = client.get("/").text
    assert "20 april 2026 18:00 – 21 april 2026 02:00" in page
    assert Elements(page).all("input", id="f-from")[0]["type"] == "text"


def test_every_category_can_be_chosen_by_its_name_in_both_languages(client):
    for language in ("sv", "en"):
        page = unescape(client.get(f"/?lang={language}").text)
        for name in CATEGORIES.values():
            assert f"<span>{name.in_language(language)}</span>" in page


def test_a_broken_store_is_said_in_one_sentence(client, stage):
    stage.error = StoreError(Text("Lagret är skadat. Återställ en kopia.", "The store is damaged."))
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Lagret är skadat. Återställ en kopia." in answer.text
    assert client.get("/lager.json").json["error"]["message"]["en"] == "The store is damaged."


def test_a_store_of_another_city_has_its_own_name_and_clock(client, stage):
    stage.store.covers = Area("Chicago", (-87.9, 41.6, -87.5, 42.1), 32616, "America/Chicago")
    # 1 January 05:00 UTC is the evening before in Chicago and the new year in Uppsala.
    midnight = datetime(2015, 1, 1, 6, tzinfo=UTC)
    stage.situation = replace(stage.situation, as_of=midnight)
    page = client.get("/").text
    assert "Lägesbild Chicago" in page
    assert "31 december 2014" in page
    assert client.get("/index.json").json["area"] == "Chicago"


def test_what_area_it_is_is_read_again_when_the_store_has_changed_and_not_before(client, stage):
    asked = []
    stage.store.area = lambda: asked.append(1) or stage.store.covers
    stage.store.changes = 77
    for _ in range(3):
        assert client.get("/index.json").json["area"] == "Uppsala"
    assert len(asked) == 1
    stage.store.changes += 1
    client.get("/index.json")
    assert len(asked) == 2

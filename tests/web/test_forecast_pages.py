"""What is expected in the coming shift, on the web."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.settings import Settings
from riskmiljo.situation import coming_forecast
from riskmiljo.web import forecast_words
from riskmiljo.web.service import install, service_of

ADDRESS = "/lagesbild/prognos"


def page(client, address=ADDRESS, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.text)


def said_of(app, client, **changed):
    """The page's and its twin's answers to a reader or an installation that differ."""
    here = service_of(app)
    install(app, replace(here, **changed))
    try:
        return page(client), client.get(f"{ADDRESS}.json")
    finally:
        install(app, here)


def test_the_page_tells_what_the_command_tells_of_the_same_shift(city, documented):
    here = service_of(city.client.application)
    shift = Shift.parse("2026-05-01 18:00/02:00", tz=here.area().tz)
    address = "?shift=2026-05-01T18:00/02:00&category=theft"
    made = coming_forecast(
        here.store,
        here.settings,
        here.lens,
        Filter(categories=("theft",)),
        now=here.clock(),
        shift=shift,
    )
    told = city.client.get(f"{ADDRESS}.json{address}").json
    assert (told["expected"], told["lower"], told["upper"]) == (
        made.total,
        made.total_lower,
        made.total_upper,
    )
    assert made.total_lower <= made.total <= made.total_upper
    assert [place["name"] for place in told["places"]] == list(made.places["name"])
    for name in ("expected", "lower", "upper", "chance", "last_year"):
        assert [place[name] for place in told["places"]] == list(made.places[name])
    text = page(city.client, ADDRESS + address)
    assert "Fredag 1 maj 18:00–02:00 · Stöld" in text
    assert made.reason.sv[1:] in text
    rows = re.findall(r'<th scope="row">(\d)\. ([^<]+?)(?: <|</th>)', text)
    assert [name for _, name in rows] == list(made.places["name"])
    for row in made.places.to_dict("records"):
        assert f'<td class="figure">{row["last_year"]}</td>' in text
    assert set(told) == documented("The coming shift's forecast at /lagesbild/prognos.json")


def test_without_a_choice_it_is_the_coming_shift_of_all_kinds_in_both_languages(city):
    text = page(city.client)
    assert "Alla slag" in text
    assert "nio gånger av tio" in text
    english = page(city.client, f"{ADDRESS}?lang=en")
    assert "nine times in ten" in english
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]* src=)", english)
    tag = city.client.get(ADDRESS).headers["ETag"]
    assert city.client.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304


def test_where_there_is_no_forecast_one_sentence_says_why(city):
    app, here = city.client.application, service_of(city.client.application)
    off = Settings(store=here.settings.store, forecasting=False)
    strict = replace(here.lens, min_incidents=10**6, min_sensitive=10**6)
    joint = replace(here.lens, scope="joint")
    for changed, why in (
        ({"settings": off}, "Prognoser är avstängda"),
        ({"lens": strict}, "Ingen ruta har så många händelser"),
        ({"lens": joint}, forecast_words.JOINT.sv),
    ):
        text, twin = said_of(app, city.client, **changed)
        assert why in text
        assert "chans" not in text.lower().split("<footer")[0]
        assert (twin.status_code, list(twin.json)) == (404, ["error"])
        assert why in twin.json["error"]["message"]["sv"]


@pytest.mark.parametrize(
    "asked",
    [
        "category=theft,violence",
        "category=theft&category=violence",
        "category=nonsense",
        "hours=18-02",
        "shift=tonight",
        "shift=2026-04-01T18:00/02:00",
        "shift=2099-04-01T18:00/02:00",
    ],
)
def test_an_address_that_cannot_be_read_is_said_to_be_so(city, asked):
    assert 'role="alert"' in page(city.client, f"{ADDRESS}?{asked}", 400)
    assert city.client.get(f"{ADDRESS}.json?{asked}").status_code == 400

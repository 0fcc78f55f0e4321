"""The weekly review and the operations on the web."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import numpy as np
import pandas as pd
import pytest

from riskmiljo.forecast.choose import LABELS, Choice
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.model_choice import KIND as CHOICE_KIND
from riskmiljo.situation.model_choice import remember_choice
from riskmiljo.store import Area, open_store
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app, planner_pages, planner_rhythm, planner_rows, planner_words
from riskmiljo.web.operation_form import outcome_field
from riskmiljo.web.service import install, service_of

OWN = {"Origin": "http://localhost"}
ALL = {"category": ""}
NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)


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


@pytest.fixture(scope="module")
def asked(filled_store, tmp_path_factory):
    """Who asks for what is refused: nothing is kept, and one town is enough for all of it."""
    path = shutil.copy(filled_store, tmp_path_factory.mktemp("avvisat") / "stad.sqlite")
    app = create_app(Settings(store=f"sqlite:///{path}"), clock=lambda: NOW)
    yield app.test_client()
    assert service_of(app).store.operations.all() == ()
    service_of(app).store.close()


def page(reader, address, status=200):
    answer = reader.get(address)
    assert answer.status_code == status
    return unescape(answer.text)


def fields(reader, **changed):
    zones = re.findall(r'name="zone" value="([^"]+)"', reader.get("/insatser").text)
    return {
        "name": "Trygg vår",
        "first": "2026-01-01",
        "last": "2026-03-31",
        "zone": zones[:3],
        "partners": "Polisen, Uppsala kommun",
        "goal": "Färre rån",
        "n_drug_seizures": "12",
        "n_weapon_seizures": "2",
        **changed,
    }


def add(reader, **changed):
    return reader.post("/insatser", data=fields(reader, **changed), headers=OWN)


# --- the weekly review


def test_the_week_is_told_against_what_was_expected_with_a_chart_and_its_table(city):
    text = page(city.client, "/lagesbild")
    body = city.client.get("/lagesbild.json").json
    latest = body["weeks"][-1]
    assert f"{latest['count']:.0f} händelser" in text
    assert "med 95 % säkerhet" in text
    assert text.count('class="band"') == 12 + 1  # the key has one
    first = date.fromisoformat(latest["begins"])
    assert f'<th scope="row">{first.day}/{first.month}</th>' in text
    # The banner stands above everything else that the page tells, the worst in its one line.
    banner = text.index("Underlagets kvalitet:")
    assert text.index('id="filter"') < banner < text.index('id="est-title"')
    assert re.search(r"Underlagets kvalitet:</strong> [^<]*upptäcktes vid spaning", text)
    assert "Rader som avvisades för att platsen inte gick att använda" in text
    assert body["quality_of"] == body["period"]
    assert "Bara en uppsättning riskzoner" in text
    assert 'href="/lagesbild/prognos"' in text


def test_every_zone_of_the_situation_has_its_row_its_sparkline_and_its_figures(city):
    zones = city.client.get("/index.json").json["zones"]
    text = page(city.client, "/lagesbild")
    told = city.client.get("/lagesbild.json").json["zones"]
    assert [zone["zone_id"] for zone in told] == [zone["zone_id"] for zone in zones]
    assert text.count('class="spark"') == len(zones)
    # The same map, time brush and comparison as on the page of the map.
    assert 'data-layers="/lager.json' in text
    assert 'data-weeks="/tid.json' in text
    compared = page(
        city.client, "/lagesbild?from=2026-03-02&to=2026-03-30&jamfor=2026-02-02/2026-03-02"
    )
    assert "/lagesbild?from=2026-03-02&to=2026-03-30" in compared
    assert compared.count(f"/zoner/{zones[0]['zone_id']}") == 2
    # Four weeks have no past to say what was to be expected.
    assert "för kort historik" in compared
    assert "över det väntade" in text
    assert "över det väntade" not in compared
    for zone in told:
        assert f"/zoner/{zone['zone_id']}" in text
        assert zone["trend"]["sv"] in text
        assert all(count is None or count >= 5 for count in zone["week"]["counts"])


def test_the_review_has_an_english_twin_and_one_json_for_both(city):
    text = page(city.client, "/lagesbild?lang=en")
    assert "The week against what was expected" in text
    assert "How good have the forecasts been" in text
    one, two = (city.client.get(f"/lagesbild.json?lang={lang}").data for lang in ("sv", "en"))
    assert one == two


def test_the_review_keeps_the_filter_of_its_address(city):
    text = page(city.client, "/lagesbild?from=2025-10-27&to=2026-04-27&detection=reported")
    assert "20–26 apr. 2026" in text
    assert "/lagesbild.json?from=2025-10-27&to=2026-04-27&detection=reported" in text
    assert city.client.get("/lagesbild.json?detection=reported").json["quality"]["reported"] == 1.0


@pytest.mark.parametrize("query", ["hours=x", "nagot=1", "from=2026-04-20&to=2026-04-23"])
def test_a_mistaken_address_keeps_the_form_open_and_says_why(city, query):
    text = page(city.client, f"/lagesbild?{query}", 400)
    assert "Urvalet kan inte visas" in text
    assert '<details class="selection planner-selection" open>' in text
    assert city.client.get(f"/lagesbild.json?{query}").status_code == 400


def test_a_store_of_one_incident_is_told_to_be_too_little_and_not_a_mistaken_address(tmp_path):
    settings = Settings(store=f"sqlite:///{tmp_path}/en.sqlite")
    with open_store(settings.store) as store:
        store.set_area(Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm"))
        data = {"occurred_from": pd.to_datetime(["2026-04-26T20:00Z"])}
        one = complete_incidents(points_frame(data, [648_000.0], [6_638_000.0], 3006))
        given = {"file_name": "en.csv", "sha256": "0" * 64, "source": "police", "receipt": {}}
        store.add_incidents(one, now=NOW, **given)
    app = create_app(settings, clock=lambda: NOW)
    reader = app.test_client()
    assert "Händelserna täcker ingen hel vecka än" in page(reader, "/lagesbild")
    assert "do not reach over a whole week yet" in page(reader, "/lagesbild?lang=en")
    assert reader.get("/lagesbild.json").status_code == 404
    assert reader.get("/lagesbild/rapport.pdf").status_code == 404
    service_of(app).store.close()


def test_an_empty_store_is_met_with_help_and_takes_no_operation(empty_city):
    assert "Läs in egna händelser" in page(empty_city.client, "/lagesbild")
    assert empty_city.client.get("/lagesbild.json").status_code == 404
    assert "Läs in händelser först" in page(empty_city.client, "/insatser")
    answer = empty_city.client.post(
        "/insatser",
        data={"name": "A", "first": "2026-01-01", "last": "2026-01-31", "places": "Stora torget"},
        headers=OWN,
    )
    assert answer.status_code == 400
    assert "Lagret är tomt" in answer.text


def test_the_rhythm_leads_to_whole_weeks_and_to_the_last_whole_third_of_a_year():
    span = Period.between("2025-01-01", "2026-04-29")
    found = planner_rhythm.rhythm(NOW, span, span.end, "Europe/Stockholm")
    assert found.week == 18
    (name, latest), (_name, former) = found.pictures
    assert name.sv == "Bild efter vecka 17"
    assert latest == {"from": ["2025-04-28"], "to": ["2026-04-27"]}
    assert former == {"from": ["2025-04-21"], "to": ["2026-04-20"]}
    assert found.deeper[1] == {"from": ["2025-09-01"], "to": ["2026-01-01"]}
    assert found.deeper[0].en == "Deeper analysis September–December 2025"
    short = Period.between("2026-01-01", "2026-04-29")
    assert planner_rhythm.rhythm(NOW, short, short.end, "Europe/Stockholm").deeper is None


def test_the_rhythm_follows_the_data_where_they_end_before_today():
    span = Period.between("2025-01-01", "2026-01-05")  # a Monday's midnight ends them
    found = planner_rhythm.rhythm(NOW, span, span.end, "Europe/Stockholm")
    assert found.pictures[0][1]["to"] == ["2026-01-05"]
    assert found.pictures[0][0].sv == "Bild efter vecka 1"


# --- the forecast record


def keep_backtest(store, *, model="gamma_poisson", now=NOW):
    """Keep a back-test as `riskmiljo backtest` writes it: ten weeks of 40 incidents."""
    rows, models = [], []
    for name, hits in (("last_year", 16), (model, 20)):
        for week in range(10):
            begins = datetime(2026, 2, 15, 23, tzinfo=UTC) + timedelta(weeks=week)
            rows.append(
                {
                    "model": name,
                    "origin": begins.isoformat(),
                    "end": (begins + timedelta(weeks=1)).isoformat(),
                    "events": 40,
                    "hits_1pct": 3,
                    "hits_5pct": hits,
                    "ceiling_hit_rate_1pct": 0.2,
                    "ceiling_hit_rate_5pct": 0.6,
                }
            )
        figures = {
            f"hit_rate_{share}{part}": value
            for share in ("1pct", "5pct")
            for part, value in (
                ("", hits / 40),
                ("_lower", hits / 40 - 0.05),
                ("_upper", hits / 40 + 0.05),
                ("_diff", 0.1),
                ("_diff_lower", 0.02),
                ("_diff_upper", 0.18),
            )
        }
        others = ("pei_star", "ceiling_pei_star", "ceiling_hit_rate")
        figures |= {f"{one}_{share}": 0.6 for one in others for share in ("1pct", "5pct")}
        figures |= dict.fromkeys(("gain_bits", "gain_bits_lower", "gain_bits_upper"), 0.1)
        figures |= dict.fromkeys(("gain_bits_diff", "gain_bits_diff_lower"), 0.1)
        figures |= {"gain_bits_diff_upper": 0.2, "slope": 1.0, "coverage": 0.9}
        label = LABELS[name]
        models.append(
            {"model": name, "label_sv": label.sv, "label_en": label.en, "settings": "", **figures}
        )
    deciles = [{"decile": n, "expected": 40.0, "came": 40} for n in range(1, 11)]
    store.results.add(
        "backtest",
        parameters={
            "owners": ["municipality", "police", "social"],
            "horizon_days": 7,
            "cell_m": 250.0,
            "filter": [],
        },
        body={
            "models": models,
            "origins": rows,
            "calibration": dict.fromkeys(("last_year", model), deciles),
            "choice": {
                "model": model,
                "reason": {"sv": "fångade 50 % mot 40 %.", "en": "caught 50% against 40%."},
                "beats_baseline": True,
            },
            "notes": [],
            "cells": 900,
        },
        now=now,
    )


def test_without_a_test_the_page_says_how_to_make_one(city):
    assert "riskmiljo backtest" in page(city.client, "/lagesbild")


def test_the_record_stands_beside_the_naive_baseline(reader, town):
    keep_backtest(service_of(town).store)
    text = page(reader, "/lagesbild")
    record = text[text.index("Hur bra har prognoserna varit") :]
    assert "ångade 50,0 % av händelserna" in record
    assert "antal fångade 40,0 %" in record
    assert "50,0 % (45,0 till 55,0 %)" in record
    assert "40,0 % (35,0 till 45,0 %)" in record
    assert "+10 procentenheter (+2 till +18)" in record
    rows = re.findall(r">50\s%</td>\s*<td class=\"figure\">40\s%</td>", record)
    assert len(rows) == 8
    assert record.count('class="base"') == 8 + 1
    forecasts = reader.get("/lagesbild.json").json["forecasts"]
    assert len(forecasts["origins"]) == 8
    assert forecasts["origins"][-1]["begins"].startswith("2026-04-19")


def test_a_choice_made_by_a_forecast_is_told_also_without_a_test(reader, town):
    store = service_of(town).store
    reason = planner_words.NO_OPERATIONS  # any sentence
    choice = Choice("gamma_poisson", reason, beats_baseline=True)
    remember_choice(store, choice, basis="trials", now=NOW, owners=service_of(town).lens.owners)
    assert store.results.latest(CHOICE_KIND) is not None
    record = page(reader, "/lagesbild").split("Hur bra har prognoserna varit")[1]
    assert "Vald modell." in record
    assert reason.sv in record
    assert "riskmiljo backtest" in record


def test_a_test_on_more_owners_than_the_reader_sees_is_not_told(reader, town):
    here = service_of(town)
    keep_backtest(here.store)
    install(town, replace(here, lens=replace(here.lens, owners=frozenset({"police"}))))
    assert reader.get("/lagesbild.json").json["forecasts"]["origins"] == []


def test_forecasts_that_are_off_are_said_to_be_off(reader, town):
    here = service_of(town)
    keep_backtest(here.store)
    install(town, replace(here, settings=Settings(store=here.settings.store, forecasting=False)))
    text = page(reader, "/lagesbild")
    assert "Prognoser är avstängda" in text
    assert "/lagesbild/prognos" not in text
    assert "procentenheter" not in text
    assert reader.get("/lagesbild.json").json["forecasts"]["on"] is False


# --- operations


def test_an_operation_is_entered_shown_and_evaluated(reader):
    answer = add(reader)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insatser#insats-1")
    text = page(reader, "/insatser")
    assert "Trygg vår" in text
    assert "1 jan.–31 mars 2026" in text
    assert "Polisen, Uppsala kommun" in text
    assert "Inte utvärderad." in text
    answer = reader.post("/insatser/1/utvardera", data=ALL, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insatser#insats-1")
    [told] = reader.get("/insatser.json").json["operations"]
    assert told["outcomes"] == {"drug_seizures": 12, "weapon_seizures": None}
    text = page(reader, "/insatser")
    power, verdict = (told["effect"][name]["sv"] for name in ("power_text", "verdict_text"))
    assert power in text
    assert verdict in text
    assert text.index(power) < text.index(verdict)
    assert "Utvärdera igen" in text
    assert verdict in page(reader, "/lagesbild")
    assert told["effect"]["verdict_text"]["en"] in page(reader, "/insatser?lang=en")


def test_what_an_operation_led_to_is_filled_in_when_it_is_known(reader, town):
    add(reader)
    sent = {outcome_field("weapon_seizures"): "7", outcome_field("young_people_met"): "57"}
    answer = reader.post("/insatser/1/utfall", data=sent, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insatser#insats-1")
    [told] = reader.get("/insatser.json").json["operations"]
    # What was left empty stays.
    assert told["outcomes"] == {"drug_seizures": 12, "weapon_seizures": 7, "young_people_met": 57}
    store = service_of(town).store
    assert store.audit_log.rows(AuditQuestion(), most=1)[0].act == "operation_counted"
    assert store.verify_audit() == []
    for wrong, said in (("många", "'många' är inget antal"), ("", "Inget antal är ifyllt")):
        sent = {outcome_field("young_people_met"): wrong}
        refused = reader.post("/insatser/1/utfall", data=sent, headers=OWN)
        assert refused.status_code == 400
        assert said in unescape(refused.text)
        assert f'value="{wrong}"' in refused.text
    assert reader.get("/insatser.json").json["operations"] == [told]
    assert reader.post("/insatser/9/utfall", data=sent, headers=OWN).status_code == 404


def test_the_evaluation_of_one_kind_names_it(reader, town, monkeypatch):
    add(reader)
    reader.post("/insatser/1/utvardera", data=ALL, headers=OWN)
    here = service_of(town)
    [whole] = here.store.results.all("effect")

    def keep(store, _settings, lens, question, operation_id, *, now, compare=()):
        terms = [list(pair) for pair in question.to_query()]
        parameters = {"operation": operation_id, "filter": terms, "lens": lens.key}
        parameters["compare"] = list(compare)
        store.results.add("effect", parameters=parameters, body=whole.body, now=now)

    # The town is too small for one kind alone.
    monkeypatch.setattr(planner_pages, "evaluate", keep)
    sent = {"category": "public_order"}
    answer = reader.post("/insatser/1/utvardera?lang=en", data=sent, headers=OWN)
    assert answer.headers["Location"] == "/insatser?lang=en#insats-1"
    assert "reported incidents: Public disorder" in page(reader, "/insatser?lang=en")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Insatsens namn ska ha 1 till 120 tecken"),
        ({"name": "a\x07b"}, "Namn får ha högst 200 tecken och inga styrtecken"),
        ({"first": "1 mars"}, "Första dagen: '1 mars' är inget datum"),
        ({"last": "2026-02-30"}, "Sista dagen: '2026-02-30' är inget datum"),
        ({"last": "2025-12-31"}, "Sista dagen ligger före den första"),
        ({"zone": []}, "Insatsen saknar platser"),
        ({"zone": ["z999"]}, "En av riskzonerna finns inte längre"),
        ({"places": "Ingenstans i världen"}, "Ingenstans i världen"),
        ({"places": "Stora torget:9000"}, "högst 2000 meter"),
        ({"places": "\n".join(["Stora torget"] * 41)}, "högst 40"),
        ({"n_drug_seizures": "-1"}, "Beslag av narkotika: '-1' är inget antal"),
        ({"n_drug_seizures": "1234567"}, "Skriv ett heltal från 0 till 999999"),
        ({"goal": "x" * 501}, "Mål får ha högst 500 tecken"),
    ],
)
def test_a_bad_operation_is_refused_with_one_sentence_and_the_form_as_left(
    asked, changed, sentence
):
    answer = add(asked, **changed)
    text = unescape(answer.text)
    assert answer.status_code == 400
    assert sentence in text
    assert text.count('role="alert"') == 1
    sent = fields(asked, **changed)
    for name in ("first", "last", "partners", "goal", "n_weapon_seizures"):
        assert f'value="{sent[name]}"' in text
    assert text.count(" checked>") == len([zone for zone in sent["zone"] if zone != "z999"])
    assert asked.get("/insatser.json").json["operations"] == []


def test_an_operation_that_cannot_be_evaluated_says_why_at_its_place(reader):
    add(reader, first="2027-01-01", last="2027-03-31")
    answer = reader.post("/insatser/1/utvardera", data=ALL, headers=OWN)
    text = unescape(answer.text)
    assert answer.status_code == 400
    assert "Trygg vår kan inte utvärderas" in text
    assert reader.get("/insatser.json").json["operations"][0]["effect"] is None
    assert add(reader).status_code == 303
    answer = reader.post("/insatser/2/utvardera", data={"category": "nonsense"}, headers=OWN)
    assert answer.status_code == 400
    assert "nonsense" in answer.text
    assert reader.post("/insatser/9/utvardera", data=ALL, headers=OWN).status_code == 404


def test_comparison_places_are_named_in_the_form_and_stay_there_when_they_cannot_be_used(reader):
    add(reader)
    assert "Jämförelseplatser (valfritt)" in page(reader, "/insatser")
    sent = {**ALL, "compare": "Resecentrm:200\n\nSävja"}
    answer = reader.post("/insatser/1/utvardera", data=sent, headers=OWN)
    assert answer.status_code == 400
    assert "Resecentrm" in answer.text.split("<textarea", 1)[1].split("</textarea>", 1)[0]
    assert "Menas Resecentrum" in answer.text


def test_another_site_enters_and_evaluates_nothing(asked):
    sent = fields(asked)
    for sender in ({}, {"Origin": "https://evil.example"}):
        assert asked.post("/insatser", data=sent, headers=sender).status_code == 403
        assert asked.post("/insatser/1/utvardera", data=ALL, headers=sender).status_code == 403
    assert asked.get("/insatser.json").json["operations"] == []


def test_what_people_write_is_text_and_nothing_else(reader):
    evil = "<script>alert(1)</script>{{ 7*7191 }}{n}${7*7191}"
    assert add(reader, name=evil, goal=evil, partners=evil).status_code == 303
    reader.post("/insatser/1/utvardera", data={"category": "x"}, headers=OWN)
    for address in ("/insatser", "/lagesbild"):
        text = reader.get(address).text
        assert "<script>alert" not in text
        assert "50337" not in text
    failed = reader.post("/insatser/1/utvardera", data={"category": evil}, headers=OWN)
    assert failed.status_code == 400
    assert "<script>alert" not in failed.text
    assert "50337" not in failed.text


# --- the pieces


def test_no_page_has_a_style_or_a_script_within_it(reader):
    add(reader)
    reader.post("/insatser/1/utvardera", data=ALL, headers=OWN)
    for address in ("/lagesbild", "/insatser"):
        text = reader.get(address).text
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]* src=)", text)


def test_a_page_that_has_not_changed_is_not_sent_again(city, reader):
    for address in ("/lagesbild", "/lagesbild.json", "/insatser", "/insatser.json"):
        tag = city.client.get(address).headers["ETag"]
        assert city.client.get(address, headers={"If-None-Match": tag}).status_code == 304
    tag = reader.get("/insatser").headers["ETag"]
    add(reader)
    assert reader.get("/insatser", headers={"If-None-Match": tag}).status_code == 200


def test_the_form_has_a_field_for_every_outcome(reader):
    text = reader.get("/insatser").text
    for name, label in OUTCOMES.items():
        assert f'name="{outcome_field(name)}"' in text
        assert label.sv in unescape(text)


def test_changes_are_written_with_their_sign():
    assert planner_rows.change_text(-0.09, -0.3, 0.18).sv == "−9 % (−30 till +18 %)"
    assert planner_rows.change_text(0.0, -0.004, np.inf).en == "0% (0 to +∞%)"
    assert planner_rows.change_text(np.nan, np.nan, np.nan) is None


def test_bars_stand_on_the_axis_and_never_above_it():
    area = pd.DataFrame(
        {
            "begins": [date(2026, 4, 6), date(2026, 4, 13), date(2026, 4, 20)],
            "count": [3.0, np.nan, 87.0],
            "expected": [np.nan, 60.0, 61.0],
            "lower": [np.nan, 40.0, 41.0],
            "upper": [np.nan, 80.0, 82.0],
        }
    )
    chart = planner_rows.area_chart(area)
    assert [bar.kind for bar in chart.bars] == ["seen", "band", "hidden", "band", "seen"]
    tall = {bar.kind: bar.height for bar in chart.bars}
    assert chart.grid[-1].text.sv == "100"
    assert tall["seen"] == pytest.approx(0.87 * 150)
    for bar in chart.bars:
        assert bar.y >= chart.grid[-1].y
        if bar.kind == "seen":
            assert bar.y + bar.height == pytest.approx(chart.grid[0].y)


def test_an_interval_that_leaves_the_line_stands_at_its_end():
    marks = planner_rows.interval_marks(-0.2, -1.5, np.inf)
    assert marks == {"zero": 228.0, "estimate": 186.4, "lower": 20.0, "upper": 540.0}


def test_what_is_not_a_number_is_null_in_json():
    told = planner_pages._plain({"a": [np.nan, float("inf"), 1.0], "b": date(2026, 4, 1)})
    assert told == {"a": [None, None, 1.0], "b": "2026-04-01"}


# --- in a real browser


@pytest.mark.browser
@pytest.mark.parametrize(
    ("size", "pages"),
    [
        ((1440, 900), (("light", "/lagesbild"), ("dark", "/insatser?lang=en"))),
        ((390, 844), (("dark", "/lagesbild?lang=en"), ("light", "/insatser"))),
    ],
)
def test_the_pages_keep_their_promises_in_a_browser(watch, serving, town, reader, size, pages):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - optional dependency

    keep_backtest(service_of(town).store)
    add(reader)
    reader.post("/insatser/1/utvardera", data=ALL, headers=OWN)
    with serving(town) as origin:
        for scheme, address in pages:
            viewport = {"width": size[0], "height": size[1]}
            watched = watch(viewport=viewport, color_scheme=scheme)
            browser = watched.page
            browser.goto(origin + address)
            assert browser.locator("button[data-print]").is_visible()
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not browser.evaluate(wide)
            if size[0] < size[1]:
                links = browser.locator("th[scope=row] > a").all()
                assert all(link.bounding_box()["height"] >= 44 for link in links)
                assert links or "insatser" in address
            tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
            options = {"runOnly": {"type": "tag", "values": tags}}
            assert Axe().run(browser, options=options).response["violations"] == []
            assert watched.problems == []


@pytest.mark.parametrize(
    ("field", "text", "kind"),
    [
        ("goal", "Prata med 19121212-1212", "personnummer"),
        ("name", "Insats ABC 123", "registreringsnummer"),
        ("partners", "Polisen, anna@example.org", "e-postadresser"),
    ],
)
def test_an_operation_is_about_places_and_never_about_persons(asked, field, text, kind):
    answer = add(asked, **{field: text})
    assert answer.status_code == 400
    assert f"Texten innehåller {kind}. Ta bort det" in unescape(answer.text)
    assert asked.get("/insatser.json").json["operations"] == []

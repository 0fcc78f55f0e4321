"""``riskmiljo forecast``, ``backtest``, ``operations``, ``effect``, ``presence``, ``zone``..."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import refresh_zones
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TESTED = ("backtest", "--origins", 4, "--models", "gamma_poisson")
ENTERED = ("operations", "add", "--name", "Vår", "--from", "2026-02-01", "--to", "2026-05-01")
SHIFTS = [
    "Resecentrum;2026-04-24 20:00;2026-04-24 21:30;polis",
    "Gottsunda centrum;2026-04-24 22:00;2026-04-24 22:45;nattvandrare",
]


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    """A folder with a simulated city, its presence and two sets of zones in the store."""
    folder = tmp_path_factory.mktemp("stad")
    made = simulate_city(seed=3, end=date(2026, 5, 4), years=2, incidents=5000)
    settings = Settings()
    with open_store(f"sqlite:///{folder / 's.sqlite'}") as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        store.set_flag("simulated", "1")
        store.add_incidents(
            made.incidents, file_name="stad", sha256="0" * 64, source="police", receipt={}, now=NOW
        )
        store.add_presence(made.presence, now=NOW)
        refresh_zones(store, settings, now=NOW)
    return folder


def version(folder: Path) -> str:
    with open_store(f"sqlite:///{folder / 's.sqlite'}") as store:
        return store.version()


def answer(call, folder: Path, *words: object) -> dict:
    result = call(folder, *words, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_forecast_tells_places_model_and_reason(call, city):
    result = call(city, "forecast", "--next-days", 7, "--period", "2024-06-01/2026-05-01")
    assert result.returncode == 0, result.stderr
    assert "Prognos 2026-05-01 00:00 till 2026-05-08 00:00" in result.stdout
    row = r"^  \d\. .* väntade \(.* chans (över |under )?\d+ %"
    assert len(re.findall(row, result.stdout, re.MULTILINE)) == 5
    assert re.search(r"väntade händelser \(nio gånger av tio \d+ till \d+; ", result.stdout)
    assert "senaste årets takt" in result.stdout
    assert "upptäcks ofta av patruller" in result.stdout
    assert "Simulerade data." in result.stderr
    shift = call(city, "forecast", "--shift", "2026-05-08 20:00/04:00")
    assert "Prognos 2026-05-08 20:00 till 2026-05-09 04:00" in shift.stdout


def test_every_key_of_a_forecast_is_documented(call, city, documented):
    body = answer(call, city, "forecast", "--shift", "2026-05-08 20:00/04:00")
    told = documented("riskmiljo forecast")
    beside = {"simulated", "from", "to", "data_until", "lens", "notes"}
    assert set(body) | set(body["places"][0]) == told | beside
    assert set(body["cells"][0]) <= set(body["places"][0])
    assert all(cell["last_year"] >= 5 for cell in body["cells"])
    text = call(city, "forecast", "--shift", "2026-05-08 20:00/04:00", "--format", "geojson").stdout
    features = json.loads(text)["features"]
    assert {f["geometry"]["type"] for f in features} == {"Polygon"}
    assert len(features) == len(body["cells"])


def test_a_back_test_is_kept_shown_and_told_in_every_forecast(call, city, documented):
    before = call(city, "forecast", "--next-days", 7)
    assert "när riskmiljo backtest har körts" in before.stderr
    result = call(city, *TESTED)
    assert result.returncode == 0, result.stderr
    assert "senaste årets antal" in result.stdout
    assert re.search(r"4 prognoser på 7 dagar, \d+ händelser, \d+ rutor", result.stdout)
    assert "Valet: " in result.stdout
    assert "Provat i efterhand" in call(city, "forecast", "--next-days", 7).stderr
    body = answer(call, city, *TESTED)
    told = documented("riskmiljo backtest")
    keys = set(body) | set(body["models"][0]) | set(body["origins"][0])
    assert keys - {"simulated", "lens", "notes"} == told
    assert [row["model"] for row in body["models"]] == ["last_year", "gamma_poisson"]
    assert len(body["origins"]) == body["forecasts"] == 4
    rows = list(csv.DictReader(call(city, *TESTED, "--format", "csv").stdout.splitlines()))
    assert len(rows) == 2


def test_operations_are_entered_listed_evaluated_and_removed(call, city, documented):
    words = ("--zone", "City", "--place", "Resecentrum:300", "--partner", "Ungdomsjouren")
    added = call(city, *ENTERED, *words, "--goal", "Lugnt", "--outcome", "drug_seizures=4")
    assert added.returncode == 0, added.stderr
    number = re.search(r"Insatsen (\d+) är sparad", added.stdout)[1]
    listed = call(city, "operations", "list").stdout
    assert f"{number}: Vår, 2026-02-01 till 2026-04-30, 2 platser" in listed
    assert "Beslag av narkotika: 4" in listed
    rows = answer(call, city, "operations", "list")["operations"]
    assert set(rows[0]) == documented("riskmiljo operations list")
    others = [
        word
        for name in ("Stenhagen", "Gränby", "Luthagen")
        for word in ("--compare", f"{name}:800")
    ]
    shown = call(city, "effect", number, *others)
    assert shown.returncode == 0, shown.stderr
    assert "alla veckor före räknas" in shown.stdout
    order = [shown.stdout.index(word) for word in ("syn", "Förändring mot", "insatsens platser")]
    assert order == sorted(order)
    body = answer(call, city, "effect", number, "--method", "wdd", "--category", "theft")
    beside = {"simulated", "data_until", "lens", "notes"}
    assert set(body) == documented("riskmiljo effect") | beside
    assert [row["group"] for row in body["counts"]] == ["operation", "ring", "comparison"]
    places = json.loads(call(city, "effect", number, "--format", "geojson").stdout)["features"]
    assert {f["properties"]["role"] for f in places} == {"operation", "ring", "comparison"}
    assert all(set(f["properties"]) == {"role"} for f in places)
    assert call(city, "operations", "remove", number).returncode == 0
    assert call(city, "operations", "remove", number).returncode == 1
    assert call(city, "effect", number).returncode == 1


def test_counts_below_the_minimum_are_dashes_and_nulls(call, city):
    added = call(city, *ENTERED, "--place", "Ulleråker:60")
    number = re.search(r"Insatsen (\d+)", added.stdout)[1]
    result = call(city, "effect", number)
    if result.returncode == 0:
        assert "varannan vecka" in result.stdout
        [row] = [
            line for line in result.stdout.splitlines() if line.startswith("insatsens platser")
        ]
        assert row.split()[-4:] == ["–"] * 4
        body = answer(call, city, "effect", number)
        assert body["counts"][0]["before"] is None
        assert body["wdq"] is None
    else:
        assert "Inga händelser på insatsens platser" in result.stderr
    call(city, "operations", "remove", number)


def test_presence_files_follow_the_manners_of_import(call, city, tmp_path, documented):
    head = "plats;börjar;slutar;styrka"
    bad = "Ingenstans;2026-04-24 20:00;2026-04-24 21:00;polis"
    (tmp_path / "pass.csv").write_text("\n".join([head, *SHIFTS, bad]) + "\n", encoding="utf-8")
    file = tmp_path / "pass.csv"
    before = version(city)
    refused = call(city, "presence", "import", file)
    assert refused.returncode == 2
    assert "Rad 4, kolumn 'plats'" in refused.stderr
    assert "--rejects" in refused.stderr
    dry = call(city, "presence", "import", file, "--dry-run")
    assert (dry.returncode, "Inget ändrades" in dry.stdout) == (1, True)
    lost = call(city, "presence", "import", file, "--rejects", tmp_path / "saknas" / "x.csv")
    assert lost.returncode == 2
    assert version(city) == before
    rejects = tmp_path / "avvisade.csv"
    taken = call(city, "presence", "import", file, "--rejects", rejects)
    assert taken.returncode == 1, taken.stderr
    assert "2 nya, 0 redan kända" in taken.stdout
    assert "PLATS_OKAND" in rejects.read_text(encoding="utf-8-sig")
    again = call(city, "presence", "import", file, "--rejects", rejects, "--json")
    [receipt] = json.loads(again.stdout)
    assert (receipt["added"], receipt["known"]) == (0, 2)
    assert set(receipt) == documented("riskmiljo presence import")
    good = tmp_path / "bra.csv"
    good.write_text("\n".join([head, *SHIFTS]) + "\n", encoding="utf-8")
    assert call(city, "presence", "import", good).returncode == 0
    # The city's own presence is the first entry, these two rows the second.
    latest, *_ = call(city, "presence", "list").stdout.splitlines()
    assert latest.startswith("2  ")
    assert "2 rader  2026-04-" in latest
    assert "2 rader togs bort" in call(city, "presence", "undo", 2).stdout
    gone = call(city, "presence", "undo", 2)
    assert (gone.returncode, "redan borttagen" in gone.stderr) == (1, True)


def test_presence_is_shown_by_week_against_the_need(call, city, documented):
    result = call(city, "presence", "show", "--weeks", 6)
    assert result.returncode == 0, result.stderr
    assert "Närvaro i timmar" in result.stdout
    assert "Larm när andelen" in result.stderr
    body = answer(call, city, "presence", "show", "--weeks", 6)
    beside = {"simulated", "from", "to", "data_until", "lens", "notes"}
    told = documented("riskmiljo presence show")
    assert set(body) | set(body["balance"][0]) == told | beside
    assert set(body["weeks"][0]) == {"week", "zone_id", "zone", "crew_kind", "minutes"}


def test_a_zone_tells_its_story_and_the_zones_their_history(call, city, documented):
    [first, *_] = answer(call, city, "zones")["zones"]
    story = call(city, "zone", first["name"])
    assert story.returncode == 0, story.stderr
    for part in (
        "När: ",
        "Utveckling: ",
        "Varför det är en zon:",
        "Vad som händer:",
        "Från gång till ",
    ):
        assert part in story.stdout
    assert "?" not in story.stdout
    body = answer(call, city, "zone", first["zone_id"])
    every = documented("Every answer about the situation")
    assert set(body) == every | documented("riskmiljo zone") | {"history"}
    # The mix, through the minimum counts: it adds up to the zone.
    assert sum(part["share"] for part in body["mix"]) == pytest.approx(1, abs=1e-5)
    assert sum(part["events"] for part in body["mix"]) == first["events"]
    assert all(part["events"] >= 5 for part in body["mix"])
    assert first["per_ha_week_lower"] < first["per_ha_week"] < first["per_ha_week_upper"]
    rows = answer(call, city, "zones", "--history")["history"]
    assert set(rows[0]) == documented("riskmiljo zones --history") == set(body["history"][0])
    assert "först sedd" in call(city, "zones", "--history").stdout


def test_the_search_is_repeated_on_demand_and_kept_with_its_parameters(call, city):
    asked = ("zones", "--bootstraps", 3, "--category", "theft")
    body = answer(call, city, *asked)
    assert body["parameters"]["bootstraps"] == 3
    assert ["category", "theft"] in body["parameters"]["filter"]
    sure = [zone["stability"] for zone in body["zones"]]
    assert all(share in (0, 0.333333, 0.666667, 1) for share in sure)
    again = answer(call, city, *asked)
    assert again["run"] > body["run"]
    assert [zone["stability"] for zone in again["zones"]] == sure
    assert "återkommer" in call(city, *asked).stdout


def test_the_latest_week_is_told_zone_by_zone(call, city, documented):
    result = call(city, "warnings")
    assert result.returncode == 0, result.stderr
    assert re.search(r"Veckan \S+ till \S+: \d+ larm i \d+ zoner\.", result.stdout)
    body = answer(call, city, "warnings")
    beside = {"simulated", "data_until", "lens", "notes", "week_from", "week_to", "zones"}
    assert set(body) == beside
    assert set(body["zones"][0]) == documented("riskmiljo warnings")
    counts = [row["this_week"] for row in body["zones"]]
    assert None in counts
    assert all(count is None or count >= 5 for count in counts)
    for words in (("warnings",), ("presence", "show")):
        assert call(city, *words, "--out", "week.txt").returncode == 0
        assert (city / "week.txt").read_text(encoding="utf-8").startswith("zon ")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("forecast", "--model", "kristallkula"), "kristallkula"),
        (("forecast", "--next-days", 0), "1 till 366 dagar"),
        (("forecast", "--shift", "i kväll"), "kan inte läsas"),
        (("forecast", "--shift", "2026-05-08 20:00/04:00", "--next-days", 2), "inte båda"),
        (("forecast", "--period", "2024-06"), "veckor"),
        (("backtest", "--origins", 0), "minst 1"),
        (("backtest", "--models", "x"), "'x' är okänd"),
        (("backtest", "--format", "geojson"), "geojson"),
        ((*ENTERED,), "saknar platser"),
        ((*ENTERED, "--zone", "Atlantis"), "Atlantis"),
        ((*ENTERED, "--place", "Resecentrum:9999"), "Radien"),
        ((*ENTERED, "--place", "Resecentrum", "--outcome", "beslag"), "namn=antal"),
        ((*ENTERED, "--place", "Resecentrum", "--outcome", "beslag=1"), "beslag"),
        (("effect", "1", "--method", "magi"), "magi"),
        (("presence", "import", "finns-inte.csv"), "finns-inte.csv"),
        (("presence", "show", "--weeks", 0), "veckor"),
        (("zone", "Atlantis"), "Atlantis"),
        (("zones", "--history", "--category", "weapon"), "--category"),
        (("zones", "--history", "--bootstraps", 2), "--bootstraps"),
        (("zones", "--bootstraps", 0), "bootstraps"),
        (("warnings", "--format", "geojson"), "geojson"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_changes_nothing(call, city, words, problem):
    before = version(city)
    result = call(city, *words)
    assert result.returncode == 2, result.stdout
    assert problem in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert version(city) == before


def test_an_installation_can_turn_forecasts_off(call, city, monkeypatch):
    monkeypatch.setenv("RISKMILJO_FORECASTING", "0")
    for words in (("forecast",), TESTED):
        result = call(city, *words)
        assert result.returncode == 2
        assert result.stderr.strip().endswith("för att slå på dem.")
        assert result.stdout == ""


def test_without_a_store_every_command_says_so(call, tmp_path):
    for words in (("forecast",), ("backtest",), ("presence", "show"), ("zone", "City")):
        result = call(tmp_path, *words)
        assert result.returncode == 2
        assert len(result.stderr.strip().splitlines()) <= 2
        assert list(tmp_path.iterdir()) == []

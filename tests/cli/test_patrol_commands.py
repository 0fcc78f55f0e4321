"""``riskmiljo patrol``: from a question to files that can be walked by."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import gpxpy
import icalendar
import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "json.md"
STREETS = Path(__file__).resolve().parents[2] / "data" / "streets.geojson"
SHIFT = "2026-04-30 18:00/02:00"
ROUTE = (
    "patrol",
    "route",
    "--shift",
    SHIFT,
    "--teams",
    2,
    "--from",
    "Polishuset",
    "--seconds",
    0.2,
)


@pytest.fixture(scope="module")
def walked(call, write, good, tmp_path_factory) -> Path:
    """A folder with incidents and the schematic street network in a store of its own."""
    folder = tmp_path_factory.mktemp("pass")
    write(folder / "april.csv", *good)
    for words in (("import", "april.csv", "--source", "police"), ("streets", "import", STREETS)):
        result = call(folder, *words)
        assert result.returncode == 0, result.stderr
    return folder


def plans_kept(folder: Path) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(folder / "s.sqlite")) as store:
        return store.execute("SELECT rowid FROM plan ORDER BY rowid").fetchall()


def documented(heading: str) -> set[str]:
    section = DOCUMENT.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section.split("Each of `routes`")[0], re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_a_route_is_told_with_times_places_and_reasons(call, walked):
    result = call(walked, *ROUTE)
    assert result.returncode == 0, result.stderr
    assert "pass 2026-04-30 18:00–02:00" in result.stdout
    assert "Planen täcker" in result.stdout
    assert re.search(r"Lag 1 \(polis, till fots\): \d+ besök", result.stdout)
    times = re.findall(r"^  (\d\d:\d\d)–\d\d:\d\d", result.stdout.split("Lag 2")[0], re.MULTILINE)
    shifted = [(int(t[:2]) + 6) % 24 * 60 + int(t[3:]) for t in times]
    assert shifted == sorted(shifted)
    assert "av passets risk finns här" in result.stdout
    assert result.stdout.count("Rast") == 2
    assert max(len(line) for line in result.stdout.splitlines()) <= 100
    said = " ".join(result.stdout.split())
    visits = int(sum(int(n) for n in re.findall(r"(\d+) besök, \d+ min på plats", said)))
    worth = re.findall(r"Missas utan besöket: (?:mindre än )?[\d,]+; omväg \d+ min\.", said)
    assert len(worth) == visits > 0
    assert "Inget gatunät" not in result.stderr


def test_every_file_is_written_and_can_be_read(call, walked):
    names = ("plan.gpx", "plan.ics", "plan.geojson", "plan.html", "plan.pdf")
    out = [word for name in names for word in ("--out", name)]
    result = call(walked, *ROUTE, *out, "--json")
    assert result.returncode == 0, result.stderr
    body = json.loads(result.stdout)
    visits = [s for r in body["routes"] for s in r["steps"] if s["step"] == "visit"]
    gpx = gpxpy.parse((walked / "plan.gpx").read_text(encoding="utf-8"))
    assert len(gpx.routes) == 2
    assert len(gpx.waypoints) >= len({v["stop_id"] for v in visits})
    calendar = icalendar.Calendar.from_ical((walked / "plan.ics").read_bytes())
    starts = {event.decoded("dtstart") for event in calendar.walk("VEVENT")}
    assert datetime.fromisoformat(visits[0]["begins"]).replace(microsecond=0) in {
        start.replace(microsecond=0) for start in starts
    }
    features = json.loads((walked / "plan.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["geometry"]["type"] for f in features} == {"Point", "LineString"}
    assert visits[0]["name"] in (walked / "plan.html").read_text(encoding="utf-8")
    assert (walked / "plan.pdf").read_bytes().startswith(b"%PDF-")
    assert not list(walked.glob("*.part"))


def test_every_key_of_a_plan_is_documented(call, walked):
    body = json.loads(call(walked, *ROUTE, "--json").stdout)
    assert set(body) == documented("riskmiljo patrol route")
    section = DOCUMENT.read_text(encoding="utf-8").split("## riskmiljo patrol route\n")[1]
    for kind in ("leg", "visit", "pause"):
        [keys] = re.findall(rf"^\| `{kind}` \| (.*) \|$", section, re.MULTILINE)
        [step] = [s for r in body["routes"] for s in r["steps"] if s["step"] == kind][:1]
        told = set(re.findall(r"`(\w+)`", keys))
        assert set(step) - {"step"} == told
    rows = json.loads(call(walked, "patrol", "plans", "--json").stdout)["plans"]
    assert set(rows[0]) == documented("riskmiljo patrol plans")


def test_the_same_words_give_the_same_plan_and_another_seed_may_give_another(call, walked):
    first, second = (json.loads(call(walked, *ROUTE, "--json").stdout) for _ in range(2))
    assert first["routes"] == second["routes"]
    drawn = [
        json.loads(call(walked, *ROUTE, "--unpredictable", "--seed", n, "--json").stdout)
        for n in range(2)
    ]
    best = first["covered"]
    assert all(plan["covered"] >= 0.95 * best for plan in drawn)


def test_a_shift_is_planned_anew_and_the_list_tells_which_plan_holds(call, walked):
    plan = json.loads(call(walked, *ROUTE, "--json").stdout)
    result = call(
        walked, "patrol", "replan", plan["plan"], "--late", "2=40", "--at", "20:00", "--json",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    fresh = json.loads(result.stdout)
    assert "Omplanerad från kl. 20:00." in [note["sv"] for note in fresh["notes"]]
    now = datetime(2026, 4, 30, 20, tzinfo=ZoneInfo("Europe/Stockholm"))

    def begun(record):
        return [
            (s["stop_id"], s["begins"])
            for r in record["routes"]
            for s in r["steps"]
            if s["step"] == "visit" and datetime.fromisoformat(s["begins"]) < now
        ]

    assert begun(fresh) == begun(plan) != []
    rows = {
        row["plan"]: row
        for row in json.loads(call(walked, "patrol", "plans", "--json").stdout)["plans"]
    }
    refused = call(walked, "patrol", "replan", plan["plan"], "--at", "kl 8")
    assert "--at 'kl 8' kan inte läsas. Skriv till exempel 2026-04-30 18:00." in refused.stderr
    assert rows[plan["plan"]]["replaced"]
    assert not rows[fresh["plan"]]["replaced"]
    assert "(ersatt)" in call(walked, "patrol", "plans").stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--shift", "2026-04-30 18:00/2026-04-30 02:00"), "slutar inte efter att det har börjat"),
        (("--shift", "2026-04-30 18:00/18:00"), "slutar samma klockslag som det börjar"),
        (("--shift", "2026-04-30 18:00/2026-05-03 18:00"), "Dela det i flera pass"),
        (("--teams", 100_000), "Ange ett heltal från 1 till"),
        (("--seed", -1), "Slumptalsfröet är -1"),
        (("--skip", "stora torget", "--stop", "Stora torget"), "både vara med och inte vara med"),
        (("--skip", "own.1", "--stop", "Stora torget"), "Stora torget ska både vara med"),
        (("--out", "finns-inte/plan.html"), "mappen finns-inte finns inte. Skapa den"),
        (("--teams", 0), "Antalet lag är 0"),
        (("--from", "Polisuset"), "Menas Polishuset"),
        (("--from", "59.60,17.20"), "från närmaste gata"),
        (("--from", "Atlantis"), "finns inte i ortregistret"),
        (("--mode", "fly"), "Färdsättet 'fly' finns inte"),
        (("--crew", "police"), "--teams eller --crew, inte båda"),
        (("--out", "plan.docx"), "docx"),
        (("--joint", "Stora torget"), "alla lag är av samma slag"),
        (("--dwell", 0), "Uppehållet är 0 min. Ange ett tal över 0 och högst 120."),
        (("--break", -1.5), "rasten är \N{MINUS SIGN}1,5 min"),
        (("--stop", "Stora torget 12:00-13:00"), "12:00–13:00, men passet är 2026-04-30 18:00–02"),
    ],
)
def test_a_demand_that_cannot_be_met_is_one_sentence_and_nothing_is_kept(
    call, walked, words, problem
):
    before = plans_kept(walked)
    result = call(walked, *ROUTE, *words)
    assert result.returncode == 2
    assert problem in result.stderr
    assert "Traceback" not in result.stderr
    assert plans_kept(walked) == before
    assert not (walked / "plan.docx").exists()


def test_a_file_that_cannot_be_written_leaves_no_plan_behind(call, walked):
    # Where the file is written before it is moved to its name.
    (walked / "upptagen.html.part").mkdir()
    before = call(walked, "patrol", "plans").stdout
    result = call(walked, *ROUTE, "--out", "upptagen.html")
    assert result.returncode == 2
    assert "upptagen.html kan inte skrivas" in result.stderr
    assert call(walked, "patrol", "plans").stdout == before


def test_a_zone_is_left_out_by_its_name_and_an_unknown_word_is_told(call, walked):
    plain = json.loads(call(walked, *ROUTE, "--json").stdout)
    zone = next(
        step["name"].split(",")[0]
        for route in plain["routes"]
        for step in route["steps"]
        if step["step"] == "visit" and step["kind"] == "zone"
    )
    result = call(
        walked,
        *ROUTE,
        "--stop",
        "Polishuset",
        "--skip",
        zone.upper(),
        "--skip",
        "Atlantis",
        "--json",
    )
    assert "Ingen zon heter 'Atlantis'" in result.stderr
    told = json.loads(result.stdout)
    names = [s.get("name", "") for route in told["routes"] for s in route["steps"]]
    names += [left["name"] for left in told["left_out"]]
    assert not [name for name in names if name.split(",")[0] == zone]


def test_police_and_outreach_meet_at_a_joint_stop(call, walked):
    words = ("patrol", "route", "--shift", SHIFT, "--from", "Polishuset", "--seconds", 0.2)
    result = call(
        walked,
        *words,
        "--crew",
        "police",
        "--crew",
        "outreach",
        "--joint",
        "Stora torget 21:00-21:20",
        "--json",
    )
    assert result.returncode == 0, result.stderr
    met = [
        {s["begins"] for s in route["steps"] if s["step"] == "visit" and s["joint"]}
        for route in json.loads(result.stdout)["routes"]
    ]
    (moment,) = met[0] & met[1]
    assert "2026-04-30T19:00:00" <= moment <= "2026-04-30T19:20:01"


def test_streets_of_another_place_are_refused_and_the_old_ones_stay(call, walked):
    before = call(walked, "streets", "info").stdout
    content = json.loads(STREETS.read_text(encoding="utf-8"))
    for feature in content["features"]:
        for point in feature["geometry"]["coordinates"]:
            point[:2] = point[1::-1]
    (walked / "omvända.geojson").write_text(json.dumps(content), encoding="utf-8")
    result = call(walked, "streets", "import", "omvända.geojson")
    assert result.returncode == 2
    assert "omvända.geojson ligger inte i Uppsala" in result.stderr
    assert "longituden står först" in result.stderr
    assert call(walked, "streets", "info").stdout == before


def test_without_streets_the_plan_says_so_on_screen_and_in_the_file(call, filled):
    result = call(filled, *ROUTE, "--out", "rak.html")
    assert result.returncode == 0, result.stderr
    assert "Inget gatunät är inläst" in result.stderr
    assert "Inget gatunät" in (filled / "rak.html").read_text(encoding="utf-8")
    (filled / "rak.html").unlink()


def test_standing_posts_are_told_and_documented(call, walked):
    words = ("patrol", "posts", "--posts", 2, "--minutes", 5, "--shift", SHIFT)
    body = json.loads(call(walked, *words, "--json").stdout)
    assert set(body["posts"][0]) == documented("riskmiljo patrol posts")
    assert 0 < body["covered_by_two"] <= body["covered"] <= body["expected"] + 1e-6
    assert "väntat i passet" in call(walked, *words).stdout
    refused = call(walked, "patrol", "posts", "--posts", 0, "--shift", SHIFT)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_a_zone_is_put_into_an_area_and_borders_are_read_from_a_file(call, walked):
    words = ("patrol", "areas", "--teams", 2, "--shift", SHIFT, "--json")
    free = json.loads(call(walked, *words).stdout)
    name = free["areas"][0]["zone_names"][0]
    other = next(
        (area["area_id"] for area in free["areas"] if name not in area["zone_names"]), None
    )
    if other is not None:
        kept = json.loads(call(walked, *words, "--keep", f"{name}={other}").stdout)
        assert name in kept["areas"][other - 1]["zone_names"]
    refused = call(walked, *words, "--keep", "Ingenstans")
    assert refused.returncode == 2
    assert "zon=område" in refused.stderr
    (walked / "kvarter.geojson").write_text('{"type": "Point", "coordinates": [17.6, 59.8]}')
    refused = call(walked, *words, "--beats", "kvarter.geojson")
    assert refused.returncode == 2
    assert "kvarter.geojson ska hålla giltiga ytor" in refused.stderr
    square = [[17.5, 59.8], [17.7, 59.8], [17.7, 59.9], [17.5, 59.9], [17.5, 59.8]]
    body = {"type": "Polygon", "coordinates": [square]}
    (walked / "kvarter.geojson").write_text(json.dumps(body))
    assert call(walked, *words, "--beats", "kvarter.geojson").returncode == 0

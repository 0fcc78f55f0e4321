"""The command line as a user meets it: real files, a real store, exit codes."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RISKMILJO = Path(sys.executable).parent / "riskmiljo"
BAD = "B1;Rån;2026-03-29 02:30;59.8586;17.6390"


def test_the_same_file_twice_adds_nothing(call, filled: Path) -> None:
    again = call(filled, "import", "april.csv", "--source", "police", "--json")
    assert again.returncode == 0
    [receipt] = json.loads(again.stdout)
    assert (receipt["added"], receipt["known"], receipt["accepted"]) == (0, 60, 60)


def test_one_refused_row_stops_the_whole_file_until_the_user_accepts_it(
    call, tmp_path: Path, write, good
) -> None:
    write(tmp_path / "april.csv", *good, BAD)
    refused = call(tmp_path, "import", "april.csv")
    assert refused.returncode == 2
    assert "finns inte" in refused.stderr
    assert "--rejects" in refused.stderr
    assert not (tmp_path / "s.sqlite").exists()
    accepted = call(tmp_path, "import", "april.csv", "--rejects", "avvisade.csv", "--json")
    assert accepted.returncode == 1
    [receipt] = json.loads(accepted.stdout)
    assert (receipt["added"], receipt["refused"]) == (60, 1)
    with (tmp_path / "avvisade.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = list(csv.DictReader(file, delimiter=";"))
    assert (row["row"], row["column"], row["code"]) == ("62", "tid", "TID_FINNS_INTE")
    assert row["file"] == "april.csv"


def test_nothing_is_taken_in_when_the_refused_rows_cannot_be_kept(
    call, tmp_path: Path, write, good
) -> None:
    write(tmp_path / "april.csv", *good, BAD)
    result = call(tmp_path, "import", "april.csv", "--rejects", "saknas/avvisade.csv")
    assert result.returncode == 2
    assert "saknas/avvisade.csv" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["april.csv"]


def test_a_dry_run_changes_nothing(call, tmp_path: Path, write, good) -> None:
    write(tmp_path / "april.csv", *good, BAD)
    dry = call(tmp_path, "import", "april.csv", "--dry-run", "--rejects", "avvisade.csv")
    assert dry.returncode == 1
    assert "Inget ändrades" in dry.stdout
    # Why rows would be refused is said; no file of them is promised.
    assert "2026-03-29 02:30" in dry.stdout
    assert "avvisade.csv" not in dry.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["april.csv"]


def test_one_bad_file_of_two_leaves_the_store_as_it_was(call, tmp_path: Path, write, good) -> None:
    write(tmp_path / "april.csv", *good)
    (tmp_path / "trasig.csv").write_bytes(b"")
    result = call(tmp_path, "import", "april.csv", "trasig.csv")
    assert result.returncode == 2
    assert "trasig.csv" in result.stderr
    assert not (tmp_path / "s.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("import", "finns-inte.csv"), "finns-inte.csv"),
        (("import", "april.csv", "--map", "tid"), "KOLUMN=FÄLT"),
        (("import", "april.csv", "--map", "nope=category"), "nope"),
        (("import", "april.csv", "--map", "tid=colour"), "colour"),
        (("import", "april.csv", "--crs", "nonsense"), "nonsense"),
        (("import", "april.csv", "--tz", "Mars/Olympus"), "Mars/Olympus"),
        (("zones", "--category", "cars"), "cars"),
        (("zones", "--from", "2026-04-01"), "to"),
        (("zones", "--hours", "kväll"), "18-02"),
        (("zones", "--period", "2026-05-01/2026-04-01"), "slut"),
        (("patrol", "areas", "--teams", "0"), "0"),
        (("patrol", "areas", "--teams", "2", "--shift", "ikväll"), "18:00/02:00"),
        (("maps", "build", "nope"), "nope"),
        (("serve", "--host", "192.0.2.1"), "192.0.2.1"),
        (("serve", "--port", "99999"), "port"),
        (("dance",), "dance"),
    ],
)
def test_wrong_use_gets_one_clear_sentence_and_exit_code_two(
    call, filled: Path, words: tuple[str, ...], message: str
) -> None:
    result = call(filled, *words)
    assert result.returncode == 2, result.stdout
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unwritable_file_is_named(call, filled: Path) -> None:
    result = call(filled, "heatmap", "--out", "no/such/folder/a.csv")
    assert result.returncode == 2
    assert "no/such/folder" in result.stderr


def test_an_empty_answer_is_exit_code_one(call, filled: Path) -> None:
    result = call(filled, "zones", "--period", "2019")
    assert result.returncode == 1
    assert "Inga händelser" in result.stderr


def test_zones_come_as_table_json_geojson_and_csv(call, filled: Path) -> None:
    table = call(filled, "zones")
    assert table.returncode == 0
    assert "City" in table.stdout
    body = json.loads(call(filled, "zones", "--json").stdout)
    assert body["simulated"] is False
    [zone] = body["zones"]
    assert (zone["name"], zone["events"]) == ("City", 60)
    assert not {"geometry", "places", "days", "incidents"} & set(zone)
    call(filled, "zones", "--out", "z.geojson")
    collection = json.loads((filled / "z.geojson").read_text(encoding="utf-8"))
    [feature] = collection["features"]
    west, south = feature["geometry"]["coordinates"][0][0]
    assert (round(west, 1), round(south, 1)) == (17.6, 59.9)
    call(filled, "zones", "--out", "z.csv")
    with (filled / "z.csv").open(encoding="utf-8", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["City"]


@pytest.mark.parametrize("how", ["word", "environment"])
def test_english_is_a_word_away(filled: Path, how: str) -> None:
    words = ("--lang", "en", "zones") if how == "word" else ("zones",)
    language = {"RISKMILJO_LANGUAGE": "en"} if how == "environment" else {}
    english = subprocess.run(
        [str(RISKMILJO), *words],
        cwd=filled,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "RISKMILJO_STORE": "sqlite:///s.sqlite", **language},
    )
    assert "incidents" in english.stdout
    assert "händelser" not in english.stdout


def test_the_heat_map_says_its_unit(call, filled: Path) -> None:
    body = json.loads(call(filled, "heatmap", "--json").stdout)
    assert body["unit"]["en"] == "incidents per hectare and week"
    edges = [(one["from"], one["to"]) for one in body["classes"]]
    assert edges == sorted(edges)
    with_cells = call(filled, "heatmap", "--format", "csv").stdout.splitlines()
    assert with_cells[0] == "lon,lat,per_ha_week"
    assert len(with_cells) > 10


def test_patrol_areas_name_their_zones_and_why(call, filled: Path) -> None:
    body = json.loads(
        call(
            filled, "patrol", "areas", "--teams", "2", "--shift", "2026-05-01 18:00/02:00", "--json"
        ).stdout
    )
    assert [area["area_id"] for area in body["areas"]] == [1, 2]
    assert all(area["why_sv"] and area["why_en"] for area in body["areas"])
    assert sum(area["risk_share"] for area in body["areas"]) == pytest.approx(1, abs=1e-5)


def test_standing_maps_are_single_files_that_name_no_other_host(call, filled: Path) -> None:
    built = call(filled, "maps", "build", "polis", "--out", "kartor")
    assert built.returncode == 0, built.stderr
    page = (filled / "kartor" / "polis.html").read_text(encoding="utf-8")
    assert "City" in page
    assert "<link" not in page
    assert 'src="' not in page
    again = call(filled, "maps", "build", "polis", "--out", "en-gang-till")
    assert again.returncode == 0
    assert (filled / "en-gang-till" / "polis.html").read_text(encoding="utf-8") == page


def test_a_street_network_becomes_the_base_map(call, tmp_path: Path) -> None:
    lines = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "Testgatan", "kind": "street"},
                "geometry": {
                    "type": "LineString",
                    "coordinates": [[17.63, 59.858], [17.64, 59.858], [17.65, 59.86]],
                },
            },
            {
                "type": "Feature",
                "properties": {"name": "Testsjön", "natural": "water"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[17.63, 59.86], [17.635, 59.86], [17.635, 59.862], [17.63, 59.86]]
                    ],
                },
            },
        ],
    }
    file = tmp_path / "gator.geojson"
    file.write_text(json.dumps(lines), encoding="utf-8")
    store = f"sqlite:///{tmp_path}/gator.sqlite"
    done = call(tmp_path, "streets", "import", str(file), store=store)
    assert done.returncode == 0, done.stderr
    assert "1 sträcka" in call(tmp_path, "streets", "info", store=store).stdout
    assert "1 vatten" in call(tmp_path, "streets", "info", store=store).stdout


def test_a_call_that_fails_makes_no_store(call, tmp_path: Path) -> None:
    assert call(tmp_path, "zones").returncode == 2
    assert list(tmp_path.iterdir()) == []

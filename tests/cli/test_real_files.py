"""The whole job on real files: import, zones, heat map, patrol areas, a map."""

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CHICAGO = SHARED / "chicago" / "chicago_2012_2014.parquet"
POLICE = SHARED / "uppsala" / "police_events_2022_2026.csv"
WALK = SHARED / "uppsala" / "uppsala_walk_2023-01-12.graphml"

pytestmark = pytest.mark.real_data


def needed(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(f"the real data {path} is not here")
    return path


@pytest.fixture(scope="module")
def chicago(call, tmp_path_factory) -> Path:
    needed(CHICAGO)
    folder = tmp_path_factory.mktemp("chicago")
    done = call(
        folder,
        *("import", CHICAGO, "--tz", "America/Chicago", "--crs", "auto", "--rejects", "r.csv"),
        *(
            "--map",
            "Primary Type=category",
            "--map",
            "Date=occurred_from",
            "--map",
            "ID=incident_id",
        ),
    )
    assert done.returncode == 1, done.stderr  # rows without a place are refused
    assert "EPSG:32616" in done.stdout
    return folder


def test_chicago_a_million_reported_crimes_become_zones_and_a_map(call, chicago: Path) -> None:
    question = ("--period", "2013", "--category", "robbery", "--category", "narcotics")
    body = json.loads(call(chicago, "zones", *question, "--json").stdout)
    # The city's own table has 45 922 with a place inside it.
    assert 45_000 < body["incidents"] < 46_500
    assert len(body["zones"]) >= 20
    # A few per cent of the city's 600 km² hold far more than their share.
    area_km2 = sum(zone["area_ha"] for zone in body["zones"]) / 100
    assert area_km2 < 30
    assert sum(zone["share"] for zone in body["zones"]) > 4 * area_km2 / 600
    areas = json.loads(call(chicago, "patrol", "areas", "--teams", "4", *question, "--json").stdout)
    assert len(areas["areas"]) == 4
    folder = chicago / "maps"
    folder.mkdir()
    (folder / "chicago.toml").write_text(
        'audience = "planner"\nperiod = "2013"\nlayers = ["density", "zones", "areas"]\n'
        '[title]\nsv = "Chicago 2013"\nen = "Chicago 2013"\n'
        '[filter]\ncategory = ["robbery", "narcotics"]\n',
        encoding="utf-8",
    )
    built = call(chicago, "maps", "build", "--folder", "maps", "--out", "out")
    assert built.returncode == 0, built.stderr
    assert len((chicago / "out" / "chicago.html").read_text(encoding="utf-8")) > 100_000


def test_uppsala_the_polices_own_events_become_zones_and_a_map(call, tmp_path: Path) -> None:
    done = call(
        tmp_path,
        *("import", needed(POLICE), "--source", "police", "--rejects", "r.csv", "--json"),
        *("--map", "event_id=incident_id", "--map", "occurred=occurred_from"),
        *("--map", "published=registered_at", "--map", "type=category"),
    )
    [receipt] = json.loads(done.stdout)
    assert (receipt["rows"], receipt["added"], receipt["refused"]) == (1507, 864, 643)
    assert receipt["crs"]["epsg"] == 4326
    assert {one["column"] for one in receipt["dropped"]} == {"place", "place_source"}
    zones = json.loads(call(tmp_path, "zones", "--json").stdout)["zones"]
    # Most events lie on the middle of a district, which is a point and not a place: no zone.
    assert [zone["name"] for zone in zones] == ["Resecentrum"]
    streets = call(tmp_path, "streets", "import", needed(WALK))
    assert streets.returncode == 0, streets.stderr
    built = call(tmp_path, "maps", "build", "planerare", "--out", "out")
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "out" / "planerare.html").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in page

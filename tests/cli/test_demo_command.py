"""The demo: one command from nothing to a situation picture."""

import json
import re
from pathlib import Path

import pytest

from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD


@pytest.fixture(scope="module")
def demo(call, tmp_path_factory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo")
    done = call(folder, "demo", "--no-serve", "--truth", "facit.geojson", store=None)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_demo_goes_the_whole_way_and_says_it_is_simulated(call, demo) -> None:
    folder, said = demo
    assert "Simulerade data" in said
    assert "avvisade, som de ska" in said
    for login in DEMO_LOGINS:
        assert re.search(rf"^  {login.name} +{DEMO_PASSWORD}  \(", said, re.MULTILINE)
    store = "sqlite:///riskmiljo-demo.sqlite"
    zones = json.loads(call(folder, "--store", store, "zones", "--json").stdout)
    assert zones["simulated"] is True
    assert {"City", "Resecentrum"} <= {zone["name"] for zone in zones["zones"]}
    truth = json.loads((folder / "facit.geojson").read_text(encoding="utf-8"))
    assert len(truth["features"]) >= 8


def test_every_file_of_the_demo_says_it_is_simulated(call, demo) -> None:
    folder, _ = demo
    store = "sqlite:///riskmiljo-demo.sqlite"
    assert call(folder, "--store", store, "maps", "build", "--out", "kartor").returncode == 0
    pages = sorted((folder / "kartor").glob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        assert "Simulerade data" in page.read_text(encoding="utf-8")
    for form in ("zones", "heatmap"):
        sheet = call(folder, "--store", store, form, "--format", "csv").stdout.splitlines()
        assert sheet[0].startswith("simulated,")
        assert all(row.startswith("Simulerade data") for row in sheet[1:])
    call(folder, "--store", store, "zones", "--out", "z.geojson")
    assert json.loads((folder / "z.geojson").read_text(encoding="utf-8"))["simulated"] is True


def test_a_second_start_reuses_the_store(call, demo) -> None:
    folder, _ = demo
    file = folder / "riskmiljo-demo.sqlite"
    before = file.read_bytes()
    again = call(folder, "demo", "--no-serve", store=None)
    assert again.returncode == 0
    assert "finns redan" in again.stdout
    assert file.read_bytes() == before


def test_the_demo_is_never_mixed_with_real_incidents(call, tmp_path: Path) -> None:
    rows = [f"A{i};Rån;2026-04-{i + 1:02d} 21:15;59.8586;17.6390" for i in range(9)]
    (tmp_path / "a.csv").write_text(
        "id;typ;tid;latitud;longitud\n" + "\n".join(rows) + "\n", "utf-8"
    )
    assert call(tmp_path, "import", "a.csv").returncode == 0
    mixed = call(tmp_path, "demo", "--no-serve")
    assert mixed.returncode == 2
    assert "riktiga händelser" in mixed.stderr

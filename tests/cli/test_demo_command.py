"""The demo: one command from nothing to a situation picture."""

import json
import re
from pathlib import Path

import pytest

from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from riskmiljo.access.lens import lens_of
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation import forecast_record
from riskmiljo.situation.operation_cards import operation_cards
from riskmiljo.situation.release_record import told_record
from riskmiljo.store import open_store


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


def test_the_demo_tells_whether_operations_helped_and_how_good_forecasts_were(demo) -> None:
    folder, _ = demo
    settings = Settings()
    with open_store(f"sqlite:///{folder}/riskmiljo-demo.sqlite") as store:
        for role in (Role.PLANNER, Role.POLICE):
            cards = operation_cards(store, lens_of(role, settings))
            assert [card.outcomes["young_people_met"] for card in cards] == [126, 410]
            # What is told was judged by the release, and is evaluated by the police too.
            assert {card.told.state for card in cards} <= {"told", "too_few"}
            assert all((card.effect is None) == (role is Role.PLANNER) for card in cards)
        # The one that truly prevented every other incident is never said to have made it worse.
        assert cards[1].told.word in {"helped", "no_clear_effect", "cannot_tell"}
        assert cards[1].told.estimate < 0
        assert len(told_record(store).weeks) == 8
        for role in (Role.POLICE, Role.OUTREACH):
            assert forecast_record(store, lens_of(role, settings)) is not None


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

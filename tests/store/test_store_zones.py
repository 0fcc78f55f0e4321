"""Zone sets stay as they were found, and users' names win."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.incidents import UTC_DTYPE
from riskmiljo.model.period import Period
from riskmiljo.model.tables import ZONE_COLUMNS, ZONE_DETAIL_COLUMNS
from riskmiljo.store import open_store
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.store.drawn import DrawnChange

APRIL = Period.parse("2026-04")
POLICE, SOCIAL = frozenset({"police"}), frozenset({"social"})


def zones(*ids, names=None):
    n = len(ids)
    frame = gpd.GeoDataFrame(
        {
            "zone_id": pd.Series(ids, dtype="str"),
            "name": pd.Series(names or [f"Zon {zone_id}" for zone_id in ids], dtype="str"),
            "incidents": np.linspace(10, 20, n),
            "events": np.arange(n) + 7,
            "places": np.arange(n) + 3,
            "days": np.arange(n) + 4,
            "area_ha": np.linspace(1, 2, n) / 3,
            "per_ha_week": np.linspace(0.1, 0.2, n),
            "share": np.linspace(0.3, 0.1, n),
            "reported": np.arange(n) + 2,
            "discovered": np.arange(n) + 5,
            "stability": np.where(np.arange(n) % 2, np.nan, 0.75),
            "parent_id": pd.Series([""] * n, dtype="str"),
            "status": pd.Series(["new"] * n, dtype="str"),
            "first_seen": pd.Series([APRIL.start] * n, dtype=UTC_DTYPE),
        },
        geometry=[shapely.box(k * 300, 0, k * 300 + 200.123456789, 200) for k in range(n)],
        crs=3006,
    )
    return frame[list(ZONE_COLUMNS)]


def drawn(side, name="Egen zon", zone_id="r1"):
    return gpd.GeoDataFrame(
        {"zone_id": [zone_id], "name": [name]}, geometry=[shapely.box(0, 0, side, side)], crs=3006
    )


@pytest.fixture
def save(store, now):
    def to(frame, **changed):
        store.save_zones(frame, **{"parameters": {}, "period": APRIL, "now": now, **changed})

    return to


def test_no_zones_are_not_an_empty_set_of_zones(store, url, save):
    assert store.zones() is None
    with open_store(url.replace("riskmiljo.", "annan.")) as without_area:
        assert without_area.zones() is None
    save(zones())
    found = store.zones()
    assert (len(found), list(found.columns)) == (0, list(ZONE_COLUMNS))
    assert_geodataframe_equal(found, zones(), check_dtype=False)


def test_zones_come_out_as_they_went_in(store, save, now):
    given = zones("z9", "z1", "z5")
    save(given, parameters={"method": "auto", "eps_m": 120.0, "levels": [1, 2]})
    found = store.zones()
    assert_geodataframe_equal(found, given)
    assert found.attrs == {
        "parameters": {"method": "auto", "eps_m": 120.0, "levels": [1, 2]},
        "period": [APRIL.start.isoformat(), APRIL.end.isoformat()],
        "created_at": now.isoformat(),
    }


def test_the_set_that_was_saved_last_is_shown(store, save):
    save(zones("z1", "z2"))
    save(zones("z2", "z3"))
    assert list(store.zones()["zone_id"]) == ["z2", "z3"]


def test_an_outline_is_of_the_last_set_that_has_the_zone_and_of_ones_own_sets(store, save):
    save(zones("z1", "z2"), owners=POLICE)
    save(zones("z2", "z3"), owners=POLICE)
    save(zones("z4", "z1"), owners=SOCIAL)
    lay = store.last_outlines(["z1", "z2", "z4"], owners=POLICE)
    assert {zone_id: shape.bounds[0] for zone_id, shape in lay.items()} == {"z1": 0, "z2": 0}
    assert store.last_outlines(["z2"], owners=SOCIAL) == {}


def test_a_users_name_wins_over_this_weeks_and_next_weeks(store, save, now):
    save(zones("z1", "z2"))
    store.rename_zone("z1", "  Stora   torget ", now=now)
    assert list(store.zones()["name"]) == ["Stora torget", "Zon z2"]
    save(zones("z1", "z2", names=["City", "Resecentrum"]))
    assert list(store.zones()["name"]) == ["Stora torget", "Resecentrum"]
    store.rename_zone("z1", "Torget", now=now)
    assert list(store.zones()["name"]) == ["Torget", "Resecentrum"]
    assert list(store.zone_history()["name"]) == ["Torget", "Zon z2", "Torget", "Resecentrum"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_read_on_a_map_is_refused(store, save, now, name):
    save(zones("z1"))
    with pytest.raises(InvalidInputError, match="80"):
        store.rename_zone("z1", name, now=now)


def test_two_zones_never_get_the_same_name(store, save, now):
    save(zones("z1", "z2"))
    store.rename_zone("z1", "City", now=now)
    with pytest.raises(InvalidInputError, match="city"):
        store.rename_zone("z2", "city", now=now)
    store.rename_zone("z1", "CITY", now=now)


def test_only_a_zone_that_was_found_can_be_named(store, save, now):
    save(zones("z1"))
    with pytest.raises(NothingFoundError, match="z7"):
        store.rename_zone("z7", "City", now=now)


def test_a_name_is_for_those_who_read_the_same_incidents(store, save, now):
    # Found at the same place in both authorities' incidents, the zone has the same id.
    for owners in (POLICE, SOCIAL, EVERY_OWNER):
        save(zones("z1", "z2"), owners=owners)
    store.rename_zone("z1", "Hos familjen", now=now, owners=SOCIAL)
    assert [store.zones(owners=one)["name"].iloc[0] for one in (SOCIAL, POLICE, EVERY_OWNER)] == [
        "Hos familjen", "Zon z1", "Zon z1",
    ]  # fmt: skip
    assert "Hos familjen" not in set(store.zone_history(owners=POLICE)["name"])
    # Nor can the name be felt: what another authority took is free.
    store.rename_zone("z2", "Hos familjen", now=now, owners=POLICE)
    assert list(store.zones(owners=POLICE)["name"]) == ["Zon z1", "Hos familjen"]
    assert list(store.zones(owners=SOCIAL)["name"]) == ["Hos familjen", "Zon z2"]


def test_an_earlier_name_stays_with_those_whose_zone_it_was(store, url, save, now):
    save(zones("z1", "z2", "z3"), owners=POLICE)
    save(zones("z1", "z4"), owners=SOCIAL)
    save(zones("z1", "z2"), owners=EVERY_OWNER)
    store.releases.name_zone("zgab", "Gemensam", now=now)
    store.close()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        file.executescript(
            "ALTER TABLE token DROP COLUMN used_at; ALTER TABLE login DROP COLUMN id_token;"
            "DROP TABLE zone_name;"
            "CREATE TABLE zone_name (zone_id VARCHAR(64) PRIMARY KEY, "
            "name TEXT NOT NULL, renamed_at BIGINT NOT NULL);"
            "INSERT INTO zone_name VALUES ('z1', 'Ett', 1), ('z2', 'Två', 1), ('z3', 'Tre', 1), "
            "('z4', 'Fyra', 1), ('z5', 'Fem', 1), ('zgab', 'Gemensam', 1);"
            "UPDATE alembic_version SET version_num = '0012';"
        )
    with open_store(url) as later:
        # Nobody knows whose name the first was: neither authority is told.
        assert list(later.zones(owners=POLICE)["name"]) == ["Zon z1", "Två", "Tre"]
        assert list(later.zones(owners=SOCIAL)["name"]) == ["Zon z1", "Fyra"]
        assert list(later.zones(owners=EVERY_OWNER)["name"]) == ["Ett", "Två"]
        assert later.releases.zone_names() == {"zgab": "Gemensam"}


def test_a_drawn_zone_takes_no_found_zones_name(store, save, now):
    save(zones("z1", "z2"), owners=POLICE)
    store.rename_zone("z1", "Torget", now=now, owners=POLICE)
    for name in ("torget", "Zon z2"):
        with pytest.raises(InvalidInputError, match=f"heter redan {name}. Rita om"):
            store.drawn_zones.make(DrawnChange(now, POLICE, zones=drawn(100, name)))
    assert store.drawn_zones.of(POLICE) is None
    # The zone itself is redrawn under its name, and others' names are no matter.
    store.drawn_zones.make(DrawnChange(now, POLICE, zones=drawn(100, "Torget", "z1")))
    store.drawn_zones.make(DrawnChange(now, SOCIAL, zones=drawn(100, "Torget")))
    assert store.verify_audit() == []


def test_the_history_tells_when_a_zone_came_and_went(store, save, now):
    save(zones("z1", "z2"))
    later = zones("z2", "z3")
    later["status"] = pd.Series(["growing", "new"], dtype="str")
    may = Period.parse("2026-05")
    save(later, period=may, now=now + timedelta(weeks=4))
    history = store.zone_history()
    assert list(history["zone_id"]) == ["z1", "z2", "z2", "z3"]
    assert list(history["status"]) == ["new", "new", "growing", "new"]
    assert set(history["first_seen"]) == {pd.Timestamp(APRIL.start)}
    assert list(history["period_start"]) == [APRIL.start] * 2 + [may.start] * 2
    assert history["created_at"].is_monotonic_increasing
    last = history[history["set_id"] == history["set_id"].max()]
    assert set(history["zone_id"]) - set(last["zone_id"]) == {"z1"}


def test_an_empty_history_has_its_columns(store):
    history = store.zone_history()
    assert len(history) == 0
    assert str(history["first_seen"].dtype) == UTC_DTYPE


@pytest.mark.parametrize("column", [name for name in ZONE_COLUMNS if name != "geometry"])
def test_a_zone_without_a_column_is_refused(save, column):
    with pytest.raises(InvalidInputError, match=column):
        save(zones("z1").drop(columns=column))


def test_gaps_and_twins_are_refused(store, save):
    gap = zones("z1", "z2")
    gap.loc[1, "parent_id"] = None
    with pytest.raises(InvalidInputError, match="parent_id"):
        save(gap)
    naive = zones("z1")
    naive["first_seen"] = naive["first_seen"].dt.tz_localize(None)
    with pytest.raises(InvalidInputError, match="first_seen"):
        save(naive)
    with pytest.raises(InvalidInputError, match="z1"):
        save(zones("z1", "z1"))
    with pytest.raises(CRSError):
        save(zones("z1").to_crs(32633))
    assert store.zones() is None


def test_what_is_told_of_a_zone_besides_comes_back_where_it_was_told(store, save):
    frame = zones("a", "b")
    save(frame)
    assert not set(ZONE_DETAIL_COLUMNS) & set(store.zones().columns)
    told = frame.assign(
        per_ha_week_lower=[0.1, 0.2],
        per_ha_week_upper=[0.3, 0.4],
        peak_first_day=[5, 0],
        peak_start_h=[22, 0],
        peak_share=[0.4, np.nan],
        level=[1, 2],
        drawn=[False, True],
    )
    save(told)
    found = store.zones()
    assert list(found["peak_first_day"]) == [5, 0]
    assert list(found["drawn"]) == [False, True]
    np.testing.assert_allclose(found["per_ha_week_upper"], [0.3, 0.4])
    assert np.isnan(found["peak_share"].iloc[1])
    assert "peak_end_h" not in found


def test_a_drawn_zone_is_kept_redrawn_and_taken_out(store, now):
    assert store.drawn_zones.of(EVERY_OWNER) is None
    store.drawn_zones.make(DrawnChange(now, zones=drawn(100)))
    store.drawn_zones.make(DrawnChange(now, zones=drawn(200, " Egen   zon norr ")))
    found = store.drawn_zones.of(EVERY_OWNER)
    assert list(found["name"]) == ["Egen zon norr"]
    assert found.area.tolist() == [40_000.0]
    bow = drawn(1).set_geometry([shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])], crs=3006)
    with pytest.raises(InvalidInputError, match="giltig yta"):
        store.drawn_zones.make(DrawnChange(now, zones=bow))
    with pytest.raises(CRSError):
        store.drawn_zones.make(DrawnChange(now, zones=drawn(100).to_crs(4326)))
    with pytest.raises(NothingFoundError, match="r2"):
        store.drawn_zones.make(DrawnChange(now, removed="r2"))
    store.drawn_zones.make(DrawnChange(now, removed="r1"))
    assert store.drawn_zones.of(EVERY_OWNER) is None
    assert store.verify_audit() == []


def test_a_note_is_for_those_who_read_the_same_incidents(store, now):
    police, social = POLICE, SOCIAL
    assert store.zone_notes.of("z1", owners=police) is None
    store.zone_notes.write("z1", "  Lyktan är\n trasig ", owners=police, now=now)
    store.zone_notes.write("z1", "Öppet till tio", owners=social, now=now)
    assert store.zone_notes.of("z1", owners=police).text == "Lyktan är trasig"
    assert store.zone_notes.of("z1", owners=social).text == "Öppet till tio"
    assert store.zone_notes.of("z1", owners=police | social) is None
    store.zone_notes.write("z1", "Lagad", owners=police, now=now)
    assert store.zone_notes.of("z1", owners=police).text == "Lagad"
    for wrong in ("x" * 301, "a\x07b"):
        with pytest.raises(InvalidInputError, match="300"):
            store.zone_notes.write("z1", wrong, owners=police, now=now)
    store.zone_notes.write("z1", " ", owners=police, now=now)
    assert store.zone_notes.of("z1", owners=police) is None
    # The log tells that there was a note, and nothing of what it said.
    rows = [row.detail for row in store.audit_log.rows(AuditQuestion(act="note"), most=9)]
    assert "Lyktan" not in str(rows)
    assert len(rows) == 4

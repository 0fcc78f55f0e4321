from __future__ import annotations

import json
import sqlite3

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import UnreadableFileError

LON, LAT = [17.6389, 17.6452, 17.6301], [59.8586, 59.8610, 59.8549]


def frame(crs=4326):
    data = {
        "id": ["a", "b", "c"],
        "tid": ["2025-01-10 08:15", "2025-02-11 09:15", "2025-03-12 10:15"],
        "typ": ["Skadegörelse", "Rån", "Stöld"],
        "fritext": ["x", "y", "z"],
    }
    points = gpd.GeoDataFrame(data, geometry=gpd.points_from_xy(LON, LAT), crs=4326)
    return points.to_crs(crs) if crs != 4326 else points


def codes(intake):
    return {w["code"] for w in intake.receipt["warnings"]} | set(intake.rejects["code"])


@pytest.mark.parametrize("crs", [4326, 3006, 3011])
@pytest.mark.parametrize("kind", ["gpkg", "parquet", "geojson"])
def test_every_geographic_format_gives_the_same_incidents(read, tmp_path, kind, crs):
    if (kind, crs) == ("geojson", 3011):
        crs = 3006
    path = tmp_path / f"file.{kind}"
    if kind == "parquet":
        frame(crs).to_parquet(path)
    else:
        options = {"RFC7946": "NO"} if kind == "geojson" else {}
        frame(crs).to_file(path, driver=kind.upper(), **options)
    intake = read(path)
    assert codes(intake) == set()
    assert intake.receipt["crs"] == {"epsg": crs, "name": f"EPSG:{crs}", "how": "declared"}
    expected = frame(3006).geometry
    assert intake.incidents.geometry.distance(expected).max() < 0.02
    assert list(intake.incidents["incident_id"]) == ["a", "b", "c"]


def test_a_system_that_the_file_does_not_give_is_guessed_and_said(read, tmp_path):
    path = tmp_path / "file.gpkg"
    bare = frame(3006).set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        bare.to_file(path, driver="GPKG")
    assert codes(read(path)) == {"CRS_SAKNAS", "CRS_GISSAD_3006"}
    assert codes(read(path, crs=3006)) == set()


def test_numbers_that_contradict_the_format_refuse_every_row_and_propose(read):
    features = json.loads(frame(3006).to_json())
    features.pop("crs", None)
    intake = read(json.dumps(features), "a.geojson")
    assert codes(intake) == {"CRS_STRIDER"}
    assert "EPSG:3006" in intake.rejects["reason"][0]
    assert intake.rejects["reason"][0].startswith("Objekt 1")
    assert len(read(json.dumps(features), "a.geojson", crs=3006).incidents) == 3


@pytest.mark.parametrize("kind", ["geojson", "parquet", "gpkg"])
def test_only_points_are_points(read, tmp_path, kind):
    shapes = [
        shapely.Point(17.64, 59.86),
        shapely.MultiPoint([(17.64, 59.86)]),
        shapely.GeometryCollection([shapely.Point(17.64, 59.86)]),
        shapely.MultiPoint([(17.64, 59.86), (17.65, 59.86)]),
        shapely.box(17.6, 59.8, 17.7, 59.9),
        shapely.LineString([(17.6, 59.8), (17.7, 59.9)]),
        shapely.Point(),
        None,
    ]
    data = {"id": list("abcdefgh"), "tid": ["2025-01-10 08:15"] * 8, "typ": ["Rån"] * 8}
    mixed = gpd.GeoDataFrame(data, geometry=shapes, crs=4326)
    path = tmp_path / f"file.{kind}"
    if kind == "parquet":
        mixed.to_parquet(path)
    elif kind == "geojson":
        path.write_text(mixed.to_json(drop_id=True))
    else:
        mixed.to_file(path, driver="GPKG")
    intake = read(path)
    assert list(intake.incidents["incident_id"]) == ["a", "b", "c"]
    assert list(intake.rejects["code"]) == ["GEOM_TYP"] * 3 + ["GEOM_SAKNAS"] * 2


def test_heights_are_left_out_and_said(read, tmp_path):
    high = frame()
    high["geometry"] = shapely.force_3d(high.geometry, 25.0)
    for name, write in (("a.geojson", "file"), ("a.parquet", "parquet")):
        path = tmp_path / name
        high.to_file(path, driver="GeoJSON") if write == "file" else high.to_parquet(path)
        intake = read(path)
        assert codes(intake) == {"HOJD_BORTTAGEN"}
        assert not intake.incidents.geometry.has_z.any()


def test_one_layer_of_several_must_be_chosen(read, tmp_path):
    path = tmp_path / "file.gpkg"
    for layer in ("januari", "februari"):
        frame().to_file(path, layer=layer, driver="GPKG")
    with pytest.raises(UnreadableFileError, match=r"februari.*januari") as caught:
        read(path)
    assert caught.value.code == "FLERA_LAGER"
    assert len(read(path, layer="februari").incidents) == 3


def test_views_and_triggers_of_a_geopackage_are_never_run(read_by_child, tmp_path):
    path = tmp_path / "file.gpkg"
    frame().to_file(path, layer="incidenter", driver="GPKG")
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i geom FROM n"
    )
    with sqlite3.connect(path) as base:
        base.execute(f"CREATE VIEW ond AS {endless}")
        base.execute(
            "INSERT INTO gpkg_contents(table_name, data_type, srs_id) "
            "VALUES ('ond', 'features', 4326)"
        )
        base.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('ond', 'geom', 'POINT', 4326, 0, 0)"
        )
    base.close()
    intake = read_by_child(path)
    assert len(intake.incidents) == 3
    assert codes(intake) == {"FLERA_LAGER"}
    with pytest.raises(UnreadableFileError, match="'ond'"):
        read_by_child(path, layer="ond")


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "geojson"])
def test_a_file_that_is_cut_off_is_refused(read_by_child, tmp_path, kind):
    path = tmp_path / f"file.{kind}"
    if kind == "parquet":
        frame().to_parquet(path)
    else:
        frame().to_file(path, driver=kind.upper())
    data = path.read_bytes()
    with pytest.raises(UnreadableFileError) as caught:
        read_by_child(data[: len(data) // 2], f"cut.{kind}")
    assert caught.value.code == "FIL_TRASIG"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "FIL_TRASIG"),
        ('{"type": "FeatureCollection", "features": []}', "FIL_TOM"),
        ('{"type": "Topology"}', "FEL_FILTYP"),
        ('[{"id": 1}]', "FEL_FILTYP"),
        ('{"type":"FeatureCollection","features":' + "[" * 100_000, "FIL_TRASIG"),
    ],
)
def test_json_that_is_no_geojson_is_refused(read_by_child, text, code):
    with pytest.raises(UnreadableFileError) as caught:
        read_by_child(text, "a.geojson")
    assert caught.value.code == code


def test_a_database_that_is_no_geopackage_is_refused(read, tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE t (a)")
    base.close()
    with pytest.raises(UnreadableFileError, match="SQLite"):
        read(path)


def test_parquet_types_are_understood(read, tmp_path):
    table = pd.DataFrame(
        {
            "ID": [10433096, 10433097],
            "Date": pd.to_datetime(["2025-01-10 08:15", "2025-01-11 09:15"]),
            "Primary Type": pd.Categorical(["THEFT", "ROBBERY"]),
            "Arrest": [True, False],
            "Tags": [["a"], ["b"]],
            "Latitude": [59.8586, float("nan")],
            "Longitude": [17.6389, float("nan")],
        }
    )
    path = tmp_path / "a.parquet"
    table.to_parquet(path)
    intake = read(path)
    assert intake.incidents["incident_id"][0] == "10433096"
    assert intake.incidents["category"][0] == "theft"
    assert str(intake.incidents["occurred_from"][0]) == "2025-01-10 07:15:00+00:00"
    assert list(intake.rejects["code"]) == ["KOORD_SAKNAS"]
    assert intake.rejects["reason"][0] == (
        "Rad 2, kolumn 'Latitude': koordinaten saknas. Fyll i den."
    )

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.errors import InvalidInputError, NothingFoundError, UnreadableFileError
from riskmiljo.patrol.streets import read_streets

# Two streets of Uppsala that meet, the second with steps at its end.
CORNERS = {"1": (17.6390, 59.8586), "2": (17.6420, 59.8570), "3": (17.6450, 59.8590)}


def graphml(edges, *, crs="epsg:4326"):
    keys = {"d0": ("graph", "crs"), "d1": ("node", "x"), "d2": ("node", "y"),
            "d3": ("edge", "name"), "d4": ("edge", "highway"), "d5": ("edge", "geometry"),
            "d6": ("edge", "bridge"), "d7": ("edge", "access")}  # fmt: skip
    names = {name: key for key, (_, name) in keys.items()}
    body = "".join(
        f'<key id="{k}" for="{f}" attr.name="{n}" attr.type="string"/>'
        for k, (f, n) in keys.items()
    )
    nodes = "".join(
        f'<node id="{n}"><data key="d1">{x}</data><data key="d2">{y}</data></node>'
        for n, (x, y) in CORNERS.items()
    )
    ways = "".join(
        f'<edge source="{a}" target="{b}">'
        + "".join(f'<data key="{names[k]}">{v}</data>' for k, v in tags.items())
        + "</edge>"
        for a, b, tags in edges
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>"
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{body}'
        f'<graph edgedefault="directed"><data key="d0">{crs}</data>{nodes}{ways}</graph></graphml>'
    )


def osm(tags, *, more=""):
    nodes = "".join(f'<node id="{n}" lat="{y}" lon="{x}"/>' for n, (x, y) in CORNERS.items())
    ways = "".join(
        f'<way id="{i}">'
        + "".join(f'<nd ref="{n}"/>' for n in refs)
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in way.items())
        + "</way>"
        for i, (refs, way) in enumerate(tags)
    )
    return f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}{more}</osm>'


def feature(coordinates, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": coordinates},
    }


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def geojson(path, *features, **more):
    return write(
        path, json.dumps({"type": "FeatureCollection", "features": list(features), **more})
    )


@pytest.fixture
def lines():
    return gpd.GeoDataFrame(
        {"name": ["Kungsgatan", "Bangårdsgatan"], "highway": ["tertiary", "residential"]},
        geometry=[
            shapely.LineString([CORNERS["1"], CORNERS["2"]]),
            shapely.LineString([CORNERS["2"], CORNERS["3"]]),
        ],
        crs=4326,
    )


def test_all_forms_of_a_file_give_the_same_network(tmp_path, lines):
    both = [("1", "2", {"name": "Kungsgatan", "highway": "tertiary"}),
            ("2", "1", {"name": "Kungsgatan", "highway": "tertiary"}),
            ("2", "3", {"name": "Bangårdsgatan", "highway": "residential"})]  # fmt: skip
    ways = [("12", {"highway": "tertiary", "name": "Kungsgatan"}),
            ("23", {"highway": "residential", "name": "Bangårdsgatan"})]  # fmt: skip
    lines.to_file(tmp_path / "a.gpkg", layer="edges", driver="GPKG")
    files = [
        write(tmp_path / "a.graphml", graphml(both)),
        write(tmp_path / "a.osm", osm(ways)),
        geojson(tmp_path / "a.geojson", *(f for f in json.loads(lines.to_json())["features"])),
        tmp_path / "a.gpkg",
    ]
    for file in files:
        streets = read_streets(file)
        assert sorted(streets.edges["name"]) == ["Bangårdsgatan", "Kungsgatan"]
        assert streets.report.kept_m == pytest.approx(lines.to_crs(3006).length.sum(), abs=0.01)
        assert streets.crs.to_epsg() == 3006


def test_the_name_of_the_file_does_not_decide(tmp_path):
    file = write(tmp_path / "streets.txt", osm([("12", {"highway": "residential"})]))
    assert len(read_streets(file).edges) == 1


def test_a_network_abroad_gets_a_metric_system_of_its_own(tmp_path):
    file = geojson(tmp_path / "a.geojson", feature([(-87.63, 41.88), (-87.62, 41.88)]))
    assert read_streets(file).crs.to_epsg() == 32616
    assert read_streets(file, crs=26916).crs.to_epsg() == 26916


def test_curved_streets_keep_their_curve(tmp_path):
    curve = "LINESTRING (17.639 59.8586, 17.641 59.8590, 17.642 59.8570)"
    file = write(
        tmp_path / "a.graphml", graphml([("1", "2", {"geometry": curve, "highway": "path"})])
    )
    edge = read_streets(file).edges.iloc[0]
    assert len(edge.geometry.coords) == 3
    assert edge.kind == "path"


def test_merged_tags_are_read_by_their_first(tmp_path):
    tags = {"name": "['Sankt Olofsbron', 'Sankt Olofsgatan']", "highway": "['footway', 'steps']"}
    file = write(tmp_path / "a.graphml", graphml([("1", "2", {**tags, "bridge": "yes"})]))
    edge = read_streets(file).edges.iloc[0]
    assert (edge["name"], edge.kind) == ("Sankt Olofsbron", "bridge")


@pytest.mark.parametrize(
    ("tags", "walk", "cycle", "drive"),
    [
        ({"highway": "residential"}, True, True, True),
        ({"highway": "motorway", "oneway": "no"}, False, False, True),
        ({"highway": "steps"}, True, False, False),
        ({"highway": "footway"}, True, False, False),
        ({"highway": "footway", "bicycle": "yes"}, True, True, False),
        ({"highway": "cycleway"}, True, True, False),
        ({"highway": "cycleway", "bridge": "yes"}, True, True, False),
        ({"highway": "pedestrian"}, True, True, False),
        ({"highway": "service", "access": "private"}, False, False, False),
        ({"highway": "service", "access": "no", "foot": "yes"}, True, False, False),
        ({"highway": "service", "access": "no", "vehicle": "yes"}, False, True, True),
        ({"highway": "residential", "vehicle": "no"}, True, False, False),
        ({"highway": "residential", "vehicle": "private", "bicycle": "yes"}, True, True, False),
        ({"highway": "residential", "foot": "no"}, False, True, True),
        ({"highway": "construction"}, False, False, False),
    ],
)
def test_who_may_use_a_street(tmp_path, tags, walk, cycle, drive):
    file = write(tmp_path / "a.osm", osm([("23", {"highway": "service"}), ("12", tags)]))
    for mode, allowed in (("walk", walk), ("cycle", cycle), ("drive", drive)):
        assert len(read_streets(file, mode=mode).edges) == 1 + allowed, mode


def test_a_tunnel_is_a_passage(tmp_path):
    file = write(tmp_path / "a.osm", osm([("12", {"highway": "footway", "tunnel": "yes"})]))
    assert list(read_streets(file).edges["kind"]) == ["passage"]


def test_points_beyond_the_edge_of_an_extract_are_left_out(tmp_path):
    more = '<way id="9"><nd ref="3"/><nd ref="404"/><tag k="highway" v="path"/></way>'
    file = write(tmp_path / "a.osm", osm([("12", {"highway": "path"})], more=more))
    assert len(read_streets(file).edges) == 1


def test_several_parts_of_one_line_become_streets_each(tmp_path):
    several = {
        "type": "Feature",
        "properties": {},
        "geometry": {
            "type": "MultiLineString",
            "coordinates": [[CORNERS["1"], CORNERS["2"]], [CORNERS["2"], CORNERS["3"]]],
        },
    }
    assert len(read_streets(geojson(tmp_path / "a.geojson", several)).edges) == 2


def test_heights_are_left_out(tmp_path):
    line = [(*CORNERS["1"], 12.0), (*CORNERS["2"], 15.0)]
    streets = read_streets(geojson(tmp_path / "a.geojson", feature(line)))
    assert np.isfinite(streets.nodes).all()
    assert streets.nodes.shape == (2, 2)


def test_several_layers_of_lines_are_asked_about(tmp_path, lines):
    lines.to_file(tmp_path / "a.gpkg", layer="roads", driver="GPKG")
    lines.to_file(tmp_path / "a.gpkg", layer="rails", driver="GPKG")
    with pytest.raises(UnreadableFileError, match=r"flera lager med linjer \(roads, rails\)"):
        read_streets(tmp_path / "a.gpkg")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<osm>&b;</osm>"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "inget gatun"),
        (b"namn;x;y\nKungsgatan;1;2\n", "inget gatun"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "inget gatun"),
        (b"<gpx></gpx>", "inget gatun"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18", "kan inte l"),
        (b"SQLite format 3\x00" + b"\x00" * 200, "kan inte l"),
        (b"{ not json", "kan inte l"),
        (b'{"type": "FeatureCollection", "features": []}', "inga linjer"),
        (b'{"type": "FeatureCollection", "features": [{"geometry": {"type": "LineString"}}]}',
         "kan inte l"),
        (b'{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}', "inga linjer"),
        ((b'{"features": [{"geometry": {"type": "LineString", "coordinates": [[648000, 6638000], '
          b"[648100, 6638000]]}}]}"), "inte grader"),
        ((b'{"features": [{"geometry": {"type": "LineString", "coordinates": [[NaN, 59.8], '
          b"[17.6, 59.8]]}}]}"), r"skadad eller avbruten \(NaN\)"),
        (b"<osm><node id='1' lon='nan' lat='59.8'/></osm>", r"skadad eller avbruten \(nan\)"),
        (b"<osm><node id='1'", "kan inte l"),
        (b"<osm><way></way></osm>", "inga linjer"),
        (BOMB.encode(), "kan inte l"),
    ],
    ids=["empty", "csv", "vrt", "gpx", "pbf", "broken gpkg", "broken json", "no features",
         "no coordinates", "points", "metres", "no number", "no number in xml",
         "broken xml", "no lines", "entity bomb"],
)  # fmt: skip
def test_a_file_that_is_no_street_network_is_refused_by_name(tmp_path, content, message):
    file = tmp_path / "gator.dat"
    file.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=message) as caught:
        read_streets(file)
    assert "gator.dat" in caught.value.message.sv
    assert "gator.dat" in caught.value.message.en


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"Filen .*ingen-fil\.graphml finns inte"):
        read_streets(tmp_path / "ingen-fil.graphml")


@pytest.mark.parametrize("form", ["feature", "geometry"])
def test_geojson_of_one_line_needs_no_collection(tmp_path, form):
    line = {"type": "LineString", "coordinates": [[17.64, 59.858], [17.65, 59.858]]}
    content = line if form == "geometry" else {"type": "Feature", "geometry": line}
    (tmp_path / "en.geojson").write_text(json.dumps(content))
    assert read_streets(tmp_path / "en.geojson").report.lines == 1


def test_an_unknown_mode_is_refused_before_reading(tmp_path):
    with pytest.raises(InvalidInputError, match="walk, cycle eller drive"):
        read_streets(tmp_path / "a.osm", mode="fly")


def test_a_file_with_only_motorways_has_nothing_to_walk_on(tmp_path):
    file = write(tmp_path / "a.osm", osm([("12", {"highway": "motorway"})]))
    with pytest.raises(NothingFoundError, match="till fots"):
        read_streets(file)


@pytest.mark.real_data
def test_the_real_graphml_and_geopackage_give_the_same_network(uppsala, uppsala_files):
    other = read_streets(uppsala_files / "uppsala_walk_2023-01-12.graphml")
    assert len(other.nodes) == len(uppsala.nodes)
    assert other.report.kept_m == pytest.approx(uppsala.report.kept_m)

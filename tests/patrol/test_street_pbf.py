"""Binary OSM files, written here byte by byte so that nothing but the reader is under test."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.errors import UnreadableFileError
from riskmiljo.patrol.street_files import read_ground
from riskmiljo.patrol.street_pbf import other_tags
from riskmiljo.patrol.streets import read_streets

CORNERS = {1: (17.6390, 59.8586), 2: (17.6420, 59.8570), 3: (17.6450, 59.8590),
           4: (17.6480, 59.8570), 5: (17.6500, 59.8600)}  # fmt: skip


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def zigzag(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def number(field, value):
    return varint(field << 3) + varint(value)


def chunk(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def packed(field, values, *, signed=False):
    return chunk(field, b"".join((zigzag if signed else varint)(v) for v in values))


def deltas(values):
    return [b - a for a, b in zip([0, *values], values, strict=False)]


def blob(kind, content):
    body = number(2, len(content)) + chunk(3, zlib.compress(content))
    header = chunk(1, kind.encode()) + number(3, len(body))
    return struct.pack(">I", len(header)) + header + body


def pbf(ways, corners=CORNERS):
    """A file of dense nodes and of ways, each a list of nodes and a dict of tags."""
    words = [b""]

    def word(text):
        encoded = text.encode()
        if encoded not in words:
            words.append(encoded)
        return words.index(encoded)

    ids = sorted(corners)
    dense = (
        packed(1, deltas(ids), signed=True)
        + packed(8, deltas([round(corners[n][1] * 1e7) for n in ids]), signed=True)
        + packed(9, deltas([round(corners[n][0] * 1e7) for n in ids]), signed=True)
    )
    groups = chunk(2, chunk(2, dense))
    for at, (nodes, tags) in enumerate(ways):
        way = (
            number(1, 100 + at)
            + packed(2, [word(k) for k in tags])
            + packed(3, [word(v) for v in tags.values()])
            + packed(8, deltas(nodes), signed=True)
        )
        groups += chunk(2, chunk(3, way))
    table = chunk(1, b"".join(chunk(1, w) for w in words))
    header = chunk(4, b"OsmSchema-V0.6") + chunk(4, b"DenseNodes")
    return blob("OSMHeader", header) + blob("OSMData", table + groups)


@pytest.fixture
def written(tmp_path):
    def write(*ways, name="uppsala.osm.pbf"):
        file = tmp_path / name
        file.write_bytes(pbf(list(ways)))
        return file

    return write


def test_a_binary_extract_is_read_like_the_other_forms(written):
    file = written(
        ([1, 2], {"highway": "tertiary", "name": "Kungsgatan"}),
        ([2, 3], {"highway": "steps", "name": "Bangårdsgatan"}),
        ([3, 4], {"railway": "rail"}),
    )
    streets = read_streets(file)
    assert sorted(streets.edges["name"]) == ["Bangårdsgatan", "Kungsgatan"]
    assert sorted(streets.edges["kind"]) == ["steps", "street"]
    assert len(read_streets(file, mode="cycle").edges) == 1


def test_tags_without_a_column_of_their_own_are_heeded(written):
    file = written(
        ([1, 2], {"highway": "service"}),
        ([2, 3], {"highway": "service", "access": "no", "foot": "yes"}),
        ([3, 4], {"highway": "footway", "bicycle": "yes", "bridge": "yes", "note": 'a "b" \\ c'}),
    )
    assert len(read_streets(file).edges) == 3
    assert len(read_streets(file, mode="drive").edges) == 1
    assert list(read_streets(file).edges["kind"]) == ["street", "street", "bridge"]


def test_one_way_streets_of_an_extract_are_driven_one_way(written):
    ring = ([1, 2, 3, 1], {"highway": "residential", "oneway": "yes"})
    streets = read_streets(written(ring), mode="drive")
    a, b = streets.nodes[0], streets.edges.geometry.iloc[0].coords[1]
    there, back = streets.travel_minutes([a, b], [a, b])[[0, 1], [1, 0]]
    assert there != pytest.approx(back)
    assert (there + back) * 500 == pytest.approx(streets.report.kept_m)


def test_what_an_extract_draws_as_an_area_is_no_street(written):
    square = ([1, 2, 3, 1], {"highway": "pedestrian", "area": "yes"})
    file = written(([4, 5], {"highway": "residential"}), square)
    assert len(read_streets(file).edges) == 1


def test_water_parks_and_railways_come_along(written):
    file = written(
        ([1, 2], {"highway": "residential"}),
        ([1, 2, 3, 1], {"natural": "water", "name": "Svandammen"}),
        ([3, 4, 5, 3], {"leisure": "park"}),
        ([2, 4], {"railway": "rail"}),
        ([1, 4, 5, 1], {"building": "yes"}),
    )
    ground = read_ground(file)
    assert sorted(ground["kind"]) == ["park", "rail", "water"]
    assert set(ground["name"]) == {"Svandammen", ""}


def test_the_content_decides_that_it_is_binary(written):
    assert len(read_streets(written(([1, 2], {"highway": "path"}), name="gator.dat")).edges) == 1


def test_a_torn_extract_is_refused_by_name(written):
    file = written(([1, 2], {"highway": "path"}))
    file.write_bytes(file.read_bytes()[:120])
    with pytest.raises(UnreadableFileError, match=r"uppsala\.osm\.pbf"):
        read_streets(file)


def test_an_extract_without_streets_says_that_it_has_no_lines(written):
    with pytest.raises(UnreadableFileError, match="inga linjer"):
        read_streets(written(([1, 2], {"railway": "rail"})))


def test_nothing_is_left_beside_the_file(written, tmp_path):
    file = written(([1, 2], {"highway": "path"}))
    read_streets(file)
    assert list(tmp_path.iterdir()) == [file]


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_tags_in_one_column_are_told_apart_whatever_they_hold(tags):
    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    column = ",".join(f"{quoted(k)}=>{quoted(v)}" for k, v in tags.items())
    assert other_tags(column) == tags
    assert other_tags(None) == {}

"""Street files as others keep them: OSMnx GraphML, OSM PBF and XML, GeoPackage, GeoJSON lines.

The content decides what a file is, not its name, and each kind has one reader. What comes out is
one table of lines, with the tags that say what a line is and who may use it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import ShapelyError
from shapely.geometry import shape

from riskmiljo.errors import UnreadableFileError
from riskmiljo.geo.crs import WGS84, parse_crs
from riskmiljo.patrol.street_pbf import is_pbf, read_pbf
from riskmiljo.wording import Text

# Tags that say what a line is and who may use it; a file may lack any of them.
TAGS: Final = (
    "name", "kind", "highway", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "bridge",
    "tunnel", "oneway", "junction",
)  # fmt: skip
# Which tags make a shape water, park or railway, as OpenStreetMap uses them.
_GROUND: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "water": {"kind": ("water",), "natural": ("water",), "waterway": ("riverbank", "dock")},
    "park": {
        "kind": ("park", "forest"),
        "leisure": ("park", "garden"),
        "natural": ("wood",),
        "landuse": ("forest", "recreation_ground", "village_green"),
    },
    "rail": {"kind": ("rail",), "railway": ("rail", "light_rail", "tram")},
}
_GROUND_TAGS: Final = ("name", "kind", "natural", "waterway", "leisure", "landuse", "railway")
# A line with one of these and no highway is no street, though a file of plain lines has neither.
_NO_STREET: Final = ("railway", "waterway", "natural", "landuse", "leisure")
_SNIFF_BYTES: Final = 4096
_FEWEST_POINTS: Final = 2
_FEWEST_CORNERS: Final = 3
# Of what a library says of a damaged file.
_MOST_SAID: Final = 100
_NOT_A_STREET_FILE: Final = Text(
    "{f} är inget gatunät som kan läsas. Ge GraphML (OSMnx), OSM PBF eller XML, GeoPackage eller "
    "GeoJSON.",
    "{f} is no street network that can be read. Give GraphML (OSMnx), OSM PBF or XML, GeoPackage "
    "or GeoJSON.",
)


def read_lines(path: Path) -> gpd.GeoDataFrame:
    """Read the lines of a street file, with their tags, as they stand in the file.

    Parameters
    ----------
    path
        GraphML written by OSMnx, OSM PBF or XML, a GeoPackage or GeoJSON with lines.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of `TAGS` (text, empty where the file has nothing) and single LineStrings, in
        the reference system of the file.

    Raises
    ------
    UnreadableFileError
        If the file is missing, is of another kind, is damaged, or holds no lines.
    CRSError
        If its reference system is not known.
    """
    return _single_lines(_read(path), path)


def read_ground(path: Path) -> gpd.GeoDataFrame:
    """Read the water, parks and railways that stand in a street file, for the base map.

    Parameters
    ----------
    path
        As for `read_lines`. GraphML holds streets only.

    Returns
    -------
    geopandas.GeoDataFrame
        ``name``, ``kind`` (``water``, ``park`` or ``rail``) and the shape: polygons of water and
        parks, lines of railways, in the reference system of the file. Often empty.

    Raises
    ------
    UnreadableFileError
        As for `read_lines`.
    """
    frame = _read(path, ground=True)
    tags = {tag: frame[tag].map(first_of) if tag in frame else "" for tag in _GROUND_TAGS}
    table = pd.DataFrame(tags, index=frame.index)
    kind = pd.Series("", index=frame.index, dtype="str")
    for name, by_tag in _GROUND.items():
        for tag, values in by_tag.items():
            kind = kind.mask((kind == "") & table[tag].isin(values), name)
    shapes = frame.geometry
    area = shapes.geom_type.isin(["Polygon", "MultiPolygon"]) & kind.isin(["water", "park"])
    line = shapes.geom_type.isin(["LineString", "MultiLineString"]) & (kind == "rail")
    kept = ((area & shapes.is_valid) | line).to_numpy()
    return gpd.GeoDataFrame(
        {"name": table["name"][kept].to_numpy(), "kind": kind[kept].to_numpy()},
        geometry=shapely.force_2d(shapes[kept].to_numpy()),
        crs=frame.crs,
    )


def _read(path: Path, *, ground: bool = False) -> gpd.GeoDataFrame:
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFF_BYTES)
    except FileNotFoundError as error:
        raise UnreadableFileError(
            Text(
                "Filen {f} finns inte. Kontrollera namnet och mappen.",
                "There is no file {f}. Check the name and the folder.",
            ).fill(f=path)
        ) from error
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_pbf(head):
        return _read_pbf(path, ground=ground)
    if head.startswith(b"SQLite format 3\x00"):
        return _ground_layers(path) if ground else _read_geopackage(path)
    if text.startswith(b"<") and b"<graphml" in text:
        return _read_xml(path, _graphml)
    if text.startswith(b"<") and b"<osm" in text:
        return _read_xml(path, _osm_ground if ground else _osm_xml)
    if text.startswith(b"{"):
        return _read_geojson(path)
    raise UnreadableFileError(_NOT_A_STREET_FILE.fill(f=path.name))


def first_of(value: object) -> str:
    """Return a tag as text; of a list (as OSMnx writes merged streets) the first.

    Parameters
    ----------
    value
        Text, a list, a list written as text, or a missing value.

    Returns
    -------
    str
        Empty for a missing value.
    """
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            value = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            return str(value)
    if isinstance(value, list | tuple | np.ndarray):
        value = value[0] if len(value) else ""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(value).strip()


def _read_geopackage(path: Path) -> gpd.GeoDataFrame:
    try:
        layers = pyogrio.list_layers(path)
        names = [str(name) for name, kind in layers if "LineString" in str(kind)]
        if not names:
            raise _without_lines(path)
        if len(names) > 1 and "edges" not in names:
            raise UnreadableFileError(
                Text(
                    "{f} har flera lager med linjer ({n}). Spara gatorna som ett lager med namnet "
                    "edges.",
                    "{f} has several layers of lines ({n}). Save the streets as one layer named "
                    "edges.",
                ).fill(f=path.name, n=", ".join(names))
            )
        layer = "edges" if "edges" in names else names[0]
        if pyogrio.read_info(path, layer=layer)["driver"] != "GPKG":
            raise UnreadableFileError(_NOT_A_STREET_FILE.fill(f=path.name))
        frame = gpd.GeoDataFrame(pyogrio.read_dataframe(path, layer=layer))
    except (DataSourceError, DataLayerError) as error:
        raise _damaged(path, error) from error
    return frame.set_crs(parse_crs(frame.crs or WGS84), allow_override=True)


def _read_pbf(path: Path, *, ground: bool) -> gpd.GeoDataFrame:
    try:
        return read_pbf(path, _GROUND_TAGS if ground else TAGS, ground=ground)
    except (DataSourceError, DataLayerError) as error:
        raise _damaged(path, error) from error


def _ground_layers(path: Path) -> gpd.GeoDataFrame:
    """Read every layer of a GeoPackage that may hold ground; its network has the layer edges."""
    frames = []
    try:
        for name, kind in pyogrio.list_layers(path):
            if name not in {"edges", "nodes"} and "Point" not in str(kind):
                if pyogrio.read_info(path, layer=name)["driver"] != "GPKG":
                    raise UnreadableFileError(_NOT_A_STREET_FILE.fill(f=path.name))
                frame = gpd.GeoDataFrame(pyogrio.read_dataframe(path, layer=name))
                crs = parse_crs(frame.crs or WGS84)
                frames.append(frame.set_crs(crs, allow_override=True).to_crs(WGS84))
    except (DataSourceError, DataLayerError) as error:
        raise _damaged(path, error) from error
    if not frames:
        return gpd.GeoDataFrame(geometry=[], crs=WGS84)
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=WGS84)


def _read_geojson(path: Path) -> gpd.GeoDataFrame:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_number)
        features = _features(content)
        geometry = [shape(feature["geometry"]) for feature in features if feature.get("geometry")]
        rows = [f.get("properties") or {} for f in features if f.get("geometry")]
        named = (content.get("crs") or {}).get("properties", {}).get("name", WGS84)
    except (ValueError, AttributeError, KeyError, TypeError, ShapelyError) as error:
        raise _damaged(path, error) from error
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=geometry, crs=parse_crs(named))


def _number(text: str) -> float:
    """Read a coordinate; what is no number is an error and no place."""
    value = float(text)
    if not np.isfinite(value):
        raise ValueError(text)
    return value


def _features(content: Any) -> list[Any]:
    """Return the features of GeoJSON, which may be a single one or a bare geometry."""
    match content.get("type"):
        case "Feature":
            return [content]
        case None | "FeatureCollection":
            return content.get("features") or []
    return [{"geometry": content}]


def _read_xml(path: Path, reader: Any) -> gpd.GeoDataFrame:
    try:
        rows, geometry, crs = reader(path)
    except (ParseError, DefusedXmlException, KeyError, ValueError, ShapelyError) as error:
        raise _damaged(path, error) from error
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=geometry, crs=parse_crs(crs))


def _elements(path: Path) -> Iterator[tuple[str, Element]]:
    """Yield finished elements and free them: a city in XML is large."""
    events = iterparse(str(path), events=("start", "end"))
    _, root = next(events)
    for event, element in events:
        if event == "end":
            tag = element.tag.rpartition("}")[2]
            yield tag, element
            if tag in {"node", "edge", "way", "relation"}:
                root.clear()


def _graphml(path: Path) -> tuple[list[dict[str, str]], list[Any], Any]:
    keys: dict[str, str] = {}
    nodes: dict[str, tuple[float, float]] = {}
    rows, geometry, crs = [], [], "4326"
    for tag, element in _elements(path):
        if tag == "key":
            keys[element.attrib["id"]] = element.attrib["attr.name"]
        elif tag == "data" and keys.get(element.get("key", "")) == "crs":
            crs = element.text or crs
        elif tag in {"node", "edge"}:
            data = {keys[d.attrib["key"]]: d.text or "" for d in element if d.get("key") in keys}
            if tag == "node":
                nodes[element.attrib["id"]] = _number(data["x"]), _number(data["y"])
                continue
            wkt = data.pop("geometry", "")
            ends = nodes[element.attrib["source"]], nodes[element.attrib["target"]]
            geometry.append(shapely.from_wkt(wkt) if wkt else shapely.LineString(ends))
            rows.append(data)
    return rows, geometry, crs


def _osm_xml(path: Path) -> tuple[list[dict[str, str]], list[Any], Any]:
    rows, geometry = [], []
    for tags, points in _osm_ways(path):
        if "highway" in tags and tags.get("area") != "yes":
            rows.append(tags)
            geometry.append(shapely.LineString(points))
    return rows, geometry, WGS84


def _osm_ground(path: Path) -> tuple[list[dict[str, str]], list[Any], Any]:
    rows, geometry = [], []
    for tags, points in _osm_ways(path):
        if tags.keys() & set(_GROUND_TAGS[2:]):
            closed = points[0] == points[-1] and len(points) > _FEWEST_CORNERS
            rows.append(tags)
            geometry.append(shapely.Polygon(points) if closed else shapely.LineString(points))
    return rows, geometry, WGS84


def _osm_ways(path: Path) -> Iterator[tuple[dict[str, str], list[tuple[float, float]]]]:
    nodes: dict[str, tuple[float, float]] = {}
    for tag, element in _elements(path):
        if tag == "node":
            nodes[element.attrib["id"]] = (
                _number(element.attrib["lon"]),
                _number(element.attrib["lat"]),
            )
        elif tag == "way":
            tags = {t.attrib["k"]: t.attrib["v"] for t in element if t.tag == "tag"}
            # An extract that is cut at its edge names points that it does not hold.
            points = [nodes[n.attrib["ref"]] for n in element
                      if n.tag == "nd" and n.attrib["ref"] in nodes]  # fmt: skip
            if len(points) >= _FEWEST_POINTS:
                yield tags, points


def _single_lines(frame: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    data = {tag: frame[tag].map(first_of) if tag in frame else "" for tag in TAGS}
    lines = gpd.GeoDataFrame(
        pd.DataFrame(data, index=frame.index), geometry=frame.geometry.array, crs=frame.crs
    )
    other = pd.Series(data=False, index=frame.index)
    for tag in _NO_STREET:
        other |= frame[tag].map(first_of) != "" if tag in frame else False
    street = lines["highway"] != ""
    lines = lines[lines.geometry.notna() & (street | ~other)].explode(ignore_index=True)
    lines = lines[lines.geom_type == "LineString"].reset_index(drop=True)
    if lines.empty:
        raise _without_lines(path)
    flat = gpd.GeoSeries(shapely.force_2d(lines.geometry.to_numpy()), crs=frame.crs)
    bounds = flat.total_bounds
    degrees = (-180, -90, 180, 90)
    far = frame.crs.is_geographic and (
        (bounds[:2] < degrees[:2]).any() or (bounds[2:] > degrees[2:]).any()
    )
    if far or not np.isfinite(bounds).all():
        raise UnreadableFileError(
            Text(
                "{f}: koordinaterna är inte grader, fast filen säger det. Spara den i WGS 84.",
                "{f}: the coordinates are not degrees, though the file says so. Save it in WGS 84.",
            ).fill(f=path.name)
        )
    return lines.set_geometry(flat)


def _without_lines(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        Text(
            "{f} har inga linjer. Ge en fil med gator som linjer.",
            "{f} has no lines. Give a file with streets as lines.",
        ).fill(f=path.name)
    )


def _damaged(path: Path, why: object) -> UnreadableFileError:
    said = " ".join(str(why).split()).rstrip(".")
    # What goes on and on is a library talking of itself.
    where = f" ({said})" if len(said) <= _MOST_SAID else ""
    return UnreadableFileError(
        Text(
            "{f} kan inte läsas: filen är skadad eller avbruten{w}. Hämta eller spara den på nytt.",
            "{f} cannot be read: the file is damaged or cut short{w}. Fetch or save it anew.",
        ).fill(f=path.name, w=where)
    )

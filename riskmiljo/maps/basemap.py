"""The base map that needs no network: water, parks, rail and streets from our own data."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.errors import UnreadableFileError
from riskmiljo.geo.crs import require_metric
from riskmiljo.maps.geometry import feature, to_degrees
from riskmiljo.maps.layers import Layer
from riskmiljo.settings import shipped
from riskmiljo.wording import Text

# Kinds that the map draws, from bottom to top; a kind that is not here is drawn as a street.
_ORDER: Final = ("water", "park", "path", "street", "main", "rail")
_AREAS: Final = frozenset({"water", "park"})
_KIND_OF: Final = {
    "bridge": "street",
    "passage": "street",
    "road": "main",
    "river": "water",
    "footway": "path",
    "steps": "path",
    "cycleway": "path",
    "pedestrian": "path",
    "forest": "park",
}
_SHIPPED: Final = ("basemap.geojson", "streets.geojson")
_STREET_KINDS: Final = ("path", "street", "main")

SCHEMATIC: Final = Text(
    "Schematisk bakgrundskarta, ritad för hand", "Schematic base map, drawn by hand"
)
NO_BASE_MAP: Final = Text(
    "Ingen bakgrundskarta: läs in ett gatunät för området med riskmiljo streets import.",
    "No base map: import a street network of the area with riskmiljo streets import.",
)


def basemap_layer(
    bounds: tuple[float, float, float, float],
    *,
    streets: gpd.GeoDataFrame | None = None,
) -> tuple[Layer, list[Text]]:
    """Return the base map of a part of the world.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees; nothing outside is drawn.
    streets
        The loaded street network: ``name``, ``kind``, lines in a metric reference system; water,
        parks and rail too, where the import has them. ``attrs["source"]`` is named on the map.
        None: the schematic drawing that is shipped.

    Returns
    -------
    tuple
        The layer (one feature per kind and name) and what the reader must be told about it.
    """
    drawn = _shipped_drawing()
    notes: list[Text] = []
    source = "" if streets is None else str(streets.attrs.get("source", ""))
    if streets is not None and len(streets):
        require_metric(streets, Text("Gatunätet", "The street network"))
        given = _sorted_kinds(streets)
        # The network replaces the kinds that it brings; what it lacks stays schematic.
        brought = set(given["kind"])
        replaced = brought | (set(_STREET_KINDS) if brought & set(_STREET_KINDS) else set())
        drawn = gpd.GeoDataFrame(
            pd.concat([drawn[~drawn["kind"].isin(replaced)].to_crs(given.crs), given]),
            crs=given.crs,
        )
    degrees = to_degrees(drawn.geometry)
    box = shapely.box(*bounds)
    inside = shapely.intersects(np.asarray(degrees, dtype=object), box)
    # Clipping keeps a network of a whole county from being sent for the map of one town.
    clipped = shapely.clip_by_rect(np.asarray(degrees, dtype=object)[inside], *bounds)
    table = pd.DataFrame(
        {
            "kind": drawn["kind"].to_numpy()[inside],
            "name": drawn["name"].to_numpy()[inside],
            "schematic": drawn["schematic"].to_numpy()[inside],
            "shape": clipped,
        }
    )
    features = _features(table)
    if not features:
        notes.append(NO_BASE_MAP)
    else:
        if source:
            notes.append(Text("Gatunät: {s}", "Streets: {s}").fill(s=source_text(source)))
        if bool(table["schematic"].any()):
            notes.append(SCHEMATIC)
    layer = {
        "id": "base",
        "label": Text("Bakgrundskarta", "Base map").as_dict(),
        "shown": True,
        "features": features,
    }
    return layer, notes


def source_text(source: str) -> Text:
    """Return where streets come from in both languages.

    Parameters
    ----------
    source
        As the store keeps it: one name, or a Swedish and an English one with `` / `` between them.

    Returns
    -------
    Text
        The one name twice where there is only one.
    """
    swedish, _, english = source.partition(" / ")
    return Text(swedish, english or swedish)


def _features(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one feature per name of water and parks, and one per kind and name of lines."""
    features = []
    for kind in _ORDER:
        of_kind = table[table["kind"] == kind]
        for name, group in of_kind.groupby("name", sort=True):
            merged = shapely.union_all(group["shape"].to_numpy()) if kind in _AREAS else None
            shape = merged or shapely.multilinestrings(_lines(group["shape"].to_numpy()))
            if not shape.is_empty:
                features.append(feature(_rounded(shape), {"kind": kind, "name": str(name)}))
    return features


def _lines(shapes: Any) -> list[Any]:
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return [part for part in parts if part.geom_type == "LineString" and not part.is_empty]


def _rounded(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.round(xy, 6))


def _sorted_kinds(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    kinds = streets["kind"].astype(str).replace(_KIND_OF)
    table = {
        "name": streets["name"].fillna("").astype(str),
        "kind": kinds.where(kinds.isin(_ORDER), "street"),
        "schematic": False,
    }
    return gpd.GeoDataFrame(table, geometry=streets.geometry, crs=streets.crs)


def _softened(shape: Any) -> Any:
    """Cut the corners of a line or outline twice, the ends kept (Chaikin 1974)."""

    def cut(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        for _ in range(2):
            quarter, rest = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
            inner = np.stack([quarter, rest], axis=1).reshape(-1, 2)
            closed = np.array_equal(xy[0], xy[-1])
            xy = np.vstack([inner, inner[:1]] if closed else [xy[:1], inner, xy[-1:]])
        return xy

    if shape.geom_type == "Polygon":
        return shapely.Polygon(cut(np.asarray(shape.exterior.coords)))
    return shapely.LineString(cut(np.asarray(shape.coords)))


@cache
def _shipped_drawing() -> gpd.GeoDataFrame:
    """Read the drawings of ``data/``; a river is drawn as a line with a width in metres."""
    frames = []
    for name in _SHIPPED:
        path = shipped("data", name)
        try:
            frame = gpd.read_file(path)
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreadableFileError(
                Text(
                    "Bakgrundskartan {f} kan inte läsas: {why}.",
                    "The base map {f} cannot be read: {why}.",
                ).fill(f=path.name, why=error)
            ) from error
        frame = frame.to_crs(3006)
        if name == _SHIPPED[0]:
            # Its lines are few strokes; the street network's corners are true corners.
            frame["geometry"] = [_softened(shape) for shape in frame.geometry]
        width = frame.get("width_m", pd.Series(np.nan, index=frame.index)).astype(float)
        wide = width.notna()
        frame.loc[wide, "geometry"] = frame.geometry[wide].buffer(width[wide] / 2)
        frames.append(_sorted_kinds(frame).assign(schematic=True))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=3006)

"""The layers as JSON-able dictionaries: density, relative heat, patrol areas and places.

Zones have a module of their own. Every function is pure and gives the same order of keys and
features for the same input.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.analysis.surface import Surface
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.maps.geometry import feature, plate_points, to_degrees
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES, EXPLANATION, UNIT
from riskmiljo.model.tables import AREA_COLUMNS, PLACE_COLUMNS, check_columns
from riskmiljo.wording import Text, decimal_text

Layer = dict[str, Any]

# More cells than this make the heat slow on a phone; neighbouring cells are then averaged.
_HEAT_CELLS: Final = 4000

# A corner of a band is left out where that moves the line by less than this share of the bandwidth:
# finer than a smoothed surface can tell, and a city's file is a third of the size.
_FINER_THAN_KNOWN: Final = 1 / 40

# Which places stand on the map first: 1 from the city view on, 3 only in the street view.
_PLACE_RANK: Final = {
    "square_area": 1,
    "station": 1,
    "district": 1,
    "hospital": 2,
    "shopping": 2,
    "square": 2,
    "park": 2,
    "sports": 2,
    "landmark": 3,
    "library": 3,
    "school": 3,
    "stop": 3,
    "street": 3,
}


def density_layer(surface: Surface, *, shown: bool = True) -> Layer:
    """Return the density as filled bands in the fixed classes.

    Parameters
    ----------
    surface
        Incidents per hectare per week.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        One feature per class that occurs, with its colour, and a legend of all classes.
    """
    bands = _bands(surface)
    features = [
        feature(shape, {"colour": one.colour, "label": one.label.as_dict()})
        for one, shape in zip(DENSITY_CLASSES, to_degrees(bands), strict=True)
        if not shape.is_empty
    ]
    return {
        "id": "density",
        "label": Text("Täthet", "Density").as_dict(),
        "shown": shown,
        "features": features,
        "legend": _density_legend(surface),
    }


def tiled_density_layer(surface: Surface, address: str, *, shown: bool = True) -> Layer:
    """Return the density as tiles that the browser fetches one by one.

    Parameters
    ----------
    surface
        Incidents per hectare per week, the very one that the tiles are drawn from.
    address
        Where they are, with ``{z}``, ``{x}`` and ``{y}``.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        As `density_layer`, but with ``tiles`` in the place of features.
    """
    return {
        "id": "density",
        "label": Text("Täthet", "Density").as_dict(),
        "shown": shown,
        "features": [],
        "tiles": address,
        "legend": _density_legend(surface),
    }


def _density_legend(surface: Surface) -> dict[str, Any]:
    return {
        "title": Text("Täthet", "Density").as_dict(),
        "unit": UNIT.as_dict(),
        "classes": [
            {"colour": one.colour, "label": one.label.as_dict()} for one in DENSITY_CLASSES
        ],
        "note": EXPLANATION.as_dict(),
        "smoothing": Text("Utjämnad över {m} meter.", "Smoothed over {m} {m:metre|metres}.")
        .fill(m=decimal_text(surface.bandwidth_m, 0))
        .as_dict(),
    }


def heat_layer(surface: Surface, *, shown: bool = False) -> Layer:
    """Return the cells of the surface for folium's heat map, which has no fixed scale.

    Parameters
    ----------
    surface
        Incidents per hectare per week. Cells are handed over, never incidents.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        ``cells``: [longitude, latitude, share of the top class] and ``cell_m``; labelled relative.
    """
    values, cell_m, x0, y0 = _coarsened(surface)
    rows, columns = np.nonzero(values >= BREAKS[0])
    lon, lat = transform(
        x0 + (columns + 0.5) * cell_m, y0 + (rows + 0.5) * cell_m, surface.grid.crs, WGS84
    )
    strongest = values.max(initial=BREAKS[0])
    share = values[rows, columns] / strongest
    return {
        "id": "heat",
        "label": Text("Värmekarta (relativ)", "Heat map (relative)").as_dict(),
        "shown": shown,
        "features": [],
        "cells": [
            [round(float(a), 6), round(float(b), 6), round(float(c), 4)]
            for a, b, c in zip(lon, lat, share, strict=True)
        ],
        "cell_m": cell_m,
        "legend": {
            "title": Text("Värmekarta (relativ)", "Heat map (relative)").as_dict(),
            "note": Text(
                "Visar mönstret, inte nivån: färgen har ingen enhet och kan inte jämföras mellan "
                "kartor.",
                "Shows the pattern, not the level: the colour has no unit and cannot be compared "
                "between maps.",
            ).as_dict(),
        },
    }


def areas_layer(areas: gpd.GeoDataFrame, *, shown: bool = True) -> Layer:
    """Return the patrol areas.

    Parameters
    ----------
    areas
        As `rm.patrol_areas` returns them.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        One feature per area with its name, size, expected incidents, reason and the points where
        its name may stand; ``borders`` holds every border once, so that a dashed line between two
        areas is not drawn twice; ``notes`` say how even the areas are and what was assumed.
    """
    check_columns(areas, AREA_COLUMNS, Text("Patrullområdena", "The patrol areas"))
    shapes = to_degrees(areas.geometry)
    plates = plate_points(areas.geometry)
    features = []
    for row, shape, points in zip(areas.to_dict("records"), shapes, plates, strict=True):
        properties = {
            "id": str(row["area_id"]),
            "name": str(row["name"]),
            "anchors": points,
            "area_ha": number(row["area_ha"], 1),
            "expected": number(row["expected"], 1),
            "risk_share": number(row["risk_share"], 3),
            "zones": [str(zone) for zone in row["zones"]],
            "zone_names": [str(name) for name in row["zone_names"]],
            "why": Text(str(row["why_sv"]), str(row["why_en"])).as_dict(),
        }
        features.append(feature(shape, properties))
    return {
        "id": "areas",
        "label": Text("Patrullområden", "Patrol areas").as_dict(),
        "shown": shown,
        "features": features,
        "borders": _borders(areas.geometry),
        "notes": [{key: told[key] for key in ("sv", "en")} for told in _told(areas)],
        "legend": {"title": Text("Patrullområde", "Patrol area").as_dict(), "symbol": "area"},
    }


def _told(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    # One area has no other to be even with.
    balance = areas.attrs.get("balance") if len(areas) > 1 else None
    return [*([] if balance is None else [balance]), *areas.attrs.get("notes", ())]


def places_layer(places: gpd.GeoDataFrame, *, shown: bool = True) -> Layer:
    """Return the names of places.

    Parameters
    ----------
    places
        As `riskmiljo.geo.gazetteer.read_gazetteer` returns them.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        Points with name, kind and rank (1 is shown first), the important ones first.
    """
    check_columns(places, PLACE_COLUMNS, Text("Ortregistret", "The gazetteer"))
    features = [
        feature(
            shape,
            {"name": str(name), "kind": str(kind), "rank": _PLACE_RANK.get(str(kind), 3)},
        )
        for name, kind, shape in zip(
            places["name"], places["kind"], to_degrees(places.geometry), strict=True
        )
    ]
    features.sort(key=lambda one: (one["properties"]["rank"], one["properties"]["name"]))
    return {
        "id": "places",
        "label": Text("Platser", "Places").as_dict(),
        "shown": shown,
        "features": features,
    }


def number(value: Any, digits: int) -> float | None:
    """Return a rounded float for JSON, which knows no NaN.

    Parameters
    ----------
    value
        Anything that becomes a float.
    digits
        Decimals kept.

    Returns
    -------
    float or None
        None for a missing or infinite value.
    """
    figure = float(value)
    return round(figure, digits) if math.isfinite(figure) else None


def _bands(surface: Surface) -> gpd.GeoSeries:
    """Return what each class covers, one shape a class, some of them empty.

    The regions above each break are simplified, and the classes cut out of them: so neighbouring
    classes share their border exactly, without gap or overlap.
    """
    above = []
    for level in BREAKS:
        region = surface.contours([level]).geometry
        shape = region.iloc[0] if len(region) else shapely.Polygon()
        above.append(shapely.simplify(shape, surface.bandwidth_m * _FINER_THAN_KNOWN))
    bands = [lower.difference(upper) for lower, upper in pairwise(above)]
    return gpd.GeoSeries([*bands, above[-1]], crs=surface.grid.crs)


def _borders(areas: gpd.GeoSeries) -> dict[str, Any]:
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(areas.to_numpy())))
    [degrees] = to_degrees(gpd.GeoSeries([lines], crs=areas.crs))
    return feature(degrees, {})


def _coarsened(
    surface: Surface,
) -> tuple[npt.NDArray[np.float64], float, float, float]:
    """Average blocks of cells until few enough are left; block means keep the density's unit."""
    values, cell_m = np.nan_to_num(surface.values), surface.grid.cell_m
    while np.count_nonzero(values >= BREAKS[0]) > _HEAT_CELLS:
        rows, columns = (size + size % 2 for size in values.shape)
        padded = np.zeros((rows, columns))
        padded[: values.shape[0], : values.shape[1]] = values
        values = padded.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
        cell_m *= 2
    return values, float(cell_m), surface.grid.x0, surface.grid.y0

"""A small made-up situation around Uppsala: surface, zones, rhythm, trend, patrol areas, places."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.analysis.surface import Surface
from riskmiljo.geo.crs import parse_crs, transform
from riskmiljo.geo.grid import Grid
from riskmiljo.maps import map_payload
from riskmiljo.settings import Settings
from riskmiljo.wording import Text

NAMES = ("City", "Resecentrum", "Gottsunda centrum", "Gränbystaden", "Stenhagens centrum")
LON = (17.63874, 17.64745, 17.62795, 17.67637, 17.55967)
LAT = (59.85861, 59.85777, 59.81143, 59.87595, 59.85089)
COUNTS = (576, 465, 182, 213, 85)
AS_OF = datetime(2026, 5, 1, 8, tzinfo=UTC)


def make_zones(names=NAMES, *, lon=LON, lat=LAT, counts=COUNTS, radius_m=180.0, crs=3006):
    x, y = transform(lon, lat, 4326, crs)
    shapes = shapely.buffer(shapely.points(x, y), radius_m, quad_segs=4)
    area_ha = shapely.area(shapes) / 1e4
    counts = np.asarray(counts, dtype=float)
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"z{i}" for i in range(len(names))],
            "name": list(names),
            "incidents": counts,
            "events": counts.astype(int),
            "places": (counts // 3).astype(int),
            "days": (counts // 2).astype(int),
            "area_ha": area_ha,
            "per_ha_week": counts / area_ha / 52,
            "share": counts / counts.sum(),
            "reported": (counts // 3).astype(int),
            "discovered": (counts // 2).astype(int),
            "stability": np.nan,
            "parent_id": "",
            "status": "persisting",
            "first_seen": pd.Timestamp("2025-05-01", tz="UTC"),
        },
        geometry=shapes,
        crs=crs,
    )


def make_areas(zones, *, names=None, why="Väntat 3 händelser"):
    west, south, east, north = zones.total_bounds
    middle = (west + east) / 2
    boxes = [
        shapely.box(west, south, middle, north),
        shapely.box(middle, south, east, north),
    ]
    names = names or ["Väst", "Öst"]
    inside = [zones[zones.geometry.centroid.within(box)] for box in boxes]
    return gpd.GeoDataFrame(
        {
            "area_id": [1, 2],
            "name": names,
            "area_ha": [box.area / 1e4 for box in boxes],
            "expected": [3.25, 2.5],
            "risk_share": [0.5652, 0.4348],
            "zones": [tuple(part["zone_id"]) for part in inside],
            "zone_names": [tuple(part["name"]) for part in inside],
            "why_sv": why,
            "why_en": why,
        },
        geometry=boxes,
        crs=zones.crs,
    )


def make_rhythm(zones):
    hours = np.zeros((len(zones), 168))
    hours[:, [4 * 24 + 22, 4 * 24 + 23, 5 * 24, 5 * 24 + 1]] = 10  # the night after Friday
    hours[:, 1 * 24 + 12] = 2
    return pd.DataFrame(hours, index=zones["zone_id"], columns=range(168))


def make_trend(zones, verdict="Ökar"):
    return pd.DataFrame(
        {
            "this_period": zones["events"].to_numpy(),
            "before": zones["events"].to_numpy() // 2,
            "change": 2.0,
            "verdict_sv": verdict,
            "verdict_en": verdict,
        },
        index=zones["zone_id"],
    )


def make_surface(zones, *, cell_m=50.0, peak=1.5):
    grid = Grid.over(shapely.box(*zones.buffer(800).total_bounds), cell_m)
    centres = grid.centres
    values = np.zeros(len(centres))
    for point, events in zip(zones.geometry.centroid, zones["events"], strict=True):
        away = np.hypot(centres[:, 0] - point.x, centres[:, 1] - point.y)
        values += peak * events / zones["events"].max() * np.exp(-((away / 200) ** 2))
    grid = Grid(grid.x0, grid.y0, grid.cell_m, grid.mask, parse_crs(zones.crs))
    return Surface(values.reshape(grid.shape), grid, 200.0, "gaussian", 52.0)


def make_places(names=("Stora torget", "Vaksala torg"), kind="square"):
    x, y = transform(
        np.linspace(17.639, 17.647, len(names)),
        np.linspace(59.8586, 59.861, len(names)),
        4326,
        3006,
    )
    return gpd.GeoDataFrame(
        {"name": list(names), "kind": kind, "radius_m": 50.0},
        geometry=shapely.points(x, y),
        crs=3006,
    )


def make_payload(**changes):
    zones = changes.pop("zones", None)
    zones = make_zones() if zones is None else zones
    made = {
        "surface": make_surface,
        "rhythm": make_rhythm,
        "trend": make_trend,
        "areas": make_areas,
    }
    given = {
        "title": Text("Riskzoner", "Risk zones"),
        "subtitle": Text("maj 2025 till april 2026", "May 2025 to April 2026"),
        "zones": zones,
        **{name: maker(zones) for name, maker in made.items() if name not in changes},
        "places": make_places(),
        "as_of": AS_OF,
        "settings": Settings(),
        "shown": ("base", "density", "areas", "zones", "places"),
    }
    return map_payload(**{**given, **changes})


@pytest.fixture(scope="session")
def make():
    """The makers above, for tests that want to change something."""

    class Makers:
        zones = staticmethod(make_zones)
        areas = staticmethod(make_areas)
        rhythm = staticmethod(make_rhythm)
        trend = staticmethod(make_trend)
        surface = staticmethod(make_surface)
        places = staticmethod(make_places)
        payload = staticmethod(make_payload)
        as_of = AS_OF

    return Makers


@pytest.fixture(scope="session")
def payload():
    """The ordinary situation; simulated, with one note."""
    return make_payload(
        simulated=True,
        notes=[Text("2 zoner visas inte.", "2 zones are not shown.")],
    )

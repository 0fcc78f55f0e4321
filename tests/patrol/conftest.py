"""Zones and streets to share out: a made-up town, and the networks beside the project."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.patrol.streets import Streets, read_streets
from riskmiljo.settings import shipped

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
UPPSALA = SHARED / "data" / "uppsala"


def make_zones(
    middles: list[tuple[float, float]], per_week: list[float], *, side_m: float = 100.0
) -> gpd.GeoDataFrame:
    """Square zones with a weekly number of incidents each."""
    geometry = [
        shapely.box(x - side_m / 2, y - side_m / 2, x + side_m / 2, y + side_m / 2)
        for x, y in middles
    ]
    zones = gpd.GeoDataFrame(
        {
            "zone_id": [f"z{n:03d}" for n in range(len(middles))],
            "name": [f"Zon {n}" for n in range(len(middles))],
        },
        geometry=geometry,
        crs=3006,
    )
    zones["area_ha"] = zones.area / 10_000
    zones["per_ha_week"] = np.asarray(per_week, dtype=float) / zones["area_ha"]
    return zones


def make_scattered_zones(seed: int, count: int, *, extent_m: float = 3000.0) -> gpd.GeoDataFrame:
    """Zones of uneven weight on randomly chosen squares of a board, some side by side."""
    rng = np.random.default_rng(seed)
    squares = int(extent_m // 100)
    taken = rng.choice(squares**2, size=count, replace=False)
    middles = [(648_000 + 100.0 * (n % squares), 6_638_000 + 100.0 * (n // squares)) for n in taken]
    return make_zones(middles, list(rng.gamma(2.0, 1.0, count)))


@pytest.fixture(scope="session")
def schematic() -> Streets:
    """The network that is shipped."""
    return read_streets(shipped("data", "streets.geojson"))


@pytest.fixture(scope="session")
def uppsala_files() -> Path:
    """The folder with the real walking network, where it lies beside the project."""
    if not UPPSALA.is_dir():
        pytest.skip(f"{UPPSALA} is not there")
    return UPPSALA


@pytest.fixture(scope="session")
def uppsala(uppsala_files: Path) -> Streets:
    """The real walking network."""
    return read_streets(uppsala_files / "uppsala_walk_2023-01-12.gpkg")


@pytest.fixture
def zones_at():
    """Make square zones."""
    return make_zones


@pytest.fixture
def scattered_zones():
    """Make zones on a board."""
    return make_scattered_zones


@pytest.fixture(scope="session")
def scattered_zones_session():
    """Make zones on a board, for tests that call for them many times."""
    return make_scattered_zones

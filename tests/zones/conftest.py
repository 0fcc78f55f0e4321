"""Small cities with a known truth, made here so that these tests stand on their own."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.geo.crs import points_frame

CENTRE = np.array([648_000.0, 6_638_000.0])


def incidents_at(xy, rng=None, *, crs=3006, days=365, **columns):
    rng = rng or np.random.default_rng(0)
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    seconds = 1_735_689_600 + rng.integers(0, days * 86_400, len(points))
    times = pd.to_datetime(seconds, unit="s", utc=True).as_unit("us")
    return points_frame({"occurred_from": times, **columns}, points[:, 0], points[:, 1], crs)


def spot(rng, x, y, number, radius_m=80.0, addresses=25):
    """Incidents at some addresses around a point, relative to the centre of the small city."""
    distance = radius_m * rng.random(addresses) ** 0.75
    angle = rng.uniform(0, 2 * np.pi, addresses)
    offset = np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])
    at = CENTRE + np.array([x, y]) + offset
    share = 1 / (1 + np.argsort(np.argsort(distance)))
    return at[rng.choice(addresses, number, p=share / share.sum())]


def background(rng, number, half_m=3000.0):
    return CENTRE + rng.uniform(-half_m, half_m, (number, 2))


def gazetteer(*rows, crs=3006):
    """Places as (name, kind, x, y, radius), relative to the centre of the small city."""
    names, kinds, x, y, radius = zip(*rows, strict=True)
    xy = CENTRE + np.column_stack([x, y])
    return gpd.GeoDataFrame(
        {"name": names, "kind": kinds, "radius_m": np.array(radius, dtype=float)},
        geometry=shapely.points(xy),
        crs=crs,
    )


@pytest.fixture(scope="session")
def city():
    """The makers above, by name."""
    return SimpleNamespace(
        centre=CENTRE, incidents_at=incidents_at, spot=spot, background=background,
        gazetteer=gazetteer,
    )  # fmt: skip


@pytest.fixture
def three_spots():
    """A year with spots of 400, 200 and 100 incidents, and 1 500 elsewhere."""
    rng = np.random.default_rng(1)
    return incidents_at(
        np.concatenate(
            [
                spot(rng, 0, 0, 400),
                spot(rng, 520, 0, 200),
                spot(rng, -1500, 900, 100),
                background(rng, 1500),
            ]
        ),
        rng,
    )

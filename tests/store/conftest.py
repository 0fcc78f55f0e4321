"""A store on a disk of its own, and makers of what goes into it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmiljo.model.incidents import COLUMNS, complete_incidents
from riskmiljo.store import Area, engine, open_store

UPPSALA = Area("Uppsala", (17.2, 59.6, 18.45, 60.2), 3006, "Europe/Stockholm")
NOW = datetime(2026, 5, 1, 6, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def as_shipped(shipped_pragmas, monkeypatch):
    """Write as an installation does, and wait for the disk."""
    monkeypatch.setattr(engine, "_PRAGMAS", shipped_pragmas)


@pytest.fixture(scope="session")
def new_store(tmp_path_factory):
    """A store with its tables and its area, made once; every test gets a copy."""
    path = tmp_path_factory.mktemp("nytt") / "riskmiljo.sqlite"
    with open_store(f"sqlite:///{path}") as opened:
        opened.set_area(UPPSALA, now=NOW)
    return path


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'riskmiljo.sqlite'}"


@pytest.fixture
def store(new_store, url):
    shutil.copy(new_store, url.removeprefix("sqlite:///"))
    with open_store(url) as opened:
        yield opened


@pytest.fixture(scope="session")
def make():
    """Make n incidents of every kind, numbered from ``first``."""

    def incidents(n=100, *, seed=1, first=0, **columns):
        rng = np.random.default_rng(seed)
        begins = np.datetime64("2025-01-01", "us") + rng.integers(0, 365 * 86_400, n) * 1_000_000
        length = rng.integers(0, 48 * 3600, n) * rng.integers(0, 2, n) * np.timedelta64(1_000_000)
        data = {
            "incident_id": [f"K-{number}" for number in range(first, first + n)],
            "occurred_from": pd.DatetimeIndex(begins, tz="UTC"),
            "occurred_to": pd.DatetimeIndex(begins + length.astype("timedelta64[us]"), tz="UTC"),
            **{c.name: rng.choice(c.values, n) for c in COLUMNS if c.kind == "category"},
            "weight": rng.random(n),
            "precision_m": rng.integers(0, 50, n).astype(float),
            "restricted_to": rng.choice(np.array([None, "police", "police,admin"]), n),
            **columns,
        }
        points = shapely.points(rng.normal(648_000, 2_500, n), rng.normal(6_638_000, 2_500, n))
        return complete_incidents(gpd.GeoDataFrame(data, geometry=points, crs=3006))

    return incidents


@pytest.fixture
def add(now):
    """Add incidents as the file of that name."""

    def to(store, incidents, name="a.csv", **changed):
        about = {"file_name": name, "sha256": name, "source": "police", "receipt": {"rows": 1}}
        return store.add_incidents(incidents, **{**about, "now": now, **changed})

    return to

"""The whole program over a small simulated city, in which a test may plant names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from riskmiljo.geo.crs import coordinates
from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import refresh_zones
from riskmiljo.situation.releases import make_release
from riskmiljo.store import Area, open_store
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)


@dataclass
class City:
    """A filled store, the settings that open it, and the application over it."""

    settings: Settings
    store: object
    app: object


@pytest.fixture(scope="session")
def found_city():
    return simulate_city(seed=3, end=date(2026, 4, 27), years=1, incidents=2500)


@pytest.fixture
def make_city(found_city, tmp_path: Path):
    """Build a `City`; the arguments are settings."""
    opened = []

    def make(**chosen) -> City:
        address = f"sqlite:///{tmp_path}/city{len(opened)}.sqlite"
        settings = Settings(store=address, **chosen)
        with open_store(address) as store:
            store.set_area(
                Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
            )
            store.set_flag("simulated", "1")
            store.add_incidents(
                found_city.incidents,
                file_name="city.csv",
                sha256="0" * 64,
                source="police",
                receipt={},
                now=NOW,
            )
            refresh_zones(store, settings, now=NOW)
        app = create_app(settings, clock=lambda: NOW)
        opened.append(service_of(app).store)
        return City(settings, service_of(app).store, app)

    yield make
    for store in opened:
        store.close()


# --- a city whose joint picture has been released

RELEASED = datetime(2026, 5, 12, 12, tzinfo=UTC)


@dataclass
class JointCity:
    """Two years of a small town, released once.

    Attributes
    ----------
    incidents, known
        All there is, and what had been registered when the release was made.
    folder
        Where its stores lie.
    now
        When the release was made.
    """

    incidents: gpd.GeoDataFrame
    known: gpd.GeoDataFrame
    folder: Path
    now: datetime = RELEASED

    def made(self, name, known, *, release=True):
        """Fill a store; returns where it lies."""
        settings = Settings()
        path = self.folder / name
        with open_store(f"sqlite:///{path}") as store:
            store.set_area(
                Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
            )
            store.set_flag("simulated", "1")
            self.add(store, known, "0", RELEASED)
            if release:
                make_release(store, settings, now=RELEASED)
        return path

    def add(self, store, incidents, mark, now):
        for source, rows in incidents.groupby("source", observed=True):
            store.add_incidents(
                rows.reset_index(drop=True),
                file_name=f"{source}.csv",
                sha256=f"{mark}{source}".ljust(64, "0"),
                source=str(source),
                receipt={},
                now=now,
            )

    def late(self, number=150):
        """Return reports that come late, of months that have been told already."""
        copies = self.known.sample(number, random_state=4).reset_index(drop=True)
        copies["incident_id"] = [f"sen-{n}" for n in range(len(copies))]
        return copies


@pytest.fixture(scope="session")
def joint_city(tmp_path_factory):
    incidents = simulate_city(seed=5, end=date(2026, 6, 10), years=2, incidents=3000).incidents
    known = incidents[incidents["registered_at"] < RELEASED].reset_index(drop=True)
    return JointCity(incidents, known, tmp_path_factory.mktemp("gemensam"))


@pytest.fixture(scope="session")
def released_path(joint_city):
    return joint_city.made("slappt.sqlite", joint_city.known)


@pytest.fixture(scope="session")
def moved_path(joint_city):
    """The same town with every incident somewhere else within its place of 50 m."""
    rng = np.random.default_rng(3)
    corner = np.floor(coordinates(joint_city.known) / 50) * 50
    xy = corner + rng.uniform(0.001, 49.999, corner.shape)
    known = joint_city.known
    shapes = type(known.geometry).from_xy(xy[:, 0], xy[:, 1], crs=known.crs)
    return joint_city.made("flyttat.sqlite", known.set_geometry(shapes))

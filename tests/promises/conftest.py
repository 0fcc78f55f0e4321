"""The whole program over a small simulated city, in which a test may plant names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import refresh_zones
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

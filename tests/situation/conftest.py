"""A store with a small simulated city, made once for the tests of this folder."""

from datetime import UTC, date, datetime

import pytest

from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.store import Area, open_store

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def city():
    return simulate_city(seed=3, end=date(2026, 5, 4), years=2, incidents=6000)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


def filled(path, incidents, settings):
    store = open_store(f"sqlite:///{path}")
    store.set_area(Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone))
    store.add_incidents(
        incidents, file_name="stad", sha256="0" * 64, source="police", receipt={}, now=NOW
    )
    return store


@pytest.fixture(scope="session")
def store(tmp_path_factory, city, settings):
    with filled(tmp_path_factory.mktemp("lager") / "s.sqlite", city.incidents, settings) as made:
        yield made


@pytest.fixture
def fresh_store(tmp_path, city, settings):
    with filled(tmp_path / "s.sqlite", city.incidents, settings) as made:
        yield made

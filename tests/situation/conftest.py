"""A store with a small simulated city, made once for the tests of this folder."""

import shutil
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
def filled_path(tmp_path_factory, city, settings):
    """The store as it is before any test, to be copied."""
    path = tmp_path_factory.mktemp("lager") / "s.sqlite"
    filled(path, city.incidents, settings).close()
    return path


@pytest.fixture(scope="session")
def store(filled_path, tmp_path_factory):
    path = shutil.copy(filled_path, tmp_path_factory.mktemp("gemensamt"))
    with open_store(f"sqlite:///{path}") as made:
        yield made


@pytest.fixture
def fresh_store(filled_path, tmp_path):
    path = shutil.copy(filled_path, tmp_path)
    with open_store(f"sqlite:///{path}") as made:
        yield made

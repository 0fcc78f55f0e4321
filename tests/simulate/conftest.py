"""Simulated cities, made once for the whole room."""

from __future__ import annotations

from datetime import date

import pytest

from riskmiljo.simulate import SimulatedCity, simulate_city


@pytest.fixture(scope="session")
def city() -> SimulatedCity:
    return simulate_city(seed=1, end=date(2026, 5, 4))


@pytest.fixture(scope="session")
def big_city() -> SimulatedCity:
    """Ten times the incidents, where a share must be measured well."""
    return simulate_city(seed=2, end=date(2026, 1, 1), incidents=120_000)


@pytest.fixture(scope="session")
def files(city, tmp_path_factory):
    """Return the file of each owner, spoilt rows included."""
    written = city.write_files(tmp_path_factory.mktemp("delivery"))
    return dict(zip(("police", "social", "municipality"), written, strict=True))

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.errors import CRSError
from riskmiljo.geo.crs import coordinates, metric_crs_for, parse_crs, points_frame, transform


def gauss_kruger(lon: float, lat: float) -> tuple[float, float]:
    """SWEREF 99 TM by the series that Lantmäteriet publishes ("Gauss Conformal Projection")."""
    a, f, central, scale, false_east = 6378137.0, 1 / 298.257222101, 15.0, 0.9996, 500_000.0
    e2 = f * (2 - f)
    n = f / (2 - f)
    radius = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    phi, lam = math.radians(lat), math.radians(lon - central)
    a_, b_, c_ = e2, (5 * e2**2 - e2**3) / 6, (104 * e2**3 - 45 * e2**4) / 120
    s = math.sin(phi)
    phi_star = phi - s * math.cos(phi) * (a_ + b_ * s**2 + c_ * s**4 + 1237 * e2**4 / 1260 * s**6)
    xi = math.atan(math.tan(phi_star) / math.cos(lam))
    eta = math.atanh(math.cos(phi_star) * math.sin(lam))
    betas = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    north, east = xi, eta
    for k, beta in enumerate(betas, start=1):
        north += beta * math.sin(2 * k * xi) * math.cosh(2 * k * eta)
        east += beta * math.cos(2 * k * xi) * math.sinh(2 * k * eta)
    return scale * radius * east + false_east, scale * radius * north


@pytest.mark.parametrize(
    ("lon", "lat"), [(17.63901, 59.8586), (17.62795, 59.81143), (12.0, 55.5), (23.0, 68.0)]
)
def test_sweref_99_tm_agrees_with_the_surveyors_own_series(lon: float, lat: float) -> None:
    x, y = transform([lon], [lat], 4326, 3006)
    assert (x[0], y[0]) == pytest.approx(gauss_kruger(lon, lat), abs=0.002)
    back = transform(x, y, 3006, 4326)
    np.testing.assert_allclose(np.ravel(back), [lon, lat], atol=1e-8)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [(17.6, 59.9, 3006), (-87.6, 41.9, 32616), (-122.7, 45.5, 32610), (151.2, -33.9, 32756)],
)
def test_the_metric_system_is_chosen_from_the_data(lon: float, lat: float, epsg: int) -> None:
    stray = np.array([lon, lon, lon, 0.0]), np.array([lat, lat, lat, 0.0])
    assert metric_crs_for(*stray).to_epsg() == epsg


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(CRSError, match="koordinater"):
        metric_crs_for([np.nan], [np.nan])


@pytest.mark.parametrize("crs", ["EPSG:3006", 3006, "3006"])
def test_a_reference_system_may_be_written_in_several_ways(crs: object) -> None:
    assert parse_crs(crs).to_epsg() == 3006


@pytest.mark.parametrize("crs", ["nonsense", 99_999_999, ""])
def test_an_unknown_reference_system_is_named_in_the_message(crs: object) -> None:
    with pytest.raises(CRSError, match="EPSG"):
        parse_crs(crs)


def test_points_come_back_as_the_arrays_they_were_made_of() -> None:
    frame = points_frame({"a": [1, 2]}, np.array([1.0, 2.0]), np.array([3.0, 4.0]), 3006)
    assert isinstance(frame, gpd.GeoDataFrame)
    np.testing.assert_array_equal(coordinates(frame), [[1, 3], [2, 4]])
    assert frame.geometry.iloc[0] == shapely.Point(1, 3)

from __future__ import annotations

import numpy as np
import pytest
import shapely

from riskmiljo.analysis.dual import dual_density
from riskmiljo.analysis.kernels import KERNELS
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.grid import Grid

CORNER = np.array([645_000.0, 6_636_000.0])
AREA = shapely.affinity.translate(shapely.box(0, 0, 3000, 3000), *CORNER)
MIDDLE = shapely.Point(*(CORNER + np.array([1000.0, 2000.0])))


def points(xy, crs=3006, **columns):
    moved = np.asarray(xy, dtype=float).reshape(-1, 2) + CORNER
    return points_frame(columns, moved[:, 0], moved[:, 1], crs)


def people(n=900, seed=0):
    rng = np.random.default_rng(seed)
    town = rng.normal((1800, 1200), 500, (n // 2, 2))
    xy = np.concatenate([town, rng.uniform(0, 3000, (n - n // 2, 2))])
    return xy[((xy >= 0) & (xy <= 3000)).all(axis=1)]


def trouble(n=60, seed=9):
    return np.random.default_rng(seed).normal((1000, 2000), 120, (n, 2))


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_log_ratio_is_that_of_the_two_densities(kernel):
    events = points(np.concatenate([people(300, 1), trouble()]))
    controls = points(people())
    found = dual_density(events, controls, area=AREA, bandwidth_m=300, kernel=kernel)
    d2 = [
        ((found.grid.centres[:, None] - np.column_stack([f.geometry.x, f.geometry.y])) ** 2).sum(2)
        for f in (events, controls)
    ]
    f, g = (KERNELS[kernel].profile(d / 300**2).mean(axis=1) for d in d2)
    with np.errstate(divide="ignore"):
        expected = np.log(f / g).reshape(found.grid.shape)
    certain = (f > f.max() / 50).reshape(expected.shape) & (g > g.max() / 50).reshape(
        expected.shape
    )
    assert certain.any()
    assert np.abs(found.log_ratio[certain] - expected[certain]).max() < 5e-3


def test_where_risk_is_equal_the_score_is_standard_normal_also_at_the_border():
    scores = np.array(
        [
            dual_density(
                points(people(300, 2 * s)),
                points(people(900, 2 * s + 1)),
                area=AREA,
                bandwidth_m=500,
            ).z
            for s in range(40)
        ]
    )
    town = scores[:, 8:16, 12:24]
    assert town.mean() == pytest.approx(0, abs=0.15)
    assert town.std() == pytest.approx(1, abs=0.12)
    assert np.nanstd(scores[:, 0, :]) == pytest.approx(1, abs=0.2)


def test_trouble_beyond_the_people_lies_within_a_tolerance_contour():
    events = points(np.concatenate([people(300, 1), trouble()]))
    found = dual_density(events, points(people()), area=AREA, bandwidth_m=300)
    contours = found.tolerance([0.05, 0.001])
    high = contours[contours["kind"] == "high"].set_index("p").geometry
    assert high[0.001].contains(MIDDLE)
    assert high[0.05].contains(high[0.001].buffer(-1e-6))
    assert contours.is_valid.all()
    assert contours.crs.to_epsg() == 3006
    # Where most people live, there is not more trouble than people.
    assert not high[0.001].contains(shapely.Point(*(CORNER + np.array([1800.0, 1200.0]))))


def test_random_exchanges_agree_with_the_normal_distribution():
    events = points(np.concatenate([people(300, 1), trouble(20)]))
    controls = points(people())
    asymptotic = dual_density(events, controls, area=AREA, bandwidth_m=500, cell_m=200)
    simulated = dual_density(
        events, controls, area=AREA, bandwidth_m=500, cell_m=200, simulations=199, rng=3
    )
    known = ~np.isnan(asymptotic.z)
    assert np.abs(asymptotic.p_high - simulated.p_high)[known].mean() < 0.05
    assert np.nanmin(simulated.p_high) == 1 / 200
    again = dual_density(
        events, controls, area=AREA, bandwidth_m=500, cell_m=200, simulations=199, rng=3
    )
    np.testing.assert_array_equal(simulated.p_high, again.p_high)
    np.testing.assert_array_equal(simulated.log_ratio, asymptotic.log_ratio)


def test_a_person_is_a_person_whether_listed_or_counted():
    xy = np.repeat(people(200), 3, axis=0)
    events = points(people(100, 1))
    listed = dual_density(events, points(xy), area=AREA, bandwidth_m=400)
    counted = dual_density(
        events, points(xy[::3], weight=np.full(len(xy) // 3, 3.0)), area=AREA, bandwidth_m=400
    )
    np.testing.assert_allclose(counted.z, listed.z, atol=1e-9)
    np.testing.assert_allclose(counted.log_ratio, listed.log_ratio, atol=1e-9)


def test_where_there_are_people_and_no_events_it_is_low_not_unknown():
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 3000, (4000, 2))
    events = xy[:800][np.hypot(*(xy[:800] - (1000, 2000)).T) > 500]
    found = dual_density(points(events), points(xy[800:]), area=AREA, bandwidth_m=300)
    low = found.tolerance([0.01])
    assert low[low["kind"] == "low"].geometry.item().contains(MIDDLE)
    row, column = np.divmod(found.grid.index([[MIDDLE.x, MIDDLE.y]])[0], found.grid.shape[1])
    assert found.log_ratio[row, column] == -np.inf
    assert found.z[row, column] < -3


def test_where_hardly_anyone_is_nothing_is_claimed():
    events, controls = points([[100, 100], [150, 100]]), points([[120, 90]])
    found = dual_density(events, controls, area=AREA, bandwidth_m=200)
    assert np.isnan(found.z).all()
    assert np.isnan(found.log_ratio[-1, -1])
    assert len(found.tolerance()) == 0


def test_nothing_and_mistakes_are_told():
    some, none = points(people()), points(np.empty((0, 2)))
    with pytest.raises(NothingFoundError):
        dual_density(none, some)
    with pytest.raises(NothingFoundError):
        dual_density(some, none)
    with pytest.raises(NothingFoundError, match="Ingen av"):
        dual_density(some, points(people() + 90_000), area=AREA)
    with pytest.raises(CRSError, match="olika koordinatsystem"):
        dual_density(some, points(people(), crs=3007))
    with pytest.raises(InvalidInputError, match="Bandbredden"):
        dual_density(some, some, bandwidth_m=-1)
    with pytest.raises(InvalidInputError, match="simulations ska vara ett heltal"):
        dual_density(some, some, simulations=-1)
    halves = points(people(), weight=np.full(len(people()), 0.5))
    with pytest.raises(InvalidInputError, match="heltal"):
        dual_density(some, halves, simulations=9)
    with pytest.raises(InvalidInputError, match="grid eller area"):
        dual_density(some, some, area=AREA, grid=Grid(*CORNER, 100, np.ones((9, 9), dtype=bool)))
    with pytest.raises(InvalidInputError, match="Nivån"):
        dual_density(some, some, bandwidth_m=300).tolerance([0.7])

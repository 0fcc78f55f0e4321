from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.integrate import quad
from scipy.special import j0
from scipy.stats import binomtest, false_discovery_control

from riskmiljo.analysis.change import count_change, density_change
from riskmiljo.analysis.density import density
from riskmiljo.analysis.kernels import KERNELS, squared_kernel
from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.geo.grid import Grid

CORNER = np.array([645_000.0, 6_636_000.0])
BEFORE = ("2025-01-06", "2025-01-20")  # two weeks
AFTER = ("2025-02-03", "2025-03-03")  # four weeks
PERIODS = {"before": BEFORE, "after": AFTER}


def incidents(before, after, crs=3006, **columns):
    xy = np.concatenate([np.reshape(before, (-1, 2)), np.reshape(after, (-1, 2))]) + CORNER
    times = [
        pd.date_range(start, periods=len(points), freq="1min", tz="UTC")
        for points, start in ((before, "2025-01-10"), (after, "2025-02-10"))
    ]
    stamps = times[0].append(times[1]).as_unit("us")
    return points_frame({"occurred_from": stamps, **columns}, xy[:, 0], xy[:, 1], crs)


def even(n, seed):
    return np.random.default_rng(seed).uniform(0, 2000, (n, 2))


def gathered(n, seed, middle=(625, 1375)):
    return np.random.default_rng(seed).normal(middle, 60, (n, 2))


def test_the_test_of_a_cell_is_the_exact_one_of_two_poisson_rates():
    found = count_change(
        incidents(even(600, 0), np.concatenate([even(1200, 1), gathered(80, 2)])), **PERIODS
    )
    assert found["before"].sum() == 600
    assert found["after"].sum() == 1280
    assert found.attrs["before"] == "2025-01-06/2025-01-20"
    for _, row in found.iloc[::5].iterrows():
        x, y = int(row["before"]), int(row["after"])
        fewer = binomtest(y, x + y, 2 / 3, alternative="less").pvalue
        more = binomtest(y, x + y, 2 / 3, alternative="greater").pvalue
        assert row["p"] == pytest.approx(min(1, 2 * min(fewer, more)))
        assert row["difference"] == pytest.approx(y / 4 - x / 2)
        assert row["error"] == pytest.approx(np.sqrt(y / 16 + x / 4))
        assert row["lower"] < row["difference"] < row["upper"]
    judged = found["q"].notna()
    np.testing.assert_allclose(found["q"][judged], false_discovery_control(found["p"][judged]))


def test_a_cell_that_rose_is_found_and_no_other():
    found = count_change(
        incidents(even(600, 0), np.concatenate([even(1200, 1), gathered(80, 2)])), **PERIODS
    )
    rising = found[found["significant"]]
    assert (rising["verdict"] == "rising").all()
    assert rising.intersects(shapely.Point(*(CORNER + (625, 1375)))).any()  # noqa: RUF005
    assert len(rising) <= 3
    back = count_change(
        incidents(np.concatenate([even(1200, 1), gathered(80, 2)]), even(600, 0)), **PERIODS
    )
    assert "falling" in set(back["verdict"])


def test_without_change_hardly_anything_is_claimed_at_any_lengths_of_the_periods():
    claimed = [
        count_change(incidents(even(500, s), even(1000, s + 99)), **PERIODS)["significant"].mean()
        for s in range(10)
    ]
    assert np.mean(claimed) < 0.01


def test_cells_with_few_incidents_are_not_judged():
    found = count_change(incidents(even(5, 0), []), **PERIODS)
    assert set(found["verdict"]) == {"few"}
    assert found["q"].isna().all()
    assert not found["significant"].any()


def test_a_radius_gathers_the_neighbours_and_the_study_area_cuts():
    frame = incidents(even(400, 0), even(400, 1))
    grid = Grid(*CORNER, 500, np.ones((4, 4), dtype=bool), frame.crs)
    grid.mask[:, 3] = False
    plain = count_change(frame, **PERIODS, grid=grid)
    wide = count_change(frame, **PERIODS, grid=grid, radius_m=500)
    assert len(plain) == len(wide) == 12
    table = plain["before"].to_numpy().reshape(4, 3)
    assert (
        wide["before"].iloc[4]
        == table[1, 1] + table[0, 1] + table[2, 1] + table[1, 0] + table[1, 2]
    )
    assert wide["before"].iloc[2] == table[0, 2] + table[1, 2] + table[0, 1]


def test_overlapping_periods_empty_ones_and_mistakes_are_told():
    frame = incidents(even(50, 0), even(50, 1))
    for call in (count_change, density_change):
        with pytest.raises(InvalidInputError, match="överlappar"):
            call(frame, before=("2025-01-01", "2025-02-01"), after=("2025-01-31", "2025-03-01"))
        with pytest.raises(InvalidInputError, match="överlappar"):
            call(frame, before=BEFORE, after=BEFORE)
        with pytest.raises(NothingFoundError):
            call(frame, before=("2020-01-01", "2020-02-01"), after=("2021-01-01", "2021-02-01"))
        with pytest.raises(NothingFoundError, match="Ingen av 100"):
            call(frame, **PERIODS, grid=Grid(0, 0, 100, np.ones((3, 3), dtype=bool)))
        with pytest.raises(CRSError):
            call(incidents(even(5, 0), even(5, 1), crs=3857), **PERIODS)
    # One may follow the other without a gap, and the later one may be named first.
    count_change(frame, before=("2025-01-06", "2025-02-01"), after=("2025-02-01", "2025-03-01"))
    turned = count_change(frame, before=AFTER, after=BEFORE)
    straight = count_change(frame, **PERIODS)
    np.testing.assert_array_equal(turned["difference"], -straight["difference"])
    with pytest.raises(InvalidInputError, match="Bandbredden"):
        density_change(frame, **PERIODS, bandwidth_m=-3)
    with pytest.raises(InvalidInputError, match="falska larm"):
        count_change(frame, **PERIODS, fdr=0)


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_density_changes_by_the_difference_of_the_two_densities(kernel):
    frame = incidents(even(300, 0), gathered(200, 1))
    area = shapely.affinity.translate(shapely.box(0, 0, 2000, 2000), *CORNER)
    found = density_change(frame, **PERIODS, area=area, bandwidth_m=150, kernel=kernel)
    early, late = (
        density(frame, period=p, area=area, bandwidth_m=150, kernel=kernel).values
        for p in (BEFORE, AFTER)
    )
    np.testing.assert_allclose(found.difference, late - early, atol=1e-9 * late.max())


def test_the_error_of_the_change_is_that_of_simulated_poisson_points():
    # The truth: even rates, 25 a week on 4 km².
    area = shapely.affinity.translate(shapely.box(0, 0, 2000, 2000), *CORNER)
    rng = np.random.default_rng(0)
    found = [
        density_change(
            incidents(
                even(rng.poisson(300), int(rng.integers(1e9))),
                even(rng.poisson(600), int(rng.integers(1e9))),
            ),
            **PERIODS,
            area=area,
            cell_m=100,
            bandwidth_m=400,
        )
        for _ in range(70)
    ]
    differences = np.array([f.difference for f in found])
    errors = np.array([f.error for f in found])
    for cell in ((0, 0), (0, 10), (10, 10)):
        spread = differences[:, *cell].std()
        assert errors[:, *cell].mean() == pytest.approx(spread, rel=0.25)
    assert np.array([f.z for f in found]).std() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("bandwidth_m", "number"), [(150.0, 100_000), (400.0, 20_000)])
def test_the_error_of_many_places_is_that_of_the_sum_over_each(bandwidth_m, number):
    # All off their cells' centres by as much, where transforms err the most: and the root of a
    # small variance errs by more than the variance.
    area = shapely.affinity.translate(shapely.box(0, 0, 4000, 4000), *CORNER)
    rng = np.random.default_rng(5)
    offset = np.array([20.0, 12.5]) + rng.uniform(-0.01, 0.01, (number, 2))
    xy = rng.integers(20, 60, (number, 2)) * 50 + offset + CORNER
    stamps = pd.Series([pd.Timestamp("2025-02-10", tz="UTC")] * number).dt.as_unit("us")
    frame = points_frame({"occurred_from": stamps}, xy[:, 0], xy[:, 1], 3006)
    found = density_change(frame, **PERIODS, area=area, bandwidth_m=bandwidth_m)
    weeks = 4
    cells = rng.choice(np.flatnonzero(found.error.ravel() > 0), 60, replace=False)
    centres = found.grid.centres[cells]
    away = np.clip(((centres[:, None, :] - xy[None]) ** 2).sum(axis=2) / bandwidth_m**2, 0, 1)
    kernel = 3 / (np.pi * bandwidth_m**2) * (1 - away) ** 2
    exact = np.sqrt((kernel**2).sum(axis=1)) * 10_000 / weeks
    assert np.abs(found.error.ravel()[cells] - exact).max() < 1e-3 * found.error.max()


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_square_of_a_kernel_is_what_it_is_said_to_be(kernel):
    roughness, shape, relative = squared_kernel(KERNELS[kernel])
    u = np.linspace(0, 4, 33)
    square = roughness * shape.profile((u / relative) ** 2) / relative**2
    np.testing.assert_allclose(KERNELS[kernel].profile(u**2) ** 2, square, atol=1e-15)
    k = np.array([0.5, 2.0, 6.0])
    for at, value in zip(k, shape.spectrum(k), strict=True):
        expected, _ = quad(
            lambda r, at=at: 2 * np.pi * r * j0(at * r) * shape.profile(np.array(r**2)), 0, 8,
            limit=200,
        )  # fmt: skip
        assert value == pytest.approx(expected, abs=1e-8)

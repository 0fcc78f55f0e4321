"""Every public function on the inputs that break others: one clear sentence, or a right answer."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import shapely

import riskmiljo as rm
from riskmiljo.errors import RiskmiljoError
from riskmiljo.geo.crs import coordinates, points_frame

NOW = "2026-04-01"
HOME = (648_000.0, 6_638_000.0)
AREA = shapely.box(647_000, 6_637_000, 649_000, 6_639_000)
FAR = shapely.box(700_000, 6_700_000, 701_000, 6_701_000)
AUTUMN, WINTER = ("2025-08-01", "2025-12-01"), ("2025-12-01", "2026-04-01")


def frame(xy, **columns):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    start = pd.Timestamp("2025-08-02 10:00", tz="UTC")
    times = pd.Series(start + pd.to_timedelta(np.arange(len(xy)) * 241 % 240, unit="D"))
    times = times.astype("datetime64[us, UTC]")
    return points_frame({"occurred_from": times, **columns}, xy[:, 0], xy[:, 1], 3006)


def ordinary(number=240, seed=1):
    rng = np.random.default_rng(seed)
    half = number // 2
    spots = rng.normal(HOME, 60, (half, 2))
    return np.round(np.concatenate([spots, rng.uniform(-900, 900, (number - half, 2)) + HOME]))


INPUTS = {
    "none": frame(np.zeros((0, 2))),
    "one": frame([HOME]),
    "one address": frame([HOME] * 60),
    "on a line": frame(np.column_stack([HOME[0] + 17.0 * np.arange(60), np.full(60, HOME[1])])),
    "NaN weights": frame(ordinary(), weight=np.where(np.arange(240) == 7, np.nan, 1.0)),
    "negative weights": frame(ordinary(), weight=np.where(np.arange(240) == 7, -1.0, 1.0)),
    "no coordinates": frame(np.where(np.arange(480).reshape(-1, 2) == 14, np.nan, ordinary())),
}
CASES = {
    "density": rm.density,
    "adaptive density": lambda i: rm.density(i, adaptive=True),
    "density in an area": lambda i: rm.density(i, area=AREA),
    "likelihood": lambda i: rm.density(i, bandwidth_m="likelihood"),
    "dual density": lambda i: rm.dual_density(i, frame(ordinary(seed=2))),
    "dual density of all": lambda i: rm.dual_density(frame(ordinary(seed=2)), i),
    "density change": lambda i: rm.density_change(i, before=AUTUMN, after=WINTER),
    "count change": lambda i: rm.count_change(i, before=AUTUMN, after=WINTER),
    "hot spots": rm.hot_spots,
    "classified": rm.hotspot_classify,
    "scan": lambda i: rm.scan(i, max_radius_m=300, max_days=28, simulations=9),
    "poisson scan": lambda i: rm.scan(
        i, max_radius_m=300, max_days=28, simulations=9, model="poisson"
    ),
    "knox": lambda i: rm.knox(
        coordinates(i), np.arange(len(i)) * 3.0, space_m=[100, 200], time_days=[7, 14],
        permutations=9,
    ),
    "near repeats": lambda i: rm.near_repeat_surface(i, now=NOW, permutations=19),
    "ripley": lambda i: rm.ripley_k(coordinates(i), radii_m=[50, 100], area=AREA, simulations=9),
    "centrography": rm.centrography,
    "median centre": lambda i: rm.median_centre(coordinates(i)),
    "nearest neighbours": lambda i: rm.nearest_neighbour_index(coordinates(i), area_m2=4e6),
    "rhythm": rm.rhythm,
    "months": rm.month_profile,
    "school days": lambda i: rm.school_profile(i, holidays=[("2025-12-20", "2026-01-07")]),
    "two rhythms": lambda i: rm.compare_rhythms(i, frame(ordinary(seed=3)), permutations=19),
    "warning": lambda i: rm.early_warning(i, now=NOW),
    "levels": lambda i: rm.level_changes(i, now=NOW),
    "unit counts": rm.unit_counts,
    "zones": rm.find_zones,
    "clusters": lambda i: rm.cluster(coordinates(i), method="dbscan", eps_m=80, min_weight=10),
    "density clusters": lambda i: rm.cluster(coordinates(i), method="density"),
}  # fmt: skip
# What has no weights, or no places, and is right without them: warnings count plain incidents.
UNWEIGHTED = {
    "knox", "ripley", "median centre", "nearest neighbours", "clusters", "density clusters",
    "warning", "levels",
}  # fmt: skip
PLACELESS = {"rhythm", "months", "school days", "two rhythms", "warning", "levels"}


def numbers(answer):
    """Return every array of numbers in an answer."""
    if isinstance(answer, pd.DataFrame):
        return [answer[name].to_numpy(dtype=float) for name in answer.select_dtypes("number")]
    if isinstance(answer, pd.Series | np.ndarray | float | int):
        values = np.asarray(answer)
        return [values.astype(float)] if values.dtype.kind in "fiu" else []
    if isinstance(answer, tuple | list):
        return [array for one in answer for array in numbers(one)]
    if is_dataclass(answer):
        return [
            array
            for field in fields(answer)
            # Of nothing in a place, the logarithm is infinite: that is said of it.
            if field.name != "log_ratio"
            for array in numbers(getattr(answer, field.name))
        ]
    return []


@pytest.mark.parametrize("given", INPUTS)
@pytest.mark.parametrize("name", CASES)
def test_an_odd_input_has_one_clear_sentence_or_an_answer(name, given):
    incidents = INPUTS[given]
    before = incidents.copy()
    told = None
    try:
        answer = CASES[name](incidents)
    except RiskmiljoError as refusal:
        told = refusal.message
    else:
        assert not any(np.isinf(array).any() for array in numbers(answer))
    refused = told is not None
    assert told is None or (10 < len(told.sv) < 300 and told.sv != told.en)
    pd.testing.assert_frame_equal(pd.DataFrame(incidents), pd.DataFrame(before))
    if given.endswith("weights") and name not in UNWEIGHTED:
        assert refused, "a weight that is none was counted"
    if given == "no coordinates" and name not in PLACELESS:
        assert refused, "an incident that is nowhere was counted"

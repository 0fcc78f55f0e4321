"""Every public function on the inputs that break others: one clear sentence, or a right answer."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import riskmiljo as rm
from riskmiljo.errors import RiskmiljoError
from riskmiljo.geo.crs import coordinates, points_frame
from riskmiljo.geo.grid import Grid

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
    # A grid around these would have a billion cells.
    "one stray at 0, 0": frame(np.concatenate([ordinary(), [[0, 0]]])),
}
SOME = frame(ordinary())
ZONES = rm.find_zones(SOME)
STREETS = rm.Streets.from_lines(
    gpd.GeoDataFrame(
        geometry=[
            shapely.LineString([(HOME[0] + x, HOME[1] + y) for x, y in line])
            for line in ([(-900, 0), (0, 0)], [(0, 0), (900, 0)], [(0, 0), (0, 900)])
        ],
        crs=3006,
    )
)
OPERATION = {"period": ("2026-02-01", "2026-03-01"), "geometry": shapely.Point(HOME).buffer(200)}
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
    "in zones": lambda i: rm.assign_zones(i, ZONES),
    "explained": lambda i: rm.explain_zone(ZONES, ZONES["zone_id"].iloc[0], i),
    "concentration": lambda i: rm.concentration(rm.unit_counts(i)),
    "sure peak": lambda i: rm.sure_peak(i, resamples=19),
    "effect": lambda i: rm.effect(i, OPERATION),
    "street density": lambda i: rm.street_density(i, streets=STREETS),
    "hot streets": lambda i: rm.street_hot_spots(i, streets=STREETS),
}  # fmt: skip
# What has no weights, or no places, and is right without them: warnings count plain incidents.
UNWEIGHTED = {
    "knox", "ripley", "median centre", "nearest neighbours", "clusters", "density clusters",
    "warning", "levels", "in zones", "effect",
}  # fmt: skip
PLACELESS = {
    "rhythm", "months", "school days", "two rhythms", "warning", "levels", "sure peak",
}  # fmt: skip


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
            # Where nothing happens around, how many times more is infinite: that is said of it.
            if field.name not in {"log_ratio", "times_surroundings"}
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


BASELINE = points_frame(
    {"population": [5, 5]}, np.array([700_000, 700_900]), np.array([6_700_000, 6_700_900]), 3006
)
FAR_GRID = Grid.over(gpd.GeoSeries([FAR], crs=3006), 250)
# Where nothing was found the right answer of these is nothing: see below.
MISSED = {
    "density": lambda: rm.density(SOME, area=FAR),
    "adaptive density": lambda: rm.density(SOME, grid=FAR_GRID, adaptive=True),
    "dual density": lambda: rm.dual_density(SOME, SOME, area=FAR),
    "density change": lambda: rm.density_change(SOME, before=AUTUMN, after=WINTER, area=FAR),
    "count change": lambda: rm.count_change(SOME, before=AUTUMN, after=WINTER, grid=FAR_GRID),
    "hot spots": lambda: rm.hot_spots(SOME, grid=FAR_GRID),
    "classified": lambda: rm.hotspot_classify(SOME, grid=FAR_GRID),
    "scan": lambda: rm.scan(
        SOME, model="poisson", baseline=BASELINE, max_radius_m=300, max_days=7, simulations=9
    ),
    "ripley": lambda: rm.ripley_k(coordinates(SOME), radii_m=[100], area=FAR),
    "concentration": lambda: rm.concentration(rm.unit_counts(SOME, FAR_GRID)),
    "explained": lambda: rm.explain_zone(
        ZONES.set_geometry(ZONES.translate(60_000, 0)), ZONES["zone_id"].iloc[0], SOME
    ),
    "effect": lambda: rm.effect(SOME, {**OPERATION, "geometry": FAR}),
    "street density": lambda: rm.street_density(
        SOME.set_geometry(SOME.translate(60_000, 0)), streets=STREETS
    ),
}


@pytest.mark.parametrize("name", MISSED)
def test_an_area_that_misses_the_data_is_said_to(name):
    with pytest.raises(RiskmiljoError, match=r"ligger|inga|utanför"):
        MISSED[name]()


def test_where_nothing_happened_nothing_is_counted():
    assert rm.unit_counts(SOME, FAR_GRID).sum() == 0
    surface = rm.near_repeat_surface(SOME, now=NOW, grid=FAR_GRID, permutations=9)
    assert (surface.values == 1).all()
    assert surface.counts.sum() == 0
    assert rm.assign_zones(SOME, ZONES.set_geometry(ZONES.translate(60_000, 0))).isna().all()


@pytest.mark.parametrize("change", [rm.density_change, rm.count_change])
@pytest.mark.parametrize(
    "periods", [(WINTER, WINTER), (("2025-08-01", "2025-12-02"), WINTER), (WINTER, AUTUMN[::-1])]
)
def test_periods_that_overlap_or_run_backwards_are_refused(change, periods):
    with pytest.raises(RiskmiljoError, match=r"överlappar|efter dess början"):
        change(SOME, before=periods[0], after=periods[1])


XY = coordinates(SOME)
DAYS = np.arange(float(len(XY)))
# What must be more than nothing; what may be nothing; and what must be a whole number besides.
POSITIVE = {
    "density, bandwidth": lambda v: rm.density(SOME, bandwidth_m=v),
    "density, cell": lambda v: rm.density(SOME, cell_m=v),
    "dual density, bandwidth": lambda v: rm.dual_density(SOME, SOME, bandwidth_m=v),
    "dual density, cell": lambda v: rm.dual_density(SOME, SOME, cell_m=v),
    "density change, bandwidth": lambda v: rm.density_change(
        SOME, before=AUTUMN, after=WINTER, bandwidth_m=v
    ),
    "count change, cell": lambda v: rm.count_change(SOME, before=AUTUMN, after=WINTER, cell_m=v),
    "hot spots, cell": lambda v: rm.hot_spots(SOME, cell_m=v),
    "hot spots, rate": lambda v: rm.hot_spots(SOME, fdr=v),
    "classified, cell": lambda v: rm.hotspot_classify(SOME, cell_m=v),
    "classified, days": lambda v: rm.hotspot_classify(SOME, slice_days=v),
    "scan, radius": lambda v: rm.scan(SOME, max_radius_m=v, max_days=7),
    "scan, days": lambda v: rm.scan(SOME, max_radius_m=100, max_days=v),
    "scan, most": lambda v: rm.scan(SOME, max_radius_m=100, max_days=7, most=v),
    "knox, metres": lambda v: rm.knox(XY, DAYS, space_m=[v], time_days=[7]),
    "knox, days": lambda v: rm.knox(XY, DAYS, space_m=[100], time_days=[v]),
    "knox, permutations": lambda v: rm.knox(XY, DAYS, space_m=[100], time_days=[7], permutations=v),
    "near repeats, cell": lambda v: rm.near_repeat_surface(SOME, now=NOW, cell_m=v),
    "ripley, radius": lambda v: rm.ripley_k(XY, radii_m=[v], area=AREA),
    "nearest neighbours, area": lambda v: rm.nearest_neighbour_index(XY, area_m2=v),
    "two rhythms, permutations": lambda v: rm.compare_rhythms(SOME, SOME, permutations=v),
    "sure peak, resamples": lambda v: rm.sure_peak(SOME, resamples=v),
    "levels, weeks": lambda v: rm.level_changes(SOME, now=NOW, min_weeks=v),
    "stretches": lambda v: rm.change_points(np.arange(9), min_length=v),
    "warning, rate": lambda v: rm.early_warning(SOME, now=NOW, fdr=v),
    "stable tops": lambda v: rm.top_stability([[1, 2], [2, 1]], top=v),
    "zones, bandwidth": lambda v: rm.find_zones(SOME, bandwidth_m=v),
    "zones, levels": lambda v: rm.find_zones(SOME, levels=v),
    "dbscan, eps": lambda v: rm.cluster(XY, eps_m=v),
    "dbscan, weight": lambda v: rm.cluster(XY, min_weight=v),
    "hdbscan, size": lambda v: rm.cluster(XY, method="hdbscan", min_cluster_size=v),
    "density clusters, bandwidth": lambda v: rm.cluster(XY, method="density", bandwidth_m=v),
    "street density, bandwidth": lambda v: rm.street_density(SOME, streets=STREETS, bandwidth_m=v),
}
NOT_NEGATIVE = {
    "hot spots, radius": lambda v: rm.hot_spots(SOME, radius_m=v),
    "classified, radius": lambda v: rm.hotspot_classify(SOME, radius_m=v),
    "classified, slices back": lambda v: rm.hotspot_classify(SOME, slices_back=v),
    "count change, radius": lambda v: rm.count_change(
        SOME, before=AUTUMN, after=WINTER, radius_m=v
    ),
    "gi star": lambda v: rm.gi_star(np.eye(5), radius_cells=v),
    "local moran": lambda v: rm.local_moran(np.eye(5), radius_cells=v),
    "dual density, simulations": lambda v: rm.dual_density(SOME, SOME, simulations=v),
    "ripley, simulations": lambda v: rm.ripley_k(
        XY, radii_m=[100], area=AREA, simulations=v
    ),
    "unit counts, reach": lambda v: rm.unit_counts(SOME, STREETS.edges, reach_m=v),
    "concentration": lambda v: rm.concentration([1, v]),
    "change points": lambda v: rm.change_points([1, 2, 3, 4, v]),
    "zones, incidents": lambda v: rm.find_zones(SOME, min_incidents=v),
    "zones, days": lambda v: rm.find_zones(SOME, min_days=v),
    "zones, bootstraps": lambda v: rm.find_zones(SOME, bootstraps=v),
    "explained, fewest": lambda v: rm.explain_zone(
        ZONES, ZONES["zone_id"].iloc[0], SOME, fewest=v
    ),
    "effect, ring": lambda v: rm.effect(SOME, OPERATION, buffer_m=v),
    "hot streets, reach": lambda v: rm.street_hot_spots(SOME, streets=STREETS, reach_m=v),
}  # fmt: skip


@pytest.mark.parametrize("name", [*POSITIVE, *NOT_NEGATIVE])
def test_a_length_rate_or_number_below_its_least_is_refused(name):
    for value in (-100, np.nan, np.inf, *([0] if name in POSITIVE else [])):
        with pytest.raises(RiskmiljoError) as refusal:
            {**POSITIVE, **NOT_NEGATIVE}[name](value)
        assert 10 < len(refusal.value.message.sv) < 300


def test_a_fraction_is_no_number_of_times():
    for name in (
        "scan, days", "knox, permutations", "stretches", "classified, slices back",
        "dual density, simulations", "ripley, simulations", "zones, bootstraps",
    ):  # fmt: skip
        with pytest.raises(RiskmiljoError, match="heltal"):
            {**POSITIVE, **NOT_NEGATIVE}[name](2.5)


def test_a_time_zone_that_is_none_is_refused():
    for ask in (rm.density, rm.rhythm, rm.find_zones, rm.month_profile, rm.hotspot_classify):
        with pytest.raises(RiskmiljoError, match="Mars/Olympus"):
            ask(SOME, tz="Mars/Olympus")


# --- arguments of another kind than what is asked for

SHIFT = rm.Shift.parse("2026-04-03 18:00/02:00")
STOPS = rm.candidate_stops(ZONES, shift=SHIFT)
PLAN = rm.plan_routes(STOPS, streets=None, shift=SHIFT, teams=1, start=HOME, seconds=0.01)
NO_NUMBERS = (
    "x", "", [], ["x"], {}, (1, 2), True, np.nan, np.inf, pd.NA, 1j, 10**400, shapely.Point(HOME),
    pd.DataFrame({"a": [1]}), np.zeros((2, 2)),
)  # fmt: skip
NO_LISTS = ("x", ["x"], [[1], [1, 2]], [None, {}], {}, object(), 1j, [10**400], pd.NA)
NO_CHOICES = (7, "x", [], {}, np.zeros(2), pd.NA, pd.DataFrame({"a": [1]}))
NO_OBJECTS = (7, "x", ["x"], {"a": 1}, np.zeros(2), pd.NA, pd.DataFrame({"a": [1]}))
# In a list True is 1.
IN_LISTS = {"knox, metres", "knox, days", "ripley, radius", "concentration", "change points"}
KINDS = {
    "a number": (NO_NUMBERS, {
        **{name: ask for name, ask in {**POSITIVE, **NOT_NEGATIVE}.items() if name not in IN_LISTS},
        "nearest neighbours, perimeter": lambda v: rm.nearest_neighbour_index(
            XY, area_m2=4e6, perimeter_m=v
        ),
        "penalty": lambda v: rm.change_points(np.arange(9), penalty=v),
        "dispersion": lambda v: rm.change_points(np.arange(9), dispersion=v),
        "two rhythms, part": lambda v: rm.compare_rhythms(SOME, SOME, block_h=v, permutations=9),
        "near repeats, p": lambda v: rm.near_repeat_surface(
            SOME, now=NOW, most_p=v, permutations=9
        ),
        "segments, snap": lambda v: rm.street_units(STREETS, snap_m=v),
        "stops, most": lambda v: rm.candidate_stops(ZONES, shift=SHIFT, most=v),
        "posts, minutes": lambda v: rm.standing_posts(ZONES, posts=1, minutes=v),
        "posts, backup": lambda v: rm.standing_posts(ZONES, posts=1, minutes=5, backup=v),
        **{
            f"routes, {name}": lambda v, name=name: rm.plan_routes(
                STOPS, streets=None, shift=SHIFT, teams=1, start=HOME, **{name: v}
            )
            for name in ("dwell_min", "revisit_gap_min", "seconds", "pause_min", "spread")
        },
    }),
    "a list of numbers": (NO_LISTS, {
        "adjusted": rm.adjusted_p,
        "autocorrelation": lambda v: rm.autocorrelation(np.eye(5), radius_cells=v),
        "gi star": lambda v: rm.gi_star(v, radius_cells=1),
        "mask": lambda v: rm.gi_star(np.eye(5), radius_cells=1, mask=v),
        "counts": rm.change_points,
        "exposure": lambda v: rm.change_points(np.arange(9), exposure=v),
        "concentration": rm.concentration,
        "stable tops": rm.top_stability,
        "bands": lambda v: rm.knox(XY, DAYS, space_m=v, time_days=[7]),
        "radii": lambda v: rm.ripley_k(XY, radii_m=v, area=AREA),
        "points": rm.cluster,
        "weights of visits": lambda v: rm.plan_routes(
            STOPS, streets=None, shift=SHIFT, teams=1, start=HOME, discounts=v
        ),
        "prizes": lambda v: rm.team_orienteering([(0, 0), (1, 0)], v, teams=1, budget=9),
    }),
    "a choice": (NO_CHOICES, {
        "kernel": lambda v: rm.density(SOME, kernel=v),
        "ellipse": lambda v: rm.centrography(SOME, correction=v),
        "method of clusters": lambda v: rm.cluster(XY, method=v),
        "method of zones": lambda v: rm.find_zones(SOME, method=v),
        "edge correction": lambda v: rm.ripley_k(XY, radii_m=[100], area=AREA, correction=v),
        "model": lambda v: rm.scan(SOME, model=v, max_radius_m=100, max_days=7),
        "split": lambda v: rm.street_density(SOME, streets=STREETS, split=v),
        "mode": lambda v: rm.plan_routes(
            STOPS, streets=None, shift=SHIFT, teams=1, start=HOME, mode=v
        ),
        "zone": lambda v: rm.explain_zone(ZONES, v, SOME),
    }),
    "an object": (NO_OBJECTS, {
        "classified incidents": rm.hotspot_classify,
        "rhythm of": rm.rhythm,
        "rhythm beside": lambda v: rm.compare_rhythms(SOME, v),
        "explained incidents": lambda v: rm.explain_zone(ZONES, ZONES["zone_id"].iloc[0], v),
        "labels": lambda v: rm.rhythm(SOME, by=v),
        "labels of weeks": lambda v: rm.early_warning(SOME, v, now=NOW),
        "near repeats, grid": lambda v: rm.near_repeat_surface(SOME, now=NOW, grid=v),
        "near repeats, knox": lambda v: rm.near_repeat_surface(SOME, now=NOW, knox_result=v),
        "ripley, area": lambda v: rm.ripley_k(XY, radii_m=[100], area=v),
        "former zones": lambda v: rm.find_zones(SOME, previous=v),
        "drawn zones": lambda v: rm.find_zones(SOME, drawn=v),
        "stops, shift": lambda v: rm.candidate_stops(ZONES, shift=v),
        **{
            f"stops, {name}": lambda v, name=name: rm.candidate_stops(
                ZONES, shift=SHIFT, **{name: v}
            )
            for name in ("rhythm", "streets", "surface", "places")
        },
        "stops, own": lambda v: rm.candidate_stops(ZONES, shift=SHIFT, own=[v]),
        "routes, stops": lambda v: rm.plan_routes(
            v, streets=None, shift=SHIFT, teams=1, start=HOME
        ),
        "routes, shift": lambda v: rm.plan_routes(
            STOPS, streets=None, shift=v, teams=1, start=HOME
        ),
        "routes, streets": lambda v: rm.plan_routes(
            STOPS, streets=v, shift=SHIFT, teams=1, start=HOME
        ),
        "a new plan": lambda v: rm.replan_routes(v, STOPS, streets=None, now=SHIFT.period.start),
        "a new plan, now": lambda v: rm.replan_routes(PLAN, STOPS, streets=None, now=v),
        "areas, shift": lambda v: rm.patrol_areas(ZONES, teams=1, shift=v),
        "areas, streets": lambda v: rm.patrol_areas(ZONES, teams=1, streets=v),
        "areas, keep": lambda v: rm.patrol_areas(ZONES, teams=1, keep=v),
        "areas, barriers": lambda v: rm.patrol_areas(ZONES, teams=1, barriers=v),
        "segments": rm.street_units,
        "street density": lambda v: rm.street_density(SOME, streets=v),
        "partners": lambda v: rm.Operation("a", AUTUMN, AREA, outcomes=v),
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, (_, asked) in KINDS.items() for name in asked]
)
def test_what_is_not_what_is_asked_for_is_refused_in_a_sentence(kind, name):
    values, asked = KINDS[kind]
    for value in values:
        with pytest.raises(RiskmiljoError) as refusal:
            asked[name](value)
        told = refusal.value.message
        assert told.sv != told.en, value
        assert told.en.endswith("."), told.en

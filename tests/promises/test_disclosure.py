"""The joint picture tells no small count and no place of an incident: an attacker tries.

What the attacker knows: every released band of every release, every page, and which of the withheld
counts are below the minimum, which is more than anybody is told. What counts as recovered: an exact
count of 1 to 4 (1 to 9 where the data are sensitive) that follows for certain.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import lil_array, vstack

from riskmiljo.access.lens import OWN_DATA, demo_lens, lens_of
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.settings import Settings
from riskmiljo.situation import (
    build_situation,
    coming_forecast,
    forecast_record,
    map_layers,
    refresh_zones,
    zone_history,
    zone_warnings,
)
from riskmiljo.situation.release_audit import system_of, withhold_more
from riskmiljo.situation.release_cells import cell_of
from riskmiljo.situation.release_margins import (
    CATEGORY,
    DAYPART,
    DETECTION,
    GROUP_OF,
    GROUPS,
    VALUES,
    floor_of,
    labels,
    upper_of,
)
from riskmiljo.situation.released import released_answer
from riskmiljo.situation.releases import make_release, release_due
from riskmiljo.situation.source import seen_incidents
from riskmiljo.store import open_store

TZ = "Europe/Stockholm"
NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=31)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="module")
def known(joint_city):
    """What had happened when the release was made."""
    return joint_city.known


@pytest.fixture(scope="module")
def store(released_path):
    with open_store(f"sqlite:///{released_path}") as made:
        yield made


@pytest.fixture(scope="module")
def lens(settings):
    return lens_of(Role.PLANNER, settings)


# --- the bands themselves


def truth_of(known, store):
    """Return every true count of a released period: key to number, for each owner and cell."""
    labelled = labels(known, tz=TZ)
    cells, periods = store.releases.cells(), store.releases.periods()
    at = labelled["at"]
    truth = {}
    for owners, of_owner in periods.groupby("owners"):
        mine = (labelled["owners"] == owners).to_numpy()
        own_cells = cells[cells["owners"] == owners].reset_index(drop=True)
        cell = cell_of(coordinates(known)[mine], own_cells)
        assert (cell >= 0).all()
        corner = own_cells[["x0", "y0"]].to_numpy()[cell]
        for begins, ends in zip(of_owner["begins"], of_owner["ends"], strict=True):
            inside = ((at[mine] >= begins) & (at[mine] < ends)).to_numpy()
            rows = labelled[mine][inside].assign(x0=corner[inside, 0], y0=corner[inside, 1])
            for margin, values in VALUES.items():
                counted = rows[rows[margin].isin(values)].groupby(["x0", "y0", margin])
                for (x0, y0, value), part in counted:
                    truth[owners, x0, y0, begins, ends, margin, value] = (
                        len(part),
                        part["place"].nunique(),
                        part["day"].nunique(),
                    )
    return truth


@pytest.fixture(scope="module")
def truth(known, store):
    return truth_of(known, store)


def test_every_released_band_holds_its_count_and_meets_the_minimum_counts(store, truth, settings):
    rows = store.releases.rows()
    assert len(rows) > 300
    for row in rows.itertuples(index=False):
        key = (row.owners, row.x0, row.y0, row.begins, row.ends, row.margin, row.value)
        number, places, days = truth[key]
        assert row.low <= number <= upper_of(row.low)
        assert number >= floor_of(row.owners, settings)
        assert places >= settings.min_places
        assert days >= settings.min_days
    assert set(rows["low"]) <= {5, 10, 20, 50, 100}
    assert not ((rows["owners"] == "sensitive") & (rows["low"] < settings.min_sensitive)).any()
    assert not (rows["value"] == "sexual_offence").any()


def test_cells_are_fixed_squares_that_never_overlap(store):
    cells = store.releases.cells()
    least = {"police": 250, "municipality": 250, "sensitive": 500}
    for owners, mine in cells.groupby("owners"):
        assert set(mine["side_m"]) <= {250, 500, 1000}
        assert mine["side_m"].min() >= least[owners]
        assert (mine["x0"] % mine["side_m"] == 0).all()
        assert (mine["y0"] % mine["side_m"] == 0).all()
        area = mine["side_m"].astype(float) ** 2
        union = np.unique(
            np.concatenate(
                [
                    [(x + dx, y + dy) for dx in range(0, s, 250) for dy in range(0, s, 250)]
                    for x, y, s in mine[["x0", "y0", "side_m"]].itertuples(index=False)
                ]
            ),
            axis=0,
        )
        assert len(union) * 250.0**2 == area.sum()


def spans_of(store, owners):
    """Return the released periods of a group of owners, the months first."""
    periods = store.releases.periods()
    return sorted(
        {(b, e) for o, b, e in periods.itertuples(index=False) if o == owners},
        key=lambda one: (one[1] - one[0], one[0]),
    )


def matrix_of(sums, width):
    matrix = lil_array((len(sums), width))
    for row, parts in enumerate(sums):
        for part, weight in parts:
            matrix[row, part] = weight
    return matrix.tocsr()


def programme(store, truth, settings, owners, x0, y0):
    """Write all bands of a cell as inequalities of one table of months by categories and parts.

    Written apart from the program's own audit, with other unknowns: categories by month.
    """
    spans = spans_of(store, owners)
    months = [one for one in spans if (one[1] - one[0]).days < 32]
    by_year = (CATEGORY, DAYPART, DETECTION)
    values = {**VALUES, CATEGORY: tuple(CATEGORIES)}
    names = [
        (n, margin, v) for n in range(len(months)) for margin in by_year for v in values[margin]
    ]
    index = {name: number for number, name in enumerate(names)}
    bands = store.releases.rows()
    mine = bands[(bands["owners"] == owners) & (bands["x0"] == x0) & (bands["y0"] == y0)]
    told = dict(
        zip(mine[["begins", "ends", "margin", "value"]].itertuples(index=False, name=None),
            mine["low"], strict=True)
    )  # fmt: skip
    keys = [
        (*span, margin, value)
        for span in spans
        for margin, those in VALUES.items()
        for value in those
        if span not in months or margin not in by_year
    ]
    floor = floor_of(owners, settings)
    sums, bounds, known = [], [], []
    for begins, ends, margin, value in keys:
        inside = [n for n, month in enumerate(months) if begins <= month[0] and month[1] <= ends]
        part = margin if margin in by_year else CATEGORY
        group = GROUPS.get(value, tuple(CATEGORIES))
        words = (value,) if margin in by_year else group
        sums.append([(index[n, part, word], 1) for n in inside for word in words])
        number = truth.get((owners, x0, y0, begins, ends, margin, value), (0,))[0]
        known.append(number)
        shown = told.get((begins, ends, margin, value))
        hidden = (0, floor - 1 if number < floor else np.inf)
        bounds.append(hidden if shown is None else (shown, upper_of(shown)))
    equal = [
        [(index[n, CATEGORY, word], 1) for word in CATEGORIES]
        + [(index[n, margin, value], -1) for value in VALUES[margin]]
        for n in range(len(months))
        for margin in (DAYPART, DETECTION)
    ]
    low, high = np.array(bounds, dtype=float).T
    width = len(index)
    return list(zip(keys, known, strict=True)), (
        matrix_of(sums, width), low, high, matrix_of(equal, width)
    )  # fmt: skip


def extremes(target, matrix, low, high, equal):
    """Return the least and the greatest that all bands let a sum of unknowns be."""
    ends = np.isfinite(high)
    found = []
    for sign in (1, -1):
        solved = linprog(
            sign * target,
            A_ub=vstack([-matrix, matrix[ends]]),
            b_ub=np.concatenate([-low, high[ends]]),
            A_eq=equal,
            b_eq=np.zeros(equal.shape[0]),
            method="highs",
        )
        # 3: without limit.
        assert solved.status in (0, 3)
        found.append(sign * solved.fun if solved.status == 0 else -sign * -np.inf)
    return found[0], found[1]


def test_all_bands_together_determine_no_small_count(store, truth, settings):
    rng = np.random.default_rng(1)
    cells = store.releases.rows()[["owners", "x0", "y0"]].value_counts()
    tried = 0
    # The cells with the most bands, where most can be reckoned, and some others.
    chosen = [*cells.index[:6], *rng.permutation(np.array(cells.index[6:], dtype=object))[:4]]
    for owners, x0, y0 in chosen:
        keys, system = programme(store, truth, settings, owners, x0, y0)
        floor = floor_of(owners, settings)
        small = [n for n, (_, number) in enumerate(keys) if 1 <= number < floor]
        for row in rng.permutation(small)[:8]:
            target = system[0][[row]].toarray().ravel()
            least, most = extremes(target, *system)
            assert np.ceil(least - 1e-6) < np.floor(most + 1e-6), keys[row]
            tried += 1
    assert tried > 50


def counts_of(system, by_group, by_category):
    """Return the counts of one cell: everything in the first month, on one evening, reported."""
    counts = dict.fromkeys(system.keys, 0)
    whole = sum(by_group.values())
    for length in (1, 12):
        counts[0, length, "all", ""] = whole
        for group, number in by_group.items():
            counts[0, length, "group", group] = number
    for word, number in by_category.items():
        counts[0, 12, CATEGORY, word] = number
    counts[0, 12, DAYPART, "fri-sat 18"] = counts[0, 12, DETECTION, "reported"] = whole
    return np.array([counts[key] for key in system.keys])


def test_a_band_that_would_give_another_away_is_withheld():
    system = system_of(12, [0], 12)
    words = {group: held[0] for group, held in GROUPS.items()}
    # Four in each of five groups, and a year of 20 in the band 20 to 49: 20 is the most that the
    # withheld may be together, so that each of them would be known to be four.
    counts = counts_of(system, dict.fromkeys(GROUPS, 4), dict.fromkeys(words.values(), 4))
    told = np.full(len(counts), np.nan)
    year = system.keys.index((0, 12, "all", ""))
    told[year] = 20
    assert np.isnan(withhold_more(system, counts, told, floor=5)).all()
    # With nine more of one kind the sum leaves room, and both bands stand.
    more = {**dict.fromkeys(GROUPS, 4), "drugs": 13}
    counts = counts_of(system, more, {words[group]: number for group, number in more.items()})
    told[system.keys.index((0, 12, "group", "drugs"))] = 10
    assert np.isfinite(withhold_more(system, counts, told, floor=5)).sum() == 2


def test_an_authority_that_takes_its_own_away_finds_no_count_of_anothers():
    system = system_of(12, [0], 12)
    keys = {key: number for number, key in enumerate(system.keys)}
    month, year = keys[0, 1, "all", ""], keys[0, 12, "all", ""]
    # A month of ten of which one is social, in a year of nineteen: the police have nine of the
    # month, so that another's must be there, and eighteen of the year, so that it is but one.
    counts = counts_of(system, {"violence": 10}, {"violence": 10})
    counts[[year, keys[0, 12, "group", "violence"], keys[0, 12, CATEGORY, "violence"]]] = 19
    own = np.maximum(counts - 1, 0)
    told = np.full(len(counts), np.nan)
    told[[month, year]] = 10
    assert np.isfinite(withhold_more(system, counts, told, floor=10)).sum() == 2
    kept = withhold_more(system, counts, told, floor=10, known=[own, counts - own])
    assert np.isfinite(kept).sum() == 1
    # Of a year of fifteen the others may be up to five: both may stand.
    counts[year], own[year] = 15, 14
    kept = withhold_more(system, counts, told, floor=10, known=[own, counts - own])
    assert np.isfinite(kept).sum() == 2
    # What was told before stays, and the new one gives way; told before both, nothing is left.
    counts[year], own[year] = 19, 18
    fixed = np.arange(len(counts)) == month
    kept = withhold_more(system, counts, told, floor=10, fixed=fixed, known=[own])
    assert np.flatnonzero(np.isfinite(kept)).tolist() == [month]


# --- differencing


def random_filters(store, rng, number):
    """Return filters of every kind that the joint picture answers."""
    months = sorted({
        (b, e) for _, b, e in store.releases.periods().itertuples(index=False)
        if (e - b).days < 32
    })  # fmt: skip
    found = []
    while len(found) < number:
        first, last = sorted(rng.integers(0, len(months), 2))
        period = Period(months[first][0].to_pydatetime(), months[last][1].to_pydatetime())
        asked = Filter(period=None if rng.random() < 0.3 else period)
        kind = rng.integers(5)
        if kind == 0:
            count = int(rng.integers(1, 4))
            words = set(rng.choice(list(CATEGORIES), count, replace=False))
            asked = replace(asked, categories=tuple(w for w in CATEGORIES if w in words))
        elif kind == 1:
            group = str(rng.choice(list(GROUPS)))
            asked = replace(asked, categories=tuple(w for w in CATEGORIES if GROUP_OF[w] == group))
        elif kind == 2:
            asked = replace(asked, detections=(str(rng.choice(VALUES[DETECTION])),))
        elif kind == 3:
            start = int(rng.integers(24))
            asked = replace(asked, hours=(start, int(start + rng.integers(1, 12)) % 24))
            if rng.random() < 0.5:
                asked = replace(asked, weekdays=(int(rng.integers(1, 8)),))
        found.append(asked)
    return found


def test_ten_thousand_pairs_of_filters_recover_nothing_and_the_same_attack_works_without_it(
    store, known, settings
):
    rng = np.random.default_rng(2)
    answered = []
    for asked in random_filters(store, rng, 120):
        try:
            cells = released_answer(store, asked).cells
        except NothingFoundError:
            continue
        bounds = cells.groupby(["owners", "x0", "y0"])[["low", "high"]].sum()
        answered.append(bounds)
    assert len(answered) > 80
    names = pd.MultiIndex.from_tuples(sorted({key for one in answered for key in one.index}))
    low = np.array([one["low"].reindex(names, fill_value=0) for one in answered])
    # Where nothing is told, any number may be.
    high = np.array([one["high"].reindex(names, fill_value=np.inf) for one in answered])
    pairs = rng.integers(0, len(answered), (10_000, 2))
    least = np.maximum(low[pairs[:, 0]] - high[pairs[:, 1]], 0)
    most = high[pairs[:, 0]] - low[pairs[:, 1]]
    certain = np.isfinite(most) & (least == most) & (most >= 1)
    assert not certain.any()
    # The control: the same differences of counts that are not released are exact.
    xy = np.floor(coordinates(known) / 250).astype(int)
    square = pd.Series([f"{x} {y}" for x, y in xy])
    everyone = demo_lens(settings)
    exact = 0
    for first in range(1, 28, 3):
        span = [Period.between(f"2026-04-{day:02d}", "2026-05-01") for day in (first, first + 1)]
        counts = []
        for period in span:
            rows = seen_incidents(store, Filter(period=period), everyone)
            there = np.floor(coordinates(rows) / 250).astype(int)
            counts.append(pd.Series([f"{x} {y}" for x, y in there]).value_counts())
        difference = counts[0].sub(counts[1], fill_value=0)
        exact += int(((difference >= 1) & (difference <= 4)).sum())
    assert exact > 30
    assert square.nunique() > 100


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_the_same_joint_picture(store, settings, role):
    asked = lens_of(role, settings, scope="joint")
    assert asked.scope == "joint"
    made = seen_incidents(store, Filter(), asked)
    pd.testing.assert_frame_equal(
        made, seen_incidents(store, Filter(), lens_of(Role.PLANNER, settings))
    )


# --- release after release


def test_a_later_release_adds_months_and_counts_nothing_anew(
    tmp_path, store, joint_city, settings, lens
):
    incidents = joint_city.incidents
    late = incidents[
        (incidents["registered_at"] >= NOW) & (incidents["registered_at"] < LATER)
    ].reset_index(drop=True)
    shutil.copy(store.url.removeprefix("sqlite:///"), tmp_path / "s.sqlite")
    with open_store(f"sqlite:///{tmp_path}/s.sqlite") as copy:
        rows = copy.releases.rows()
        joint_city.add(copy, joint_city.late(), "1", NOW)
        # A refresh within the month releases nothing more, and counts nothing anew.
        assert not release_due(copy, now=NOW + timedelta(days=6), settings=settings)
        assert release_due(copy, now=NOW + timedelta(days=8), settings=settings)
        made = make_release(copy, settings, now=NOW + timedelta(days=8))
        assert (made.months, made.rows) == (0, 0)
        former = build_situation(copy, settings, lens, Filter(), now=NOW).zones
        called = {zone_id: f"Trakt {n}" for n, zone_id in enumerate(former["zone_id"])}
        for zone_id, name in called.items():
            copy.releases.name_zone(zone_id, name, now=NOW)
        joint_city.add(copy, late, "2", LATER)
        made = make_release(copy, settings, now=LATER)
        assert made.months == 1
        after = copy.releases.rows()
        latest = build_situation(copy, settings, lens, Filter(), now=LATER).zones
    # A name stays with its ground, whatever square is at the top now.
    for row in latest.itertuples():
        shared = former.geometry.intersection(row.geometry).area / former.geometry.area
        assert row.name == called.get(row.zone_id, row.name)
        if shared.max() > 0.5:
            assert row.name.startswith("Trakt ")
    assert latest["name"].str.startswith("Trakt ").any()
    keys = ["owners", "x0", "y0", "begins", "ends", "margin", "value"]
    both = rows.merge(after, on=keys, how="left", suffixes=("", "_after"))
    assert (both["low"] == both["low_after"]).all()
    told = set(zip(rows["begins"], rows["ends"], strict=True))
    new = after[[one not in told for one in zip(after["begins"], after["ends"], strict=True)]]
    assert len(new) + len(rows) == len(after)
    assert set(new["ends"]) == {pd.Timestamp("2026-06-01", tz=TZ).tz_convert("UTC")}


def test_outlines_run_along_the_fixed_grid_and_no_micro_place_is_made(store, settings, lens):
    situation = build_situation(store, settings, lens, Filter(), now=NOW)
    assert len(situation.zones) > 2
    assert situation.micro_places.empty
    for shape in situation.zones.geometry:
        assert np.all(np.asarray(shape.exterior.coords) % 250 == 0)
    assert situation.surface.bandwidth_m >= 250
    drawn = map_layers(situation, settings)
    zones = next(layer for layer in drawn["layers"] if layer["id"] == "zones")
    bands = [one["properties"]["band"]["sv"] for one in zones["features"]]
    assert all("–" in band or band.endswith("+") for band in bands)


def test_what_was_not_released_is_refused_in_a_sentence(store, lens):
    for asked in (
        Filter(sources=("police",)),
        Filter(bbox=(17.6, 59.8, 17.7, 59.9)),
        Filter(categories=("narcotics",), hours=(18, 2)),
        Filter(categories=("narcotics",), detections=("reported",)),
    ):
        with pytest.raises(InvalidInputError) as refused:
            seen_incidents(store, asked, lens)
        assert not any(sign.isdigit() for sign in refused.value.message.sv)
    with pytest.raises(NothingFoundError, match=r"täcker 1 \w+ 20\d\d till \d+ \w+ 20\d\d\. Välj"):
        seen_incidents(store, Filter(period=Period.between("2019-01-01", "2019-02-01")), lens)


def test_terms_are_widened_to_fixed_parts_and_say_so(store):
    whole = released_answer(store, Filter(period=Period.between("2026-03-09", "2026-03-12")))
    assert whole.period == Period.between("2026-03-01", "2026-04-01")
    assert whole.notes[0].sv.endswith(": 1 mars 2026 till 31 mars 2026.")
    assert whole.notes[0].en.endswith(": 1 March 2026 to 31 March 2026.")
    night = released_answer(store, Filter(weekdays=(5,), hours=(22, 2)))
    assert night.chosen == ("fri-sat 18", "fri-sat 00")
    offence = released_answer(store, Filter(categories=("sexual_offence",)))
    assert (offence.term, offence.chosen) == ("group", ("violence",))


# --- what was kept, and whose


def test_what_was_computed_from_incidents_does_not_reach_the_joint_picture(store, settings, lens):
    refresh_zones(store, settings, now=NOW)
    kept = store.zones()
    situation = build_situation(store, settings, lens, Filter(), now=NOW)
    assert not set(kept.geometry.to_wkt()) & set(situation.zones.geometry.to_wkt())
    for ask in (
        lambda: zone_warnings(store, settings, lens, Filter(), now=NOW),
        lambda: coming_forecast(store, settings, lens, Filter(), now=NOW),
        lambda: zone_history(store, lens),
    ):
        with pytest.raises(NothingFoundError):
            ask()
    assert forecast_record(store, lens) is None


def test_each_authority_sees_its_own_incidents_and_never_the_others(store, settings):
    for role, owners in OWN_DATA.items():
        own = seen_incidents(store, Filter(), lens_of(role, settings))
        assert set(own["owner"].astype(str)) == set(owners)
    assert (
        not seen_incidents(store, Filter(), lens_of(Role.PLANNER, settings))["incident_id"]
        .isin(seen_incidents(store, Filter(), demo_lens(settings))["incident_id"])
        .any()
    )


def test_without_a_release_the_joint_picture_says_how_to_get_one(joint_city, settings, lens):
    path = joint_city.made("osläppt.sqlite", joint_city.known[:50], release=False)
    with (
        open_store(f"sqlite:///{path}") as store,
        pytest.raises(NothingFoundError, match="riskmiljo release"),
    ):
        build_situation(store, settings, lens, Filter(), now=NOW)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from riskmiljo.zones.persistence import basins, merge


def rough(seed, shape=(18, 23)):
    field = np.random.default_rng(seed).gamma(1.0, size=shape)
    return ndimage.gaussian_filter(field, 1.2)


def climbed(field, row, column):
    """Steepest ascent, one step at a time."""
    while True:
        best = max(
            (
                (field[y, x], y * field.shape[1] + x, y, x)
                for y in range(max(0, row - 1), min(field.shape[0], row + 2))
                for x in range(max(0, column - 1), min(field.shape[1], column + 2))
            ),
        )
        if (best[2], best[3]) == (row, column):
            return row * field.shape[1] + column
        row, column = best[2], best[3]


def by_flooding(field, floor, is_dip):
    """Union-find over single cells from the highest down: the textbook way."""
    nx = field.shape[1]
    order = sorted(np.flatnonzero(field > floor), key=lambda c: (-field.ravel()[c], -c))
    parent, survivors = {}, set()

    def root(cell):
        while parent[cell] != cell:
            cell = parent[cell]
        return cell

    for cell in order:
        row, column = divmod(cell, nx)
        roots = {
            root(y * nx + x)
            for y in range(max(0, row - 1), min(field.shape[0], row + 2))
            for x in range(max(0, column - 1), min(nx, column + 2))
            if y * nx + x in parent
        }
        parent[cell] = cell
        if not roots:
            survivors.add(cell)
            continue
        highest, *lower = sorted(roots, key=lambda c: (-field.ravel()[c], -c))
        parent[cell] = highest
        for top in lower:
            if top in survivors and not is_dip(top, cell):
                survivors.discard(top)
            parent[top] = highest
    return survivors


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_each_cell_belongs_to_the_top_that_steepest_ascent_reaches(seed):
    field = rough(seed)
    found = basins(field, 0.0)
    for row in range(field.shape[0]):
        for column in range(field.shape[1]):
            assert found.tops[found.labels[row, column]] == climbed(field, row, column)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), depth=st.floats(0.0, 0.6))
def test_the_tops_that_persist_are_those_of_flooding_cell_by_cell(seed, depth):
    field = rough(seed)
    flat = field.ravel()

    def is_dip(top, saddle):
        return flat[top] - flat[saddle] >= depth

    found = merge(field, basins(field, 0.3), is_dip)
    assert set(found.tops.tolist()) == by_flooding(field, 0.3, is_dip)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000), depth=st.floats(0.0, 0.6))
def test_a_merged_basin_hangs_together_and_holds_its_top(seed, depth):
    field = rough(seed)
    flat = field.ravel()
    found = merge(field, basins(field, 0.2), lambda top, at: flat[top] - flat[at] >= depth)
    for number, top in enumerate(found.tops):
        inside = found.labels == number
        _, parts = ndimage.label(inside, structure=np.ones((3, 3)))
        assert parts == 1
        assert found.labels.ravel()[top] == number
    assert ((found.labels >= 0) == (field > 0.2)).all()


def test_a_level_stretch_has_one_top():
    field = np.ones((5, 6))
    assert len(basins(field, 0.0).tops) == 1


def test_without_any_dip_each_island_keeps_one_top():
    field = np.zeros((5, 11))
    field[1:4, 1:4] = [[1, 2, 1], [2, 5, 2], [1, 2, 1]]
    field[1:4, 7:10] = [[1, 2, 1], [2, 3, 2], [1, 2, 1]]
    found = merge(field, basins(field, 0.5), lambda _top, _at: False)
    assert field.ravel()[found.tops].tolist() == [5, 3]


@pytest.mark.parametrize("floor", [10.0, 1e9])
def test_a_floor_above_everything_leaves_no_top(floor):
    found = basins(rough(1), floor)
    assert len(found.tops) == 0
    assert len(merge(rough(1), found, lambda _top, _at: True).tops) == 0

"""Significant cells through a lens: fixed cells, and no small count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskmiljo.access.lens import demo_lens
from riskmiljo.analysis.hot_spots import hot_spots
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.situation.spots import CELL_M, significant_cells


def test_cells_lie_fast_and_small_counts_are_not_shown(store, settings):
    lens = demo_lens(settings)
    found = significant_cells(store, settings, lens, Filter())
    assert set(found["kind"]) <= {"hot", "cold"}
    assert (found.bounds[["minx", "miny"]] % CELL_M == 0).all().all()
    counts = found["count"].dropna().astype(int)
    assert len(counts) > 0
    assert counts.min() >= lens.min_incidents
    assert found["count"].isna().any() or (found["count"] >= lens.min_incidents).all()
    assert found["gi_z"].is_monotonic_decreasing


def test_a_cell_holds_the_incidents_that_lie_in_it(store, settings):
    found = significant_cells(store, settings, demo_lens(settings), Filter())
    incidents = store.incidents(Filter(period=found.attrs["period"]))
    for row in found.dropna(subset=["count"]).head(5).itertuples():
        west, south, east, north = row.geometry.bounds
        inside = (
            (incidents.geometry.x >= west)
            & (incidents.geometry.x < east)
            & (incidents.geometry.y >= south)
            & (incidents.geometry.y < north)
        )
        assert int(inside.sum()) == row.count
    free = hot_spots(incidents, cell_m=CELL_M, radius_m=360)
    assert free["significant"].any()
    assert pd.notna(found["q"]).all()
    assert np.all(found["q"] <= 0.05)


def test_nothing_that_stands_out_is_an_answer_of_its_own(store, settings):
    with pytest.raises(NothingFoundError, match="Inga händelser"):
        significant_cells(
            store, settings, demo_lens(settings), Filter(bbox=(17.9, 59.95, 17.91, 59.96))
        )

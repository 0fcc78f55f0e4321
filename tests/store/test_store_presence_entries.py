"""Presence that was noted or taken in by mistake is taken out again, and maps are left alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import points_frame
from riskmiljo.model.role import Role
from riskmiljo.store.audit_log import AuditQuestion


def stays(begins, n=1, *, crew="police", source="checked_in", x=648_000.25):
    row = {
        "begins": pd.Series([pd.Timestamp(begins)] * n),
        "ends": pd.Series([pd.Timestamp(begins + timedelta(minutes=12))] * n),
        "minutes": [12.0] * n,
        "crew_kind": [crew] * n,
        "source": [source] * n,
    }
    return points_frame(row, np.full(n, x), np.full(n, 6_638_000.5), 3006)


def acts(store, word):
    return [row.detail for row in store.audit_log.rows(AuditQuestion(act=word), most=100)]


def test_a_file_of_presence_is_taken_out_as_a_whole_and_the_log_keeps_both(store, now):
    store.add_presence(stays(now, 3, source="imported"), now=now)
    store.add_presence(stays(now + timedelta(hours=1)), now=now)
    latest, file = store.presence_entries.latest()
    assert (file.rows, file.crew_kinds, file.sources) == (3, ("police",), ("imported",))
    assert (latest.rows, latest.begins - now) == (1, timedelta(hours=1))
    assert store.presence_entries.undo(file.entry_id, now=now) == 3
    assert len(store.presence()) == 1
    assert store.presence_entries.latest() == (latest,)
    assert acts(store, "presence")[-1] == {"added": 3, "entry": file.entry_id}
    assert acts(store, "presence_undo") == [{"removed": 3, "entry": file.entry_id}]
    for gone in (file.entry_id, 999):
        with pytest.raises(NothingFoundError, match="redan borttagen"):
            store.presence_entries.undo(gone, now=now)
    assert store.verify_audit() == []


def test_a_stay_is_taken_out_once_and_no_other_with_it(store, now):
    for seconds, crew in ((0, "police"), (1, "police"), (0, "outreach")):
        store.add_presence(stays(now + timedelta(seconds=seconds), crew=crew), now=now)
    store.add_presence(stays(now, x=648_002.0), now=now)
    store.add_presence(stays(now, source="imported"), now=now)
    spot = {"crew_kind": "police", "x": 648_000.3, "y": 6_638_000.2}
    assert store.presence_entries.undo_stay(begins=now, **spot, now=now) == 1
    assert store.presence_entries.undo_stay(begins=now, **spot, now=now) == 0
    assert len(store.presence()) == 4
    assert len(acts(store, "presence_undo")) == 1


def test_visits_answers_shares_and_results_leave_what_maps_rest_on_alone(store, now, make, add):
    add(store, make(5))
    before, maps = store.version(), store.map_version()
    store.add_presence(stays(now), now=now)
    moved = [store.version()]
    store.presence_entries.undo_stay(
        begins=now, crew_kind="police", x=648_000.25, y=6_638_000.5, now=now
    )
    moved.append(store.version())
    store.plan_shares.remove(1, Role.PARTNER, now=now)
    moved.append(store.version())
    store.results.add("backtest", parameters={}, body={}, now=now)
    moved.append(store.version())
    assert len({before, *moved}) == 5
    assert store.map_version() == maps
    add(store, make(5, seed=2, first=50), name="b.csv")
    assert store.map_version() != maps

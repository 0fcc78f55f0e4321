"""The map says how much is known where, and says so where no presence is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.model.filters import Filter
from riskmiljo.model.role import Role
from riskmiljo.situation import add_presence, build_situation, map_layers
from riskmiljo.situation.knowledge import KNOWLEDGE_CELL_M, NO_PRESENCE, presence_cells
from riskmiljo.situation.patrolling import told_presence
from riskmiljo.situation.source import seen_presence
from riskmiljo.situation.tonight import presence_lately

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def seen(store, settings):
    return build_situation(store, settings, demo_lens(settings), Filter(), now=NOW)


def test_without_presence_it_is_said_and_no_layer_is_drawn(fresh_store, settings):
    situation = seen(fresh_store, settings)
    assert situation.presence is None
    assert NO_PRESENCE in situation.notes
    layers = [one["id"] for one in map_layers(situation, settings)["layers"]]
    assert "knowledge" not in layers


def test_hours_of_the_period_lie_in_their_cells(fresh_store, settings, city):
    add_presence(fresh_store, city.presence, now=NOW)
    situation = seen(fresh_store, settings)
    assert NO_PRESENCE not in situation.notes
    cells, period = situation.presence, situation.period
    begins = city.presence["begins"]
    west, south, east, north = cells.total_bounds
    there = city.presence.geometry
    counted = (begins >= period.start) & (begins < period.end)
    counted &= there.x.between(west, east) & there.y.between(south, north)
    hours = city.presence.loc[counted, "minutes"].sum() / 60 / period.days * 365.25
    assert cells["hours_per_year"].sum() == pytest.approx(hours)
    assert cells.geometry.area.to_numpy() == pytest.approx(KNOWLEDGE_CELL_M**2)
    # Places that nobody is known to have visited are drawn, not left out.
    assert (cells["hours_per_year"] == 0).any()
    payload = map_layers(situation, settings)
    layer = next(one for one in payload["layers"] if one["id"] == "knowledge")
    assert layer["label"] == {"sv": "Kunskapsläge", "en": "State of knowledge"}
    assert len(layer["features"]) >= 3


def test_a_visit_moves_the_presence_of_a_map_and_none_of_its_zones(fresh_store, settings, city):
    add_presence(fresh_store, city.presence, now=NOW)
    before = seen(fresh_store, settings)
    visit = city.presence.iloc[[-1]].assign(minutes=600.0)
    for name in ("begins", "ends"):
        visit[name] = before.period.end - pd.Timedelta(days=1)
    assert add_presence(fresh_store, visit.reset_index(drop=True), now=NOW) == (1, 0)
    after = seen(fresh_store, settings)
    assert after is not before
    assert after.version != before.version
    assert after.zones is before.zones
    more = (after.presence["hours_per_year"] - before.presence["hours_per_year"]).sum()
    assert more == pytest.approx(10 / before.period.days * 365.25)
    assert seen(fresh_store, settings) is after


def test_the_joint_picture_shows_no_presence(fresh_store, settings, city):
    add_presence(fresh_store, city.presence, now=NOW)
    situation = seen(fresh_store, settings)
    joint = replace(demo_lens(settings), scope="joint")
    assert presence_cells(fresh_store, joint, situation.surface, situation.period) is None
    assert presence_cells(fresh_store, demo_lens(settings), None, situation.period) is None


def test_presence_is_told_to_those_whose_crews_they_are(fresh_store, settings, city):
    add_presence(fresh_store, city.presence, now=NOW)
    situation = seen(fresh_store, settings)
    own = city.presence["crew_kind"].astype(str)
    before = (own == "police") & (city.presence["begins"] < NOW)
    latest = city.presence.geometry[before].iloc[-1]
    told = {}
    for role, kinds in ((Role.POLICE, ["police"]), (Role.OUTREACH, ["outreach", "night_walkers"])):
        lens = lens_of(role, settings)
        rows = seen_presence(fresh_store, lens)
        assert 0 < len(rows) == own.isin(kinds).sum() < len(own)
        lately = presence_lately(fresh_store, lens, now=NOW)
        assert set(lately["crew_kind"]) <= set(kinds)
        stops = told_presence(
            gpd.GeoDataFrame(geometry=[latest], crs=city.presence.crs),
            fresh_store, lens, until=NOW,
        )  # fmt: skip
        cells = presence_cells(fresh_store, lens, situation.surface, situation.period)
        told[role] = (cells["hours_per_year"].sum(), stops["presence_min"].iloc[0])
    whole = presence_cells(fresh_store, demo_lens(settings), situation.surface, situation.period)
    every = whole["hours_per_year"].sum()
    assert sum(hours for hours, _ in told.values()) == pytest.approx(every)
    assert min(hours for hours, _ in told.values()) > 0
    assert len({minutes for _, minutes in told.values()}) == 2
    joint = lens_of(Role.PLANNER, settings)
    assert presence_lately(fresh_store, joint, now=NOW) is None
    assert seen_presence(fresh_store, joint).empty

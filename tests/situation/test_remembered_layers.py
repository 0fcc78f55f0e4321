"""What many plans are drawn on is made once: for one lens and filter, and for nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from riskmiljo.access.lens import demo_lens
from riskmiljo.maps import payload
from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.situation import add_presence, build_situation, map_layers

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MADE = ("basemap_layer", "density_layer", "heat_layer", "knowledge_layer")


def counted(monkeypatch):
    """Count how often each costly layer is made."""
    times = dict.fromkeys(MADE, 0)

    def counting(name):
        make = getattr(payload, name)

        def made(*given, **options):
            times[name] += 1
            return make(*given, **options)

        return made

    for name in MADE:
        monkeypatch.setattr(payload, name, counting(name))
    return times


def layers(situation, settings):
    return {one["id"]: one for one in map_layers(situation, settings)["layers"]}


def test_another_shift_is_drawn_on_the_same_ground(fresh_store, settings, city, monkeypatch):
    add_presence(fresh_store, city.presence, now=NOW)
    times = counted(monkeypatch)
    drawn = []
    for shift, teams in (("2026-05-08 18:00/02:00", 3), ("2026-05-09 14:00/22:00", 2)):
        situation = build_situation(
            fresh_store,
            settings,
            demo_lens(settings),
            Filter(),
            now=NOW,
            shift=Shift.parse(shift),
            teams=teams,
        )
        drawn.append(layers(situation, settings))
    assert times == dict.fromkeys(MADE, 1)
    assert drawn[0]["density"] == drawn[1]["density"]
    assert drawn[0]["areas"] != drawn[1]["areas"]


def test_two_lenses_never_share_a_layer(fresh_store, settings, monkeypatch):
    whole = demo_lens(settings)
    part = replace(whole, owners=frozenset({"social"}))
    times = counted(monkeypatch)
    both = [
        layers(build_situation(fresh_store, settings, lens, Filter(), now=NOW), settings)["density"]
        for lens in (whole, part, whole)
    ]
    assert times["density_layer"] == 2
    assert both[0] == both[2] != both[1]

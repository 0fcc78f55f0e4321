"""What many plans are drawn on is made once: for one lens and filter, and for nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from riskmiljo.access.lens import demo_lens
from riskmiljo.maps import payload
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.situation import add_presence, build_situation, map_layers

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MADE = ("basemap_layer", "density_layer", "heat_layer", "knowledge_layer")
# Half a year is enough to tell lenses and shifts apart, and quicker than the usual year.
HALF = Filter(period=Period.parse("2025-11-01/2026-05-01"))


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


def test_shifts_share_what_they_are_drawn_on_and_lenses_share_nothing(
    fresh_store, settings, city, monkeypatch
):
    add_presence(fresh_store, city.presence, now=NOW)
    times = counted(monkeypatch)

    def layers(lens, shift, teams):
        shift = Shift.parse(shift)
        given = (fresh_store, settings, lens, HALF)
        situation = build_situation(*given, now=NOW, shift=shift, teams=teams)
        return {one["id"]: one for one in map_layers(situation, settings)["layers"]}

    whole = demo_lens(settings)
    evening = layers(whole, "2026-05-08 18:00/02:00", 3)
    day = layers(whole, "2026-05-09 14:00/22:00", 2)
    assert times == dict.fromkeys(MADE, 1)
    assert day["density"] == evening["density"]
    assert day["areas"] != evening["areas"]
    part = layers(replace(whole, owners=frozenset({"social"})), "2026-05-09 14:00/22:00", 2)
    assert times["density_layer"] == times["heat_layer"] == 2
    assert part["density"] != day["density"]

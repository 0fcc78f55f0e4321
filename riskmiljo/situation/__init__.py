"""The situation (lägesbild): everything derived from the incidents for one filter and one lens.

Nothing above this room reads the store for incidents: pages, files and commands ask here, with a
lens, and get only what the lens shows.
"""

from __future__ import annotations

from riskmiljo.situation.build import Situation, build_situation
from riskmiljo.situation.layers import describe, map_layers
from riskmiljo.situation.patrolling import (
    ShiftPlan,
    ShiftRequest,
    plan_shift,
    replan_shift,
    usual_pause,
)
from riskmiljo.situation.periods import data_end, default_period, named_period, zone_of
from riskmiljo.situation.spots import significant_cells
from riskmiljo.situation.standing import changes, refresh_zones

__all__ = [
    "ShiftPlan",
    "ShiftRequest",
    "Situation",
    "build_situation",
    "changes",
    "data_end",
    "default_period",
    "describe",
    "map_layers",
    "named_period",
    "plan_shift",
    "refresh_zones",
    "replan_shift",
    "significant_cells",
    "usual_pause",
    "zone_of",
]

"""riskmiljo maps the places and hours where trouble gathers; ``import riskmiljo as rm``.

The names below are the Python surface: a notebook needs nothing else. They are loaded when first
used, so that ``riskmiljo --help`` does not wait for the geographic libraries.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from riskmiljo.analysis.autocorrelation import autocorrelation as autocorrelation
    from riskmiljo.analysis.calendar_profile import month_profile as month_profile
    from riskmiljo.analysis.calendar_profile import school_profile as school_profile
    from riskmiljo.analysis.centrography import centrography as centrography
    from riskmiljo.analysis.centrography import median_centre as median_centre
    from riskmiljo.analysis.centrography import nearest_neighbour_index as nearest_neighbour_index
    from riskmiljo.analysis.change import count_change as count_change
    from riskmiljo.analysis.change import density_change as density_change
    from riskmiljo.analysis.change_points import change_points as change_points
    from riskmiljo.analysis.change_points import level_changes as level_changes
    from riskmiljo.analysis.compare_rhythms import compare_rhythms as compare_rhythms
    from riskmiljo.analysis.compare_rhythms import sure_peak as sure_peak
    from riskmiljo.analysis.concentration import concentration as concentration
    from riskmiljo.analysis.concentration import top_stability as top_stability
    from riskmiljo.analysis.concentration import unit_counts as unit_counts
    from riskmiljo.analysis.density import density as density
    from riskmiljo.analysis.dual import dual_density as dual_density
    from riskmiljo.analysis.effect import EffectResult as EffectResult
    from riskmiljo.analysis.effect import effect as effect
    from riskmiljo.analysis.emerging import hotspot_classify as hotspot_classify
    from riskmiljo.analysis.false_discovery import adjusted_p as adjusted_p
    from riskmiljo.analysis.hot_spots import hot_spots as hot_spots
    from riskmiljo.analysis.knox import KnoxResult as KnoxResult
    from riskmiljo.analysis.knox import knox as knox
    from riskmiljo.analysis.local_statistics import gi_star as gi_star
    from riskmiljo.analysis.local_statistics import local_moran as local_moran
    from riskmiljo.analysis.near_repeat import near_repeat_surface as near_repeat_surface
    from riskmiljo.analysis.rhythm import rhythm as rhythm
    from riskmiljo.analysis.ripley import ripley_k as ripley_k
    from riskmiljo.analysis.scan import scan as scan
    from riskmiljo.analysis.surface import Surface as Surface
    from riskmiljo.analysis.warning import early_warning as early_warning
    from riskmiljo.errors import RiskmiljoError as RiskmiljoError
    from riskmiljo.forecast.backtest import backtest as backtest
    from riskmiljo.forecast.coming import forecast as forecast
    from riskmiljo.forecast.effort import joint_rate as joint_rate
    from riskmiljo.forecast.effort_table import effort_table as effort_table
    from riskmiljo.forecast.etas import ETAS as ETAS
    from riskmiljo.forecast.exploration import exploratory_units as exploratory_units
    from riskmiljo.forecast.result import Forecast as Forecast
    from riskmiljo.forecast.results import Backtest as Backtest
    from riskmiljo.geo.gazetteer import read_gazetteer as read_gazetteer
    from riskmiljo.geo.grid import Grid as Grid
    from riskmiljo.intake import Intake as Intake
    from riskmiljo.intake import read_incidents as read_incidents
    from riskmiljo.intake import read_presence_file as read_presence_file
    from riskmiljo.model.operation import Operation as Operation
    from riskmiljo.model.plan import Plan as Plan
    from riskmiljo.model.shift import Shift as Shift
    from riskmiljo.patrol.areas import patrol_areas as patrol_areas
    from riskmiljo.patrol.orienteering import Solution as Solution
    from riskmiljo.patrol.orienteering import team_orienteering as team_orienteering
    from riskmiljo.patrol.posts import standing_posts as standing_posts
    from riskmiljo.patrol.replan import replan_routes as replan_routes
    from riskmiljo.patrol.routes import plan_routes as plan_routes
    from riskmiljo.patrol.stops import candidate_stops as candidate_stops
    from riskmiljo.patrol.street_density import street_density as street_density
    from riskmiljo.patrol.street_hot_spots import street_hot_spots as street_hot_spots
    from riskmiljo.patrol.street_units import street_units as street_units
    from riskmiljo.patrol.streets import Streets as Streets
    from riskmiljo.patrol.streets import read_streets as read_streets
    from riskmiljo.patrol.teams import Team as Team
    from riskmiljo.zones import assign_zones as assign_zones
    from riskmiljo.zones import cluster as cluster
    from riskmiljo.zones import find_zones as find_zones
    from riskmiljo.zones.explain import ZoneExplanation as ZoneExplanation
    from riskmiljo.zones.explain import explain_zone as explain_zone

__version__: Final = "0.1.0"

_WHERE: Final[dict[str, str]] = {
    "Backtest": "riskmiljo.forecast.results",
    "ETAS": "riskmiljo.forecast.etas",
    "EffectResult": "riskmiljo.analysis.effect",
    "Forecast": "riskmiljo.forecast.result",
    "Grid": "riskmiljo.geo.grid",
    "Intake": "riskmiljo.intake",
    "KnoxResult": "riskmiljo.analysis.knox",
    "Operation": "riskmiljo.model.operation",
    "Plan": "riskmiljo.model.plan",
    "RiskmiljoError": "riskmiljo.errors",
    "Shift": "riskmiljo.model.shift",
    "Solution": "riskmiljo.patrol.orienteering",
    "Streets": "riskmiljo.patrol.streets",
    "Surface": "riskmiljo.analysis.surface",
    "Team": "riskmiljo.patrol.teams",
    "ZoneExplanation": "riskmiljo.zones.explain",
    "adjusted_p": "riskmiljo.analysis.false_discovery",
    "assign_zones": "riskmiljo.zones",
    "autocorrelation": "riskmiljo.analysis.autocorrelation",
    "backtest": "riskmiljo.forecast.backtest",
    "candidate_stops": "riskmiljo.patrol.stops",
    "centrography": "riskmiljo.analysis.centrography",
    "change_points": "riskmiljo.analysis.change_points",
    "cluster": "riskmiljo.zones",
    "compare_rhythms": "riskmiljo.analysis.compare_rhythms",
    "concentration": "riskmiljo.analysis.concentration",
    "count_change": "riskmiljo.analysis.change",
    "density": "riskmiljo.analysis.density",
    "density_change": "riskmiljo.analysis.change",
    "dual_density": "riskmiljo.analysis.dual",
    "early_warning": "riskmiljo.analysis.warning",
    "effect": "riskmiljo.analysis.effect",
    "effort_table": "riskmiljo.forecast.effort_table",
    "explain_zone": "riskmiljo.zones.explain",
    "exploratory_units": "riskmiljo.forecast.exploration",
    "find_zones": "riskmiljo.zones",
    "forecast": "riskmiljo.forecast.coming",
    "gi_star": "riskmiljo.analysis.local_statistics",
    "hot_spots": "riskmiljo.analysis.hot_spots",
    "hotspot_classify": "riskmiljo.analysis.emerging",
    "joint_rate": "riskmiljo.forecast.effort",
    "knox": "riskmiljo.analysis.knox",
    "level_changes": "riskmiljo.analysis.change_points",
    "local_moran": "riskmiljo.analysis.local_statistics",
    "median_centre": "riskmiljo.analysis.centrography",
    "month_profile": "riskmiljo.analysis.calendar_profile",
    "near_repeat_surface": "riskmiljo.analysis.near_repeat",
    "nearest_neighbour_index": "riskmiljo.analysis.centrography",
    "patrol_areas": "riskmiljo.patrol.areas",
    "plan_routes": "riskmiljo.patrol.routes",
    "read_gazetteer": "riskmiljo.geo.gazetteer",
    "read_incidents": "riskmiljo.intake",
    "read_presence_file": "riskmiljo.intake",
    "read_streets": "riskmiljo.patrol.streets",
    "replan_routes": "riskmiljo.patrol.replan",
    "rhythm": "riskmiljo.analysis.rhythm",
    "ripley_k": "riskmiljo.analysis.ripley",
    "scan": "riskmiljo.analysis.scan",
    "school_profile": "riskmiljo.analysis.calendar_profile",
    "standing_posts": "riskmiljo.patrol.posts",
    "street_density": "riskmiljo.patrol.street_density",
    "street_hot_spots": "riskmiljo.patrol.street_hot_spots",
    "street_units": "riskmiljo.patrol.street_units",
    "sure_peak": "riskmiljo.analysis.compare_rhythms",
    "team_orienteering": "riskmiljo.patrol.orienteering",
    "top_stability": "riskmiljo.analysis.concentration",
    "unit_counts": "riskmiljo.analysis.concentration",
}

__all__ = [  # noqa: PLE0604 - built from the table above, so that the two cannot differ
    "__version__",
    *_WHERE,
]


def __getattr__(name: str) -> Any:
    try:
        module = _WHERE[name]
    except KeyError:
        msg = f"module 'riskmiljo' has no attribute {name!r}"
        raise AttributeError(msg) from None
    return getattr(importlib.import_module(module), name)


def __dir__() -> list[str]:
    return sorted(__all__)

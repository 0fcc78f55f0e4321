"""The situation (lägesbild): everything derived from the incidents for one filter and one lens.

Nothing above this room reads the store for incidents: pages, files and commands ask here, with a
lens, and get only what the lens shows. What rests on the forecast and effect rooms is loaded when
it is first used, so that a page that shows neither does not wait for them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

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

if TYPE_CHECKING:
    from riskmiljo.situation.backtesting import run_backtest as run_backtest
    from riskmiljo.situation.forecasting import ComingForecast as ComingForecast
    from riskmiljo.situation.forecasting import chance_words as chance_words
    from riskmiljo.situation.forecasting import coming_forecast as coming_forecast
    from riskmiljo.situation.forecasting import require_forecasting as require_forecasting
    from riskmiljo.situation.kept_backtests import KeptBacktest as KeptBacktest
    from riskmiljo.situation.kept_backtests import forecast_record as forecast_record
    from riskmiljo.situation.model_choice import KeptChoice as KeptChoice
    from riskmiljo.situation.model_choice import chosen_model as chosen_model
    from riskmiljo.situation.operation_entry import add_operation as add_operation
    from riskmiljo.situation.operations import Evaluation as Evaluation
    from riskmiljo.situation.operations import evaluate as evaluate
    from riskmiljo.situation.operations import evaluation_record as evaluation_record
    from riskmiljo.situation.presence import PresenceShown as PresenceShown
    from riskmiljo.situation.presence import add_presence as add_presence
    from riskmiljo.situation.presence import presence_shown as presence_shown
    from riskmiljo.situation.warning import LatestWeek as LatestWeek
    from riskmiljo.situation.warning import zone_warnings as zone_warnings
    from riskmiljo.situation.zone_story import ZoneStory as ZoneStory
    from riskmiljo.situation.zone_story import story_of_zone as story_of_zone
    from riskmiljo.situation.zone_story import zone_history as zone_history

_WHERE: Final[dict[str, str]] = {
    "ComingForecast": "riskmiljo.situation.forecasting",
    "Evaluation": "riskmiljo.situation.operations",
    "KeptBacktest": "riskmiljo.situation.kept_backtests",
    "KeptChoice": "riskmiljo.situation.model_choice",
    "LatestWeek": "riskmiljo.situation.warning",
    "PresenceShown": "riskmiljo.situation.presence",
    "ZoneStory": "riskmiljo.situation.zone_story",
    "add_operation": "riskmiljo.situation.operation_entry",
    "add_presence": "riskmiljo.situation.presence",
    "chance_words": "riskmiljo.situation.forecasting",
    "chosen_model": "riskmiljo.situation.model_choice",
    "coming_forecast": "riskmiljo.situation.forecasting",
    "evaluate": "riskmiljo.situation.operations",
    "evaluation_record": "riskmiljo.situation.operations",
    "forecast_record": "riskmiljo.situation.kept_backtests",
    "presence_shown": "riskmiljo.situation.presence",
    "require_forecasting": "riskmiljo.situation.forecasting",
    "run_backtest": "riskmiljo.situation.backtesting",
    "story_of_zone": "riskmiljo.situation.zone_story",
    "zone_history": "riskmiljo.situation.zone_story",
    "zone_warnings": "riskmiljo.situation.warning",
}

__all__ = [  # noqa: PLE0604 - the rest is in the table above
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
    *_WHERE,
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        msg = f"module 'riskmiljo.situation' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_WHERE[name]), name)

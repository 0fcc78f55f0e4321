"""How good forecasts would have been on this store's own incidents: run, kept, gone on with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import geopandas as gpd

import riskmiljo
from riskmiljo.access.lens import Lens
from riskmiljo.errors import NothingFoundError
from riskmiljo.forecast.backtest import backtest
from riskmiljo.forecast.choose import BASELINE
from riskmiljo.forecast.coming import known_grid
from riskmiljo.forecast.origins import day_after, origins_that_fit, rolling_periods
from riskmiljo.forecast.results import Backtest
from riskmiljo.geo.grid import Grid
from riskmiljo.model.filters import Filter
from riskmiljo.settings import Settings
from riskmiljo.situation.backtest_state import from_state, state_of
from riskmiljo.situation.forecasting import require_forecasting
from riskmiljo.situation.kept_backtests import KIND, KeptBacktest, kept_backtest
from riskmiljo.situation.model_choice import remember_choice
from riskmiljo.situation.periods import zone_of
from riskmiljo.situation.released import refuse_joint
from riskmiljo.situation.source import other_kinds, seen_incidents
from riskmiljo.store import Store
from riskmiljo.wording import Text

Progress = Callable[[int, int], Any]

# What a run has so far is kept under this name, and emptied when it is done.
PARTIAL: Final = "backtest_partial"
HORIZON_DAYS: Final = 7
ORIGINS: Final = 52
CELL_M: Final = 250.0
_SAVES: Final = 10
_WEEK: Final = timedelta(weeks=1)
_ROW: Final = ("hits_1pct", "hits_5pct", "ceiling_hit_rate_1pct", "ceiling_hit_rate_5pct")


def run_backtest(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    *,
    now: datetime,
    origins: int = ORIGINS,
    horizon_days: int = HORIZON_DAYS,
    cell_m: float = CELL_M,
    models: Sequence[str] = (),
    progress: Progress | None = None,
) -> KeptBacktest:
    """Back-test forecasting models on the store's incidents, and keep the result.

    Parameters
    ----------
    store
        Incidents; the result, and what a broken-off run has so far, are kept there.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents; with a period, only those within it.
    now
        Aware; when the result is made.
    origins
        How many forecasts.
    horizon_days
        Length of each, local days.
    cell_m
        Side of a cell, metres.
    models
        Names of models; none for all. A test of all of them decides the model of the coming month.
    progress
        Told how many forecasts are done, and how many there are.

    Returns
    -------
    KeptBacktest
        What the lens shows of it.

    Raises
    ------
    InvalidInputError
        If forecasts are turned off, an argument cannot be used, or the record is too short.
    NothingFoundError
        If nothing matches, or the lens is the joint one.

    Notes
    -----
    The study area is the cells within 500 m of what was known a week before the first forecast: it
    is fixed before anything is scored. A run of the same terms on the same data goes on where an
    earlier one was broken off. Where certain kinds are asked for, a model may learn from the others
    where things happen at all.
    """
    require_forecasting(settings)
    refuse_joint(lens)
    tz = zone_of(store, settings)
    incidents = seen_incidents(store, question, lens)
    if incidents.empty:
        raise NothingFoundError(
            Text("Inga händelser med detta filter.", "No incidents with this filter.")
        )
    others = other_kinds(store, question, lens)
    area = _study_area(incidents, origins, horizon_days, cell_m, tz)
    asked = {
        "filter": [list(pair) for pair in question.to_query()],
        "owners": sorted(lens.owners),
        "incidents": len(incidents),
        "last": incidents["occurred_from"].max().isoformat(),
        "origins": origins,
        "horizon_days": horizon_days,
        "cell_m": cell_m,
        "models": list(models),
        "others": 0 if others is None else len(others),
        "release": riskmiljo.__version__,
    }
    row_id, made = _begun(store, asked)
    step = max(1, origins // _SAVES)
    while made is None or not made.complete:
        # The first stop comes after one forecast: by then the models' settings have been chosen,
        # which is the longest part of all.
        stop = 1 if made is None else made.done + step
        made = backtest(
            incidents,
            area=area,
            horizon_days=horizon_days,
            origins=origins,
            models=models or None,
            tz=tz,
            resume=made,
            progress=_until(stop, progress),
            others=others,
        )
        if row_id is None:
            row_id = store.results.add(PARTIAL, parameters=asked, body=state_of(made), now=now)
        else:
            store.results.update(row_id, body=state_of(made))
    return _keep(store, lens, question, asked, made, row_id, now=now, of_all=not models)


def _study_area(
    incidents: gpd.GeoDataFrame, origins: int, horizon_days: int, cell_m: float, tz: str
) -> Grid:
    times = incidents["occurred_from"]
    end = day_after(times.max(), tz)
    # Says so where one of the two is less than 1.
    [last] = rolling_periods(end, horizon_days=horizon_days, count=min(origins, 1), tz=tz)
    count = min(origins, origins_that_fit(times.min(), end, horizon_days=horizon_days, tz=tz))
    if count < 1:
        # Too short: the back-test itself says by how much.
        return known_grid(incidents, last.end, cell_m=cell_m)
    first = rolling_periods(end, horizon_days=horizon_days, count=count, tz=tz)[0].start
    # The week before it is left out: the last incident of the area itself may be days earlier.
    return known_grid(incidents, first - _WEEK, cell_m=cell_m)


def _begun(store: Store, asked: dict[str, Any]) -> tuple[int | None, Backtest | None]:
    """Return the row and state of a broken-off run of these terms; empty one of others."""
    row = store.results.latest(PARTIAL)
    if row is None or not row.body:
        return None, None
    if row.parameters == asked:
        return row.result_id, from_state(row.body)
    store.results.update(row.result_id, body={})
    return None, None


def _until(stop: int, progress: Progress | None) -> Callable[[int, int], bool]:
    def told(done: int, total: int) -> bool:
        if progress is not None:
            progress(done, total)
        return done < stop

    return told


def _keep(
    store: Store,
    lens: Lens,
    question: Filter,
    asked: dict[str, Any],
    made: Backtest,
    row_id: int | None,
    *,
    now: datetime,
    of_all: bool,
) -> KeptBacktest:
    choice = made.choose()
    table = made.table
    columns = ["model", "origin", "end", "events", *_ROW]
    body = {
        "models": _records(made.summary().reset_index()),
        "origins": _records(table[columns]),
        "calibration": {
            name: _records(made.calibration(name).reset_index())
            for name in dict.fromkeys((choice.model, BASELINE))
        },
        "choice": {
            "model": choice.model,
            "reason": choice.reason.as_dict(),
            "beats_baseline": choice.beats_baseline,
        },
        "notes": [note.as_dict() for note in made.notes],
        "cells": made.settings["units"][0],
    }
    store.results.add(KIND, parameters=asked, body=body, now=now)
    if row_id is not None:
        store.results.update(row_id, body={})
    if of_all:
        remember_choice(
            store, choice, basis="backtest", now=now, question=question, owners=lens.owners
        )
    kept = store.results.latest(KIND)
    if kept is None:  # pragma: no cover - it was kept two lines above
        raise NothingFoundError(Text("Resultatet är borta.", "The result is gone."))
    return kept_backtest(kept, lens)


def _records(frame: Any) -> list[dict[str, Any]]:
    """Return rows as JSON: times in ISO 8601, what is not a finite number as None."""
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, float):
        return value if abs(value) != float("inf") and value == value else None  # noqa: PLR0124 - NaN
    return value

"""A back-test under way as JSON, so that one that was broken off can go on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.forecast.average import Average
from riskmiljo.forecast.base import Forecaster
from riskmiljo.forecast.choose import Choice
from riskmiljo.forecast.results import Backtest
from riskmiljo.forecast.tune import Tuned, candidates
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

_TIMES: Final = ("origin", "end")


def state_of(made: Backtest) -> dict[str, Any]:
    """Write a back-test down.

    Parameters
    ----------
    made
        With at least one origin done.

    Returns
    -------
    dict
        JSON; `from_state` reads it back. Pile-ups, which are places, are not in it.
    """
    tuned = made.tuned
    return {
        "settings": {**made.settings, "shares": list(made.settings["shares"])},
        "periods": [[span.start.isoformat(), span.end.isoformat()] for span in made.periods],
        "shares": list(made.shares),
        "models": {
            name: {} if name == Average.name else model.get_params()
            for name, model in tuned.models.items()
        },
        "sharpness": tuned.sharpness,
        "members": list(tuned.members),
        "tuning": _frame_state(tuned.table),
        "choice": {
            "model": made.choice.model,
            "reason": made.choice.reason.as_dict(),
            "beats_baseline": made.choice.beats_baseline,
        },
        "notes": [note.as_dict() for note in made.notes],
        "seed": made.seed,
        "rows": _frame_state(made.rows),
        "classes": _frame_state(made.classes),
        "flags": [
            {"shift": shift, "model": name, "cells": {k: _sparse(v) for k, v in flagged.items()}}
            for (shift, name), flagged in made.last_flags.items()
        ],
    }


def from_state(state: dict[str, Any]) -> Backtest:
    """Read a back-test that was written down.

    Parameters
    ----------
    state
        As `state_of` made it.

    Returns
    -------
    Backtest
        To be resumed.
    """
    return Backtest(
        settings={**state["settings"], "shares": tuple(state["settings"]["shares"])},
        periods=tuple(
            Period(datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in state["periods"]
        ),
        shares=tuple(state["shares"]),
        tuned=Tuned(
            _models(state["models"], state["members"], state["seed"]),
            dict(state["sharpness"]),
            _frame(state["tuning"]),
            tuple(state["members"]),
        ),
        choice=Choice(
            state["choice"]["model"],
            _text(state["choice"]["reason"]),
            beats_baseline=state["choice"]["beats_baseline"],
        ),
        notes=tuple(_text(note) for note in state["notes"]),
        pileups=gpd.GeoDataFrame(geometry=[]),
        seed=state["seed"],
        rows=_frame(state["rows"]),
        classes=_frame(state["classes"]),
        last_flags={
            (entry["shift"], entry["model"]): {k: _dense(v) for k, v in entry["cells"].items()}
            for entry in state["flags"]
        },
    )


def _models(
    parameters: dict[str, dict[str, Any]], members: list[str], seed: int
) -> dict[str, Forecaster]:
    known = candidates(seed)
    models: dict[str, Forecaster] = {
        name: type(known[name][0])(**values)
        for name, values in parameters.items()
        if name != Average.name
    }
    if Average.name in parameters:
        models[Average.name] = Average(members=[models[name] for name in members])
    return models


def _text(pair: dict[str, str]) -> Text:
    return Text(pair["sv"], pair["en"])


def _frame_state(frame: pd.DataFrame) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name in frame.columns:
        values = frame[name]
        if name in _TIMES:
            columns[name] = [moment.isoformat() for moment in values]
        elif pd.api.types.is_float_dtype(values):
            # Neither NaN nor infinity is JSON; a deviance can be infinite.
            columns[name] = {"floats": [v if np.isfinite(v) else str(v) for v in values.tolist()]}
        else:
            columns[name] = values.tolist()
    return columns


def _frame(columns: dict[str, Any]) -> pd.DataFrame:
    data: dict[str, Any] = {}
    for name, values in columns.items():
        if name in _TIMES:
            data[name] = pd.to_datetime(values, utc=True, format="ISO8601")
        elif isinstance(values, dict):
            data[name] = np.array([float(v) for v in values["floats"]])
        else:
            data[name] = values
    return pd.DataFrame(data)


def _sparse(flagged: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    at = np.flatnonzero(flagged)
    return {"size": len(flagged), "at": at.tolist(), "share": flagged[at].tolist()}


def _dense(kept: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    flagged = np.zeros(kept["size"])
    flagged[kept["at"]] = kept["share"]
    return flagged

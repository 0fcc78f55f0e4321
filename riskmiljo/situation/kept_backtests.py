"""How good the forecasts have been: the latest kept back-test, as a lens shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.forecast.choose import (
    BASELINE,
    FEWEST_ORIGINS,
    LABELS,
    Choice,
    nothing_better,
    why_better,
)
from riskmiljo.forecast.paired import Estimate
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import TZ
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.store import Store
from riskmiljo.store.results import ResultRow
from riskmiljo.wording import Text

KIND: Final = "backtest"
SHARES: Final = ("1pct", "5pct")
# The share that a model is chosen by.
_TOLD: Final = "5pct"
_TOLD_SHARE: Final = 0.05
_ESTIMATE: Final = ("", "_lower", "_upper", "_diff", "_diff_lower", "_diff_upper")
# What is told of a model, in this order.
MODEL_COLUMNS: Final = (
    "model", "label_sv", "label_en", "settings",
    *(f"hit_rate_{share}{part}" for share in SHARES for part in _ESTIMATE),
    *(f"{name}_{share}" for name in ("pei_star", "ceiling_pei_star", "ceiling_hit_rate")
      for share in SHARES),
    *(f"gain_bits{part}" for part in _ESTIMATE),
    "slope", "coverage",
)  # fmt: skip


@dataclass(frozen=True)
class KeptBacktest:
    """A back-test as a lens shows it.

    Attributes
    ----------
    made_at
        When it was run (UTC).
    parameters
        What it was run with: ``filter``, ``origins``, ``horizon_days``, ``cell_m``, ``models`` and
        what the data were.
    choice
        The model that it favours for the time to come, and why.
    models
        One row a model, the baseline first: `MODEL_COLUMNS`. Hit rates are shares, 0 to 1, with
        95 % intervals and the paired difference to last year's count.
    origins
        One row a forecast of the chosen model, oldest first: ``begins``, ``ends`` (UTC),
        ``events``, ``hit_rate_1pct``, ``hit_rate_5pct``, the same with ``baseline_`` before, and
        ``ceiling_hit_rate_1pct``, ``ceiling_hit_rate_5pct``. Few hits are NaN.
    calibration
        Of the chosen model, ten rows: ``decile``, ``expected``, ``came``; few are NaN.
    forecasts
        How many forecasts were made.
    events
        How many incidents came in them; None where the lens does not show it.
    cells
        Cells of the study area.
    notes
        What a reader must know.
    """

    made_at: datetime
    parameters: dict[str, Any]
    choice: Choice
    models: pd.DataFrame = field(repr=False)
    origins: pd.DataFrame = field(repr=False)
    calibration: pd.DataFrame = field(repr=False)
    forecasts: int
    events: int | None
    cells: int
    notes: tuple[Text, ...]

    @property
    def in_words(self) -> Text:
        """One sentence: the hit rate of the chosen model beside that of last year's count."""
        return self.choice.reason

    @property
    def question(self) -> Filter:
        """Which incidents it was tested on."""
        query: dict[str, list[str]] = {}
        for name, value in self.parameters.get("filter", ()):
            query.setdefault(name, []).append(value)
        return Filter.from_query(query)


def forecast_record(
    store: Store, lens: Lens, *, question: Filter | None = None, weeks: int = 8
) -> KeptBacktest | None:
    """Return how good the forecasts have been.

    Parameters
    ----------
    store
        Where back-tests are kept.
    lens
        What the reader may see.
    question
        Which incidents are forecast; its period is not looked at. None for all.
    weeks
        Of how many of the last weeks the single forecasts are told.

    Returns
    -------
    KeptBacktest or None
        The latest of these incidents, else of all, else of any that the lens shows; its
        ``origins`` those that end within the last weeks of the data. None while there is none.
    """
    rows = [one for one in store.results.all(KIND) if _is_for(one, lens)]
    if not rows:
        return None
    wanted = [pair for pair in (question or Filter()).to_query() if pair[0] not in ("from", "to")]
    # The latest come first, and stay so among equals.
    row = min(rows, key=lambda one: _how_far(one, wanted))
    made = kept_backtest(row, lens)
    area = store.area()
    # Weeks of the local calendar: over a change of the clock one is an hour shorter or longer.
    last = made.origins["ends"].max().tz_convert(TZ if area is None else area.tz)
    since = last - pd.DateOffset(weeks=weeks)
    latest = made.origins[made.origins["begins"] >= since].reset_index(drop=True)
    return KeptBacktest(**{**vars(made), "origins": latest})


def _how_far(row: ResultRow, wanted: Sequence[tuple[str, str]]) -> int:
    """Tell how far what was tested is from what is asked: 0 the same, 1 all incidents, 2 others."""
    tested = [tuple(pair) for pair in row.parameters.get("filter", ())]
    return 0 if tested == list(wanted) else 1 if not tested else 2


def _is_for(row: ResultRow, lens: Lens) -> bool:
    owners = set(row.parameters.get("owners", OWNERS))
    return lens.scope == "own" and owners <= lens.owners


def kept_backtest(row: ResultRow, lens: Lens) -> KeptBacktest:
    """Return a kept back-test as a lens shows it.

    Parameters
    ----------
    row
        Of the store's results.
    lens
        Whose minimum counts hold: a hit rate that rests on few hits would tell them.

    Returns
    -------
    KeptBacktest
        With what is too small taken out.
    """
    body = row.body
    table = pd.DataFrame(body["origins"])
    for name in ("origin", "end"):
        table[name] = pd.to_datetime(table[name], utc=True, format="ISO8601")
    chosen = body["choice"]["model"]
    events = int(table.loc[table["model"] == BASELINE, "events"].sum())
    models = pd.DataFrame(body["models"])[list(MODEL_COLUMNS)].copy()
    choice = _choice(body["choice"], models, events, int((table["model"] == BASELINE).sum()))
    for share in SHARES:
        hits = models[f"hit_rate_{share}"].astype(float) * events
        few = _few(hits, events, lens)
        models.loc[few, [f"hit_rate_{share}{part}" for part in _ESTIMATE]] = np.nan
        models.loc[few, [f"pei_star_{share}"]] = np.nan
        if few[models["model"] == BASELINE].any():
            # A difference to what is not shown would tell it.
            differences = [f"hit_rate_{share}{part}" for part in _ESTIMATE if "diff" in part]
            models.loc[:, differences] = np.nan
    calibration = pd.DataFrame(body["calibration"][chosen])[["decile", "expected", "came"]]
    calibration["came"] = calibration["came"].astype(float)
    calibration.loc[calibration["came"] < lens.fewest, "came"] = np.nan
    return KeptBacktest(
        made_at=row.made_at,
        parameters=row.parameters,
        choice=replace(choice, reason=choice.told(lens.fewest)),
        models=models,
        origins=_origins(table, chosen, lens),
        calibration=calibration,
        forecasts=int((table["model"] == BASELINE).sum()),
        events=events if events >= lens.fewest else None,
        cells=int(body["cells"]),
        notes=tuple(_text(note) for note in body["notes"]),
    )


def _choice(body: dict[str, Any], models: pd.DataFrame, events: int, origins: int) -> Choice:
    """Return the choice with its reason in the words of today, and the hits behind its figures."""
    name, better = str(body["model"]), bool(body["beats_baseline"])
    kept = Choice(name, _text(body["reason"]), beats_baseline=better)
    if origins < FEWEST_ORIGINS or events == 0:
        return kept
    names = [*(f"hit_rate_{_TOLD}{part}" for part in _ESTIMATE), "gain_bits_diff"]
    rows = models[names].astype(float).set_axis(models["model"]).to_dict("index")
    own, rate, base = rows[name], rows[name][names[0]], rows[BASELINE][names[0]]
    hits = min(rate, base) * events
    if not better:
        why = nothing_better(base, share=_TOLD_SHARE, origins=origins)
        return replace(kept, reason=why, hits=hits)
    hit, bits = Estimate(*(own[column] for column in names[3:6])), own["gain_bits_diff"]
    if not np.isfinite([hit.lower, hit.upper, bits]).all():
        return replace(kept, hits=hits)
    why = why_better(name, (rate, base), hit, bits, share=_TOLD_SHARE, origins=origins)
    return replace(kept, reason=why, hits=hits)


def model_label(name: str) -> Text:
    """Return what a model is called.

    Parameters
    ----------
    name
        Its name.

    Returns
    -------
    Text
        The name itself for a model of an earlier release.
    """
    return LABELS.get(name, Text(name, name))


def _origins(table: pd.DataFrame, chosen: str, lens: Lens) -> pd.DataFrame:
    own = table[table["model"] == chosen].set_index("origin").sort_index()
    base = table[table["model"] == BASELINE].set_index("origin").reindex(own.index)
    told = pd.DataFrame({"begins": own.index, "ends": own["end"].to_numpy()})
    events = own["events"].to_numpy(dtype=float)
    few = events < lens.fewest
    told["events"] = np.where(few, np.nan, events)
    for share in SHARES:
        for rows, prefix in ((own, ""), (base, "baseline_")):
            hits = rows[f"hits_{share}"].to_numpy(dtype=float)
            hidden = few | (hits < lens.fewest)
            rate = np.divide(hits, events, out=np.full_like(hits, np.nan), where=events > 0)
            told[f"{prefix}hit_rate_{share}"] = np.where(hidden, np.nan, rate)
        ceiling = own[f"ceiling_hit_rate_{share}"].to_numpy(dtype=float)
        told[f"ceiling_hit_rate_{share}"] = np.where(few, np.nan, ceiling)
    told["ends"] = pd.to_datetime(told["ends"], utc=True)
    return told.reset_index(drop=True)


def _few(hits: pd.Series, events: int, lens: Lens) -> pd.Series:
    return (hits.round() < lens.fewest) | (events < lens.fewest)


def _text(pair: dict[str, str]) -> Text:
    return Text(pair["sv"], pair["en"])

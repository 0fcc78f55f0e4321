"""How good the forecasts have been, told to the joint picture: two shares a closed week.

A week is told once, seven days after it has ended, in whole per cents, and only where at least 10
incidents were caught and at least 10 were not, by the model and by last year's count alike. No cell
and no count is told. Weeks never overlap: a later test whose weeks begin on another day is told
from where the former ended, so that no two answers are about much the same days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from riskmiljo.forecast.choose import BASELINE, LABELS
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.settings import Settings
from riskmiljo.situation import kept_backtests
from riskmiljo.store import Store
from riskmiljo.store.results import ResultRow
from riskmiljo.wording import Text

KIND: Final = "released_record"
WEEKS: Final = 8
_HORIZON_DAYS: Final = 7
_SETTLED: Final = timedelta(days=7)
_LEAST: Final = 10
_SHARE: Final = "5pct"

_BEATS: Final = Text(
    "{m}: fångade {a} % av händelserna på 5 % av ytan i {n} {n:prognos|prognoser}; "
    "senaste årets antal fångade {b} %. Modellen var säkert bättre.",
    "{m}: caught {a}% of the incidents in 5% of the area over {n} "
    "{n:forecast|forecasts}; last year's count caught {b}%. The model was reliably "
    "better.",
)
_TRUER: Final = Text(
    "{m}: fångade {a} % av händelserna på 5 % av ytan i {n} {n:prognos|prognoser}; "
    "senaste årets antal fångade {b} %. Träffarna skiljer inte säkert, men "
    "sannolikheterna stämmer säkert bättre.",
    "{m}: caught {a}% of the incidents in 5% of the area over {n} "
    "{n:forecast|forecasts}; last year's count caught {b}%. The hits do not surely "
    "differ, but its probabilities are reliably truer.",
)
_NONE_BETTER: Final = Text(
    "Senaste årets antal används: ingen annan modell var säkert bättre i {n} "
    "{n:prognos|prognoser}. Det fångade {b} % av händelserna på 5 % av ytan.",
    "Last year's count is used: no other model was reliably better over {n} "
    "{n:forecast|forecasts}. It caught {b}% of the incidents in 5% of the area.",
)


@dataclass(frozen=True, slots=True)
class ToldWeek:
    """One week of the forecast record.

    Attributes
    ----------
    begins, ends
        UTC.
    model
        Which model was the chosen one.
    caught, baseline
        What it and last year's count caught in 5 % of the area, whole per cent.
    """

    begins: datetime
    ends: datetime
    model: str
    caught: int
    baseline: int


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """What the joint picture tells of forecasts.

    Attributes
    ----------
    tested_at
        When they were tested (UTC).
    model
        The chosen one.
    reason
        Why.
    forecasts
        How many forecasts of a week it was tested by.
    cell_m
        Side of a cell, metres.
    weeks
        Oldest first, at most the last eight.
    """

    tested_at: datetime
    model: str
    reason: Text
    forecasts: int
    cell_m: float
    weeks: tuple[ToldWeek, ...]


def release_record(store: Store, settings: Settings, *, now: datetime) -> int:
    """Keep what the joint picture tells of the latest back-test.

    Parameters
    ----------
    store
        Where back-tests are kept.
    settings
        Whether forecasts are on, and whose minimum counts hold, where they are higher than ours.
    now
        Aware.

    Returns
    -------
    int
        How many weeks were added.
    """
    tested = next((row for row in store.results.all(kept_backtests.KIND) if _whole(row)), None)
    if tested is None or not settings.forecasting:
        return 0
    kept = store.results.latest(KIND)
    if kept is not None and kept.parameters["backtest"] == tested.result_id:
        former = kept.body
    else:
        former = {"weeks": [] if kept is None else kept.body["weeks"]}
        former |= _overall(tested, settings)
    told = former["weeks"]
    after = datetime.fromisoformat(told[-1]["ends"]) if told else None
    fresh = [
        week
        for week in _weeks(tested, settings)
        if datetime.fromisoformat(week["ends"]) + _SETTLED <= now
        and (after is None or datetime.fromisoformat(week["begins"]) >= after)
    ]
    body = {**former, "weeks": [*told, *fresh]}
    if "model" in body and (kept is None or body != kept.body):
        store.results.add(KIND, parameters={"backtest": tested.result_id}, body=body, now=now)
    return len(fresh)


def told_record(store: Store) -> ToldRecord | None:
    """Return what the joint picture tells of forecasts.

    Parameters
    ----------
    store
        Where it is kept.

    Returns
    -------
    ToldRecord or None
        None while nothing has been released.
    """
    row = store.results.latest(KIND)
    if row is None:
        return None
    body = row.body
    return ToldRecord(
        tested_at=datetime.fromisoformat(body["tested_at"]),
        model=body["model"],
        reason=_reason(body),
        forecasts=int(body["forecasts"]),
        cell_m=float(body["cell_m"]),
        weeks=tuple(
            ToldWeek(
                datetime.fromisoformat(week["begins"]),
                datetime.fromisoformat(week["ends"]),
                week["model"],
                int(week["caught"]),
                int(week["baseline"]),
            )
            for week in body["weeks"][-WEEKS:]
        ),
    )


def _whole(row: ResultRow) -> bool:
    """Ask whether a back-test was of all incidents of all owners, week by week."""
    asked = row.parameters
    return (
        not asked["filter"]
        and asked["horizon_days"] == _HORIZON_DAYS
        and set(asked.get("owners", OWNERS)) >= set(OWNERS)
    )


def _least(settings: Settings) -> int:
    return max(_LEAST, settings.min_incidents, settings.min_sensitive)


def _overall(row: ResultRow, settings: Settings) -> dict[str, Any]:
    """Return the chosen model beside last year's count over all forecasts; nothing if too few."""
    models = {model["model"]: model for model in row.body["models"]}
    chosen, base = models[row.body["choice"]["model"]], models[BASELINE]
    origins = [one for one in row.body["origins"] if one["model"] == BASELINE]
    events = sum(one["events"] for one in origins)
    shares = [float(one[f"hit_rate_{_SHARE}"] or 0.0) for one in (chosen, base)]
    if not _enough([share * events for share in shares], events, settings):
        return {}
    surely = chosen[f"hit_rate_{_SHARE}_diff_lower"]
    return {
        "model": chosen["model"],
        "better": surely is not None and float(surely) > 0,
        "caught": round(100 * shares[0]),
        "baseline": round(100 * shares[1]),
        "forecasts": len(origins),
        "cell_m": row.parameters["cell_m"],
        "tested_at": row.made_at.isoformat(),
    }


def _weeks(row: ResultRow, settings: Settings) -> list[dict[str, Any]]:
    table = pd.DataFrame(row.body["origins"])
    model = row.body["choice"]["model"]
    chosen, base = (table[table["model"] == name].set_index("origin") for name in (model, BASELINE))
    weeks = []
    for origin in sorted(chosen.index):
        events = float(chosen.loc[origin, "events"])
        hits = [float(rows.loc[origin, f"hits_{_SHARE}"]) for rows in (chosen, base)]
        if _enough(hits, events, settings):
            caught, baseline = (round(100 * one / events) for one in hits)
            weeks.append(
                {
                    "begins": str(origin),
                    "ends": str(chosen.loc[origin, "end"]),
                    "model": model,
                    "caught": caught,
                    "baseline": baseline,
                }
            )
    return weeks


def _enough(hits: list[float], events: float, settings: Settings) -> bool:
    least = _least(settings)
    return all(least <= one <= events - least for one in hits)


def _reason(body: dict[str, Any]) -> Text:
    said = _NONE_BETTER if body["model"] == BASELINE else _BEATS if body["better"] else _TRUER
    label = LABELS.get(body["model"], Text(body["model"], body["model"]))
    name = Text(*(word[:1].upper() + word[1:] for word in (label.sv, label.en)))
    return said.fill(m=name, a=body["caught"], b=body["baseline"], n=body["forecasts"])

"""Which forecasting model is trusted for a question: chosen by its past, remembered for a month."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isinf
from typing import Any, Final, Literal

from riskmiljo.forecast.choose import LABELS, Choice
from riskmiljo.model.filters import Filter
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.store import Store
from riskmiljo.wording import Text

Basis = Literal["backtest", "trials"]

KIND: Final = "forecast_choice"
_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeptChoice:
    """A choice of model as it is remembered.

    Attributes
    ----------
    choice
        The model and the reason for it.
    made_at
        When it was chosen (UTC).
    basis
        ``backtest`` of all models, or the quick ``trials`` of a forecast.
    """

    choice: Choice
    made_at: datetime
    basis: Basis


def chosen_model(
    store: Store,
    now: datetime,
    *,
    question: Filter | None = None,
    owners: Collection[str] | None = None,
    least: int = 0,
) -> KeptChoice | None:
    """Return the model that was chosen for a question within the last 30 days.

    Parameters
    ----------
    store
        Where choices are kept.
    now
        Aware.
    question
        Which incidents; its period is not looked at. None for all.
    owners
        Whose incidents; None for everyone's.
    least
        So many hits may be told; where the reason rests on fewer it tells no figures.

    Returns
    -------
    KeptChoice or None
        None where none was chosen, or too long ago: then the next forecast chooses anew.
    """
    kept = _young(store, now).get(_key(question, owners))
    if kept is None or kept["model"] not in LABELS:
        return None
    reason = Text(kept["reason"]["sv"], kept["reason"]["en"])
    # What an earlier release kept does not say on how many hits it rests.
    hits = kept.get("hits", 0.0)
    choice = Choice(
        kept["model"],
        reason,
        beats_baseline=kept["beats_baseline"],
        hits=float("inf") if hits is None else float(hits),
    )
    choice = replace(choice, reason=choice.told(least))
    return KeptChoice(choice, datetime.fromisoformat(kept["made_at"]), kept["basis"])


def remember_choice(
    store: Store,
    choice: Choice,
    *,
    basis: Basis,
    now: datetime,
    question: Filter | None = None,
    owners: Collection[str] | None = None,
) -> None:
    """Keep a choice of model.

    Parameters
    ----------
    store
        Where it is kept.
    choice
        The model and the reason.
    basis
        What it rests on.
    now
        Aware.
    question, owners
        As for `chosen_model`.
    """
    key = _key(question, owners)
    fresh = {
        "model": choice.model,
        "reason": choice.reason.as_dict(),
        "beats_baseline": choice.beats_baseline,
        # Infinity is not JSON.
        "hits": None if isinf(choice.hits) else choice.hits,
        "made_at": now.isoformat(),
        "basis": basis,
    }
    store.results.add(
        KIND,
        parameters={"question": key, "basis": basis},
        body={"choices": {**_young(store, now), key: fresh}},
        now=now,
    )


def _young(store: Store, now: datetime) -> dict[str, dict[str, Any]]:
    """Return the choices of the last 30 days by question; each row holds those before it."""
    row = store.results.latest(KIND)
    if row is None:
        return {}
    return {
        key: kept
        for key, kept in row.body["choices"].items()
        if now - _KEPT <= datetime.fromisoformat(kept["made_at"]) <= now
    }


def _key(question: Filter | None, owners: Collection[str] | None) -> str:
    asked = question or Filter()
    terms = [f"{name}={value}" for name, value in asked.to_query() if name not in ("from", "to")]
    whose = ",".join(sorted(OWNERS if owners is None else owners))
    return "&".join([f"owners={whose}", *terms])

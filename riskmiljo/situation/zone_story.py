"""One zone's story: why it is a zone, when, how it goes, and what became of it from set to set."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.peaks import peak_hours
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.settings import Settings
from riskmiljo.situation.build import Situation, build_situation
from riskmiljo.situation.zone_names import find_zone
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones.explain import ZoneExplanation, explain_zone

CEASED: Final = "ceased"
STATUSES: Final[dict[str, Text]] = {
    "new": Text("ny", "new"),
    "persisting": Text("kvar", "persisting"),
    "growing": Text("växer", "growing"),
    "shrinking": Text("krymper", "shrinking"),
    "moved": Text("flyttad", "moved"),
    "split": Text("delad", "split"),
    "merged": Text("sammanslagen", "merged"),
    CEASED: Text("upphört", "ceased"),
    "": Text("–", "–"),
}
HISTORY_COLUMNS: Final = (
    "zone_id", "name", "status", "first_seen", "period_start", "period_end", "events",
    "per_ha_week",
)  # fmt: skip
# The busiest single place and day may hold fewer than may be shown.
_HELD_UP: Final = Text(
    "Bärs upp av {p} platser under {d} dagar; hälften av händelserna ligger på {h} platser.",
    "Held up by {p} places on {d} days; half of the incidents lie at {h} places.",
)


@dataclass(frozen=True)
class ZoneStory:
    """What a lens shows of one zone.

    Attributes
    ----------
    zone
        Its row, as in `Situation.zones`.
    lines
        Why it is a zone and what would make it cease, as sentences.
    explanation
        The figures behind them, as a dictionary: counts and shares that the lens shows.
    peak
        The hours of the week that stand out.
    trend
        The last 28 days against what is expected.
    history
        `HISTORY_COLUMNS`, one row a kept set, oldest first; see `zone_history`.
    situation
        The situation that it is part of.
    """

    zone: pd.Series
    lines: tuple[Text, ...]
    explanation: dict[str, Any] = field(repr=False)
    peak: Text
    trend: Text
    history: pd.DataFrame = field(repr=False)
    situation: Situation = field(repr=False)


def story_of_zone(
    store: Store, settings: Settings, lens: Lens, question: Filter, word: str, *, now: datetime
) -> ZoneStory:
    """Tell the story of one zone.

    Parameters
    ----------
    store
        Incidents and kept zones.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents.
    word
        The zone's id or name.
    now
        Aware.

    Returns
    -------
    ZoneStory
        Of a zone that the lens shows.

    Raises
    ------
    NothingFoundError
        If nothing matches, or there are no zones.
    InvalidInputError
        If there is no such zone among those shown.
    """
    situation = build_situation(store, settings, lens, question, now=now)
    zones = situation.zones
    if zones.empty:
        raise NothingFoundError(
            situation.notes[0]
            if situation.notes
            else Text("Inga riskzoner hittades.", "No risk zones were found.")
        )
    row = zones.iloc[find_zone(word, zones)]
    zone_id = str(row["zone_id"])
    incidents = store.incidents(question.within(situation.period), owners=lens.owners)
    told = explain_zone(zones, zone_id, incidents, period=situation.period, tz=situation.tz)
    trend = situation.trend.loc[zone_id]
    history = zone_history(store, lens)
    return ZoneStory(
        zone=row,
        lines=_lines(told, drawn=bool(row.get("drawn", False))),
        explanation=_figures(told),
        peak=peak_hours(situation.rhythm.loc[zone_id]).text,
        trend=Text(str(trend["verdict_sv"]), str(trend["verdict_en"])),
        history=history[history["zone_id"] == zone_id].reset_index(drop=True),
        situation=situation,
    )


def zone_history(store: Store, lens: Lens) -> pd.DataFrame:
    """Return every zone of every kept set, and when zones ceased.

    Parameters
    ----------
    store
        Where sets are kept.
    lens
        What the reader may see: kept sets are made of every owner's incidents, so that their
        counts are only for who may see them all.

    Returns
    -------
    pandas.DataFrame
        `HISTORY_COLUMNS`, the oldest set first. ``status`` is empty in the first set and
        ``ceased`` in the first set that lacks a zone of the one before; ``events`` and
        ``per_ha_week`` are NaN there, and where the lens does not show them.

    Raises
    ------
    NothingFoundError
        If no set is kept.
    """
    every = store.zone_history()
    if every.empty:
        raise NothingFoundError(
            Text(
                "Inga riskzoner är sparade ännu. De sparas vid varje inläsning.",
                "No risk zones are kept yet. They are kept at each import.",
            )
        )
    sets = [rows for _, rows in every.groupby("set_id", sort=True)]
    parts: list[pd.DataFrame] = []
    for at, rows in enumerate(sets):
        if at > 0:
            gone = sets[at - 1][~sets[at - 1]["zone_id"].isin(rows["zone_id"])]
            parts.append(_ceased(gone, rows))
        parts.append(rows)
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    counts = table["events"].astype(float)
    few = counts < max(lens.min_incidents, lens.min_sensitive)
    hidden = few if lens.owners >= set(OWNERS) else counts.notna()
    for name in ("events", "per_ha_week"):
        table[name] = table[name].astype(float).mask(hidden)
    return table[list(HISTORY_COLUMNS)]


def _ceased(gone: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    names = ("set_id", "created_at", "period_start", "period_end")
    span: dict[str, Any] = {name: later[name].iloc[0] for name in names}
    return gone.assign(**span, status=CEASED, events=float("nan"), per_ha_week=float("nan"))


def _lines(told: ZoneExplanation, *, drawn: bool) -> tuple[Text, ...]:
    """Return the sentences, without what a single place or day holds."""
    held = _HELD_UP.fill(p=told.places, d=told.days, h=told.half_places)
    # It is the last one, before what would make a zone cease that nobody drew.
    at = len(told.lines) - (1 if drawn else 2)
    return (*told.lines[:at], held, *told.lines[at + 1 :])


def _figures(told: ZoneExplanation) -> dict[str, Any]:
    names = (
        "events", "expected", "times_surroundings", "times_mean", "rise_z", "least_z", "places",
        "days", "half_places", "margin_a_week",
    )  # fmt: skip
    return {name: getattr(told, name) for name in names}

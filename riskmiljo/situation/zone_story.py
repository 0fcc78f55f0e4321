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
from riskmiljo.settings import Settings
from riskmiljo.situation.build import Situation, build_situation
from riskmiljo.situation.category_mix import category_mix, joint_mix
from riskmiljo.situation.released import refuse_joint
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.zone_names import find_zone
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones import assign_zones
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
    "": Text("första gången", "the first time"),
}
_JOINT_WHY: Final = Text(
    "{b} {b:händelse|händelser} i släppta rutor som ligger intill varandra och står "
    "ut mot de andra.",
    "{b} {b:incident|incidents} in released cells that lie together and stand out "
    "against the others.",
)
HISTORY_COLUMNS: Final = (
    "zone_id", "name", "status", "first_seen", "period_start", "period_end", "events",
    "per_ha_week",
)  # fmt: skip
PLACE_COLUMNS: Final = (
    "set_id", "zone_id", "name", "status", "first_seen", "period_start", "period_end",
)  # fmt: skip


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
    places
        `PLACE_COLUMNS`: what became of the micro-places within it, see `places_of`.
    mix
        Its categories, see `riskmiljo.situation.category_mix.category_mix`.
    situation
        The situation that it is part of.
    """

    zone: pd.Series
    lines: tuple[Text, ...]
    explanation: dict[str, Any] = field(repr=False)
    peak: Text
    trend: Text
    history: pd.DataFrame = field(repr=False)
    places: pd.DataFrame = field(repr=False)
    mix: pd.DataFrame = field(repr=False)
    situation: Situation = field(repr=False)


_NO_HOURS: Final = Text(
    "tider på dygnet är inte släppta för perioden",
    "the hours of the day have not been released for the period",
)


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
    return zone_story(situation, store, str(zones.iloc[find_zone(word, zones)]["zone_id"]))


def zone_story(situation: Situation, store: Store, zone_id: str) -> ZoneStory:
    """Tell the story of one zone of a situation.

    Parameters
    ----------
    situation
        The situation; its lens decides what is told.
    store
        What it was built from.
    zone_id
        One of its zones.

    Returns
    -------
    ZoneStory
        With an empty history while no set is kept.
    """
    lens, tz = situation.lens, situation.tz
    zones = situation.zones
    row = zones[zones["zone_id"] == zone_id].iloc[0]
    question = situation.question.within(situation.period)
    if lens.scope == "joint":
        return _joint_story(situation, store, row)
    incidents = seen_incidents(store, question, lens)
    # The busiest single place and day may hold fewer than may be shown.
    told = explain_zone(
        zones,
        zone_id,
        incidents,
        period=situation.period,
        tz=tz,
        fewest=max(lens.min_places, lens.min_days),
    )
    inside = incidents[(assign_zones(incidents, zones) == zone_id).to_numpy()]
    trend = situation.trend.loc[zone_id]
    return ZoneStory(
        zone=row,
        lines=told.lines,
        explanation=_figures(told),
        peak=peak_hours(situation.rhythm.loc[zone_id]).text,
        trend=Text(str(trend["verdict_sv"]), str(trend["verdict_en"])),
        history=history_of(zone_id, store, lens),
        places=places_of(zone_id, store, lens),
        mix=category_mix(inside, lens, tz=tz),
        situation=situation,
    )


def _joint_story(situation: Situation, store: Store, row: pd.Series) -> ZoneStory:
    """Tell of a zone what released bands tell."""
    lens, zone_id = situation.lens, str(row["zone_id"])
    made = seen_incidents(store, situation.question.within(situation.period), lens)
    inside = made[(assign_zones(made, situation.zones) == zone_id).to_numpy()]
    band = Text(str(row["band_sv"]), str(row["band_en"]))
    trend = situation.trend.loc[zone_id]
    timed = zone_id in situation.rhythm.index
    return ZoneStory(
        zone=row,
        lines=(_JOINT_WHY.fill(b=band),),
        explanation={"band": band.as_dict()},
        peak=peak_hours(situation.rhythm.loc[zone_id]).text if timed else _NO_HOURS,
        trend=Text(str(trend["verdict_sv"]), str(trend["verdict_en"])),
        history=pd.DataFrame(columns=list(HISTORY_COLUMNS)),
        places=pd.DataFrame(columns=list(PLACE_COLUMNS)),
        mix=joint_mix(inside),
        situation=situation,
    )


def history_of(zone_id: str, store: Store, lens: Lens) -> pd.DataFrame:
    """Return what became of one zone from kept set to kept set.

    Parameters
    ----------
    zone_id
        The zone.
    store
        Where sets are kept.
    lens
        What the reader may see.

    Returns
    -------
    pandas.DataFrame
        Its rows of `zone_history`; none where no set has it.
    """
    history = _history(store, lens, level=1)
    return history.loc[history["zone_id"] == zone_id, list(HISTORY_COLUMNS)].reset_index(drop=True)


def places_of(zone_id: str, store: Store, lens: Lens) -> pd.DataFrame:
    """Return what became of the micro-places within one zone from kept set to kept set.

    Parameters
    ----------
    zone_id
        The zone.
    store
        Where sets are kept.
    lens
        What the reader may see.

    Returns
    -------
    pandas.DataFrame
        `PLACE_COLUMNS`, the oldest set first: of each set those that the lens shows. There is no
        count among them: with the zone's own, what is left of it could be reckoned.
    """
    history = _history(store, lens, level=2)
    # A place that is gone has no count any more; it is told of where it was told of before.
    told = set(history.loc[history["events"].notna(), "zone_id"])
    mine = (history["parent_id"] == zone_id) & (
        history["events"].notna() | (history["status"] == CEASED) & history["zone_id"].isin(told)
    )
    return history.loc[mine, list(PLACE_COLUMNS)].reset_index(drop=True)


def former_zones(store: Store, lens: Lens) -> list[tuple[str, str]]:
    """Return the zones that are no more, the latest to cease first.

    Parameters
    ----------
    store
        Where sets are kept.
    lens
        What the reader may see.

    Returns
    -------
    list of tuple of str
        Id and name of those of which some kept count may be shown.
    """
    history = _history(store, lens, level=1)
    told = history.loc[history["events"].notna(), "zone_id"]
    last = history.drop_duplicates("zone_id", keep="last")
    gone = last[(last["status"] == CEASED) & last["zone_id"].isin(told)]
    return list(zip(gone["zone_id"].astype(str), gone["name"].astype(str), strict=True))[::-1]


def zone_history(store: Store, lens: Lens) -> pd.DataFrame:
    """Return every zone of every kept set, and when zones ceased.

    Parameters
    ----------
    store
        Where sets are kept.
    lens
        What the reader may see: the sets are those of its own owners' incidents.

    Returns
    -------
    pandas.DataFrame
        `HISTORY_COLUMNS`, the oldest set first. ``status`` is empty in the first set and
        ``ceased`` in the first set that lacks a zone of the one before; ``events`` and
        ``per_ha_week`` are NaN there, and where the lens does not show them.

    Raises
    ------
    NothingFoundError
        If no set is kept, or the lens is the joint one.
    """
    refuse_joint(lens)
    history = _history(store, lens, level=1)
    if history.empty:
        raise NothingFoundError(
            Text(
                "Inga riskzoner är sparade ännu. De sparas vid varje inläsning.",
                "No risk zones are kept yet. They are kept at each import.",
            )
        )
    return history[list(HISTORY_COLUMNS)]


def _history(store: Store, lens: Lens, *, level: int) -> pd.DataFrame:
    """Return the rows of one level of every kept set that the lens may know, and what ceased."""
    every = store.zone_history(owners=lens.owners)
    if lens.scope == "joint":
        # Its zones are made of what was released, and have no sets.
        every = every.iloc[:0]
    spans = every.drop_duplicates("set_id")
    # The number of its set, counting those without a zone of this level too.
    rows = every.assign(number=pd.factorize(every["set_id"])[0])
    rows = rows[(rows["parent_id"] == "") == (level == 1)]
    known = pd.MultiIndex.from_frame(rows[["zone_id", "number"]])
    later = rows.assign(number=rows["number"] + 1)
    again = pd.MultiIndex.from_frame(later[["zone_id", "number"]]).isin(known)
    gone = _ceased(later[~again & (later["number"] < len(spans))], spans)
    table = pd.concat([gone, rows]).sort_values("number", kind="stable", ignore_index=True)
    # What a kept set rests on is not known: each is held to the floor of sensitive data.
    enough = lens.shown(table["events"], table["places"], table["days"], sensitive=True)
    for name in ("events", "per_ha_week"):
        table[name] = table[name].astype(float).mask(~enough)
    return table


def _ceased(gone: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Return the last rows of zones as rows of the first set that lacks them."""
    names = ("set_id", "created_at", "period_start", "period_end")
    span = {name: spans[name].array.take(gone["number"]) for name in names}
    return gone.assign(**span, status=CEASED, events=float("nan"), per_ha_week=float("nan"))


def _figures(told: ZoneExplanation) -> dict[str, Any]:
    names = (
        "events", "expected", "times_surroundings", "times_mean", "rise_z", "least_z", "places",
        "days", "half_places", "margin_a_week",
    )  # fmt: skip
    return {name: getattr(told, name) for name in names}

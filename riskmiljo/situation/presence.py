"""Presence as a lens shows it: where patrols and outreach were, against where the need is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.effort import joint_rate, left_out
from riskmiljo.forecast.effort_table import effort_table
from riskmiljo.forecast.effort_views import ALARM_WEEKS, FAIR, presence_balance
from riskmiljo.geo.crs import coordinates
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.build import build_situation
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.source import seen_incidents
from riskmiljo.store import Store
from riskmiljo.wording import Text, decimal_text
from riskmiljo.zones.membership import zone_of_points

MOST_WEEKS: Final = 104
_WEEK_DAYS: Final = 7
_HOUR_MIN: Final = 60.0
_LEAST_RATIO: Final = 1e-6
# Rows that agree in these are the same visit.
_SAME: Final = ("begins", "ends", "crew_kind", "x", "y")
_FEWER: Final = Text(
    "Närvaron omfattar {n} {n:hel vecka|hela veckor}; larmet behöver {m}.",
    "The presence covers {n} whole {n:week|weeks}; the alarm needs {m}.",
)


@dataclass(frozen=True)
class PresenceShown:
    """Presence by week, and its balance against the need.

    Attributes
    ----------
    period
        Calendar weeks, Monday first; the last one may have only begun.
    weeks
        One row a week, zone and kind of crew with any presence: ``week`` (its first local day),
        ``zone_id`` and ``zone`` (both empty outside every zone), ``crew_kind``, ``minutes``.
    balance
        Index zone_id: ``zone``, ``hours`` (in the period), ``presence_share`` and ``need_share``
        (0 to 1, of all zones; the latest four whole weeks), ``ratio``, ``weeks_outside``,
        ``alarm``, ``why_sv``, ``why_en``; the most alarming first.
    outside_h
        Hours outside every zone.
    notes
        What a reader must know.
    as_of
        Where the presence ends (UTC).
    simulated
        Whether the data are simulated.
    """

    period: Period
    weeks: pd.DataFrame = field(repr=False)
    balance: pd.DataFrame = field(repr=False)
    outside_h: float
    notes: tuple[Text, ...]
    as_of: datetime
    simulated: bool


def add_presence(store: Store, presence: gpd.GeoDataFrame, *, now: datetime) -> tuple[int, int]:
    """Keep presence, without what is known already.

    Parameters
    ----------
    store
        With an area.
    presence
        ``PRESENCE_COLUMNS`` in the store's reference system.
    now
        Aware.

    Returns
    -------
    tuple of int
        How many rows were added, and how many were known. The same crew kind at the same place at
        the same time twice in one file is two crews; the same file twice is not.
    """
    if presence.empty:
        return 0, 0
    span = Period(
        presence["begins"].min().to_pydatetime() - timedelta(microseconds=1),
        presence["ends"].max().to_pydatetime() + timedelta(microseconds=1),
    )
    known = _keys(store.presence(span))
    fresh = ~_keys(presence).isin(known)
    if fresh.any():
        store.add_presence(presence[fresh.to_numpy()].reset_index(drop=True), now=now)
    return int(fresh.sum()), int((~fresh).sum())


def presence_shown(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    *,
    now: datetime,
    weeks: int = 8,
) -> PresenceShown:
    """Return presence by week, zone and kind of crew, and where it leaves the need behind.

    Parameters
    ----------
    store
        Presence and incidents.
    settings
        The installation's settings.
    lens
        What the reader may see: only zones that it shows are named.
    question
        Which incidents the need is of; without a period the last 52 weeks of the data.
    now
        Aware.
    weeks
        How many of the last weeks.

    Returns
    -------
    PresenceShown
        A zone's need is its share of the corrected rate.

    Raises
    ------
    NothingFoundError
        If no presence is known, or no incident.
    InvalidInputError
        If the number of weeks cannot be used.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise InvalidInputError(
            Text("Ange 1 till {m} veckor, inte {n}.", "Give 1 to {m} weeks, not {n}.").fill(
                m=MOST_WEEKS, n=weeks
            )
        )
    tz = zone_of(store, settings)
    data_end(store, tz=tz)
    presence = store.presence()
    presence = presence[presence["begins"] < now].reset_index(drop=True)
    if presence.empty:
        raise NothingFoundError(
            Text(
                "Ingen närvaro är inläst. Läs in den med riskmiljo presence import FIL.",
                "No presence has been taken in. Take it in with riskmiljo presence import FILE.",
            )
        )
    situation = build_situation(store, settings, lens, question, now=now)
    zones = situation.zones
    period = _whole_weeks(presence, weeks, tz)
    shown = _by_week(presence, zones, period, tz)
    notes = list(situation.notes)
    whole = int((presence["ends"].max() - presence["begins"].min()) / timedelta(weeks=1))
    if whole < ALARM_WEEKS:
        notes.append(_FEWER.fill(n=whole, m=ALARM_WEEKS))
    inside = shown["zone_id"] != ""
    balance, said = _balance(
        store, lens, question.within(situation.period), zones, presence, period, tz
    )
    return PresenceShown(
        period=period,
        weeks=shown,
        balance=balance,
        outside_h=float(shown.loc[~inside, "minutes"].sum() / _HOUR_MIN),
        notes=(*notes, *said),
        as_of=presence["ends"].max().to_pydatetime(),
        simulated=situation.simulated,
    )


def _keys(presence: gpd.GeoDataFrame) -> pd.Series:
    """Return what tells a visit from others; the second alike in one table is told apart."""
    x, y = np.round(coordinates(presence), 1).T
    table = pd.DataFrame(
        {
            "begins": presence["begins"].dt.as_unit("us").astype("int64"),
            "ends": presence["ends"].dt.as_unit("us").astype("int64"),
            "crew_kind": presence["crew_kind"].astype(str),
            "x": x,
            "y": y,
        }
    )
    nth = table.groupby(list(_SAME)).cumcount()
    return pd.Series(list(zip(*(table[name] for name in _SAME), nth, strict=True)))


def _whole_weeks(presence: gpd.GeoDataFrame, weeks: int, tz: str) -> Period:
    last = presence["ends"].max().tz_convert(tz)
    # Calendar weeks, Monday first, the one under way among them.
    end = (last.normalize() + pd.Timedelta(days=_WEEK_DAYS - last.day_of_week)).tz_localize(None)
    begin = end - pd.Timedelta(weeks=weeks)
    return Period.between(begin.to_pydatetime(), end.to_pydatetime(), tz=tz)


def _by_week(
    presence: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, period: Period, tz: str
) -> pd.DataFrame:
    lately = presence[(presence["begins"] >= period.start) & (presence["begins"] < period.end)]
    local = lately["begins"].dt.tz_convert(tz).dt.tz_localize(None).dt.normalize()
    lies = zone_of_points(coordinates(lately), list(zones.geometry))
    ids, names = ([*zones[name].astype(str), ""] for name in ("zone_id", "name"))
    table = pd.DataFrame(
        {
            "week": (local - pd.to_timedelta(local.dt.day_of_week, unit="D")).dt.date,
            "zone_id": [ids[number] for number in lies],
            "zone": [names[number] for number in lies],
            "crew_kind": lately["crew_kind"].astype(str),
            "minutes": lately["minutes"].to_numpy(dtype=float),
        }
    )
    keys = ["week", "zone_id", "zone", "crew_kind"]
    return table.groupby(keys)["minutes"].sum().reset_index()


def _balance(
    store: Store,
    lens: Lens,
    question: Filter,
    zones: gpd.GeoDataFrame,
    presence: gpd.GeoDataFrame,
    period: Period,
    tz: str,
) -> tuple[pd.DataFrame, list[Text]]:
    incidents = seen_incidents(store, question, lens)
    past = effort_table(
        incidents, presence, zones, period=question.period, step_days=_WEEK_DAYS,
        unknown="reported", tz=tz,
    )  # fmt: skip
    rates = joint_rate(past.discovered, past.reported, past.presence_h, days=_WEEK_DAYS)
    # The balance is of the weeks shown, which may lie later than the incidents.
    lately = effort_table(
        incidents, presence, zones, period=period, step_days=_WEEK_DAYS, tz=tz
    ).presence_h
    begun = presence["ends"].max() + pd.Timedelta(days=1) < period.end
    # A week that has only begun is no week of imbalance.
    judged = lately.iloc[:, :-1] if begun and lately.shape[1] > 1 else lately
    table = presence_balance(judged, rates["rate"], zones["zone_id"].to_numpy())
    table.index.name = "zone_id"
    table.insert(0, "zone", zones.set_index("zone_id")["name"].reindex(table.index))
    table.insert(1, "hours", lately.sum(axis=1).groupby(zones["zone_id"].to_numpy()).sum())
    apart = np.abs(np.log(table["ratio"].clip(_LEAST_RATIO, 1 / _LEAST_RATIO)))
    return table.iloc[np.lexsort((-apart, ~table["alarm"]))], left_out(rates)


def fair_text() -> Text:
    """Say when the presence of a zone is out of balance with its need.

    Returns
    -------
    Text
        One sentence.
    """
    low, high = (decimal_text(limit, 2) for limit in FAIR)
    return Text(
        "Larm när andelen närvaro delad med andelen behov ligger utanför {l}–{h} i {n} "
        "{n:vecka|veckor}.",
        "Alarm when the share of presence over the share of need lies outside {l}–{h} "
        "for {n} {n:week|weeks}.",
    ).fill(l=low, h=high, n=ALARM_WEEKS)

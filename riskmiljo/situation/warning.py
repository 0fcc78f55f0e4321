"""Early warning through a lens: the latest week of each zone against what its past leads to."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.warning import early_warning
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.settings import Settings
from riskmiljo.situation.build import build_situation
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.released import refuse_joint
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.standing import kept_zones
from riskmiljo.situation.withheld import told_groups
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones import assign_zones

# The most pressing first.
ORDER: Final = ("alarm", "above", "below", "usual", "short", "empty")
_WITHHELD: Final[dict[str, Text]] = {
    "alarm": Text(
        "larm: fler än väntat, men för få för att visas",
        "alarm: more than expected, but too few to be shown",
    ),
    "above": Text(
        "över det väntade, men för få för att visas; kan vara slump bland många zoner",
        "above the expected range, but too few to be shown; may be chance among many zones",
    ),
    "usual": Text(
        "som väntat: för få för att visas, väntat {a} till {b}",
        "as expected: too few to be shown, {a} to {b} expected",
    ),
    "below": Text(
        "under det väntade: för få för att visas",
        "below the expected range: too few to be shown",
    ),
    "short": Text(
        "för kort historik för att bedöma: {w} {w:vecka|veckor} före",
        "too short a record to judge: {w} {w:week|weeks} before",
    ),
    "empty": Text(
        "ingen historik att jämföra med: inga händelser på {w} {w:vecka|veckor}",
        "no record to compare with: no incidents in {w} {w:week|weeks}",
    ),
}
_NO_RANGE: Final = Text("som väntat: för få för att visas", "as expected: too few to be shown")
_LATE: Final = Text(
    "Händelser som registreras sent saknas i den sista veckan: den kan vara för låg.",
    "Incidents that are registered late are missing from the last week: it may be too low.",
)
_NONE_SEEN: Final = Text(
    "Ingen zon har så många händelser att den får visas. Välj längre period eller färre villkor.",
    "No zone has so many incidents that it may be shown. Choose a longer period or fewer terms.",
)
_LEFT_OUT: Final = Text(
    "{n} {n:zon|zoner} visas inte: för få händelser, platser eller dagar för att få visas.",
    "{n} {n:zone is|zones are} not shown: too few incidents, places or days to be shown.",
)
_FIGURES: Final = ("this_week", "z", "p", "q")


@dataclass(frozen=True)
class LatestWeek:
    """The latest week of each zone.

    Attributes
    ----------
    zones
        The most pressing first: ``zone_id``, ``name``, ``this_week`` (NaN where the lens does not
        show it, then also ``z``, ``p`` and ``q``, and the
        range where the count lies outside it), ``expected``, ``lower_95``, ``upper_95``,
        ``z``, ``p``, ``q``, ``weeks``, ``verdict``, ``verdict_sv``, ``verdict_en``.
    week
        First and last local day.
    notes
        What a reader must know.
    as_of
        Where the data end (UTC).
    simulated
        Whether the data are simulated.
    """

    zones: pd.DataFrame = field(repr=False)
    week: tuple[date, date]
    notes: tuple[Text, ...]
    as_of: datetime
    simulated: bool


def zone_warnings(
    store: Store, settings: Settings, lens: Lens, question: Filter, *, now: datetime
) -> LatestWeek:
    """Compare each zone's latest week with its expected range.

    Parameters
    ----------
    store
        Where the incidents lie.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents. Without a period the week ends where the data do, and the whole record
        before it is what is compared with; with one, it is the period's last week against the rest
        of the period.
    now
        Aware.

    Returns
    -------
    LatestWeek
        Of the standing zones; those with too few of these incidents to be shown are left out.

    Raises
    ------
    NothingFoundError
        If nothing matches, there is no zone, or the lens is the joint one.
    """
    refuse_joint(lens)
    tz = zone_of(store, settings)
    as_of = data_end(store, tz=tz, owners=lens.owners)
    end = (question.period.end if question.period else as_of).astimezone(ZoneInfo(tz)).date()
    since = None
    if question.period is not None:
        since = question.period.local(tz)[0].date()
    incidents = seen_incidents(store, question, lens)
    if incidents.empty:
        raise NothingFoundError(
            Text("Inga händelser med detta filter.", "No incidents with this filter.")
        )
    zones = _standing(store, settings, lens, now=now)
    member = assign_zones(incidents, zones)
    told = told_groups(incidents, member, lens, tz=tz)
    seen = set(told.index[told["shown"]])
    member = member.where(member.isin(seen))
    if not seen:
        raise NothingFoundError(_NONE_SEEN)
    table = early_warning(incidents, member, now=end, since=since, tz=tz)
    table = table.dropna(subset=["verdict"])
    week = (end - timedelta(days=7), end - timedelta(days=1))
    shown = _through(table, incidents, member, week, lens, tz)
    shown.insert(0, "name", zones.set_index("zone_id")["name"].reindex(shown.index))
    left = len(zones) - len(shown)
    rank = shown["verdict"].map({verdict: at for at, verdict in enumerate(ORDER)})
    order = np.lexsort((-shown["expected"].fillna(0.0).to_numpy(), rank.to_numpy()))
    return LatestWeek(
        zones=shown.iloc[order].reset_index(names="zone_id"),
        week=week,
        notes=(_LATE, _LEFT_OUT.fill(n=left)) if left else (_LATE,),
        as_of=as_of,
        simulated=store.flag("simulated") is not None,
    )


def _standing(store: Store, settings: Settings, lens: Lens, *, now: datetime) -> gpd.GeoDataFrame:
    """Return the standing zones, or those of the last year while none are kept."""
    zones = kept_zones(store, lens)
    if zones is not None and len(zones):
        return zones
    situation = build_situation(store, settings, lens, Filter(), now=now)
    if situation.zones.empty:
        raise NothingFoundError(
            situation.notes[0]
            if situation.notes
            else Text("Inga riskzoner hittades.", "No risk zones were found.")
        )
    return situation.zones


def _through(
    table: pd.DataFrame,
    incidents: pd.DataFrame,
    member: pd.Series,
    week: tuple[date, date],
    lens: Lens,
    tz: str,
) -> pd.DataFrame:
    """Take out counts that the lens does not show, from the verdicts too."""
    days = incidents["occurred_from"].dt.tz_convert(tz).dt.date
    latest = ((days >= week[0]) & (days <= week[1]) & member.notna()).to_numpy()
    told = told_groups(incidents[latest], member[latest], lens, tz=tz)
    enough = table.index.isin(told.index[told["shown"]])
    shown = table.drop(columns=["lower_90", "upper_90", "exceedance", "seasons"]).copy()
    shown["this_week"] = shown["this_week"].astype(float)
    shown.loc[~enough, list(_FIGURES)] = np.nan
    # Out of its range and yet too few: the range would tell which number it is.
    single = shown["lower_95"] == shown["upper_95"]
    outside = ~enough & (shown["verdict"].isin(["alarm", "above", "below"]) | single).to_numpy()
    shown.loc[outside, ["lower_95", "upper_95"]] = np.nan
    texts = [
        _said(row) if hidden else Text(row["verdict_sv"], row["verdict_en"])
        for row, hidden in zip(table.to_dict("records"), ~enough, strict=True)
    ]
    shown["verdict_sv"] = [text.sv for text in texts]
    shown["verdict_en"] = [text.en for text in texts]
    return shown


def _said(row: Mapping[Hashable, Any]) -> Text:
    word = str(row["verdict"])
    values: dict[str, object] = {"w": int(row["weeks"])}
    if word == "usual" and row["lower_95"] == row["upper_95"]:
        return _NO_RANGE
    if word == "usual":
        values |= {"a": int(row["lower_95"]), "b": int(row["upper_95"])}
    return _WITHHELD[word].fill(**values)

"""A zone's history as rows, as a drawn line and as a file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from riskmiljo.model.period import Period
from riskmiljo.situation.zone_story import STATUSES
from riskmiljo.wording import Text

# The drawing's box: the line between these edges, figures to the left and dates below.
WIDTH: Final = 540
HEIGHT: Final = 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 528.0, 14.0, 122.0
_MOMENT: Final = timedelta(microseconds=1)
_STEPS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_CSV_COLUMNS: Final = ("period_from", "period_to", "status", "incidents", "per_ha_week")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One zone in one kept set.

    Attributes
    ----------
    period
        Whose incidents the set was found in.
    status
        What became of the zone since the set before.
    events, per_ha_week
        Plain count and density; None where there is none or it may not be shown.
    """

    period: Period
    status: Text
    events: int | None
    per_ha_week: float | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """The drawing of a history.

    Attributes
    ----------
    paths
        The points of each unbroken piece, as SVG writes them.
    dots
        x and y of each shown set.
    top
        The value at the upper edge, incidents per hectare and week.
    first, last
        When the periods of the first and the last set end.
    """

    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    top: float
    first: datetime
    last: datetime


def history_rows(history: pd.DataFrame) -> list[HistoryRow]:
    """Return the history of one zone, oldest set first.

    Parameters
    ----------
    history
        As `riskmiljo.situation.zone_story.history_of` returns it.

    Returns
    -------
    list of HistoryRow
        One row a set.
    """
    return [
        HistoryRow(
            period=Period(row["period_start"].to_pydatetime(), row["period_end"].to_pydatetime()),
            status=STATUSES.get(str(row["status"]), STATUSES[""]),
            events=None if np.isnan(row["events"]) else int(row["events"]),
            per_ha_week=None if np.isnan(row["per_ha_week"]) else float(row["per_ha_week"]),
        )
        for row in history.to_dict("records")
    ]


def history_line(rows: list[HistoryRow]) -> HistoryLine | None:
    """Draw the density from set to set.

    Parameters
    ----------
    rows
        From `history_rows`.

    Returns
    -------
    HistoryLine or None
        None where fewer than two sets have a value. The line is broken where one has none.
    """
    known = [row.per_ha_week for row in rows if row.per_ha_week is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    top = _round_up(max(known))
    # By turns and not by dates: each import makes a set, and two may be of the same period.
    part = np.linspace(0.0, 1.0, len(rows))
    pieces: list[list[tuple[float, float]]] = [[]]
    for row, along in zip(rows, part.tolist(), strict=True):
        if row.per_ha_week is None:
            pieces.append([])
            continue
        y = _BOTTOM - (_BOTTOM - _TOP) * row.per_ha_week / top
        pieces[-1].append((round(_LEFT + (_RIGHT - _LEFT) * along, 1), round(y, 1)))
    return HistoryLine(
        paths=tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1),
        dots=tuple(dot for piece in pieces for dot in piece),
        top=top,
        # The end itself is not included.
        first=rows[0].period.end - _MOMENT,
        last=rows[-1].period.end - _MOMENT,
    )


@dataclass(frozen=True, slots=True)
class PlacesRow:
    """The micro-places of one zone in one kept set.

    Attributes
    ----------
    period
        Whose incidents the set was found in.
    statuses
        What became of each place since the set before, in the order of the names; None where it
        is not among those that are told.
    """

    period: Period
    statuses: tuple[Text | None, ...]


@dataclass(frozen=True, slots=True)
class PlacesHistory:
    """What became of the micro-places of one zone.

    Attributes
    ----------
    ids, names
        Of the places, those of the latest set first.
    first_seen
        Of each place (UTC).
    rows
        One a set, oldest first.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    first_seen: tuple[datetime, ...]
    rows: tuple[PlacesRow, ...]


def places_history(places: pd.DataFrame) -> PlacesHistory | None:
    """Return what became of the micro-places of one zone, set by set.

    Parameters
    ----------
    places
        As `riskmiljo.situation.zone_story.places_of` returns it.

    Returns
    -------
    PlacesHistory or None
        None where no kept set has any.
    """
    if places.empty:
        return None
    latest = places.drop_duplicates("zone_id", keep="last").iloc[::-1]
    latest = latest.sort_values("set_id", ascending=False, kind="stable")
    ids = [str(zone_id) for zone_id in latest["zone_id"]]
    rows = []
    for _, kept in places.groupby("set_id", sort=True):
        said = dict(zip(kept["zone_id"], kept["status"], strict=True))
        span = kept.iloc[0]
        rows.append(
            PlacesRow(
                Period(span["period_start"].to_pydatetime(), span["period_end"].to_pydatetime()),
                tuple(
                    STATUSES.get(str(said[one]), STATUSES[""]) if one in said else None
                    for one in ids
                ),
            )
        )
    return PlacesHistory(
        ids=tuple(ids),
        names=tuple(str(name) for name in latest["name"]),
        first_seen=tuple(moment.to_pydatetime() for moment in latest["first_seen"]),
        rows=tuple(rows),
    )


def places_json(places: PlacesHistory | None) -> list[dict[str, Any]]:
    """Return the history of the micro-places as JSON values.

    Parameters
    ----------
    places
        From `places_history`.

    Returns
    -------
    list of dict
        One a place, with one status a set, oldest first; null where it is not told of.
    """
    if places is None:
        return []
    return [
        {
            "zone_id": zone_id,
            "name": name,
            "first_seen": seen.isoformat(),
            "sets": [
                {
                    "from": row.period.start.isoformat(),
                    "to": row.period.end.isoformat(),
                    "status": None if (said := row.statuses[at]) is None else said.as_dict(),
                }
                for row in places.rows
            ],
        }
        for at, (zone_id, name, seen) in enumerate(
            zip(places.ids, places.names, places.first_seen, strict=True)
        )
    ]


def history_csv(history: pd.DataFrame) -> str:
    """Write the history of one zone as comma-separated values.

    Parameters
    ----------
    history
        As `riskmiljo.situation.zone_story.history_of` returns it.

    Returns
    -------
    str
        Times in UTC (ISO 8601); empty fields where a count may not be shown.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_CSV_COLUMNS)
    for row in history.to_dict("records"):
        writer.writerow(
            (
                row["period_start"].isoformat(),
                row["period_end"].isoformat(),
                row["status"],
                "" if np.isnan(row["events"]) else int(row["events"]),
                "" if np.isnan(row["per_ha_week"]) else round(float(row["per_ha_week"]), 4),
            )
        )
    return out.getvalue()


def history_json(rows: list[HistoryRow]) -> list[dict[str, Any]]:
    """Return the history as JSON values.

    Parameters
    ----------
    rows
        From `history_rows`.

    Returns
    -------
    list of dict
        One a set; null where a count may not be shown.
    """
    return [
        {
            "from": row.period.start.isoformat(),
            "to": row.period.end.isoformat(),
            "status": row.status.as_dict(),
            "events": row.events,
            "per_ha_week": row.per_ha_week,
        }
        for row in rows
    ]


def _round_up(value: float) -> float:
    """Return the next round number."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in _STEPS if step * power >= value * (1 - 1e-12)))

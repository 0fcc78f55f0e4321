"""The rows of the tables: what the map shows, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.peaks import peak_hours
from riskmiljo.model.vocabulary import WEEKDAYS
from riskmiljo.situation import Situation
from riskmiljo.web import words
from riskmiljo.web.banded import Banded
from riskmiljo.wording import Text

_HOURS: Final = 168
_DAY: Final = 24
_PART_HOURS: Final = 6


@dataclass(frozen=True, slots=True)
class MicroRow:
    """One place within a zone.

    Attributes
    ----------
    zone_id, name
        Which place.
    events
        Plain count in the period; None where it may not be told, and then the next two are too.
    per_ha_week, share_of_zone
        Density, and its share of the zone's incidents (0 to 1).
    area_ha
        Size.
    """

    zone_id: str
    name: str
    events: int | None
    per_ha_week: float | None
    share_of_zone: float | None
    area_ha: float


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone of the table.

    Attributes
    ----------
    zone_id, name
        Which zone.
    parent_id
        The zone that it lies in, or empty.
    events
        Plain count in the period; of the joint picture a `Banded` one.
    area_ha, per_ha_week, share
        Size, density, and its share of all incidents (0 to 1).
    per_ha_week_lower, per_ha_week_upper
        The 95 % interval of the density; None where it is not known.
    stability
        Share of the repetitions in which the zone came back (0 to 1); None where none was done.
    trend
        Against the period before.
    peak
        When most happens; None if nothing is known of it.
    detection
        Reported and discovered, in words.
    reported, discovered
        The counts apart; None where they may not be shown.
    micro_places
        The places within it, most incidents first.
    band
        The count as the joint picture tells it; None where it is a plain count.
    """

    zone_id: str
    name: str
    parent_id: str
    events: int
    area_ha: float
    per_ha_week: float
    share: float
    per_ha_week_lower: float | None
    per_ha_week_upper: float | None
    stability: float | None
    trend: Text | None
    peak: Text | None
    detection: Text
    reported: int | None
    discovered: int | None
    micro_places: tuple[MicroRow, ...]
    band: Text | None = None


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One patrol area of the table.

    Attributes
    ----------
    area_id, name
        Which area.
    area_ha
        Size.
    expected
        Expected incidents in the shift.
    risk_share
        Its share of all areas' expected incidents, 0 to 1.
    zones
        Pairs of zone id and name, weightiest first.
    why
        One line.
    """

    area_id: str
    name: str
    area_ha: float
    expected: float
    risk_share: float
    zones: tuple[tuple[str, str], ...]
    why: Text


def zone_rows(situation: Situation) -> list[ZoneRow]:
    """Return the zones of a situation, most incidents first, as the map numbers them.

    Parameters
    ----------
    situation
        What the lens shows.

    Returns
    -------
    list of ZoneRow
        Zones of the same count in the order of their ids.
    """
    flat = situation.zones.drop(columns="geometry")
    ordered = flat.sort_values(["incidents", "zone_id"], ascending=[False, True]).to_dict("records")
    micro = _micro_rows(situation, {str(one["zone_id"]): int(one["events"]) for one in ordered})
    return [
        ZoneRow(
            zone_id=str(zone["zone_id"]),
            name=str(zone["name"]),
            parent_id=str(zone["parent_id"]),
            events=_events(zone),
            area_ha=float(zone["area_ha"]),
            per_ha_week=float(zone["per_ha_week"]),
            share=float(zone["share"]),
            per_ha_week_lower=_known(zone.get("per_ha_week_lower")),
            per_ha_week_upper=_known(zone.get("per_ha_week_upper")),
            stability=_known(zone["stability"]),
            trend=_trend(situation, zone["zone_id"]),
            peak=peak_text(rhythm_of(situation, zone["zone_id"])),
            detection=Text(str(zone.get("detection_sv", "–")), str(zone.get("detection_en", "–"))),
            reported=_count(zone.get("reported")),
            discovered=_count(zone.get("discovered")),
            micro_places=tuple(micro[str(zone["zone_id"])]),
            band=_band(zone),
        )
        for zone in ordered
    ]


def area_rows(situation: Situation) -> list[AreaRow]:
    """Return the patrol areas of a situation, in the order of their numbers.

    Parameters
    ----------
    situation
        What the lens shows.

    Returns
    -------
    list of AreaRow
        Empty where there are no zones to patrol.
    """
    if situation.areas.empty:
        return []
    return [
        AreaRow(
            area_id=str(area["area_id"]),
            name=str(area["name"]),
            area_ha=float(area["area_ha"]),
            expected=float(area["expected"]),
            risk_share=float(area["risk_share"]),
            zones=tuple(zip(area["zones"], area["zone_names"], strict=True)),
            why=Text(str(area["why_sv"]), str(area["why_en"])),
        )
        for area in situation.areas.drop(columns="geometry").to_dict("records")
    ]


def rhythm_of(situation: Situation, zone_id: str) -> npt.NDArray[np.float64]:
    """Return a zone's incidents by local hour of the week, 168 values from Monday 00:00.

    Parameters
    ----------
    situation
        What the lens shows.
    zone_id
        The zone.

    Returns
    -------
    numpy.ndarray
        Shape (168,); zeros where nothing is known.
    """
    if zone_id not in situation.rhythm.index:
        return np.zeros(_HOURS)
    return np.asarray(situation.rhythm.loc[zone_id].to_numpy(), dtype=float)


def peak_text(profile: npt.NDArray[np.float64]) -> Text | None:
    """Return when most happens, in a few words.

    Parameters
    ----------
    profile
        Shape (168,), from Monday 00:00.

    Returns
    -------
    Text or None
        ``fre–lör 22–02``, or that no hours stand out; None where all is zero.
    """
    if not profile.any():
        return None
    peak = peak_hours(profile)
    return words.EVEN_WEEK if peak.even else peak.text


def day_parts(
    profile: npt.NDArray[np.float64], events: int, lens: Lens
) -> list[tuple[Text, list[float | None]]]:
    """Return the share of a zone's incidents in each quarter of each weekday.

    Parameters
    ----------
    profile
        Shape (168,), from Monday 00:00.
    events
        The zone's plain count.
    lens
        Whose minimum count holds for every part.

    Returns
    -------
    list of tuple
        Seven weekdays, each with its shares (0 to 1) at 00–06, 06–12, 12–18 and 18–24; None for
        a part with fewer incidents than may be shown, none at all among them.
    """
    parts = profile.reshape(7, _DAY // _PART_HOURS, _PART_HOURS).sum(axis=2)
    shares = parts / (parts.sum() or 1.0)
    return [
        (
            weekday,
            [float(share) if share * events >= lens.fewest else None for share in row],
        )
        for weekday, row in zip(WEEKDAYS, shares, strict=True)
    ]


def _trend(situation: Situation, zone_id: Any) -> Text | None:
    if zone_id not in situation.trend.index:
        return None
    row = situation.trend.loc[zone_id]
    return Text(str(row["verdict_sv"]), str(row["verdict_en"]))


def _band(zone: dict[Any, Any]) -> Text | None:
    return Text(str(zone["band_sv"]), str(zone["band_en"])) if "band_sv" in zone else None


def _events(zone: dict[Any, Any]) -> int:
    band = _band(zone)
    return int(zone["events"]) if band is None else Banded.of(int(zone["events"]), band)


def _micro_rows(situation: Situation, events_of: dict[str, int]) -> dict[str, list[MicroRow]]:
    """Return the micro places of each zone, most incidents first."""
    # Once for all zones: what pandas does to a small table takes longer than the table is read.
    flat = situation.micro_places.drop(columns="geometry")
    ordered = flat.sort_values(["incidents", "zone_id"], ascending=[False, True])
    rows: dict[str, list[MicroRow]] = {zone_id: [] for zone_id in events_of}
    for place in ordered.to_dict("records"):
        zone_id = str(place["parent_id"])
        if zone_id in rows:
            events = _known(place["events"])
            rows[zone_id].append(
                MicroRow(
                    zone_id=str(place["zone_id"]),
                    name=str(place["name"]),
                    events=None if events is None else int(events),
                    per_ha_week=_known(place["per_ha_week"]),
                    share_of_zone=None if events is None else events / events_of[zone_id],
                    area_ha=float(place["area_ha"]),
                )
            )
    return rows


def _count(value: Any) -> int | None:
    known = _known(value)
    return None if known is None else round(known)


def _known(value: Any) -> float | None:
    """Return a figure, or None for one that is missing."""
    return None if value is None or np.isnan(value) else float(value)

"""The layer of risk zones: outline, name, count, trend, rhythm and why."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.peaks import peak_hours
from riskmiljo.maps.geometry import feature, point_coordinates, to_degrees
from riskmiljo.maps.layers import Layer, number
from riskmiljo.model.tables import ZONE_COLUMNS, check_columns
from riskmiljo.wording import Text, decimal_text

STATUS_NAMES: Final[dict[str, Text]] = {
    "new": Text("Ny", "New"),
    "persisting": Text("Består", "Persisting"),
    "growing": Text("Växer", "Growing"),
    "shrinking": Text("Krymper", "Shrinking"),
    "moved": Text("Flyttad", "Moved"),
    "split": Text("Delad", "Split"),
    "merged": Text("Sammanslagen", "Merged"),
}

# Steps of the rhythm, in multiples of an even spread over the week: the strip says how a zone's
# hours compare with each other, and two zones of different size can be compared.
RHYTHM_STEPS: Final = (0.5, 1.0, 2.0, 4.0)
RHYTHM_COLOURS: Final = ("#f1eee8", "#cfd9e6", "#8fb0d3", "#3f78b0", "#12406f")
RHYTHM_LABELS: Final = (
    Text("under hälften av snittet", "under half of the mean"),
    Text("upp till snittet", "up to the mean"),
    Text("upp till det dubbla", "up to twice"),
    Text("två till fyra gånger", "two to four times"),
    Text("över fyra gånger", "over four times"),
)

_MICRO_PLACE: Final = Text("Plats i en zon, i närbild", "Place within a zone, close up")


def zones_layer(
    zones: gpd.GeoDataFrame,
    *,
    rhythm: pd.DataFrame | None = None,
    trend: pd.DataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    micro_places: gpd.GeoDataFrame | None = None,
    shown: bool = True,
) -> Layer:
    """Return the zones, the ones with most incidents first.

    Parameters
    ----------
    zones
        As `rm.find_zones` returns them.
    rhythm
        Index zone_id, columns the 168 hours of the local week; zones without a row show none.
    trend
        Index zone_id; ``verdict_sv``, ``verdict_en``.
    areas
        Patrol areas, to name the one that a zone belongs to.
    micro_places
        Places within the zones, ``parent_id`` their zone; a count that is NaN is not told.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        One feature per zone; ``rank`` 1 is the zone with most incidents. Hours are given as steps
        of the fixed rhythm scale, never as counts. ``micro_places``, where there are any, are
        features too, in the order of their zones.
    """
    check_columns(zones, ZONE_COLUMNS, Text("Zonerna", "The zones"))
    ordered = zones.sort_values(["incidents", "zone_id"], ascending=[False, True])
    area_of = _area_of_zone(areas)
    shapes = to_degrees(ordered.geometry)
    anchors = point_coordinates(ordered.geometry)
    features = []
    for place, (row, shape, anchor) in enumerate(
        zip(ordered.to_dict("records"), shapes, anchors, strict=True), start=1
    ):
        zone_id = str(row["zone_id"])
        properties = {
            "id": zone_id,
            "rank": place,
            "name": str(row["name"]),
            "anchor": anchor,
            "events": int(row["events"]),
            **_band(row),
            "area_ha": number(row["area_ha"], 1),
            "per_ha_week": number(row["per_ha_week"], 3),
            "share": number(row["share"], 3),
            "status": _status(row["status"]),
            "trend": _trend(trend, zone_id),
            "rhythm": _rhythm(rhythm, zone_id),
            "patrol_area": area_of.get(zone_id),
            "why": [line.as_dict() for line in _why(row)],
        }
        features.append(feature(shape, properties))
    legend: dict[str, Any] = {
        "title": Text("Riskzon, numrerad efter antal", "Risk zone, numbered by count").as_dict(),
        "symbol": "zone",
    }
    within: Layer = {}
    if micro_places is not None and len(micro_places):
        rank = {one["properties"]["id"]: one["properties"]["rank"] for one in features}
        within = {"micro_places": _micro_features(micro_places, rank)}
        legend["within"] = {"title": _MICRO_PLACE.as_dict(), "symbol": "micro"}
    return {
        "id": "zones",
        "label": Text("Riskzoner", "Risk zones").as_dict(),
        "shown": shown,
        "features": features,
        **within,
        "legend": legend,
        "rhythm_scale": [
            {"colour": colour, "label": label.as_dict()}
            for colour, label in zip(RHYTHM_COLOURS, RHYTHM_LABELS, strict=True)
        ],
    }


def _micro_features(places: gpd.GeoDataFrame, rank: dict[str, int]) -> list[dict[str, Any]]:
    """Return the micro-places of the ranked zones, those with a count first in each."""
    known = places[places["parent_id"].isin(rank)]
    known = known.assign(rank=known["parent_id"].map(rank))
    known = known.sort_values(["rank", "incidents", "zone_id"], ascending=[True, False, True])
    return [
        feature(
            shape,
            {
                "id": str(row["zone_id"]),
                "zone": str(row["parent_id"]),
                "name": str(row["name"]),
                "anchor": anchor,
                "events": number(row["events"], 0),
                "area_ha": number(row["area_ha"], 1),
                "per_ha_week": number(row["per_ha_week"], 3),
            },
        )
        for row, shape, anchor in zip(
            known.drop(columns="geometry").to_dict("records"),
            to_degrees(known.geometry),
            point_coordinates(known.geometry),
            strict=True,
        )
    ]


def rhythm_steps(hours: npt.ArrayLike) -> list[int]:
    """Return the step of the rhythm scale for each hour of the week.

    Parameters
    ----------
    hours
        Shape (168,), counts or shares.

    Returns
    -------
    list of int
        0 to 4; all 0 where there is nothing.
    """
    values = np.asarray(hours, dtype=float)
    total = values.sum()
    if not total > 0:
        return [0] * len(values)
    return [int(step) for step in np.digitize(values * len(values) / total, RHYTHM_STEPS)]


def rhythm_sentence(hours: npt.ArrayLike) -> Text:
    """Say in words when most happens: the text alternative of the strip.

    Parameters
    ----------
    hours
        Shape (168,), index 0 is Monday 00:00 to 01:00, local time.

    Returns
    -------
    Text
        The days and hours that stand out most, their share, and how that compares with the mean.
    """
    values = np.asarray(hours, dtype=float)
    if not values.sum() > 0:
        return Text("Inga tider att visa.", "No times to show.")
    peak = peak_hours(values)
    if peak.even:
        return Text("Jämnt över veckan.", "Evenly over the week.")
    return Text(
        "Mest {w}: {p} % av händelserna, {t} {t:gång|gånger} snittet.",
        "Mostly {w}: {p}% of the incidents, {t} {t:time|times} the mean.",
    ).fill(w=peak.text, p=round(100 * peak.share), t=decimal_text(peak.times_usual, 1))


def _rhythm(rhythm: pd.DataFrame | None, zone_id: str) -> dict[str, Any] | None:
    if rhythm is None or zone_id not in rhythm.index:
        return None
    hours = rhythm.loc[zone_id].to_numpy(dtype=float)
    return {"steps": rhythm_steps(hours), "text": rhythm_sentence(hours).as_dict()}


def _trend(trend: pd.DataFrame | None, zone_id: str) -> dict[str, Any] | None:
    if trend is None or zone_id not in trend.index:
        return None
    row = trend.loc[zone_id]
    return {
        "verdict": Text(str(row["verdict_sv"]), str(row["verdict_en"])).as_dict(),
    }


def _status(value: Any) -> dict[str, str] | None:
    name = STATUS_NAMES.get(str(value))
    return name.as_dict() if name else None


def _band(row: dict[Any, Any]) -> dict[str, Any]:
    """Return the count as the joint picture tells it, where it does."""
    if "band_sv" not in row:
        return {}
    return {"band": Text(str(row["band_sv"]), str(row["band_en"])).as_dict()}


def _why(row: dict[Any, Any]) -> list[Text]:
    """Return the lines that say what the zone rests on."""
    if "band_sv" in row:
        return [
            Text(
                "{a} {a:händelse|händelser} i släppta rutor.",
                "{b} {b:incident|incidents} in released cells.",
            ).fill(a=row["band_sv"], b=row["band_en"])
        ]
    lines = [
        Text(
            "{n} {n:händelse|händelser} på {p} {p:plats|platser} under {d} {d:dag|dagar}.",
            "{n} {n:incident|incidents} at {p} {p:place|places} on {d} {d:day|days}.",
        ).fill(n=int(row["events"]), p=int(row["places"]), d=int(row["days"])),
    ]
    reported, discovered = float(row["reported"]), float(row["discovered"])
    # NaN where a count may not be shown.
    if reported + discovered > 0:
        lines.append(
            Text(
                "{r} {r:rapporterad|rapporterade} av andra, {u} {u:upptäckt|upptäckta} av "
                "patruller.",
                "{r} reported by others, {u} discovered by patrols.",
            ).fill(r=decimal_text(reported, 0), u=decimal_text(discovered, 0))
        )
    if discovered > reported:
        lines.append(
            Text(
                "De flesta är upptäckta: zonen kan visa var patruller har varit.",
                "Most are discovered: the zone may show where patrols have been.",
            )
        )
    stability = number(row["stability"], 2)
    if stability is not None:
        lines.append(
            Text(
                "Återkommer i {s} % av omtagningarna.",
                "Comes back in {s}% of the resamplings.",
            ).fill(s=decimal_text(100 * stability, 0))
        )
    return lines


def _area_of_zone(areas: gpd.GeoDataFrame | None) -> dict[str, str]:
    if areas is None:
        return {}
    return {
        str(zone): str(name)
        for name, zones in zip(areas["name"], areas["zones"], strict=True)
        for zone in zones
    }

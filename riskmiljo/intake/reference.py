"""Which reference system a file's coordinates are in, and where its points therefore lie.

A guess is accepted only where one candidate puts nearly all points in the expected area and no
other does (METHODS section 7); axes are never swapped without saying so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from riskmiljo.errors import CRSError
from riskmiljo.geo.crs import WGS84, metric_crs_for, parse_crs, transform
from riskmiljo.intake.area import ConfiguredArea, within
from riskmiljo.intake.raw import Note
from riskmiljo.wording import Text

# WGS 84, SWEREF 99 TM, RT 90 2.5 gon V, SWEREF 99 18 00, Web Mercator.
CANDIDATES: Final = (4326, 3006, 3021, 3011, 3857)
ACCEPT: Final = 0.95
DISMISS: Final = 0.05
STRAY_KM: Final = 150.0
_MOST: Final = 0.5
_SAMPLE: Final = 5_000
_EARTH_KM: Final = 6371.0088
_CENTIMETRES: Final = 2
_WGS84: Final = CRS.from_epsg(WGS84)

# How the columns were labelled: longitude and latitude; east and north by name; x and y, which
# Swedish surveyors turn round; a geometry, whose axes the format fixes.
Labels = Literal["lonlat", "eastnorth", "xy", "geometry"]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Placed:
    """Points in the metric system of an area.

    Parameters
    ----------
    x, y
        Shape (n,), metres, to the centimetre; NaN where the row is refused.
    code
        Shape (n,), object: why a row is refused; empty where it is not.
    crs
        The file's reference system.
    how
        ``told``, ``declared``, ``headers``, ``values`` (degrees, elsewhere) or ``guessed``.
    area
        The area they are kept in.
    area_how
        ``given``, ``settings`` or ``data``.
    notes
        What the user should know.
    proposal
        The system that would have fitted, for rows refused by ``CRS_STRIDER``.
    """

    x: Floats
    y: Floats
    code: npt.NDArray[np.object_]
    crs: str
    how: str
    area: ConfiguredArea
    area_how: str
    notes: list[Note] = field(default_factory=list)
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class _Score:
    epsg: int
    swapped: bool
    share: float


@dataclass(slots=True)
class _Points:
    """The numbers of the file, east before north as labelled, and which can be used."""

    east: Floats
    north: Floats
    usable: Bools
    labels: Labels


def locates(crs: Any) -> bool:
    """Tell whether a reference system is known and says where on earth a point lies."""
    try:
        known = parse_crs(crs)
    except CRSError:
        return False
    return bool(known.is_geographic or known.is_projected)


def place(
    east: Floats,
    north: Floats,
    usable: Bools,
    *,
    labels: Labels,
    told: Any,
    declared: str | None,
    area: ConfiguredArea,
    area_given: bool,
) -> Placed:
    """Find the reference system and put the points where they belong.

    Parameters
    ----------
    east, north
        Shape (n,): the coordinates as labelled (longitude and latitude, x and y).
    usable
        Shape (n,): which are numbers and not both zero.
    labels
        How they were labelled.
    told
        What the user says; None or ``"auto"`` for nothing.
    declared
        What the file says.
    area
        Where incidents are expected.
    area_given
        Whether the user chose it; if not, data from elsewhere choose their own area.

    Returns
    -------
    Placed
        Metres in the area's system, and a reason for each row without a place.
    """
    points = _Points(east, north, usable, labels)
    scores = _scores(points, area)
    base, how = _base(points, scores, told, declared)
    area_how = "given" if area_given else "settings"
    if base is None:
        return _undecided(points, scores, area, area_how)
    if how == "guessed":
        best = scores[0]
        if best.swapped and best.epsg != WGS84 and labels in ("xy", "geometry"):
            points = _Points(north, east, usable, labels)
        placed = _placed(points, base, how, area, area_how)
        placed.notes.append(Note(f"CRS_GISSAD_{best.epsg}", detail={"epsg": str(best.epsg)}))
        if points.east is north:
            placed.notes.append(Note("AXLAR_NORR_FORST"))
        return placed
    return _told(points, scores, base, how, area, area_how)


def _told(
    points: _Points, scores: list[_Score], base: CRS, how: str, area: ConfiguredArea, area_how: str
) -> Placed:
    """Place points whose system is known, unless they plainly contradict it."""
    lon, lat = _lon_lat(points.east, points.north, base)
    turned_lon, turned_lat = _lon_lat(points.north, points.east, base)
    straight = _share(within(area.bbox, lon, lat), points.usable)
    turned = _share(within(area.bbox, turned_lon, turned_lat), points.usable)
    fits = scores[0] if scores and scores[0].share >= ACCEPT else None
    strange = straight <= DISMISS and turned <= DISMISS
    if (
        strange
        and how == "declared"
        and (fits or _share(_on_earth(lon, lat), points.usable) < ACCEPT)
    ):
        placed = _refused(points, "CRS_STRIDER", base, how, area, area_how)
        placed.proposal = f"EPSG:{fits.epsg}" if fits else ""
        return placed
    if strange and not fits and area_how != "given":
        own = _area_of(lon, lat, points.usable, area.tz)
        if own is not None:
            placed = _placed(points, base, how, own, "data")
            placed.notes.append(Note("OMRADE_UR_DATA", detail={"epsg": str(own.epsg)}))
            return placed
    if turned >= ACCEPT and straight <= DISMISS and points.labels == "xy" and base.is_projected:
        points = _Points(points.north, points.east, points.usable, points.labels)
        placed = _placed(points, base, how, area, area_how)
        placed.notes.append(Note("AXLAR_NORR_FORST"))
        return placed
    placed = _placed(points, base, how, area, area_how)
    if strange and fits:
        placed.notes.append(Note("CRS_STRIDER", detail={"epsg": f"EPSG:{fits.epsg}"}))
    return placed


def _base(
    points: _Points, scores: list[_Score], told: Any, declared: str | None
) -> tuple[CRS | None, str]:
    """Return the reference system and how it is known; None where it cannot be decided."""
    if told is not None and not (isinstance(told, str) and told == "auto"):
        return _told_crs(told), "told"
    if declared is not None:
        return parse_crs(declared), "declared"
    degrees = _share(_on_earth(points.east, points.north), points.usable)
    if points.labels == "lonlat" and (degrees >= _MOST or not _clear(scores)):
        return _WGS84, "headers"
    mixed = points.labels == "eastnorth" and _one_system(scores)
    if _clear(scores) or mixed:
        return parse_crs(scores[0].epsg), "guessed"
    return (_WGS84, "values") if degrees >= ACCEPT else (None, "")


def _told_crs(told: Any) -> CRS:
    known = parse_crs(told)
    if not locates(known):
        raise CRSError(
            Text(
                "Koordinatsystemet {c} säger inte var på jorden en punkt ligger. Ange ett.",
                "The coordinate system {c} does not say where on earth a point lies. Give one.",
            ).fill(c=known.name[:60])
        )
    return known


def _clear(scores: list[_Score]) -> bool:
    return scores[0].share >= ACCEPT and scores[1].share <= DISMISS


def _one_system(scores: list[_Score]) -> bool:
    """Tell whether one system fits nearly all points when some rows have their axes swapped."""
    best = scores[0].epsg
    same = sum(score.share for score in scores if score.epsg == best)
    other = max((score.share for score in scores if score.epsg != best), default=0.0)
    return same >= ACCEPT and other <= DISMISS and not scores[0].swapped


def _scores(points: _Points, area: ConfiguredArea) -> list[_Score]:
    """Score every candidate, best first, by the share of points that it puts in the area."""
    at = np.flatnonzero(points.usable)
    if at.size > _SAMPLE:
        at = at[np.linspace(0, at.size - 1, _SAMPLE).astype(np.int64)]
    found = []
    for epsg in dict.fromkeys((*CANDIDATES, area.epsg)):
        for swapped in (False, True):
            first, second = (points.north, points.east) if swapped else (points.east, points.north)
            lon, lat = _lon_lat(first[at], second[at], parse_crs(epsg))
            share = float(within(area.bbox, lon, lat).mean()) if at.size else 0.0
            found.append(_Score(epsg, swapped, share))
    return sorted(found, key=lambda score: -score.share)


def _lon_lat(east: Floats, north: Floats, crs: CRS) -> tuple[Floats, Floats]:
    if _is_lon_lat(crs):
        return east, north
    lon, lat = transform(east, north, crs, WGS84)
    return lon, lat


def _on_earth(lon: Floats, lat: Floats) -> Bools:
    return np.asarray((np.abs(lon) <= 180) & (np.abs(lat) <= 90))  # noqa: PLR2004 - degrees


def _share(mask: Bools, usable: Bools) -> float:
    return float(mask[usable].mean()) if usable.any() else 0.0


def _placed(points: _Points, crs: CRS, how: str, area: ConfiguredArea, area_how: str) -> Placed:
    """Put points in the area, with a reason for each that does not fall in it."""
    lon, lat = _lon_lat(points.east, points.north, crs)
    code = np.full(len(lon), "", dtype=object)
    inside = within(area.bbox, lon, lat)
    code[points.usable & ~inside] = "UTANFOR_OMRADE"
    code[points.usable & ~_on_earth(lon, lat)] = "KOORD_UTANFOR"
    turned = within(area.bbox, *_lon_lat(points.north, points.east, crs))
    swapped = "LATLON_OMKASTAD" if crs.is_geographic else "AXLAR_OMKASTADE"
    code[points.usable & ~inside & turned] = swapped
    good = points.usable & inside
    x, y = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
    x[good], y[good] = transform(points.east[good], points.north[good], crs, area.epsg)
    # To the centimetre: the same place by way of another system stays the same place.
    x, y = np.round(x, _CENTIMETRES), np.round(y, _CENTIMETRES)
    return Placed(x, y, code, _name(crs), how, area, area_how)


def _refused(
    points: _Points, reason: str, crs: CRS | None, how: str, area: ConfiguredArea, area_how: str
) -> Placed:
    code = np.where(points.usable, reason, "").astype(object)
    nowhere = np.full(len(code), np.nan)
    return Placed(
        nowhere, nowhere.copy(), code, _name(crs) if crs is not None else "", how, area, area_how
    )


def _undecided(
    points: _Points, scores: list[_Score], area: ConfiguredArea, area_how: str
) -> Placed:
    placed = _refused(points, "CRS_OKLAR", None, "", area, area_how)
    placed.proposal = f"EPSG:{scores[0].epsg}" if scores[0].share > DISMISS else ""
    return placed


def _is_lon_lat(crs: CRS) -> bool:
    return bool(crs.is_exact_same(_WGS84)) or crs.to_authority() == ("OGC", "CRS84")


def _name(crs: CRS) -> str:
    epsg = WGS84 if _is_lon_lat(crs) else crs.to_epsg()
    return f"EPSG:{epsg}" if epsg is not None else crs.name


def _area_of(lon: Floats, lat: Floats, usable: Bools, tz: str) -> ConfiguredArea | None:
    """Choose an area around data from elsewhere; None where they have no common place."""
    real = usable & _on_earth(lon, lat)
    if _share(real, usable) < ACCEPT:
        return None
    mid_lon, mid_lat = float(np.median(lon[real])), float(np.median(lat[real]))
    near = real & (_distance_km(lon, lat, mid_lon, mid_lat) <= STRAY_KM)
    if _share(near, real) < ACCEPT:
        return None
    epsg = metric_crs_for(lon[near], lat[near]).to_epsg()
    bbox = (
        float(lon[near].min()), float(lat[near].min()),
        float(lon[near].max()), float(lat[near].max()),
    )  # fmt: skip
    return ConfiguredArea(f"{mid_lat:.1f}, {mid_lon:.1f}", bbox, int(epsg or 0), tz)


def _distance_km(lon: Floats, lat: Floats, lon0: float, lat0: float) -> Floats:
    """Return great-circle distances (haversine), kilometres."""
    with np.errstate(invalid="ignore"):
        half = np.sin(np.radians(lat - lat0) / 2) ** 2 + np.cos(np.radians(lat)) * np.cos(
            np.radians(lat0)
        ) * (np.sin(np.radians(lon - lon0) / 2) ** 2)
        return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))

"""Zones of the joint picture: squares that stand out, joined; nothing finer than a square.

Their outlines run along the lines of the fixed grid, which are the same whatever happened, and
their figures are sums of bands, told as bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from riskmiljo.analysis.places import unique_places
from riskmiljo.analysis.trend import COLUMNS as TREND_COLUMNS
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.model.tables import ZONE_COLUMNS, ZONE_DETAIL_COLUMNS
from riskmiljo.situation.joint_source import SQUARE_M
from riskmiljo.situation.release_margins import BANDS
from riskmiljo.situation.released import band_text
from riskmiljo.store.releases import JOINT_ZONE
from riskmiljo.wording import Text
from riskmiljo.zones.counting import count_zones
from riskmiljo.zones.identity import identify
from riskmiljo.zones.membership import zone_of_points
from riskmiljo.zones.persistence import basins, merge

# Of a released year a zone holds at least this many, as the zones of one's own data do.
MIN_ABOUT: Final = 20
# The heat's kernel: METHODS section 6 has at least 250 m.
BANDWIDTH_M: Final = 350.0
HEAT_CELL_M: Final = 50.0
# A zone's squares reach down to this share of its top.
_FALL: Final = 0.4
# A lower top is a zone of its own where the dip before it is at least this deep.
_DIP: Final = 0.25
# A square stands out at this many times the mean of the squares that hold anything.
_STANDS_OUT: Final = 1.5
_NEAR: Final = 0.05
# What a cell that is not told is taken to hold at most, in a comparison of years.
_WITHHELD: Final = 9.0
# Sums of bands are told in bands too: coarser ones, the larger they are.
SUM_BANDS: Final = (*BANDS, 200, 500, 1_000, 2_000, 5_000)

WHY_NONE: Final = Text(
    "ingen släppt ruta står ut.",
    "no released cell stands out.",
)
_TREND: Final[dict[str, Text]] = {
    "rising": Text("ökar: klart fler än året före", "rising: clearly more than the year before"),
    "falling": Text(
        "minskar: klart färre än året före", "falling: clearly fewer than the year before"
    ),
    "level": Text("ingen säker ändring mot året före", "no certain change from the year before"),
    "short": Text("inget år att jämföra med", "no year to compare with"),
}

Floats = npt.NDArray[np.float64]


def sum_band(about: float) -> tuple[int, Text]:
    """Return the band that a sum of bands is told as.

    Parameters
    ----------
    about
        The sum of the figures that the bands are calculated with.

    Returns
    -------
    tuple
        Its lower end, and the band in words.
    """
    low = max((one for one in SUM_BANDS if one <= about), default=0)
    above = next((one - 1.0 for one in SUM_BANDS if one > about), np.inf)
    return low, band_text(max(low, 1), above)


def joint_zones(
    made: gpd.GeoDataFrame,
    *,
    period: Period,
    places: gpd.GeoDataFrame,
    tz: str,
    names: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Find the zones of the joint picture.

    Parameters
    ----------
    made
        Released bands in the form of incidents.
    period
        What they are about.
    places
        The gazetteer in the same CRS.
    tz
        The zone of local days.
    names
        What readers have called zones, by id; they win over the found names.

    Returns
    -------
    geopandas.GeoDataFrame
        ZONE_COLUMNS, ZONE_DETAIL_COLUMNS and ``band_sv``, ``band_en``; the largest first.
        ``events`` and ``incidents`` are the lower ends of the bands; ``places`` and ``days`` are
        not known and 0. When empty, ``attrs["why"]`` says why.
    """
    xy = coordinates(made)
    shapes, tops = _shapes(*_field(made, xy))
    zone = zone_of_points(xy, shapes)
    weights = np.ones(len(made))
    area_m2 = shapely.area(shapes) if shapes else np.empty(0)
    table = count_zones(zone, area_m2, made, xy, weights, period=period, tz=tz)
    enough = np.flatnonzero(table["events"].to_numpy() >= MIN_ABOUT)
    order = enough[np.argsort(-table["events"].to_numpy()[enough], kind="stable")]
    if len(order) == 0:
        columns = [*(name for name in ZONE_COLUMNS if name != "geometry"), *ZONE_DETAIL_COLUMNS]
        empty = gpd.GeoDataFrame(
            {name: [] for name in [*columns, "band_sv", "band_en"]}, geometry=[], crs=made.crs
        )
        empty.attrs["why"] = WHY_NONE
        return empty
    chosen = [shapes[number] for number in order]
    identity = identify(
        chosen,
        tops[order],
        unique_places(xy, weights),
        first_day=period.start,
        places=places,
        previous=None,
    )
    # The square at its top names a zone, from release to release.
    ids = [JOINT_ZONE + str(one).removeprefix("z") for one in identity.columns["zone_id"]]
    given, found = names or {}, [str(name) for name in identity.columns["name"]]
    table = table.iloc[order].reset_index(drop=True)
    bands = [sum_band(float(about)) for about in table["events"]]
    table = table.assign(
        **identity.columns
        | {
            "zone_id": ids,
            "name": [given.get(one, name) for one, name in zip(ids, found, strict=True)],
        },
        parent_id="",
        level=1,
        drawn=False,
        stability=np.nan,
        incidents=[float(low) for low, _ in bands],
        events=[low for low, _ in bands],
        places=0,
        days=0,
        per_ha_week=[_two_figures(one) for one in table["per_ha_week"]],
        per_ha_week_lower=np.nan,
        per_ha_week_upper=np.nan,
        share=(table["events"] / len(made)).round(2),
        reported=np.nan,
        discovered=np.nan,
        band_sv=[text.sv for _, text in bands],
        band_en=[text.en for _, text in bands],
    )
    zones = gpd.GeoDataFrame(table, geometry=chosen, crs=made.crs)
    zones.attrs["parameters"] = {"bandwidth_m": BANDWIDTH_M, "cell_m": HEAT_CELL_M}
    return zones


def joint_trend(
    latest: gpd.GeoDataFrame | None, before: gpd.GeoDataFrame | None, zones: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Compare the released year with the year before it, zone by zone.

    Parameters
    ----------
    latest, before
        ``cell``, ``low`` and ``high`` of each cell and its middle as a point; None where there is
        no such year.
    zones
        The zones.

    Returns
    -------
    pandas.DataFrame
        Index zone_id, the columns of `riskmiljo.analysis.trend.zone_trend`; every figure is NaN.
        A zone rises where even the least that its bands let it be exceeds the most that they let
        it be the year before. A cell that is withheld in one of the years is taken to hold at most
        the minimum count.
    """
    verdicts = []
    for shape in zones.geometry:
        if latest is None or before is None:
            verdicts.append("short")
            continue
        verdicts.append(_verdict(*(frame[frame.within(shape)] for frame in (latest, before))))
    table = pd.DataFrame(
        np.nan,
        index=pd.Index(zones["zone_id"], name="zone_id"),
        columns=[name for name in TREND_COLUMNS if not name.startswith("verdict")],
    )
    return table.assign(
        verdict=verdicts,
        verdict_sv=[_TREND[one].sv for one in verdicts],
        verdict_en=[_TREND[one].en for one in verdicts],
    )


def _verdict(now: gpd.GeoDataFrame, then: gpd.GeoDataFrame) -> str:
    before = then.set_index("cell")[["low", "high"]].add_suffix("_then")
    ends = now.set_index("cell")[["low", "high"]].join(before, how="outer")
    total = ends.fillna({"low": 0, "low_then": 0, "high": _WITHHELD, "high_then": _WITHHELD}).sum()
    if total["low"] > total["high_then"]:
        return "rising"
    return "falling" if total["high"] < total["low_then"] else "level"


def _two_figures(value: float) -> float:
    return float(f"{value:.2g}")


def _field(made: gpd.GeoDataFrame, xy: Floats) -> tuple[Floats, Floats, Grid]:
    """Return the figures of the squares, and the same with a little of their neighbours'."""
    from scipy import ndimage  # noqa: PLC0415 - only the joint picture needs it

    box = shapely.box(*made.total_bounds).buffer(2 * SQUARE_M, join_style="mitre")
    grid = Grid.over(gpd.GeoSeries([box], crs=made.crs), SQUARE_M, origin=(0.0, 0.0))
    counts = np.bincount(grid.index(xy), minlength=grid.mask.size).reshape(grid.shape).astype(float)
    near = np.array([[0, _NEAR, 0], [_NEAR, 1, _NEAR], [0, _NEAR, 0]])
    return counts, ndimage.convolve(counts, near, mode="constant"), grid


def _shapes(counts: Floats, height: Floats, grid: Grid) -> tuple[list[shapely.Polygon], Floats]:
    """Return the outlines of squares that stand out together, and the middle of each top."""
    from scipy import ndimage  # noqa: PLC0415 - only the joint picture needs it

    floor = _STANDS_OUT * float(height[counts > 0].mean())
    flat = height.ravel()
    found = merge(
        height,
        basins(height, floor),
        lambda top, saddle: bool(flat[saddle] < (1 - _DIP) * flat[top]),
    )
    squares = grid.cells().reshape(grid.shape)
    shapes = []
    for number, top in enumerate(found.tops):
        part = (found.labels == number) & (height >= _FALL * flat[top]) & (counts > 0)
        joined, _ = ndimage.label(part)
        own = joined == joined.ravel()[top] if joined.ravel()[top] else joined < 0
        whole = shapely.union_all(squares[own])
        shapes.append(shapely.Polygon(whole.exterior) if own.any() else shapely.Polygon())
    kept = [n for n, shape in enumerate(shapes) if not shape.is_empty]
    return [shapes[n] for n in kept], grid.centres[found.tops[kept]].reshape(-1, 2)

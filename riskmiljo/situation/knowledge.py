"""How much is known where: the presence behind a situation, and what is said without it."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.surface import Surface
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.situation.source import seen_presence
from riskmiljo.store import Store
from riskmiljo.wording import Text

# Presence is told as finely as the joint picture tells incidents, and no finer.
KNOWLEDGE_CELL_M: Final = 250.0
NO_PRESENCE: Final = Text(
    "Ingen närvaro är inläst för perioden: kartan kan inte säga var lite är känt. Upptäckta "
    "händelser säger mest var patruller har varit; jämför rapporterade och upptäckta var för sig.",
    "No presence has been taken in for the period: the map cannot say where little is known. "
    "Discovered incidents say most of where patrols have been; compare reported and discovered "
    "ones separately.",
)
_MINUTES: Final = 60.0
_YEAR_DAYS: Final = 365.25
# An area wider than this is drawn in coarser cells.
_MOST_CELLS: Final = 20_000


def presence_cells(
    store: Store, lens: Lens, surface: Surface | None, period: Period
) -> gpd.GeoDataFrame | None:
    """Return how long somebody was in each cell of the shown area.

    Parameters
    ----------
    store
        Where presence is kept.
    lens
        Who looks: the presence of their own crews is shown, and none in the joint picture.
    surface
        What the map shows; its box is the area, so that no cell says where incidents were.
    period
        Of the situation; a visit is counted by when it began.

    Returns
    -------
    geopandas.GeoDataFrame or None
        ``hours_per_year``, and the outline of each cell; ``attrs["cell_m"]``. None where nothing
        may be shown, or nothing is known.
    """
    if surface is None or lens.scope != "own":
        return None
    presence = seen_presence(store, lens, period)
    began = (presence["begins"] >= period.start) & (presence["begins"] < period.end)
    presence = presence[began]
    if presence.empty:
        return None
    box = shapely.box(*surface.grid.bounds)
    coarser = np.ceil(np.sqrt(box.area / KNOWLEDGE_CELL_M**2 / _MOST_CELLS))
    cell_m = KNOWLEDGE_CELL_M * max(1.0, float(coarser))
    grid = Grid.over(box, cell_m, origin=(0.0, 0.0))
    cell = grid.index(coordinates(presence))
    inside = cell >= 0
    minutes = np.bincount(
        cell[inside], presence["minutes"].to_numpy(dtype=float)[inside], minlength=grid.mask.size
    )
    x, y = grid.centres.T
    half = cell_m / 2
    frame = gpd.GeoDataFrame(
        {"hours_per_year": minutes / _MINUTES * _YEAR_DAYS / period.days},
        geometry=shapely.box(x - half, y - half, x + half, y + half),
        crs=presence.crs,
    )
    frame.attrs = {"cell_m": cell_m}
    return frame


def missing_presence(
    presence: gpd.GeoDataFrame | None, surface: Surface | None, *, discovered: bool
) -> list[Text]:
    """Say that no presence is known, where that matters to what the map shows.

    Parameters
    ----------
    presence
        From `presence_cells`.
    surface
        What the map shows; of a map without one nothing is said.
    discovered
        Whether any of the incidents behind it was found by a patrol.

    Returns
    -------
    list of Text
        One sentence, or none.
    """
    return [NO_PRESENCE] if presence is None and surface is not None and discovered else []

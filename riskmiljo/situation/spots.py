"""Hot spots through a lens: which cells stand out, with small counts taken out."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import shapely

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.hot_spots import hot_spots
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.grid import Grid
from riskmiljo.model.filters import Filter
from riskmiljo.settings import Settings
from riskmiljo.situation.periods import default_period, zone_of
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.withheld import told_groups
from riskmiljo.store import Store
from riskmiljo.wording import Text

# Cells of the joint picture (METHODS section 6), and the eight around each of them.
CELL_M: Final = 250.0
RADIUS_M: Final = 360.0
FDR: Final = 0.05


def significant_cells(
    store: Store, settings: Settings, lens: Lens, question: Filter
) -> gpd.GeoDataFrame:
    """Return the cells that are significantly hot or cold.

    Parameters
    ----------
    store
        Where the incidents lie.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents. Without a period: the last 52 weeks that the data hold.

    Returns
    -------
    geopandas.GeoDataFrame
        ``kind`` (hot or cold), ``count`` (missing where the lens does not show it), ``gi_z`` to one
        decimal, ``q`` and the square; the hottest first. ``attrs`` has ``period`` and ``cells``.

    Raises
    ------
    NothingFoundError
        If nothing matches, or no cell is significant.
    """
    tz = zone_of(store, settings)
    period = question.period or default_period(store, tz=tz, owners=lens.owners)
    incidents = seen_incidents(store, question.within(period), lens)
    if incidents.empty:
        raise NothingFoundError(
            Text("Inga händelser för {p}.", "No incidents for {p}.").fill(p=period.days_text(tz))
        )
    box = shapely.box(*incidents.total_bounds).buffer(RADIUS_M, join_style="mitre")
    # Cells lie where they always lie, whatever is asked for.
    grid = Grid.over(gpd.GeoSeries([box], crs=incidents.crs), CELL_M, origin=(0.0, 0.0))
    found = hot_spots(incidents, grid=grid, radius_m=RADIUS_M, fdr=FDR)
    cells = len(found)
    found = found[found["significant"]].reset_index(drop=True)
    if found.empty:
        raise NothingFoundError(
            Text(
                "Ingen av {n} {n:ruta|rutor} står ut signifikant. Välj längre period eller färre "
                "villkor.",
                "None of {n} {n:cell|cells} stands out significantly. Choose a longer period or "
                "fewer terms.",
            ).fill(n=cells)
        )
    told = told_groups(incidents, grid.index(coordinates(incidents)), lens, tz=tz)
    # A cell without incidents is not among the rows; nothing is shown of it.
    shown = found["cell"].isin(told.index[told["shown"]])
    # In the joint picture a count is no count, but the figure that a band is calculated with.
    shown &= lens.scope == "own"
    found["count"] = found["count"].round().astype("Int64").where(shown)
    # A finer figure would tell the counts that are not shown.
    found["gi_z"] = found["gi_z"].round(1)
    found["q"] = found["q"].round(4)
    order = found["gi_z"].sort_values(ascending=False, kind="stable").index
    table: gpd.GeoDataFrame = found.loc[order, ["kind", "count", "gi_z", "q", "geometry"]]
    table = table.reset_index(drop=True)
    table.attrs = {"period": period, "cells": cells}
    return table

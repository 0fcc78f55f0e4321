"""How much is known where: hours of presence per cell, in fixed classes."""

from __future__ import annotations

import math
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from riskmiljo.maps.geometry import feature, to_degrees
from riskmiljo.wording import Text, decimal_text

Layer = dict[str, Any]

# Hours of presence a year in a cell: where a class begins, and its colour. Grey is little known;
# no colour of the density is among them.
KNOWLEDGE_CLASSES: Final[tuple[tuple[float, str], ...]] = (
    (0.0, "#8b9096"),
    (1 / 60, "#c3c8cd"),
    (1.0, "#c5dfec"),
    (10.0, "#6fa9cb"),
    (50.0, "#2c6e9b"),
)
_LABEL: Final = Text("Kunskapsläge", "State of knowledge")
_NONE: Final = Text("ingen känd", "none known")
_UNIT: Final = Text(
    "Timmar närvaro per år i en ruta om {m} meter", "Hours of presence a year in a cell of {m} m"
)
_NOTE: Final = Text(
    "Det som patruller upptäcker blir känt bara där de är. Grått betyder lite känt, aldrig säkert: "
    "få upptäckta händelser där säger inget om risken. Rapporterade händelser beror inte på "
    "närvaron på samma sätt.",
    "What patrols discover becomes known only where they are. Grey means little known, never safe: "
    "few discovered incidents there say nothing of the risk. Reported incidents do not depend on "
    "presence in the same way.",
)


def knowledge_layer(cells: gpd.GeoDataFrame, *, cell_m: float, shown: bool = False) -> Layer:
    """Return how long somebody was where, in fixed classes.

    Parameters
    ----------
    cells
        ``hours_per_year`` and the cell's outline, metres; cells of the shown area that nobody is
        known to have visited are there too, with 0.
    cell_m
        Side of a cell, metres.
    shown
        Whether the layer is on when the map opens.

    Returns
    -------
    dict
        One feature per class that occurs, with its colour, and a legend of all classes.
    """
    edges = [lower for lower, _ in KNOWLEDGE_CLASSES]
    which = np.searchsorted(edges, cells["hours_per_year"].to_numpy(dtype=float), "right") - 1
    present = [number for number in range(len(edges)) if (which == number).any()]
    outlines = cells.geometry.to_numpy()
    shapes = gpd.GeoSeries(
        [shapely.union_all(outlines[which == number]) for number in present], crs=cells.crs
    )
    labels = [_label(number) for number in range(len(edges))]
    return {
        "id": "knowledge",
        "label": _LABEL.as_dict(),
        "shown": shown,
        "features": [
            feature(
                shape,
                {"colour": KNOWLEDGE_CLASSES[number][1], "label": labels[number].as_dict()},
            )
            for number, shape in zip(present, to_degrees(shapes), strict=True)
        ],
        "legend": {
            "title": _LABEL.as_dict(),
            "unit": _UNIT.fill(m=decimal_text(cell_m, 0)).as_dict(),
            "classes": [
                {"colour": colour, "label": label.as_dict()}
                for (_, colour), label in zip(KNOWLEDGE_CLASSES, labels, strict=True)
            ],
            "note": _NOTE.as_dict(),
        },
    }


def _label(number: int) -> Text:
    edges = [*(lower for lower, _ in KNOWLEDGE_CLASSES), math.inf]
    if number == 0:
        return _NONE
    low, high = (decimal_text(edge) for edge in edges[number : number + 2])
    if number == 1:
        return Text("under {n}", "below {n}").fill(n=high)
    if math.isinf(edges[number + 1]):
        return Text("{n} eller mer", "{n} or more").fill(n=low)
    return Text("{a}–{b}", "{a}–{b}").fill(a=low, b=high)

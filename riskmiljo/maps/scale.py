"""The colours of density, defined once: the same figure has the same colour on every map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from riskmiljo.wording import Text, decimal_text

UNIT: Final = Text("händelser per hektar och vecka", "incidents per hectare per week")

# Steps of about 2 to 2.5, from one incident per hectare and year (0.02) to five a week. Below the
# first step nothing is painted.
BREAKS: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

# From light to dark in even steps of lightness and through one hue range (yellow to purple), which
# people with red-green or blue-yellow colour blindness also see as an order; far from the
# base map's green and blue.
_COLOURS: Final = (
    "#fde9a9",
    "#fbcb72",
    "#f5a54b",
    "#e97b3d",
    "#d3503f",
    "#ad2c52",
    "#7b1a5c",
    "#43104f",
)

EXPLANATION: Final = Text(
    "0,02 är ungefär en händelse per hektar och år; 1 är en i veckan. Under 0,02 målas inget. "
    "Samma värde har samma färg på alla kartor.",
    "0.02 is about one incident per hectare per year; 1 is one a week. Below 0.02 nothing is "
    "painted. The same value has the same colour on every map.",
)


@dataclass(frozen=True, slots=True)
class DensityClass:
    """One step of the scale.

    Attributes
    ----------
    lower, upper
        Incidents per hectare per week; the last class has no upper limit (infinity).
    colour
        ``#rrggbb``.
    """

    lower: float
    upper: float
    colour: str

    @property
    def label(self) -> Text:
        """What the legend says."""
        low, high = decimal_text(self.lower), decimal_text(self.upper)
        if math.isinf(self.upper):
            return Text("{n} eller mer", "{n} or more").fill(n=low)
        return Text("{a}–{b}", "{a}–{b}").fill(a=low, b=high)


DENSITY_CLASSES: Final = tuple(
    DensityClass(lower, upper, colour)
    for lower, upper, colour in zip(BREAKS, (*BREAKS[1:], math.inf), _COLOURS, strict=True)
)

"""Where the numbers of stops stand on a small map so that none hides another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_TURNS: Final = 16
_RINGS: Final = 24
_GAP: Final = 0.4


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the drawing, in its units, y downwards.

    Attributes
    ----------
    x, y
        The middle.
    width, height
        Of the sides.
    """

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Return whether two rectangles overlap or come too close."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2 + _GAP
            and abs(self.y - other.y) < (self.height + other.height) / 2 + _GAP
        )

    def inside(self, width: float, height: float) -> bool:
        """Return whether it lies wholly within a frame from the origin.

        Parameters
        ----------
        width, height
            Of the frame.

        Returns
        -------
        bool
            True if no side crosses the frame.
        """
        return (
            self.width / 2 <= self.x <= width - self.width / 2
            and self.height / 2 <= self.y <= height - self.height / 2
        )


def place(wanted: Sequence[Box], taken: Sequence[Box], *, width: float, height: float) -> list[Box]:
    """Move rectangles as little as needed so that none lies on another.

    Greedy and deterministic: each in turn takes the nearest free place on rings round where it
    wants to be. Where the drawing is full it stays where it is.

    Parameters
    ----------
    wanted
        Where each would stand if it were alone.
    taken
        Places that nothing may cover.
    width, height
        The frame, from the origin; nothing is moved outside.

    Returns
    -------
    list of Box
        As long as `wanted`.
    """
    placed: list[Box] = []
    for box in wanted:
        free = next(
            (
                choice
                for choice in _choices(box)
                if choice.inside(width, height)
                and not any(choice.meets(other) for other in (*taken, *placed))
            ),
            box,
        )
        placed.append(free)
    return placed


def _choices(box: Box) -> Iterator[Box]:
    yield box
    for ring in range(1, _RINGS):
        away = ring * box.height * 0.6
        for turn in range(_TURNS):
            angle = 2 * math.pi * turn / _TURNS
            # Wide boxes are moved further to the side than up or down.
            reach = away + (box.width - box.height) / 2
            yield Box(
                box.x + reach * math.cos(angle),
                box.y + away * math.sin(angle),
                box.width,
                box.height,
            )

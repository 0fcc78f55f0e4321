"""Find an even sharing of a few units by trying every connected part, where chance finds none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Parts looked at before the search is given up: a second or so; enough for some sixteen units.
_MOST_PARTS: Final = 200_000
_MOST_UNITS: Final = 24


def even_sharing(weights: Floats, adjacent: Bools, teams: int, deviation: float) -> Ints | None:
    """Return connected parts whose loads are even enough, if there are any.

    Parameters
    ----------
    weights
        Shape (n,), load of each unit.
    adjacent
        Shape (n, n), True where two units share a border.
    teams
        Number of parts.
    deviation
        How far a load may be from the mean, as a share of it.

    Returns
    -------
    numpy.ndarray or None
        Shape (n,), the part of each unit, the first sharing found; None where there is none, or
        where units are too many to try them all.
    """
    fair = float(weights.sum()) / teams
    if len(weights) > _MOST_UNITS or weights.max() > fair * (1 + deviation):
        return None
    trial = _Trial(
        [float(weight) for weight in weights],
        [sum(1 << int(other) for other in np.flatnonzero(row)) for row in adjacent],
        (fair * (1 - deviation), fair * (1 + deviation)),
    )
    found = trial.share((1 << len(weights)) - 1, teams)
    if found is None:
        return None
    part = np.empty(len(weights), dtype=np.int64)
    for number, mask in enumerate(found):
        for unit in range(len(weights)):
            if mask >> unit & 1:
                part[unit] = number
    return part


class _Trial:
    """Sets of units are the bits of a number."""

    def __init__(self, weights: list[float], beside: list[int], loads: tuple[float, float]) -> None:
        self.weights, self.beside = weights, beside
        self.low, self.high = loads
        self.left = _MOST_PARTS

    def share(self, rest: int, teams: int) -> list[int] | None:
        """Divide what is left; the first unit of it belongs to the first part."""
        root = (rest & -rest).bit_length() - 1
        if root < 0:
            return None
        for part in self._parts(1 << root, self.beside[root] & rest, rest, self.weights[root]):
            others = rest & ~part
            if teams == 1:
                if not others:
                    return [part]
            elif (found := self.share(others, teams - 1)) is not None:
                return [part, *found]
        return None

    def _parts(self, part: int, border: int, free: int, load: float) -> Iterator[int]:
        """Give every connected part that holds this one and is not too heavy, each once."""
        self.left -= 1
        if self.left < 0 or load > self.high:
            return
        if load >= self.low:
            yield part
        free &= ~part
        border &= free
        while border:
            bit = border & -border
            border ^= bit
            free ^= bit
            unit = bit.bit_length() - 1
            wider = (border | self.beside[unit]) & free
            yield from self._parts(part | bit, wider, free, load + self.weights[unit])

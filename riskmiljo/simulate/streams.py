"""Chance with a name: one independent stream of random numbers for each purpose."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """Return the random numbers of one purpose.

    The child of the seed is chosen by a name instead of a running number, so that a new purpose,
    or a new place, leaves all other streams as they were.

    Parameters
    ----------
    seed
        The seed of the whole simulation, not negative.
    *purpose
        What the numbers are for, e.g. ``"addresses", "city"``.

    Returns
    -------
    numpy.random.Generator
        Independent of every other purpose's.

    References
    ----------
    M. E. O'Neill (2015), Developing a seed_seq alternative (the algorithm of `SeedSequence`).
    """
    key = tuple(crc32(word.encode()) for word in purpose)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

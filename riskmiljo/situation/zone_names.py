"""The zone that a user means, by its id or its name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

import geopandas as gpd

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

_ALIKE: Final = 0.6


def find_zone(word: str, zones: gpd.GeoDataFrame) -> int:
    """Return the row of the zone that a user names.

    Parameters
    ----------
    word
        An id, or a name in any case.
    zones
        With ``zone_id`` and ``name``.

    Returns
    -------
    int
        Its position.

    Raises
    ------
    InvalidInputError
        If there is no such zone; names the ones most like it.
    """
    wanted = " ".join(word.split()).casefold()
    ids = [str(zone_id) for zone_id in zones["zone_id"]]
    names = [str(name) for name in zones["name"]]
    folded = [name.casefold() for name in names]
    for known in ([zone_id.casefold() for zone_id in ids], folded):
        if wanted in known:
            return known.index(wanted)
    alike = get_close_matches(wanted, folded, n=3, cutoff=_ALIKE)
    if alike:
        named = ", ".join(names[folded.index(name)] for name in alike)
        problem = Text(
            "Zonen {z!r} finns inte. Menas {h}?", "There is no zone {z!r}. Is it {h}?"
        ).fill(z=word[:60], h=named)
    else:
        problem = Text(
            "Zonen {z!r} finns inte. Några av zonerna: {h}.",
            "There is no zone {z!r}. Some of the zones: {h}.",
        ).fill(z=word[:60], h=", ".join(names[:5]))
    raise InvalidInputError(problem)

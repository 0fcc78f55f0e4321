"""The street networks of a store, made once: every page and plan walks on the same ones."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final

import geopandas as gpd

from riskmiljo.model.plan import Mode
from riskmiljo.patrol.streets import Streets
from riskmiljo.situation.memory import Memory
from riskmiljo.store import Store
from riskmiljo.store.streets import GROUND_KINDS

_ON_FOOT: Final[tuple[Mode, ...]] = ("walk",)
# A store's streets before and after an import, and a city's network in each mode.
_streets: Final = Memory[gpd.GeoDataFrame | None](most=2)
# With the lines that each was made of: these live as long, so that their identity is theirs alone.
_networks: Final = Memory[tuple[gpd.GeoDataFrame, Streets]](most=6)


def loaded_streets(store: Store) -> gpd.GeoDataFrame | None:
    """Return the streets of a store, read again only when its maps have changed.

    Parameters
    ----------
    store
        The store.

    Returns
    -------
    geopandas.GeoDataFrame or None
        As `Store.streets` gives them; shared by all who ask, so nobody changes it.
    """
    key = (store.url, store.map_version())
    return _streets.get(key, store.streets)


def networks(
    streets: gpd.GeoDataFrame | None, modes: Collection[Mode] = _ON_FOOT
) -> dict[str, Streets]:
    """Return the networks that some streets make, one for each mode.

    Parameters
    ----------
    streets
        As `loaded_streets` gives them.
    modes
        How one travels.

    Returns
    -------
    dict
        Empty while no streets are loaded.

    Raises
    ------
    NothingFoundError
        If no street is open to one of the modes.
    """
    if streets is None:
        return {}

    def make(mode: Mode) -> tuple[gpd.GeoDataFrame, Streets]:
        lines = streets[~streets["kind"].isin(GROUND_KINDS)]
        return streets, Streets.from_lines(lines, mode)

    return {
        mode: _networks.get((id(streets), mode), partial(make, mode))[1]
        for mode in dict.fromkeys(modes)
    }

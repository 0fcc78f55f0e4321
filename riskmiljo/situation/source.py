"""The one door to incidents: what a lens shows of them."""

from __future__ import annotations

import geopandas as gpd

from riskmiljo.access.lens import Lens
from riskmiljo.model.filters import Filter
from riskmiljo.situation.joint_source import pseudo_incidents
from riskmiljo.store import Store


def seen_incidents(store: Store, question: Filter, lens: Lens) -> gpd.GeoDataFrame:
    """Return the incidents that a question asks for, as far as the lens shows them.

    Parameters
    ----------
    store
        An open store.
    question
        Which incidents.
    lens
        Who asks.

    Returns
    -------
    geopandas.GeoDataFrame
        As `Store.incidents`. Under the joint lens no row is an incident: it is what was released,
        in the form of incidents (`riskmiljo.situation.joint_source.pseudo_incidents`).

    Raises
    ------
    NothingFoundError
        Under the joint lens, if nothing was released or no band answers.
    InvalidInputError
        Under the joint lens, if the question has terms that were not released together.
    """
    if lens.scope == "joint":
        return pseudo_incidents(store, question)
    return store.incidents(question, owners=lens.owners)

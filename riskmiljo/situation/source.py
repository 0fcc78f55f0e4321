"""The one door to incidents and to presence: what a lens shows of them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd

from riskmiljo.access.lens import Lens
from riskmiljo.access.presence import kinds_told
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
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


def other_kinds(store: Store, question: Filter, lens: Lens) -> gpd.GeoDataFrame | None:
    """Return the incidents of the kinds that a question does not ask for, on its other terms.

    Parameters
    ----------
    store
        An open store.
    question
        Which incidents.
    lens
        Who asks; not the joint one.

    Returns
    -------
    geopandas.GeoDataFrame or None
        However they became known. None where the question is not of certain kinds, or there are
        no others.
    """
    if not question.categories:
        return None
    everything = seen_incidents(store, replace(question, categories=(), detections=()), lens)
    others = everything[~everything["category"].isin(question.categories)]
    return None if others.empty else others


def seen_presence(store: Store, lens: Lens, period: Period | None = None) -> gpd.GeoDataFrame:
    """Return the presence that a lens shows place by place.

    Parameters
    ----------
    store
        An open store.
    lens
        Who asks.
    period
        As for `Store.presence`.

    Returns
    -------
    geopandas.GeoDataFrame
        As `Store.presence`: that of the crews of the lens's owners, and none in the joint picture.
    """
    presence = store.presence(period)
    told = presence["crew_kind"].astype(str).isin(sorted(kinds_told(lens)))
    return presence[told.to_numpy()].reset_index(drop=True)

"""The one door to incidents: what a lens shows of them."""

from __future__ import annotations

import geopandas as gpd

from riskmiljo.access.lens import Lens
from riskmiljo.errors import AccessDeniedError
from riskmiljo.model.filters import Filter
from riskmiljo.store import Store
from riskmiljo.wording import Text


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
        As `Store.incidents`.

    Raises
    ------
    AccessDeniedError
        If the lens shows no incidents.
    """
    if lens.scope != "own":
        raise AccessDeniedError(
            Text("Insynen visar inga händelser.", "The lens shows no incidents.")
        )
    return store.incidents(question, owners=lens.owners)

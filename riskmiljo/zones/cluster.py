"""Clusters of weighted unique places, by the method asked for."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.analysis.arguments import is_one_of, is_real, shown
from riskmiljo.analysis.places import (
    Ints,
    Places,
    checked_weights,
    checked_xy,
    unique_places,
)
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text
from riskmiljo.zones.grid_dbscan import grid_dbscan
from riskmiljo.zones.relief import DEFAULT_BANDWIDTH_M, effective_weights, find_reliefs
from riskmiljo.zones.standing_out import place_labels

METHODS: Final = ("dbscan", "hdbscan", "density")
# Beyond this scikit-learn's HDBSCAN takes minutes (95 s at 100 000 places, measured).
HDBSCAN_MOST_PLACES: Final = 50_000


def cluster(
    xy: npt.ArrayLike,
    *,
    method: str = "dbscan",
    weights: npt.ArrayLike | None = None,
    **parameters: float,
) -> Ints:
    """Cluster points in metres.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    method
        ``"dbscan"``, ``"hdbscan"`` or ``"density"``.
    weights
        Shape (n,); None counts each point once. HDBSCAN knows no weights.
    **parameters
        dbscan: ``eps_m`` (100) and ``min_weight`` (10), the weight within ``eps_m`` that makes a
        place a core. hdbscan: ``min_cluster_size`` and ``min_samples``, both in places (10 and 5).
        density: ``bandwidth_m`` (175).

    Returns
    -------
    numpy.ndarray
        Shape (n,), from 0; -1 is noise.

    Raises
    ------
    InvalidInputError
        If the method or a parameter is not known, a coordinate or weight cannot be used, or
        HDBSCAN would have to work on more than 50 000 unique places.

    Notes
    -----
    Points that share a coordinate are one place with their weights summed. For DBSCAN that gives
    the labels that scikit-learn gives for the points themselves; for HDBSCAN it avoids core
    distances of zero, which would make every address a cluster of infinite density.

    References
    ----------
    Ester, M. et al. (1996). A density-based algorithm for discovering clusters.
    Campello, R., Moulavi, D. and Sander, J. (2013). Density-based clustering based on hierarchical
    density estimates.
    """
    if not is_one_of(method, METHODS):
        raise InvalidInputError(
            Text(
                "Metoden {m!r} finns inte. Välj en av {all}.",
                "There is no method {m!r}. Choose one of {all}.",
            ).fill(m=shown(method), all=", ".join(METHODS))
        )
    points = checked_xy(xy)
    checked = checked_weights(weights, len(points))
    if method == "density":
        checked = effective_weights(checked)
    places = unique_places(points, checked)
    if len(points) == 0:
        return np.empty(0, dtype=np.int64)
    return cluster_places(places, method, parameters)[places.inverse]


def cluster_places(places: Places, method: str, parameters: dict[str, float]) -> Ints:
    """Cluster unique places; see `cluster`.

    Parameters
    ----------
    places
        Unique places, at least one.
    method
        One of `METHODS`.
    parameters
        As in `cluster`.

    Returns
    -------
    numpy.ndarray
        Shape (m,), one label a place.
    """
    match method:
        case "dbscan":
            return _dbscan(places, parameters)
        case "hdbscan":
            return _hdbscan(places, parameters)
        case _:
            return _density(places, parameters)


def _dbscan(places: Places, parameters: dict[str, float]) -> Ints:
    used = checked_parameters(parameters, {"eps_m": 100.0, "min_weight": 10.0})
    return grid_dbscan(places, eps_m=used["eps_m"], min_weight=used["min_weight"])


def _hdbscan(places: Places, parameters: dict[str, float]) -> Ints:
    used = checked_parameters(parameters, {"min_cluster_size": 10.0, "min_samples": 5.0})
    count = len(places.xy)
    if count > HDBSCAN_MOST_PLACES:
        raise InvalidInputError(
            Text(
                "HDBSCAN på {n} {n:plats|platser} skulle ta minuter till timmar och mycket minne "
                "(högst {most} tas emot). Välj metoden density, eller ett mindre område.",
                "HDBSCAN on {n} {n:place|places} would take minutes to hours and much memory (at "
                "most {most} are taken). Choose the method density, or a smaller area.",
            ).fill(n=count, most=HDBSCAN_MOST_PLACES),
            code="HDBSCAN_KOSTNAD",
        )
    size, samples = int(used["min_cluster_size"]), int(used["min_samples"])
    if count <= max(size, samples):
        return np.full(count, -1, dtype=np.int64)
    # Imported where it is used: it takes three seconds, and the other methods do without.
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415

    model = HDBSCAN(min_cluster_size=size, min_samples=samples, copy=True)
    return np.asarray(model.fit(places.xy).labels_, dtype=np.int64)


def _density(places: Places, parameters: dict[str, float]) -> Ints:
    used = checked_parameters(parameters, {"bandwidth_m": DEFAULT_BANDWIDTH_M})
    return place_labels(places, find_reliefs(places, bandwidth_m=used["bandwidth_m"]))


def checked_parameters(given: dict[str, float], defaults: dict[str, float]) -> dict[str, float]:
    """Fill in the parameters of a method, and refuse those that it does not have.

    Parameters
    ----------
    given
        What the caller gave.
    defaults
        All parameters of the method.

    Returns
    -------
    dict of str to float
        One value for each parameter.

    Raises
    ------
    InvalidInputError
        If a name is not among the defaults, or a value is not a positive number.
    """
    used = dict(defaults)
    for name, value in given.items():
        if name not in defaults:
            raise InvalidInputError(
                Text(
                    "Parametern {p} hör inte till metoden. Den tar {all}.",
                    "The parameter {p} does not belong to the method. It takes {all}.",
                ).fill(p=name, all=", ".join(defaults) or "–")
            )
        if not (is_real(value) and value > 0):
            raise InvalidInputError(
                Text(
                    "{p} måste vara större än 0, inte {v}.", "{p} must be more than 0, not {v}."
                ).fill(p=name, v=shown(value))
            )
        used[name] = float(value)
    return used

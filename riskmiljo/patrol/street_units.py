"""Street segments as the units of a forecast: where a patrol walks, not squares around it."""

from __future__ import annotations

from typing import Final

from riskmiljo.analysis.arguments import require_instance
from riskmiljo.forecast.units import Units
from riskmiljo.patrol.streets import Streets

# Police coordinates have a median error near 83 m (Gerell 2018), and houses stand off the street.
_SNAP_M: Final = 100.0


def street_units(streets: Streets, *, snap_m: float = _SNAP_M) -> Units:
    """Take the segments of a street network as units to forecast for and to back-test on.

    Parameters
    ----------
    streets
        The network, as `read_streets` gives it.
    snap_m
        How far from its nearest segment an incident may lie, metres; those farther away belong to
        none.

    Returns
    -------
    Units
        One a row of ``streets.edges``, in that order: ``size`` is its length in kilometres, ``xy``
        its middle, and ``locate`` gives the row of the nearest segment of each incident (-1 for
        none). Give it to `backtest` as ``area``; shares of the area are then of street length.

    Raises
    ------
    InvalidInputError
        If the distance is not a positive number.

    References
    ----------
    Rosser, G., Davies, T., Bowers, K. J., Johnson, S. D. and Cheng, T. (2017). Predictive crime
    mapping: arbitrary grids or street networks?
    """
    require_instance(Streets, streets=streets)
    return Units.of_frame(streets.edges, snap_m=snap_m)

"""The times of incidents as every analysis wants them: none missing, and with a zone."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from riskmiljo.analysis.places import incident_times
from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Frame = TypeVar("Frame", bound=pd.DataFrame)

_COLUMNS = ("occurred_from", "occurred_to")


def with_moments(incidents: Frame, tz: str) -> Frame:
    """Return incidents whose beginnings and ends are known instants.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and perhaps ``occurred_to``.
    tz
        The zone of times without an offset.

    Returns
    -------
    pandas.DataFrame
        The same frame where nothing is to be done, else a copy; an end that is missing is the
        beginning.

    Raises
    ------
    InvalidInputError
        If the column ``occurred_from`` is missing, holds no times, or a time is missing (the first
        row is named), cannot be read or does not exist in the zone.
    """
    begins = incident_times(incidents, tz=tz)
    given = [name for name in _COLUMNS if name in incidents]
    if any(pd.api.types.is_numeric_dtype(incidents[name].dtype) for name in given):
        raise InvalidInputError(
            Text(
                "Tiderna är tal. Ge tidpunkter, helst med tidszon.",
                "The times are numbers. Give moments, best with a time zone.",
            )
        )
    if all(
        isinstance(incidents[name].dtype, pd.DatetimeTZDtype) and not incidents[name].hasnans
        for name in given
    ):
        return incidents
    changed = {"occurred_from": begins}
    if "occurred_to" in incidents:
        ends = incidents["occurred_to"]
        if not isinstance(ends.dtype, pd.DatetimeTZDtype):
            from riskmiljo.model.incidents import to_utc  # noqa: PLC0415 - slow, rarely needed

            ends = to_utc(ends, tz)
        changed["occurred_to"] = ends.fillna(begins)
    return incidents.assign(**changed)

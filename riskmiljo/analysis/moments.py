"""The times of incidents as every analysis wants them: none missing, and with a zone."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.incidents import to_utc
from riskmiljo.wording import Text

Frame = TypeVar("Frame", bound=pd.DataFrame)


def with_moments(incidents: Frame, tz: str) -> Frame:
    """Return incidents whose times are known instants.

    Parameters
    ----------
    incidents
        With ``occurred_from``, and perhaps ``occurred_to``.
    tz
        The zone of times without an offset.

    Returns
    -------
    pandas.DataFrame
        The same frame where nothing is to be done, else a copy in UTC; an end that is missing is
        the beginning.

    Raises
    ------
    InvalidInputError
        If the column ``occurred_from`` is missing, holds no times, or a time is missing (the first
        row is named), cannot be read or does not exist in the zone.
    """
    if "occurred_from" not in incidents:
        raise InvalidInputError(
            Text(
                "Kolumnen occurred_from saknas. Ge varje händelse en tid.",
                "The column occurred_from is missing. Give each incident a time.",
            )
        )
    begins = _instants(incidents["occurred_from"], tz)
    if begins.isna().any():
        raise InvalidInputError(
            Text(
                "{n} händelser saknar tid, den första på rad {row}. Ta bort dem först.",
                "{n} incidents have no time, the first in row {row}. Remove them first.",
            ).fill(n=int(begins.isna().sum()), row=int(np.argmax(begins.isna().to_numpy())))
        )
    changed: dict[str, Any] = {"occurred_from": begins}
    if "occurred_to" in incidents:
        changed["occurred_to"] = _instants(incidents["occurred_to"], tz).fillna(begins)
    same = all(
        isinstance(incidents[name].dtype, pd.DatetimeTZDtype) and not incidents[name].hasnans
        for name in changed
    )
    return incidents if same else incidents.assign(**changed)


def _instants(times: pd.Series, tz: str) -> pd.Series:
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        return times
    if pd.api.types.is_numeric_dtype(times.dtype):
        raise InvalidInputError(
            Text(
                "Tiderna är tal. Ge tidpunkter, helst med tidszon.",
                "The times are numbers. Give moments, best with a time zone.",
            )
        )
    return to_utc(times, tz)

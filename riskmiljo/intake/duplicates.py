"""Rows of one file that are the same incident, or that share an id without being so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.intake.ledger import Ledger

_CONTENT: Final = (
    "occurred_from", "occurred_to", "category", "detection", "source", "owner", "x", "y"
)  # fmt: skip


def refuse_duplicates(
    fields: Mapping[str, Any], rows: npt.NDArray[np.int64], ledger: Ledger, column: str
) -> None:
    """Refuse repeated incidents, and all rows of an id whose content differs.

    Parameters
    ----------
    fields
        Arrays of shape (n,): ``incident_id`` (empty for none) and the content.
    rows
        Shape (n,): row numbers as a user counts.
    ledger
        Where refusals are written. Rows refused before are not compared.
    column
        The column of the id.
    """
    ids = pd.Series(fields["incident_id"], dtype=object)
    at = np.flatnonzero(ledger.open & (ids != "").to_numpy())
    at = at[ids.iloc[at].duplicated(keep=False).to_numpy()]
    if not at.size:
        return
    key = pd.factorize(ids.iloc[at])[0]
    content = pd.DataFrame({name: np.asarray(fields[name])[at] for name in _CONTENT})
    same = pd.util.hash_pandas_object(content, index=False)
    differs = (same.groupby(key).transform("nunique") > 1).to_numpy()
    repeated = pd.Series(key).duplicated().to_numpy()
    places = pd.Series(at).groupby(key)
    first, last = (places.transform(which).to_numpy() for which in ("first", "last"))
    for chosen, code in ((differs, "ID_KONFLIKT"), (repeated & ~differs, "DUBBLETT_I_FIL")):
        mask = np.zeros(len(ids), dtype=bool)
        mask[at[chosen]] = True
        other = np.where(first == at, last, first)[chosen]
        detail = {
            int(place): {"other": int(rows[twin])}
            for place, twin in zip(at[chosen], other, strict=True)
        }
        ledger.refuse(mask, code, column, detail)

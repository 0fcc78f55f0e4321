"""Rows of one file that are the same incident, or that share an id without being so."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.intake.ledger import Ledger

_CONTENT: Final = (
    "occurred_from", "occurred_to", "category", "detection", "source", "owner", "x", "y"
)  # fmt: skip


def refuse_duplicates(
    frame: pd.DataFrame, rows: npt.NDArray[np.int64], ledger: Ledger, column: str
) -> None:
    """Refuse repeated incidents, and all rows of an id whose content differs.

    Parameters
    ----------
    frame
        One row per row of the file: ``incident_id`` (empty for none) and the content.
    rows
        Shape (n,): row numbers as a user counts.
    ledger
        Where refusals are written. Rows refused before are not compared.
    column
        The column of the id.
    """
    open_rows = np.flatnonzero(ledger.open & (frame["incident_id"] != "").to_numpy())
    part = frame.iloc[open_rows]
    shared = part["incident_id"].duplicated(keep=False).to_numpy()
    if not shared.any():
        return
    part, at = part[shared], open_rows[shared]
    same = pd.util.hash_pandas_object(part[list(_CONTENT)], index=False)
    differs = (same.groupby(part["incident_id"], sort=False).transform("nunique") > 1).to_numpy()
    repeated = part["incident_id"].duplicated(keep="first").to_numpy()
    first = pd.Series(at, index=part.index).groupby(part["incident_id"], sort=False)
    number = rows[first.transform("first").to_numpy()]
    later = rows[first.transform("last").to_numpy()]
    for chosen, code in ((differs, "ID_KONFLIKT"), (repeated & ~differs, "DUBBLETT_I_FIL")):
        mask = np.zeros(len(frame), dtype=bool)
        mask[at[chosen]] = True
        detail = {
            int(place): {"other": int(late if rows[place] == early else early)}
            for place, early, late in zip(at[chosen], number[chosen], later[chosen], strict=True)
        }
        ledger.refuse(mask, code, column, detail)

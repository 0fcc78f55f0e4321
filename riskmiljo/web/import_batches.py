"""The files that were taken in, as far as they are the reader's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from riskmiljo.access.imports import owners_taken_in
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.vocabulary import OWNER_OF_SOURCE
from riskmiljo.web import import_words
from riskmiljo.web.service import Service

MOST: Final = 50


def batches_of(here: Service, *, most: int | None = MOST) -> list[dict[str, Any]]:
    """Return the batches that the reader may take out again.

    Parameters
    ----------
    here
        The running installation, as the reader may use it.
    most
        How many; None for all.

    Returns
    -------
    list of dict
        The columns of `riskmiljo.store.Store.batches`, the latest first; only batches of which
        every incident is one of the reader's own authority.
    """
    rows: list[dict[str, Any]] = []
    for row in here.store.batches().iloc[::-1].to_dict("records"):
        if len(rows) == most:
            break
        named = {str(name): value for name, value in row.items()}
        if _is_own(here, named):
            undone = named["undone_at"]
            rows.append(named | {"undone_at": None if pd.isna(undone) else undone})
    return rows


def batch_of(here: Service, batch_id: int) -> dict[str, Any]:
    """Return one of the reader's batches.

    Parameters
    ----------
    here
        The running installation, as the reader may use it.
    batch_id
        Its number.

    Returns
    -------
    dict
        As `batches_of` gives it.

    Raises
    ------
    NothingFoundError
        If there is none, or it is not the reader's.
    """
    rows = batches_of(here, most=None)
    found = next((row for row in rows if row["batch_id"] == batch_id), None)
    if found is None:
        raise NothingFoundError(import_words.NO_BATCH)
    return found


def batch_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a batch for programs.

    Parameters
    ----------
    row
        As `batches_of` gives it.

    Returns
    -------
    dict
        Fit for JSON; times in UTC.
    """
    undone = row["undone_at"]
    return {
        "batch": int(row["batch_id"]),
        "file": row["file_name"],
        "source": row["source"],
        "imported_at": row["imported_at"].isoformat(),
        "added": int(row["added"]),
        "known": int(row["known"]),
        "undone_at": None if undone is None else undone.isoformat(),
    }


def _is_own(here: Service, row: Mapping[str, Any]) -> bool:
    owners = owners_taken_in(here.reader)
    return OWNER_OF_SOURCE[row["source"]] in owners and (
        here.store.owners_of_batch(row["batch_id"]) <= owners
    )

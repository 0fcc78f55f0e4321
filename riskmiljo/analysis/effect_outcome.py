"""Which incidents an operation is judged by, and when and of what kind they were."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import Ints
from riskmiljo.wording import Text

Bools = npt.NDArray[np.bool_]


def moments_of(incidents: gpd.GeoDataFrame, tz: str) -> npt.NDArray[np.datetime64]:
    """Return when incidents began.

    Parameters
    ----------
    incidents
        With ``occurred_from``.
    tz
        The zone of times without an offset.

    Returns
    -------
    numpy.ndarray
        Shape (n,), UTC without a zone.

    Raises
    ------
    InvalidInputError
        If the column or a time is missing, or cannot be read.
    """
    times = with_moments(incidents, tz)["occurred_from"].dt.tz_convert("UTC")
    return np.asarray(times.dt.tz_localize(None), dtype="datetime64[us]")


def judged_by(incidents: gpd.GeoDataFrame) -> tuple[Bools, Text, list[Text]]:
    """Choose the incidents to judge by: reported ones, where there are any.

    Parameters
    ----------
    incidents
        With or without ``detection``.

    Returns
    -------
    tuple
        Which ones, shape (n,); what they are called; and what was left out or is doubtful.
    """
    everything = np.ones(len(incidents), dtype=bool)
    detection = (
        incidents["detection"].astype(object).fillna("unknown").to_numpy()
        if "detection" in incidents
        else np.full(len(incidents), "unknown", dtype=object)
    )
    reported, discovered = detection == "reported", detection == "discovered"
    if reported.any():
        left = int((~reported).sum())
        note = Text(
            "{n} {n:händelse|händelser} som patruller upptäckte, eller om {n:vilken|vilka} det är "
            "okänt, räknas inte.",
            "{n} {n:incident|incidents} that patrols discovered, or of which it is not known, "
            "{n:does|do} not count.",
        ).fill(n=left)
        notes = [note] if left else []
        return reported, Text("rapporterade händelser", "reported incidents"), notes
    if (~discovered).any():
        note = Text(
            "Det är okänt hur händelserna blev kända; patrullernas egen närvaro kan ha ökat dem.",
            "It is not known how incidents became known; the patrols' own presence may have "
            "raised their number.",
        )
        return ~discovered, Text("alla händelser", "all incidents"), [note]
    note = Text(
        "Inga händelser är rapporterade: de upptäckta ökar med patrullernas närvaro, så siffran "
        "säger lite om vad insatsen gjorde.",
        "No incident is reported: discovered ones rise with the presence of patrols, so that the "
        "figure says little of what the operation did.",
    )
    return everything, Text("upptäckta händelser", "discovered incidents"), [note]


def kinds_of(incidents: gpd.GeoDataFrame, judged: Bools) -> tuple[Ints, list[str]]:
    """Return the kind of each incident judged by.

    Parameters
    ----------
    incidents
        With or without ``category``.
    judged
        Which ones, shape (n,).

    Returns
    -------
    tuple
        A number for each, and the names of the kinds.
    """
    if "category" not in incidents:
        return np.zeros(int(judged.sum()), dtype=np.int64), ["other"]
    number, names = pd.factorize(incidents["category"].astype(str)[judged], sort=True)
    return number.astype(np.int64), [str(name) for name in names]

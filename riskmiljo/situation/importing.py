"""A file of incidents looked at before it is taken in, and then taken in as it was seen."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from riskmiljo.geo.crs import WGS84, coordinates, transform
from riskmiljo.intake import ConfiguredArea, Intake, read_incidents
from riskmiljo.intake.personal import hits, kind_of_column
from riskmiljo.intake.sandbox import parse_in_child
from riskmiljo.model.vocabulary import OWNER_OF_SOURCE
from riskmiljo.settings import Settings
from riskmiljo.store import Area, Store

MOST_POINTS: Final = 1500
MOST_COLUMNS: Final = 200
_SAMPLES: Final = 3
_LONGEST_SAMPLE: Final = 60
_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read.

    Attributes
    ----------
    source
        Who the incidents come from.
    mapping
        Column to field, where the guess is not to be followed; ``"-"`` leaves a column out.
    crs
        The EPSG number of the coordinates; empty to recognise it.
    words
        Words of the file and the category that each means, beside the table of words.
    kind
        One category for every row; empty for what the words say.
    layer
        The sheet or layer, where the file has several.
    """

    source: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    crs: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file would bring in.

    Attributes
    ----------
    receipt
        As `riskmiljo.intake.read_incidents` gives it.
    rejects
        The rows refused, with the columns of `riskmiljo.intake.rejects`.
    points
        Longitude and latitude of at most `MOST_POINTS` incidents, evenly chosen; only those of the
        owners asked for.
    foreign
        How many incidents say that they belong to another owner.
    """

    receipt: dict[str, Any]
    rejects: list[dict[str, Any]]
    points: list[list[float]]
    foreign: int


def columns_of(file: Path, layer: str) -> list[dict[str, Any]]:
    """Return a file's columns with the first values of each.

    Parameters
    ----------
    file
        The file.
    layer
        The sheet or layer, where the file has several.

    Returns
    -------
    list of dict
        ``name``, ``samples`` (short texts) and ``personal``: the kind of personal data that the
        column as a whole holds, of which no sample is given; empty for none. At most
        `MOST_COLUMNS`.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    """
    raw = parse_in_child(file, name=file.name, layer=layer or None)
    columns = []
    for name in raw.columns.column_names[:MOST_COLUMNS]:
        cells = raw.columns[name]
        kind = kind_of_column(name, cells, hits(cells))
        some = [] if kind else pc.drop_null(cells.slice(0, _LOOKED_AT)).unique().to_pylist()
        texts = [" ".join(str(value).split())[:_LONGEST_SAMPLE] for value in some]
        columns.append(
            {"name": name, "samples": [t for t in texts if t][:_SAMPLES], "personal": kind}
        )
    return columns


def read_file(
    file: Path, choices: Choices, *, store: Store, settings: Settings, now: datetime
) -> Intake:
    """Read a file as a reader chose.

    Parameters
    ----------
    file
        The file.
    choices
        How.
    store
        Whose area decides where incidents are expected.
    settings
        The installation's, where the store has no area yet.
    now
        Aware; times after it are refused.

    Returns
    -------
    Intake
        The same for the same file, choices, area and time.

    Raises
    ------
    UnreadableFileError
        If nothing can be taken from the file as a whole.
    InvalidInputError
        If a choice cannot be used.
    """
    area = area_of(store, settings)
    return read_incidents(
        file,
        mapping=dict(choices.mapping) or None,
        crs=choices.crs or None,
        tz=settings.timezone if area is None else area.tz,
        source=choices.source,
        categories=choices.kind or dict(choices.words) or None,
        area=area,
        layer=choices.layer or None,
        now=now,
    )


def area_of(store: Store, settings: Settings) -> ConfiguredArea | None:
    """Return where incidents are expected.

    Parameters
    ----------
    store
        An area that it has decides.
    settings
        The installation's area counts only where somebody has chosen it.

    Returns
    -------
    ConfiguredArea or None
        None where the first file decides.
    """
    area = store.area()
    if area is not None:
        return ConfiguredArea(area.name, area.bbox, area.epsg, area.tz)
    if {"area_bbox", "epsg"} & settings.model_fields_set:
        return ConfiguredArea.of(settings)
    return None


def look_of(intake: Intake, owners: AbstractSet[str]) -> Look:
    """Return what may be shown of a file that was read.

    Parameters
    ----------
    intake
        What came of reading it.
    owners
        Whose incidents the reader may take in.

    Returns
    -------
    Look
        Fit for JSON.
    """
    incidents = intake.incidents
    sources = incidents["source"].astype(str).map(OWNER_OF_SOURCE)
    own = (incidents["owner"].isin(list(owners)) & sources.isin(list(owners))).to_numpy(dtype=bool)
    points: list[list[float]] = []
    if own.any():
        xy = coordinates(incidents)[own]
        chosen = np.unique(np.linspace(0, len(xy) - 1, min(MOST_POINTS, len(xy))).astype(int))
        lon, lat = transform(xy[chosen, 0], xy[chosen, 1], incidents.crs, WGS84)
        points = np.column_stack([lon, lat]).round(6).tolist()
    rejects = intake.rejects.astype(object).to_dict("records")
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in rejects]
    return Look(dict(intake.receipt), rows, points, int((~own).sum()))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, int | np.integer) else str(value)


def take_in(
    store: Store,
    intake: Intake,
    *,
    file_name: str,
    source: str,
    now: datetime,
    user: int | None = None,
) -> dict[str, Any]:
    """Put a file's incidents into the store: all in one transaction, or nothing.

    Parameters
    ----------
    store
        It gets the file's area if it has none.
    intake
        What came of reading the file.
    file_name
        As the user knows the file.
    source
        The file's source.
    now
        Aware.
    user
        Who does it; None where nobody logs in.

    Returns
    -------
    dict
        The receipt with ``batch``, ``added`` and ``known``; a file that is in already adds
        nothing.

    Raises
    ------
    RowsRefusedError
        If incidents are there already with other content.
    """
    receipt = dict(intake.receipt)
    known = store.batch_of_file(receipt["sha256"])
    receipt |= {"batch": known, "added": 0, "known": len(intake.incidents), "dry_run": False}
    if known is not None or intake.incidents.empty:
        return receipt
    if store.area() is None:
        area = receipt["area"]
        store.set_area(Area(area["name"], tuple(area["bbox"]), area["epsg"], receipt["tz"]))
    result = store.add_incidents(
        intake.incidents,
        file_name=file_name,
        sha256=receipt["sha256"],
        source=source,
        receipt=intake.receipt,
        now=now,
        user=user,
    )
    return receipt | {"batch": result.batch_id, "added": result.added, "known": result.known}

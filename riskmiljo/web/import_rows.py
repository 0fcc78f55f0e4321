"""What the import pages show, made from what is known of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.maps import map_payload
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.settings import Settings
from riskmiljo.situation.importing_staging import Staging
from riskmiljo.web import import_words
from riskmiljo.wording import Text

MOST_WORDS: Final = 60
_LONGEST_WORD: Final = 60
_COLOUR: Final = "#b3261e"
_MARGIN: Final = 0.1
_LEAST_DEGREES: Final = 0.01
# What the intake says to those at a command line, and what pages say in its place.
_FOR_COMMANDS: Final = (
    (re.compile(r" \((?:till exempel |for example )?--map [^)]*\)"), ""),
    (re.compile(r", (?:till exempel|for example) --(?:map|crs) \S+?(?=\.(?:\s|$))"), ""),
    (re.compile(r"Ange vilken \(layer\)\."), "Skriv vilken under Blad eller lager nedan."),
    (re.compile(r"Say which one \(layer\)\."), "Write which one under Sheet or layer below."),
    (re.compile(r" Bekräfta med --(?:map|crs) .*$"), " Stämmer det inte, välj annat nedan."),
    (re.compile(r" Confirm with --(?:map|crs) .*$"), " If that is wrong, choose another below."),
)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of a file.

    Attributes
    ----------
    number
        Its place in the file, from 0.
    name
        Its header.
    samples
        Its first values; empty for a column of personal data.
    personal
        Whether it holds personal data.
    guess
        What it is read as unless somebody chooses.
    choice
        What was chosen; empty for the guess.
    """

    number: int
    name: str
    samples: Sequence[str]
    personal: bool
    guess: Text
    choice: str


@dataclass(frozen=True, slots=True)
class WordRow:
    """One word for a kind of incident.

    Attributes
    ----------
    number
        Its place in the form.
    word
        As it stands in the file.
    rows
        In how many rows; None where that is not counted.
    otherwise
        What becomes of it unless somebody chooses.
    choice
        The category chosen; empty for none.
    """

    number: int
    word: str
    rows: int | None
    otherwise: Text
    choice: str


def for_pages(text: Mapping[str, str]) -> Text:
    """Return a sentence of the intake without what is only for the command line.

    Parameters
    ----------
    text
        In both languages.

    Returns
    -------
    Text
        The same sentence where nothing is.
    """
    return Text(_without(text["sv"]), _without(text["en"]))


def _without(sentence: str) -> str:
    for pattern, instead in _FOR_COMMANDS:
        sentence = pattern.sub(instead, sentence)
    return sentence


def column_rows(staging: Staging) -> list[ColumnRow]:
    """Return a file's columns and what they are read as.

    Parameters
    ----------
    staging
        The file.

    Returns
    -------
    list of ColumnRow
        Empty before the file could be read.
    """
    receipt = (staging.look or {}).get("receipt", {})
    read_as: dict[str, str] = receipt.get("mapping", {})
    rows = []
    for number, column in enumerate(staging.columns or []):
        name = column["name"]
        choice = staging.choices.mapping.get(name, "")
        if choice or not receipt:
            guess = import_words.GUESS
        elif name in read_as:
            known = import_words.GUESSED_FIELDS.get(read_as[name])
            guess = import_words.GUESS_FIELD.fill(f=known or Text(read_as[name], read_as[name]))
        else:
            guess = import_words.GUESS_NONE
        rows.append(
            ColumnRow(number, name, column["samples"], bool(column["personal"]), guess, choice)
        )
    return rows


def word_rows(staging: Staging) -> tuple[list[WordRow], list[WordRow]]:
    """Return the words of a file that nobody knows, and those that are known.

    Parameters
    ----------
    staging
        The file.

    Returns
    -------
    tuple of list of WordRow
        At most `MOST_WORDS` each; words that are too long to be a kind are left out. A word that
        somebody has chosen for is among the known ones.
    """
    facts = (staging.look or {}).get("receipt", {}).get("categories", {})
    chosen = staging.choices.words
    unknown = [
        (one["word"], one["rows"], import_words.NOT_CHOSEN)
        for one in facts.get("unknown_words", [])
    ]
    known = [
        (word, None, import_words.BY_TABLE.fill(k=CATEGORIES[kind]) if word not in chosen else None)
        for word, kind in facts.get("words", {}).items()
    ]
    out: list[list[WordRow]] = []
    number = 0
    for found in (unknown, known):
        rows: list[WordRow] = []
        for word, count, otherwise in found:
            if len(word) < _LONGEST_WORD and len(rows) < MOST_WORDS:
                choice = chosen.get(word, "")
                said = otherwise or import_words.GUESS
                rows.append(WordRow(number, word, count, said, choice))
                number += 1
        out.append(rows)
    return out[0], out[1]


def corners(staging: Staging) -> tuple[float, float, float, float] | None:
    """Return the box around the points that are shown.

    Parameters
    ----------
    staging
        The file.

    Returns
    -------
    tuple of float or None
        West, south, east, north in degrees; None without points.
    """
    points = (staging.look or {}).get("points") or []
    if not points:
        return None
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def preview_layers(
    staging: Staging, settings: Settings, *, now: datetime, tz: str, simulated: bool
) -> dict[str, Any] | None:
    """Return the map of a file that is not taken in.

    Parameters
    ----------
    staging
        The file.
    settings
        The installation's.
    now
        When it is shown.
    tz
        The area's time zone.
    simulated
        Whether the store holds made-up data.

    Returns
    -------
    dict or None
        A payload of `riskmiljo.maps`; None without points.
    """
    box = corners(staging)
    if box is None or staging.look is None:
        return None
    west, south, east, north = box
    dx = max((east - west) * _MARGIN, _LEAST_DEGREES)
    dy = max((north - south) * _MARGIN, _LEAST_DEGREES / 2)
    view = [west - dx, south - dy, east + dx, north + dy]
    whole = settings.model_copy(update={"area_bbox": tuple(view)})
    payload = map_payload(
        title=import_words.MAP_TITLE,
        places=read_gazetteer(settings.gazetteer, crs=settings.epsg),
        as_of=now,
        settings=whole,
        simulated=simulated,
        tz=tz,
    )
    label, point = import_words.POINTS.as_dict(), import_words.POINT.as_dict()
    layer = {
        "id": "density",
        "label": label,
        "shown": True,
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "MultiPoint", "coordinates": staging.look["points"]},
                "properties": {"colour": _COLOUR},
            }
        ],
        "legend": {
            "title": label,
            "unit": import_words.POINT_EACH.as_dict(),
            "note": import_words.POINTS_NOTE.as_dict(),
            "classes": [{"colour": _COLOUR, "label": point}],
        },
    }
    at = next((n for n, one in enumerate(payload["layers"]) if one["id"] != "base"), 1)
    payload["layers"].insert(at, layer)
    return payload


def as_json(staging: Staging) -> dict[str, Any]:
    """Return what is known of a file for programs.

    Parameters
    ----------
    staging
        The file.

    Returns
    -------
    dict
        Fit for JSON.
    """
    look = staging.look or {}
    return {
        "id": staging.staging_id,
        "file": staging.name,
        "bytes": staging.size,
        "uploaded_at": staging.at,
        "phase": staging.phase,
        "source": staging.choices.source,
        "problem": staging.problem,
        "columns": [
            {"name": row.name, "samples": list(row.samples), "choice": row.choice}
            for row in column_rows(staging)
        ],
        "receipt": look.get("receipt"),
        "other_owners": look.get("foreign", 0),
        "already_in": staging.known,
        "result": staging.result or None,
    }

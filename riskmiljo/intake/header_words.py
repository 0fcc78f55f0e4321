"""Which field a header means: one table of Swedish and English words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# Words are written without case, accents and punctuation; earlier words win over later ones.
# `north` and `east` say in which direction they count; `x` and `y` leave that to the values.
_WORDS: Final[dict[str, str]] = {
    "incident_id": (
        "incident id|id|event id|handelse id|handelseid|handelsenummer|handelsenr|incidentid|"
        "arendenummer|arendenr|arende id|arendeid|anmalningsnummer|anmalningsnr|diarienummer|"
        "diarienr|dnr|k nummer|knummer|k nr|case number|case id|case no|incident number|"
        "report number|crime id|eventid|uid|uuid|guid|lopnummer|lopnr|referens|ref|objectid"
    ),
    "occurred_from": (
        "occurred from|date start|start date|datum fran|fran datum|tid fran|fran tid|fran|from|"
        "fr o m|from date|brottstid fran|brottstid start|handelsetid fran|starttid|startdatum|"
        "start tid|start|tidigast|time from|occurred|occurred at|occurred on|handelsetid|"
        "handelsetidpunkt|brottstid|brottstidpunkt|tidpunkt|datum och tid|datum tid|datumtid|"
        "datetime|date time|timestamp|date of occurrence|occurrence date|occ date|date occ|"
        "event time|event date|incident date|incident datetime|date single|intraffade|"
        "handelsedatum|brottsdatum|crime date|tid"
    ),
    "occurred_to": (
        "occurred to|date end|end date|datum till|till datum|tid till|till tid|till|to|t o m|"
        "to date|brottstid till|brottstid slut|handelsetid till|sluttid|slutdatum|slut tid|slut|"
        "senast|time to|end|stop"
    ),
    "date": "datum|date|dag|day",
    "time": "klockslag|klockan|kl|tid|tidpunkt|time|time of day|occ time|brottstid|handelsetid",
    "registered_at": (
        "registered at|registrerad|registrerat|registreringstid|registreringsdatum|reg datum|"
        "anmald|anmalningsdatum|anmalningstid|anmalan datum|inkommen|inkom|published|publicerad|"
        "created|created at|skapad|date reported|reported at|reported on|report date|"
        "reported date"
    ),
    "category": (
        "category|kategori|brottstyp|handelsetyp|primary type|typ|type|brottskategori|brott|"
        "brottsrubricering|rubricering|crime type|offense|offence|offense type|offence type|"
        "event type|incident type|crime|handelse|art|typ av handelse|typ av brott|arendetyp|"
        "crime category|offense category"
    ),
    "detection": (
        "detection|upptackt|upptackt rapporterad|rapporterad upptackt|upptacktssatt|"
        "hur upptackt|upptackssatt|how known|anmalningssatt|initierad av|discovered|detected"
    ),
    "source": "source|kalla|uppgiftslamnare|datakalla",
    "owner": "owner|agare|informationsagare|uppgiftsagare",
    "age_band": "age band|aldersgrupp|aldersklass|aldersband|age group|alder|age",
    "weight": "weight|vikt",
    "precision_m": (
        "precision m|precision|noggrannhet m|noggrannhet|lagesosakerhet|lagesosakerhet m|"
        "osakerhet m|accuracy|accuracy m"
    ),
    "restricted_to": "restricted to|begransad till|begransas till",
    "lon": "lon|longitude|longitud|long|lng",
    "lat": "lat|latitude|latitud",
    "east": "e|o|ost|oster|east|easting|ostkoordinat|ostlig",
    "north": "n|nord|norr|north|northing|nordkoordinat|nordlig",
    "x": "x|xkoordinat|xcoord",
    "y": "y|ykoordinat|ycoord",
}
HEADER_WORDS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(words.split("|")) for name, words in _WORDS.items()
}
_FIELDS_OF: Final[dict[str, tuple[str, ...]]] = {
    word: tuple(name for name, words in HEADER_WORDS.items() if word in words)
    for words in HEADER_WORDS.values()
    for word in words
}
# What may stand beside the word of a coordinate: systems, and words for coordinate.
_BESIDE: Final = re.compile(
    r"sweref(99(tm)?)?|99|tm|18|00|1800|rt(90)?|90|wgs(84)?|84|epsg|3006|3011|4326|gps|"
    r"koord(inat)?|coor(d(ina(te)?)?)?|coordinates|point|pos(ition)?|geo|meter|m|decimal|dd"
)
_PLACE_FIELDS: Final = ("lon", "lat", "east", "north", "x", "y")
_RECORDS_LOOKED_AT: Final = 30


# The crew of a file of presence; no column of incidents is called so.
CREW_WORDS: Final[tuple[str, ...]] = (
    "crew kind", "crew", "crew type", "styrka", "patrull", "patrulltyp", "typ av patrull",
    "besattning",
)  # fmt: skip


def simplified(text: str) -> str:
    """Return a text without case, accents, punctuation and surplus space.

    Parameters
    ----------
    text
        A header or a word.

    Returns
    -------
    str
        ``"  Händelse-Tid "`` becomes ``"handelse tid"``.
    """
    plain = unicodedata.normalize("NFKD", repaired(text).casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def repaired(text: str) -> str:
    """Undo UTF-8 that was once read as Windows-1252 (``RÃ¥n`` for ``Rån``), where it is such."""
    if "Ã" not in text and "â€" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def fields_of(header: str) -> tuple[str, ...]:
    """Return the fields that a header may mean; empty for none."""
    return _FIELDS_OF.get(header_word(header), ())


def header_word(header: str) -> str:
    """Return a header as the word that the table knows; ``"SWEREF 99 TM (N)"`` is ``"n"``."""
    plain = simplified(header)
    if plain in _FIELDS_OF:
        return plain
    bare = " ".join(token for token in plain.split() if not _BESIDE.fullmatch(token))
    return bare if set(_FIELDS_OF.get(bare, ())) & set(_PLACE_FIELDS) else plain


def recognised(cells: Sequence[object]) -> int:
    """Return how many cells of a record are known header words."""
    return sum(bool(fields_of(cell)) for cell in cells if isinstance(cell, str))


def header_at(records: Sequence[Sequence[object]]) -> int:
    """Find the header among the first records of a table.

    Parameters
    ----------
    records
        The first records, blank ones included.

    Returns
    -------
    int
        The index of the first record with at least two known header words; else of the first
        that is as wide as the table; -1 when all are blank.
    """
    looked_at = records[:_RECORDS_LOOKED_AT]
    for index, record in enumerate(looked_at):
        if recognised(record) > 1:
            return index
    filled = [sum(cell not in (None, "") for cell in record) for record in looked_at]
    widest = max(filled, default=0)
    if widest == 0:
        return -1
    return next(index for index, count in enumerate(filled) if 2 * count > widest)

"""Checks of what a caller gives beside the file: what is of another kind is told, not tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

_MAPPING: Final = Text("kolumner med fält (en dict)", "columns with fields (a dict)")
_AREA: Final = Text("ett område med name, bbox och epsg", "an area with name, bbox and epsg")
_LAYER: Final = Text("bladets eller lagrets namn", "the name of the sheet or layer")
_NOW: Final = Text("en tid med tidszon", "a time with a time zone")
_WORD: Final = Text("ett ord", "a word")


def check_arguments(
    *, mapping: object, area: object, layer: object, now: object, word: tuple[str, object]
) -> None:
    """Refuse arguments of a reader that are of another kind.

    Parameters
    ----------
    mapping, area, layer, now
        As `riskmiljo.intake.read_incidents` takes them; None is always one.
    word
        The name of an argument that is one of certain words, and what was given for it.

    Raises
    ------
    InvalidInputError
        If one is of another kind, or a time has no zone.
    """
    words = isinstance(mapping, Mapping) and all(
        isinstance(each, str) for pair in mapping.items() for each in pair
    )
    aware = isinstance(now, datetime) and now.tzinfo is not None
    placed = all(hasattr(area, name) for name in ("name", "bbox", "epsg"))
    name, given = word
    for argument, value, right, wanted in (
        ("mapping", mapping, words, _MAPPING),
        ("area", area, placed, _AREA),
        ("layer", layer, isinstance(layer, str), _LAYER),
        ("now", now, aware, _NOW),
        (name, given, isinstance(given, str), _WORD),
    ):
        if value is not None and not right:
            raise InvalidInputError(
                Text("{a} ska vara {w}, inte {v}.", "{a} must be {w}, not {v}.").fill(
                    a=argument, w=wanted, v=" ".join(repr(value).split())[:60]
                )
            )

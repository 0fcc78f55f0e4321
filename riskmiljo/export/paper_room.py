"""How an A4 page is shared between the map, the table and the lines for notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from riskmiljo.export.briefing import Briefing, CrewPage, Row

# Millimetres. A4 less its margins; what stands above and below the table; one line of each
# size and the air round a row; signs that fit on a line of each column of text.
WIDE_MM: Final = 186.0
_TALL_MM: Final = 270.0
_FIXED_MM: Final = 47.0
_WARNING_MM: Final = 4.2
_LINE_MM: Final = 3.5
_STOP_LINE_MM: Final = 3.7
_ROW_AIR_MM: Final = 1.2
_TIME_SIGNS: Final = 13
_PLACE_SIGNS: Final = 32
_SMALL_SIGNS: Final = 40
_WHY_SIGNS: Final = 47

# The same where a table would not fit otherwise: less air, fewer words, a wider column of reasons;
# never smaller type, which a crew must read in a car at night.
_TIGHT_LINE_MM: Final = 3.6
_TIGHT_AIR_MM: Final = 0.9
_TIGHT_PLACE_SIGNS: Final = 28
_TIGHT_SMALL_SIGNS: Final = 35
_TIGHT_WHY_SIGNS: Final = 62
_TIGHT_LOWEST_MM: Final = 32.0
_TIGHT_FIXED_MM: Final = 40.0
_TIGHT_SPARE_MM: Final = 4.0

_LOWEST_MM, _HIGHEST_MM = 48.0, 120.0
_RULE_MM: Final = 7.0
_NOTES_HEAD_MM: Final = 7.0
_FEWEST_RULES, _USUAL_RULES, _MOST_RULES = 1, 4, 10
_WARNING_SIGNS: Final = 105
_FEWEST_LEFT: Final = 3

# The overview: what always stands there, one crew's line, a note, and the table of what was left
# out.
_OVERVIEW_MM, _OVERVIEW_LOW_MM = 105.0, 58.0
_OVERVIEW_FIXED_MM: Final = 54.0
_ROW_MM: Final = 5.5
_NOTE_MM: Final = 4.6
_NOTE_SIGNS: Final = 100
_NAME_SIGNS: Final = 26
_REASON_SIGNS: Final = 64


class Room(NamedTuple):
    """How an A4 page is shared.

    Attributes
    ----------
    height
        Of the map, millimetres.
    rules
        Lines to write on.
    tight
        Whether the table has less air, and the rows their shorter words.
    long
        Whether the table goes on on another page.
    """

    height: float
    rules: int
    tight: bool = False
    long: bool = False


# A table that needs more than one page leaves the first one a good map.
_LONG: Final = Room(100.0, 3, long=True)
# What a table may take on that page and a second one before its words are shortened.
_TWO_PAGES_MM: Final = 360.0
# Without stops there is little to see.
_EMPTY: Final = Room(60.0, 10)


def room_for(page: CrewPage, warnings: Sequence[str]) -> Room:
    """Return how high a crew's map is and how many ruled lines follow its table.

    Parameters
    ----------
    page
        The crew's page.
    warnings
        What stands above its map.

    Returns
    -------
    Room
        Such that all fits one page where that is possible.
    """
    if not page.rows:
        return _EMPTY
    least = _LOWEST_MM + _NOTES_HEAD_MM + _FEWEST_RULES * _RULE_MM
    whole = _TALL_MM - _WARNING_MM * _lines(warnings)
    left = whole - _FIXED_MM - sum(map(_row_mm, page.rows))
    tight = left < least
    lowest = _LOWEST_MM
    if tight:
        least = lowest = _TIGHT_LOWEST_MM
        left = whole - _TIGHT_FIXED_MM - sum(map(_tight_mm, page.tight().rows))
    if left < least:
        return _LONG._replace(tight=sum(map(_row_mm, page.rows)) > _TWO_PAGES_MM)
    if tight:
        # Many short lines may each need a little more: the map does not take all there is.
        left = max(left - _TIGHT_SPARE_MM, least)
    height = left - _NOTES_HEAD_MM - _USUAL_RULES * _RULE_MM
    height = float(round(min(max(height, lowest), _HIGHEST_MM)))
    rules = max(int((left - height - _NOTES_HEAD_MM) / _RULE_MM), 0)
    return Room(height, min(rules, _MOST_RULES), tight)


def overview_room(briefing: Briefing) -> tuple[float, int]:
    """Return how high the overview's map is, and how many left-out stops have room on its page.

    Parameters
    ----------
    briefing
        All its words.

    Returns
    -------
    tuple
        Millimetres, and the number of rows; where not all have room, those with the most risk, as
        they stand first.
    """
    left = _TALL_MM - _OVERVIEW_FIXED_MM - _WARNING_MM * _lines(briefing.warnings)
    left -= _ROW_MM * len(briefing.summary)
    for sentence in (*briefing.notes, *briefing.comparison):
        left -= _NOTE_MM * math.ceil(len(sentence) / _NOTE_SIGNS)
    rows = [
        _LINE_MM * max(math.ceil(len(name) / _NAME_SIGNS), math.ceil(len(why) / _REASON_SIGNS))
        + _ROW_AIR_MM
        for name, _, _, why in briefing.left_out
    ]
    if left - sum(rows) >= _OVERVIEW_LOW_MM:
        return float(round(min(left - sum(rows), _OVERVIEW_MM))), len(rows)
    left -= _OVERVIEW_LOW_MM + _NOTE_MM
    fit = sum(used <= left for used in accumulate(rows))
    return _OVERVIEW_LOW_MM, min(max(fit, _FEWEST_LEFT), len(rows))


def _lines(warnings: Sequence[str]) -> int:
    return math.ceil(len(" · ".join(warnings)) / _WARNING_SIGNS)


def _row_mm(row: Row) -> float:
    small = " · ".join(row.small)
    place = math.ceil(len(row.place) / _PLACE_SIGNS) + math.ceil(len(small) / _SMALL_SIGNS)
    time = math.ceil(len(row.time) / _TIME_SIGNS)
    why = math.ceil(len(row.why) / _WHY_SIGNS)
    return _STOP_LINE_MM * max(place, time, why) + _ROW_AIR_MM


def _tight_mm(row: Row) -> float:
    place = math.ceil(len(row.place) / _TIGHT_PLACE_SIGNS)
    place += math.ceil(len(" · ".join(row.small)) / _TIGHT_SMALL_SIGNS)
    time = math.ceil(len(row.time) / _TIME_SIGNS)
    why = math.ceil(len(row.why) / _TIGHT_WHY_SIGNS)
    return _TIGHT_LINE_MM * max(place, time, why) + _TIGHT_AIR_MM

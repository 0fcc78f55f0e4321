"""How an A4 page is shared between the map, the table and the lines for notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from riskmiljo.export.briefing import Briefing, CrewPage, Row

# Millimetres. A4 less its margins; what stands above and below the table; one line of each
# size and the air round a row; signs that fit on a line of each column of text.
WIDE_MM: Final = 186.0
_TALL_MM: Final = 270.0
_FIXED_MM: Final = 47.0
_WARNING_MM: Final = 4.2
_LINE_MM, _SMALL_MM, _WHY_MM = 3.5, 3.1, 3.3
_ROW_AIR_MM: Final = 1.2
_TIME_SIGNS: Final = 14
_PLACE_SIGNS: Final = 32
_SMALL_SIGNS: Final = 50
_WHY_SIGNS: Final = 54

_LOWEST_MM, _HIGHEST_MM = 48.0, 120.0
_RULE_MM: Final = 7.0
_NOTES_HEAD_MM: Final = 7.0
_FEWEST_RULES, _USUAL_RULES, _MOST_RULES = 1, 4, 10
_WARNING_SIGNS: Final = 105
# A table that needs more than one page leaves the first one a good map.
_LONG: Final = (100.0, 3)
# Without stops there is little to see.
_EMPTY: Final = (60.0, 10)

# The overview: what always stands there, one crew's line, a note, and the table of what was left
# out.
_OVERVIEW_MM, _OVERVIEW_LOW_MM = 105.0, 58.0
_OVERVIEW_FIXED_MM: Final = 66.0
_ROW_MM: Final = 5.5
_NOTE_MM: Final = 4.6
_NOTE_SIGNS: Final = 100
_NAME_SIGNS: Final = 26
_REASON_SIGNS: Final = 64


def room_for(page: CrewPage, warnings: Sequence[str]) -> tuple[float, int]:
    """Return how high a crew's map is and how many ruled lines follow its table.

    Parameters
    ----------
    page
        The crew's page.
    warnings
        What stands above its map.

    Returns
    -------
    tuple
        Millimetres and lines, such that all fits one page where that is possible.
    """
    if not page.rows:
        return _EMPTY
    left = _TALL_MM - _FIXED_MM - _WARNING_MM * _lines(warnings) - sum(map(_row_mm, page.rows))
    if left < _LOWEST_MM + _NOTES_HEAD_MM + _FEWEST_RULES * _RULE_MM:
        return _LONG
    height = left - _NOTES_HEAD_MM - _USUAL_RULES * _RULE_MM
    height = float(round(min(max(height, _LOWEST_MM), _HIGHEST_MM)))
    rules = int((left - height - _NOTES_HEAD_MM) / _RULE_MM)
    return height, min(rules, _MOST_RULES)


def overview_room(briefing: Briefing) -> float:
    """Return how high the overview's map is beside what else stands on its page.

    Parameters
    ----------
    briefing
        All its words.

    Returns
    -------
    float
        Millimetres; the usual height where the page is too short anyway.
    """
    left = _TALL_MM - _OVERVIEW_FIXED_MM - _WARNING_MM * _lines(briefing.warnings)
    left -= _ROW_MM * len(briefing.summary)
    for sentence in (*briefing.notes, *briefing.comparison):
        left -= _NOTE_MM * math.ceil(len(sentence) / _NOTE_SIGNS)
    for name, _, _, why in briefing.left_out:
        lines = max(math.ceil(len(name) / _NAME_SIGNS), math.ceil(len(why) / _REASON_SIGNS))
        left -= _LINE_MM * lines + _ROW_AIR_MM
    return float(round(min(left, _OVERVIEW_MM))) if left >= _OVERVIEW_LOW_MM else _OVERVIEW_MM


def _lines(warnings: Sequence[str]) -> int:
    return math.ceil(len(" · ".join(warnings)) / _WARNING_SIGNS)


def _row_mm(row: Row) -> float:
    small = " · ".join(row.small)
    place = _LINE_MM * math.ceil(len(row.place) / _PLACE_SIGNS)
    place += _SMALL_MM * math.ceil(len(small) / _SMALL_SIGNS)
    time = _LINE_MM * math.ceil(len(row.time) / _TIME_SIGNS)
    return max(place, time, _WHY_MM * math.ceil(len(row.why) / _WHY_SIGNS)) + _ROW_AIR_MM

"""The form of a shift: what is chosen, as the reader left it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.plan import CREW_KIND_NAMES, MODE_NAMES
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.routes import DWELL_MIN, REVISIT_GAP_MIN
from riskmiljo.settings import Settings
from riskmiljo.web.form import Choice
from riskmiljo.web.shift_query import KINDS, MODES, default_query, one
from riskmiljo.web.view import FIELDS
from riskmiljo.wording import Text

# Empty lines offered beside those that are filled in.
_SPARE: Final = 2
_SHIFT: Final = re.compile(
    r"\s*(?P<day>\d{4}-\d{2}-\d{2})[ T](?P<begins>\d{1,2}:\d{2})\s*/"
    r"\s*(?:\d{4}-\d{2}-\d{2}[ T])?(?P<ends>\d{1,2}:\d{2})\s*"
)


@dataclass(frozen=True, slots=True)
class CrewCount:
    """How many crews of one kind go in one way.

    Attributes
    ----------
    name
        The field.
    kind, mode
        In words.
    value
        What stands in it.
    """

    name: str
    kind: Text
    mode: Text
    value: str


@dataclass(frozen=True, slots=True)
class ShiftForm:
    """The form, filled in.

    Attributes
    ----------
    day, begins, ends
        When.
    crews
        Row by row: a kind, and its counts by way of going.
    start, end, dwell, gap, pause, seed
        As written.
    unpredictable
        Whether the box is ticked.
    own, joint
        Places, with empty lines to fill in.
    pinned, forbidden
        Boxes, all ticked: to untick one is to take it back.
    places
        Names that the fields for places offer.
    kept
        Fields of the filter, which the form has no control for but must not lose.
    """

    day: str
    begins: str
    ends: str
    crews: tuple[tuple[CrewCount, ...], ...]
    start: str
    end: str
    dwell: str
    gap: str
    pause: str
    seed: str
    unpredictable: bool
    own: tuple[str, ...]
    joint: tuple[str, ...]
    pinned: tuple[Choice, ...]
    forbidden: tuple[Choice, ...]
    places: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


def build_shift_form(
    query: Mapping[str, Sequence[str]],
    *,
    shift: Shift,
    settings: Settings,
    names: Mapping[str, str],
) -> ShiftForm:
    """Fill in the form from the address, also from one that could not be used.

    Parameters
    ----------
    query
        The fields, as from `riskmiljo.web.view.query_of_request`.
    shift
        What stands in an empty form: the coming evening.
    settings
        Whose gazetteer.
    names
        What stops are called, by id.

    Returns
    -------
    ShiftForm
        What stands in it is what the reader wrote, so that a mistake can be mended.
    """
    filled = default_query(query, shift)
    day, begins, ends = _clock(filled)
    return ShiftForm(
        day=day,
        begins=begins,
        ends=ends,
        crews=tuple(
            tuple(
                CrewCount(
                    f"{kind}_{mode}",
                    CREW_KIND_NAMES[kind],
                    MODE_NAMES[mode],
                    one(filled, f"{kind}_{mode}", "0"),
                )
                for mode in MODES
            )
            for kind in KINDS
        ),
        start=one(filled, "start"),
        end=one(filled, "end"),
        dwell=one(filled, "dwell", f"{DWELL_MIN:g}"),
        gap=one(filled, "gap", f"{REVISIT_GAP_MIN:g}"),
        pause=one(filled, "break"),
        seed=one(filled, "seed", "0"),
        unpredictable=one(filled, "unpredictable") == "1",
        own=(*filled.get("own", ()), *("",) * _SPARE),
        joint=(*filled.get("joint", ()), ""),
        pinned=_boxes(filled, "pin", names),
        forbidden=_boxes(filled, "forbid", names),
        places=place_names(settings.gazetteer),
        kept=tuple(
            (name, text)
            for name in FIELDS
            if name not in ("shift", "teams", "lang", "insyn")
            for text in filled.get(name, ())
        ),
    )


@cache
def place_names(gazetteer: Path | None) -> tuple[str, ...]:
    """Return the names of the gazetteer in the order of the alphabet.

    Parameters
    ----------
    gazetteer
        Its file; None for the one that is shipped.

    Returns
    -------
    tuple of str
        Each once.
    """
    names = {str(name) for name in read_gazetteer(gazetteer)["name"]}
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))


def is_clock(text: str) -> bool:
    """Return whether a time field can hold a text: a browser shows anything else as empty.

    Parameters
    ----------
    text
        A field's value.

    Returns
    -------
    bool
        True for ``18:00`` and for nothing.
    """
    return not text or re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text) is not None


def _clock(query: Mapping[str, Sequence[str]]) -> tuple[str, str, str]:
    if "day" in query:
        return one(query, "day"), one(query, "begins", "18:00"), one(query, "ends", "02:00")
    match = _SHIFT.fullmatch(one(query, "shift"))
    # A shift that cannot be read is shown as it was written, where the day stands.
    if match is None:
        return one(query, "shift"), "18:00", "02:00"
    return match["day"], match["begins"].zfill(5), match["ends"].zfill(5)


def _boxes(
    query: Mapping[str, Sequence[str]], name: str, names: Mapping[str, str]
) -> tuple[Choice, ...]:
    return tuple(
        Choice(stop, Text(names.get(stop, stop), names.get(stop, stop)), chosen=True)
        for stop in dict.fromkeys(query.get(name, ()))
    )

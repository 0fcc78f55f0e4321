"""The form for an operation: as it was left, read, and refused with one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.situation.operation_entry import NO_SUCH_PLACE
from riskmiljo.store.operations import OperationRow
from riskmiljo.web import operation_words, planner_words
from riskmiljo.web.form import Choice
from riskmiljo.web.free_text import about_places
from riskmiljo.wording import Text

_LONGEST_LINE: Final = 200
_LONGEST_GOAL: Final = 500
_MOST: Final = 40
_COUNT: Final = re.compile(r"[0-9]{1,6}")
# Fields of a correction: the places that stay, and what the operation was when the form was made.
KEPT: Final = "kvar"
SEEN: Final = "sedd"


@dataclass(frozen=True, slots=True)
class OperationFields:
    """What a form asks to be kept.

    Attributes
    ----------
    name, goal
        As written.
    period
        First local day and the day after the last.
    zones
        Ids.
    places
        As `riskmiljo.situation.operation_entry.add_operation` takes them.
    partners
        Names of organisations.
    outcomes
        Counts by the names of `OUTCOMES`.
    kept
        Which of the places that the operation has stay, from 0; empty for a new one.
    """

    name: str
    period: tuple[str, str]
    zones: tuple[str, ...]
    places: tuple[str, ...]
    partners: tuple[str, ...]
    goal: str
    outcomes: dict[str, int]
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationForm:
    """The form, filled in.

    Attributes
    ----------
    texts
        Field to what stands in it.
    zones
        Boxes to tick.
    kept
        Boxes of the places that the operation has already; empty for a new one.
    """

    texts: dict[str, str]
    zones: tuple[Choice, ...]
    kept: tuple[Choice, ...] = ()


def outcome_field(name: str) -> str:
    """Return what the field of an outcome is called in the form.

    Parameters
    ----------
    name
        Of `OUTCOMES`.

    Returns
    -------
    str
        For example ``n_drug_seizures``.
    """
    return f"n_{name}"


_ABOUT: Final = ("name", "first", "last", "places", "partners", "goal")
TEXT_FIELDS: Final = (*_ABOUT, *(outcome_field(name) for name in OUTCOMES))
# A correction leaves the counts as they are: they have a form of their own.
CORRECTED_FIELDS: Final = (*_ABOUT, "zone", KEPT, SEEN)


def build_operation_form(
    sent: Mapping[str, Sequence[str]],
    zones: Sequence[tuple[str, str]],
    kept: Sequence[Text] = (),
) -> OperationForm:
    """Fill in the form, also with what could not be used.

    Parameters
    ----------
    sent
        What the reader sent; empty for a new form.
    zones
        Ids and names of the zones that can be chosen.
    kept
        What the places are called that the operation has already.

    Returns
    -------
    OperationForm
        As the reader left it.
    """
    ticked, stays = set(sent.get("zone", ())), set(sent.get(KEPT, ()))
    return OperationForm(
        texts={name: _one(sent, name) for name in TEXT_FIELDS},
        zones=tuple(
            Choice(zone_id, Text(name, name), chosen=zone_id in ticked) for zone_id, name in zones
        ),
        kept=tuple(
            Choice(str(number), name, chosen=str(number) in stays)
            for number, name in enumerate(kept)
        ),
    )


def as_sent(row: OperationRow, *, tz: str) -> dict[str, list[str]]:
    """Return an operation as its form would send it, its counts aside.

    Parameters
    ----------
    row
        The operation as it is kept.
    tz
        The zone of local days.

    Returns
    -------
    dict
        As `read_operation` reads it, and how many times it has been corrected.
    """
    made = row.operation
    first, last = made.period.first_and_last_day(tz)
    return {
        "name": [made.name],
        "first": [first.isoformat()],
        "last": [last.isoformat()],
        "partners": [", ".join(made.partners)],
        "goal": [made.goal],
        KEPT: [str(number) for number in range(len(made.places))],
        SEEN: [str(row.corrections)],
    }


def place_names(row: OperationRow, zones: Sequence[tuple[str, str]]) -> tuple[Text, ...]:
    """Return what to call the places of an operation in its form.

    Parameters
    ----------
    row
        The operation as it is kept.
    zones
        Ids and names of the zones that the reader can choose.

    Returns
    -------
    tuple of Text
        In their order. A zone that the reader cannot choose has a number and no name.
    """
    names = {name: name for _, name in zones} | dict(zones)
    called = row.named or [("", "")] * len(row.operation.places)
    found = []
    for number, (kind, word) in enumerate(called, start=1):
        name = _reaching(word) if kind == "place" else names.get(word, "")
        found.append(Text(name, name) if name else operation_words.PLACE.fill(n=number))
    return tuple(found)


def _reaching(word: str) -> str:
    place, colon, radius = word.rpartition(":")
    if colon and radius.strip().isdecimal():
        return f"{place.strip()}, {radius.strip()} m"
    return word


def read_operation(
    sent: Mapping[str, Sequence[str]], zones: Sequence[tuple[str, str]], *, known: int = 0
) -> OperationFields:
    """Read the form.

    Parameters
    ----------
    sent
        What the reader sent.
    zones
        Ids and names of the zones that can be chosen.
    known
        How many places the operation has already; 0 for a new one.

    Returns
    -------
    OperationFields
        Ready to be kept.

    Raises
    ------
    InvalidInputError
        If something is missing or cannot be used; names the field.
    """
    name = _line(sent, "name", planner_words.NAME, _LONGEST_LINE)
    first = _day(sent, "first", planner_words.FIRST_DAY)
    last = _day(sent, "last", planner_words.LAST_DAY)
    if last < first:
        raise InvalidInputError(planner_words.WRONG_ORDER)
    chosen = tuple(dict.fromkeys(sent.get("zone", ())))
    if not set(chosen) <= {zone_id for zone_id, _name in zones}:
        raise InvalidInputError(planner_words.NO_SUCH_ZONE)
    places = _list(_one(sent, "places").splitlines(), planner_words.OTHER_PLACES)
    kept = tuple(dict.fromkeys(sent.get(KEPT, ()))) if known else ()
    if not set(kept) <= {str(number) for number in range(known)}:
        raise InvalidInputError(NO_SUCH_PLACE)
    if not chosen and not places and not kept:
        raise InvalidInputError(planner_words.NO_PLACES)
    return OperationFields(
        name=name,
        period=(first.isoformat(), (last + timedelta(days=1)).isoformat()),
        zones=chosen,
        places=places,
        partners=_list(about_places(_one(sent, "partners")).split(","), planner_words.PARTNERS),
        goal=_line(sent, "goal", planner_words.GOAL, _LONGEST_GOAL),
        outcomes=_counts(sent),
        kept=tuple(int(number) for number in kept),
    )


def read_seen(sent: Mapping[str, Sequence[str]]) -> int:
    """Return how many times an operation had been corrected when its form was made.

    Parameters
    ----------
    sent
        What the reader sent.

    Returns
    -------
    int
        -1 where the form does not tell: so often none has been.
    """
    text = _one(sent, SEEN)
    return int(text) if _COUNT.fullmatch(text) else -1


def read_outcomes(sent: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Read the form for counts that come in when an operation is under way.

    Parameters
    ----------
    sent
        What the reader sent.

    Returns
    -------
    dict of str to int
        By the names of `OUTCOMES`; those left empty are not among them.

    Raises
    ------
    InvalidInputError
        If none is given, or one is no count; names the field.
    """
    counts = _counts(sent)
    if not counts:
        raise InvalidInputError(operation_words.NO_COUNT)
    return counts


def read_compared(text: str) -> tuple[str, ...]:
    """Read the field of comparison places, one a line.

    Parameters
    ----------
    text
        As written.

    Returns
    -------
    tuple of str
        Without empty lines.

    Raises
    ------
    InvalidInputError
        If a line is too long or there are too many.
    """
    return _list(text.splitlines(), planner_words.COMPARE)


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next((text.strip() for text in sent.get(name, ())), "")


def _checked(text: str, label: Text, most: int) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > most or not tidy.isprintable():
        raise InvalidInputError(planner_words.TOO_LONG.fill(field=label, n=most))
    return tidy


def _line(sent: Mapping[str, Sequence[str]], name: str, label: Text, most: int) -> str:
    return _checked(about_places(_one(sent, name)), label, most)


def _list(parts: Sequence[str], label: Text) -> tuple[str, ...]:
    tidy = [checked for part in parts if (checked := _checked(part, label, _LONGEST_LINE))]
    if len(tidy) > _MOST:
        raise InvalidInputError(planner_words.TOO_MANY.fill(field=label, n=_MOST))
    return tuple(tidy)


def _day(sent: Mapping[str, Sequence[str]], name: str, label: Text) -> date:
    text = _one(sent, name)
    wrong = InvalidInputError(planner_words.WRONG_DAY.fill(field=label, v=repr(text[:40])))
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        raise wrong
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong from None


def _counts(sent: Mapping[str, Sequence[str]]) -> dict[str, int]:
    return {
        name: _count(text, OUTCOMES[name])
        for name in OUTCOMES
        if (text := _one(sent, outcome_field(name)))
    }


def _count(text: str, label: Text) -> int:
    if not _COUNT.fullmatch(text):
        raise InvalidInputError(planner_words.WRONG_COUNT.fill(field=label, v=repr(text[:40])))
    return int(text)

"""The form for an operation: as it was left, read, and refused with one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.web import operation_words, planner_words
from riskmiljo.web.form import Choice
from riskmiljo.web.free_text import about_places
from riskmiljo.wording import Text

_LONGEST_LINE: Final = 200
_LONGEST_GOAL: Final = 500
_MOST: Final = 40
_COUNT: Final = re.compile(r"[0-9]{1,6}")


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
        As `riskmiljo.situation.operations.add_operation` takes them.
    partners
        Names of organisations.
    outcomes
        Counts by the names of `OUTCOMES`.
    """

    name: str
    period: tuple[str, str]
    zones: tuple[str, ...]
    places: tuple[str, ...]
    partners: tuple[str, ...]
    goal: str
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class OperationForm:
    """The form, filled in.

    Attributes
    ----------
    texts
        Field to what stands in it.
    zones
        Boxes to tick.
    """

    texts: dict[str, str]
    zones: tuple[Choice, ...]


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


TEXT_FIELDS: Final = (
    "name", "first", "last", "places", "partners", "goal", *(outcome_field(n) for n in OUTCOMES),
)  # fmt: skip


def build_operation_form(
    sent: Mapping[str, Sequence[str]], zones: Sequence[tuple[str, str]]
) -> OperationForm:
    """Fill in the form, also with what could not be used.

    Parameters
    ----------
    sent
        What the reader sent; empty for a new form.
    zones
        Ids and names of the zones that can be chosen.

    Returns
    -------
    OperationForm
        As the reader left it.
    """
    ticked = set(sent.get("zone", ()))
    return OperationForm(
        texts={name: _one(sent, name) for name in TEXT_FIELDS},
        zones=tuple(
            Choice(zone_id, Text(name, name), chosen=zone_id in ticked) for zone_id, name in zones
        ),
    )


def read_operation(
    sent: Mapping[str, Sequence[str]], zones: Sequence[tuple[str, str]]
) -> OperationFields:
    """Read the form.

    Parameters
    ----------
    sent
        What the reader sent.
    zones
        Ids and names of the zones that can be chosen.

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
    if not chosen and not places:
        raise InvalidInputError(planner_words.NO_PLACES)
    return OperationFields(
        name=name,
        period=(first.isoformat(), (last + timedelta(days=1)).isoformat()),
        zones=chosen,
        places=places,
        partners=_list(about_places(_one(sent, "partners")).split(","), planner_words.PARTNERS),
        goal=_line(sent, "goal", planner_words.GOAL, _LONGEST_GOAL),
        outcomes=_counts(sent),
    )


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

"""What an address asks of a shift plan, and back again: ``/pass`` holds its whole state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.filters import Filter
from riskmiljo.model.plan import Mode
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.routes import DWELL_MIN, REVISIT_GAP_MIN, UNPREDICTABLE
from riskmiljo.patrol.teams import Team
from riskmiljo.situation import ShiftRequest, usual_pause
from riskmiljo.web import plan_words, words
from riskmiljo.web.service import Service
from riskmiljo.web.view import (
    DEFAULT_TEAMS,
    FIELDS,
    MOST_TEAMS,
    Query,
    View,
    as_query,
    read_view,
    shift_text,
)

# The page shall come fast; the same number gives the same plan everywhere.
SEARCH_S: Final = 0.5

KINDS: Final = ("police", "outreach")
MODES: Final[tuple[Mode, ...]] = ("walk", "cycle", "drive")
CREWS: Final[dict[str, tuple[str, Mode]]] = {
    f"{kind}_{mode}": (kind, mode) for kind, mode in product(KINDS, MODES)
}
_CLOCK: Final = ("day", "begins", "ends")
_MANY: Final = ("own", "joint", "pin", "forbid")
_PLAN_FIELDS: Final = (
    *_CLOCK,
    *CREWS,
    "start",
    "end",
    "dwell",
    "gap",
    "break",
    *_MANY,
    "unpredictable",
    "seed",
)
SHIFT_FIELDS: Final = (*FIELDS, *_PLAN_FIELDS)

_MOST_OF_A_KIND: Final = 200
_MOST_SEED: Final = 2**31
_LONGEST_TEXT: Final = 120


@dataclass(frozen=True, slots=True)
class ShiftView:
    """What one address asks for.

    Attributes
    ----------
    question
        Which incidents.
    request
        The shift, who goes, and the terms.
    pause_min
        Minutes of break as asked for; None is what the law wants.
    """

    question: Filter
    request: ShiftRequest
    pause_min: float | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """Return the address's query as pairs.

        Returns
        -------
        list of tuple of str
            `read_shift` reads them back; what is left to its default is left out.
        """
        asked = self.request
        pairs = self.question.to_query()
        if asked.shift is not None:
            pairs.append(("shift", shift_text(asked.shift)))
        crews = [(team.kind, team.mode) for team in asked.teams]
        counts = {name: crews.count(crew) for name, crew in CREWS.items()}
        pairs += [(name, str(count)) for name, count in counts.items() if count]
        pairs += [
            (name, text) for name, text in (("start", asked.start), ("end", asked.end)) if text
        ]
        for name, value, usual in (
            ("dwell", asked.dwell_min, DWELL_MIN),
            ("gap", asked.gap_min, REVISIT_GAP_MIN),
            ("break", self.pause_min, None),
        ):
            if value is not None and value != usual:
                pairs.append((name, f"{value:g}"))
        for name, many in zip(
            _MANY, (asked.own, asked.joint, asked.pinned, asked.forbidden), strict=True
        ):
            pairs += [(name, text) for text in many]
        if asked.spread:
            pairs.append(("unpredictable", "1"))
        if asked.seed:
            pairs.append(("seed", str(asked.seed)))
        return pairs

    @property
    def query(self) -> Query:
        """The pairs as lists by field."""
        return as_query(self.pairs())


def asks_for_plan(query: Mapping[str, Sequence[str]]) -> bool:
    """Return whether an address asks for a plan, or only for the form.

    Parameters
    ----------
    query
        The fields.

    Returns
    -------
    bool
        True where it names a shift.
    """
    return "shift" in query or "day" in query


def read_shift(query: Mapping[str, Sequence[str]], service: Service) -> ShiftView:
    """Read what an address asks for.

    Parameters
    ----------
    query
        The fields, as from `riskmiljo.web.view.query_of_request`: those of the situation, and
        ``day``, ``begins`` and ``ends`` in the place of ``shift``; ``police_walk=2`` and so on;
        ``start``, ``end``, ``dwell``, ``gap``, ``break``, ``own``, ``joint``, ``pin``, ``forbid``,
        ``unpredictable=1`` and ``seed``.
    service
        Whose time zone and data end are meant.

    Returns
    -------
    ShiftView
        What is asked for.

    Raises
    ------
    InvalidInputError
        If a field is not known or its value is not allowed; names the field.
    """
    unknown = sorted(set(query) - set(SHIFT_FIELDS))
    if unknown:
        raise InvalidInputError(
            words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(SHIFT_FIELDS))
        )
    view = read_view({key: query[key] for key in query if key in FIELDS}, service)
    shift = _shift(query, view, service.area().tz)
    pause = _number(query, "break", None)
    hours = 0.0 if shift is None else shift.hours
    crews = _crews(query, view.teams)
    request = ShiftRequest(
        shift=shift,
        teams=tuple(
            Team(kind=kind, mode=mode, pause_min=usual_pause(hours) if pause is None else pause)
            for kind, mode in crews
        ),
        start=_text(query, "start"),
        end=_text(query, "end"),
        dwell_min=_number(query, "dwell", DWELL_MIN) or 0.0,
        gap_min=_number(query, "gap", REVISIT_GAP_MIN) or 0.0,
        own=_texts(query, "own"),
        joint=_texts(query, "joint"),
        pinned=_texts(query, "pin"),
        forbidden=_texts(query, "forbid"),
        seconds=SEARCH_S,
        seed=_whole(query, "seed", 0, _MOST_SEED),
        spread=UNPREDICTABLE if _whole(query, "unpredictable", 0, 1) else 0.0,
    )
    return ShiftView(view.question, request, pause)


def one(query: Mapping[str, Sequence[str]], name: str, default: str = "") -> str:
    """Return the first value of a field.

    Parameters
    ----------
    query
        The fields.
    name
        The field.
    default
        What stands for none.

    Returns
    -------
    str
        Without white space around it.
    """
    return next((text.strip() for text in query.get(name, ())), default)


def _shift(query: Mapping[str, Sequence[str]], view: View, tz: str) -> Shift | None:
    parts = [name for name in _CLOCK if name in query]
    if not parts:
        return view.shift
    if view.shift is not None:
        raise InvalidInputError(plan_words.SHIFT_TWICE)
    if "day" not in query:
        raise InvalidInputError(plan_words.NO_DAY)
    begins, ends = one(query, "begins", "18:00"), one(query, "ends", "02:00")
    return Shift.parse(f"{one(query, 'day')} {begins}/{ends}", tz=tz)


def _crews(query: Mapping[str, Sequence[str]], teams: int) -> list[tuple[str, Mode]]:
    if not any(name in query for name in CREWS):
        return [(KINDS[0], MODES[0])] * teams
    if "teams" in query:
        raise InvalidInputError(plan_words.TEAMS_TWICE)
    crews = [
        crew for name, crew in CREWS.items() for _ in range(_whole(query, name, 0, MOST_TEAMS))
    ]
    if not 1 <= len(crews) <= MOST_TEAMS:
        raise InvalidInputError(plan_words.WRONG_CREWS.fill(n=len(crews), most=MOST_TEAMS))
    return crews


def _number(query: Mapping[str, Sequence[str]], name: str, default: float | None) -> float | None:
    text = one(query, name)
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,4}([.,][0-9]{1,2})?", text):
        raise InvalidInputError(plan_words.WRONG_MINUTES.fill(name=name, t=repr(text[:40])))
    return float(text.replace(",", "."))


def _whole(query: Mapping[str, Sequence[str]], name: str, default: int, most: int) -> int:
    text = one(query, name)
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > most:
        raise InvalidInputError(
            plan_words.WRONG_WHOLE.fill(name=name, t=repr(text[:40]), most=most)
        )
    return int(text)


def _text(query: Mapping[str, Sequence[str]], name: str) -> str:
    text = " ".join(one(query, name).split())
    if len(text) > _LONGEST_TEXT:
        raise InvalidInputError(plan_words.LONG_TEXT.fill(name=name, most=_LONGEST_TEXT))
    return text


def _texts(query: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    texts = [" ".join(text.split()) for text in query.get(name, ())]
    if len(texts) > _MOST_OF_A_KIND or any(len(text) > _LONGEST_TEXT for text in texts):
        raise InvalidInputError(plan_words.LONG_TEXT.fill(name=name, most=_LONGEST_TEXT))
    return tuple(dict.fromkeys(text for text in texts if text))


def default_query(query: Mapping[str, Sequence[str]], shift: Shift) -> Query:
    """Return the fields of the form before anybody has filled it in.

    Parameters
    ----------
    query
        What the address has already.
    shift
        The coming evening.

    Returns
    -------
    dict of list of str
        Three police teams on foot, unless the address says otherwise.
    """
    filled = {name: list(values) for name, values in query.items()}
    if not asks_for_plan(filled):
        filled["shift"] = [shift_text(shift)]
    if not any(name in filled for name in CREWS):
        filled["police_walk"] = filled.pop("teams", [str(DEFAULT_TEAMS)])
    return filled

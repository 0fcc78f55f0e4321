"""What the address of tonight's page asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.teams import Team
from riskmiljo.situation import ShiftRequest, usual_pause
from riskmiljo.web import shift_query, tonight_words
from riskmiljo.web.service import Service
from riskmiljo.web.shift_query import ShiftView, one
from riskmiljo.web.view import Query, shift_text

# ``plan`` and ``lag`` choose among kept plans; the next three shape one that is not kept.
FIELDS: Final = ("plan", "lag", "teams", "own", "shift", "insyn", "lang")
MOST_TEAMS: Final = 6
_MOST_PLAN: Final = 2**31 - 1
_MOST_TEAM: Final = 99
_MOST_OWN: Final = 8
_LONGEST: Final = 120
# The page is about one evening; other shifts are planned elsewhere.
_AHEAD: Final = timedelta(days=1)
_POINT: Final = re.compile(
    r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)\s*"
)


@dataclass(frozen=True, slots=True)
class TonightView:
    """What one address asks for.

    Attributes
    ----------
    plan_id
        A kept plan; None is the one that is most likely meant.
    team
        Its number in the plan; None is the first of the reader's kind.
    teams
        How many teams a plan that is not kept has.
    own
        Stops of the reader's own in such a plan.
    shift
        Its shift; None is the coming one. A plan that was shown a while ago is started as it was.
    """

    plan_id: int | None = None
    team: int | None = None
    teams: int = 1
    own: tuple[str, ...] = ()
    shift: Shift | None = None

    @property
    def query(self) -> Query:
        """The fields; what is left to its default is left out."""
        fields: Query = {}
        if self.plan_id is not None:
            fields["plan"] = [str(self.plan_id)]
        if self.team is not None:
            fields["lag"] = [str(self.team)]
        if self.teams != 1:
            fields["teams"] = [str(self.teams)]
        if self.own:
            fields["own"] = list(self.own)
        if self.shift is not None:
            fields["shift"] = [shift_text(self.shift)]
        return fields


def read_tonight(query: Mapping[str, Sequence[str]], here: Service) -> TonightView:
    """Read what an address asks for.

    Parameters
    ----------
    query
        The fields.
    here
        Whose area a place must lie in.

    Returns
    -------
    TonightView
        What is asked for.

    Raises
    ------
    InvalidInputError
        If a field is not known or its value is not allowed; names the field.
    """
    unknown = sorted(set(query) - set(FIELDS))
    if unknown:
        raise InvalidInputError(
            tonight_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(FIELDS))
        )
    own = tuple(dict.fromkeys(" ".join(text.split()) for text in query.get("own", ())))
    own = tuple(text for text in own if text)
    if len(own) > _MOST_OWN:
        raise InvalidInputError(tonight_words.TOO_MANY_STOPS.fill(most=_MOST_OWN))
    for place in own:
        check_place(place, here)
    return TonightView(
        plan_id=_number(query, "plan", _MOST_PLAN),
        team=_number(query, "lag", _MOST_TEAM),
        teams=_number(query, "teams", MOST_TEAMS) or 1,
        own=own,
        shift=_shift(query, here),
    )


def check_place(text: str, here: Service) -> None:
    """See that a point that somebody adds lies in the area; names are looked up later.

    Parameters
    ----------
    text
        A name, or ``lat,lon``.
    here
        Whose area.

    Raises
    ------
    InvalidInputError
        If it is empty, too long, or a point elsewhere.
    """
    if not text:
        raise InvalidInputError(tonight_words.ADD_HINT)
    if len(text) > _LONGEST:
        raise InvalidInputError(tonight_words.OUTSIDE.fill(p=repr(text[:40])))
    match = _POINT.fullmatch(text)
    if match is None:
        return
    lat, lon = float(match[1]), float(match[2])
    west, south, east, north = here.area().bbox
    if not (south <= lat <= north and west <= lon <= east):
        raise InvalidInputError(tonight_words.OUTSIDE.fill(p=text))


def shift_view(asked: TonightView, shift: Shift) -> ShiftView:
    """Return the plan that is made where none is kept.

    Parameters
    ----------
    asked
        The number of teams, and own stops.
    shift
        When.

    Returns
    -------
    ShiftView
        Teams on foot, of the police, over every incident that the lens shows.
    """
    team = Team(kind="police", mode="walk", pause_min=usual_pause(shift.hours))
    return ShiftView(
        Filter(tz=shift.tz),
        ShiftRequest(
            shift=shift,
            teams=(team,) * asked.teams,
            own=asked.own,
            seconds=shift_query.SEARCH_S,
        ),
    )


def _shift(query: Mapping[str, Sequence[str]], here: Service) -> Shift | None:
    text = one(query, "shift")
    if not text:
        return None
    shift, now = Shift.parse(text, tz=here.area().tz), here.clock()
    if now >= shift.period.end:
        raise InvalidInputError(tonight_words.OVER)
    if shift.period.start - now > _AHEAD:
        raise InvalidInputError(tonight_words.TOO_FAR)
    return shift


def _number(query: Mapping[str, Sequence[str]], name: str, most: int) -> int | None:
    text = one(query, name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= most:
        raise InvalidInputError(
            tonight_words.WRONG_NUMBER.fill(name=name, t=repr(text[:40]), most=most)
        )
    return int(text)

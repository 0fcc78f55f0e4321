"""What an address asks for: the filter, the shift and the number of patrols, and back again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from riskmiljo.access.lens import Scope
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.situation import named_period
from riskmiljo.web import words
from riskmiljo.web.language import language, other_language
from riskmiljo.web.service import Service, service

Query = dict[str, list[str]]

# As `insyn=` in an address says it.
SCOPES: Final[dict[str, Scope]] = {"egen": "own", "gemensam": "joint"}

DEFAULT_TEAMS: Final = 3
MOST_TEAMS: Final = 12
FIELDS: Final = (
    "period",
    "from",
    "to",
    "hours",
    "weekday",
    "category",
    "detection",
    "source",
    "bbox",
    "shift",
    "teams",
    "jamfor",
    "lang",
    "insyn",
)


@dataclass(frozen=True, slots=True)
class View:
    """What one address asks for.

    Attributes
    ----------
    question
        Which incidents.
    shift
        The shift that the patrol areas are for; None is the coming evening.
    teams
        The number of patrols.
    compare
        Another period to hold this one against; None for none.
    """

    question: Filter
    shift: Shift | None = None
    teams: int = DEFAULT_TEAMS
    compare: Period | None = None

    @classmethod
    def everything(cls) -> View:
        """Return the view of an address without a query.

        Returns
        -------
        View
            Every incident of the default period, the coming evening, three patrols.
        """
        return cls(Filter())

    def pairs(self) -> list[tuple[str, str]]:
        """Return the address's query as pairs.

        Returns
        -------
        list of tuple of str
            `read_view` reads them back; what is left to its default is left out.
        """
        pairs = self.question.to_query()
        if self.shift is not None:
            pairs.append(("shift", shift_text(self.shift)))
        if self.teams != DEFAULT_TEAMS:
            pairs.append(("teams", str(self.teams)))
        if self.compare is not None:
            dates = dict(Filter(period=self.compare, tz=self.question.tz).to_query())
            pairs.append(("jamfor", f"{dates['from']}/{dates['to']}"))
        return pairs


def shift_text(shift: Shift) -> str:
    """Return a shift as it stands in an address.

    Parameters
    ----------
    shift
        The shift.

    Returns
    -------
    str
        ``2026-04-30T18:00/02:00``, as `Shift.parse` reads it.
    """
    first, last = shift.period.local(shift.tz)
    # A shift around the clock is told from a slip by the day on which it ends.
    ends = f"{last:%H:%M}" if last.time() != first.time() else f"{last:%Y-%m-%dT%H:%M}"
    return f"{first:%Y-%m-%dT%H:%M}/{ends}"


def query_of_request() -> Query:
    """Return the fields of this request's address, without the empty ones a form sends along.

    Returns
    -------
    dict of list of str
        As `fields_of`.
    """
    return fields_of(request.args)


def fields_of(sent: MultiDict[str, str]) -> Query:
    """Return the fields of an address or a form, without the empty ones a form sends along.

    Parameters
    ----------
    sent
        Names and values.

    Returns
    -------
    dict of list of str
        Two hours from the form's two lists (``hours=18&hours=02``) become one ``18-02``, the two
        dates of a comparison one ``2025-04-01/2025-05-01``.
    """
    query = {
        key: kept
        for key, values in sent.lists()
        if (kept := [value for value in values if value.strip()])
    }
    hours = query.get("hours", [])
    if len(hours) > 1 and all(re.fullmatch(r"[0-9]{1,2}", hour) for hour in hours):
        query["hours"] = ["-".join(hours)]
    compare = query.get("jamfor", [])
    if len(compare) == 2:  # noqa: PLR2004 - the form's two dates
        query["jamfor"] = ["/".join(compare)]
    return query


def read_view(query: Mapping[str, Sequence[str]], service: Service) -> View:
    """Read what an address asks for.

    Parameters
    ----------
    query
        The fields, as from `query_of_request`. Beside what `Filter.from_query` takes:
        ``period=last-28-days``, ``shift=2026-04-30T18:00/02:00``, ``teams=3``,
        ``jamfor=2025-04-01/2025-05-01``.
    service
        Whose time zone and data end are meant.

    Returns
    -------
    View
        What is asked for.

    Raises
    ------
    InvalidInputError
        If a field is not known or its value is not allowed; names the field.
    """
    unknown = sorted(set(query) - set(FIELDS))
    if unknown:
        raise InvalidInputError(
            words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(FIELDS))
        )
    tz = service.area().tz
    joint, owners = service.lens.scope == "joint", service.lens.owners
    named = partial(named_period, store=service.store, tz=tz, joint=joint, owners=owners)
    period = next(iter(query.get("period", ())), "")
    if period.strip().startswith("last-"):
        rest = {key: values for key, values in query.items() if key != "period"}
        question = Filter.from_query(rest, tz=tz)
        question = question.within(named(period))
    else:
        question = Filter.from_query(query, tz=tz)
    shift = next(iter(query.get("shift", ())), "")
    compare = next(iter(query.get("jamfor", ())), "")
    return View(
        question=question,
        shift=Shift.parse(shift, tz=tz) if shift else None,
        teams=_teams(next(iter(query.get("teams", ())), str(DEFAULT_TEAMS))),
        compare=named(compare) if compare else None,
    )


def _teams(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text.strip()) or not 1 <= int(text) <= MOST_TEAMS:
        raise InvalidInputError(words.WRONG_TEAMS.fill(t=repr(text[:40]), most=MOST_TEAMS))
    return int(text)


def address(endpoint: str, query: Mapping[str, Sequence[str]], **values: str) -> str:
    """Return the address of a page with a query, in the reader's language.

    Parameters
    ----------
    endpoint
        The Flask endpoint.
    query
        The fields; any ``lang`` and ``insyn`` among them give way to the reader's.
    **values
        The variable parts of the path.

    Returns
    -------
    str
        ``lang`` stands in it only where it is not the installation's own language, ``insyn``
        only where the reader has chosen another view than their role's usual one.
    """
    fields = {key: list(kept) for key, kept in query.items() if key not in ("lang", "insyn")}
    if names_language():
        fields["lang"] = [language()]
    if chosen_scope():
        fields["insyn"] = [chosen_scope()]
    return url_for(endpoint, **values, **fields)  # type: ignore[arg-type]


def chosen_scope() -> str:
    """Return the kind of view that this request's address chooses.

    Returns
    -------
    str
        A word of `SCOPES`; empty for the usual one of the reader's role.
    """
    wanted = request.args.get("insyn", "").strip()
    return wanted if wanted in SCOPES else ""


def names_language() -> bool:
    """Return whether an address must name the language.

    Returns
    -------
    bool
        True where it is not the installation's own.
    """
    return language() != service().settings.language


def switch_language() -> str:
    """Return the address of this very page in the other language.

    Returns
    -------
    str
        A query alone: the browser keeps the path, whatever it is.
    """
    fields = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return "?" + urlencode([*fields, ("lang", other_language())])


def as_query(pairs: Sequence[tuple[str, str]]) -> Query:
    """Return pairs as lists by field.

    Parameters
    ----------
    pairs
        Fields and values.

    Returns
    -------
    dict of list of str
        In the order given.
    """
    query: Query = {}
    for key, value in pairs:
        query.setdefault(key, []).append(value)
    return query

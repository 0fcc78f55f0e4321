"""What is expected in the coming shift: ``/lagesbild/prognos``, with its JSON twin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, render_template

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.situation.memory import Memory
from riskmiljo.situation.tonight import coming_shift
from riskmiljo.web import forecast_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.failures import error_answer
from riskmiljo.web.form import Choice, build_form
from riskmiljo.web.headers import conditional_by_content
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import Query, query_of_request
from riskmiljo.wording import Text, decimal_text

if TYPE_CHECKING:
    from riskmiljo.situation.forecasting import ComingForecast

forecast_pages = Blueprint("forecasts", __name__)

FIELDS: Final = ("category", "shift", "insyn", "lang")
_AHEAD: Final = timedelta(days=28)
# Two decimals tell an expected count of a tenth apart from its neighbours, not one below.
_LEAST_BY_TWO: Final = 0.1
_made: Final = Memory["ComingForecast"](most=16)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for: which incidents, and of which shift."""

    question: Filter
    shift: Shift


@forecast_pages.get("/lagesbild/prognos")
def index() -> Response:
    """Show what is expected in a coming shift, and the five places to begin with.

    Returns
    -------
    flask.Response
        200, also where there is no forecast, with the reason; 400 if the address cannot be read.
    """
    here, query = service(), query_of_request()
    asked, made, problem, status = None, None, None, 200
    try:
        asked = _read(query, here)
    except InvalidInputError as error:
        problem, status = error.message, error.http_status
    else:
        made, problem = _look(asked, here)
    form = build_form(query, shown=None, now=here.clock(), tz=here.area().tz)
    kind = [choice.value for choice in form.categories if choice.chosen]
    nothing = here.store.span() is None
    page = render_template(
        "situation/empty.html" if nothing else "planner/forecast.html",
        simulated=here.simulated(),
        lens=here.lens,
        shift=None if asked is None else asked.shift,
        kind=None if asked is None else _kind(asked.question),
        made=made,
        places=[] if made is None else _rows(made),
        decimals=2 if made is None else _decimals(made),
        total=None if made is None else _total(made),
        hint=None if made is None else _hint(made),
        problem=problem,
        refused=asked is None,
        shifts=form.shifts,
        kinds=(Choice("", forecast_words.ALL_KINDS, chosen=not kind), *form.categories),
        chosen="shift" in query,
        query=query,
    )
    return conditional_by_content(Response(page, mimetype="text/html", status=status))


@forecast_pages.get("/lagesbild/prognos.json")
def data() -> Response:
    """Answer with the page as JSON, in both languages at once.

    Returns
    -------
    flask.Response
        200; 400 if the address cannot be read, 404 with the reason where there is no forecast.
    """
    here = service()
    asked = _read(query_of_request(), here)
    made, problem = _look(asked, here)
    if made is None:
        return error_answer(NothingFoundError.http_status, problem or forecast_words.NONE)
    return conditional_by_content(json_answer(_json(made, asked)))


def _read(query: Query, here: Service) -> _Asked:
    unknown = sorted(set(query) - set(FIELDS))
    if unknown:
        raise InvalidInputError(
            forecast_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(FIELDS))
        )
    tz, now = here.area().tz, here.clock()
    kinds = {"category": query["category"]} if "category" in query else {}
    question = Filter.from_query(kinds, tz=tz)
    # Each question has a chosen model of its own, kept for a month: they must not be without end.
    if len(question.categories) > 1:
        raise InvalidInputError(forecast_words.ONE_KIND)
    if "shift" not in query:
        return _Asked(question, coming_shift(now, tz=tz))
    shift = Shift.parse(query["shift"][0], tz=tz)
    if now >= shift.period.end:
        raise InvalidInputError(forecast_words.OVER)
    if shift.period.start - now > _AHEAD:
        raise InvalidInputError(forecast_words.TOO_FAR.fill(n=_AHEAD.days))
    return _Asked(question, shift)


def _look(asked: _Asked, here: Service) -> tuple[ComingForecast | None, Text | None]:
    """Return the forecast, or the sentence that says why there is none."""
    if here.settings.forecasting and here.lens.scope == "joint":
        return None, forecast_words.JOINT
    # The models are loaded by the first who asks: a start does not wait for them.
    from riskmiljo.situation.forecasting import coming_forecast  # noqa: PLC0415 - see above

    now = here.clock()
    key = (
        here.store.url, here.store.version(), here.settings, here.lens.key,
        asked.question.categories, asked.shift, now.date(),
    )  # fmt: skip
    try:
        return _made.get(
            key,
            lambda: coming_forecast(
                here.store, here.settings, here.lens, asked.question, now=now, shift=asked.shift
            ),
        ), None
    except (InvalidInputError, NothingFoundError) as error:
        return None, error.message


def _kind(question: Filter) -> Text:
    kinds = question.categories
    return CATEGORIES[kinds[0]] if kinds else forecast_words.ALL_KINDS


def _rows(made: ComingForecast) -> list[dict[str, Any]]:
    from riskmiljo.situation.forecasting import chance_words  # noqa: PLC0415 - as in `_look`

    return [
        {**row, "chance_words": chance_words(row["chance"])}
        for row in made.places.drop(columns="geometry").to_dict("records")
    ]


def _decimals(made: ComingForecast) -> int:
    return 2 if made.places["expected"].min() >= _LEAST_BY_TWO else 3


def _total(made: ComingForecast) -> Text:
    return forecast_words.TOTAL.fill(
        n=decimal_text(made.total, 1, fixed=True),
        l=made.total_lower,
        u=made.total_upper,
        m=decimal_text(made.baseline_total, 1, fixed=True),
    )


def _hint(made: ComingForecast) -> Text | None:
    first = float(made.places["expected"].iloc[0])
    if first >= 1:
        return None
    return forecast_words.HINT.fill(
        e=decimal_text(first, _decimals(made), fixed=True), k=decimal_text(1 / first, 0)
    )


def _json(made: ComingForecast, asked: _Asked) -> dict[str, Any]:
    return {
        "simulated": made.simulated,
        "as_of": made.as_of.isoformat(),
        "shift": {
            "begins": made.period.start.isoformat(),
            "ends": made.period.end.isoformat(),
        },
        "category": next(iter(asked.question.categories), None),
        "incidents": made.incidents,
        "expected": made.total,
        "lower": made.total_lower,
        "upper": made.total_upper,
        "baseline": made.baseline_total,
        "model": made.model,
        "model_name": made.label.as_dict(),
        "reason": made.reason.as_dict(),
        "corrected": list(made.corrected),
        "places": [
            {
                "rank": row["rank"],
                "name": row["name"],
                "zone": row["zone"] or None,
                **{name: row[name] for name in ("expected", "lower", "upper", "chance")},
                "baseline": row["baseline"],
                "last_year": row["last_year"],
            }
            for row in _rows(made)
        ],
        "cells_withheld": made.withheld,
        "notes": [note.as_dict() for note in made.notes],
    }

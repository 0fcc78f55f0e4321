"""What planners follow: ``/lagesbild`` and ``/insatser``, with their JSON twins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from flask import Blueprint, Response, render_template, request

from riskmiljo.access.operations import entered_for, may_change
from riskmiljo.analysis.effect_words import rarity
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.choose import BASELINE
from riskmiljo.model.filters import Filter
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.situation import data_end
from riskmiljo.situation.crew_answers import AnswerRow, answer_record
from riskmiljo.situation.joint_news import JointNews, joint_news
from riskmiljo.situation.kept_backtests import KeptBacktest, forecast_record, model_label
from riskmiljo.situation.model_choice import KeptChoice, chosen_model
from riskmiljo.situation.operation_cards import (
    KeptEffect,
    OperationCard,
    operation_cards,
    zones_to_choose,
)
from riskmiljo.situation.operation_entry import add_operation
from riskmiljo.situation.operations import GROUPS, evaluate
from riskmiljo.situation.planner import Overview, planner_overview
from riskmiljo.situation.release_record import ToldRecord, told_record
from riskmiljo.situation.release_weeks import ToldWeek
from riskmiljo.situation.released import released_span
from riskmiljo.situation.told_verdicts import ToldVerdict
from riskmiljo.situation.tonight import ANSWER_DAYS
from riskmiljo.web import (
    operation_form,
    operation_words,
    planner_rhythm,
    planner_rows,
    quality_rows,
    told_rows,
    words,
)
from riskmiljo.web.answers import json_answer
from riskmiljo.web.audited import note_shown
from riskmiljo.web.entry import seen_other
from riskmiljo.web.failures import error_answer
from riskmiljo.web.form import Choice, build_form, selection_words, without_period
from riskmiljo.web.headers import conditional, conditional_by_content, etag_of
from riskmiljo.web.language import day, language, period_days
from riskmiljo.web.pictures import Picture
from riskmiljo.web.service import Service, service
from riskmiljo.web.time_views import compare_choices, comparison_of, filter_query
from riskmiljo.web.view import (
    Query,
    View,
    address,
    as_query,
    fields_of,
    query_of_request,
    read_view,
)
from riskmiljo.wording import Text

planner_pages = Blueprint("planner", __name__)

_LATEST: Final = 6
# Single forecasts are told by number: a week in weeks, a month in months.
_ORIGINS: Final = 8
_EVER: Final = 1000


@planner_pages.get("/lagesbild")
def overview() -> Response:
    """Show the period against what was expected, zone by zone, and what has been done.

    Returns
    -------
    flask.Response
        200; 400 with the form as the reader left it if the address cannot be read.
    """
    here, query = service(), query_of_request()
    picture, seen = _look(query, here)
    state = query if picture.view is None else as_query(picture.view.pairs())
    tz = here.area().tz
    record, kept = (None, None) if seen is None else _forecasts(here)
    news = None if seen is None else _joint_news(here, seen)
    page = render_template(
        "situation/empty.html" if picture.empty else "planner/overview.html",
        area=here.area().name,
        problem=picture.problem,
        refused=picture.view is None,
        simulated=here.simulated(),
        lens=here.lens,
        overview=seen,
        situation=None if seen is None else seen.situation,
        week=None if seen is None else _week(seen),
        told_weeks=() if seen is None else seen.told_weeks,
        week_lead=_week_lead,
        zones=[] if seen is None else planner_rows.planner_zones(seen),
        above=[] if seen is None else _above(seen),
        # Of zones with too short a past nothing is said, as in the report.
        judged=seen is not None
        and any(zone.verdict in ("usual", "below") for zone in seen.zones.values()),
        area_chart=None if seen is None else planner_rows.area_chart(seen.area),
        area_rows=[] if seen is None else planner_rows.area_rows(seen.area),
        quality_line=None if seen is None else quality_rows.quality_line(seen),
        quality_measures=[] if seen is None else quality_rows.measures(seen),
        rhythm=None if seen is None else _rhythm(here),
        cards=[] if seen is None else operation_cards(here.store, here.lens)[:_LATEST],
        record=record,
        record_of=[] if record is None else selection_words(record.question),
        answers=[] if seen is None else _answers(here),
        answer_days=ANSWER_DAYS,
        models=[] if record is None else planner_rows.model_rows(record),
        record_chart=None
        if record is None
        else planner_rows.record_chart(record.origins, tz, alone=record.choice.model == BASELINE),
        told=told_rows.record_view(_told(here), tz),
        joint_news=news,
        zone_months=told_rows.zone_months(news, {} if seen is None else _names(seen)),
        verdict_text=told_rows.verdict_text,
        choice=kept,
        model_label=model_label,
        baseline=BASELINE,
        forecasting=here.settings.forecasting,
        form=build_form(
            query,
            shown=None if seen is None else seen.situation.period,
            now=here.clock(),
            tz=tz,
        ),
        selection=[] if picture.view is None else selection_words(picture.view.question),
        filter_query=filter_query(picture),
        comparison=comparison_of(picture, here),
        compare_choices=[] if seen is None else compare_choices(seen.situation, state),
        query=state,
        query_without_period=without_period(state),
        short_day=planner_rows.short_day,
        last_day=_last_day,
        span_days=_span_days,
        both=_both,
    )
    answer = Response(page, mimetype="text/html", status=picture.status)
    if picture.view is None:
        return answer
    return _tagged(answer, here, picture.view.pairs(), "lagesbild", language())


@planner_pages.get("/lagesbild.json")
def data() -> Response:
    """Answer with the page's tables as JSON, in both languages at once.

    Returns
    -------
    flask.Response
        200; 400 if the address cannot be read, 404 where there is nothing to show.
    """
    here = service()
    picture, seen = _look(query_of_request(), here)
    if seen is None or picture.view is None:
        status = picture.status if picture.view is None else NothingFoundError.http_status
        return error_answer(status, picture.problem or words.NOTHING_MATCHES)
    body = _overview_json(seen, here)
    body["answers"] = [
        {
            "zone_id": row.zone_id,
            "name": row.name,
            "reasons": [{"reason": text.as_dict(), "count": count} for text, count in row.reasons],
        }
        for row in _answers(here)
    ]
    return _tagged(json_answer(body), here, picture.view.pairs(), "lagesbild.json")


def _answers(here: Service) -> list[AnswerRow]:
    return answer_record(here.store, here.reader, here.lens, now=here.clock())


@planner_pages.get("/insatser")
def operations() -> Response:
    """Show the operations, whether they helped, and the form to enter one.

    Returns
    -------
    flask.Response
        200, also where there is none.
    """
    here = service()
    answer = Response(_operations_page(here), mimetype="text/html")
    told = [(name, request.args[name]) for name in ("borta", "rattad") if name in request.args]
    return _tagged(answer, here, told, "insatser", language())


@planner_pages.get("/insatser.json")
def operations_data() -> Response:
    """Answer with the operations as JSON, in both languages at once.

    Returns
    -------
    flask.Response
        Counts that are too small are null.
    """
    here = service()
    body = {
        "simulated": here.simulated(),
        "operations": [_card_json(card) for card in operation_cards(here.store, here.lens)],
    }
    return _tagged(json_answer(body), here, [], "insatser.json")


@planner_pages.post("/insatser")
def add() -> Response:
    """Keep the operation that the form describes.

    Returns
    -------
    flask.Response
        303 to the operation; 400 with the form as the reader left it if something cannot be used.
    """
    here, sent = service(), fields_of(request.form)
    zones = zones_to_choose(here.store, here.settings, here.lens, now=here.clock())
    try:
        fields = operation_form.read_operation(sent, zones)
        number = add_operation(
            here.store,
            here.settings,
            name=fields.name,
            period=fields.period,
            zones=fields.zones,
            places=fields.places,
            partners=fields.partners,
            goal=fields.goal,
            outcomes=fields.outcomes,
            now=here.clock(),
            lens=here.lens,
            owner=entered_for(here.reader),
            user=here.reader.user_id,
        )
    except (InvalidInputError, NothingFoundError) as error:
        page = _operations_page(here, sent=sent, problem=error.message)
        return Response(page, mimetype="text/html", status=InvalidInputError.http_status)
    return _to_operation(number)


@planner_pages.post("/insatser/<int(max=2147483647):operation_id>/utvardera")
def assess(operation_id: int) -> Response:
    """Evaluate an operation and keep the answer.

    Parameters
    ----------
    operation_id
        Its number.

    Returns
    -------
    flask.Response
        303 to the operation; 400 with the reason if it cannot be evaluated; 404 if there is none.
    """
    here = service()
    here.store.operations.get(operation_id)
    chosen = [word for word in request.form.getlist("category") if word]
    try:
        question = Filter.from_query({"category": chosen} if chosen else {}, tz=here.area().tz)
        evaluate(
            here.store, here.settings, here.lens, question, operation_id, now=here.clock(),
            compare=operation_form.read_compared(request.form.get("compare", "")),
        )  # fmt: skip
    except (InvalidInputError, NothingFoundError) as error:
        page = _operations_page(
            here, problem=error.message, failed=operation_id,
            compare=request.form.get("compare", ""),
        )  # fmt: skip
        return Response(page, mimetype="text/html", status=InvalidInputError.http_status)
    return _to_operation(operation_id)


@planner_pages.post("/insatser/<int(max=2147483647):operation_id>/utfall")
def count(operation_id: int) -> Response:
    """Keep counts of what an operation led to.

    Parameters
    ----------
    operation_id
        Its number.

    Returns
    -------
    flask.Response
        303 to the operation; 400 with the reason if a count cannot be used; 404 if there is none.
    """
    here, sent = service(), fields_of(request.form)
    here.store.operations.get(operation_id)
    try:
        counts = operation_form.read_outcomes(sent)
    except InvalidInputError as error:
        page = _operations_page(here, counted=(operation_id, sent, error.message))
        return Response(page, mimetype="text/html", status=error.http_status)
    here.store.operations.count(operation_id, counts, now=here.clock(), user=here.reader.user_id)
    return _to_operation(operation_id)


def _look(query: Query, here: Service) -> tuple[Picture, Overview | None]:
    view = None
    try:
        view = read_view(query, here)
        seen = planner_overview(
            here.store, here.settings, here.lens, view.question, now=here.clock()
        )
    except InvalidInputError as error:
        return Picture(view=None, problem=error.message), None
    except NothingFoundError as nothing:
        empty = here.store.span() is None
        return Picture(view or View.everything(), problem=nothing.message, empty=empty), None
    note_shown(seen.situation)
    return Picture(view, seen.situation), seen


def _forecasts(here: Service) -> tuple[KeptBacktest | None, KeptChoice | None]:
    # Both are reckoned from single incidents.
    if not here.settings.forecasting or here.lens.scope == "joint":
        return None, None
    record = forecast_record(here.store, here.lens, weeks=_EVER)
    # What was tested on more owners' incidents than the reader may see is not theirs.
    if record is not None and not set(record.parameters["owners"]) <= here.lens.owners:
        record = None
    if record is not None:
        record = replace(record, origins=record.origins.tail(_ORIGINS).reset_index(drop=True))
    lens = here.lens
    return record, chosen_model(here.store, here.clock(), owners=lens.owners, least=lens.fewest)


def _told(here: Service) -> ToldRecord | None:
    joint = here.settings.forecasting and here.lens.scope == "joint"
    return told_record(here.store) if joint else None


def _joint_news(here: Service, seen: Overview) -> JointNews | None:
    return joint_news(here.store, seen.situation) if here.lens.scope == "joint" else None


def _names(seen: Overview) -> dict[str, str]:
    zones = seen.situation.zones
    return dict(zip(zones["zone_id"].astype(str), zones["name"].astype(str), strict=True))


def _rhythm(here: Service) -> planner_rhythm.Rhythm | None:
    tz = here.area().tz
    if here.lens.scope == "joint":
        span = released_span(here.store)
        return planner_rhythm.rhythm(here.clock(), span, span.end, tz, weekly=False)
    owners = here.lens.owners
    known = here.store.span(owners=owners)
    if known is None:
        return None
    end = data_end(here.store, tz=tz, owners=owners)
    return planner_rhythm.rhythm(here.clock(), known, end, tz)


def _week(seen: Overview) -> Text:
    first, last = seen.week
    days = Period.between(first, last + timedelta(days=1), tz=seen.situation.tz)
    return planner_rows.week_words(seen, period_days(days))


def _week_lead(week: ToldWeek) -> Text:
    end = week.begins + timedelta(days=7)
    tz = service().area().tz
    return told_rows.week_lead(week, period_days(Period.between(week.begins, end, tz=tz)))


def _above(seen: Overview) -> list[tuple[str, str]]:
    names = dict(zip(seen.situation.zones["zone_id"], seen.situation.zones["name"], strict=True))
    return [
        (str(zone_id), str(name))
        for zone_id, name in names.items()
        if zone_id in seen.zones and seen.zones[zone_id].verdict in ("alarm", "above")
    ]


def _to_operation(number: int) -> Response:
    return seen_other(address("planner.operations", {}) + f"#insats-{number}")


def _operations_page(
    here: Service,
    *,
    sent: Query | None = None,
    problem: Text | None = None,
    failed: int | None = None,
    compare: str = "",
    counted: tuple[int, Query, Text] | None = None,
) -> str:
    tz = here.area().tz
    cards = operation_cards(here.store, here.lens)
    return render_template(
        "planner/operations.html",
        area=here.area().name,
        simulated=here.simulated(),
        lens=here.lens,
        cards=cards,
        own={card.operation_id for card in cards if may_change(here.reader, card.owner)},
        corrected=request.args.get("rattad", type=int),
        removed="borta" in request.args,
        effects={card.operation_id: _drawn(card.effect, tz) for card in cards if card.effect},
        iso_day=_iso_day,
        failed=failed,
        counted=counted,
        operation_words=operation_words,
        compare=compare,
        problem=problem,
        form=operation_form.build_operation_form(
            sent or {}, zones_to_choose(here.store, here.settings, here.lens, now=here.clock())
        ),
        filled=sent is not None,
        outcome_field=operation_form.outcome_field,
        outcomes=OUTCOMES,
        groups=GROUPS,
        categories=[Choice(word, name, chosen=False) for word, name in CATEGORIES.items()],
        empty=here.store.span() is None,
        change_text=planner_rows.change_text,
        rarity=rarity,
        both=_both,
        verdict_text=told_rows.verdict_text,
        rests_on=_rests_on,
        told_marks=_told_marks,
    )


def _rests_on(told: ToldVerdict) -> Text | None:
    return told_rows.rests_on(told, day(told.made_at))


def _told_marks(told: ToldVerdict) -> dict[str, float] | None:
    if told.estimate is None or told.lower is None or told.upper is None:
        return None
    return planner_rows.interval_marks(told.estimate, told.lower, told.upper)


def _last_day(end: datetime) -> str:
    return day(end - timedelta(microseconds=1))


def _span_days(begins: datetime, ends: datetime) -> str:
    return period_days(Period(*(pd.Timestamp(one).to_pydatetime() for one in (begins, ends))))


def _both(pair: Mapping[str, str]) -> Text:
    return Text(pair["sv"], pair["en"])


def _iso_day(text: str) -> str:
    return day(date.fromisoformat(text))


def _drawn(effect: KeptEffect, tz: str) -> dict[str, Any]:
    body = effect.body
    change = [body[name] for name in ("estimate", "lower", "upper")]
    question = Filter.from_query(as_query(effect.filter), tz=tz)
    return {
        "interval": None if None in change else planner_rows.interval_marks(*change),
        "series": planner_rows.series_chart(body["series"]),
        "categories": [CATEGORIES[word] for word in question.categories],
    }


def _tagged(
    answer: Response, here: Service, pairs: list[tuple[str, str]], *context: str
) -> Response:
    if here.lens.scope == "joint":
        return conditional_by_content(answer)
    tag = etag_of(
        here.started,
        here.store.version(),
        here.lens.key,
        pairs,
        # The week moves on although no data change.
        here.clock().date(),
        context,
    )
    return conditional(answer, tag)


def _overview_json(seen: Overview, here: Service) -> dict[str, Any]:
    situation = seen.situation
    record, kept = _forecasts(here)
    return {
        "area": here.area().name,
        "simulated": situation.simulated,
        "as_of": situation.as_of.isoformat(),
        "period": {
            "from": situation.period.start.isoformat(),
            "to": situation.period.end.isoformat(),
        },
        "week": [str(one) for one in seen.week],
        "weeks": _records(seen.area),
        "weeks_released": [_plain(asdict(week)) for week in seen.told_weeks],
        "zones": [
            {
                "zone_id": zone.row.zone_id,
                "name": zone.row.name,
                "events": zone.row.events,
                "band": None if zone.row.band is None else zone.row.band.as_dict(),
                "trend": None if zone.row.trend is None else zone.row.trend.as_dict(),
                "change": None if zone.change is None else zone.change.as_dict(),
                "week": None if zone.weeks is None else asdict(zone.weeks),
            }
            for zone in planner_rows.planner_zones(seen)
        ],
        "weeks_begin": [str(one) for one in seen.weeks],
        "news": {
            "since": None if seen.news.since is None else seen.news.since.isoformat(),
            "zones": [asdict(zone) for zone in seen.news.zones],
            "months": told_rows.news_json(_joint_news(here, seen)),
        },
        "quality": asdict(seen.quality),
        "quality_of": None
        if seen.quality_of is None
        else {
            "from": seen.quality_of.start.isoformat(),
            "to": seen.quality_of.end.isoformat(),
        },
        "operations": [_card_json(card) for card in operation_cards(here.store, here.lens)],
        "forecasts": {
            "on": here.settings.forecasting,
            "model": None if kept is None else kept.choice.model,
            "reason": None if kept is None else kept.choice.reason.as_dict(),
            "tested_at": None if record is None else record.made_at.isoformat(),
            "models": [] if record is None else _records(record.models),
            "origins": [] if record is None else _records(record.origins),
            "released": told_rows.record_json(_told(here)),
        },
        "notes": [note.as_dict() for note in situation.notes],
    }


def _card_json(card: OperationCard) -> dict[str, Any]:
    return {
        "operation": card.operation_id,
        "name": card.name,
        "from": card.period.start.isoformat(),
        "to": card.period.end.isoformat(),
        "places": card.places,
        "partners": list(card.partners),
        "goal": card.goal,
        "outcomes": card.outcomes,
        "effect": None
        if card.effect is None
        else {"made_at": card.effect.made_at.isoformat(), **_plain(card.effect.body)},
        "told": told_rows.verdict_json(card.told),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON: days and times in ISO 8601, what is not known as None."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

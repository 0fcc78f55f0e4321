"""The presence week of outreach: ``/narvaro``, its JSON twin, its log and its calendar."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from flask import Blueprint, Response, render_template, request

from riskmiljo.access.plans import may_open
from riskmiljo.access.presence import kinds_taken_out
from riskmiljo.errors import InvalidInputError, NothingFoundError, UnreadableFileError
from riskmiljo.intake.ics import read_calendar
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Plan
from riskmiljo.model.vocabulary import SOURCES
from riskmiljo.situation.calendar import BUILT_IN, occasions
from riskmiljo.situation.presence import add_presence
from riskmiljo.situation.presence_log import (
    MOST_LOGGED,
    known_places,
    logged_stays,
    take_out_entry,
    taken_in,
)
from riskmiljo.situation.presence_week import Happening, PresenceWeek, presence_week
from riskmiljo.web import presence_form, presence_rows, presence_words, words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.failures import error_answer
from riskmiljo.web.headers import conditional, etag_of
from riskmiljo.web.language import language
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import Query, address, fields_of, query_of_request
from riskmiljo.wording import Text

presence_pages = Blueprint("presence", __name__)

FIELDS: Final = ("vecka", "plats", "klart", "utom", "lang", "insyn")
_BAD_REQUEST: Final = InvalidInputError.http_status
# Plans are made for days ahead, not years: what lies further back has no shift this week.
_PLANS_LOOKED_THROUGH: Final = 100
_YEARS: Final = 2
_DAYS: Final = ("kind", "year", "first", "last")
# Those whose page it is come first.
_CREWS: Final = ("outreach", "night_walkers", "police")


@presence_pages.get("/narvaro")
def index() -> Response:
    """Show where and when adults are worth most this week.

    Returns
    -------
    flask.Response
        200; 400 if the address cannot be read.
    """
    here, query = service(), query_of_request()
    try:
        week, place = _read(query, here)
        seen, nothing = _look(here, week, place)
    except InvalidInputError as error:
        week = _this_week(here)
        page = _page(here, week, None, problem=error.message)
        return Response(page, mimetype="text/html", status=_BAD_REQUEST)
    done = presence_form.done_words(_one(query, "klart"), _one(query, "utom"))
    page = _page(here, week, seen, nothing=nothing, done=done)
    answer = Response(page, mimetype="text/html")
    return _tagged(answer, here, week, query, "narvaro", language())


@presence_pages.get("/narvaro.json")
def data() -> Response:
    """Answer with the presence week as JSON, in both languages at once.

    Returns
    -------
    flask.Response
        200; 400 if the address cannot be read, 404 where there is nothing to show.
    """
    here, query = service(), query_of_request()
    try:
        week, place = _read(query, here)
        seen, nothing = _look(here, week, place)
    except InvalidInputError as error:
        return error_answer(_BAD_REQUEST, error.message)
    if seen is None:
        return error_answer(NothingFoundError.http_status, nothing or words.NOTHING_MATCHES)
    answer = json_answer(presence_rows.as_json(seen))
    return _tagged(answer, here, week, query, "narvaro.json")


@presence_pages.post("/narvaro/logg")
def log() -> Response:
    """Keep that adults were somewhere.

    Returns
    -------
    flask.Response
        303 to the week of that day; 400 with the form as the reader left it if something cannot be
        used.
    """
    here, sent = service(), fields_of(request.form)
    area = here.area()
    try:
        places = known_places(here.store, here.settings)
        stay = presence_form.read_stay(
            sent, places, now=here.clock(), tz=area.tz, kinds=kinds_taken_out(here.reader)
        )
    except InvalidInputError as error:
        return _refused(here, sent, error.message, of="log")
    row = stay.as_presence(places, area.epsg)
    added, _known = add_presence(here.store, row, now=here.clock())
    local = Period(stay.begins, stay.begins + timedelta(seconds=1)).local(area.tz)[0].date()
    return _back(_monday(local), "logg" if added else "finns", "logg")


@presence_pages.post("/narvaro/logg/<int(max=2147483647):entry_id>/bort")
def undo(entry_id: int) -> Response:
    """Take out a stay that was logged by mistake, or a file of presence as a whole.

    Parameters
    ----------
    entry_id
        What brought it.

    Returns
    -------
    flask.Response
        303 to the page; 400 for a file without the word that it is meant, 404 for what is not
        there, or not the reader's to take out.
    """
    here, sent = service(), fields_of(request.form)
    whole = not here.store.presence_entries.of_one([entry_id])
    if whole and _one(sent, "sure") != "1":
        return _refused(here, sent, presence_words.NOT_SURE, of="log")
    try:
        take_out_entry(here.store, here.reader, entry_id, now=here.clock())
    except NothingFoundError as gone:
        # Asked twice, or in another window.
        return _refused(here, sent, presence_words.ALREADY_OUT, of="log", status=gone.http_status)
    return _back(_week_sent(sent, here), "angrad", "logg")


@presence_pages.post("/narvaro/kalender")
def take_in() -> Response:
    """Take in a calendar file.

    Returns
    -------
    flask.Response
        303 to the page; 400 with the reason if the file cannot be used.
    """
    here, sent = service(), fields_of(request.form)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _refused(here, sent, presence_words.NO_FILE, of="calendar")
    try:
        intake = read_calendar(file.read(), tz=here.area().tz, now=here.clock())
        if not intake.events:
            why = presence_form.with_notes(presence_words.NO_OCCASIONS, intake.notes)
            return _refused(here, sent, why, of="calendar")
        here.store.calendar.add(
            intake.events,
            name=_file_name(file.filename),
            sha256=intake.sha256,
            now=here.clock(),
            user=here.reader.user_id,
        )
    except (InvalidInputError, UnreadableFileError) as error:
        return _refused(here, sent, error.message, of="calendar")
    monday = _week_sent(sent, here)
    return _back(monday, "kalender", "kalender", presence_form.counts_text(intake.counts))


@presence_pages.post("/narvaro/kalender/<int(max=2147483647):import_id>/bort")
def take_out(import_id: int) -> Response:
    """Take out a calendar that was taken in.

    Parameters
    ----------
    import_id
        Its number.

    Returns
    -------
    flask.Response
        303 to the page; 404 if there is none.
    """
    here, sent = service(), fields_of(request.form)
    try:
        here.store.calendar.undo(import_id, now=here.clock(), user=here.reader.user_id)
    except NothingFoundError as gone:
        return _refused(
            here, sent, presence_words.ALREADY_OUT, of="calendar", status=gone.http_status
        )
    return _back(_week_sent(sent, here), "borttagen", "kalender")


@presence_pages.post("/narvaro/dagar")
def set_days() -> Response:
    """Correct the days of a yearly event.

    Returns
    -------
    flask.Response
        303 to the page; 400 with the reason if something cannot be used.
    """
    here, sent = service(), fields_of(request.form)
    try:
        kind, year, days = presence_form.read_days(sent)
        if days is None:
            here.store.calendar.reset(kind, year, now=here.clock(), user=here.reader.user_id)
        else:
            here.store.calendar.change(kind, year, days, now=here.clock(), user=here.reader.user_id)
    except InvalidInputError as error:
        return _refused(here, sent, error.message, of="calendar")
    return _back(_week_sent(sent, here), "dagar", "kalender")


def _read(query: Query, here: Service) -> tuple[Period, str]:
    unknown = sorted(set(query) - set(FIELDS))
    if unknown:
        raise InvalidInputError(
            presence_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(FIELDS))
        )
    text = _one(query, "vecka")
    week = _week(text, here) if text else _this_week(here)
    return week, _one(query, "plats")


def _week(text: str, here: Service) -> Period:
    wrong = InvalidInputError(presence_words.WRONG_WEEK.fill(v=repr(text[:40])))
    if not re.fullmatch(r"[0-9]{4}-W[0-9]{2}", text):
        raise wrong
    try:
        return Period.parse(text, tz=here.area().tz)
    except InvalidInputError:
        raise wrong from None


def _this_week(here: Service) -> Period:
    moment = here.clock()
    today = Period(moment, moment + timedelta(seconds=1)).local(here.area().tz)[0].date()
    return _of_monday(_monday(today), here)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _of_monday(monday: date, here: Service) -> Period:
    return Period.between(monday, monday + timedelta(days=7), tz=here.area().tz)


def _look(here: Service, week: Period, place: str) -> tuple[PresenceWeek | None, Text | None]:
    try:
        seen = presence_week(
            here.store,
            here.settings,
            here.lens,
            week,
            now=here.clock(),
            place=place,
            plans=_plans(here, week),
        )
    except NothingFoundError as nothing:
        return None, nothing.message
    return seen, None


def _plans(here: Service, week: Period) -> tuple[Plan, ...]:
    """Return the plans of a week that the reader may open, or that are shared with their role."""
    store = here.store
    rows = [
        row
        for row in store.plans.latest(most=_PLANS_LOOKED_THROUGH)
        if not row.replaced
        and row.begins < week.end
        and row.ends > week.start
        and may_open(here.reader, row.rests_on).allowed
    ]
    shared = store.plan_shares.plans(here.reader.role, since=week.start)
    numbers = dict.fromkeys([*(row.plan_id for row in rows), *shared])
    plans = (store.plans.get(number) for number in numbers)
    return tuple(plan for plan in plans if plan.shift.period.start < week.end)


def _page(
    here: Service,
    week: Period,
    seen: PresenceWeek | None,
    *,
    problem: Text | None = None,
    nothing: Text | None = None,
    done: Text | None = None,
    sent: Query | None = None,
    refused: tuple[str, Text] | None = None,
) -> str:
    tz, store = here.area().tz, here.store
    monday = week.local(tz)[0].date()
    empty = store.span() is None
    places = known_places(store, here.settings)
    on = () if seen is None and problem else occasions(store, week, tz=tz)
    happenings = seen.happenings if seen is not None else [Happening(one, None) for one in on]
    return render_template(
        "situation/empty.html" if empty else "presence/index.html",
        area=here.area().name,
        simulated=here.simulated(),
        lens=here.lens,
        least=max(here.lens.min_incidents, here.lens.min_sensitive),
        problem=problem,
        nothing=nothing,
        refused=refused,
        done=done,
        seen=seen,
        week=week,
        week_name=presence_rows.week_name(monday),
        week_number=monday.isocalendar().week,
        around=[
            (presence_rows.week_name(other), other.isocalendar().week, other < monday)
            for other in (monday - timedelta(days=7), monday + timedelta(days=7))
        ],
        now_week=week == _this_week(here),
        best=[] if seen is None else presence_rows.best_rows(seen),
        strip=[] if seen is None else presence_rows.strip(seen),
        heads=[] if seen is None else presence_rows.day_heads(seen),
        legend=presence_rows.legend(place=seen is not None and bool(seen.place)),
        happenings=happenings,
        effect_text=presence_rows.effect_text,
        happening_when=presence_rows.happening_when,
        sources=SOURCES,
        logged=logged_stays(store, week, places),
        most_logged=MOST_LOGGED,
        taken_in=taken_in(store, here.reader),
        crews_text=presence_rows.crews_text,
        over=week.end <= here.clock(),
        next_week=presence_rows.week_name(monday + timedelta(days=7)),
        logged_when=presence_rows.logged_when,
        adult_minutes=presence_rows.adult_minutes,
        imports=[one for one in store.calendar.imports() if one.undone_at is None],
        kinds=[(kind, event.name) for kind, event in BUILT_IN.items()],
        years=[monday.year + step for step in range(_YEARS)],
        places=sorted(places, key=str.casefold),
        # What cannot be taken back is not logged here: where the police were is theirs to tell.
        crews=[(kind, SOURCES[kind]) for kind in _CREWS if kind in kinds_taken_out(here.reader)],
        filled={name: _one(sent or {}, name) for name in (*presence_form.LOG_FIELDS, *_DAYS)},
        today=_today(here),
        presence_words=presence_words,
        most_adults=presence_form.MOST_ADULTS,
    )


def _today(here: Service) -> str:
    moment: datetime = here.clock()
    return Period(moment, moment + timedelta(1)).local(here.area().tz)[0].date().isoformat()


def _refused(
    here: Service, sent: Query, why: Text, *, of: str, status: int = _BAD_REQUEST
) -> Response:
    week = _of_monday(_week_sent(sent, here), here)
    seen, nothing = _look(here, week, "")
    page = _page(here, week, seen, nothing=nothing, sent=sent, refused=(of, why))
    return Response(page, mimetype="text/html", status=status)


def _week_sent(sent: Query, here: Service) -> date:
    """Return the Monday of the week that the form stood on; this week's where it does not say."""
    try:
        week = _week(_one(sent, "vecka"), here)
    except InvalidInputError:
        week = _this_week(here)
    return week.local(here.area().tz)[0].date()


def _back(monday: date, done: str, where: str, left_out: str = "") -> Response:
    query = {"vecka": [presence_rows.week_name(monday)], "klart": [done]}
    if left_out:
        query["utom"] = [left_out]
    return seen_other(address("presence.index", query) + f"#{where}")


def _file_name(name: str) -> str:
    plain = " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())
    return "".join(sign for sign in plain if sign.isprintable())[:120] or "kalender.ics"


def _one(query: Query, name: str) -> str:
    return next((text.strip() for text in query.get(name, ())), "")


def _tagged(answer: Response, here: Service, week: Period, query: Query, *context: str) -> Response:
    if here.lens.scope == "joint":
        # The store's version would tell of each import between two releases.
        return answer
    tag = etag_of(
        here.started,
        here.store.version(),
        here.lens.key,
        here.reader.user_id,
        week,
        sorted(query.items()),
        # Hours go by.
        here.clock().replace(minute=0, second=0, microsecond=0),
        context,
    )
    return conditional(answer, tag)

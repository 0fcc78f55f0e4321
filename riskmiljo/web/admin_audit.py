"""``/admin/logg``: the audit's rows by act, account and day; as a page, JSON and CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, render_template, request

from riskmiljo.access.purposes import PURPOSE_NAMES
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.role import ROLE_NAMES
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, OWNERS, SOURCES
from riskmiljo.situation import release_decisions
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.store.audit_log import AuditQuestion, AuditRow
from riskmiljo.store.readings import SALT
from riskmiljo.web import admin_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.audit_words import act_name
from riskmiljo.web.language import language
from riskmiljo.web.page_names import page_name
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import Query, address
from riskmiljo.wording import Text

audit_pages = Blueprint("audit", __name__)

_AT_A_TIME: Final = 100
# A table that a spreadsheet opens; all rows are had with `riskmiljo audit export`.
_MOST_CSV: Final = 50_000
# How the address of a page says which numbers it takes.
_CONVERTER: Final = re.compile(r"<[^<>:]+:")
_LISTED: Final[dict[str, dict[str, Text]]] = {
    "owners": OWNERS,
    "scope": admin_words.SCOPES,
    "category": CATEGORIES,
    "detection": DETECTIONS,
    "source": SOURCES,
    "function": release_decisions.FUNCTIONS,
    "ground": release_decisions.GROUNDS,
    "recipient": release_decisions.RECIPIENTS,
    "what": release_decisions.WHATS,
    "role": {str(role): name for role, name in ROLE_NAMES.items()},
    "purpose": {str(purpose): name for purpose, name in PURPOSE_NAMES.items()},
}
_FIELDS: Final = ("act", "user", "from", "to", "before")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of the audit, in words.

    Attributes
    ----------
    seq
        Its number.
    when
        Local time, to the second.
    who
        The account's name; empty where there was none.
    act
        What was done.
    details
        Names and values.
    """

    seq: int
    when: str
    who: str
    act: Text
    details: list[tuple[Text, Text]]


@audit_pages.get("/admin/logg")
def index() -> Response:
    """Show the audit's rows, the latest first.

    Returns
    -------
    flask.Response
        A hundred at a time; 400 with the form where the address cannot be read.
    """
    here = service()
    problem: Text | None = None
    rows: tuple[AuditRow, ...] = ()
    try:
        rows = here.store.audit_log.rows(_question(here), most=_AT_A_TIME + 1)
    except InvalidInputError as error:
        problem = error.message
    names = {one.user_id: one.name for one in here.store.users.all()}
    asked = {name: request.args.get(name, "") for name in _FIELDS}
    older = None
    if len(rows) > _AT_A_TIME:
        rows = rows[:_AT_A_TIME]
        older = address("audit.index", {**_said(), "before": [str(rows[-1].seq)]})
    page = render_template(
        "admin/audit.html",
        simulated=here.simulated(),
        problem=problem,
        rows=[_shown(row, names) for row in rows],
        acts=sorted((act, act_name(act)) for act in here.store.audit_log.acts()),
        names=sorted(names.items()),
        asked=asked,
        older=older,
        as_json=address("audit.data", _said()),
        as_csv=address("audit.table", _said()),
    )
    answer = Response(page, status=400 if problem else 200, mimetype="text/html")
    answer.cache_control.no_store = True
    return answer


@audit_pages.get("/admin/logg.json")
def data() -> Response:
    """Answer with the audit's rows as JSON.

    Returns
    -------
    flask.Response
        ``rows``, the latest first, and ``older``: the number to give as ``before`` for those
        before them, null where there are none. Counts are the lower ends of their classes.
    """
    rows = service().store.audit_log.rows(_question(service()), most=_AT_A_TIME + 1)
    shown = rows[:_AT_A_TIME]
    return json_answer(
        {
            "rows": [
                {"seq": row.seq, "at": row.at.isoformat(), "act": row.act, "detail": _told(row)}
                for row in shown
            ],
            "older": shown[-1].seq if len(rows) > _AT_A_TIME else None,
        }
    )


@audit_pages.get("/admin/logg.csv")
def table() -> Response:
    """Answer with the audit's rows as a table.

    Returns
    -------
    flask.Response
        An attachment, the latest 50 000 rows. It has no hashes: they are of counts that are told in
        classes here, and could be tried out against them.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["seq", "at", "act", "user", "detail"])
    for row in service().store.audit_log.rows(_question(service()), most=_MOST_CSV):
        told = _told(row)
        user = told.pop("user", "")
        words = "; ".join(f"{name}={value}" for name, value in told.items())
        writer.writerow([row.seq, row.at.isoformat(), row.act, user, words])
    # A mark for spreadsheets that the text is UTF-8.
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="logg.csv")
    answer.cache_control.no_store = True
    return answer


def _said() -> Query:
    return {
        name: [request.args[name]]
        for name in _FIELDS
        if name != "before" and request.args.get(name, "").strip()
    }


def _question(here: Service) -> AuditQuestion:
    zone = ZoneInfo(here.area().tz)
    first, last = _day("from"), _day("to")
    user, before = _number("user"), _number("before")
    return AuditQuestion(
        act=request.args.get("act", "").strip() or None,
        user_id=user,
        since=None if first is None else datetime.combine(first, time.min, zone),
        until=None if last is None else datetime.combine(last + timedelta(days=1), time.min, zone),
        before=before,
    )


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", text):
        raise InvalidInputError(admin_words.WRONG_DAY.fill(t=repr(text[:40])))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(admin_words.WRONG_DAY.fill(t=repr(text[:40]))) from error


def _number(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidInputError(admin_words.WRONG_NUMBER.fill(t=repr(text[:40])))
    return int(text)


def _told(row: AuditRow) -> dict[str, Any]:
    """Return a row's detail as an administrator may see it: counts of own data are not theirs."""
    told = {name: value for name, value in row.detail.items() if name != SALT}
    if isinstance(told.get("count"), int):
        told["count"] = sum_band(told["count"])[0]
    return told


def _shown(row: AuditRow, names: dict[int, str]) -> ShownRow:
    told = _told(row)
    user = told.pop("user", None)
    known = {0: admin_words.COMMAND_LINE.in_language(language()), **names}
    who = known.get(user, str(user)) if isinstance(user, int) else ""
    details = [
        (admin_words.DETAIL_NAMES.get(name, _as_is(name)), _value(name, value, names))
        for name, value in told.items()
    ]
    when = f"{row.at.astimezone(ZoneInfo(service().area().tz)):%Y-%m-%d %H:%M:%S}"
    return ShownRow(row.seq, when, who, act_name(row.act), details)


def _value(name: str, value: Any, names: dict[int, str]) -> Text:
    text = str(value)
    if name == "account" and isinstance(value, int):
        return _as_is(names.get(value, text))
    if name == "count" and isinstance(value, int):
        return sum_band(value)[1]
    if name == "page":
        rules = [rule.rule for rule in current_app.url_map.iter_rules() if rule.endpoint == text]
        # A number is <plan_id> to a reader, whatever the largest may be.
        called, behind = page_name(text), _CONVERTER.sub("<", rules[0]) if rules else text
        if called is None:
            return _as_is(behind)
        return Text(f"{called.sv} ({behind})", f"{called.en} ({behind})")
    listed = _LISTED.get(name, {})
    if all(word in listed for word in text.split(",")):
        kept = [listed[word] for word in text.split(",")]
        return Text(", ".join(one.sv for one in kept), ", ".join(one.en for one in kept))
    return _as_is(text)


def _as_is(text: str) -> Text:
    return Text(text, text)

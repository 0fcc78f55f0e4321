"""One click from the weekly review to the report for the meeting: ``/lagesbild/rapport.pdf``."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from riskmiljo.errors import AccessDeniedError
from riskmiljo.export.report_pdf import report_pdf
from riskmiljo.situation.report import report_facts
from riskmiljo.web import report_words
from riskmiljo.web.audited import note_shown
from riskmiljo.web.language import language
from riskmiljo.web.report_content import build_report
from riskmiljo.web.service import service
from riskmiljo.web.view import query_of_request, read_view
from riskmiljo.wording import Text

report_pages = Blueprint("report", __name__)


@report_pages.get("/lagesbild/rapport.pdf")
def paper() -> Response:
    """Answer with the report that the weekly review of the same query leads to.

    Returns
    -------
    flask.Response
        A PDF to save; 400 if the address cannot be read, 404 where there is nothing to show or the
        lens allows no files.
    """
    here = service()
    if not here.lens.may_export:
        raise AccessDeniedError(report_words.NO_EXPORT)
    view, now = read_view(query_of_request(), here), here.clock()
    facts = report_facts(here.store, here.settings, here.lens, view.question, now=now)
    note_shown(facts.overview.situation)
    name = here.reader.name
    report = build_report(
        facts,
        area_name=here.area().name,
        made_by=Text(name, name) if name else report_words.WITHOUT_LOGIN,
        forecasting=here.settings.forecasting,
        language=language(),
    )
    answer = Response(report_pdf(report, now=now), mimetype="application/pdf")
    last = facts.overview.situation.period.first_and_last_day(here.area().tz)[1]
    made = now.astimezone(ZoneInfo(here.area().tz)).date()
    file_name = f"lagesbild-{min(last, made)}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer

"""The import pages: ``/import``, a file that was uploaded, and the receipt of one taken in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import FileStorage

from riskmiljo.access.imports import owners_taken_in, sources_taken_in
from riskmiljo.errors import InvalidInputError, NothingFoundError, UnreadableFileError
from riskmiljo.intake.rejects import REJECT_COLUMNS, neutralised
from riskmiljo.maps import json_text
from riskmiljo.model.vocabulary import CATEGORIES, SOURCES
from riskmiljo.situation.importing import MOST_COLUMNS, Choices
from riskmiljo.situation.importing_staging import Staging, Stagings
from riskmiljo.web import import_form, import_jobs, import_rows, import_words, words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.failures import error_answer
from riskmiljo.web.import_batches import batch_json, batch_of, batches_of
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import Query, address, fields_of, query_of_request
from riskmiljo.wording import Text

import_pages = Blueprint("importing", __name__)

_BAD_REQUEST: Final = InvalidInputError.http_status
_ROWS_A_PAGE: Final = 25
_WORKING: Final = ("waiting", "reading", "taking")


@import_pages.get("/import")
def index() -> Response:
    """Show the way to upload a file, and the reader's files.

    Returns
    -------
    flask.Response
        200; 400 if the address cannot be read.
    """
    _check_fields(("lang", "insyn", "klart"))
    return _index(service(), done=_one(query_of_request(), "klart"))


@import_pages.get("/import.json")
def data() -> Response:
    """Answer with the reader's files as JSON.

    Returns
    -------
    flask.Response
        200.
    """
    here = service()
    waiting = [import_rows.as_json(_settled(here, one)) for one in _stagings(here).of(here.reader)]
    batches = [batch_json(row) for row in batches_of(here)]
    return json_answer(
        {"sources": list(sources_taken_in(here.reader)), "uploads": waiting, "batches": batches}
    )


@import_pages.post("/import")
def upload() -> Response:
    """Keep an uploaded file and begin to look at it.

    Returns
    -------
    flask.Response
        303 to its page; 400 or 422 with the reason if it cannot be kept.
    """
    here, sent = service(), fields_of(request.form)
    try:
        file = _sent_file()
        source = import_form.read_source(sent, sources_taken_in(here.reader))
        stagings = _stagings(here)
        staging = stagings.add(
            file.stream,
            file.filename or "",
            reader=here.reader,
            choices=Choices(source=source),
            now=here.clock(),
        )
    except (InvalidInputError, UnreadableFileError) as error:
        return _index(
            here, problem=import_rows.for_pages(error.message.as_dict()), status=error.http_status
        )
    here.store.uploads.note("upload", size=staging.size, user=here.reader.user_id, now=here.clock())
    _start_look(here, stagings, staging)
    return _to("importing.staged", staging_id=staging.staging_id)


@import_pages.get("/import/<string:staging_id>")
def staged(staging_id: str) -> Response:
    """Show what an uploaded file would bring in, and how it is read.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        200; 404 for another's file, 400 if the address cannot be read.
    """
    _check_fields(("lang", "insyn", "sida"))
    here = service()
    return _staged(here, _get(here, staging_id))


@import_pages.get("/import/<string:staging_id>.json")
def staged_data(staging_id: str) -> Response:
    """Answer with what is known of an uploaded file.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        200; 404 for another's file.
    """
    here = service()
    return json_answer(import_rows.as_json(_get(here, staging_id)))


@import_pages.get("/import/<string:staging_id>/lager.json")
def layers(staging_id: str) -> Response:
    """Answer with the map of an uploaded file.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        200; 404 for another's file, or one without points.
    """
    here = service()
    payload = import_rows.preview_layers(
        _get(here, staging_id),
        here.settings,
        now=here.clock(),
        tz=here.area().tz,
        simulated=here.simulated(),
    )
    if payload is None:
        return error_answer(NothingFoundError.http_status, words.NOT_FOUND)
    return Response(json_text(payload), mimetype="application/json")


@import_pages.get("/import/<string:staging_id>/avvisade.csv")
def rejects(staging_id: str) -> Response:
    """Answer with the refused rows as a file.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        Semicolons and UTF-8 with a mark; no cell runs as a formula. No value of the file is in it.
    """
    here = service()
    staging = _get(here, staging_id)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(REJECT_COLUMNS)
    for row in _stagings(here).rejects(staging):
        why = import_rows.for_pages({"sv": row["reason"], "en": row["reason_en"]})
        told = {**row, "reason": why.sv, "reason_en": why.en}
        writer.writerow([neutralised(told[name]) for name in REJECT_COLUMNS])
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="avvisade.csv"'
    return answer


@import_pages.post("/import/<string:staging_id>/titta")
def look_again(staging_id: str) -> Response:
    """Read a file as the reader chose.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        303 to its page; 400 with the reason if a choice cannot be used.
    """
    here, sent = service(), fields_of(request.form)
    staging = _get(here, staging_id)
    try:
        _check_idle(staging)
        sources = sources_taken_in(here.reader)
        choices = import_form.read_choices(sent, staging, sources)
        if choices.layer != staging.choices.layer:
            staging.columns = None
        staging.choices, staging.phase = choices, "waiting"
        stagings = _stagings(here)
        stagings.save(staging)
        _start_look(here, stagings, staging)
    except InvalidInputError as error:
        return _staged(here, _get(here, staging_id), problem=error.message)
    return _to("importing.staged", staging_id=staging_id)


@import_pages.post("/import/<string:staging_id>/spara")
def take(staging_id: str) -> Response:
    """Take a file in as it was seen.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        303 to its page; 400 with the reason if it cannot be taken in.
    """
    here, sent = service(), fields_of(request.form)
    staging = _get(here, staging_id)
    owners = owners_taken_in(here.reader)
    try:
        _check_idle(staging)
        _check_takeable(here, staging, agreed=bool(_one(sent, "utan")))
        staging.phase, staging.problem = "taking", None
        stagings = _stagings(here)
        stagings.save(staging)
        _start(staging_id, partial(import_jobs.take, here, stagings, staging, owners))
    except InvalidInputError as error:
        return _staged(here, _get(here, staging_id), problem=error.message)
    return _to("importing.staged", staging_id=staging_id)


@import_pages.post("/import/<string:staging_id>/slang")
def discard(staging_id: str) -> Response:
    """Discard an uploaded file; what is being read of it is forgotten.

    Parameters
    ----------
    staging_id
        The file.

    Returns
    -------
    flask.Response
        303 to the list; 400 while it is being taken in.
    """
    here = service()
    staging = _get(here, staging_id)
    if staging.phase == "taking":
        return _staged(here, staging, problem=import_words.BUSY)
    _stagings(here).remove(staging)
    here.store.uploads.note(
        "upload_discarded", size=staging.size, user=here.reader.user_id, now=here.clock()
    )
    return _to("importing.index", {"klart": ["slangd"]})


@import_pages.get("/import/kvitto/<int(max=2147483647):batch_id>")
def receipt(batch_id: int) -> Response:
    """Show the receipt of a file that was taken in.

    Parameters
    ----------
    batch_id
        Its number.

    Returns
    -------
    flask.Response
        200; 404 for one that is not the reader's.
    """
    _check_fields(("lang", "insyn"))
    return _receipt(service(), batch_id)


@import_pages.get("/import/kvitto/<int(max=2147483647):batch_id>.json")
def receipt_data(batch_id: int) -> Response:
    """Answer with the receipt as JSON.

    Parameters
    ----------
    batch_id
        Its number.

    Returns
    -------
    flask.Response
        200; 404 for one that is not the reader's.
    """
    row = batch_of(service(), batch_id)
    return json_answer({**batch_json(row), "receipt": dict(row["receipt"])})


@import_pages.post("/import/kvitto/<int(max=2147483647):batch_id>/angra")
def undo(batch_id: int) -> Response:
    """Take out what one file alone brought in.

    Parameters
    ----------
    batch_id
        Its number.

    Returns
    -------
    flask.Response
        303 to its receipt; 400 if it was not confirmed, 404 for one that is not the reader's.
    """
    here = service()
    batch_of(here, batch_id)
    if not _one(fields_of(request.form), "saker"):
        return _receipt(here, batch_id, problem=import_words.MUST_BE_SURE)
    here.store.undo_batch(batch_id, now=here.clock(), user=here.reader.user_id)
    import_jobs.start(f"zones-{batch_id}", partial(import_jobs.renew_zones, here))
    return _to("importing.receipt", batch_id=str(batch_id))


def _stagings(here: Service) -> Stagings:
    return Stagings(here.settings.store)


def _get(here: Service, staging_id: str) -> Staging:
    return _settled(here, _stagings(here).get(staging_id, here.reader))


def _settled(here: Service, staging: Staging) -> Staging:
    """Return a file as it stands; work that a restart cut off is said to be cut off."""
    if staging.phase not in _WORKING or import_jobs.is_running(staging.staging_id):
        return staging
    # It may have ended between the two looks.
    again = _stagings(here).get(staging.staging_id, here.reader)
    if again.phase not in _WORKING:
        return again
    receipt = (again.look or {}).get("receipt")
    batch = here.store.batch_of_file(receipt["sha256"]) if receipt else None
    if again.phase == "taking" and again.result:
        again.phase = "taken"
    elif again.phase == "taking" and receipt:
        again.phase, again.known = "seen", batch
    else:
        again.phase = "failed"
        again.problem = import_words.INTERRUPTED.as_dict()
    return again


def _check_idle(staging: Staging) -> None:
    if staging.phase in _WORKING or staging.phase == "taken":
        raise InvalidInputError(import_words.BUSY)


def _check_takeable(here: Service, staging: Staging, *, agreed: bool) -> None:
    look = staging.look
    if staging.phase != "seen" or look is None or not look["receipt"]["accepted"]:
        raise InvalidInputError(import_words.NONE_ACCEPTED)
    if staging.choices.source not in sources_taken_in(here.reader) or look["foreign"]:
        raise InvalidInputError(import_words.FOREIGN.fill(n=look["foreign"]))
    if staging.known is not None:
        raise InvalidInputError(import_words.NOTHING_TO_DO.fill(n=staging.known))
    refused = look["receipt"]["refused"]
    if refused and not agreed:
        raise InvalidInputError(import_words.MUST_LEAVE_OUT.fill(n=refused))


def _start_look(here: Service, stagings: Stagings, staging: Staging) -> None:
    owners = owners_taken_in(here.reader)
    _start(staging.staging_id, partial(import_jobs.look, here, stagings, staging, owners))


def _start(staging_id: str, work: Callable[[], None]) -> None:
    if not import_jobs.start(staging_id, work):
        raise InvalidInputError(import_words.BUSY)


def _sent_file() -> FileStorage:
    file = request.files.get("fil")
    if file is None or not file.filename:
        raise InvalidInputError(import_words.NO_FILE)
    return file


def _index(
    here: Service, *, problem: Text | None = None, done: str = "", status: int = 200
) -> Response:
    stagings = _stagings(here)
    stagings.sweep(now=here.clock())
    settled = [_settled(here, one) for one in stagings.of(here.reader)]
    page = render_template(
        "import/index.html",
        import_words=import_words,
        simulated=here.simulated(),
        problem=problem,
        discarded=done == "slangd",
        sources=[(source, SOURCES[source]) for source in sources_taken_in(here.reader)],
        source_names=SOURCES,
        most=here.settings.upload_mb,
        # What is read in stands among the files below.
        uploads=[one for one in settled if one.phase != "taken"],
        batches=batches_of(here),
        when=datetime.fromisoformat,
    )
    return Response(page, mimetype="text/html", status=status)


def _staged(here: Service, staging: Staging, *, problem: Text | None = None) -> Response:
    look: Mapping[str, Any] = staging.look or {}
    receipt: Mapping[str, Any] = look.get("receipt") or {}
    pages = max(1, -(-receipt.get("refused", 0) // _ROWS_A_PAGE))
    number = _page_number(pages)
    first = (number - 1) * _ROWS_A_PAGE
    unknown, known = import_rows.word_rows(staging)
    said = staging.problem
    page = render_template(
        "import/staged.html",
        import_words=import_words,
        import_rows=import_rows,
        simulated=here.simulated(),
        staging=staging,
        working=staging.phase in _WORKING,
        receipt=receipt,
        span=[datetime.fromisoformat(one) for one in receipt.get("span", [])],
        problem=problem or (None if said is None else import_rows.for_pages(said)),
        warnings=[import_rows.for_pages(one) for one in receipt.get("warnings", [])],
        foreign=look.get("foreign", 0),
        points=len(look.get("points", [])),
        corners=import_rows.corners(staging),
        columns=import_rows.column_rows(staging),
        most_columns=MOST_COLUMNS,
        unknown=unknown,
        known_words=known,
        categories=CATEGORIES,
        sources=[(source, SOURCES[source]) for source in sources_taken_in(here.reader)],
        refused=[
            {**row, "why": import_rows.for_pages({"sv": row["reason"], "en": row["reason_en"]})}
            for row in islice(_stagings(here).rejects(staging, first=first), _ROWS_A_PAGE)
        ],
        page=number,
        pages=pages,
        at=datetime.fromisoformat(staging.at),
    )
    return Response(page, mimetype="text/html", status=200 if problem is None else _BAD_REQUEST)


def _receipt(here: Service, batch_id: int, *, problem: Text | None = None) -> Response:
    row = batch_of(here, batch_id)
    kept: Mapping[str, Any] = row["receipt"]
    page = render_template(
        "import/receipt.html",
        import_words=import_words,
        simulated=here.simulated(),
        problem=problem,
        row=row,
        receipt=kept,
        source_names=SOURCES,
        warnings=[import_rows.for_pages(one) for one in kept.get("warnings", [])],
        span=[datetime.fromisoformat(one) for one in kept.get("span", [])],
    )
    return Response(page, mimetype="text/html", status=200 if problem is None else _BAD_REQUEST)


def _page_number(pages: int) -> int:
    text = _one(query_of_request(), "sida") or "1"
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= pages:
        raise InvalidInputError(import_words.WRONG_PAGE.fill(v=repr(text[:20])))
    return int(text)


def _check_fields(known: tuple[str, ...]) -> None:
    unknown = sorted(set(query_of_request()) - set(known))
    if unknown:
        raise InvalidInputError(
            import_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(known))
        )


def _one(query: Query, name: str) -> str:
    return next((text.strip() for text in query.get(name, ())), "")


def _to(endpoint: str, query: Query | None = None, **values: str) -> Response:
    return seen_other(address(endpoint, query or {}, **values))

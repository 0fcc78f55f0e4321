"""Correcting and taking out an operation: ``/insatser/<id>/ratta`` and ``/insatser/<id>/bort``."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from riskmiljo.access.operations import may_change
from riskmiljo.errors import AccessDeniedError, InvalidInputError, NothingFoundError
from riskmiljo.situation.operation_cards import zones_to_choose
from riskmiljo.situation.operation_entry import correct_operation
from riskmiljo.store.operations import OperationRow
from riskmiljo.web import operation_form, operation_words
from riskmiljo.web.entry import seen_other
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import Query, address, fields_of
from riskmiljo.wording import Text

operation_pages = Blueprint(
    "operations", __name__, url_prefix="/insatser/<int(max=2147483647):operation_id>"
)


@operation_pages.get("/ratta")
def correcting(operation_id: int) -> Response:
    """Show the form of an operation as it is kept.

    Parameters
    ----------
    operation_id
        Its number.

    Returns
    -------
    flask.Response
        200; 404 if there is none, or if another authority entered it.
    """
    here = service()
    row = _own(here, operation_id)
    return _form(here, row, _zones(here), operation_form.as_sent(row, tz=here.area().tz))


@operation_pages.post("/ratta")
def correct(operation_id: int) -> Response:
    """Keep an operation as the form corrects it.

    Parameters
    ----------
    operation_id
        Its number.

    Returns
    -------
    flask.Response
        303 to the operation; 400 with the form as the reader left it if something cannot be used;
        404 as for `correcting`.
    """
    here, sent = service(), fields_of(request.form)
    row, zones = _own(here, operation_id), _zones(here)
    try:
        fields = operation_form.read_operation(sent, zones, known=len(row.operation.places))
        correct_operation(
            here.store,
            here.settings,
            here.lens,
            operation_id,
            name=fields.name,
            period=fields.period,
            kept=fields.kept,
            zones=fields.zones,
            places=fields.places,
            partners=fields.partners,
            goal=fields.goal,
            seen=operation_form.read_seen(sent),
            now=here.clock(),
            user=here.reader.user_id,
        )
    except (InvalidInputError, NothingFoundError) as error:
        return _form(here, row, zones, sent, problem=error.message)
    where = address("planner.operations", {"rattad": [str(operation_id)]})
    return seen_other(f"{where}#insats-{operation_id}")


@operation_pages.get("/bort")
def removing(operation_id: int) -> Response:
    """Ask whether an operation is to be taken out.

    Parameters
    ----------
    operation_id
        Its number.

    Returns
    -------
    flask.Response
        200; 404 as for `correcting`.
    """
    here = service()
    row = _own(here, operation_id)
    page = render_template(
        "planner/remove.html",
        simulated=here.simulated(),
        lens=here.lens,
        operation=row.operation,
        operation_id=operation_id,
        operation_words=operation_words,
    )
    return Response(page, mimetype="text/html")


@operation_pages.post("/bort")
def remove(operation_id: int) -> Response:
    """Take an operation out, and lead to those that are left.

    Parameters
    ----------
    operation_id
        Its number.

    Returns
    -------
    flask.Response
        303; 404 as for `correcting`.
    """
    here = service()
    _own(here, operation_id)
    here.store.operations.remove(operation_id, now=here.clock(), user=here.reader.user_id)
    return seen_other(address("planner.operations", {"borta": ["1"]}))


def _own(here: Service, operation_id: int) -> OperationRow:
    row = here.store.operations.get(operation_id)
    if not may_change(here.reader, row.owner):
        raise AccessDeniedError(operation_words.NOT_YOURS)
    return row


def _zones(here: Service) -> tuple[tuple[str, str], ...]:
    return zones_to_choose(here.store, here.settings, here.lens, now=here.clock())


def _form(
    here: Service,
    row: OperationRow,
    zones: Sequence[tuple[str, str]],
    sent: Query,
    *,
    problem: Text | None = None,
) -> Response:
    names = operation_form.place_names(row, zones)
    page = render_template(
        "planner/correct.html",
        simulated=here.simulated(),
        lens=here.lens,
        operation=row.operation,
        operation_id=row.operation_id,
        seen=operation_form.read_seen(sent),
        problem=problem,
        form=operation_form.build_operation_form(sent, zones, names),
        operation_words=operation_words,
    )
    status = 200 if problem is None else InvalidInputError.http_status
    return Response(page, mimetype="text/html", status=status)

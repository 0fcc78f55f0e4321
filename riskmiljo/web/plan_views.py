"""What every page, file and answer about a plan has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from riskmiljo.errors import AccessDeniedError
from riskmiljo.export.files import PLAN_FILES, plan_file, plan_suffix
from riskmiljo.model.plan import Plan
from riskmiljo.model.plan_record import plan_record
from riskmiljo.situation.own_places import OwnPlace
from riskmiljo.web import plan_words
from riskmiljo.web.language import language
from riskmiljo.web.service import Service
from riskmiljo.web.shift_query import ShiftView
from riskmiljo.web.view import Query
from riskmiljo.wording import Text


def plan_download(plan: Plan, suffix: str, service: Service, *, base: Any) -> Response:
    """Return a plan as a file to save.

    Parameters
    ----------
    plan
        The plan.
    suffix
        Without its dot.
    service
        The installation.
    base
        Streets, water and parks for the drawn maps; None for none.

    Returns
    -------
    flask.Response
        An attachment with a name that tells the day.

    Raises
    ------
    InvalidInputError
        If there is no such kind of file.
    AccessDeniedError
        If the lens allows no files.
    """
    if not service.lens.may_export:
        raise AccessDeniedError(plan_words.NO_EXPORT)
    kind = plan_suffix("." + suffix)
    content = plan_file(
        plan,
        kind,
        language=language(),
        now=service.clock(),
        area_name=service.area().name,
        base=base,
    )
    answer = Response(content, content_type=PLAN_FILES[kind])
    begins = plan.shift.period.local(plan.shift.tz)[0]
    name = f"passplan-{begins:%Y-%m-%d-%H%M}{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def plan_json(plan: Plan, /, **beside: Any) -> dict[str, Any]:
    """Return a plan as JSON values, in both languages at once.

    Parameters
    ----------
    plan
        The plan.
    **beside
        What stands before it.

    Returns
    -------
    dict
        As ``riskmiljo patrol route --json`` writes it.
    """
    return {**beside, **plan_record(plan)}


def changed(
    query: Mapping[str, Sequence[str]],
    *,
    add: tuple[str, str] | None = None,
    drop: Sequence[tuple[str, str]] = (),
) -> Query:
    """Return the fields of an address with one value more, and some less.

    Parameters
    ----------
    query
        The fields.
    add
        A field and the value that it gets, last.
    drop
        Fields and values that go.

    Returns
    -------
    dict of list of str
        A new dictionary, without empty fields.
    """
    fresh: Query = {}
    for name, values in query.items():
        kept = [text for text in values if (name, text) not in drop and (name, text) != add]
        if kept:
            fresh[name] = kept
    if add is not None:
        fresh.setdefault(add[0], []).append(add[1])
    return fresh


def removal(view: ShiftView, stop_id: str) -> Query:
    """Return the address of the plan without a stop.

    Parameters
    ----------
    view
        The plan's own address.
    stop_id
        A candidate, which becomes unwanted; or a stop of the reader's own, which goes.

    Returns
    -------
    dict of list of str
        The fields.
    """
    own = tuple(dict.fromkeys((*view.request.own, *view.request.joint)))
    head, _, number = stop_id.partition(".")
    if head == "own" and number.isdigit() and 1 <= int(number) <= len(own):
        text = own[int(number) - 1]
        return changed(view.query, drop=[("own", text), ("joint", text)])
    return changed(view.query, add=("forbid", stop_id), drop=[("pin", stop_id)])


def written_around(view: ShiftView, stop_id: str) -> tuple[str, str]:
    """Return what of a stop stays when it is moved: among which wishes, and its terms.

    Parameters
    ----------
    view
        The plan's own address.
    stop_id
        A candidate, or a stop of the reader's own.

    Returns
    -------
    tuple of str
        ``own`` or ``joint``; and what stands behind the place, such as `` 22:30–23:00 20 min``.
    """
    own = tuple(dict.fromkeys((*view.request.own, *view.request.joint)))
    head, _, number = stop_id.partition(".")
    if head != "own" or not number.isdigit() or not 1 <= int(number) <= len(own):
        return "own", ""
    text = own[int(number) - 1]
    field = "joint" if text in view.request.joint else "own"
    return field, " ".join(text.split()).removeprefix(OwnPlace.read(text).place)


def duration(minutes: float) -> Text:
    """Return a time in hours and minutes.

    Parameters
    ----------
    minutes
        Not negative.

    Returns
    -------
    Text
        ``45 min`` or ``2 tim 5 min``.
    """
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return plan_words.MINUTES.fill(n=rest)
    return plan_words.HOURS.fill(h=hours, m=rest)

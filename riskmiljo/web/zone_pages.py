"""One risk zone: ``/zoner/<zone_id>``, its JSON twin, its history as a file, and its name."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd
from flask import Blueprint, Response, render_template, request

from riskmiljo.access.rules import may_use
from riskmiljo.errors import AccessDeniedError, InvalidInputError, NothingFoundError
from riskmiljo.maps.zones_layer import RHYTHM_LABELS, rhythm_sentence, rhythm_steps
from riskmiljo.model.role import Role
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.situation import Situation
from riskmiljo.situation.category_mix import REST
from riskmiljo.situation.joint_news import joint_news
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.situation.zone_kin import now_there, once_there
from riskmiljo.situation.zone_story import CEASED, ZoneStory, history_of, zone_story
from riskmiljo.store.zone_notes import LONGEST_NOTE
from riskmiljo.store.zones import clean_name
from riskmiljo.web import drawing_words, plan_words, words, zone_history, zone_words
from riskmiljo.web.answers import json_answer
from riskmiljo.web.banded import Banded
from riskmiljo.web.drawing_pages import may_draw
from riskmiljo.web.entry import seen_other
from riskmiljo.web.free_text import about_places
from riskmiljo.web.headers import conditional
from riskmiljo.web.language import language
from riskmiljo.web.pictures import Picture, look, picture_etag
from riskmiljo.web.planner_rows import short_day
from riskmiljo.web.rows import (
    AreaRow,
    ZoneRow,
    area_rows,
    day_parts,
    rhythm_of,
    zone_rows,
)
from riskmiljo.web.service import Service, service
from riskmiljo.web.situation_pages import row_as_json
from riskmiljo.web.told_rows import zone_months
from riskmiljo.web.view import Query, address, as_query, query_of_request
from riskmiljo.wording import Text

zone_pages = Blueprint("zones", __name__, url_prefix="/zoner")

_NOT_FOR_FILES: Final = re.compile(r"[^A-Za-z0-9_-]")


@zone_pages.get("/<zone_id>")
def zone(zone_id: str) -> Response:
    """Show one zone of the situation that the query asks for.

    Parameters
    ----------
    zone_id
        The zone's id.

    Returns
    -------
    flask.Response
        404 if the situation shows no such zone; but what is kept of a former one is shown.
    """
    here = service()
    picture = look(query_of_request(), here)
    note = here.store.zone_notes.of(zone_id, owners=here.lens.owners)
    written = "" if note is None else note.noted_at.isoformat()
    tag = picture_etag(picture, here, "zone", zone_id, language(), written)
    found = _find(picture, zone_id)
    page = _former_page(picture, zone_id, here) if found is None else _page(picture, *found, here)
    return conditional(Response(page, mimetype="text/html"), tag)


@zone_pages.get("/<zone_id>.json")
def data(zone_id: str) -> Response:
    """Answer with one zone as JSON, in both languages at once.

    Parameters
    ----------
    zone_id
        The zone's id.

    Returns
    -------
    flask.Response
        The row of the table, why it is a zone, its week by parts of the day, its categories, its
        history and its patrol area.
    """
    here = service()
    picture = look(query_of_request(), here)
    situation, row = _found(picture, zone_id)
    area = _area_of(situation, zone_id)
    story = zone_story(situation, here.store, zone_id)
    written = here.store.zone_notes.of(zone_id, owners=here.lens.owners)
    body = {
        "simulated": situation.simulated,
        "as_of": situation.as_of.isoformat(),
        "zone": row_as_json(row),
        "why": [line.as_dict() for line in story.lines],
        "day_parts": [
            {
                "weekday": weekday.as_dict(),
                "shares": [None if share is None else round(share, 2) for share in shares],
            }
            for weekday, shares in day_parts(rhythm_of(situation, zone_id), row.events, here.lens)
        ],
        "categories": [
            # Nothing is no share of what there is: it is less than the step that is told.
            {
                "category": category,
                "name": name.as_dict(),
                "events": events,
                "share": share or None,
            }
            for category, name, events, share in _mix(story)
        ],
        "history": zone_history.history_json(zone_history.history_rows(story.history)),
        "places_history": zone_history.places_json(zone_history.places_history(story.places)),
        "area": None if area is None else row_as_json(area),
        "note": None if written is None else written.text,
    }
    noted = "" if written is None else written.noted_at.isoformat()
    return conditional(json_answer(body), picture_etag(picture, here, "zone.json", zone_id, noted))


@zone_pages.get("/<zone_id>/historik.csv")
def history(zone_id: str) -> Response:
    """Answer with the history of one zone as a file.

    Parameters
    ----------
    zone_id
        The id of a zone of this situation, or of a former one.

    Returns
    -------
    flask.Response
        An attachment.

    Raises
    ------
    AccessDeniedError
        If the lens allows no files.
    """
    here = service()
    if not here.lens.may_export:
        raise AccessDeniedError(plan_words.NO_EXPORT)
    picture = look(query_of_request(), here)
    if _find(picture, zone_id) is None:
        kept = _kept(zone_id, here)
    else:
        kept = history_of(zone_id, here.store, here.lens)
    answer = Response(zone_history.history_csv(kept), content_type="text/csv; charset=utf-8")
    name = f"historik-{_NOT_FOR_FILES.sub('', zone_id)}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return conditional(answer, picture_etag(picture, here, "historik.csv", zone_id))


@zone_pages.post("/<zone_id>/namn")
def rename(zone_id: str) -> Response:
    """Give a zone the name that it keeps, and lead back to its page.

    Parameters
    ----------
    zone_id
        A zone of this situation that is kept.

    Returns
    -------
    flask.Response
        303; 400 with the form as the reader left it if the name cannot be used.

    Raises
    ------
    AccessDeniedError
        In the joint picture for others than planners and administrators, and during an emergency
        reading.
    """
    here = service()
    if not _may_rename(here):
        joint = here.lens.scope == "joint"
        raise AccessDeniedError(zone_words.NO_JOINT_NAME if joint else zone_words.NO_NOTE)
    picture = look(query_of_request(), here)
    situation, row = _found(picture, zone_id)
    name = request.form.get("name", "")
    try:
        _rename(situation, zone_id, about_places(name), here)
    except InvalidInputError as refused:
        page = _page(picture, situation, row, here, problem=refused.message, sent=name)
        return Response(page, mimetype="text/html", status=InvalidInputError.http_status)
    return seen_other(address("zones.zone", _query(picture), zone_id=zone_id))


def _rename(situation: Situation, zone_id: str, name: str, here: Service) -> None:
    if here.lens.scope == "own":
        here.store.rename_zone(
            zone_id,
            name,
            now=here.clock(),
            owners=here.lens.owners,
            user=here.reader.user_id,
        )
        return
    others = situation.zones.loc[situation.zones["zone_id"] != zone_id, "name"]
    clean = clean_name(name)
    if clean.casefold() in {str(other).casefold() for other in others}:
        raise InvalidInputError(zone_words.NAME_TAKEN.fill(n=clean))
    here.store.releases.name_zone(zone_id, clean, now=here.clock(), user=here.reader.user_id)


def _may_rename(here: Service) -> bool:
    if here.lens.scope == "joint":
        return here.lens.role in (Role.PLANNER, Role.ADMIN)
    return may_use(here.lens.role, "zones.rename", "POST").allowed and not _emergency(here)


@zone_pages.post("/<zone_id>/anteckning")
def note(zone_id: str) -> Response:
    """Keep a few words about a zone, and lead back to its page.

    Parameters
    ----------
    zone_id
        A zone of this situation that is kept.

    Returns
    -------
    flask.Response
        303; 400 with the form as the reader left it if the note cannot be kept.

    Raises
    ------
    AccessDeniedError
        During an emergency reading.
    """
    here = service()
    if not _may_note(here):
        raise AccessDeniedError(zone_words.NO_NOTE)
    picture = look(query_of_request(), here)
    situation, row = _found(picture, zone_id)
    text = request.form.get("note", "")
    try:
        here.store.zone_notes.write(
            zone_id,
            about_places(text),
            owners=here.lens.owners,
            now=here.clock(),
            user=here.reader.user_id,
        )
    except InvalidInputError as refused:
        page = _page(picture, situation, row, here, note_problem=refused.message, noted=text)
        return Response(page, mimetype="text/html", status=InvalidInputError.http_status)
    return seen_other(address("zones.zone", _query(picture), zone_id=zone_id))


def _may_note(here: Service) -> bool:
    return may_use(here.lens.role, "zones.note", "POST").allowed and not _emergency(here)


def _emergency(here: Service) -> bool:
    # An administrator sees an owner's own incidents in an emergency alone, to read and no more.
    return here.lens.scope == "own" and here.lens.role is Role.ADMIN


def _page(
    picture: Picture,
    situation: Situation,
    row: ZoneRow,
    here: Service,
    *,
    problem: Text | None = None,
    sent: str | None = None,
    note_problem: Text | None = None,
    noted: str | None = None,
) -> str:
    kept_note = here.store.zone_notes.of(row.zone_id, owners=here.lens.owners)
    profile = rhythm_of(situation, row.zone_id)
    story = zone_story(situation, here.store, row.zone_id)
    rows = zone_history.history_rows(story.history)
    news = joint_news(here.store, situation) if here.lens.scope == "joint" else None
    months = zone_months(news, {row.zone_id: row.name}).get(row.zone_id)
    return render_template(
        "zones/zone.html",
        simulated=situation.simulated,
        situation=situation,
        lens=here.lens,
        row=row,
        facts=situation.zones.set_index("zone_id").loc[row.zone_id],
        why=story.lines,
        mix=_mix(story),
        mix_is_cut=any(category == REST for category, *_ in _mix(story)),
        history=rows,
        months=months,
        begins=() if news is None else news.begins,
        short_day=short_day,
        line=zone_history.history_line(rows),
        once_there=once_there(row.zone_id, situation, here.store),
        places=zone_history.places_history(story.places),
        area=_area_of(situation, row.zone_id),
        parts_of_week=day_parts(profile, row.events, here.lens),
        strip=np.reshape(rhythm_steps(profile), (7, 24)).tolist(),
        strip_labels=RHYTHM_LABELS,
        rhythm_words=rhythm_sentence(profile),
        timed=bool(profile.any()),
        query=_query(picture),
        # Only a zone that is kept can keep a name.
        may_rename=_may_rename(here) and (len(rows) > 0 or here.lens.scope == "joint"),
        may_export=here.lens.may_export,
        may_redraw=may_draw(here) and len(rows) > 0,
        drawing_words=drawing_words,
        problem=problem,
        name=row.name if sent is None else sent,
        note=kept_note,
        may_note=_may_note(here) and (len(rows) > 0 or here.lens.scope == "joint"),
        note_problem=note_problem,
        noted=noted if noted is not None else "" if kept_note is None else kept_note.text,
        longest_note=LONGEST_NOTE,
    )


def _former_page(picture: Picture, zone_id: str, here: Service) -> str:
    kept = _kept(zone_id, here)
    rows = zone_history.history_rows(kept)
    return render_template(
        "zones/former.html",
        simulated=here.simulated(),
        lens=here.lens,
        zone_id=zone_id,
        name=str(kept["name"].iloc[-1]),
        first_seen=kept["first_seen"].iloc[0].to_pydatetime(),
        history=rows,
        line=zone_history.history_line(rows),
        once_there=(),
        ceased=rows[-1].period if kept["status"].iloc[-1] == CEASED else None,
        kin=[] if picture.situation is None else now_there(zone_id, picture.situation, here.store),
        query=_query(picture),
        may_export=here.lens.may_export,
    )


def _kept(zone_id: str, here: Service) -> pd.DataFrame:
    """Return the history of a zone that the situation does not show."""
    kept = history_of(zone_id, here.store, here.lens)
    # That there was a zone says something of the incidents, even without its count.
    if not kept["events"].notna().any():
        raise NothingFoundError(words.ZONE_GONE)
    return kept


def _mix(story: ZoneStory) -> list[tuple[str, Text, int, float]]:
    return [
        (
            str(row["category"]),
            CATEGORIES.get(str(row["category"]), zone_words.TOGETHER),
            int(row["events"])
            if story.situation.lens.scope == "own"
            else Banded.of(*sum_band(float(row["events"]))),
            float(row["share"]),
        )
        for row in story.mix.to_dict("records")
    ]


def _query(picture: Picture) -> Query:
    return as_query([] if picture.view is None else picture.view.pairs())


def _find(picture: Picture, zone_id: str) -> tuple[Situation, ZoneRow] | None:
    if picture.view is None and picture.problem is not None:
        raise InvalidInputError(picture.problem)
    if picture.situation is None:
        return None
    rows = (row for row in zone_rows(picture.situation) if row.zone_id == zone_id)
    row: Any = next(rows, None)
    return None if row is None else (picture.situation, row)


def _found(picture: Picture, zone_id: str) -> tuple[Situation, ZoneRow]:
    found = _find(picture, zone_id)
    if found is None:
        raise NothingFoundError(words.ZONE_GONE)
    return found


def _area_of(situation: Situation, zone_id: str) -> AreaRow | None:
    return next(
        (
            area
            for area in area_rows(situation)
            if zone_id in [member for member, _name in area.zones]
        ),
        None,
    )

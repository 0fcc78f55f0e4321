"""``/admin``: accounts, what each role sees, retention, and how the installation is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from riskmiljo.access.temporary import temporary_password
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.situation.joint_zones import sum_band
from riskmiljo.store.break_glass import LONGEST_REASON
from riskmiljo.store.users import User
from riskmiljo.web import admin_settings, admin_words, tonight_words
from riskmiljo.web.admin_plans import orphan_rows
from riskmiljo.web.admin_rows import health_lines, lens_rows, user_rows
from riskmiljo.web.answers import json_answer
from riskmiljo.web.entry import seen_other
from riskmiljo.web.service import Service, service
from riskmiljo.web.view import address
from riskmiljo.wording import Text

admin_pages = Blueprint("admin", __name__)

_MOST_BREAKS: Final = 10
# What a page that was led to may say it has done: a closed list, named by the address.
_DONE: Final[dict[str, Text]] = {
    "roll": admin_words.DONE_ROLE,
    "engangskod": admin_words.DONE_FACTOR,
    "stangt": admin_words.DONE_DISABLED,
    "oppnat": admin_words.DONE_ENABLED,
    "nodinsyn": admin_words.DONE_BREAK,
    "delad": admin_words.DONE_SHARED,
}


@admin_pages.get("/admin")
def index() -> Response:
    """Show everything that an administrator looks after.

    Returns
    -------
    flask.Response
        Kept by nobody.
    """
    return admin_page(done=_DONE.get(request.args.get("gjort", "")))


@admin_pages.get("/admin.json")
def data() -> Response:
    """Answer with the page as JSON.

    Returns
    -------
    flask.Response
        Accounts, roles, retention, settings and health; never a password or a secret.
    """
    here = service()
    weeks = here.settings.retention_weeks
    return json_answer(
        {
            "users": [
                {
                    "user_id": one.user_id,
                    "name": one.name,
                    "role": str(one.role),
                    "created_at": one.created_at.isoformat(),
                    "disabled_at": one.disabled_at and one.disabled_at.isoformat(),
                    "has_password": one.has_password,
                    "has_totp": one.has_totp,
                    "must_change_password": one.must_change,
                }
                for one in here.store.users.all()
            ],
            "roles": [
                {
                    "role": str(row.role),
                    "sees": [text.as_dict() for text in row.sees],
                    "may_export": row.may_export,
                }
                for row in lens_rows(here.settings)
            ],
            "floors": {
                "incidents": here.settings.min_incidents,
                "sensitive": here.settings.min_sensitive,
                "places": here.settings.min_places,
                "days": here.settings.min_days,
            },
            "retention_weeks": weeks,
            "purge_before": weeks and (here.clock() - timedelta(weeks=weeks)).isoformat(),
            "plans_of_nobody": [
                {
                    "plan": row.plan.plan_id,
                    "begins": row.plan.begins.isoformat(),
                    "ends": row.plan.ends.isoformat(),
                    "shared_with": [str(role) for role in row.shared],
                }
                for row in orphan_rows(here)
            ],
            "settings": [
                {"name": row.name, "value": row.value.as_dict(), "chosen": row.chosen}
                for row in admin_settings.setting_rows(here.settings)
            ],
            "health": [
                {"name": name.as_dict(), "value": value.as_dict()}
                for name, value in health_lines(here)
            ],
        }
    )


@admin_pages.post("/admin/konton")
def add() -> Response:
    """Make an account.

    Returns
    -------
    flask.Response
        The page with its temporary password, this once.
    """
    here = service()
    made = temporary_password()
    name = request.form.get("name", "")
    try:
        user_id = here.store.users.add(
            name,
            _role(),
            password=made,
            now=here.clock(),
            by=here.reader.user_id,
            temporary=True,
        )
    except InvalidInputError as error:
        return admin_page(problem=error.message, at="add", wished=name)
    return admin_page(made=(here.store.users.get(user_id).name, made))


@admin_pages.post("/admin/konton/<int(max=2147483647):user_id>/roll")
def change_role(user_id: int) -> Response:
    """Give an account another role.

    Parameters
    ----------
    user_id
        The account.

    Returns
    -------
    flask.Response
        303 back; the page with what is wrong otherwise.
    """
    here = service()
    user = here.store.users.get(user_id)
    try:
        here.store.users.set_role(user.user_id, _role(), now=here.clock(), by=here.reader.user_id)
    except InvalidInputError as error:
        return admin_page(problem=error.message)
    return _back("roll")


@admin_pages.post("/admin/konton/<int(max=2147483647):user_id>/losenord")
def change_password(user_id: int) -> Response:
    """Give an account a new temporary password; whoever is logged in to it is logged out.

    Parameters
    ----------
    user_id
        The account.

    Returns
    -------
    flask.Response
        The page with the password, this once.
    """
    here = service()
    try:
        user = _others(here, user_id)
    except InvalidInputError as error:
        return admin_page(problem=error.message)
    if not user.has_password:
        return admin_page(problem=admin_words.NO_PASSWORD)
    made = temporary_password()
    here.store.users.set_password(
        user_id, made, now=here.clock(), by=here.reader.user_id, temporary=True
    )
    return admin_page(made=(user.name, made))


@admin_pages.post("/admin/konton/<int(max=2147483647):user_id>/engangskod")
def remove_code(user_id: int) -> Response:
    """Ask an account for no one-time code any more, for somebody who has lost their phone.

    Parameters
    ----------
    user_id
        The account.

    Returns
    -------
    flask.Response
        303 back; the page with what is wrong otherwise.
    """
    here = service()
    try:
        user = _others(here, user_id)
    except InvalidInputError as error:
        return admin_page(problem=error.message)
    here.store.factors.remove(user.user_id, now=here.clock(), by=here.reader.user_id)
    return _back("engangskod")


@admin_pages.post("/admin/konton/<int(max=2147483647):user_id>/stang")
def disable(user_id: int) -> Response:
    """Close an account.

    Parameters
    ----------
    user_id
        The account.

    Returns
    -------
    flask.Response
        303 back; the page with what is wrong otherwise.
    """
    here = service()
    try:
        sure()
        here.store.users.disable(user_id, now=here.clock(), by=here.reader.user_id)
    except InvalidInputError as error:
        return admin_page(problem=error.message)
    return _back("stangt")


@admin_pages.post("/admin/konton/<int(max=2147483647):user_id>/oppna")
def enable(user_id: int) -> Response:
    """Open an account again.

    Parameters
    ----------
    user_id
        The account.

    Returns
    -------
    flask.Response
        303 back.
    """
    here = service()
    here.store.users.enable(user_id, now=here.clock(), by=here.reader.user_id)
    return _back("oppnat")


@admin_pages.post("/admin/kontroll")
def check() -> Response:
    """Read the whole store and follow the audit's chain.

    Returns
    -------
    flask.Response
        The page with what was found.
    """
    here = service()
    faults = [] if here.store.maintenance.is_whole() else [admin_words.CHECK_DAMAGED]
    faults += here.store.verify_audit()
    return admin_page(faults=faults, checked=True)


@admin_pages.post("/admin/gallring")
def count_old() -> Response:
    """Count what a purge would take out now, and take out nothing.

    Returns
    -------
    flask.Response
        The page with the counts in classes; the page with what is wrong where no retention has
        been decided.
    """
    here = service()
    weeks = here.settings.retention_weeks
    if weeks is None:
        return admin_page(problem=admin_words.RETENTION_NONE)
    now = here.clock()
    before = now - timedelta(weeks=weeks)
    old = here.store.maintenance.purge(before, now=now, dry_run=True)
    told = admin_words.RETENTION_PREVIEW.fill(
        i=_class(old.incidents), p=_class(old.presence), b=old.batches
    )
    return admin_page(preview=told)


def _class(number: int) -> Text:
    return sum_band(number)[1] if number else admin_words.RETENTION_NO


def _role() -> Role:
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        raise InvalidInputError(admin_words.WRONG_ROLE.fill(t=repr(wanted[:40])))
    return Role(wanted)


def sure() -> None:
    """Ask whether the box that says so is ticked.

    Raises
    ------
    InvalidInputError
        If it is not.
    """
    if request.form.get("sure") != "1":
        raise InvalidInputError(admin_words.NOT_SURE)


def _others(here: Service, user_id: int) -> User:
    """Return an account that is not the administrator's own, after they have said they are sure."""
    if user_id == here.reader.user_id:
        raise InvalidInputError(admin_words.OWN_ACCOUNT)
    sure()
    return here.store.users.get(user_id)


def _back(done: str) -> Response:
    return seen_other(address("admin.index", {"gjort": [done]}))


def admin_page(*, problem: Text | None = None, at: str = "", **shown: Any) -> Response:
    """Return the administrator's page.

    Parameters
    ----------
    problem
        What is wrong with what was sent; None for nothing.
    at
        Which form it was.
    **shown
        What was done or found.

    Returns
    -------
    flask.Response
        400 with a problem; kept by nobody.
    """
    here = service()
    weeks = here.settings.retention_weeks
    page = render_template(
        "admin/index.html",
        simulated=here.simulated(),
        settings=here.settings,
        problem=problem,
        at=at,
        done=shown.get("done"),
        made=shown.get("made"),
        wished=shown.get("wished", ""),
        users=user_rows(here.store.users.all()),
        roles=[(str(role), ROLE_NAMES[role]) for role in Role],
        lenses=lens_rows(here.settings),
        purge_before=None if weeks is None else here.clock() - timedelta(weeks=weeks),
        health=health_lines(here),
        admin_settings=admin_settings,
        chosen_settings=admin_settings.setting_rows(here.settings),
        preview=shown.get("preview"),
        checked=shown.get("checked", False),
        faults=shown.get("faults", []),
        seal=here.store.seal(),
        own_id=here.reader.user_id,
        owners=OWNERS,
        orphans=orphan_rows(here),
        share_names=tonight_words.SHARE_NAMES,
        breaks=here.store.break_glass.latest(_MOST_BREAKS),
        now=here.clock(),
        longest_reason=LONGEST_REASON,
    )
    answer = Response(page, status=400 if problem else 200, mimetype="text/html")
    answer.cache_control.no_store = True
    return answer

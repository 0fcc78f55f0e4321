"""The pages a reader can go to, in the order of the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import g

from riskmiljo.access.rules import may_use
from riskmiljo.web import (
    admin_words,
    import_words,
    plan_words,
    planner_words,
    presence_words,
    tonight_words,
)
from riskmiljo.web.service import service
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One page of the menu.

    Attributes
    ----------
    endpoint
        The Flask endpoint.
    name
        What the page is called.
    """

    endpoint: str
    name: Text


_PAGES: Final = (
    MenuItem("tonight.index", tonight_words.NAV),
    MenuItem("shared.index", tonight_words.NAV_SHARED),
    MenuItem("situation.index", tonight_words.NAV_MAP),
    MenuItem("shift.index", plan_words.NAV_SHIFT),
    MenuItem("presence.index", presence_words.NAV),
    MenuItem("planner.overview", planner_words.NAV_WEEK),
    MenuItem("planner.operations", planner_words.NAV_OPERATIONS),
    MenuItem("importing.index", import_words.NAV),
    MenuItem("admin.index", admin_words.NAV),
)


def menu() -> list[MenuItem]:
    """Return the pages that this request's reader may open.

    Returns
    -------
    list of MenuItem
        By the table of rules: what is closed to a role does not stand in its menu, and before
        login there is none, nor before a temporary password has been changed.
    """
    reader = service().reader
    if g.get("login_needed") and reader.user_id is None:
        return []
    login = g.get("login")
    if login is not None and login.must_change:
        return []
    role = reader.role
    return [page for page in _PAGES if may_use(role, page.endpoint).allowed]

"""Emergency readings: the lens of the one who reads, and who is told while it lasts."""

from __future__ import annotations

from flask import g, request

from riskmiljo.access.lens import OWN_DATA, emergency_lens
from riskmiljo.access.rules import READING
from riskmiljo.errors import StoreError
from riskmiljo.model.role import Role
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.store.break_glass import BreakGlass
from riskmiljo.web import admin_words
from riskmiljo.web.language import clock
from riskmiljo.web.service import read_as, service
from riskmiljo.web.view import chosen_scope
from riskmiljo.wording import Text


def read_for_a_reason() -> None:
    """Give an administrator's login the lens of its emergency reading, while that lasts.

    It reads and nothing else: what is sent is answered under the usual lens.
    """
    here, login = service(), g.get("login")
    usual = here.reader.role is not Role.ADMIN or request.method not in READING
    if usual or login is None or chosen_scope() == "gemensam":
        return
    found = here.store.break_glass.of_login(str(login.key_hash), now=here.clock())
    if found is not None:
        read_as(here.reader, emergency_lens(found.owner, here.settings))


def alerts() -> list[Text]:
    """Return what this request's reader is told of emergency readings that go on now.

    Returns
    -------
    list of Text
        For administrators all of them, for others those of their own authority's incidents.
    """
    told: list[Text] | None = g.get("alerts")
    if told is None:
        try:
            told = g.alerts = [_sentence(one) for one in _current()]
        except StoreError:
            # The page that says that the store is broken cannot ask the store.
            if not g.get("told_error"):
                raise
            return []
    return told


def _current() -> list[BreakGlass]:
    here = service()
    role = here.reader.role
    if here.reader.user_id is None or (role is not Role.ADMIN and role not in OWN_DATA):
        return []
    owners = set(OWNERS) if role is Role.ADMIN else OWN_DATA[role]
    found = here.store.break_glass.current(now=here.clock())
    return [one for one in found if one.owner in owners]


def _sentence(one: BreakGlass) -> Text:
    # The same hour in both languages; the name is a name.
    return admin_words.BREAK_ALERT.fill(
        name=one.name, owner=OWNERS[one.owner], until=clock(one.ends)
    )

"""Which role may use which route, and how: a table, deny by default, and the answer tells why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.wording import Text

EVERYONE: Final = frozenset(Role)
READERS: Final = frozenset({Role.POLICE, Role.OUTREACH, Role.PLANNER, Role.ADMIN})
# Planners look at what patrols see; outreach has a page of its own.
ON_SHIFT: Final = frozenset({Role.POLICE, Role.PLANNER, Role.ADMIN})
RUNNING: Final = frozenset({Role.ADMIN})

READING: Final = ("GET", "HEAD")

# Where a file may be sent along, and how large the whole request may be, bytes; None is what the
# installation has chosen (``upload_mb``).
UPLOADS: Final[dict[str, int | None]] = {
    "presence.take_in": 1_100_000,
    "importing.upload": None,
}

Methods = dict[str, frozenset[Role]]


def _read(roles: frozenset[Role]) -> Methods:
    return dict.fromkeys(READING, roles)


def _write(roles: frozenset[Role]) -> Methods:
    return {"POST": roles}


# The presence week is social work; the police see presence in their own pages.
WITH_THE_YOUNG: Final = frozenset({Role.OUTREACH, Role.PLANNER, Role.ADMIN})
# Open to everybody, logged in or not, and without a look at the store: nothing of it is in them.
NO_LOGIN: Final = frozenset({"assets.asset_file", "health.health", "phone.worker"})

# Flask endpoint -> method -> roles. A route or method that is not here is closed to all.
ROUTES: Final[dict[str, Methods]] = {
    "assets.asset_file": _read(EVERYONE),
    "health.health": _read(EVERYONE),
    # Open also to those who have not logged in: the way in.
    "login.form": _read(EVERYONE),
    "login.enter": _write(EVERYONE),
    "login.leave": _write(EVERYONE),
    "login.left": _read(EVERYONE),
    "login.organisation_begin": _read(EVERYONE),
    "login.organisation_end": _read(EVERYONE),
    "account.index": _read(EVERYONE),
    "account.data": _read(EVERYONE),
    "account.own_password": _read(EVERYONE),
    "account.password": _write(EVERYONE),
    "account.offer_code": _write(EVERYONE),
    "account.take_up_code": _write(EVERYONE),
    "account.remove_code": _write(EVERYONE),
    "account.add_token": _write(EVERYONE),
    "account.revoke_token": _write(EVERYONE),
    "account.end_others": _write(EVERYONE),
    "purpose.choose": _write(EVERYONE),
    "admin.index": _read(RUNNING),
    "admin.data": _read(RUNNING),
    "admin.add": _write(RUNNING),
    "admin.change_role": _write(RUNNING),
    "admin.change_password": _write(RUNNING),
    "admin.remove_code": _write(RUNNING),
    "admin.disable": _write(RUNNING),
    "admin.enable": _write(RUNNING),
    "admin.check": _write(RUNNING),
    "admin.count_old": _write(RUNNING),
    "adminplans.share": _write(RUNNING),
    "break.begin": _write(RUNNING),
    "break.end": _write(RUNNING),
    "audit.index": _read(RUNNING),
    "audit.data": _read(RUNNING),
    "audit.table": _read(RUNNING),
    # Each role's own page: what it stands for is asked for its own line here.
    "home.index": _read(EVERYONE),
    "home.data": _read(EVERYONE),
    "tonight.index": _read(ON_SHIFT),
    "tonight.data": _read(ON_SHIFT),
    "tonight.layers": _read(ON_SHIFT),
    "tonight.start": _write(ON_SHIFT),
    "tonight.answer": _write(ON_SHIFT),
    "tonight.add_stop": _write(ON_SHIFT),
    "presence.index": _read(WITH_THE_YOUNG),
    "presence.data": _read(WITH_THE_YOUNG),
    "presence.log": _write(WITH_THE_YOUNG),
    "presence.undo": _write(WITH_THE_YOUNG),
    "presence.take_in": _write(WITH_THE_YOUNG),
    "presence.take_out": _write(WITH_THE_YOUNG),
    "presence.set_days": _write(WITH_THE_YOUNG),
    # A shared plan is further asked for whether it is shared with the role.
    "shared.share": _write(READERS),
    "shared.index": _read(frozenset({Role.PARTNER, Role.OUTREACH, Role.POLICE})),
    "shared.data": _read(frozenset({Role.PARTNER, Role.OUTREACH, Role.POLICE})),
    "shared.plan": _read(EVERYONE),
    "shared.plan_data": _read(EVERYONE),
    "shared.layers": _read(EVERYONE),
    # What a reader may take in is decided by whose incidents they are (`access.imports`).
    "importing.index": _read(READERS),
    "importing.data": _read(READERS),
    "importing.upload": _write(READERS),
    "importing.staged": _read(READERS),
    "importing.staged_data": _read(READERS),
    "importing.layers": _read(READERS),
    "importing.rejects": _read(READERS),
    "importing.look_again": _write(READERS),
    "importing.take": _write(READERS),
    "importing.discard": _write(READERS),
    "importing.receipt": _read(READERS),
    "importing.receipt_data": _read(READERS),
    "importing.undo": _write(READERS),
    "situation.index": _read(READERS),
    "situation.data": _read(READERS),
    "situation.layers": _read(READERS),
    "tiles.tile_of": _read(READERS),
    "tiles.weeks": _read(READERS),
    "zones.zone": _read(READERS),
    "zones.data": _read(READERS),
    "zones.history": _read(READERS),
    # A name and a note are for those who read the same incidents; in the joint picture, which all
    # read, planners and administrators give the names.
    "zones.rename": _write(READERS),
    "zones.note": _write(READERS),
    # A drawn zone is for those who read the same incidents; nothing is drawn in the joint picture.
    "drawing.new": _read(READERS),
    "drawing.data": _read(READERS),
    "drawing.layers": _read(READERS),
    "drawing.add": _write(READERS),
    "drawing.outline": _read(READERS),
    "drawing.redraw": _write(READERS),
    "drawing.remove": _write(READERS),
    # Night walkers see no plan until plans are shared with them.
    "shift.index": _read(READERS),
    "shift.data": _read(READERS),
    "shift.layers": _read(READERS),
    "shift.file": _read(READERS),
    "shift.keep": _write(READERS),
    "plans.plan": _read(READERS),
    "plans.data": _read(READERS),
    "plans.layers": _read(READERS),
    "plans.file": _read(READERS),
    "plans.replan": _write(READERS),
    "phone.team": _read(READERS),
    "phone.layers": _read(READERS),
    "phone.check_in": _write(READERS),
    "phone.take_back": _write(READERS),
    "planner.overview": _read(READERS),
    "planner.data": _read(READERS),
    "report.paper": _read(READERS),
    "forecasts.index": _read(READERS),
    "forecasts.data": _read(READERS),
    "planner.operations": _read(READERS),
    "planner.operations_data": _read(READERS),
    "planner.add": _write(READERS),
    "planner.assess": _write(READERS),
    "planner.count": _write(READERS),
    # Of those that the reader's own authority entered (`access.operations`).
    "operations.correcting": _read(READERS),
    "operations.correct": _write(READERS),
    "operations.removing": _read(READERS),
    "operations.remove": _write(READERS),
    # The script holds nothing but itself, and a browser asks for it anew without saying who it is.
    "phone.worker": _read(EVERYONE),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reason."""

    allowed: bool
    reason: Text


def methods_of(endpoint: str | None) -> frozenset[str]:
    """Return how a route may be used at all, by any role.

    Parameters
    ----------
    endpoint
        The Flask endpoint; None for an address that does not exist.

    Returns
    -------
    frozenset of str
        HTTP methods; empty for a route that is not in the table.
    """
    return frozenset(ROUTES.get(endpoint or "", ()))


def may_use(role: Role, endpoint: str | None, method: str = "GET") -> Decision:
    """Decide whether a role may use a route in this way.

    Parameters
    ----------
    role
        Who asks.
    endpoint
        The Flask endpoint; None for an address that does not exist.
    method
        The HTTP method.

    Returns
    -------
    Decision
        Denied unless the table says otherwise.
    """
    route = ROUTES.get(endpoint or "")
    if route is None:
        return Decision(
            allowed=False,
            reason=Text("Vägen finns inte i tabellen.", "The route is not in the table."),
        )
    roles = route.get(method)
    if roles is None:
        return Decision(
            allowed=False,
            reason=Text(
                "{m} finns inte för vägen i tabellen.", "The table has no {m} for the route."
            ).fill(m=method),
        )
    if role not in roles:
        return Decision(
            allowed=False,
            reason=Text("{r} har inte denna sida.", "{r} does not have this page.").fill(
                r=ROLE_NAMES[role]
            ),
        )
    return Decision(allowed=True, reason=Text("Tillåten.", "Allowed."))

"""A plan as those see it with whom it is shared: places and times, and nothing of what happened."""

from __future__ import annotations

from dataclasses import replace

from riskmiljo.model.plan import Plan, Visit
from riskmiljo.wording import Text

_NOTHING = Text("", "")


def places_and_times(plan: Plan) -> Plan:
    """Return a plan without figures, reasons, or places that were left out.

    Parameters
    ----------
    plan
        As it was made.

    Returns
    -------
    Plan
        Who goes where and when; zones are not named by their numbers, and what was asked of the
        plan is gone too, for it tells which incidents it was made of.
    """
    routes = tuple(
        replace(
            route,
            steps=tuple(_bare(step) if isinstance(step, Visit) else step for step in route.steps),
        )
        for route in plan.routes
    )
    return replace(
        plan,
        routes=routes,
        left_out=(),
        covered=0.0,
        reachable=0.0,
        habit=None,
        comparison=_NOTHING,
        notes=(),
        parameters={},
    )


def _bare(visit: Visit) -> Visit:
    return replace(
        visit,
        kind="own",
        zone_id="",
        expected=0.0,
        share=0.0,
        since_min=None,
        lost=0.0,
        detour_min=0.0,
        pinned=False,
        why=_NOTHING,
    )

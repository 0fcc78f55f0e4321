"""What a crew answers to a stop, read from what the phone sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.feedback import REASONS, Feedback
from riskmiljo.web import plan_words, tonight_words
from riskmiljo.web.check_ins import moment_of, planned_visit
from riskmiljo.web.plan_access import open_plan
from riskmiljo.web.service import Service

FIELDS: Final = ("plan", "stop_id", "team", "reason", "when")

_LONGEST: Final = 40
_MOST_PLAN: Final = 2**31 - 1


def read_answer(sent: Mapping[str, Any], here: Service) -> tuple[int, Feedback]:
    """Read an answer.

    Parameters
    ----------
    sent
        ``plan``, ``stop_id``, ``reason``; perhaps ``team`` (else the first that visits the stop)
        and ``when`` (ISO 8601 with its zone, else now).
    here
        Whose plans, and the clock.

    Returns
    -------
    tuple
        The plan's number, and the answer.

    Raises
    ------
    InvalidInputError
        If a field is missing, not known, or cannot be used; says which.
    NothingFoundError
        If there is no such plan for the reader.
    """
    unknown = sorted(str(name) for name in sent if name not in FIELDS)
    if unknown:
        raise InvalidInputError(
            plan_words.UNKNOWN_FIELD.fill(name=repr(unknown[0][:40]), known=", ".join(FIELDS))
        )
    for name in ("plan", "stop_id", "reason"):
        if not sent.get(name):
            raise InvalidInputError(plan_words.MISSING_FIELD.fill(name=name))
    number = str(sent["plan"])
    if not re.fullmatch(r"[0-9]{1,10}", number) or not 1 <= int(number) <= _MOST_PLAN:
        raise InvalidInputError(
            tonight_words.WRONG_NUMBER.fill(name="plan", t=repr(number[:40]), most=_MOST_PLAN)
        )
    reason = str(sent["reason"])
    if reason not in REASONS:
        raise InvalidInputError(
            tonight_words.WRONG_REASON.fill(t=repr(reason[:_LONGEST]), known=", ".join(REASONS))
        )
    plan_id = int(number)
    plan = open_plan(plan_id, here)
    crew, visit = planned_visit(plan, str(sent["stop_id"]), str(sent.get("team") or ""))
    return plan_id, Feedback(
        plan_id=plan_id,
        stop_id=visit.stop_id,
        stop=visit.name,
        zone_id=visit.zone_id,
        reason=reason,
        crew_kind=crew.kind,
        noted_at=moment_of(sent.get("when"), here.clock()).replace(microsecond=0),
    )


def keep_answer(given: Feedback, here: Service) -> bool:
    """Keep an answer.

    Parameters
    ----------
    given
        The answer.
    here
        Where.

    Returns
    -------
    bool
        False where it was kept before.
    """
    return here.store.feedback.add(given, now=here.clock())

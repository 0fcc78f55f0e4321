"""A plan as plain values that JSON can hold, and back: for the store and for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

import numpy as np

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Crew, LeftOut, Leg, Pause, Plan, Route, Spot, Step, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text

VERSION: Final = 1
_DECIMETRE: Final = 1

_KINDS: Final[dict[str, type[Any]]] = {"visit": Visit, "leg": Leg, "pause": Pause}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_TIMES: Final = frozenset({"arrives", "begins", "leaves", "departs", "ends"})
_TEXTS: Final = frozenset({"why"})
_SPOTS: Final = frozenset({"spot", "start", "end"})


def plan_record(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        JSON-able; ways are rounded to the decimetre, times are ISO 8601 in UTC.
    """
    return {
        "version": VERSION,
        "shift": {
            "start": plan.shift.period.start.isoformat(),
            "end": plan.shift.period.end.isoformat(),
            "tz": plan.shift.tz,
        },
        "epsg": plan.epsg,
        "routes": [
            {
                "crew": _values(route.crew),
                "steps": [{"step": _NAMES[type(step)], **_values(step)} for step in route.steps],
            }
            for route in plan.routes
        ],
        "left_out": [_values(left) for left in plan.left_out],
        "covered": plan.covered,
        "reachable": plan.reachable,
        "habit": plan.habit,
        "comparison": plan.comparison.as_dict(),
        "distance": plan.distance,
        "notes": [note.as_dict() for note in plan.notes],
        "parameters": dict(plan.parameters),
        "title": plan.title.as_dict(),
        "as_of": plan.as_of.isoformat() if plan.as_of else None,
        "simulated": plan.simulated,
    }


def plan_of(record: Mapping[str, Any]) -> Plan:
    """Return the plan that `plan_record` wrote.

    Parameters
    ----------
    record
        Plain values.

    Returns
    -------
    Plan
        Equal to the one that was written, but for the rounding of ways.

    Raises
    ------
    InvalidInputError
        If it was not written by this version.
    """
    if record.get("version") != VERSION:
        raise InvalidInputError(
            Text(
                "Planen är sparad av en annan version av riskmiljo. Gör en ny plan.",
                "The plan was saved by another version of riskmiljo. Make a new plan.",
            )
        )
    shift = record["shift"]
    period = Period(_moment(shift["start"]), _moment(shift["end"]))
    return Plan(
        shift=Shift(period, shift["tz"]),
        epsg=record["epsg"],
        routes=tuple(
            Route(_made(Crew, route["crew"]), tuple(_step(step) for step in route["steps"]))
            for route in record["routes"]
        ),
        left_out=tuple(_made(LeftOut, left) for left in record["left_out"]),
        covered=record["covered"],
        reachable=record["reachable"],
        habit=record["habit"],
        comparison=_text(record["comparison"]),
        distance=record["distance"],
        notes=tuple(_text(note) for note in record["notes"]),
        parameters=record["parameters"],
        title=_text(record["title"]),
        as_of=_moment(record["as_of"]) if record["as_of"] else None,
        simulated=record["simulated"],
    )


def _values(thing: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(thing, field.name)) for field in fields(thing)}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Text():
            return value.as_dict()
        case Spot():
            return {"name": value.name, "x": value.x, "y": value.y}
        case np.ndarray():
            return np.round(value, _DECIMETRE).tolist()
        case tuple():
            return list(value)
    return value


def _step(record: Mapping[str, Any]) -> Step:
    values = dict(record)
    step: Step = _made(_KINDS[values.pop("step")], values)
    return step


def _made(kind: type[Any], record: Mapping[str, Any]) -> Any:
    values = dict(record)
    for name in values.keys() & _TIMES:
        values[name] = _moment(values[name])
    for name in values.keys() & _TEXTS:
        values[name] = _text(values[name])
    for name in values.keys() & _SPOTS:
        values[name] = Spot(**values[name])
    if kind is Leg:
        values["way"] = np.asarray(values["way"], dtype=float)
        values["streets"] = tuple(values["streets"])
    return kind(**values)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(record: Mapping[str, str]) -> Text:
    return Text(record["sv"], record["en"])

"""What is new for a shift since the one before: zones that came and went, and rising places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from riskmiljo.model.period import Period
from riskmiljo.model.plan import Plan
from riskmiljo.model.shift import Shift
from riskmiljo.situation.build import TREND_DAYS, Situation
from riskmiljo.situation.patrolling import REQUEST
from riskmiljo.wording import Text

# Under this name a plan's parameters keep the zones that it chose among, and what was new then.
ZONES: Final = "zones"
NEWS: Final = "news"
SINCE: Final = "news_since"

_MOST_NAMED: Final = 5


def with_news(plan: Plan, situation: Situation, before: Plan | None) -> Plan:
    """Return a plan that tells what is new since the last shift.

    Parameters
    ----------
    plan
        Made of the situation; its request stands among its parameters.
    situation
        What the lens shows.
    before
        The plan of the shift before, made with the same lens; None if there is none.

    Returns
    -------
    Plan
        With ``zones`` (id to name), ``news`` (lines in both languages) and ``news_since`` (when the
        shift before was; None where there is none to hold this one against) among its parameters.
    """
    zones = {
        str(zone_id): str(name)
        for zone_id, name in zip(situation.zones["zone_id"], situation.zones["name"], strict=True)
    }
    before = before if _comparable(plan, before) else None
    lines = [*_come_and_gone(zones, before), *_rising(situation)]
    news = [line.as_dict() for line in lines]
    then = None if before is None else before.shift.period
    since = None if then is None else [then.start.isoformat(), then.end.isoformat()]
    return plan.with_parameters({**plan.parameters, ZONES: zones, NEWS: news, SINCE: since})


def news_of(plan: Plan) -> list[Text]:
    """Return what was new when a plan was made.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    list of Text
        Empty where nothing was, or for a plan that was made elsewhere.
    """
    kept: Any = plan.parameters.get(NEWS, ())
    return [Text(line["sv"], line["en"]) for line in kept]


def news_since(plan: Plan) -> Shift | None:
    """Return the shift that a plan's news is held against.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Shift or None
        None where there was no comparable plan before it, or for a plan that was made elsewhere.
    """
    kept: Any = plan.parameters.get(SINCE)
    if kept is None:
        return None
    start, end = (datetime.fromisoformat(text) for text in kept)
    return Shift(Period(start, end), plan.shift.tz)


def _comparable(plan: Plan, before: Plan | None) -> bool:
    # Another choice of incidents has other zones: that is no news.
    return (
        before is not None and ZONES in before.parameters and _filter_of(before) == _filter_of(plan)
    )


def _come_and_gone(zones: Mapping[str, str], before: Plan | None) -> list[Text]:
    if before is None:
        return []
    known: Any = before.parameters[ZONES]
    come = [name for zone_id, name in zones.items() if zone_id not in known]
    gone = [str(name) for zone_id, name in known.items() if zone_id not in zones]
    lines = []
    if come:
        lines.append(
            Text("Nytt sedan förra passet: {z}.", "New since the last shift: {z}.").fill(
                z=_named(come)
            )
        )
    if gone:
        lines.append(
            Text("Inte längre riskzon: {z}.", "No longer a risk zone: {z}.").fill(z=_named(gone))
        )
    return lines


def _filter_of(plan: Plan) -> Any:
    request: Any = plan.parameters.get(REQUEST) or {}
    # Kept as JSON, pairs have become lists.
    return [list(pair) for pair in request.get("filter", ())]


def _rising(situation: Situation) -> list[Text]:
    trend = situation.trend
    if "verdict" not in trend:
        return []
    names = situation.zones.set_index("zone_id")["name"]
    # A rise whose count the lens withholds is no news.
    rising = trend[(trend["verdict"] == "rising") & trend["this_period"].notna()]
    found = [str(names[zone_id]) for zone_id in rising.index if zone_id in names.index]
    if not found:
        return []
    return [
        Text(
            "Ökar de senaste {d} dygnen: {z}.",
            "Rising over the last {d} {d:day|days}: {z}.",
        ).fill(d=TREND_DAYS, z=_named(found))
    ]


def _named(names: Sequence[str]) -> Text:
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    if more <= 0:
        return Text(shown, shown)
    return Text("{s} och {n} till", "{s} and {n} more").fill(s=shown, n=more)

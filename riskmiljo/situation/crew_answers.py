"""The record of crews' answers to suggested stops: counts by zone and reason, for planners.

An answer is no incident, and yet it speaks of a place that somebody's incidents pointed out. Of
plans that the reader may open, answers are counted as they are; of others a zone is named only
from the minimum count of the installation, and each reason likewise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from riskmiljo.access.lens import Lens
from riskmiljo.access.plans import may_open
from riskmiljo.access.reader import Reader
from riskmiljo.model.feedback import REASONS, Feedback
from riskmiljo.situation.standing import kept_zones
from riskmiljo.situation.tonight import ANSWER_DAYS
from riskmiljo.store import Store
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What crews answered about one zone, or one place that they added themselves.

    Attributes
    ----------
    zone_id
        Empty for a place of the crew's own.
    name
        The zone's, or the place's.
    reasons
        Each with how often, the commonest first; those that may not be told are left out.
    total
        All answers that may be told.
    """

    zone_id: str
    name: str
    reasons: tuple[tuple[Text, int], ...]
    total: int


def answer_record(store: Store, reader: Reader, lens: Lens, *, now: datetime) -> list[AnswerRow]:
    """Count the answers of the last `ANSWER_DAYS` days.

    Parameters
    ----------
    store
        Where answers, plans and zones are kept.
    reader
        Who asks.
    lens
        Whose minimum count holds for answers to plans that the reader may not open.
    now
        Aware.

    Returns
    -------
    list of AnswerRow
        The most answers first.
    """
    given = store.feedback.since(now - timedelta(days=ANSWER_DAYS))
    opens = {
        plan_id: may_open(reader, store.plans.row(plan_id).rests_on).allowed
        for plan_id in {one.plan_id for one in given}
    }
    groups: dict[tuple[str, str], list[Feedback]] = defaultdict(list)
    for one in given:
        groups[one.zone_id, "" if one.zone_id else one.stop].append(one)
    # The joint picture goes by what the plan said.
    zones = kept_zones(store, lens) if given else None
    names = {} if zones is None else dict(zip(zones["zone_id"], zones["name"], strict=True))
    rows = []
    for (zone_id, place), answers in groups.items():
        reasons = _told(answers, opens, lens.min_incidents)
        if reasons:
            total = sum(count for _, count in reasons)
            name = str(names.get(zone_id, place or answers[-1].stop))
            rows.append(AnswerRow(zone_id, name, reasons, total))
    return sorted(rows, key=lambda row: (-row.total, row.name.casefold(), row.zone_id))


def _told(
    answers: list[Feedback], opens: dict[int, bool], floor: int
) -> tuple[tuple[Text, int], ...]:
    own = Counter(one.reason for one in answers if opens[one.plan_id])
    others = Counter(one.reason for one in answers if not opens[one.plan_id])
    for reason, count in others.items():
        if count >= floor:
            own[reason] += count
    order = sorted(REASONS, key=lambda reason: -own[reason])
    return tuple((REASONS[reason], own[reason]) for reason in order if own[reason])

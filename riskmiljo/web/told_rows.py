"""What was released of forecasts and operations, as the pages of the joint picture show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmiljo.forecast.choose import BASELINE
from riskmiljo.situation.joint_news import JointNews, month_band
from riskmiljo.situation.operation_cards import OperationCard
from riskmiljo.situation.release_record import ToldRecord
from riskmiljo.situation.release_weeks import ToldWeek
from riskmiljo.situation.told_verdicts import OWNER_NAMES, RESTS_ON, WAITING, ToldVerdict
from riskmiljo.web import planner_words
from riskmiljo.web.planner_rows import Bar, Chart, record_chart, spark
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class RecordView:
    """The forecast record of the joint picture.

    Attributes
    ----------
    record
        What was released.
    weeks
        ``begins``, ``ends`` (UTC), ``hit_rate_5pct`` and ``baseline_hit_rate_5pct``, oldest first.
    chart
        Of the weeks; None where there is none.
    alone
        Whether last year's count is all that there is to draw.
    """

    record: ToldRecord
    weeks: pd.DataFrame
    chart: Chart | None
    alone: bool


def record_view(record: ToldRecord | None, tz: str) -> RecordView | None:
    """Return the released record as it is drawn.

    Parameters
    ----------
    record
        None while nothing has been released.
    tz
        The zone of local days.

    Returns
    -------
    RecordView or None
        None for None.
    """
    if record is None:
        return None
    weeks = pd.DataFrame(
        [(one.begins, one.ends, one.caught / 100, one.baseline / 100) for one in record.weeks],
        columns=["begins", "ends", "hit_rate_5pct", "baseline_hit_rate_5pct"],
    ).assign(ceiling_hit_rate_5pct=np.nan)
    alone = all(one.model == BASELINE for one in record.weeks)
    chart = record_chart(weeks, tz, alone=alone) if len(weeks) else None
    return RecordView(record, weeks, chart, alone)


def week_lead(week: ToldWeek, days: str) -> Text:
    """Return a released week of the whole area in one sentence.

    Parameters
    ----------
    week
        The week.
    days
        Its days as they are written in the reader's language.

    Returns
    -------
    Text
        With whether it was as expected, where that is known.
    """
    number = week.begins.isocalendar().week
    if week.state is None or week.owner is None:
        return planner_words.TOLD_WEEK_UNJUDGED.fill(n=week.band, w=number, days=days)
    state = planner_words.STATES[week.state]
    who = OWNER_NAMES[week.owner]
    return planner_words.TOLD_WEEK_LEAD.fill(n=week.band, w=number, days=days, v=state, who=who)


def verdict_text(card: OperationCard) -> Text:
    """Return what the joint picture says of an operation, in one paragraph.

    Parameters
    ----------
    card
        The operation.

    Returns
    -------
    Text
        The verdict and what happened around the places, or why there is none.
    """
    told = card.told
    if told is None:
        return WAITING
    if told.around_text is None:
        return told.text
    return Text(f"{told.text.sv} {told.around_text.sv}", f"{told.text.en} {told.around_text.en}")


def report_text(card: OperationCard, *, joint: bool) -> Text:
    """Return what a report says of whether an operation helped.

    Parameters
    ----------
    card
        The operation.
    joint
        Whether the report is of the joint picture.

    Returns
    -------
    Text
        One's own evaluation, what could be seen at all before what was seen; without one, what
        the joint picture tells.
    """
    if joint:
        return verdict_text(card)
    if card.effect is not None:
        power, verdict = (card.effect.body[name] for name in ("power_text", "verdict_text"))
        # A verdict that nothing could have been seen says so itself.
        alone = power["sv"] in verdict["sv"]
        told = [verdict] if alone else [power, verdict]
        return Text(*(" ".join(one[language] for one in told) for language in ("sv", "en")))
    if card.told is None:
        return planner_words.NOT_EVALUATED
    return Text("{w}: {v}", "{w}: {v}").fill(w=planner_words.TOLD_VERDICT, v=verdict_text(card))


def rests_on(told: ToldVerdict, day: str) -> Text | None:
    """Return what a verdict rests on.

    Parameters
    ----------
    told
        The verdict.
    day
        When it was made, as it is written in the reader's language.

    Returns
    -------
    Text or None
        None where nothing is told.
    """
    if told.owners is None:
        return None
    return RESTS_ON.fill(who=OWNER_NAMES[told.owners], day=day)


def verdict_json(told: ToldVerdict | None) -> dict[str, Any] | None:
    """Return a released verdict as JSON.

    Parameters
    ----------
    told
        None where the operation has not been judged.

    Returns
    -------
    dict or None
        Shares, not per cent; texts in both languages.
    """
    if told is None:
        return None
    around = told.around_text
    return {
        "judged_at": told.made_at.isoformat(),
        "state": told.state,
        "verdict": told.word,
        "estimate": told.estimate,
        "lower": told.lower,
        "upper": told.upper,
        "around": told.around,
        "text": told.text.as_dict(),
        "around_text": None if around is None else around.as_dict(),
        "reported_to": told.owners,
    }


def record_json(record: ToldRecord | None) -> dict[str, Any] | None:
    """Return the released forecast record as JSON.

    Parameters
    ----------
    record
        None while nothing has been released.

    Returns
    -------
    dict or None
        ``caught`` and ``baseline`` in whole per cent.
    """
    if record is None:
        return None
    return {
        "tested_at": record.tested_at.isoformat(),
        "model": record.model,
        "reason": record.reason.as_dict(),
        "forecasts": record.forecasts,
        "cell_m": record.cell_m,
        "weeks": [
            {
                "from": one.begins.isoformat(),
                "to": one.ends.isoformat(),
                "model": one.model,
                "caught": one.caught,
                "baseline": one.baseline,
            }
            for one in record.weeks
        ],
    }


@dataclass(frozen=True, slots=True)
class ZoneMonths:
    """The released months of one zone of the joint picture.

    Attributes
    ----------
    name
        The zone's.
    bars
        Its sparkline.
    bands
        What each bar stands for, the oldest first.
    """

    name: str
    bars: tuple[Bar, ...]
    bands: tuple[Text, ...]


def zone_months(news: JointNews | None, names: Mapping[str, str]) -> dict[str, ZoneMonths]:
    """Return the months of each zone as they are drawn and told.

    Parameters
    ----------
    news
        None where no months are told.
    names
        Zone id to name; only these zones are told.

    Returns
    -------
    dict of str to ZoneMonths
        By zone id.
    """
    if news is None:
        return {}
    return {
        zone_id: ZoneMonths(
            name=names[zone_id],
            bars=spark([low or None for low in lows]),
            bands=tuple(month_band(low) for low in lows),
        )
        for zone_id, lows in news.by_zone.items()
        if zone_id in names
    }


def news_json(news: JointNews | None) -> dict[str, Any] | None:
    """Return what is new in the joint picture as JSON.

    Parameters
    ----------
    news
        None where nothing can be judged.

    Returns
    -------
    dict or None
        Bands in words, in both languages.
    """
    if news is None:
        return None
    return {
        "month": news.month.start.isoformat(),
        "months_before": news.months,
        "zones": [
            {
                "zone_id": one.zone_id,
                "name": one.name,
                "status": one.status,
                "band": one.band.as_dict(),
                "before": one.before.as_dict(),
            }
            for one in news.zones
        ],
        "months_begin": [one.isoformat() for one in news.begins],
        "zone_months": [
            {"zone_id": zone_id, "bands": [month_band(low).as_dict() for low in lows]}
            for zone_id, lows in news.by_zone.items()
        ],
    }

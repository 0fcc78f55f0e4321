"""How good the data are, in words: the one line of the banner, and the measures behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from riskmiljo.situation.data_quality import weakest
from riskmiljo.situation.planner import Overview
from riskmiljo.web import planner_words
from riskmiljo.wording import Text, decimal_text


@dataclass(frozen=True, slots=True)
class QualityLine:
    """The banner's line.

    Attributes
    ----------
    text
        The worst of the data in one sentence.
    grave
        Whether it is one to speak of at the meeting.
    """

    text: Text
    grave: bool


# In the order of the table.
_SHARES: Final[dict[str, Text]] = {
    "late": planner_words.LATE,
    "placeless": planner_words.PLACELESS,
    "coarse": planner_words.COARSE,
    "discovered": planner_words.DISCOVERED,
    "reported": planner_words.REPORTED,
    "unknown": planner_words.UNKNOWN,
}


def quality_line(overview: Overview) -> QualityLine:
    """Return the worst of the data in one line.

    Parameters
    ----------
    overview
        What the lens shows.

    Returns
    -------
    QualityLine
        Also where nothing can be told.
    """
    if overview.quality_of is None:
        return QualityLine(planner_words.JOINT_QUALITY, grave=False)
    worst = weakest(overview.quality)
    if worst is None:
        return QualityLine(planner_words.QUALITY_UNTOLD, grave=False)
    told = planner_words.WEAKNESSES[worst.name].fill(s=_percent(worst.share))
    if worst.grave:
        return QualityLine(told, grave=True)
    return QualityLine(planner_words.QUALITY_GOOD.fill(w=told), grave=False)


def measures(overview: Overview) -> list[tuple[Text, Text | None]]:
    """Return what is measured of the data, each with its value.

    Parameters
    ----------
    overview
        What the lens shows.

    Returns
    -------
    list of tuple
        None for a share that is not told.
    """
    quality, joint = overview.quality, overview.situation.lens.scope == "joint"
    days = planner_words.WITHHELD
    if quality.median_days is not None and joint and not quality.median_days:
        days = planner_words.DELAY_BELOW
    elif quality.median_days is not None:
        days = planner_words.DELAY_DAYS.fill(n=decimal_text(quality.median_days, 0 if joint else 1))
    rows: list[tuple[Text, Text | None]] = [(planner_words.DELAY, days)]
    for name, what in _SHARES.items():
        share = getattr(quality, name)
        rows.append((what, None if share is None else _percent(share)))
    return rows


def _percent(share: float) -> Text:
    number = decimal_text(100 * share, 0)
    return Text(f"{number.sv}\u00a0%", f"{number.en}%")

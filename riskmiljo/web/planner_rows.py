"""The planner's tables and charts as rows: figures in words, and where each bar stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from riskmiljo.forecast.choose import BASELINE
from riskmiljo.situation.kept_backtests import KeptBacktest
from riskmiljo.situation.planner import Overview, ZoneWeeks
from riskmiljo.web import planner_words
from riskmiljo.web.banded import Banded
from riskmiljo.web.rows import ZoneRow, zone_rows
from riskmiljo.wording import Text, decimal_text

WIDTH: Final = 560.0
HEIGHT: Final = 200.0
_LEFT: Final = 52.0
_RIGHT: Final = 546.0
_TOP: Final = 14.0
_BOTTOM: Final = 164.0
_SPARK_WIDTH: Final = 120.0
_SPARK_HEIGHT: Final = 26.0
_MOST_CHANGE: Final = 1.5
_INTERVAL: Final = ("change", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart.

    Attributes
    ----------
    x, y, width, height
        Where it stands, in the units of the drawing.
    kind
        Its class: ``seen``, ``during``, ``base``, ``band`` or ``hidden``.
    """

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word on an axis, or a short line across a column.

    Attributes
    ----------
    x, y
        Where it stands.
    text
        What it says; empty for a line.
    width
        Length of the line.
    """

    x: float
    y: float
    text: Text
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of columns.

    Attributes
    ----------
    bars
        From back to front.
    marks
        Short lines: what was expected, or the best possible.
    below
        Words under the columns.
    grid
        Lines across with their values, at the left.
    """

    bars: tuple[Bar, ...]
    marks: tuple[Label, ...]
    below: tuple[Label, ...]
    grid: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class PlannerZone:
    """One zone of the planner's table.

    Attributes
    ----------
    row
        As the situation shows it.
    weeks
        Its last weeks; None where there are none to tell.
    bars
        Its sparkline.
    change
        Against the rest of the period, with its interval; None where it is not told.
    """

    row: ZoneRow
    weeks: ZoneWeeks | None
    bars: tuple[Bar, ...]
    change: Text | None


def planner_zones(overview: Overview) -> list[PlannerZone]:
    """Return the rows of the zone table, in the order and under the numbers of the map.

    Parameters
    ----------
    overview
        What the lens shows.

    Returns
    -------
    list of PlannerZone
        Empty where there are no zones.
    """
    trend = overview.situation.trend
    rows = []
    for row in zone_rows(overview.situation):
        weeks = overview.zones.get(row.zone_id)
        change = None
        if row.zone_id in trend.index:
            told = [_number(trend[name].loc[row.zone_id]) for name in _INTERVAL]
            change = change_text(*told)
        rows.append(PlannerZone(row, weeks, () if weeks is None else spark(weeks.counts), change))
    return rows


def spark(counts: Sequence[int | None]) -> tuple[Bar, ...]:
    """Return the bars of a sparkline, 120 by 26.

    Parameters
    ----------
    counts
        A zone's last weeks or months, the oldest first; None where the count is not shown.

    Returns
    -------
    tuple of Bar
        One a count; a low ``hidden`` line where it is not shown.
    """
    wide = _SPARK_WIDTH / max(1, len(counts))
    most = max([count for count in counts if count is not None], default=1)
    bars = []
    for n, count in enumerate(counts):
        height = 2.0 if count is None else max(2.0, _SPARK_HEIGHT * count / most)
        kind = "hidden" if count is None else "seen"
        bars.append(
            Bar(round(n * wide, 1), round(_SPARK_HEIGHT - height, 1), round(wide - 1, 1),
                round(height, 1), kind)
        )  # fmt: skip
    return tuple(bars)


def area_chart(area: pd.DataFrame) -> Chart:
    """Return the chart of the whole area's weeks.

    Parameters
    ----------
    area
        As of `Overview`.

    Returns
    -------
    Chart
        A bar a week on the band of what was expected, which is marked.
    """
    top = _nice(area[["count", "expected", "upper"]].to_numpy(dtype=float))
    bars, marks, below = [], [], []
    wide = (_RIGHT - _LEFT) / max(1, len(area))
    for n, week in enumerate(area.to_dict("records")):
        x = _LEFT + n * wide
        if np.isfinite(week["lower"]):
            upper, lower = _height(week["upper"], top), _height(week["lower"], top)
            bars.append(Bar(round(x, 1), upper, round(wide, 1), round(lower - upper, 1), "band"))
        bars.append(_bar(x + wide * 0.22, wide * 0.56, week["count"], top, "seen"))
        if np.isfinite(week["expected"]):
            y = _height(week["expected"], top)
            marks.append(Label(round(x + 3, 1), y, Text("", ""), round(wide - 6, 1)))
        if (len(area) - 1 - n) % 2 == 0:
            below.append(Label(round(x + wide / 2, 1), _BOTTOM + 22, short_day(week["begins"])))
    return Chart(tuple(bars), tuple(marks), tuple(below), _grid(top))


def area_rows(area: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the figures under the chart of the whole area.

    Parameters
    ----------
    area
        As of `Overview`.

    Returns
    -------
    list of dict
        One a week, oldest first; the counts of the joint picture's months are `Banded`.
    """
    rows: list[dict[str, Any]] = []
    for week in area.to_dict("records"):
        row = {str(name): value for name, value in week.items()}
        band = row.pop("band", None)
        count = row["count"] if band is None else Banded.of(int(row["count"]), band)
        rows.append({**row, "count": count})
    return rows


def record_chart(origins: pd.DataFrame, tz: str, *, alone: bool) -> Chart:
    """Return the chart of the last forecasts.

    Parameters
    ----------
    origins
        One row a forecast, oldest first: ``begins`` (UTC), and ``hit_rate_5pct`` alone, with
        ``baseline_`` and with ``ceiling_`` before; NaN for what is not shown.
    tz
        The zone of local days.
    alone
        Whether the chosen model is last year's count itself.

    Returns
    -------
    Chart
        Two bars a forecast, the chosen model and last year's count; the best possible is marked.
    """
    shown = ["hit_rate_5pct", "baseline_hit_rate_5pct", "ceiling_hit_rate_5pct"]
    top = min(1.0, _nice(origins[shown].to_numpy(dtype=float), share=True))
    bars, marks, below = [], [], []
    wide = (_RIGHT - _LEFT) / max(1, len(origins))
    for n, row in enumerate(origins.to_dict("records")):
        x = _LEFT + n * wide
        bars.append(_bar(x + wide * 0.15, wide * 0.33, row[shown[0]], top, "seen"))
        if not alone:
            bars.append(_bar(x + wide * 0.52, wide * 0.33, row[shown[1]], top, "base"))
        if np.isfinite(row[shown[2]]):
            y = _height(row[shown[2]], top)
            marks.append(Label(round(x + wide * 0.1, 1), y, Text("", ""), round(wide * 0.8, 1)))
        begins = row["begins"].astimezone(ZoneInfo(tz)).date()
        below.append(Label(round(x + wide / 2, 1), _BOTTOM + 22, short_day(begins)))
    return Chart(tuple(bars), tuple(marks), tuple(below), _grid(top, share=True))


def series_chart(series: Sequence[dict[str, Any]]) -> Chart | None:
    """Return the chart of an operation's places.

    Parameters
    ----------
    series
        As kept with an evaluation.

    Returns
    -------
    Chart or None
        None where no block may be shown.
    """
    if not series:
        return None
    values = [[row["operation"], row["expected"]] for row in series]
    top = _nice(np.array(values, dtype=float))
    bars, marks, below = [], [], []
    wide = (_RIGHT - _LEFT) / len(series)
    every = -(-len(series) // 6)
    for n, row in enumerate(series):
        x = _LEFT + n * wide
        kind = "during" if row["during"] else "seen"
        bars.append(_bar(x + wide * 0.15, wide * 0.7, float(row["operation"]), top, kind))
        y = _height(float(row["expected"]), top)
        marks.append(Label(round(x + 1, 1), y, Text("", ""), round(wide - 2, 1)))
        if n % every == 0:
            day = short_day(date.fromisoformat(row["begins"]))
            below.append(Label(round(x + wide / 2, 1), _BOTTOM + 22, day))
    return Chart(tuple(bars), tuple(marks), tuple(below), _grid(top))


def interval_marks(estimate: float, lower: float, upper: float) -> dict[str, float]:
    """Return where an estimate and its interval stand on a line from -100 % to +150 %.

    Parameters
    ----------
    estimate, lower, upper
        Relative change.

    Returns
    -------
    dict of str to float
        ``zero``, ``estimate``, ``lower`` and ``upper``, 20 to 540; what lies beyond stands at the
        end.
    """
    placed = {"zero": 0.0, "estimate": estimate, "lower": lower, "upper": upper}
    return {
        name: round(20 + 520 * (min(max(value, -1.0), _MOST_CHANGE) + 1) / (_MOST_CHANGE + 1), 1)
        for name, value in placed.items()
    }


def change_text(estimate: float, lower: float, upper: float) -> Text | None:
    """Write a relative change with its interval.

    Parameters
    ----------
    estimate, lower, upper
        0.5 is half as many again.

    Returns
    -------
    Text or None
        ``+12 % (-5 till +30 %)``; None where it is not known.
    """
    if not np.isfinite([estimate, lower]).all():
        return None
    texts = {name: _signed(value) for name, value in (("e", estimate), ("a", lower), ("b", upper))}
    return Text("{e} % ({a} till {b} %)", "{e}% ({a} to {b}%)").fill(**texts)


def share_text(share: float, lower: float, upper: float) -> Text | None:
    """Write a share with its interval.

    Parameters
    ----------
    share, lower, upper
        0 to 1.

    Returns
    -------
    Text or None
        ``23,4 % (20,1 till 26,7 %)``; None where it is not known.
    """
    if not np.isfinite([share, lower, upper]).all():
        return None
    texts = {
        name: decimal_text(100 * value, 1, fixed=True)
        for name, value in (("e", share), ("a", lower), ("b", upper))
    }
    return Text("{e} % ({a} till {b} %)", "{e}% ({a} to {b}%)").fill(**texts)


def points_text(difference: float, lower: float, upper: float) -> Text | None:
    """Write a difference between two shares with its interval.

    Parameters
    ----------
    difference, lower, upper
        As shares.

    Returns
    -------
    Text or None
        In percentage points; None where it is not known.
    """
    if not np.isfinite([difference, lower, upper]).all():
        return None
    texts = {
        name: _signed(value, 1) for name, value in (("e", difference), ("a", lower), ("b", upper))
    }
    return Text("{e} procentenheter ({a} till {b})", "{e} percentage points ({a} to {b})").fill(
        **texts
    )


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of a back-test in words.

    Attributes
    ----------
    label
        What it is called.
    share_5, share_1
        Share of the incidents caught in 5 % and 1 % of the area, with intervals.
    difference
        Against last year's count at 5 %; None for last year's count itself.
    ceiling
        The best possible at 5 %.
    """

    label: Text
    share_5: Text | None
    share_1: Text | None
    difference: Text | None
    ceiling: Text | None


def model_rows(record: KeptBacktest) -> list[ModelRow]:
    """Return last year's count and the chosen model.

    Parameters
    ----------
    record
        A kept back-test.

    Returns
    -------
    list of ModelRow
        One row where the chosen model is last year's count.
    """
    shown = record.models[record.models["model"].isin([BASELINE, record.choice.model])]
    rows = []
    for row in shown.to_dict("records"):
        caught = {
            share: [_number(row[f"hit_rate_{share}{part}"]) for part in ("", "_lower", "_upper")]
            for share in ("5pct", "1pct")
        }
        parts = ("_diff", "_diff_lower", "_diff_upper")
        against = [_number(row[f"hit_rate_5pct{part}"]) for part in parts]
        ceiling = _number(row["ceiling_hit_rate_5pct"])
        rows.append(
            ModelRow(
                label=Text(str(row["label_sv"]), str(row["label_en"])),
                share_5=share_text(*caught["5pct"]),
                share_1=share_text(*caught["1pct"]),
                difference=None if row["model"] == BASELINE else points_text(*against),
                ceiling=_percent(ceiling) if np.isfinite(ceiling) else None,
            )
        )
    return rows


def short_day(day: date) -> Text:
    """Write a day for an axis.

    Parameters
    ----------
    day
        Local.

    Returns
    -------
    Text
        Day and month, ``29/4``.
    """
    return planner_words.SHORT_DAY.fill(d=day.day, m=day.month)


def week_words(overview: Overview, days: str) -> Text:
    """Return the latest week of the whole area in one sentence.

    Parameters
    ----------
    overview
        What the lens shows.
    days
        The week's days as they are written in the reader's language.

    Returns
    -------
    Text
        With what was expected, where that is known.
    """
    latest = overview.area.iloc[-1]
    if not np.isfinite(latest["count"]):
        return planner_words.WEEK_LEAD_WITHHELD.fill(days=days)
    if "band" in latest:
        return planner_words.WEEK_LEAD_BAND.fill(n=latest["band"], days=days)
    number = decimal_text(latest["count"], 0)
    if not np.isfinite(latest["lower"]):
        return planner_words.WEEK_LEAD_UNJUDGED.fill(n=number, days=days)
    judged = state_of(latest["count"], latest["lower"], latest["upper"])
    return planner_words.WEEK_LEAD.fill(
        n=number,
        e=decimal_text(latest["expected"], 0),
        a=decimal_text(latest["lower"], 0),
        b=decimal_text(latest["upper"], 0),
        v=judged or "",
        days=days,
    )


def state_of(count: float, lower: float, upper: float) -> Text | None:
    """Say where a count lies.

    Parameters
    ----------
    count, lower, upper
        NaN for what is not known.

    Returns
    -------
    Text or None
        As expected, more or fewer; None where it cannot be told.
    """
    if not np.isfinite([count, lower, upper]).all():
        return None
    if count > upper:
        return planner_words.OVER
    return planner_words.UNDER if count < lower else planner_words.WITHIN


def _bar(x: float, wide: float, value: float, top: float, kind: str) -> Bar:
    if not np.isfinite(value):
        return Bar(round(x, 1), _BOTTOM - 2, round(wide, 1), 2.0, "hidden")
    y = _height(value, top)
    return Bar(round(x, 1), y, round(wide, 1), round(_BOTTOM - y, 1), kind)


def _height(value: float, top: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * min(value, top) / top, 1)


def _nice(values: Any, *, share: bool = False) -> float:
    """Return the end of an axis: four round steps that reach the largest value."""
    known = values[np.isfinite(values)]
    most = float(known.max()) if len(known) else 0.0
    most = max(most, 0.04 if share else 4.0)
    step = 10.0 ** np.floor(np.log10(most / 4))
    for times in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0):
        if 4 * times * step >= most * 0.999:
            return float(4 * times * step)
    return float(40 * step)


def _grid(top: float, *, share: bool = False) -> tuple[Label, ...]:
    lines = []
    for part in (0.0, 0.5, 1.0):
        value = decimal_text(100 * top * part if share else top * part, 1)
        text = Text("{v} %", "{v}%").fill(v=value) if share else value
        lines.append(Label(_LEFT - 6, _height(top * part, top), text, WIDTH - _LEFT))
    return tuple(lines)


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _percent(share: float) -> Text:
    number = decimal_text(100 * share, 0)
    return Text(f"{number.sv} %", f"{number.en}%")


def _signed(value: float, digits: int = 0) -> Text:
    number = decimal_text(abs(100 * value), digits)
    sign = "+" if value > 0 else "−" if number.sv.strip("0,") else ""
    return Text(f"{sign}{number.sv}", f"{sign}{number.en}")

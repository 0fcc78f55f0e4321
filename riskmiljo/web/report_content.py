"""A report's facts put into words: what stands in the PDF, ready to be laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from babel.dates import format_date, format_interval
from babel.numbers import format_percent

from riskmiljo.export.report import (
    Blanks,
    Block,
    Bullets,
    ChartBlock,
    MapBlock,
    Paragraph,
    Report,
    Section,
    Table,
)
from riskmiljo.export.sheet import Column
from riskmiljo.maps.scale import DENSITY_CLASSES
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.situation.kept_backtests import model_label
from riskmiljo.situation.planner import Overview
from riskmiljo.situation.release_weeks import ToldWeek
from riskmiljo.situation.report import ReportFacts
from riskmiljo.situation.tiles_compare import Difference
from riskmiljo.web import (
    planner_rows,
    planner_words,
    quality_rows,
    report_words,
    told_rows,
    words,
)
from riskmiljo.web.form import selection_words
from riskmiljo.web.rows import day_parts, peak_text
from riskmiljo.web.time_views import change_words
from riskmiljo.wording import Language, Text, decimal_text

_LOCALES: Final[dict[Language, str]] = {"sv": "sv_SE", "en": "en_GB"}
_PARTS: Final = ("00–06", "06–12", "12–18", "18–24")
_WEEK: Final = timedelta(weeks=1)
_DECISIONS: Final = 5
_FEWEST_DECISIONS: Final = 3
_DASH: Final = "–"
_FIGURE: Final = 26.0
_TWENTIETHS: Final = 20


def build_report(
    facts: ReportFacts, *, area_name: str, made_by: Text, forecasting: bool, language: Language
) -> Report:
    """Put a report's facts into words.

    Parameters
    ----------
    facts
        What the lens shows.
    area_name
        The town or district.
    made_by
        Who has made it.
    forecasting
        Whether the installation makes forecasts.
    language
        Of the words.

    Returns
    -------
    Report
        Ready to be laid out.
    """
    situation = facts.overview.situation
    pen = _Pen(facts, language)
    filters = " · ".join(map(pen.say, selection_words(situation.question)))
    last = (situation.as_of - timedelta(microseconds=1)).astimezone(ZoneInfo(situation.tz)).date()
    joint = situation.lens.scope == "joint"
    return Report(
        language=language,
        title=pen.say(report_words.TITLE.fill(area=area_name)),
        period=pen.say(report_words.PERIOD.fill(days=pen.days(situation.period), filter=filters)),
        age=pen.say(words.DATA_UNTIL.fill(day=pen.day(last))),
        warnings=(pen.say(report_words.SIMULATED),) if situation.simulated else (),
        sections=(
            pen.section(report_words.BRIEF, Bullets(tuple(pen.brief()))),
            pen.section(report_words.WHAT, *pen.what()),
            pen.section(report_words.WHEN, *pen.when()),
            pen.section(report_words.EXPECTED, *pen.expected(joint=joint)),
            pen.section(report_words.YEAR, *pen.year()),
            pen.section(report_words.WHERE, *pen.where()),
            pen.section(planner_words.NEWS, *pen.news()),
            pen.section(planner_words.OPERATIONS, *pen.operations()),
            pen.section(planner_words.RECORD, *pen.record(forecasting=forecasting)),
            pen.section(report_words.COMING, *pen.coming()),
            pen.section(report_words.SOURCES, *pen.sources(made_by)),
            pen.section(report_words.DECISIONS, *pen.decisions()),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Pen:
    """The facts, and the language that they are told in."""

    facts: ReportFacts
    language: Language

    # --- words ---

    def say(self, text: Text) -> str:
        return text.in_language(self.language)

    def number(self, value: float, decimals: int = 0) -> str:
        if not np.isfinite(value):
            return _DASH
        return self.say(decimal_text(value, decimals, fixed=True))

    def percent(self, share: float) -> str:
        return str(format_percent(share, locale=_LOCALES[self.language]))

    def day(self, day: date) -> str:
        return str(format_date(day, "long", locale=_LOCALES[self.language]))

    def days(self, period: Period) -> str:
        first, last = period.first_and_last_day(self.facts.overview.situation.tz)
        if first == last:
            return self.day(first)
        return str(format_interval(first, last, "yMMMd", locale=_LOCALES[self.language]))

    def section(self, title: Text, *blocks: Block) -> Section:
        return Section(self.say(title), blocks)

    def text(self, text: Text, *, small: bool = False, strong: bool = False) -> Paragraph:
        return Paragraph(self.say(text), small=small, strong=strong)

    def heads(self, *texts: Text) -> tuple[str, ...]:
        return tuple(map(self.say, texts))

    # --- sections ---

    def brief(self) -> Iterator[str]:
        facts, situation = self.facts, self.facts.overview.situation
        days = self.days(situation.period)
        if facts.total_band is not None:
            yield self.say(report_words.TOTAL_BAND.fill(n=facts.total_band, days=days))
        elif facts.total_shown:
            # By the calendar: the week in which the clock is put back is no longer than others.
            first, end = (one.replace(tzinfo=None) for one in situation.period.local(situation.tz))
            weekly = self.number(situation.total * (_WEEK / (end - first)), 1)
            total = self.number(situation.total)
            yield self.say(report_words.TOTAL.fill(n=total, days=days, w=weekly))
        else:
            yield self.say(report_words.TOTAL_WITHHELD.fill(days=days))
        yield from self._latest()
        zones = situation.zones
        if zones.empty:
            yield self.say(report_words.NO_ZONES)
        else:
            said = report_words.IN_ONE_ZONE if len(zones) == 1 else report_words.IN_ZONES
            yield self.say(
                said.fill(
                    n=len(zones),
                    ha=self.number(float(zones["area_ha"].sum())),
                    share=self.percent(float(zones["share"].sum())),
                )
            )
        for before, rows in facts.compared:
            said = report_words.AGAINST_BAND if facts.total_band else report_words.AGAINST
            change = change_words(rows[0])
            yield self.say(said.fill(days=self.days(before), change=change))

    def _latest(self) -> Iterator[str]:
        facts = self.facts
        if facts.total_band is not None:
            yield from map(self._told_week, facts.overview.told_weeks[-1:])
            known = [step for step in facts.year if step.band is not None]
            if known:
                day, band = self.day(known[-1].begins), known[-1].band
                yield self.say(report_words.LATEST_MONTH.fill(day=day, band=band))
            return
        if facts.weeks is None:
            yield self.say(report_words.NO_YEAR)
            return
        yield self._week(facts.weeks)
        above = [
            str(zone["name"])
            for zone in facts.weeks.situation.zones[["zone_id", "name"]].to_dict("records")
            if zone["zone_id"] in facts.weeks.zones
            and facts.weeks.zones[zone["zone_id"]].verdict in ("alarm", "above")
        ]
        if above:
            yield self.say(planner_words.ZONES_ABOVE.fill(names=", ".join(above)))
        elif any(zone.verdict in ("usual", "below") for zone in facts.weeks.zones.values()):
            yield self.say(planner_words.ZONES_USUAL)

    def _told_week(self, week: ToldWeek) -> str:
        tz = self.facts.overview.situation.tz
        days = Period.between(week.begins, week.begins + _WEEK, tz=tz)
        return self.say(told_rows.week_lead(week, self.days(days)))

    def _week(self, weeks: Overview) -> str:
        first, last = weeks.week
        period = Period.between(first, last + timedelta(days=1), tz=weeks.situation.tz)
        return self.say(planner_rows.week_words(weeks, self.days(period)))

    def what(self) -> Iterator[Block]:
        mix = self.facts.mix
        if mix.empty:
            days = self.days(self.facts.overview.situation.period)
            yield self.text(report_words.TOTAL_WITHHELD.fill(days=days))
            return
        rows = tuple(
            (
                self.say(CATEGORIES[row["category"]] if row["category"] else report_words.REST),
                self.say(row["band"]) if "band" in row else self.number(row["events"]),
                self._share(row["share"]),
            )
            for row in mix.to_dict("records")
        )
        yield Table(
            (Column(130), Column(30, right=True), Column(26, right=True)),
            self.heads(report_words.CATEGORY, report_words.COUNT, report_words.SHARE),
            rows,
        )

    def when(self) -> Iterator[Block]:
        facts, lens = self.facts, self.facts.overview.situation.lens
        joint = lens.scope == "joint"
        peak = peak_text(facts.profile)
        if peak is None:
            yield self.text(words.HOURS_NOT_RELEASED if joint else report_words.NO_WHEN)
            return
        yield self.text(report_words.PEAK.fill(when=peak))
        parts = day_parts(
            facts.profile, facts.overview.situation.total, replace(lens, min_incidents=facts.fewest)
        )
        yield Table(
            (Column(74), *[Column(28, right=True)] * 4),
            (self.say(report_words.WEEKDAY), *_PARTS),
            tuple(
                (self.say(weekday), *[self._share(share) for share in shares])
                for weekday, shares in parts
            ),
        )
        yield self.text(report_words.PARTS_JOINT if joint else report_words.PARTS, small=True)

    def _share(self, share: float | None) -> str:
        if share is None:
            return _DASH
        if self.facts.total_band is None:
            return self.percent(share)
        # The joint picture tells shares in twentieths.
        told = round(_TWENTIETHS * share) / _TWENTIETHS
        return self.percent(told) if told else _DASH

    def expected(self, *, joint: bool) -> Iterator[Block]:
        facts = self.facts
        if not joint and facts.weeks is None:
            yield self.text(report_words.NO_YEAR)
        elif not joint and facts.weeks is not None:
            yield from self._weeks(facts.weeks)
        if not facts.compared:
            yield self.text(report_words.NONE_BEFORE)
            return
        yield Table(
            (Column(66), Column(24, right=True), Column(24, right=True), Column(72)),
            self.heads(
                report_words.COMPARED,
                report_words.THEN,
                report_words.NOW,
                report_words.CHANGE_BAND if joint else report_words.CHANGE,
            ),
            tuple(
                (self.days(before), *self._both(rows[0]), self.say(change_words(rows[0])))
                for before, rows in facts.compared
            ),
        )

    def _both(self, row: Difference) -> tuple[str, str]:
        pairs = ((row.before, row.before_band), (row.now, row.now_band))
        then, now = (
            self.say(band) if band is not None else _DASH if count is None else self.number(count)
            for count, band in pairs
        )
        return then, now

    def _weeks(self, weeks: Overview) -> Iterator[Block]:
        area = weeks.area
        yield ChartBlock(
            planner_rows.area_chart(area),
            self.say(planner_words.AREA_CHART.fill(n=len(area)))
            + ". "
            + self.say(planner_words.LATE_WEEK),
            (
                ("seen", self.say(planner_words.SEEN)),
                ("mark", self.say(planner_words.EXPECTED)),
                ("band", self.say(planner_words.RANGE)),
            ),
        )
        rows = []
        for row in area.iloc[::-1].to_dict("records"):
            within = planner_words.TO.fill(a=self.number(row["lower"]), b=self.number(row["upper"]))
            judged = planner_rows.state_of(row["count"], row["lower"], row["upper"])
            rows.append(
                (
                    self.day(row["begins"]),
                    self._count(row["count"]),
                    self.number(row["expected"]),
                    self.say(within) if np.isfinite(row["lower"]) else _DASH,
                    _DASH if judged is None else self.say(judged),
                )
            )
        yield Table(
            (
                Column(50), Column(_FIGURE, right=True), Column(_FIGURE, right=True),
                Column(34, right=True), Column(50),
            ),
            self.heads(
                planner_words.WEEK_BEGINS, planner_words.SEEN, planner_words.EXPECTED,
                planner_words.RANGE, planner_words.JUDGED,
            ),
            tuple(rows),
        )  # fmt: skip

    def _count(self, value: float) -> str:
        return self.number(value) if np.isfinite(value) else self.say(planner_words.WITHHELD)

    def year(self) -> Iterator[Block]:
        steps = self.facts.year
        if not steps:
            yield self.text(report_words.NO_YEAR)
            return
        months = self.facts.year_unit == "months"
        table = pd.DataFrame(
            {
                "begins": [step.begins for step in steps],
                "count": [step.count for step in steps],
                "expected": [step.year_before for step in steps],
            }
        ).assign(lower=np.nan, upper=np.nan)
        yield ChartBlock(
            planner_rows.area_chart(table),
            self.say(report_words.YEAR_MONTHS if months else report_words.YEAR_WEEKS),
            (
                ("seen", self.say(planner_words.SEEN)),
                ("mark", self.say(report_words.YEAR_BEFORE)),
            ),
        )
        rows = tuple(
            (
                self.day(step.begins),
                self._count(step.count) if step.band is None else self.say(step.band),
                self.number(step.year_before)
                if step.band_before is None
                else self.say(step.band_before),
            )
            for step in reversed(steps)
        )
        yield Table(
            (Column(110), Column(38, right=True), Column(38, right=True)),
            self.heads(report_words.FROM_DAY, report_words.COUNT, report_words.YEAR_BEFORE),
            rows,
        )

    def where(self) -> Iterator[Block]:
        facts, situation = self.facts, self.facts.overview.situation
        rows = planner_rows.planner_zones(facts.overview)
        if not rows:
            yield self.text(words.NO_ZONES)
            return
        joint = situation.lens.scope == "joint"
        shapes = dict(zip(situation.zones["zone_id"], situation.zones.geometry, strict=True))
        yield MapBlock(
            zones=tuple(shapes[zone.row.zone_id] for zone in rows),
            epsg=int(situation.zones.crs.to_epsg()),
            base=facts.base,
            heat=facts.heat,
            classes=tuple((one.colour, self.say(one.label)) for one in DENSITY_CLASSES),
            caption=self.say(report_words.MAP),
            north=self.say(report_words.NORTH),
        )
        yield Table(
            (
                Column(9, right=True), Column(38), Column(19, right=True), Column(32, right=True),
                Column(24), Column(24, size=7.0), Column(40, size=7.0),
            ),
            self.heads(
                report_words.NUMBER, planner_words.ZONE, report_words.COUNT,
                report_words.PER_HA_BAND if joint else report_words.PER_HA,
                report_words.TIMES, report_words.KNOWN_BY, report_words.TREND,
            ),
            tuple(self._zone(n, zone) for n, zone in enumerate(rows, start=1)),
            name_at=1,
        )  # fmt: skip

    def _zone(self, n: int, zone: planner_rows.PlannerZone) -> tuple[str, ...]:
        row = zone.row
        density = self.number(row.per_ha_week, 2)
        if row.per_ha_week_lower is not None and row.per_ha_week_upper is not None:
            within = planner_words.TO.fill(
                a=self.number(row.per_ha_week_lower, 2), b=self.number(row.per_ha_week_upper, 2)
            )
            density = self.say(report_words.RANGE_OF.fill(e=density, r=within))
        trend = [text for text in (row.trend, zone.change) if text is not None]
        return (
            str(n),
            row.name,
            self.number(row.events) if row.band is None else self.say(row.band),
            density,
            _DASH if row.peak is None else self.say(row.peak),
            self.say(row.detection),
            "; ".join(map(self.say, trend)) or _DASH,
        )

    def news(self) -> Iterator[Block]:
        news = self.facts.overview.news
        if self.facts.total_band is not None:
            yield from self._month_news()
            return
        if news.since is None:
            yield self.text(planner_words.NEWS_ONE)
            return
        lines = []
        for status, word in planner_words.NEWS_WORDS.items():
            names = [zone.name for zone in news.zones if zone.status == status]
            if names:
                lines.append(f"{self.say(word)}: {', '.join(names)}.")
        yield Bullets(tuple(lines) or (self.say(planner_words.NEWS_NONE),))
        last = self._local(news.since - timedelta(microseconds=1)).date()
        yield self.text(planner_words.NEWS_SINCE.fill(day=self.day(last)), small=True)

    def _month_news(self) -> Iterator[Block]:
        news = self.facts.month_news
        if news is None:
            yield self.text(planner_words.MONTH_NEWS_UNKNOWN)
        else:
            month = self.days(news.month)
            yield self.text(planner_words.MONTH_NEWS.fill(month=month, n=news.months))
            lines = []
            for status, word in planner_words.MONTH_NEWS_WORDS.items():
                zones = [
                    self.say(
                        planner_words.MONTH_ZONE.fill(
                            zone=zone.name, band=zone.band, before=zone.before
                        )
                    )
                    for zone in news.zones
                    if zone.status == status
                ]
                if zones:
                    lines.append(f"{self.say(word)}: {'; '.join(zones)}.")
            yield Bullets(tuple(lines) or (self.say(planner_words.MONTH_NEWS_NONE),))
        yield self.text(planner_words.JOINT_NEWS, small=True)

    def operations(self) -> Iterator[Block]:
        if not self.facts.cards:
            yield self.text(planner_words.NO_OPERATIONS)
            return
        joint = self.facts.total_band is not None
        rows = tuple(
            (card.name, self.days(card.period), self.say(told_rows.report_text(card, joint=joint)))
            for card in self.facts.cards
        )
        yield Table(
            (Column(50), Column(44), Column(92)),
            self.heads(planner_words.NAME, planner_words.PERIOD, report_words.VERDICT),
            rows,
        )

    def record(self, *, forecasting: bool) -> Iterator[Block]:
        record, choice = self.facts.record, self.facts.choice
        if not forecasting:
            yield self.text(planner_words.RECORD_OFF)
            return
        if self.facts.total_band is not None:
            yield from self._told()
            return
        chosen = choice.choice if choice is not None else None if record is None else record.choice
        if chosen is not None:
            reason = self.say(chosen.reason)
            model = self.say(planner_words.RECORD_MODEL)
            yield Paragraph(f"{model} {reason[:1].upper()}{reason[1:]}")
        if record is None:
            yield Paragraph(self.say(planner_words.RECORD_NONE) + " riskmiljo backtest.")
            return
        yield Table(
            (Column(44), *[Column(38)] * 2, Column(46), Column(20, right=True)),
            self.heads(
                planner_words.MODEL, planner_words.SHARE_5, planner_words.SHARE_1,
                planner_words.DIFFERENCE_5, planner_words.CEILING_5,
            ),
            tuple(
                tuple(
                    _DASH if text is None else self.say(text)
                    for text in (row.label, row.share_5, row.share_1, row.difference, row.ceiling)
                )
                for row in planner_rows.model_rows(record)
            ),
        )  # fmt: skip
        made = planner_words.RECORD_MADE.fill(
            day=self.day(self._local(record.made_at).date()),
            n=record.forecasts,
            d=record.parameters["horizon_days"],
            c=self.number(record.parameters["cell_m"]),
        )
        yield Paragraph(
            f"{self.say(made)} {self.say(planner_words.RECORD_CAPTION)}. "
            f"{self.say(planner_words.CEILING_HINT)}",
            small=True,
        )

    def _told(self) -> Iterator[Block]:
        told = self.facts.told
        if told is None:
            yield Paragraph(self.say(planner_words.TOLD_RECORD_NONE) + " riskmiljo backtest.")
            return
        yield Paragraph(f"{self.say(planner_words.RECORD_MODEL)} {self.say(told.reason)}")
        if told.weeks:
            yield Table(
                (Column(70), Column(56), Column(30, right=True), Column(30, right=True)),
                self.heads(
                    planner_words.FORECAST_OF, planner_words.MODEL, planner_words.CHOSEN,
                    planner_words.BASELINE,
                ),
                tuple(
                    (
                        self.days(Period(week.begins, week.ends)),
                        self.say(model_label(week.model)),
                        self.percent(week.caught / 100),
                        self.percent(week.baseline / 100),
                    )
                    for week in reversed(told.weeks)
                ),
            )  # fmt: skip
        made = planner_words.TOLD_RECORD_MADE.fill(
            day=self.day(self._local(told.tested_at).date()),
            n=told.forecasts,
            c=self.number(told.cell_m),
        )
        yield self.text(made, small=True)

    def coming(self) -> Iterator[Block]:
        if not self.facts.coming:
            yield self.text(report_words.COMING_NONE)
            return
        rows = []
        for one in self.facts.coming:
            days = self.days(Period(one.begins, one.ends))
            place = one.place or (self.say(report_words.TYPICAL) if one.typical else "")
            rows.append((self.say(one.name), days, place))
        yield Table(
            (Column(70), Column(56), Column(60)),
            self.heads(report_words.EVENT, report_words.DAYS, report_words.PLACE),
            tuple(rows),
        )

    def sources(self, made_by: Text) -> Iterator[Block]:
        overview = self.facts.overview
        situation, lens = overview.situation, overview.situation.lens
        joint, lines = lens.scope == "joint", []
        if overview.quality_of is None:
            lines.append(self.say(planner_words.JOINT_QUALITY))
        else:
            for what, told in quality_rows.measures(overview):
                value = planner_words.TOO_FEW if told is None else told
                lines.append(self.say(report_words.QUALITY.fill(what=what, value=value)))
            of = planner_words.JOINT_SHARES_OF if joint else planner_words.SHARES_OF
            lines.append(self.say(of.fill(p=self.days(overview.quality_of))))
        if not joint:
            lines.append(self.say(planner_words.LATE_WEEK))
        lines.append(self.say(report_words.NOT_IN_IT))
        lines += map(self.say, situation.notes)
        rule = report_words.RULE_JOINT
        if not joint:
            rule = report_words.RULE.fill(
                n=lens.min_incidents, m=lens.min_sensitive, p=lens.min_places, d=lens.min_days
            )
        lines.append(self.say(rule))
        lines.append(self.say(report_words.LENS.fill(why=lens.reason)))
        made = self._local(self.facts.made_at)
        when = f"{self.day(made.date())} {made:%H:%M}"
        lines.append(self.say(report_words.MADE.fill(when=when, who=made_by)))
        yield Bullets(tuple(lines))

    def decisions(self) -> Iterator[Block]:
        yield self.text(report_words.DECISIONS_HOW, small=True)
        yield Blanks(self.heads(*report_words.BLANKS), _DECISIONS, least=_FEWEST_DECISIONS)
        yield Blanks(self.heads(*report_words.SIGNED), 1)

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.facts.overview.situation.tz))

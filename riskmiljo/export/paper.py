"""The briefing as PDF, for those who get files by mail and print them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from riskmiljo.export.briefing import Briefing, CrewPage, write_briefing
from riskmiljo.export.drawing import CREW_COLOURS, CREW_DASHES, Drawing, crew_look, draw_plan
from riskmiljo.export.paper_room import WIDE_MM, Room, overview_room, room_for
from riskmiljo.export.parts import Floats, whole_second
from riskmiljo.export.sheet import FONT, GREY, MARGIN, MISSING, Column, Head, Sheet
from riskmiljo.model.plan import Plan
from riskmiljo.wording import Language

# The widths of each table sum to the paper's.
_STOPS: Final = (
    Column(7, right=True, size=8.5),
    Column(22, size=8.5),
    Column(64, size=8.5),
    Column(9, right=True, size=8.5),
    Column(14, right=True, size=8.5),
    Column(70, size=8.5),
)
# Where a whole page is short of room.
_TIGHT_STOPS: Final = (
    Column(7, right=True, size=8.5),
    Column(20, size=8.5),
    Column(53, size=8.5),
    Column(9, right=True, size=8.5),
    Column(13, right=True, size=8.5),
    Column(84, size=8.5),
)
_STOP_HEADS: Final = ("number", "time", "place", "minutes", "expected", "why")
_TEAMS: Final = (
    Column(58),
    Column(36),
    Column(22, right=True),
    Column(22),
    Column(32),
    Column(16, right=True),
)
_TEAM_HEADS: Final = ("team", "time", "stops", "dwell", "travel", "expected")
_LEFT: Final = (Column(48), Column(30), Column(16, right=True), Column(92, size=7.5))
_LEFT_HEADS: Final = ("place", "kind", "expected", "why")


def plan_pdf(
    plan: Plan,
    *,
    language: Language,
    area_name: str,
    base: Any = None,
    now: datetime | None = None,
) -> bytes:
    """Return the briefing of a plan as PDF: an overview and an A4 page for each crew.

    Parameters
    ----------
    plan
        The plan.
    language
        Of all words.
    area_name
        The town or district, for the head.
    base
        Streets, water and parks to draw under the routes, as in `plan_html`.
    now
        When the file is made (aware); None: the beginning of the shift stands in its properties.

    Returns
    -------
    bytes
        The same for the same plan and `now`. Signs outside the fonts that every reader has are
        shown without their accents or as ``?``, and the overview says so.

    Raises
    ------
    CRSError
        If the base is not in the plan's reference system.
    """
    briefing = write_briefing(plan, language=language, area_name=area_name)
    sheet = _Sheet(briefing, whole_second(now or plan.shift.period.start).astimezone(UTC))
    sheet.overview(
        draw_plan(
            plan,
            plan.routes,
            width=WIDE_MM,
            height=overview_room(briefing)[0],
            base=base,
            left_out=plan.left_out,
        )
    )
    for page in briefing.pages:
        room = room_for(page, briefing.warnings)
        drawing = draw_plan(plan, [page.route], width=WIDE_MM, height=room.height, base=base)
        sheet.crew(page.tight() if room.tight else page, drawing, room)
    return sheet.written()


class _Sheet(Sheet):
    """The pages of a briefing."""

    def __init__(self, briefing: Briefing, made: datetime) -> None:
        head = Head(
            left=f"{briefing.title} · {briefing.area}",
            right=briefing.age,
            under=briefing.shift,
            warnings=briefing.warnings,
        )
        super().__init__(
            head,
            title=f"{briefing.title} {briefing.area} {briefing.shift}",
            language=briefing.language,
            made=made,
        )
        self.briefing = briefing

    def overview(self, drawing: Drawing) -> None:
        brief, label = self.briefing, self.briefing.labels
        # The note about missing signs stands on the first page: look for them before.
        for page in brief.pages:
            for row in page.rows:
                self.signs("".join((row.place, row.why, *row.small)))
            self.signs(page.title + page.where)
        everything = (*brief.notes, *brief.comparison, brief.area, brief.title)
        for text in (*everything, *(cell for line in brief.left_out for cell in line)):
            self.signs(text)
        self.page(f"{brief.title}: {brief.area}")
        self.pdf.set_y(self.pdf.get_y() + 1)
        for at, sentence in enumerate(brief.comparison):
            self.write(sentence, size=8 if at else 10.5, grey=bool(at))
        self._map(drawing)
        caption = "legend" if len(brief.pages) > 1 else "legend_one"
        self.write(label[caption], size=7.5, grey=True)
        self.heading(label["teams"])
        if brief.pages:
            last = len(brief.pages)
            self.table(
                _TEAMS,
                [label[key] for key in _TEAM_HEADS],
                [(line, (), at >= last or None) for at, line in enumerate(brief.summary)],
                name_at=0,
            )
        else:
            self.write(label["no_crews"])
        notes = [*brief.notes]
        if self.missing:
            notes.append(MISSING.in_language(brief.language))
        if notes:
            self.heading(label["notes"])
            for note in notes:
                self.write(f"• {note}")
        self._left_out()
        self.write(label["unit"], size=7.5, grey=True)

    def crew(self, page: CrewPage, drawing: Drawing, room: Room) -> None:
        label = self.briefing.labels
        self.page(page.title)
        self.write(f"{page.when} · {page.where}", bold=True)
        self._map(drawing)
        self.write(label["legend_one"], size=7.5, grey=True)
        if page.empty:
            self.write(page.empty, bold=True)
        if page.rows:
            lines = [
                (
                    (row.number, row.time, row.place, row.minutes, row.expected, row.why),
                    row.small,
                    None if row.sort == "visit" else False,
                )
                for row in page.rows
            ]
            columns = _TIGHT_STOPS if room.tight else _STOPS
            self.table(columns, [label[key] for key in _STOP_HEADS], lines, name_at=2)
        self.keep(8)
        totals = "   ".join(f"{name}: {value}" for name, value in page.totals)
        self.write(totals, bold=True)
        if room.rules:
            self.keep(7 + 7 * room.rules)
            self.heading(label["own_notes"])
        self.pdf.set_draw_color("#888888")
        self.pdf.set_line_width(0.2)
        for _ in range(room.rules):
            y = self.pdf.get_y() + 7
            self.pdf.line(MARGIN, y, MARGIN + WIDE_MM, y)
            self.pdf.set_y(y)

    def _left_out(self) -> None:
        brief, label = self.briefing, self.briefing.labels
        self.heading(label["left_out"])
        if brief.left_out:
            heads = [label[key] for key in _LEFT_HEADS]
            listed = overview_room(brief)[1]
            rows = [(line, (), None) for line in brief.left_out[:listed]]
            self.table(_LEFT, heads, rows, name_at=0)
            if beyond := len(brief.left_out) - listed:
                self.write(label["more_left"].replace("{n}", str(beyond)), size=7.5)
        else:
            self.write(label["nothing_left"])

    # --- the map ---

    def _map(self, drawing: Drawing) -> None:
        pdf = self.pdf
        left, top = MARGIN, pdf.get_y() + 1.5
        corner = np.array([left, top])
        with pdf.rect_clip(left, top, drawing.width, drawing.height):
            self.base_map(drawing.base, corner)
            for crew, lines in drawing.ways:
                self._ways(crew, [line + corner for line in lines])
            self._spots(drawing, left, top)
        self.map_frame(
            (left, top),
            (drawing.width, drawing.height),
            (drawing.scale_text, drawing.scale_width),
            self.briefing.labels["north"],
        )
        pdf.set_draw_color("#777777")
        pdf.set_line_width(0.2)
        pdf.rect(left, top, drawing.width, drawing.height)
        pdf.set_y(top + drawing.height + 1)

    def _ways(self, crew: int, lines: Sequence[Floats]) -> None:
        pdf = self.pdf
        pdf.set_draw_color("#ffffff")
        pdf.set_line_width(1.6)
        for line in lines:
            pdf.polyline(line.tolist())
        pdf.set_draw_color(_paint(crew))
        pdf.set_line_width(0.8)
        self._dashes(CREW_DASHES[crew_look(crew)])
        for line in lines:
            pdf.polyline(line.tolist())
        pdf.set_dash_pattern()

    def _dashes(self, dashes: tuple[float, ...]) -> None:
        if dashes:
            # fpdf knows one dash and one gap; the crew's number stands on its stops.
            self.pdf.set_dash_pattern(dash=dashes[0], gap=dashes[1])

    def _spots(self, drawing: Drawing, left: float, top: float) -> None:
        pdf = self.pdf
        pdf.set_line_width(0.35)
        pdf.set_draw_color(GREY)
        pdf.set_fill_color("#ffffff")
        for x, y in drawing.left_out:
            pdf.circle(x=left + x, y=top + y, radius=1.1, style="DF")
        pdf.set_draw_color("#ffffff")
        pdf.set_fill_color("#000000")
        for x, y in drawing.ends:
            pdf.rect(left + x - 1.4, top + y - 1.4, 2.8, 2.8, style="DF")
        for mark in drawing.markers:
            if mark.moved:
                pdf.set_draw_color(_paint(mark.crew))
                pdf.set_fill_color(_paint(mark.crew))
                pdf.line(left + mark.x, top + mark.y, left + mark.box.x, top + mark.box.y)
                pdf.circle(x=left + mark.x, y=top + mark.y, radius=0.7, style="F")
        pdf.set_draw_color("#ffffff")
        pdf.set_text_color("#ffffff")
        for mark in drawing.markers:
            box = mark.box
            x, y = left + box.x - box.width / 2, top + box.y - box.height / 2
            pdf.set_fill_color(_paint(mark.crew))
            pdf.rect(
                x,
                y,
                box.width,
                box.height,
                style="DF",
                round_corners=True,
                corner_radius=0.499 * box.height,
            )
            pdf.set_font(FONT, "B", 0.7 * box.height / 0.3528)
            pdf.set_xy(x - 1, y)
            pdf.cell(box.width + 2, box.height, mark.text, align="C")


def _paint(crew: int) -> str:
    return CREW_COLOURS[crew_look(crew)][0]

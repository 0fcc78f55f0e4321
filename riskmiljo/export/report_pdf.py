"""A report as PDF: A4, with bookmarks, the same bytes for the same content and instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from riskmiljo.export.paper_room import WIDE_MM
from riskmiljo.export.parts import harmless, whole_second
from riskmiljo.export.report import (
    CHART_HEIGHT,
    CHART_WIDTH,
    Blanks,
    Block,
    Bullets,
    Chart,
    ChartBlock,
    MapBlock,
    Paragraph,
    Report,
    Section,
    Table,
)
from riskmiljo.export.report_map import ReportMap, draw_report_map
from riskmiljo.export.sheet import BOTTOM, FONT, GREY, MARGIN, MISSING, Head, Sheet

_CHART_MM: Final = 150.0
_MAP_MM: Final = 120.0
_BLANK_MM: Final = 9.0
# Dark against light, so that print in grey keeps them apart too.
_PAINT: Final = {
    "seen": "#12406f",
    "base": "#8b8b8b",
    "band": "#d9e2ee",
    "hidden": "#9a9a9a",
}
_MARK: Final = "#a3320b"
_HEAT_OPACITY: Final = 0.72
_KEY_MM: Final = 3.0


def report_pdf(report: Report, *, now: datetime) -> bytes:
    """Return a report as PDF.

    Parameters
    ----------
    report
        Its content.
    now
        When the file is made (aware); stands in its properties.

    Returns
    -------
    bytes
        The same for the same report and `now`. Signs outside the fonts that every reader has are
        shown without their accents or as ``?``, and the last page says so.

    Raises
    ------
    CRSError
        If a base map is in another reference system than its zones.
    """
    sheet = _ReportSheet(report, whole_second(now).astimezone(UTC))
    sheet.page(harmless(report.title))
    for section in report.sections:
        sheet.section(section)
    if sheet.missing:
        sheet.write(MISSING.in_language(report.language), size=7.5, grey=True)
    return sheet.written()


class _ReportSheet(Sheet):
    """The pages of a report."""

    def __init__(self, report: Report, made: datetime) -> None:
        head = Head(
            left=harmless(report.title),
            right=report.age,
            under=report.period,
            warnings=report.warnings,
        )
        title = f"{harmless(report.title)} {report.period}"
        super().__init__(head, title=title, language=report.language, made=made)
        self.report = report

    def section(self, section: Section) -> None:
        """Write a section; a heading never stands last on a page."""
        first = section.blocks[0] if section.blocks else None
        # Lines to be filled in stand together, below their heading.
        lines = [replace(one, rows=one.least) for one in section.blocks if isinstance(one, Blanks)]
        text = 8 if lines and not isinstance(first, Blanks) else 0
        self.keep(10 + max(self._least(first), text + sum(map(self._least, lines))))
        self.pdf.set_y(self.pdf.get_y() + 2)
        self.pdf.start_section(self.signs(section.title))
        self.write(section.title, size=11.5, bold=True)
        for n, block in enumerate(section.blocks):
            after = section.blocks[n + 1 :]
            self._block(self._fitted(block, after) if isinstance(block, Blanks) else block)

    def _fitted(self, block: Blanks, after: Sequence[Block]) -> Blanks:
        """Leave room on the page for what follows, where a few lines less are enough for that."""
        room = BOTTOM - self.pdf.get_y()
        rows = int((room - 7 - sum(map(self._least, after))) // _BLANK_MM)
        return replace(block, rows=rows) if block.least <= rows < block.rows else block

    def _least(self, block: Block | None) -> float:
        match block:
            case ChartBlock():
                return _CHART_MM * CHART_HEIGHT / CHART_WIDTH + 12
            case MapBlock():
                return _MAP_MM + 16
            case Blanks():
                return 7 + _BLANK_MM * block.rows
            case _:
                return 18.0

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph():
                self.write(
                    harmless(block.text),
                    size=7.5 if block.small else 9.0,
                    bold=block.strong,
                    grey=block.small,
                )
            case Bullets():
                for line in block.lines:
                    self.write(f"• {harmless(line)}")
            case Table():
                self.keep(14)
                self.table(
                    block.columns,
                    block.heads,
                    [(tuple(map(harmless, row)), (), None) for row in block.rows],
                    name_at=block.name_at,
                )
            case ChartBlock():
                self._chart(block)
            case MapBlock():
                self._map(block)
            case Blanks():
                self._blanks(block)

    # --- charts ---

    def _chart(self, block: ChartBlock) -> None:
        self.keep(self._least(block))
        pdf, unit = self.pdf, _CHART_MM / CHART_WIDTH
        left, top = MARGIN, pdf.get_y() + 1
        self._bars(block.chart, left, top, ("band",))
        pdf.set_draw_color("#bbbbbb")
        pdf.set_line_width(0.15)
        pdf.set_font(FONT, "", 7)
        pdf.set_text_color(GREY)
        for line in block.chart.grid:
            y = top + unit * line.y
            pdf.line(left + unit * line.x + 1.6, y, left + _CHART_MM, y)
            said = self.signs(line.text.in_language(self.report.language))
            pdf.set_xy(left, y - 1.5)
            pdf.cell(unit * line.x, 3, said, align="R")
        self._bars(block.chart, left, top, ("seen", "base", "hidden"))
        pdf.set_draw_color(_MARK)
        pdf.set_line_width(0.5)
        for mark in block.chart.marks:
            x, y = left + unit * mark.x, top + unit * mark.y
            pdf.line(x, y, x + unit * mark.width, y)
        pdf.set_text_color(GREY)
        for word in block.chart.below:
            pdf.set_xy(left + unit * word.x - 10, top + unit * (word.y - 14))
            pdf.cell(20, 3, self.signs(word.text.in_language(self.report.language)), align="C")
        pdf.set_y(top + unit * (CHART_HEIGHT - 6))
        self._key([(_PAINT.get(kind, _MARK), kind == "mark", said) for kind, said in block.key])
        self._caption(block.caption)

    def _caption(self, text: str) -> None:
        self.write(harmless(text), size=7.5, grey=True)
        self.pdf.set_y(self.pdf.get_y() + 1)

    def _bars(self, chart: Chart, left: float, top: float, kinds: tuple[str, ...]) -> None:
        unit = _CHART_MM / CHART_WIDTH
        for bar in chart.bars:
            if bar.kind in kinds:
                self.pdf.set_fill_color(_PAINT[bar.kind])
                self.pdf.rect(
                    left + unit * bar.x,
                    top + unit * bar.y,
                    unit * bar.width,
                    unit * bar.height,
                    style="F",
                )

    def _key(self, entries: list[tuple[str, bool, str]]) -> None:
        """Write colour and name of each, on to new lines where they do not fit."""
        pdf = self.pdf
        pdf.set_font(FONT, "", 7.5)
        pdf.set_text_color("#000000")
        x, y = MARGIN, pdf.get_y() + 0.8
        for colour, is_line, name in entries:
            said = self.signs(name)
            wide = pdf.get_string_width(said) + _KEY_MM + 5
            if x + wide > MARGIN + WIDE_MM:
                x, y = MARGIN, y + 4.2
            if is_line:
                pdf.set_draw_color(colour)
                pdf.set_line_width(0.5)
                pdf.line(x, y + _KEY_MM / 2, x + _KEY_MM, y + _KEY_MM / 2)
            else:
                pdf.set_draw_color("#777777")
                pdf.set_line_width(0.1)
                pdf.set_fill_color(colour)
                pdf.rect(x, y, _KEY_MM, _KEY_MM, style="DF")
            pdf.set_xy(x + _KEY_MM + 0.6, y)
            pdf.cell(wide, _KEY_MM, said)
            x += wide
        pdf.set_y(y + 4.4)

    # --- the map ---

    def _map(self, block: MapBlock) -> None:
        self.keep(self._least(block))
        drawing = draw_report_map(block, width=WIDE_MM, height=_MAP_MM)
        pdf = self.pdf
        left, top = MARGIN, pdf.get_y() + 1
        corner = np.array([left, top])
        with pdf.rect_clip(left, top, drawing.width, drawing.height):
            self.base_map(drawing.base, corner)
            for colour, rings in drawing.heat:
                if rings:
                    self.areas([ring + corner for ring in rings], colour, opacity=_HEAT_OPACITY)
            for rings in drawing.outlines:
                if rings:
                    self.areas([ring + corner for ring in rings], None, line="#000000")
            self._marks(drawing, left, top)
        self.map_frame(
            (left, top),
            (drawing.width, drawing.height),
            (drawing.scale_text, drawing.scale_width),
            block.north,
        )
        pdf.set_draw_color("#777777")
        pdf.set_line_width(0.2)
        pdf.rect(left, top, drawing.width, drawing.height)
        pdf.set_y(top + drawing.height + 0.5)
        self._key([(colour, False, said) for colour, said in block.classes])
        self._caption(block.caption)

    def _marks(self, drawing: ReportMap, left: float, top: float) -> None:
        pdf = self.pdf
        pdf.set_draw_color("#000000")
        pdf.set_line_width(0.3)
        for mark in drawing.marks:
            pdf.line(left + mark.x, top + mark.y, left + mark.box.x, top + mark.box.y)
        pdf.set_draw_color("#ffffff")
        pdf.set_fill_color("#000000")
        pdf.set_text_color("#ffffff")
        for mark in drawing.marks:
            box = mark.box
            x, y = left + box.x - box.width / 2, top + box.y - box.height / 2
            pdf.rect(
                x, y, box.width, box.height,
                style="DF", round_corners=True, corner_radius=0.499 * box.height,
            )  # fmt: skip
            pdf.set_font(FONT, "B", 0.7 * box.height / 0.3528)
            pdf.set_xy(x - 1, y)
            pdf.cell(box.width + 2, box.height, mark.text, align="C")

    # --- lines to sign ---

    def _blanks(self, block: Blanks) -> None:
        pdf = self.pdf
        self.keep(self._least(block))
        wide = WIDE_MM / len(block.heads)
        pdf.set_font(FONT, "B", 8)
        pdf.set_text_color(GREY)
        y = pdf.get_y() + 1
        for n, head in enumerate(block.heads):
            pdf.set_xy(MARGIN + n * wide, y)
            pdf.cell(wide, 4, self.signs(head))
        pdf.set_draw_color("#888888")
        pdf.set_line_width(0.2)
        for row in range(1, block.rows + 1):
            line = y + 4 + row * _BLANK_MM
            for n in range(len(block.heads)):
                pdf.line(MARGIN + n * wide, line, MARGIN + (n + 1) * wide - 3, line)
        pdf.set_y(y + 6 + block.rows * _BLANK_MM)

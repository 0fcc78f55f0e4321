"""The briefing as PDF, for those who get files by mail and print them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np

from riskmiljo.export.briefing import Briefing, CrewPage, write_briefing
from riskmiljo.export.drawing import CREW_COLOURS, CREW_DASHES, Drawing, crew_look, draw_plan
from riskmiljo.export.paper_room import WIDE_MM, overview_room, room_for
from riskmiljo.export.parts import Floats, whole_second
from riskmiljo.model.plan import Plan
from riskmiljo.wording import Language, Text

_MARGIN: Final = 12.0
_BOTTOM: Final = 297.0 - 13.0
_FONT: Final = "helvetica"
# The fonts that every PDF reader brings know these signs; Swedish and English need no others.
_ENCODING: Final = "cp1252"
_MISSING: Final = Text(
    "Tecken som saknas i PDF-filens teckensnitt visas som ?; webbsidans version har alla.",
    "Signs that the PDF's font lacks are shown as ?; the web page's version has them all.",
)
_LOOKALIKES: Final = str.maketrans(
    {
        "→": "->",
        "←": "<-",
        "−": "-",
        "≥": ">=",
        "≤": "<=",
        "≈": "~",
        "∞": "oändl.",
        "\u2011": "-",
        "\u202f": "\u00a0",
        "\u2009": " ",
        # Signs without a shape of their own.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\ufe0e\ufe0f\ufeff", ""),
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
    }
)
_BASE_PAINT: Final = {
    "water": "#cfe2f1",
    "park": "#e2efd9",
    "river": "#cfe2f1",
    "path": "#d9d6ce",
    "street": "#d9d6ce",
    "main": "#c8c3b6",
    "rail": "#a9a9a9",
}
_BASE_WIDTH: Final = {"river": 1.2, "path": 0.18, "street": 0.4, "main": 0.8, "rail": 0.35}
_GREY: Final = "#444444"

# No cell is longer than this many lines: a row must fit a page.
_MOST_LINES: Final = 40
_MOST_TITLE: Final = 160


class _Column(NamedTuple):
    """Its width (millimetres), whether figures stand to the right, and the size of its type."""

    width: float
    right: bool = False
    size: float = 8.0

    @property
    def step(self) -> float:
        return 0.425 * self.size


_UNDER: Final = _Column(0, size=7.0)
# The widths of each table sum to the paper's.
_STOPS: Final = (
    _Column(7, right=True),
    _Column(22),
    _Column(64),
    _Column(9, right=True),
    _Column(14, right=True),
    _Column(70, size=7.5),
)
_STOP_HEADS: Final = ("number", "time", "place", "minutes", "expected", "why")
_TEAMS: Final = (
    _Column(58),
    _Column(36),
    _Column(22, right=True),
    _Column(22),
    _Column(32),
    _Column(16, right=True),
)
_TEAM_HEADS: Final = ("team", "time", "stops", "dwell", "travel", "expected")
_LEFT: Final = (_Column(48), _Column(30), _Column(16, right=True), _Column(92, size=7.5))
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
            height=overview_room(briefing),
            base=base,
            left_out=plan.left_out,
        )
    )
    for page in briefing.pages:
        height, rules = room_for(page, briefing.warnings)
        drawing = draw_plan(plan, [page.route], width=WIDE_MM, height=height, base=base)
        sheet.crew(page, drawing, rules)
    return sheet.written()


class _Sheet:
    """A pen on A4 paper; it knows the signs that its font has."""

    def __init__(self, briefing: Briefing, made: datetime) -> None:
        from fpdf import FPDF  # noqa: PLC0415 - a second of imports that only this export needs

        self.briefing = briefing
        self.missing = False
        self.pdf = FPDF(orientation="portrait", unit="mm", format="A4")
        self.pdf.core_fonts_encoding = _ENCODING
        # Otherwise "{nb}" in a name would be replaced by the number of pages.
        self.pdf.alias_nb_pages("")
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.pdf.c_margin = 0.8
        self.pdf.set_creation_date(made)
        self.pdf.set_lang(briefing.language)
        self.pdf.set_title(f"{briefing.title} {briefing.area} {briefing.shift}")
        self.pdf.set_creator("riskmiljo")
        self.title = ""

    def written(self) -> bytes:
        return bytes(self.pdf.output())

    def overview(self, drawing: Drawing) -> None:
        brief, label = self.briefing, self.briefing.labels
        # The note about missing signs stands on the first page: look for them before.
        for page in brief.pages:
            for row in page.rows:
                self._signs("".join((row.place, row.why, *row.small)))
            self._signs(page.title + page.where)
        everything = (*brief.notes, *brief.comparison, brief.area, brief.title)
        for text in (*everything, *(cell for line in brief.left_out for cell in line)):
            self._signs(text)
        self._page(f"{brief.title}: {brief.area}")
        self.pdf.set_y(self.pdf.get_y() + 1)
        for at, sentence in enumerate(brief.comparison):
            self._text(sentence, size=8 if at else 10.5, grey=bool(at))
        self._map(drawing)
        caption = "legend" if len(brief.pages) > 1 else "legend_one"
        self._text(label[caption], size=7.5, grey=True)
        self._heading(label["teams"])
        if brief.pages:
            last = len(brief.pages)
            self._table(
                _TEAMS,
                [label[key] for key in _TEAM_HEADS],
                [(line, (), at >= last or None) for at, line in enumerate(brief.summary)],
                name_at=0,
            )
        else:
            self._text(label["no_crews"])
        notes = [*brief.notes]
        if self.missing:
            notes.append(_MISSING.in_language(brief.language))
        if notes:
            self._heading(label["notes"])
            for note in notes:
                self._text(f"• {note}")
        self._heading(label["left_out"])
        if brief.left_out:
            heads = [label[key] for key in _LEFT_HEADS]
            self._table(_LEFT, heads, [(line, (), None) for line in brief.left_out], name_at=0)
        else:
            self._text(label["nothing_left"])
        self._text(label["unit"], size=7.5, grey=True)

    def crew(self, page: CrewPage, drawing: Drawing, rules: int) -> None:
        label = self.briefing.labels
        self._page(page.title)
        self._text(f"{page.when} · {page.where}", bold=True)
        self._map(drawing)
        self._text(label["legend_one"], size=7.5, grey=True)
        if page.empty:
            self._text(page.empty, bold=True)
        if page.rows:
            lines = [
                (
                    (row.number, row.time, row.place, row.minutes, row.expected, row.why),
                    row.small,
                    None if row.sort == "visit" else False,
                )
                for row in page.rows
            ]
            self._table(_STOPS, [label[key] for key in _STOP_HEADS], lines, name_at=2)
        self._room(8)
        totals = "   ".join(f"{name}: {value}" for name, value in page.totals)
        self._text(totals, bold=True)
        self._room(7 + 7 * rules)
        self._heading(label["own_notes"])
        self.pdf.set_draw_color("#888888")
        self.pdf.set_line_width(0.2)
        for _ in range(rules):
            y = self.pdf.get_y() + 7
            self.pdf.line(_MARGIN, y, _MARGIN + WIDE_MM, y)
            self.pdf.set_y(y)

    # --- text ---

    def _signs(self, text: str) -> str:
        """Return a text in the signs of the font."""
        out = []
        for sign in unicodedata.normalize("NFC", text).translate(_LOOKALIKES):
            if _has(sign):
                out.append(sign)
                continue
            plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if _has(part))
            if not plain and unicodedata.combining(sign):
                continue
            self.missing = self.missing or not plain
            out.append(plain or "?")
        return "".join(out)

    def _text(
        self, text: str, *, size: float = 9.0, bold: bool = False, grey: bool = False
    ) -> None:
        self.pdf.set_font(_FONT, "B" if bold else "", size)
        height = 0.47 * size
        for line in self._broken(self._signs(text), WIDE_MM):
            self._room(height)
            # A new page has a head in other type.
            self.pdf.set_font(_FONT, "B" if bold else "", size)
            self.pdf.set_text_color(_GREY if grey else "#000000")
            self.pdf.set_x(_MARGIN)
            self.pdf.cell(WIDE_MM, height, line, new_x="LMARGIN", new_y="NEXT")

    def _heading(self, text: str) -> None:
        self._room(18)
        self.pdf.set_y(self.pdf.get_y() + 2)
        self._text(text, size=11, bold=True)

    def _room(self, height: float) -> None:
        """Go on to a new page of the same head where so much does not fit on this one."""
        if self.pdf.get_y() + height > _BOTTOM:
            self._page(self.title, again=True)

    def _page(self, title: str, *, again: bool = False) -> None:
        brief, pdf = self.briefing, self.pdf
        pdf.add_page()
        self.title = title
        pdf.set_font(_FONT, "", 7.5)
        pdf.set_text_color(_GREY)
        pdf.set_xy(_MARGIN, 287)
        pdf.cell(WIDE_MM, 4, str(pdf.page_no()), align="R")
        pdf.set_xy(_MARGIN, _MARGIN - 3)
        pdf.cell(WIDE_MM / 2, 4, _shortened(self._signs(f"{brief.title} · {brief.area}"), 60))
        pdf.cell(WIDE_MM / 2, 4, self._signs(brief.age), align="R")
        pdf.set_xy(_MARGIN, _MARGIN + 1.5)
        self._text(_shortened(title, _MOST_TITLE), size=11 if again else 15, bold=True)
        self._text(brief.shift[:1].upper() + brief.shift[1:], bold=True)
        if brief.warnings:
            pdf.set_y(pdf.get_y() + 1)
            top = pdf.get_y()
            self._text(" · ".join(brief.warnings), bold=True)
            pdf.set_draw_color("#000000")
            pdf.set_line_width(0.5)
            pdf.rect(_MARGIN, top - 0.4, WIDE_MM, pdf.get_y() - top + 0.6)
            pdf.set_y(pdf.get_y() + 1)

    # --- tables ---

    def _table(
        self,
        columns: Sequence[_Column],
        heads: Sequence[str],
        lines: Iterable[tuple[Sequence[str], Sequence[str], bool | None]],
        *,
        name_at: int,
    ) -> None:
        """Write rows: cells, small type under the name, and bold for all, none or the name."""
        self._heads(columns, heads)
        for cells, small, bold in lines:
            fonts = [
                "B" if bold or (bold is None and at == name_at) else "" for at in range(len(cells))
            ]
            wrapped = [
                self._wrapped(cell, column, font)
                for cell, column, font in zip(cells, columns, fonts, strict=True)
            ]
            under = _UNDER._replace(width=columns[name_at].width)
            beneath = self._wrapped(" · ".join(small), under, "") if small else []
            tall = max(
                column.step * len(part) + (under.step * len(beneath) if at == name_at else 0)
                for at, (part, column) in enumerate(zip(wrapped, columns, strict=True))
            )
            if self.pdf.get_y() + tall + 1 > _BOTTOM:
                self._page(self.title, again=True)
                self._heads(columns, heads)
            top, x = self.pdf.get_y() + 0.5, _MARGIN
            for at, (part, column, font) in enumerate(zip(wrapped, columns, fonts, strict=True)):
                self.pdf.set_text_color("#000000")
                self._lines(part, x, top, column, font)
                if at == name_at:
                    self.pdf.set_text_color(_GREY)
                    self._lines(beneath, x, top + column.step * len(part), under, "")
                x += column.width
            self.pdf.set_y(top + tall + 0.5)
            self._rule(0.1)
        self.pdf.set_y(self.pdf.get_y() + 1.5)

    def _heads(self, columns: Sequence[_Column], heads: Sequence[str]) -> None:
        x, top = _MARGIN, self.pdf.get_y() + 0.5
        self.pdf.set_text_color(_GREY)
        for head, column in zip(heads, columns, strict=True):
            self._lines([self._signs(head)], x, top, column._replace(size=7.2), "B")
            x += column.width
        self.pdf.set_y(top + 4)
        self._rule(0.35)

    def _wrapped(self, text: str, column: _Column, font: str) -> list[str]:
        self.pdf.set_font(_FONT, font, column.size)
        lines = self._broken(self._signs(text), column.width)
        return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"]

    def _broken(self, text: str, width: float) -> list[str]:
        """Return the lines of a text in the font that is set."""
        if not text:
            return [""]
        lines: Any = self.pdf.multi_cell(width, text=text, dry_run=True, output="LINES")
        # They come back as the font's bytes, and would be turned into those once more.
        return [line.encode("latin-1").decode(_ENCODING) for line in lines]

    def _lines(
        self, lines: Sequence[str], x: float, top: float, column: _Column, font: str
    ) -> None:
        self.pdf.set_font(_FONT, font, column.size)
        # Figures keep away from the words of the next column.
        width, align = (column.width - 2, "R") if column.right else (column.width, "L")
        for at, line in enumerate(lines):
            self.pdf.set_xy(x, top + at * column.step)
            self.pdf.cell(width, column.step, line, align=align)

    def _rule(self, width: float) -> None:
        self.pdf.set_draw_color("#777777")
        self.pdf.set_line_width(width)
        y = self.pdf.get_y()
        self.pdf.line(_MARGIN, y, _MARGIN + WIDE_MM, y)

    # --- the map ---

    def _map(self, drawing: Drawing) -> None:
        pdf = self.pdf
        left, top = _MARGIN, pdf.get_y() + 1.5
        corner = np.array([left, top])
        with pdf.rect_clip(left, top, drawing.width, drawing.height):
            self._base(drawing, corner)
            for crew, lines in drawing.ways:
                self._ways(crew, [line + corner for line in lines])
            self._spots(drawing, left, top)
        self._furniture(drawing, left, top)
        pdf.set_draw_color("#777777")
        pdf.set_line_width(0.2)
        pdf.rect(left, top, drawing.width, drawing.height)
        pdf.set_y(top + drawing.height + 1)

    def _base(self, drawing: Drawing, corner: Floats) -> None:
        pdf = self.pdf
        for kind, shapes in drawing.base:
            paint = _BASE_PAINT[kind]
            if kind in _BASE_WIDTH:
                pdf.set_draw_color(paint)
                pdf.set_line_width(_BASE_WIDTH[kind])
                if kind == "rail":
                    pdf.set_dash_pattern(dash=1.4, gap=0.9)
                for shape in shapes:
                    pdf.polyline((shape + corner).tolist())
                pdf.set_dash_pattern()
            else:
                self._areas([shape + corner for shape in shapes], paint)

    def _areas(self, rings: Sequence[Floats], paint: str) -> None:
        with self.pdf.new_path() as path:
            path.style.fill_color = paint
            path.style.stroke_color = None
            path.style.intersection_rule = "evenodd"
            path.style.auto_close = True
            for ring in rings:
                (x, y), *rest = ring.tolist()
                path.move_to(x, y)
                for further in rest:
                    path.line_to(*further)
                path.close()

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
        pdf.set_draw_color(_GREY)
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
            pdf.set_font(_FONT, "B", 0.7 * box.height / 0.3528)
            pdf.set_xy(x - 1, y)
            pdf.cell(box.width + 2, box.height, mark.text, align="C")

    def _furniture(self, drawing: Drawing, left: float, top: float) -> None:
        pdf = self.pdf
        low, right = top + drawing.height, left + drawing.width
        pdf.set_fill_color("#ffffff")
        pdf.rect(left + 1, low - 7, drawing.scale_width + 4, 6, style="F")
        pdf.rect(right - 7, top + 1, 6, 10.5, style="F")
        pdf.set_draw_color("#000000")
        pdf.set_text_color("#000000")
        pdf.set_line_width(0.4)
        x, y = left + 3, low - 3.6
        end = x + drawing.scale_width
        pdf.polyline([(x, y), (x, y + 1.2), (end, y + 1.2), (end, y)])
        pdf.set_font(_FONT, "", 7)
        pdf.set_xy(x - 2, y - 3)
        pdf.cell(drawing.scale_width + 4, 3, drawing.scale_text, align="C")
        pdf.set_fill_color("#000000")
        tip = right - 4, top + 1.8
        arrow = [(0.0, 0.0), (1.9, 5.4), (0.0, 4.2), (-1.9, 5.4)]
        pdf.polygon([(tip[0] + dx, tip[1] + dy) for dx, dy in arrow], style="F")
        pdf.set_xy(right - 7, top + 7.8)
        pdf.cell(6, 3, self.briefing.labels["north"], align="C")


def _has(sign: str) -> bool:
    return bool(sign.encode(_ENCODING, "ignore")) and (sign.isprintable() or sign == "\u00a0")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _paint(crew: int) -> str:
    return CREW_COLOURS[crew_look(crew)][0]

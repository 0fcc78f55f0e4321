"""A pen on A4 paper: text, tables and base maps, as every PDF of the product has them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from riskmiljo.export.paper_room import WIDE_MM
from riskmiljo.export.parts import Floats
from riskmiljo.wording import Language, Text

MARGIN: Final = 12.0
BOTTOM: Final = 297.0 - 13.0
FONT: Final = "helvetica"
GREY: Final = "#444444"
# The fonts that every PDF reader brings know these signs; Swedish and English need no others.
_ENCODING: Final = "cp1252"
MISSING: Final = Text(
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

# No cell is longer than this many lines: a row must fit a page.
_MOST_LINES: Final = 40
_MOST_TITLE: Final = 160
_MOST_HEAD: Final = 60

Shapes = tuple[tuple[str, tuple[Floats, ...]], ...]


class Column(NamedTuple):
    """Its width (millimetres), whether figures stand to the right, and the size of its type."""

    width: float
    right: bool = False
    size: float = 8.0

    @property
    def step(self) -> float:
        """From line to line, millimetres."""
        return 0.425 * self.size


class Head(NamedTuple):
    """What stands on top of every page: left, right, under the title, and warnings in a frame."""

    left: str
    right: str
    under: str
    warnings: tuple[str, ...]


class Sheet:
    """A pen on A4 paper; it knows the signs that its font has.

    Parameters
    ----------
    head
        Of every page.
    title
        Of the document, in its properties.
    language
        Of all words.
    made
        When the file is made: the same instant, the same bytes.
    """

    def __init__(self, head: Head, *, title: str, language: Language, made: datetime) -> None:
        from fpdf import FPDF  # noqa: PLC0415 - a second of imports that only these exports need

        self.head = head
        self.missing = False
        self.pdf = FPDF(orientation="portrait", unit="mm", format="A4")
        self.pdf.core_fonts_encoding = _ENCODING
        # Otherwise "{nb}" in a name would be replaced by the number of pages.
        self.pdf.alias_nb_pages("")
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margins(MARGIN, MARGIN, MARGIN)
        self.pdf.c_margin = 0.8
        self.pdf.set_creation_date(made)
        self.pdf.set_lang(language)
        self.pdf.set_title(title)
        self.pdf.set_creator("riskmiljo")
        self.title = ""

    def written(self) -> bytes:
        """Return the whole file."""
        return bytes(self.pdf.output())

    # --- text ---

    def signs(self, text: str) -> str:
        """Return a text in the signs of the font; `missing` tells that one had to be a ``?``."""
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

    def write(
        self, text: str, *, size: float = 9.0, bold: bool = False, grey: bool = False
    ) -> None:
        """Write lines from margin to margin, on to new pages where needed.

        Parameters
        ----------
        text
            Any text.
        size
            Of the type, points.
        bold, grey
            How it looks.
        """
        self.pdf.set_font(FONT, "B" if bold else "", size)
        height = 0.47 * size
        for line in self._broken(self.signs(text), WIDE_MM):
            self.keep(height)
            # A new page has a head in other type.
            self.pdf.set_font(FONT, "B" if bold else "", size)
            self.pdf.set_text_color(GREY if grey else "#000000")
            self.pdf.set_x(MARGIN)
            self.pdf.cell(WIDE_MM, height, line, new_x="LMARGIN", new_y="NEXT")

    def heading(self, text: str) -> None:
        """Write a heading that does not stand last on a page."""
        self.keep(18)
        self.pdf.set_y(self.pdf.get_y() + 2)
        self.write(text, size=11, bold=True)

    def keep(self, height: float) -> None:
        """Go on to a new page of the same head where so much does not fit on this one."""
        if self.pdf.get_y() + height > BOTTOM:
            self.page(self.title, again=True)

    def page(self, title: str, *, again: bool = False) -> None:
        """Begin a page.

        Parameters
        ----------
        title
            On top.
        again
            Whether it goes on with what stood on the page before.
        """
        head, pdf = self.head, self.pdf
        pdf.add_page()
        self.title = title
        pdf.set_font(FONT, "", 7.5)
        pdf.set_text_color(GREY)
        pdf.set_xy(MARGIN, 287)
        pdf.cell(WIDE_MM, 4, str(pdf.page_no()), align="R")
        pdf.set_xy(MARGIN, MARGIN - 3)
        pdf.cell(WIDE_MM / 2, 4, _shortened(self.signs(head.left), _MOST_HEAD))
        pdf.cell(WIDE_MM / 2, 4, self.signs(head.right), align="R")
        pdf.set_xy(MARGIN, MARGIN + 1.5)
        self.write(_shortened(title, _MOST_TITLE), size=11 if again else 15, bold=True)
        self.write(head.under[:1].upper() + head.under[1:], bold=True)
        if head.warnings:
            pdf.set_y(pdf.get_y() + 1)
            top = pdf.get_y()
            self.write(" · ".join(head.warnings), bold=True)
            pdf.set_draw_color("#000000")
            pdf.set_line_width(0.5)
            pdf.rect(MARGIN, top - 0.4, WIDE_MM, pdf.get_y() - top + 0.6)
            pdf.set_y(pdf.get_y() + 1)

    # --- tables ---

    def table(
        self,
        columns: Sequence[Column],
        heads: Sequence[str],
        lines: Iterable[tuple[Sequence[str], Sequence[str], bool | None]],
        *,
        name_at: int,
    ) -> None:
        """Write a table; its head is written again on a new page.

        Parameters
        ----------
        columns
            Their widths sum to the paper's.
        heads
            One for each column.
        lines
            Cells, small type under the name, and bold for all, none or (None) the name.
        name_at
            Which column has the name.
        """
        self._heads(columns, heads)
        for cells, small, bold in lines:
            fonts = [
                "B" if bold or (bold is None and at == name_at) else "" for at in range(len(cells))
            ]
            wrapped = [
                self._wrapped(cell, column, font)
                for cell, column, font in zip(cells, columns, fonts, strict=True)
            ]
            under = columns[name_at]
            beneath = self._wrapped(" · ".join(small), under, "") if small else []
            tall = max(
                column.step * len(part) + (under.step * len(beneath) if at == name_at else 0)
                for at, (part, column) in enumerate(zip(wrapped, columns, strict=True))
            )
            if self.pdf.get_y() + tall + 1 > BOTTOM:
                self.page(self.title, again=True)
                self._heads(columns, heads)
            top, x = self.pdf.get_y() + 0.5, MARGIN
            for at, (part, column, font) in enumerate(zip(wrapped, columns, fonts, strict=True)):
                self.pdf.set_text_color("#000000")
                self._lines(part, x, top, column, font)
                if at == name_at:
                    self.pdf.set_text_color(GREY)
                    self._lines(beneath, x, top + column.step * len(part), under, "")
                x += column.width
            self.pdf.set_y(top + tall + 0.5)
            self._rule(0.1)
        self.pdf.set_y(self.pdf.get_y() + 1.5)

    def _heads(self, columns: Sequence[Column], heads: Sequence[str]) -> None:
        top = self.pdf.get_y() + 0.5
        sized = [column._replace(size=7.2) for column in columns]
        wrapped = [
            self._wrapped(head, column, "B") for head, column in zip(heads, sized, strict=True)
        ]
        self.pdf.set_text_color(GREY)
        x = MARGIN
        for part, column in zip(wrapped, sized, strict=True):
            self._lines(part, x, top, column, "B")
            x += column.width
        self.pdf.set_y(top + 4 + sized[0].step * (max(map(len, wrapped)) - 1))
        self._rule(0.35)

    def _wrapped(self, text: str, column: Column, font: str) -> list[str]:
        self.pdf.set_font(FONT, font, column.size)
        # Figures keep away from the words of the next column.
        width = column.width - 2 if column.right else column.width
        lines = self._broken(self.signs(text), width)
        return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"]

    def _broken(self, text: str, width: float) -> list[str]:
        """Return the lines of a text in the font that is set."""
        if not text:
            return [""]
        lines: Any = self.pdf.multi_cell(width, text=text, dry_run=True, output="LINES")
        # They come back as the font's bytes, and would be turned into those once more.
        return [line.encode("latin-1").decode(_ENCODING) for line in lines]

    def _lines(self, lines: Sequence[str], x: float, top: float, column: Column, font: str) -> None:
        self.pdf.set_font(FONT, font, column.size)
        width, align = (column.width - 2, "R") if column.right else (column.width, "L")
        for at, line in enumerate(lines):
            self.pdf.set_xy(x, top + at * column.step)
            self.pdf.cell(width, column.step, line, align=align)

    def _rule(self, width: float) -> None:
        self.pdf.set_draw_color("#777777")
        self.pdf.set_line_width(width)
        y = self.pdf.get_y()
        self.pdf.line(MARGIN, y, MARGIN + WIDE_MM, y)

    # --- maps ---

    def base_map(self, shapes: Shapes, corner: Floats) -> None:
        """Draw water, parks and streets.

        Parameters
        ----------
        shapes
            As `riskmiljo.export.drawing.base_shapes` gives them.
        corner
            Where the drawing's origin lies on the page, millimetres.
        """
        pdf = self.pdf
        for kind, lines in shapes:
            paint = _BASE_PAINT[kind]
            if kind in _BASE_WIDTH:
                pdf.set_draw_color(paint)
                pdf.set_line_width(_BASE_WIDTH[kind])
                if kind == "rail":
                    pdf.set_dash_pattern(dash=1.4, gap=0.9)
                for line in lines:
                    pdf.polyline((line + corner).tolist())
                pdf.set_dash_pattern()
            else:
                self.areas([ring + corner for ring in lines], paint)

    def areas(
        self,
        rings: Sequence[Floats],
        fill: str | None,
        *,
        opacity: float | None = None,
        line: str | None = None,
    ) -> None:
        """Paint polygons.

        Parameters
        ----------
        rings
            Millimetres on the page; what lies within two of them is a hole.
        fill
            A colour; None for none.
        opacity
            Of the fill, 0 to 1; None is whole.
        line
            The colour of the outline; None for none.
        """
        with self.pdf.new_path() as path:
            path.style.fill_color = fill
            path.style.stroke_color = line
            if opacity is not None:
                path.style.fill_opacity = opacity
            if line is not None:
                path.style.stroke_width = 0.5
            path.style.intersection_rule = "evenodd"
            path.style.auto_close = True
            for ring in rings:
                (x, y), *rest = ring.tolist()
                path.move_to(x, y)
                for further in rest:
                    path.line_to(*further)
                path.close()

    def map_frame(
        self,
        corner: tuple[float, float],
        size: tuple[float, float],
        scale: tuple[str, float],
        north: str,
    ) -> None:
        """Draw the scale bar and the north arrow.

        Parameters
        ----------
        corner
            Left and top of the map on the page, millimetres.
        size
            Its width and height.
        scale
            What the bar says, and how wide it is.
        north
            The letter under the arrow.
        """
        pdf = self.pdf
        (left, top), (width, height), (said, wide) = corner, size, scale
        low, right = top + height, left + width
        pdf.set_fill_color("#ffffff")
        pdf.rect(left + 1, low - 7, wide + 4, 6, style="F")
        pdf.rect(right - 7, top + 1, 6, 10.5, style="F")
        pdf.set_draw_color("#000000")
        pdf.set_text_color("#000000")
        pdf.set_line_width(0.4)
        x, y = left + 3, low - 3.6
        end = x + wide
        pdf.polyline([(x, y), (x, y + 1.2), (end, y + 1.2), (end, y)])
        pdf.set_font(FONT, "", 7)
        pdf.set_xy(x - 2, y - 3)
        pdf.cell(wide + 4, 3, said, align="C")
        pdf.set_fill_color("#000000")
        tip = right - 4, top + 1.8
        arrow = [(0.0, 0.0), (1.9, 5.4), (0.0, 4.2), (-1.9, 5.4)]
        pdf.polygon([(tip[0] + dx, tip[1] + dy) for dx, dy in arrow], style="F")
        pdf.set_xy(right - 7, top + 7.8)
        pdf.cell(6, 3, north, align="C")


def _has(sign: str) -> bool:
    return bool(sign.encode(_ENCODING, "ignore")) and (sign.isprintable() or sign == "\u00a0")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

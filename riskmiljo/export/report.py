"""A report on A4 paper as plain content: sections of text, tables, charts, a map, lines to sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from riskmiljo.export.sheet import Column
from riskmiljo.wording import Language, Text

# The drawing units of a chart: its bars stand on a canvas of this size.
CHART_WIDTH: Final = 560.0
CHART_HEIGHT: Final = 200.0


class Bar(Protocol):
    """One bar of a chart: where it stands, and its kind (``seen``, ``band``, ``hidden``...)."""

    @property
    def x(self) -> float:
        """Its left side."""

    @property
    def y(self) -> float:
        """Its top."""

    @property
    def width(self) -> float:
        """Its width."""

    @property
    def height(self) -> float:
        """Its height."""

    @property
    def kind(self) -> str:
        """What it shows."""


class Label(Protocol):
    """A word on an axis, or a short line across a column."""

    @property
    def x(self) -> float:
        """Where it stands."""

    @property
    def y(self) -> float:
        """Where it stands."""

    @property
    def text(self) -> Text:
        """What it says."""

    @property
    def width(self) -> float:
        """Length of the line."""


class Chart(Protocol):
    """A chart of columns on a canvas of 560 by 200, y downwards."""

    @property
    def bars(self) -> Sequence[Bar]:
        """From back to front."""

    @property
    def marks(self) -> Sequence[Label]:
        """Short lines across columns."""

    @property
    def below(self) -> Sequence[Label]:
        """Words under the columns."""

    @property
    def grid(self) -> Sequence[Label]:
        """Lines across, with their values at the left."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences.

    Attributes
    ----------
    text
        One string.
    strong, small
        How it looks.
    """

    text: str
    strong: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list.

    Attributes
    ----------
    lines
        One sentence or two each.
    """

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes
    ----------
    columns
        Their widths sum to the paper's 186 mm.
    heads
        One for each column.
    rows
        Cells as they are written.
    name_at
        Which column names the row.
    """

    columns: tuple[Column, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    name_at: int = 0


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A chart with its key.

    Attributes
    ----------
    chart
        What is drawn.
    caption
        What it shows.
    key
        Kind and name of what stands in it; the kind ``mark`` is a short line.
    """

    chart: Chart
    caption: str
    key: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False, slots=True)
class MapBlock:
    """A map of heat and numbered zones.

    Attributes
    ----------
    zones
        Polygons in metres, in the order of their numbers from 1.
    epsg
        Their reference system.
    base
        Water, parks and streets, as `riskmiljo.export.drawing.base_shapes` takes them.
    heat
        Colour and polygon, lightest first.
    classes
        Colour and what it stands for.
    caption, north
        Words under and on the map.
    """

    zones: tuple[Any, ...] = field(repr=False)
    epsg: int
    base: Any = field(repr=False)
    heat: tuple[tuple[str, Any], ...] = field(repr=False)
    classes: tuple[tuple[str, str], ...]
    caption: str
    north: str


@dataclass(frozen=True, slots=True)
class Blanks:
    """Lines to be filled in by hand.

    Attributes
    ----------
    heads
        Over the columns.
    rows
        How many lines.
    least
        How few will do where what follows would otherwise stand alone on a page of its own.
    """

    heads: tuple[str, ...]
    rows: int
    least: int = 1


Block = Paragraph | Bullets | Table | ChartBlock | MapBlock | Blanks


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report, which is found again in the bookmarks.

    Attributes
    ----------
    title
        Its heading.
    blocks
        From top to bottom.
    """

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language.

    Attributes
    ----------
    language
        Of all words.
    title
        On top of the first page, and of the document.
    period
        What it is about.
    age
        Where the data end: on top of every page.
    warnings
        Simulated data: on top of every page.
    sections
        In order.
    """

    language: Language
    title: str
    period: str
    age: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]

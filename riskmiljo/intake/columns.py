"""Which column of a file is which field: told by the user, else by headers, else by values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskmiljo.errors import InvalidInputError, UnreadableFileError
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.intake.area import ConfiguredArea, within
from riskmiljo.intake.coordinates import READ, read_coordinates
from riskmiljo.intake.header_words import (
    CREW_WORDS,
    HEADER_WORDS,
    fields_of,
    header_word,
    recognised,
    simplified,
)
from riskmiljo.intake.personal import hits, kind_of_column, kind_of_header
from riskmiljo.intake.raw import GEOMETRY_MISSING, Note, RawTable
from riskmiljo.intake.reference import ACCEPT, CANDIDATES, DISMISS, Labels
from riskmiljo.intake.times import as_text, read_times
from riskmiljo.intake.words import CategoryWords, code_of
from riskmiljo.model.incidents import COLUMN_NAMES
from riskmiljo.wording import Text

# What a user may map a column to; "" and "-" drop it.
FIELDS: Final = (
    *(name for name in COLUMN_NAMES if name != "geometry"),
    *("lon", "lat", "x", "y", "date", "time"),
)
_DROP: Final = ("", "-")
_SAMPLE: Final = 500
_MOST: Final = 0.9
_PLACES: Final[tuple[tuple[Labels, str, str], ...]] = (
    ("lonlat", "lon", "lat"),
    ("eastnorth", "east", "north"),
    ("xy", "x", "y"),
)
_CLOCK: Final = re.compile(r"(?:kl\.? ?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]\.?m\.?)?|\d{3,4}")
_OWN_KEYS: Final = ("PERSONNUMMER", "TELEFON", "EPOST", "NAMN_MISSTANKT", "REGNR")
_SHOWN: Final = 60

Shape = Literal["clock", "day", "full", "none"]


@dataclass(slots=True)
class Plan:
    """What becomes of each column.

    Parameters
    ----------
    columns
        Field to column. Beside the contract's: ``lon``, ``lat``, ``east``, ``north``, ``x``,
        ``y``, and ``date``, ``time``, ``date_to``, ``time_to`` where a moment takes two.
    labels
        How the coordinates were labelled.
    asked_to_drop
        Columns that the user dropped.
    notes
        What was guessed by values.
    """

    columns: dict[str, str] = field(default_factory=dict)
    labels: Labels = "geometry"
    asked_to_drop: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    @property
    def used(self) -> set[str]:
        """The columns that are kept or dropped by the user's word."""
        return set(self.columns.values()) | self.asked_to_drop


def plan_columns(
    raw: RawTable,
    mapping: Mapping[str, str] | None,
    *,
    words: CategoryWords,
    source: str,
) -> Plan:
    """Decide which column is which field.

    Parameters
    ----------
    raw
        The file.
    mapping
        What the user says: column to field.
    words
        The category words: of several columns that could be the kind of incident, the one with
        most known words is taken.
    source
        The source of the file.

    Returns
    -------
    Plan
        Without a place or a time where no header announced one.

    Raises
    ------
    InvalidInputError
        If the mapping names a column or field that does not exist, or a field twice.
    """
    plan = Plan()
    _apply_mapping(plan, raw, mapping or {})
    free = _Free(raw, plan)
    _place(plan, raw, free)
    _identity(plan, raw, free)
    _moments(plan, raw, free)
    if "category" not in plan.columns:
        _category(plan, raw, free, words, source)
    for name in ("detection", "source", "owner", "age_band"):
        if name not in plan.columns:
            fitting = [c for c in free.of(name) if _known_share(raw, name, c) >= ACCEPT]
            _take(plan, name, fitting[:1])
    for name in ("weight", "precision_m"):
        if name not in plan.columns:
            _take(plan, name, [c for c in free.of(name) if _numeric_share(raw, c) >= ACCEPT][:1])
    if "restricted_to" not in plan.columns:
        _take(plan, "restricted_to", free.of("restricted_to")[:1])
    return plan


class _Free:
    """The columns that are not yet taken, by what their headers mean."""

    def __init__(self, raw: RawTable, plan: Plan) -> None:
        self._names = raw.columns.column_names
        self._plan = plan

    def all(self) -> list[str]:
        """Return all of them that may be kept."""
        used = self._plan.used
        return [name for name in self._names if name not in used and not kind_of_header(name)]

    def of(self, *fields: str) -> list[str]:
        """Return those whose header means one of some fields, the plainest header first."""
        found: list[tuple[int, int, str]] = []
        used = self._plan.used
        for name in self._names:
            for rank, wanted in enumerate(fields):
                if name not in used and wanted in fields_of(name):
                    found.append((rank, HEADER_WORDS[wanted].index(header_word(name)), name))
        return list(dict.fromkeys(name for _, _, name in sorted(found)))


def _take(plan: Plan, name: str, columns: list[str]) -> None:
    if columns:
        plan.columns[name] = columns[0]


def _apply_mapping(plan: Plan, raw: RawTable, mapping: Mapping[str, str]) -> None:
    by_plain = {simplified(name): name for name in raw.columns.column_names}
    for given, wanted in mapping.items():
        column = given if given in raw.columns.column_names else by_plain.get(simplified(given))
        if column is None or not given.strip():
            raise InvalidInputError(
                Text(
                    "Kolumnen {c!r} finns inte i filen. Kolumner: {all}.",
                    "The file has no column {c!r}. Columns: {all}.",
                ).fill(c=given, all=shown_names(raw)),
                code="KOLUMN_SAKNAS",
            )
        if wanted.strip() in _DROP:
            plan.asked_to_drop.add(column)
            continue
        if wanted not in FIELDS:
            raise InvalidInputError(
                Text(
                    "Fältet {f!r} finns inte. Fält: {all}, eller - för att slänga kolumnen.",
                    "There is no field {f!r}. Fields: {all}, or - to drop the column.",
                ).fill(f=wanted, all=", ".join(FIELDS)),
                code="KOLUMN_SAKNAS",
            )
        if wanted in plan.columns:
            raise InvalidInputError(
                Text(
                    "Två kolumner är angivna som {f}. Ange en.",
                    "Two columns are given as {f}. Give one.",
                ).fill(f=wanted),
                code="KOLUMN_SAKNAS",
            )
        plan.columns[wanted] = column


def _place(plan: Plan, raw: RawTable, free: _Free) -> None:
    for labels, east, north in _PLACES:
        if east in plan.columns and north in plan.columns:
            plan.labels = labels
            return
    if raw.geometry is not None and (raw.geometry.state != GEOMETRY_MISSING).any():
        return
    for labels, east, north in _PLACES:
        pair = [plan.columns.get(n) or next(iter(free.of(n)), None) for n in (east, north)]
        if pair[0] and pair[1] and pair[0] != pair[1]:
            plan.columns[east], plan.columns[north] = pair[0], pair[1]
            plan.labels = labels
            return


def guess_place(plan: Plan, raw: RawTable, area: ConfiguredArea) -> None:
    """Find the two columns whose values are places in the area, where no header told.

    Parameters
    ----------
    plan
        Changed where exactly one pair of columns fits.
    raw
        The file.
    area
        Where the points are expected.
    """
    if has_place(plan, raw):
        return
    numbers = {}
    for name in _Free(raw, plan).all():
        values, state = read_coordinates(raw.columns[name].slice(0, _SAMPLE))
        if (state == READ).mean() >= _MOST and np.ptp(values[state == READ]) > 0:
            numbers[name] = np.where(state == READ, values, np.nan)
    found: list[tuple[float, str, str, int]] = []
    for east, north in itertools.permutations(list(numbers)[:8], 2):
        for epsg in dict.fromkeys((*CANDIDATES, area.epsg)):
            lon, lat = transform(numbers[east], numbers[north], epsg, WGS84)
            found.append((float(within(area.bbox, lon, lat).mean()), east, north, epsg))
    found.sort(reverse=True)
    if not found or found[0][0] < ACCEPT or (len(found) > 1 and found[1][0] > DISMISS):
        return
    _, east, north, epsg = found[0]
    plan.labels = "lonlat" if epsg == WGS84 else "eastnorth"
    names = ("lon", "lat") if epsg == WGS84 else ("east", "north")
    for name, column in zip(names, (east, north), strict=True):
        plan.columns[name] = column
        shown = {"east": "x", "north": "y"}.get(name, name)
        plan.notes.append(Note("KOLUMN_GISSAD", detail={"column": column, "field": shown}))


def has_place(plan: Plan, raw: RawTable) -> bool:
    """Tell whether the file has coordinates or points.

    Parameters
    ----------
    plan
        Which column is which field.
    raw
        The file.

    Returns
    -------
    bool
        True when incidents can be placed.
    """
    return plan.labels != "geometry" or raw.geometry is not None


def _identity(plan: Plan, raw: RawTable, free: _Free) -> None:
    if "incident_id" in plan.columns:
        return
    for name in free.of("incident_id"):
        cells = raw.columns[name]
        if cells.null_count == len(cells):
            continue
        found = hits(cells, ("PERSONNUMMER", "TELEFON", "EPOST", "REGNR"))
        kind = kind_of_column("", cells, found)
        # Running numbers such as ABC001 look like plates, but share their letters.
        if kind == "REGNR":
            starts = pc.utf8_slice_codeunits(cells.cast(pa.string()), 0, 3)
            kind = "REGNR" if len(starts.unique()) > max(3, 0.1 * len(cells)) else ""
        if kind not in _OWN_KEYS:
            plan.columns["incident_id"] = name
            return


def _moments(plan: Plan, raw: RawTable, free: _Free) -> None:
    told = plan.columns
    if "date" in told and "time" not in told:
        told["occurred_from"] = told.pop("date")
    if "occurred_from" not in told and "date" not in told:
        headers = free.of("occurred_from", "date", "time")
        _moment(plan, raw, headers, "occurred_from", ("date", "time"))
    elif "date" in told and "time" not in told:
        _take(plan, "time", [c for c in free.of("time") if _shape(raw, c) == "clock"][:1])
    if "occurred_to" not in told:
        _moment(plan, raw, free.of("occurred_to"), "occurred_to", ("date_to", "time_to"))
    if "registered_at" not in told:
        readable = [c for c in free.of("registered_at") if _shape(raw, c) in ("day", "full")]
        _take(plan, "registered_at", readable[:1])


def _moment(
    plan: Plan, raw: RawTable, headers: list[str], whole: str, parts: tuple[str, str]
) -> None:
    """Take one column for a moment, or two where a date and a time of day stand apart."""
    shapes = {name: _shape(raw, name) for name in headers}
    dated = [name for name in headers if shapes[name] in ("day", "full")]
    clocks = [name for name in headers if shapes[name] == "clock"]
    if not dated:
        if whole == "occurred_from":
            _take(plan, whole, [name for name in headers if shapes[name] != "clock"][:1])
        return
    if shapes[dated[0]] == "day" and clocks:
        plan.columns[parts[0]], plan.columns[parts[1]] = dated[0], clocks[0]
    else:
        plan.columns[whole] = dated[0]


def _sample(raw: RawTable, name: str) -> pa.ChunkedArray:
    """Return the first cells of a column that are not empty."""
    cells = raw.columns[name].drop_null()
    if pa.types.is_string(cells.type):
        cells = cells.filter(pc.not_equal(pc.utf8_trim_whitespace(cells), ""))
    return cells.slice(0, _SAMPLE)


def _shape(raw: RawTable, name: str) -> Shape:
    """Tell whether a column holds times of day, days, or moments."""
    cells = _sample(raw, name)
    if len(cells) == 0:
        return "none"
    if pa.types.is_floating(cells.type):
        low, high = pc.min_max(cells).as_py().values()
        if low >= 0 and high < 1:
            return "clock"
    if pa.types.is_timestamp(cells.type):
        years = pc.year(cells)
        if pc.max(years).as_py() <= 1904:  # noqa: PLR2004 - Excel's zero: a time of day without a date
            return "clock"
    elif pa.types.is_string(cells.type):
        clocks = [_CLOCK.fullmatch(text) is not None for text in as_text(cells).to_pylist() if text]
        if clocks and np.mean(clocks) >= _MOST:
            return "clock"
    times = read_times(cells, order="day", excel_1904=raw.excel_1904)
    read = ~np.isnat(times.local)
    if read.sum() < 0.5 * (~times.missing).sum() or not read.any():
        return "none"
    return "day" if times.day_only[read].all() else "full"


def guess_time(plan: Plan, raw: RawTable) -> None:
    """Find the one column whose values are times, where no header told.

    Parameters
    ----------
    plan
        Changed where exactly one column fits.
    raw
        The file.
    """
    if has_time(plan):
        return
    fitting = []
    for name in _Free(raw, plan).all():
        kind = raw.columns[name].type
        plain_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if not plain_number and _shape(raw, name) in ("day", "full"):
            fitting.append(name)
    if len(fitting) == 1:
        plan.columns["occurred_from"] = fitting[0]
        detail = {"column": fitting[0], "field": "occurred_from"}
        plan.notes.append(Note("KOLUMN_GISSAD", detail=detail))


def has_time(plan: Plan) -> bool:
    """Tell whether the file says when incidents happened."""
    return "occurred_from" in plan.columns or "date" in plan.columns


def _category(plan: Plan, raw: RawTable, free: _Free, words: CategoryWords, source: str) -> None:
    best: tuple[float, str] | None = None
    for name in free.of("category"):
        kind = raw.columns[name].type
        if pa.types.is_timestamp(kind) or pa.types.is_floating(kind):
            continue
        sample = _sample(raw, name).cast(pa.string()).to_pylist()
        known = sum(words.meaning(word, source) is not None for word in sample)
        share = known / max(len(sample), 1)
        if best is None or share > best[0]:
            best = share, name
    if best is not None:
        plan.columns["category"] = best[1]


def _known_share(raw: RawTable, name: str, column: str) -> float:
    cells = raw.columns[column]
    if not (pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type)):
        return float(name == "age_band" and pa.types.is_integer(cells.type))
    sample = _sample(raw, column).cast(pa.string()).to_pylist()
    return sum(code_of(name, text) is not None for text in sample) / max(len(sample), 1)


def _numeric_share(raw: RawTable, column: str) -> float:
    _, state = read_coordinates(_sample(raw, column))
    return float((state == READ).mean()) if len(state) else 0.0


def shown_names(raw: RawTable) -> str:
    """Return the column names for a message; names that look like data are not repeated."""
    names = raw.columns.column_names
    parts = [
        name[:_SHOWN] if not _looks_like_data(name) else f"kolumn {number}"
        for number, name in enumerate(names, 1)
    ]
    return ", ".join(parts[:40])


def _looks_like_data(name: str) -> bool:
    personal = hits(pa.chunked_array([[name]]))
    number = re.fullmatch(r"[\d\s.,:/+-]*\d", name) is not None
    return number or "@" in name or len(personal.columns) > 0


def missing_column(raw: RawTable, what: Text, example: str) -> UnreadableFileError:
    """Return the error for a file without a needed column.

    Parameters
    ----------
    raw
        The file.
    what
        What is missing.
    example
        A field to map a column to.

    Returns
    -------
    UnreadableFileError
        Naming the columns and how to choose one; a file without headers is told so, and one of
        presence how to take it in.
    """
    like_data = sum(_looks_like_data(name) for name in raw.columns.column_names)
    if like_data > 1 or (like_data and not recognised(raw.columns.column_names)):
        return UnreadableFileError(
            Text(
                "Filen verkar sakna rubrikrad. Lägg till en rad med rubriker överst.",
                "The file seems to have no header. Add a row of headers at the top.",
            ),
            code="RUBRIK_SAKNAS",
        )
    crew = next((name for name in raw.columns.column_names if simplified(name) in CREW_WORDS), None)
    if crew is not None:
        return UnreadableFileError(
            Text(
                "Filen ser ut att vara närvaro (kolumnen {c}), inte händelser. Läs in den med "
                "riskmiljo presence import FIL.",
                "The file seems to be presence (the column {c}), not incidents. Take it in with "
                "riskmiljo presence import FILE.",
            ).fill(c=crew[:_SHOWN]),
            code="KOLUMN_SAKNAS",
        )
    return UnreadableFileError(
        Text(
            "Filen har ingen kolumn för {what}. Ange den, till exempel --map KOLUMN={f}. "
            "Kolumner: {all}.",
            "The file has no column for {what}. Give it, for example --map COLUMN={f}. "
            "Columns: {all}.",
        ).fill(what=what, f=example, all=shown_names(raw)),
        code="KOLUMN_SAKNAS",
    )

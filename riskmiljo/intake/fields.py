"""The values of the kept columns, field by field, with a reason for each that cannot be used."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskmiljo.intake.clock import Instants, instants
from riskmiljo.intake.columns import Plan, has_time
from riskmiljo.intake.coordinates import MISSING, READ, UNREADABLE, read_coordinates
from riskmiljo.intake.ledger import Ledger
from riskmiljo.intake.personal import hits_in_kept
from riskmiljo.intake.raw import (
    GEOMETRY_MISSING,
    GEOMETRY_NO_POINT,
    GEOMETRY_OK,
    RawTable,
)
from riskmiljo.intake.reference import Labels
from riskmiljo.intake.times import MICROSECONDS, LocalTimes, Order, date_order, joined, read_times
from riskmiljo.intake.words import CategoryWords, Meaning, code_of, roles_of
from riskmiljo.wording import Text

_TOTALS: Final = (
    r"^(?:summa|totalt|total|sum|delsumma|subtotal|antal|medel|summa totalt|grand total)\b"
)
_LONGEST_ID: Final = 200
_SHOWN_WORD: Final = 60
_SHOWN_WORDS: Final = 100
_CLOCK_BACK: Final = Text(
    "klockan ställdes tillbaka, så timmen inträffade två gånger; den första togs",
    "the clock was put back, so that the hour occurred twice; the first was taken",
)
_DAY_FIRST: Final = Text(
    "03/04 är i april eller mars; i hela filen lästes dagen först",
    "03/04 is in April or March; in the whole file the day was read first",
)
_MONTH_FIRST: Final = Text(
    "03/04 är i april eller mars; i hela filen lästes månaden först",
    "03/04 is in April or March; in the whole file the month was read first",
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


def text_cells(cells: pa.ChunkedArray) -> pd.Series:
    """Return a column as trimmed text, empty where there is none; whole numbers without ``.0``."""
    if pa.types.is_floating(cells.type):
        whole = cells.cast(pa.int64(), safe=False)
        same = pc.all(pc.equal(whole.cast(pa.float64()), cells), skip_nulls=True).as_py()
        cells = whole if same else cells
    text = pc.utf8_trim_whitespace(pc.fill_null(cells.cast(pa.string()), ""))
    return pd.Series(text.to_pandas().astype(object))


def refuse_totals(raw: RawTable, plan: Plan, ledger: Ledger) -> None:
    """Refuse rows of totals: a word such as Summa first, and neither time nor place.

    Parameters
    ----------
    raw
        The file.
    plan
        Which column is which field.
    ledger
        Where refusals are written.
    """
    first = np.full(len(raw.rows), "", dtype=object)
    for name in raw.columns.column_names:
        left = first == ""
        if not left.any():
            break
        first[left] = text_cells(raw.columns[name])[left]
    total = pd.Series(first).str.lower().str.contains(_TOTALS, regex=True).to_numpy(dtype=bool)
    if not total.any():
        return
    empty = np.ones(len(raw.rows), dtype=bool)
    for name in ("lon", "lat", "x", "y", "east", "north", "occurred_from", "date"):
        if name in plan.columns:
            empty &= (text_cells(raw.columns[plan.columns[name]]) == "").to_numpy()
    if raw.geometry is not None:
        empty &= raw.geometry.state == GEOMETRY_MISSING
    ledger.refuse(np.asarray(total & empty), "SUMMARAD")


def refuse_personal(raw: RawTable, plan: Plan, ledger: Ledger) -> None:
    """Refuse rows with personal data in a cell of words that would be kept.

    Parameters
    ----------
    raw
        The file.
    plan
        Which column is which field.
    ledger
        Where refusals are written.
    """
    for name in ("incident_id", "category"):
        if name in plan.columns:
            column = plan.columns[name]
            kinds = hits_in_kept(raw.columns[column]).to_numpy()
            ledger.refuse_codes(kinds, column)


def read_place(raw: RawTable, plan: Plan, ledger: Ledger) -> tuple[Floats, Floats, Bools, Labels]:
    """Read the coordinates, and refuse rows without.

    Parameters
    ----------
    raw
        The file.
    plan
        Which columns hold them.
    ledger
        Where refusals are written.

    Returns
    -------
    tuple
        East and north as labelled, which rows have both, and how they were labelled.
    """
    if plan.labels == "geometry" and raw.geometry is not None:
        geometry = raw.geometry
        ledger.refuse(geometry.state == GEOMETRY_MISSING, "GEOM_SAKNAS")
        ledger.refuse(geometry.state == GEOMETRY_NO_POINT, "GEOM_TYP")
        ok = geometry.state == GEOMETRY_OK
        finite = np.isfinite(geometry.x) & np.isfinite(geometry.y)
        ledger.refuse(ok & ~finite, "KOORD_FORMAT")
        zero = (geometry.x == 0) & (geometry.y == 0)
        ledger.refuse(ok & zero, "KOORD_NOLL")
        return geometry.x, geometry.y, ledger.open & ok & finite & ~zero, "geometry"
    pair = {"lonlat": ("lon", "lat"), "eastnorth": ("east", "north"), "xy": ("x", "y")}[plan.labels]
    names = [plan.columns[name] for name in pair]
    (east, east_state), (north, north_state) = (
        read_coordinates(raw.columns[name]) for name in names
    )
    for state, code in ((MISSING, "KOORD_SAKNAS"), (UNREADABLE, "KOORD_FORMAT")):
        at_fault = np.where(north_state == state, names[1], names[0]).astype(object)
        ledger.refuse((east_state == state) | (north_state == state), code, at_fault)
    both = (east_state == READ) & (north_state == READ)
    zero = both & (east == 0) & (north == 0)
    ledger.refuse(zero, "KOORD_NOLL", names[1])
    return east, north, ledger.open & both & ~zero, plan.labels


def read_moments(
    raw: RawTable, plan: Plan, ledger: Ledger, *, tz: str, now: datetime, order: Order | None = None
) -> dict[str, npt.NDArray[Any]]:
    """Read when incidents happened and became known.

    Parameters
    ----------
    raw
        The file.
    plan
        Which columns hold the times.
    ledger
        Where refusals and warnings are written.
    tz
        The zone of times without an offset.
    now
        An aware datetime; what lies after it is refused.
    order
        Whether day or month comes first; None finds out.

    Returns
    -------
    dict of numpy.ndarray
        ``occurred_from``, ``occurred_to`` and ``registered_at``, which is the end of the incident
        where the file does not say; ``datetime64[us]`` in UTC.
    """
    if not has_time(plan):
        nothing = np.full(len(raw.rows), "NaT", dtype=MICROSECONDS)
        return dict.fromkeys(("occurred_from", "occurred_to", "registered_at"), nothing)
    cells: dict[str, tuple[str, pa.ChunkedArray]] = {}
    for name, date, clock in (
        ("occurred_from", "date", "time"),
        ("occurred_to", "date_to", "time_to"),
        ("registered_at", "", ""),
    ):
        if name in plan.columns:
            cells[name] = plan.columns[name], raw.columns[plan.columns[name]]
        elif date in plan.columns:
            column = plan.columns[date]
            days, clocks = raw.columns[column], raw.columns[plan.columns[clock]]
            cells[name] = column, joined(days, clocks)
    found_order = order or date_order(
        [column for _, column in cells.values()], month_first=tz.startswith("America/")
    )
    read: dict[str, Instants] = {}
    for name, (column, values) in cells.items():
        times = read_times(values, order=found_order, excel_1904=raw.excel_1904)
        read[name] = _instants(times, name, column, ledger, tz=tz, now=now, order=found_order)
    begins = read["occurred_from"]
    result = {"occurred_from": begins.begins, "occurred_to": begins.ends}
    if "occurred_to" in read:
        ends = read["occurred_to"]
        given = ~np.isnat(ends.ends)
        result["occurred_to"] = np.where(given, ends.ends, begins.ends)
        reversed_ = given & (result["occurred_to"] < result["occurred_from"])
        ledger.refuse(reversed_, "TID_OMVAND", cells["occurred_to"][0])
    days = ledger.open & begins.day_only & (result["occurred_to"] == begins.ends)
    if days.any():
        ledger.note("TID_BARA_DATUM", days)
    result["registered_at"] = result["occurred_to"]
    if "registered_at" in read:
        known = read["registered_at"].ends
        result["registered_at"] = np.where(np.isnat(known), result["occurred_to"], known)
        early = ledger.open & (known < result["occurred_from"])
        if early.any():
            ledger.note("REGISTRERAD_FORE", early)
    return result


def _instants(
    times: LocalTimes,
    name: str,
    column: str,
    ledger: Ledger,
    *,
    tz: str,
    now: datetime,
    order: Order,
) -> Instants:
    """Decide the instants of one column, and write down what is wrong or was guessed."""
    found = instants(times, tz, now=now)
    code = found.code
    if name != "occurred_from":
        # Only the beginning must be there.
        code = np.where(code == "TID_SAKNAS", "", code).astype(object)
    named = np.isin(code, ("TID_FINNS_INTE", "TID_ORIMLIG"))
    when = {
        int(at): {"when": str(times.local[at].astype("datetime64[m]")).replace("T", " ")}
        for at in np.flatnonzero(named & ledger.open)
    }
    ledger.refuse_codes(code, column, when)
    if found.ambiguous.any():
        ledger.note("TID_TVETYDIG", found.ambiguous, why=_CLOCK_BACK)
    ordered = times.ordered & (code == "")
    if ordered.any():
        ledger.note("TID_TVETYDIG", ordered, why=_MONTH_FIRST if order == "month" else _DAY_FIRST)
    if times.form:
        ledger.note("TID_EXCEL_SERIE" if times.form == "serial" else "TID_EPOK", column=column)
    return found


def read_ids(raw: RawTable, plan: Plan, ledger: Ledger) -> Objects:
    """Read the source's ids.

    Parameters
    ----------
    raw
        The file.
    plan
        Which column is which field.
    ledger
        Where refusals are written.

    Returns
    -------
    numpy.ndarray
        Shape (n,), text; empty where the source gives none.
    """
    if "incident_id" not in plan.columns:
        return np.full(len(raw.rows), "", dtype=object)
    column = plan.columns["incident_id"]
    ids = text_cells(raw.columns[column])
    ledger.refuse((ids.str.len() > _LONGEST_ID).to_numpy(), "ID_FORMAT", column)
    return ids.to_numpy(dtype=object)


def read_categories(
    raw: RawTable, plan: Plan, ledger: Ledger, *, words: CategoryWords, sources: Objects
) -> tuple[Objects, Objects, dict[str, Any]]:
    """Read the kind of incident.

    Parameters
    ----------
    raw
        The file.
    plan
        Which column holds the words.
    ledger
        Where refusals and warnings are written.
    words
        The table.
    sources
        Shape (n,): each row's source.

    Returns
    -------
    tuple
        Categories; what the words say of detection (empty where nothing); for the receipt, the
        words and what they became, and the unknown ones with their number.
    """
    count = len(raw.rows)
    nothing = np.full(count, "", dtype=object)
    if words.every is not None:
        return np.full(count, words.every, dtype=object), nothing, {}
    if "category" not in plan.columns:
        if ledger.open.any():
            ledger.note("TYP_SAKNAS", ledger.open)
        return np.full(count, "other", dtype=object), nothing, {}
    column = plan.columns["category"]
    number, distinct = distinct_words(raw.columns[column])
    origin, origins = pd.factorize(sources)
    both, row_of = np.unique(origin * len(distinct) + number, return_inverse=True)
    used = [(distinct[at % len(distinct)], str(origins[at // len(distinct)])) for at in both]
    meanings = [_meaning(words, word, origin_name) for word, origin_name in used]
    category = np.array([meaning.category for meaning in meanings], dtype=object)[row_of]
    detection = np.array([meaning.detection for meaning in meanings], dtype=object)[row_of]
    empty = np.array([not word for word, _ in used], dtype=bool)[row_of] & ledger.open
    if empty.any():
        ledger.note("TYP_SAKNAS", empty)
    unknown = category == ""
    counted = Counter(distinct[at] for at in number[unknown & ledger.open])
    ledger.refuse(unknown, "TYP_OKAND", column)
    known = {w: m.category for (w, _), m in zip(used, meanings, strict=True) if w and m.category}
    facts = {
        "words": dict(sorted(known.items())),
        "unknown_words": [
            {"word": word[:_SHOWN_WORD], "rows": rows}
            for word, rows in counted.most_common(_SHOWN_WORDS)
        ],
    }
    return category, detection, facts


def distinct_words(cells: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return a column as numbers of its distinct trimmed words, and these words."""
    if not pa.types.is_dictionary(cells.type):
        cells = cells.cast(pa.string()).dictionary_encode()
    whole = cells.unify_dictionaries().combine_chunks()
    encoded = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    words = [(word or "").strip() for word in encoded.dictionary.to_pylist()]
    return codes.astype(np.int64), [*words, ""]  # -1, no value, is the last


def _meaning(words: CategoryWords, word: str, source: str) -> Meaning:
    if not word:
        return Meaning("other")
    return words.meaning(word, source) or Meaning("")


def read_codes(raw: RawTable, plan: Plan, ledger: Ledger, name: str, default: str) -> Objects:
    """Read one of the closed columns (detection, source, owner, age band).

    Parameters
    ----------
    raw
        The file.
    plan
        Which column holds it.
    ledger
        Where refusals are written: an unknown word of source or owner refuses the row, because
        secrecy hangs on it; one of the others counts as unknown and is reported.
    name
        The field.
    default
        Where the file says nothing.

    Returns
    -------
    numpy.ndarray
        Shape (n,), codes.
    """
    if name not in plan.columns:
        return np.full(len(raw.rows), default, dtype=object)
    column = plan.columns[name]
    cells = text_cells(raw.columns[column])
    codes = {word: code_of(name, word) if word else default for word in cells.unique()}
    unknown = cells.map({word: code is None for word, code in codes.items()}).to_numpy(dtype=bool)
    values = cells.map({word: code or default for word, code in codes.items()})
    if unknown.any():
        if name in ("source", "owner"):
            detail = {int(at): {"field": name} for at in np.flatnonzero(unknown)}
            ledger.refuse(unknown, "ORD_OKANT", column, detail)
        else:
            ledger.note("ORD_OKANT", unknown & ledger.open, column=column)
    return values.to_numpy(dtype=object)


def read_roles(raw: RawTable, plan: Plan, ledger: Ledger) -> Objects:
    """Read whom the delivering authority limits an incident to; an unknown role refuses the row.

    Parameters
    ----------
    raw
        The file.
    plan
        Which column is which field.
    ledger
        Where refusals are written.

    Returns
    -------
    numpy.ndarray
        Shape (n,): role codes, comma separated, or None.
    """
    if "restricted_to" not in plan.columns:
        return np.full(len(raw.rows), None, dtype=object)
    column = plan.columns["restricted_to"]
    cells = text_cells(raw.columns[column])
    roles = {word: roles_of(word) for word in cells.unique()}
    unknown = cells.map({word: code is None for word, code in roles.items()}).to_numpy(dtype=bool)
    detail = {int(at): {"field": "restricted_to"} for at in np.flatnonzero(unknown)}
    ledger.refuse(unknown, "ORD_OKANT", column, detail)
    return np.array([roles[word] or None for word in cells], dtype=object)


def read_number(raw: RawTable, plan: Plan, ledger: Ledger, name: str, default: float) -> Floats:
    """Read the weight or the precision: a number, zero or more.

    Parameters
    ----------
    raw
        The file.
    plan
        Which column is which field.
    ledger
        Where refusals are written.
    name
        The field.
    default
        Where the cell is empty.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    if name not in plan.columns:
        return np.full(len(raw.rows), default)
    column = plan.columns[name]
    values, state = read_coordinates(raw.columns[column])
    bad = (state == UNREADABLE) | ((state == READ) & (values < 0))
    ledger.refuse(
        bad, "TAL_FORMAT", column, {int(at): {"field": name} for at in np.flatnonzero(bad)}
    )
    return np.where(state == READ, values, default)

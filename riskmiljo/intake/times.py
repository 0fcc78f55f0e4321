"""Time cells, however they are written, into moments on a local clock.

What a cell says is read here (`LocalTimes`); which instant that was is decided by
`riskmiljo.intake.clock`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Order = Literal["day", "month", "unclear"]

MICROSECONDS: Final = np.dtype("datetime64[us]")
_DAY_US: Final = 86_400_000_000
_SECOND_US: Final = 1_000_000

_MISSING: Final = ("", "-", "–", "null", "none", "na", "n/a", "nan", "nat", "okänd", "okänt", "?")
_MONTHS: Final = "jan feb mar apr maj jun jul aug sep okt nov dec"
_MONTH_NUMBERS: Final = {name: n for n, name in enumerate(_MONTHS.split(), 1)} | {
    "may": 5,
    "oct": 10,
}

_CLOCK: Final = (
    r"(?:[t ,]+(?:kl\.? ?)?(?P<H>\d{1,2})[:.](?P<M>\d{2})(?:[:.](?P<S>\d{2})"
    r"(?:[.,](?P<f>\d{1,9}))?)? ?(?P<ap>[ap])?\.?(?:m\.?)?)?"
)
_OFFSET: Final = r" ?(?P<off>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?$"
# Year first; digits only; two numbers of which the order must be found; a month's name.
_YEAR_FIRST: Final = r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK + _OFFSET
_COMPACT: Final = (
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"
    r"(?:[t ]?(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?(?P<ap>))?"
    + _OFFSET
)
_COMPACT_DATE: Final = r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})" + _CLOCK + _OFFSET
_NUMBERS: Final = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})" + _CLOCK + _OFFSET
_DAY_NAMED: Final = (
    r"^(?:[a-zåäö]{2,9},? )?(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?[ -](?P<mon>[a-zåäö]{3})[a-zåäö]*"
    r"\.?,?[ -](?P<y>\d{4})" + _CLOCK + _OFFSET
)
_MONTH_NAMED: Final = (
    r"^(?P<mon>[a-z]{3})[a-z]*\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})" + _CLOCK + _OFFSET
)

# Plain numbers that stand for times: smallest, largest, microseconds each, day zero, code.
_EXCEL_ZERO: Final = int(np.datetime64("1899-12-30", "us").astype(np.int64))
_EXCEL_1904_ZERO: Final = int(np.datetime64("1904-01-01", "us").astype(np.int64))
_DATE_NUMBERS: Final = (19_000_101, 21_001_231)
_SERIAL: Final = (15_000, 80_000)
_EPOCH_SECONDS: Final = (100_000_000, 5_000_000_000)
_EPOCH_MILLISECONDS: Final = (100_000_000_000, 5_000_000_000_000)

Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class LocalTimes:
    """What a column of time cells says.

    Parameters
    ----------
    local
        Shape (n,), ``datetime64[us]`` on the clock of the cell; NaT where nothing could be read.
    offset_us
        Shape (n,): the cell's own offset from UTC in microseconds.
    has_offset
        Shape (n,): whether it gives one.
    day_only
        Shape (n,): whether it names a day without a time.
    missing
        Shape (n,): whether the cell is empty.
    ordered
        Shape (n,): whether day and month could have been read the other way.
    unclear
        Shape (n,): whether that order could not be decided.
    form
        ``serial`` or ``epoch`` where a whole column of numbers was read so; else empty.
    """

    local: npt.NDArray[np.datetime64]
    offset_us: npt.NDArray[np.int64]
    has_offset: Bools
    day_only: Bools
    missing: Bools
    ordered: Bools
    unclear: Bools
    form: str = ""

    @classmethod
    def unread(cls, count: int) -> LocalTimes:
        """Return a column in which nothing has been read yet."""

        def no() -> Bools:
            return np.zeros(count, dtype=bool)

        nowhere = np.full(count, "NaT", dtype=MICROSECONDS)
        return cls(nowhere, np.zeros(count, dtype=np.int64), no(), no(), no(), no(), no())


def as_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return time cells as tidy text: trimmed, lower case, single ordinary spaces."""
    text = pc.fill_null(cells.cast(pa.string()), "")
    text = pc.utf8_lower(pc.utf8_trim(text, " \t\r\n'\u00a0"))
    return pc.replace_substring_regex(text, "[\\s\u00a0\u2009\u202f]+", " ")


def date_order(columns: Sequence[pa.ChunkedArray], *, month_first: bool) -> Order:
    """Decide once for a whole file whether 03/04/2025 is in April or in March.

    Parameters
    ----------
    columns
        All its time columns.
    month_first
        What to take where no cell tells: the custom of the place.

    Returns
    -------
    str
        ``unclear`` when the cells contradict each other in more than one of twenty.
    """
    day = month = 0
    for column in columns:
        if not _is_text(column.type):
            continue
        parts = pc.extract_regex(
            as_text(column), r"^(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})[-/.]\d{4}"
        )
        a, b = (_numbers(parts, name) for name in "ab")
        dotted = pc.equal(pc.struct_field(parts, "s"), ".")
        # Nobody writes the month first with full stops.
        day += int(((a > 12) & (b <= 12)).sum()) + (pc.sum(dotted).as_py() or 0)  # noqa: PLR2004 - months
        month += int(((b > 12) & (a <= 12)).sum())  # noqa: PLR2004
    if day == month == 0:
        return "month" if month_first else "day"
    if max(day, month) >= 0.95 * (day + month):
        return "day" if day > month else "month"
    return "unclear"


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or (pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))
    )


def read_times(cells: pa.ChunkedArray, *, order: Order, excel_1904: bool = False) -> LocalTimes:
    """Read a column of times.

    Parameters
    ----------
    cells
        Text, dates, timestamps, or numbers that are Excel's serial dates, dates written together
        or seconds since 1970 — one of these for the whole column.
    order
        As `date_order` says.
    excel_1904
        Whether serial dates count from 1904.

    Returns
    -------
    LocalTimes
        One element per cell.
    """
    kind = cells.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _from_dates(cells)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _from_numbers(cells, excel_1904=excel_1904)
    if not _is_text(kind):
        return LocalTimes.unread(len(cells))
    text = as_text(cells)
    times = LocalTimes.unread(len(text))
    times.missing = pc.is_in(text, pa.array(_MISSING)).to_numpy()
    numeric = pc.match_substring_regex(text, r"^\d+(\.\d+)?$").to_numpy() | times.missing
    if numeric.all() and not times.missing.all():
        emptied = pc.if_else(pa.array(times.missing), None, text)
        return _from_numbers(emptied.cast(pa.float64()), excel_1904=excel_1904)
    for pattern in (_YEAR_FIRST, _NUMBERS, _COMPACT, _COMPACT_DATE, _DAY_NAMED, _MONTH_NAMED):
        left = np.flatnonzero(np.isnat(times.local) & ~times.missing)
        if not left.size:
            break
        parts = pc.extract_regex(text.take(pa.array(left)), pattern)
        matched = pc.is_valid(parts).to_numpy()
        if matched.any():
            _fill(times, left[matched], parts.filter(pa.array(matched)), order)
    return times


def _from_dates(cells: pa.ChunkedArray) -> LocalTimes:
    times = LocalTimes.unread(len(cells))
    zone = getattr(cells.type, "tz", None)
    plain = cells.cast(pa.timestamp("us", zone), safe=False)
    # Arrow keeps instants in UTC whatever the zone in the type.
    numbers = pc.fill_null(plain.cast(pa.int64()), np.iinfo(np.int64).min).to_numpy()
    times.local = numbers.astype(MICROSECONDS)
    times.missing = np.isnat(times.local)
    if zone is not None:
        times.has_offset[:] = True
    elif pa.types.is_date(cells.type) or not (numbers[~times.missing] % _DAY_US).any():
        times.day_only = ~times.missing
    return times


def _from_numbers(cells: pa.ChunkedArray, *, excel_1904: bool) -> LocalTimes:
    times = LocalTimes.unread(len(cells))
    numbers = pc.fill_null(cells.cast(pa.float64()), np.nan).to_numpy().copy()
    times.missing = np.isnan(numbers)
    given = numbers[~times.missing]
    if not given.size:
        return times

    def mostly(low: float, high: float) -> bool:
        return bool(np.mean((given >= low) & (given <= high)) > 0.9)  # noqa: PLR2004 - a few may be typos

    def fill(low: float, high: float, unit_us: float, zero: int) -> None:
        inside = (numbers >= low) & (numbers <= high)
        since = np.round(numbers[inside] * unit_us / _SECOND_US).astype(np.int64) * _SECOND_US
        times.local[inside] = (since + zero).astype(MICROSECONDS)

    if mostly(*_DATE_NUMBERS):
        whole = cells.cast(pa.int64(), safe=False).cast(pa.string())
        dashed = pc.replace_substring_regex(whole, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
        return read_times(dashed, order="day")
    if mostly(*_SERIAL):
        fill(*_SERIAL, _DAY_US, _EXCEL_1904_ZERO if excel_1904 else _EXCEL_ZERO)
        times.form = "serial"
        if not (given % 1).any():
            times.day_only = ~np.isnat(times.local)
    elif mostly(*_EPOCH_MILLISECONDS):
        fill(*_EPOCH_MILLISECONDS, 1_000, 0)
        times.form, times.has_offset[:] = "epoch", True
    elif mostly(*_EPOCH_SECONDS):
        fill(*_EPOCH_SECONDS, _SECOND_US, 0)
        times.form, times.has_offset[:] = "epoch", True
    return times


def _numbers(parts: pa.ChunkedArray, name: str) -> npt.NDArray[np.int64]:
    """Return a part as whole numbers; 0 where it is empty, -1 where nothing matched."""
    if name not in [field.name for field in parts.type]:
        return np.zeros(len(parts), dtype=np.int64)
    text = pc.struct_field(parts, name)
    digits = pc.if_else(pc.equal(text, ""), "0", text)
    return np.asarray(pc.fill_null(digits.cast(pa.int64()), -1).to_numpy(), dtype=np.int64)


def _texts(parts: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    return pc.struct_field(parts, name)


def _fill(
    times: LocalTimes, at: npt.NDArray[np.int64], parts: pa.ChunkedArray, order: Order
) -> None:
    """Write the moments that one pattern found."""
    names = {field.name for field in parts.type}
    year = _numbers(parts, "y")
    if "a" in names:
        a, b = _numbers(parts, "a"), _numbers(parts, "b")
        day, month = (b, a) if order == "month" else (a, b)
        swappable = (a <= 12) & (b <= 12) & (a != b)  # noqa: PLR2004 - months
        times.ordered[at] = swappable
        if order == "unclear":
            times.unclear[at] = True
            return
    elif "mon" in names:
        codes = pc.dictionary_encode(_texts(parts, "mon")).combine_chunks()
        encoded = codes.chunk(0) if isinstance(codes, pa.ChunkedArray) else codes
        known = np.array([_MONTH_NUMBERS.get(w, 0) for w in encoded.dictionary.to_pylist()])
        month, day = known[encoded.indices.to_numpy()], _numbers(parts, "d")
    else:
        month, day = _numbers(parts, "m"), _numbers(parts, "d")
    clock_us, has_clock, good = _clock(parts)
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)  # noqa: PLR2004 - a calendar
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]")
    date = (first + np.where(good, month - 1, 0)).astype("datetime64[D]") + np.where(
        good, day - 1, 0
    )
    # The 30th of February would roll over into March.
    good &= date.astype("datetime64[M]") == first + np.where(good, month - 1, 0)
    local = date.astype(MICROSECONDS) + clock_us
    offset, has_offset, offset_good = _offsets(parts)
    good &= offset_good
    times.local[at] = np.where(good, local, np.datetime64("NaT", "us"))
    times.day_only[at] = good & ~has_clock
    times.has_offset[at] = has_offset & has_clock
    times.offset_us[at] = offset


def _clock(parts: pa.ChunkedArray) -> tuple[npt.NDArray[np.timedelta64], Bools, Bools]:
    hour, minute, second = (_numbers(parts, name) for name in "HMS")
    has_clock = pc.not_equal(_texts(parts, "H"), "").to_numpy()
    half = _texts(parts, "ap")
    afternoon, morning = (pc.equal(half, letter).to_numpy() for letter in "pa")
    twelve = afternoon | morning
    good = ~twelve | ((hour >= 1) & (hour <= 12))  # noqa: PLR2004 - a clock
    hour = np.where(afternoon & (hour < 12), hour + 12, np.where(morning & (hour == 12), 0, hour))  # noqa: PLR2004
    # 24:00 is the next day's midnight; 24:01 is nothing.
    good &= (minute < 60) & (second < 60) & ((hour < 24) | ((hour == 24) & (minute + second == 0)))  # noqa: PLR2004
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(_texts(parts, "f"), 6, "0"), 0, 6)
    micro = pc.if_else(pc.equal(fraction, ""), "0", fraction).cast(pa.int64()).to_numpy()
    total = ((hour * 60 + minute) * 60 + second) * _SECOND_US + micro
    return total.astype("timedelta64[us]"), has_clock, good


def _offsets(parts: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], Bools, Bools]:
    text = _texts(parts, "off")
    encoded = pc.dictionary_encode(text).combine_chunks()
    encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    known = np.array([_offset_us(word) for word in encoded.dictionary.to_pylist()], dtype=np.int64)
    offset = known[encoded.indices.to_numpy()]
    given = pc.not_equal(text, "").to_numpy()
    return offset, given, np.abs(offset) <= 15 * 3600 * _SECOND_US


def _offset_us(word: str) -> int:
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})?", word)
    if match is None:
        return 0
    seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
    return (seconds if match[1] == "+" else -seconds) * _SECOND_US


def joined(dates: pa.ChunkedArray, clocks: pa.ChunkedArray) -> pa.ChunkedArray:
    """Join a column of dates and one of times of day into one of text.

    Parameters
    ----------
    dates
        Text, dates or timestamps.
    clocks
        Text (``22:30``, ``22.30``, ``kl 22.30``, ``2230``), timestamps, or parts of a day as Excel
        counts them.

    Returns
    -------
    pyarrow.ChunkedArray
        ``2025-01-10 22:30``; the date alone where the time of day is empty.
    """
    if pa.types.is_timestamp(dates.type) or pa.types.is_date(dates.type):
        day = pc.fill_null(pc.strftime(dates.cast(pa.timestamp("us")), format="%Y-%m-%d"), "")
    else:
        day = as_text(dates)
        # A midnight that a spreadsheet added to the date is no time of day.
        day = pc.replace_substring_regex(day, r"[t ]0?0:00(:00(\.0+)?)?$", "")
    clock = pc.if_else(pc.is_in(c := _clock_text(clocks), pa.array(_MISSING)), "", c)
    both = pc.binary_join_element_wise(day, clock, " ")
    return pc.utf8_trim_whitespace(pc.if_else(pc.equal(day, ""), "", both))


def _clock_text(clocks: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = clocks.type
    if pa.types.is_timestamp(kind):
        return pc.fill_null(pc.strftime(clocks, format="%H:%M:%S"), "")
    if pa.types.is_floating(kind):
        seconds = pc.round(pc.multiply(clocks, 86_400.0))
        moments = seconds.cast(pa.int64()).cast(pa.timestamp("s"))
        return pc.fill_null(pc.strftime(moments, format="%H:%M:%S"), "")
    text = as_text(clocks)
    text = pc.replace_substring_regex(text, r"^(?:kl\.? ?)", "")
    text = pc.replace_substring_regex(text, r"^(\d{1,2})(\d{2})$", r"\1:\2")
    # Part of a second beyond microseconds, and Excel's "1899-12-30 22:30:00".
    return pc.replace_substring_regex(text, r"^\d{4}-\d{2}-\d{2}[t ]", "")

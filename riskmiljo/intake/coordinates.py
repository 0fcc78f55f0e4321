"""Numbers out of coordinate cells, however they are written."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

READ: Final = 0
MISSING: Final = 1
UNREADABLE: Final = 2

_MISSING_WORDS: Final = frozenset(
    ("", "-", "–", "—", "?", ".", "null", "none", "na", "n/a", "nan", "#n/a", "nil", "saknas",
     "okänd", "okänt", "uppgift saknas", "unknown", "missing")
)  # fmt: skip
# The spaces and marks that part thousands; the ordinary space comes last in each number.
_SPACES: Final = "[\\s\u00a0\u2007\u2009\u202f]"
_DEGREES: Final = re.compile(
    r"(?P<first>[NSEWÖOV])? *(?P<sign>[+-])?(?P<d>\d{1,3}(?:[.,]\d+)?) *[°º˚d:]? *"
    r"(?:(?P<m>\d{1,2}(?:[.,]\d+)?) *['′’`m:] *)?"
    r"(?:(?P<s>\d{1,2}(?:[.,]\d+)?) *(?:[\"″”s]|''|′′)? *)?"
    r"(?P<last>[NSEWÖOV])?",
    re.IGNORECASE,
)
_NEGATIVE: Final = frozenset("SWVswv")

Floats = npt.NDArray[np.float64]
Bytes8 = npt.NDArray[np.int8]


def read_coordinates(cells: pa.ChunkedArray) -> tuple[Floats, Bytes8]:
    """Read a column of coordinates.

    Parameters
    ----------
    cells
        Numbers, or text with a decimal point or comma, parted thousands, or degrees, minutes and
        seconds.

    Returns
    -------
    tuple of numpy.ndarray
        The numbers (NaN where there is none), and for each cell ``READ``, ``MISSING`` or
        ``UNREADABLE``. Infinity is unreadable.
    """
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if not pa.types.is_string(cells.type):
        if not (pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type)):
            unread = np.full(len(cells), UNREADABLE, dtype=np.int8)
            unread[pc.is_null(cells).to_numpy()] = MISSING
            return np.full(len(cells), np.nan), unread
        numbers = pc.fill_null(cells.cast(pa.float64()), np.nan).to_numpy()
        state = np.where(np.isnan(numbers), MISSING, READ)
        state[np.isinf(numbers)] = UNREADABLE
        return numbers, state.astype(np.int8)
    text = pc.utf8_trim_whitespace(pc.fill_null(cells, ""))
    missing = pc.is_in(pc.utf8_lower(text), pa.array(sorted(_MISSING_WORDS))).to_numpy()
    plain = pc.replace_substring(text, "\u2212", "-")
    plain = pc.replace_substring_regex(plain, r"^([+-]?\d+),(\d+)$", r"\1.\2")
    numbers = pd.to_numeric(plain.to_pandas().astype(object), errors="coerce").to_numpy(
        dtype=float, copy=True
    )
    numbers[missing] = np.nan
    left = np.flatnonzero(np.isnan(numbers) & ~missing)
    if left.size:
        texts = plain.take(pa.array(left)).to_pandas()
        words = {word: _from_text(word) for word in texts.unique()}
        numbers[left] = texts.map(words).to_numpy(dtype=float)
    state = np.where(missing, MISSING, np.where(np.isfinite(numbers), READ, UNREADABLE))
    return numbers, state.astype(np.int8)


def _from_text(text: str) -> float:
    """Read what is not plainly a number; NaN where it cannot be."""
    tight = re.sub(_SPACES + "|(?<=\\d)['’](?=\\d{3})", "", text)
    if re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", tight):
        return float(tight.replace(",", "."))
    # 6,638,608.06 and 6.638.608,06: the last mark is the decimal one, if it stands alone.
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|[+-]?\d{1,3},\d{3}\.\d+", tight):
        return float(tight.replace(",", ""))
    if re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|[+-]?\d{1,3}\.\d{3},\d+", tight):
        return float(tight.replace(".", "").replace(",", "."))
    return _from_degrees(re.sub(_SPACES + "+", " ", text))


def _from_degrees(text: str) -> float:
    match = _DEGREES.fullmatch(text)
    marked = match is not None and (
        match["first"] or match["last"] or re.search("[°º˚'′’\"″”:]", text)
    )
    if match is None or not marked:
        return float("nan")
    degrees, minutes, seconds = (
        float((match[part] or "0").replace(",", ".")) for part in ("d", "m", "s")
    )
    if minutes >= 60 or seconds >= 60:  # noqa: PLR2004 - there are sixty in each
        return float("nan")
    value = degrees + minutes / 60 + seconds / 3600
    letter = match["first"] or match["last"] or ""
    return -value if (letter in _NEGATIVE and letter) or match["sign"] == "-" else value

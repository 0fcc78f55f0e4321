"""What a reading asked for, as the log may hold it: closed words as they are, all else hashed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES

_DAY: Final = r"[12][0-9]{3}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2})?)?)?"
_SPAN: Final = rf"{_DAY}(/({_DAY}|[0-9]{{2}}:[0-9]{{2}}))?"
_PATTERNS: Final[dict[str, str]] = {
    "period": rf"{_SPAN}|last-[0-9]{{1,4}}-days",
    "from": _DAY,
    "to": _DAY,
    "shift": _SPAN,
    "jamfor": rf"{_SPAN}|last-[0-9]{{1,4}}-days",
    "hours": r"[0-9]{1,2}-[0-9]{1,2}",
    "weekday": r"[1-7]",
    "category": "|".join(CATEGORIES),
    "detection": "|".join(DETECTIONS),
    "source": "|".join(SOURCES),
    "teams": r"[0-9]{1,2}",
}


def told_terms(
    asked: Iterable[tuple[str, Sequence[str]]],
) -> tuple[dict[str, str | int], dict[str, str]]:
    """Return what was asked for, in two parts.

    Parameters
    ----------
    asked
        Names and values, as an address or a call has them.

    Returns
    -------
    tuple of dict
        Values of closed lists, as they are; and the rest, of which only a keyed hash may be
        written: a coordinate or a text may be in it. A box has a hash of its own.
    """
    said: dict[str, str | int] = {}
    other: list[str] = []
    hidden: dict[str, str] = {}
    for name, given in sorted(asked):
        values = [text.strip() for text in given if text.strip()]
        words = sorted({word.strip() for text in values for word in text.split(",")})
        pattern = _PATTERNS.get(name)
        if not values:
            continue
        if pattern is not None and all(re.fullmatch(pattern, word) for word in words):
            said[name] = ",".join(words)
        elif name == "bbox":
            hidden["bbox"] = "|".join(values)
        else:
            other.append(f"{name}={'|'.join(values)}")
    if other:
        hidden["more"] = "&".join(other)
    return said, hidden

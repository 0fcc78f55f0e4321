"""Sentences of the time brush and the comparison, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

WRONG_SMOOTHING: Final = Text(
    "utjamning: {t} är inget antal meter. Skriv till exempel 175.",
    "utjamning: {t} is no number of metres. Write for example 175.",
)

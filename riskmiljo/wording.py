"""Swedish and English side by side: every sentence that a user may read is a `Text`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Any, Final, Literal

from babel.dates import format_date
from babel.numbers import format_decimal

Language = Literal["sv", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("sv", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in the two languages of the product.

    Keeping both next to each other, where the sentence is needed, makes an untranslated
    text impossible: there is no catalogue to fall behind.

    Parameters
    ----------
    sv
        Swedish.
    en
        English.

    Examples
    --------
    >>> zones = Text("{n} {n:zon|zoner}", "{n} {n:zone|zones}")
    >>> zones.fill(n=3).in_language("en"), zones.fill(n=1).in_language("en")
    ('3 zones', '1 zone')
    """

    sv: str
    en: str

    def __str__(self) -> str:
        return self.sv

    def in_language(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.en if language == "en" else self.sv

    def fill(self, **values: object) -> Text:
        """Return a copy with the ``{named}`` gaps filled.

        Parameters
        ----------
        **values
            By the names of the gaps; a `Text` fills by language. A gap ``{n:one|many}`` is the
            first word where ``n`` reads "1", otherwise the second.

        Returns
        -------
        Text
            Without gaps.
        """
        return Text(
            _fill(self.sv, {k: v.sv if isinstance(v, Text) else v for k, v in values.items()}),
            _fill(self.en, {k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        )

    def as_dict(self) -> dict[str, str]:
        """Return ``{"sv": ..., "en": ...}`` for JSON."""
        return {"sv": self.sv, "en": self.en}


class _Agreeing(Formatter):
    """Makes a word agree with a number."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, choice, many = format_spec.partition("|")
        if not choice:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else many


_AGREEING: Final = _Agreeing()


def _fill(sentence: str, values: dict[str, object]) -> str:
    # Most sentences have no word to choose, and Python's own filling is ten times as fast.
    if "|" in sentence:
        return _AGREEING.vformat(sentence, (), values)
    return sentence.format(**values)


def date_text(day: date) -> Text:
    """Write a day the way each language does.

    Parameters
    ----------
    day
        By the calendar of the place.

    Returns
    -------
    Text
        For example ``2 mars 2026`` and ``2 March 2026``.

    Examples
    --------
    >>> date_text(date(2026, 3, 2)).en
    '2 March 2026'
    """
    return Text(format_date(day, "long", locale="sv_SE"), format_date(day, "long", locale="en_GB"))


def decimal_text(value: float, digits: int = 2, *, fixed: bool = False) -> Text:
    """Write a number the way each language does.

    Parameters
    ----------
    value
        A finite number, or infinity, which is written ∞.
    digits
        Decimals at most.
    fixed
        Whether trailing zeros are written, as in a column of a table.

    Returns
    -------
    Text
        For example ``0,05`` and ``0.05``. A true minus sign, and none before what rounds to nought.

    Examples
    --------
    >>> decimal_text(-0.25).en, decimal_text(-0.001).en
    ('−0.25', '0')
    """
    pattern = "#,##0." + ("0" if fixed else "#") * digits
    size = abs(value)
    sv, en = (
        "∞" if math.isinf(size) else str(format_decimal(size, pattern, locale=language))
        for language in LANGUAGES
    )
    minus = "\N{MINUS SIGN}" if value < 0 and en.strip("0.") else ""
    return Text(f"{minus}{sv}", f"{minus}{en}")

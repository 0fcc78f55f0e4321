"""Swedish and English side by side: every sentence that a user may read is a `Text`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

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
    >>> Text("{n} zoner", "{n} zones").fill(n=3).in_language("en")
    '3 zones'
    """

    sv: str
    en: str

    def __str__(self) -> str:
        return self.sv

    def in_language(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.en if language == "en" else self.sv

    def fill(self, **values: object) -> Text:
        """Return a copy with the ``{named}`` gaps filled; a `Text` value fills by language."""
        return Text(
            self.sv.format(**{k: v.sv if isinstance(v, Text) else v for k, v in values.items()}),
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        )

    def as_dict(self) -> dict[str, str]:
        """Return ``{"sv": ..., "en": ...}`` for JSON."""
        return {"sv": self.sv, "en": self.en}


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

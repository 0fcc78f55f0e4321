"""Words of foreign files into the closed word lists of the contract, by tables a user can edit."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.intake.header_words import repaired
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.model.vocabulary import (
    AGE_BANDS,
    CATEGORIES,
    DETECTIONS,
    OWNERS,
    SOURCES,
)
from riskmiljo.settings import path_of
from riskmiljo.wording import Text

_ANY: Final = "*"
_COLUMNS: Final = ("source", "word", "category", "detection")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of a file means.

    Parameters
    ----------
    category
        A word of the contract.
    detection
        What the word says of how the incident became known; empty when nothing.
    """

    category: str
    detection: str = ""


@dataclass(frozen=True)
class CategoryWords:
    """The table of category words.

    Parameters
    ----------
    by_word
        Source (or ``*``) and tidied word to its meaning.
    every
        The category of every row, whatever its word; None where the words decide.
    """

    by_word: dict[tuple[str, str], Meaning] = field(default_factory=dict)
    every: str | None = None

    @classmethod
    def read(cls, given: str | Path | Mapping[str, str] | None, default: Path) -> CategoryWords:
        """Read what the user gave.

        Parameters
        ----------
        given
            A CSV (``source, word, category, detection``), words and their categories (which win
            over the default table), one category for every row, or None.
        default
            The table where none is given.

        Returns
        -------
        CategoryWords
            Each category's own code and names are always among the words.

        Raises
        ------
        InvalidInputError
            If a category or detection is not in the vocabulary, or the file cannot be read.
        """
        if isinstance(given, str) and given in CATEGORIES:
            return cls(every=given)
        table = {
            (_ANY, tidied(word)): Meaning(code)
            for code, name in CATEGORIES.items()
            for word in (code, name.sv, name.en)
        }
        if isinstance(given, Mapping):
            table |= _from_file(default)
            for word, category in given.items():
                _check(category, "", Text(f"Ordet {word!r}", f"The word {word!r}"))
                table[_ANY, tidied(word)] = Meaning(category)
        else:
            table |= _from_file(default if given is None else path_of(given))
        return cls(table)

    def meaning(self, word: str, source: str) -> Meaning | None:
        """Return what a word means in files of a source.

        Parameters
        ----------
        word
            As it stands in the file.
        source
            A source of the vocabulary.

        Returns
        -------
        Meaning or None
            None for an unknown word. ``"Rån, försök"`` is looked up as it stands, then without
            what follows the first comma.
        """
        whole = tidied(word)
        for key in (whole, tidied(repaired(word)), whole.partition(",")[0].strip()):
            for origin in (source, _ANY):
                if found := self.by_word.get((origin, key)):
                    return found
        return None


def tidied(word: str) -> str:
    """Return a word without case, surplus space and closing punctuation."""
    return re.sub(r"\s*([,/])\s*", r"\1", " ".join(word.casefold().split())).rstrip(" .,;:")


def _from_file(path: Path) -> dict[tuple[str, str], Meaning]:
    table: dict[tuple[str, str], Meaning] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames is None or not set(_COLUMNS[:3]) <= set(reader.fieldnames):
                raise InvalidInputError(
                    Text(
                        "Ordtabellen {f} saknar en av kolumnerna source, word, category.",
                        "The word table {f} lacks one of the columns source, word, category.",
                    ).fill(f=path.name)
                )
            for number, row in enumerate(reader, 2):
                category, detection = row["category"] or "", row.get("detection") or ""
                where = Text(f"{path.name}, rad {number}", f"{path.name}, row {number}")
                _check(category, detection, where)
                table[row["source"] or _ANY, tidied(row["word"] or "")] = Meaning(
                    category, detection
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(
            Text(
                "Ordtabellen {f} kan inte läsas. Spara den som CSV i UTF-8, eller ange en av "
                "kategorierna {all}.",
                "The word table {f} cannot be read. Save it as CSV in UTF-8, or give one of the "
                "categories {all}.",
            ).fill(f=path.name, all=", ".join(CATEGORIES))
        ) from error
    return table


def _check(category: str, detection: str, where: Text) -> None:
    for value, allowed in ((category, CATEGORIES), (detection, {**DETECTIONS, "": Text("", "")})):
        if value not in allowed:
            raise InvalidInputError(
                Text(
                    "{where}: {v!r} är inte tillåtet. Tillåtna: {all}.",
                    "{where}: {v!r} is not allowed. Allowed: {all}.",
                ).fill(where=where, v=value, all=", ".join(word for word in allowed if word))
            )


def _named(names: Mapping[str, Text], extra: Mapping[str, str]) -> dict[str, str]:
    own = {tidied(w): code for code, name in names.items() for w in (code, name.sv, name.en)}
    return own | {tidied(word): code for code, words in extra.items() for word in words.split("|")}


# Words of the other closed columns: field -> tidied word -> code.
CODES: Final[dict[str, dict[str, str]]] = {
    "detection": _named(
        DETECTIONS,
        {
            "reported": "rapporterat|anmäld|anmält|anmälan|larm|112|allmänheten|citizen report",
            "discovered": "upptäckt|upptäckt av polis|ingripande|påträffad|påträffat|spaning|"
            "egen iakttagelse|eget initiativ|self-initiated|proactive|detected|officer initiated",
            "unknown": "okänd|unknown|vet ej|",
        },
    ),
    "source": _named(
        SOURCES,
        {
            "police": "polis|polismyndigheten",
            "outreach": "ungdomsjour|fältare|fältgruppen|fältverksamheten|socialtjänsten",
            "night_walkers": "nattvandring|nattvandrarna",
            "municipality": "kommun",
            "citizen": "medborgare|allmänheten|citizen",
        },
    ),
    "owner": _named(OWNERS, {"police": "polis", "social": "social", "municipality": "kommun"}),
    "age_band": _named(
        AGE_BANDS,
        {
            "under_18": "<18|0-17|-17|under 18 år|minderårig|minor",
            "18_20": "18-20|18–20|18-20 år",
            "21_plus": "21+|>20|21-|över 20|21 år och äldre",
            "unknown": "okänd|unknown|",
        },
    ),
}
ROLES: Final[dict[str, str]] = _named({str(role): ROLE_NAMES[role] for role in Role}, {})


def code_of(name: str, word: str) -> str | None:
    """Return the code of a word in one of the closed columns.

    Parameters
    ----------
    name
        ``detection``, ``source``, ``owner`` or ``age_band``.
    word
        As it stands in the file. An age in years becomes its band: the age is not kept.

    Returns
    -------
    str or None
        None for an unknown word.
    """
    tidy = tidied(word)
    if name == "age_band" and re.fullmatch(r"\d{1,3}(?:\.0)?", tidy):
        years = float(tidy)
        return "under_18" if years < 18 else "18_20" if years < 21 else "21_plus"  # noqa: PLR2004 - the bands
    return CODES[name].get(tidy)


def roles_of(text: str) -> str | None:
    """Return role codes, comma separated, of a cell that names them; None if one is unknown."""
    codes = [ROLES.get(tidied(part)) for part in text.split(",") if part.strip()]
    return None if None in codes else ",".join(sorted(code for code in codes if code))

"""What the import pages' forms say, read into choices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.situation.importing import Choices
from riskmiljo.situation.importing_staging import Staging
from riskmiljo.web import import_words
from riskmiljo.wording import Text

_LONGEST = 120
_WORD = re.compile(r"ord-([0-9]{1,3})")


def read_source(sent: Mapping[str, Sequence[str]], sources: Sequence[str]) -> str:
    """Read who a file comes from.

    Parameters
    ----------
    sent
        The form.
    sources
        Those that the reader may take in.

    Returns
    -------
    str
        The only one there is, where the form does not say.

    Raises
    ------
    InvalidInputError
        If it is none of them.
    """
    return _chosen(sent, "kalla", import_words.SOURCE, sources, sources[0])


def read_choices(
    sent: Mapping[str, Sequence[str]], staging: Staging, sources: Sequence[str]
) -> Choices:
    """Read how a file is to be read.

    Parameters
    ----------
    sent
        The form.
    staging
        The file; its columns are meant by their number.
    sources
        Those that the reader may take in.

    Returns
    -------
    Choices
        Without choices of columns where another sheet is asked for.

    Raises
    ------
    InvalidInputError
        If something cannot be chosen; names it.
    """
    layer = _one(sent, "lager")[:_LONGEST]
    mapping: dict[str, str] = {}
    if layer == staging.choices.layer:
        for number, column in enumerate(staging.columns or []):
            fields = ("", "-", *import_words.FIELDS)
            name = Text(column["name"], column["name"])
            choice = _chosen(sent, f"kolumn-{number}", name, fields, "")
            if choice:
                if choice != "-" and choice in mapping.values():
                    raise InvalidInputError(import_words.TWICE.fill(f=import_words.FIELDS[choice]))
                mapping[column["name"]] = choice
    words = {}
    for key in sent:
        if found := _WORD.fullmatch(key):
            word = _one(sent, key)[:_LONGEST]
            kinds = ("", *CATEGORIES)
            kind = _chosen(sent, f"slag-{found[1]}", Text(word, word), kinds, "")
            if kind:
                words[word] = kind
    return Choices(
        source=_chosen(sent, "kalla", import_words.SOURCE, sources, staging.choices.source),
        mapping=mapping,
        crs=_chosen(sent, "system", import_words.CRS, tuple(import_words.SYSTEMS), ""),
        words=words,
        kind=_chosen(sent, "slag", import_words.KIND, ("", *CATEGORIES), ""),
        layer=layer,
    )


def _chosen(
    sent: Mapping[str, Sequence[str]],
    name: str,
    label: Text,
    allowed: Sequence[str],
    otherwise: str,
) -> str:
    value = _one(sent, name) or otherwise
    if value not in allowed:
        raise InvalidInputError(import_words.WRONG_CHOICE.fill(name=label, v=repr(value[:40])))
    return value


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next((text.strip() for text in sent.get(name, ())), "")

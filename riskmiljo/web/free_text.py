"""What people write on the pages: about places, never about persons."""

from __future__ import annotations

from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.intake.personal import KINDS, kinds_in
from riskmiljo.wording import Text

_PERSONAL: Final = Text(
    "Texten innehåller {what}. Ta bort det: här skrivs om platser, aldrig om personer.",
    "The text holds {what}. Remove it: what is written here is about places, never about persons.",
)


def about_places(text: str) -> str:
    """Return a text that somebody has written, if it holds nothing that points out a person.

    Parameters
    ----------
    text
        As it was sent.

    Returns
    -------
    str
        The same.

    Raises
    ------
    InvalidInputError
        If it holds a personal identity number, a phone number, an e-mail address or a
        registration number; says which kind, and repeats nothing of it.
    """
    found = kinds_in(text)
    if found:
        raise InvalidInputError(_PERSONAL.fill(what=KINDS[found[0]]))
    return text

"""Decisions to release more than the joint picture across the border between owners."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.store import Store
from riskmiljo.wording import Text

FUNCTIONS: Final[dict[str, Text]] = {
    "police_area_chief": Text("Polisens lokalpolisområdeschef", "Chief of the local police area"),
    "police_legal": Text("Polisens rättsavdelning", "The police's legal department"),
    "social_director": Text("Socialdirektören", "The director of social services"),
    "social_committee": Text("Socialnämnden", "The social services committee"),
    "municipal_director": Text("Kommundirektören", "The municipal director"),
}
GROUNDS: Final[dict[str, Text]] = {
    "osl_10_2": Text("OSL 10 kap. 2 § (nödvändigt utlämnande)", "OSL 10:2 (necessary disclosure)"),
    "osl_10_18a": Text(
        "OSL 10 kap. 18 a § (unga, brottsförebyggande samverkan)",
        "OSL 10:18a (the young, joint crime prevention)",
    ),
    "osl_10_27": Text("OSL 10 kap. 27 § (generalklausulen)", "OSL 10:27 (the general clause)"),
    "osl_10_28": Text("OSL 10 kap. 28 § (uppgiftsskyldighet)", "OSL 10:28 (duty to disclose)"),
    "consent": Text("Samtycke, OSL 10 kap. 1 §", "Consent, OSL 10:1"),
}
RECIPIENTS: Final[dict[str, Text]] = {
    "police": Text("Polisen", "The police"),
    "social": Text("Socialtjänsten", "The social services"),
    "municipality": Text("Kommunen", "The municipality"),
}
WHATS: Final[dict[str, Text]] = {
    "incident": Text("En enskild händelse", "A single incident"),
    "zone_picture": Text("En zons händelser under en period", "A zone's incidents in a period"),
    "plan": Text("En passplan", "A shift plan"),
    "finer_cells": Text("Finare rutor än de gemensamma", "Finer cells than the joint ones"),
}
_LISTS: Final[dict[str, Mapping[str, Text]]] = {
    "function": FUNCTIONS,
    "ground": GROUNDS,
    "recipient": RECIPIENTS,
    "what": WHATS,
}
_OWN_WALL: Final = {"police": "police", "social": "social", "municipal": "municipality"}


def decide(
    store: Store, *, function: str, ground: str, recipient: str, what: str, now: datetime
) -> int:
    """Keep a decision to release something, with its row in the audit.

    Parameters
    ----------
    store
        Where it is kept.
    function
        Who decides: a word of `FUNCTIONS`.
    ground
        By which rule: a word of `GROUNDS`.
    recipient
        To whom: a word of `RECIPIENTS`, of another authority than who decides.
    what
        What is released: a word of `WHATS`. The release itself is made by hand: nothing is sent.
    now
        Aware.

    Returns
    -------
    int
        The decision's number.

    Raises
    ------
    InvalidInputError
        If a word is none of its list, or the recipient is who decides.
    """
    given = {"function": function, "ground": ground, "recipient": recipient, "what": what}
    for name, word in given.items():
        if word not in _LISTS[name]:
            raise InvalidInputError(
                Text(
                    "{name}: {w!r} finns inte. Tillåtna: {all}.",
                    "{name}: {w!r} is not known. Allowed: {all}.",
                ).fill(name=name, w=word[:40], all=", ".join(_LISTS[name]))
            )
    if _OWN_WALL[function.split("_", maxsplit=1)[0]] == recipient:
        raise InvalidInputError(
            Text(
                "Mottagaren är samma myndighet som beslutar: då passeras ingen gräns.",
                "The recipient is the authority that decides: no border is crossed.",
            )
        )
    return store.releases.decide(
        function=function, ground=ground, recipient=recipient, what=what, now=now
    )

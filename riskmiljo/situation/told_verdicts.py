"""What the joint picture tells of operations, in words made of the coarse figures alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from riskmiljo.situation.release_verdicts import KIND, MOST
from riskmiljo.store import Store
from riskmiljo.store.operations import Which, which_of
from riskmiljo.wording import Text, decimal_text

WAITING: Final = Text(
    "Bedöms vid ett veckosläpp, tidigast en vecka efter att insatsen är slut.",
    "Judged at a weekly release, a week after the operation has ended at the earliest.",
)
RESTS_ON: Final = Text(
    "Bygger på det som har rapporterats till {who}, mot liknande platser där inget gjordes. Det "
    "som rör minderåriga och oro för unga räknas inte. Bedömd en gång, {day}; avrundat till fem "
    "procent.",
    "Rests on what was reported to {who}, against similar places where nothing was done. What "
    "concerns minors and worry for the young is not counted. Judged once, on {day}; rounded to "
    "5%.",
)
OWNER_NAMES: Final[dict[str, Text]] = {
    "police": Text("polisen", "the police"),
    "municipality": Text("kommunen", "the municipality"),
}
_STATES: Final[dict[str, Text]] = {
    "too_few": Text(
        "Det kan inte visas om insatsen hjälpte: för få händelser på platserna eller på dem som "
        "den jämförs med, före eller under.",
        "Whether the operation helped cannot be shown: too few incidents at the places or at those "
        "it is compared with, before or during.",
    ),
    "shared": Text(
        "Det kan inte visas om insatsen hjälpte: en annan insats på samma mark, som började inom "
        "ett kvartal från den här, är redan bedömd, och två svar om samma mark kunde dras från "
        "varandra.",
        "Whether the operation helped cannot be shown: another operation on the same ground, which "
        "began within a quarter of this one, has been judged, and two answers about the same "
        "ground could be subtracted.",
    ),
    "corrected": Text(
        "Det kan inte visas om insatsen hjälpte: den har rättats sedan den bedömdes, och två svar "
        "om samma mark kunde dras från varandra.",
        "Whether the operation helped cannot be shown: it has been corrected since it was judged, "
        "and two answers about the same ground could be subtracted.",
    ),
    "large": Text(
        "Det kan inte visas om insatsen hjälpte: den täcker mer än 25 km², och då finns inget att "
        "jämföra med.",
        "Whether the operation helped cannot be shown: it covers more than 25 km², which leaves "
        "nothing to compare with.",
    ),
    "record": Text(
        "Det går inte att avgöra: underlaget börjar för sent eller har hål före insatsen.",
        "Cannot tell: the record begins too late or has holes before the operation.",
    ),
}
_WORDS: Final[dict[str, Text]] = {
    "helped": Text("Hjälpte: {c}.", "Helped: {c}."),
    "moved": Text(
        "Flyttade: {c}, men fler runt om.",
        "Moved: {c}, but more around them.",
    ),
    "worse": Text(
        "Ökade: {c}, trots insatsen eller på grund av den.",
        "Rose: {c}, in spite of the operation or because of it.",
    ),
    "no_clear_effect": Text("Ingen tydlig effekt: {c}.", "No clear effect: {c}."),
    "cannot_tell": Text("Det går inte att avgöra: {w} ({c}).", "Cannot tell: {w} ({c})."),
}
_WHY: Final[dict[str, Text]] = {
    "compared": Text("för få liknande platser", "too few similar places"),
    "power": Text(
        "inte ens en halvering hade säkert synts",
        "not even a halving would be sure to show",
    ),
    "common": Text(
        "lika stora ändringar är vanliga där inget gjordes",
        "changes as large are common where nothing was done",
    ),
    "parted": Text(
        "platserna gick isär från jämförelsen redan före insatsen",
        "the places had parted from the comparison already before the operation",
    ),
    "around": Text("det kan ha flyttat runt om", "it may have moved around the places"),
}
AROUND: Final[dict[str, Text]] = {
    "fell": Text("Runt om minskade det också.", "It fell around the places too."),
    "rose": Text("Runt om ökade det.", "It rose around the places."),
    "level": Text("Runt om syns ingen säker ändring.", "No certain change shows around them."),
}
_AROUND_UNTOLD: Final = Text(
    "Om något flyttade runt om kan inte visas: för få händelser där.",
    "Whether anything moved around them cannot be shown: too few incidents there.",
)
_MORE: Final = Text(
    "ungefär {n} % {w} än väntat, 95 %: {a} till {b} %",
    "about {n}% {w} than expected, 95%: {a} to {b}%",
)
_SAME: Final = Text(
    "ungefär som väntat, 95 %: {a} till {b} %", "about as expected, 95%: {a} to {b}%"
)


@dataclass(frozen=True, slots=True)
class ToldVerdict:
    """What the joint picture tells of one operation.

    Attributes
    ----------
    made_at
        When it was judged (UTC).
    state
        ``told``; or why nothing is: ``too_few``, ``shared``, ``corrected``, ``large`` or
        ``record``.
    word
        ``helped``, ``moved``, ``worse``, ``no_clear_effect`` or ``cannot_tell``; None where
        nothing is told.
    estimate, lower, upper
        Relative change in whole twentieths, its 95 % interval rounded outward; None likewise.
    around
        ``fell``, ``rose`` or ``level``: what happened around the places; None where it is not told.
    text
        The verdict in words.
    around_text
        What happened around the places, in words; None where nothing is told.
    owners
        Whose reports it rests on; None where nothing is told.
    """

    made_at: datetime
    state: str
    word: str | None
    estimate: float | None
    lower: float | None
    upper: float | None
    around: str | None
    text: Text
    around_text: Text | None
    owners: str | None


def told_verdicts(store: Store) -> dict[Which, ToldVerdict]:
    """Return what the joint picture tells of each operation.

    Parameters
    ----------
    store
        Where verdicts are kept.

    Returns
    -------
    dict
        By the number of the operation and its revision: those that have been judged.
    """
    told: dict[Which, ToldVerdict] = {}
    for row in store.results.all(KIND):
        told.setdefault(which_of(row.parameters), _read(row.body, row.made_at))
    return told


def _read(body: dict[str, Any], made_at: datetime) -> ToldVerdict:
    state = str(body["state"])
    if state != "told":
        return ToldVerdict(made_at, state, None, None, None, None, None, _STATES[state], None, None)
    change = _change(body["estimate"], body["lower"], body["upper"])
    why = _WHY.get(body["why"] or "", Text("", ""))
    around = body["around"]
    return ToldVerdict(
        made_at=made_at,
        state=state,
        word=body["word"],
        estimate=body["estimate"],
        lower=body["lower"],
        upper=body["upper"],
        around=around,
        text=_WORDS[body["word"]].fill(c=change, w=why),
        around_text=_AROUND_UNTOLD if around is None else AROUND[around],
        owners=body["owners"],
    )


def _change(estimate: float, lower: float, upper: float) -> Text:
    ends = {"a": _signed(lower), "b": _signed(upper)}
    if estimate == 0:
        return _SAME.fill(**ends)
    word = Text("färre", "fewer") if estimate < 0 else Text("fler", "more")
    return _MORE.fill(n=decimal_text(abs(100 * estimate), 0), w=word, **ends)


def _signed(share: float) -> Text:
    number = decimal_text(abs(100 * share), 0)
    if share >= MOST:
        return Text(f"mer än +{number.sv}", f"more than +{number.en}")
    sign = "" if share == 0 else "+" if share > 0 else "\N{MINUS SIGN}"
    return Text(f"{sign}{number.sv}", f"{sign}{number.en}")

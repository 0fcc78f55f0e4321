"""What an evaluation says in plain words: helped, no clear effect, or cannot tell, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from riskmiljo.analysis.effect_inference import Ratio
from riskmiljo.wording import Text, decimal_text

Code = Literal["helped", "moved", "worse", "no_clear_effect", "cannot_tell"]

# Effects smaller than this share that cannot be seen make an empty result say nothing.
MOST_INVISIBLE: Final = 0.5
# How rare the change must be among places where nothing was done.
MOST_PLACEBO: Final = 0.1
_FEWEST_PLACES: Final = 3
_FEWEST_INCIDENTS: Final = 10
_ATE_IT_ALL: Final = -1.0
_RAREST: Final = 0.005


@dataclass(frozen=True, slots=True)
class Findings:
    """What the verdict rests on.

    Parameters
    ----------
    change
        In the operation's places against the comparison.
    around
        In the ring around them against the comparison; None without a ring or incidents there.
    power
        The smallest decrease that would be seen, a share.
    wdq
        Weighted displacement quotient.
    placebo_p
        How rare the change is among comparison places; NaN where not tried.
    drifted
        Whether an imagined operation just before the real one seems to have had an effect.
    incidents
        In the operation's places, before and during.
    places
        How many comparison places there are.
    """

    change: Ratio
    around: Ratio | None
    power: float
    wdq: float
    placebo_p: float
    drifted: bool
    incidents: int
    places: int


def verdict(found: Findings) -> tuple[Code, Text]:
    """Say what an operation did.

    Parameters
    ----------
    found
        What the evaluation found.

    Returns
    -------
    tuple
        The verdict's code and sentence.
    """
    hindrance = _hindrance(found)
    if hindrance is not None:
        return "cannot_tell", Text(
            f"Det går inte att avgöra: {hindrance.sv}", f"Cannot tell: {hindrance.en}"
        )
    change = found.change
    if change.upper < 0:
        return _fell(found)
    if change.lower > 0:
        return "worse", Text(
            "Ökade: {c} mot jämförbara platser, trots insatsen eller på grund av den.",
            "Rose: {c} against comparable places, in spite of the operation or because of it.",
        ).fill(c=_size(change))
    return "no_clear_effect", Text(
        "Ingen tydlig effekt: {c}. En minskning med {p} eller mer skulle ha synts.",
        "No clear effect: {c}. A decrease of {p} or more would have been seen.",
    ).fill(c=_size(change), p=percent(found.power))


def _fell(found: Findings) -> tuple[Code, Text]:
    """Say whether what left the places is gone, moved, or may have moved."""
    here, around = _size(found.change), _size(found.around)
    more_around = found.around is not None and found.around.lower > 0
    if found.wdq < _ATE_IT_ALL and more_around:
        return "moved", Text(
            "Flyttade: {h} på platserna, men {a} runt om.",
            "Moved: {h} at the places, but {a} around them.",
        ).fill(h=here, a=around)
    if found.wdq < _ATE_IT_ALL and found.around is not None:
        return "cannot_tell", Text(
            "Det går inte att avgöra om insatsen hjälpte eller flyttade: {h} på platserna, {a} "
            "runt om.",
            "Cannot tell whether the operation helped or moved: {h} at the places, {a} around "
            "them.",
        ).fill(h=here, a=around)
    helped = Text(
        f"Hjälpte: {here.sv} mot jämförbara platser.",
        f"Helped: {here.en} against comparable places.",
    )
    if more_around:
        return "helped", Text(
            f"{helped.sv} En del flyttade: {around.sv} runt om.",
            f"{helped.en} Some of it moved: {around.en} around them.",
        )
    return "helped", helped


def power_text(power: float) -> Text:
    """Say what an evaluation can see, before it is made.

    Parameters
    ----------
    power
        The smallest decrease seen with 80 % power, a share.

    Returns
    -------
    Text
        One sentence.
    """
    if power >= 1:
        return Text(
            "Underlaget är för litet: inte ens om allt upphörde skulle det synas säkert.",
            "Too little to go by: not even the end of all incidents would be sure to show.",
        )
    return Text(
        "Minsta minskning som syns fyra gånger av fem: {p}.",
        "The smallest decrease that shows four times in five: {p}.",
    ).fill(p=percent(power))


def percent(share: float) -> Text:
    """Write a share as per cent, the way each language does, with a true minus."""
    number = whole_percent(share)
    return Text(f"{number.sv} %", f"{number.en}%")


def rarity(share: float) -> Text:
    """Write the share of places that changed as much, which is never none: ``färre än 1 %``.

    Parameters
    ----------
    share
        0.12 is 12 %.

    Returns
    -------
    Text
        Whole per cent.
    """
    if share < _RAREST:
        return Text("färre än 1 %", "fewer than 1%")
    return percent(share)


def whole_percent(share: float) -> Text:
    """Write a share in whole per cent without the sign of it.

    Parameters
    ----------
    share
        0.5 is 50.

    Returns
    -------
    Text
        With a true minus; what rounds to nought has none.
    """
    return decimal_text(100 * share, 0)


def _hindrance(found: Findings) -> Text | None:
    undecided = not (found.change.upper < 0 or found.change.lower > 0)
    if found.places < _FEWEST_PLACES:
        return Text(
            "bara {n} {n:jämförelseplats|jämförelseplatser}, så det syns inte hur mycket platser "
            "ändras ändå.",
            "only {n} comparison {n:place|places}, which is too few to show how much places change "
            "anyhow.",
        ).fill(n=found.places)
    if found.incidents < _FEWEST_INCIDENTS:
        return Text(
            "bara {n} {n:händelse|händelser} på platserna, före och under.",
            "only {n} {n:incident|incidents} at the places, before and during.",
        ).fill(n=found.incidents)
    if found.drifted:
        return Text(
            "platserna gick isär från jämförelsen redan före insatsen.",
            "the places had parted from the comparison already before the operation.",
        )
    if undecided and found.power > MOST_INVISIBLE:
        reason = power_text(found.power)
        return Text(
            f"för få händelser, {_size(found.change).sv}. {reason.sv}",
            f"too few incidents, {_size(found.change).en}. {reason.en}",
        )
    if not undecided and found.placebo_p > MOST_PLACEBO:
        return Text(
            "lika stora ändringar är vanliga på platser där inget gjordes ({p} av dem).",
            "changes as large are common where nothing was done ({p} of those places).",
        ).fill(p=percent(found.placebo_p))
    return None


def _size(change: Ratio | None) -> Text:
    if change is None:
        return Text("", "")
    low, high = percent(change.lower), percent(change.upper)
    size = percent(abs(change.estimate))
    words = Text("{s} färre", "{s} fewer") if change.estimate < 0 else Text("{s} fler", "{s} more")
    limits = Text("(95 %: {l} till {h})", "(95%: {l} to {h})").fill(l=low, h=high)
    return Text("{w} {i}", "{w} {i}").fill(w=words.fill(s=size), i=limits)

"""What is said of a patrol area: its name, and in one line why it is as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from riskmiljo.wording import Text, decimal_text

# A second zone comes into the name if it weighs at least this share of the first.
_NAMED_SHARE: Final = 0.3
# Sides as the names of parts of Swedish towns have them, counter-clockwise from the east.
_SIDES: Final = (
    "östra", "nordöstra", "norra", "nordvästra", "västra", "sydvästra", "södra", "sydöstra",
)  # fmt: skip
_FEWEST_SHOWN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Portion:
    """A zone, or the part of one, in an area.

    Attributes
    ----------
    zone_id, name
        Of the zone.
    expected
        Expected incidents of this portion.
    side
        Where in its zone it lies, as a word for names; empty for a whole zone.
    shared_with
        Numbers of the other areas that hold parts of the zone.
    peak
        Hours of the shift in which most is expected; may be empty.
    """

    zone_id: str
    name: str
    expected: float
    side: str = ""
    shared_with: tuple[int, ...] = ()
    peak: str = ""


def side_of(part: tuple[float, float], whole: tuple[float, float]) -> str:
    """Return on which side of a zone a part of it lies.

    Parameters
    ----------
    part, whole
        Their middles, metres east and north.

    Returns
    -------
    str
        A Swedish word such as ``norra``.

    Examples
    --------
    >>> side_of((0.0, 100.0), (0.0, 0.0))
    'norra'
    """
    angle = np.arctan2(part[1] - whole[1], part[0] - whole[0])
    return _SIDES[round(float(angle) / (np.pi / 4)) % 8]


def area_names(areas: list[list[Portion]]) -> list[str]:
    """Name areas after their one or two weightiest zones, no two alike.

    Parameters
    ----------
    areas
        The portions of each area, weightiest first.

    Returns
    -------
    list of str
        Such as ``Resecentrum–Vaksala torg``.
    """
    names: list[str] = []
    for portions in areas:
        named = [p for p in portions[:2] if p.expected >= _NAMED_SHARE * portions[0].expected]
        name = "–".join(f"{p.name} {p.side}".strip() for p in named)
        again, plain = 2, name
        while name in names:
            name = f"{plain} {again}"
            again += 1
        names.append(name)
    return names


def why(portions: list[Portion], share_of_all: float, *, per_week: bool) -> Text:
    """Say in one line what an area holds.

    Parameters
    ----------
    portions
        Its portions, weightiest first.
    share_of_all
        Its share of all expected incidents, 0 to 1.
    per_week
        Whether the figures are for a week, not a shift.

    Returns
    -------
    Text
        Such as "3 zoner, väntat 2,1 händelser i passet, 34 % av alla; tyngst City 22–01."
    """
    n = len(portions)
    heaviest = portions[0]
    figure = _figure(sum(p.expected for p in portions))
    line = Text(
        "{zones}, väntat {f} {f:händelse|händelser} {span}, {share:.0f} % av alla; "
        "tyngst {top}{peak}",
        "{zones}, {f} {f:incident|incidents} expected {span}, {share:.0f}% of all; "
        "heaviest {top}{peak}",
    ).fill(
        zones=Text("{n} {n:zon|zoner}", "{n} {n:zone|zones}").fill(n=n),
        f=figure,
        span=Text("i veckan", "a week") if per_week else Text("i passet", "in the shift"),
        share=100 * share_of_all,
        top=heaviest.name,
        peak=f" {heaviest.peak}" if heaviest.peak else "",
    )
    for portion in portions:
        if portion.shared_with:
            line = _and_shared(line, portion)
    return Text(f"{line.sv}.", f"{line.en}.")


def _and_shared(line: Text, portion: Portion) -> Text:
    numbers = [str(number) for number in portion.shared_with]
    listed = Text(_listed(numbers, "och"), _listed(numbers, "and"))
    shared = Text("{z} delas med område {n}", "{z} is shared with area {n}").fill(
        z=portion.name, n=listed
    )
    return Text(f"{line.sv}; {shared.sv}", f"{line.en}; {shared.en}")


def _listed(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _figure(value: float) -> Text:
    if 0 < value < _FEWEST_SHOWN:
        return Text("under {d}", "under {d}").fill(d=decimal_text(0.1, 1))
    return decimal_text(value, 1, fixed=True)


def balance_text(
    deviation: float, *, within: bool, bound: bool, heavy: HeavyZone | None = None
) -> Text:
    """Say how even areas are.

    Parameters
    ----------
    deviation
        The largest deviation of an area's load from the mean, as a share of it.
    within
        Whether that is as even as was sought.
    bound
        Whether the user has fixed borders or moved zones.
    heavy
        A zone that alone makes that impossible.

    Returns
    -------
    Text
        With the reason where they are uneven.
    """
    if within:
        return Text(
            "Inget område väntas få mer än {p:.0f} % mer eller mindre än medlet.",
            "No area is expected to have more than {p:.0f}% above or below the mean.",
        ).fill(p=_per_cent(deviation))
    if heavy is not None:
        reason = heavy.said()
    elif bound:
        reason = Text(
            "zonerna hålls hela, fasta gränser och flyttade zoner ligger kvar, och en jämnare "
            "delning hittades inte",
            "zones are kept whole, fixed borders and moved zones stay, and no more even sharing "
            "was found",
        )
    else:
        reason = Text(
            "zonerna hålls hela, och en jämnare delning i sammanhängande områden hittades inte",
            "zones are kept whole, and no more even sharing in connected areas was found",
        )
    return Text(
        "Ett område väntas få {p:.0f} % mer eller mindre än medlet: {w}.",
        "One area is expected to have {p:.0f}% above or below the mean: {w}.",
    ).fill(p=_per_cent(deviation), w=reason)


@dataclass(frozen=True, slots=True)
class HeavyZone:
    """A zone, or its part on one side of a border, that weighs more than an area should.

    Attributes
    ----------
    name
        What it is called.
    load, mean
        Its load, and the mean of an area's.
    sought
        The largest deviation from the mean that was sought, as a share of it.
    counted
        Whether loads are expected incidents, not hectares.
    """

    name: str
    load: float
    mean: float
    sought: float
    counted: bool

    @property
    def deviation(self) -> float:
        """By how much the area that holds it must deviate from the mean, as a share of it."""
        return self.load / self.mean - 1

    def said(self) -> Text:
        """Say why areas cannot be more even.

        Returns
        -------
        Text
            With the numbers, without a full stop.
        """
        figures = Text(
            " ({l} {l:händelse|händelser} mot {m})",
            " ({l} {l:incident|incidents} against {m})",
        ).fill(l=decimal_text(self.load, 1, fixed=True), m=decimal_text(self.mean, 1, fixed=True))
        return Text(
            "{z} är en enda zon, hålls hel och väger ensam {p:.0f} % av medlet{f}, så inom {s:.0f} "
            "% går det inte med så här många lag",
            "{z} is one zone, is kept whole and alone weighs {p:.0f}% of the mean{f}, so within "
            "{s:.0f}% is impossible with this many teams",
        ).fill(
            z=self.name,
            p=100 * self.load / self.mean,
            f=figures if self.counted and self.mean >= _FEWEST_SHOWN else "",
            s=100 * self.sought,
        )


def kept_text(zones: list[tuple[str, int]], deviation: float, before: float) -> Text:
    """Say what it costs that a user has moved zones.

    Parameters
    ----------
    zones
        Name of each moved zone and the number of its area.
    deviation, before
        Largest deviation from the mean with and without the moves, as a share of the mean.

    Returns
    -------
    Text
        Such as "Flyttat: City till område 2. Största avvikelsen från medlet blir 14 %, mot 4 %
        utan."
    """
    sv = _listed([f"{name} till område {number}" for name, number in zones], "och")
    en = _listed([f"{name} to area {number}" for name, number in zones], "and")
    return Text(
        "Flyttat: {z}. Största avvikelsen från medlet blir {p:.0f} %, mot {q:.0f} % utan.",
        "Moved: {z}. The largest deviation from the mean is {p:.0f}%, against {q:.0f}% without.",
    ).fill(z=Text(sv, en), p=_per_cent(deviation), q=_per_cent(before))


def _per_cent(share: float) -> float:
    return float(np.ceil(max(100 * share - 1e-9, 0.0)))

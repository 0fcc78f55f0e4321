"""The sites of a simulated city: the planted places, and last the rest of the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from riskmiljo.simulate.almanac import Almanac, Floats
from riskmiljo.simulate.behaviour import mix_of
from riskmiljo.simulate.ground import Addresses, background_addresses, place_addresses
from riskmiljo.simulate.streams import stream
from riskmiljo.simulate.truth import Truth

_BACKGROUND_RHYTHM: Final = "city_wide"
_BACKGROUND_MIX: Final = "everywhere"
# A crew in the rest of the city sees this share of what goes on there.
_BACKGROUND_SEEN: Final = 1 / 15


@dataclass(frozen=True, slots=True)
class Site:
    """A planted place, or the rest of the city, with everything that chance has laid out there.

    Parameters
    ----------
    place_id
        Empty for the rest of the city.
    addresses
        Where its incidents happen.
    by_kind
        Shape (kinds, hours): incidents expected if the site had average presence and reporting.
    festive
        Shape (hours,): those of them that yearly events bring.
    attention
        How many times more crews come than its size calls for.
    reporting
        How many times more is reported than on average.
    seen_at_once
        The share of the site that a crew on the spot can watch.
    """

    place_id: str
    addresses: Addresses
    by_kind: Floats
    festive: Floats
    attention: float = 1.0
    reporting: float = 1.0
    seen_at_once: float = 1.0


def lay_out_sites(truth: Truth, almanac: Almanac, anchors: Floats, *, seed: int) -> list[Site]:
    """Lay out a city.

    Parameters
    ----------
    truth
        What is planted.
    almanac
        The hours of the period.
    anchors
        Shape (n, 2): where the city's named places are, EPSG:3006, metres.
    seed
        Of the whole simulation.

    Returns
    -------
    list of Site
        The planted places in their order, then the rest of the city.
    """
    sites = []
    for place in truth.places:
        everyday = almanac.intensity(place.rhythm, yearly_change=place.yearly_change)
        shares = [dict(event.places).get(place.place_id, 0.0) for event in truth.events]
        sites.append(
            Site(
                place.place_id,
                place_addresses(place, stream(seed, "addresses", place.place_id)),
                *_expected(everyday * place.per_year, place.mix, shares, truth, almanac),
                attention=place.attention,
                reporting=place.reporting,
            )
        )
    everyday = almanac.intensity(_BACKGROUND_RHYTHM) * truth.background_per_year
    shares = [1.0 - sum(share for _, share in event.places) for event in truth.events]
    sites.append(
        Site(
            "",
            background_addresses(anchors, stream(seed, "streets")),
            *_expected(everyday, _BACKGROUND_MIX, shares, truth, almanac),
            seen_at_once=_BACKGROUND_SEEN,
        )
    )
    return sites


def _expected(
    everyday: Floats, mix: str, shares: list[float], truth: Truth, almanac: Almanac
) -> tuple[Floats, Floats]:
    """Return what is expected by kind and hour, and what yearly events bring of it."""
    by_kind = mix_of(mix)[:, None] * everyday
    festive = 0.0 * everyday
    for event, share in zip(truth.events, shares, strict=True):
        if share > 0:
            brought = almanac.event_intensity(event) * event.per_year * share
            by_kind += mix_of(event.mix)[:, None] * brought
            festive += brought
    return by_kind, festive

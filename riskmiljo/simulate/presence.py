"""Presence: where the simulated crews have been, and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.simulate.almanac import Almanac, Floats
from riskmiljo.simulate.behaviour import CREWS
from riskmiljo.simulate.sites import Site
from riskmiljo.simulate.streams import stream

_CREW_NAMES: Final = tuple(CREWS)
# The share of stops that are made somewhere in the rest of the city.
_ELSEWHERE: Final = 0.35
# Crews go where much happens, though not quite in proportion.
_PULL_OF_SIZE: Final = 0.9
# Stops that a yearly event draws, for each incident expected of it.
_STOPS_PER_EVENT_INCIDENT: Final = 0.1
_LENGTH_SPREAD: Final = 0.45
_SHORTEST_MIN: Final = 5
_LONGEST_MIN: Final = 90


@dataclass(frozen=True, slots=True)
class Visits:
    """Stops of crews, as arrays of one length.

    Parameters
    ----------
    site
        Index into the sites.
    hour
        Index into the almanac's hours.
    begins
        Seconds after the start of the period.
    minutes
        Length.
    crew
        Index into the names of `CREWS`.
    xy
        Shape (n, 2), metres.
    """

    site: npt.NDArray[np.int64]
    hour: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.int64]
    crew: npt.NDArray[np.int64]
    xy: Floats

    def crew_names(self) -> npt.NDArray[np.object_]:
        """Return who was out, for each visit."""
        return np.asarray(_CREW_NAMES, dtype=object)[self.crew]


def simulate_visits(sites: list[Site], almanac: Almanac, *, seed: int) -> Visits:
    """Send out the crews: unevenly over the places, by their own habits over the week.

    Parameters
    ----------
    sites
        The places, the rest of the city last.
    almanac
        The hours of the period.
    seed
        Of the whole simulation.

    Returns
    -------
    Visits
        In the order in which they begin.
    """
    size = np.array([site.by_kind.sum() for site in sites])
    pull = np.array([site.attention for site in sites]) * size**_PULL_OF_SIZE
    if len(sites) > 1:
        pull[:-1] *= (1 - _ELSEWHERE) / pull[:-1].sum()
    pull[-1] = _ELSEWHERE
    days = len(almanac.starts) / 24
    parts = []
    for number, (name, crew) in enumerate(CREWS.items()):
        week = almanac.intensity(crew.rhythm)
        week = week / week.sum() * crew.visits_per_day * days
        share = crew.visits_per_day / sum(other.visits_per_day for other in CREWS.values())
        for index, site in enumerate(sites):
            rng = stream(seed, "visits", name, site.place_id)
            expected = week * pull[index] + site.festive * _STOPS_PER_EVENT_INCIDENT * share
            count = rng.poisson(expected)
            hour = np.repeat(np.arange(len(count)), count)
            length = np.exp(rng.normal(np.log(crew.minutes), _LENGTH_SPREAD, len(hour)))
            minutes = np.clip(length.round(), _SHORTEST_MIN, _LONGEST_MIN).astype(np.int64)
            begins = hour * 3600 + rng.integers(0, 60, len(hour)) * 60
            xy = site.addresses.draw(rng, len(hour))
            parts.append((np.full(len(hour), index), hour, begins, minutes, number, xy))
    site_of, hour, begins, minutes = (
        np.concatenate([part[column] for part in parts]).astype(np.int64) for column in range(4)
    )
    crew_of = np.concatenate([np.full(len(part[0]), part[4]) for part in parts]).astype(np.int64)
    xy = np.concatenate([part[5] for part in parts])
    order = np.argsort(begins, kind="stable")
    return Visits(
        site_of[order], hour[order], begins[order], minutes[order], crew_of[order], xy[order]
    )

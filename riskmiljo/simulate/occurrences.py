"""What happens in the simulated city, and what of it becomes known.

Incidents of one kind at one site arise as a Poisson process with rate λ(t). A crew that is on the
spot for h hours finds each with probability p = 1 - exp(-δ h); what no crew finds is reported
with probability ρ:

    discovered ~ Poisson(λ p),  reported ~ Poisson(ρ λ (1 - p))

Known incidents then set off near repeats, which are all reported and set off others in turn.

References
----------
Mohler, Short, Brantingham, Schoenberg and Tita (2011), Self-exciting point process modeling of
crime, Journal of the American Statistical Association 106(493).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.simulate.almanac import Almanac, Floats
from riskmiljo.simulate.behaviour import BEHAVIOUR, CREWS, KINDS
from riskmiljo.simulate.presence import Visits
from riskmiljo.simulate.sites import Site
from riskmiljo.simulate.streams import stream

Integers = npt.NDArray[np.int64]

_DAY_S: Final = 86_400
_REPEAT_LAG_DAYS: Final = 3.0
_REPEAT_LONGEST_DAYS: Final = 14
_REPEAT_HOUR_SPREAD_S: Final = 5_400.0
_REPEAT_SAME_ADDRESS: Final = 0.6
_REPEAT_DISTANCE_M: Final = 35.0
# A chain of repeats of repeats is cut here; with at most 0.25 repeats each it has long died out.
_GENERATIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Known incidents, as arrays of one length.

    Parameters
    ----------
    site
        Index into the sites.
    kind
        Index into `KINDS`.
    second
        When it truly happened, seconds after the start of the period.
    xy
        Where it truly happened, shape (n, 2), metres.
    visit
        Index of the visit that found it; -1 for a reported one.
    """

    site: Integers
    kind: Integers
    second: Integers
    xy: Floats
    visit: Integers

    def take(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Occurrences:
        """Return some of them, by a mask or by their order."""
        return Occurrences(
            self.site[which], self.kind[which], self.second[which], self.xy[which],
            self.visit[which],
        )  # fmt: skip


def join(parts: list[Occurrences]) -> Occurrences:
    """Put several sets of incidents behind each other."""
    return Occurrences(
        site=np.concatenate([part.site for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        second=np.concatenate([part.second for part in parts]),
        xy=np.concatenate([part.xy for part in parts]),
        visit=np.concatenate([part.visit for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How much becomes known, and how much there was.

    Parameters
    ----------
    reported
        For each site, shape (kinds, hours): expected reported incidents.
    discovered
        For each site, shape (kinds, visits of the site): expected discovered incidents.
    visits_of
        For each site, the indices of its visits.
    happened
        Shape (sites,): incidents that truly happen in the whole period, expected.
    """

    reported: list[Floats]
    discovered: list[Floats]
    visits_of: list[Integers]
    happened: Floats

    def scaled_to(self, incidents: float) -> Knowledge:
        """Return the same with as many expected incidents, near repeats included."""
        repeats = np.array([BEHAVIOUR[kind].repeats for kind in KINDS])
        by_kind = sum(a.sum(axis=1) for a in self.reported + self.discovered)
        factor = incidents / float((by_kind / (1 - repeats)).sum())
        return Knowledge(
            [part * factor for part in self.reported],
            [part * factor for part in self.discovered],
            self.visits_of,
            self.happened * factor,
        )


def weigh_knowledge(sites: list[Site], visits: Visits) -> Knowledge:
    """Work out what of all that happens is found by crews, and what is reported.

    The true rate of each kind is set so that, over the whole city, as many become known as the
    sites' own figures say: a site with more presence or reporting than average shows more.

    Parameters
    ----------
    sites
        Places and the rest of the city.
    visits
        Where the crews have been.

    Returns
    -------
    Knowledge
        Expected counts, not yet scaled to a wanted number.
    """
    found_per_hour = np.array([BEHAVIOUR[kind].found_per_hour for kind in KINDS])
    reported_share = np.array([BEHAVIOUR[kind].reported for kind in KINDS])
    # Shape (crews, kinds): whether the crew finds that kind at all.
    finds = np.array([[kind in crew.finds for kind in KINDS] for crew in CREWS.values()])
    reported, discovered, visits_of = [], [], []
    for index, site in enumerate(sites):
        own = np.flatnonzero(visits.site == index)
        # δ h of each visit, shape (kinds, visits), and of each hour that has one.
        effort = (finds[visits.crew[own]] * (visits.minutes[own] / 60)[:, None] * found_per_hour).T
        per_hour = np.zeros_like(site.by_kind)
        for kind, row in enumerate(effort):
            per_hour[kind] = np.bincount(visits.hour[own], row, minlength=per_hour.shape[1])
        found = (1 - np.exp(-per_hour)) * site.seen_at_once
        rho = np.minimum(reported_share * site.reporting, 1.0)[:, None]
        reported.append(site.by_kind * rho * (1 - found))
        with_effort = np.where(per_hour > 0, per_hour, 1.0)
        # What is found in an hour is shared among its visits by their effort.
        discovered.append((site.by_kind * found / with_effort)[:, visits.hour[own]] * effort)
        visits_of.append(own)
    planned = np.array([site.by_kind.sum(axis=1) for site in sites])
    known = sum(part.sum(axis=1) for part in reported + discovered)
    # How many of a kind truly happen for each one that the figures call for.
    wanted = planned.sum(axis=0)
    true_per_known = np.divide(wanted, known, out=np.zeros(len(KINDS)), where=known > 0)
    return Knowledge(
        [part * true_per_known[:, None] for part in reported],
        [part * true_per_known[:, None] for part in discovered],
        visits_of,
        (planned * true_per_known).sum(axis=1),
    )


def draw_occurrences(
    sites: list[Site], visits: Visits, knowledge: Knowledge, *, seed: int
) -> Occurrences:
    """Let it happen.

    Parameters
    ----------
    sites
        Places and the rest of the city.
    visits
        Where the crews have been.
    knowledge
        Expected counts.
    seed
        Of the whole simulation.

    Returns
    -------
    Occurrences
        Without near repeats, in no order.
    """
    parts = []
    for index, site in enumerate(sites):
        rng = stream(seed, "reported", site.place_id)
        kind, hour = np.nonzero(count := rng.poisson(knowledge.reported[index]))
        times = count[kind, hour]
        kind, hour = np.repeat(kind, times), np.repeat(hour, times)
        second = hour * 3600 + rng.integers(0, 3600, len(hour))
        xy = site.addresses.draw(rng, len(hour))
        nobody = np.full(len(hour), -1)
        parts.append(Occurrences(np.full(len(hour), index), kind, second, xy, nobody))

        rng = stream(seed, "discovered", site.place_id)
        kind, at = np.nonzero(count := rng.poisson(knowledge.discovered[index]))
        times = count[kind, at]
        kind, visit = np.repeat(kind, times), np.repeat(knowledge.visits_of[index][at], times)
        within = rng.random(len(visit)) * visits.minutes[visit] * 60
        second = visits.begins[visit] + within.astype(np.int64)
        parts.append(Occurrences(np.full(len(visit), index), kind, second, visits.xy[visit], visit))
    return join(parts)


def add_near_repeats(first: Occurrences, almanac: Almanac, rng: np.random.Generator) -> Occurrences:
    """Let incidents set off others nearby, soon after, at about the same time of day.

    Parameters
    ----------
    first
        Known incidents.
    almanac
        The hours of the period; what would happen after its end is left out.
    rng
        The chance.

    Returns
    -------
    Occurrences
        The given ones and their repeats, which belong to the same site and are all reported.
    """
    expected = np.array([BEHAVIOUR[kind].repeats for kind in KINDS])
    end = len(almanac.starts) * 3600
    generations = [first]
    for _ in range(_GENERATIONS):
        parents = generations[-1]
        parents = parents.take(
            np.repeat(np.arange(len(parents.kind)), rng.poisson(expected[parents.kind]))
        )
        size = len(parents.kind)
        days = np.minimum(rng.exponential(_REPEAT_LAG_DAYS, size).astype(np.int64) + 1,
                          _REPEAT_LONGEST_DAYS)  # fmt: skip
        jitter = rng.normal(0.0, _REPEAT_HOUR_SPREAD_S, size).astype(np.int64)
        second = parents.second + days * _DAY_S + jitter
        elsewhere = rng.random(size) >= _REPEAT_SAME_ADDRESS
        step = rng.normal(0.0, _REPEAT_DISTANCE_M, (size, 2)) * elsewhere[:, None]
        repeats = Occurrences(
            parents.site, parents.kind, second, parents.xy + step, np.full(size, -1)
        )
        generations.append(repeats.take(second < end))
    return join(generations)

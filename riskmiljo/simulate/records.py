"""What the owners write down about each simulated incident: who told, when, how exactly where."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.geo.crs import SWEREF99_TM, points_frame
from riskmiljo.model.incidents import UTC_DTYPE, complete_incidents
from riskmiljo.model.vocabulary import AGE_BANDS, OWNER_OF_SOURCE
from riskmiljo.simulate.almanac import Almanac, Floats
from riskmiljo.simulate.behaviour import BEHAVIOUR, DELAYS, FOUND_DELAY, KINDS, REPORTERS
from riskmiljo.simulate.occurrences import Integers, Occurrences
from riskmiljo.simulate.presence import Visits
from riskmiljo.simulate.sites import Site
from riskmiljo.simulate.streams import stream

_MISPLACED_SHARE: Final = 0.25
_MISPLACED_M: Final = 20.0
# What the owner says of its precision, for a misplaced point and for another, metres.
_PRECISION_M: Final = (50.0, 10.0)
# Median length, spread of the logarithm, and the longest, hours.
_INTERVAL_H: Final = 7.0
_INTERVAL_SPREAD: Final = 0.9
_LONGEST_INTERVAL_H: Final = 72.0

Words = npt.NDArray[np.object_]


def write_down(
    known: Occurrences, sites: list[Site], visits: Visits, almanac: Almanac, *, seed: int
) -> tuple[gpd.GeoDataFrame, Words]:
    """Give what happened everything that a delivering owner would write down about it.

    Parameters
    ----------
    known
        What became known.
    sites
        Where.
    visits
        Where the crews have been.
    almanac
        The hours of the period; what is not written down by its end is left out.
    seed
        Of the whole simulation.

    Returns
    -------
    tuple
        The incident contract (EPSG:3006) in the order of registration, and for each incident the
        id of the place that planted it, empty for none.
    """
    kinds = np.asarray(KINDS, dtype=object)[known.kind]
    found = known.visit >= 0
    sources = _draw_by_kind(
        kinds, {k: b.reporters for k, b in BEHAVIOUR.items()}, REPORTERS, stream(seed, "sources")
    )
    sources[found] = visits.crew_names()[known.visit[found]]
    ages = _draw_by_kind(
        kinds, {k: b.ages for k, b in BEHAVIOUR.items()}, tuple(AGE_BANDS), stream(seed, "ages")
    )
    first, last = _interval(known, kinds, stream(seed, "intervals"))
    registered = last + _delay(sources, found, stream(seed, "delays"))
    xy, misplaced = _misplace(known.xy, stream(seed, "places"))

    by_end = np.flatnonzero(registered < len(almanac.starts) * 3600)
    order = by_end[np.argsort(registered[by_end], kind="stable")]
    owners = np.array([OWNER_OF_SOURCE[source] for source in sources[order]], dtype=object)
    frame = points_frame(
        {
            "incident_id": _ids(owners),
            "occurred_from": instants(first[order], almanac),
            "occurred_to": instants(last[order], almanac),
            "registered_at": instants(registered[order], almanac),
            "category": kinds[order],
            "detection": np.where(found[order], "discovered", "reported"),
            "owner": owners,
            "source": sources[order],
            "age_band": ages[order],
            "precision_m": np.where(misplaced, *_PRECISION_M)[order],
        },
        xy[order, 0],
        xy[order, 1],
        SWEREF99_TM,
    )
    names = np.array([site.place_id for site in sites], dtype=object)
    return complete_incidents(frame), names[known.site[order]]


def instants(seconds: Integers, almanac: Almanac) -> pd.Series:
    """Return moments in whole minutes, as people write them.

    Parameters
    ----------
    seconds
        After the start of the period.
    almanac
        The hours of the period.

    Returns
    -------
    pandas.Series
        UTC.
    """
    whole = seconds - seconds % 60
    return pd.Series(
        pd.Timestamp(almanac.period.start) + pd.to_timedelta(whole, unit="s")
    ).astype(UTC_DTYPE)  # fmt: skip


def _draw_by_kind(
    kinds: Words,
    shares: dict[str, tuple[float, ...]],
    words: tuple[str, ...],
    rng: np.random.Generator,
) -> Words:
    """Draw a word for each incident, by the shares of its kind."""
    chance = rng.random(len(kinds))
    drawn = np.empty(len(kinds), dtype=object)
    for kind, share in shares.items():
        which = kinds == kind
        edges = np.cumsum(np.array(share) / sum(share))[:-1]
        drawn[which] = np.asarray(words, dtype=object)[
            np.searchsorted(edges, chance[which], side="right")
        ]
    return drawn


def _interval(
    known: Occurrences, kinds: Words, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Return the earliest and latest time; for a part, and never for discovered ones, they differ.

    The true time lies anywhere between the two.
    """
    share = np.array([BEHAVIOUR[kind].interval for kind in kinds])
    vague = (rng.random(len(kinds)) < share) & (known.visit < 0)
    hours = np.minimum(np.exp(rng.normal(np.log(_INTERVAL_H), _INTERVAL_SPREAD, len(kinds))),
                       _LONGEST_INTERVAL_H)  # fmt: skip
    length = np.where(vague, hours * 3600, 0.0)
    before = rng.random(len(kinds)) * length
    first = np.maximum(known.second - before.astype(np.int64), 0)
    return first, known.second + (length - before).astype(np.int64)


def _delay(sources: Words, found: npt.NDArray[np.bool_], rng: np.random.Generator) -> Integers:
    median, spread = np.array([DELAYS[source] for source in sources]).T
    median = np.where(found, FOUND_DELAY[0], median)
    spread = np.where(found, FOUND_DELAY[1], spread)
    hours = median * np.exp(spread * rng.standard_normal(len(sources)))
    return np.asarray((hours * 3600).astype(np.int64) + 60)


def _misplace(xy: Floats, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.bool_]]:
    misplaced = rng.random(len(xy)) < _MISPLACED_SHARE
    error = rng.normal(0.0, _MISPLACED_M, xy.shape) * misplaced[:, None]
    return xy + error, misplaced


def _ids(owners: Words) -> list[str]:
    """Return ids that number the incidents of each owner and say that they are simulated."""
    owner = pd.Series(owners)
    number = (owner.groupby(owner).cumcount() + 1).astype(str).str.zfill(6)
    return ("SIM-" + owner.str[0].str.upper() + "-" + number).tolist()

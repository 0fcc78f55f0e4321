"""What kinds of incidents there are in the simulated city, and how each comes to be known.

The figures are chosen to be plausible, not estimated: what matters is that they are known, so
that what an analysis finds can be held against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.model.vocabulary import CATEGORIES, SOURCES

KINDS: Final = tuple(CATEGORIES)
REPORTERS: Final = tuple(source for source in SOURCES if source != "open_data")

# Shares by kind of place; each is scaled to sum to one.
MIXES: Final[dict[str, dict[str, float]]] = {
    "night_life": {
        "violence": 28, "public_order": 18, "alcohol": 16, "threat": 10, "narcotics": 9,
        "theft": 8, "sexual_offence": 4, "robbery": 4, "unsafety": 2, "weapon": 1,
    },
    "station": {
        "theft": 22, "narcotics": 15, "violence": 14, "threat": 10, "public_order": 12,
        "alcohol": 10, "unsafety": 7, "robbery": 4, "welfare_concern": 3, "sexual_offence": 2,
        "weapon": 1,
    },
    "shopping": {
        "theft": 48, "vandalism": 9, "threat": 9, "narcotics": 8, "public_order": 8,
        "violence": 7, "welfare_concern": 5, "robbery": 3, "unsafety": 3,
    },
    "suburb_centre": {
        "narcotics": 20, "vandalism": 14, "threat": 12, "theft": 12, "violence": 10,
        "welfare_concern": 9, "unsafety": 8, "public_order": 8, "robbery": 4, "weapon": 3,
    },
    "school": {
        "vandalism": 24, "threat": 18, "violence": 18, "welfare_concern": 16, "theft": 12,
        "narcotics": 8, "weapon": 2, "other": 2,
    },
    "park": {
        "narcotics": 22, "alcohol": 20, "public_order": 14, "unsafety": 12, "violence": 10,
        "vandalism": 8, "robbery": 5, "sexual_offence": 5, "welfare_concern": 4,
    },
    "festivity": {
        "alcohol": 34, "public_order": 24, "violence": 14, "theft": 8, "narcotics": 6,
        "sexual_offence": 4, "threat": 4, "welfare_concern": 4, "vandalism": 2,
    },
    "youth_night": {
        "vandalism": 30, "public_order": 26, "alcohol": 12, "welfare_concern": 12, "threat": 8,
        "violence": 8, "unsafety": 4,
    },
    "everywhere": {
        "theft": 28, "vandalism": 18, "violence": 10, "threat": 9, "unsafety": 8, "other": 7,
        "narcotics": 7, "public_order": 6, "welfare_concern": 4, "alcohol": 3, "robbery": 2,
        "sexual_offence": 1, "weapon": 1,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """How one category of incident behaves.

    Parameters
    ----------
    found_per_hour
        Rate at which a crew on the spot finds it (the delta of METHODS section 2).
    reported
        Probability that somebody reports it when no crew found it (the rho of that section).
    repeats
        Expected number of near repeats that one incident sets off.
    interval
        Share of the reported ones whose time is known only as an interval.
    reporters
        Whom the reported ones come from: police, outreach, night_walkers, municipality, citizen.
    ages
        Shares of the age bands, in the order of `AGE_BANDS`.
    """

    found_per_hour: float
    reported: float
    repeats: float
    interval: float
    reporters: tuple[float, float, float, float, float]
    ages: tuple[float, float, float, float]


BEHAVIOUR: Final[dict[str, Kind]] = {
    "narcotics": Kind(2.0, 0.01, 0.0, 0.0, (60, 22, 3, 5, 10), (20, 25, 45, 10)),
    "weapon": Kind(1.0, 0.03, 0.25, 0.0, (90, 5, 0, 2, 3), (20, 30, 40, 10)),
    "violence": Kind(0.6, 0.40, 0.08, 0.02, (82, 10, 2, 2, 4), (22, 20, 50, 8)),
    "threat": Kind(0.3, 0.35, 0.05, 0.05, (68, 19, 1, 6, 6), (25, 15, 50, 10)),
    "robbery": Kind(0.3, 0.60, 0.20, 0.0, (96, 2, 0, 0, 2), (40, 25, 25, 10)),
    "alcohol": Kind(1.5, 0.08, 0.0, 0.0, (46, 26, 16, 6, 6), (35, 25, 35, 5)),
    "public_order": Kind(1.0, 0.15, 0.05, 0.02, (52, 18, 8, 12, 10), (35, 20, 30, 15)),
    "theft": Kind(0.1, 0.50, 0.15, 0.40, (84, 2, 0, 8, 6), (12, 8, 30, 50)),
    "vandalism": Kind(0.2, 0.30, 0.20, 0.55, (34, 8, 1, 43, 14), (15, 5, 5, 75)),
    "sexual_offence": Kind(0.1, 0.15, 0.0, 0.05, (92, 6, 0, 1, 1), (30, 20, 40, 10)),
    "welfare_concern": Kind(1.5, 0.06, 0.0, 0.0, (8, 72, 8, 8, 4), (80, 15, 0, 5)),
    "unsafety": Kind(0.3, 0.10, 0.0, 0.05, (8, 14, 12, 28, 38), (5, 5, 10, 80)),
    "other": Kind(0.2, 0.20, 0.0, 0.10, (45, 12, 3, 27, 13), (10, 10, 30, 50)),
}


@dataclass(frozen=True, slots=True)
class Crew:
    """Who is out, how often, when, and what they find.

    Parameters
    ----------
    visits_per_day
        Expected stops a day over the whole city.
    rhythm
        A key of `RHYTHMS`.
    minutes
        Median length of a stop.
    finds
        Categories that they find and write down.
    """

    visits_per_day: float
    rhythm: str
    minutes: float
    finds: frozenset[str]


CREWS: Final[dict[str, Crew]] = {
    "police": Crew(6.5, "evening_weekend", 18.0, frozenset(KINDS) - {"welfare_concern"}),
    "outreach": Crew(
        2.0,
        "suburb_evening",
        30.0,
        frozenset({"welfare_concern", "alcohol", "public_order", "unsafety", "threat"}),
    ),
    "night_walkers": Crew(
        0.8, "night_life", 25.0, frozenset({"welfare_concern", "alcohol", "unsafety"})
    ),
}

# Median hours from the incident until it is written down, and the spread of its logarithm.
DELAYS: Final[dict[str, tuple[float, float]]] = {
    "police": (4.0, 1.6),
    "outreach": (16.0, 0.8),
    "night_walkers": (14.0, 0.6),
    "municipality": (26.0, 1.0),
    "citizen": (10.0, 1.4),
}
# What a crew finds itself is written down at once.
FOUND_DELAY: Final = (0.6, 0.7)


def mix_of(name: str) -> npt.NDArray[np.float64]:
    """Return a mix as shares in the order of `KINDS`, summing to one."""
    shares = np.array([MIXES[name].get(kind, 0.0) for kind in KINDS])
    return np.asarray(shares / shares.sum())

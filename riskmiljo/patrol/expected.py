"""What is expected in a shift: incidents of each zone, from its weekly rate and its rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.analysis.arguments import require_instance
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.shift import HOURS_OF_WEEK, Shift
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]

NOTHING_EXPECTED: Final = Text(
    "Inget väntas i passet; zonerna vägs efter yta.",
    "Nothing is expected in the shift; the zones count by their size.",
)
# A peak holds at least half of what is expected, in clearly less than its share of the hours.
_PEAK_SHARE: Final = 0.5
_PEAK_LENGTH: Final = 0.4


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected incidents of zones.

    Attributes
    ----------
    by_hour
        Shape (n, 168), incidents in each hour of the week as far as the shift covers it; hour 0 is
        Monday 00 to 01, local time.
    shift
        The shift, or None: the whole week.
    has_rhythm
        Shape (n,), False where the rhythm of a zone is unknown and even hours are assumed.
    """

    by_hour: Floats
    shift: Shift | None
    has_rhythm: npt.NDArray[np.bool_]

    @property
    def total(self) -> Floats:
        """Shape (n,), incidents in the shift (or week)."""
        return np.asarray(self.by_hour.sum(axis=1), dtype=float)

    def peak(self, zone: int) -> str:
        """Return the hours in which half of a zone's incidents are expected.

        Parameters
        ----------
        zone
            Row of the zone.

        Returns
        -------
        str
            Such as ``22–01``; empty without a shift or a rhythm, or where no hours stand out.
        """
        if self.shift is None or not self.has_rhythm[zone]:
            return ""
        first = self.shift.period.local(self.shift.tz)[0]
        hours = (np.arange(HOURS_OF_WEEK) + first.weekday() * 24 + first.hour) % HOURS_OF_WEEK
        hours = hours[self.shift.hours_of_week()[hours] > 0]
        risk = self.by_hour[zone, hours]
        for length in range(1, int(_PEAK_LENGTH * len(hours)) + 1):
            held = np.convolve(risk, np.ones(length), mode="valid")
            if held.max() >= _PEAK_SHARE * risk.sum() > 0:
                start = int(held.argmax())
                return f"{hours[start] % 24:02d}–{(hours[start + length - 1] + 1) % 24:02d}"
        return ""


def expected_incidents(
    zones: pd.DataFrame, shift: Shift | None, rhythm: pd.DataFrame | None
) -> Expected:
    """Return what is expected of each zone in a shift.

    Parameters
    ----------
    zones
        With ``zone_id``, ``area_ha`` and ``per_ha_week``.
    shift
        The hours; None is the whole week.
    rhythm
        Index ``zone_id``, 168 columns from Monday 00 to 01 local time, counts or shares; a zone
        that it lacks, or has nothing for, is taken as even over the week.

    Returns
    -------
    Expected
        In the order of `zones`.

    Raises
    ------
    InvalidInputError
        If a rate or a share is negative or not a number, or the rhythm has not 168 columns.
    """
    per_week = np.asarray(zones["per_ha_week"] * zones["area_ha"], dtype=float)
    if not (per_week >= 0).all():
        raise InvalidInputError(
            Text(
                "Zonen {z} har ingen giltig täthet (per_ha_week × area_ha).",
                "The zone {z} has no valid density (per_ha_week × area_ha).",
            ).fill(z=zones["zone_id"].iloc[int(np.argmin(per_week >= 0))])
        )
    if shift is not None:
        require_instance(Shift, shift=shift)
    covered = np.ones(HOURS_OF_WEEK) if shift is None else shift.hours_of_week()
    profile = np.zeros((len(zones), HOURS_OF_WEEK))
    if rhythm is not None:
        require_instance(pd.DataFrame, rhythm=rhythm)
        if rhythm.shape[1] != HOURS_OF_WEEK:
            raise InvalidInputError(
                Text(
                    "Dygnsprofilen har {n} {n:kolumn|kolumner}. Den ska ha 168, en för varje "
                    "timme i veckan.",
                    "The rhythm has {n} {n:column|columns}. It needs 168, one for each hour of "
                    "the week.",
                ).fill(n=rhythm.shape[1])
            )
        profile = rhythm.reindex(zones["zone_id"]).fillna(0.0).to_numpy(dtype=float)
        if not (profile >= 0).all():
            raise InvalidInputError(
                Text(
                    "Dygnsprofilen har negativa värden.",
                    "The rhythm has negative values.",
                )
            )
    weight = profile.sum(axis=1, keepdims=True)
    even = np.full(HOURS_OF_WEEK, 1 / HOURS_OF_WEEK)
    share = np.where(weight > 0, profile / np.where(weight > 0, weight, 1), even)
    return Expected(per_week[:, None] * share * covered, shift, weight[:, 0] > 0)


def assumptions(expected: Expected, rhythm: pd.DataFrame | None) -> list[Text]:
    """Say what was assumed about the hours of a shift.

    Parameters
    ----------
    expected
        Of the zones.
    rhythm
        What `expected_incidents` was given.

    Returns
    -------
    list of Text
        One note where hours are taken as even, else none.
    """
    unknown = int((~expected.has_rhythm).sum())
    if expected.shift is None or not unknown:
        return []
    if rhythm is None:
        return [
            Text(
                "Dygnsprofil saknas; risken räknas som jämn över veckan.",
                "There is no rhythm; the risk is taken as even over the week.",
            )
        ]
    return [
        Text(
            "{n} {n:zon|zoner} saknar dygnsprofil; {n:dess|deras} risk räknas som jämn "
            "över veckan.",
            "{n} {n:zone has|zones have} no rhythm; {n:its|their} risk is taken as even "
            "over the week.",
        ).fill(n=unknown)
    ]

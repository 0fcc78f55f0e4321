"""How fast presence discovers what happens, where the data plainly say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import special

from riskmiljo.forecast.effort_inputs import Floats, Ints, Observed, membership
from riskmiljo.forecast.effort_model import DELTA_LOG_SPREAD, DELTA_PER_H, units_differ

# The default is left only for a gain in log-likelihood that chance gives once in 200 (chi-square).
_LEAST_GAIN: Final = 4.0
# Plausible ones; a likelihood that is highest at an end of them has no maximum to take.
_DELTAS: Final = np.geomspace(0.01, 5.0, 33)
_COARSE: Final = 4
_NEWTON_STEPS: Final = 40
_LONGEST_STEP: Final = 1.0
_LONGEST_LOG: Final = 20.0
# Of fewer units one cannot tell that they are alike.
_FEWEST_UNITS: Final = 30


@dataclass(frozen=True, slots=True)
class Delta:
    """How fast presence discovers.

    Parameters
    ----------
    per_h
        Per hour of presence on one day.
    log_spread
        Standard deviation of its logarithm.
    told
        Whether the data say it; if not, it is the default.
    """

    per_h: float
    log_spread: float
    told: bool


_DEFAULT: Final = Delta(DELTA_PER_H, DELTA_LOG_SPREAD, told=False)


def estimate_delta(seen: Observed, district: Ints) -> Delta:
    """Estimate how fast presence discovers what happens (delta per hour).

    Parameters
    ----------
    seen
        Counts and hours; best those of the patrols that chance sent out.
    district
        The district's number of each unit.

    Returns
    -------
    Delta
        The default unless the data plainly contradict it.

    Notes
    -----
    Given how many incidents a unit had, which of them were discovered, and when, depends on delta
    and the reporting rates alone: the likelihood is multinomial, and where patrols were sent does
    not enter. That holds of patrols sent by what was known before; of those that go where they
    found something, chance finds bring visits, and delta comes out two or three times too high.
    So where the units of a district do not plainly differ they are taken together, which chance
    finds at one of them do not change.

    With thin presence the likelihood is flat, and the default stands. It stands also where the
    likelihood is highest at an end of the plausible range, which is what patrols that come when
    much happens bring about, and where the gain is small for data that vary more between units
    than the model does (quasi-likelihood). Discoveries where nobody is known to have been
    contradict every delta, and are left out.

    References
    ----------
    McCullagh, P. and Nelder, J. (1989). Generalized Linear Models, chapter 9.
    """
    seen = replace(seen, discovered=np.where(seen.presence_h > 0, seen.discovered, 0.0))
    if not seen.discovered.any():
        return _DEFAULT
    together = len(district) >= _FEWEST_UNITS
    together = together and not units_differ(seen.totals(DELTA_PER_H, None), district)[0]
    of = _Likelihood(seen, district, together=together)
    plain = of(DELTA_PER_H)[0]
    found: dict[int, tuple[float, float]] = {}
    # Every fourth step first, then the steps around the best of them.
    for step, reach in ((_COARSE, len(_DELTAS)), (1, _COARSE - 1)):
        middle = max(found, key=found.__getitem__) if found else 0
        for at in range(max(0, middle - reach), min(len(_DELTAS), middle + reach + 1), step):
            if at not in found:
                found[at] = of(float(_DELTAS[at]))
    best = max(found, key=found.__getitem__)
    likelihood, dispersion = found[best]
    inside = 0 < best < len(_DELTAS) - 1
    if not inside or likelihood - plain < _LEAST_GAIN * dispersion:
        return _DEFAULT
    # A parabola through the best and its two neighbours: its top, and how narrow it is.
    before, after = found[best - 1][0], found[best + 1][0]
    bend = max(2 * likelihood - before - after, 1e-9)
    step_log = float(np.log(_DELTAS[1] / _DELTAS[0]))
    top = float(_DELTAS[best]) * float(np.exp(step_log * (after - before) / (2 * bend)))
    spread = step_log * float(np.sqrt(dispersion / bend))
    # Of units alone it may still be half or double, if patrols went where they found something.
    return Delta(top, spread if together else max(spread, DELTA_LOG_SPREAD), told=True)


class _Likelihood:
    """The log-likelihood of a delta, and how many times the data vary more than it says."""

    def __init__(self, seen: Observed, district: Ints, *, together: bool) -> None:
        self.seen, self.district = seen, district
        self.member = membership(district)
        # What is taken together: the units of a district, or each unit alone.
        alone = np.arange(len(district))
        self.group = self.member if together else membership(alone)
        self.of_group: Ints = np.arange(self.member.shape[1]) if together else district
        self.found, self.told = (x.sum(1) for x in (seen.discovered, seen.reported))

    def __call__(self, delta_per_h: float) -> tuple[float, float]:
        p = np.clip(self.seen.share_seen(delta_per_h), 1e-12, 1 - 1e-12)
        exposed, missed = p.sum(1), (1 - p).sum(1)
        count = (self.found + self.told) @ self.group
        rate = self._reporting(exposed @ self.group, missed @ self.group, count)
        own = rate[self.of_group]
        # Most units and days are empty: the logarithms of the others are all that is needed.
        found, told = self.seen.discovered, self.seen.reported
        some, more = found > 0, told > 0
        counted = (found[some] * np.log(p[some])).sum() + (told[more] * np.log1p(-p[more])).sum()
        known = exposed @ self.group + own * (missed @ self.group)
        likelihood = (
            counted + ((self.told @ self.group) * np.log(own)).sum() - (count * np.log(known)).sum()
        )
        return float(likelihood), self._dispersion(exposed, rate[self.district] * missed)

    def _reporting(self, exposed: Floats, missed: Floats, count: Floats) -> Floats:
        """Return each district's most likely reporting rate.

        The intercept of a logistic regression with the exposures as offset, by Newton's steps on
        its logarithm.
        """
        member = membership(self.of_group)
        reports = self.told @ self.member
        offset = np.log(missed) - np.log(exposed)
        log_rate = np.zeros(self.member.shape[1])
        for _ in range(_NEWTON_STEPS):
            share = special.expit(log_rate[self.of_group] + offset)
            missing = reports - (count * share) @ member
            slope = np.maximum((count * share * (1 - share)) @ member, 1e-12)
            step = np.clip(missing / slope, -_LONGEST_STEP, _LONGEST_STEP)
            log_rate = np.clip(log_rate + step, -_LONGEST_LOG, _LONGEST_LOG)
        return np.asarray(np.exp(log_rate), dtype=float)

    def _dispersion(self, exposed: Floats, reported: Floats) -> float:
        """Return Pearson's statistic of how many of each unit's incidents were discovered."""
        count = self.found + self.told
        used = (count > 0) & self.seen.presence_h.any(1)
        chance = exposed[used] / (exposed + reported)[used]
        variance = np.maximum(count[used] * chance * (1 - chance), 1e-12)
        pearson = float(((self.found[used] - count[used] * chance) ** 2 / variance).sum())
        free = int(used.sum()) - self.member.shape[1] - 1
        return float(max(1.0, pearson / max(free, 1)))

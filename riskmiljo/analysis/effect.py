"""Did an operation help? Before and during, against comparable places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.analysis.arguments import is_one_of, random_of, require_real
from riskmiljo.analysis.displacement import (
    DisplacementDifference,
    weighted_displacement_difference,
    weighted_displacement_quotient,
)
from riskmiljo.analysis.effect_inference import (
    Pair,
    Ratio,
    Spread,
    difference_in_differences,
    interval,
    place_shares,
    placebo_p,
    smallest_visible,
    spread_of,
)
from riskmiljo.analysis.effect_outcome import judged_by, kinds_of, moments_of
from riskmiljo.analysis.effect_panel import Weeks, check_record, tabulate, weeks_of
from riskmiljo.analysis.effect_places import (
    Ground,
    candidates,
    ground_of,
    match,
    place_of,
    polygons_of,
)
from riskmiljo.analysis.effect_tables import (
    Bools,
    WeeklyCounts,
    counts_table,
    places_table,
    series_of,
)
from riskmiljo.analysis.effect_words import Code, Findings, power_text, verdict
from riskmiljo.analysis.places import Floats, Ints, incident_points
from riskmiljo.analysis.synthetic_control import synthetic_change
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.operation import Operation
from riskmiljo.model.period import TZ, local_instant
from riskmiljo.wording import Text

Method = Literal["did", "synthetic", "wdd"]
METHODS: Final = ("did", "synthetic", "wdd")
# The ring around an operation in which displaced incidents are looked for.
BUFFER_M: Final = 300.0
MOST_BUFFER_M: Final = 100_000
_BLOCK_WEEKS: Final = 4
_RARE: Final = 0.01
_FEW_COUNTS: Final = 5.0


@dataclass(frozen=True)
class EffectResult:
    """What an operation did.

    Parameters
    ----------
    estimate, lower, upper
        Relative change in the operation's places against the comparison, with its 95 % interval:
        -0.2 is a fifth fewer than expected. With ``method="wdd"`` what moved around is counted in.
    power
        The smallest decrease that would be seen with 80 % power, a share from 0 to 1; it does not
        look at what happened in the places during the operation, and is shown before the result.
    wdq
        Weighted displacement quotient of operation, ring and comparison.
    verdict
        Helped, moved, worse, no clear effect or cannot tell, and why.
    code
        The verdict in a word for programs.
    method
        How the estimate was made.
    wdd
        Weighted displacement difference, in incidents during the operation.
    around
        The relative change in the ring; None without a ring or without incidents there.
    placebo_p
        How rare so large a change is among comparison places; NaN where they are too few.
    placebo_time
        The change found for an imagined operation just before the real one; zero lies within its
        interval where all is well.
    counts
        Index operation, ring, comparison: ``places``, ``before``, ``during`` and incidents a week.
    series
        Blocks of four weeks: counts, and what the comparison led one to expect in the places; the
        pre-trend to draw.
    places
        The polygons with their ``role`` and counts, in the CRS of the incidents.
    outcome
        Which incidents were counted.
    notes
        What was left out, cut or assumed, in words.
    """

    estimate: float
    lower: float
    upper: float
    power: float
    wdq: float
    verdict: Text
    code: Code
    method: Method
    wdd: DisplacementDifference
    around: Ratio | None
    placebo_p: float
    placebo_time: Ratio | None
    counts: pd.DataFrame = field(repr=False)
    series: pd.DataFrame = field(repr=False)
    places: gpd.GeoDataFrame = field(repr=False)
    outcome: Text
    notes: list[Text] = field(repr=False)

    @property
    def power_text(self) -> Text:
        """What could be seen at all, in words; to be shown before the result."""
        return power_text(self.power)


def effect(
    incidents: gpd.GeoDataFrame,
    operation: Operation | Mapping[str, Any] | gpd.GeoDataFrame,
    *,
    comparison: Any = None,
    method: str = "did",
    since: str | date | None = None,
    buffer_m: float = BUFFER_M,
    tz: str = TZ,
    rng: int | np.random.Generator = 0,
) -> EffectResult:
    """Evaluate an operation against comparable places.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from``; reported ones are what is judged by, where
        there are any: patrols on the spot discover more, whether or not more happens.
    operation
        An `Operation`, or a mapping with ``period`` and ``places`` (or ``geometry``). Points are
        widened by 150 m.
    comparison
        Polygons where nothing was done. None: cells of the same size away from the operation and
        the ring around it, matched on level, trend and kinds of incident in every other week
        before; the other weeks are then what is compared with, so that chance in the one does not
        carry over to the other.
    method
        ``"did"``: Poisson difference in differences. ``"synthetic"``: synthetic control, where
        the operation has few places. ``"wdd"``: weighted displacement difference.
    since
        Where the weeks before begin; None: up to 52 weeks of what the record holds.
    buffer_m
        The width of the ring in which displacement is looked for, metres; 0 for none.
    tz
        The zone of local times.
    rng
        Draws groups of comparison places for the placebo test.

    Returns
    -------
    EffectResult
        With counts, series and the sentence to show.

    Raises
    ------
    InvalidInputError
        If fewer than eight weeks lie before the operation, its places lie outside the record, the
        comparison overlaps it, the record has a hole, or a kind begins or ends amid the weeks.
    NothingFoundError
        If no incident fell in the places, or no place can be compared with.
    CRSError
        If the incidents are not in metres.

    Notes
    -----
    The interval's error is that of comparison places among themselves (overdispersion and a shock
    of each place's own, whichever is larger), with Student's t.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). A simple weighted displacement difference test.
    Bowers, K. J. and Johnson, S. D. (2003). Measuring the geographical displacement and diffusion
    of benefit effects of crime prevention activity.
    Abadie, A. et al. (2010). Synthetic control methods for comparative case studies.
    """
    if not is_one_of(method, METHODS):
        raise InvalidInputError(
            Text(
                "Metoden {m!r} finns inte. Välj {all}.", "There is no method {m!r}. Choose {all}."
            ).fill(m=method, all=", ".join(METHODS))
        )
    require_real(buffer_m=buffer_m)
    if not 0 <= buffer_m <= MOST_BUFFER_M:
        raise InvalidInputError(
            Text(
                "Ringens bredd måste vara 0 till {m} meter, inte {v}.",
                "The width of the ring must be 0 to {m} metres, not {v}.",
            ).fill(v=buffer_m, m=MOST_BUFFER_M)
        )
    planned = Operation.of(operation, tz=tz)
    xy, _ = incident_points(incidents)
    times = moments_of(incidents, tz)
    treated = polygons_of(planned.places, incidents, Text("Insatsens platser", "The places"))
    what = Text("Jämförelseplatserna", "The comparison places")
    given = [] if comparison is None else polygons_of(comparison, incidents, what)
    ground, cut = ground_of(treated, given, buffer_m)
    judged, outcome, notes = judged_by(incidents)
    if cut:
        notes.append(
            Text(
                "Jämförelseplatser ligger i ringen runt insatsen, dit händelser kan ha flyttat.",
                "Comparison places lie in the ring around the operation, to which incidents may "
                "have moved.",
            )
        )
    xy, times = xy[judged], times[judged]
    kinds, names = kinds_of(incidents, judged)
    begins = None if since is None else local_instant(since, tz)
    weeks, said = weeks_of(times, planned.period, begins, tz)
    column = weeks.column_of(times)
    inside = place_of(xy, ground.treated)
    _require_incidents(xy, ground, inside, column)
    width = len(weeks.edges) - 1
    weekly = tabulate(column * 0, column, 1, width)[0]
    check_record(weekly, tabulate(kinds, column, len(names), width), names, weeks)
    ground, place, used = _compared(ground, xy, inside, column, kinds, weeks)
    ring = place_of(xy, [] if ground.buffer.is_empty else [ground.buffer])
    counts = WeeklyCounts(
        tabulate(inside, column, len(ground.treated), width),
        tabulate(np.where(inside >= 0, -1, ring), column, 1, width),
        tabulate(place, column, len(ground.comparison), width),
        weeks,
        used,
    )
    return _judge(counts, ground, incidents.crs, method, outcome, notes + said, random_of(rng), tz)


def _judge(
    counts: WeeklyCounts,
    ground: Ground,
    crs: Any,
    method: str,
    outcome: Text,
    notes: list[Text],
    rng: np.random.Generator,
    tz: str,
) -> EffectResult:
    treated, control = counts.pairs(counts.treated), counts.pairs(counts.control)
    ring = counts.pairs(counts.ring)
    if control.sum() == 0:
        raise NothingFoundError(
            Text(
                "Inga händelser på jämförelseplatserna. Välj andra.",
                "No incidents in the comparison places. Choose others.",
            )
        )
    spread = spread_of(control[:, 0], control[:, 1])
    shares = place_shares(treated), place_shares(control)
    before, during = counts.days
    (t0, t1), (c0, c1), (r0, r1) = (_sum(pairs) for pairs in (treated, control, ring))
    wdd = weighted_displacement_difference(
        (t0, t1), (c0, c1), (r0, r1), (c0, c1) if r0 + r1 else (0.0, 0.0),
        time_weights=(before, during),
        area_weights=(1.0, _relative(c0, t0), 1.0, _relative(c0, r0)),
        dispersion=max(1.0, spread.dispersion),
    )  # fmt: skip
    change = difference_in_differences(treated, control, spread)
    if method == "synthetic":
        change = _synthetic(counts, treated, spread)
    elif method == "wdd":
        change = _net_change(treated, ring, control, spread)
    around = difference_in_differences(ring, control, spread) if r0 + r1 >= _FEW_COUNTS else None
    p, _ = placebo_p(treated, control, spread, rng)
    earlier = _placebo_in_time(counts)
    power = smallest_visible(t0, (c0, c1), during / before, spread, shares)
    wdq = weighted_displacement_quotient((t0, t1), (r0, r1), (c0, c1))
    found = Findings(
        change, around, power, wdq, p, _drifted(earlier), int(t0 + t1), len(ground.comparison)
    )
    code, sentence = verdict(found)
    return EffectResult(
        change.estimate, change.lower, change.upper, power, wdq, sentence, code,
        "synthetic" if method == "synthetic" else "wdd" if method == "wdd" else "did",
        wdd, around, p, earlier[0] if earlier else None,
        counts_table(treated, ring, control, (before, during)),
        series_of(counts, tz), places_table(ground, crs, treated, ring, control), outcome, notes,
    )  # fmt: skip


def _require_incidents(xy: Floats, ground: Ground, inside: Ints, column: Ints) -> None:
    if (inside >= 0).any():
        if not ((inside >= 0) & (column >= 0)).any():
            raise NothingFoundError(
                Text(
                    "Inga händelser på insatsens platser under veckorna som jämförs.",
                    "No incidents in the operation's places in the weeks compared.",
                )
            )
        return
    west, south = xy.min(axis=0)
    east, north = xy.max(axis=0)
    outside = all(
        s.bounds[0] > east or s.bounds[2] < west or s.bounds[1] > north or s.bounds[3] < south
        for s in ground.treated
    )
    if outside:
        raise InvalidInputError(
            Text(
                "Insatsens platser ligger utanför underlaget. Kontrollera koordinatsystemet.",
                "The operation's places lie outside the record. Check the coordinate system.",
            ),
            code="UTANFOR_OMRADE",
        )
    raise NothingFoundError(
        Text(
            "Inga händelser på insatsens platser, varken före eller under. Kontrollera platserna.",
            "No incidents in the operation's places, neither before nor during. Check the places.",
        )
    )


def _compared(
    ground: Ground,
    xy: Floats,
    inside: Ints,
    column: Ints,
    kinds: Ints,
    weeks: Weeks,
) -> tuple[Ground, Ints, Bools]:
    """Return the ground with its comparison, each incident's place in it, and the weeks used."""
    if ground.comparison:
        return ground, place_of(xy, ground.comparison), np.ones(weeks.before, dtype=bool)
    shapes, cell = candidates(xy, ground)
    # Every other week chooses the places, the others are compared with: a place chosen for a
    # number that was high by chance would fall back by itself.
    used = np.arange(weeks.before) % 2 == (weeks.before - 1) % 2
    choosing = ~used
    before = (column >= 0) & (column < weeks.before)
    early = np.where(before, column, -1)
    chosen_by = before & choosing[np.clip(column, 0, weeks.before - 1)]
    width, number = weeks.before, int(kinds.max(initial=0)) + 1
    treated = tabulate(inside, early, len(ground.treated), width)[:, choosing]
    pool = tabulate(cell, early, len(shapes), width)[:, choosing]
    kind = np.where(chosen_by, kinds, -1)
    matched = match(
        treated,
        pool,
        tabulate(inside, kind, len(ground.treated), number),
        tabulate(cell, kind, len(shapes), number),
    )
    renumbered = np.full(len(shapes) + 1, -1, dtype=np.int64)
    renumbered[matched] = np.arange(len(matched))
    comparison = [shapes[i] for i in matched]
    return Ground(ground.treated, ground.buffer, comparison), renumbered[cell], used


def _net_change(treated: Floats, ring: Floats, control: Floats, spread: Spread) -> Ratio:
    """Return what places and ring lost together, relative to what the places would have had."""
    both = np.vstack([treated, ring])
    (t0, _), (b0, b1), (c0, c1) = (_sum(pairs) for pairs in (treated, both, control))
    grown = max(c1, 0.5) / max(c0, 0.5)
    expected = max(t0, 0.5) * grown
    shares = place_shares(both), place_shares(control)
    variance = spread.variance(((b0, b1), (c0, c1)), shares)
    estimate, se = (b1 - b0 * grown) / expected, b0 * grown / expected * np.sqrt(variance)
    half = b0 * grown / expected * spread.half_width(((b0, b1), (c0, c1)), shares)
    return Ratio(estimate, estimate - half, estimate + half, float(estimate / max(se, 1e-12)))


def _synthetic(counts: WeeklyCounts, treated: Floats, spread: Spread) -> Ratio:
    number = counts.weeks.before
    early = counts.treated.sum(axis=0)[:number][counts.used]
    pool = counts.control[:, :number][:, counts.used]
    later = counts.control[:, number:].sum(axis=1)
    enough = pool.sum(axis=1) >= _FEW_COUNTS
    if enough.sum() < 2:  # noqa: PLR2004 - a mixture needs two
        raise NothingFoundError(
            Text(
                "Syntetisk kontroll behöver minst två jämförelseplatser med händelser före.",
                "Synthetic control needs at least two comparison places with incidents.",
            )
        )
    before, during = _sum(treated)
    change, shock = synthetic_change(early, during, pool[enough], later[enough], counts.days)
    own = max(1.0, spread.dispersion) * (1 / max(before, 0.5) + 1 / max(during, 0.5))
    used = Spread(1.0, shock, int(enough.sum()))
    return interval(change, own + shock, used.quantile * float(np.sqrt(own + shock)))


def _placebo_in_time(counts: WeeklyCounts) -> tuple[Ratio, Spread] | None:
    """Evaluate an imagined operation that ended when the real one began."""
    number = counts.weeks.before
    at = np.flatnonzero(counts.used)
    during = counts.treated.shape[1] - number
    step = round(number / len(at))
    late = at[-min(max(1, during // step), len(at) // 2) :]
    early = at[: len(at) - len(late)]
    treated, control = (
        np.column_stack([weekly[:, early].sum(axis=1), weekly[:, late].sum(axis=1)])
        for weekly in (counts.treated, counts.control)
    )
    if treated.sum() < _FEW_COUNTS or control.sum() < _FEW_COUNTS:
        return None
    spread = spread_of(control[:, 0], control[:, 1])
    return difference_in_differences(treated, control, spread), spread


def _drifted(earlier: tuple[Ratio, Spread] | None) -> bool:
    if earlier is None or earlier[1].places < 2:  # noqa: PLR2004 - a spread needs two
        return False
    from scipy import special  # noqa: PLC0415 - only here

    return abs(earlier[0].z) > float(special.stdtrit(earlier[1].places - 1, 1 - _RARE / 2))


def _sum(pairs: Floats) -> Pair:
    before, during = pairs.sum(axis=0)
    return float(before), float(during)


def _relative(control: float, own: float) -> float:
    return max(control, 0.5) / max(own, 0.5)

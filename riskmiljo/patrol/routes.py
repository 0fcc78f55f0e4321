"""Plan the routes of a shift: which stops, in which order, when, for how long, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
from pyproj import CRS

from riskmiljo.analysis.arguments import (
    is_real,
    number_text,
    numbers_in,
    random_of,
    require_instance,
)
from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.model.plan import Crew, Plan, Visit
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.explored import explored_rows, gave_way, too_dear, without
from riskmiljo.patrol.network import Network, networks_of
from riskmiljo.patrol.options import DISCOUNTS, solve
from riskmiljo.patrol.route_assembly import Past, assemble
from riskmiljo.patrol.route_problem import setting_of
from riskmiljo.patrol.stop_input import Candidates, read_stops
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.teams import Team, crews_of
from riskmiljo.wording import Text

# Koper (1995): disorder stays away longest after 10 to 16 minutes.
DWELL_MIN: Final = 12.0
REVISIT_GAP_MIN: Final = 90.0
# Chen, Cheng and Wise (2017): routes within 2 % of the best cannot be foretold and cost little.
UNPREDICTABLE: Final = 0.02
_LONGEST_DWELL_MIN: Final = 120.0
_LONGEST_SEARCH_S: Final = 600.0


def plan_routes(
    stops: gpd.GeoDataFrame,
    *,
    streets: Streets | Mapping[str, Streets] | None,
    shift: Shift,
    teams: int | Sequence[Team],
    start: Any,
    end: Any = None,
    dwell_min: float = DWELL_MIN,
    revisit_gap_min: float = REVISIT_GAP_MIN,
    seconds: float = 10,
    rng: int | np.random.Generator = 0,
    mode: str = "walk",
    pause_min: float = 0.0,
    discounts: Sequence[float] = DISCOUNTS,
    spread: float = 0.0,
    presence: gpd.GeoDataFrame | None = None,
) -> Plan:
    """Plan one timed route for each team of a shift.

    The plan maximises the sum over the stops of Σ_k δ_k · risk(stop, hour of its k-th best visit):
    a team orienteering problem whose prizes follow the clock.

    Parameters
    ----------
    stops
        Candidate stops in a metric CRS, as `riskmiljo.patrol.stops.candidate_stops` gives them, or
        any points or polygons: see `riskmiljo.patrol.stop_input.read_stops`. Stops that are
        ``pinned`` or ``joint`` are in the plan, or its notes say why that is impossible.
    streets
        One network, or one for each mode; None is straight lines times a detour factor, and the
        plan says so.
    shift
        When.
    teams
        How many teams alike, or each by itself (kind, mode, start, end, time, break).
    start, end
        Where teams begin and end: a point or (x, y), metres; ``end`` None is where they began.
    dwell_min
        Minutes at a stop, more than 0 and at most 120.
    revisit_gap_min
        At least so many minutes from the end of any team's visit to the next one there.
    seconds
        About how long to search on an ordinary core, at most 600; the same number gives the same
        plan everywhere.
    rng
        Seed or generator.
    mode, pause_min
        How teams go and their minutes of break, where `teams` is a number.
    discounts
        What the best, second best, ... visit of a stop counts for; no stop gets more visits.
    spread
        A plan is drawn among those worth at most this share less than the best: unpredictable on
        purpose.
    presence
        PRESENCE_COLUMNS: the weeks before, to compare with; None makes no comparison.

    Returns
    -------
    Plan
        Checked: no route overruns its time, no stop is visited twice within the gap.

    Raises
    ------
    InvalidInputError
        If an argument, a stop or a team cannot be used; says which and how to mend it.
    NothingFoundError
        If there are no stops.
    CRSError
        If something is not in metres, or in another reference system.

    References
    ----------
    Koper, C. S. (1995). Just enough police presence: reducing crime and disorderly behavior by
    optimizing patrol time in crime hot spots. Justice Quarterly 12(4).
    Chen, H., Cheng, T. and Wise, S. (2017). Developing an online cooperative police patrol routing
    strategy. Computers, Environment and Urban Systems 62.
    """
    _check(dwell_min, revisit_gap_min, seconds, discounts)
    _check_seed(rng)
    require_instance(Shift, shift=shift)
    candidates = read_stops(stops, shift=shift, dwell_min=dwell_min)
    crews, pauses = crews_of(
        teams,
        shift=shift,
        start=start,
        end=end,
        mode=mode,
        pause_min=pause_min,
        crs=candidates.crs,
    )
    _check_streets(streets, candidates)
    return route_crews(
        candidates,
        crews,
        pauses,
        network=Network.of(streets, [crew.mode for crew in crews]),
        shift=shift,
        gap_min=float(revisit_gap_min),
        discounts=tuple(float(weight) for weight in discounts),
        seconds=seconds,
        rng=random_of(rng),
        spread=spread,
        presence=presence,
        notes=_assumed(candidates, stops),
        seed=rng if isinstance(rng, int | np.integer) else None,
    )


def route_crews(
    candidates: Candidates,
    crews: Sequence[Crew],
    pauses: Sequence[float],
    *,
    network: Network,
    shift: Shift,
    gap_min: float,
    discounts: tuple[float, ...],
    seconds: float,
    rng: np.random.Generator,
    spread: float,
    presence: gpd.GeoDataFrame | None,
    notes: Sequence[Text],
    seed: int | None,
    done: Sequence[tuple[int, Visit]] = (),
    past: Sequence[Past] = (),
) -> Plan:
    """Plan routes for crews that have been checked.

    Parameters
    ----------
    candidates
        The stops.
    crews, pauses
        Who goes, and each one's minutes of break that are still to come.
    network
        How they get about.
    shift
        When.
    gap_min, discounts, seconds, rng, spread, presence
        See `plan_routes`.
    notes
        What was assumed before.
    seed
        For the record.
    done
        Visits made already, each with the row of its crew.
    past
        For each crew what it has done already; empty when the shift begins.

    Returns
    -------
    Plan
        With what was done before, unchanged.
    """
    setting = setting_of(
        candidates,
        crews,
        pauses,
        network=network,
        shift=shift,
        gap_min=gap_min,
        discounts=discounts,
        done=done,
    )
    notes = [*notes, *network.notes]
    dear = too_dear(candidates, setting.problem)
    if dear:
        setting = replace(setting, problem=without(setting.problem, dear))
        notes += dear.values()
    answer = solve(setting.problem, seconds=seconds, rng=rng, spread=spread)
    explored = explored_rows(candidates, setting.problem)
    if explored and any(missing.stop not in explored for missing in answer.missing):
        setting = replace(setting, problem=without(setting.problem, explored))
        notes += gave_way(candidates, explored)
        answer = solve(setting.problem, seconds=seconds, rng=rng, spread=spread)
    plan = assemble(
        candidates,
        crews,
        setting,
        answer,
        network=network,
        shift=shift,
        presence=presence,
        notes=notes,
        past=past,
        rng=rng,
    )
    parameters = {
        "dwell_min": float(np.median(candidates.dwell_min)),
        "revisit_gap_min": gap_min,
        "discounts": list(discounts),
        "seconds": seconds,
        "spread": spread,
        "pause_min": [float(minutes) for minutes in pauses],
        "seed": None if seed is None else int(seed),
        "iterations": answer.iterations,
    }
    return plan.with_parameters(parameters)


def _check(
    dwell_min: float, revisit_gap_min: float, seconds: float, discounts: Sequence[float]
) -> None:
    for value, most, name, unit in (
        (dwell_min, _LONGEST_DWELL_MIN, Text("Uppehållet", "The dwell"), "min"),
        (seconds, _LONGEST_SEARCH_S, Text("Söktiden", "The time to search"), "s"),
    ):
        if not (is_real(value) and 0 < value <= most):
            raise InvalidInputError(
                Text(
                    "{w} är {v} {u}. Ange ett tal över 0 och högst {b:.0f}.",
                    "{w} is {v} {u}. Give a number above 0 and at most {b:.0f}.",
                ).fill(w=name, v=number_text(value), u=unit, b=most)
            )
    if not (is_real(revisit_gap_min) and revisit_gap_min >= 0):
        raise InvalidInputError(
            Text(
                "Tiden mellan besök är {v} min. Ange 0 eller mer.",
                "The time between visits is {v} min. Give 0 or more.",
            ).fill(v=number_text(revisit_gap_min))
        )
    weights = numbers_in(discounts, Text("Besökens vikter", "The visits' weights"))
    falling = (
        weights.ndim == 1
        and len(weights) > 0
        and bool((weights >= 0).all() and (np.diff(weights) <= 0).all())
    )
    if not falling:
        raise InvalidInputError(
            Text(
                "Besökens vikter måste vara minst en, inte negativa och inte stigande.",
                "The visits' weights must be at least one, not negative and not rising.",
            )
        )


def _check_seed(rng: int | np.random.Generator) -> None:
    if isinstance(rng, int | np.integer) and rng < 0:
        raise InvalidInputError(
            Text(
                "Slumptalsfröet är {v}. Ange ett heltal från 0 och uppåt.",
                "The seed is {v}. Give a whole number from 0 up.",
            ).fill(v=rng)
        )


def _check_streets(streets: Streets | Mapping[str, Streets] | None, candidates: Candidates) -> None:
    given = networks_of(streets).values()
    for net in given:
        if net.crs != CRS(candidates.crs):
            raise CRSError(
                Text(
                    "Hållpunkterna har ett annat koordinatsystem än gatunätet ({c}). Projicera om.",
                    "The stops have another reference system than the streets ({c}). Project them "
                    "first.",
                ).fill(c=net.crs.to_string()[:40])
            )


def _assumed(candidates: Candidates, stops: gpd.GeoDataFrame) -> list[Text]:
    notes = [Text(note["sv"], note["en"]) for note in stops.attrs.get("notes", ())]
    if candidates.even:
        notes.append(
            Text(
                "Hållpunkterna saknar risk per timme; den räknas som jämn över passet.",
                "The stops have no risk by the hour; it is taken as even over the shift.",
            )
        )
    return notes

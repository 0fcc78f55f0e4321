"""From candidate stops and crews to the route problem: who can go where, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.plan import CREW_KIND_NAMES, Crew, Visit, place_title
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.network import Network
from riskmiljo.patrol.options import CrewSpec, Fixed, Joint, Pause, Problem
from riskmiljo.patrol.route_words import (
    length_text,
    no_street,
    not_in_time,
    nothing_expected,
    too_far,
)
from riskmiljo.patrol.stop_input import Candidates
from riskmiljo.patrol.teams import pause_window
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MINUTE: Final = timedelta(minutes=1)
# A visit begins in the hour that ends after it: one second before the next hour at the latest.
_SECOND: Final = 1 / 60


@dataclass(frozen=True, eq=False)
class Setting:
    """A route problem with what is needed to read its answer.

    Attributes
    ----------
    problem
        For `riskmiljo.patrol.options.solve`; its stops are the rows of the candidates.
    slot
        Shape (options,): hour slot of each option; the first one where several are alike.
    xy
        Shape (locations, 2), metres: the stops, then two for each crew (start, end).
    unusable
        Stops that no crew can visit, and why.
    """

    problem: Problem
    slot: Ints
    xy: Floats
    unusable: dict[int, Text]


def minutes_from(shift: Shift, moment: datetime) -> float:
    """Return a moment on the shift's own clock.

    Parameters
    ----------
    shift
        The shift.
    moment
        Aware.

    Returns
    -------
    float
        Minutes from the shift's start; negative before it.
    """
    return (moment - shift.period.start) / _MINUTE


def setting_of(
    candidates: Candidates,
    crews: Sequence[Crew],
    pauses: Sequence[float],
    *,
    network: Network,
    shift: Shift,
    gap_min: float,
    discounts: tuple[float, ...],
    done: Sequence[tuple[int, Visit]] = (),
) -> Setting:
    """State the route problem of a shift.

    Parameters
    ----------
    candidates
        The stops.
    crews
        Who goes.
    pauses
        Minutes of break of each crew that are still to come.
    network
        How they get about.
    shift
        When.
    gap_min
        Minutes between visits of a stop.
    discounts
        What the k-th best visit of a stop counts for.
    done
        Visits made already, each with the row of its crew: they count for value and gaps.

    Returns
    -------
    Setting
        What to solve.

    Raises
    ------
    InvalidInputError
        If a crew begins or ends far from any street or cannot get to its end in time, or a joint
        stop lacks crews of two kinds.
    """
    stops = len(candidates.xy)
    ends = [(spot.x, spot.y) for crew in crews for spot in (crew.start, crew.end)]
    xy = np.vstack([candidates.xy, np.array(ends, dtype=float)])
    usable, off, loose = network.reach(xy)
    modes = [network.modes.index(crew.mode) for crew in crews for _ in range(2)]
    for at, mode in enumerate(modes):
        place = stops + at
        if not usable[mode, place]:
            _refuse_end(
                crews[at // 2], off[mode, place], start=at % 2 == 0, loose=bool(loose[mode, place])
            )
    travel = network.minutes(xy)
    # What lies by no street of one mode is out of reach for those who go so, not for the others.
    for mode, place in zip(*np.nonzero(~usable), strict=True):
        travel[mode, place, :] = travel[mode, :, place] = np.inf
    # A crew that ends where it stands, perhaps midway along a street, needs no time for that: the
    # network would lead it to the nearest corner and back.
    for start in range(stops, len(xy), 2):
        if (xy[start] == xy[start + 1]).all():
            travel[:, start, start + 1] = travel[:, start + 1, start] = 0.0
    specs = _crew_specs(crews, pauses, stops, network, shift)
    _check_way_home(crews, specs, travel)
    unusable = _unusable(candidates, specs, travel)
    nearest = off.argmin(axis=0)
    unusable |= {
        int(row): no_street(float(off[nearest[row], row]), loose=bool(loose[nearest[row], row]))
        for row in np.flatnonzero(~usable[:, :stops].any(axis=0))
    }
    kinds = list(dict.fromkeys(crew.kind for crew in crews))
    specs = [
        spec._replace(kind=kinds.index(crew.kind)) for spec, crew in zip(specs, crews, strict=True)
    ]
    wanted = [row for row in range(stops) if row not in unusable]
    option, slot = _options(candidates, wanted, kinds)
    made = {row: at for at, row in enumerate(candidates.frame["stop_id"])}
    fixed = [(crew, made[visit.stop_id], visit) for crew, visit in done if visit.stop_id in made]
    # What was visited has an option even if nobody would go there any more.
    for row in sorted({row for _, row, _ in fixed} - {o[0] for o in option}):
        option.append(_option(candidates, row, 0, kinds, (0.0, 0.0)))
        slot.append(0)
    by_stop: dict[int, list[int]] = {}
    for number, (row, *_rest) in enumerate(option):
        by_stop.setdefault(row, []).append(number)
    columns = list(zip(*option, strict=True)) if option else [(), (), (), (), ()]
    stop = np.array(columns[0], dtype=np.int64)
    visited = {row for _, row, _ in fixed}
    problem = Problem(
        travel=travel,
        crews=tuple(specs),
        stop=stop,
        location=stop.copy(),
        opens=np.array(columns[1], dtype=float),
        closes=np.array(columns[2], dtype=float),
        value=np.array(columns[3], dtype=float).reshape(len(stop), len(kinds)),
        dwell=np.array(columns[4], dtype=float),
        discounts=discounts,
        gap_min=gap_min,
        fixed=tuple(
            Fixed(crew, _option_at(by_stop[row], slot, candidates, visit, shift),
                  minutes_from(shift, visit.begins), visit.dwell_min)
            for crew, row, visit in fixed
        ),
        pinned=tuple(
            row for row in wanted
            if candidates.pinned[row] and not candidates.joint[row] and row not in visited
        ),
        joint=tuple(
            Joint(row, _partners(candidates, row, crews, specs, travel))
            for row in wanted if candidates.joint[row] and row not in visited
        ),
    )  # fmt: skip
    return Setting(problem, np.array(slot, dtype=np.int64), xy, unusable)


def can_visit(setting: Setting, candidates: Candidates, crew: int) -> bool:
    """Tell whether a crew could visit any stop at which something is to be gained.

    Parameters
    ----------
    setting
        The problem.
    candidates
        Its stops.
    crew
        Row of the crew.

    Returns
    -------
    bool
        False where its time is too short, or no way leads to a stop.
    """
    spec = setting.problem.crews[crew]
    usable = [row for row in range(len(candidates.xy)) if row not in setting.unusable]
    return any(
        _spare(spec, setting.problem.travel, row, candidates.dwell_min[row])[0] >= 0
        for row in usable
    )


def _refuse_end(crew: Crew, metres: float, *, start: bool, loose: bool) -> NoReturn:
    text = Text(
        "Lag {n}: {s} ligger {d} från närmaste gata i gatunätet. Välj en plats vid en gata eller "
        "läs in ett gatunät som når dit.",
        "Team {n}: {s} lies {d} from the nearest street of the network. Choose a place by a "
        "street, or load a network that reaches it.",
    )
    if loose:
        text = Text(
            "Lag {n}: gatan vid {s} hänger inte ihop med resten av gatunätet, som ligger {d} bort. "
            "Välj en annan plats eller läs in ett gatunät där broar och tunnlar är med.",
            "Team {n}: the street by {s} is not connected to the rest of the network, which is {d} "
            "away. Choose another place, or load a network that has bridges and tunnels.",
        )
    usual = Text("startplatsen", "the start") if start else Text("slutplatsen", "the end")
    name = (crew.start if start else crew.end).name
    raise InvalidInputError(text.fill(n=crew.number, s=name or usual, d=length_text(metres)))


def _crew_specs(
    crews: Sequence[Crew], pauses: Sequence[float], stops: int, network: Network, shift: Shift
) -> list[CrewSpec]:
    specs = []
    for number, (crew, pause_min) in enumerate(zip(crews, pauses, strict=True)):
        earliest, latest = (minutes_from(shift, at) for at in pause_window(crew))
        specs.append(
            CrewSpec(
                mode=network.modes.index(crew.mode),
                start=stops + 2 * number,
                end=stops + 2 * number + 1,
                begins=minutes_from(shift, crew.begins),
                ends=minutes_from(shift, crew.ends),
                pauses=(Pause(pause_min, earliest, latest),) if pause_min > 0 else (),
            )
        )
    return specs


def _check_way_home(crews: Sequence[Crew], specs: Sequence[CrewSpec], travel: Floats) -> None:
    for crew, spec in zip(crews, specs, strict=True):
        needed = travel[spec.mode, spec.start, spec.end] + sum(p.minutes for p in spec.pauses)
        late = needed - (spec.ends - spec.begins)
        if late > 0:
            raise InvalidInputError(
                Text(
                    "Lag {n} hinner inte från start till slut i tid ({m} min saknas). Förläng "
                    "tiden eller flytta slutet.",
                    "Team {n} cannot get from its start to its end in time ({m} min are missing). "
                    "Give it more time or move the end.",
                ).fill(n=crew.number, m="∞" if np.isinf(late) else f"{np.ceil(late):.0f}")
            )


def _unusable(candidates: Candidates, specs: Sequence[CrewSpec], travel: Floats) -> dict[int, Text]:
    """Find stops that cannot be visited, or at which nothing is to be gained, and say why."""
    wanted = candidates.pinned | candidates.joint
    last = max(spec.ends for spec in specs)
    found: dict[int, Text] = {}
    for row in range(len(candidates.xy)):
        dwell = candidates.dwell_min[row]
        spare, away = zip(
            *(_spare(spec, travel, row, dwell) for spec in specs),
            strict=True,
        )
        if candidates.opens[row] > last or candidates.closes[row] < 0:
            found[row] = not_in_time()
        elif candidates.risk[row].max() <= 0 and not wanted[row]:
            found[row] = nothing_expected()
        elif max(spare) < 0 and (not wanted[row] or np.isinf(min(away))):
            found[row] = too_far(float(min(away)))
    return found


def _spare(spec: CrewSpec, travel: Floats, row: int, dwell: float) -> tuple[float, float]:
    """Minutes that a crew has left after going to one stop and to its end, and what that takes."""
    away = travel[spec.mode, spec.start, row] + dwell + travel[spec.mode, row, spec.end]
    return spec.ends - spec.begins - away - sum(p.minutes for p in spec.pauses), away


_Option = tuple[int, float, float, list[float], float]


def _options(
    candidates: Candidates, wanted: Sequence[int], kinds: Sequence[str]
) -> tuple[list[_Option], list[int]]:
    """One option for each stop and hour; hours that are alike and follow each other are one."""
    options: list[_Option] = []
    slots: list[int] = []
    for row in wanted:
        for slot, (begins, ends) in enumerate(candidates.slots.tolist()):
            last = slot == len(candidates.slots) - 1
            opens = max(begins, candidates.opens[row])
            closes = min(ends if last else ends - _SECOND, candidates.closes[row])
            if closes < opens:
                continue
            option = _option(candidates, row, slot, kinds, (opens, closes))
            before = options[-1] if options and options[-1][0] == row else None
            if before is not None and before[3] == option[3]:
                options[-1] = (row, before[1], closes, before[3], before[4])
            else:
                options.append(option)
                slots.append(slot)
    return options, slots


def _option(
    candidates: Candidates, row: int, slot: int, kinds: Sequence[str], window: tuple[float, float]
) -> _Option:
    value = [
        float(candidates.risk_of.get(kind, candidates.risk)[row, slot]) for kind in kinds
    ]  # fmt: skip
    return row, window[0], window[1], value, float(candidates.dwell_min[row])


def _option_at(
    numbers: Sequence[int], slot: Sequence[int], candidates: Candidates, visit: Visit, shift: Shift
) -> int:
    """Return the option of a stop whose hour a visit was made in."""
    at = minutes_from(shift, visit.begins)
    hour = int(np.searchsorted(candidates.slots[:, 0], at, side="right")) - 1
    earlier = [number for number in numbers if slot[number] <= hour]
    return earlier[-1] if earlier else numbers[0]


def _partners(
    candidates: Candidates,
    row: int,
    crews: Sequence[Crew],
    specs: Sequence[CrewSpec],
    travel: Floats,
) -> tuple[int, int]:
    """Choose the two crews of different kinds that have the shortest way to a stop."""
    away = [
        float(_spare(spec, travel, row, candidates.dwell_min[row])[1]) for spec in specs
    ]  # fmt: skip
    pairs = [
        (away[a] + away[b], a, b)
        for a in range(len(crews))
        for b in range(a + 1, len(crews))
        if crews[a].kind != crews[b].kind
    ]
    if not pairs:
        raise InvalidInputError(
            Text(
                "{s} ska besökas gemensamt, men alla lag är av samma slag. Lägg till ett lag av "
                "annat slag ({k}).",
                "{s} is to be visited together, but all teams are of one kind. Add a team of "
                "another kind ({k}).",
            ).fill(
                s=place_title(str(candidates.frame["name"].iloc[row])), k=", ".join(CREW_KIND_NAMES)
            )
        )
    _, a, b = min(pairs)
    return a, b

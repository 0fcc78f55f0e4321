"""A plan: who walks where in one shift, when, for how long, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text

Mode = Literal["walk", "cycle", "drive"]
StopKind = Literal["zone", "own", "explore"]

MODE_NAMES: Final[dict[str, Text]] = {
    "walk": Text("till fots", "on foot"),
    "cycle": Text("med cykel", "by bicycle"),
    "drive": Text("med bil", "by car"),
}
CREW_KIND_NAMES: Final[dict[str, Text]] = {
    "police": Text("polis", "police"),
    "outreach": Text("ungdomsjour", "youth outreach"),
    "night_walkers": Text("nattvandrare", "night walkers"),
}
STOP_KIND_NAMES: Final[dict[str, Text]] = {
    "zone": Text("riskzon", "risk zone"),
    "own": Text("egen hållpunkt", "own stop"),
    "explore": Text("utforskande hållpunkt", "exploratory stop"),
}

# What the stops of a large zone are called where no place or corner names them.
STOP_SIDES: Final[tuple[Text, ...]] = (
    Text("östra delen", "eastern part"),
    Text("norra delen", "northern part"),
    Text("västra delen", "western part"),
    Text("södra delen", "southern part"),
)
ON_THE_WAY: Final = Text("på väg", "on the way")
# What a point that somebody chose on a map is called: nobody finds the way by degrees.
_NEAR: Final = Text("Eget stopp nära ", "Own stop near ")

PLAN_TITLE: Final = Text("Passplan", "Shift plan")

_MINUTE: Final = timedelta(minutes=1)


def place_title(name: str) -> Text:
    """Return the name of a stop or spot as it is told in each language.

    Parameters
    ----------
    name
        As a plan keeps it: the name of a place is the same in every language, the part of a zone
        stands in Swedish.

    Returns
    -------
    Text
        Such as ``City, norra delen`` and ``City, northern part``.
    """
    if name.startswith(_NEAR.sv):
        return Text(name, _NEAR.en + name.removeprefix(_NEAR.sv))
    if name == ON_THE_WAY.sv:
        return ON_THE_WAY
    for side in STOP_SIDES:
        if name.endswith(f", {side.sv}"):
            return Text(name, name.removesuffix(side.sv) + side.en)
    return Text(name, name)


def name_near(place: str) -> str:
    """Return what a plan keeps as the name of a point that has none.

    Parameters
    ----------
    place
        The place nearest to it.

    Returns
    -------
    str
        Told in each language by `place_title`.
    """
    return f"{_NEAR.sv}{place}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A named point, such as the station where a shift begins; metres in the plan's CRS."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Crew:
    """Those who go together.

    Attributes
    ----------
    number
        1, 2, ... in the order of the plan.
    kind
        ``police``, ``outreach`` or ``night_walkers``.
    mode
        ``walk``, ``cycle`` or ``drive``.
    begins, ends
        When it is at work (UTC).
    start, end
        Where it begins and ends.
    """

    number: int
    kind: str
    mode: Mode
    begins: datetime
    ends: datetime
    start: Spot
    end: Spot

    @property
    def name(self) -> Text:
        """What the crew is called, such as ``Lag 2``."""
        return Text("Lag {n}", "Team {n}").fill(n=self.number)


@dataclass(frozen=True, slots=True)
class Visit:
    """Time spent at a stop.

    Attributes
    ----------
    stop_id, name, x, y
        The stop: a corner or a zone's centre on a street, metres; never an incident's point.
    kind
        ``zone``, ``own`` or ``explore``.
    zone_id
        The zone it serves; empty for none.
    arrives, begins, leaves
        UTC; ``begins`` is later than ``arrives`` where the crew waits for a window to open.
    expected
        Expected incidents at the stop in the hour of the visit, as credited to it: less for a
        second or third visit.
    share
        How much of the risk that all candidates hold in the shift lies at this stop, 0 to 1.
    visit
        1 for the first visit of any crew to this stop in the plan, then 2, 3, ...
    since_min
        Minutes since a crew last left the stop in this plan; None for the first visit.
    lost
        Expected incidents no longer covered if this visit is dropped.
    detour_min
        Minutes on the way that dropping it would save.
    pinned, joint
        Wanted by the user; done together with another crew at the same time.
    why
        One line from the data.
    """

    stop_id: str
    name: str
    x: float
    y: float
    kind: StopKind
    zone_id: str
    arrives: datetime
    begins: datetime
    leaves: datetime
    expected: float
    share: float
    visit: int
    since_min: float | None
    lost: float
    detour_min: float
    pinned: bool
    joint: bool
    why: Text

    @property
    def title(self) -> Text:
        """What the stop is called in each language; empty texts for a stop without a name."""
        return place_title(self.name)

    @property
    def dwell_min(self) -> float:
        """Minutes at the stop, waiting not counted."""
        return (self.leaves - self.begins) / _MINUTE


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """The way from one step to the next.

    Attributes
    ----------
    departs, arrives
        UTC.
    length_m
        Along the way; without streets the straight line times the detour factor.
    way
        Shape (k, 2), metres, k at least 2: along real streets where a network is loaded.
    streets
        Names of the streets walked, in order; empty where unknown.
    """

    departs: datetime
    arrives: datetime
    length_m: float
    way: npt.NDArray[np.float64] = field(repr=False)
    streets: tuple[str, ...] = ()

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return (self.arrives - self.departs) / _MINUTE


@dataclass(frozen=True, slots=True)
class Pause:
    """A break, taken where the crew then is (UTC)."""

    begins: datetime
    ends: datetime
    spot: Spot


Step = Visit | Leg | Pause


@dataclass(frozen=True, slots=True)
class Route:
    """What one crew does, in order of time.

    Attributes
    ----------
    crew
        Who.
    steps
        Legs, visits and pauses; the first leg leaves the start and the last one comes to the end.
    """

    crew: Crew
    steps: tuple[Step, ...]

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The stops in order."""
        return tuple(step for step in self.steps if isinstance(step, Visit))

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The ways in order."""
        return tuple(step for step in self.steps if isinstance(step, Leg))

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """The breaks in order."""
        return tuple(step for step in self.steps if isinstance(step, Pause))

    @property
    def travel_min(self) -> float:
        """Minutes on the way."""
        return sum(leg.minutes for leg in self.legs)

    @property
    def length_m(self) -> float:
        """Metres on the way."""
        return sum(leg.length_m for leg in self.legs)

    @property
    def dwell_min(self) -> float:
        """Minutes at stops."""
        return sum(visit.dwell_min for visit in self.visits)

    @property
    def expected(self) -> float:
        """Expected incidents credited to its visits."""
        return sum(visit.expected for visit in self.visits)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A candidate that no crew visits, and why."""

    stop_id: str
    name: str
    x: float
    y: float
    kind: StopKind
    expected: float
    why: Text

    @property
    def title(self) -> Text:
        """What the stop is called in each language; empty texts for a stop without a name."""
        return place_title(self.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """The routes of one shift.

    Attributes
    ----------
    shift
        When.
    epsg
        The metric reference system of all coordinates.
    routes
        One for each crew, in the order of their numbers; a crew that is of no use has no visits.
    left_out
        Candidates not visited, the most risk first.
    covered, reachable
        Expected incidents credited to the plan, and the most that these crews could cover if the
        ways between stops took no time: the fair base of a share.
    habit
        What the same crews would cover where patrols were in the weeks before; None where presence
        is unknown.
    comparison
        Both in one sentence.
    distance
        ``streets``, or ``straight``: straight lines times a detour factor.
    notes
        What was assumed, degraded or impossible; shown with the plan and in every file.
    parameters
        What the plan was made with, JSON-able: seed, dwell, gap, iterations, ...
    title
        What the plan is called.
    as_of
        Where the data behind it end (UTC); None where unknown.
    simulated
        Whether the data are simulated.
    """

    shift: Shift
    epsg: int
    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    covered: float
    reachable: float
    habit: float | None
    comparison: Text
    distance: Literal["streets", "straight"]
    notes: tuple[Text, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    title: Text = PLAN_TITLE
    as_of: datetime | None = None
    simulated: bool = False

    @property
    def share(self) -> float:
        """``covered`` as a share of ``reachable``, 0 to 1; 0 where nothing can be reached."""
        return self.covered / self.reachable if self.reachable > 0 else 0.0

    def with_parameters(self, parameters: Mapping[str, object]) -> Plan:
        """Return the plan with what it was made with."""
        return replace(self, parameters=dict(parameters))

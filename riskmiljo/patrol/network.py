"""How crews get about: one street network for each mode, or straight lines where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from riskmiljo.analysis.arguments import require_instance
from riskmiljo.patrol.street_answers import Way
from riskmiljo.patrol.street_rules import Mode
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.travel import DETOUR, straight_minutes
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    """Streets for the modes that a plan needs.

    Attributes
    ----------
    modes
        Without repetition.
    streets
        For each mode, or None: straight lines.
    """

    modes: tuple[Mode, ...]
    streets: tuple[Streets | None, ...]

    @classmethod
    def of(cls, streets: Streets | Mapping[str, Streets] | None, modes: Sequence[Mode]) -> Network:
        """Find or make the network of each mode.

        Parameters
        ----------
        streets
            One network, from whose lines those of other modes are made; or one for each mode.
        modes
            Which are needed.

        Returns
        -------
        Network
            In the order in which modes are first named.

        Raises
        ------
        NothingFoundError
            If no line may be used in a mode.
        """
        wanted = tuple(dict.fromkeys(modes))
        given = networks_of(streets)
        if not given:
            return cls(wanted, (None,) * len(wanted))
        lines = next(iter(given.values()))
        made = [given.get(mode) or Streets.from_lines(lines.lines(), mode) for mode in wanted]
        return cls(wanted, tuple(made))

    @property
    def straight(self) -> bool:
        """Whether ways are straight lines."""
        return self.streets[0] is None

    @property
    def notes(self) -> tuple[Text, ...]:
        """What a user must know of the networks: much that is cut off, or no one-way streets."""
        reports = [net.report for net in self.streets if net is not None]
        return tuple(dict.fromkeys(note for report in reports for note in report.notes))

    def minutes(self, xy: Floats) -> Floats:
        """Return travel times between all pairs of points.

        Parameters
        ----------
        xy
            Shape (n, 2), metres.

        Returns
        -------
        numpy.ndarray
            Shape (modes, n, n), minutes; infinite where there is no way.
        """
        return np.stack(
            [
                straight_minutes(xy, xy, mode) if net is None else net.travel_minutes(xy, xy)
                for mode, net in zip(self.modes, self.streets, strict=True)
            ]
        )

    def reach(self, xy: Floats) -> tuple[Bools, Floats, Bools]:
        """Return which points lie by a street of each mode, and how far the others are from one.

        Parameters
        ----------
        xy
            Shape (n, 2), metres.

        Returns
        -------
        tuple of numpy.ndarray
            Each of shape (modes, n): usable or not; metres to the nearest street, 0 without a
            network; and whether the point lies by a street that is not connected to the network.
        """
        shape = (len(self.modes), len(xy))
        usable, far, loose = np.ones(shape, dtype=bool), np.zeros(shape), np.zeros(shape, bool)
        for row, net in enumerate(self.streets):
            if net is not None:
                found = net.reach(xy)
                usable[row], far[row], loose[row] = found.usable, found.distance_m, found.loose
        return usable, far, loose

    def ways(self, mode: Mode, xy: Floats, pairs: Sequence[tuple[int, int]]) -> list[Way]:
        """Return the ways between pairs of points.

        Parameters
        ----------
        mode
            One of `modes`.
        xy
            Shape (n, 2), metres.
        pairs
            Rows of `xy`: from, to.

        Returns
        -------
        list of riskmiljo.patrol.street_answers.Way
            In the order of the pairs; without a network straight lines, with the detour in their
            length and time but not in their drawing.
        """
        net = self.streets[self.modes.index(mode)]
        if net is not None:
            return net.ways(xy, pairs)
        return [
            Way(
                line=shapely.LineString(xy[[a, b]]),
                length_m=float(np.hypot(*(xy[b] - xy[a]))) * DETOUR,
                minutes=float(straight_minutes(xy[a], xy[b], mode)[0, 0]),
                streets=(),
            )
            for a, b in pairs
        ]


def networks_of(streets: Streets | Mapping[str, Streets] | None) -> dict[str, Streets]:
    """Return street networks by the mode that they are for.

    Parameters
    ----------
    streets
        One, several by mode, or None.

    Returns
    -------
    dict of str to Streets
        Empty where there is none.

    Raises
    ------
    InvalidInputError
        If it is anything else.
    """
    if streets is None:
        return {}
    if isinstance(streets, Mapping):
        for net in streets.values():
            require_instance(Streets, streets=net)
        return dict(streets)
    require_instance(Streets, streets=streets)
    return {streets.mode: streets}

"""The lens: what a role may see, and how finely (DESIGN section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.wording import Text

# Categories whose rows mostly concern young people or care: the higher minimum count.
SENSITIVE_CATEGORIES: Final = frozenset({"welfare_concern"})


@dataclass(frozen=True, slots=True)
class Lens:
    """What one reader may see.

    Parameters
    ----------
    role
        Whose lens it is.
    owners
        The owners whose incidents it shows.
    min_incidents, min_sensitive, min_places, min_days
        A figure is shown only from this many incidents (sensitive ones: the second), at this many
        places, on this many days.
    may_export
        Whether files may be taken out.
    reason
        Why the lens is what it is; shown to the reader.
    """

    role: Role
    owners: frozenset[str]
    min_incidents: int
    min_sensitive: int
    min_places: int
    min_days: int
    may_export: bool
    reason: Text

    def shown(
        self,
        incidents: npt.ArrayLike,
        places: npt.ArrayLike,
        days: npt.ArrayLike,
        *,
        sensitive: npt.ArrayLike = False,
    ) -> npt.NDArray[np.bool_]:
        """Return which counts may be shown.

        Parameters
        ----------
        incidents, places, days
            Shape (n,): plain counts, unique places, unique local days.
        sensitive
            Which of them rest on social data or minors.

        Returns
        -------
        numpy.ndarray
            One boolean per count.
        """
        floor = np.where(np.asarray(sensitive, dtype=bool), self.min_sensitive, self.min_incidents)
        return np.asarray(
            (np.asarray(incidents) >= floor)
            & (np.asarray(places) >= self.min_places)
            & (np.asarray(days) >= self.min_days)
        )

    @property
    def key(self) -> str:
        """A text that differs wherever two lenses may show different things (for caches)."""
        owners = ",".join(sorted(self.owners))
        floors = (self.min_incidents, self.min_sensitive, self.min_places, self.min_days)
        return f"{self.role}|{owners}|{floors}|{self.may_export}"


def demo_lens(settings: Settings) -> Lens:
    """Return the one lens that exists before login does: every owner, with the minimum counts.

    Parameters
    ----------
    settings
        Whose minimum counts hold.

    Returns
    -------
    Lens
        For a machine of one's own; `riskmiljo serve` listens to nothing else while there is no
        login.
    """
    return Lens(
        role=Role.PLANNER,
        owners=frozenset({"police", "social", "municipality"}),
        min_incidents=settings.min_incidents,
        min_sensitive=settings.min_sensitive,
        min_places=settings.min_places,
        min_days=settings.min_days,
        may_export=True,
        reason=Text(
            "Visningsläge utan inloggning: alla ägares händelser, aldrig enskilda.",
            "Demonstration without login: every owner's incidents, never single ones.",
        ),
    )

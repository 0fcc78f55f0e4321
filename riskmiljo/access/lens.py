"""The lens: what a role may see, and how finely (DESIGN section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from riskmiljo.model.role import Role
from riskmiljo.model.vocabulary import OWNERS
from riskmiljo.settings import Settings
from riskmiljo.wording import Text

EVERY_OWNER: Final = frozenset(OWNERS)

Scope = Literal["own", "joint"]

# Categories whose rows mostly concern young people or care: the higher minimum count.
SENSITIVE_CATEGORIES: Final = frozenset({"welfare_concern"})
# Owners of whom every row is.
SENSITIVE_OWNERS: Final = frozenset({"social"})


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
    scope
        ``"own"``: the owners' incidents themselves. ``"joint"``: the joint picture, made of
        released cells alone; no query under such a lens reads an incident.
    """

    role: Role
    owners: frozenset[str]
    min_incidents: int
    min_sensitive: int
    min_places: int
    min_days: int
    may_export: bool
    reason: Text
    scope: Scope = "own"

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
        if self.scope == "joint":
            # What was released has met the counts already, and is no count any more.
            return np.ones(np.broadcast(np.asarray(incidents), places, days).shape, dtype=bool)
        floor = np.where(np.asarray(sensitive, dtype=bool), self.min_sensitive, self.min_incidents)
        return np.asarray(
            (np.asarray(incidents) >= floor)
            & (np.asarray(places) >= self.min_places)
            & (np.asarray(days) >= self.min_days)
        )

    @property
    def fewest(self) -> int:
        """The minimum count of a part of what it shows: the higher one where all is social."""
        social = self.scope == "own" and self.owners <= SENSITIVE_OWNERS
        return max(self.min_incidents, self.min_sensitive) if social else self.min_incidents

    @property
    def key(self) -> str:
        """A text that differs wherever two lenses may show different things (for caches)."""
        owners = ",".join(sorted(self.owners))
        floors = (self.min_incidents, self.min_sensitive, self.min_places, self.min_days)
        return f"{self.role}|{self.scope}|{owners}|{floors}|{self.may_export}"


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
        owners=EVERY_OWNER,
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


# Whose incidents a role works with at full detail; the others know the joint picture only.
OWN_DATA: Final[dict[Role, frozenset[str]]] = {
    Role.POLICE: frozenset({"police"}),
    Role.OUTREACH: frozenset({"social"}),
}

_OWN: Final[dict[Role, Text]] = {
    Role.POLICE: Text(
        "Polisens egna händelser. Varje läsning loggas.",
        "The police's own incidents. Each reading is logged.",
    ),
    Role.OUTREACH: Text(
        "Socialtjänstens egna händelser. Varje läsning loggas.",
        "The social services' own incidents. Each reading is logged.",
    ),
}
# They open no page with incidents (`riskmiljo.access.rules`).
_SHARED: Final = Text(
    "Planer som delats med dem: platser och tider. Inga händelser.",
    "Plans shared with them: places and times. No incidents.",
)
_JOINT: Final = Text(
    "Gemensam lägesbild: fasta rutor och månader, antal i klasser, inga enskilda händelser.",
    "The joint picture: fixed cells and months, counts in classes, no single incidents.",
)


def emergency_lens(owner: str, settings: Settings) -> Lens:
    """Return what an administrator sees during an emergency reading.

    Parameters
    ----------
    owner
        Whose incidents.
    settings
        Whose minimum counts hold.

    Returns
    -------
    Lens
        That owner's incidents and no other's; no file may be taken out.
    """
    return Lens(
        role=Role.ADMIN,
        owners=frozenset({owner}),
        min_incidents=settings.min_incidents,
        min_sensitive=settings.min_sensitive,
        min_places=settings.min_places,
        min_days=settings.min_days,
        may_export=False,
        reason=Text(
            "Nödinsyn: en ägares egna händelser. Varje läsning loggas, och ägaren ser det.",
            "Emergency reading: one owner's own incidents. Each reading is logged, and the owner "
            "is told.",
        ),
        scope="own",
    )


def scopes_of(role: Role) -> tuple[Scope, ...]:
    """Return the kinds of view a role may choose between, its usual one first.

    Parameters
    ----------
    role
        Who asks.

    Returns
    -------
    tuple of str
        ``"own"`` only for a role that works with incidents of its own authority.
    """
    return ("own", "joint") if role in OWN_DATA else ("joint",)


def lens_of(role: Role, settings: Settings, *, scope: Scope | None = None) -> Lens:
    """Return what a logged-in reader of a role sees.

    Parameters
    ----------
    role
        Who asks.
    settings
        Whose minimum counts hold.
    scope
        Which kind of view is asked for; None, or one that the role does not have, is its usual
        one.

    Returns
    -------
    Lens
        Deny by default: a role without data of its own sees the joint picture.
    """
    allowed = scopes_of(role)
    chosen = scope if scope in allowed else allowed[0]
    own = chosen == "own"
    return Lens(
        role=role,
        owners=OWN_DATA[role] if own else EVERY_OWNER,
        min_incidents=settings.min_incidents,
        min_sensitive=settings.min_sensitive,
        min_places=settings.min_places,
        min_days=settings.min_days,
        may_export=role is not Role.PARTNER,
        reason=_OWN[role] if own else _SHARED if role is Role.PARTNER else _JOINT,
        scope=chosen,
    )

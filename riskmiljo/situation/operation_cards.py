"""Operations as a lens shows them: their counts, and what is known of whether they helped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from riskmiljo.access.lens import Lens
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.model.period import Period
from riskmiljo.settings import Settings
from riskmiljo.situation.operation_entry import known_zones
from riskmiljo.situation.operations import KIND
from riskmiljo.situation.told_verdicts import ToldVerdict, told_verdicts
from riskmiljo.store import Store
from riskmiljo.store.operations import Which, which_of

# Counts of young people, their families and their support: the higher minimum.
_SENSITIVE: Final = frozenset({"young_people_met", "guardian_contacts", "support_contacts"})


@dataclass(frozen=True, slots=True)
class KeptEffect:
    """An evaluation as it is kept.

    Attributes
    ----------
    made_at
        When (UTC).
    filter
        Which incidents, pairs as in an address.
    body
        As of `riskmiljo.situation.operations.evaluation_record`.
    """

    made_at: datetime
    filter: tuple[tuple[str, str], ...]
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperationCard:
    """An operation as a lens shows it.

    Attributes
    ----------
    operation_id
        Its number.
    name
        What people call it.
    period
        When it ran.
    places
        Number of places.
    partners
        Who took part.
    goal
        What it was for.
    outcomes
        Counts by the names of `OUTCOMES`; None where one is too small to be shown, zero among them.
    effect
        The latest evaluation made through this lens; None in the joint picture.
    told
        What the joint picture tells of it; None while it has not been judged.
    owner
        The authority that it was entered for; None where nobody had logged in.
    """

    operation_id: int
    name: str
    period: Period
    places: int
    partners: tuple[str, ...]
    goal: str
    outcomes: dict[str, int | None]
    effect: KeptEffect | None
    told: ToldVerdict | None = None
    owner: str | None = None


def operation_cards(store: Store, lens: Lens) -> tuple[OperationCard, ...]:
    """Return the operations of a store.

    Parameters
    ----------
    store
        Where operations and evaluations are kept.
    lens
        Who looks. What was evaluated through another lens is not shown.

    Returns
    -------
    tuple of OperationCard
        The latest to begin first; of one whose days or places have been corrected, nothing that
        was found for those it had before.
    """
    latest: dict[Which, KeptEffect] = {}
    for row in store.results.all(KIND):
        if row.parameters["lens"] == lens.key:
            terms = tuple((str(name), str(value)) for name, value in row.parameters["filter"])
            kept = KeptEffect(row.made_at, terms, row.body)
            latest.setdefault(which_of(row.parameters), kept)
    told = told_verdicts(store)
    return tuple(
        OperationCard(
            operation_id=row.operation_id,
            name=row.operation.name,
            period=row.operation.period,
            places=len(row.operation.places),
            partners=row.operation.partners,
            goal=row.operation.goal,
            outcomes=told_outcomes(row.operation.outcomes, lens),
            effect=latest.get(row.which),
            told=told.get(row.which),
            owner=row.owner,
        )
        for row in store.operations.all()
    )


def told_outcomes(outcomes: Mapping[str, int], lens: Lens) -> dict[str, int | None]:
    """Return an operation's counts as a lens shows them.

    Parameters
    ----------
    outcomes
        By the names of `OUTCOMES`.
    lens
        Whose minimum counts hold.

    Returns
    -------
    dict
        In the order of `OUTCOMES`; None for what is too small. They are entered by hand for all
        who read of the operation, and are no counts of incidents.
    """
    return {
        name: int(outcomes[name])
        if outcomes[name] >= (lens.min_sensitive if name in _SENSITIVE else lens.min_incidents)
        else None
        for name in OUTCOMES
        if name in outcomes
    }


def zones_to_choose(
    store: Store, settings: Settings, lens: Lens, *, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Return the zones that an operation can be entered for.

    Parameters
    ----------
    store
        Where zones are kept.
    settings
        The installation's settings.
    lens
        Which of the standing ones are shown.
    now
        Aware.

    Returns
    -------
    tuple of tuple of str
        Ids and names in the order of the names, drawn zones among them.
    """
    known = known_zones(store, settings, lens, now=now)
    if known is None:
        return ()
    chosen: dict[str, str] = {}
    for zone_id, name in zip(known["zone_id"], known["name"], strict=True):
        chosen.setdefault(str(zone_id), str(name))
    return tuple(sorted(chosen.items(), key=lambda pair: (pair[1].casefold(), pair[0])))

"""What every command needs: the settings, the store, the clock and the lens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import click

from riskmiljo.access.lens import Lens, demo_lens
from riskmiljo.cli.options import filter_query
from riskmiljo.cli.readings import note_reading
from riskmiljo.model.filters import Filter
from riskmiljo.model.shift import Shift
from riskmiljo.settings import Settings
from riskmiljo.situation import Situation, build_situation, describe, named_period, zone_of
from riskmiljo.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Session:
    """One call of the command line.

    Parameters
    ----------
    settings
        The installation's settings, with what the call overrides.
    """

    settings: Settings

    def open(self, *, create: bool = False) -> Store:
        """Open the store, and write down what this call is about to read in it.

        Parameters
        ----------
        create
            Whether a store that does not exist is made.

        Returns
        -------
        Store
            To be used in a ``with`` statement.

        Raises
        ------
        StoreError
            If it cannot be opened, or the reading cannot be written down.
        InvalidInputError
            If the common options cannot be read.
        """
        store = open_store(self.settings.store, create=create)
        try:
            self._note_reading(store)
        except BaseException:
            store.close()
            raise
        return store

    def _note_reading(self, store: Store) -> None:
        context = click.get_current_context(silent=True)
        query = None if context is None else filter_query(context.params)
        question = None if query is None else self.question(store, query)
        note_reading(store, self.lens(), question=question, now=self.now())

    def lens(self) -> Lens:
        """Return what the person at the keyboard may see."""
        return demo_lens(self.settings)

    def now(self) -> datetime:
        """Return the present: the only place where the command line looks at the clock."""
        return datetime.now(UTC)

    def question(self, store: Store, query: dict[str, list[str]]) -> Filter:
        """Return the filter that the common options spell.

        Parameters
        ----------
        store
            Whose time zone and data end are used.
        query
            As `riskmiljo.cli.options.filter_options` hands it over.

        Returns
        -------
        Filter
            Its period None when none was given.
        """
        tz = zone_of(store, self.settings)
        period = "".join(query.get("period", []))
        asked = Filter.from_query({**query, "period": []}, tz=tz)
        return replace(asked, period=named_period(period, store, tz=tz)) if period else asked

    def situation(
        self,
        store: Store,
        query: dict[str, list[str]],
        *,
        shift: Shift | None = None,
        teams: int = 3,
    ) -> Situation:
        """Build the situation that the common options ask for.

        Parameters
        ----------
        store
            An open store.
        query
            The common options.
        shift
            None is the coming evening shift.
        teams
            Number of patrols.

        Returns
        -------
        Situation
            Through this call's lens.
        """
        question = self.question(store, query)
        return build_situation(
            store, self.settings, self.lens(), question, now=self.now(), shift=shift, teams=teams
        )


def about(situation: Situation) -> dict[str, Any]:
    """Return what stands beside every answer.

    Parameters
    ----------
    situation
        The situation that was asked for.

    Returns
    -------
    dict
        Period, filter in words, data age, lens, notes, and whether the data are simulated.
    """
    return {
        "simulated": situation.simulated,
        "what": describe(situation),
        "from": situation.period.start.isoformat(),
        "to": situation.period.end.isoformat(),
        "data_until": situation.as_of.isoformat(),
        "lens": situation.lens.reason,
        "incidents": situation.total if situation.surface is not None else None,
        "notes": list(situation.notes),
    }

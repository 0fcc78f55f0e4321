"""The store as the rest of riskmiljo sees it: each act is one transaction with its audit row."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from riskmiljo.access.lens import EVERY_OWNER
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.vocabulary import SOURCES
from riskmiljo.store import audit, batches
from riskmiljo.store import incidents as incident_rows
from riskmiljo.store import presence as presence_rows
from riskmiljo.store import streets as street_rows
from riskmiljo.store import zones as zone_rows
from riskmiljo.store.area import read_area, require_area, require_same_crs
from riskmiljo.store.attempts import Attempts
from riskmiljo.store.audit_log import AuditLog
from riskmiljo.store.batches import BatchResult
from riskmiljo.store.break_glass import BreakGlasses
from riskmiljo.store.calendar import Calendar
from riskmiljo.store.disk import prepare_file, refuse_network
from riskmiljo.store.drawn import DrawnZones
from riskmiljo.store.engine import make_engine, path_of, reading, writing
from riskmiljo.store.factors import Factors
from riskmiljo.store.feedback import FeedbackLog
from riskmiljo.store.file import instant_of
from riskmiljo.store.logins import Logins
from riskmiljo.store.maintenance import Maintenance
from riskmiljo.store.migrate import check_and_upgrade
from riskmiljo.store.operations import Operations
from riskmiljo.store.plan_shares import PlanShares
from riskmiljo.store.plans import Plans
from riskmiljo.store.presence_entries import PresenceEntries
from riskmiljo.store.readings import Readings
from riskmiljo.store.releases import Releases
from riskmiljo.store.results import Results
from riskmiljo.store.tokens import Tokens
from riskmiljo.store.uploads import Uploads
from riskmiljo.store.users import Users
from riskmiljo.store.zone_notes import ZoneNotes
from riskmiljo.store.zone_sets import ZoneSets
from riskmiljo.wording import Text


class Store(ZoneSets):
    """A place for incidents and all that is kept beside them.

    Made by `open_store`. One store may be used from several threads at once, and beside other
    processes that have the same file open.

    Parameters
    ----------
    engine
        Of a file whose tables are up to date.
    """

    # --- incidents

    def add_incidents(
        self,
        incidents: gpd.GeoDataFrame,
        *,
        file_name: str,
        sha256: str,
        source: str,
        receipt: Mapping[str, Any],
        now: datetime,
        user: int | None = None,
    ) -> BatchResult:
        """Add the incidents of one file: all that is new, or nothing at all.

        Parameters
        ----------
        incidents
            The incident contract, in the store's reference system. The key is (source, id).
        file_name
            As the user knows the file.
        sha256
            Of the file's bytes. A file that is in already changes nothing.
        source
            The file's source, a word of the vocabulary.
        receipt
            What the intake says of the file; JSON.
        now
            Aware.
        user
            Who did it, where known.

        Returns
        -------
        BatchResult
            What was added, and what was known: there already with the same content.

        Raises
        ------
        RowsRefusedError
            If incidents are there already with other content.
        InvalidInputError
            If the frame breaks the contract or is in another reference system.
        StoreError
            If no area is set, or the file cannot be written.
        """
        incident_rows.check_incidents(incidents)
        if source not in SOURCES:
            raise InvalidInputError(
                Text(
                    "Källan {s!r} finns inte. Tillåtna: {all}.",
                    "The source {s!r} is not known. Allowed: {all}.",
                ).fill(s=source, all=", ".join(SOURCES))
            )
        at = instant_of(now)
        with writing(self._engine) as connection:
            require_same_crs(connection, incidents, Text("Händelserna", "The incidents"))
            before = batches.live_batch(connection, sha256)
            if before is not None:
                return BatchResult(before, added=0, known=len(incidents))
            result = batches.add_batch(
                connection,
                incidents,
                file_name=file_name,
                sha256=sha256,
                source=source,
                receipt=receipt,
                now=at,
            )
            detail: audit.Detail = {
                "batch": result.batch_id,
                "added": result.added,
                "known": result.known,
                "source": source,
            }
            audit.append(connection, at=at, act="import", detail=detail, user=user)
            return result

    def batch_of_file(self, sha256: str) -> int | None:
        """Return the batch in which a file is in.

        Parameters
        ----------
        sha256
            Of the file's bytes.

        Returns
        -------
        int or None
            None when it was never imported, or undone.
        """
        with reading(self._engine) as connection:
            return batches.live_batch(connection, sha256)

    def batches(self) -> pd.DataFrame:
        """Return every batch, oldest first.

        Returns
        -------
        pandas.DataFrame
            ``batch_id, file_name, sha256, source, receipt, imported_at, added, known,
            undone_at``; times in UTC.
        """
        with reading(self._engine) as connection:
            return batches.list_batches(connection)

    def owners_of_batch(self, batch_id: int) -> frozenset[str]:
        """Return whose incidents a batch holds.

        Parameters
        ----------
        batch_id
            The batch.

        Returns
        -------
        frozenset of str
            Empty for one that holds none, or was undone.
        """
        with reading(self._engine) as connection:
            return batches.owners_of(connection, batch_id)

    def undo_batch(self, batch_id: int, *, now: datetime, user: int | None = None) -> int:
        """Take out what one batch alone delivered, as a whole.

        Parameters
        ----------
        batch_id
            The batch.
        now
            Aware.
        user
            Who did it, where known.

        Returns
        -------
        int
            How many incidents were removed. What a later batch delivered too stays. Zone sets
            that were found in the removed ones go with them.

        Raises
        ------
        NothingFoundError
            If there is no such batch, or it was undone before.
        """
        at = instant_of(now)
        with writing(self._engine) as connection:
            zone_sets = zone_rows.drop_sets_of_batch(connection, batch_id)
            removed = batches.remove_batch(connection, batch_id, at)
            detail = {"batch": batch_id, "removed": removed, "zone_sets": zone_sets}
            audit.append(connection, at=at, act="undo", detail=detail, user=user)
            return removed

    def incidents(
        self, question: Filter | None = None, *, owners: frozenset[str] | None = None
    ) -> gpd.GeoDataFrame:
        """Return the incidents that a filter asks for.

        Parameters
        ----------
        question
            The filter; None for all. An interval belongs to the period in which it begins.
        owners
            Whose incidents; None for everyone's.

        Returns
        -------
        geopandas.GeoDataFrame
            The incident contract, in the order in which they were added.

        Raises
        ------
        StoreError
            If no area is set.
        """
        with reading(self._engine) as connection:
            epsg = require_area(connection).epsg
            return incident_rows.read_incidents(
                connection, question or Filter(), owners=owners, epsg=epsg
            )

    def count(self, *, owners: AbstractSet[str] = EVERY_OWNER) -> int:
        """Return how many incidents there are.

        Parameters
        ----------
        owners
            Whose.

        Returns
        -------
        int
            Of these owners.
        """
        with reading(self._engine) as connection:
            return incident_rows.count(connection, owners=owners)

    def matching(self, question: Filter, *, owners: frozenset[str] | None = None) -> int:
        """Return how many incidents a filter asks for.

        Parameters
        ----------
        question
            The filter.
        owners
            Whose incidents; None for everyone's.

        Returns
        -------
        int
            As many as `incidents` returns; 0 while no area is set.
        """
        with reading(self._engine) as connection:
            area = read_area(connection)
            if area is None:
                return 0
            return incident_rows.count_matching(connection, question, owners=owners, epsg=area.epsg)

    def span(self, *, owners: AbstractSet[str] = EVERY_OWNER) -> Period | None:
        """Return from when to when incidents begin.

        Parameters
        ----------
        owners
            Whose.

        Returns
        -------
        Period or None
            The last beginning is included; None while there are no incidents.
        """
        with reading(self._engine) as connection:
            return incident_rows.span(connection, owners=owners)

    # --- presence and streets

    def add_presence(self, frame: gpd.GeoDataFrame, *, now: datetime) -> int:
        """Add presence.

        Parameters
        ----------
        frame
            ``PRESENCE_COLUMNS``, in the store's reference system.
        now
            Aware.

        Returns
        -------
        int
            How many rows were added.

        Raises
        ------
        InvalidInputError
            If the frame breaks the contract or is in another reference system.
        """
        at = instant_of(now)
        with writing(self._engine) as connection:
            require_same_crs(connection, frame, presence_rows.PRESENCE)
            added, entry_id = presence_rows.write_presence(connection, frame, now=at)
            told = {"added": added, "entry": entry_id}
            audit.append(connection, at=at, act="presence", detail=told, maps=False)
            return added

    def presence(self, period: Period | None = None, *, entries: bool = False) -> gpd.GeoDataFrame:
        """Return presence, earliest first.

        Parameters
        ----------
        period
            Rows that overlap it; None for all.
        entries
            Whether ``entry_id`` stands beside them: what brought each row; 0 where unknown.

        Returns
        -------
        geopandas.GeoDataFrame
            ``PRESENCE_COLUMNS``.

        Raises
        ------
        StoreError
            If no area is set.
        """
        with reading(self._engine) as connection:
            epsg = require_area(connection).epsg
            return presence_rows.read_presence(connection, period, epsg, entries=entries)

    @property
    def presence_entries(self) -> PresenceEntries:
        """What brought presence, to be taken out again."""
        return PresenceEntries(self._engine)

    def save_streets(self, lines: gpd.GeoDataFrame, *, source: str, now: datetime) -> None:
        """Put a street network in the place of the earlier one.

        Parameters
        ----------
        lines
            ``name``, ``kind`` and lines, in the store's reference system.
        source
            From where, with the attribution it asks for.
        now
            Aware.

        Raises
        ------
        InvalidInputError
            If a column is missing, a shape is no line, or the reference system is another.
        """
        at = instant_of(now)
        with writing(self._engine) as connection:
            require_same_crs(connection, lines, street_rows.STREETS)
            saved = street_rows.write_streets(connection, lines, source, at)
            audit.append(connection, at=at, act="streets", detail={"lines": saved})

    def streets(self) -> gpd.GeoDataFrame | None:
        """Return the street network.

        Returns
        -------
        geopandas.GeoDataFrame or None
            ``name``, ``kind`` and lines, with the source in ``attrs["source"]``; None while none
            was saved.
        """
        with reading(self._engine) as connection:
            area = read_area(connection)
            return None if area is None else street_rows.read_streets(connection, area.epsg)

    @property
    def plans(self) -> Plans:
        """The shift plans."""
        return Plans(self._engine)

    @property
    def plan_shares(self) -> PlanShares:
        """With which roles plans are shared."""
        return PlanShares(self._engine)

    @property
    def feedback(self) -> FeedbackLog:
        """What crews answered to suggested stops."""
        return FeedbackLog(self._engine)

    @property
    def operations(self) -> Operations:
        """The operations (insatser)."""
        return Operations(self._engine)

    @property
    def results(self) -> Results:
        """The results of long runs."""
        return Results(self._engine)

    @property
    def calendar(self) -> Calendar:
        """The imported calendars, and changed days of built-in events."""
        return Calendar(self._engine)

    @property
    def releases(self) -> Releases:
        """What was released to the joint picture."""
        return Releases(self._engine)

    @property
    def drawn_zones(self) -> DrawnZones:
        """The zones that users drew."""
        return DrawnZones(self._engine)

    @property
    def zone_notes(self) -> ZoneNotes:
        """What users wrote about zones."""
        return ZoneNotes(self._engine)

    @property
    def users(self) -> Users:
        """Who may log in."""
        return Users(self._engine)

    @property
    def factors(self) -> Factors:
        """The second factors of the accounts."""
        return Factors(self._engine)

    @property
    def attempts(self) -> Attempts:
        """Attempts to log in, for those who guess."""
        return Attempts(self._engine)

    @property
    def logins(self) -> Logins:
        """Who is logged in."""
        return Logins(self._engine)

    @property
    def tokens(self) -> Tokens:
        """The keys of programs that read in somebody's name."""
        return Tokens(self._engine)

    # --- what was done

    @property
    def readings(self) -> Readings:
        """Where it is written down who read what."""
        return Readings(self._engine)

    @property
    def audit_log(self) -> AuditLog:
        """The audit's rows, to be read."""
        return AuditLog(self._engine)

    @property
    def break_glass(self) -> BreakGlasses:
        """Emergency readings of one owner's incidents."""
        return BreakGlasses(self._engine)

    @property
    def maintenance(self) -> Maintenance:
        """The upkeep of the file."""
        return Maintenance(self._engine)

    @property
    def uploads(self) -> Uploads:
        """Where it is written down which files were uploaded."""
        return Uploads(self._engine)


def open_store(url: str, *, create: bool = True) -> Store:
    """Open a store, making or upgrading its tables where needed.

    Parameters
    ----------
    url
        An SQLAlchemy address, ``sqlite:///FILE``.
    create
        Whether a missing file is made; its mode is 0600.

    Returns
    -------
    Store
        To be closed, or used in a ``with`` block.

    Raises
    ------
    StoreError
        In one sentence: the address cannot be used, the file or its folder is missing, lies on a
        network file system, is read-only, in use, damaged, no database, another program's, or
        written by a newer riskmiljo.
    """
    path = path_of(url)
    refuse_network(path)
    prepare_file(path, create=create)
    engine = make_engine(path)
    check_and_upgrade(engine)
    Factors(engine).seal_old()
    return Store(engine)

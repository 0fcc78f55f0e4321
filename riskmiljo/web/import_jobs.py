"""Work that outlasts a request: a file is looked at or taken in, and the page says how it goes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import datetime
from threading import Lock
from typing import Final

from riskmiljo.errors import RiskmiljoError
from riskmiljo.intake import Intake
from riskmiljo.situation import refresh_zones
from riskmiljo.situation.importing import columns_of, look_of, read_file, take_in
from riskmiljo.situation.importing_staging import Staging, Stagings
from riskmiljo.web import import_words
from riskmiljo.web.service import Service

_SHORTLY: Final = 2.0
# A file may take gigabytes to read: more than two at once would take the machine.
_POOL: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="import")
_LOCK: Final = Lock()
_RUNNING: Final[dict[str, Future[None]]] = {}
_LOG: Final = logging.getLogger("riskmiljo.web")


def start(key: str, work: Callable[[], None]) -> bool:
    """Do something beside the pages.

    Parameters
    ----------
    key
        What it is done to; one thing at a time.
    work
        What is done.

    Returns
    -------
    bool
        False where something is being done to it already.
    """
    with _LOCK:
        before = _RUNNING.get(key)
    if before is not None:
        # What has just written its last word is over in a moment.
        wait([before], timeout=_SHORTLY)
    with _LOCK:
        if key in _RUNNING:
            return False
        future = _RUNNING[key] = _POOL.submit(work)
    future.add_done_callback(lambda done: _finish(key, done))
    return True


def is_running(key: str) -> bool:
    """Return whether something is being done.

    Parameters
    ----------
    key
        To what.

    Returns
    -------
    bool
        False after a restart, whatever was under way then.
    """
    with _LOCK:
        return key in _RUNNING


def _finish(key: str, done: Future[None]) -> None:
    with _LOCK:
        _RUNNING.pop(key, None)
    error = done.exception()
    if error is not None:
        _LOG.error("work on %s broke off", key, exc_info=error)


def look(here: Service, stagings: Stagings, staging: Staging, owners: AbstractSet[str]) -> None:
    """Read an uploaded file and keep what it would bring in.

    Parameters
    ----------
    here
        The running installation.
    stagings
        Where the file lies.
    staging
        The file.
    owners
        Whose incidents the reader may take in.
    """
    staging.phase, staging.problem, staging.look = "reading", None, None
    if not stagings.save(staging):
        return
    now = here.clock()
    file = stagings.file_of(staging)
    try:
        if staging.columns is None:
            staging.columns = columns_of(file, staging.choices.layer)
        intake = _read(here, stagings, staging, now)
    except RiskmiljoError as error:
        staging.phase, staging.problem = "failed", error.message.as_dict()
    else:
        _seen(here, stagings, staging, intake, owners, now)
    stagings.save(staging)


def take(here: Service, stagings: Stagings, staging: Staging, owners: AbstractSet[str]) -> None:
    """Take an uploaded file in, provided that it still reads as the reader saw it.

    Parameters
    ----------
    here
        The running installation.
    stagings
        Where the file lies.
    staging
        The file, with a look at it.
    owners
        Whose incidents the reader may take in.
    """
    shown = (staging.look or {}).get("receipt")
    now = datetime.fromisoformat(staging.seen_at)
    try:
        intake = _read(here, stagings, staging, now)
        if _plain(intake.receipt) != _plain(shown):
            _seen(here, stagings, staging, intake, owners, now)
            staging.problem = import_words.CHANGED.as_dict()
            stagings.save(staging)
            return
        receipt = take_in(
            here.store,
            intake,
            file_name=staging.name,
            source=staging.choices.source,
            now=here.clock(),
            user=staging.user,
        )
    except RiskmiljoError as error:
        staging.phase, staging.problem = "seen", error.message.as_dict()
        stagings.save(staging)
        return
    stagings.remove_file(staging)
    staging.result = {name: receipt[name] for name in ("batch", "added", "known")}
    stagings.save(staging)
    if receipt["added"]:
        renew_zones(here)
    staging.phase = "taken"
    stagings.save(staging)


def renew_zones(here: Service) -> None:
    """Find the zones anew after incidents came or went.

    Parameters
    ----------
    here
        The running installation.
    """
    try:
        refresh_zones(here.store, here.settings, now=here.clock())
    except RiskmiljoError as error:
        # The incidents are in; that no zones can be made of them is said on the zones' own page.
        _LOG.warning("no zones: %s", error.message.en)


def _read(here: Service, stagings: Stagings, staging: Staging, now: datetime) -> Intake:
    return read_file(
        stagings.file_of(staging),
        staging.choices,
        store=here.store,
        settings=here.settings,
        now=now,
    )


def _seen(
    here: Service,
    stagings: Stagings,
    staging: Staging,
    intake: Intake,
    owners: AbstractSet[str],
    now: datetime,
) -> None:
    look = asdict(look_of(intake, owners))
    stagings.keep_rejects(staging, look.pop("rejects"))
    staging.look = look
    staging.known = here.store.batch_of_file(intake.receipt["sha256"])
    staging.phase, staging.seen_at = "seen", now.isoformat()


def _plain(receipt: object) -> str:
    return json.dumps(receipt, sort_keys=True)

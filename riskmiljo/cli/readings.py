"""Every reading by the command line is written to the audit before anything is read.

A command reads unless it stands in the table here: one that is added and forgotten is logged. Where
the row cannot be written, nothing is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from riskmiljo.access.lens import Lens
from riskmiljo.access.purposes import Purpose
from riskmiljo.access.reading_terms import told_terms
from riskmiljo.model.filters import Filter
from riskmiljo.store import Store

# They have rows of their own where they change anything, and show nothing of incidents, plans and
# accounts.
NO_READING: Final = frozenset(
    {
        "audit export",
        "audit verify",
        "backup",
        "calendar days",
        "calendar import",
        "calendar remove",
        "demo",
        "drawn add",
        "drawn remove",
        "import",
        "operations add",
        "operations remove",
        "presence import",
        "presence undo",
        "purge",
        "release",
        "release decide",
        "restore",
        "serve",
        "streets download",
        "streets import",
        "streets info",
        "token add",
        "token revoke",
        "user add",
        "user disable",
        "user enable",
        "user password",
        "user role",
    }
)
# The command line has no account of its own.
COMMAND_LINE: Final = 0
_LONGEST_NAME: Final = 80
# What says how the answer is written, not what it is of.
_FORMS: Final = ("form", "as_json", "out")


def note_reading(store: Store, lens: Lens, *, question: Filter | None, now: datetime) -> None:
    """Write down what this call is about to read.

    Parameters
    ----------
    store
        Where it reads, and where it is written down.
    lens
        What the call may see.
    question
        The filter that the common options spell; None for a command without them.
    now
        Aware.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    context = click.get_current_context(silent=True)
    command = "" if context is None else context.command_path.partition(" ")[2]
    if context is None or command in NO_READING:
        return
    given = context.params
    joint = command == "report" and bool(given.get("joint"))
    said, hidden = told_terms(
        (name.rstrip("_").removesuffix("_text"), list(_texts(value)))
        for name, value in given.items()
        if name not in _FORMS
    )
    what = said | {
        "user": COMMAND_LINE,
        "role": str(lens.role),
        "scope": "joint" if joint else lens.scope,
        "owners": ",".join(sorted(lens.owners)),
        "page": f"riskmiljo {command}",
        **_kind(given),
    }
    if question is not None and not joint:
        what["count"] = store.matching(question, owners=lens.owners)
    chosen = context.find_root().params.get("purpose")
    store.readings.note(
        what,
        hidden=hidden,
        key_hash=None,
        usual=Purpose(chosen) if chosen else Purpose.ADMINISTRATION,
        now=now,
    )


def _texts(value: Any) -> Iterable[str]:
    match value:
        case None | False:
            return ()
        case tuple() | list():
            return (text for one in value for text in _texts(one))
        case Path():
            return (value.name,)
        case datetime():
            return (f"{value:%Y-%m-%d}",)
    return (str(value),)


def _kind(given: dict[str, Any]) -> dict[str, str]:
    """Return the form of the answer, and the names of its files without their folders."""
    form = "json" if given.get("as_json") else str(given.get("form") or "")
    files = [Path(name) for name in _texts(given.get("out"))]
    if not files:
        return {"kind": form or "table"}
    kind = form or files[0].suffix.removeprefix(".").lower() or "file"
    return {"kind": f"export {kind}", "file": ",".join(one.name for one in files)[:_LONGEST_NAME]}

"""Files that were uploaded and not yet taken in: one folder each, beside the store.

Only the account that the store belongs to can read them. They hold whatever the file held, so they
go as soon as they are taken in or discarded, and after a day at the latest.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Literal

from riskmiljo.access.reader import Reader
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.intake.sniff import HEAD_BYTES, NAMES, check_name, kind_of
from riskmiljo.situation.importing import Choices
from riskmiljo.store.engine import path_of
from riskmiljo.wording import Text

Phase = Literal["waiting", "reading", "seen", "failed", "taking", "taken"]

# With the hour between two sweeps a day, as the page says.
KEPT_FOR: Final = timedelta(hours=23)
MOST_OPEN: Final = 3
_ID: Final = re.compile(r"[0-9a-f]{32}")
_STATE: Final = "state.json"
_REJECTS: Final = "avvisade.jsonl"
_CHUNK: Final = 1 << 20
_LONGEST_NAME: Final = 100
_NO_SUCH: Final = Text(
    "Den uppladdade filen finns inte. Ladda upp den igen.",
    "There is no such uploaded file. Upload it again.",
)
_EMPTY: Final = Text("Filen är tom. Välj en annan.", "The file is empty. Choose another one.")
_TOO_MANY: Final = Text(
    "{n} {n:uppladdad fil|uppladdade filer} väntar redan. Läs in eller släng en av dem först.",
    "{n} uploaded {n:file is|files are} waiting already. Take in or discard one of them first.",
)


@dataclass(slots=True)
class Staging:
    """One uploaded file and what is known of it.

    Attributes
    ----------
    staging_id
        32 hexadecimal digits that nobody can guess.
    user
        Whose it is; None where nobody logs in.
    name
        The file's name, without any folder.
    size
        Bytes.
    at
        When it was uploaded, ISO 8601.
    choices
        How it is to be read.
    phase
        How far it has come.
    seen_at
        The present that the last look was taken at, ISO 8601.
    columns
        From `riskmiljo.situation.importing.columns_of`; None before the file was read.
    look
        The last look at it (`riskmiljo.situation.importing.Look`) but for the rows refused, which
        are kept apart (`Stagings.rejects`); None where there is none.
    known
        The batch in which the very same file is in already.
    problem
        What is in the way, in both languages; None for nothing.
    result
        What taking it in did.
    """

    staging_id: str
    user: int | None
    name: str
    size: int
    at: str
    choices: Choices
    phase: Phase = "waiting"
    seen_at: str = ""
    columns: list[dict[str, Any]] | None = None
    look: dict[str, Any] | None = None
    known: int | None = None
    problem: dict[str, str] | None = None
    result: dict[str, Any] = field(default_factory=dict)


def clean_name(name: str) -> str:
    """Return a file's name without folders and without what no name should hold.

    Parameters
    ----------
    name
        As a browser sent it.

    Returns
    -------
    str
        Never empty, never a dot alone.
    """
    plain = " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())
    kept = "".join(sign for sign in plain if sign.isprintable()).lstrip(".")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(kept) > _LONGEST_NAME:
        return f"{stem[: _LONGEST_NAME - 10]}.{ending[:8]}"
    return kept[:_LONGEST_NAME] or "fil"


class Stagings:
    """The uploaded files of one store.

    Parameters
    ----------
    url
        The store's address.
    """

    def __init__(self, url: str) -> None:
        store = path_of(url).resolve()
        self._folder = store.with_name(store.name + ".uppladdat")

    def add(
        self, stream: IO[bytes], name: str, *, reader: Reader, choices: Choices, now: datetime
    ) -> Staging:
        """Keep an uploaded file.

        Parameters
        ----------
        stream
            Its bytes.
        name
            Its name as it was sent.
        reader
            Whose it is.
        choices
            How it is to be read.
        now
            Aware.

        Returns
        -------
        Staging
            Waiting to be looked at.

        Raises
        ------
        InvalidInputError
            If it is empty, or too many of the reader's files wait already.
        UnreadableFileError
            If it is of a kind that is not taken.
        """
        self.sweep(now=now)
        waiting = sum(one.phase != "taken" for one in self.of(reader))
        if waiting >= MOST_OPEN:
            raise InvalidInputError(_TOO_MANY.fill(n=waiting))
        head = stream.read(HEAD_BYTES)
        if not head.strip():
            raise InvalidInputError(_EMPTY)
        plain = clean_name(name)
        kind = kind_of(head)
        if kind in NAMES:
            # What an archive holds is told by the child process alone.
            check_name(plain, kind)
        number = secrets.token_hex(16)
        staging = Staging(number, reader.user_id, plain, 0, now.isoformat(), choices)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        folder = self._folder / number
        folder.mkdir(mode=0o700)
        (folder / "fil").mkdir(mode=0o700)
        with self._new(self.file_of(staging)) as out:
            out.write(head)
            shutil.copyfileobj(stream, out, _CHUNK)
            staging.size = out.tell()
        self.save(staging)
        return staging

    def file_of(self, staging: Staging) -> Path:
        """Return where an uploaded file lies.

        Parameters
        ----------
        staging
            The file.

        Returns
        -------
        pathlib.Path
            With the file's own name; gone once it was taken in.
        """
        return self._folder / staging.staging_id / "fil" / staging.name

    def get(self, staging_id: str, reader: Reader) -> Staging:
        """Return one of a reader's files.

        Parameters
        ----------
        staging_id
            Which.
        reader
            Who asks.

        Returns
        -------
        Staging
            As it was saved last.

        Raises
        ------
        NothingFoundError
            If there is none, or it is another's.
        """
        found = self._read(staging_id) if _ID.fullmatch(staging_id) else None
        if found is None or found.user != reader.user_id:
            raise NothingFoundError(_NO_SUCH)
        return found

    def of(self, reader: Reader) -> list[Staging]:
        """Return a reader's files, the latest first.

        Parameters
        ----------
        reader
            Who asks.

        Returns
        -------
        list of Staging
            Taken ones too, until they are swept.
        """
        found = [self._read(one.name) for one in self._folders()]
        mine = [one for one in found if one is not None and one.user == reader.user_id]
        return sorted(mine, key=lambda one: (one.at, one.staging_id), reverse=True)

    def save(self, staging: Staging) -> bool:
        """Keep what is known of a file.

        Parameters
        ----------
        staging
            The file.

        Returns
        -------
        bool
            False where it was discarded meanwhile.
        """
        file = self._folder / staging.staging_id / _STATE
        beside = file.with_name(f"{_STATE}.{secrets.token_hex(4)}")
        try:
            with self._new(beside) as out:
                out.write(json.dumps(asdict(staging), ensure_ascii=True).encode())
            beside.replace(file)
        except FileNotFoundError:
            return False
        return True

    def keep_rejects(self, staging: Staging, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep the rows that the last look refused.

        Parameters
        ----------
        staging
            The file.
        rows
            With the columns of `riskmiljo.intake.rejects`.
        """
        file = self._folder / staging.staging_id / _REJECTS
        beside = file.with_name(f"{_REJECTS}.{secrets.token_hex(4)}")
        try:
            with self._new(beside) as out:
                out.writelines(json.dumps(row, ensure_ascii=True).encode() + b"\n" for row in rows)
            beside.replace(file)
        except FileNotFoundError:
            # Discarded meanwhile.
            return

    def rejects(self, staging: Staging, *, first: int = 0) -> Iterator[dict[str, Any]]:
        """Read the rows that the last look refused, one by one.

        Parameters
        ----------
        staging
            The file.
        first
            How many are passed over.

        Yields
        ------
        dict
            As they were kept.
        """
        if staging.look is None:
            return
        try:
            with (self._folder / staging.staging_id / _REJECTS).open(encoding="ascii") as lines:
                for line in islice(lines, first, None):
                    yield json.loads(line)
        except FileNotFoundError:
            return

    def remove(self, staging: Staging) -> None:
        """Discard a file and all that is known of it.

        Parameters
        ----------
        staging
            The file.
        """
        shutil.rmtree(self._folder / staging.staging_id, ignore_errors=True)

    def remove_file(self, staging: Staging) -> None:
        """Discard the file itself; what is known of it stays.

        Parameters
        ----------
        staging
            The file.
        """
        self.file_of(staging).unlink(missing_ok=True)

    def sweep(self, *, now: datetime) -> int:
        """Discard what has lain longer than `KEPT_FOR`.

        Parameters
        ----------
        now
            Aware.

        Returns
        -------
        int
            How many files went.
        """
        gone = 0
        for folder in self._folders():
            if self._is_old(folder, now):
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
        return gone

    def _is_old(self, folder: Path, now: datetime) -> bool:
        staging = self._read(folder.name)
        if staging is not None:
            return now - datetime.fromisoformat(staging.at) > KEPT_FOR
        try:
            # Without a state: an upload that broke off. It is given the same time.
            return now.timestamp() - folder.stat().st_mtime > KEPT_FOR.total_seconds()
        except FileNotFoundError:
            return False

    def _folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return [one for one in self._folder.iterdir() if _ID.fullmatch(one.name)]

    def _read(self, staging_id: str) -> Staging | None:
        try:
            text = (self._folder / staging_id / _STATE).read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        state = json.loads(text)
        return Staging(**{**state, "choices": Choices(**state["choices"])})

    @staticmethod
    def _new(path: Path) -> IO[bytes]:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

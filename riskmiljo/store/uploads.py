"""That a file was uploaded or discarded: a row of the audit each; the file itself is not here."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Engine

from riskmiljo.store import audit
from riskmiljo.store.engine import writing

Act = Literal["upload", "upload_discarded"]


class Uploads:
    """The audit rows of uploaded files.

    Parameters
    ----------
    engine
        Of the store.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, act: Act, *, size: int, user: int | None, now: datetime) -> None:
        """Write down what was done with a file that is not taken in.

        Parameters
        ----------
        act
            What.
        size
            The file's length, bytes.
        user
            Who did it; None where nobody logs in.
        now
            Aware.
        """
        detail = {"bytes": size}
        with writing(self._engine) as connection:
            audit.append(connection, at=now, act=act, detail=detail, user=user, changes=False)

"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from riskmiljo.model.role import Role


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader, as the log and the pages need to know them.

    Attributes
    ----------
    user_id
        The account; None where there is no login.
    name
        The login name; empty where there is no login.
    role
        What the account may do.
    """

    user_id: int | None
    name: str
    role: Role


# Without login: a machine of one's own (see `riskmiljo.access.lens.demo_lens`).
NOBODY: Final = Reader(None, "", Role.PLANNER)

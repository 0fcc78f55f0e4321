"""The logins of the demo: printed, shown on its login page, and good for a simulated store only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from riskmiljo.model.role import Role


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One login of the demo.

    Attributes
    ----------
    name
        The login name.
    role
        What it may do.
    """

    name: str
    role: Role


DEMO_LOGINS: Final = (
    DemoLogin("polis", Role.POLICE),
    DemoLogin("ungdomsjour", Role.OUTREACH),
    DemoLogin("planerare", Role.PLANNER),
    DemoLogin("nattvandrare", Role.PARTNER),
    DemoLogin("admin", Role.ADMIN),
)
# Everybody knows it: it opens nothing where anything has happened (`is_demo_password`).
DEMO_PASSWORD: Final = "simulerad stad 18"  # noqa: S105 - printed by the demo, on purpose


def is_demo_password(password: str) -> bool:
    """Return whether a password is the one that the demo prints.

    Parameters
    ----------
    password
        What was written.

    Returns
    -------
    bool
        True: it must open no store but a simulated one.
    """
    return password == DEMO_PASSWORD

"""Which role somebody has by the groups that the organisation's login names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskmiljo.errors import SettingsError
from riskmiljo.model.role import Role
from riskmiljo.wording import Text


def read_roles(pairs: Sequence[str]) -> dict[str, Role]:
    """Read the setting ``oidc_roles``.

    Parameters
    ----------
    pairs
        Each ``group=role``; a group's name may itself contain an equals sign.

    Returns
    -------
    dict of str to Role
        In the order given.

    Raises
    ------
    SettingsError
        If a pair has no group, or a role that does not exist.
    """
    found: dict[str, Role] = {}
    for pair in pairs:
        group, _, role = pair.rpartition("=")
        if not group.strip() or role.strip() not in set(Role):
            raise SettingsError(
                Text(
                    "Inställningen oidc_roles: {p!r} duger inte. Skriv grupp=roll; roller: {all}.",
                    "The setting oidc_roles: {p!r} cannot be used. Write group=role; roles: {all}.",
                ).fill(p=pair, all=", ".join(Role))
            )
        found[group.strip()] = Role(role.strip())
    return found


def role_of(claim: object, roles: Mapping[str, Role]) -> Role | None:
    """Return the role of somebody.

    Parameters
    ----------
    claim
        What the organisation's login says: a group, or a list of groups.
    roles
        From `read_roles`.

    Returns
    -------
    Role or None
        By the first of ``roles`` that is named; None, and so no login, where none is.
    """
    named = {claim} if isinstance(claim, str) else set()
    if isinstance(claim, list | tuple):
        named = {one for one in claim if isinstance(one, str)}
    return next((role for group, role in roles.items() if group in named), None)

"""How long somebody stays logged in, and how long they wait after wrong attempts."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from typing import Final

from riskmiljo.model.role import Role

# A shift with its overtime; then everyone logs in again.
LONGEST: Final = timedelta(hours=12)
# Without a request for this long a login ends. A crew's phone may lie in a pocket all evening; who
# changes accounts and settings leaves no open screen behind.
IDLE: Final[dict[Role, timedelta]] = {
    **dict.fromkeys(Role, LONGEST),
    Role.ADMIN: timedelta(hours=1),
}
# For the second factor after the password.
PENDING: Final = timedelta(minutes=5)

# Wrong attempts before somebody must wait: for one account, and for one address, behind which a
# whole office may sit.
FREE_BY_ACCOUNT: Final = 5
FREE_BY_ADDRESS: Final = 20
FORGOTTEN: Final = timedelta(hours=24)
_FIRST_WAIT: Final = timedelta(seconds=15)
# No longer: or anyone could keep a colleague out for days by guessing on purpose.
_LONGEST_WAIT: Final = timedelta(minutes=15)
_DOUBLINGS: Final = 10
_NETWORK_BITS: Final = 64


def is_live(*, made: datetime, seen: datetime, pending: bool, role: Role, now: datetime) -> bool:
    """Return whether a login still holds.

    Parameters
    ----------
    made, seen
        When it began and when it was used last.
    pending
        Whether the second factor is still to come.
    role
        Whose it is.
    now
        Aware.

    Returns
    -------
    bool
        False after `LONGEST`, or after the role's `IDLE`.
    """
    if pending:
        return now - made < PENDING
    return now - made < LONGEST and now - seen < IDLE[role]


def wait_after(failures: int, free: int) -> timedelta:
    """Return how long the next attempt must wait.

    Parameters
    ----------
    failures
        Wrong attempts so far.
    free
        The first of them that costs a wait.

    Returns
    -------
    datetime.timedelta
        15 seconds after the first that counts, then twice as long each time, 15 minutes at most.
    """
    over = failures - free
    if over < 0:
        return timedelta(0)
    return min(_FIRST_WAIT * (1 << min(over, _DOUBLINGS)), _LONGEST_WAIT)


def network_of(address: str) -> str:
    """Return what counts as one sender.

    Parameters
    ----------
    address
        An IP address.

    Returns
    -------
    str
        The address; for IPv6 its first 64 bits, since one household has all the others. What is
        no address stays as it is.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
    return str(found)

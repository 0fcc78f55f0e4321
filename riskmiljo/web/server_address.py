"""Which addresses lead to this machine alone, and under which names we answer."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

# A page on another site can give its own name our address (DNS rebinding): answer to no name that
# nobody has given us.
_LOOPBACK: Final = re.compile(
    r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE
)
_PORT: Final = re.compile(r":[0-9]{1,5}$")


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from its own machine only.

    Parameters
    ----------
    host
        ``localhost`` or an IP address; any other name might lead anywhere.

    Returns
    -------
    bool
        Also False for what is no address.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_loopback(host: str) -> bool:
    """Return whether a ``Host`` header names this machine by one of the names all machines have.

    Parameters
    ----------
    host
        As a browser sent it, perhaps with a port.

    Returns
    -------
    bool
        True for ``localhost``, 127.0.0.0/8 and ``[::1]``.
    """
    return _LOOPBACK.fullmatch(host) is not None


def is_named(host: str, names: tuple[str, ...]) -> bool:
    """Return whether a ``Host`` header names us by one of the installation's own names.

    Parameters
    ----------
    host
        As a browser sent it, perhaps with a port.
    names
        The setting ``hosts``; a name without a port answers at every port.

    Returns
    -------
    bool
        Capitals do not count.
    """
    sent = host.lower()
    return any(name.lower() in (sent, _PORT.sub("", sent)) for name in names if name)

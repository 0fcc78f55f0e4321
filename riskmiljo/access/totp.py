"""The second factor: codes of six digits that change every half minute.

References
----------
M'Raihi, Machani, Pei & Rydell (2011). TOTP: time-based one-time password algorithm. RFC 6238.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final

STEP_S: Final = 30
_ISSUER: Final = "riskmiljö"


def new_secret() -> str:
    """Return a secret that the phone and the store will share.

    Returns
    -------
    str
        160 random bits in base32.
    """
    import pyotp  # noqa: PLC0415 - only a login needs it

    return pyotp.random_base32()


def secret_address(secret: str, name: str) -> str:
    """Return the address that an authenticator app reads from a QR code.

    Parameters
    ----------
    secret
        From `new_secret`.
    name
        The login name, shown in the app.

    Returns
    -------
    str
        ``otpauth://totp/...``.
    """
    import pyotp  # noqa: PLC0415 - only a login needs it

    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def step_of_code(secret: str, code: str, *, now: datetime, used: int) -> int | None:
    """Return the time step that a code belongs to.

    Parameters
    ----------
    secret
        From `new_secret`.
    code
        What was written; spaces do not count.
    now
        Aware. The phone's clock may be one step off.
    used
        The last step whose code was used: neither it nor an earlier one is good again.

    Returns
    -------
    int or None
        None for a code that is wrong, old or used.
    """
    import pyotp  # noqa: PLC0415 - only a login needs it

    written = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", written):
        return None
    totp = pyotp.TOTP(secret, interval=STEP_S)
    present = int(now.timestamp()) // STEP_S
    found = None
    for step in (present - 1, present, present + 1):
        # All three are compared, whichever is right.
        same = hmac.compare_digest(totp.generate_otp(step), written)
        if same and step > used and found is None:
            found = step
    return found

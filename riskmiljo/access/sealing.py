"""Text that the store keeps but cannot read: sealed with a key that is not in it.

References
----------
Jones & Hildebrand (2015). JSON Web Encryption (JWE). RFC 7516.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

# The key is used as it is, for AES-256 in GCM: who changes a sealed text is found out.
_HEADER: Final = {"alg": "dir", "enc": "A256GCM"}


def seal(text: str, key: str, *, use: str) -> str:
    """Return a text that only the same key opens.

    Parameters
    ----------
    text
        To be kept.
    key
        256 random bits or more, kept elsewhere.
    use
        What for: what is sealed for one use is not opened for another.

    Returns
    -------
    str
        Printable ASCII with four dots; another each time.
    """
    from joserfc import jwe  # noqa: PLC0415 - only a login needs it

    return jwe.encrypt_compact(_HEADER, text.encode(), _key(key, use))


def unseal(sealed: str, key: str, *, use: str) -> str | None:
    """Return what was sealed.

    Parameters
    ----------
    sealed
        From `seal`.
    key, use
        As it was sealed.

    Returns
    -------
    str or None
        None for another key or use, and for what is no sealed text or was changed.
    """
    from joserfc import jwe  # noqa: PLC0415 - only a login needs it
    from joserfc.errors import JoseError  # noqa: PLC0415 - see above

    try:
        opened = jwe.decrypt_compact(sealed, _key(key, use)).plaintext
    except (JoseError, ValueError):
        return None
    return None if opened is None else opened.decode()


def _key(key: str, use: str) -> OctKey:
    from joserfc.jwk import OctKey  # noqa: PLC0415 - only a login needs it

    return OctKey.import_key(hmac.digest(key.encode(), use.encode(), hashlib.sha256))

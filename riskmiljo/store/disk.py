"""The file below the store: where it may lie, and who may read it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from riskmiljo.errors import StoreError
from riskmiljo.wording import Text

MOUNTS: Final = Path("/proc/self/mounts")

# File systems on which locks of one machine may not be seen by another.
NETWORK_TYPES: Final = frozenset(
    {
        "afs",
        "afpfs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.ceph",
        "fuse.davfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb2",
        "smb3",
        "smbfs",
    }
)
_OTHERS_MAY: Final = 0o077


def mount_type(path: Path, mounts: str) -> str:
    """Return the type of the file system on which a path lies.

    Parameters
    ----------
    path
        An absolute path without symbolic links.
    mounts
        The text of ``/proc/self/mounts``.

    Returns
    -------
    str
        For example ``"ext4"``; empty when no line of the text covers the path.
    """
    found, longest = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        # Blanks in a mount point are written \040, a backslash \134.
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        # On equal length the later line wins: it was mounted on top.
        if path.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = fields[2], len(point.parts)
    return found


def refuse_network(path: Path) -> None:
    """Refuse a path on a network file system, where SQLite's locks cannot be relied on.

    Parameters
    ----------
    path
        The store's file; need not exist. Systems without ``/proc`` are not examined.

    Raises
    ------
    StoreError
        Naming the file system's type.
    """
    if not MOUNTS.is_file():
        return
    kind = mount_type(path.resolve(), MOUNTS.read_text(encoding="utf-8", errors="replace"))
    if kind in NETWORK_TYPES:
        raise StoreError(
            Text(
                "Databasen {f} ligger på ett nätverksfilsystem ({k}), där låsning inte går att "
                "lita på. Lägg den på en lokal disk.",
                "The store {f} lies on a network file system ({k}), where locks cannot be relied "
                "on. Put it on a local disk.",
            ).fill(f=path, k=kind),
            code="NATVERK",
        )


def prepare_file(path: Path, *, create: bool) -> None:
    """See to it that the store's file is there, writable, and closed to other users.

    Parameters
    ----------
    path
        The store's file.
    create
        Whether a missing file is made (empty, mode 0600).

    Raises
    ------
    StoreError
        In one sentence: the folder or file is missing, a folder, or not writable.
    """
    if not path.parent.is_dir():
        raise StoreError(
            Text(
                "Mappen {d} finns inte. Skapa den, eller välj en annan plats för databasen.",
                "The folder {d} does not exist. Create it, or choose another place for the store.",
            ).fill(d=path.parent),
            code="MAPP_SAKNAS",
        )
    if path.is_dir():
        raise StoreError(
            Text(
                "{f} är en mapp. Ange en fil, till exempel {f}/riskmiljo.sqlite.",
                "{f} is a folder. Name a file, for example {f}/riskmiljo.sqlite.",
            ).fill(f=path),
            code="MAPP",
        )
    if not path.exists() and not create:
        raise StoreError(
            Text(
                "Databasen {f} finns inte. Importera en fil eller kör riskmiljo demo först.",
                "The store {f} does not exist. Import a file or run riskmiljo demo first.",
            ).fill(f=path),
            code="SAKNAS",
        )
    try:
        if not path.exists():
            # Made here and not by SQLite, so that it never exists with a wider mode.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        mode = path.stat().st_mode
        if mode & _OTHERS_MAY:
            path.chmod(mode & ~_OTHERS_MAY & 0o777)
    except OSError as error:
        raise _not_writable(path) from error
    # The journal is made beside the file, so the folder must be writable too.
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        raise _not_writable(path)


def _not_writable(path: Path) -> StoreError:
    return StoreError(
        Text(
            "Databasen {f} är skrivskyddad för dig. Ge ditt konto ensamt läs- och skrivrätt till "
            "filen och dess mapp.",
            "The store {f} is read-only for you. Give your account alone the right to read and "
            "write the file and its folder.",
        ).fill(f=path),
        code="SKRIVSKYDDAD",
    )

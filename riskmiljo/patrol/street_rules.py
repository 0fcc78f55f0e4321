"""What a line of a street file is, and who may use it: walking, cycling, driving."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

Mode = Literal["walk", "cycle", "drive"]

# Metres a minute. Walking: 4.8 km/h, the comfortable gait of adults (Bohannon and Williams Andrews
# 2011: 1.2 to 1.4 m/s). Cycling: 15 km/h, driving: 30 km/h, both with their stops in a town.
SPEED_M_MIN: Final[dict[Mode, float]] = {"walk": 80.0, "cycle": 250.0, "drive": 500.0}

# What a line may be; a network that names its lines so needs no other tags.
KINDS: Final = ("street", "path", "steps", "bridge", "passage")
_CLOSED_TO: Final[dict[Mode, tuple[str, ...]]] = {
    "walk": (),
    "cycle": ("steps",),
    "drive": ("steps", "path"),
}

_PATHS: Final = ("footway", "path", "cycleway", "bridleway", "track", "corridor")
_NO_STREETS: Final = (
    "construction", "proposed", "planned", "abandoned", "razed", "raceway", "platform", "elevator",
    "bus_guideway", "escape", "rest_area", "services", "bus_stop", "no",
)  # fmt: skip
_MOTORWAYS: Final = ("motorway", "motorway_link")
_OWN_TAG: Final[dict[Mode, str]] = {"walk": "foot", "cycle": "bicycle", "drive": "motor_vehicle"}
_REFUSED: Final = ("no", "private")
_GRANTED: Final = ("yes", "designated", "permissive")


def require_mode(mode: str) -> Mode:
    """Return the mode, or say which ones there are.

    Parameters
    ----------
    mode
        ``walk``, ``cycle`` or ``drive``.

    Returns
    -------
    str
        The same.

    Raises
    ------
    InvalidInputError
        If it is none of these.
    """
    for known in SPEED_M_MIN:
        if mode == known:
            return known
    raise InvalidInputError(
        Text(
            "Färdsättet {m!r} finns inte. Välj walk, cycle eller drive.",
            "There is no mode {m!r}. Choose walk, cycle or drive.",
        ).fill(m=mode)
    )


def kind_of(tags: pd.DataFrame) -> pd.Series:
    """Return what each line is.

    Parameters
    ----------
    tags
        The columns of `riskmiljo.patrol.street_files.TAGS`.

    Returns
    -------
    pandas.Series
        One of `KINDS`; empty where the line is no street (a railway, water, a planned road).
        A line's own ``kind`` wins over its ``highway``; a line with neither is a street.
    """
    highway = tags["highway"]
    from_tags = np.select(
        [
            highway.isin(_NO_STREETS),
            highway == "steps",
            ~tags["bridge"].isin(["", "no"]),
            ~tags["tunnel"].isin(["", "no", "culvert"]),
            highway.isin(_PATHS),
        ],
        ["", "steps", "bridge", "passage", "path"],
        default="street",
    )
    own = tags["kind"].where(tags["kind"].isin(KINDS), "")
    named = (tags["kind"] != "") & (highway == "")
    return pd.Series(np.where(named, own, from_tags), index=tags.index, dtype="str")


def kinds_open_to(mode: Mode) -> tuple[str, ...]:
    """Return the kinds of line that may be used in a mode.

    Parameters
    ----------
    mode
        How one travels.

    Returns
    -------
    tuple of str
        Some of `KINDS`.
    """
    return tuple(kind for kind in KINDS if kind not in _CLOSED_TO[mode])


def usable(tags: pd.DataFrame, kind: pd.Series, mode: Mode) -> npt.NDArray[np.bool_]:
    """Return which lines may be used in a mode.

    Parameters
    ----------
    tags
        The columns of `riskmiljo.patrol.street_files.TAGS`.
    kind
        As `kind_of` gives it.
    mode
        How one travels.

    Returns
    -------
    numpy.ndarray
        Shape (n,). The tag of the mode itself (``foot``, ``bicycle``, ``motor_vehicle``) outranks
        ``access``; one-way rules are not looked at.
    """
    highway, own = tags["highway"], tags[_OWN_TAG[mode]]
    granted = own.isin(_GRANTED)
    closed = ~kind.isin(kinds_open_to(mode)) | own.isin(_REFUSED)
    closed |= tags["access"].isin(_REFUSED) & ~granted
    if mode == "drive":
        closed |= highway.isin((*_PATHS, "steps", "pedestrian"))
    else:
        closed |= highway.isin(_MOTORWAYS)
    if mode == "cycle":
        closed |= (highway == "footway") & ~granted
    return np.asarray(~closed, dtype=bool)

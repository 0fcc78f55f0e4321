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
# Directions in OpenStreetMap's own words; OSMnx writes True and False.
FORWARD: Final = "yes"
BACKWARD: Final = "-1"
_FORWARD_WORDS: Final = ("yes", "true", "1")
_BACKWARD_WORDS: Final = ("-1", "reverse")
_ROUNDABOUTS: Final = ("roundabout", "circular")


def require_mode(mode: object) -> Mode:
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
        if isinstance(mode, str) and mode == known:
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
        ``vehicle``, which closes a line to bicycles too, and both outrank ``access``.
    """
    highway, own = tags["highway"], tags[_OWN_TAG[mode]]
    granted = own.isin(_GRANTED)
    closed = ~kind.isin(kinds_open_to(mode)) | own.isin(_REFUSED)
    if mode != "walk":
        closed |= tags["vehicle"].isin(_REFUSED) & ~granted
        granted |= tags["vehicle"].isin(_GRANTED)
    closed |= tags["access"].isin(_REFUSED) & ~granted
    if mode == "drive":
        closed |= highway.isin((*_PATHS, "steps", "pedestrian"))
    else:
        closed |= highway.isin(_MOTORWAYS)
    if mode == "cycle":
        closed |= (highway == "footway") & ~granted
    return np.asarray(~closed, dtype=bool)


def modes_of(tags: pd.DataFrame, kind: pd.Series) -> pd.Series:
    """Return who may use each line, in a form that a store can keep.

    Parameters
    ----------
    tags, kind
        As for `usable`.

    Returns
    -------
    pandas.Series
        Such as ``walk cycle``; empty for a line that is closed to all.
    """
    open_to = {mode: usable(tags, kind, mode) for mode in SPEED_M_MIN}
    words = [
        " ".join(mode for mode, is_open in zip(open_to, row, strict=True) if is_open)
        for row in zip(*open_to.values(), strict=True)
    ]
    return pd.Series(words, index=tags.index, dtype="str")


def open_in(modes: pd.Series, kind: pd.Series, mode: Mode) -> npt.NDArray[np.bool_]:
    """Return which lines may be used in a mode, from what a store keeps of them.

    Parameters
    ----------
    modes
        As `modes_of` gives it; where it is empty, the kind alone decides.
    kind
        As `kind_of` gives it.
    mode
        How one travels.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    listed = modes.str.split().map(lambda words: mode in words).astype(bool)
    by_kind = kind.isin(kinds_open_to(mode))
    return np.asarray(kind.isin(KINDS) & by_kind.where(modes == "", listed), dtype=bool)


def one_way(tags: pd.DataFrame) -> pd.Series:
    """Return in which direction each line may be driven. Walkers and cyclists go both ways.

    Parameters
    ----------
    tags
        With ``oneway``, ``junction`` and ``highway``. A roundabout and a motorway are one-way
        unless their own tag says otherwise.

    Returns
    -------
    pandas.Series
        ``yes`` (as the line is drawn), ``-1`` (against it) or empty (both ways).
    """
    word = tags["oneway"].str.lower()
    implied = tags["junction"].isin(_ROUNDABOUTS) | (tags["highway"] == "motorway")
    forward = word.isin(_FORWARD_WORDS) | (implied & (word == ""))
    chosen = np.select([forward, word.isin(_BACKWARD_WORDS)], [FORWARD, BACKWARD], default="")
    return pd.Series(chosen, index=tags.index, dtype="str")

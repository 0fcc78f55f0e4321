"""The density of one question as map tiles, without the rest of the situation.

A reader who moves through time or ticks a box waits for the colours alone: the incidents lie
ready as arrays (`riskmiljo.situation.tiles_rows`), and a surface is made of those that the filter
leaves. It is the very surface that `build_situation` makes for the same question and bandwidth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.density import density_at_places
from riskmiljo.analysis.surface import Surface
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.maps.tiles import Pyramid, empty_tile, pyramid, tile
from riskmiljo.model.filters import Filter
from riskmiljo.settings import Settings
from riskmiljo.situation.build import build_situation
from riskmiljo.situation.periods import default_period
from riskmiljo.situation.released import map_version
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.tiles_kept import Kept
from riskmiljo.situation.tiles_rows import Rows, rows_of
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones.relief import CELLS_A_BANDWIDTH, DEFAULT_BANDWIDTH_M

SURFACES: Final = ("density",)

# What zones are looked for with lies between; a finer one would show single addresses.
BANDWIDTHS_M: Final = (100.0, 2_000.0)

_MEGABYTE: Final = 2**20
_ROWS: Final = Kept[Rows](512 * _MEGABYTE, lambda rows: rows.nbytes)
_DRAWN: Final = Kept["Drawn"](192 * _MEGABYTE, lambda drawn: drawn.nbytes)
_TILES: Final = Kept[bytes](32 * _MEGABYTE, len)
_QUESTIONS: Final = Kept[Filter](_MEGABYTE, lambda _: 1024)


@dataclass(frozen=True)
class Drawn:
    """A surface made ready for drawing.

    Parameters
    ----------
    key
        Differs wherever two of them may differ.
    source
        The surface; None where the lens shows none, or nothing matches.
    """

    key: tuple[object, ...]
    source: Pyramid | None = field(repr=False)

    @property
    def nbytes(self) -> int:
        """How much memory it takes.

        Returns
        -------
        int
            Bytes.
        """
        return 1024 + (0 if self.source is None else self.source.nbytes)


def checked_bandwidth_m(bandwidth_m: float | None) -> float:
    """Return the smoothing that tiles are made with.

    Parameters
    ----------
    bandwidth_m
        Metres; None is the usual one.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    InvalidInputError
        If it is not 100 to 2 000.
    """
    if bandwidth_m is None:
        return DEFAULT_BANDWIDTH_M
    least, most = BANDWIDTHS_M
    if not (np.isfinite(bandwidth_m) and least <= bandwidth_m <= most):
        raise InvalidInputError(
            Text(
                "Utjämningen {v} meter går inte. Ange {a:.0f} till {b:.0f}.",
                "A smoothing of {v} {v:metre|metres} cannot be had. Give {a:.0f} to {b:.0f}.",
            ).fill(v=bandwidth_m, a=least, b=most)
        )
    return float(bandwidth_m)


def seen_rows(store: Store, lens: Lens, *, tz: str) -> Rows:
    """Return every incident that a lens shows, as arrays.

    Parameters
    ----------
    store
        An open store.
    lens
        Who asks; of scope ``"own"``.
    tz
        The zone of local days and hours.

    Returns
    -------
    Rows
        Kept until the data change.
    """
    key = (store.url, store.map_version(), lens.key, tz)
    return _ROWS.get(key, lambda: rows_of(seen_incidents(store, Filter(tz=tz), lens), tz=tz))


def with_period(store: Store, lens: Lens, question: Filter) -> Filter:
    """Return a filter that names its period.

    Parameters
    ----------
    store
        An open store.
    lens
        Who asks.
    question
        Without a period: the usual one of the data is meant.

    Returns
    -------
    Filter
        With a period; without one still under the joint lens, which knows what was released.

    Raises
    ------
    NothingFoundError
        If the store is empty.
    """
    if question.period is not None or lens.scope == "joint":
        return question
    key = (store.url, store.map_version(), question, lens.owners)
    return _QUESTIONS.get(
        key,
        lambda: question.within(default_period(store, tz=question.tz, owners=lens.owners)),
    )


def drawn_density(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    *,
    now: datetime,
    bandwidth_m: float | None = None,
    version: str | None = None,
) -> Drawn:
    """Make, or take from memory, what the tiles of one question are drawn from.

    Parameters
    ----------
    store
        Where the incidents lie.
    settings
        The installation's settings.
    lens
        What the reader may see. In the joint picture the surface is the one that is made of
        released cells, whatever bandwidth is asked for.
    question
        The filter. Without a period: as `build_situation`.
    now
        An aware datetime.
    bandwidth_m
        Metres, 100 to 2 000; None is 175.
    version
        What `riskmiljo.situation.released.map_version` says of store and lens, where that is
        known already; None asks.

    Returns
    -------
    Drawn
        Without a surface where the lens shows none or nothing matches: too few and none at all
        look alike.

    Raises
    ------
    InvalidInputError
        If the bandwidth cannot be used, or the area would take too many cells.
    """
    width_m = checked_bandwidth_m(bandwidth_m)
    try:
        asked = with_period(store, lens, question)
    except NothingFoundError:
        return Drawn(key=(), source=None)
    version = version or map_version(store, joint=lens.scope == "joint")
    key = (store.url, version, settings, lens.key, asked, width_m)

    def make() -> Drawn:
        surface = (
            _own_surface(store, lens, asked, width_m)
            if lens.scope == "own"
            else _released_surface(store, settings, lens, asked, now)
        )
        return Drawn(key, None if surface is None else pyramid(surface))

    return _DRAWN.get(key, make)


def density_tile(drawn: Drawn, z: int, x: int, y: int) -> bytes:
    """Draw, or take from memory, one tile.

    Parameters
    ----------
    drawn
        From `drawn_density`.
    z, x, y
        As `riskmiljo.maps.tiles.is_tile` allows.

    Returns
    -------
    bytes
        A PNG.
    """
    source = drawn.source
    if source is None:
        return empty_tile()
    return _TILES.get((drawn.key, z, x, y), lambda: tile(source, z, x, y))


def own_surface(rows: Rows, lens: Lens, question: Filter, bandwidth_m: float) -> Surface | None:
    """Return the density of some of the incidents that a lens shows.

    Parameters
    ----------
    rows
        All that the lens shows.
    lens
        Whose minimum counts hold.
    question
        The filter, with a period.
    bandwidth_m
        Metres.

    Returns
    -------
    Surface or None
        As `build_situation` makes it with this bandwidth; None where it may not be shown.

    Raises
    ------
    InvalidInputError
        If the filter names no period, or the area would take too many cells.
    """
    if question.period is None:
        raise _no_period()
    chosen = rows.chosen(question)
    if not rows.shown(chosen, lens):
        return None
    xy, weights = rows.at_places(chosen)
    return density_at_places(
        xy,
        weights,
        crs=rows.crs,
        cell_m=bandwidth_m / CELLS_A_BANDWIDTH,
        bandwidth_m=bandwidth_m,
        weeks=question.period.weeks,
    )


def _own_surface(store: Store, lens: Lens, question: Filter, bandwidth_m: float) -> Surface | None:
    return own_surface(seen_rows(store, lens, tz=question.tz), lens, question, bandwidth_m)


def _released_surface(
    store: Store, settings: Settings, lens: Lens, question: Filter, now: datetime
) -> Surface | None:
    try:
        return build_situation(store, settings, lens, question, now=now).surface
    except NothingFoundError:
        return None


def _no_period() -> InvalidInputError:
    return InvalidInputError(Text("Ange en period för ytan.", "Give a period for the surface."))

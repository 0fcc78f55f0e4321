"""A density surface as map tiles: 256 pixels of Web Mercator in the classes of the legend."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from riskmiljo.analysis.surface import Surface
from riskmiljo.geo.crs import WGS84, parse_crs
from riskmiljo.geo.grid import Grid
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.float32]

TILE_PX: Final = 256
MOST_ZOOM: Final = 19

# Half the equator in Web Mercator, metres: the edge of the square world.
_HALF_WORLD_M: Final = math.pi * 6_378_137.0
# Five by five points are transformed, the rest is drawn between them: at zoom 8 that moves a pixel
# by less than a twentieth of its side, and by half as much at each further step. Farther out the
# net is made as much finer.
_NET: Final = 4
_NET_ZOOM: Final = 8
_BITS: Final = 4
_COMPRESSION: Final = 6


@dataclass(frozen=True)
class Pyramid:
    """A surface and its block means, so that a far view averages instead of picking cells.

    Parameters
    ----------
    levels
        Shape (ny, nx) each, incidents per hectare and week. Each next one has cells twice as wide.
    x0, y0
        The south-west corner of all of them, metres.
    cell_m
        Side of the first one's cells, metres.
    crs
        The metric reference system, as `pyproj` text.
    """

    levels: tuple[Levels, ...] = field(repr=False)
    x0: float
    y0: float
    cell_m: float
    crs: str

    @property
    def nbytes(self) -> int:
        """How much memory it takes.

        Returns
        -------
        int
            Bytes.
        """
        return sum(level.nbytes for level in self.levels)


def pyramid(surface: Surface) -> Pyramid:
    """Prepare a surface for being drawn as tiles.

    Parameters
    ----------
    surface
        Incidents per hectare and week; its grid has a reference system.

    Returns
    -------
    Pyramid
        Block means keep the unit. Beyond the grid there is nothing, which the edge of a coarser
        level says too: its blocks are filled up with zeros.
    """
    level = np.nan_to_num(surface.values).astype(np.float32)
    levels = [level]
    while max(level.shape) > TILE_PX // 4:
        rows, columns = (size + size % 2 for size in level.shape)
        padded = np.zeros((rows, columns), dtype=np.float32)
        padded[: level.shape[0], : level.shape[1]] = level
        level = padded.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
        levels.append(level)
    grid: Grid = surface.grid
    return Pyramid(tuple(levels), grid.x0, grid.y0, grid.cell_m, parse_crs(grid.crs).to_wkt())


def is_tile(z: int, x: int, y: int) -> bool:
    """Tell whether there is a tile of this number.

    Parameters
    ----------
    z, x, y
        Zoom, column from the west and row from the north.

    Returns
    -------
    bool
        True for zoom 0 to 19 and numbers within that zoom's world.
    """
    return 0 <= z <= MOST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def tile(source: Pyramid, z: int, x: int, y: int) -> bytes:
    """Draw one tile.

    Parameters
    ----------
    source
        What to draw.
    z, x, y
        As `is_tile` allows.

    Returns
    -------
    bytes
        A PNG of 256 pixels' side with a palette: the colours of `riskmiljo.maps.scale`,
        transparent below the first class. All empty tiles are the same bytes.
    """
    column, row = _pixels_in_metres(source.crs, z, x, y)
    classes = _classes(source, column, row)
    return empty_tile() if classes is None else _png(classes)


@cache
def empty_tile() -> bytes:
    """Return the tile on which nothing is painted.

    Returns
    -------
    bytes
        A PNG.
    """
    return _png(np.zeros((TILE_PX, TILE_PX), dtype=np.uint8))


def _pixels_in_metres(crs: str, z: int, x: int, y: int) -> tuple[Floats, Floats]:
    """Return where the net's points lie in the surface's own system, shape (n + 1, n + 1)."""
    parts = min(TILE_PX, _NET << max(0, _NET_ZOOM - z))
    # The centres of the outermost pixels are half a pixel inside the tile's edge.
    at = (np.linspace(0, TILE_PX - 1, parts + 1) + 0.5) / TILE_PX
    span = 2 * _HALF_WORLD_M / (1 << z)
    east, north = np.meshgrid(-_HALF_WORLD_M + (x + at) * span, _HALF_WORLD_M - (y + at) * span)
    lon = np.degrees(east / _HALF_WORLD_M * math.pi)
    lat = np.degrees(2 * np.arctan(np.exp(north / _HALF_WORLD_M * math.pi)) - math.pi / 2)
    metres = _transformer(crs).transform(lon, lat)
    return np.asarray(metres[0]), np.asarray(metres[1])


@cache
def _transformer(crs: str) -> Transformer:
    return Transformer.from_crs(parse_crs(WGS84), parse_crs(crs), always_xy=True)


def _classes(source: Pyramid, east: Floats, north: Floats) -> npt.NDArray[np.uint8] | None:
    """Return the class of each pixel, 0 for none; None where nothing is painted at all."""
    known = np.isfinite(east) & np.isfinite(north)
    if not known.any():
        return None
    with np.errstate(invalid="ignore"):  # beyond the reference system points are infinite
        step_m = np.hypot(np.diff(east), np.diff(north))
    whole = step_m[np.isfinite(step_m)]
    pixels_a_part = (TILE_PX - 1) / (east.shape[0] - 1)
    pixel_m = (
        float(np.sort(whole)[len(whole) // 2]) / pixels_a_part if len(whole) else source.cell_m
    )
    depth = min(max(int(math.log2(pixel_m / source.cell_m)), 0), len(source.levels) - 1)
    level, cell_m = source.levels[depth], source.cell_m * 2**depth
    column = np.where(known, (east - source.x0) / cell_m, np.inf)
    row = np.where(known, (north - source.y0) / cell_m, np.inf)
    if known.all() and _is_blank(level, column, row):
        return None
    values = _sampled(level, _between(column), _between(row))
    classes = np.searchsorted(_BREAKS, values.ravel(), side="right").astype(np.uint8)
    return classes.reshape(values.shape) if classes.any() else None


_BREAKS: Final = np.array(BREAKS, dtype=np.float32)


def _is_blank(level: Levels, column: Floats, row: Floats) -> bool:
    # A cell more on each side: between net points a line may bulge.
    ny, nx = level.shape
    west, east = int(max(column.min() - 2, 0)), int(min(column.max() + 2, nx))
    south, north = int(max(row.min() - 2, 0)), int(min(row.max() + 2, ny))
    if west >= east or south >= north:
        return True
    return bool(level[south:north, west:east].max() < BREAKS[0])


def _between(net: Floats) -> npt.NDArray[np.float32]:
    """Draw the net's values between its points, shape (256, 256)."""
    parts = net.shape[0] - 1
    if parts == TILE_PX:
        net, parts = net[:-1, :-1] + 0.0, TILE_PX - 1
    at = np.linspace(0, parts, TILE_PX)
    first = np.minimum(at.astype(np.int64), parts - 1)
    share = at - first
    with np.errstate(invalid="ignore"):
        across = net[:, first] * (1 - share) + net[:, first + 1] * share
        down = across[first] * (1 - share)[:, None] + across[first + 1] * share[:, None]
    return np.asarray(down, dtype=np.float32)


def _sampled(
    level: Levels, column: npt.NDArray[np.float32], row: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the surface between its cells' centres; level towards the grid's edge, 0 beyond."""
    ny, nx = level.shape
    with np.errstate(invalid="ignore"):
        outside = ~((column >= 0) & (column <= nx) & (row >= 0) & (row <= ny))
    partly = bool(outside.any())
    if partly:
        column, row = np.where(outside, 0, column), np.where(outside, 0, row)
    x = np.clip(column - np.float32(0.5), 0, nx - 1)
    y = np.clip(row - np.float32(0.5), 0, ny - 1)
    west = np.minimum(x.astype(np.intp), max(nx - 2, 0))
    south = np.minimum(y.astype(np.intp), max(ny - 2, 0))
    right, up = x - west.astype(np.float32), y - south.astype(np.float32)
    at = south * nx + west
    flat = level.ravel()
    step, jump = int(nx > 1), nx * int(ny > 1)
    lower = flat.take(at)
    lower += (flat.take(at + step) - lower) * right
    at += jump
    upper = flat.take(at)
    upper += (flat.take(at + step) - upper) * right
    lower += (upper - lower) * up
    if partly:
        lower[outside] = 0
    return np.asarray(lower, dtype=np.float32)


def _png(classes: npt.NDArray[np.uint8]) -> bytes:
    """Write a picture of at most sixteen colours: two pixels a byte, each row unfiltered."""
    height, width = classes.shape
    rows = np.zeros((height, 1 + width // 2), dtype=np.uint8)
    rows[:, 1:] = classes[:, ::2] << _BITS | classes[:, 1::2]
    header = struct.pack(">IIBBBBB", width, height, _BITS, 3, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), _COMPRESSION)
    parts = (
        (b"IHDR", header),
        (b"PLTE", _PALETTE),
        (b"tRNS", b"\x00"),
        (b"IDAT", data),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


# The first colour is the transparent one.
_PALETTE: Final = bytes(3) + b"".join(bytes.fromhex(one.colour[1:]) for one in DENSITY_CLASSES)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

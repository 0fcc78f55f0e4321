"""The ground of patrol areas: pieces of heavy zones, the cell around each unit, and joined areas.

The padded outline of all zones is shared out so that each spot belongs to the unit (a zone or a
piece of one) that it is nearest to: in a straight line, or along the streets where a network is
given, so that borders follow rivers and railways that no street crosses.

All borders are laid into one drawing, cut at their crossings; areas are unions of its faces. So
neighbours meet exactly, which pairwise intersections and differences do not promise.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.cluster.vq import kmeans2
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import KDTree, Voronoi
from shapely.geometry.base import BaseGeometry

from riskmiljo.patrol.borders import calm_borders
from riskmiljo.patrol.fixed_borders import FixedBorders
from riskmiljo.patrol.streets import Streets
from riskmiljo.patrol.travel import REACH_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[Any]

# How far the areas reach beyond the outermost zones, metres: a block or two.
PAD_M: Final = 200.0
# Outlines are sampled this densely, metres; a large region is sampled more coarsely.
_SAMPLE_M: Final = 30.0
_MOST_SAMPLES: Final = 12_000
_ROUNDS: Final = 50
# Cells that share less than this are no neighbours, metres: areas need more than a neck. Small
# cells (pieces of a zone) are neighbours if they share this much of the smaller one's side.
_SHARED_BORDER_M: Final = 40.0
_SHARED_SIDE: Final = 0.4
# Points by which a zone is cut into pieces of even size, and what is too small to be one.
_POINTS_PER_PIECE: Final = 60
_SMALLEST_PIECE: Final = 0.05
# Less shared border than this is none, metres.
_THREAD_M: Final = 0.05
# Coordinates are kept to the millimetre.
_PRECISION_M: Final = 0.001


def cut_up(zone: BaseGeometry, pieces: int, rng: np.random.Generator) -> list[BaseGeometry]:
    """Cut a zone into compact pieces of about the same size.

    Parameters
    ----------
    zone
        A polygon, metres.
    pieces
        How many are wanted; a zone of odd shape may give a few more or less.
    rng
        For the first centres.

    Returns
    -------
    list of shapely.Polygon
        They cover the zone, less slivers, and do not overlap.
    """
    if pieces == 1:
        return [zone]
    west, south, east, north = zone.bounds
    step = float(np.sqrt(zone.area / (pieces * _POINTS_PER_PIECE)))
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    )
    points = np.column_stack([x.ravel(), y.ravel()])
    points = points[shapely.contains_xy(zone, points)]
    centres, _ = kmeans2(points, pieces, iter=_ROUNDS, minit="++", rng=rng)
    cells = shapely.voronoi_polygons(shapely.multipoints(centres), extend_to=zone)
    parts = shapely.get_parts(shapely.intersection(list(cells.geoms), zone))
    smallest = _SMALLEST_PIECE * zone.area / pieces
    return [part for part in parts if part.area > smallest]


def region_around(zones: Geometries) -> BaseGeometry:
    """Return one padded outline around all zones.

    Parameters
    ----------
    zones
        Polygons, metres.

    Returns
    -------
    shapely.Polygon
        Without holes; reaches `PAD_M` beyond every zone.
    """
    # Convex: an outline that follows the zones closely joins far-off ones by corridors that
    # nobody would call an area. A hull of zones gives no incident's place away.
    return shapely.convex_hull(shapely.union_all(zones)).buffer(PAD_M)


def cells_of(
    units: Geometries, region: BaseGeometry, streets: Streets | None, fixed: FixedBorders
) -> Geometries:
    """Share out a region among units: each spot goes to the nearest one.

    Parameters
    ----------
    units
        Polygons that do not overlap, metres.
    region
        A polygon that holds them.
    streets
        A network in the same reference system, or None: its nodes go to the unit that is nearest
        along it; units farther than `REACH_M` from it are nearest in a straight line.
    fixed
        Lines that no cell crosses, as far as there is a unit on either side.

    Returns
    -------
    numpy.ndarray
        One polygon for each unit, holding it; together they cover the region.
    """
    sites, owner = _outline_samples(units)
    borders = list(shapely.boundary(units))
    if streets is not None:
        near = streets.snap(sites)[1] <= REACH_M
        if near.any():
            nearest = owner[near][streets.nearest_along(sites[near])]
            inside = shapely.contains_xy(region, streets.nodes)
            sites = np.vstack([sites, streets.nodes[inside]])
            owner = np.r_[owner, nearest[inside]]
    kept = shapely.intersection(fixed.lines, region)
    faces, spots = _faces(
        [*borders, region.boundary, *kept, *_voronoi_borders(sites, owner, region)], region
    )
    _, site = KDTree(sites).query(spots)
    of_face = owner[site]
    face, unit = _within(spots, units)
    of_face[face] = unit
    held = np.zeros(len(faces), dtype=bool)
    held[face] = True
    shared = _shared_borders(faces)
    if fixed.any:
        inner = _shared_borders(faces, fixed)
        of_face = _without_pockets(inner, shared, _settle(inner, of_face, held), held)
    return _dissolve(faces, _settle(shared, of_face, held), len(units))


def adjacency(
    cells: Geometries, fixed: FixedBorders, beat: Ints
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which cells are neighbours: they share a border long enough to walk across.

    Shorter borders count where cells would not hang together without them.

    Parameters
    ----------
    cells
        Polygons that meet without gaps.
    fixed
        Lines across which no cells are neighbours.
    beat
        Shape (n,), the beat of each cell.

    Returns
    -------
    tuple of numpy.ndarray
        Shape (n, n) each, symmetric, False on the diagonal: neighbours; and the links that hold
        cells of one beat together across fixed lines where there is no other way, one for each gap.
    """
    shared = _shared_borders(cells, fixed)
    needed = minimum_spanning_tree(shared.power(-1)).toarray() > 0
    side = np.sqrt(shapely.area(cells))
    enough = np.minimum(_SHARED_BORDER_M, _SHARED_SIDE * np.minimum(side[:, None], side[None]))
    near = np.asarray(needed | needed.T | (shared.toarray() >= enough))
    if not fixed.any:
        return near, np.zeros_like(near)
    # Across a line only where nothing else holds cells together: by a cost above all other costs.
    cost = _shared_borders(cells).power(-1).toarray() * (beat[:, None] == beat[None])
    dearer = cost + (cost > 0) * ~near * (1 + cost.max()) * len(cells)
    links = minimum_spanning_tree(csr_matrix(dearer)).toarray() > 0
    return near, np.asarray((links | links.T) & ~near)


def join(
    cells: Geometries, units: Geometries, part: Ints, parts: int, fixed: FixedBorders
) -> Geometries:
    """Join cells to areas with calm borders.

    Parameters
    ----------
    cells
        One polygon for each unit, as `cells_of` gives them.
    units
        The units themselves: no border cuts through one.
    part
        Shape (n,), which area each belongs to.
    parts
        Number of areas.
    fixed
        Lines that borders keep to where they follow them.

    Returns
    -------
    numpy.ndarray
        One polygon for each area; neighbours meet without gap or overlap.
    """
    whole = _dissolve(cells, part, parts)
    region = shapely.coverage_union_all(whole)
    faces, _ = _faces([*calm_borders(whole, units, fixed.lines), region.boundary], region)
    # A border that met another spot for spot leaves a face without a unit: it joins a neighbour.
    face, area = _within(_spots_in(units), faces)
    owner = np.full(len(faces), -1, dtype=np.int64)
    owner[area] = part[face]
    return _dissolve(faces, _settle(_shared_borders(faces), owner, owner >= 0), parts)


def _outline_samples(units: Geometries) -> tuple[Floats, Ints]:
    """Points along the outline of each unit; a spot on two outlines belongs to the first."""
    step = max(_SAMPLE_M, float(shapely.length(units).sum()) / _MOST_SAMPLES)
    xy, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.boundary(units), step), return_index=True
    )
    _, first = np.unique(np.round(xy, 2), axis=0, return_index=True)
    first.sort()
    return xy[first], owner[first]


def _voronoi_borders(sites: Floats, owner: Ints, region: BaseGeometry) -> Geometries:
    """Lines between the spots nearest to different owners."""
    west, south, east, north = region.bounds
    away = 10 * max(east - west, north - south)
    middle = np.array([(west + east) / 2, (south + north) / 2])
    # Four far corners make every border inside the region finite.
    corners = middle + away * np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)])
    diagram = Voronoi(np.vstack([sites - middle, corners - middle]))
    owners = np.r_[owner, -1, -1, -1, -1]
    ridges = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    between = owners[diagram.ridge_points]
    wanted = (ridges >= 0).all(axis=1) & (between >= 0).all(axis=1)
    wanted &= between[:, 0] != between[:, 1]
    lines = shapely.linestrings(diagram.vertices[ridges[wanted]] + middle)
    clipped = shapely.intersection(lines[shapely.intersects(lines, region)], region)
    return np.asarray(clipped[~shapely.is_empty(clipped)])


def _faces(lines: list[Any], region: BaseGeometry) -> tuple[Geometries, Floats]:
    """Cut lines at their crossings; return the faces inside the region and a spot in each."""
    drawing = shapely.union_all(lines, grid_size=_PRECISION_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(drawing)))
    spots = _spots_in(faces)
    shapely.prepare(region)
    inside = shapely.contains_xy(region, spots)
    return faces[inside], spots[inside]


def _spots_in(polygons: Geometries) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(polygons)), dtype=float)


def _within(spots: Floats, polygons: Geometries) -> tuple[Ints, Ints]:
    """Pairs of spot and the polygon that it lies in, each spot once."""
    spot, polygon = shapely.STRtree(polygons).query(shapely.points(spots), predicate="within")
    order = np.lexsort((polygon, spot))
    spot, polygon = spot[order], polygon[order]
    once = np.r_[True, spot[1:] != spot[:-1]][: len(spot)]
    return spot[once], polygon[once]


def _shared_borders(polygons: Geometries, without: FixedBorders | None = None) -> csr_matrix:
    """Length of border, off fixed lines, that each two polygons of a coverage share, metres."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    other = left != right
    left, right = left[other], right[other]
    shared = shapely.intersection(
        shapely.boundary(polygons[left]), shapely.boundary(polygons[right])
    )
    metres = shapely.length(shared if without is None else without.off_border(shared))
    if without is not None:  # a thread that is left where a border crosses a line is no border
        metres[metres < _THREAD_M] = 0
    size = len(polygons)
    borders = coo_matrix((metres, (left, right)), shape=(size, size)).tocsr()
    borders.eliminate_zeros()
    return borders


def _settle(shared: csr_matrix, owner: Ints, fixed: npt.NDArray[np.bool_]) -> Ints:
    """Give faces cut off from their owner's fixed ones to the neighbour with the longest border."""
    borders = shared.tocoo()
    owner = owner.copy()
    while True:
        same = owner[borders.row] == owner[borders.col]
        inner = csr_matrix(
            (borders.data[same], (borders.row[same], borders.col[same])), shape=borders.shape
        )
        _, piece = connected_components(inner, directed=False)
        held = np.zeros(piece.max() + 1, dtype=bool)
        held[piece[fixed]] = True
        held &= np.bincount(piece, owner >= 0) > 0
        loose = ~held[piece[borders.row]] & held[piece[borders.col]]
        if not loose.any():
            return owner
        # One loose piece after the other: the one with the longest border to a held one first.
        pair = piece[borders.row[loose]] * np.int64(owner.max() + 1) + owner[borders.col[loose]]
        keys, at = np.unique(pair, return_inverse=True)
        best = int(np.bincount(at, borders.data[loose]).argmax())
        lost, taker = divmod(int(keys[best]), int(owner.max() + 1))
        owner[piece == lost] = taker


def _without_pockets(
    inner: csr_matrix, shared: csr_matrix, owner: Ints, fixed: npt.NDArray[np.bool_]
) -> Ints:
    """Give ground between fixed lines that holds no unit, such as water, to one neighbour whole."""
    _, pocket = connected_components(inner, directed=False)
    holds = np.zeros(pocket.max() + 1, dtype=bool)
    holds[pocket[fixed]] = True
    borders, owner = shared.tocoo(), owner.copy()
    for number in np.flatnonzero(~holds):
        around = (pocket[borders.row] == number) & holds[pocket[borders.col]]
        if around.any():
            takers = np.bincount(owner[borders.col[around]], borders.data[around])
            owner[pocket == number] = takers.argmax()
    return owner


def _dissolve(faces: Geometries, owner: Ints, owners: int) -> Geometries:
    return np.asarray([shapely.coverage_union_all(faces[owner == k]) for k in range(owners)])

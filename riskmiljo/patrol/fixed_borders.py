"""Borders that a user has drawn: rivers and railways that areas keep to, and beats they stay in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.geo.crs import require_metric
from riskmiljo.wording import Text

Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[Any]

_BARRIERS: Final = Text("Gränserna", "The barriers")
_BEATS: Final = Text("Distrikten", "The beats")
_LINES: Final = ("LineString", "MultiLineString", "Polygon", "MultiPolygon")
_POLYGONS: Final = ("Polygon", "MultiPolygon")
# Less of a zone than this on the other side of a border leaves it whole on the side of the rest.
_SMALLEST_PIECE: Final = 0.05
# Beats that overlap by more than this share of the smaller one are a mistake in the drawing.
_OVERLAP: Final = 0.01
# What lies this near to a fixed border is on it, metres: lines are cut on a grid of a millimetre.
_ON_BORDER_M: Final = 0.01


@dataclass(frozen=True, eq=False)
class FixedBorders:
    """Lines that areas keep to.

    Attributes
    ----------
    lines
        Barriers and the outlines of beats.
    beats
        Polygons; none where the user drew none.
    strip
        The ground that counts as on a line, for telling which shared borders follow one; empty
        where there are no lines.
    """

    lines: Geometries
    beats: Geometries
    strip: BaseGeometry

    @classmethod
    def of(cls, barriers: Any, beats: Any, crs: CRS) -> Self:
        """Check what a user has drawn.

        Parameters
        ----------
        barriers
            GeoDataFrame or GeoSeries of lines (of polygons the outline counts), or None.
        beats
            GeoDataFrame or GeoSeries of polygons that do not overlap, or None.
        crs
            The reference system of the zones.

        Returns
        -------
        FixedBorders
            Perhaps without any line.

        Raises
        ------
        InvalidInputError
            If a shape is of another kind, or beats overlap.
        CRSError
            If they are in another reference system than the zones.
        """
        drawn = _shapes(barriers, _BARRIERS, _LINES, crs)
        held = _shapes(beats, _BEATS, _POLYGONS, crs)
        left, right = shapely.STRtree(held).query(held, predicate="intersects")
        left, right = left[left < right], right[left < right]
        common = shapely.area(shapely.intersection(held[left], held[right]))
        smaller = np.minimum(shapely.area(held[left]), shapely.area(held[right]))
        if (common > _OVERLAP * smaller).any():
            raise InvalidInputError(
                Text(
                    "Distrikten överlappar varandra. Rita dem så att de möts utan att täcka "
                    "varandra.",
                    "The beats overlap. Draw them so that they meet without covering each other.",
                )
            )
        outline = shapely.get_dimensions(drawn) > 1
        drawn = np.where(outline, shapely.boundary(drawn), drawn)
        lines = np.r_[drawn, shapely.boundary(held)]
        strip = shapely.union_all(shapely.buffer(lines, _ON_BORDER_M, cap_style="flat"))
        return cls(lines, held, strip)

    @property
    def any(self) -> bool:
        """Whether there is any line."""
        return len(self.lines) > 0

    def cut(self, zone: BaseGeometry) -> list[BaseGeometry]:
        """Cut a zone along the lines.

        Parameters
        ----------
        zone
            A polygon, metres.

        Returns
        -------
        list of shapely.Polygon
            Its pieces, each on one side of every line; small ones are left out, and with beats
            those outside all of them: no piece is left of a zone that lies outside.
        """
        pieces = [zone]
        crossing = self.lines[shapely.intersects(self.lines, zone)]
        if len(crossing):
            # Whole lines: one clipped to the zone ends beside its outline, by the last digit.
            drawing = shapely.union_all([zone.boundary, *crossing])
            faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(drawing)))
            pieces = [face for face in faces if zone.contains(face.representative_point())]
        if len(self.beats):
            within = self.beat_of(np.asarray(pieces, dtype=object)) >= 0
            pieces = [piece for piece, inside in zip(pieces, within, strict=True) if inside]
        largest = max((piece.area for piece in pieces), default=0.0)
        smallest = min(_SMALLEST_PIECE * zone.area, largest)
        return [piece for piece in pieces if piece.area >= smallest]

    def beat_of(self, shapes: Geometries) -> Ints:
        """Return in which beat shapes lie.

        Parameters
        ----------
        shapes
            Polygons, each on one side of every line.

        Returns
        -------
        numpy.ndarray
            Shape (n,), row of the beat; -1 outside all, and 0 where there are no beats.
        """
        if not len(self.beats):
            return np.zeros(len(shapes), dtype=np.int64)
        found = np.full(len(shapes), -1, dtype=np.int64)
        shape, beat = shapely.STRtree(self.beats).query(
            shapely.point_on_surface(shapes), predicate="within"
        )
        found[shape[::-1]] = beat[::-1]
        return found

    def limit(self, region: BaseGeometry, units: Geometries) -> BaseGeometry:
        """Leave out the ground of beats that hold no unit.

        Parameters
        ----------
        region
            The ground that areas would share.
        units
            Polygons, each in one beat.

        Returns
        -------
        shapely.Polygon or shapely.MultiPolygon
            The region within beats; the region itself where there are none.
        """
        if not len(self.beats):
            return region
        used = shapely.union_all(self.beats[np.unique(self.beat_of(units))])
        parts = shapely.get_parts(shapely.intersection(region, used))
        parts = parts[shapely.get_dimensions(parts) > 1]
        holds, _ = shapely.STRtree(shapely.point_on_surface(units)).query(
            parts, predicate="intersects"
        )
        return shapely.union_all(parts[np.unique(holds)])

    def off_border(self, borders: Geometries) -> Geometries:
        """Return what of some borders does not follow a fixed line.

        Parameters
        ----------
        borders
            Lines that polygons share, metres.

        Returns
        -------
        numpy.ndarray
            The rest of each; empty where all of it follows a line.
        """
        if not self.any:
            return borders
        shapely.prepare(self.strip)
        near = shapely.intersects(borders, self.strip)
        rest = borders.copy()
        rest[near] = shapely.difference(borders[near], self.strip)
        return rest


def _shapes(drawn: Any, what: Text, allowed: tuple[str, ...], crs: CRS) -> Geometries:
    if drawn is None:
        return np.empty(0, dtype=object)
    if not isinstance(drawn, gpd.GeoDataFrame | gpd.GeoSeries):
        raise InvalidInputError(
            Text(
                "{w} ska vara en GeoDataFrame eller GeoSeries.",
                "{w} must be a GeoDataFrame or GeoSeries.",
            ).fill(w=what)
        )
    if drawn.empty:
        return np.empty(0, dtype=object)
    frame = drawn if isinstance(drawn, gpd.GeoDataFrame) else gpd.GeoDataFrame(geometry=drawn)
    if require_metric(frame, what) != crs:
        raise CRSError(
            Text(
                "{w} har ett annat koordinatsystem än zonerna. Projicera om.",
                "{w} have another reference system than the zones. Project them first.",
            ).fill(w=what)
        )
    shapes = frame.geometry
    usable = shapes.geom_type.isin(allowed) & shapes.is_valid & ~shapes.is_empty
    if not usable.all():
        raise InvalidInputError(
            Text(
                "{w}: rad {n} kan inte användas. Ge {k}.",
                "{w}: row {n} cannot be used. Give {k}.",
            ).fill(
                w=what,
                n=int(np.argmin(usable.to_numpy())) + 1,
                k=Text("linjer", "lines") if "LineString" in allowed else Text("ytor", "polygons"),
            )
        )
    return np.asarray(shapely.force_2d(shapes.to_numpy()))

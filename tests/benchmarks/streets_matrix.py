"""Travel times, ways and corners on a real walking network, and on a board of 20 000 corners.

python tests/benchmarks/streets_matrix.py [STREET FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from measure import measured
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from riskmiljo.patrol.streets import Streets, read_streets

UPPSALA = (
    Path(__file__).resolve().parents[2].parent
    / "shared" / "data" / "uppsala" / "uppsala_walk_2023-01-12.gpkg"
)  # fmt: skip


def board(side, rng):
    """A board of streets with a fifth of them left out."""
    at = {
        (i, j): (100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30))
        for i in range(side)
        for j in range(side)
    }
    lines = [
        shapely.LineString([at[spot], at[next_]])
        for spot in at
        for next_ in ((spot[0] + 1, spot[1]), (spot[0], spot[1] + 1))
        if next_ in at and rng.uniform() < 0.8
    ]
    return Streets.from_lines(gpd.GeoDataFrame(geometry=lines, crs=3006))


def from_corner_to_corner(streets, nodes):
    """The same by scipy alone, without points beside the street."""
    ends = streets.edges[["from", "to"]].to_numpy()
    order = np.argsort(-streets.edges["length_m"].to_numpy())
    size = len(streets.nodes)
    lengths = dict(zip(map(tuple, np.sort(ends, axis=1)[order]),
                       streets.edges["length_m"].to_numpy()[order], strict=True))  # fmt: skip
    rows, columns = np.array(list(lengths)).T
    graph = csr_matrix((list(lengths.values()), (rows, columns)), shape=(size, size))
    return dijkstra(graph, directed=False, indices=nodes)[:, nodes] / streets.speed_m_min


def main():
    """Print one line for each step."""
    rng = np.random.default_rng(0)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else UPPSALA
    if file.is_file():
        streets = measured(f"read {file.name}", lambda: read_streets(file))
        pick = rng.integers(len(streets.nodes), size=200)
        points = streets.nodes[pick] + rng.normal(0, 20, (200, 2))
        measured("200 x 200", lambda: streets.travel_minutes(points, points))
        measured("200 x 200, at most 20 min",
                 lambda: streets.travel_minutes(points, points, limit_min=20))  # fmt: skip
        pairs = np.column_stack([np.arange(60), np.arange(1, 61)])
        ways = measured("60 ways with their streets", lambda: streets.ways(points, pairs))
        minutes = streets.travel_minutes(points, points)[pairs[:, 0], pairs[:, 1]]
        measured("200 street corners", lambda: streets.nearest_corner(points))
        apart = max(abs(way.line.length / 80 - m) for way, m in zip(ways, minutes, strict=True))
        print(f"  ways and matrix differ by at most {apart:.1e} min")
        own = streets.travel_minutes(streets.nodes[pick], streets.nodes[pick])
        peer = from_corner_to_corner(streets, pick)
        print(
            f"  corner to corner, scipy alone differs by at most {np.abs(own - peer).max():.1e} min"
        )
    else:
        print(f"{file} is not there: the real network is left out")
    streets = board(150, rng)
    points = rng.uniform(0, 14_900, (60, 2))
    print(f"{len(streets.nodes)} corners, {len(streets.edges)} stretches")
    measured("60 x 60", lambda: streets.travel_minutes(points, points))
    measured(
        "60 x 60, at most 60 min", lambda: streets.travel_minutes(points, points, limit_min=60)
    )


if __name__ == "__main__":
    main()

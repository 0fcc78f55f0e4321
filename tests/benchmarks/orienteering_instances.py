"""Read team orienteering instances: Chao's, and those with time windows of the literature."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROUTING = Path(__file__).resolve().parents[3] / "shared" / "data" / "routing"


@dataclass(frozen=True)
class Instance:
    """One instance with its best known prize; distances are cut as in the literature."""

    name: str
    teams: int
    best: float
    coords: np.ndarray
    prizes: np.ndarray
    service: np.ndarray
    windows: np.ndarray | None
    distances: np.ndarray
    budget: float
    start: int
    end: int

    @property
    def family(self) -> str:
        """Chao's set, or c, r, rc, pr."""
        stem = self.name.split(".")[0]
        return stem if self.windows is None else stem.rstrip("0123456789")


def _euclidean(xy: np.ndarray) -> np.ndarray:
    return np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])


def read_chao(path: Path, teams: int, best: float) -> Instance:
    lines = path.read_text(encoding="ascii").splitlines()
    n = int(lines[0].split()[1])
    rows = np.array([line.split() for line in lines[3 : 3 + n]], dtype=float)
    return Instance(
        name=path.name,
        teams=teams,
        best=best,
        coords=rows[:, :2],
        prizes=rows[:, 2],
        service=np.zeros(n),
        windows=None,
        distances=_euclidean(rows[:, :2]),
        budget=float(lines[2].split()[1]),
        start=0,
        end=n - 1,
    )


def read_windowed(path: Path, teams: int, best: float) -> Instance:
    rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()[2:]]
    table = np.array([[*row[1:5], *row[-2:]] for row in rows if row], dtype=float)
    decimals = 100 if path.name.startswith("pr") else 10
    return Instance(
        name=path.name,
        teams=teams,
        best=best,
        coords=table[:, :2],
        prizes=table[:, 3],
        service=table[:, 2],
        windows=table[:, 4:],
        # The small amount keeps 12.3 from being cut to 12.2.
        distances=np.floor(_euclidean(table[:, :2]) * decimals + 1e-9) / decimals,
        budget=float(table[0, 5]),
        start=0,
        end=0,
    )


def read_instances(folder: Path = ROUTING) -> list[Instance]:
    """All rows of best_known.csv whose file is there."""
    found = []
    with (folder / "best_known.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for below, read in (("top", read_chao), ("toptw", read_windowed)):
                path = folder / below / row["instance"]
                if path.exists():
                    found.append(read(path, int(row["teams"]), float(row["best_known"])))
    return found

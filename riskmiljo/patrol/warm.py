"""Compile the route search ahead of use: ``python -m riskmiljo.patrol.warm``.

The compiled code lies beside the modules, or, where that folder cannot be written to, in the user's
cache folder or in the one that ``NUMBA_CACHE_DIR`` names; it is made anew when the code or the
processor changes. Called at installation and when the service starts, so that no user waits for it.
"""

from __future__ import annotations

import numpy as np

from riskmiljo.patrol.options import CrewSpec, Problem, solve


def warm() -> None:
    """Load the compiled search, compiling it where that has not been done.

    Takes about a second, or half a minute the first time.
    """
    # One call of each signature: repeated visits, and visits at most once with two crews.
    for discounts in ((1.0, 0.7), (1.0,)):
        solve(
            Problem(
                travel=np.ones((1, 4, 4)) - np.eye(4)[None],
                crews=(CrewSpec(0, 0, 0, 0.0, 5.0), CrewSpec(0, 0, 0, 0.0, 5.0)),
                stop=np.arange(3),
                location=np.arange(1, 4),
                opens=np.zeros(3),
                closes=np.full(3, 5.0),
                value=np.ones((3, 1)),
                dwell=np.ones(3),
                discounts=discounts,
                gap_min=1.0,
            ),
            iterations=16,
        )


if __name__ == "__main__":
    warm()

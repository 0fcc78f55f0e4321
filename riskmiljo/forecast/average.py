"""The average of several models' forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.base import Forecaster
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History
from riskmiljo.model.period import Period
from riskmiljo.wording import Text


class Average(Forecaster):
    """The mean of what its members expect.

    Parameters
    ----------
    members
        Models; fitted along with it.

    References
    ----------
    Bates, J. M. and Granger, C. W. J. (1969). The combination of forecasts.
    """

    name: ClassVar[str] = "average"
    label: ClassVar[Text] = Text("medel av de bästa", "average of the best")

    def __init__(self, *, members: Sequence[Forecaster] = ()) -> None:
        self.members = members

    def _learn(self, history: History) -> None:
        for member in self.members:
            member.fit(history)

    def _expect(self, period: Period) -> Prediction:
        return combined([member.predict(period) for member in self.members])


def combined(predictions: Sequence[Prediction]) -> Prediction:
    """Return the mean of several predictions.

    Parameters
    ----------
    predictions
        Of the same units and period, at least one.

    Returns
    -------
    Prediction
        Means of the expected numbers and, geometrically, of the shapes.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    if not predictions:
        raise InvalidInputError(
            Text(
                "Det finns inga modeller att ta medel av. Ge members minst en.",
                "There are no models to average. Give members at least one.",
            )
        )
    expected = np.mean([p.expected for p in predictions], axis=0)
    shape = np.exp(np.mean([np.log(p.shape) for p in predictions], axis=0))
    return Prediction(np.asarray(expected, dtype=float), np.asarray(shape, dtype=float))

"""What every forecasting model does: store its parameters, learn from a record, expect."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.errors import InvalidInputError
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History, Record
from riskmiljo.forecast.units import Units
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import Period
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]


class Forecaster(ABC):
    """A model of where incidents come, in the manner of scikit-learn.

    ``__init__`` stores keyword parameters under their own names; `fit` learns, forgets what came
    before and returns self; what is learned ends in an underscore.
    """

    name: ClassVar[str]
    label: ClassVar[Text]

    history_: History

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - scikit-learn's
        """Return the parameters by name.

        Parameters
        ----------
        deep
            Taken for scikit-learn's sake; no model holds another.

        Returns
        -------
        dict
            Name to value.
        """
        parameters = inspect.signature(type(self)).parameters.values()
        named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        return {name: getattr(self, name) for name in named}

    def set_params(self, **params: Any) -> Self:
        """Change parameters.

        Parameters
        ----------
        **params
            Name and value.

        Returns
        -------
        Forecaster
            Itself.

        Raises
        ------
        InvalidInputError
            If the model has no such parameter.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise InvalidInputError(
                    Text(
                        "Modellen {m} har ingen parameter {p!r}. Den har: {all}.",
                        "The model {m} has no parameter {p!r}. It has: {all}.",
                    ).fill(m=self.name, p=name, all=", ".join(known) or "–")
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        params = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({params})"

    def fit(
        self,
        incidents: gpd.GeoDataFrame | Record | History,
        units: Grid | Units | None = None,
        *,
        now: datetime | None = None,
    ) -> Self:
        """Learn from what was known at a moment.

        Parameters
        ----------
        incidents
            A GeoDataFrame of incidents; or a `Record`, or a `History`, which already have their
            units.
        units
            The grid or the units; only with a GeoDataFrame.
        now
            Aware; what happened or was registered at it or later is not looked at. Only a
            `History` has its own.

        Returns
        -------
        Forecaster
            Itself.

        Raises
        ------
        InvalidInputError
            If the units or the moment are missing.
        """
        self.history_ = history_of(incidents, units, now)
        self._learn(self.history_)
        return self

    def predict(self, period: Period) -> Prediction:
        """Return what is expected in a period that begins at the moment of the fit or later.

        Parameters
        ----------
        period
            The hours of the week are not looked at, only the length.

        Returns
        -------
        Prediction
            Of each unit, in their order.

        Raises
        ------
        InvalidInputError
            If the model has not been fitted, or the period begins before what it knows ends.
        """
        if not hasattr(self, "history_"):
            raise InvalidInputError(
                Text(
                    "Modellen {m} har inget lärt sig ännu. Anropa fit först.",
                    "The model {m} has learned nothing yet. Call fit first.",
                ).fill(m=self.name)
            )
        if period.start < self.history_.now:
            raise InvalidInputError(
                Text(
                    "Perioden {p} börjar före det att modellens kunskap slutar.",
                    "The period {p} begins before the model's knowledge ends.",
                ).fill(p=period)
            )
        return self._expect(period)

    @abstractmethod
    def _learn(self, history: History) -> None: ...

    @abstractmethod
    def _expect(self, period: Period) -> Prediction: ...


def history_of(
    incidents: gpd.GeoDataFrame | Record | History,
    units: Grid | Units | None,
    now: datetime | None,
) -> History:
    """Return what was known at a moment, from a frame, a record or a history.

    Parameters
    ----------
    incidents, units, now
        As `Forecaster.fit` takes them.

    Returns
    -------
    History
        The given one, or one made.

    Raises
    ------
    InvalidInputError
        If the units or the moment are missing.
    """
    if isinstance(incidents, History):
        return incidents
    if now is None or now.tzinfo is None:
        raise InvalidInputError(
            Text(
                "Ange now: till vilken tidpunkt (med tidszon) händelser var kända.",
                "Give now: until which moment (with a time zone) incidents were known.",
            )
        )
    if isinstance(incidents, Record):
        return incidents.known(now)
    if units is None:
        raise InvalidInputError(Text("Ange ett rutnät eller enheter.", "Give a grid or units."))
    made = Units.of_grid(units) if isinstance(units, Grid) else units
    return Record.of(incidents, made).known(now)

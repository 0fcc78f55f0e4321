"""Expected incidents: effort correction, intensity models, back-testing, scores.

The package can be called: ``riskmiljo.forecast(...)`` is `riskmiljo.forecast.coming.forecast`
whether or not this package was imported before it, which would otherwise take the function's name.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmiljo.forecast.result import Forecast


class _Callable(ModuleType):
    def __call__(self, *args: Any, **keywords: Any) -> Forecast:
        from riskmiljo.forecast.coming import (  # noqa: PLC0415 - loads NumPy and GeoPandas
            forecast,
        )

        return forecast(*args, **keywords)


sys.modules[__name__].__class__ = _Callable

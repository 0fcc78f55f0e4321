"""Places that a user names: by the gazetteer, or by latitude and longitude."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
from pyproj import CRS

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import WGS84, coordinates, transform
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.plan import Plan, Spot, Visit, name_near
from riskmiljo.situation.presence_places import places_to_choose
from riskmiljo.wording import Text

_ALIKE: Final = 0.6
# Further away a place's name says nothing of where a point lies.
_NEAR_M: Final = 1500.0
_POINT: Final = re.compile(r"-?[0-9.]+\s*,\s*-?[0-9.]+")


def find_spot(text: str, places: gpd.GeoDataFrame, crs: CRS) -> Spot:
    """Find a place that a user names.

    Parameters
    ----------
    text
        A name of the gazetteer, or ``lat,lon`` in degrees.
    places
        The gazetteer.
    crs
        The metric reference system wanted.

    Returns
    -------
    Spot
        In that reference system.

    Raises
    ------
    InvalidInputError
        If there is no such place; names the ones most like it.
    """
    wanted = " ".join(text.split())
    parts = wanted.split(",")
    if len(parts) == 2:  # noqa: PLR2004 - latitude and longitude
        try:
            lat, lon = (float(part) for part in parts)
        except ValueError:
            pass
        else:
            # Not a number is within no bounds either.
            if not (abs(lat) <= 90 and abs(lon) <= 180):  # noqa: PLR2004 - degrees
                raise InvalidInputError(
                    Text(
                        "Platsen {p!r} ligger inte på jorden. Ange latitud,longitud i grader som "
                        "59.858,17.645.",
                        "The place {p!r} is not on Earth. Give latitude,longitude in degrees such "
                        "as 59.858,17.645.",
                    ).fill(p=wanted[:60])
                )
            x, y = transform([lon], [lat], WGS84, crs)
            return Spot(wanted, float(x[0]), float(y[0]))
    names = [str(name) for name in places["name"]]
    folded = [name.casefold() for name in names]
    if wanted.casefold() in folded:
        row = folded.index(wanted.casefold())
        x, y = coordinates(places)[row]
        return Spot(names[row], float(x), float(y))
    alike = get_close_matches(wanted.casefold(), folded, n=3, cutoff=_ALIKE)
    hint = ", ".join(names[folded.index(name)] for name in alike)
    if hint:
        raise InvalidInputError(
            Text(
                "Platsen {p!r} finns inte i ortregistret. Menas {h}? Annars ange latitud,longitud.",
                "The place {p!r} is not in the gazetteer. Is it {h}? Else give latitude,longitude.",
            ).fill(p=wanted[:60], h=hint)
        )
    raise InvalidInputError(
        Text(
            "Platsen {p!r} finns inte i ortregistret. Ange ett namn ur det, eller latitud,longitud "
            "som 59.858,17.645.",
            "The place {p!r} is not in the gazetteer. Give a name from it, or latitude,longitude "
            "such as 59.858,17.645.",
        ).fill(p=wanted[:60])
    )


def with_point_names(plan: Plan, gazetteer: Path | None) -> Plan:
    """Return a plan whose own stops at ``lat,lon`` are called by what lies near them.

    Parameters
    ----------
    plan
        As it was made.
    gazetteer
        Whose places are meant; None is the one that is shipped.

    Returns
    -------
    Plan
        Otherwise the same; a point far from every place keeps its degrees.
    """
    if not any(_POINT.fullmatch(step.name) for route in plan.routes for step in route.visits):
        return plan
    spots = places_to_choose(read_gazetteer(gazetteer, crs=plan.epsg))
    routes = tuple(
        replace(
            route,
            steps=tuple(
                _near(step, spots) if isinstance(step, Visit) else step for step in route.steps
            ),
        )
        for route in plan.routes
    )
    return replace(plan, routes=routes)


def _near(visit: Visit, spots: Mapping[str, tuple[float, float]]) -> Visit:
    if not spots or not _POINT.fullmatch(visit.name):
        return visit
    away = np.hypot(*(np.array(list(spots.values())) - (visit.x, visit.y)).T)
    nearest = int(away.argmin())
    return replace(visit, name=name_near([*spots][nearest])) if away[nearest] <= _NEAR_M else visit

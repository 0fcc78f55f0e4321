"""The truth of a simulated city: which risk places are planted, and what happens every year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import geopandas as gpd
import numpy as np

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import SWEREF99_TM, coordinates, require_metric
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.simulate.almanac import Floats, YearlyEvent
from riskmiljo.simulate.behaviour import MIXES
from riskmiljo.simulate.rhythms import RHYTHMS
from riskmiljo.simulate.streams import stream
from riskmiljo.wording import Text

# Free planted places lie in a box of this half side around the centre of Uppsala, SWEREF 99 TM.
_CENTRE: Final = (647_900.0, 6_638_000.0)
_HALF_SIDE_M: Final = 4_000.0
_MIN_APART_M: Final = 400.0
# Two planted places leave at least this much between their outermost addresses.
_MIN_GAP_M: Final = 150.0
_TRIES: Final = 4_000


@dataclass(frozen=True, slots=True)
class PlantedPlace:
    """A risk place that truly is one.

    Parameters
    ----------
    place_id
        Unique in its truth; ASCII.
    name
        The gazetteer's name, where it has one.
    x, y
        Its middle, EPSG:3006, metres.
    radius_m
        How far from the middle its addresses lie, metres.
    per_year
        Incidents a year that would be known at the city's average presence and reporting, before
        the whole city is scaled to the wanted number.
    rhythm
        A key of `RHYTHMS`.
    mix
        A key of `MIXES`.
    attention
        How many times more crews come here than the place's size would call for.
    reporting
        How many times more often people here report than the city's average.
    yearly_change
        Relative growth a year: 0.2 is 20 % more each year.
    squares
        The spots that its addresses gather around, EPSG:3006, metres; none: its middle.
    """

    place_id: str
    name: str
    x: float
    y: float
    radius_m: float
    per_year: float
    rhythm: str
    mix: str
    attention: float = 1.0
    reporting: float = 1.0
    yearly_change: float = 0.0
    squares: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """A whole city's truth.

    Parameters
    ----------
    places
        The planted places.
    events
        What happens every year.
    background_per_year
        Incidents a year that are spread over the whole city and belong to no place; scaled like
        the places' own figures.
    """

    places: tuple[PlantedPlace, ...]
    events: tuple[YearlyEvent, ...]
    background_per_year: float

    def __post_init__(self) -> None:
        ids = [place.place_id for place in self.places]
        if len(set(ids)) < len(ids) or "" in ids:
            raise InvalidInputError(
                Text(
                    "Två planterade platser har samma id, eller ett id är tomt.",
                    "Two planted places have the same id, or an id is empty.",
                )
            )
        strangers = {name for event in self.events for name, _ in event.places} - set(ids)
        if strangers:
            raise InvalidInputError(
                Text(
                    "En årlig händelse besöker platsen {p!r}, som inte är planterad.",
                    "A yearly event visits the place {p!r}, which is not planted.",
                ).fill(p=min(strangers))
            )
        plantable = all(
            place.rhythm in RHYTHMS and place.mix in MIXES and place.per_year > 0
            for place in self.places
        )
        nothing = not self.places and self.background_per_year == 0
        if not plantable or self.background_per_year < 0 or nothing:
            raise InvalidInputError(
                Text(
                    "En plats har okänd rytm, okänd blandning eller inga händelser, bakgrunden är "
                    "under 0, eller inget alls är planterat.",
                    "A place has an unknown rhythm, an unknown mix or no incidents, the background "
                    "is below 0, or nothing at all is planted.",
                )
            )

    @classmethod
    def uppsala(cls) -> Self:
        """Return the truth of the simulated Uppsala.

        Returns
        -------
        Truth
            About 25 places at points of the shipped gazetteer, some of them too small to be found,
            City and Resecentrum 500 m apart with different densities, and the year's events.
        """
        points = read_gazetteer().set_index("name").geometry
        return cls(
            places=tuple(
                PlantedPlace(
                    _plain(name),
                    name,
                    points[name].x,
                    points[name].y,
                    radius_m,
                    per_year,
                    rhythm,
                    mix,
                    attention,
                    reporting,
                    change,
                    tuple((points[at].x, points[at].y) for at in _UPPSALA_SQUARES.get(name, ())),
                )
                for name, radius_m, per_year, rhythm, mix, attention, reporting, change in _UPPSALA
            ),
            events=_UPPSALA_EVENTS,
            background_per_year=1_700.0,
        )

    @classmethod
    def random(cls, seed: int, *, places: gpd.GeoDataFrame | None = None) -> Self:
        """Return the truth of a city that nobody has seen.

        Parameters
        ----------
        seed
            The same seed gives the same city.
        places
            A gazetteer (EPSG:3006) at whose places, other than districts and streets, to plant;
            None plants at free points around the centre of Uppsala.

        Returns
        -------
        Truth
            8 to 20 places of random size, spread, rhythm and mix, at least 400 m apart.

        Raises
        ------
        InvalidInputError
            If the gazetteer has not room for 8 places that far apart.
        """
        rng = stream(seed, "truth")
        wanted = int(rng.integers(8, 21))
        names, spots = _candidates(rng, places)
        chosen: list[PlantedPlace] = []
        for name, (x, y) in zip(names, spots, strict=True):
            radius = float(rng.uniform(60.0, 160.0))
            rhythm, mix = _ARCHETYPES[int(rng.integers(len(_ARCHETYPES)))]
            # 15 to 350 a year, small ones more common.
            per_year = float(np.exp(rng.uniform(np.log(15.0), np.log(350.0))))
            attention = float(np.exp(rng.normal(0.0, 0.6)))
            room = [
                np.hypot(x - other.x, y - other.y)
                - max(_MIN_APART_M, radius + other.radius_m + _MIN_GAP_M)
                for other in chosen
            ]
            if min(room, default=0.0) >= 0.0:
                number = len(chosen) + 1
                chosen.append(
                    PlantedPlace(
                        place_id=f"plats_{number:02d}",
                        name=name or f"Plats {number}",
                        x=float(x),
                        y=float(y),
                        radius_m=radius,
                        per_year=per_year,
                        rhythm=rhythm,
                        mix=mix,
                        attention=attention,
                        reporting=float(rng.uniform(0.7, 1.3)),
                        yearly_change=float(rng.normal(0.0, 0.1)),
                    )
                )
            if len(chosen) == wanted:
                break
        if len(chosen) < min(wanted, 8):
            raise InvalidInputError(
                Text(
                    "Ortregistret rymmer bara {n} {n:plats|platser} med 400 meter emellan, minst 8 "
                    "behövs.",
                    "The gazetteer has room for only {n} {n:place|places} 400 metres apart, 8 are "
                    "needed.",
                ).fill(n=len(chosen))
            )
        planted = sum(place.per_year for place in chosen)
        return cls(
            places=tuple(chosen),
            events=_EVENTS_ANYWHERE,
            background_per_year=planted * float(rng.uniform(0.5, 1.2)),
        )


def _candidates(
    rng: np.random.Generator, places: gpd.GeoDataFrame | None
) -> tuple[list[str], Floats]:
    if places is None:
        offsets = rng.uniform(-_HALF_SIDE_M, _HALF_SIDE_M, (_TRIES, 2))
        return [""] * _TRIES, np.asarray(_CENTRE) + offsets
    crs = require_metric(places, Text("Ortregistret", "The gazetteer"))
    if crs.to_epsg() != SWEREF99_TM:
        places = places.to_crs(SWEREF99_TM)
    points = places[~places["kind"].isin(["district", "street"])]
    points = points.iloc[rng.permutation(len(points))]
    return points["name"].tolist(), coordinates(points)


def _plain(name: str) -> str:
    swedish = str.maketrans("åäöé ", "aaoe_")
    return "".join(c for c in name.lower().translate(swedish) if c.isascii() and c not in ":-")


_ARCHETYPES: Final = (
    ("night_life", "night_life"),
    ("evening_weekend", "park"),
    ("station", "station"),
    ("school_afternoon", "school"),
    ("shopping", "shopping"),
    ("suburb_evening", "suburb_centre"),
    ("park_summer", "park"),
)

# name, radius_m, per_year, rhythm, mix, attention, reporting, yearly_change
_UPPSALA: Final[tuple[tuple[str, float, float, str, str, float, float, float], ...]] = (
    ("City", 150.0, 420.0, "night_life", "night_life", 1.6, 1.0, 0.0),
    ("Resecentrum", 110.0, 290.0, "station", "station", 1.5, 1.0, 0.12),
    ("Gottsunda centrum", 140.0, 230.0, "suburb_evening", "suburb_centre", 1.4, 0.7, -0.12),
    ("Gränbystaden", 150.0, 200.0, "shopping", "shopping", 0.8, 1.1, 0.05),
    ("Vaksala torg", 80.0, 120.0, "evening_weekend", "station", 1.2, 1.0, 0.0),
    ("Stadsträdgården", 140.0, 90.0, "park_summer", "park", 0.9, 0.9, 0.0),
    ("Stenhagens centrum", 100.0, 85.0, "suburb_evening", "suburb_centre", 0.6, 0.8, 0.15),
    ("Kvarntorget", 80.0, 75.0, "evening_weekend", "suburb_centre", 0.9, 1.0, -0.15),
    ("Sävja", 110.0, 65.0, "suburb_evening", "suburb_centre", 0.5, 0.8, 0.2),
    ("Årsta centrum", 90.0, 60.0, "suburb_evening", "suburb_centre", 0.6, 1.0, 0.0),
    ("Flogsta centrum", 90.0, 45.0, "evening_weekend", "suburb_centre", 0.7, 1.0, 0.0),
    ("Brantingstorget", 80.0, 40.0, "suburb_evening", "suburb_centre", 0.8, 1.0, 0.0),
    ("Bolandcity", 120.0, 40.0, "shopping", "shopping", 0.5, 1.2, 0.0),
    ("Västertorg", 80.0, 36.0, "suburb_evening", "suburb_centre", 0.7, 0.9, 0.0),
    ("Fyrishov", 110.0, 34.0, "suburb_evening", "park", 0.5, 1.1, 0.0),
    ("Nyby köpcentrum", 80.0, 30.0, "suburb_evening", "suburb_centre", 0.6, 0.9, 0.0),
    ("Rosendals torg", 80.0, 28.0, "evening_weekend", "suburb_centre", 0.4, 1.2, 0.3),
    ("Stenhagenskolan", 70.0, 26.0, "school_afternoon", "school", 0.4, 1.0, 0.0),
    ("Gränbyskolan", 70.0, 24.0, "school_afternoon", "school", 0.4, 1.0, 0.0),
    ("Heidenstamstorg", 70.0, 24.0, "suburb_evening", "suburb_centre", 0.5, 1.0, 0.0),
    ("Rosendalsgymnasiet", 80.0, 16.0, "school_afternoon", "school", 0.3, 1.1, 0.0),
    ("Celsiusskolan", 60.0, 14.0, "school_afternoon", "school", 0.3, 1.1, 0.0),
    ("Carolinaparken", 110.0, 14.0, "park_summer", "park", 0.8, 1.0, 0.0),
    ("Talltorget", 60.0, 12.0, "suburb_evening", "suburb_centre", 0.4, 1.0, 0.0),
    ("Ekonomikumparken", 130.0, 8.0, "park_summer", "park", 0.5, 1.0, 0.0),
)

# Places with more than one middle, as a closer look shows.
_UPPSALA_SQUARES: Final = {"City": ("Stora torget", "Forumgallerian")}

_NEW_YEAR: Final = Text("nyår", "New Year")
_HALLOWEEN: Final = Text("halloween", "Halloween")
_SCHOOL_LEAVING: Final = Text("skolavslutning", "school leaving")
_STUDENTS: Final = Text("studenten", "student celebrations")
_FRIDAY: Final = 4

_UPPSALA_EVENTS: Final = (
    YearlyEvent(
        Text("valborg", "Walpurgis Night"), 4, 30, 9, 20, 120.0, "festivity",
        (("ekonomikumparken", 0.5), ("stadstradgarden", 0.15), ("carolinaparken", 0.2)),
    ),
    YearlyEvent(
        _STUDENTS, 6, 2, 13, 86, 30.0, "festivity",
        (("city", 0.3), ("stadstradgarden", 0.2)), weekday=1,
    ),
    YearlyEvent(
        _SCHOOL_LEAVING, 6, 8, 15, 13, 30.0, "youth_night",
        (("stadstradgarden", 0.3), ("city", 0.2), ("fyrishov", 0.1)), weekday=_FRIDAY,
    ),
    YearlyEvent(
        _HALLOWEEN, 10, 31, 16, 10, 28.0, "youth_night",
        (("gottsunda_centrum", 0.2), ("stenhagens_centrum", 0.1)),
    ),
    YearlyEvent(
        _NEW_YEAR, 12, 31, 18, 11, 34.0, "festivity", (("city", 0.3), ("resecentrum", 0.15)),
    ),
)  # fmt: skip

_EVENTS_ANYWHERE: Final = (
    YearlyEvent(_SCHOOL_LEAVING, 6, 8, 15, 13, 20.0, "youth_night", weekday=_FRIDAY),
    YearlyEvent(_HALLOWEEN, 10, 31, 16, 10, 20.0, "youth_night"),
    YearlyEvent(_NEW_YEAR, 12, 31, 18, 11, 25.0, "festivity"),
)

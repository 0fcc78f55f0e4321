"""A whole simulated city: incidents with a known truth, for the demo and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import SWEREF99_TM, coordinates, points_frame, require_metric
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.period import Period
from riskmiljo.model.tables import PRESENCE_COLUMNS
from riskmiljo.simulate.almanac import Almanac, Floats
from riskmiljo.simulate.delivery import write_files, write_truth
from riskmiljo.simulate.occurrences import (
    add_near_repeats,
    draw_occurrences,
    weigh_knowledge,
)
from riskmiljo.simulate.presence import Visits, simulate_visits
from riskmiljo.simulate.records import instants, write_down
from riskmiljo.simulate.sites import Site, lay_out_sites
from riskmiljo.simulate.streams import stream
from riskmiljo.simulate.truth import Truth
from riskmiljo.wording import Text

_PRESENCE_SOURCES: Final = {"checked_in": 0.8, "planned": 0.12, "imported": 0.08}
_MOST_YEARS: Final = 50


@dataclass(frozen=True)
class SimulatedCity:
    """Simulated incidents with everything that is true about them.

    Parameters
    ----------
    incidents
        The incident contract, EPSG:3006, in the order in which they were registered.
    presence
        `PRESENCE_COLUMNS`, EPSG:3006.
    truth
        One row a planted place: place_id, name, radius_m, incidents (known ones that it planted),
        rhythm, expected_per_year (with the yearly events, before the city was scaled and presence
        and reporting had their say), happened_per_year (known or not, without near repeats),
        geometry.
    planted
        Index incident_id, value the place_id that planted it; empty for the background.
    seed
        What it grew from.
    """

    incidents: gpd.GeoDataFrame
    presence: gpd.GeoDataFrame
    truth: gpd.GeoDataFrame
    planted: pd.Series
    seed: int

    def write_files(self, folder: Path, dirty_share: float = 0.02) -> list[Path]:
        """Write one file for each owner, as that owner would deliver it.

        Parameters
        ----------
        folder
            Made if it does not exist.
        dirty_share
            How many spoilt rows are mixed in, about, against the good ones.

        Returns
        -------
        list of pathlib.Path
            Police (CSV), social services (XLSX), municipality (GeoJSON).
        """
        return write_files(self.incidents, folder, dirty_share=dirty_share, seed=self.seed)

    def write_truth(self, path: Path) -> list[Path]:
        """Write the planted places, and beside them which place planted which incident.

        Parameters
        ----------
        path
            The GeoJSON file of places.

        Returns
        -------
        list of pathlib.Path
            That file, and a CSV beside it with incident_id and place_id.
        """
        return write_truth(self.truth, self.planted, path)


def simulate_city(
    *,
    seed: int = 1,
    end: date,
    years: int = 3,
    incidents: int = 12_000,
    truth: Truth | None = None,
    places: gpd.GeoDataFrame | None = None,
) -> SimulatedCity:
    """Simulate a city's incidents out of a known truth.

    Parameters
    ----------
    seed
        The same seed and arguments give the same city.
    end
        The local day on which everything ends; not included. Only what was registered by then is
        there.
    years
        Length of the period.
    incidents
        Expected number of known incidents.
    truth
        What is planted; None for Uppsala's.
    places
        The gazetteer (metres) around whose places the background lies; None for the shipped one.

    Returns
    -------
    SimulatedCity
        Incidents, presence, and the truth behind them.

    Raises
    ------
    InvalidInputError
        If a number is out of range or the gazetteer is empty.
    CRSError
        If the gazetteer is not in metres.
    """
    _check(seed, years, incidents)
    truth = truth or Truth.uppsala()
    anchors = _anchors(places)
    almanac = Almanac(Period.between(_years_before(end, years), end))
    sites = lay_out_sites(truth, almanac, anchors, seed=seed)
    visits = simulate_visits(sites, almanac, seed=seed)
    knowledge = weigh_knowledge(sites, visits).scaled_to(incidents)
    known = draw_occurrences(sites, visits, knowledge, seed=seed)
    known = add_near_repeats(known, almanac, stream(seed, "near repeats"))
    frame, place_ids = write_down(known, sites, visits, almanac, seed=seed)
    planted = pd.Series(place_ids, index=frame["incident_id"], name="place_id", dtype=str)
    return SimulatedCity(
        incidents=frame,
        presence=_presence(visits, almanac, seed),
        truth=_truth_table(truth, planted, sites, knowledge.happened, almanac.years),
        planted=planted,
        seed=seed,
    )


def _check(seed: int, years: int, incidents: int) -> None:
    for name, value, lowest, highest in (
        ("seed", seed, 0, 2**63),
        ("years", years, 1, _MOST_YEARS),
        ("incidents", incidents, 1, 10_000_000),
    ):
        if not lowest <= value <= highest:
            raise InvalidInputError(
                Text(
                    "{name} måste vara mellan {low} och {high}, inte {value}.",
                    "{name} must be between {low} and {high}, not {value}.",
                ).fill(name=name, low=lowest, high=highest, value=value)
            )


def _years_before(end: date, years: int) -> date:
    is_leap_day = (end.month, end.day) == (2, 29)
    return end.replace(year=end.year - years, day=28 if is_leap_day else end.day)


def _anchors(places: gpd.GeoDataFrame | None) -> Floats:
    if places is None:
        return coordinates(read_gazetteer())
    crs = require_metric(places, Text("Ortregistret", "The gazetteer"))
    if places.empty:
        raise InvalidInputError(Text("Ortregistret är tomt.", "The gazetteer is empty."))
    return coordinates(places if crs.to_epsg() == SWEREF99_TM else places.to_crs(SWEREF99_TM))


def _presence(visits: Visits, almanac: Almanac, seed: int) -> gpd.GeoDataFrame:
    rng = stream(seed, "presence sources")
    words = np.array(list(_PRESENCE_SOURCES), dtype=object)
    columns: dict[str, Any] = {
        "begins": instants(visits.begins, almanac),
        "ends": instants(visits.begins + visits.minutes * 60, almanac),
        "minutes": visits.minutes.astype(float),
        "crew_kind": visits.crew_names(),
        "source": rng.choice(words, len(visits.minutes), p=list(_PRESENCE_SOURCES.values())),
    }
    frame = points_frame(columns, visits.xy[:, 0], visits.xy[:, 1], SWEREF99_TM)
    return frame[list(PRESENCE_COLUMNS)]


def _truth_table(
    truth: Truth, planted: pd.Series, sites: list[Site], happened: Floats, years: float
) -> gpd.GeoDataFrame:
    places = truth.places
    expected = np.array([site.by_kind.sum() for site in sites])
    count = planted.value_counts()
    return points_frame(
        {
            "place_id": [place.place_id for place in places],
            "name": [place.name for place in places],
            "radius_m": [place.radius_m for place in places],
            "incidents": [int(count.get(place.place_id, 0)) for place in places],
            "rhythm": [place.rhythm for place in places],
            "expected_per_year": (expected[:-1] / years).round(1),
            "happened_per_year": (happened[:-1] / years).round(1),
        },
        np.array([place.x for place in places], dtype=float),
        np.array([place.y for place in places], dtype=float),
        SWEREF99_TM,
    )

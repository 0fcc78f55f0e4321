"""A whole simulated city: incidents with a known truth, for the demo and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import SWEREF99_TM, coordinates, points_frame, require_metric
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.incidents import UTC_DTYPE, complete_incidents
from riskmiljo.model.period import Period
from riskmiljo.model.tables import PRESENCE_COLUMNS
from riskmiljo.model.vocabulary import AGE_BANDS, OWNER_OF_SOURCE
from riskmiljo.simulate.almanac import Almanac, Floats
from riskmiljo.simulate.behaviour import (
    BEHAVIOUR,
    DELAYS,
    FOUND_DELAY,
    KINDS,
    REPORTERS,
    age_shares,
    mix_of,
)
from riskmiljo.simulate.delivery import write_files, write_truth
from riskmiljo.simulate.ground import background_addresses, place_addresses
from riskmiljo.simulate.occurrences import (
    Occurrences,
    add_near_repeats,
    draw_occurrences,
    weigh_knowledge,
)
from riskmiljo.simulate.presence import Site, Visits, simulate_visits
from riskmiljo.simulate.streams import stream
from riskmiljo.simulate.truth import Truth
from riskmiljo.wording import Text

_BACKGROUND_RHYTHM: Final = "city_wide"
_BACKGROUND_MIX: Final = "everywhere"
# A crew in the rest of the city sees this share of what goes on there.
_BACKGROUND_SEEN: Final = 1 / 15

_MISPLACED_SHARE: Final = 0.25
_MISPLACED_M: Final = 20.0
_PRECISION_M: Final = (10.0, 50.0)
_INTERVAL_H: Final = (7.0, 0.9)
_LONGEST_INTERVAL_H: Final = 72.0
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
    start = end.replace(year=end.year - years, day=min(end.day, 28))
    almanac = Almanac(Period.between(start, end))
    sites, event_hours = _sites(truth, almanac, anchors, seed)
    visits = simulate_visits(sites, event_hours, almanac, seed=seed)
    knowledge = weigh_knowledge(sites, visits).scaled_to(incidents)
    known = draw_occurrences(sites, visits, knowledge, seed=seed)
    known = add_near_repeats(known, almanac, stream(seed, "near repeats"))
    frame, place_ids = _incidents(known, sites, visits, almanac, seed)
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


def _anchors(places: gpd.GeoDataFrame | None) -> Floats:
    if places is None:
        return coordinates(read_gazetteer())
    crs = require_metric(places, Text("Ortregistret", "The gazetteer"))
    if places.empty:
        raise InvalidInputError(Text("Ortregistret är tomt.", "The gazetteer is empty."))
    return coordinates(places if crs.to_epsg() == SWEREF99_TM else places.to_crs(SWEREF99_TM))


def _sites(
    truth: Truth, almanac: Almanac, anchors: Floats, seed: int
) -> tuple[list[Site], list[Floats]]:
    """Return the places and, last, the rest of the city; and for each its events' hours."""
    festive = {
        event: almanac.event_intensity(event) * event.per_year for event in truth.events
    }  # fmt: skip
    sites, event_hours = [], []
    for place in truth.places:
        base = almanac.intensity(place.rhythm, yearly_change=place.yearly_change) * place.per_year
        by_kind = mix_of(place.mix)[:, None] * base
        events = np.zeros(len(base))
        for event in truth.events:
            share = dict(event.places).get(place.place_id, 0.0)
            by_kind += mix_of(event.mix)[:, None] * festive[event] * share
            events += festive[event] * share
        addresses = place_addresses(place, stream(seed, "addresses", place.place_id))
        sites.append(
            Site(place.place_id, addresses, by_kind, place.attention, place.reporting, 1.0)
        )
        event_hours.append(events)
    base = almanac.intensity(_BACKGROUND_RHYTHM) * truth.background_per_year
    by_kind = mix_of(_BACKGROUND_MIX)[:, None] * base
    events = np.zeros(len(base))
    for event in truth.events:
        left = 1.0 - sum(share for _, share in event.places)
        by_kind += mix_of(event.mix)[:, None] * festive[event] * left
        events += festive[event] * left
    addresses = background_addresses(anchors, stream(seed, "streets"))
    sites.append(Site("", addresses, by_kind, 1.0, 1.0, _BACKGROUND_SEEN))
    event_hours.append(events)
    return sites, event_hours


def _incidents(
    known: Occurrences, sites: list[Site], visits: Visits, almanac: Almanac, seed: int
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.object_]]:
    """Give what happened everything that a delivering owner would write down about it."""
    kinds = np.asarray(KINDS, dtype=object)[known.kind]
    found = known.visit >= 0
    sources = _sources(kinds, stream(seed, "sources"))
    sources[found] = visits.crew_names()[known.visit[found]]
    first, last = _interval(known, kinds, stream(seed, "intervals"))
    registered = last + _delay(sources, found, stream(seed, "delays"))
    xy, misplaced = _misplace(known.xy, stream(seed, "places"))

    by_end = np.flatnonzero(registered < len(almanac.starts) * 3600)
    order = by_end[np.argsort(registered[by_end], kind="stable")]
    owners = np.array([OWNER_OF_SOURCE[source] for source in sources[order]], dtype=object)
    frame = points_frame(
        {
            "incident_id": _ids(owners),
            "occurred_from": _instants(first[order], almanac),
            "occurred_to": _instants(last[order], almanac),
            "registered_at": _instants(registered[order], almanac),
            "category": kinds[order],
            "detection": np.where(found[order], "discovered", "reported"),
            "owner": owners,
            "source": sources[order],
            "age_band": _ages(kinds, stream(seed, "ages"))[order],
            "precision_m": np.where(misplaced, *reversed(_PRECISION_M))[order],
        },
        xy[order, 0],
        xy[order, 1],
        SWEREF99_TM,
    )
    names = np.array([site.place_id for site in sites], dtype=object)
    return complete_incidents(frame), names[known.site[order]]


def _instants(seconds: npt.NDArray[np.int64], almanac: Almanac) -> pd.Series:
    """Return whole minutes, as people write them."""
    whole = seconds - seconds % 60
    return pd.Series(
        pd.Timestamp(almanac.period.start) + pd.to_timedelta(whole, unit="s")
    ).astype(UTC_DTYPE)  # fmt: skip


def _sources(kinds: npt.NDArray[np.object_], rng: np.random.Generator) -> npt.NDArray[np.object_]:
    return _draw_by_kind(
        kinds, {kind: np.array(b.reporters, dtype=float) for kind, b in BEHAVIOUR.items()},
        REPORTERS, rng,
    )  # fmt: skip


def _ages(kinds: npt.NDArray[np.object_], rng: np.random.Generator) -> npt.NDArray[np.object_]:
    return _draw_by_kind(kinds, {kind: age_shares(kind) for kind in KINDS}, tuple(AGE_BANDS), rng)


def _draw_by_kind(
    kinds: npt.NDArray[np.object_],
    shares: dict[str, Floats],
    words: tuple[str, ...],
    rng: np.random.Generator,
) -> npt.NDArray[np.object_]:
    """Draw a word for each incident, by the shares of its kind."""
    chance = rng.random(len(kinds))
    drawn = np.empty(len(kinds), dtype=object)
    for kind, share in shares.items():
        which = kinds == kind
        edges = np.cumsum(share / share.sum())[:-1]
        drawn[which] = np.asarray(words, dtype=object)[
            np.searchsorted(edges, chance[which], side="right")
        ]
    return drawn


def _interval(
    known: Occurrences, kinds: npt.NDArray[np.object_], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the earliest and latest time; for a part, and never for discovered ones, they differ.

    The true time lies anywhere between the two.
    """
    share = np.array([BEHAVIOUR[kind].interval for kind in kinds])
    vague = (rng.random(len(kinds)) < share) & (known.visit < 0)
    median_h, spread = _INTERVAL_H
    hours = np.minimum(np.exp(rng.normal(np.log(median_h), spread, len(kinds))),
                       _LONGEST_INTERVAL_H)  # fmt: skip
    length = np.where(vague, hours * 3600, 0.0)
    before = rng.random(len(kinds)) * length
    first = np.maximum(known.second - before.astype(np.int64), 0)
    return first, known.second + (length - before).astype(np.int64)


def _delay(
    sources: npt.NDArray[np.object_], found: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    median, spread = np.array([DELAYS[source] for source in sources]).T
    median = np.where(found, FOUND_DELAY[0], median)
    spread = np.where(found, FOUND_DELAY[1], spread)
    hours = median * np.exp(spread * rng.standard_normal(len(sources)))
    return np.asarray((hours * 3600).astype(np.int64) + 60)


def _misplace(xy: Floats, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.bool_]]:
    misplaced = rng.random(len(xy)) < _MISPLACED_SHARE
    error = rng.normal(0.0, _MISPLACED_M, xy.shape) * misplaced[:, None]
    return xy + error, misplaced


def _ids(owners: npt.NDArray[np.object_]) -> list[str]:
    """Return ids that number the incidents of each owner and say that they are simulated."""
    owner = pd.Series(owners)
    number = (owner.groupby(owner).cumcount() + 1).astype(str).str.zfill(6)
    return ("SIM-" + owner.str[0].str.upper() + "-" + number).tolist()


def _presence(visits: Visits, almanac: Almanac, seed: int) -> gpd.GeoDataFrame:
    rng = stream(seed, "presence sources")
    words = np.array(list(_PRESENCE_SOURCES), dtype=object)
    columns: dict[str, Any] = {
        "begins": _instants(visits.begins, almanac),
        "ends": _instants(visits.begins + visits.minutes * 60, almanac),
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

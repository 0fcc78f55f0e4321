"""Build the situation for one question and one lens, and remember the latest ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.density import density
from riskmiljo.analysis.peaks import smoothed_rhythm
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.analysis.surface import Surface
from riskmiljo.analysis.trend import zone_trend
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import HOURS_OF_WEEK, Shift
from riskmiljo.model.tables import ZONE_COLUMNS
from riskmiljo.patrol.areas import check_teams, patrol_areas
from riskmiljo.settings import Settings
from riskmiljo.situation.joint_build import joint_parts
from riskmiljo.situation.knowledge import missing_presence, presence_cells
from riskmiljo.situation.memory import Memory
from riskmiljo.situation.micro_places import told_micro_places
from riskmiljo.situation.networks import loaded_streets, networks
from riskmiljo.situation.periods import data_end, default_period, zone_of
from riskmiljo.situation.released import map_version, picture_version
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.standing import drawn_zones_of, kept_stability, kept_zones, zones_of
from riskmiljo.situation.withheld import (
    PLACE_M,
    SENSITIVE_SHARE,
    is_sensitive,
    without_small_counts,
    without_small_parts,
)
from riskmiljo.store import Store
from riskmiljo.wording import Text, decimal_text
from riskmiljo.zones import assign_zones
from riskmiljo.zones.relief import DEFAULT_BANDWIDTH_M

# A planner flips between a handful of filters; a situation is a few megabytes.
_REMEMBERED: Final = 32

TREND_DAYS: Final = 28

_NO_STREETS: Final = Text(
    "Inget gatunät är inläst: baskartan är schematisk och avstånd räknas fågelvägen.",
    "No street network is loaded: the base map is schematic and distances are straight lines.",
)
_NO_ZONES: Final = Text(
    "Inga riskzoner: {why}",
    "No risk zones: {why}",
)
_WITHHELD: Final = Text(
    "{n} {n:zon|zoner} visas inte: {n:den|de} har för få händelser, platser "
    "eller dagar för att få visas.",
    "{n} {n:zone is|zones are} not shown: {n:it has|they have} too few "
    "incidents, places or days to be shown.",
)


_WIDE: Final = Text(
    "Zonerna är sökta med {m} meters utjämning i stället för {u}: händelserna ligger "
    "glest eller är grovt lägesbestämda. Zonerna är därför bredare än annars.",
    "The zones were found with a smoothing of {m} {m:metre|metres} instead of {u}: "
    "the incidents are sparse or coarsely located. The zones are therefore wider "
    "than otherwise.",
)


def _no_micro_places() -> gpd.GeoDataFrame:
    columns = [name for name in ZONE_COLUMNS if name != "geometry"]
    return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=None)


@dataclass(frozen=True)
class Situation:
    """The situation picture for one question and one lens.

    Parameters
    ----------
    question
        The filter as asked; its period may be None.
    lens
        Who looks.
    period
        The period that was used, UTC.
    shift, teams
        What the patrol areas are made for.
    total
        Incidents behind the picture.
    surface
        Incidents per hectare and week; None when nothing may be shown.
    zones
        Zones that the lens shows (ZONE_COLUMNS), metres; may be empty. ``detection_sv`` and
        ``detection_en`` say how incidents became known; small counts are NaN.
    rhythm
        Index zone_id, columns 0 to 167: weighted incidents by local hour of the week.
    trend
        Index zone_id: see `riskmiljo.analysis.trend.zone_trend`; small counts are NaN.
    areas
        Patrol areas (AREA_COLUMNS), metres; may be empty.
    places
        The gazetteer (PLACE_COLUMNS), metres.
    streets
        The loaded street network's lines, or None.
    simulated
        Whether the store holds simulated data.
    as_of
        Where the data end, UTC.
    notes
        What was withheld and which modes are degraded, for screen and files.
    tz
        The zone of the area's clocks.
    version
        Differs whenever the picture may differ.
    micro_places
        The second level: places within the zones, ``parent_id`` their zone, as far as the lens
        shows them; figures from which a small remainder could be reckoned are NaN.
    presence
        Hours of presence per cell (`riskmiljo.situation.knowledge.presence_cells`), or None.
    """

    question: Filter
    lens: Lens
    period: Period
    shift: Shift
    teams: int
    total: int
    surface: Surface | None
    zones: gpd.GeoDataFrame
    rhythm: pd.DataFrame
    trend: pd.DataFrame
    areas: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame | None
    simulated: bool
    as_of: datetime
    notes: tuple[Text, ...]
    tz: str
    version: str
    micro_places: gpd.GeoDataFrame = field(default_factory=_no_micro_places)
    presence: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True)
class _Core:
    """A situation without the presence behind it or areas, and if patrols discovered any of it."""

    situation: Situation
    discovered: bool = False


# A visit that is noted must not make a map's zones anew: only its presence is read again. Nor must
# another shift, or number of teams: only patrol areas are made again, where they are shown.
_cores: Final = Memory[_Core](most=_REMEMBERED)
_shared_out: Final = Memory[gpd.GeoDataFrame](most=_REMEMBERED)
_presences: Final = Memory[gpd.GeoDataFrame | None](most=_REMEMBERED)
_memory: Final = Memory[Situation](most=_REMEMBERED)


def build_situation(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    *,
    now: datetime,
    shift: Shift | None = None,
    teams: int | None = 3,
) -> Situation:
    """Build, or take from memory, the situation for one question and one lens.

    Parameters
    ----------
    store
        Where the incidents lie.
    settings
        The installation's settings.
    lens
        What the reader may see; it is applied here and nowhere above.
    question
        The filter. Without a period: the last 52 weeks that the data hold.
    now
        An aware datetime; decides which shift is the coming one.
    shift
        The shift that patrol areas are made for; None is the coming evening shift.
    teams
        Number of patrols; None makes no patrol areas, for those who show none.

    Returns
    -------
    Situation
        Possibly without zones or areas, then with a note that says why.

    Raises
    ------
    NothingFoundError
        If the store is empty or nothing matches the question.
    InvalidInputError
        If the number of teams is not positive.
    """
    if teams is not None:
        check_teams(teams)
    teams = teams or 0
    tz = zone_of(store, settings)
    wanted = shift or Shift.next_evening(now, tz=tz)
    joint = lens.scope == "joint"
    asked = (store.url, settings, question)
    # The joint picture is reckoned from no lens: it is one for all who see it.
    whose = lens.scope if joint else lens.key
    version, drawn_from = picture_version(store, joint=joint), map_version(store, joint=joint)
    basis = (drawn_from, whose, *asked, wanted.tz)

    def build() -> _Core:
        build_one = _build_joint if joint else _build
        return build_one(store, settings, lens, question, wanted)

    def complete() -> Situation:
        core = _cores.get(basis, build)
        plain = replace(core.situation, lens=lens, shift=wanted, teams=teams)
        if teams:
            areas = _shared_out.get((*basis, wanted, teams), lambda: _areas(plain))
            plain = replace(plain, areas=areas, notes=(*plain.notes, *_told_of(areas, plain)))
        if joint:
            return plain
        presence = _presences.get(
            (version, *basis), lambda: presence_cells(store, lens, plain.surface, plain.period)
        )
        missing = missing_presence(presence, plain.surface, discovered=core.discovered)
        return replace(
            plain, presence=presence, notes=(*plain.notes, *missing), version=store.version()
        )

    return _memory.get((version, lens.key, *asked, wanted, teams), complete)


def _build(store: Store, settings: Settings, lens: Lens, question: Filter, shift: Shift) -> _Core:
    tz = shift.tz
    end = data_end(store, tz=tz, owners=lens.owners)
    period = question.period or default_period(store, tz=tz, owners=lens.owners)
    incidents = seen_incidents(store, question.within(period), lens)
    if incidents.empty:
        raise NothingFoundError(
            Text(
                "Inga händelser för {p} med detta filter. Välj längre period eller färre villkor.",
                "No incidents for {p} with this filter. Choose a longer period or fewer terms.",
            ).fill(p=period.days_text(tz))
        )
    notes: list[Text] = []
    places = read_gazetteer(settings.gazetteer, crs=incidents.crs)
    zones = zones_of(
        incidents,
        period=period,
        places=places,
        previous=kept_zones(store, lens, levels=2),
        drawn=drawn_zones_of(store, lens),
        levels=2,
    )
    zones["stability"] = kept_stability(store, lens, question.within(period), zones)
    micro, zones = _levels(zones)
    if zones.empty:
        notes.append(_NO_ZONES.fill(why=zones.attrs["why"]))
    membership = assign_zones(incidents, zones)
    seen = _seen(zones, incidents, membership, lens)
    if not seen.all():
        notes.append(_WITHHELD.fill(n=int((~seen).sum())))
    parameters = dict(zones.attrs.get("parameters", {}))
    zones = without_small_parts(zones[seen].reset_index(drop=True), lens)
    zones.attrs["parameters"] = parameters
    inside = incidents[membership.isin(zones["zone_id"])]
    belongs = membership[inside.index]
    profile = rhythm(inside, by=belongs, tz=tz) if len(inside) else _no_rhythm()
    micro = told_micro_places(micro, inside, belongs, lens, tz=tz)
    bandwidth_m = float(parameters.get("bandwidth_m", DEFAULT_BANDWIDTH_M))
    if len(zones) and bandwidth_m > DEFAULT_BANDWIDTH_M:
        wide, usual = (decimal_text(metres, 0) for metres in (bandwidth_m, DEFAULT_BANDWIDTH_M))
        notes.append(_WIDE.fill(m=wide, u=usual))
    trend = zone_trend(inside, belongs, period=period, days=TREND_DAYS)
    surface = None
    if _whole_is_shown(incidents, lens, tz):
        surface = density(
            incidents,
            cell_m=parameters.get("cell_m", 50),
            bandwidth_m=parameters.get("bandwidth_m"),
            period=period,
        )
    streets = loaded_streets(store)
    if streets is None:
        notes.append(_NO_STREETS)
    situation = Situation(
        question=question,
        lens=lens,
        period=period,
        shift=shift,
        teams=0,
        total=len(incidents),
        surface=surface,
        zones=zones,
        rhythm=profile,
        trend=without_small_counts(trend, lens, days=TREND_DAYS),
        areas=_no_areas(zones),
        places=places,
        streets=streets,
        simulated=store.flag("simulated") is not None,
        as_of=end,
        notes=tuple(notes),
        tz=tz,
        version=store.version(),
        micro_places=micro,
    )
    return _Core(situation, discovered=bool((incidents["detection"] == "discovered").any()))


def _build_joint(
    store: Store, settings: Settings, lens: Lens, question: Filter, shift: Shift
) -> _Core:
    """Build the joint picture: nothing here reads an incident, or a zone made of incidents."""
    parts = joint_parts(store, settings, question, tz=shift.tz)
    notes = list(parts.notes)
    if parts.zones.empty:
        notes.append(_NO_ZONES.fill(why=parts.zones.attrs["why"]))
    streets = loaded_streets(store)
    if streets is None:
        notes.append(_NO_STREETS)
    situation = Situation(
        question=question,
        lens=lens,
        period=parts.period,
        shift=shift,
        teams=0,
        total=parts.total,
        surface=parts.surface,
        zones=parts.zones,
        rhythm=parts.rhythm,
        trend=parts.trend,
        areas=_no_areas(parts.zones),
        places=parts.places,
        streets=streets,
        simulated=store.flag("simulated") is not None,
        as_of=parts.as_of,
        notes=tuple(notes),
        tz=shift.tz,
        version=picture_version(store, joint=True),
    )
    return _Core(situation)


def _levels(found: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the micro-places and the zones, the latter with all that was said of the run."""
    within = (found["parent_id"] != "").to_numpy()
    zones = found[~within].reset_index(drop=True)
    zones.attrs = dict(found.attrs)
    return found[within].reset_index(drop=True), zones


def _no_areas(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=zones.crs)


def _areas(situation: Situation) -> gpd.GeoDataFrame:
    if situation.zones.empty:
        return situation.areas
    return patrol_areas(
        situation.zones,
        teams=situation.teams,
        streets=networks(situation.streets).get("walk"),
        shift=situation.shift,
        rhythm=smoothed_rhythm(situation.rhythm),
    )


def _told_of(areas: gpd.GeoDataFrame, situation: Situation) -> list[Text]:
    """Return what was assumed of areas, and how uneven they are where the lens is one's own."""
    told = list(areas.attrs.get("notes", ()))
    balance = areas.attrs.get("balance", {"within": True})
    if situation.lens.scope != "joint" and not balance["within"]:
        told.append(balance)
    return [Text(note["sv"], note["en"]) for note in told]


def _no_rhythm() -> pd.DataFrame:
    return pd.DataFrame(np.zeros((0, HOURS_OF_WEEK)), columns=range(HOURS_OF_WEEK))


def _seen(
    zones: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame, membership: pd.Series, lens: Lens
) -> npt.NDArray[np.bool_]:
    share = is_sensitive(incidents).groupby(membership).mean().reindex(zones["zone_id"]).fillna(0.0)
    return lens.shown(
        zones["events"].to_numpy(),
        zones["places"].to_numpy(),
        zones["days"].to_numpy(),
        sensitive=share.to_numpy() > SENSITIVE_SHARE,
    )


def _whole_is_shown(incidents: gpd.GeoDataFrame, lens: Lens, tz: str) -> bool:
    # Places as the zones room counts them: coordinates merged within 50 m.
    places = len(np.unique(np.floor(coordinates(incidents) / PLACE_M), axis=0))
    days = incidents["occurred_from"].dt.tz_convert(tz).dt.date.nunique()
    sensitive = is_sensitive(incidents).mean() > SENSITIVE_SHARE
    return bool(lens.shown(len(incidents), places, days, sensitive=sensitive))

"""The parts of a situation as the joint lens shows it: all of them made of released bands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.analysis.density import density
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.analysis.surface import Surface
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import HOURS_OF_WEEK
from riskmiljo.settings import Settings
from riskmiljo.situation.joint_source import hours_known, pseudo_incidents
from riskmiljo.situation.joint_zones import (
    BANDWIDTH_M,
    HEAT_CELL_M,
    joint_trend,
    joint_zones,
    sum_band,
)
from riskmiljo.situation.release_margins import CELL_SIDE_M, SENSITIVE
from riskmiljo.situation.released import Answer, released_answer, year_before
from riskmiljo.store import Store
from riskmiljo.wording import Text, date_text
from riskmiljo.zones import assign_zones

_HOW: Final = Text(
    "Gemensam lägesbild, släppt {d}: fasta rutor om {a} m ({b} m för socialtjänstens "
    "uppgifter och minderåriga, större där få bor), hela månader, antal i klasser. Noll och för få "
    "för att visas ser likadana ut.",
    "The joint picture, released {d}: fixed cells of {a} m ({b} m for social services' "
    "data and minors, larger where few live), whole months, counts in bands. Zero and too few to "
    "show look alike.",
)
_NO_DWELLINGS: Final = Text(
    "Bostäder per ruta är inte kända: rutor är delade där händelser är kända på "
    "minst {n} {n:plats|platser} i varje del.",
    "Dwellings per cell are not known: cells are divided where incidents are known "
    "at {n} {n:place|places} or more in each part.",
)


@dataclass(frozen=True)
class JointParts:
    """What a situation is put together from under the joint lens.

    Attributes
    ----------
    period
        The released period that answers.
    total
        The lower end of the band of all.
    as_of
        The end of what was released, UTC.
    surface, zones, rhythm, trend, places
        As in `riskmiljo.situation.build.Situation`.
    notes
        How it was released, and how the question was widened.
    """

    period: Period
    total: int
    as_of: datetime
    surface: Surface
    zones: gpd.GeoDataFrame = field(repr=False)
    rhythm: pd.DataFrame = field(repr=False)
    trend: pd.DataFrame = field(repr=False)
    places: gpd.GeoDataFrame = field(repr=False)
    notes: tuple[Text, ...] = ()


def joint_parts(store: Store, settings: Settings, question: Filter, *, tz: str) -> JointParts:
    """Make the parts of a situation from what was released.

    Parameters
    ----------
    store
        Where releases are kept; no incident is read.
    settings
        The installation's settings.
    question
        The filter. Without a period: the latest released year.
    tz
        The zone of the area's clocks.

    Returns
    -------
    JointParts
        Possibly without zones.

    Raises
    ------
    NothingFoundError
        If nothing was released, or no band answers.
    InvalidInputError
        If the question has terms that were not released together.
    """
    answer = released_answer(store, question)
    made = pseudo_incidents(store, question)
    places = read_gazetteer(settings.gazetteer, crs=made.crs)
    zones = joint_zones(
        made, period=answer.period, places=places, tz=tz, names=store.releases.zone_names()
    )
    member = assign_zones(made, zones)
    inside = member.notna().to_numpy()
    profile = pd.DataFrame(np.zeros((0, HOURS_OF_WEEK)), columns=range(HOURS_OF_WEEK))
    if inside.any():
        profile = rhythm(made[inside], by=member[inside], tz=tz)
        # A zone of which no part of the day was released has no rhythm: days are spread evenly.
        timed = member[inside & hours_known(made).to_numpy()].unique()
        profile = profile[profile.index.isin(timed)]
    before = year_before(store, question, answer.period)
    former = None if before is None else _points(before, made.crs)
    latest = None if before is None else _points(answer, made.crs)
    return JointParts(
        period=answer.period,
        total=sum_band(float(answer.cells["about"].sum()))[0],
        as_of=answer.release.until,
        surface=density(
            made, cell_m=HEAT_CELL_M, bandwidth_m=BANDWIDTH_M, period=answer.period, tz=tz
        ),
        zones=zones,
        rhythm=profile,
        trend=joint_trend(latest, former, zones),
        places=places,
        notes=(*_about(answer, tz), *answer.notes),
    )


def _about(answer: Answer, tz: str) -> tuple[Text, ...]:
    release = answer.release
    how = _HOW.fill(
        d=date_text(pd.Timestamp(release.made_at).tz_convert(tz).date()),
        a=CELL_SIDE_M["police"],
        b=CELL_SIDE_M[SENSITIVE],
    )
    if release.parameters["dwellings"] == "known":
        return (how,)
    return how, _NO_DWELLINGS.fill(n=release.parameters["fewest"])


def _points(answer: Answer, crs: object) -> gpd.GeoDataFrame:
    cells = answer.cells
    half = cells["side_m"] / 2
    name = cells["owners"] + cells["x0"].astype(str) + "," + cells["y0"].astype(str)
    return gpd.GeoDataFrame(
        {"cell": name, "low": cells["low"], "high": cells["high"]},
        geometry=gpd.points_from_xy(cells["x0"] + half, cells["y0"] + half),
        crs=crs,
    )

"""Operations (insatser) evaluated through a lens: whether they helped, and what may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.analysis.effect import EffectResult, effect
from riskmiljo.analysis.effect_inference import Ratio
from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.operation import Operation
from riskmiljo.settings import Settings
from riskmiljo.situation.operation_entry import known_zones, reach, zone_shape
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.released import refuse_joint
from riskmiljo.situation.source import seen_incidents
from riskmiljo.situation.withheld import told_groups
from riskmiljo.store import Store
from riskmiljo.store.operations import OperationRow
from riskmiljo.wording import Text
from riskmiljo.zones.membership import zone_of_points

KIND: Final = "effect"
GROUPS: Final = {
    "operation": Text("insatsens platser", "the operation's places"),
    "ring": Text("runt om", "around them"),
    "comparison": Text("jämförelseplatser", "comparison places"),
}
_TOO_FEW: Final = Text(
    "Det går inte att avgöra: för få händelser på platserna, före och under.",
    "Cannot tell: too few incidents at the places, before and during.",
)
# Below this the verdict of the analysis tells the number itself.
_TOLD_BELOW: Final = 10
_COMPARISON_TOO_SMALL: Final = Text(
    "Jämförelseplatserna har för få händelser, före eller under, för att få visas. Välj fler eller "
    "större platser, eller lämna fältet tomt.",
    "The comparison places have too few incidents, before or during, to be shown. Choose more or "
    "larger places, or leave the field empty.",
)
_WITHHELD: Final = Text(
    "Antal som är för små för att få visas är borttagna, liksom det som skulle röja dem.",
    "Counts too small to be shown are taken out, and so is what would give them away.",
)


@dataclass(frozen=True)
class Evaluation:
    """An operation's effect as a lens shows it.

    Attributes
    ----------
    operation_id, operation
        Which one.
    method
        ``did``, ``synthetic`` or ``wdd``.
    outcome
        Which incidents were counted.
    power, power_text
        The smallest decrease that would be seen, a share, and in words.
    estimate, lower, upper
        Relative change with its 95 % interval, to whole per cent.
    code, verdict
        What it did.
    wdq
        Weighted displacement quotient; None where a count behind it may not be shown.
    around
        Relative change around the places with its interval; None likewise, or without any.
    placebo_p
        How rare so large a change is among comparison places; None where they are too few.
    placebo
        The change found for an imagined operation just before, with its interval; None where it
        could not be tried. Zero lies within where all is well.
    counts
        Index operation, ring, comparison: ``places``, ``before``, ``during``, ``before_per_week``
        and ``during_per_week``; missing where the lens does not show them.
    series
        Blocks of four weeks: ``begins`` (local), ``operation``, ``comparison``, ``expected``,
        ``during``; empty where a block may not be shown.
    shapes
        The polygons with their ``role``, metres.
    notes
        What a reader must know.
    as_of
        Where the data end (UTC).
    simulated
        Whether the data are simulated.
    """

    operation_id: int
    operation: Operation
    method: str
    outcome: Text
    power: float
    power_text: Text
    estimate: float
    lower: float
    upper: float
    code: str
    verdict: Text
    wdq: float | None
    around: tuple[float, float, float] | None
    placebo_p: float | None
    placebo: tuple[float, float, float] | None
    counts: pd.DataFrame = field(repr=False)
    series: pd.DataFrame = field(repr=False)
    shapes: gpd.GeoDataFrame = field(repr=False)
    notes: tuple[Text, ...]
    as_of: datetime
    simulated: bool


def evaluate(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    operation_id: int,
    *,
    now: datetime,
    method: str = "did",
    compare: Sequence[str] = (),
) -> Evaluation:
    """Evaluate an operation against comparable places, and keep the answer.

    Parameters
    ----------
    store
        Incidents and operations; what is shown of the answer is kept there.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents; its period is not looked at.
    operation_id
        Its number.
    now
        Aware.
    method
        ``did``, ``synthetic`` or ``wdd``.
    compare
        Places to compare with, where nothing was done: names or ids of zones, names of the
        gazetteer or ``lat,lon``, each with ``:RADIUS`` or none. Empty: comparable ones are chosen.

    Returns
    -------
    Evaluation
        What the lens shows.

    Raises
    ------
    NothingFoundError
        If there is no such operation, or nothing to evaluate it by.
    InvalidInputError
        If the record cannot bear the comparison.
    """
    refuse_joint(lens)
    tz = zone_of(store, settings)
    row = store.operations.get(operation_id)
    as_of = data_end(store, tz=tz, owners=lens.owners)
    incidents = seen_incidents(store, question, lens)
    comparison = _comparison(store, settings, lens, compare, now)
    found = effect(incidents, row.operation, comparison=comparison, method=method, tz=tz, rng=0)
    made = _through(
        lens, found, row, incidents, as_of, tz, store.flag("simulated") is not None,
        chosen=comparison is not None,
    )  # fmt: skip
    store.results.add(
        KIND,
        parameters={
            "operation": operation_id,
            "revision": row.revision,
            "method": method,
            "compare": list(compare),
            "filter": [list(pair) for pair in question.to_query()],
            "lens": lens.key,
        },
        body=evaluation_record(made),
        now=now,
    )
    return made


def evaluation_record(made: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON.

    Parameters
    ----------
    made
        What a lens shows.

    Returns
    -------
    dict
        Without the polygons; figures that are withheld are None.
    """
    numbers = made.counts.astype(dict.fromkeys(("places", "before", "during"), "Int64"))
    counts = numbers.astype(object).where(numbers.notna(), None)
    series = made.series.assign(begins=[f"{day:%Y-%m-%d}" for day in made.series["begins"]])
    return {
        "power": _finite(made.power),
        "power_text": made.power_text.as_dict(),
        "estimate": _finite(made.estimate),
        "lower": _finite(made.lower),
        "upper": _finite(made.upper),
        "verdict": made.code,
        "verdict_text": made.verdict.as_dict(),
        "wdq": made.wdq,
        "around": made.around,
        "placebo_p": made.placebo_p,
        "placebo": made.placebo,
        "outcome": made.outcome.as_dict(),
        "counts": [{"group": group, **values} for group, values in counts.to_dict("index").items()],
        "series": series.to_dict("records"),
    }


def _comparison(
    store: Store, settings: Settings, lens: Lens, compare: Sequence[str], now: datetime
) -> gpd.GeoDataFrame | None:
    words = [word for word in compare if word.strip()]
    if not words:
        return None
    area = store.area()
    gazetteer = read_gazetteer(settings.gazetteer, crs=settings.epsg if area is None else area.epsg)
    known = known_zones(store, settings, lens, now=now)
    zones: set[str] = set()
    if known is not None:
        zones = {str(name).casefold() for name in (*known["zone_id"], *known["name"])}
    shapes = []
    for word in words:
        is_zone = word.strip().casefold() in zones
        shapes.append(zone_shape(known, word.strip()) if is_zone else reach(word, gazetteer))
    return gpd.GeoDataFrame(geometry=shapes, crs=gazetteer.crs)


def _through(
    lens: Lens,
    found: EffectResult,
    row: OperationRow,
    incidents: gpd.GeoDataFrame,
    as_of: datetime,
    tz: str,
    simulated: bool,
    *,
    chosen: bool,
) -> Evaluation:
    hidden = hidden_groups(lens, found, row, incidents, tz)
    if chosen and "comparison" in hidden:
        # A place of the reader's own choice would otherwise tell of itself through the change.
        raise InvalidInputError(_COMPARISON_TOO_SMALL)
    counts = found.counts.astype(float)
    counts.loc[hidden, ["before", "during", "before_per_week", "during_per_week"]] = np.nan
    ring_told = not {"operation", "ring", "comparison"} & set(hidden)
    events = int(np.asarray(found.counts.loc["operation", ["before", "during"]]).sum())
    silent = "operation" in hidden and found.code == "cannot_tell" and events < _TOLD_BELOW
    return Evaluation(
        operation_id=row.operation_id,
        operation=row.operation,
        method=found.method,
        outcome=found.outcome,
        power=round(found.power, 2),
        power_text=found.power_text,
        estimate=round(found.estimate, 2),
        lower=round(found.lower, 2),
        upper=round(found.upper, 2),
        code=found.code,
        verdict=_TOO_FEW if silent else found.verdict,
        wdq=_finite(round(found.wdq, 2)) if ring_told else None,
        around=_three(found.around) if ring_told else None,
        placebo_p=_finite(found.placebo_p),
        placebo=_three(found.placebo_time),
        counts=counts,
        series=_series(found.series, hidden, lens),
        shapes=found.places[["role", "geometry"]],
        notes=(*found.notes, _WITHHELD) if hidden else tuple(found.notes),
        as_of=as_of,
        simulated=simulated,
    )


def hidden_groups(
    lens: Lens, found: EffectResult, row: OperationRow, incidents: gpd.GeoDataFrame, tz: str
) -> list[str]:
    """Return the groups of places of which a count before or during may not be shown.

    Parameters
    ----------
    lens
        Whose minimum counts hold.
    found
        What was found of the incidents.
    row
        The operation.
    incidents
        The incident contract, metres.
    tz
        The zone of local days.

    Returns
    -------
    list of str
        Of operation, ring and comparison. The change and one of the two counts would tell the
        other: both go.
    """
    shapes = found.places.dissolve("role").geometry
    during = row.operation.period
    before = pd.Timestamp(found.series["begins"].iloc[0]).tz_localize(tz)
    hidden = []
    for group in found.counts.index:
        told = []
        if group in shapes.index:
            inside = zone_of_points(coordinates(incidents), [shapes[group]]) == 0
            times = incidents["occurred_from"]
            for span, counted in (
                ((times >= before) & (times < during.start), "before"),
                ((times >= during.start) & (times < during.end), "during"),
            ):
                chosen = incidents[inside & span.to_numpy()]
                groups = told_groups(chosen, np.zeros(len(chosen), dtype=np.int64), lens, tz=tz)
                enough = int(found.counts.loc[group, counted]) >= lens.fewest
                told.append(enough and bool(groups["shown"].any()))
        if not told or not all(told):
            hidden.append(str(group))
    return hidden


def _series(series: pd.DataFrame, hidden: list[str], lens: Lens) -> pd.DataFrame:
    shown = series[["begins", "operation", "comparison", "expected", "during"]]
    # One block that is too small can be had from the others and the sum: then none is shown.
    whole = not {"operation", "comparison"} & set(hidden)
    if whole and shown[["operation", "comparison"]].min().min() >= lens.fewest:
        return shown
    return shown.iloc[:0]


def _three(change: Ratio | None) -> tuple[float, float, float] | None:
    if change is None or not np.isfinite(change.estimate):
        return None
    return round(change.estimate, 2), round(change.lower, 2), round(change.upper, 2)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

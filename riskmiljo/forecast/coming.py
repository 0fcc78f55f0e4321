"""`forecast`: what is expected where in a coming period, from what was known before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import spatial

from riskmiljo.analysis.arguments import is_one_of, random_of
from riskmiljo.analysis.moments import with_moments
from riskmiljo.analysis.places import PeriodLike, incident_points, observed_period
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.backtest import others_of, predictions
from riskmiljo.forecast.base import Forecaster
from riskmiljo.forecast.choose import LABELS, Choice, choose
from riskmiljo.forecast.effort import LEVEL_UNSURE
from riskmiljo.forecast.effort_level import by_presence
from riskmiljo.forecast.mixed_prior import MixedPrior
from riskmiljo.forecast.notes import late_note, notes_on, others_note, require_enough
from riskmiljo.forecast.origins import day_after, origins_that_fit, rolling_periods
from riskmiljo.forecast.record import History, Record
from riskmiljo.forecast.result import Forecast
from riskmiljo.forecast.shift_risk import (
    DATES_ONLY,
    WEEK_DAYS,
    hour_share,
    is_shorter_than_a_week,
    week_from,
)
from riskmiljo.forecast.tune import BASELINE, Tuned, candidates, tune
from riskmiljo.forecast.units import Units
from riskmiljo.geo.crs import parse_crs
from riskmiljo.geo.grid import Grid, require_grid
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text, decimal_text

Floats = npt.NDArray[np.float64]

AUTO: Final = "auto"
# Tried by "auto": all that fit within a second. The others are chosen by a back-test of them all.
QUICK_MODELS: Final = (
    BASELINE,
    "recency_counts",
    "recency_kde",
    "gamma_poisson",
    MixedPrior.name,
)
_ONE_DAY: Final = timedelta(days=1)
_CELL_M: Final = 250.0
_NEAR_M: Final = 500.0
_TRIAL_DAYS: Final = 28
_TRIALS: Final = 13
_SHARE: Final = 0.05
_YEAR_DAYS: Final = 365.0
_MENTIONED_SHARE: Final = 0.1
JOINT: Final = "joint_rate"


def forecast(
    incidents: gpd.GeoDataFrame,
    *,
    period: PeriodLike,
    model: str | Forecaster | Choice = AUTO,
    grid: Grid | None = None,
    presence: gpd.GeoDataFrame | None = None,
    rng: int | np.random.Generator = 0,
    tz: str = TZ,
    others: gpd.GeoDataFrame | None = None,
) -> Forecast:
    """Expect incidents per cell in a coming period.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from``; only those that began and were registered
        before the period are used. Each counts once, whatever its weight.
    period
        A `Period` or a pair of local dates or times, the end not included. Of one shorter than a
        week, such as a shift, the hours of the week are weighed in.
    model
        ``"auto"`` tries the quick models on the year before the period and takes the best, or
        last year's count where none is reliably better. Else a name of `candidates`, a model, or
        the `Choice` of a back-test.
    grid
        The cells; its mask is the study area. None: cells of 250 m, on whole multiples of it,
        within 500 m of a known incident.
    presence
        A row a visit: ``begins``, ``ends``, ``minutes`` and a point. Given, discovered incidents
        are weighed by the hours that somebody was there (`joint_rate`), and only ``"auto"`` is
        possible. None corrects nothing, and a note says so where incidents were discovered.
    rng
        A seed or a generator.
    tz
        The zone of local dates and hours.
    others
        Incidents of other kinds, from which ``mixed_prior`` learns where things happen at all; as
        in `backtest`. Not looked at with presence.

    Returns
    -------
    Forecast
        Expected incidents with 90 % intervals, the model's name, the reason for it, and notes.
        By presence they are the underlying risk, at most 250 times what becomes known; where the
        presence is too incomplete to tell how much happens, their sum is last year's count, and
        the reason says so.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used or less than eight weeks are known before the period.
    NothingFoundError
        If no incident in the area was known before the period, or all were discovered where no
        presence is known.
    CRSError
        If the incidents are not in metres, or the grid or the presence has another CRS.
    """
    if period is None:
        raise InvalidInputError(
            Text(
                "Perioden saknas. Ange två datum: den första dagen och dagen efter den sista.",
                "The period is missing. Give two dates: the first day and the day after the last.",
            )
        )
    span = observed_period(incidents, period, tz=tz)
    seed = int(random_of(rng).integers(2**31))
    incidents = with_moments(incidents, tz)
    if grid is not None:
        require_grid(grid)
    used = grid if grid is not None else known_grid(incidents, span.start)
    others = others_of(others, tz)
    everything = Record.of(incidents, Units.of_grid(used), others=others)
    record = everything.until(span.start)
    history = record.known(span.start)
    require_enough(history)
    notes = late_note(everything.occurred(span.start), len(history.row))
    notes += notes_on(history, incidents, tz=tz)
    short = is_shorter_than_a_week(span)
    level_told = True
    if presence is None:
        notes += _discovered_note(incidents, history)
        choice, tuned = _tuned(record, span, model, seed, tz)
        made = predictions(tuned, history, week_from(span) if short else span)[choice.model]
        notes += others_note(history) if choice.model == MixedPrior.name else []
    else:
        if not is_one_of(model, (AUTO,)):
            raise InvalidInputError(
                Text(
                    "Med närvaro finns bara model='auto'. Ta bort det ena av argumenten.",
                    "With presence there is only model='auto'. Leave out one of the arguments.",
                )
            )
        days = WEEK_DAYS if short else span.days
        behind = Period(span.start - max(1.0, np.ceil(history.days)) * _ONE_DAY, span.start)
        weighed = by_presence(
            incidents.iloc[history.row], presence, used, span=behind, days=days, tz=tz
        )
        level_told, made = weighed.level_told, weighed.prediction
        choice = Choice(JOINT, weighed.reason, beats_baseline=False)
        notes += weighed.notes
    if short:
        share = hour_share(incidents, history, span, tz=tz)
        made = share.shift_of(made)
        if share.dates_only:
            notes.append(DATES_ONLY)
    whole = Forecast(
        prediction=made,
        grid=used,
        period=span,
        now=span.start,
        model=choice.model,
        reason=choice.reason,
        notes=tuple(notes),
        incidents=len(history.row),
        last_year=history.counts(window_days=_YEAR_DAYS),
        choice=choice,
    )
    return whole if level_told else with_last_years_sum(whole, incidents, tz=tz)


def with_last_years_sum(made: Forecast, incidents: gpd.GeoDataFrame, *, tz: str = TZ) -> Forecast:
    """Keep the order of the places, and set the sum to what last year's count says.

    Parameters
    ----------
    made
        A forecast by presence.
    incidents
        What it is made from.
    tz
        The zone of local dates and hours.

    Returns
    -------
    Forecast
        Without the note on how sure its sum was.
    """
    naive = forecast(incidents, period=made.period, model=BASELINE, grid=made.grid, tz=tz)
    level = naive.total / made.total if made.total > 0 else 1.0
    notes = tuple(note for note in made.notes if note != LEVEL_UNSURE)
    return replace(made, prediction=made.prediction.scaled(level), notes=notes)


def _tuned(
    record: Record, span: Period, model: str | Forecaster | Choice, seed: int, tz: str
) -> tuple[Choice, Tuned]:
    known = candidates(seed)
    if isinstance(model, Forecaster):
        wanted = {model.name: [model]}
    elif not is_one_of(model, (AUTO,)):
        name = model.model if isinstance(model, Choice) else model
        if not is_one_of(name, known):
            raise InvalidInputError(
                Text(
                    "Modellen {m!r} är okänd. Välj auto eller bland: {all}.",
                    "The model {m!r} is not known. Choose auto or among: {all}.",
                ).fill(m=str(name)[:60], all=", ".join(known))
            )
        members = [n for n in (*QUICK_MODELS[2:], "boosted") if not known[name]]
        wanted = {n: known[n] for n in [*members, name]}
    else:
        wanted = {name: known[name] for name in QUICK_MODELS}
    tuned = tune(record, _trials(record, span, tz), wanted, _SHARE)
    if isinstance(model, Choice):
        return model, tuned
    if model == AUTO:
        return choose(tuned.table, share=_SHARE, rng=seed), tuned
    name = list(wanted)[-1]
    reason = Text("{m}, som angavs.", "{m}, as asked for.").fill(
        m=LABELS.get(name, Text(name, name))
    )
    return Choice(name, reason, beats_baseline=False), tuned


def _trials(record: Record, span: Period, tz: str) -> list[Period]:
    history = record.known(span.start)
    # A record that ends early has its trials before its end, not in the silence after.
    last = history.now - float(history.age_days[-1]) * _ONE_DAY
    end = min(span.local(tz)[0].date(), day_after(last, tz))
    begins = history.now - history.days * _ONE_DAY
    fit = origins_that_fit(begins, end, horizon_days=_TRIAL_DAYS, tz=tz)
    count = min(fit, _TRIALS)
    if count == 0:
        return []
    return rolling_periods(end, horizon_days=_TRIAL_DAYS, count=count, tz=tz)


def known_grid(incidents: gpd.GeoDataFrame, now: datetime, *, cell_m: float = _CELL_M) -> Grid:
    """Lay the cells within 500 m of what was known at a moment: a study area without the future.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from``, and ``registered_at`` where known.
    now
        Aware; what happened or was registered at it or later is not looked at.
    cell_m
        Side of a cell, metres; cells lie on whole multiples of it.

    Returns
    -------
    Grid
        Its mask is the study area.

    Raises
    ------
    NothingFoundError
        If nothing was known.
    CRSError
        If the incidents are not in metres.
    """
    xy, _ = incident_points(incidents)
    crs = parse_crs(incidents.crs)
    # Which incidents were known is asked again on the grid; here only to lay it.
    everything = Record.of(incidents, _one_unit(xy))
    known = everything.known(now).xy
    if len(known) == 0:
        raise NothingFoundError(
            Text(
                "Inga händelser var kända före perioden. Välj en senare period.",
                "No incidents were known before the period. Choose a later period.",
            )
        )
    west, south = known.min(axis=0) - _NEAR_M
    east, north = known.max(axis=0) + _NEAR_M
    box = Grid.over(shapely.box(west, south, east, north), cell_m, origin=(0.0, 0.0))
    away, _ = spatial.cKDTree(known).query(box.centres, distance_upper_bound=_NEAR_M)
    return Grid(box.x0, box.y0, box.cell_m, np.isfinite(away).reshape(box.shape), crs)


def _one_unit(xy: Floats) -> Units:
    if len(xy) == 0:
        return Units(np.zeros((1, 2)), np.ones(1), grid=Grid(0, 0, 1.0, np.ones((1, 1), bool)))
    west, south = np.floor(xy.min(axis=0))
    side = float(np.ceil((xy.max(axis=0) - (west, south)).max())) + 1.0
    return Units.of_grid(Grid(float(west), float(south), side, np.ones((1, 1), dtype=bool)))


def _discovered_note(incidents: gpd.GeoDataFrame, history: History) -> list[Text]:
    if "detection" not in incidents or len(history.row) == 0:
        return []
    found = incidents["detection"].iloc[history.row].astype(str) == "discovered"
    share = float(found.mean())
    if share < _MENTIONED_SHARE:
        return []
    return [
        Text(
            "{s} % av händelserna upptäcktes av patruller: prognosen säger delvis var patruller "
            "har varit. Ge närvaron (presence) för att räkna bort det.",
            "{s}% of the incidents were discovered by patrols: the forecast says in part where "
            "patrols have been. Give the presence to correct for it.",
        ).fill(s=decimal_text(100 * share, 0))
    ]

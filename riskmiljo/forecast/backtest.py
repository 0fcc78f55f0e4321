"""Back-testing: stand at past moments, forecast from what was known then, and count the hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely.geometry.base import BaseGeometry

from riskmiljo.analysis.arguments import numbers_in, random_of, require_real
from riskmiljo.analysis.moments import with_moments
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.average import Average, combined
from riskmiljo.forecast.base import Forecaster
from riskmiljo.forecast.choose import choose
from riskmiljo.forecast.evaluate import Flag, Scored, flags_of, outcome_of, score_row
from riskmiljo.forecast.gamma_poisson import GammaPoisson
from riskmiljo.forecast.notes import (
    late_kinds,
    late_note,
    notes_on,
    others_note,
    outside_gaps,
    require_enough,
)
from riskmiljo.forecast.origins import (
    day_after,
    origins_that_fit,
    rolling_periods,
    rolling_shifts,
    shifts_that_fit,
)
from riskmiljo.forecast.pileups import at_pileups, find_pileups, pileup_note
from riskmiljo.forecast.prediction import Prediction
from riskmiljo.forecast.record import History, Record
from riskmiljo.forecast.results import Backtest
from riskmiljo.forecast.shift_risk import HourShare, hour_share, week_from
from riskmiljo.forecast.tune import BASELINE, Tuned, candidates, tune
from riskmiljo.forecast.units import Units
from riskmiljo.geo.crs import require_geometry
from riskmiljo.geo.grid import Grid
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], Any]
Area: TypeAlias = BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame | Grid | Units

_TUNING_DAYS: Final = 28
_TUNING_PERIODS: Final = 13
_MOST_ORIGINS: Final = 5_000


def backtest(
    incidents: gpd.GeoDataFrame,
    *,
    area: Area,
    cell_m: float = 250,
    horizon_days: int = 7,
    origins: int = 52,
    models: Sequence[str | Forecaster] | Mapping[str, Forecaster] | None = None,
    shares: tuple[float, ...] = (0.01, 0.05),
    rng: int | np.random.Generator = 0,
    shifts: int = 1,
    pileups_apart: bool = False,
    tz: str = TZ,
    resume: Backtest | None = None,
    progress: Progress | None = None,
    shift_hours: tuple[float, float] | None = None,
    others: gpd.GeoDataFrame | None = None,
) -> Backtest:
    """Tell how good forecasts would have been, without looking into their future.

    Parameters
    ----------
    incidents
        Points in a metric CRS with ``occurred_from``, and ``registered_at`` where known: at each
        origin only what was registered before it is used. Each counts once, whatever its weight.
    area
        The study area, fixed before anything is scored: a polygon or frame of polygons, best the
        built-up part; or a `Grid`; or `Units` such as street segments. Incidents outside it are
        left out.
    cell_m
        Side of a cell, metres, where the area is no grid and no units.
    horizon_days
        Length of each forecast, local days. Not looked at with ``shift_hours``.
    origins
        How many forecasts, end to end, the last one ending with the last incident's day; fewer,
        with a note, where the record does not leave eight weeks before the first.
    models
        Names, or models, or a mapping of names to models; models are taken with the settings they
        have, names are tuned on the year before the first origin. None takes all names.
        ``last_year``, the baseline, is always there.
    shares
        Shares of the area that are flagged; the NIJ challenge's 0.25 and 0.75 square miles are
        scored too.
    rng
        A seed or a generator.
    shifts
        On how many grids, each shifted by a part of a cell, everything is repeated; the scores
        are summed over them.
    pileups_apart
        Whether incidents at pile-ups (found before the first origin) are left out.
    tz
        The zone of local days.
    resume
        A partial result of the same call, which is taken up where it ended.
    progress
        Called after each origin with how many are done and how many there are; when it returns
        False the back-test stops there and can be resumed.
    shift_hours
        Local hours such as (18, 2): each forecast is then of one shift, on so many days in a row.
        What is expected of a week is shared out by the hours of the week of what was known, and
        an incident counts in the shift in which it began.
    others
        Incidents of other kinds in the same form, from which ``mixed_prior`` learns where things
        happen at all; never scored, and at each origin only those known then are used. Discovered
        ones are left out: they say where patrols have been.

    Returns
    -------
    Backtest
        Table, summary, calibration, chosen model and notes.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used, the record is too short for a single origin, the result to
        resume is of another call, or shifts are asked for where the times are dates only.
    NothingFoundError
        If there are no incidents in the area.
    CRSError
        If the incidents are not in metres, or the area has another CRS.

    References
    ----------
    Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy: an analysis and review.
    """
    shares = _checked_shares(shares)
    _require_callable(progress)
    shifts, origins, horizon_days = _whole_counts(shifts, origins, horizon_days)
    seed = int(random_of(rng).integers(2**31))
    chosen_models = _models(models, seed)
    all_units = _shifted_units(area, cell_m, shifts)
    incidents = with_moments(incidents, tz)
    others = others_of(others, tz)
    record = Record.of(incidents, all_units[0])
    _require_some(record, incidents)
    periods, notes = _periods(record, horizon_days, origins, shift_hours, tz)
    pileups = find_pileups(incidents.iloc[_known_rows(record, periods[0].start)])
    if len(pileups):
        notes.append(pileup_note(pileups, apart=pileups_apart))
        if pileups_apart:
            incidents = incidents[~at_pileups(incidents, pileups)]
    hours = None if shift_hours is None else _Hours(incidents, tz)
    tuning = _tuning_periods(record, periods[0], 1 if hours else horizon_days, tz)
    if len(tuning) < _TUNING_PERIODS and resume is None:
        notes.append(_short_tuning(len(tuning)))
    settings = {
        "incidents": len(incidents),
        "units": [len(units) for units in all_units],
        "first": periods[0].start.isoformat(),
        "horizon_days": horizon_days,
        "origins": len(periods),
        "models": {name: repr(models_) for name, models_ in chosen_models.items()},
        "shares": shares,
        "seed": seed,
        **({} if others is None else {"others": len(others)}),
    }
    if shift_hours is not None:
        settings["shift_hours"] = [float(hour) for hour in shift_hours]
    if resume is not None and getattr(resume, "settings", None) != settings:
        raise InvalidInputError(
            Text(
                "Resultatet att fortsätta hör till ett annat anrop. Börja om utan resume.",
                "The result to resume is of another call. Start again without resume.",
            )
        )
    records = [Record.of(incidents, units, others=others) for units in all_units]
    if hours is not None:
        hours.require_times(records[0].known(periods[0].start), periods[0])
    share = max(shares)
    if resume is None:
        early = records[0].known(periods[0].start)
        notes.extend(late_note(records[0].occurred(early.now), len(early.row)))
        notes.extend(notes_on(early, incidents, tz=tz))
        late = late_kinds(record.whole(periods[-1].end), incidents, tz=tz)
        notes.extend(note for note in late if note not in notes)
        notes.extend(others_note(early))
        # What was registered after the first origin must not choose the settings either.
        tuned = tune(records[0].until(periods[0].start), tuning, chosen_models, share)
        choice = choose(tuned.table, share=share, rng=seed)
        done = Backtest(
            settings=settings, periods=tuple(periods), shares=shares, tuned=tuned, choice=choice,
            notes=tuple(notes), pileups=pileups, seed=seed,
        )  # fmt: skip
    else:
        done = resume
    return _run(done, records, progress, hours)


def _require_some(record: Record, incidents: gpd.GeoDataFrame) -> None:
    if len(incidents) == 0:
        raise NothingFoundError(
            Text("Det finns inga händelser att pröva på.", "There are no incidents to test on.")
        )
    if len(record.unit) == 0:
        raise NothingFoundError(
            Text(
                "Ingen av {n} {n:händelse|händelser} ligger i området. Kontrollera området.",
                "None of {n} {n:incident|incidents} lies in the area. Check the area.",
            ).fill(n=len(incidents))
        )


@dataclass(frozen=True)
class _Hours:
    """The incidents whose hours of the week share a week's forecast out over its shifts."""

    incidents: gpd.GeoDataFrame
    tz: str

    def require_times(self, history: History, period: Period) -> None:
        if len(history.row) and hour_share(self.incidents, history, period, tz=self.tz).dates_only:
            raise InvalidInputError(
                Text(
                    "Händelserna har bara datum, inga klockslag. Prognoser av pass kan inte "
                    "prövas på dem: välj hela dagar.",
                    "The incidents have dates only, no times of day. Forecasts of shifts cannot "
                    "be tried on them: choose whole days.",
                )
            )

    def shares(self, history: History, period: Period) -> HourShare:
        return hour_share(self.incidents, history, period, tz=self.tz)


def _run(
    done: Backtest, records: list[Record], progress: Progress | None, hours: _Hours | None
) -> Backtest:
    rows, classes = [done.rows], [done.classes]
    flagged = dict(done.last_flags)
    for nth in range(done.done, len(done.periods)):
        for shift, record in enumerate(records):
            flags = flags_of(done.shares, record.units)
            earlier = {name: flagged.get((shift, name)) for name in done.tuned.models}
            scored = _origin(
                record, done.periods[nth], done.tuned, flags, earlier,
                [done.seed, nth, shift], hours,
            )  # fmt: skip
            for name, score in scored.items():
                place = {"model": name, "shift": shift}
                rows.append(pd.DataFrame([{**place, **score.row}]))
                classes.append(score.classes.assign(model=name, origin=score.row["origin"]))
                flagged[shift, name] = score.flagged
        if progress is not None and progress(nth + 1, len(done.periods)) is False:
            break
    rows = [frame for frame in rows if len(frame)]
    classes = [frame for frame in classes if len(frame)]
    return done.with_rows(
        pd.concat(rows, ignore_index=True), pd.concat(classes, ignore_index=True), flagged
    )


def _origin(
    record: Record,
    period: Period,
    tuned: Tuned,
    flags: list[Flag],
    earlier: Mapping[str, dict[str, Floats] | None],
    seeds: list[int],
    hours: _Hours | None,
) -> dict[str, Scored]:
    history = record.known(period.start)
    span = period if hours is None else week_from(period)
    made = predictions(tuned, history, span)
    rates = made.get(GammaPoisson.name) or GammaPoisson().fit(history).predict(span)
    if hours is not None:
        share = hours.shares(history, period)
        made = {name: share.shift_of(week) for name, week in made.items()}
        rates = share.shift_of(rates)
    outcome = outcome_of(
        period,
        record.counts(period),
        history.counts(window_days=365.0),
        rates.expected,
        record.units,
        flags,
        np.random.default_rng(seeds),
    )
    return {
        name: score_row(prediction, outcome, record.units, flags, earlier[name])
        for name, prediction in made.items()
    }


def predictions(tuned: Tuned, history: History, period: Period) -> dict[str, Prediction]:
    """Fit each tuned model to what was known and return what it expects.

    Parameters
    ----------
    tuned
        The models.
    history
        What was known.
    period
        Begins at the history's moment or later.

    Returns
    -------
    dict
        Name to prediction, as sure as past counts allow. An average takes its members' as they
        are, without fitting them twice.
    """
    plain: dict[str, Prediction] = {}
    for name, model in tuned.models.items():
        if isinstance(model, Average) and tuned.members and name == Average.name:
            plain[name] = combined([plain[member] for member in tuned.members])
        else:
            plain[name] = model.fit(history).predict(period)
    return {name: made.sharpened(tuned.sharpness[name]) for name, made in plain.items()}


def _require_callable(progress: object) -> None:
    if progress is not None and not callable(progress):
        raise InvalidInputError(
            Text(
                "progress ska vara en funktion av två tal, eller None.",
                "progress must be a function of two numbers, or None.",
            )
        )


def _whole_counts(shifts: float, origins: float, horizon_days: Any) -> tuple[int, int, Any]:
    require_real(shifts=shifts, origins=origins, horizon_days=horizon_days)
    counted = 1 <= shifts <= 10 and 1 <= origins <= _MOST_ORIGINS  # noqa: PLR2004 - of grids
    if not counted or shifts % 1 or origins % 1:
        raise InvalidInputError(
            Text(
                "Välj 1 till 10 rutnät (inte {s}) och 1 till {m} prognoser (inte {n}).",
                "Choose 1 to 10 grids (not {s}) and 1 to {m} origins (not {n}).",
            ).fill(s=shifts, n=origins, m=_MOST_ORIGINS)
        )
    # NumPy's own integers are no days of a calendar; a fraction is refused where they are laid.
    return int(shifts), int(origins), horizon_days if horizon_days % 1 else int(horizon_days)


def _known_rows(record: Record, now: datetime) -> npt.NDArray[np.int64]:
    known = record.known(now).row
    if len(known) == 0:
        raise NothingFoundError(
            Text(
                "Ingen händelse var registrerad före den första provprognosen. Kontrollera "
                "registered_at och occurred_to.",
                "No incident was registered before the first trial forecast. Check registered_at "
                "and occurred_to.",
            )
        )
    return known


def others_of(others: gpd.GeoDataFrame | None, tz: str) -> gpd.GeoDataFrame | None:
    """Return incidents of other kinds with their moments.

    Parameters
    ----------
    others
        As in `backtest`.
    tz
        The zone of local times.

    Returns
    -------
    geopandas.GeoDataFrame or None
        None where there are none.

    Raises
    ------
    InvalidInputError
        If they are no GeoDataFrame.
    """
    if others is None:
        return None
    require_geometry(others, Text("Händelserna av andra slag", "The incidents of other kinds"))
    return None if others.empty else with_moments(others, tz)


def _checked_shares(shares: tuple[float, ...]) -> tuple[float, ...]:
    given = np.atleast_1d(numbers_in(shares, Text("Andelarna", "The shares")))
    values = tuple(float(share) for share in given.ravel())
    if not values or not all(0 < share <= 1 for share in values):
        raise InvalidInputError(
            Text(
                "Andelarna {v} duger inte. Ge tal mellan 0 och 1, till exempel 0,01 och 0,05.",
                "The shares {v} cannot be used. Give numbers between 0 and 1, such as 0.01 and "
                "0.05.",
            ).fill(v=str(shares)[:60])
        )
    return tuple(sorted(set(values)))


def _models(
    models: Sequence[str | Forecaster] | Mapping[str, Forecaster] | None, seed: int
) -> dict[str, list[Forecaster]]:
    known = candidates(seed)
    if models is None:
        return known
    wanted: dict[str, list[Forecaster]] = {BASELINE: known[BASELINE]}
    if isinstance(models, Mapping):
        return {**wanted, **{name: [_forecaster(model)] for name, model in models.items()}}
    one: Any = models
    # One alone may be given by itself.
    for model in models if isinstance(one, Iterable) and not isinstance(one, str) else [one]:
        if isinstance(model, str) and model in known:
            wanted[model] = known[model]
        else:
            made = _forecaster(model)
            wanted[made.name] = [made]
    if Average.name in wanted:
        # The average is made of the others: it comes last, and is never alone.
        if not wanted[Average.name] and len(wanted) == 2:  # noqa: PLR2004 - and the baseline
            for name in (GammaPoisson.name, "recency_kde"):
                wanted[name] = known[name]
        wanted[Average.name] = wanted.pop(Average.name)
    return wanted


def _forecaster(model: Any) -> Forecaster:
    if isinstance(model, Forecaster):
        return model
    raise InvalidInputError(
        Text(
            "Modellen {m} är okänd. Välj bland: {all}.",
            "The model {m} is not known. Choose among: {all}.",
        ).fill(m=repr(model)[:60], all=", ".join(candidates(0)))
    )


def _shifted_units(area: Area, cell_m: float, shifts: int) -> list[Units]:
    if area is None:
        raise InvalidInputError(
            Text(
                "Området saknas. Ange en yta eller ett rutnät.",
                "The area is missing. Give a polygon or a grid.",
            )
        )
    if isinstance(area, Units | Grid):
        if shifts > 1:
            raise InvalidInputError(
                Text(
                    "Ett färdigt rutnät kan inte förskjutas. Ge området som yta, eller shifts=1.",
                    "A grid that is given cannot be shifted. Give the area as a polygon, or "
                    "shifts=1.",
                )
            )
        return [area if isinstance(area, Units) else Units.of_grid(area)]
    first = Grid.over(area, cell_m)
    steps = [step * cell_m / shifts for step in range(shifts)]
    grids = [Grid.over(area, cell_m, origin=(first.x0 + s, first.y0 + s)) for s in steps]
    return [Units.of_grid(grid) for grid in grids]


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)


def _periods(
    record: Record,
    horizon_days: int,
    origins: int,
    shift_hours: tuple[float, float] | None,
    tz: str,
) -> tuple[list[Period], list[Text]]:
    end = day_after(_instant(int(record.occurred_us[-1])), tz)
    begins = _instant(int(record.occurred_us[0]))

    def lay(count: int) -> list[Period]:
        if shift_hours is not None:
            return rolling_shifts(end, hours=shift_hours, count=count, tz=tz)
        return rolling_periods(end, horizon_days=horizon_days, count=count, tz=tz)

    wanted = lay(1)
    if shift_hours is not None:
        fit = shifts_that_fit(begins, end, hours=shift_hours, tz=tz)
    else:
        fit = origins_that_fit(begins, end, horizon_days=horizon_days, tz=tz)
    if fit == 0:
        before = record.known(wanted[0].start)
        # One longer than the record has nothing before it, which is not for want of incidents.
        if len(before.age_days):
            require_enough(before)
        raise InvalidInputError(
            Text(
                "Historiken räcker inte till en enda provprognos på {h} {h:dag|dagar} efter åtta "
                "veckors inlärning. Välj en kortare horisont eller läs in äldre händelser.",
                "The history does not allow a single trial forecast of {h} {h:day|days} after "
                "eight weeks of learning. Choose a shorter horizon or import older incidents.",
            ).fill(h=horizon_days if shift_hours is None else 1),
            code="KORT_HISTORIK",
        )
    notes = []
    if fit < origins:
        notes.append(
            Text(
                "Historiken räcker till {n} {n:provprognos|provprognoser}, inte {m}.",
                "The history allows {n} trial {n:forecast|forecasts}, not {m}.",
            ).fill(n=fit, m=origins)
        )
    laid = lay(min(fit, int(origins)))
    left, gaps = outside_gaps(record.whole(laid[-1].end), laid, tz=tz)
    return left, notes + gaps


def _tuning_periods(record: Record, first: Period, horizon_days: int, tz: str) -> list[Period]:
    # Always of at least four weeks: a week of a sparse kind holds too little to choose by.
    days = max(horizon_days, _TUNING_DAYS)
    end = first.local(tz)[0].date()
    begins = _instant(int(record.occurred_us[0]))
    fit = origins_that_fit(begins, end, horizon_days=days, tz=tz)
    count = min(fit, _TUNING_PERIODS)
    if count == 0:
        return []
    return rolling_periods(end, horizon_days=days, count=count, tz=tz)


def _short_tuning(count: int) -> Text:
    return Text(
        "Modellernas inställningar valdes på {n} {n:period|perioder} före provet; helst "
        "ska det vara ett år.",
        "The models' settings were chosen on {n} {n:period|periods} before the test; "
        "best is a year.",
    ).fill(n=count)

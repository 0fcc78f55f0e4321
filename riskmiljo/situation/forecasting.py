"""What is expected where in the coming shift or days, through a lens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from riskmiljo.access.lens import Lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.choose import BASELINE, LABELS, Choice
from riskmiljo.forecast.coming import AUTO, JOINT, forecast
from riskmiljo.forecast.result import Forecast
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.geo.grid import Grid
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.settings import Settings
from riskmiljo.situation.corrected import corrected_forecast
from riskmiljo.situation.model_choice import chosen_model, remember_choice
from riskmiljo.situation.periods import data_end, zone_of
from riskmiljo.situation.released import refuse_joint
from riskmiljo.situation.source import other_kinds, seen_incidents
from riskmiljo.situation.standing import kept_zones
from riskmiljo.situation.withheld import told_groups
from riskmiljo.store import Store
from riskmiljo.wording import Text, date_text, decimal_text
from riskmiljo.zones.membership import zone_of_points
from riskmiljo.zones.naming import name_zones

# The share of the area whose cells are shown: the one that hit rates are told for.
SHARE: Final = 0.05
PLACES: Final = 5
TOP: Final = 10
MOST_DAYS: Final = 366
JOINT_LABEL: Final = Text("sammanvägt efter närvaro", "weighed by presence")
_NOTHING_TO_CORRECT: Final = Text(
    "Inget slag upptäcks till större del av patruller, så inget är vägt efter närvaron.",
    "Patrols discover no large part of any kind, so nothing is weighed by presence.",
)
_YEAR: Final = timedelta(days=365)
# The draws know the uncertainty of the rates, not that of the model. In simulated cities what they
# said up to 0.9 came true as often as said; where they said 0.98 in the mean, in 0.92.
_SURELY: Final = 0.9
_HARDLY: Final = 0.01
_OFF: Final = Text(
    "Prognoser är avstängda i den här installationen. Sätt forecasting = true i inställningarna "
    "för att slå på dem.",
    "Forecasts are turned off in this installation. Set forecasting = true in the settings to "
    "turn them on.",
)
_NO_PRESENCE: Final = Text(
    "Ingen närvaro är inläst, så inget är rättat för var patruller har varit. Läs in den med "
    "riskmiljo presence import, eller se --detection reported och --detection discovered var för "
    "sig.",
    "No presence has been taken in, so nothing is corrected for where patrols have been. Take it "
    "in with riskmiljo presence import, or see --detection reported and --detection discovered "
    "apart.",
)
_NOT_NEEDED: Final = Text(
    "Upptäckta händelser är inte med, så inget behöver rättas för patrullernas närvaro.",
    "Discovered incidents are not in it, so nothing needs correcting for the presence of patrols.",
)
_OWN_MODEL: Final = Text(
    "Närvaron är inte inräknad, eftersom modellen {m} angavs. Med --model auto räknas den in.",
    "The presence is not counted in, since the model {m} was asked for. With --model auto it is.",
)


@dataclass(frozen=True)
class ComingForecast:
    """What a lens shows of a forecast.

    Attributes
    ----------
    period
        The shift or the days that are forecast.
    tz
        The zone of its local times.
    cells
        Squares of 250 m among the twentieth of the area where most is expected, the most expected
        first: ``name``, ``zone`` (empty for none), ``expected``, ``lower``, ``upper`` (incidents
        in the period, 90 %), ``baseline`` (the same by last year's count), ``last_year`` (incidents
        of the last 365 days) and the square. Cells that the lens does not show are left out.
    places
        The five of them with most expected: ``rank`` and ``chance`` (0 to 1, that the cell truly
        is among the ten highest) besides.
    total, total_lower, total_upper, baseline_total
        Expected incidents of the whole area, the fewest and the most that come nine times in ten,
        and what is expected by last year's count.
    model, label, reason
        Which model, what it is called, and why it.
    corrected
        The categories that are weighed by presence, because patrols discover much of them.
    withheld
        How many of the cells are left out because the lens does not show them.
    notes
        What a reader must know.
    incidents
        How many incidents it rests on.
    as_of
        Where the data end (UTC).
    simulated
        Whether the data are simulated.
    """

    period: Period
    tz: str
    cells: gpd.GeoDataFrame = field(repr=False)
    places: gpd.GeoDataFrame = field(repr=False)
    total: float
    total_lower: int
    total_upper: int
    baseline_total: float
    model: str
    label: Text
    reason: Text
    corrected: tuple[str, ...]
    withheld: int
    notes: tuple[Text, ...]
    incidents: int
    as_of: datetime
    simulated: bool


def require_forecasting(settings: Settings) -> None:
    """Refuse where the installation has forecasts turned off.

    Parameters
    ----------
    settings
        The installation's settings.

    Raises
    ------
    InvalidInputError
        If they are off.
    """
    if not settings.forecasting:
        raise InvalidInputError(_OFF, code="PROGNOS_AV")


def coming_days(
    store: Store, settings: Settings, question: Filter, days: int, *, now: datetime
) -> Period:
    """Return the days to forecast: from the end of the question's period, else from today.

    Parameters
    ----------
    store
        Whose data end and time zone are used.
    settings
        The installation's settings.
    question
        With a period, that is what is known: the days after it are forecast.
    days
        How many local days.
    now
        Aware.

    Returns
    -------
    Period
        Never begins before the data end, unless the question's period does.

    Raises
    ------
    InvalidInputError
        If there is less than one day, or more than a year.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInputError(
            Text(
                "Prognosen kan gälla 1 till {m} dagar, inte {n}.",
                "A forecast can be of 1 to {m} days, not {n}.",
            ).fill(m=MOST_DAYS, n=days)
        )
    tz = zone_of(store, settings)
    zone = ZoneInfo(tz)
    if question.period is not None:
        start = question.period.end.astimezone(zone)
    else:
        today = datetime.combine(now.astimezone(zone).date(), time(), zone)
        start = max(today, data_end(store, tz=tz).astimezone(zone))
    # By the calendar: the clock may change in between.
    end = datetime.combine(start.date() + timedelta(days=days), start.time(), zone)
    return Period(start, end)


def coming_forecast(
    store: Store,
    settings: Settings,
    lens: Lens,
    question: Filter,
    *,
    now: datetime,
    shift: Shift | None = None,
    days: int = 7,
    model: str = AUTO,
) -> ComingForecast:
    """Forecast a shift or the coming days.

    Parameters
    ----------
    store
        Incidents and presence; the choice of model is kept there.
    settings
        The installation's settings.
    lens
        What the reader may see.
    question
        Which incidents; with a period, what happened after it is not looked at.
    now
        Aware.
    shift
        The shift to forecast; None forecasts days.
    days
        How many days, where there is no shift.
    model
        ``"auto"`` takes the model that was chosen within the last 30 days, or else chooses one,
        and weighs by presence, where any is known, what patrols often discover. Or a model's name.

    Returns
    -------
    ComingForecast
        With at least one cell.

    Raises
    ------
    InvalidInputError
        If forecasts are turned off, an argument cannot be used, or less than eight weeks are known.
    NothingFoundError
        If nothing matches, no cell may be shown, or the lens is the joint one.
    """
    require_forecasting(settings)
    refuse_joint(lens)
    tz = zone_of(store, settings)
    as_of = data_end(store, tz=tz)
    span = shift.period if shift else coming_days(store, settings, question, days, now=now)
    incidents = seen_incidents(store, question, lens)
    incidents = incidents[incidents["occurred_from"] < span.start]
    if incidents.empty:
        raise NothingFoundError(
            Text(
                "Inga händelser är kända före {d} med detta filter. Välj färre villkor.",
                "No incidents are known before {d} with this filter. Choose fewer terms.",
            ).fill(d=date_text(span.local(tz)[0].date()))
        )
    others = other_kinds(store, question, lens)
    presence, notes = _presence(store, question, span, model)
    asked: str | Choice = model
    kept = chosen_model(store, now, question=question, owners=lens.owners)
    if model == AUTO and kept is not None:
        asked = kept.choice
    kinds: tuple[str, ...] = ()
    plain: Forecast | None
    if presence is None:
        made = forecast(incidents, period=span, model=asked, tz=tz, others=others)
        plain = made
    else:
        weighed = corrected_forecast(
            incidents, presence, span, model=asked, tz=tz, least=lens.fewest, others=others
        )
        made, plain, kinds = weighed.forecast, weighed.rest, weighed.kinds
        if not kinds:
            notes.append(_NOTHING_TO_CORRECT)
    if asked == AUTO and plain is not None and plain.choice is not None:
        remember_choice(
            store, plain.choice, basis="trials", now=now, question=question, owners=lens.owners
        )
    naive = made
    if made.model != BASELINE or kinds:
        naive = forecast(incidents, period=span, model=BASELINE, grid=made.grid, tz=tz)
    fewest, most = made.total_interval()
    cells, withheld = _cells(store, settings, made, naive, incidents, lens, tz)
    return ComingForecast(
        period=span,
        tz=tz,
        cells=cells.drop(columns="chance"),
        places=_places(cells),
        total=made.total,
        total_lower=fewest,
        total_upper=most,
        baseline_total=naive.total,
        model=made.model,
        label=JOINT_LABEL if made.model == JOINT else LABELS[made.model],
        reason=made.reason if made.choice is None else made.choice.told(lens.fewest),
        corrected=kinds,
        withheld=withheld,
        notes=(*notes, *made.notes),
        incidents=made.incidents,
        as_of=as_of,
        simulated=store.flag("simulated") is not None,
    )


def chance_words(chance: float) -> Text:
    """Write a chance in whole per cent, never surer than chances have been found to come true.

    Parameters
    ----------
    chance
        0 to 1, from draws.

    Returns
    -------
    Text
        ``76 %``; ``över 90 %`` and ``under 1 %`` at the ends.
    """
    if chance > _SURELY:
        return Text("över 90 %", "over 90%")
    if chance < _HARDLY:
        return Text("under 1 %", "under 1%")
    return Text("{c} %", "{c}%").fill(c=decimal_text(100 * chance, 0))


def _presence(
    store: Store, question: Filter, span: Period, model: str
) -> tuple[gpd.GeoDataFrame | None, list[Text]]:
    """Return the presence to weigh by, None for none, and what to say of it."""
    if question.detections and "discovered" not in question.detections:
        return None, [_NOT_NEEDED]
    known = store.presence()
    known = known[known["ends"] <= span.start]
    if known.empty:
        return None, [_NO_PRESENCE]
    if model != AUTO:
        return None, [_OWN_MODEL.fill(m=LABELS.get(model, Text(model, model)))]
    # Of incidents on Friday nights, the hours on Friday nights are what they are weighed by.
    times = known.rename(columns={"begins": "occurred_from", "ends": "occurred_to"})
    return known[question.clock_mask(times)].reset_index(drop=True), []


def _cells(
    store: Store,
    settings: Settings,
    made: Forecast,
    naive: Forecast,
    incidents: gpd.GeoDataFrame,
    lens: Lens,
    tz: str,
) -> tuple[gpd.GeoDataFrame, int]:
    """Return the cells worth showing that the lens shows, and how many it does not."""
    grid = made.grid
    lately = incidents[incidents["occurred_from"] >= made.period.start - _YEAR]
    told = told_groups(lately, grid.index(coordinates(lately)), lens, tz=tz)
    # One order for ties: that of the cells.
    table = made.to_geodataframe().assign(baseline=naive.prediction.expected, chance=_chances(made))
    table = table.sort_values("expected", ascending=False, kind="stable")
    table = table.head(int(np.ceil(SHARE * len(table))))
    table = table[table["expected"] > 0]
    # Last year's count stands behind the baseline, and often behind the forecast itself: where the
    # lens withholds it, so it does what was made of it.
    shown = table["cell"].isin(told.index[told["shown"]])
    withheld = int((~shown).sum())
    table = table[shown].reset_index(drop=True)
    if table.empty:
        raise NothingFoundError(
            Text(
                "Ingen ruta har så många händelser det senaste året att den får visas. Välj färre "
                "villkor.",
                "No cell has so many incidents in the last year that it may be shown. Choose fewer "
                "terms.",
            )
        )
    table["last_year"] = told["events"].reindex(table["cell"]).to_numpy(dtype=np.int64)
    return _named(table, grid, kept_zones(store, lens), settings), withheld


def _chances(made: Forecast) -> npt.NDArray[np.float64]:
    """Return the chance of each cell to be among the ten highest, in the order of the mask."""
    cells = np.flatnonzero(made.grid.mask.ravel())
    top = made.top_places(len(cells), among=TOP).set_index("cell")["chance"]
    return np.asarray(top.reindex(cells).fillna(0.0), dtype=float)


def _named(
    table: gpd.GeoDataFrame, grid: Grid, zones: gpd.GeoDataFrame | None, settings: Settings
) -> gpd.GeoDataFrame:
    centres = grid.centres[table["cell"].to_numpy()]
    places = read_gazetteer(settings.gazetteer, crs=grid.crs)
    names = name_zones(centres, list(table.geometry), places)
    within: Sequence[str] = [""] * len(table)
    if zones is not None and len(zones):
        lies = zone_of_points(centres, list(zones.geometry))
        known = [*zones["name"].astype(str), ""]
        within = [known[number] for number in lies]
    columns = {"name": names, "zone": within}
    order = ["name", "zone", "expected", "lower", "upper", "baseline", "last_year", "chance"]
    named: gpd.GeoDataFrame = table.assign(**columns)[[*order, "geometry"]]
    return named


def _places(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    places = cells.head(PLACES).reset_index(drop=True)
    places.insert(0, "rank", np.arange(1, len(places) + 1))
    return places

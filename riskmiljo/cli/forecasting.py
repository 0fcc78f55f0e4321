"""``riskmiljo forecast`` and ``riskmiljo backtest``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click
import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import records, require_form, write_answer
from riskmiljo.cli.session import Session
from riskmiljo.forecast.coming import AUTO
from riskmiljo.model.shift import Shift
from riskmiljo.settings import Settings
from riskmiljo.situation import (
    ComingForecast,
    KeptBacktest,
    chance_words,
    coming_forecast,
    forecast_record,
    require_forecasting,
    run_backtest,
    zone_of,
)
from riskmiljo.situation.backtesting import CELL_M, HORIZON_DAYS, ORIGINS
from riskmiljo.wording import Text, decimal_text

_DAYS: Final = 7
_NO_RECORD: Final = Text(
    "Hur träffsäkra prognoserna har varit visas när riskmiljo backtest har körts.",
    "How good the forecasts have been is shown once riskmiljo backtest has been run.",
)
_WITHOUT_PRESENCE: Final = Text(
    "Provet i efterhand gjordes utan att väga efter närvaron.",
    "The back-test was made without weighing by presence.",
)


@click.command(
    "forecast",
    cls=Command,
    help=say(
        "Väntade händelser per ruta på 250 m i ett pass eller de kommande dagarna, med 90 %-"
        "intervall, vald modell och varför, bredvid senaste årets antal.\n\n"
        'Exempel: riskmiljo forecast --shift "2026-04-30 18:00/02:00" --category violence',
        "Expected incidents per cell of 250 m in a shift or the coming days, with 90% intervals, "
        "the chosen model and why, beside last year's count.\n\n"
        'Example: riskmiljo forecast --shift "2026-04-30 18:00/02:00" --category violence',
    ),
)
@click.option(
    "--shift",
    "shift_text",
    metavar='"DATE HH:MM/HH:MM"',
    help=say("Passet; annars de kommande dagarna.", "The shift; else the coming days."),
)
@click.option(
    "--next-days",
    "days",
    type=int,
    metavar="N",
    help=say("Så många dagar; 7.", "So many days; 7."),
)
@click.option(
    "--model",
    default=AUTO,
    metavar="auto|NAME",
    help=say(
        "Modell; auto tar den som har varit bäst på det här lagrets händelser.",
        "Model; auto takes the one that has been best on this store's incidents.",
    ),
)
@filter_options
@format_options
@click.pass_obj
def forecast(
    settings: Settings,
    shift_text: str | None,
    days: int | None,
    model: str,
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Write what is expected in a shift or the coming days."""
    if shift_text and days is not None:
        raise click.UsageError(
            say(
                "Ange --shift eller --next-days, inte båda.",
                "Give --shift or --next-days, not both.",
            )
        )
    session = Session(settings)
    require_forecasting(settings)
    with session.open() as store:
        shift = Shift.parse(shift_text, tz=zone_of(store, settings)) if shift_text else None
        question = session.question(store, query)
        made = coming_forecast(
            store,
            settings,
            session.lens(),
            question,
            now=session.now(),
            shift=shift,
            days=_DAYS if days is None else days,
            model=model,
        )
        record = forecast_record(store, session.lens(), question=question)
    if form == "table" and out is None:
        _tell(made)
    write_answer(
        name="cells",
        frame=made.cells,
        about=_about(made, record, session),
        columns=[
            ("name", say("plats", "place")),
            ("zone", say("zon", "zone")),
            ("expected", say("väntat", "expected")),
            ("lower", say("från", "from")),
            ("upper", say("till", "to")),
            ("baseline", say("senaste årets takt", "last year's rate")),
            ("last_year", say("händelser på ett år", "incidents in a year")),
        ],
        form=form,
        out=out,
    )


def _about(made: ComingForecast, record: KeptBacktest | None, session: Session) -> dict[str, Any]:
    notes = list(made.notes)
    if made.withheld:
        notes.append(
            Text(
                "{n} {n:ruta|rutor} visas inte: för få händelser det senaste året för att få "
                "visas.",
                "{n} {n:cell is|cells are} not shown: too few incidents in the last year to "
                "be shown.",
            ).fill(n=made.withheld)
        )
    notes.append(_NO_RECORD if record is None else _record_text(record))
    if record is not None and made.corrected:
        notes.append(_WITHOUT_PRESENCE)
    return {
        "simulated": made.simulated,
        "from": made.period.start.isoformat(),
        "to": made.period.end.isoformat(),
        "data_until": made.as_of.isoformat(),
        "lens": session.lens().reason,
        "incidents": made.incidents,
        "model": made.model,
        "model_name": made.label,
        "reason": made.reason,
        "corrected": list(made.corrected),
        "expected_total": made.total,
        "expected_total_lower": made.total_lower,
        "expected_total_upper": made.total_upper,
        "baseline_total": made.baseline_total,
        "cells_withheld": made.withheld,
        "places": records(made.places),
        "notes": notes,
    }


def _record_text(record: KeptBacktest) -> Text:
    return Text(
        "Provat i efterhand {d:%Y-%m-%d} ({f}): {r}", "Back-tested {d:%Y-%m-%d} ({f}): {r}"
    ).fill(d=record.made_at, f=_terms(record), r=record.in_words)


def _terms(record: KeptBacktest) -> Text:
    """Return the filter of a back-test, which may be another than the forecast's."""
    terms = ", ".join(str(value) for _, value in record.parameters["filter"])
    return Text(terms, terms) if terms else Text("alla händelser", "all incidents")


def _tell(made: ComingForecast) -> None:
    first, last = made.period.local(made.tz)
    lines = [
        Text(
            "Prognos {a:%Y-%m-%d %H:%M} till {b:%Y-%m-%d %H:%M}: {n} {n:väntad "
            "händelse|väntade händelser} (nio gånger av tio {l} till {u}; senaste årets "
            "takt: {m}).",
            "Forecast {a:%Y-%m-%d %H:%M} to {b:%Y-%m-%d %H:%M}: {n} {n:incident|incidents} "
            "expected (nine times in ten {l} to {u}; last year's rate: {m}).",
        ).fill(
            a=first,
            b=last,
            n=decimal_text(made.total, 1, fixed=True),
            l=made.total_lower,
            u=made.total_upper,
            m=decimal_text(made.baseline_total, 1, fixed=True),
        ),
        *(
            [Text("Modell: {l}.", "Model: {l}.").fill(l=made.label), made.reason]
            if made.corrected
            else [Text("Modell: {r}", "Model: {r}").fill(r=made.reason)]
        ),
        Text("", ""),
        Text("Fem platser att börja med:", "Five places to begin with:")
        if len(made.places) > 1
        else Text("Platsen att börja med:", "The place to begin with:"),
    ]
    lines += [
        Text(
            "  {r}. {n}: {e} väntade ({l} till {u}); chans {c} att vara bland de tio främsta",
            "  {r}. {n}: {e} expected ({l} to {u}); chance {c} of being among the top ten",
        ).fill(
            r=place["rank"],
            n=_where(place),
            e=decimal_text(place["expected"], 2, fixed=True),
            l=decimal_text(place["lower"], 2, fixed=True),
            u=decimal_text(place["upper"], 2, fixed=True),
            c=chance_words(place["chance"]),
        )
        for place in made.places.to_dict("records")
    ]
    lines.append(Text("", ""))
    click.echo("\n".join(say(line) for line in lines))


def _where(place: dict[Any, Any]) -> str:
    name, zone = str(place["name"]), str(place["zone"])
    return name if zone in ("", name) else f"{name} ({zone})"


@click.command(
    "backtest",
    cls=Command,
    help=say(
        "Hur bra hade prognoserna varit? Ställ dig i förfluten tid, förutsäg, räkna träffarna. En "
        "avbruten körning fortsätter där den slutade; resultatet sparas och väljer modell för den "
        "kommande månaden.\n\n"
        "Exempel: riskmiljo backtest --category narcotics --horizon 28 --origins 12",
        "How good would forecasts have been? Stand in the past, forecast, count the hits. A run "
        "that is broken off goes on where it ended; the result is kept and chooses the model of "
        "the coming month.\n\n"
        "Example: riskmiljo backtest --category narcotics --horizon 28 --origins 12",
    ),
)
@click.option(
    "--origins",
    type=int,
    default=ORIGINS,
    metavar="N",
    help=say("Antal prognoser; 52.", "Number of forecasts; 52."),
)
@click.option(
    "--horizon",
    "horizon_days",
    type=int,
    default=HORIZON_DAYS,
    metavar="DAYS",
    help=say("Dagar per prognos; 7.", "Days of each; 7."),
)
@click.option(
    "--models",
    "models",
    multiple=True,
    metavar="NAME",
    help=say(
        "Modeller; annars alla. Kan upprepas eller skrivas med komma.",
        "Models; else all. Repeatable, or with commas.",
    ),
)
@click.option(
    "--cell",
    "cell_m",
    type=float,
    default=CELL_M,
    metavar="M",
    help=say("Rutans sida i meter; 250.", "Side of a cell, metres; 250."),
)
@filter_options
@format_options
@click.pass_obj
def backtest(
    settings: Settings,
    origins: int,
    horizon_days: int,
    models: tuple[str, ...],
    cell_m: float,
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Run a back-test, keep it, and write its summary."""
    require_form(form, ("table", "json", "csv"))
    require_forecasting(settings)
    session = Session(settings)
    label = say("Provar modellerna", "Trying the models").ljust(24)
    with (
        session.open() as store,
        click.progressbar(length=origins, label=label, file=sys.stderr) as bar,
    ):

        def tell(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        made = run_backtest(
            store,
            settings,
            session.lens(),
            session.question(store, query),
            now=session.now(),
            origins=origins,
            horizon_days=horizon_days,
            cell_m=cell_m,
            models=[name for word in models for name in word.split(",") if name],
            progress=tell,
        )
        simulated = store.flag("simulated") is not None
    table = form == "table" and out is None
    frame = _in_per_cent(made.models) if table else made.models
    write_answer(
        name="models",
        frame=gpd.GeoDataFrame(frame),
        about={
            "simulated": simulated,
            "made_at": made.made_at.isoformat(),
            "parameters": made.parameters,
            "forecasts": made.forecasts,
            "incidents": made.events,
            "cells": made.cells,
            "model": made.choice.model,
            "reason": made.choice.reason,
            "beats_baseline": made.choice.beats_baseline,
            "origins": records(made.origins),
            "calibration": records(made.calibration),
            "lens": session.lens().reason,
            "notes": [] if table else list(made.notes),
        },
        columns=_columns(),
        form=form,
        out=out,
    )
    if table:
        _conclude(made)


def _columns() -> list[tuple[str, str]]:
    return [
        (f"label_{LANGUAGE}", say("modell", "model")),
        ("at_1", say("träff 1 %", "hit 1%")),
        ("diff_1", say("mot i fjol", "against last year")),
        ("at_5", say("träff 5 %", "hit 5%")),
        ("diff_5", say("mot i fjol", "against last year")),
        ("pei_5", "PEI* 5 %" if LANGUAGE == "sv" else "PEI* 5%"),
        ("ceiling_5", say("tak", "ceiling")),
        ("gain", say("bit/händelse", "bits/incident")),
        ("slope", say("lutning", "slope")),
        ("covered", say("täckning", "coverage")),
    ]


def _in_per_cent(models: pd.DataFrame) -> pd.DataFrame:
    """Return the figures as people read them: per cent with intervals."""

    def number(value: float, digits: int = 1, *, signed: bool = False) -> str:
        if not np.isfinite(value):
            return "–"
        sign = "+" if signed and value > 0 else ""
        return sign + say(decimal_text(value, digits, fixed=True))

    def between(row: dict[Any, Any], name: str, *, signed: bool = False) -> str:
        value, low, high = (100 * float(row[name + part]) for part in ("", "_lower", "_upper"))
        if not np.isfinite(value):
            return "–"
        ends = (number(end, signed=signed) for end in (low, high))
        return (
            f"{number(value, signed=signed)} ({'–'.join(ends) if not signed else ' / '.join(ends)})"
        )

    rows = models.to_dict("records")
    return pd.DataFrame(
        {
            f"label_{LANGUAGE}": [row[f"label_{LANGUAGE}"] for row in rows],
            "at_1": [between(row, "hit_rate_1pct") for row in rows],
            "diff_1": [between(row, "hit_rate_1pct_diff", signed=True) for row in rows],
            "at_5": [between(row, "hit_rate_5pct") for row in rows],
            "diff_5": [between(row, "hit_rate_5pct_diff", signed=True) for row in rows],
            "pei_5": [number(float(row["pei_star_5pct"]), 2) for row in rows],
            "ceiling_5": [number(float(row["ceiling_pei_star_5pct"]), 2) for row in rows],
            "gain": [number(float(row["gain_bits"]), 2) for row in rows],
            "slope": [number(float(row["slope"]), 2) for row in rows],
            "covered": [number(float(row["coverage"]), 2) for row in rows],
        }
    )


def _conclude(made: KeptBacktest) -> None:
    lines = [
        Text("", ""),
        Text(
            "{n} {n:prognos|prognoser} på {d} {d:dag|dagar}, {e} {e:händelse|händelser}, {c} "
            "{c:ruta|rutor}. Träff: andel av händelserna i de 1 och 5 % av ytan där modellen "
            "väntade mest, med 95 %-intervall; skillnaderna i procentenheter. Tak: vad de "
            "sanna talen skulle nå. Lutning nära 1 och täckning nära 0,90 är bra.",
            "{n} {n:forecast|forecasts} of {d} {d:day|days}, {e} {e:incident|incidents}, {c} "
            "{c:cell|cells}. Hit: share of the incidents in the 1 and 5% of the area where "
            "the model expected most, with 95% intervals; differences in percentage points. "
            "Ceiling: what the true numbers would reach. A slope near 1 and coverage near "
            "0.90 are good.",
        ).fill(
            n=made.forecasts,
            d=made.parameters["horizon_days"],
            e=Text("för få", "too few") if made.events is None else made.events,
            c=made.cells,
        ),
        Text("", ""),
        Text("Valet: {r}", "The choice: {r}").fill(r=made.choice.reason),
        *made.notes,
    ]
    click.echo("\n".join(say(line) for line in lines))

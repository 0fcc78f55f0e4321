"""``riskmiljo zone`` and ``riskmiljo warnings``, and the history of the zones."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
import geopandas as gpd
import numpy as np
import pandas as pd

from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import printable, records, require_form, write_answer, write_notes
from riskmiljo.cli.session import Session, about
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.settings import Settings
from riskmiljo.situation import ZoneStory, story_of_zone, zone_history, zone_of, zone_warnings
from riskmiljo.situation.category_mix import REST
from riskmiljo.situation.zone_story import STATUSES
from riskmiljo.wording import Text, decimal_text

_PLAIN: Final = ("table", "json", "csv")
_TOGETHER: Final = Text("Övriga, tillsammans", "Others, together")
_NO_STATUS: Final = Text("–", "–")


def write_history(settings: Settings, form: str, out: Path | None) -> None:
    """Write every zone of every kept set: first seen, changes, ceased.

    Parameters
    ----------
    settings
        The installation's settings.
    form, out
        As the format options give them.
    """
    require_form(form, _PLAIN)
    session = Session(settings)
    with session.open() as store:
        history = zone_history(store, session.lens())
        tz = zone_of(store, settings)
        simulated = store.flag("simulated") is not None
    write_answer(
        name="history",
        frame=gpd.GeoDataFrame(_in_words(history, tz)),
        about={"simulated": simulated, "lens": session.lens().reason, "notes": []},
        columns=[
            ("until", say("till och med", "up to")),
            ("name", say("zon", "zone")),
            (f"status_{LANGUAGE}", say("ändring", "change")),
            ("since", say("först sedd", "first seen")),
            ("events", say("händelser", "incidents")),
            ("per_ha_week", say("per ha och vecka", "per ha and week")),
        ],
        form=form,
        out=out,
    )


def _in_words(history: pd.DataFrame, tz: str) -> pd.DataFrame:
    """Add statuses in words and local days to the kept columns."""
    told = history.copy()
    texts = [STATUSES.get(str(status), _NO_STATUS) for status in history["status"]]
    told["status_sv"] = [text.sv for text in texts]
    told["status_en"] = [text.en for text in texts]
    local = {
        "since": history["first_seen"],
        "until": history["period_end"] - pd.Timedelta(microseconds=1),
    }
    for name, times in local.items():
        told[name] = times.dt.tz_convert(tz).dt.strftime("%Y-%m-%d")
    told["events"] = told["events"].round().astype("Int64")
    return told


@click.command(
    "zone",
    cls=Command,
    help=say(
        "En zons historia: varför den är en zon, när på veckan, hur det går, vad som hänt med den "
        "från gång till gång.\n\nExempel: riskmiljo zone City",
        "A zone's story: why it is one, when in the week, how it goes, what became of it from set "
        "to set.\n\nExample: riskmiljo zone City",
    ),
)
@click.argument("name", metavar="ZONE")
@filter_options
@format_options
@click.pass_obj
def zone(
    settings: Settings, name: str, query: dict[str, list[str]], form: str, out: Path | None
) -> None:
    """Write the story of one zone."""
    require_form(form, _PLAIN)
    session = Session(settings)
    with session.open() as store:
        told = story_of_zone(
            store,
            settings,
            session.lens(),
            session.question(store, query),
            name,
            now=session.now(),
        )
    history = _in_words(told.history, told.situation.tz)
    if form == "table" and out is None:
        _tell(told, history)
        return
    write_answer(
        name="history",
        frame=gpd.GeoDataFrame(history),
        about={**about(told.situation), **_story(told)},
        columns=[("until", say("till och med", "up to"))],
        form=form,
        out=out,
    )


def _story(told: ZoneStory) -> dict[str, Any]:
    row = told.zone
    return {
        "zone_id": row["zone_id"],
        "name": row["name"],
        "area_ha": row["area_ha"],
        "per_ha_week": row["per_ha_week"],
        "status": row["status"],
        "first_seen": row["first_seen"],
        "when": told.peak,
        "trend": told.trend,
        "detection": Text(row["detection_sv"], row["detection_en"]),
        "why": list(told.lines),
        "mix": [
            {"category": kind, "events": int(events), "share": float(share)}
            for kind, events, share in _mix_rows(told)
        ],
        "micro_places": [
            {"zone_id": place["zone_id"], "name": place["name"], "status": place["status"]}
            for place in told.places.drop_duplicates("zone_id", keep="last").to_dict("records")
        ],
        **told.explanation,
    }


def _tell(told: ZoneStory, history: pd.DataFrame) -> None:
    row = told.zone
    lines = [
        Text(
            "{n} ({z}): {h} hektar, {p} {p:händelse|händelser} per hektar och vecka.",
            "{n} ({z}): {h} {h:hectare|hectares}, {p} {p:incident|incidents} per hectare and week.",
        ).fill(
            n=row["name"],
            z=row["zone_id"],
            h=decimal_text(row["area_ha"], 1),
            p=decimal_text(row["per_ha_week"], 2),
        ),
        Text("När: {w}.", "When: {w}.").fill(w=told.peak),
        Text("Utveckling: {t}.", "Trend: {t}.").fill(t=told.trend),
        Text("Hur händelserna blev kända: {d}.", "How incidents became known: {d}.").fill(
            d=Text(row["detection_sv"], row["detection_en"])
        ),
        Text("", ""),
        Text("Varför det är en zon:", "Why it is a zone:"),
        *(Text(f"  {line.sv}", f"  {line.en}") for line in told.lines),
        Text("", ""),
        Text("Vad som händer:", "What happens:"),
        *_mix(told),
        Text("", ""),
        Text("Från gång till gång:", "From set to set:")
        if len(history)
        else Text("Zonen är inte bland de sparade.", "The zone is not among the kept ones."),
    ]
    for past in records(history):
        figures = ""
        if past["events"] is not None:
            figures = say(
                Text(", {n} {n:händelse|händelser}", ", {n} {n:incident|incidents}").fill(
                    n=past["events"]
                )
            )
        lines.append(
            Text("  till {u}: {s}{f}", "  up to {u}: {s}{f}").fill(
                u=past["until"], s=past[f"status_{LANGUAGE}"], f=figures
            )
        )
    lines += _places(told)
    text = "\n".join(say(line) for line in lines)
    click.echo(printable(text))
    write_notes(about(told.situation))


def _mix_rows(told: ZoneStory) -> list[tuple[str, int, float]]:
    mix = told.mix
    return list(zip(mix["category"].astype(str), mix["events"], mix["share"], strict=True))


def _mix(told: ZoneStory) -> list[Text]:
    """Tell of the categories, those together that may not be told one by one."""
    return [
        Text(
            "  {c}: {n} {n:händelse|händelser}, {s} %",
            "  {c}: {n} {n:incident|incidents}, {s}%",
        ).fill(
            c=_TOGETHER if kind == REST else CATEGORIES.get(kind, Text(kind, kind)),
            n=decimal_text(events, 0),
            s=decimal_text(100 * share, 0),
        )
        for kind, events, share in _mix_rows(told)
    ]


def _places(told: ZoneStory) -> list[Text]:
    """Tell of the places within the zone: what became of each at the latest search."""
    latest = told.places.drop_duplicates("zone_id", keep="last")
    if latest.empty:
        return []
    tz = told.situation.tz
    return [
        Text("", ""),
        Text(
            "Platser i zonen, vid den senaste sökningen:", "Places within it, at the last search:"
        ),
        *(
            Text("  {n}: {s}, först sedd {d:%Y-%m-%d}", "  {n}: {s}, first seen {d:%Y-%m-%d}").fill(
                n=place["name"],
                s=STATUSES.get(str(place["status"]), _NO_STATUS),
                d=place["first_seen"].tz_convert(tz),
            )
            for place in latest.to_dict("records")
        ),
    ]


@click.command(
    "warnings",
    cls=Command,
    help=say(
        "Den senaste veckan i varje zon mot vad dess förflutna leder till, med årstid och utan att "
        "ropa varg bland många zoner.\n\nExempel: riskmiljo warnings --category violence",
        "The latest week of each zone against what its past leads to, with the season, and without "
        "crying wolf among many zones.\n\nExample: riskmiljo warnings --category violence",
    ),
)
@filter_options
@format_options
@click.pass_obj
def warnings(settings: Settings, query: dict[str, list[str]], form: str, out: Path | None) -> None:
    """Write each zone's latest week against its expected range."""
    require_form(form, _PLAIN)
    session = Session(settings)
    with session.open() as store:
        made = zone_warnings(
            store, settings, session.lens(), session.question(store, query), now=session.now()
        )
    first, last = made.week
    frame = made.zones.assign(this_week=made.zones["this_week"].astype("Int64"))
    if form == "table" and out is None:
        alarms = int((made.zones["verdict"] == "alarm").sum())
        click.echo(
            say(
                Text(
                    "Veckan {a} till {b}: {n} larm i {z} {z:zon|zoner}.",
                    "The week {a} to {b}: {n} {n:alarm|alarms} in {z} {z:zone|zones}.",
                ).fill(a=first, b=last, n=alarms, z=len(frame))
            )
        )
    if form == "table":
        frame = frame.assign(
            range=[
                _range(low, high)
                for low, high in zip(frame["lower_95"], frame["upper_95"], strict=True)
            ]
        )
    write_answer(
        name="zones",
        frame=gpd.GeoDataFrame(frame),
        about={
            "simulated": made.simulated,
            "week_from": first.isoformat(),
            "week_to": last.isoformat(),
            "data_until": made.as_of.isoformat(),
            "lens": session.lens().reason,
            "notes": list(made.notes),
        },
        columns=[
            ("name", say("zon", "zone")),
            ("this_week", say("veckan", "week")),
            ("expected", say("väntat", "expected")),
            ("range", say("väntat 95 %", "expected 95%")),
            (f"verdict_{LANGUAGE}", say("bedömning", "verdict")),
        ],
        form=form,
        out=out,
    )


def _range(low: float, high: float) -> str:
    return "–" if np.isnan(low) else f"{low:.0f}–{high:.0f}"

"""``riskmiljo zones``, ``heatmap`` and ``hotspots``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click
import geopandas as gpd
import numpy as np

from riskmiljo.analysis.peaks import peak_hours
from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import write_answer
from riskmiljo.cli.session import Session, about
from riskmiljo.cli.zone_story import write_history
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.maps import BREAKS
from riskmiljo.settings import Settings
from riskmiljo.situation import Situation, significant_cells
from riskmiljo.situation.spots import CELL_M, FDR, RADIUS_M
from riskmiljo.situation.zone_runs import MOST_BOOTSTRAPS, repeat_search
from riskmiljo.wording import Text

# What every zone answer shows of a zone; weights and places stay inside.
_ZONE_FIELDS: Final = (
    "zone_id", "name", "events", "area_ha", "per_ha_week", "per_ha_week_lower", "per_ha_week_upper",
    "share", "reported", "discovered", "detection_sv", "detection_en", "status", "first_seen",
    "stability", "parent_id",
)  # fmt: skip

_KINDS: Final = {"hot": Text("het", "hot"), "cold": Text("kall", "cold")}


@click.command(
    "zones",
    cls=Command,
    help=say(
        "Visa riskzonerna: namn, antal, täthet, utveckling och när på veckan.\n\n"
        "Exempel: riskmiljo zones --period last-28-days --category weapon --hours 18-02",
        "Show the risk zones: name, count, density, trend and when in the week.\n\n"
        "Example: riskmiljo zones --period last-28-days --category weapon --hours 18-02",
    ),
)
@click.option(
    "--history",
    is_flag=True,
    help=say(
        "Visa i stället de sparade zonerna från gång till gång: nya, växande, upphörda.",
        "Show the kept zones from set to set instead: new, growing, ceased.",
    ),
)
@click.option(
    "--bootstraps",
    type=click.IntRange(1, MOST_BOOTSTRAPS),
    metavar="N",
    help=say(
        "Sök om N gånger i händelser som dras om, och visa hur ofta varje zon kommer tillbaka. "
        "Körningen sparas med sina parametrar. Hundra gånger tar omkring 9 s med 12 000 händelser.",
        "Search again N times in incidents drawn anew, and show how often each zone comes back. "
        "The run is kept with its parameters. A hundred times take some 9 s with 12 000 incidents.",
    ),
)
@filter_options
@format_options
@click.pass_obj
def zones(
    settings: Settings,
    history: bool,
    bootstraps: int | None,
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Write the zones of a situation."""
    if history:
        _refuse_filters({**query, "bootstraps": [] if bootstraps is None else [str(bootstraps)]})
        write_history(settings, form, out)
        return
    session = Session(settings)
    run = None
    with session.open() as store:
        situation = session.situation(store, query)
        if situation.zones.empty:
            raise NothingFoundError(_why_none(situation))
        if bootstraps is not None:
            run = repeat_search(
                situation, store, settings, bootstraps=bootstraps, now=session.now()
            )
            situation = replace(situation, zones=run.zones)
    frame = zone_table(situation)
    columns = [
        ("name", say("zon", "zone")),
        ("events", say("händelser", "incidents")),
        ("area_ha", say("hektar", "hectares")),
        ("per_ha_week", say("per ha och vecka", "per ha and week")),
        (f"when_{LANGUAGE}", say("när", "when")),
        (f"trend_{LANGUAGE}", say("utveckling", "trend")),
    ]
    told = about(situation)
    if run is not None:
        told |= {"run": run.result_id, "parameters": run.parameters}
        columns.insert(4, ("stability", say("återkommer", "comes back")))
    write_answer(name="zones", frame=frame, about=told, columns=columns, form=form, out=out)


def _refuse_filters(query: dict[str, list[str]]) -> None:
    given = [name for name, values in query.items() if values]
    if given:
        raise click.UsageError(
            say(
                "--history gäller de sparade zonerna; ta bort --{n}.",
                "--history is of the kept zones; leave out --{n}.",
            ).format(n=given[0])
        )


def zone_table(situation: Situation) -> gpd.GeoDataFrame:
    """Return the zones with their rhythm and trend in words.

    Parameters
    ----------
    situation
        With at least one zone.

    Returns
    -------
    geopandas.GeoDataFrame
        Most incidents first, metres.
    """
    frame = situation.zones[[*_ZONE_FIELDS, "geometry"]].copy()
    peaks = [peak_hours(situation.rhythm.loc[zone_id]).text for zone_id in frame["zone_id"]]
    trend = situation.trend.reindex(frame["zone_id"])
    for language in ("sv", "en"):
        frame[f"when_{language}"] = [peak.in_language(language) for peak in peaks]
        frame[f"trend_{language}"] = trend[f"verdict_{language}"].to_numpy()
    ordered: gpd.GeoDataFrame = frame.sort_values(["events", "zone_id"], ascending=[False, True])
    return ordered


def _why_none(situation: Situation) -> Text:
    if situation.notes:
        return situation.notes[0]
    return Text("Inga riskzoner hittades.", "No risk zones were found.")


@click.command(
    "heatmap",
    cls=Command,
    help=say(
        "Värmekartan i fasta klasser, händelser per hektar och vecka.\n\n"
        "table och json visar klassernas ytor, geojson deras gränser, csv varje cell som har "
        "mer än den lägsta klassens nedre gräns.",
        "The density surface in fixed classes, incidents per hectare and week.\n\n"
        "table and json show the areas of the classes, geojson their borders, csv every cell above "
        "the lowest class's lower bound.",
    ),
)
@filter_options
@format_options
@click.pass_obj
def heatmap(settings: Settings, query: dict[str, list[str]], form: str, out: Path | None) -> None:
    """Write the density surface of a situation."""
    session = Session(settings)
    with session.open() as store:
        situation = session.situation(store, query)
    surface = situation.surface
    if surface is None:
        raise NothingFoundError(_why_none(situation))
    frame = _cells(situation) if form == "csv" else _classes(situation)
    write_answer(
        name="classes",
        frame=frame,
        about={
            **about(situation),
            "unit": Text("händelser per hektar och vecka", "incidents per hectare and week"),
            "cell_m": surface.grid.cell_m,
            "bandwidth_m": surface.bandwidth_m,
            "kernel": surface.kernel,
        },
        columns=[
            ("from", say("från", "from")),
            ("to", say("till under", "to below")),
            ("hectares", say("hektar", "hectares")),
        ],
        form=form,
        out=out,
    )


def _classes(situation: Situation) -> gpd.GeoDataFrame:
    if situation.surface is None:
        raise NothingFoundError(_why_none(situation))
    bands = situation.surface.contours(BREAKS)
    frame = gpd.GeoDataFrame(
        {
            "from": bands["lower"].astype(float),
            "to": bands["upper"].astype(float),
            "hectares": bands.area / 10_000,
        },
        geometry=bands.geometry,
        crs=bands.crs,
    )
    shown: gpd.GeoDataFrame = frame[frame["hectares"] > 0]
    return shown


def _cells(situation: Situation) -> gpd.GeoDataFrame:
    if situation.surface is None:
        raise NothingFoundError(_why_none(situation))
    grid, values = situation.surface.grid, situation.surface.values.ravel()
    keep = np.flatnonzero(values >= BREAKS[0])
    centres = grid.centres[keep]
    lon, lat = transform(centres[:, 0], centres[:, 1], grid.crs, WGS84)
    columns = {"lon": lon, "lat": lat, "per_ha_week": values[keep]}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*centres.T), crs=grid.crs)


@click.command(
    "hotspots",
    cls=Command,
    help=say(
        "Rutor på 250 m som står ut signifikant: Getis-Ord Gi* med högst 5 % falska larm.\n\n"
        "Exempel: riskmiljo hotspots --category robbery --format geojson --out rutor.geojson",
        "Cells of 250 m that stand out significantly: Getis-Ord Gi* with at most 5% false alarms."
        "\n\nExample: riskmiljo hotspots --category robbery --format geojson --out cells.geojson",
    ),
)
@filter_options
@format_options
@click.pass_obj
def hotspots(settings: Settings, query: dict[str, list[str]], form: str, out: Path | None) -> None:
    """Write the cells that are significantly hot or cold."""
    session = Session(settings)
    with session.open() as store:
        found = significant_cells(store, settings, session.lens(), session.question(store, query))
        simulated = store.flag("simulated") is not None
    period = found.attrs["period"]
    frame = found.assign(
        kind_sv=found["kind"].map({kind: text.sv for kind, text in _KINDS.items()}),
        kind_en=found["kind"].map({kind: text.en for kind, text in _KINDS.items()}),
    )
    write_answer(
        name="cells",
        frame=frame,
        about={
            "simulated": simulated,
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "cell_m": CELL_M,
            "radius_m": RADIUS_M,
            "fdr": FDR,
            "cells_tested": found.attrs["cells"],
            "lens": session.lens().reason,
            "notes": [],
        },
        columns=[
            (f"kind_{LANGUAGE}", say("slag", "kind")),
            ("count", say("händelser", "incidents")),
            ("gi_z", "Gi* z"),
            ("q", "q"),
        ],
        form=form,
        out=out,
    )

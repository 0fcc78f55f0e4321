"""``riskmiljo patrol areas``."""

from __future__ import annotations

from pathlib import Path

import click

from riskmiljo.cli.language import LANGUAGE, Command, Group, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import write_answer
from riskmiljo.cli.routing import plans, replan, route
from riskmiljo.cli.session import Session, about
from riskmiljo.errors import NothingFoundError
from riskmiljo.model.shift import Shift
from riskmiljo.settings import Settings
from riskmiljo.situation import zone_of
from riskmiljo.wording import Text


@click.group("patrol", cls=Group, help=say("Planera ett pass.", "Plan a shift."))
def patrol() -> None:
    """Group the commands that plan a shift."""


@patrol.command(
    "areas",
    cls=Command,
    help=say(
        "Dela zonerna i ett patrullområde per lag, med lika mycket väntad risk i varje.\n\n"
        'Exempel: riskmiljo patrol areas --teams 3 --shift "2026-04-30 18:00/02:00"',
        "Divide the zones into one patrol area per team, with the same expected risk in each.\n\n"
        'Example: riskmiljo patrol areas --teams 3 --shift "2026-04-30 18:00/02:00"',
    ),
)
@click.option(
    "--teams", type=int, required=True, metavar="N", help=say("Antal lag.", "Number of teams.")
)
@click.option(
    "--shift",
    "shift_text",
    metavar='"DATE HH:MM/HH:MM"',
    help=say("Passet; annars kvällens, 18–02.", "The shift; otherwise this evening's, 18–02."),
)
@filter_options
@format_options
@click.pass_obj
def areas(
    settings: Settings,
    teams: int,
    shift_text: str | None,
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Write the patrol areas of a shift."""
    session = Session(settings)
    with session.open() as store:
        shift = Shift.parse(shift_text, tz=zone_of(store, settings)) if shift_text else None
        situation = session.situation(store, query, shift=shift, teams=teams)
    if situation.areas.empty:
        raise NothingFoundError(
            situation.notes[0]
            if situation.notes
            else Text("Inga zoner att dela upp.", "No zones to divide.")
        )
    write_answer(
        name="areas",
        frame=situation.areas,
        about={
            **about(situation),
            "shift": situation.shift.label(),
            "teams": teams,
            "balance": situation.areas.attrs.get("balance"),
        },
        columns=[
            ("area_id", say("nr", "no.")),
            ("name", say("område", "area")),
            ("area_ha", say("hektar", "hectares")),
            ("expected", say("väntat i passet", "expected in the shift")),
            (f"why_{LANGUAGE}", say("varför", "why")),
        ],
        form=form,
        out=out,
    )


for command in (route, plans, replan):
    patrol.add_command(command)

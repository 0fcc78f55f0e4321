"""``riskmiljo patrol``: areas and standing posts; routes have a module of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import geopandas as gpd

from riskmiljo.analysis.peaks import smoothed_rhythm
from riskmiljo.cli.borders import read_borders
from riskmiljo.cli.language import LANGUAGE, Command, Group, say
from riskmiljo.cli.options import filter_options, format_options
from riskmiljo.cli.output import write_answer
from riskmiljo.cli.routing import plans, replan, route
from riskmiljo.cli.session import Session, about
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.areas import patrol_areas
from riskmiljo.patrol.posts import standing_posts
from riskmiljo.settings import Settings
from riskmiljo.situation import Situation, zone_of
from riskmiljo.situation.networks import networks
from riskmiljo.wording import Text

_SHIFT: Final = click.option(
    "--shift",
    "shift_text",
    metavar='"DATE HH:MM/HH:MM"',
    help=say("Passet; annars kvällens, 18–02.", "The shift; otherwise this evening's, 18–02."),
)


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
@_SHIFT
@click.option(
    "--keep",
    multiple=True,
    metavar="ZONE=AREA",
    help=say(
        "Lägg en zon (namn eller id) i ett visst område; kan upprepas.",
        "Put a zone (name or id) into an area; repeatable.",
    ),
)
@click.option(
    "--barriers",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=say(
        "Linjer som inget område går över, t.ex. en å (GeoJSON).",
        "Lines that no area crosses, such as a river (GeoJSON).",
    ),
)
@click.option(
    "--beats",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=say(
        "Ytor som områdena håller sig inom (GeoJSON).",
        "Polygons that areas stay within (GeoJSON).",
    ),
)
@filter_options
@format_options
@click.pass_obj
def areas(
    settings: Settings,
    teams: int,
    shift_text: str | None,
    keep: tuple[str, ...],
    barriers: Path | None,
    beats: Path | None,
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Write the patrol areas of a shift."""
    session = Session(settings)
    with session.open() as store:
        shift = Shift.parse(shift_text, tz=zone_of(store, settings)) if shift_text else None
        situation = session.situation(store, query, shift=shift, teams=teams)
    found = situation.areas
    if len(found) and (keep or barriers or beats):
        crs = situation.zones.crs
        found = patrol_areas(
            situation.zones,
            teams=teams,
            streets=networks(situation.streets).get("walk"),
            shift=situation.shift,
            rhythm=smoothed_rhythm(situation.rhythm),
            keep=dict(_kept(word, situation) for word in keep),
            barriers=read_borders(barriers, crs=crs, areas=False) if barriers else None,
            beats=read_borders(beats, crs=crs, areas=True) if beats else None,
        )
    _require_zones(situation)
    told = about(situation)
    # Those of the areas asked for stand in the place of those of areas without wishes.
    replaced = _told_of(situation.areas)
    told["notes"] = [note for note in told["notes"] if note not in replaced] + _told_of(found)
    write_answer(
        name="areas",
        frame=found,
        about={
            **told,
            "shift": situation.shift.label(),
            "teams": teams,
            "balance": found.attrs.get("balance"),
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


@patrol.command(
    "posts",
    cls=Command,
    help=say(
        "Välj fasta poster så att så mycket väntad risk som möjligt nås inom några minuter.\n\n"
        "Exempel: riskmiljo patrol posts --posts 3 --minutes 5 --backup 0.1",
        "Choose standing posts so that as much expected risk as possible is within reach.\n\n"
        "Example: riskmiljo patrol posts --posts 3 --minutes 5 --backup 0.1",
    ),
)
@click.option(
    "--posts",
    "number",
    type=int,
    required=True,
    metavar="N",
    help=say("Antal poster.", "Number of posts."),
)
@click.option(
    "--minutes",
    type=float,
    default=5.0,
    metavar="MIN",
    help=say("Längsta väg till fots; 5.", "Longest way on foot; 5."),
)
@click.option(
    "--backup",
    type=float,
    default=0.0,
    metavar="0-1",
    help=say(
        "Andel som får offras för att mer ska nås av två poster.",
        "Share that may be given up so that more is reached by two posts.",
    ),
)
@_SHIFT
@filter_options
@format_options
@click.pass_obj
def posts(
    settings: Settings,
    number: int,
    minutes: float,
    backup: float,
    shift_text: str | None,
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Write the best standing posts of a shift."""
    session = Session(settings)
    with session.open() as store:
        shift = Shift.parse(shift_text, tz=zone_of(store, settings)) if shift_text else None
        situation = session.situation(store, query, shift=shift)
    _require_zones(situation)
    found = standing_posts(
        situation.zones,
        posts=number,
        minutes=minutes,
        streets=networks(situation.streets).get("walk"),
        shift=situation.shift,
        rhythm=smoothed_rhythm(situation.rhythm),
        backup=backup,
    )
    told = about(situation)
    told["notes"] = [Text(each["sv"], each["en"]) for each in found.attrs["notes"]]
    write_answer(
        name="posts",
        frame=found,
        about={
            **told,
            "shift": situation.shift.label(),
            "covered": found.attrs["covered"],
            "covered_by_two": found.attrs["backup"],
            "expected": found.attrs["expected"],
            "summary": found.attrs["summary"],
        },
        columns=[
            ("post_id", say("nr", "no.")),
            ("name", say("plats", "place")),
            ("expected", say("väntat i passet", "expected in the shift")),
            ("minutes", say("minuter bort", "minutes away")),
            (f"why_{LANGUAGE}", say("varför", "why")),
        ],
        form=form,
        out=out,
    )


def _told_of(areas: gpd.GeoDataFrame) -> list[Text]:
    """Return how even areas are and what was assumed."""
    told = [areas.attrs.get("balance"), *areas.attrs.get("notes", ())]
    return [Text(each["sv"], each["en"]) for each in told if each]


def _require_zones(situation: Situation) -> None:
    if situation.areas.empty:
        raise NothingFoundError(
            situation.notes[0]
            if situation.notes
            else Text("Inga zoner att dela upp.", "No zones to divide.")
        )


def _kept(word: str, situation: Situation) -> tuple[str, int]:
    name, _, area = word.rpartition("=")
    zones = situation.zones
    found = zones[(zones["zone_id"] == name) | (zones["name"].str.casefold() == name.casefold())]
    if found.empty or not area.isdigit():
        raise InvalidInputError(
            Text(
                "--keep {w!r} kan inte läsas. Skriv zon=område, till exempel City=2.",
                "--keep {w!r} cannot be read. Write zone=area, such as City=2.",
            ).fill(w=word)
        )
    return str(found["zone_id"].iloc[0]), int(area)


for command in (route, plans, replan):
    patrol.add_command(command)

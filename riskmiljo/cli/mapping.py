"""``riskmiljo maps build``: the standing maps as files that can be mailed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from riskmiljo.cli.language import LANGUAGE, Command, Group, say
from riskmiljo.cli.output import write_notes, write_text
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError
from riskmiljo.maps import StandingMap, read_standing_maps, standalone_page
from riskmiljo.settings import Settings
from riskmiljo.situation import build_situation, map_layers, named_period, zone_of
from riskmiljo.store import Store
from riskmiljo.wording import Text


@click.group("maps", cls=Group, help=say("Kartor som filer.", "Maps as files."))
def maps() -> None:
    """Group the commands that write maps."""


@maps.command(
    "build",
    cls=Command,
    help=say(
        "Bygg stående kartor (maps/*.toml) som fristående HTML-filer: en fil var, utan nät.\n\n"
        "Utan NAMN byggs alla.",
        "Build standing maps (maps/*.toml) as self-contained HTML files that need no network.\n\n"
        "Without NAME all are built.",
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("kartor"),
    show_default=True,
    metavar="DIR",
    help=say("Mappen som filerna läggs i.", "The folder that the files are put in."),
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=say(
        "Egna kartor i stället för de medföljande.", "Maps of one's own, not the shipped ones."
    ),
)
@click.pass_obj
def build(settings: Settings, names: tuple[str, ...], out: Path, folder: Path | None) -> None:
    """Write the standing maps."""
    session = Session(settings)
    chosen = _chosen(read_standing_maps(folder), names)
    out.mkdir(parents=True, exist_ok=True)
    with session.open() as store:
        for standing in chosen:
            payload = _payload(session, store, standing)
            path = out / f"{standing.name}.html"
            write_text(path, standalone_page(payload, language=LANGUAGE))
            click.echo(f"{path}")
        write_notes({"simulated": store.flag("simulated") is not None})


def _chosen(standing: list[StandingMap], names: tuple[str, ...]) -> list[StandingMap]:
    known = {one.name: one for one in standing}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidInputError(
            Text(
                "Kartan {n!r} finns inte. Det finns: {all}.",
                "There is no map {n!r}. There are: {all}.",
            ).fill(n=unknown[0], all=", ".join(known))
        )
    return [known[name] for name in names] or standing


def _payload(session: Session, store: Store, standing: StandingMap) -> dict[str, object]:
    tz = zone_of(store, session.settings)
    period = named_period(standing.period, store, tz=tz)
    situation = build_situation(
        store,
        session.settings,
        session.lens(),
        replace(standing.question, period=period, tz=tz),
        now=session.now(),
        teams=standing.teams,
    )
    return map_layers(
        situation,
        session.settings,
        title=standing.title,
        shown=standing.shown,
        layers=standing.layers,
    )

"""``riskmiljo demo``: from nothing to a served situation picture of a simulated Uppsala."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from riskmiljo.cli.demo_work import enter_operations, plant_effects, try_forecasts
from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.session import Session
from riskmiljo.errors import StoreError
from riskmiljo.intake import ConfiguredArea, read_incidents
from riskmiljo.model.filters import Filter
from riskmiljo.model.role import ROLE_NAMES
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings, load_settings, shipped
from riskmiljo.simulate import SimulatedCity, simulate_city
from riskmiljo.situation import build_situation, default_period, refresh_zones
from riskmiljo.situation.releases import make_release
from riskmiljo.store import Area, Store
from riskmiljo.web import serve
from riskmiljo.wording import Text

DEMO_STORE: Final = "sqlite:///riskmiljo-demo.sqlite"
# Zones are found for earlier periods first, so that the demo can show which are new and which
# have grown: four-week steps back from the end of the data.
_EARLIER_WEEKS: Final = (12, 8, 4, 0)
_SOURCES: Final = ("police", "outreach", "municipality")
# As the base map draws it: the main streets, bridges and passages of the centre.
_STREETS: Final = "schematiskt gatunät / schematic street network"


@click.command(
    "demo",
    cls=Command,
    help=say(
        "Simulera tre år i Uppsala, läs in, hitta riskzoner, dela ut patrullområden och visa allt "
        "på http://127.0.0.1:5000. Andra gången används samma lager. Inga verkliga händelser.",
        "Simulate three years in Uppsala, take them in, find risk zones, deal out patrol areas and "
        "show it all on http://127.0.0.1:5000. The second time the same store is used. No real "
        "incidents.",
    ),
)
@click.option("--seed", type=int, default=1, show_default=True, help=say("Slumpfrö.", "Seed."))
@click.option("--no-serve", is_flag=True, help=say("Bygg bara lagret.", "Only build the store."))
@click.option("--port", type=int, metavar="N", help=say("Port.", "Port."))
@click.option(
    "--truth",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=say(
        "Spara facit: vilka platser som planterades (GeoJSON) och deras händelser (CSV bredvid).",
        "Keep the truth: which places were planted (GeoJSON) and their incidents (CSV beside it).",
    ),
)
@click.pass_obj
def demo(
    settings: Settings, seed: int, no_serve: bool, port: int | None, truth: Path | None
) -> None:
    """Build the demo's store if need be, and serve it."""
    named = "store" in settings.model_fields_set
    chosen = load_settings(
        store=settings.store if named else DEMO_STORE, language=settings.language, port=port
    )
    session = Session(chosen)
    with session.open(create=True) as store:
        _refuse_real_data(store)
        if store.flag("demo") == f"seed {seed}":
            click.echo(
                say(
                    "Lagret {s} finns redan och används.", "The store {s} exists and is used."
                ).format(s=chosen.store)
            )
        else:
            _build(session, store, seed, truth)
        with _step(say("Ritar lägesbilden", "Drawing the situation"), 1) as tick:
            build_situation(store, chosen, session.lens(), Filter(), now=session.now())
            tick()
        _tell(store)
        _add_logins(session, store)
    if no_serve:
        return
    click.echo(
        say(
            "Öppna http://{h}:{p} i en webbläsare. Avsluta med Ctrl+C.",
            "Open http://{h}:{p} in a browser. End with Ctrl+C.",
        ).format(h=chosen.host, p=chosen.port)
    )
    serve(chosen)


def _refuse_real_data(store: Store) -> None:
    if store.count() and store.flag("simulated") is None:
        raise StoreError(
            Text(
                "Lagret {s} har riktiga händelser; demon blandas aldrig med dem. Ange ett annat "
                "med --store.",
                "The store {s} holds real incidents; the demo is never mixed with them. Name "
                "another with --store.",
            ).fill(s=store.url)
        )


def _build(session: Session, store: Store, seed: int, truth: Path | None) -> None:
    started = store.flag("demo_started")
    today = session.now().date()
    # A demo that was broken off goes on with the same city.
    last, begun = (
        (date.fromisoformat(started.split()[0]), int(started.split()[1]))
        if started
        else (today, seed)
    )
    if begun != seed:
        raise StoreError(
            Text(
                "Lagret {s} har en demo med frö {a}. Ange --seed {a} eller ett annat lager.",
                "The store {s} holds a demo of seed {a}. Give --seed {a} or another store.",
            ).fill(s=store.url, a=begun)
        )
    store.set_flag("simulated", "1")
    store.set_flag("demo_started", f"{last.isoformat()} {seed}")
    with _step(say("Simulerar tre år i Uppsala", "Simulating three years in Uppsala"), 1) as tick:
        city = plant_effects(simulate_city(seed=seed, end=last), last, seed=seed)
        tick()
    if truth is not None:
        for path in city.write_truth(truth):
            click.echo(say("Facit: {p}", "Truth: {p}").format(p=path))
    refused = _import(session, store, city)
    click.echo(
        say(
            Text(
                "  {n} {n:händelse|händelser} inlästa; {r} {r:trasig rad avvisad|trasiga "
                "rader avvisade}, som de ska.",
                "  {n} {n:incident|incidents} taken in; {r} broken {r:row|rows} refused, as "
                "they should be.",
            ).fill(n=store.count(), r=refused)
        )
    )
    if store.streets() is None:
        streets = read_streets(shipped("data", "streets.geojson"), crs=session.settings.epsg)
        store.save_streets(streets.lines(), source=_STREETS, now=session.now())
    if store.presence().empty:
        store.add_presence(city.presence, now=session.now())
    label = say("Söker riskzoner, fyra gånger", "Finding risk zones, four times")
    with _step(label, len(_EARLIER_WEEKS)) as tick:
        for weeks in _EARLIER_WEEKS:
            # How sure the zones are is shown of the latest alone.
            more: dict[str, Any] = {} if weeks == min(_EARLIER_WEEKS) else {"bootstraps": 0}
            refresh_zones(store, session.settings, now=session.now(), weeks_earlier=weeks, **more)
            tick()
    enter_operations(store, session.settings, last, language=LANGUAGE, now=session.now())
    with _step(say("Prövar prognoser i efterhand", "Trying forecasts on the past"), 3) as tick:
        try_forecasts(store, session.settings, now=session.now(), progress=tick)
    with _step(say("Släpper lägesbilden", "Releasing the picture"), 1) as tick:
        make_release(store, session.settings, now=session.now())
        tick()
    store.set_flag("demo", f"seed {seed}")


def _import(session: Session, store: Store, city: SimulatedCity) -> int:
    settings = session.settings
    area = ConfiguredArea(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
    if store.area() is None:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
    refused = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = city.write_files(Path(folder))
        with _step(
            say("Läser in ägarnas filer", "Taking in the owners' files"), len(paths)
        ) as tick:
            for path, source in zip(paths, _SOURCES, strict=True):
                intake = read_incidents(path, source=source, area=area, now=session.now())
                refused += len(intake.rejects)
                if store.batch_of_file(intake.receipt["sha256"]) is None:
                    store.add_incidents(
                        intake.incidents,
                        file_name=path.name,
                        sha256=intake.receipt["sha256"],
                        source=source,
                        receipt=intake.receipt,
                        now=session.now(),
                    )
                tick()
    return refused


def _tell(store: Store) -> None:
    zones = store.zones()
    click.echo(
        say(
            Text(
                "{n} {n:händelse|händelser} till och med {d:%Y-%m-%d}, {z} "
                "{z:riskzon|riskzoner}. Simulerade data.",
                "{n} {n:incident|incidents} up to {d:%Y-%m-%d}, {z} risk {z:zone|zones}. "
                "Simulated data.",
            ).fill(
                n=store.count(),
                d=default_period(store).first_and_last_day()[1],
                z=0 if zones is None else len(zones),
            )
        )
    )


def _add_logins(session: Session, store: Store) -> None:
    known = {user.name for user in store.users.all()}
    for login in DEMO_LOGINS:
        if login.name not in known:
            store.users.add(login.name, login.role, password=DEMO_PASSWORD, now=session.now())
    click.echo(say("Inloggningar i demon:", "Demo logins:"))
    for login in DEMO_LOGINS:
        click.echo(f"  {login.name.ljust(14)}{DEMO_PASSWORD}  ({say(ROLE_NAMES[login.role])})")


@contextmanager
def _step(label: str, length: int) -> Iterator[Callable[[], None]]:
    """Draw a bar for one long step; where nobody looks, click writes the label only."""
    with click.progressbar(length=length, label=label.ljust(32), file=None) as bar:
        yield lambda: bar.update(1)

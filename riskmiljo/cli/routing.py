"""``riskmiljo patrol route``, ``patrol plans`` and ``patrol replan``."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click

from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.options import short_filter_options
from riskmiljo.cli.output import plain, require_folder, write_bytes, write_notes
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError
from riskmiljo.export.clock import Clock
from riskmiljo.export.files import plan_file, plan_suffix
from riskmiljo.model.period import Period, local_instant
from riskmiljo.model.plan import (
    CREW_KIND_NAMES,
    MODE_NAMES,
    Leg,
    Pause,
    Plan,
    Route,
    Spot,
    Visit,
    place_title,
)
from riskmiljo.model.plan_record import plan_record
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.route_words import amount
from riskmiljo.patrol.routes import UNPREDICTABLE
from riskmiljo.patrol.street_rules import require_mode
from riskmiljo.patrol.teams import Team
from riskmiljo.settings import Settings
from riskmiljo.situation import (
    ShiftPlan,
    ShiftRequest,
    plan_shift,
    replan_shift,
    usual_pause,
    zone_of,
)
from riskmiljo.situation.patrolling import REQUEST, request_of, request_record
from riskmiljo.store import Store
from riskmiljo.wording import Text

_BREAK: Final = Text("Rast", "Break")
_START: Final = Text("Start", "Start")
_FINISH: Final = Text("Mål", "Finish")
_WORTH: Final = Text(
    "{n}. {w} Missas utan besöket: {a}; omväg {d} min.",
    "{n}. {w} Missed without the visit: {a}; detour {d} min.",
)
_LEFT: Final = Text("{n} (väntat {e}): {w}", "{n} (expected {e}): {w}")
# Lines are broken for a window of the usual width; reasons stand in their own column.
_WIDTH: Final = 100
_REASON_AT: Final = 15


@click.command(
    "route",
    cls=Command,
    help=say(
        "Planera en rutt per lag: vilka hållpunkter, i vilken ordning, när, hur länge och varför."
        "\n\n"
        'Exempel: riskmiljo patrol route --shift "2026-04-30 18:00/02:00" --teams 3 '
        '--from "Polishuset" --mode walk --out plan.html',
        "Plan one route per team: which stops, in which order, when, for how long and why.\n\n"
        'Example: riskmiljo patrol route --shift "2026-04-30 18:00/02:00" --teams 3 '
        '--from "Polishuset" --mode walk --out plan.html',
    ),
)
@click.option(
    "--shift",
    "shift_text",
    metavar='"DATE HH:MM/HH:MM"',
    help=say("Passet; annars kvällens, 18–02.", "The shift; otherwise this evening's, 18–02."),
)
@click.option("--teams", type=int, metavar="N", help=say("Antal lag; annars 3.", "Teams; else 3."))
@click.option(
    "--crew",
    "crews",
    multiple=True,
    metavar="KIND[:MODE]",
    help=say(
        "Ett lag i taget i stället för --teams: police, outreach eller night_walkers, och hur det "
        "tar sig fram, t.ex. outreach:cycle. Kan upprepas.",
        "One team at a time instead of --teams: police, outreach or night_walkers, and how it "
        "goes, such as outreach:cycle. Repeatable.",
    ),
)
@click.option(
    "--from",
    "start",
    default="",
    metavar="PLACE",
    help=say(
        "Var lagen börjar: ett namn ur ortregistret eller latitud,longitud.",
        "Where teams begin: a name from the gazetteer or latitude,longitude.",
    ),
)
@click.option(
    "--to",
    "end",
    default="",
    metavar="PLACE",
    help=say("Var de slutar; annars där de började.", "Where they end; else where they began."),
)
@click.option(
    "--mode",
    default="walk",
    metavar="walk|cycle|drive",
    help=say("Hur lagen tar sig fram.", "How teams go."),
)
@click.option(
    "--dwell",
    type=float,
    default=12.0,
    metavar="MIN",
    help=say("Minuter per uppehåll; 12.", "Minutes at a stop; 12."),
)
@click.option(
    "--gap",
    type=float,
    default=90.0,
    metavar="MIN",
    help=say(
        "Minst så många minuter mellan besök på samma plats; 90.",
        "At least so many minutes between visits of a place; 90.",
    ),
)
@click.option(
    "--break",
    "pause",
    type=float,
    metavar="MIN",
    help=say(
        "Rast per lag; annars 30 i pass över fem timmar.",
        "Break of each team; else 30 in shifts of more than five hours.",
    ),
)
@click.option(
    "--stop",
    "own",
    multiple=True,
    metavar="PLACE",
    help=say(
        'En egen hållpunkt, kanske med när besöket ska börja och minuter att stanna: "City '
        '22:30-23:00 20 min". Kan upprepas.',
        'A stop of your own, perhaps with when the visit is to begin and minutes to stay: "City '
        '22:30-23:00 20 min". Repeatable.',
    ),
)
@click.option(
    "--joint",
    multiple=True,
    metavar="PLACE",
    help=say(
        "En hållpunkt för polis och ungdomsjour samtidigt, med tider som i --stop; kan upprepas.",
        "A stop for police and outreach at the same time, with times as in --stop; repeatable.",
    ),
)
@click.option(
    "--skip",
    multiple=True,
    metavar="ZONE",
    help=say(
        "En zon som inte ska med, med namn eller id; eller en hållpunkts id. Kan upprepas.",
        "A zone that is not wanted, by name or id; or the id of a stop. Repeatable.",
    ),
)
@click.option(
    "--unpredictable",
    is_flag=True,
    help=say(
        "Välj slumpvis bland planer inom 2 % av den bästa; --seed väljer vilken.",
        "Draw among plans within 2% of the best; --seed chooses which.",
    ),
)
@click.option("--seed", type=int, default=0, metavar="N", help=say("Slumptalsfrö.", "Seed."))
@click.option(
    "--seconds",
    type=float,
    default=3.0,
    metavar="S",
    help=say("Ungefär hur länge att söka; 3.", "About how long to search; 3."),
)
@short_filter_options
@click.option("--json", "as_json", is_flag=True, help=say("Skriv planen som JSON.", "Write JSON."))
@click.option(
    "--out",
    "out",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=say(
        "Skriv till fil: .html, .pdf, .gpx, .ics eller .geojson. Kan upprepas.",
        "Write to a file: .html, .pdf, .gpx, .ics or .geojson. Repeatable.",
    ),
)
@click.pass_obj
def route(
    settings: Settings,
    shift_text: str | None,
    teams: int | None,
    crews: tuple[str, ...],
    start: str,
    end: str,
    mode: str,
    dwell: float,
    gap: float,
    pause: float | None,
    own: tuple[str, ...],
    joint: tuple[str, ...],
    skip: tuple[str, ...],
    unpredictable: bool,
    seed: int,
    seconds: float,
    query: dict[str, list[str]],
    as_json: bool,
    out: tuple[Path, ...],
) -> None:
    """Plan a shift, keep it, and write it."""
    for path in out:
        plan_suffix(path.name)
        require_folder(path)
    session = Session(settings)
    with session.open() as store:
        tz = zone_of(store, settings)
        shift = Shift.parse(shift_text, tz=tz) if shift_text else None
        hours = (shift or Shift.next_evening(session.now(), tz=tz)).hours
        request = ShiftRequest(
            shift=shift,
            teams=_teams(teams, crews, mode, usual_pause(hours) if pause is None else pause),
            start=start,
            end=end,
            dwell_min=dwell,
            gap_min=gap,
            own=own,
            joint=joint,
            forbidden=skip,
            seconds=seconds,
            seed=seed,
            spread=UNPREDICTABLE if unpredictable else 0.0,
        )
        question = session.question(store, query)
        made = plan_shift(store, settings, session.lens(), question, request, now=session.now())
        plan = made.plan.with_parameters(
            {**made.plan.parameters, REQUEST: request_record(request, question)}
        )
        # A file that cannot be written leaves no plan behind.
        _write_files(session, store, made, plan, out)
        plan_id = store.plans.add(plan, now=session.now())
        _tell(plan, plan_id, as_json=as_json)


@click.command(
    "plans",
    cls=Command,
    help=say(
        "Visa de senaste planerna.\n\nExempel: riskmiljo patrol plans",
        "List the latest plans.\n\nExample: riskmiljo patrol plans",
    ),
)
@click.option("--json", "as_json", is_flag=True, help=say("Skriv JSON.", "Write JSON."))
@click.pass_obj
def plans(settings: Settings, as_json: bool) -> None:
    """List the plans that are kept."""
    session = Session(settings)
    with session.open() as store:
        rows = store.plans.latest()
        tz = zone_of(store, settings)
    if as_json:
        listed = [
            {
                "plan": row.plan_id,
                "made_at": row.made_at.isoformat(),
                "begins": row.begins.isoformat(),
                "ends": row.ends.isoformat(),
                "crews": row.crews,
                "visits": row.visits,
                "replaced": row.replaced,
                "rests_on": row.rests_on,
            }
            for row in rows
        ]
        click.echo(json.dumps({"plans": listed}, indent=1))
        return
    for row in rows:
        first, last = Period(row.begins, row.ends).local(tz)
        text = Text(
            "{n}: {a:%Y-%m-%d %H:%M}–{b:%H:%M}, {c} lag, {v} besök{r}",
            "{n}: {a:%Y-%m-%d %H:%M}–{b:%H:%M}, {c} {c:team|teams}, {v} {v:visit|visits}{r}",
        ).fill(
            n=row.plan_id,
            a=first,
            b=last,
            c=row.crews,
            v=row.visits,
            r=Text(" (ersatt)", " (replaced)") if row.replaced else "",
        )
        click.echo(say(text))


@click.command(
    "replan",
    cls=Command,
    help=say(
        "Planera om resten av ett pass: ett lag är sent eller kallat till annat. Det som är gjort "
        "ligger kvar.\n\nExempel: riskmiljo patrol replan 4 --late 2=40 --out ny.html",
        "Plan the rest of a shift anew: a team is late or called away. What is done stays.\n\n"
        "Example: riskmiljo patrol replan 4 --late 2=40 --out new.html",
    ),
)
@click.argument("plan_id", type=int, metavar="PLAN")
@click.option(
    "--late",
    multiple=True,
    metavar="TEAM=MIN",
    help=say("Ett lag som är sent; kan upprepas.", "A team that is late; repeatable."),
)
@click.option(
    "--away",
    multiple=True,
    type=int,
    metavar="TEAM",
    help=say("Ett lag som kallats till annat.", "A team that was called away."),
)
@click.option(
    "--at",
    metavar='"[DATE] HH:MM"',
    help=say("Från denna tid i stället för nu.", "From this time instead of now."),
)
@click.option("--json", "as_json", is_flag=True, help=say("Skriv planen som JSON.", "Write JSON."))
@click.option(
    "--out",
    "out",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=say(
        "Skriv till fil: .html, .pdf, .gpx, .ics eller .geojson.",
        "Write to a file: .html, .pdf, .gpx, .ics or .geojson.",
    ),
)
@click.pass_obj
def replan(
    settings: Settings,
    plan_id: int,
    late: tuple[str, ...],
    away: tuple[int, ...],
    at: str | None,
    as_json: bool,
    out: tuple[Path, ...],
) -> None:
    """Plan the rest of a kept plan anew, and keep that."""
    for path in out:
        plan_suffix(path.name)
        require_folder(path)
    session = Session(settings)
    with session.open() as store:
        tz = zone_of(store, settings)
        plan = store.plans.get(plan_id)
        request, question = request_of(plan, tz=tz)
        now = _within(plan.shift, at) if at else session.now()
        made = replan_shift(
            store,
            settings,
            session.lens(),
            question,
            request,
            plan,
            now=now,
            late_min=dict(_late(word) for word in late),
            away=away,
        )
        kept = {**made.plan.parameters, REQUEST: plan.parameters[REQUEST]}
        fresh = made.plan.with_parameters(kept)
        _write_files(session, store, made, fresh, out)
        fresh_id = store.plans.add(fresh, now=session.now(), replaces=plan_id)
        _tell(fresh, fresh_id, as_json=as_json)


def _teams(
    number: int | None, crews: tuple[str, ...], mode: str, pause_min: float
) -> tuple[Team, ...]:
    if number is not None and crews:
        raise InvalidInputError(
            Text("Ange --teams eller --crew, inte båda.", "Give --teams or --crew, not both.")
        )
    usual = require_mode(mode)
    if not crews:
        if number is not None and number < 1:
            raise InvalidInputError(
                Text(
                    "Antalet lag är {n}. Ange ett heltal från 1 och uppåt.",
                    "The number of teams is {n}. Give a whole number from 1 up.",
                ).fill(n=number)
            )
        return (Team(mode=usual, pause_min=pause_min),) * (3 if number is None else number)
    teams = []
    for word in crews:
        kind, _, own = word.partition(":")
        teams.append(Team(kind=kind, mode=require_mode(own) if own else usual, pause_min=pause_min))
    return tuple(teams)


def _within(shift: Shift, text: str) -> datetime:
    """Read a moment of a shift: a date and a time, or a time alone."""
    match = re.fullmatch(r"\s*(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2})\s*", text)
    begins = shift.period.local(shift.tz)[0]
    first = begins.date()
    day, clock = match.groups() if match else (text, "")
    days = [day] if day else [str(first), str(first + timedelta(days=1))]
    try:
        moments = [datetime.fromisoformat(f"{one} {clock.zfill(5)}") for one in days]
    except ValueError as error:
        raise InvalidInputError(
            Text(
                "--at {t!r} kan inte läsas. Skriv till exempel {d:%Y-%m-%d %H:%M}.",
                "--at {t!r} cannot be read. Write for example {d:%Y-%m-%d %H:%M}.",
            ).fill(t=text[:40], d=begins)
        ) from error
    found = [local_instant(moment, shift.tz) for moment in moments]
    return next((at for at in found if at >= shift.period.start), found[-1])


def _late(word: str) -> tuple[int, float]:
    team, _, minutes = word.partition("=")
    try:
        return int(team), float(minutes)
    except ValueError as error:
        raise InvalidInputError(
            Text(
                "--late {w!r} kan inte läsas. Skriv lag=minuter, till exempel 2=40.",
                "--late {w!r} cannot be read. Write team=minutes, such as 2=40.",
            ).fill(w=word)
        ) from error


def _write_files(
    session: Session, store: Store, made: ShiftPlan, plan: Plan, out: tuple[Path, ...]
) -> None:
    area = store.area()
    for path in out:
        content = plan_file(
            plan,
            path.name,
            language=LANGUAGE,
            now=session.now(),
            area_name=area.name if area else session.settings.area_name,
            base=made.situation.streets,
        )
        write_bytes(path, content)


def _tell(plan: Plan, plan_id: int, *, as_json: bool) -> None:
    if as_json:
        body = {"plan": plan_id, **plan_record(plan)}
        click.echo(json.dumps(plain(body), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_lines(plan, plan_id)))
    write_notes({"simulated": plan.simulated, "notes": plan.notes})


def _lines(plan: Plan, plan_id: int) -> list[str]:
    clock = Clock(plan.shift.tz, LANGUAGE)
    head = Text("Plan {n}, pass {s}", "Plan {n}, shift {s}")
    lines = [say(head.fill(n=plan_id, s=plan.shift.label())), *_broken(say(plan.comparison), 0)]
    for each in plan.routes:
        lines.append("")
        lines.append(
            say(
                Text(
                    "{c} ({k}, {m}): {v} besök, {d} min på plats, {t} min på väg, {l} km",
                    "{c} ({k}, {m}): {v} {v:visit|visits}, {d} min at stops, {t} min on the way, "
                    "{l} km",
                ).fill(
                    c=each.crew.name,
                    k=CREW_KIND_NAMES[each.crew.kind],
                    m=MODE_NAMES[each.crew.mode],
                    v=len(each.visits),
                    d=f"{each.dwell_min:.0f}",
                    t=f"{each.travel_min:.0f}",
                    l=_kilometres(each.length_m),
                )
            )
        )
        begins, ends = _from_and_until(each)
        lines.append(f"  {clock.time(begins)}        {_at(_START, each.crew.start)}")
        for step in each.steps:
            if isinstance(step, Leg):
                continue
            said = say(_told(step)) if isinstance(step, Visit) else say(_BREAK)
            lines += _broken(f"  {clock.span(step.begins, _end(step))}  {said}", _REASON_AT)
        lines.append(f"  {clock.time(ends)}        {_at(_FINISH, each.crew.end)}")
    if plan.left_out:
        lines += ["", say("Inte med:", "Left out:")]
        for left in plan.left_out:
            lines += _broken(
                f"  {say(_LEFT.fill(n=left.title, e=amount(left.expected), w=left.why))}", 4
            )
    return [_printable(line) for line in lines]


def _told(visit: Visit) -> Text:
    """Return a stop's name, its reason, and what the visit is worth and costs."""
    return _WORTH.fill(
        n=visit.title, w=visit.why, a=amount(visit.lost), d=f"{visit.detour_min:.0f}"
    )


def _broken(line: str, indent: int) -> list[str]:
    """Return a line, printable, in as many as it needs in a window of the usual width."""
    return textwrap.wrap(
        _printable(line),
        _WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _from_and_until(route: Route) -> tuple[datetime, datetime]:
    """Return when a crew sets out and when it is back; its own time where it goes nowhere."""
    if not route.steps:
        return route.crew.begins, route.crew.ends
    first, last = route.steps[0], route.steps[-1]
    return (
        first.departs if isinstance(first, Leg) else first.begins,
        last.arrives if isinstance(last, Leg) else _end(last),
    )


def _at(what: Text, spot: Spot) -> str:
    return f"{say(what)}: {say(place_title(spot.name))}." if spot.name else f"{say(what)}."


def _end(step: Visit | Pause) -> datetime:
    return step.leaves if isinstance(step, Visit) else step.ends


def _kilometres(metres: float) -> str:
    text = f"{metres / 1000:.1f}"
    return text.replace(".", ",") if LANGUAGE == "sv" else text


def _printable(line: str) -> str:
    # Control characters of a stored name must not reach the terminal.
    return "".join(c if c.isprintable() else "?" for c in line)

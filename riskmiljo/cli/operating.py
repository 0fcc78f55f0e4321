"""``riskmiljo operations`` and ``riskmiljo effect``: what was done, and whether it helped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import pandas as pd

from riskmiljo.analysis.effect_words import rarity, whole_percent
from riskmiljo.cli.language import LANGUAGE, Command, Group, say
from riskmiljo.cli.options import format_options, kind_filter_options
from riskmiljo.cli.output import plain, printable, require_form, write_answer, write_notes
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.settings import Settings
from riskmiljo.situation import Evaluation, add_operation, evaluate, evaluation_record, zone_of
from riskmiljo.situation.operations import GROUPS
from riskmiljo.store.operations import OperationRow
from riskmiljo.wording import Text, decimal_text

_METHODS: Final = ("did", "synthetic", "wdd")


@click.group(
    "operations",
    cls=Group,
    help=say(
        "Insatser: planerade satsningar med tid, platser och mål. Utvärdera med riskmiljo effect.",
        "Operations: planned efforts with a time, places and a goal. Evaluate with riskmiljo "
        "effect.",
    ),
)
def operations() -> None:
    """Gather the commands on operations."""


@operations.command(
    "add",
    help=say(
        "Lägg in en insats.\n\n"
        'Exempel: riskmiljo operations add --name "Vår i City" --from 2026-03-01 --to 2026-06-01 '
        '--zone City --place "Resecentrum:200" --outcome drug_seizures=4\n\n'
        f"Utfall är antal: {', '.join(OUTCOMES)}.",
        "Enter an operation.\n\n"
        'Example: riskmiljo operations add --name "Spring" --from 2026-03-01 --to 2026-06-01 '
        '--zone City --place "Resecentrum:200" --outcome drug_seizures=4\n\n'
        f"Outcomes are counts: {', '.join(OUTCOMES)}.",
    ),
)
@click.option("--name", required=True, metavar="TEXT", help=say("Namn.", "Name."))
@click.option(
    "--from", "start", required=True, metavar="DATE", help=say("Första dagen.", "First day.")
)
@click.option(
    "--to",
    "end",
    required=True,
    metavar="DATE",
    help=say("Dagen efter den sista.", "The day after the last."),
)
@click.option(
    "--zone",
    "zones",
    multiple=True,
    metavar="ZONE",
    help=say("En zons namn eller id; kan upprepas.", "A zone's name or id; repeatable."),
)
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE[:RADIUS]",
    help=say(
        "En plats ur ortregistret eller latitud,longitud, med radie i meter (150); kan upprepas.",
        "A place of the gazetteer or latitude,longitude, with a radius in metres (150); "
        "repeatable.",
    ),
)
@click.option(
    "--partner",
    "partners",
    multiple=True,
    metavar="TEXT",
    help=say("Vilka som deltog; kan upprepas.", "Who took part; repeatable."),
)
@click.option("--goal", default="", metavar="TEXT", help=say("Målet.", "The goal."))
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME=N",
    help=say("Ett utfall i antal; kan upprepas.", "An outcome as a count; repeatable."),
)
@click.pass_obj
def add(
    settings: Settings,
    name: str,
    start: str,
    end: str,
    zones: tuple[str, ...],
    places: tuple[str, ...],
    partners: tuple[str, ...],
    goal: str,
    outcomes: tuple[str, ...],
) -> None:
    """Keep an operation and tell its number."""
    counted = dict(_outcome(word) for word in outcomes)
    session = Session(settings)
    with session.open() as store:
        number = add_operation(
            store,
            settings,
            name=name,
            period=(start, end),
            zones=zones,
            places=places,
            partners=partners,
            goal=goal,
            outcomes=counted,
            now=session.now(),
        )
    click.echo(
        say(
            "Insatsen {n} är sparad. Utvärdera den med riskmiljo effect {n}.",
            "Operation {n} is kept. Evaluate it with riskmiljo effect {n}.",
        ).format(n=number)
    )


def _outcome(word: str) -> tuple[str, int]:
    name, _, number = word.partition("=")
    try:
        return name.strip(), int(number)
    except ValueError as error:
        raise InvalidInputError(
            Text(
                "--outcome {w!r} kan inte läsas. Skriv namn=antal, till exempel drug_seizures=4.",
                "--outcome {w!r} cannot be read. Write name=count, such as drug_seizures=4.",
            ).fill(w=word[:60])
        ) from error


@operations.command("list", help=say("Visa insatserna.", "List the operations."))
@click.option("--json", "as_json", is_flag=True, help=say("Skriv JSON.", "Write JSON."))
@click.pass_obj
def list_operations(settings: Settings, as_json: bool) -> None:
    """List the operations that are kept, the latest first."""
    session = Session(settings)
    with session.open() as store:
        rows = store.operations.all()
        tz = zone_of(store, settings)
    if as_json:
        listed = [_record(row) for row in rows]
        click.echo(json.dumps({"operations": plain(listed)}, ensure_ascii=False, indent=1))
        return
    if not rows:
        click.echo(say("Inga insatser är inlagda.", "No operations have been entered."))
    for row in rows:
        click.echo(_line(row, tz))


def _record(row: OperationRow) -> dict[str, Any]:
    made = row.operation
    return {
        "operation": row.operation_id,
        "name": made.name,
        "from": made.period.start.isoformat(),
        "to": made.period.end.isoformat(),
        "places": len(made.places),
        "partners": list(made.partners),
        "goal": made.goal,
        "outcomes": dict(made.outcomes),
        "added_at": row.added_at.isoformat(),
    }


def _line(row: OperationRow, tz: str) -> str:
    made = row.operation
    first, last = made.period.first_and_last_day(tz)
    number = len(made.places)
    places = Text("{n} {n:plats|platser}", "{n} {n:place|places}").fill(n=number)
    parts = [f"{row.operation_id}: {made.name}, {first} {say('till', 'to')} {last}, {say(places)}"]
    parts += [", ".join(made.partners)] if made.partners else []
    parts += [made.goal] if made.goal else []
    parts += [f"{say(OUTCOMES[name])}: {count}" for name, count in made.outcomes.items()]
    return printable(". ".join(parts)).replace("\n", "?")


@operations.command("remove", help=say("Ta bort en insats.", "Remove an operation."))
@click.argument("operation_id", type=int, metavar="ID")
@click.pass_obj
def remove(settings: Settings, operation_id: int) -> None:
    """Take out an operation that was entered by mistake."""
    session = Session(settings)
    with session.open() as store:
        store.operations.remove(operation_id, now=session.now())
    click.echo(
        say("Insatsen {n} är borttagen.", "Operation {n} is removed.").format(n=operation_id)
    )


@click.command(
    "effect",
    cls=Command,
    help=say(
        "Hjälpte insatsen? Före och under, mot jämförbara platser där inget gjordes; flyttade det? "
        "Rapporterade händelser räknas, eftersom patruller på plats upptäcker fler.\n\n"
        "Exempel: riskmiljo effect 1 --category violence",
        "Did the operation help? Before and during, against comparable places where nothing was "
        "done; did it move? Reported incidents count, since patrols on the spot discover more.\n\n"
        "Example: riskmiljo effect 1 --category violence",
    ),
)
@click.argument("operation_id", type=int, metavar="ID")
@click.option(
    "--method",
    type=click.Choice(_METHODS),
    default="did",
    help=say(
        "did: skillnad i skillnader; synthetic: syntetisk kontroll; wdd: med det som flyttade.",
        "did: difference in differences; synthetic: synthetic control; wdd: with what moved.",
    ),
)
@click.option(
    "--compare",
    "compare",
    multiple=True,
    metavar="PLACE[:RADIUS]",
    help=say(
        "En jämförelseplats där inget gjordes: en zon, en plats ur ortregistret eller "
        "latitud,longitud, med radie i meter (150); kan upprepas. Utan den väljs jämförbara "
        "platser.",
        "A comparison place where nothing was done: a zone, a place of the gazetteer or "
        "latitude,longitude, with a radius in metres (150); repeatable. Without it comparable "
        "places are chosen.",
    ),
)
@kind_filter_options
@format_options
@click.pass_obj
def effect(
    settings: Settings,
    operation_id: int,
    method: str,
    compare: tuple[str, ...],
    query: dict[str, list[str]],
    form: str,
    out: Path | None,
) -> None:
    """Evaluate an operation, keep the answer and write it."""
    session = Session(settings)
    with session.open() as store:
        made = evaluate(
            store,
            settings,
            session.lens(),
            session.question(store, query),
            operation_id,
            now=session.now(),
            method=method,
            compare=compare,
        )
        tz = zone_of(store, settings)
    lens = session.lens().reason
    if form == "table" and out is None:
        _tell(made, tz, compared=any(word.strip() for word in compare))
        return
    require_form(form, ("table", "json", "geojson"))
    record = evaluation_record(made)
    about = {
        "simulated": made.simulated,
        "operation": made.operation_id,
        "name": made.operation.name,
        "from": made.operation.period.start.isoformat(),
        "to": made.operation.period.end.isoformat(),
        "data_until": made.as_of.isoformat(),
        "method": made.method,
        "lens": lens,
        **{name: value for name, value in record.items() if name != "counts"},
        "notes": list(made.notes),
    }
    shapes = form == "geojson"
    counts = made.counts.astype(dict.fromkeys(("places", "before", "during"), "Int64"))
    write_answer(
        name="counts",
        frame=made.shapes if shapes else counts.reset_index(names="group"),
        about=about,
        columns=[("group", say("grupp", "group"))],
        form=form,
        out=out,
    )


def _tell(made: Evaluation, tz: str, *, compared: bool) -> None:
    first, last = made.operation.period.first_and_last_day(tz)
    lines = [
        Text("{n}, {a} till {b}; {o}.", "{n}, {a} to {b}; {o}.").fill(
            n=made.operation.name, a=first, b=last, o=made.outcome
        ),
        made.power_text,
        Text(
            "Förändring mot jämförelsen: {e} % (95 %: {l} till {u} %).",
            "Change against the comparison: {e}% (95%: {l} to {u}%).",
        ).fill(
            e=whole_percent(made.estimate), l=whole_percent(made.lower), u=whole_percent(made.upper)
        ),
        made.verdict,
        Text("", ""),
    ]
    click.echo("\n".join(printable(say(line)) for line in lines))
    click.echo(_counts(made.counts))
    checks = [
        Text(
            "Före räknas varannan vecka; de andra valde jämförelseplatserna.",
            "Every other week before is counted; the others chose the comparison places.",
        )
        if not compared
        else Text(
            "Jämförelseplatserna är de som angavs; alla veckor före räknas.",
            "The comparison places are those that were given; every week before is counted.",
        ),
        Text("", ""),
    ]
    if made.wdq is not None:
        checks.append(
            Text(
                "Viktad förflyttningskvot: {w} (under 0: en del flyttade runt om; under −1: lika "
                "mycket eller mer).",
                "Weighted displacement quotient: {w} (below 0: some of it moved nearby; below −1: "
                "as much or more).",
            ).fill(w=decimal_text(made.wdq, 2))
        )
    if made.placebo_p is not None:
        checks.append(
            Text(
                "Lika stor ändring utan insats: hos {p} av jämförelseplatserna.",
                "As large a change without an operation: in {p} of the comparison places.",
            ).fill(p=rarity(made.placebo_p))
        )
    if made.placebo is not None:
        checks.append(
            Text(
                "En påhittad insats strax före: {e} % (95 %: {l} till {u} %); noll bör ligga "
                "innanför.",
                "An imagined operation just before: {e}% (95%: {l} to {u}%); zero should lie "
                "within.",
            ).fill(
                **dict(zip("elu", (whole_percent(value) for value in made.placebo), strict=True))
            )
        )
    click.echo("\n".join(say(line) for line in checks))
    write_notes({"simulated": made.simulated, "notes": made.notes})


def _counts(counts: pd.DataFrame) -> str:
    heads = [
        "",
        say("platser", "places"),
        say("före", "before"),
        say("under", "during"),
        say("före/vecka", "before/week"),
        say("under/vecka", "during/week"),
    ]
    names = ("places", "before", "during", "before_per_week", "during_per_week")
    rows = [
        [
            say(GROUPS[str(group)]),
            *(_number(float(row[name]), 1 if "week" in name else 0) for name in names),
        ]
        for group, row in counts.to_dict("index").items()
    ]
    widths = [max(len(line[at]) for line in [heads, *rows]) for at in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(widths[at]) if at == 0 else cell.rjust(widths[at])
            for at, cell in enumerate(line)
        ).rstrip()
        for line in [heads, *rows]
    )


def _number(value: float, digits: int) -> str:
    # NaN is what the lens withholds.
    return "–" if np.isnan(value) else decimal_text(value, digits, fixed=True).in_language(LANGUAGE)

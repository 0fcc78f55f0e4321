"""``riskmiljo release``: refresh the joint picture, and record decisions to release more."""

from __future__ import annotations

import click

from riskmiljo.cli.language import Group, say
from riskmiljo.cli.session import Session
from riskmiljo.errors import NothingFoundError
from riskmiljo.settings import Settings
from riskmiljo.situation.release_decisions import FUNCTIONS, GROUNDS, RECIPIENTS, WHATS, decide
from riskmiljo.situation.releases import REFRESH_DAYS, ReleaseMade, make_release, release_due
from riskmiljo.store import Store
from riskmiljo.wording import Text


def tell_release(made: ReleaseMade) -> None:
    """Say what a release added.

    Parameters
    ----------
    made
        The release.
    """
    click.echo(
        say(
            Text(
                "Den gemensamma lägesbilden är släppt: {m} {m:ny månad|nya månader}, {r} "
                "antal i klasser, {c} {c:fast ruta|fasta rutor}, till och med {u}.",
                "The joint picture is released: {m} new {m:month|months}, {r} "
                "{r:count|counts} in bands, {c} fixed {c:cell|cells}, up to and including "
                "{u}.",
            ).fill(m=made.months, r=made.rows, c=made.cells, u=made.last_day)
        )
    )
    if made.verdicts or made.forecast_weeks:
        click.echo(
            say(
                "Insatser bedömda: {v}. Veckor av prognoserna: {w}.",
                "Operations judged: {v}. Weeks of the forecasts: {w}.",
            ).format(v=made.verdicts, w=made.forecast_weeks)
        )


def refresh_if_due(store: Store, session: Session) -> None:
    """Release what has closed, where the last release is older than a week.

    Parameters
    ----------
    store
        An open store.
    session
        Settings and clock.
    """
    if not release_due(store, now=session.now(), settings=session.settings):
        return
    try:
        tell_release(make_release(store, session.settings, now=session.now()))
    except NothingFoundError as nothing:
        # No month that every owner has passed: the pages of one's own data open all the same.
        click.echo(say(nothing.message))


@click.group(
    "release",
    cls=Group,
    invoke_without_command=True,
    help=say(
        Text(
            "Släpp den gemensamma lägesbilden: antal i klasser, i fasta rutor och "
            "månader, om insatser hjälpte och hur bra prognoserna var. Det görs när {d} "
            "{d:dag|dagar} har gått sedan sist, och av riskmiljo serve. Det som är "
            "släppt räknas inte om.",
            "Release the joint picture: counts in bands, in fixed cells and months, "
            "whether operations helped and how good the forecasts were. It is done when "
            "{d} {d:day has|days have} passed since the last, and by riskmiljo serve. "
            "What has been released is not counted anew.",
        ).fill(d=REFRESH_DAYS)
    ),
)
@click.option(
    "--now", "at_once", is_flag=True, help=say("Vänta inte på veckan.", "Do not wait for the week.")
)
@click.option(
    "--anew",
    is_flag=True,
    help=say(
        "Räkna om allt, efter en rättelse. Det som ändras syns då bredvid det som var släppt.",
        "Count everything anew, after a correction. What changes then shows beside what was.",
    ),
)
@click.pass_context
def release(context: click.Context, *, at_once: bool, anew: bool) -> None:
    """Release the joint picture."""
    if context.invoked_subcommand is not None:
        return
    session = Session(context.obj)
    with session.open() as store:
        now = session.now()
        if at_once or anew or release_due(store, now=now, settings=session.settings):
            tell_release(make_release(store, session.settings, now=now, anew=anew))
            return
        latest = store.releases.latest()
    day = "" if latest is None else f"{latest.made_at:%Y-%m-%d}"
    click.echo(
        say(
            "Inget att släppa ännu; senast {d}. Släpp ändå med --now.",
            "Nothing to release yet; last on {d}. Release all the same with --now.",
        ).format(d=day or "–")
    )


def _words(known: dict[str, Text]) -> click.Choice[str]:
    return click.Choice(list(known))


@release.command(
    "decide",
    help=say(
        "Anteckna ett beslut att lämna ut mer än den gemensamma lägesbilden till en annan "
        "myndighet: vem, på vilken grund, till vem och vad. Ingenting skickas.",
        "Record a decision to release more than the joint picture to another authority: who, on "
        "which ground, to whom and what. Nothing is sent.",
    ),
)
@click.option("--function", required=True, type=_words(FUNCTIONS), help=say("Vem.", "Who."))
@click.option("--ground", required=True, type=_words(GROUNDS), help=say("Grund.", "Ground."))
@click.option("--recipient", required=True, type=_words(RECIPIENTS), help=say("Till.", "To whom."))
@click.option("--what", required=True, type=_words(WHATS), help=say("Vad.", "What."))
@click.pass_obj
def decide_release(
    settings: Settings, function: str, ground: str, recipient: str, what: str
) -> None:
    """Record one decision."""
    session = Session(settings)
    with session.open() as store:
        number = decide(
            store,
            function=function,
            ground=ground,
            recipient=recipient,
            what=what,
            now=session.now(),
        )
    click.echo(say("Beslut {n} är antecknat.", "Decision {n} is recorded.").format(n=number))


@release.command("decisions", help=say("Lista besluten.", "List the decisions."))
@click.pass_obj
def list_decisions(settings: Settings) -> None:
    """Write the decisions, the latest first."""
    with Session(settings).open() as store:
        rows = store.releases.decisions()
    if not rows:
        click.echo(say("Inga beslut.", "No decisions."))
    for row in rows:
        words = (FUNCTIONS[row.function], GROUNDS[row.ground], RECIPIENTS[row.recipient])
        told = " · ".join(say(word.sv, word.en) for word in (*words, WHATS[row.what]))
        click.echo(f"{row.decision_id}  {row.at:%Y-%m-%d}  {told}")

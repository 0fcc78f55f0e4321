"""``riskmiljo token``: keys with which programs read in somebody's name."""

from __future__ import annotations

import click

from riskmiljo.cli.language import Group, say
from riskmiljo.cli.output import printable
from riskmiljo.cli.session import Session
from riskmiljo.settings import Settings
from riskmiljo.store.tokens import DEFAULT_DAYS, MOST_DAYS


@click.group(
    "token",
    cls=Group,
    help=say(
        "Nycklar för program (QGIS, skript): HTTP Basic med nyckeln som lösenord, eller Bearer. De "
        "läser i ett kontos namn och kan inget ändra.",
        "Tokens for programs (QGIS, scripts): HTTP Basic with the token as password, or Bearer. "
        "They read in an account's name and can change nothing.",
    ),
)
def token() -> None:
    """Gather the commands on tokens."""


@token.command("add", help=say("Skapa en nyckel; den visas en gång.", "Make a token; shown once."))
@click.argument("user", metavar="USER")
@click.option(
    "--expires",
    "days",
    type=click.IntRange(1, MOST_DAYS),
    default=DEFAULT_DAYS,
    show_default=True,
    metavar="DAYS",
    help=say("Efter hur många dagar den går ut.", "After how many days it expires."),
)
@click.pass_obj
def add(settings: Settings, user: str, days: int) -> None:
    """Make a token and write it, alone, to the standard output."""
    session = Session(settings)
    with session.open() as store:
        made = store.tokens.add(store.users.named(user).user_id, days=days, now=session.now())
    click.echo(made)
    click.echo(
        say("Spara den nu: den visas inte igen.", "Keep it now: it is not shown again."), err=True
    )


@token.command("list", help=say("Visa alla nycklar.", "Show every token."))
@click.pass_obj
def show(settings: Settings) -> None:
    """List the tokens, newest first."""
    session = Session(settings)
    with session.open() as store:
        tokens = store.tokens.all()
    if not tokens:
        click.echo(say("Inga nycklar.", "No tokens."))
    for one in tokens:
        state = say("gäller till", "valid until")
        if one.revoked_at is not None:
            state = say("återkallad; gällde till", "revoked; was valid until")
        elif not one.is_live(session.now()):
            state = say("gick ut", "expired")
        click.echo(f"{one.token_id}  {printable(one.name)}  {state} {one.expires_at:%Y-%m-%d}")


@token.command("revoke", help=say("Återkalla en nyckel.", "Revoke a token."))
@click.argument("number", type=int, metavar="N")
@click.pass_obj
def revoke(settings: Settings, number: int) -> None:
    """Let a token open nothing any more."""
    session = Session(settings)
    with session.open() as store:
        store.tokens.revoke(number, now=session.now())
    click.echo(say("Nyckeln är återkallad.", "The token has been revoked."))

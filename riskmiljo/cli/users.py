"""``riskmiljo user``: who may log in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import click

from riskmiljo.access.passwords import SHORTEST
from riskmiljo.access.plans import SHARED_WITH
from riskmiljo.cli.language import Group, say
from riskmiljo.cli.output import printable
from riskmiljo.cli.session import Session
from riskmiljo.model.role import ROLE_NAMES, Role
from riskmiljo.settings import Settings
from riskmiljo.situation import zone_of
from riskmiljo.store.users import User

_ROLES = click.Choice([str(role) for role in Role])
_ROLE_HELP = say(
    "; ".join(f"{role}: {ROLE_NAMES[role].sv.lower()}" for role in Role) + ".",
    "; ".join(f"{role}: {ROLE_NAMES[role].en.lower()}" for role in Role) + ".",
)
_FROM_STDIN = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help=say(
        "Läs lösenordet ur första raden på standard in, i stället för att fråga.",
        "Read the password from the first line of standard input instead of asking.",
    ),
)

_OWN = click.option(
    "--own",
    is_flag=True,
    help=say(
        "Kontot är ditt eget: lösenordet behöver inte bytas vid inloggningen.",
        "The account is your own: the password need not be changed at login.",
    ),
)


@click.group(
    "user",
    cls=Group,
    help=say(
        "Konton: vilka som får logga in. Med det första kontot krävs inloggning på alla sidor.",
        "Accounts: who may log in. With the first account every page asks for a login.",
    ),
)
def user() -> None:
    """Gather the commands on accounts."""


@user.command(
    "add",
    help=say(
        "Lägg till ett konto. Lösenordet är tillfälligt: det måste bytas vid första "
        "inloggningen, innan något annat öppnas.",
        "Add an account. The password is temporary: it must be changed at the first login, before "
        "anything else opens.",
    ),
)
@click.argument("name", metavar="NAME")
@click.option("--role", type=_ROLES, required=True, help=_ROLE_HELP)
@_FROM_STDIN
@_OWN
@click.pass_obj
def add(settings: Settings, name: str, role: str, from_stdin: bool, own: bool) -> None:
    """Make an account; its password never stands in the call."""
    password = _password(from_stdin=from_stdin)
    session = Session(settings)
    with session.open(create=True) as store:
        first = not store.users.exist()
        plans = len(store.plans.of_nobody(session.now())) if first else 0
        number = store.users.add(
            name, Role(role), password=password, now=session.now(), temporary=not own
        )
        users = store.users.all()
    click.echo(
        say("Konto {n} är tillagt: {name}.", "Account {n} has been added: {name}.").format(
            n=number, name=printable(name)
        )
    )
    if first:
        click.echo(
            say(
                "Det är lagrets första: från och med nu krävs inloggning.",
                "It is the store's first: from now on a login is needed.",
            )
        )
        if plans:
            click.echo(
                say(
                    "Kommande planer som gjordes utan inloggning öppnas nu inte av någon: {n}. "
                    "Dela platser och tider i dem med riskmiljo user plans --share police, eller "
                    "på administratörens sida.",
                    "Coming plans that were made without a login now open to nobody: {n}. Share "
                    "their places and times by riskmiljo user plans --share police, or on the "
                    "administrator's page.",
                ).format(n=plans)
            )
    _tell_of_no_admin(users)


@user.command("list", help=say("Visa alla konton.", "Show every account."))
@click.pass_obj
def show(settings: Settings) -> None:
    """List the accounts, oldest first."""
    with Session(settings).open() as store:
        users, lost = store.users.all(), store.factors.lost()
    if not users:
        click.echo(say("Inga konton: ingen loggar in.", "No accounts: nobody logs in."))
    for one in users:
        marks = [
            *([say("engångskod", "one-time code")] if one.has_totp else []),
            *([say("som inte kan prövas", "that cannot be tried")] if one.user_id in lost else []),
            *([] if one.has_password else [say("organisationens konto", "organisation's account")]),
            *([say("tillfälligt lösenord", "temporary password")] if one.must_change else []),
            *([say("avstängt", "disabled")] if one.disabled_at is not None else []),
        ]
        named = f"{one.user_id}  {printable(one.name)}  {say(ROLE_NAMES[one.role])}"
        click.echo(f"{named}  {one.created_at:%Y-%m-%d}  {', '.join(marks)}".rstrip())
    _tell_of_no_admin(users)


@user.command(
    "disable",
    help=say(
        "Stäng av ett konto: den som är inloggad loggas ut, och nycklarna återkallas.",
        "Disable an account: whoever is logged in is logged out, and the tokens are revoked.",
    ),
)
@click.argument("name", metavar="NAME")
@click.pass_obj
def disable(settings: Settings, name: str) -> None:
    """Close an account."""
    session = Session(settings)
    with session.open() as store:
        found = store.users.named(name)
        store.users.disable(found.user_id, now=session.now())
    click.echo(say("Kontot är avstängt.", "The account has been disabled."))


@user.command("enable", help=say("Öppna ett avstängt konto igen.", "Open a disabled account."))
@click.argument("name", metavar="NAME")
@click.pass_obj
def enable(settings: Settings, name: str) -> None:
    """Open an account again."""
    session = Session(settings)
    with session.open() as store:
        found = store.users.named(name)
        store.users.enable(found.user_id, now=session.now())
    click.echo(say("Kontot är öppet.", "The account is open."))


@user.command("role", help=say("Ge ett konto en annan roll.", "Give an account another role."))
@click.argument("name", metavar="NAME")
@click.option("--role", type=_ROLES, required=True, help=_ROLE_HELP)
@click.pass_obj
def change_role(settings: Settings, name: str, role: str) -> None:
    """Change a role; it holds from the account's next request on."""
    session = Session(settings)
    with session.open() as store:
        found = store.users.named(name)
        store.users.set_role(found.user_id, Role(role), now=session.now())
    click.echo(say("Rollen är ändrad.", "The role has been changed."))


@user.command(
    "password",
    help=say(
        "Ge ett konto ett nytt tillfälligt lösenord, som måste bytas vid nästa inloggning; den som "
        "är inloggad loggas ut. --no-code tar också bort engångskoden, för den som har tappat sin "
        "telefon.",
        "Give an account a new temporary password, which must be changed at the next login; "
        "whoever is logged in is logged out. --no-code also removes the one-time code, for "
        "somebody who has lost their phone.",
    ),
)
@click.argument("name", metavar="NAME")
@_FROM_STDIN
@_OWN
@click.option("--no-code", is_flag=True, help=say("Ta bort engångskoden.", "Remove the code."))
@click.pass_obj
def change_password(
    settings: Settings, name: str, from_stdin: bool, own: bool, no_code: bool
) -> None:
    """Change a password."""
    session = Session(settings)
    with session.open() as store:
        found = store.users.named(name)
        password = _password(from_stdin=from_stdin)
        store.users.set_password(found.user_id, password, now=session.now(), temporary=not own)
        if no_code:
            store.factors.remove(found.user_id, now=session.now(), by=0)
    click.echo(say("Lösenordet är bytt.", "The password has been changed."))


@user.command(
    "plans",
    help=say(
        "Visa kommande planer som gjordes utan inloggning: de bygger på alla ägares händelser och "
        "öppnas inte av någon roll. --share delar deras platser och tider.",
        "Show coming plans that were made without a login: they rest on every owner's incidents, "
        "and no role opens them. --share shares their places and times.",
    ),
)
@click.option(
    "--share",
    "role",
    type=click.Choice([str(role) for role in SHARED_WITH]),
    help=say("Dela dem alla med denna roll.", "Share them all with this role."),
)
@click.pass_obj
def plans(settings: Settings, role: str | None) -> None:
    """List the plans that open to nobody, and share them."""
    session = Session(settings)
    with session.open() as store:
        zone = ZoneInfo(zone_of(store, settings))
        found = store.plans.of_nobody(session.now())
        if role is not None:
            for one in found:
                store.plan_shares.add(one.plan_id, Role(role), now=session.now(), user=0)
        shared = {one.plan_id: store.plan_shares.roles(one.plan_id) for one in found}
    if not found:
        click.echo(say("Inga sådana planer.", "No such plans."))
    for one in found:
        begins, ends = one.begins.astimezone(zone), one.ends.astimezone(zone)
        names = sorted(say(ROLE_NAMES[known]) for known in shared[one.plan_id])
        told = say("delad med {r}", "shared with {r}").format(r=", ".join(names)) if names else ""
        click.echo(f"{one.plan_id}  {begins:%Y-%m-%d %H:%M}–{ends:%H:%M}  {told}".rstrip())


def _tell_of_no_admin(users: Sequence[User]) -> None:
    """Say so where nobody can open the administrator's pages, and what helps."""
    open_ones = [one.role for one in users if one.disabled_at is None]
    if users and Role.ADMIN not in open_ones:
        click.echo(
            say(
                "Ingen administratör finns. Lägg till en med riskmiljo user add NAMN --role admin.",
                "There is no administrator. Add one with riskmiljo user add NAME --role admin.",
            )
        )


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked = say("Lösenord, minst {n} tecken", "Password, at least {n} characters")
    written: str = click.prompt(
        asked.format(n=SHORTEST),
        hide_input=True,
        confirmation_prompt=say("Samma igen", "The same again"),
    )
    return written

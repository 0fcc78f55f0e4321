"""The command line: ``riskmiljo --help``.

Exit codes: 0 done; 1 done, but rows were refused or nothing was found; 2 wrong use or unreadable
input, nothing changed.
"""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Sequence
from typing import Final

import click

import riskmiljo
from riskmiljo.access.purposes import Purpose
from riskmiljo.cli.language import Group, say
from riskmiljo.cli.wrong_use import told
from riskmiljo.errors import RiskmiljoError
from riskmiljo.settings import load_settings
from riskmiljo.wording import LANGUAGES, Text

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
# Name, where it lives, and its line on the help page, so that ``--help`` imports none of them.
_COMMANDS: Final[dict[str, tuple[str, Text]]] = {
    "demo": (
        "riskmiljo.cli.demo:demo",
        Text("Simulera Uppsala, kör allt och visa det.", "Simulate Uppsala, run and show it all."),
    ),
    "import": (
        "riskmiljo.cli.importing:import_files",
        Text("Läs in händelser ur filer.", "Take in incidents from files."),
    ),
    "zones": (
        "riskmiljo.cli.analysing:zones",
        Text("Var riskzonerna ligger.", "Where the risk zones are."),
    ),
    "drawn": (
        "riskmiljo.cli.drawing:drawn",
        Text("Ritade zoner: läs in, lista, ta bort.", "Drawn zones: take in, list, remove."),
    ),
    "heatmap": (
        "riskmiljo.cli.analysing:heatmap",
        Text("Värmekarta: händelser per hektar och vecka.", "Incidents per hectare and week."),
    ),
    "hotspots": (
        "riskmiljo.cli.analysing:hotspots",
        Text("Rutor som står ut signifikant (Gi*).", "Cells that stand out significantly (Gi*)."),
    ),
    "zone": (
        "riskmiljo.cli.zone_story:zone",
        Text("En zons historia: varför, när, utveckling.", "A zone's story: why, when, trend."),
    ),
    "warnings": (
        "riskmiljo.cli.zone_story:warnings",
        Text("Senaste veckan mot det väntade, zon för zon.", "The latest week against its range."),
    ),
    "forecast": (
        "riskmiljo.cli.forecasting:forecast",
        Text("Väntade händelser i ett pass eller kommande dagar.", "What is expected, where."),
    ),
    "backtest": (
        "riskmiljo.cli.forecasting:backtest",
        Text("Hur bra prognoserna hade varit.", "How good forecasts would have been."),
    ),
    "operations": (
        "riskmiljo.cli.operating:operations",
        Text("Insatser: lägg in, lista, ta bort.", "Operations: enter, list, remove."),
    ),
    "effect": (
        "riskmiljo.cli.operating:effect",
        Text("Hjälpte en insats?", "Did an operation help?"),
    ),
    "presence": (
        "riskmiljo.cli.presence:presence",
        Text("Närvaro: läs in den och se var den saknas.", "Presence: take it in, see the gaps."),
    ),
    "calendar": (
        "riskmiljo.cli.calendar:calendar",
        Text("Kalendern: högtider, lov, egna händelser.", "Celebrations, breaks, own events."),
    ),
    "patrol": (
        "riskmiljo.cli.patrolling:patrol",
        Text("Patrullområden och rutter för ett pass.", "Patrol areas and routes for a shift."),
    ),
    "streets": (
        "riskmiljo.cli.streets:streets",
        Text("Läs in gatunätet.", "Take in the street network."),
    ),
    "report": (
        "riskmiljo.cli.reporting:report",
        Text("Lägesbilden till mötet som PDF.", "The picture for the meeting as PDF."),
    ),
    "maps": (
        "riskmiljo.cli.mapping:maps",
        Text("Bygg de stående kartorna som filer.", "Build the standing maps as files."),
    ),
    "user": (
        "riskmiljo.cli.users:user",
        Text("Konton: vilka som får logga in.", "Accounts: who may log in."),
    ),
    "token": (
        "riskmiljo.cli.tokens:token",
        Text("Nycklar för program som läser.", "Tokens for programs that read."),
    ),
    "audit": (
        "riskmiljo.cli.auditing:audit",
        Text("Loggen: läs den och kontrollera den.", "The audit: read it and verify it."),
    ),
    "backup": (
        "riskmiljo.cli.maintaining:backup",
        Text("Spara en säkerhetskopia av databasen.", "Keep a backup copy of the store."),
    ),
    "restore": (
        "riskmiljo.cli.maintaining:restore",
        Text("Lägg tillbaka en säkerhetskopia.", "Put a backup copy back."),
    ),
    "purge": (
        "riskmiljo.cli.maintaining:purge",
        Text("Gallra det som är äldre än en dag.", "Purge what is older than a day."),
    ),
    "release": (
        "riskmiljo.cli.releasing:release",
        Text("Släpp den gemensamma lägesbilden.", "Release the joint picture."),
    ),
    "serve": (
        "riskmiljo.cli.serving:serve",
        Text("Visa sidorna på den här datorn.", "Show the pages on this machine."),
    ),
}


class _OnDemand(Group):
    """A group that imports a command when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(say("Kommandon", "Commands")):
            formatter.write_dl([(name, say(line)) for name, (_, line) in _COMMANDS.items()])


@click.group(
    cls=_OnDemand,
    help=say(
        "Kartlägg riskmiljöer: platser och timmar där det blir bråk.\n\n"
        "Börja med riskmiljo demo. Med egna händelser: riskmiljo import FIL, sedan riskmiljo "
        "zones och riskmiljo serve. Hjälp om ett kommando: riskmiljo KOMMANDO --help.",
        "Map the places and hours where trouble gathers.\n\n"
        "Begin with riskmiljo demo. With incidents of your own: riskmiljo import FILE, then "
        "riskmiljo zones and riskmiljo serve. Help on a command: riskmiljo COMMAND --help.",
    ),
    epilog=say(
        "Slutkoder: 0 klart; 1 klart, men rader avvisades eller inget hittades; 2 fel i anropet "
        "eller oläslig fil, inget ändrades.",
        "Exit codes: 0 done; 1 done, but rows were refused or nothing was found; 2 wrong use or "
        "unreadable input, nothing changed.",
    ),
)
@click.option(
    "--store",
    metavar="URL",
    help=say(
        "Lagret, till exempel sqlite:///riskmiljo.sqlite (eller RISKMILJO_STORE).",
        "The store, for example sqlite:///riskmiljo.sqlite (or RISKMILJO_STORE).",
    ),
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help=say("Svenska eller engelska.", "The language.")
)
@click.option(
    "--purpose",
    type=click.Choice([str(word) for word in Purpose]),
    help=say(
        "Vad läsningen är till för; står i loggen. Annars: administration.",
        "What the reading is for; stands in the log. Otherwise: administration.",
    ),
)
@click.version_option(
    riskmiljo.__version__,
    message="riskmiljo %(version)s",
    help=say("Visa version.", "Show version."),
)
@click.pass_context
def root(
    context: click.Context,
    store: str | None,
    lang: str | None,
    purpose: str | None,  # noqa: ARG001 - read where the reading is logged
) -> None:
    """Read the settings once; every command gets them."""
    context.obj = load_settings(store=store, language=lang)


def run(arguments: Sequence[str]) -> int:
    """Run one call of the command line.

    Parameters
    ----------
    arguments
        The words after ``riskmiljo``.

    Returns
    -------
    int
        The exit code. Every error has been told on the error stream, in one sentence.
    """
    try:
        done = root.main(list(arguments), prog_name="riskmiljo", standalone_mode=False)
    except click.UsageError as error:
        if error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
        click.echo(say("Fel i anropet: ", "Wrong use: ") + told(error), err=True)
        return 2
    except click.Abort:
        click.echo(say("Avbrutet.", "Interrupted."), err=True)
        return 130
    except RiskmiljoError as error:
        click.echo(say(error.message), err=True)
        return error.exit_code
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        said = Text(
            "Det gick inte att skriva: {why}. Frigör plats och försök igen.",
            "It could not be written: {why}. Make room and try again.",
        )
        click.echo(say(said.fill(why=error.strerror)), err=True)
        return 2
    return done if isinstance(done, int) else 0


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run(sys.argv[1:]))

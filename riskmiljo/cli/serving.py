"""``riskmiljo serve``."""

from __future__ import annotations

import click

from riskmiljo.cli.language import Command, say
from riskmiljo.cli.releasing import refresh_if_due
from riskmiljo.cli.session import Session
from riskmiljo.settings import Settings, load_settings
from riskmiljo.web import serve as serve_pages


@click.command(
    "serve",
    cls=Command,
    help=say(
        "Visa sidorna på http://127.0.0.1:5000. Avsluta med Ctrl+C.\n\n"
        "Utan konton (riskmiljo user add) visas de bara för den här datorn.",
        "Show the pages on http://127.0.0.1:5000. End with Ctrl+C.\n\n"
        "Without accounts (riskmiljo user add) they are shown to this machine only.",
    ),
)
@click.option(
    "--host", metavar="ADDRESS", help=say("Adress att lyssna på.", "Address to listen on.")
)
@click.option("--port", type=int, metavar="N", help=say("Port.", "Port."))
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the pages until interrupted."""
    chosen = load_settings(store=settings.store, language=settings.language, host=host, port=port)
    session = Session(chosen)
    with session.open(create=True) as store:
        refresh_if_due(store, session)
    click.echo(
        say("Visas på http://{h}:{p}", "Shown on http://{h}:{p}").format(
            h=chosen.host, p=chosen.port
        )
    )
    serve_pages(chosen)

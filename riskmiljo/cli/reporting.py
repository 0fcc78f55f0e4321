"""``riskmiljo report``: the picture for the meeting as a PDF."""

from __future__ import annotations

from pathlib import Path

import click

from riskmiljo.access.lens import lens_of
from riskmiljo.cli.language import LANGUAGE, Command, say
from riskmiljo.cli.options import filter_options
from riskmiljo.cli.output import write_bytes, write_notes
from riskmiljo.cli.session import Session
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.wording import Text


@click.command(
    "report",
    cls=Command,
    help=say(
        "Skriv lägesbilden till mötet som PDF: vad, hur mycket, var, när, mot det väntade och mot "
        "året före, vad som är nytt, insatser, prognoser, källornas brister, rader för beslut.\n\n"
        "Utan period: de senaste 52 veckorna.",
        "Write the picture for the meeting as PDF: what, how much, where, when, against the "
        "expected and the year before, what is new, operations, forecasts, limits of the sources, "
        "lines for decisions.\n\nWithout a period: the last 52 weeks.",
    ),
)
@filter_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("lagesbild.pdf"),
    show_default=True,
    metavar="FILE",
    help=say("PDF-filen som skrivs.", "The PDF file that is written."),
)
@click.option(
    "--joint",
    is_flag=True,
    help=say(
        "Bara den gemensamma lägesbilden: släppta rutor och månader, antal i klasser.",
        "Only the joint picture: released cells and months, counts in bands.",
    ),
)
@click.pass_obj
def report(settings: Settings, query: dict[str, list[str]], out: Path, *, joint: bool) -> None:
    """Write the report."""
    # Loaded here: the web's words and the PDF are needed by no other command.
    from riskmiljo.export.report_pdf import report_pdf  # noqa: PLC0415 - see above
    from riskmiljo.situation.report import report_facts  # noqa: PLC0415 - see above
    from riskmiljo.web import report_words  # noqa: PLC0415 - see above
    from riskmiljo.web.report_content import build_report  # noqa: PLC0415 - see above

    if out.suffix.lower() != ".pdf":
        raise InvalidInputError(
            Text(
                "{p} slutar inte på .pdf. Rapporten skrivs som PDF: ange --out lagesbild.pdf.",
                "{p} does not end in .pdf. The report is a PDF: give --out lagesbild.pdf.",
            ).fill(p=out.name)
        )
    session = Session(settings)
    now = session.now()
    lens = lens_of(Role.PLANNER, settings, scope="joint") if joint else session.lens()
    with session.open() as store:
        area = store.area()
        facts = report_facts(store, settings, lens, session.question(store, query), now=now)
        made = build_report(
            facts,
            area_name=settings.area_name if area is None else area.name,
            made_by=report_words.COMMAND_LINE,
            forecasting=settings.forecasting,
            language=LANGUAGE,
        )
    write_bytes(out, report_pdf(made, now=now))
    click.echo(f"{out}")
    write_notes({"simulated": facts.overview.situation.simulated})

"""Options that several commands share: the common filters, the format, the file to write."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from riskmiljo.cli.language import say
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES
from riskmiljo.wording import Text

Function = TypeVar("Function", bound=Callable[..., Any])

FORMATS: Final = ("table", "json", "geojson", "csv")


def _words(name: str, words: dict[str, Any], what: str) -> Any:
    return click.option(
        name,
        multiple=True,
        metavar=say("ORD", "WORD"),
        help=f"{what}: {', '.join(words)}.",
    )


# Made when a command is, so that the help is in the language then chosen.
_FILTERS: Final[dict[str, Callable[[], Any]]] = {
    "from_": lambda: click.option(
        "--from", "from_", metavar="DATE", help=say("Första dagen.", "The first day.")
    ),
    "to": lambda: click.option(
        "--to", "to", metavar="DATE", help=say("Dagen efter den sista.", "The day after the last.")
    ),
    "period": lambda: click.option(
        "--period",
        metavar="PERIOD",
        help=say(
            "2026, 2026-04, 2026-W18 eller last-28-days i stället för --from och --to.",
            "2026, 2026-04, 2026-W18 or last-28-days instead of --from and --to.",
        ),
    ),
    "category": lambda: _words(
        "--category", CATEGORIES, say("Slag av händelse", "Kind of incident")
    ),
    "source": lambda: _words("--source", SOURCES, say("Varifrån", "Where from")),
    "detection": lambda: _words(
        "--detection", DETECTIONS, say("Hur den blev känd", "How it became known")
    ),
    "weekday": lambda: click.option(
        "--weekday",
        multiple=True,
        metavar="1-7",
        help=say("Veckodag, 1 är måndag; kan upprepas.", "Weekday, 1 is Monday; repeatable."),
    ),
    "hours": lambda: click.option(
        "--hours",
        metavar="18-02",
        help=say("Timmar på dygnet, över midnatt går bra.", "Hours of the day, may pass midnight."),
    ),
    "bbox": lambda: click.option(
        "--bbox",
        metavar="W,S,E,N",
        help=say("Ruta i grader: väst,syd,öst,nord.", "Box in degrees: west,south,east,north."),
    ),
}


def filter_options(function: Function) -> Function:
    """Add the common filters; the command gets them as one ``query`` dictionary.

    Parameters
    ----------
    function
        A command that takes ``query``.

    Returns
    -------
    callable
        The same command with the options of DESIGN section 7.
    """
    return _with_options(function, tuple(_FILTERS))


def short_filter_options(function: Function) -> Function:
    """Add the filters of a command whose ``--from`` and ``--to`` are places.

    Parameters
    ----------
    function
        A command that takes ``query``.

    Returns
    -------
    callable
        The same command with ``--period``, ``--category``, ``--source`` and ``--detection``.
    """
    return _with_options(function, ("period", "category", "source", "detection"))


def kind_filter_options(function: Function) -> Function:
    """Add the filters of a command whose period is settled otherwise.

    Parameters
    ----------
    function
        A command that takes ``query``.

    Returns
    -------
    callable
        The same command with ``--category``, ``--source`` and ``--detection``.
    """
    return _with_options(function, ("category", "source", "detection"))


def _with_options(function: Function, names: tuple[str, ...]) -> Function:
    @functools.wraps(function)
    def with_query(**values: Any) -> Any:
        for name in names:
            _refuse_blank(name, values[name])
        query = {name.rstrip("_"): _listed(values.pop(name)) for name in names}
        return function(query=query, **values)

    wrapped: Any = with_query
    for name in reversed(names):
        wrapped = _FILTERS[name]()(wrapped)
    return wrapped  # type: ignore[no-any-return]


def _refuse_blank(name: str, given: Any) -> None:
    # An empty shell variable would otherwise widen the question to everything, unseen.
    if any(str(value).strip() == "" for value in _listed(given)):
        raise InvalidInputError(
            Text(
                "Värdet efter --{o} är tomt. Ange ett, eller utelämna --{o}.",
                "The value after --{o} is empty. Give one, or leave out --{o}.",
            ).fill(o=name.rstrip("_"))
        )


def filter_query(given: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """Return the common filters of a call.

    Parameters
    ----------
    given
        Every value of the call, by the name of its option.

    Returns
    -------
    dict of str to list of str or None
        As the command gets them; None for a command that has none.
    """
    if "category" not in given:
        return None
    return {name.rstrip("_"): _listed(given[name]) for name in _FILTERS if name in given}


def _listed(value: str | tuple[str, ...] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def format_options(function: Function) -> Function:
    """Add ``--format``, ``--json`` and ``--out``.

    Parameters
    ----------
    function
        A command that takes ``form`` (one of `FORMATS`) and ``out``.

    Returns
    -------
    callable
        The same command with the options.
    """

    @functools.wraps(function)
    def with_format(*, as_json: bool, form: str | None, out: Path | None, **values: Any) -> Any:
        chosen = "json" if as_json else form
        if chosen is None and out is not None:
            ending = out.suffix.removeprefix(".").lower()
            chosen = ending if ending in FORMATS else None
        return function(form=chosen or "table", out=out, **values)

    wrapped: Any = with_format
    for option in (
        click.option(
            "--out",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help=say(
                "Skriv till fil; ändelsen väljer format.",
                "Write to a file; its ending chooses the format.",
            ),
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            help=say("Samma som --format json.", "Same as --format json."),
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            help=say(
                "Form på svaret; table om inget sägs.", "Form of the answer; table by default."
            ),
        ),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]

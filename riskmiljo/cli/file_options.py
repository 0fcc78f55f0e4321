"""What the commands that take in files share: their options, and what they say of refused rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import pandas as pd

from riskmiljo.cli.language import LANGUAGE, say
from riskmiljo.errors import InvalidInputError, RowsRefusedError
from riskmiljo.wording import Text

Function = TypeVar("Function", bound=Callable[..., Any])
Rejects = Sequence[tuple[Path, pd.DataFrame]]

_FIRST_REASONS: Final = 5


def file_options(example: Text) -> Callable[[Function], Function]:
    """Add ``FILE...``, and the options on how files are read and what is done with refused rows.

    Parameters
    ----------
    example
        A pair of column and field that ``--map`` may name.

    Returns
    -------
    callable
        A decorator of a command that takes ``files``, ``pairs``, ``crs``, ``tz``, ``layer``,
        ``rejects``, ``dry_run`` and ``as_json``.
    """

    def decorate(function: Function) -> Function:
        wrapped: Any = function
        for option in reversed(_options(example)):
            wrapped = option(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return decorate


def _options(example: Text) -> list[Callable[[Any], Any]]:
    file = click.Path(path_type=Path, dir_okay=False)
    return [
        click.argument("files", nargs=-1, required=True, type=file, metavar="FILE..."),
        click.option(
            "--map",
            "pairs",
            multiple=True,
            metavar="COLUMN=FIELD",
            help=say(
                f"Kolumn till fält, till exempel {example.sv}; COLUMN= hoppar över en kolumn.",
                f"Column to field, for example {example.en}; COLUMN= skips a column.",
            ),
        ),
        click.option(
            "--crs",
            metavar="EPSG",
            help=say(
                "Koordinatsystem; annars känns det igen på värdena.",
                "Coordinate system; otherwise recognised from the values.",
            ),
        ),
        click.option(
            "--tz",
            metavar="ZONE",
            help=say(
                "Tidszon för tider utan angiven zon, till exempel America/Chicago.",
                "Zone of times that name none, for example America/Chicago.",
            ),
        ),
        click.option(
            "--layer",
            metavar="NAME",
            help=say(
                "Lager i en GeoPackage eller blad i en Excelfil som har flera.",
                "The layer of a GeoPackage, or the sheet of an Excel file, that has several.",
            ),
        ),
        click.option(
            "--rejects",
            type=file,
            metavar="FILE",
            help=say(
                "Godta att rader avvisas och spara dem här.",
                "Accept that rows are refused; keep them here.",
            ),
        ),
        click.option(
            "--dry-run",
            is_flag=True,
            help=say("Visa vad som skulle hända, ändra inget.", "Change nothing."),
        ),
        click.option(
            "--json", "as_json", is_flag=True, help=say("Kvittot som JSON.", "Receipt as JSON.")
        ),
    ]


def read_mapping(pairs: Sequence[str]) -> dict[str, str] | None:
    """Read what ``--map`` says.

    Parameters
    ----------
    pairs
        ``COLUMN=FIELD`` each.

    Returns
    -------
    dict of str to str or None
        Column to field; None when nothing was said.

    Raises
    ------
    InvalidInputError
        If one of them is no pair.
    """
    mapping = {}
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not equals or not column:
            raise InvalidInputError(
                Text(
                    "--map {p!r} kan inte läsas. Skriv KOLUMN=FÄLT, som Tid=occurred_from.",
                    "--map {p!r} cannot be read. Write COLUMN=FIELD, like Time=occurred_from.",
                ).fill(p=pair)
            )
        mapping[column] = field
    return mapping or None


def all_rejects(rejects: Rejects) -> pd.DataFrame:
    """Return the refused rows of every file as one table.

    Parameters
    ----------
    rejects
        Each file with its refused rows.

    Returns
    -------
    pandas.DataFrame
        With the file's name in ``file``.
    """
    frames = [table.assign(file=path.name) for path, table in rejects]
    return pd.concat(frames, ignore_index=True)


def refuse_all(rejects: Rejects) -> RowsRefusedError:
    """Return the error that says that nothing was taken in.

    Parameters
    ----------
    rejects
        Each file with its refused rows.

    Returns
    -------
    RowsRefusedError
        To be raised; it tells the first reasons.
    """
    return RowsRefusedError(
        Text(
            "{n} {n:rad|rader} avvisades och inget lästes in. {n:Den|De "
            "första}:\n{r}\nRätta filen, eller lägg till --rejects FIL för att läsa in "
            "resten och spara de avvisade där.",
            "{n} {n:row was|rows were} refused and nothing was taken in. {n:It|The "
            "first}:\n{r}\nCorrect the file, or add --rejects FILE to take in the rest "
            "and keep the refused ones there.",
        ).fill(n=sum(len(table) for _, table in rejects), r="\n".join(first_reasons(rejects)))
    )


def first_reasons(rejects: Rejects) -> list[str]:
    """Return why the first of the refused rows were refused.

    Parameters
    ----------
    rejects
        Each file with its refused rows.

    Returns
    -------
    list of str
        A line a row, with the file's name.
    """
    column = "reason_en" if LANGUAGE == "en" else "reason"
    return [
        f"  {path.name}: {reason}"
        for path, table in rejects
        for reason in table[column].head(_FIRST_REASONS)
    ][:_FIRST_REASONS]


def counts_line(receipt: Mapping[str, Any]) -> str:
    """Return what became of a file's rows.

    Parameters
    ----------
    receipt
        With ``file``, ``rows``, ``accepted``, ``refused``, ``dry_run``, and unless that is true
        ``added`` and ``known``.

    Returns
    -------
    str
        One line.
    """
    counts = {"f": receipt["file"], "rows": receipt["rows"]}
    counts |= {"ok": receipt["accepted"], "bad": receipt["refused"]}
    if receipt["dry_run"]:
        head = Text(
            "{f}: {rows} {rows:rad|rader}, {ok} skulle godtas och {bad} avvisas. Inget ändrades.",
            "{f}: {rows} {rows:row|rows}, {ok} would be accepted and {bad} refused. "
            "Nothing was changed.",
        )
    else:
        counts |= {"new": receipt["added"], "old": receipt["known"]}
        head = Text(
            "{f}: {rows} {rows:rad|rader}, {ok} {ok:godtagen|godtagna}, {bad} "
            "{bad:avvisad|avvisade}; {new} {new:ny|nya}, {old} redan {old:känd|kända}.",
            "{f}: {rows} {rows:row|rows}, {ok} accepted, {bad} refused; {new} new, {old} already "
            "known.",
        )
    return say(head.fill(**counts))


def what_was_left_lines(receipt: Mapping[str, Any], rejects: Path | None) -> list[str]:
    """Return the warnings of a file, and what of it is not in the store.

    Parameters
    ----------
    receipt
        With ``warnings``, ``dropped``, ``refused`` and ``dry_run``, which keeps no rows.
    rejects
        Where refused rows were kept.

    Returns
    -------
    list of str
        Perhaps empty.
    """
    lines = [f"  {warning[LANGUAGE]}" for warning in receipt["warnings"]]
    if receipt["dropped"]:
        lines.append(
            say("  Lagras inte: ", "  Not stored: ")
            + ", ".join(sorted(str(one["column"]) for one in receipt["dropped"]))
        )
    if rejects is not None and receipt["refused"] and not receipt["dry_run"]:
        lines.append(say("  Avvisade rader: {p}", "  Refused rows: {p}").format(p=rejects))
    return lines

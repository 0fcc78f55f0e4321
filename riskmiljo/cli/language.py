"""The command line speaks Swedish, or English on request; click's own words included."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from riskmiljo.settings import SETTINGS_FILE
from riskmiljo.wording import LANGUAGES, Language, Text


def language_of(arguments: Sequence[str], configured: str | None) -> Language:
    """Decide the language before any help text is written.

    Parameters
    ----------
    arguments
        The words of the call; ``--lang en`` or ``--lang=en`` wins.
    configured
        What the environment or the settings file says.

    Returns
    -------
    str
        ``"sv"`` unless English is asked for.
    """
    words = list(arguments)
    for at, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and at + 1 < len(words):
            value = words[at + 1]
        if value in LANGUAGES:
            return "en" if value == "en" else "sv"
    return "en" if configured == "en" else "sv"


def _configured() -> str | None:
    """Return the language of the environment or of the settings file, as it stands there."""
    file = Path(os.environ.get("RISKMILJO_SETTINGS", SETTINGS_FILE))
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError):
        # Said in full when the settings are read, after the language is known.
        written = None
    return os.environ.get("RISKMILJO_LANGUAGE", written)


LANGUAGE: Final[Language] = language_of(sys.argv[1:], _configured())


def say(sv: str | Text, en: str = "") -> str:
    """Return a sentence in the language of this call.

    Parameters
    ----------
    sv
        Swedish, or a `Text`.
    en
        English, when Swedish was given as a plain string.

    Returns
    -------
    str
        One of the two.
    """
    text = sv if isinstance(sv, Text) else Text(sv, en)
    return text.in_language(LANGUAGE)


class _Headings:
    """Help pages with headings in the language of the call."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = say("Visa denna hjälp.", "Show this help.")
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(
            ctx.command_path, " ".join(pieces), prefix=say("Användning: ", "Usage: ")
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            record
            for parameter in self.get_params(ctx)  # type: ignore[attr-defined]
            if (record := parameter.get_help_record(ctx)) is not None
        ]
        if rows:
            with formatter.section(say("Val", "Options")):
                formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


class Command(_Headings, click.Command):
    """A command whose help page has Swedish or English headings."""


class Group(_Headings, click.Group):
    """A group of commands whose help page has Swedish or English headings."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the commands in the order in which a user needs them.

        Parameters
        ----------
        ctx
            The call.
        formatter
            Where the help page is written.
        """
        rows: list[tuple[str, Any]] = [
            (name, command.get_short_help_str(limit=90)) for name, command in self.commands.items()
        ]
        with formatter.section(say("Kommandon", "Commands")):
            formatter.write_dl(rows)

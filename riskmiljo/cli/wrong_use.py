"""What click says of a wrong call, in the language of the call.

Click writes its sentences in English, with the words of the call in them. They are recognised here
by their form; one that is not known stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import click

from riskmiljo.cli.language import say
from riskmiljo.wording import Text

_Said = tuple[re.Pattern[str], Text]


def _as(pattern: str, sv: str, en: str) -> _Said:
    return re.compile(pattern, re.DOTALL), Text(sv, en)


# Click puts one word, or several with a comma between them, where ``{a}`` and ``{b}`` stand.
_SAID: Final[tuple[_Said, ...]] = (
    _as(r"Invalid value: (?P<rest>.*)", "Värdet duger inte: {rest}", "Invalid value: {rest}"),
    _as(
        r"Invalid value for (?P<a>.+?): (?P<rest>.*)",
        "{a} duger inte: {rest}",
        "Invalid value for {a}: {rest}",
    ),
    _as(
        r"Missing argument (?P<a>'.*?')\.(?P<rest>.*)",
        "{a} saknas.{rest}",
        "{a} is missing.{rest}",
    ),
    _as(
        r"Missing (?:option|parameter):? (?P<a>'.*?')\.(?P<rest>.*)",
        "{a} måste anges.{rest}",
        "{a} must be given.{rest}",
    ),
    _as(r"Missing command\.", "Ett kommando saknas.", "A command is missing."),
    _as(
        r"No such option:? (?P<a>[^.\s]+)\.?(?P<rest>.*)",
        "{a} finns inte.{rest}",
        "There is no {a}.{rest}",
    ),
    _as(
        r"No such command:? (?P<a>'.*?')\.(?P<rest>.*)",
        "Kommandot {a} finns inte.{rest}",
        "There is no command {a}.{rest}",
    ),
    _as(
        r"\s*\(?(?:Did you mean one of:|Possible options:) (?P<a>.*?)\)?\??\)?",
        " Menade du någon av {a}?",
        " Did you mean one of {a}?",
    ),
    _as(r"\s*Did you mean (?P<a>.*)\?", " Menade du {a}?", " Did you mean {a}?"),
    _as(r"\s*Choose from:\s*(?P<list>.*)", " Välj bland {list}.", " Choose from {list}."),
    _as(r"(?P<a>.*) is not one of (?P<b>.*)\.", "{a} är inget av {b}.", "{a} is not one of {b}."),
    _as(r"(?P<a>.*) is not (?P<b>'.*')\.", "{a} är inte {b}.", "{a} is not {b}."),
    _as(
        r"(?P<a>.*) does not match the formats? (?P<b>.*)\.",
        "{a} har inte formen {b}.",
        "{a} does not have the form {b}.",
    ),
    _as(
        r"(?P<a>.*) is not a valid (?:integer|integer range)\.",
        "{a} är inget heltal.",
        "{a} is not a whole number.",
    ),
    _as(
        r"(?P<a>.*) is not a valid (?:float|float range)\.",
        "{a} är inget tal.",
        "{a} is not a number.",
    ),
    _as(
        r"(?P<a>.*) is not in the range (?P<range>.*)\.",
        "{a} går inte; det ska vara {range}.",
        "{a} will not do; it must be {range}.",
    ),
    _as(
        r"(?:File|Path) (?P<a>.*) does not exist\.",
        "filen {a} finns inte.",
        "the file {a} does not exist.",
    ),
    _as(
        r"Directory (?P<a>.*) does not exist\.",
        "mappen {a} finns inte.",
        "the folder {a} does not exist.",
    ),
    _as(
        r"(?:File|Path|Directory) (?P<a>.*) is not (?:readable|writable)\.",
        "{a} kan inte öppnas. Kontrollera rättigheterna.",
        "{a} cannot be opened. Check the permissions.",
    ),
    _as(
        r"(?:File|Path|Directory) (?P<a>.*) is a (?:file|directory)\.",
        "{a} är av fel slag: en mapp i stället för en fil, eller tvärtom.",
        "{a} is of the wrong kind: a folder in the place of a file, or the reverse.",
    ),
    _as(
        r"(?P<a>'[^']*'): (?P<b>.*)",
        "{a} kan inte öppnas. Kontrollera sökvägen och rättigheterna.",
        "{a} cannot be opened. Check the path and the permissions.",
    ),
    _as(
        r"Got unexpected extra arguments? \((?P<a>.*)\)",
        "För många ord i anropet: {a}.",
        "Too many words in the call: {a}.",
    ),
    _as(
        r"Option (?P<a>.*) does not take a value\.",
        "{a} tar inget värde.",
        "{a} takes no value.",
    ),
    _as(
        r"Option (?P<a>.*) requires an argument\.",
        "Ett värde saknas efter {a}.",
        "A value is missing after {a}.",
    ),
    _as(
        r"Option (?P<a>.*) requires (?P<b>\d+) arguments\.",
        "{a} tar {b} värden.",
        "{a} takes {b} values.",
    ),
    _as(
        r"(?:Argument (?P<a>.*) takes|Takes) (?P<b>\d+) values.*",
        "Här behövs {b} värden.",
        "{b} values are needed here.",
    ),
)
# How a day and a time are written, in the place of the codes that a program reads them by.
_CODES: Final = {
    "%Y": Text("ÅÅÅÅ", "YYYY"),
    "%m": Text("MM", "MM"),
    "%d": Text("DD", "DD"),
    "%H": Text("TT", "HH"),
    "%M": Text("MM", "MM"),
    "%S": Text("SS", "SS"),
}


def told(error: click.UsageError) -> str:
    """Return what is wrong with a call.

    Parameters
    ----------
    error
        As click raised it.

    Returns
    -------
    str
        In the language of the call.
    """
    return _told(error.format_message())


def _told(said: str) -> str:
    for pattern, text in _SAID:
        found = pattern.fullmatch(said)
        if found is not None:
            parts = {name: word or "" for name, word in found.groupdict().items()}
            return re.sub(r"\{(\w+)\}", _filler(parts), say(text))
    return said


def _filler(parts: dict[str, str]) -> Callable[[re.Match[str]], str]:
    def filled(place: re.Match[str]) -> str:
        name = place[1]
        word = parts[name]
        if name == "rest":
            return _told(word)
        if name == "list":
            return ", ".join(re.split(r",\s*", word.strip()))
        if name == "range":
            return _range(word)
        if name == "b":
            for code, shown in _CODES.items():
                word = word.replace(code, say(shown))
        return word.replace("' / '", "', '")

    return filled


def _range(word: str) -> str:
    """Return the ends of a range in words: click writes them as ``1<=x<=9``, ``x>=1``, ``x<=9``."""
    found = re.fullmatch(r"(?:(?P<low>[^<>=]+)<=?)?x(?:(?P<sign>[<>])=?(?P<end>[^<>=]+))?", word)
    if found is None:
        return word
    if found["low"] is not None and found["end"] is not None:
        return say("{a} till {b}", "{a} to {b}").format(a=found["low"], b=found["end"])
    least = found["end"] if found["sign"] == ">" else found["low"]
    if least is not None:
        return say("minst {a}", "at least {a}").format(a=least)
    return say("högst {a}", "at most {a}").format(a=found["end"])

"""The reader's language: chosen by the address, used for sentences, numbers and dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval
from babel.numbers import format_percent
from flask import Flask, g, request

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import Period
from riskmiljo.model.plan import Plan
from riskmiljo.model.shift import Shift
from riskmiljo.situation import Situation
from riskmiljo.web import words
from riskmiljo.web.banded import Banded
from riskmiljo.web.service import service
from riskmiljo.wording import LANGUAGES, Language, Text, decimal_text

_LOCALES: Final[dict[Language, Locale]] = {
    "sv": Locale("sv", "SE"),
    "en": Locale("en", "GB"),
}


def choose_language() -> None:
    """Set the language of this request from ``?lang=``; without it the installation's own.

    Raises
    ------
    InvalidInputError
        If the address names a language that riskmiljo does not speak.
    """
    g.language = service().settings.language
    wanted = request.args.get("lang", "").strip()
    if not wanted:
        return
    for language in LANGUAGES:
        if wanted == language:
            g.language = language
            return
    raise InvalidInputError(
        Text(
            "lang: {w!r} finns inte. Tillåtna: {known}.",
            "lang: {w!r} is not known. Allowed: {known}.",
        ).fill(w=wanted[:40], known=", ".join(LANGUAGES))
    )


def language() -> Language:
    """Return the language of this request.

    Returns
    -------
    str
        ``sv`` or ``en``.
    """
    chosen: Language = g.language
    return chosen


def other_language() -> Language:
    """Return the language that the switch leads to.

    Returns
    -------
    str
        The one that is not `language`.
    """
    return "sv" if language() == "en" else "en"


def say(text: Text | str) -> str:
    """Return a text in the language of this request.

    Parameters
    ----------
    text
        A plain string (a name) stays as it is.

    Returns
    -------
    str
        Not escaped: the template does that.
    """
    return text.in_language(language()) if isinstance(text, Text) else text


def number(value: float, decimals: int = 0) -> str:
    """Return a number as it is written in the reader's language.

    Parameters
    ----------
    value
        A finite number.
    decimals
        How many decimals.

    Returns
    -------
    str
        ``1 234,5`` or ``1,234.5``; a count of the joint picture as its band.
    """
    if isinstance(value, Banded):
        return value.band.in_language(language())
    return decimal_text(value, decimals, fixed=True).in_language(language())


def percent(share: float) -> str:
    """Return a share in whole per cent.

    Parameters
    ----------
    share
        0 to 1.

    Returns
    -------
    str
        ``56 %`` or ``56%``.
    """
    return str(format_percent(share, locale=_LOCALES[language()]))


def part(share: float, step: float = 0.01) -> str:
    """Return the share of something that there is: never as nothing.

    Parameters
    ----------
    share
        0 to 1.
    step
        What shares are rounded to.

    Returns
    -------
    str
        ``56 %``; ``under 5 %`` for what would be rounded to nothing in steps of 0.05.
    """
    return f"under {percent(step)}" if share <= step / 2 else percent(share)


def _zone() -> ZoneInfo:
    # Once a request: a page of sessions or log rows asks for it at every time that it tells.
    if "zone" not in g:
        g.zone = ZoneInfo(service().area().tz)
    zone: ZoneInfo = g.zone
    return zone


def day(value: datetime | date) -> str:
    """Return a date in words, local time for an instant.

    Parameters
    ----------
    value
        An aware datetime, or a date that already is local.

    Returns
    -------
    str
        ``21 november 2025``.
    """
    local = value.astimezone(_zone()).date() if isinstance(value, datetime) else value
    return str(format_date(local, "long", locale=_LOCALES[language()]))


def moment(value: datetime) -> str:
    """Return an instant in words, to the minute.

    Parameters
    ----------
    value
        Aware.

    Returns
    -------
    str
        ``21 november 2025 18:00``, local time.
    """
    local = value.astimezone(_zone())
    return str(
        format_datetime(local, "d MMMM y HH:mm", tzinfo=_zone(), locale=_LOCALES[language()])
    )


def period_days(period: Period) -> str:
    """Return the days of a period, the last one included.

    Parameters
    ----------
    period
        Whole days are named by their dates; other periods with the time of day.

    Returns
    -------
    str
        ``25 okt.–21 nov. 2025``.
    """
    first, end = period.local(service().area().tz)
    if (first.hour, first.minute, end.hour, end.minute) == (0, 0, 0, 0):
        last = end.date() - timedelta(days=1)
        if last <= first.date():
            return day(first.date())
        return str(format_interval(first.date(), last, "yMMMd", locale=_LOCALES[language()]))
    if first.date() == end.date():
        return f"{moment(first)}–{end:%H:%M}"
    return f"{moment(first)} – {moment(end)}"


def shift_words(shift: Shift) -> str:
    """Return a shift as people say it.

    Parameters
    ----------
    shift
        The shift.

    Returns
    -------
    str
        ``onsdag 29 april 18:00–02:00``.
    """
    first, last = shift.period.local(shift.tz)
    named = format_date(first.date(), "EEEE d MMMM", locale=_LOCALES[language()])
    return f"{named} {first:%H:%M}–{last:%H:%M}"


def clock(value: datetime) -> str:
    """Return a time of day.

    Parameters
    ----------
    value
        Aware.

    Returns
    -------
    str
        ``02:00``, local time.
    """
    return f"{value.astimezone(_zone()):%H:%M}"


def data_age(shown: Situation | Plan) -> str:
    """Return until when the data behind a situation or a plan reach.

    Parameters
    ----------
    shown
        Its ``as_of`` is where the data end; that instant is not included.

    Returns
    -------
    str
        A sentence with the last day.
    """
    if shown.as_of is None:
        return ""
    last = (shown.as_of - timedelta(microseconds=1)).astimezone(_zone()).date()
    return say(words.DATA_UNTIL.fill(day=day(last)))


def install_language(app: Flask) -> None:
    """Give the templates the filters of this module.

    Parameters
    ----------
    app
        The application; its templates can then write ``{{ text|t }}``.
    """
    app.jinja_env.filters.update(
        t=say,
        number=number,
        percent=percent,
        part=part,
        day=day,
        moment=moment,
        clock=clock,
        period_days=period_days,
        shift_words=shift_words,
    )
    app.jinja_env.globals.update(language=language, other_language=other_language)

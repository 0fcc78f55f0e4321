"""What a reader must know about the record behind a forecast: too short, gaps, late beginnings."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.forecast.record import FEWEST_WEEKS, History
from riskmiljo.model.period import TZ, Period
from riskmiljo.model.vocabulary import kind_name
from riskmiljo.wording import Text, decimal_text

# A kind began late if it was silent for this share of the record, in which this many of it would
# have come at its later rate.
_LATE_SHARE: Final = 0.25
_EXPECTED_EARLIER: Final = 12.0
_KNOWN_SHARE: Final = 0.9
# A twentieth of a city's weekly map rests on less than one incident.
_FEWEST_KNOWN: Final = 20
# So long after the end of a record there is no last year's count to stand beside a forecast.
_OLDEST_DAYS: Final = 365
_DAY: Final = timedelta(days=1)


def require_enough(history: History) -> None:
    """Refuse a record that is too short to forecast from.

    Parameters
    ----------
    history
        What was known.

    Raises
    ------
    NothingFoundError
        If nothing was.
    InvalidInputError
        If less than eight weeks of it were observed, or it ends more than a year before.
    """
    if len(history.age_days) == 0:
        raise NothingFoundError(
            Text(
                "Inga händelser i området var kända före perioden. Välj en senare period, ett "
                "större område eller färre villkor.",
                "No incidents in the area were known before the period. Choose a later period, a "
                "larger area or fewer conditions.",
            )
        )
    # A silence too long to be chance was not observed, nor is one up to now.
    weeks = (history.days - sum(first - last for first, last in history.gaps)) / 7
    if weeks < FEWEST_WEEKS:
        raise InvalidInputError(
            Text(
                "Historiken före perioden är {w} {w:vecka|veckor}. En prognos behöver minst {n} "
                "{n:vecka|veckor}: läs in äldre händelser eller välj en senare period.",
                "The history before the period is {w} {w:week|weeks}. A forecast needs at least "
                "{n} {n:week|weeks}: import older incidents or choose a later period.",
            ).fill(w=decimal_text(max(np.floor(10 * weeks) / 10, 0.0), 1), n=FEWEST_WEEKS),
            code="KORT_HISTORIK",
        )
    silent = history.gaps[-1][0] if history.gaps and history.gaps[-1][1] == 0 else 0
    if silent > _OLDEST_DAYS:
        raise InvalidInputError(
            Text(
                "Inga händelser är kända under {n} {n:dag|dagar} före perioden. Så långt "
                "fram går det inte att säga något: läs in nyare händelser eller välj en "
                "tidigare period.",
                "No incidents are known in {n} {n:day|days} before the period. Nothing can "
                "be said so far ahead: import newer incidents or choose an earlier period.",
            ).fill(n=silent),
            code="GAMMAL_HISTORIK",
        )


def outside_gaps(
    whole: History, periods: list[Period], *, tz: str = TZ
) -> tuple[list[Period], list[Text]]:
    """Leave out the trial forecasts that fall in a gap of the record: nothing came that is known.

    Parameters
    ----------
    whole
        All incidents of the record, to the end of the last period.
    periods
        The trial forecasts.
    tz
        The zone of the days named.

    Returns
    -------
    tuple
        Those that are left, and a sentence for each gap that one fell in.

    Raises
    ------
    InvalidInputError
        If none is left.
    """
    left, notes = list(periods), []
    for first, last in whole.gaps:
        begins, ends = (whole.now - timedelta(days=days) for days in (first, last))
        # The edges of a gap are told in whole days.
        clear = [one for one in left if one.end <= begins + _DAY or one.start >= ends - _DAY]
        if len(clear) < len(left):
            zone = ZoneInfo(tz)
            notes.append(
                Text(
                    "Uppehåll i materialet {a} till {b}: {n} {n:provprognos|provprognoser} som "
                    "faller där räknas inte.",
                    "A gap in the record from {a} to {b}: {n} trial {n:forecast|forecasts} that "
                    "{n:falls in it does|fall in it do} not count.",
                ).fill(
                    a=f"{begins.astimezone(zone):%Y-%m-%d}",
                    b=f"{ends.astimezone(zone):%Y-%m-%d}",
                    n=len(left) - len(clear),
                )
            )
        left = clear
    if not left:
        problem = Text(
            "{n} Ingen provprognos blir kvar. Fyll på underlaget, eller välj en kortare horisont.",
            "{n} No trial forecast is left. Fill the gap, or choose a shorter horizon.",
        ).fill(n=notes[-1])
        raise InvalidInputError(problem, code="HAL_I_UNDERLAGET")
    return left, notes


def others_note(history: History) -> list[Text]:
    """Say so where incidents of other kinds are weighed in.

    Parameters
    ----------
    history
        What was known.

    Returns
    -------
    list of Text
        Empty where there are none.
    """
    if history.others is None or len(history.others.row) == 0:
        return []
    return [
        Text(
            "Händelser av andra slag säger var det händer något över huvud taget. De räknas inte "
            "in i det som väntas.",
            "Incidents of other kinds tell where things happen at all. They are not counted in "
            "what is expected.",
        )
    ]


def late_note(occurred: int, known: int) -> list[Text]:
    """Say so when much of what had happened was not registered yet, as after a late import.

    Parameters
    ----------
    occurred
        Incidents that had happened by the moment.
    known
        Those of them that were registered by then.

    Returns
    -------
    list of Text
        Empty where at least nine in ten were known.
    """
    if known >= _KNOWN_SHARE * occurred:
        return []
    return [
        Text(
            "Bara {k} av {n} {n:händelse|händelser} som hade inträffat var registrerade i "
            "tid; resten används inte. Är registered_at tiden för en senare inläsning: ta "
            "bort den kolumnen.",
            "Only {k} of {n} {n:incident|incidents} that had happened were registered in "
            "time; the rest are not used. If registered_at is the time of a later import, "
            "leave that column out.",
        ).fill(k=known, n=occurred)
    ]


def notes_on(history: History, incidents: pd.DataFrame, *, tz: str = TZ) -> tuple[Text, ...]:
    """Say what is odd about a record.

    Parameters
    ----------
    history
        What was known.
    incidents
        The frame that it was made from; its ``category`` is looked at where there is one.
    tz
        The zone of the days named.

    Returns
    -------
    tuple of Text
        One sentence each: few incidents, one place, gaps, less than a year of history, kinds that
        begin half-way.
    """
    notes = _few(history)
    zone = ZoneInfo(tz)

    def day(days_ago: float) -> str:
        return f"{(history.now - timedelta(days=days_ago)).astimezone(zone):%Y-%m-%d}"

    for first, last in history.gaps:
        if last == 0:
            notes.append(
                Text(
                    "Inga händelser är kända efter {a}, {n} {n:dag|dagar} före perioden. Prognosen "
                    "bygger på tiden dessförinnan.",
                    "No incidents are known after {a}, {n} {n:day|days} before the period. The "
                    "forecast rests on the time before that.",
                ).fill(a=day(first), n=first)
            )
        else:
            notes.append(
                Text(
                    "Uppehåll i materialet {a} till {b} ({n} {n:dag|dagar} utan händelser): "
                    "{n:den räknas som okänd, inte som lugn|de räknas som okända, inte som "
                    "lugna}.",
                    "A gap in the record from {a} to {b} ({n} {n:day|days} without incidents): "
                    "{n:that day counts|those days count} as unknown, not as calm.",
                ).fill(a=day(first), b=day(last), n=first - last)
            )
    if history.days < 365:  # noqa: PLR2004 - a year
        notes.append(
            Text(
                "Historiken är {n} {n:dag|dagar}, mindre än ett år: årstiden kan inte vägas in.",
                "The history is {n} {n:day|days}, less than a year: the season cannot be seen.",
            ).fill(n=int(history.days))
        )
    return (*notes, *late_kinds(history, incidents, tz=tz))


def _few(history: History) -> list[Text]:
    known = len(history.row)
    if 0 < known < _FEWEST_KNOWN:
        return [
            Text(
                "Antalet händelser som är kända före perioden är bara {n}: prognosen säger mycket "
                "lite.",
                "The incidents known before the period are only {n}: the forecast says little.",
            ).fill(n=known)
        ]
    if known and (history.xy == history.xy[0]).all():
        return [
            Text(
                "Alla {n} {n:händelse|händelser} ligger på en och samma plats. Kontrollera "
                "att det inte är en adress som används när platsen är okänd.",
                "All {n} {n:incident lies|incidents lie} at one and the same place. Check "
                "that it is not an address that is used where the place is unknown.",
            ).fill(n=known)
        ]
    return []


def late_kinds(history: History, incidents: pd.DataFrame, *, tz: str = TZ) -> list[Text]:
    """Say which kinds begin part-way through a record.

    Parameters
    ----------
    history
        What was known.
    incidents
        The frame that it was made from; its ``category`` is looked at where there is one.
    tz
        The zone of the days named.

    Returns
    -------
    list of Text
        One sentence each.
    """
    if "category" not in incidents:
        return []
    notes = []
    kinds = incidents["category"].iloc[history.row]
    codes, names = pd.factorize(kinds.astype(str), sort=True)
    for code, name in enumerate(names):
        ages = history.age_days[codes == code]
        silent = history.days - ages[0]
        rate = len(ages) / max(ages[0], 1.0)
        if silent > _LATE_SHARE * history.days and rate * silent > _EXPECTED_EARLIER:
            began = history.now - timedelta(days=float(np.ceil(ages[0])))
            notes.append(
                Text(
                    "Slaget {k} börjar först {d}, halvvägs in i materialet: dess nivå före dess "
                    "är okänd och prognosen för det blir för låg.",
                    "The kind {k} begins only on {d}, part-way through the record: its level "
                    "before that is unknown and the forecast of it is too low.",
                ).fill(k=kind_name(name), d=f"{began.astimezone(ZoneInfo(tz)):%Y-%m-%d}")
            )
    return notes

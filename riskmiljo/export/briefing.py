"""What stands in the printed briefing, as ready strings: the page and the PDF only lay it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from babel.numbers import format_percent

from riskmiljo.export.clock import Clock
from riskmiljo.export.parts import (
    NO_VISITS,
    SIMULATED,
    STRAIGHT,
    crew_title,
    data_age,
    distance_text,
    figure,
    harmless,
    place_name,
)
from riskmiljo.model.plan import STOP_KIND_NAMES, Leg, Pause, Plan, Route, Visit
from riskmiljo.patrol.route_words import PRESENCE_HERE
from riskmiljo.wording import Language, Text

LABELS: Final[dict[str, Text]] = {
    "overview": Text("Översikt", "Overview"),
    "number": Text("Nr", "No."),
    "time": Text("Tid", "Time"),
    "place": Text("Plats", "Place"),
    "minutes": Text("Min", "Min"),
    "expected": Text("Väntat", "Expected"),
    "why": Text("Varför", "Why"),
    "team": Text("Lag", "Team"),
    "stops": Text("Hållpunkter", "Stops"),
    "start": Text("Start", "Start"),
    "travel": Text("På väg", "On the way"),
    "dwell": Text("På plats", "At stops"),
    "kind": Text("Slag", "Kind"),
    "left_out": Text("Inte med i planen", "Not in the plan"),
    "more_left": Text(
        "{n} till med lägre väntat antal står på planens sida.",
        "{n} more with lower expected numbers are on the plan's page.",
    ),
    "nothing_left": Text("Alla kandidater är med i planen.", "All candidates are in the plan."),
    "notes": Text("Att veta om planen", "About this plan"),
    "own_notes": Text("Egna anteckningar", "Own notes"),
    "teams": Text("Lagen", "The teams"),
    "order": Text("Hållpunkter i ordning", "Stops in order"),
    "no_crews": Text("Planen har inga lag.", "The plan has no teams."),
    "total": Text("Summa", "Total"),
    "unit": Text(
        "Väntat: väntade händelser under besökets timme, så mycket som räknas för besöket.",
        "Expected: expected incidents in the hour of the visit, as credited to it.",
    ),
    "legend": Text(
        "Siffror som 2:3: lag 2, hållpunkt 3. Fyrkant: start och slut. Ring: inte med i planen.",
        "Numbers such as 2:3: team 2, stop 3. Square: start and end. Ring: not in the plan.",
    ),
    "legend_one": Text(
        "Siffror: hållpunkter i ordning. Fyrkant: start och slut.",
        "Numbers: stops in order. Square: start and end.",
    ),
    "map_of": Text("Karta: {what}", "Map: {what}"),
    "north": Text("N", "N"),
}

_MAP_TEXT: Final = Text(
    "Norr är uppåt. {n} {n:hållpunkt|hållpunkter}; skalstrecket är {m}. Allt på "
    "kartan står också i tabellen.",
    "North is up. {n} {n:stop|stops}; the scale bar is {m}. All that the map shows "
    "is in the table too.",
)
_WAY: Final = Text("Hit på {min} min, {m}", "Here in {min} min, {m}")
_VIA: Final = Text(" via {s}", " by {s}")
_MORE: Final = Text(" m.fl.", " and more")
_THERE: Final = Text("framme {t}", "there at {t}")
_PAUSE: Final = Text("Rast: {name}", "Break: {name}")
_HOME: Final = Text("Slut: {name}", "End: {name}")
_BEGIN: Final = Text("Start: {name}", "Start: {name}")
_PINNED: Final = Text("önskad", "wanted")
_JOINT: Final = Text("tillsammans med annat lag", "together with another team")
_MINUTES: Final = Text("{n} min", "{n} min")
_COVERED: Final = Text(
    "Räknat i väntade händelser: {a} av {b} inom räckhåll ({share}).",
    "In expected incidents: {a} of {b} within reach ({share}).",
)
_STREETS_NAMED: Final = 2
# What holds of one visit alone: its share of the risk, and the minutes since the last.
_OF_THE_VISIT: Final = ("%", " min ")
# Sentences end before a capital or a figure, but not after "kl.".
_SENTENCES: Final = re.compile(r"(?<!kl\.)(?<=[.!?]) (?=[A-ZÅÄÖ0-9])")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a crew's table.

    Attributes
    ----------
    sort
        ``visit``, ``pause`` or ``end``.
    number, time, place, minutes, expected, why
        The columns; empty where nothing applies.
    small
        What stands under the place in small type.
    brief
        The same without the streets of the way, where paper is short.
    """

    sort: str
    number: str
    time: str
    place: str
    minutes: str
    expected: str
    why: str
    small: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrewPage:
    """One crew's page.

    Attributes
    ----------
    route
        Whose.
    title, when, where
        The lines on top.
    rows
        The table; empty for a crew without visits, with `empty` saying so.
    totals
        Label and value.
    empty
        A sentence, or nothing.
    """

    route: Route
    title: str
    when: str
    where: str
    rows: tuple[Row, ...]
    totals: tuple[tuple[str, str], ...]
    empty: str

    def tight(self) -> CrewPage:
        """Return the page with the shorter words of its rows.

        Returns
        -------
        CrewPage
            Otherwise the same.
        """
        return replace(self, rows=tuple(replace(row, small=row.brief) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Briefing:
    """All words of a briefing in one language.

    Attributes
    ----------
    language, title, area, shift
        The head of every page.
    warnings
        Simulated data, no streets, a change of the clock: shown before anything else.
    comparison
        The comparison and the share, one sentence each.
    summary
        One line for each crew: team, time, stops, at stops, on the way, expected; then the total.
    left_out
        Name, kind, expected, reason.
    notes
        One sentence each.
    age
        Where the data end.
    pages
        The crews.
    labels
        The fixed words.
    """

    language: Language
    title: str
    area: str
    shift: str
    warnings: tuple[str, ...]
    comparison: tuple[str, ...]
    summary: tuple[tuple[str, ...], ...]
    left_out: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    age: str
    pages: tuple[CrewPage, ...]
    labels: dict[str, str]

    def map_text(self, stops: int, scale: str) -> str:
        """Return what a reader without the picture is told.

        Parameters
        ----------
        stops
            How many are drawn.
        scale
            Length of the scale bar, with its unit.

        Returns
        -------
        str
            Two sentences.
        """
        return _MAP_TEXT.fill(n=stops, m=scale).in_language(self.language)


def write_briefing(plan: Plan, *, language: Language, area_name: str) -> Briefing:
    """Put a plan into words.

    Parameters
    ----------
    plan
        The plan.
    language
        Of the words.
    area_name
        The town or district, for the head.

    Returns
    -------
    Briefing
        Ready strings, not yet escaped for any format.
    """
    clock = Clock(plan.shift.tz, language)
    warnings = [SIMULATED.in_language(language)] if plan.simulated else []
    if plan.distance == "straight":
        warnings.append(STRAIGHT.in_language(language))
    warnings.extend(clock.changes(plan.shift))
    return Briefing(
        language=language,
        title=harmless(plan.title.in_language(language)),
        area=harmless(area_name),
        shift=_shift(plan, clock),
        warnings=tuple(warnings),
        comparison=_comparison(plan, language),
        summary=tuple(_summary(plan, clock)),
        left_out=tuple(
            (
                place_name(left.name, clock.language),
                STOP_KIND_NAMES[left.kind].in_language(language),
                figure(left.expected, 2, language),
                harmless(left.why.in_language(language)),
            )
            for left in plan.left_out
        ),
        notes=tuple(harmless(note.in_language(language)) for note in plan.notes),
        age=data_age(plan, clock),
        pages=tuple(_page(route, clock) for route in plan.routes),
        labels={key: text.in_language(language) for key, text in LABELS.items()},
    )


def _shift(plan: Plan, clock: Clock) -> str:
    first, last = plan.shift.period.start, plan.shift.period.end
    if clock.local(first).date() == clock.local(last).date():
        return f"{clock.day(first)} {clock.span(first, last)}"
    return f"{clock.moment(first)} – {clock.moment(last)}"


def _comparison(plan: Plan, language: Language) -> tuple[str, ...]:
    share = _COVERED.fill(
        a=figure(plan.covered, 1, language),
        b=figure(plan.reachable, 1, language),
        share=format_percent(plan.share, locale=language),
    ).in_language(language)
    said = harmless(plan.comparison.in_language(language))
    return tuple(sentence for sentence in (said, share) if sentence)


def _summary(plan: Plan, clock: Clock) -> Iterator[tuple[str, ...]]:
    language = clock.language

    def line(who: str, when: str, routes: tuple[Route, ...]) -> tuple[str, ...]:
        travel = sum(route.travel_min for route in routes)
        length = sum(route.length_m for route in routes)
        return (
            who,
            when,
            str(sum(len(route.visits) for route in routes)),
            _minutes(sum(route.dwell_min for route in routes), language),
            f"{_minutes(travel, language)}, {distance_text(length, language)}",
            figure(sum(route.expected for route in routes), 2, language),
        )

    for route in plan.routes:
        crew = route.crew
        yield line(crew_title(crew, language), clock.span(crew.begins, crew.ends), (route,))
    if len(plan.routes) > 1:
        yield line(LABELS["total"].in_language(language), "", plan.routes)


def _minutes(value: float, language: Language) -> str:
    return _MINUTES.fill(n=round(value)).in_language(language)


def _page(route: Route, clock: Clock) -> CrewPage:
    crew, language = route.crew, clock.language
    ends = (
        _BEGIN.fill(name=place_name(crew.start.name, clock.language)),
        _HOME.fill(name=place_name(crew.end.name, clock.language)),
    )
    totals = (
        (LABELS["stops"], str(len(route.visits))),
        (LABELS["dwell"], _minutes(route.dwell_min, language)),
        (
            LABELS["travel"],
            f"{_minutes(route.travel_min, language)}, {distance_text(route.length_m, language)}",
        ),
        (LABELS["expected"], figure(route.expected, 2, language)),
    )
    return CrewPage(
        route=route,
        title=crew_title(crew, language),
        when=clock.span(crew.begins, crew.ends),
        where=". ".join(end.in_language(language) for end in ends),
        rows=tuple(_rows(route, clock)),
        totals=tuple((label.in_language(language), value) for label, value in totals),
        empty="" if route.visits else NO_VISITS.in_language(language),
    )


def _rows(route: Route, clock: Clock) -> Iterator[Row]:
    number = 0
    before: tuple[tuple[str, str], ...] = ()
    last: Leg | None = None
    said: dict[str, set[str]] = {}
    for step in route.steps:
        match step:
            case Leg():
                before = (*before, _way(step, clock.language))
                last = step
            case Visit():
                number += 1
                yield _visit_row(
                    number,
                    step,
                    before,
                    clock,
                    said.setdefault(step.zone_id or step.stop_id, set()),
                )
                before, last = (), None
            case Pause():
                name = _PAUSE.fill(name=place_name(step.spot.name, clock.language)).in_language(
                    clock.language
                )
                minutes = str(round((step.ends - step.begins).total_seconds() / 60))
                span = clock.span(step.begins, step.ends)
                yield Row("pause", "", span, name, minutes, "", "", *_ways(before))
                before, last = (), None
    if last is not None:
        name = _HOME.fill(name=place_name(route.crew.end.name, clock.language)).in_language(
            clock.language
        )
        yield Row("end", "", clock.time(last.arrives), name, "", "", "", *_ways(before))


def _ways(before: tuple[tuple[str, str], ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(way + by for way, by in before), tuple(way for way, _ in before)


def _visit_row(
    number: int,
    visit: Visit,
    before: tuple[tuple[str, str], ...],
    clock: Clock,
    said: set[str],
) -> Row:
    """Return a visit's row; what was said of the zone on this page is not said again."""
    language = clock.language
    time = clock.span(visit.begins, visit.leaves)
    ways, brief = _ways(before)
    small: list[str] = []
    if clock.local(visit.arrives) < clock.local(visit.begins):
        small.append(_THERE.fill(t=clock.time(visit.arrives)).in_language(language))
    tags = []
    if visit.kind != "zone":
        tags.append(STOP_KIND_NAMES[visit.kind])
    if visit.pinned:
        tags.append(_PINNED)
    if visit.joint:
        tags.append(_JOINT)
    small.extend(tag.in_language(language) for tag in tags)
    sentences = _SENTENCES.split(harmless(visit.why.in_language(language)))
    where = {sentence: _said_of(sentence, visit, language) for sentence in sentences}
    fresh = [
        s for s in sentences if where[s] not in said or any(sign in s for sign in _OF_THE_VISIT)
    ]
    said.update(where.values())
    return Row(
        sort="visit",
        number=str(number),
        time=time,
        place=place_name(visit.name, clock.language),
        minutes=str(round(visit.dwell_min)),
        expected=figure(visit.expected, 2, language),
        why=" ".join(fresh),
        small=(*ways, *small),
        brief=(*brief, *small),
    )


def _said_of(sentence: str, visit: Visit, language: Language) -> str:
    """Return a sentence with what it is said of: presence of the stop, the rest of its zone."""
    at_the_stop = sentence.startswith(PRESENCE_HERE.in_language(language))
    return f"{visit.stop_id if at_the_stop else visit.zone_id or visit.stop_id} {sentence}"


def _way(leg: Leg, language: Language) -> tuple[str, str]:
    """Return a way's time and length, and by which streets it leads."""
    said = _WAY.fill(min=round(leg.minutes), m=distance_text(leg.length_m, language))
    names = list(dict.fromkeys(filter(None, map(harmless, leg.streets))))
    by = ""
    if names:
        by = _VIA.fill(s=", ".join(names[:_STREETS_NAMED])).in_language(language)
        if len(names) > _STREETS_NAMED:
            by += _MORE.in_language(language)
    return said.in_language(language), by

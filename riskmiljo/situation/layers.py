"""The situation as the layers of one map."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from riskmiljo.maps import map_payload
from riskmiljo.maps.payload import LAYER_IDS
from riskmiljo.model.plan import Plan
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES, WEEKDAYS
from riskmiljo.settings import Settings
from riskmiljo.situation.build import Situation
from riskmiljo.situation.memory import Memory
from riskmiljo.wording import Text

_TITLE: Final = Text("Lägesbild", "Situation picture")
# With what each was made of: these live as long, so that their identity is theirs alone. A surface
# and the presence beside it belong to one lens and filter. A base map is a few megabytes.
_layers: Final = Memory[tuple[object, Any]](most=48)
_bases: Final = Memory[tuple[object, Any]](most=4)
_SHOWN: Final = ("base", "density", "zones", "routes", "places")


def map_layers(
    situation: Situation,
    settings: Settings,
    *,
    title: Text = _TITLE,
    plan: Plan | None = None,
    shown: Sequence[str] = _SHOWN,
    layers: Sequence[str] = LAYER_IDS,
    density_tiles: str | None = None,
) -> dict[str, Any]:
    """Return the payload of a map of one situation.

    Parameters
    ----------
    situation
        What to draw; only what its lens shows is in it.
    settings
        Tile server and time zone.
    title
        What the map is called.
    plan
        A plan for the situation's shift, whose routes are drawn.
    shown, layers
        Ids of the layers that are on at first, and that the map has at all.
    density_tiles
        Where the tiles of the density are; None sends its classes as polygons.

    Returns
    -------
    dict
        See `riskmiljo.maps`.
    """
    return map_payload(
        title=title,
        surface=situation.surface,
        zones=situation.zones,
        micro_places=situation.micro_places,
        rhythm=situation.rhythm,
        trend=situation.trend,
        areas=situation.areas if len(situation.areas) else None,
        plan=plan,
        places=situation.places,
        streets=situation.streets,
        as_of=situation.as_of,
        settings=settings,
        simulated=situation.simulated,
        subtitle=describe(situation),
        notes=situation.notes,
        knowledge=situation.presence,
        shown=shown,
        layers=layers,
        tz=situation.tz,
        density_tiles=density_tiles,
        remember=_remember,
    )


def _remember(of: object, key: tuple[Hashable, ...], make: Callable[[], Any]) -> Any:
    kept = _bases if key[0] == "base" else _layers
    return kept.get((id(of), *key), lambda: (of, make()))[1]


def describe(situation: Situation) -> Text:
    """Say in words which period, filter and shift a situation is about.

    Parameters
    ----------
    situation
        The situation.

    Returns
    -------
    Text
        For example "2025-05-01 till 2026-04-30 · Rån · pass 2026-04-30 18:00–02:00".
    """
    question = situation.question
    parts = [span(situation)]
    for chosen, words in (
        (question.categories, CATEGORIES),
        (question.detections, DETECTIONS),
        (question.sources, SOURCES),
    ):
        if chosen:
            parts.append(_listed([words[word] for word in chosen]))
    if question.weekdays:
        parts.append(_listed([WEEKDAYS[day - 1] for day in question.weekdays]))
    if question.hours is not None:
        parts.append(
            Text("kl. {a:02d}–{b:02d}", "{a:02d}–{b:02d} h").fill(
                a=question.hours[0], b=question.hours[1]
            )
        )
    parts.append(Text("pass {s}", "shift {s}").fill(s=situation.shift.label()))
    return Text(" · ".join(part.sv for part in parts), " · ".join(part.en for part in parts))


def span(situation: Situation) -> Text:
    """Return the period as two local dates, both included.

    Parameters
    ----------
    situation
        The situation.

    Returns
    -------
    Text
        For example "2025-05-01 till 2026-04-30".
    """
    first, last = situation.period.first_and_last_day(situation.tz)
    return Text("{a} till {b}", "{a} to {b}").fill(a=first, b=last)


def _listed(words: list[Text]) -> Text:
    return Text(", ".join(word.sv for word in words), ", ".join(word.en for word in words))

"""What every file of a plan needs: chosen crews, harmless text, degrees, what must be said."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from riskmiljo.errors import InvalidInputError
from riskmiljo.export.clock import Clock
from riskmiljo.geo.crs import WGS84, transform
from riskmiljo.model.plan import CREW_KIND_NAMES, MODE_NAMES, Crew, Plan, Route, place_title
from riskmiljo.wording import Language, Text, decimal_text

SIMULATED: Final = Text("Simulerade data", "Simulated data")
STRAIGHT: Final = Text(
    "Inget gatunät: vägar och gångtider är räta linjer gånger en omvägsfaktor.",
    "No street network: ways and travel times are straight lines times a detour factor.",
)
DATA_UNTIL: Final = Text("Data fram till {t}", "Data until {t}")
DATA_UNKNOWN: Final = Text(
    "Det är okänt hur nya uppgifterna är", "How recent the data are is not known"
)
_NAMELESS: Final = Text("plats utan namn", "place without a name")
NO_VISITS: Final = Text(
    "Inga hållpunkter för det här laget i passet.", "No stops for this team in the shift."
)

Floats = npt.NDArray[np.float64]

# Controls (Cc) and surrogates (Cs) are illegal in XML or harmful; the marks that turn the
# direction of writing would turn our own words too.
_DROPPED: Final = frozenset({"Cc", "Cs"})
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str) -> str:
    """Return a text on one line that no format chokes on.

    Parameters
    ----------
    text
        A name or a reason, from anywhere.

    Returns
    -------
    str
        Control characters, half characters and marks that turn the writing direction are dropped;
        every kind of line break is a space. Letters of all scripts stay. Escaping is left to the
        format.
    """
    spaced = " ".join(text.split())
    return "".join(
        sign
        for sign in spaced
        if unicodedata.category(sign) not in _DROPPED
        and sign not in _TURNING
        and ord(sign) & 0xFFFE != 0xFFFE  # noqa: PLR2004 - the last two of each plane are none
    )


def place_name(name: str, language: Language) -> str:
    """Return the name of a stop or spot; words for it where it has none.

    Parameters
    ----------
    name
        From anywhere, perhaps empty.
    language
        Of the words.

    Returns
    -------
    str
        Harmless and never empty.
    """
    return harmless(place_title(name).in_language(language)) or _NAMELESS.in_language(language)


def chosen_routes(plan: Plan, crew: int | None) -> tuple[Route, ...]:
    """Return the routes of all crews, or of the one that was asked for.

    Parameters
    ----------
    plan
        The plan.
    crew
        A crew's number; None for all.

    Returns
    -------
    tuple of Route
        At least one where a crew is given.

    Raises
    ------
    InvalidInputError
        If the plan has no such crew; names those it has.
    """
    if crew is None:
        return plan.routes
    chosen = tuple(route for route in plan.routes if route.crew.number == crew)
    if not chosen:
        numbers = ", ".join(str(route.crew.number) for route in plan.routes) or "–"
        raise InvalidInputError(
            Text(
                "Planen har inget lag {n}. Välj bland: {all}.",
                "The plan has no team {n}. Choose one of: {all}.",
            ).fill(n=str(crew)[:20], all=numbers)
        )
    return chosen


def to_degrees(epsg: int, shapes: Sequence[npt.ArrayLike], *, decimals: int) -> list[Floats]:
    """Turn many short lines into longitude and latitude at once.

    Parameters
    ----------
    epsg
        The reference system that they are in.
    shapes
        Each of shape (k, 2), metres.
    decimals
        Six are 0.1 m, seven 0.01 m.

    Returns
    -------
    list of numpy.ndarray
        In the same order and of the same shapes: longitude, latitude, WGS 84.
    """
    if not shapes:
        return []
    arrays = [np.asarray(shape, dtype=float).reshape(-1, 2) for shape in shapes]
    every = np.concatenate(arrays)
    lon, lat = transform(every[:, 0], every[:, 1], epsg, WGS84)
    # Adding zero turns -0.0 into 0.0.
    degrees = np.round(np.column_stack([lon, lat]), decimals) + 0.0
    return np.split(degrees, np.cumsum([len(array) for array in arrays])[:-1])


def whole_second(instant: datetime) -> datetime:
    """Return an instant rounded to the nearest second: files carry no fractions."""
    return (instant + timedelta(milliseconds=500)).replace(microsecond=0)


def crew_title(crew: Crew, language: Language) -> str:
    """Return the crew's name, kind and way to move, such as ``Lag 2, polis, till fots``.

    Parameters
    ----------
    crew
        The crew.
    language
        Of the words.

    Returns
    -------
    str
        On one line.
    """
    kind = CREW_KIND_NAMES.get(crew.kind)
    words = [
        crew.name.in_language(language),
        harmless(crew.kind) if kind is None else kind.in_language(language),
        MODE_NAMES[crew.mode].in_language(language),
    ]
    return ", ".join(word for word in words if word)


def data_age(plan: Plan, clock: Clock) -> str:
    """Say where the data behind a plan end.

    Parameters
    ----------
    plan
        The plan.
    clock
        The clock and language to say it in.

    Returns
    -------
    str
        Without a full stop.
    """
    if plan.as_of is None:
        return DATA_UNKNOWN.in_language(clock.language)
    return DATA_UNTIL.fill(t=clock.moment(plan.as_of)).in_language(clock.language)


def must_be_said(plan: Plan, clock: Clock) -> tuple[str, ...]:
    """Return what a reader of any file must be told, one sentence each.

    Parameters
    ----------
    plan
        The plan.
    clock
        The clock and language to say it in.

    Returns
    -------
    tuple of str
        Simulated data, no streets, a change of the clock, the comparison, the data's age and all
        notes, in this order.
    """
    language = clock.language
    said = [SIMULATED.in_language(language) + "."] if plan.simulated else []
    if plan.distance == "straight":
        said.append(STRAIGHT.in_language(language))
    said.extend(clock.changes(plan.shift))
    said.append(harmless(plan.comparison.in_language(language)))
    said.append(data_age(plan, clock) + ".")
    said.extend(harmless(note.in_language(language)) for note in plan.notes)
    return tuple(sentence for sentence in said if sentence)


def figure(value: float, digits: int, language: Language) -> str:
    """Return a number the way the language writes it; a dash where it is no number.

    Parameters
    ----------
    value
        Any number.
    digits
        Decimals, always written.
    language
        Of the decimal sign.

    Returns
    -------
    str
        ``1,20``.
    """
    if np.isnan(value):
        return "–"
    return decimal_text(value, digits, fixed=True).in_language(language)


def distance_text(metres: float, language: Language) -> str:
    """Return ``640 m`` below a kilometre and ``1,2 km`` above.

    Parameters
    ----------
    metres
        A length.
    language
        Of the decimal sign.

    Returns
    -------
    str
        With its unit.
    """
    if metres < 995:  # noqa: PLR2004 - what rounds to less than a kilometre
        return f"{round(metres / 10) * 10} m"
    return f"{figure(metres / 1000, 1, language)} km"

"""An operation (insats): a planned effort with a period, places and a goal, later evaluated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from numbers import Integral
from typing import Any, Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.period import TZ, Period
from riskmiljo.wording import Text

# What an operation may count: numbers only, never persons.
OUTCOMES: Final[dict[str, Text]] = {
    "drug_seizures": Text("Beslag av narkotika", "Seizures of drugs"),
    "weapon_seizures": Text("Beslag av vapen", "Seizures of weapons"),
    "young_people_met": Text("Mötta ungdomar", "Young people met"),
    "guardian_contacts": Text("Kontakter med vårdnadshavare", "Contacts with guardians"),
    "support_contacts": Text("Påbörjade stödkontakter", "Support contacts begun"),
}


@dataclass(frozen=True)
class Operation:
    """A planned effort.

    Parameters
    ----------
    name
        What people call it.
    period
        When it ran: a `Period`, or a pair of local dates or times, the end not included.
    places
        Where: a GeoDataFrame, GeoSeries or shapely geometry; bare geometry is in the metres of
        the incidents.
    partners
        Who took part.
    goal
        What it was for, in a few words.
    outcomes
        Counts under the names of `OUTCOMES`.

    Examples
    --------
    >>> Operation("Vår i City", ("2026-03-01", "2026-06-01"), None).period.weeks > 13
    True
    """

    name: str
    period: Period
    places: Any = field(repr=False)
    partners: tuple[str, ...] = ()
    goal: str = ""
    outcomes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given: Any = self.period
        object.__setattr__(self, "period", _period(given))
        for name, value, kind in (
            ("partners", self.partners, Collection),
            ("outcomes", self.outcomes, Mapping),
        ):
            if not isinstance(value, kind):
                raise InvalidInputError(
                    Text("{n} ska vara {k}, inte {v}.", "{n} must be {k}, not {v}.").fill(
                        n=name, k=kind.__name__, v=repr(value)[:40]
                    )
                )
        object.__setattr__(self, "partners", tuple(self.partners))
        for name, number in self.outcomes.items():
            if name not in OUTCOMES:
                raise InvalidInputError(
                    Text(
                        "Utfallet {n!r} finns inte. Tillåtna: {all}.",
                        "There is no outcome {n!r}. Allowed: {all}.",
                    ).fill(n=name, all=", ".join(OUTCOMES))
                )
            if isinstance(number, bool) or not isinstance(number, Integral) or number < 0:
                raise InvalidInputError(
                    Text(
                        "Utfallet {n} ska vara ett antal, noll eller mer, inte {v!r}.",
                        "The outcome {n} must be a count, zero or more, not {v!r}.",
                    ).fill(n=name, v=number)
                )

    @classmethod
    def of(cls, given: Any, *, tz: str = TZ) -> Operation:
        """Read an operation from what a notebook has at hand.

        Parameters
        ----------
        given
            An `Operation`; a mapping, or any object with attributes, that has ``period`` and
            ``places`` (or ``geometry``); a GeoDataFrame with the columns ``begins`` and ``ends``,
            one row a place.
        tz
            The zone of local dates.

        Returns
        -------
        Operation
            The same, with what is missing left empty.

        Raises
        ------
        InvalidInputError
            If the period or the places are missing, or the period ends before it begins.
        """
        if isinstance(given, cls):
            return given
        if not isinstance(given, Mapping) and {"begins", "ends"} <= set(_columns(given)):
            if len(given) == 0:
                raise _missing()
            period: Any = given["begins"].min(), given["ends"].max()
            return cls("", _period(period, tz), given)
        values: dict[str, Any] = {
            name: _value(given, name) for name in ("name", "period", "partners", "goal")
        }
        places = _value(given, "places")
        if places is None:
            places = _value(given, "geometry")
        if values["period"] is None or places is None:
            raise _missing()
        return cls(
            str(values["name"]) if values["name"] else "",
            _period(values["period"], tz),
            places,
            tuple(values["partners"]) if values["partners"] else (),
            str(values["goal"]) if values["goal"] else "",
            _value(given, "outcomes") or {},
        )


def _columns(given: Any) -> list[Any]:
    return list(getattr(given, "columns", ()))


def _value(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, Mapping) else getattr(given, name, None)


def _missing() -> InvalidInputError:
    return InvalidInputError(
        Text(
            "Insatsen saknar period eller platser. Ange båda.",
            "The operation has no period or no places. Give both.",
        )
    )


def _period(given: Any, tz: str = TZ) -> Period:
    if isinstance(given, Period):
        return given
    if isinstance(given, str):
        return Period.parse(given, tz=tz)
    pair = list(given) if isinstance(given, (tuple, list)) else []
    if len(pair) != 2 or not all(isinstance(end, (str, date)) for end in pair):  # noqa: PLR2004 - start and end
        raise InvalidInputError(
            Text(
                "Insatsens period ska vara två datum, till exempel 2026-03-01 och 2026-06-01.",
                "The operation's period must be two dates, for example 2026-03-01 and 2026-06-01.",
            )
        )
    return Period.between(pair[0], pair[1], tz=tz)

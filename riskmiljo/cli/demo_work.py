"""What has been done in the demo's city: two operations, and forecasts tried on past weeks.

One operation truly prevented every other incident in its places, the other none: what the
evaluations say of them can be held against that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.simulate import SimulatedCity
from riskmiljo.simulate.operations import plant_operation
from riskmiljo.situation.backtesting import run_backtest
from riskmiljo.situation.operation_entry import add_operation
from riskmiljo.situation.operations import evaluate
from riskmiljo.store import Store
from riskmiljo.wording import Language, Text

# The quick models: the whole choice takes minutes.
MODELS: Final = ("last_year", "recency_counts", "gamma_poisson")
_ORIGINS: Final = 16
# Monthly for the social services, whose weeks have too few incidents to tell anything of.
_MONTH_DAYS: Final = 28
_MONTHS: Final = 10


@dataclass(frozen=True, slots=True)
class DemoOperation:
    """An operation of the demo.

    Attributes
    ----------
    name, goal
        As they are written down.
    places
        Names of the gazetteer and how far each reaches, metres.
    weeks_ago, weeks
        How long before the end of the data it began, and its length.
    effect
        The true relative change.
    partners
        Who took part.
    outcomes
        Counts by the names of `riskmiljo.model.operation.OUTCOMES`.
    """

    name: Text
    goal: Text
    places: tuple[tuple[str, float], ...]
    weeks_ago: int
    weeks: int
    effect: float
    partners: tuple[Text, ...]
    outcomes: dict[str, int]

    def period(self, last: date) -> Period:
        """Return when it ran.

        Parameters
        ----------
        last
            The local day on which the data end; not included.

        Returns
        -------
        Period
            Whole weeks of local days.
        """
        first = last - timedelta(weeks=self.weeks_ago)
        return Period.between(first, first + timedelta(weeks=self.weeks))


POLICE: Final = Text("Polisen", "The police")
SOCIAL: Final = Text("Socialtjänsten", "Social services")
WALKERS: Final = Text("Nattvandrarna", "Night walkers")
OPERATIONS: Final = (
    DemoOperation(
        name=Text("Tryggare kvällar i centrum", "Safer evenings in the centre"),
        goal=Text(
            "Vuxna på plats fredag och lördag kväll, färre våldsbrott och mindre öppen handel",
            "Adults around on Friday and Saturday evenings, less violence and open dealing",
        ),
        places=(("City", 300.0), ("Resecentrum", 250.0), ("Vaksala torg", 200.0)),
        weeks_ago=36,
        weeks=26,
        effect=-0.5,
        partners=(POLICE, SOCIAL, WALKERS),
        outcomes={
            "drug_seizures": 34,
            "weapon_seizures": 3,
            "young_people_met": 410,
            "guardian_contacts": 46,
            "support_contacts": 17,
        },
    ),
    DemoOperation(
        name=Text("Ungdomsjouren i Stenhagen", "Youth outreach in Stenhagen"),
        goal=Text("Bli kända bland de unga vid centrum", "Be known to the young at the centre"),
        places=(("Stenhagens centrum", 250.0),),
        weeks_ago=20,
        weeks=14,
        effect=0.0,
        partners=(SOCIAL,),
        outcomes={"young_people_met": 126, "guardian_contacts": 12, "support_contacts": 6},
    ),
)


def plant_effects(city: SimulatedCity, last: date, *, seed: int) -> SimulatedCity:
    """Let the demo's operations have had their effect.

    Parameters
    ----------
    city
        Without them.
    last
        The local day on which the data end; not included.
    seed
        Of the demo.

    Returns
    -------
    SimulatedCity
        With fewer incidents in the places of one that helped.
    """
    gazetteer = read_gazetteer(crs=city.incidents.crs).set_index("name").geometry
    for number, one in enumerate(OPERATIONS):
        reach = [gazetteer[name].buffer(metres) for name, metres in one.places]
        places = type(gazetteer)(reach, crs=city.incidents.crs)
        city = plant_operation(city, places, one.period(last), effect=one.effect, rng=seed + number)
    return city


def enter_operations(
    store: Store, settings: Settings, last: date, *, language: Language, now: datetime
) -> None:
    """Enter the demo's operations, and evaluate them with the police's incidents.

    Parameters
    ----------
    store
        A filled one.
    settings
        The installation's settings.
    last
        The local day on which the data end; not included.
    language
        Of what is written down.
    now
        Aware.
    """
    if store.operations.all():
        return
    for one in OPERATIONS:
        first, end = (moment.date().isoformat() for moment in one.period(last).local())
        number = add_operation(
            store,
            settings,
            name=one.name.in_language(language),
            period=(first, end),
            places=[f"{name}:{metres:.0f}" for name, metres in one.places],
            partners=[partner.in_language(language) for partner in one.partners],
            goal=one.goal.in_language(language),
            outcomes=one.outcomes,
            now=now,
        )
        evaluate(store, settings, lens_of(Role.POLICE, settings), Filter(), number, now=now)


def try_forecasts(
    store: Store, settings: Settings, *, now: datetime, progress: Callable[[], None]
) -> None:
    """Try quick forecasts on past weeks: the social services', the police's and everyone's.

    Parameters
    ----------
    store
        A filled one.
    settings
        The installation's settings.
    now
        Aware.
    progress
        Called after each of the three.
    """
    everyone = demo_lens(settings)
    for lens, origins, days in (
        (lens_of(Role.OUTREACH, settings), _MONTHS, _MONTH_DAYS),
        (lens_of(Role.POLICE, settings), _ORIGINS, 7),
        (everyone, _ORIGINS, 7),
    ):
        run_backtest(
            store, settings, lens, Filter(), now=now, origins=origins, horizon_days=days,
            models=MODELS,
        )  # fmt: skip
        progress()

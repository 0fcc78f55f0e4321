"""What the pages are called where the audit tells of them."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# Blueprint to name; where one has several pages, endpoint to name.
_NAMES: Final[dict[str, Text]] = {
    "admin": Text("Administration", "Administration"),
    "adminplans": Text("Planer från tiden utan inloggning", "Plans from before there was login"),
    "audit": Text("Loggen", "The audit"),
    "break": Text("Nödinsyn", "Emergency reading"),
    "drawing": Text("Ritade zoner", "Drawn zones"),
    "forecasts": Text("Prognosen", "The forecast"),
    "home": Text("Startsidan", "The start page"),
    "importing": Text("Import", "Import"),
    "phone": Text("Lagets sida på telefonen", "The team's page on the phone"),
    "planner": Text("Lägesbilden", "The weekly picture"),
    "planner.operations": Text("Insatser", "Operations"),
    "planner.operations_data": Text("Insatser", "Operations"),
    "planner.add": Text("Insatser", "Operations"),
    "planner.assess": Text("Insatser", "Operations"),
    "planner.count": Text("Insatser", "Operations"),
    "operations": Text("Insatser", "Operations"),
    "plans": Text("En sparad plan", "A kept plan"),
    "presence": Text("Närvaroveckan", "The presence week"),
    "purpose": Text("Ändamål", "Purpose"),
    "report": Text("Rapporten", "The report"),
    "shared": Text("Delade planer", "Shared plans"),
    "shift": Text("Planera pass", "Plan a shift"),
    "situation": Text("Kartan", "The map"),
    "tiles": Text("Kartans lager", "The map's layers"),
    "tonight": Text("I kväll", "Tonight"),
    "zones": Text("En zons sida", "A zone's page"),
}


def page_name(endpoint: str) -> Text | None:
    """Return what the page of a route is called.

    Parameters
    ----------
    endpoint
        The Flask endpoint.

    Returns
    -------
    Text or None
        None for one that has no name.
    """
    return _NAMES.get(endpoint) or _NAMES.get(endpoint.partition(".")[0])

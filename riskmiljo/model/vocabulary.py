"""The closed word lists of the incident contract, each with its Swedish and English name."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

CATEGORIES: Final[dict[str, Text]] = {
    "narcotics": Text("Narkotika", "Narcotics"),
    "weapon": Text("Vapen", "Weapons"),
    "violence": Text("Våld", "Violence"),
    "threat": Text("Hot", "Threats"),
    "robbery": Text("Rån", "Robbery"),
    "alcohol": Text("Alkohol", "Alcohol"),
    "public_order": Text("Ordningsstörning", "Public disorder"),
    "theft": Text("Stöld", "Theft"),
    "vandalism": Text("Skadegörelse", "Vandalism"),
    "sexual_offence": Text("Sexualbrott", "Sexual offences"),
    "welfare_concern": Text("Oro för ung", "Welfare concern"),
    "unsafety": Text("Otrygghet", "Feeling unsafe"),
    "other": Text("Övrigt", "Other"),
}

DETECTIONS: Final[dict[str, Text]] = {
    "reported": Text("Rapporterad", "Reported"),
    "discovered": Text("Upptäckt", "Discovered"),
    "unknown": Text("Okänt", "Unknown"),
}

OWNERS: Final[dict[str, Text]] = {
    "police": Text("Polisen", "The police"),
    "social": Text("Socialtjänsten", "The social services"),
    "municipality": Text("Kommunen", "The municipality"),
}

SOURCES: Final[dict[str, Text]] = {
    "police": Text("Polisen", "Police"),
    "outreach": Text("Ungdomsjouren", "Youth outreach"),
    "night_walkers": Text("Nattvandrare", "Night walkers"),
    "municipality": Text("Kommunen", "Municipality"),
    "citizen": Text("Medborgare", "Citizens"),
    "open_data": Text("Öppna data", "Open data"),
}

# Whose secrecy applies when a file does not say so itself.
# How it became known that somebody was somewhere.
PRESENCE_SOURCES: Final[dict[str, Text]] = {
    "checked_in": Text("noterad på plats", "noted on the spot"),
    "planned": Text("planerad", "planned"),
    "imported": Text("inläst", "taken in"),
}

OWNER_OF_SOURCE: Final[dict[str, str]] = {
    "police": "police",
    "outreach": "social",
    "night_walkers": "municipality",
    "municipality": "municipality",
    "citizen": "municipality",
    "open_data": "municipality",
}

AGE_BANDS: Final[dict[str, Text]] = {
    "under_18": Text("Under 18", "Under 18"),
    "18_20": Text("18 till 20", "18 to 20"),
    "21_plus": Text("21 och äldre", "21 and older"),
    "unknown": Text("Okänt", "Unknown"),
}

WEEKDAYS: Final[tuple[Text, ...]] = (
    Text("måndag", "Monday"),
    Text("tisdag", "Tuesday"),
    Text("onsdag", "Wednesday"),
    Text("torsdag", "Thursday"),
    Text("fredag", "Friday"),
    Text("lördag", "Saturday"),
    Text("söndag", "Sunday"),
)
WEEKDAYS_SHORT: Final[tuple[Text, ...]] = tuple(Text(w.sv[:3], w.en[:3]) for w in WEEKDAYS)


def kind_name(kind: str) -> Text:
    """Return what a kind of incident is called within a sentence.

    Parameters
    ----------
    kind
        A key of `CATEGORIES`, or whatever else a file calls a kind.

    Returns
    -------
    Text
        In small letters; a kind that is none of ours as it stands.
    """
    name = CATEGORIES.get(kind, Text(kind, kind))
    return Text(name.sv.lower(), name.en.lower()) if kind in CATEGORIES else name

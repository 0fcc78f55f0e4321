"""Every sentence of the page of the coming shift's forecast, in both languages."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

TITLE: Final = Text(
    "Nästa pass: väntat antal och de fem platserna", "Next shift: expected count and five places"
)
TITLE_AT: Final = Text(
    "Passet: väntat antal och de fem platserna", "The shift: expected count and five places"
)
LINK: Final = Text("Väntat i nästa pass", "Expected in the next shift")
CHOICE: Final = Text("Pass och slag", "Shift and kind")
SHIFT: Final = Text("Pass", "Shift")
KIND: Final = Text("Slag av händelser", "Kind of incidents")
ALL_KINDS: Final = Text("Alla slag", "All kinds")
TOTAL: Final = Text(
    "{n} {n:händelse|händelser} väntas i hela området; nio gånger av tio kommer "
    "{l} till {u}. Efter senaste årets takt: {m}.",
    "{n} {n:incident is|incidents are} expected in the whole area; nine times in "
    "ten {l} to {u} come. By last year's rate: {m}.",
)
PLACES: Final = Text(
    "Fem platser om 250 × 250 m att börja med", "Five places of 250 × 250 m to begin with"
)
FEWER_PLACES: Final = Text(
    "Platser om 250 × 250 m att börja med", "Places of 250 × 250 m to begin with"
)
PLACE: Final = Text("Plats", "Place")
EXPECTED: Final = Text("Väntat", "Expected")
RANGE: Final = Text("90 % intervall", "90% interval")
CHANCE: Final = Text("Chans att vara bland de tio främsta", "Chance of being among the top ten")
BASELINE: Final = Text("Efter senaste årets takt", "By last year's rate")
LAST_YEAR: Final = Text("Händelser senaste året", "Incidents in the last year")
HINT: Final = Text(
    "Väntat är ett medelvärde: {e} är ungefär en händelse på {k} {k:sådant|sådana} pass. "
    "Intervallet gäller medelvärdet. Chansen säger hur säkert det är att platsen verkligen "
    "hör till de tio där mest väntas.",
    "Expected is a mean: {e} is about one incident in {k} such {k:shift|shifts}. The interval is "
    "of the mean. The chance tells how sure it is that the place truly is among the ten "
    "where most is expected.",
)
WITHHELD: Final = Text(
    "{n} {n:ruta|rutor} visas inte: för få händelser det senaste året för att få visas.",
    "{n} {n:cell is|cells are} not shown: too few incidents in the last year to be shown.",
)
MODEL: Final = Text("Vald modell: {m}.", "Chosen model: {m}.")
RECORD: Final = Text(
    "Hur bra har prognoserna varit? Se veckoläget", "How good have forecasts been? Weekly review"
)
NONE: Final = Text("Ingen prognos", "No forecast")
NOT_JOINT: Final = Text(
    "Nästa pass förutses inte här: ett pass är för kort för den gemensamma lägesbilden. Varje "
    "myndighet ser sitt nästa pass i sina egna data.",
    "The next shift is not forecast here: a shift is too short for the joint picture. Each "
    "authority sees its next shift in its own data.",
)
JOINT: Final = Text(
    "Ett pass är för kort för den gemensamma lägesbilden: väntat antal per plats räknas på "
    "enskilda händelser, och de släpps inte. Varje myndighet ser sitt nästa pass i sina egna data. "
    "Veckoläget säger hur bra prognoserna har varit, vecka för vecka.",
    "A shift is too short for the joint picture: what is expected at each place is reckoned from "
    "single incidents, and they are not released. Each authority sees its next shift in its own "
    "data. The weekly review tells how good forecasts have been, week by week.",
)
UNKNOWN_FIELD: Final = Text(
    "Fältet {name} finns inte här. Möjliga fält: {known}.",
    "There is no field {name} here. Possible fields: {known}.",
)
ONE_KIND: Final = Text("Välj ett slag, eller inget för alla.", "Choose one kind, or none for all.")
OVER: Final = Text(
    "Passet är redan slut. Välj ett som kommer.", "The shift is over. Choose one to come."
)
TOO_FAR: Final = Text(
    "Passet börjar om mer än {n} {n:dag|dagar}. Välj ett närmare.",
    "The shift begins in more than {n} {n:day|days}. Choose a nearer one.",
)

"""Sentences of the time brush and the comparison, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

WRONG_SMOOTHING: Final = Text(
    "utjamning: {t} är inget antal meter. Skriv till exempel 175.",
    "utjamning: {t} is no number of metres. Write for example 175.",
)

# --- the time brush ---
TIME: Final = Text("Välj tid", "Choose a time")
TIME_HOW: Final = Text(
    "Dra i handtagen eller använd piltangenterna: kartans färger följer med.",
    "Drag the handles or use the arrow keys: the colours of the map follow.",
)
NO_SCRIPT: Final = Text(
    "Tidslinjen behöver JavaScript. Välj datum i urvalet i stället.",
    "The timeline needs JavaScript. Choose dates in the selection instead.",
)

# --- comparing two periods ---
COMPARE: Final = Text("Jämför med en annan period", "Compare with another period")
COMPARE_FROM: Final = Text("Från", "From")
COMPARE_TO: Final = Text("Före", "Before")
COMPARE_SHOW: Final = Text("Jämför", "Compare")
COMPARE_STOP: Final = Text("Sluta jämföra", "Stop comparing")
PERIOD_BEFORE: Final = Text("Perioden före", "The period before")
YEAR_BEFORE: Final = Text("Samma veckor året före", "The same weeks a year before")
COMPARE_TABLE: Final = Text("Skillnad mellan {a} och {b}", "Difference between {a} and {b}")
COMPARE_SCALE: Final = Text(
    "Båda perioderna har samma färgklasser och samma utjämning: händelser per hektar och vecka. "
    "Dra i linjen på kartan: till vänster {a}, till höger {b}.",
    "Both periods have the same colour classes and the same smoothing: incidents per hectare and "
    "week. Drag the line on the map: on the left {a}, on the right {b}.",
)
ZONE: Final = Text("Zon", "Zone")
WHOLE_AREA: Final = Text("Hela området", "The whole area")
THEN: Final = Text("{p}", "{p}")
A_WEEK: Final = Text("per vecka", "a week")
BAND_CHANGE: Final = Text("Klassen", "The band")
CHANGE: Final = Text("Förändring per vecka (95 %-intervall)", "Change a week (95% interval)")
CHANGED: Final = Text("{c} ({a} till {b})", "{c} ({a} to {b})")
UNCERTAIN: Final = Text("osäker: {c} ({a} till {b})", "uncertain: {c} ({a} to {b})")
CANNOT_TELL: Final = Text("går inte att säga: för få att visa", "cannot be told: too few to show")
BAND_STEPS: Final[dict[int, Text]] = {
    1: Text("högre klass", "higher band"),
    0: Text("samma klass", "same band"),
    -1: Text("lägre klass", "lower band"),
}
BANDS_NOTE: Final = Text(
    "Den gemensamma lägesbilden jämför klasser av antal, och bara hela släppta månader eller år. "
    "Är perioderna olika långa säger klasserna inget om en förändring.",
    "The joint picture compares bands of counts, and only whole released months or years. Where "
    "the periods differ in length the bands tell nothing of a change.",
)
COMPARE_NOTE: Final = Text(
    "Zonerna är valda för att mycket hände där under {b}. En del av en uppgång dit är därför "
    "slump. Intervallen gäller en zon i taget: av tjugo oförändrade zoner ser ungefär en "
    "förändrad ut.",
    "The zones were chosen because much happened there in {b}. Some of a rise towards it is "
    "therefore chance. The intervals hold for one zone at a time: of twenty unchanged zones about "
    "one looks changed.",
)

"""What is said where zones are drawn and redrawn."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

REDRAW: Final = Text("Rita om", "Redraw")
REDRAW_TITLE: Final = Text("Rita om {name}", "Redraw {name}")
NEW: Final = Text("Rita en ny zon", "Draw a new zone")
LEAD: Final = Text(
    "En ritad zon står kvar när riskzonerna söks om, och de funna zonerna ger plats för den. Den "
    "syns för dem som har samma insyn som du.",
    "A drawn zone stays when the risk zones are found anew, and the found zones give way to it. It "
    "is seen by those who may read what you may.",
)
SIMPLIFIED: Final = Text(
    "Den funna konturen är förenklad till {n} hörn här, så att de går att flytta för "
    "hand. Sparar du, gäller den förenklade.",
    "The found outline is simplified to {n} {n:corner|corners} here, so that they "
    "can be moved by hand. If you save, the simplified one holds.",
)
HOW: Final = Text("Så ritar du", "How to draw")
HOW_LINES: Final = (
    Text(
        "Tryck på kartan för att sätta hörn. Dra ett hörn för att flytta det.",
        "Press on the map to set corners. Drag a corner to move it.",
    ),
    Text(
        "Tryck på linjen för att lägga till ett hörn där.",
        "Press on the line to add a corner there.",
    ),
    Text(
        "Utan att dra: tryck på ett hörn för att välja det och sedan på kartan dit det ska.",
        "Without dragging: press a corner to choose it, and then on the map where it is to go.",
    ),
    Text(
        "Med tangenter: gå till ett hörn med Tabb. Piltangenterna flyttar det 5 meter, med Skift "
        "25 meter. Delete tar bort det.",
        "With keys: go to a corner with Tab. The arrow keys move it 5 metres, with Shift 25 "
        "metres. Delete removes it.",
    ),
)
TOOLS: Final = Text("Ritverktyg", "Drawing tools")
ADD_CORNER: Final = Text("Lägg till hörn", "Add a corner")
DELETE_CORNER: Final = Text("Ta bort hörnet", "Remove the corner")
UNDO: Final = Text("Ångra", "Undo")
CORNER: Final = Text("Hörn {n} av {all}", "Corner {n} of {all}")
CHOSEN: Final = Text(
    "Hörn {n} av {all} är valt. Tryck på kartan för att flytta det dit.",
    "Corner {n} of {all} is chosen. Press on the map to move it there.",
)
STATE: Final = Text(
    "{n} hörn, {ha} hektar.",
    "{n} {n:corner|corners}, {ha} {ha:hectare|hectares}.",
)
FEW: Final = Text("{n} hörn. Sätt minst tre.", "{n} {n:corner|corners}. Set at least three.")
MAP: Final = Text("Karta att rita på", "Map to draw on")
NAME: Final = Text("Zonens namn", "The zone's name")
CORNERS: Final = Text("Hörn", "Corners")
CORNERS_HINT: Final = Text(
    "Ett hörn per rad: latitud, longitud i grader, i ordning runt zonen. Till exempel 59.85830, "
    "17.63890.",
    "One corner a row: latitude, longitude in degrees, in order round the zone. For example "
    "59.85830, 17.63890.",
)
SAVE: Final = Text("Spara konturen", "Save the outline")
SAVE_HINT: Final = Text(
    "Riskzonerna söks om när du sparar. Det tar några sekunder.",
    "The risk zones are found anew when you save. It takes some seconds.",
)
NOT_SAVED: Final = Text("Konturen sparades inte", "The outline was not saved")
SAVED_UNSEEN: Final = Text(
    "Konturen är sparad. Zonen har för få händelser för att visas på kartan än.",
    "The outline is saved. The zone has too few incidents to be shown on the map yet.",
)
REMOVE_TITLE: Final = Text("Ge tillbaka zonen till sökningen", "Give the zone back to the search")
REMOVE_HINT: Final = Text(
    "Konturen följer då händelserna igen, om zonen fortfarande finns bland dem.",
    "The outline then follows the incidents again, if the zone is still found among them.",
)
REMOVE: Final = Text("Ta bort den ritade konturen", "Remove the drawn outline")
REMOVED: Final = Text("Den ritade konturen är borttagen.", "The drawn outline is removed.")
DRAWN: Final = Text("Ritade zoner", "Drawn zones")
NONE_DRAWN: Final = Text("Ingen zon är ritad än.", "No zone has been drawn yet.")
WRONG_ROW: Final = Text(
    "Rad {n} bland hörnen kan inte läsas. Skriv latitud, longitud: 59.85830, 17.63890.",
    "Row {n} of the corners cannot be read. Write latitude, longitude: 59.85830, 17.63890.",
)
UNKNOWN: Final = Text(
    "Zonen går inte att rita om: den finns inte bland dem som är sparade för din insyn.",
    "The zone cannot be redrawn: it is not among those kept for what you may read.",
)

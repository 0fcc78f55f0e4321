"""Every sentence of the pages about shifts, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around ---
NAV: Final = Text("Sidor", "Pages")
NAV_SHIFT: Final = Text("Passet", "Shift")
TITLE: Final = Text("Planera passet", "Plan the shift")
TITLE_OF: Final = Text("Passplan {n}", "Shift plan {n}")
PLAN_SHIFT: Final = Text("Planera passet", "Plan the shift")
NO_PLAN_YET: Final = Text(
    "Här kommer planen: lagens rutter och områden på kartan, hållpunkter med tider och skäl, och "
    "vad som inte är med. Fyll i passet och tryck på Planera. Allt utom tid och lag kan stå tomt.",
    "The plan comes here: routes and areas of the teams on the map, stops with times and reasons, "
    "and what is left out. Fill in the shift and press Plan. All but time and teams may be empty.",
)
CANNOT_PLAN: Final = Text("Passet kan inte planeras", "The shift cannot be planned")
NOTHING: Final = Text("Inget att planera", "Nothing to plan")

# --- the form ---
WHEN: Final = Text("När", "When")
DAY: Final = Text("Dag", "Day")
BEGINS: Final = Text("Börjar", "Begins")
ENDS: Final = Text("Slutar", "Ends")
ENDS_HINT: Final = Text(
    "Slutar passet tidigare på dygnet än det börjar gäller nästa dag.",
    "An end earlier in the day than the start is on the next day.",
)
WHO: Final = Text("Antal lag", "Number of teams")
KIND: Final = Text("Lag", "Teams")
CREW_FIELD: Final = Text("{k}, {m}: antal lag", "{k}, {m}: number of teams")
WHERE: Final = Text("Var lagen börjar och slutar", "Where the teams begin and end")
START: Final = Text("Start", "Start")
FINISH: Final = Text("Mål", "Finish")
FINISH_HINT: Final = Text(
    "Tomt mål är starten. Skriv ett namn ur ortregistret eller latitud,longitud.",
    "An empty finish is the start. Write a name from the gazetteer or latitude,longitude.",
)
STOPS: Final = Text("Hållpunkter", "Stops")
OWN: Final = Text("Egen hållpunkt {n}", "Stop of your own {n}")
JOINT: Final = Text("Tillsammans, polis och ungdomsjour {n}", "Together, police and outreach {n}")
STOP_HINT: Final = Text(
    "När besöket ska börja, och hur länge det varar, kan stå efter platsen: Resecentrum "
    "22:30–23:00 20 min.",
    "When the visit is to begin, and how long it lasts, may follow the place: Resecentrum "
    "22:30–23:00 20 min.",
)
PINNED: Final = Text("Måste vara med", "Must be in the plan")
FORBIDDEN: Final = Text("Ska inte vara med", "Must not be in the plan")
UNTICK: Final = Text("Ta bort bocken för att ångra.", "Untick to take back.")
TERMS: Final = Text("Villkor", "Terms")
DWELL: Final = Text("Minuter per stopp", "Minutes at a stop")
GAP: Final = Text("Minuter mellan besök", "Minutes between visits")
PAUSE: Final = Text("Rast, minuter", "Break, minutes")
PAUSE_HINT: Final = Text(
    "Tom rast är 30 minuter i pass över fem timmar.",
    "An empty break is 30 minutes in shifts of more than five hours.",
)
UNPREDICTABLE: Final = Text(
    "Svårt att förutse: välj bland planer som är nästan lika bra",
    "Hard to foretell: draw among plans that are nearly as good",
)
MOVE_HINT: Final = Text(
    "Dra ett stopp på kartan dit ni vill ha det, så planeras passet om. Utan att dra: ta bort det "
    "i tabellen och skriv en egen hållpunkt.",
    "Drag a stop on the map to where you want it, and the shift is planned anew. Without dragging: "
    "remove it in the table and write a stop of your own.",
)
MOVED: Final = Text("Passet planeras om …", "The shift is being planned anew …")
SEED: Final = Text("Dragning nr", "Draw no.")
PLAN: Final = Text("Planera", "Plan")
SHIFT_TWICE: Final = Text(
    "Ange passet antingen som shift eller som day, begins och ends.",
    "Give the shift either as shift or as day, begins and ends.",
)
NO_DAY: Final = Text(
    "Passet saknar dag. Ange vilken dag det börjar.",
    "The shift has no day. Say on which day it begins.",
)
TEAMS_TWICE: Final = Text(
    "Ange antal lag antingen som teams eller per slag, inte båda.",
    "Give the number of teams either as teams or by kind, not both.",
)
WRONG_CREWS: Final = Text(
    "Antal lag är {n}. Ange 1 till {most} lag tillsammans.",
    "The number of teams is {n}. Give 1 to {most} teams in all.",
)
WRONG_MINUTES: Final = Text(
    "{name}: {t} duger inte. Ange minuter, till exempel 12.",
    "{name}: {t} cannot be used. Give minutes, such as 12.",
)
WRONG_WHOLE: Final = Text(
    "{name}: {t} duger inte. Ange ett heltal från 0 till {most}.",
    "{name}: {t} cannot be used. Give a whole number from 0 to {most}.",
)
LONG_TEXT: Final = Text(
    "{name}: texten är för lång eller raderna för många. Högst {most} tecken per rad.",
    "{name}: the text is too long or the lines too many. At most {most} "
    "{most:character|characters} a line.",
)

# --- a plan ---
MAP: Final = Text("Karta över passet", "Map of the shift")
COVERED: Final = Text("Täcker av passets risk", "Covers of the shift's risk")
VISITS: Final = Text("Besök", "Visits")
WALKING: Final = Text("På väg", "On the way")
DWELLING: Final = Text("På plats", "At stops")
MINUTES: Final = Text("{n} min", "{n} min")
HOURS: Final = Text("{h} tim {m} min", "{h} h {m} min")
KILOMETRES: Final = Text("{n} km", "{n} km")
TEAM_SUM: Final = Text(
    "{v} besök, {d} på plats, {t} på väg, {k}",
    "{v} {v:visit|visits}, {d} at stops, {t} on the way, {k}",
)
TEAM_SPARE: Final = Text("{d} av passet är inte planerad tid.", "{d} of the shift is not planned.")
TEAM_ENDS: Final = Text(
    "Från {a} {leaves}, framme vid {b} {back}.", "From {a} at {leaves}, at {b} by {back}."
)
SOMEWHERE: Final = Text("starten", "the start")
STAYS: Final = Text("Laget har inga hållpunkter i passet.", "The team has no stops in the shift.")
NUMBER: Final = Text("Nr", "No.")
TIME: Final = Text("Tid", "Time")
PLACE: Final = Text("Plats", "Place")
STAY: Final = Text("Min", "Min")
SHARE: Final = Text("Andel av risken", "Share of the risk")
SINCE: Final = Text("Sedan förra besöket", "Since the last visit")
LOST: Final = Text("Missas utan besöket", "Missed without it")
DETOUR: Final = Text("Omväg", "Detour")
WHY: Final = Text("Varför", "Why")
LESS_THAN: Final = Text("under 0,01", "under 0.01")
FIRST_VISIT: Final = Text("första", "first")
BREAK: Final = Text("Rast", "Break")
TOGETHER: Final = Text("tillsammans", "together")
MUST: Final = Text("måste", "must")
REMOVE: Final = Text("Ta bort", "Remove")
REMOVE_NAMED: Final = Text("Ta bort {name}", "Remove {name}")
PIN: Final = Text("Lås", "Pin")
PIN_NAMED: Final = Text("Lås {name} i planen", "Pin {name} in the plan")
UNPIN: Final = Text("Lås upp", "Unpin")
UNPIN_NAMED: Final = Text("Lås upp {name}", "Unpin {name}")
ADD: Final = Text("Lägg till", "Add")
ADD_NAMED: Final = Text("Lägg till {name}", "Add {name}")
ALLOW: Final = Text("Tillåt igen", "Allow again")
ALLOW_NAMED: Final = Text("Tillåt {name} igen", "Allow {name} again")
LEFT_OUT: Final = Text("Inte med i planen", "Left out of the plan")
MORE_LEFT_OUT: Final = Text("{n} till", "{n} more")
EXPECTED: Final = Text("Väntat antal", "Expected")
UNWANTED: Final = Text("Borttagna av dig", "Removed by you")
NAMELESS: Final = Text("plats utan namn", "place without a name")
ANOTHER_DRAW: Final = Text("En annan dragning", "Another draw")
NOTES: Final = Text("Att veta om planen", "About this plan")
FILES: Final = Text("Lämna över", "Hand over")
FILE_NAMES: Final[dict[str, Text]] = {
    ".html": Text("Utskrift (HTML)", "Print (HTML)"),
    ".pdf": Text("Utskrift (PDF)", "Print (PDF)"),
    ".gpx": Text("GPX", "GPX"),
    ".ics": Text("Kalender (ICS)", "Calendar (ICS)"),
    ".geojson": Text("GeoJSON", "GeoJSON"),
}
NO_EXPORT: Final = Text("Insynen tillåter inga filer.", "The lens allows no files.")
KEEP: Final = Text("Spara planen", "Save the plan")
KEEP_HINT: Final = Text(
    "En sparad plan kan öppnas på telefon, följas och planeras om.",
    "A saved plan can be opened on a phone, followed and planned anew.",
)

# --- kept plans ---
KEPT_PLANS: Final = Text("Sparade planer", "Saved plans")
NO_PLANS: Final = Text("Ingen plan är sparad än.", "No plan has been saved yet.")
PLAN_NUMBER: Final = Text("Plan", "Plan")
SHIFT: Final = Text("Pass", "Shift")
TEAMS: Final = Text("Lag", "Teams")
MADE: Final = Text("Gjord", "Made")
STATE: Final = Text("Läge", "State")
REPLACED: Final = Text("ersatt", "replaced")
IN_FORCE: Final = Text("gäller", "in force")
REPLACED_BY: Final = Text(
    "Planen är ersatt. Plan {n} gäller.", "The plan has been replaced. Plan {n} is in force."
)
OPEN_NEW: Final = Text("Öppna plan {n}", "Open plan {n}")
PHONE: Final = Text("Öppna på telefon", "Open on a phone")
PHONE_TEAM: Final = Text("Telefonsida: {team}", "Phone page: {team}")
ALL_SHIFTS: Final = Text("Till planeringen", "To the planning")
REPLAN: Final = Text("Planera om härifrån", "Plan anew from here")
REPLAN_HINT: Final = Text(
    "Det som är gjort ligger kvar. Resten planeras från nu.",
    "What is done stays. The rest is planned from now.",
)
REPLAN_CLOSED: Final = Text(
    "Planen kan planeras om medan passet pågår.",
    "The plan can be made anew while the shift is under way.",
)
LATE: Final = Text("{team}: minuter sent", "{team}: minutes late")
AWAY: Final = Text("{team} är kallat till annat", "{team} was called away")
REPLAN_REPLACED: Final = Text(
    "Planen är ersatt av plan {n}. Planera om den i stället.",
    "The plan has been replaced by plan {n}. Plan that one anew instead.",
)
NO_TEAM: Final = Text("Planen har inget lag {n}.", "The plan has no team {n}.")

# --- the phone ---
NEXT: Final = Text("Nästa stopp", "Next stop")
NOW_AT: Final = Text("Kl. {a}–{b}, {n} min", "{a}–{b}, {n} min")
HERE: Final = Text("Var här", "Was here")
HERE_NAMED: Final = Text("Var här: {name}", "Was here: {name}")
BEEN: Final = Text("Noterat {t}", "Noted {t}")
WAITING: Final = Text("Noterat {t}, skickas när nätet är tillbaka", "Noted {t}, sent when online")
UNDO: Final = Text("Ångra", "Undo")
UNDO_NAMED: Final = Text("Ångra besöket {t}", "Undo the visit at {t}")
UNDONE: Final = Text("Besöket {t} är borttaget", "The visit at {t} has been taken out")
UNDO_WAITS: Final = Text(
    "Besöket {t} tas bort när nätet är tillbaka", "The visit at {t} is taken out when online"
)
NOT_TAKEN: Final = Text("Togs inte emot: {why}", "Not accepted: {why}")
ALL_DONE: Final = Text("Inga fler stopp. Bra jobbat.", "No more stops. Well done.")
THE_REST: Final = Text("Alla stopp", "All stops")
OFFLINE_READY: Final = Text("Sidan fungerar nu utan nät.", "The page now works without a network.")
OFFLINE_NOT: Final = Text(
    "Den här webbläsaren sparar inte sidan. Håll den öppen.",
    "This browser does not keep the page. Leave it open.",
)
NOT_TRACKED: Final = Text(
    "Sidan vet inte var du är. Bara plats, tid och slag av lag sparas, aldrig vem.",
    "The page does not know where you are. Only place, time and kind of team are kept, never who.",
)
WHOLE_PLAN: Final = Text("Hela planen", "The whole plan")
OTHER_TEAMS: Final = Text("Andra lag", "Other teams")
WRONG_STOP: Final = Text(
    "Hållpunkten {s} finns inte i laget. Ladda om sidan.",
    "The team has no stop {s}. Reload the page.",
)
WRONG_WHEN: Final = Text(
    "when: {t} kan inte läsas. Skriv tid med tidszon, till exempel 2026-04-30T21:05:00Z.",
    "when: {t} cannot be read. Write a time with its zone, such as 2026-04-30T21:05:00Z.",
)
TOO_OLD: Final = Text(
    "Besöket är äldre än 24 timmar och tas inte emot.",
    "The visit is more than 24 hours old and is not accepted.",
)
IN_FUTURE: Final = Text(
    "Besöket ligger i framtiden. Rätta telefonens klocka.",
    "The visit lies in the future. Correct the phone's clock.",
)
WRONG_STAY: Final = Text(
    "minutes: {t} duger inte. Ange 1 till 180 minuter.",
    "minutes: {t} cannot be used. Give 1 to 180 minutes.",
)
WRONG_JSON: Final = Text(
    "Innehållet kan inte läsas. Skicka ett JSON-objekt.",
    "The content cannot be read. Send a JSON object.",
)
MISSING_FIELD: Final = Text("Fältet {name} saknas.", "The field {name} is missing.")
UNKNOWN_FIELD: Final = Text(
    "Fältet {name} finns inte. Tillåtna: {known}.", "There is no field {name}. Allowed: {known}."
)

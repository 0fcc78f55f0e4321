"""Every sentence of the pages about tonight and about shared plans, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around ---
NAV: Final = Text("I kväll", "Tonight")
NAV_MAP: Final = Text("Karta", "Map")
NAV_SHARED: Final = Text("Delade planer", "Shared plans")
TITLE: Final = Text("I kväll", "Tonight")
TEAM: Final = Text("Ert lag", "Your team")
TEAM_COUNT: Final = Text("Antal lag i passet", "Teams in the shift")
OTHER_PLANS: Final = Text("Andra planer för passet", "Other plans for the shift")
OTHER_PLAN: Final = Text("Plan {n}: {t}", "Plan {n}: {t}")
UNKNOWN_FIELD: Final = Text(
    "Fältet {name} finns inte. Tillåtna: {known}.", "There is no field {name}. Allowed: {known}."
)
WRONG_NUMBER: Final = Text(
    "{name}: {t} duger inte. Ange ett heltal från 1 till {most}.",
    "{name}: {t} cannot be used. Give a whole number from 1 to {most}.",
)
TOO_MANY_STOPS: Final = Text(
    "Ange högst {most} egna stopp.",
    "Give at most {most} {most:stop|stops} of your own.",
)
NO_TEAM: Final = Text(
    "Planen har inget sådant lag. Välj ett annat lag eller en annan plan.",
    "The plan has no such team. Choose another team or another plan.",
)

# --- while it is being planned, and when it cannot be ---
PLANNING: Final = Text("Kvällens plan räknas fram …", "Tonight's plan is being worked out …")
PLANNING_HOW: Final = Text(
    "Det tar några sekunder. Sidan laddas om av sig själv.",
    "It takes a few seconds. The page reloads by itself.",
)
RELOAD: Final = Text("Ladda om nu", "Reload now")
NOTHING: Final = Text("Ingen plan för kvällen", "No plan for tonight")
TO_MAP: Final = Text("Till kartan", "To the map")
TO_PLANNING: Final = Text("Planera passet själv", "Plan the shift yourself")

# --- starting ---
START: Final = Text("Starta", "Start")
START_HINT: Final = Text(
    "Förslag. Starta sparar planen och passet, så att ni kan notera besök och svara.",
    "A suggestion. Start saves the plan and the shift, so that you can note visits and answer.",
)
STARTED: Final = Text("Passet är startat", "The shift is started")
START_WAITS: Final = Text(
    "Startat {t}. Sparas när nätet är tillbaka; notera besök så länge.",
    "Started {t}. Saved when the network is back; note visits meanwhile.",
)
RUNNING: Final = Text("Passet pågår", "The shift is under way")
BEGINS_AT: Final = Text("Börjar {t}", "Begins at {t}")
NEEDS_NETWORK: Final = Text(
    "Det här går inte utan nät. Tryck igen när nätet är tillbaka.",
    "This cannot be done without a network. Press again when the network is back.",
)

# --- the stops ---
STOPS: Final = Text("Nästa stopp", "Next stops")
LATER: Final = Text("Senare i passet ({n})", "Later in the shift ({n})")
EARLIER: Final = Text("Avklarat ({n})", "Done ({n})")
ARRIVE: Final = Text("Framme {a}–{b}", "There {a}–{b}")
STAY: Final = Text("stanna {n} min", "stay {n} min")
WAYS: Final[dict[str, Text]] = {
    "walk": Text("{n} min till fots, {m} m", "{n} min on foot, {m} m"),
    "cycle": Text("{n} min med cykel, {m} m", "{n} min by bicycle, {m} m"),
    "drive": Text("{n} min med bil, {m} m", "{n} min by car, {m} m"),
}
SPARE: Final = Text("{d} till övers före besöket", "{d} to spare before the visit")
PRESENCE: Final = Text(
    "Närvaro här de senaste sju dygnen: {n} min.", "Presence here in the last seven days: {n} min."
)
NO_PRESENCE: Final = Text(
    "Ingen närvaro noterad här de senaste sju dygnen.",
    "No presence noted here in the last seven days.",
)
ANSWERED: Final = Text(
    "Lagens svar de senaste {d} dygnen: ",
    "Crews' answers in {d} {d:day|days}: ",
)
BREAK_AT: Final = Text("Rast {a}–{b}", "Break {a}–{b}")
WRONG: Final = Text("Stämmer inte", "Not right")
WRONG_NAMED: Final = Text("Stämmer inte: {name}", "Not right: {name}")
WHY_WRONG: Final = Text("Vad stämmer inte?", "What is not right?")
THANKS: Final = Text("Svar noterat {t}: {why}", "Answer noted {t}: {why}")
ANSWER_WAITS: Final = Text(
    "Svar noterat {t}: {why}. Skickas när nätet är tillbaka.",
    "Answer noted {t}: {why}. Sent when online.",
)
LOG_IN_AGAIN: Final = Text(
    "Logga in igen, så skickas det som väntar.", "Log in again, and what waits is sent."
)
WRONG_REASON: Final = Text(
    "reason: {t} finns inte. Tillåtna: {known}.", "reason: there is no {t}. Allowed: {known}."
)

# --- what is new ---
NEWS: Final = Text("Nytt sedan förra passet", "New since the last shift")
NO_NEWS: Final = Text(
    "Inget har ändrats sedan förra passet.", "Nothing has changed since the last shift."
)

NO_BEFORE: Final = Text(
    "Det finns ingen plan från ett tidigare pass att jämföra med.",
    "There is no plan of an earlier shift to compare with.",
)
NEWS_SINCE: Final = Text(
    "Zonerna är jämförda med planen för {s}.", "The zones are compared with the plan for {s}."
)

# --- a stop of one's own ---
ADD: Final = Text("Lägg till eget stopp", "Add a stop of your own")
ADD_HINT: Final = Text(
    "Skriv en plats, eller tryck länge på kartan. Planen görs om med stoppet i.",
    "Write a place, or press long on the map. The plan is made anew with the stop in it.",
)
PLACE: Final = Text("Plats", "Place")
ADD_BUTTON: Final = Text("Lägg till", "Add")
ADD_HERE: Final = Text("Lägg till stopp här", "Add a stop here")
ADD_MIDDLE: Final = Text("Lägg till stopp mitt på kartan", "Add a stop at the map's centre")
CANCEL: Final = Text("Avbryt", "Cancel")
OUTSIDE: Final = Text(
    "Platsen {p} ligger utanför området. Välj en plats på kartan.",
    "The place {p} lies outside the area. Choose a place on the map.",
)
OVER: Final = Text(
    "Passet är slut och kan inte göras om.", "The shift is over and cannot be made anew."
)

TOO_FAR: Final = Text(
    "Passet börjar om mer än ett dygn. Planera det på sidan Passet.",
    "The shift begins more than a day from now. Plan it on the page Shift.",
)

# --- sharing ---
SHARE: Final = Text("Dela planen", "Share the plan")
SHARE_HINT: Final = Text(
    "Den som planen delas med ser platser och tider, aldrig antal, skäl eller värmekarta. "
    "Varje delning loggas.",
    "Whom the plan is shared with sees places and times, never counts, reasons or heat. "
    "Each sharing is logged.",
)
SHARE_WITH: Final = Text("Dela med {r}", "Share with {r}")
STOP_SHARING: Final = Text("Sluta dela med {r}", "Stop sharing with {r}")
SHARED_WITH: Final = Text("Delad med {r}", "Shared with {r}")
SHARE_NAMES: Final[dict[str, Text]] = {
    "partner": Text("nattvandrare", "night walkers"),
    "outreach": Text("ungdomsjouren", "youth outreach"),
    "police": Text("polisen", "the police"),
}
OPEN_SHARED: Final = Text("Visa den delade sidan", "Show the shared page")
WRONG_ROLE: Final = Text(
    "role: {t} finns inte. Tillåtna: {known}.", "role: there is no {t}. Allowed: {known}."
)
SHARED_TITLE: Final = Text("Delade planer", "Shared plans")
SHARED_PLAN: Final = Text("Delad plan {n}", "Shared plan {n}")
SHARED_NONE: Final = Text(
    "Ingen plan är delad med er just nu. Den som planerar passet delar den från planens sida.",
    "No plan is shared with you at the moment. Whoever plans the shift shares it from its page.",
)
SHARED_ABOUT: Final = Text(
    "Platser och tider. Vad som har hänt där visas inte här.",
    "Places and times. What has happened there is not shown here.",
)
SHARED_MAP: Final = Text("Karta över den delade planen", "Map of the shared plan")

# --- the record of answers ---
RECORD: Final = Text("Lagens svar på förslagen", "Crews' answers to the suggestions")
RECORD_HINT: Final = Text(
    "Vad lagen har svarat på föreslagna stopp de senaste {d} dygnen. Svaren ändrar "
    "ingen risk av sig själva; ett stopp som ofta får nej bör ses över.",
    "What crews have answered to suggested stops in the last {d} {d:day|days}. "
    "Answers change no risk by themselves; a stop that is often refused should be "
    "looked at.",
)
# Too few to be told of others' plans, and none at all, look alike.
RECORD_NONE: Final = Text(
    "Inga svar att visa från de senaste {d} dygnen.",
    "No answers to show from the last {d} {d:day|days}.",
)
ZONE: Final = Text("Zon eller plats", "Zone or place")
ANSWERS: Final = Text("Svar", "Answers")

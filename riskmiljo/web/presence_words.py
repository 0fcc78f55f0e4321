"""Every sentence of the presence week, in both languages, each written once.

The words are those of social work: safe adults, presence, the young, worry, support.
"""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around ---
NAV: Final = Text("Närvaro", "Presence")
TITLE: Final = Text("Närvaroveckan i {area}", "The presence week, {area}")
WEEK: Final = Text("Vecka {w}, {days}", "Week {w}, {days}")
WEEKS: Final = Text("Byt vecka", "Change week")
BEFORE: Final = Text("Vecka {w}", "Week {w}")
THIS_WEEK: Final = Text("Den här veckan", "This week")
LEAD: Final = Text(
    "Var och när trygga vuxna gör störst skillnad: tider då unga brukar ha det svårt eller oro "
    "anmäls, och få vuxna är på plats.",
    "Where and when safe adults make the greatest difference: times when young people tend to have "
    "a hard time or worry is reported, and few adults are there.",
)
CANNOT_READ: Final = Text("Adressen kan inte läsas", "The address cannot be read")
NOTHING: Final = Text("Inget att visa än", "Nothing to show yet")
UNKNOWN_FIELD: Final = Text(
    "Adressen har fältet {name}, som inte finns. Tillåtna: {known}.",
    "The address has the field {name}, which is not known. Allowed: {known}.",
)
WRONG_WEEK: Final = Text(
    "vecka: {v} kan inte läsas. Skriv till exempel 2026-W18.",
    "vecka: {v} cannot be read. Write for example 2026-W18.",
)

# --- the best ---
BEST_TITLE: Final = Text("Här gör ni störst skillnad", "Where you make the greatest difference")
NO_BEST: Final = Text(
    "Ingen plats har tillräckligt underlag den här veckan.",
    "No place has enough behind it this week.",
)
NO_BEST_LEFT: Final = Text(
    "Inget mer råd för veckans sista timmar.", "No more advice for the last hours of the week."
)
WEEK_OVER: Final = Text(
    "Veckan är över: inga råd. Remsan visar det väntade glappet med den närvaro som är känd.",
    "The week is over: no advice. The strip shows the expected gap with the presence that is "
    "known.",
)
NEXT_WEEK: Final = Text("Se råden för nästa vecka", "See the advice for next week")
WINDOW: Final = Text("{day} {a}–{b}", "{day} {a}–{b}")
WHY: Final = Text(
    "På {k} {k:sådant tillfälle|sådana tillfällen} väntas {n} {n:händelse|händelser} "
    "där unga är med eller oro anmäls ({a} till {b}). Vuxna är på plats {p}.",
    "On {k} such {k:occasion|occasions} {n} {n:incident|incidents} with young people "
    "or reported worry are expected ({a} to {b}). Adults are there {p}.",
)
TEN: Final = Text("tio", "ten")
HUNDRED: Final = Text("hundra", "a hundred")
WHY_BAND: Final = Text(
    "På tio sådana tillfällen väntas {n} {n:händelse|händelser} där unga är med "
    "eller oro anmäls. Vuxna är på plats {p}.",
    "On ten such occasions {n} {n:incident|incidents} with young people or reported "
    "worry are expected. Adults are there {p}.",
)
PART_OF_TIME: Final = Text("{p} av tiden", "{p} of the time")
HARDLY: Final = Text("nästan aldrig", "hardly ever")
ON_THEN: Final = Text("Då är det {e}.", "It is {e} then.")
ON_THERE: Final = Text("Då är det {e} ({p}).", "It is {e} then ({p}).")
TOGETHER: Final = Text("Fler är planerade: {who}, {a}–{b}.", "Others are planned: {who}, {a}–{b}.")
ALONE: Final = Text("Ingen annan är planerad då.", "Nobody else is planned then.")
PLAN_TOGETHER: Final = Text("Planera ett pass", "Plan a shift")
PLAN_TOGETHER_AT: Final = Text("Planera ett pass: {p}, {w}", "Plan a shift: {p}, {w}")
SHOW_PLACE: Final = Text("Visa veckan för {p}", "Show the week of {p}")

# --- the strip ---
STRIP_TITLE: Final = Text("Veckan timme för timme", "The week hour by hour")
STRIP_OF: Final = Text("{p}, timme för timme", "{p}, hour by hour")
PLACE: Final = Text("Plats", "Place")
WHOLE_AREA: Final = Text("Hela {area}", "The whole of {area}")
SHOW: Final = Text("Visa", "Show")
HOUR: Final = Text("Kl.", "Hour")
SCALE: Final = Text(
    "Siffran är glappets klass, 0 till 4. Glappet är väntade händelser på 100 timmar medan ingen "
    "vuxen är på plats.",
    "The number is the class of the gap, 0 to 4. The gap is incidents expected in 100 hours while "
    "no adult is there.",
)
LEVELS: Final[tuple[Text, ...]] = (
    Text("mycket litet", "very small"),
    Text("litet", "small"),
    Text("måttligt", "moderate"),
    Text("stort", "large"),
    Text("mycket stort", "very large"),
)
BELOW: Final = Text("under {b}", "under {b}")
BETWEEN: Final = Text("{a} till {b}", "{a} to {b}")
ABOVE: Final = Text("{a} eller fler", "{a} or more")
STRIP_TABLE: Final = Text("Timmar och dagar", "Hours and days")
COMPANIONS_TABLE: Final = Text("Tider och platser", "Times and places")
UNTOLD: Final = Text("för lite underlag", "too little to show")
UNTOLD_MARK: Final = Text("·", "·")
GROUPED: Final = Text("tillsammans med andra timmar", "together with other hours")
GROUPED_KEY: Final = Text(
    "Kursiv siffra: timmen är räknad ihop med andra, ensam har den för lite underlag.",
    "A number in italics: the hour is counted together with others; alone it has too little.",
)
GONE: Final = Text("har varit", "over")
GONE_KEY: Final = Text("Utan färg: timmen har varit.", "Without a colour: the hour is over.")
MULTIPLIED: Final = Text("{t} {t:gång|gånger} det vanliga", "{t} {t:time|times} the usual")
CELL: Final = Text("{level}: {n} på 100 timmar", "{level}: {n} in 100 hours")

# --- what happens ---
HAPPENS_TITLE: Final = Text("Det här händer", "What happens")
NOTHING_ON: Final = Text(
    "Inget känt händer den här veckan.", "Nothing that is known happens this week."
)
BRINGS: Final = Text(
    "Brukar ge {t} {t:gång|gånger} så många händelser ({a} till {b}, {n} tidigare år).",
    "Tends to bring {t} {t:time|times} as many incidents ({a} to {b}, {n} earlier {n:year|years}).",
)
NO_EARLIER: Final = Text(
    "Tidigare tillfällen ger för lite underlag för att säga vad det brukar betyda.",
    "Earlier occasions have too little behind them to say what it tends to mean.",
)
TYPICAL: Final = Text(
    "Vanliga dagar; skolan bestämmer. Rätta nedan.", "Typical days; schools decide. Correct below."
)
CALENDAR: Final = Text("Kalendern", "The calendar")
CALENDAR_HINT: Final = Text(
    "Egna händelser läses in som en kalenderfil (.ics) på högst 1 MB. Bara titel, plats och tid "
    "sparas: inga beskrivningar, inga deltagare. Skriv inga namn i titlarna.",
    "Own events are taken in as a calendar file (.ics) of at most 1 MB. Only title, place and time "
    "are kept: no descriptions, no attendees. Write no names in the titles.",
)
FILE: Final = Text("Kalenderfil", "Calendar file")
TAKE_IN: Final = Text("Läs in kalendern", "Take in the calendar")
NO_FILE: Final = Text("Välj en kalenderfil (.ics) först.", "Choose a calendar file (.ics) first.")
NO_OCCASIONS: Final = Text(
    "Kalendern har inga tillfällen att läsa in.", "The calendar has no occasions to take in."
)
IMPORTS: Final = Text("Inlästa kalendrar", "Calendars taken in")
IMPORTED: Final = Text(
    "{name}, inläst {day}. Tillfällen: {n}.", "{name}, taken in {day}. Occasions: {n}."
)
UNDO: Final = Text("Ta bort", "Remove")
UNDO_NAMED: Final = Text("Ta bort kalendern {name}", "Remove the calendar {name}")
DAYS_TITLE: Final = Text("Rätta dagarna för en årlig händelse", "Correct a yearly event's days")
EVENT: Final = Text("Händelse", "Event")
YEAR: Final = Text("År", "Year")
FIRST_DAY: Final = Text("Första dag", "First day")
LAST_DAY: Final = Text("Sista dag", "Last day")
DAYS_HINT: Final = Text(
    "Lämna dagarna tomma för att följa regeln igen.", "Leave the days empty to follow the rule."
)
SAVE: Final = Text("Spara", "Save")

# --- others ---
COMPANIONS_TITLE: Final = Text("Fler som är ute", "Others who are out")
COMPANIONS_HINT: Final = Text(
    "Delade planer: bara plats och tid.", "Shared plans: place and time only."
)
NO_COMPANIONS: Final = Text("Ingen delad plan den här veckan.", "No shared plan this week.")
TOGETHER_HOW: Final = Text(
    "Så går ni tillsammans: planera passet vid en tid ovan, spara det och dela det med "
    "nattvandrarna eller polisen. De ser platser och tider, aldrig skälen. Det som polisen och "
    "nattvandrarna delar med er står här.",
    "How to go together: plan the shift at a time above, keep it and share it with night walkers "
    "or the police. They see places and times, never the reasons. What the police and night "
    "walkers share with you stands here.",
)
WHO: Final = Text("Vilka", "Who")
WHEN: Final = Text("När", "When")
WHERE: Final = Text("Var", "Where")

# --- the log ---
LOG_TITLE: Final = Text("Trygga vuxna på plats", "Safe adults were there")
LOG_HINT: Final = Text(
    "Aldrig vem: bara var, när, hur många och från vilka. Tid gånger vuxna räknas: två vuxna i en "
    "timme är 120 vuxenminuter.",
    "Never who: only where, when, how many and from whom. Time times adults counts: two adults for "
    "an hour are 120 adult minutes.",
)
DAY: Final = Text("Dag", "Day")
FROM: Final = Text("Från", "From")
UNTIL: Final = Text("Till", "Until")
ADULTS: Final = Text("Antal vuxna", "Number of adults")
LOG: Final = Text("Vi var här", "We were here")
CANNOT_LOG: Final = Text("Inget ändrades i närvaron", "Nothing was changed in the presence")
ALREADY_OUT: Final = Text(
    "Det finns inte, eller är redan borttaget.", "It is not there, or has been removed already."
)
CANNOT_CHANGE: Final = Text("Kalendern ändrades inte", "The calendar was not changed")
LOGGED: Final = Text("Loggat den här veckan", "Logged this week")
LOGGED_LATEST: Final = Text("De {n} senaste.", "The latest {n}.")
UNDO_STAY: Final = Text("Ångra", "Undo")
UNDO_STAY_NAMED: Final = Text("Ångra: {place}, {when}", "Undo: {place}, {when}")
FILES_TITLE: Final = Text("Inläst närvaro", "Presence taken in")
FILES_HINT: Final = Text(
    "En fil tas bort som helhet; loggen minns både inläsningen och borttagningen.",
    "A file is taken out as a whole; the log remembers both that it came and that it went.",
)
FILE_ROW: Final = Text(
    "{n} {n:rad|rader}, {first} till {last}: {who}. Inläst {day}.",
    "{n} {n:row|rows}, {first} to {last}: {who}. Taken in {day}.",
)
FILE_SURE: Final = Text("Ja, ta bort alla {n} {n:rad|rader}", "Yes, take out all {n} {n:row|rows}")
NOT_SURE: Final = Text(
    "Inget togs bort: kryssa i att alla rader ska bort.",
    "Nothing was taken out: tick that all rows are to go.",
)
FILE_UNDO: Final = Text("Ta bort", "Take out")
FILE_UNDO_NAMED: Final = Text("Ta bort närvaron inläst {day}", "Take out the presence of {day}")
LOGGED_ROW: Final = Text(
    "{place}, {when}: {who}, {n} {n:vuxenminut|vuxenminuter}",
    "{place}, {when}: {who}, {n} adult {n:minute|minutes}",
)
CHOOSE: Final = Text("Välj plats", "Choose a place")
DONE: Final[dict[str, Text]] = {
    "logg": Text("Närvaron är sparad.", "The presence is kept."),
    "finns": Text(
        "Den närvaron fanns redan; inget ändrades.",
        "That presence was known already; nothing changed.",
    ),
    "kalender": Text("Kalendern är inläst.", "The calendar has been taken in."),
    "borttagen": Text("Kalendern är borttagen.", "The calendar has been removed."),
    "angrad": Text("Närvaron är borttagen.", "The presence has been taken out."),
    "dagar": Text("Dagarna är sparade.", "The days are kept."),
}
MISSING: Final = Text("{field} saknas.", "{field} is missing.")
WRONG_PLACE: Final = Text(
    "Plats: {v} finns inte i ortregistret.", "Place: {v} is not in the gazetteer."
)
WRONG_DAY: Final = Text(
    "{field}: {v} kan inte läsas. Skriv till exempel 2026-04-30.",
    "{field}: {v} cannot be read. Write for example 2026-04-30.",
)
WRONG_CLOCK: Final = Text(
    "{field}: {v} kan inte läsas. Skriv till exempel 21:30.",
    "{field}: {v} cannot be read. Write for example 21:30.",
)
WRONG_ADULTS: Final = Text(
    "Antal vuxna: {v} duger inte. Ange 1 till {n}.",
    "Number of adults: {v} cannot be used. Give 1 to {n}.",
)
WRONG_CREW: Final = Text("Vilka: {v} finns inte.", "Who: {v} is not known.")
NO_LENGTH: Final = Text(
    "Från och Till är samma tid. Ange hur länge ni var där.",
    "From and Until are the same time. Say how long you were there.",
)
TOO_LONG: Final = Text(
    "Mer än {h} {h:timme|timmar} i sträck. Dela upp tiden.",
    "More than {h} {h:hour|hours} on end. Split the time.",
)
IN_FUTURE: Final = Text(
    "Tiden ligger i framtiden. Logga när ni har varit där.",
    "The time lies in the future. Log it when you have been there.",
)
TOO_OLD: Final = Text(
    "Tiden ligger mer än {d} {d:dag|dagar} bort. Läs in äldre närvaro som en fil.",
    "The time lies more than {d} {d:day|days} back. Take in older presence as a file.",
)
WRONG_YEAR: Final = Text("År: {v} kan inte läsas.", "Year: {v} cannot be read.")
BOTH_DAYS: Final = Text("Ange båda dagarna, eller ingen.", "Give both days, or neither.")

# --- what it rests on ---
BASIS_TITLE: Final = Text("Vad det vilar på", "What it rests on")
BASIS: Final = Text(
    "Behovet: händelser {days} som andra än patruller har berättat om, med någon "
    "under 21 år, oro, otrygghet, eller från ungdomsjouren. Gamma-Poisson, 95 % "
    "säkerhet. Minst {n} {n:händelse|händelser} på {p} {p:plats|platser} och {d} "
    "{d:dag|dagar} bakom varje siffra.",
    "The need: incidents {days} that others than patrols told of, with somebody "
    "under 21, worry, unease, or from youth outreach. Gamma-Poisson, 95% certainty. "
    "At least {n} {n:incident|incidents} at {p} {p:place|places} on {d} {d:day|days} "
    "behind each number.",
)
BASIS_PRESENCE: Final = Text(
    "Vuxna på plats: ungdomsjour, nattvandrare och polis, det vanliga {days}, eller det planerade "
    "och loggade i veckan där det är mer. Två vuxna går tillsammans; den som är i samma ruta på "
    "500 meter räknas som på plats.",
    "Adults there: youth outreach, night walkers and police, as usual {days}, or what is planned "
    "and logged in the week where that is more. Two adults go together; whoever is in the same "
    "square of 500 metres counts as there.",
)

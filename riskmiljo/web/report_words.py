"""Every sentence of the planner's report, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

TITLE: Final = Text("Lägesbild {area}", "Situation report, {area}")
LINK: Final = Text("Rapport till mötet (PDF)", "Report for the meeting (PDF)")
PERIOD: Final = Text("{days} · {filter}", "{days} · {filter}")
SIMULATED: Final = Text("Simulerade data: inget här har hänt", "Simulated data: nothing happened")
NO_EXPORT: Final = Text("Insynen tillåter inga filer.", "The lens allows no files.")

# --- in brief ---
BRIEF: Final = Text("I korthet", "In brief")
TOTAL: Final = Text(
    "{n} {n:händelse|händelser} {days}, {w} i veckan.",
    "{n} {n:incident|incidents} {days}, {w} a week.",
)
TOTAL_BAND: Final = Text(
    "{n} {n:händelse|händelser} {days} i de rutor som kan visas.",
    "{n} {n:incident|incidents} {days} in the cells that can be shown.",
)
TOTAL_WITHHELD: Final = Text(
    "Antalet händelser {days} är för litet för att visas.",
    "The number of incidents {days} is too small to be shown.",
)
IN_ZONES: Final = Text(
    "{n} {n:riskzon|riskzoner} på {ha} hektar har {share} av händelserna.",
    "{n} risk {n:zone|zones} on {ha} {ha:hectare|hectares} {n:has|have} {share} of the incidents.",
)
IN_ONE_ZONE: Final = Text(
    "En riskzon på {ha} hektar har {share} av händelserna.",
    "One risk zone on {ha} {ha:hectare|hectares} has {share} of the incidents.",
)
NO_ZONES: Final = Text("Inga riskzoner att visa.", "No risk zones to show.")
AGAINST: Final = Text("Mot {days}, per vecka: {change}.", "Against {days}, a week: {change}.")
AGAINST_BAND: Final = Text("Mot {days}: {change}.", "Against {days}: {change}.")
LATEST_MONTH: Final = Text(
    "Senast släppta månad, från {day}: {band} i de rutor som kan visas.",
    "The latest released month, from {day}: {band} in the cells that can be shown.",
)

# --- what ---
WHAT: Final = Text("Vad händer", "What happens")
CATEGORY: Final = Text("Slag av händelse", "Kind of incident")
COUNT: Final = Text("Händelser", "Incidents")
SHARE: Final = Text("Andel", "Share")
REST: Final = Text("Övrigt, för få för att visas var för sig", "Others, too few to be shown singly")

# --- when ---
WHEN: Final = Text("När det händer", "When it happens")
PEAK: Final = Text("Mest händer {when}.", "Most happens {when}.")
PARTS: Final = Text(
    "Andel av händelserna efter veckodag och del av dygnet. – är för få för att visas, eller inga.",
    "Share of the incidents by weekday and part of the day. – is too few to be shown, or none.",
)
WEEKDAY: Final = Text("Veckodag", "Weekday")
PARTS_JOINT: Final = Text(
    "Andel efter veckodag och del av dygnet av de händelser vars tider är släppta, i steg om 5 "
    "procentenheter. – är för få för att visas, eller inga.",
    "Share by weekday and part of the day of the incidents whose hours have been released, in "
    "steps of 5 percentage points. – is too few to be shown, or none.",
)
NO_WHEN: Final = Text(
    "Händelserna är för få för att delas upp på veckans timmar.",
    "The incidents are too few to be told by the hours of the week.",
)

# --- the year ---
YEAR: Final = Text("Årets gång", "The year's course")
YEAR_WEEKS: Final = Text(
    "Händelser i block om fyra veckor, mot samma veckor året före. En låg grå stapel visas inte: "
    "någon av veckorna har för få.",
    "Incidents in blocks of four weeks, against the same weeks a year before. A low grey bar is "
    "not shown: one of its weeks has too few.",
)
YEAR_MONTHS: Final = Text(
    "Släppta månader mot samma månad året före, i de rutor som kan visas: fler eller färre olika "
    "månader. Staplarna når till klassens nedre gräns.",
    "Released months against the same month a year before, in the cells that can be shown: more or "
    "fewer in different months. Bars reach the lower end of the band.",
)
FROM_DAY: Final = Text("Från", "From")
YEAR_BEFORE: Final = Text("Året före", "A year before")

# --- against the expected and against before ---
EXPECTED: Final = Text(
    "Mot det väntade och mot tidigare", "Against expectation and earlier periods"
)
NO_YEAR: Final = Text(
    "Historiken är för kort för att säga vad som var att vänta.",
    "The record is too short to tell what to expect.",
)
COMPARED: Final = Text("Jämförd period", "Compared period")
THEN: Final = Text("Då", "Then")
NOW: Final = Text("Nu", "Now")
CHANGE: Final = Text("Förändring per vecka (95 %)", "Change a week (95%)")
CHANGE_BAND: Final = Text("Förändring", "Change")
NONE_BEFORE: Final = Text(
    "Data börjar för sent för en jämförelse med tidigare perioder.",
    "The data begin too late to compare with earlier periods.",
)

# --- where ---
WHERE: Final = Text("Var det händer", "Where it happens")
MAP: Final = Text(
    "Riskzoner med nummer ur tabellen. Färg: händelser per hektar och vecka. Norr är uppåt.",
    "Risk zones with their numbers in the table. Colour: incidents per hectare and week. North is "
    "up.",
)
NORTH: Final = Text("N", "N")
NUMBER: Final = Text("Nr", "No.")
PER_HA: Final = Text("Per ha och vecka (95 %)", "Per ha and week (95%)")
# Of bands there is no interval.
PER_HA_BAND: Final = Text("Per ha och vecka", "Per ha and week")
RANGE_OF: Final = Text("{e} ({r})", "{e} ({r})")
TIMES: Final = Text("När", "When")
KNOWN_BY: Final = Text("Hur de blev kända", "How they became known")
TREND: Final = Text("Utveckling", "Trend")

# --- operations, forecasts and events ---
VERDICT: Final = Text("Hjälpte den?", "Did it help?")
COMING: Final = Text("Kommande fem veckor", "The five weeks to come")
COMING_NONE: Final = Text("Inget står i kalendern.", "The calendar has nothing.")
TYPICAL: Final = Text("typiska dagar, kommunen bestämmer", "typical days, set by the municipality")
EVENT: Final = Text("Händer", "Event")
PLACE: Final = Text("Plats", "Place")
DAYS: Final = Text("Dagar", "Days")

# --- sources and limits ---
SOURCES: Final = Text("Källorna och vad de inte visar", "The sources and what they do not show")
QUALITY: Final = Text("{what}: {value}.", "{what}: {value}.")
NOT_IN_IT: Final = Text(
    "Bilden bygger på det som har rapporterats eller upptäckts. Otrygghet som ingen anmäler, "
    "orsaker och vilka grupper som berörs finns inte i den: lägg till trygghetsmätning och "
    "lokal kunskap.",
    "The picture rests on what was reported or discovered. Fear that nobody reports, causes and "
    "the groups concerned are not in it: add surveys and local knowledge.",
)
RULE: Final = Text(
    "Ett antal visas från {n} {n:händelse|händelser} ({m} för socialtjänstens "
    "uppgifter och minderåriga) på minst {p} {p:plats|platser} och {d} "
    "{d:dag|dagar}. Noll och för få ser likadana ut.",
    "A count is shown from {n} {n:incident|incidents} ({m} for social services' data "
    "and minors) at no fewer than {p} {p:place|places} and on {d} {d:day|days}. Zero "
    "and too few look alike.",
)
RULE_JOINT: Final = Text(
    "Antal står som klasser och bygger bara på släppta rutor och månader. Noll och för få ser "
    "likadana ut.",
    "Counts are bands and rest on released cells and months alone. Zero and too few look alike.",
)
LENS: Final = Text("Insyn: {why}", "Lens: {why}")
MADE: Final = Text("Framtagen {when} av {who}.", "Made on {when} by {who}.")
WITHOUT_LOGIN: Final = Text("någon utan inloggning", "somebody without login")
COMMAND_LINE: Final = Text("kommandoraden", "the command line")

# --- decisions ---
DECISIONS: Final = Text("Beslut och uppföljning", "Decisions and follow-up")
DECISIONS_HOW: Final = Text(
    "EST: veckans bild, beslut, åtgärd, uppföljning. Fylls i på mötet.",
    "EST: the week's picture, decision, measure, follow-up. To be filled in at the meeting.",
)
BLANKS: Final = (
    Text("Beslut och åtgärd", "Decision and measure"),
    Text("Ansvarig", "Responsible"),
    Text("Klart senast", "Done by"),
    Text("Uppföljning", "Follow-up"),
)
SIGNED: Final = (Text("Datum", "Date"), Text("Underskrift", "Signature"))

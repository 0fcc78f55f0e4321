"""Every sentence of the pages, in both languages, each written once.

What has a name elsewhere (categories, weekdays, roles) is taken from there.
"""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around every page ---
PRODUCT: Final = Text("riskmiljö", "riskmiljö")
SKIP: Final = Text("Hoppa till innehållet", "Skip to the content")
LANGUAGE: Final = Text("Språk", "Language")
LANGUAGE_NAMES: Final[dict[str, str]] = {"sv": "Svenska", "en": "English"}
SIMULATED: Final = Text(
    "Simulerade data: inget på sidan har hänt.", "Simulated data: nothing on this page happened."
)
HOME: Final = Text("Till startsidan", "To the start page")
ABOUT: Final = Text(
    "riskmiljö visar platser och tider, aldrig personer.",
    "riskmiljö shows places and times, never persons.",
)
AS_JSON: Final = Text("Samma sida som JSON", "The same page as JSON")
LENS: Final = Text("Insyn", "Lens")

# --- the situation ---
UNDER_TENTH: Final = Text("under 0,1", "under 0.1")
TITLE: Final = Text("Lägesbild {area}", "Situation in {area}")
DATA_UNTIL: Final = Text("Data till och med {day}", "Data up to and including {day}")
PERIOD: Final = Text("Period", "Period")
INCIDENTS: Final = Text("Händelser", "Incidents")
# Of the joint picture, which tells what its released cells hold.
INCIDENTS_TOLD: Final = Text(
    "Händelser i de rutor som kan visas", "Incidents in the cells that can be shown"
)
ZONES: Final = Text("Riskzoner", "Risk zones")
IN_ZONES: Final = Text("Andel i zonerna", "Share in the zones")
SHIFT: Final = Text("Pass", "Shift")
WITHHELD: Final = Text("visas inte", "not shown")
FEW: Final = Text(
    "För få händelser, platser eller dagar för att något antal ska få visas.",
    "Too few incidents, places or days for any count to be shown.",
)
NOTES: Final = Text("Att veta om bilden", "About this picture")
MAP: Final = Text("Karta", "Map")
ZONE_TABLE: Final = Text("Riskzoner, flest händelser först", "Risk zones, most incidents first")
NAME: Final = Text("Namn", "Name")
PER_HA_WEEK: Final = Text("Per ha och vecka", "Per ha and week")
TREND: Final = Text("Förändring", "Change")
PEAK: Final = Text("Mest", "Peak")
HOURS_NOT_RELEASED: Final = Text(
    "Tider på dygnet är inte släppta för perioden: de släpps för hela år.",
    "The hours of the day have not been released for the period: they are released for whole "
    "years.",
)
EVEN_WEEK: Final = Text("jämnt över veckan", "evenly over the week")
DETECTION: Final = Text("Hur känt", "How known")
NO_ZONES: Final = Text(
    "Inga riskzoner att visa för detta urval.", "No risk zones to show for this selection."
)
AREA_TABLE: Final = Text("Patrullområden, {shift}", "Patrol areas, {shift}")
AREA: Final = Text("Område", "Area")
EXPECTED: Final = Text("Väntat antal", "Expected")
RISK_SHARE: Final = Text("Andel", "Share")
WHY: Final = Text("Varför", "Why")
NO_AREAS: Final = Text(
    "Inga patrullområden: de byggs av riskzonerna.",
    "No patrol areas: they are built from the risk zones.",
)

# --- the filter form ---
SELECTION: Final = Text("Urval", "Selection")
FROM: Final = Text("Från", "From")
BEFORE: Final = Text("Före", "Before")
BEFORE_HINT: Final = Text("Dagen räknas inte med.", "That day is not included.")
LATEST: Final = Text("Senaste", "Latest")
WEEKDAYS: Final = Text("Veckodagar", "Weekdays")
NONE_IS_ALL: Final = Text("Inget valt är alla.", "None chosen means all.")
HOURS: Final = Text("Klockan", "Hours")
HOUR_FROM: Final = Text("från kl.", "from")
HOUR_TO: Final = Text("till kl.", "to")
ANY_HOUR: Final = Text("alla", "any")
HOURS_HINT: Final = Text(
    "18 till 02 går över midnatt och räknas till kvällens veckodag.",
    "18 to 02 runs over midnight and belongs to the evening's weekday.",
)
CATEGORIES: Final = Text("Kategorier", "Categories")
DETECTIONS: Final = Text("Hur händelsen blev känd", "How the incident became known")
PATROLS: Final = Text("Patruller", "Patrols")
TEAMS: Final = Text("Antal patruller", "Number of patrols")
NEXT_EVENING: Final = Text("Närmaste kvällspass", "The coming evening shift")
SHOW: Final = Text("Visa", "Show")
CLEAR: Final = Text("Rensa", "Clear")
ALL_HOURS: Final = Text("alla timmar", "all hours")
ALL_WEEKDAYS: Final = Text("alla dagar", "all days")
ALL_CATEGORIES: Final = Text("alla kategorier", "all categories")
BOX: Final = Text("ruta {w:g}, {s:g}, {e:g}, {n:g}", "box {w:g}, {s:g}, {e:g}, {n:g}")
CLOCK: Final = Text("kl. {first}–{last}", "{first}:00–{last}:00")
CANNOT_SHOW: Final = Text("Urvalet kan inte visas", "The selection cannot be shown")
NOTHING_MATCHES: Final = Text("Inget att visa", "Nothing to show")
UNKNOWN_FIELD: Final = Text(
    "Adressen har ett fält som inte finns: {name}. Tillåtna: {known}.",
    "The address has a field that is not known: {name}. Allowed: {known}.",
)
WRONG_TEAMS: Final = Text(
    "teams: {t} duger inte. Ange 1 till {most} patruller.",
    "teams: {t} cannot be used. Give 1 to {most} patrols.",
)

# --- the empty store ---
EMPTY_TITLE: Final = Text("Här finns inga händelser än", "There are no incidents here yet")
EMPTY_LEAD: Final = Text(
    "Läs in en fil, så ritas kartan, riskzonerna och patrullområdena av den.",
    "Import a file, and the map, the risk zones and the patrol areas are drawn from it.",
)
EMPTY_IMPORT: Final = Text("Läs in egna händelser", "Import incidents of your own")
EMPTY_IMPORT_HERE: Final = Text("Ladda upp en fil", "Upload a file")
EMPTY_IMPORT_HOW: Final = Text(
    "CSV, XLSX, GeoJSON, GeoPackage och Parquet går bra. Kvittot säger vilka rader som inte togs "
    "in, och varför.",
    "CSV, XLSX, GeoJSON, GeoPackage and Parquet will do. The receipt tells which rows were not "
    "taken in, and why.",
)
EMPTY_DEMO: Final = Text("Eller prova på en simulerad stad", "Or try a simulated city")
EMPTY_DEMO_HOW: Final = Text(
    "Tre år av händelser i Uppsala som aldrig har hänt.",
    "Three years of incidents in Uppsala that never happened.",
)
EMPTY_FILE: Final = Text("händelser.csv", "incidents.csv")
EMPTY_RELOAD: Final = Text("Ladda sedan om sidan.", "Then reload this page.")

# --- one zone ---
ZONE_TITLE: Final = Text("{name} – riskzon", "{name} – risk zone")
ZONE_GONE: Final = Text(
    "Zonen finns inte i detta urval. Välj en längre period eller gå till lägesbilden.",
    "The zone does not exist in this selection. Choose a longer period or go to the situation.",
)
BACK: Final = Text("Tillbaka till lägesbilden", "Back to the situation")
SIZE: Final = Text("Yta", "Size")
SHARE_OF_ALL: Final = Text("Andel av alla", "Share of all")
RHYTHM: Final = Text("Dygnsprofil", "Rhythm")
RHYTHM_DRAWN: Final = Text(
    "Varje ruta är en timme, jämförd med zonens snitt. Tabellen nedan ger siffror.",
    "Each square is an hour, against the zone's mean. The table below gives figures.",
)
RHYTHM_TABLE: Final = Text(
    "Andel av zonens händelser per veckodag och del av dygnet",
    "Share of the zone's incidents by weekday and part of the day",
)
FEW_IN_PART: Final = Text(
    "– är färre än {n} {n:händelse|händelser}.",
    "– means fewer than {n} {n:incident|incidents}.",
)
WEEKDAY: Final = Text("Veckodag", "Weekday")
PATROL_AREA: Final = Text("Patrullområde, {shift}", "Patrol area, {shift}")
WHY_ZONE: Final = Text("Varför en riskzon", "Why a risk zone")

# --- errors ---
ERROR_TITLES: Final[dict[int, Text]] = {
    400: Text("Adressen kan inte läsas", "The address cannot be read"),
    401: Text("Logga in först", "Log in first"),
    403: Text("Ändringen gjordes inte", "Nothing was changed"),
    404: Text("Sidan finns inte", "There is no such page"),
    405: Text("Så går det inte att göra här", "That cannot be done here"),
    413: Text("För mycket på en gång", "Too much at once"),
    415: Text("Ändringen kan inte läsas", "The change cannot be read"),
    429: Text("Vänta en stund", "Wait a while"),
    500: Text("Något gick fel hos oss", "Something went wrong on our side"),
}
BAD_REQUEST: Final = Text(
    "Adressen kan inte läsas. Rätta den eller gå till startsidan.",
    "The address cannot be read. Correct it or go to the start page.",
)
NOT_FOUND: Final = Text(
    "Adressen leder ingenstans. Gå till startsidan.",
    "The address leads nowhere. Go to the start page.",
)
# The same for what does not exist and for what is another's: which of the two is not told.
NOT_FOUND_BY: Final = Text(
    "Adressen leder ingenstans, eller till något som inte hör till rollen {r}. Gå till startsidan.",
    "The address leads nowhere, or to something that is not for the role {r}. Go to the start "
    "page.",
)
WRONG_METHOD: Final = Text(
    "Adressen kan inte användas så. Hämta sidan och använd dess knappar.",
    "The address cannot be used like this. Open the page and use its buttons.",
)
OTHER_SITE: Final = Text(
    "Ändringen skickades från en annan webbplats, eller så sade webbläsaren inte varifrån. Öppna "
    "sidan här och gör om.",
    "The change was sent from another site, or the browser did not say from where. Open the page "
    "here and do it again.",
)
TOO_LARGE: Final = Text(
    "Formuläret är för stort. Ta bort några rader och skicka igen.",
    "The form is too large. Remove some lines and send it again.",
)
WRONG_BODY: Final = Text("Bara formulär och JSON tas emot.", "Only forms and JSON are accepted.")
FAULT: Final = Text(
    "Felet är skrivet i loggen. Försök igen om en stund.",
    "The error has been logged. Try again in a while.",
)
WRONG_HOST: Final = Text(
    "Sidan svarar bara på 127.0.0.1 och localhost, och på de namn som inställningen hosts räknar "
    "upp när det finns konton. Öppna den med ett av dem.",
    "The page answers only to 127.0.0.1 and localhost, and to the names that the setting hosts "
    "lists once there are accounts. Open it by one of these.",
)
WRONG_TILE_HOST: Final = Text(
    "Inställningen tile_url har en värd som inte duger: {host}. Skriv till exempel "
    "https://kartor.example.se.",
    "The setting tile_url has a host that cannot be used: {host}. Write for example "
    "https://maps.example.org.",
)
ONLY_LOOPBACK: Final = Text(
    "Utan konton finns ingen inloggning, och då får sidorna bara nås från den egna datorn: {host} "
    "är en annan adress. Lägg till ett konto med riskmiljo user add, eller sätt host till "
    "127.0.0.1.",
    "Without accounts there is no login, and the pages may only be reached from this machine: "
    "{host} is another address. Add an account with riskmiljo user add, or set host to 127.0.0.1.",
)
PORT_TAKEN: Final = Text(
    "Det går inte att lyssna på {host}:{port}: {why}. Välj en annan port med --port.",
    "Cannot listen on {host}:{port}: {why}. Choose another port with --port.",
)

"""Every sentence of the import pages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around ---
NAV: Final = Text("Import", "Import")
TITLE: Final = Text("Läs in händelser", "Import incidents")
LEAD: Final = Text(
    "Ladda upp en fil och se vad den ger. Inget sparas förrän du läser in den.",
    "Upload a file and see what it gives. Nothing is stored until you take it in.",
)
PRIVACY: Final = Text(
    "Namn, personnummer, telefonnummer och fritext lagras aldrig. Den uppladdade filen raderas när "
    "den är inläst eller slängd, och senast efter ett dygn.",
    "Names, personal numbers, telephone numbers and free text are never stored. The uploaded file "
    "is deleted when it is taken in or discarded, and after a day at the latest.",
)
BACK: Final = Text("Alla importer", "All imports")
CANNOT: Final = Text("Det gick inte", "That did not work")
UNKNOWN_FIELD: Final = Text(
    "Fältet {name} finns inte. Tillåtna: {known}.", "There is no field {name}. Allowed: {known}."
)

# --- upload ---
UPLOAD_TITLE: Final = Text("Ny fil", "New file")
FILE: Final = Text("Fil", "File")
FILE_HINT: Final = Text(
    "CSV, Excel (.xlsx), GeoJSON, GeoPackage eller Parquet, högst {n} MB.",
    "CSV, Excel (.xlsx), GeoJSON, GeoPackage or Parquet, at most {n} MB.",
)
SOURCE: Final = Text("Källa", "Source")
UPLOAD: Final = Text("Ladda upp och titta", "Upload and look")
NO_FILE: Final = Text("Välj en fil först.", "Choose a file first.")

# --- lists ---
WAITING_TITLE: Final = Text("Uppladdat, inte inläst", "Uploaded, not taken in")
BATCHES_TITLE: Final = Text("Inlästa filer", "Files taken in")
NO_BATCHES: Final = Text(
    "Inga filer är inlästa än. Ladda upp den första ovan.",
    "No files have been taken in yet. Upload the first one above.",
)
WHEN: Final = Text("När", "When")
ADDED: Final = Text("Nya", "New")
KNOWN: Final = Text("Redan kända", "Already known")
STATE: Final = Text("Läge", "State")
STATE_IN: Final = Text("Inläst", "In")
STATE_UNDONE: Final = Text("Ångrad {t}", "Undone {t}")
PHASES: Final[dict[str, Text]] = {
    "waiting": Text("Väntar på sin tur", "Waiting for its turn"),
    "reading": Text("Läses och kontrolleras", "Being read and checked"),
    "seen": Text("Klar att titta på", "Ready to look at"),
    "failed": Text("Kunde inte läsas", "Could not be read"),
    "taking": Text("Läses in", "Being taken in"),
    "taken": Text("Inläst", "Taken in"),
}

# --- progress ---
UNDER_WAY: Final = Text("Arbetet pågår", "Work is under way")
LEAVE: Final = Text(
    "Du kan lämna sidan och komma tillbaka; arbetet fortsätter.",
    "You may leave the page and come back; the work goes on.",
)
SEE_AGAIN: Final = Text("Visa läget igen", "Show the state again")
SECONDS: Final = Text("{n} {n:sekund|sekunder}", "{n} {n:second|seconds}")
STOP: Final = Text("Avbryt och släng filen", "Stop and discard the file")
DISCARD: Final = Text("Släng filen", "Discard the file")
DISCARDED: Final = Text("Filen är slängd.", "The file is discarded.")
INTERRUPTED: Final = Text("Arbetet avbröts. Titta igen.", "The work was interrupted. Look again.")
BUSY: Final = Text(
    "Filen bearbetas just nu. Vänta tills det är klart.",
    "The file is being worked on. Wait until that is done.",
)
CHANGED: Final = Text(
    "Filen läses inte längre som den visades, för området eller ordtabellen har ändrats. Inget "
    "lästes in. Se efter igen och läs sedan in den.",
    "The file no longer reads as it was shown, since the area or the word table has changed. "
    "Nothing was taken in. Look again and then take it in.",
)

# --- what was seen ---
SEEN_TITLE: Final = Text("Det här ger filen", "What the file gives")
ROWS: Final = Text("Rader", "Rows")
ACCEPTED: Final = Text("Godtagna", "Accepted")
REFUSED: Final = Text("Avvisade", "Refused")
SPAN: Final = Text("Tid", "Time")
CRS: Final = Text("Koordinatsystem", "Coordinate system")
AREA: Final = Text("Område", "Area")
FORMAT: Final = Text("Format", "Format")
HOW: Final[dict[str, Text]] = {
    "guessed": Text("känt igen på talen", "recognised by the numbers"),
    "declared": Text("står i filen", "given by the file"),
    "headers": Text("efter rubrikerna", "by the headers"),
    "values": Text("efter värdena", "by the values"),
    "told": Text("valt av dig", "chosen by you"),
    "": Text("kunde inte avgöras", "could not be told"),
}
WARNINGS: Final = Text("Att tänka på", "To keep in mind")
MAP_TITLE: Final = Text("Punkterna på kartan", "The points on the map")
MAP_ALL: Final = Text("Alla {n} {n:händelse|händelser}.", "All {n} {n:incident|incidents}.")
MAP_SOME: Final = Text(
    "{shown} av {n} {n:händelse|händelser}, jämnt valda ur filen.",
    "{shown} of {n} {n:incident|incidents}, chosen evenly from the file.",
)
POINTS: Final = Text("Händelser i filen", "Incidents in the file")
POINT: Final = Text("en händelse", "one incident")
POINT_EACH: Final = Text("En prick är en händelse", "A dot is an incident")
POINTS_NOTE: Final = Text(
    "Bara du ser dem. De är inte sparade.", "Only you see them. They are not stored."
)
CORNERS: Final = Text(
    "Punkterna ligger mellan latitud {s} och {n} och mellan longitud {w} och {e}.",
    "The points lie between latitude {s} and {n} and between longitude {w} and {e}.",
)
NOTHING_TO_DO: Final = Text(
    "Samma fil är redan inläst (import {n}). Det finns inget att göra.",
    "The very same file is in already (import {n}). There is nothing to do.",
)
FOREIGN: Final = Text(
    "{n} {n:rad|rader} säger att {n:den|de} hör till en annan ägare. Filen kan "
    "inte läsas in härifrån: ta bort {n:den raden|de raderna}, eller låt ägaren "
    "läsa in filen.",
    "{n} {n:row says|rows say} that {n:it belongs|they belong} to another owner. "
    "The file cannot be taken in from here: remove {n:that row|those rows}, or "
    "let the owner take the file in.",
)
NONE_ACCEPTED: Final = Text(
    "Ingen rad kan godtas som filen läses nu. Ändra hur den läses nedan.",
    "No row can be accepted as the file is read now. Change below how it is read.",
)
TAKE: Final = Text("Läs in {n} {n:händelse|händelser}", "Take in {n} {n:incident|incidents}")
TAKE_TITLE: Final = Text("Läs in", "Take in")
ALL_OR_NOTHING: Final = Text(
    "Allt läses in på en gång, eller inget. Hela importen kan ångras efteråt.",
    "All is taken in at once, or nothing. The import as a whole can be undone afterwards.",
)
LEAVE_OUT: Final = Text(
    "Läs in utan {n} {n:avvisad rad|avvisade rader}",
    "Take in without {n} refused {n:row|rows}",
)
LEAVE_OUT_ONE: Final = Text("Läs in utan den avvisade raden", "Take in without the refused row")
MUST_LEAVE_OUT: Final = Text(
    "{n} {n:rad|rader} är {n:avvisad|avvisade}. Kryssa för att läsa in filen "
    "utan {n:den|dem}, eller rätta den.",
    "{n} {n:row is|rows are} refused. Tick to take the file in without {n:it|them}, or correct it.",
)

# --- how it is read ---
READ_TITLE: Final = Text("Så läses filen", "How the file is read")
COLUMNS: Final = Text("Kolumner", "Columns")
COLUMN: Final = Text("Kolumn", "Column")
SAMPLES: Final = Text("Första värdena", "First values")
FIELD: Final = Text("Läses som", "Read as")
FIELD_OF: Final = Text("{c} läses som", "{c} is read as")
EMPTY_COLUMN: Final = Text("tom", "empty")
PERSONAL: Final = Text(
    "Personuppgifter: lagras inte och visas inte", "Personal data: not stored and not shown"
)
GUESS_FIELD: Final = Text("Gissat: {f}", "Guessed: {f}")
GUESS_NONE: Final = Text("Gissat: lagras inte", "Guessed: not stored")
GUESS: Final = Text("Gissa", "Guess")
LEAVE_COLUMN: Final = Text("Lagras inte", "Not stored")
MORE_COLUMNS: Final = Text(
    "Bara de första {n} kolumnerna visas.",
    "Only the first {n} {n:column is|columns are} shown.",
)
FIELDS: Final[dict[str, Text]] = {
    "occurred_from": Text("Tid, börjar", "Time, begins"),
    "occurred_to": Text("Tid, slutar", "Time, ends"),
    "date": Text("Datum", "Date"),
    "time": Text("Klockslag", "Time of day"),
    "lat": Text("Latitud", "Latitude"),
    "lon": Text("Longitud", "Longitude"),
    "y": Text("Nord (y)", "North (y)"),
    "x": Text("Öst (x)", "East (x)"),
    "category": Text("Händelsetyp", "Kind of incident"),
    "incident_id": Text("Händelsens id", "The incident's id"),
    "detection": Text("Rapporterad eller upptäckt", "Reported or discovered"),
    "registered_at": Text("När den blev känd", "When it became known"),
    "age_band": Text("Åldersgrupp", "Age band"),
    "source": Text("Källa", "Source"),
    "owner": Text("Ägare", "Owner"),
    "restricted_to": Text("Bara för roller", "For roles only"),
    "weight": Text("Vikt", "Weight"),
    "precision_m": Text("Lägets osäkerhet, meter", "Precision of the place, metres"),
}
GUESSED_FIELDS: Final[dict[str, Text]] = {
    **FIELDS,
    "east": Text("Öst", "East"),
    "north": Text("Nord", "North"),
    "date_to": Text("Slutdatum", "End date"),
    "time_to": Text("Slutklockslag", "End time of day"),
}
SYSTEMS: Final[dict[str, Text]] = {
    "": Text("Känn igen på talen", "Recognise by the numbers"),
    "4326": Text("WGS 84, latitud och longitud", "WGS 84, latitude and longitude"),
    "3006": Text("SWEREF 99 TM", "SWEREF 99 TM"),
    "3011": Text("SWEREF 99 18 00", "SWEREF 99 18 00"),
    "3021": Text("RT 90 2,5 gon V", "RT 90 2.5 gon V"),
    "3857": Text("Web Mercator", "Web Mercator"),
}
LAYER: Final = Text("Blad eller lager", "Sheet or layer")
LAYER_HINT: Final = Text(
    "Bara om filen har flera. Kolumnvalen börjar då om.",
    "Only if the file has several. The choice of columns then begins anew.",
)
KIND: Final = Text("Händelsetyp", "Kind of incident")
KIND_BY_WORDS: Final = Text("Efter orden i filen", "By the words of the file")
KIND_ALL: Final = Text("Alla rader: {k}", "Every row: {k}")
WORDS_TITLE: Final = Text("Ord som inte känns igen", "Words that are not known")
KNOWN_WORDS: Final = Text("Ord som känns igen ({n})", "Known words ({n})")
WORD: Final = Text("Ord i filen", "Word in the file")
WORD_ROWS: Final = Text("Rader", "Rows")
MEANS: Final = Text("Betyder", "Means")
MEANS_OF: Final = Text("{w} betyder", "{w} means")
NOT_CHOSEN: Final = Text("Inte valt: raderna avvisas", "Not chosen: the rows are refused")
BY_TABLE: Final = Text("Enligt ordtabellen: {k}", "By the word table: {k}")
LOOK_AGAIN: Final = Text("Titta igen", "Look again")

# --- refused rows ---
REJECTS_TITLE: Final = Text("Avvisade rader", "Refused rows")
ROW: Final = Text("Rad", "Row")
STOOD: Final = Text("Där stod", "There stood")
WHY: Final = Text("Varför", "Why")
DOWNLOAD: Final = Text("Hämta alla som CSV", "Download all as CSV")
PAGE_OF: Final = Text("Sida {n} av {all}", "Page {n} of {all}")
BEFORE: Final = Text("Föregående", "Previous")
AFTER: Final = Text("Nästa", "Next")
WRONG_PAGE: Final = Text("Sidan {v} finns inte.", "There is no page {v}.")

# --- receipt ---
RECEIPT_TITLE: Final = Text("Import {n}", "Import {n}")
RECEIPT_LINK: Final = Text("Visa kvittot", "Show the receipt")
TAKEN: Final = Text(
    "{added} {added:ny händelse|nya händelser} lästes in, {known} fanns redan.",
    "{added} new {added:incident was|incidents were} taken in, {known} "
    "{known:was|were} there already.",
)
NO_ZONES_YET: Final = Text(
    "Riskzonerna räknas om strax efter.", "The risk zones are worked out anew shortly afterwards."
)
UNDO_TITLE: Final = Text("Ångra importen", "Undo the import")
UNDO_HINT: Final = Text(
    "Alla händelser som bara denna fil gav tas bort. De som en senare fil också gav blir kvar.",
    "All incidents that this file alone gave are removed. Those that a later file gave too stay.",
)
UNDO_SURE: Final = Text("Ja, ta bort dem", "Yes, remove them")
UNDO: Final = Text("Ångra hela importen", "Undo the whole import")
MUST_BE_SURE: Final = Text(
    "Kryssa för att du vill ta bort händelserna.", "Tick that you want to remove the incidents."
)
NO_BATCH: Final = Text("Importen finns inte.", "There is no such import.")
WRONG_CHOICE: Final = Text(
    "{name}: {v} kan inte väljas. Välj något i listan.",
    "{name}: {v} cannot be chosen. Choose from the list.",
)
TWICE: Final = Text(
    "Två kolumner kan inte båda läsas som {f}. Välj en.",
    "Two columns cannot both be read as {f}. Choose one.",
)

"""Every sentence of the administrator's pages."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

NAV: Final = Text("Förvaltning", "Administration")
TITLE: Final = Text("Förvaltning", "Administration")
USERS: Final = Text("Konton", "Accounts")
USERS_TABLE: Final = Text("Konton, äldst först", "Accounts, oldest first")
NAME: Final = Text("Namn", "Name")
ROLE: Final = Text("Roll", "Role")
SINCE: Final = Text("Tillagt", "Added")
LOGS_IN: Final = Text("Loggar in med", "Logs in with")
STATE: Final = Text("Läge", "State")
CHANGE: Final = Text("Ändra", "Change")
CHANGE_OF: Final = Text("Ändra kontot {name}", "Change the account {name}")
OPEN: Final = Text("öppet", "open")
DISABLED: Final = Text("avstängt {day}", "disabled {day}")
BY_PASSWORD: Final = Text("lösenord", "password")
BY_TEMPORARY: Final = Text(
    "tillfälligt lösenord, inte bytt än", "temporary password, not changed yet"
)
BY_BOTH: Final = Text("lösenord och engångskod", "password and one-time code")
BY_ORGANISATION: Final = Text("organisationens inloggning", "the organisation's login")
ADD: Final = Text("Lägg till ett konto", "Add an account")
ADD_HOW: Final = Text(
    "Kontot får ett tillfälligt lösenord, som visas här en enda gång. Lämna över det; det måste "
    "bytas vid första inloggningen. Be personen att slå på engångskod på sin kontosida.",
    "The account gets a temporary password, which is shown here once. Hand it over; it must be "
    "changed at the first login. Ask the person to turn on the one-time code on their account "
    "page.",
)
ADD_DO: Final = Text("Lägg till", "Add")
ADDED: Final = Text(
    "Lösenordet för {name} visas bara nu:", "The password of {name} is shown only now:"
)
ROLE_DO: Final = Text("Byt roll", "Change the role")
PASSWORD_DO: Final = Text("Nytt tillfälligt lösenord", "New temporary password")
FACTOR_DO: Final = Text("Ta bort engångskoden", "Remove the one-time code")
DISABLE_DO: Final = Text("Stäng av kontot", "Disable the account")
ENABLE_DO: Final = Text("Öppna kontot igen", "Open the account again")
SURE: Final = Text("Ja, gör det", "Yes, do it")
NOT_SURE: Final = Text(
    "Inget ändrades: kryssa i ”Ja, gör det” först.",
    "Nothing was changed: tick “Yes, do it” first.",
)
OWN_ACCOUNT: Final = Text(
    "Ditt eget lösenord och din egen engångskod ändrar du på din kontosida, där lösenordet prövas.",
    "Change your own password and one-time code on your account page, where the password is asked "
    "for.",
)
NO_PASSWORD: Final = Text(
    "Kontot hör till organisationens inloggning och har inget lösenord här.",
    "The account belongs to the organisation's login and has no password here.",
)
WRONG_ROLE: Final = Text(
    "Rollen {t} finns inte. Välj en ur listan.", "There is no role {t}. Choose one from the list."
)
ORPHANS: Final = Text("Planer som gjordes utan inloggning", "Plans made without a login")
ORPHANS_HOW: Final = Text(
    "De bygger på alla ägares händelser och öppnas därför inte av någon roll. Dela platser och "
    "tider med dem som ska gå ut; skälen till hållpunkterna följer inte med. Delningen loggas.",
    "They rest on every owner's incidents, and so no role opens them. Share places and times with "
    "those who are to go out; the reasons for the stops do not go along. The sharing is logged.",
)
ORPHAN: Final = Text("Plan {n}, {day} {a}–{b}", "Plan {n}, {day} {a}–{b}")
ORPHAN_SHARED: Final = Text("delad med {r}", "shared with {r}")
ORPHAN_DO: Final = Text("Dela med {r}", "Share with {r}")
ORPHAN_NAMED: Final = Text("Dela plan {n} med {r}", "Share plan {n} with {r}")
DONE_SHARED: Final = Text("Planen är delad.", "The plan has been shared.")
DONE_ROLE: Final = Text(
    "Rollen är ändrad och gäller genast.", "The role has been changed and holds at once."
)
DONE_FACTOR: Final = Text("Engångskoden är borttagen.", "The one-time code has been removed.")
DONE_DISABLED: Final = Text(
    "Kontot är avstängt: inloggningar och nycklar har upphört.",
    "The account has been disabled: its logins and tokens have ended.",
)
DONE_ENABLED: Final = Text("Kontot är öppet igen.", "The account is open again.")

LENSES: Final = Text("Insyn och minsta antal", "Lenses and minimum counts")
LENSES_HOW: Final = Text(
    "Roller ger insyn; minsta antal kan höjas i inställningarna men aldrig sänkas.",
    "Roles give the lens; minimum counts can be raised in the settings, never lowered.",
)
LENSES_TABLE: Final = Text("Vad varje roll ser", "What each role sees")
SEES: Final = Text("Ser", "Sees")
MAY_EXPORT: Final = Text("Får ta ut filer", "May take out files")
YES: Final = Text("ja", "yes")
NO: Final = Text("nej", "no")
FLOORS: Final = Text(
    "Ett antal visas från {a} {a:händelse|händelser} ({b} om de rör unga eller "
    "omsorg), på minst {c} {c:plats|platser} och {d} {d:dag|dagar}.",
    "A count is shown from {a} {a:incident|incidents} ({b} if they concern the young "
    "or care), at no fewer than {c} {c:place|places} and {d} {d:day|days}.",
)

RETENTION: Final = Text("Gallring", "Retention")
RETENTION_SET: Final = Text(
    "Händelser ska gallras efter {n} {n:vecka|veckor}: det som inträffade före {day}.",
    "Incidents are to be purged after {n} {n:week|weeks}: what occurred before {day}.",
)
RETENTION_NONE: Final = Text(
    "Ingen gallringstid är bestämd. Sätt retention_weeks i inställningarna.",
    "No retention has been decided. Set retention_weeks in the settings.",
)

RETENTION_COUNT: Final = Text("Räkna vad som skulle gallras", "Count what would be purged")
RETENTION_PREVIEW: Final = Text(
    "Skulle tas bort, i klasser: händelser {i}, närvaro {p}. Importer som inget blir kvar av: {b}.",
    "Would be removed, in classes: incidents {i}, presence {p}. Imports of which nothing is left: "
    "{b}.",
)
RETENTION_HOW: Final = Text(
    "Gallringen görs på servern, med riskmiljo purge.",
    "Purging is done on the server, by riskmiljo purge.",
)
RETENTION_NO: Final = Text("inga", "none")
SCOPES: Final[dict[str, Text]] = {
    "own": Text("egna händelser", "own incidents"),
    "joint": Text("gemensam lägesbild", "joint picture"),
}

HEALTH: Final = Text("Drift", "Health")
SIZE: Final = Text("Databasens storlek", "Size of the store")
FREE: Final = Text("Ledigt på disken", "Free on the disk")
REVISION: Final = Text("Tabellernas version", "Version of the tables")
LAST_IMPORT: Final = Text("Senaste import", "Last import")
LAST_RELEASE: Final = Text("Senast släppta lägesbild", "Last released picture")
LAST_BACKUP: Final = Text("Senaste säkerhetskopia", "Last backup")
NEVER: Final = Text("aldrig", "never")
WARM: Final = Text("Förberedelse av ruttberäkning", "Preparing the calculation of routes")
WARM_GOES_ON: Final = Text("pågår", "goes on")
WARM_OVER: Final = Text("pågår inte", "does not go on")
STARTED: Final = Text("Igång sedan", "Running since")
VERSIONS: Final = Text("Versioner", "Versions")
MEGABYTES: Final = Text("{n} MB", "{n} MB")
GIGABYTES: Final = Text("{n} GB", "{n} GB")
CHECK: Final = Text("Kontrollera databas och logg", "Check the store and the audit")
CHECK_HOW: Final = Text(
    "Läser hela databasen och följer loggens kedja från första raden till den sista.",
    "Reads the whole store and follows the audit's chain from its first row to the last.",
)
CHECK_WHOLE: Final = Text(
    "Databasen är hel, och ingen rad i loggen har ändrats, tagits bort eller flyttats.",
    "The store is whole, and no row of the audit was changed, removed or moved.",
)
CHECK_DAMAGED: Final = Text(
    "Databasen är skadad. Lägg tillbaka en säkerhetskopia.",
    "The store is damaged. Put back a backup copy.",
)
SEAL: Final = Text(
    "Sigill att spara på annat håll; riskmiljo audit verify --against prövar loggen mot det:",
    "A seal to be kept elsewhere; riskmiljo audit verify --against tries the audit against it:",
)

LOG: Final = Text("Logg", "Audit")
LOG_TITLE: Final = Text("Loggen", "The audit")
LOG_HOW: Final = Text(
    "Varje inloggning, läsning och ändring. Antal visas här i klasser.",
    "Each login, reading and change. Counts are shown here in classes.",
)
LOG_TABLE: Final = Text("Loggens rader, senaste först", "Rows of the audit, latest first")
LOG_NONE: Final = Text("Inga rader för detta urval.", "No rows for this selection.")
LOG_LINK: Final = Text("Öppna loggen", "Open the audit")
NUMBER: Final = Text("Nr", "No.")
WHEN: Final = Text("När", "When")
WHO: Final = Text("Vem", "Who")
ACT: Final = Text("Vad", "What")
DETAILS: Final = Text("Uppgifter", "Details")
FROM: Final = Text("Från och med", "From")
TO: Final = Text("Till och med", "Until and including")
EVERYONE: Final = Text("alla", "everyone")
ALL_ACTS: Final = Text("allt", "everything")
SHOW: Final = Text("Visa", "Show")
OLDER: Final = Text("Äldre rader", "Older rows")
AS_CSV: Final = Text("Hämta som CSV", "Download as CSV")
BACK: Final = Text("Till förvaltningen", "To administration")
WRONG_DAY: Final = Text(
    "Dagen {t} kan inte läsas. Skriv ÅÅÅÅ-MM-DD.", "The day {t} cannot be read. Write YYYY-MM-DD."
)
WRONG_NUMBER: Final = Text("{t} är inget radnummer.", "{t} is no row number.")

DETAIL_NAMES: Final[dict[str, Text]] = {
    "user": Text("av", "by"),
    "account": Text("konto", "account"),
    "role": Text("roll", "role"),
    "scope": Text("insyn", "lens"),
    "owners": Text("ägare", "owners"),
    "page": Text("sida", "page"),
    "kind": Text("form", "form"),
    "purpose": Text("ändamål", "purpose"),
    "count": Text("antal", "count"),
    "shows": Text("visar", "shows"),
    "period": Text("period", "period"),
    "from": Text("från", "from"),
    "to": Text("till", "to"),
    "category": Text("kategori", "category"),
    "detection": Text("upptäckt", "detection"),
    "source": Text("källa", "source"),
    "weekday": Text("veckodag", "weekday"),
    "hours": Text("timmar", "hours"),
    "shift": Text("pass", "shift"),
    "bbox": Text("ruta (hash)", "box (hash)"),
    "more": Text("övrigt (hash)", "other (hash)"),
    "plan_id": Text("plan", "plan"),
    "zone_id": Text("zon", "zone"),
    "added": Text("nya", "added"),
    "entry": Text("inläsning", "entry"),
    "file": Text("fil", "file"),
    "temporary": Text("tillfälligt lösenord", "temporary password"),
    "known": Text("kända", "known"),
    "removed": Text("borttagna", "removed"),
    "batch": Text("import", "import"),
    "break": Text("nödinsyn", "emergency reading"),
    "rows": Text("rader", "rows"),
    "seal": Text("sigill", "seal"),
    "replaced": Text("ersatte", "replaced"),
    "before": Text("före", "before"),
    "incidents": Text("händelser", "incidents"),
    "batches": Text("importer", "imports"),
    "presence": Text("närvaro", "presence"),
    "results": Text("resultat", "results"),
    "anew": Text("allt räknat om", "counted anew"),
    "function": Text("beslutat av", "decided by"),
    "ground": Text("grund", "ground"),
    "recipient": Text("mottagare", "recipient"),
    "jamfor": Text("jämfört med", "compared with"),
    "teams": Text("lag", "teams"),
    "bytes": Text("byte", "bytes"),
    "crews": Text("lag", "teams"),
    "days": Text("dagar", "days"),
    "decision": Text("beslut", "decision"),
    "events": Text("evenemang", "events"),
    "filters": Text("urval", "filters"),
    "flag": Text("uppgift", "fact"),
    "import": Text("uppladdning", "upload"),
    "length": Text("längd", "length"),
    "lines": Text("gator", "streets"),
    "operation": Text("insats", "operation"),
    "pairs": Text("par av urval", "pairs of filters"),
    "plan": Text("plan", "plan"),
    "reason": Text("skäl", "reason"),
    "release": Text("släpp", "release"),
    "result": Text("resultat", "result"),
    "set": Text("zonsökning", "zone search"),
    "token": Text("nyckel", "token"),
    "visits": Text("besök", "visits"),
    "what": Text("vad", "what"),
    "year": Text("år", "year"),
    "zone": Text("zon", "zone"),
    "zone_sets": Text("zonsökningar", "zone searches"),
    "zones": Text("zoner", "zones"),
    "team": Text("lag", "team"),
    "operation_id": Text("insats", "operation"),
    "import_id": Text("uppladdning", "upload"),
    "batch_id": Text("import", "import"),
}

# Who did it, where that was no account.
COMMAND_LINE: Final = Text("kommandoraden", "the command line")

BREAK: Final = Text("Nödinsyn", "Emergency reading")
BREAK_HOW: Final = Text(
    "Läs en ägares egna händelser i 15 minuter, i den här inloggningen, när något inte kan vänta. "
    "Alla administratörer och ägarens användare ser det medan det pågår, varje läsning loggas, "
    "och inga filer kan tas ut.",
    "Read one owner's own incidents for 15 minutes, in this login, when something cannot wait. "
    "All administrators and the owner's users are told while it lasts, each reading is logged, "
    "and no files can be taken out.",
)
BREAK_OWNER: Final = Text("Vems händelser", "Whose incidents")
BREAK_REASON: Final = Text("Skäl", "Reason")
BREAK_DO: Final = Text("Börja nödinsyn", "Begin the emergency reading")
BREAK_END: Final = Text("Avsluta nödinsynen", "End the emergency reading")
BREAK_TABLE: Final = Text("De senaste nödinsynerna", "The latest emergency readings")
BREAK_UNTIL: Final = Text("Till", "Until")
BREAK_ALERT: Final = Text(
    "Nödinsyn pågår: {name} läser egna händelser ({owner}) till {until}.",
    "Emergency reading: {name} reads own incidents ({owner}) until {until}.",
)
DONE_BREAK: Final = Text("Nödinsynen är avslutad.", "The emergency reading has ended.")

"""What is said of the audit: its acts, and that a reading could not be written."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

NOT_WRITTEN: Final = Text(
    "Läsningen kunde inte loggas, och då visas inget. Försök igen om en stund; hjälper det inte, "
    "säg till den som förvaltar systemet.",
    "The reading could not be logged, and so nothing is shown. Try again in a while; if that does "
    "not help, tell whoever runs the system.",
)
PURPOSE_TITLE: Final = Text("Ändamål", "Purpose")
PURPOSE_HOW: Final = Text(
    "Varje läsning loggas med det ändamål som du väljer här. Det gäller till dess du loggar ut.",
    "Each reading is logged with the purpose that you choose here. It holds until you log out.",
)
PURPOSE: Final = Text("Jag läser för", "I read for")
PURPOSE_SAVE: Final = Text("Spara ändamålet", "Save the purpose")
PURPOSE_DONE: Final = Text("Ändamålet är sparat.", "The purpose has been saved.")
WRONG_PURPOSE: Final = Text(
    "Ändamålet {t} finns inte. Välj ett ur listan.",
    "There is no purpose {t}. Choose one from the list.",
)

# What an act of the audit is called.
ACTS: Final[dict[str, Text]] = {
    "area": Text("Område sattes", "Area set"),
    "audit_export": Text("Loggen hämtades", "Audit exported"),
    "backup": Text("Säkerhetskopia", "Backup"),
    "calendar_change": Text("Högtidens dagar ändrades", "Days of a celebration changed"),
    "calendar_import": Text("Kalender lästes in", "Calendar taken in"),
    "calendar_undo": Text("Kalender togs bort", "Calendar removed"),
    "drawn": Text("Zon ritades", "Zone drawn"),
    "drawn_removed": Text("Ritad zon togs bort", "Drawn zone removed"),
    "feedback": Text("Svar om stopp", "Answer to a stop"),
    "operation": Text("Insats lades in", "Operation entered"),
    "operation_corrected": Text("Insats rättades", "Operation corrected"),
    "operation_counted": Text("Insatsens utfall fylldes i", "Outcome of an operation entered"),
    "operation_removed": Text("Insats togs bort", "Operation removed"),
    "recovery_code": Text("Reservkod användes", "Recovery code used"),
    "result": Text("Resultat sparades", "Result kept"),
    "share": Text("Plan delades", "Plan shared"),
    "token_add": Text("Nyckel skapades", "Token made"),
    "token_revoke": Text("Nyckel återkallades", "Token revoked"),
    "totp_off": Text("Engångskod togs bort", "One-time code removed"),
    "totp_on": Text("Engångskod slogs på", "One-time code turned on"),
    "unshare": Text("Delning av plan togs bort", "Sharing of a plan ended"),
    "break_begin": Text("Nödinsyn började", "Emergency reading began"),
    "break_end": Text("Nödinsyn slutade", "Emergency reading ended"),
    "filter_budget": Text("Alla urval för dagen använda", "All filters of the day used"),
    "filter_pairs": Text("Många urval intill varandra", "Many adjoining filters"),
    "flag": Text("Uppgift om databasen", "Fact about the store"),
    "import": Text("Import", "Import"),
    "login": Text("Inloggning", "Login"),
    "login_failed": Text("Misslyckad inloggning", "Failed login"),
    "logout": Text("Utloggning", "Logout"),
    "note": Text("Anteckning om en zon", "Note about a zone"),
    "plan": Text("Plan sparades", "Plan kept"),
    "presence": Text("Närvaro lades in", "Presence added"),
    "presence_undo": Text("Närvaro togs bort", "Presence taken out"),
    "purge": Text("Gallring", "Purge"),
    "purpose": Text("Ändamål valdes", "Purpose chosen"),
    "read": Text("Läsning", "Reading"),
    "release": Text("Gemensam lägesbild släpptes", "Joint picture released"),
    "release_decision": Text("Beslut att lämna ut", "Decision to release"),
    "rename": Text("Zon fick namn", "Zone renamed"),
    "restore": Text("Återställning", "Restore"),
    "streets": Text("Gatunät lästes in", "Streets taken in"),
    "undo": Text("Import ångrades", "Import undone"),
    "upload": Text("Fil laddades upp", "File uploaded"),
    "upload_discarded": Text("Uppladdad fil slängdes", "Uploaded file discarded"),
    "user_add": Text("Konto lades till", "Account added"),
    "user_disable": Text("Konto stängdes av", "Account disabled"),
    "user_enable": Text("Konto öppnades", "Account opened"),
    "user_password": Text("Lösenord byttes", "Password changed"),
    "user_role": Text("Roll ändrades", "Role changed"),
    "zones": Text("Riskzoner räknades", "Risk zones calculated"),
}


def act_name(act: str) -> Text:
    """Return what an act is called.

    Parameters
    ----------
    act
        As in the audit.

    Returns
    -------
    Text
        The word of the audit itself where it has no other name.
    """
    return ACTS.get(act, Text(act, act))

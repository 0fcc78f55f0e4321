"""Every sentence of login and account, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around every page ---
ACCOUNT: Final = Text("Konto", "Account")
ACCOUNT_OF: Final = Text("Konto: {name}", "Account: {name}")
LOG_IN: Final = Text("Logga in", "Log in")
LOG_OUT: Final = Text("Logga ut", "Log out")

# --- logging in ---
TITLE: Final = Text("Logga in", "Log in")
NAME: Final = Text("Inloggningsnamn", "Login name")
PASSWORD: Final = Text("Lösenord", "Password")
CODE: Final = Text("Engångskod", "One-time code")
CODE_TITLE: Final = Text("Skriv din engångskod", "Enter your one-time code")
CODE_HOW: Final = Text(
    "Sex siffror ur appen på din telefon. Har du inte telefonen: en av dina reservkoder.",
    "Six digits from the app on your phone. Without the phone: one of your recovery codes.",
)
CODE_SEND: Final = Text("Fortsätt", "Continue")
START_OVER: Final = Text("Börja om", "Start over")
ORGANISATION: Final = Text(
    "Logga in med organisationens konto", "Log in with your organisation's account"
)
NO_ACCOUNT: Final = Text(
    "Har du inget konto? Be den som sköter riskmiljö hos er.",
    "No account? Ask whoever looks after riskmiljö where you work.",
)
DEMO_TITLE: Final = Text("Prova som", "Try it as")
DEMO_HOW: Final = Text(
    "Lagret är simulerat, därför står inloggningarna här. Ett tryck loggar in.",
    "The store is simulated, so the logins stand here. One press logs in.",
)
WRONG: Final = Text(
    "Namnet eller lösenordet stämmer inte. Försök igen.",
    "The name or the password is not right. Try again.",
)
WRONG_CODE: Final = Text(
    "Koden stämmer inte eller är redan använd. Vänta på nästa.",
    "The code is not right or has been used. Wait for the next one.",
)
TOO_LATE: Final = Text(
    "Det gick för lång tid. Börja om med namn och lösenord.",
    "It took too long. Start over with name and password.",
)
WAIT: Final = Text(
    "För många försök. Vänta {n} {n:sekund|sekunder} och försök igen.",
    "Too many attempts. Wait {n} {n:second|seconds} and try again.",
)
WAIT_MINUTES: Final = Text(
    "För många försök. Vänta {n} {n:minut|minuter} och försök igen.",
    "Too many attempts. Wait {n} {n:minute|minutes} and try again.",
)
NOT_NEEDED: Final = Text(
    "Här finns inga konton, så ingen loggar in: sidorna visas bara för den egna datorn. Lägg till "
    "ett med riskmiljo user add.",
    "There are no accounts here, so nobody logs in: the pages are shown to this machine only. Add "
    "one with riskmiljo user add.",
)
LOGIN_FIRST: Final = Text(
    "Logga in först, eller skicka en nyckel (HTTP Basic med nyckeln som lösenord, eller Bearer).",
    "Log in first, or send a token (HTTP Basic with the token as password, or Bearer).",
)
WRONG_TOKEN: Final = Text(
    "Nyckeln är okänd, återkallad eller för gammal, eller så måste kontots lösenord bytas först. "
    "Logga in och se under Konto.",
    "The token is unknown, revoked or expired, or the account's password must be changed first. "
    "Log in and look under Account.",
)
CHANGE_FIRST: Final = Text(
    "Byt först lösenordet som någon annan valde åt dig: logga in i en webbläsare.",
    "First change the password that somebody else chose for you: log in with a browser.",
)
TOKEN_READS: Final = Text(
    "En nyckel kan bara läsa. Logga in för att ändra något.",
    "A token can only read. Log in to change anything.",
)
FORM_TOO_OLD: Final = Text(
    "Formuläret hör till en äldre inloggning, eller saknar sitt kännetecken. Öppna sidan igen och "
    "gör om.",
    "The form belongs to an earlier login, or lacks its mark. Open the page again and do it "
    "once more.",
)
OTHER_MACHINE: Final = Text(
    "Utan konton visas sidorna bara för den egna datorn.",
    "Without accounts the pages are shown to this machine only.",
)
WRONG_SCOPE: Final = Text(
    "insyn: {w} finns inte. Tillåtna: egen, gemensam.",
    "insyn: {w} is not known. Allowed: egen, gemensam.",
)
NO_ORGANISATION: Final = Text(
    "Inloggning med organisationens konto är inte inställd här.",
    "Login with the organisation's account is not set up here.",
)
ORGANISATION_DOWN: Final = Text(
    "Organisationens inloggning svarar inte. Försök igen om en stund.",
    "The organisation's login does not answer. Try again in a while.",
)
ORGANISATION_REFUSED: Final = Text(
    "Svaret från organisationens inloggning kan inte godtas. Börja om.",
    "The answer of the organisation's login cannot be accepted. Start over.",
)
ORGANISATION_OLD: Final = Text(
    "Organisationens inloggning frågade inte om vem du är utan lät en tidigare inloggning gälla. "
    "Logga ut där och börja om.",
    "The organisation's login did not ask who you are but let an earlier login count. Log out "
    "there and start over.",
)
NO_ROLE: Final = Text(
    "Ditt konto i organisationen har ingen roll i riskmiljö. Be om en hos den som sköter det.",
    "Your organisation account has no role in riskmiljö. Ask whoever looks after it for one.",
)
DISABLED: Final = Text("Kontot är avstängt.", "The account is disabled.")

# --- logged out of a login by the organisation ---
LEFT_TITLE: Final = Text("Du är utloggad", "You are logged out")
LEFT_HERE: Final = Text(
    "Du är utloggad här. Hos {o} kan du fortfarande vara inloggad i den här webbläsaren: logga ut "
    "där också om någon annan ska använda datorn.",
    "You are logged out here. At {o} you may still be logged in in this browser: log out there too "
    "if somebody else is to use the computer.",
)
LEAVE_THERE: Final = Text("Logga ut även hos {o}", "Log out of {o} too")
NO_WAY_OUT: Final = Text(
    "Härifrån går det inte just nu att logga ut hos {o}. Gör det på dess egna sidor, eller stäng "
    "webbläsaren helt.",
    "There is no way from here to log out of {o} just now. Do so on its own pages, or close the "
    "browser altogether.",
)
LEFT_BOTH: Final = Text("Du är utloggad här och hos {o}.", "You are logged out here and of {o}.")
LOG_IN_AGAIN: Final = Text("Logga in igen", "Log in again")

# --- the account page ---
ACCOUNT_TITLE: Final = Text("Ditt konto", "Your account")
ROLE: Final = Text("Roll", "Role")
SINCE: Final = Text("Skapat", "Created")
SEES: Final = Text("Du ser", "You see")
PASSWORD_TITLE: Final = Text("Byt lösenord", "Change your password")
PASSWORD_HOW: Final = Text(
    "Minst {n} tecken; tre eller fyra ord räcker. Alla andra inloggningar avslutas.",
    "At least {n} {n:character|characters}; three or four words will do. All other logins end.",
)
PASSWORD_NOW: Final = Text("Lösenordet du har nu", "Your password now")
PASSWORD_NEW: Final = Text("Nytt lösenord", "New password")
PASSWORD_AGAIN: Final = Text("Nytt lösenord igen", "New password again")
PASSWORD_SAVE: Final = Text("Byt", "Change")
OWN_PASSWORD_TITLE: Final = Text("Välj ett eget lösenord", "Choose a password of your own")
OWN_PASSWORD_WHY: Final = Text(
    "Någon annan valde det lösenord som du loggade in med. Byt det, så öppnas "
    "resten: minst {n} tecken; tre eller fyra ord räcker.",
    "Somebody else chose the password that you logged in with. Change it, and the "
    "rest opens: at least {n} {n:character|characters}; three or four words will do.",
)
PASSWORD_SAME: Final = Text(
    "Det nya lösenordet är det som du fick. Välj ett annat.",
    "The new password is the one that you were given. Choose another.",
)
PASSWORD_DONE: Final = Text("Lösenordet är bytt.", "The password has been changed.")
PASSWORD_DIFFERS: Final = Text(
    "De två nya lösenorden är inte lika.", "The two new passwords are not the same."
)
PASSWORD_WRONG: Final = Text(
    "Lösenordet du har nu stämmer inte.", "Your password now is not right."
)
NO_PASSWORD: Final = Text(
    "Kontot har inget lösenord här: du loggar in med organisationens.",
    "The account has no password here: you log in with the organisation's.",
)
FACTOR_TITLE: Final = Text("Engångskod vid inloggning", "One-time code at login")
FACTOR_OFF: Final = Text(
    "Av. Med en app på telefonen räcker det inte att någon får tag i ditt lösenord.",
    "Off. With an app on your phone, getting hold of your password is not enough.",
)
FACTOR_ON: Final = Text("På. Reservkoder kvar: {n}.", "On. Recovery codes left: {n}.")
FACTOR_START: Final = Text("Slå på", "Turn on")
FACTOR_STOP: Final = Text("Slå av", "Turn off")
FACTOR_SCAN: Final = Text(
    "Läs av rutan med en app för engångskoder, eller skriv in nyckeln. Skriv sedan koden som "
    "appen visar.",
    "Scan the square with an authenticator app, or type the key. Then enter the code that the "
    "app shows.",
)
FACTOR_SQUARE: Final = Text("QR-kod med nyckeln", "QR code with the key")
FACTOR_KEY: Final = Text("Nyckel", "Key")
FACTOR_CONFIRM: Final = Text("Bekräfta", "Confirm")
FACTOR_DONE: Final = Text(
    "Engångskod är på. Spara reservkoderna; de visas bara nu, och var och en gäller en gång.",
    "One-time code is on. Keep the recovery codes; they are shown only now, and each works once.",
)
FACTOR_STOPPED: Final = Text("Engångskod är av.", "One-time code is off.")
FACTOR_NONE: Final = Text(
    "Läs av rutan på nytt: inget väntar på en kod.",
    "Scan the square again: nothing waits for a code.",
)
TOKENS_TITLE: Final = Text("Nycklar för program", "Tokens for programs")
TOKENS_HOW: Final = Text(
    "Ett program (QGIS, ett skript) läser i ditt namn, aldrig mer än du själv får. Det kan inget "
    "ändra.",
    "A program (QGIS, a script) reads in your name, never more than you may. It can change "
    "nothing.",
)
TOKENS_NONE: Final = Text("Inga nycklar.", "No tokens.")
TOKENS_TABLE: Final = Text("Dina nycklar", "Your tokens")
TOKEN_NUMBER: Final = Text("Nr", "No.")
TOKEN_MADE: Final = Text("Skapad", "Made")
TOKEN_ENDS: Final = Text("Gäller till", "Expires")
TOKEN_USED: Final = Text("Senast använd", "Last used")
TOKEN_NEVER: Final = Text("aldrig", "never")
TOKEN_STATE: Final = Text("Läge", "State")
TOKEN_LIVE: Final = Text("gäller", "valid")
TOKEN_REVOKED: Final = Text("återkallad", "revoked")
TOKEN_EXPIRED: Final = Text("har gått ut", "expired")
TOKEN_DAYS: Final = Text("Gäller i antal dagar", "Valid for how many days")
TOKEN_ADD: Final = Text("Skapa nyckel", "Make a token")
TOKEN_REVOKE: Final = Text("Återkalla", "Revoke")
TOKEN_REVOKE_NAMED: Final = Text("Återkalla nyckel {n}", "Revoke token {n}")
TOKEN_DONE: Final = Text(
    "Här är nyckeln. Den visas bara nu.", "Here is the token. It is shown only now."
)
TOKEN_GONE: Final = Text("Nyckeln är återkallad.", "The token has been revoked.")
WRONG_DAYS: Final = Text(
    "Dagar: {t} duger inte. Ange 1 till {n}.", "Days: {t} cannot be used. Give 1 to {n}."
)
LOGINS_TITLE: Final = Text("Här är du inloggad", "Where you are logged in")
LOGINS_TABLE: Final = Text("Dina inloggningar", "Your logins")
LOGIN_BEGAN: Final = Text("Sedan", "Since")
LOGIN_SEEN: Final = Text("Senast använd", "Last used")
LOGIN_WHICH: Final = Text("Vilken", "Which")
LOGIN_THIS: Final = Text("den här", "this one")
LOGIN_OTHER: Final = Text("en annan", "another")
LOGINS_END: Final = Text("Avsluta alla andra", "End all others")
LOGINS_DONE: Final = Text("De andra inloggningarna är avslutade.", "The other logins have ended.")

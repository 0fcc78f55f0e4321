"""What is said where an operation that has been entered is filled in, corrected or taken out."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

COUNT: Final = Text("Fyll i utfallet", "Enter the outcome")
COUNT_NAMED: Final = Text("Fyll i utfallet av {name}", "Enter the outcome of {name}")
COUNT_HINT: Final = Text(
    "Ett nytt antal ersätter det gamla. Tomt lämnar antalet som det är. Alla som läser om insatsen "
    "ser antalen, från 5 (från 10 för unga och deras stöd).",
    "A new count replaces the old one. Empty leaves the count as it is. All who read of the "
    "operation see the counts, from 5 (from 10 for the young and their support).",
)
COUNT_BUTTON: Final = Text("Spara antalen", "Keep the counts")
CANNOT_COUNT: Final = Text("Antalen kan inte sparas", "The counts cannot be kept")
NO_COUNT: Final = Text("Inget antal är ifyllt. Skriv minst ett.", "No count is given. Write one.")

# --- corrected and taken out ---
CORRECT: Final = Text("Rätta", "Correct")
CORRECT_NAMED: Final = Text("Rätta {name}", "Correct {name}")
REMOVE: Final = Text("Ta bort", "Remove")
REMOVE_NAMED: Final = Text("Ta bort {name}", "Remove {name}")
BACK: Final = Text("Alla insatser", "All operations")
CORRECT_LEAD: Final = Text(
    "Här ändras vad insatsen heter, när den var och var. Antalen fylls i på insatsens egen ruta.",
    "Here you change what the operation is called, when it was and where. The counts are entered "
    "in the operation's own panel.",
)
CORRECT_JUDGED: Final = Text(
    "Ändrar du dagar eller platser visas inte längre vad som har sagts om insatsen hjälpte, för "
    "det gällde de gamla. Utvärdera den igen. I den gemensamma lägesbilden bedöms den vid ett "
    "senare veckosläpp, men aldrig en andra gång på samma mark. Ändrar du tillbaka gäller det som "
    "sades igen.",
    "If you change days or places, what has been said of whether the operation helped is no more "
    "shown, since it was about the old ones. Evaluate it again. In the joint picture it is judged "
    "at a later weekly release, but never a second time on the same ground. Change it back, and "
    "what was said holds again.",
)
KEPT: Final = Text("Insatsens platser", "The operation's places")
KEPT_HINT: Final = Text(
    "En plats som du tar bort krysset för hör inte längre till insatsen.",
    "A place that you untick does not belong to the operation any more.",
)
PLACE: Final = Text("Plats {n}", "Place {n}")
MORE_ZONES: Final = Text("Lägg till riskzoner", "Add risk zones")
MORE_PLACES: Final = Text("Lägg till andra platser, en per rad", "Add other places, one a line")
CORRECT_BUTTON: Final = Text("Spara rättelsen", "Keep the correction")
CANNOT_CORRECT: Final = Text("Rättelsen kan inte sparas", "The correction cannot be kept")
CORRECTED: Final = Text("Insatsen är rättad.", "The operation is corrected.")
REMOVE_LEAD: Final = Text(
    "Insatsen försvinner ur listan, veckoläget och rapporten, med sina antal och vad som har sagts "
    "om den hjälpte. Det går inte att ångra. Loggen har kvar att den togs bort, och av vem.",
    "The operation goes from the list, the weekly review and the report, with its counts and what "
    "has been said of whether it helped. This cannot be undone. The audit keeps that it was "
    "removed, and by whom.",
)
REMOVE_BUTTON: Final = Text("Ta bort insatsen", "Remove the operation")
KEEP: Final = Text("Behåll insatsen", "Keep the operation as it is")
REMOVED: Final = Text("Insatsen är borttagen.", "The operation is removed.")
NOT_YOURS: Final = Text(
    "Insatsen lades in av en annan myndighet, och bara den kan rätta den eller ta bort den.",
    "The operation was entered by another authority, and that one alone can correct or remove it.",
)

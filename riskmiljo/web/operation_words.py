"""What the page of operations says of counts that come in when an operation is under way."""

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

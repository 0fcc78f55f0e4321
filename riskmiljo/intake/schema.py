"""The description of the incident contract that is shipped beside the example file."""

from __future__ import annotations

from typing import Final

from riskmiljo.model.incidents import COLUMNS, Column
from riskmiljo.wording import Text

_KINDS: Final[dict[str, Text]] = {
    "string": Text("text", "text"),
    "time": Text("tid", "time"),
    "category": Text("ord", "word"),
    "number": Text("tal", "number"),
    "roles": Text("ord, kommaskilda", "words, comma separated"),
    "point": Text("punkt", "point"),
}
_HEAD: Final = """\
# Händelser: kolumnerna / Incidents: the columns

Den här filen skrivs av `riskmiljo.intake.schema.contract_text()`; ändra där.
This file is written by `riskmiljo.intake.schema.contract_text()`; change it there.

**Svenska.** En fil behöver bara en plats och en tid. Platsen är två kolumner (`lat` och `lon`,
eller `x` och `y`) eller punkter i filen; tiden är `occurred_from`, eller `date` och `time`. Svenska
och engelska rubriker känns igen; `--map KOLUMN=FÄLT` bestämmer själv. Övriga kolumner får sina
förval. Namn, personnummer, telefonnummer, e-post, registreringsnummer och fritext sparas aldrig.
`incidents_example.csv` är ett exempel, `category_words.csv` säger vilka ord som blir vilken
kategori.

**English.** A file needs only a place and a time. The place is two columns (`lat` and `lon`, or `x`
and `y`) or points in the file; the time is `occurred_from`, or `date` and `time`. Swedish and
English headers are recognised; `--map COLUMN=FIELD` decides otherwise. Other columns get their
defaults. Names, personal identity numbers, phone numbers, e-mail, registration numbers and free
text are never kept. `incidents_example.csv` is an example, `category_words.csv` says which words
become which category.

| kolumn / column | slag / kind | betydelse | meaning | tillåtna ord / allowed words |
|---|---|---|---|---|
"""


def contract_text() -> str:
    """Return the contract as a Markdown page in Swedish and English.

    Returns
    -------
    str
        What ``data/incidents_schema.md`` holds.
    """
    return _HEAD + "".join(_line(column) for column in COLUMNS)


def _line(column: Column) -> str:
    kind = _KINDS[column.kind]
    both = kind.sv if kind.sv == kind.en else f"{kind.sv} / {kind.en}"
    words = ", ".join(f"`{word}`" for word in column.values)
    return f"| `{column.name}` | {both} | {column.note.sv} | {column.note.en} | {words} |\n"

"""The sentences of the page of one zone, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

INTERVAL: Final = Text("95 %: {low}–{high}", "95%: {low}–{high}")
STABILITY: Final = Text("Återkommer", "Comes back")
STABILITY_LINE: Final = Text(
    "I {share} av de omtagningar där händelserna drogs om.",
    "In {share} of the repetitions with incidents drawn anew.",
)
FIRST_SEEN: Final = Text("Först sedd", "First seen")
FIRST_SEEN_LINE: Final = Text("i perioden från {day}", "in the period from {day}")
WITHHELD: Final = Text("visas inte", "not shown")

# --- the places within ---
PLACES: Final = Text("Platser i zonen", "Places within the zone")
PLACES_HINT: Final = Text(
    "De platser i zonen där det är tätast. De är en del av zonen och räknas inte en gång till.",
    "Where in the zone it is densest. They are part of the zone and are not counted again.",
)
PLACES_WITHHELD: Final = Text(
    "Ett antal visas inte där det som blir över av zonen annars kunde räknas ut och är för litet.",
    "A count is not shown where what is left of the zone could otherwise be reckoned and is too "
    "small.",
)
PART_OF: Final = Text(
    "plats i {zone}, ingår i dess antal", "place within {zone}, part of its count"
)
SHARE_OF_ZONE: Final = Text("Andel av zonen", "Share of the zone")

PLACES_HISTORY: Final = Text("Platserna vid varje sökning", "The places at each search")
PLACES_HISTORY_HINT: Final = Text(
    "Vad som har blivit av platserna i zonen från sökning till sökning. Streck: platsen fanns "
    "inte, eller hade för få händelser för att visas.",
    "What has become of the places within the zone from search to search. A dash: the place was "
    "not there, or had too few incidents to be shown.",
)

# --- what happens there ---
MIX: Final = Text("Vad som händer", "What happens")
CATEGORY: Final = Text("Kategori", "Category")
TOGETHER: Final = Text("Övriga, tillsammans", "Others, together")
TOGETHER_HINT: Final = Text(
    "Kategorier med för få händelser, platser eller dagar räknas tillsammans, med minst en till.",
    "Categories with too few incidents, places or days are counted together, with at least one "
    "more.",
)

# --- from set to set ---
HISTORY: Final = Text("Zonens historia", "The zone's history")
HISTORY_HINT: Final = Text(
    "Händelser per hektar och vecka, så som zonen såg ut varje gång riskzonerna söktes om. "
    "Historien gäller alla händelser i din insyn, oavsett urval.",
    "Incidents per hectare and week, as the zone was each time the risk zones were found anew. "
    "The history is of all incidents that you may read, whatever is selected.",
)
HISTORY_TABLE: Final = Text("Zonen vid varje sökning", "The zone at each search")
HISTORY_DRAWN: Final = Text(
    "Linje: händelser per hektar och vecka, {n} {n:sökning|sökningar}. Tabellen nedan ger siffror.",
    "Line: incidents per hectare and week, {n} {n:search|searches}. The table below gives figures.",
)
NO_HISTORY: Final = Text(
    "Zonen finns inte bland de sparade: den hör till detta urval.",
    "The zone is not among the kept ones: it belongs to this selection.",
)
SEARCHED: Final = Text("Period", "Period")
STATUS: Final = Text("Vad som hände", "What became of it")
AS_CSV: Final = Text("Historien som CSV", "The history as CSV")
GONE: Final = Text(
    "Zonen finns inte i detta urval. Här är det som är sparat om den.",
    "The zone is not in this selection. This is what is kept of it.",
)
FORMER: Final = Text("Upphörda riskzoner", "Former risk zones")
CEASED: Final = Text(
    "Zonen finns inte längre: den upphörde i sökningen {days}. Här är det som är sparat om den.",
    "The zone is no more: it ceased in the search of {days}. This is what is kept of it.",
)
NOW_THERE: Final = Text("Där zonen låg ligger nu", "Where the zone lay there is now")
ONCE_THERE: Final = Text("Här låg tidigare", "Former zones here")
GONE_TITLE: Final = Text("{name} – tidigare riskzon", "{name} – former risk zone")

# --- its name ---
RENAME: Final = Text("Byt namn", "Rename")
NEW_NAME: Final = Text("Zonens namn", "The zone's name")
NAME_HINT: Final = Text(
    "Namnet stannar kvar när riskzonerna söks om. Det syns för alla.",
    "The name stays when the risk zones are found anew. Everyone sees it.",
)
NOT_RENAMED: Final = Text("Namnet ändrades inte", "The name was not changed")
NAME_TAKEN: Final = Text(
    "En annan zon heter redan {n}. Välj ett annat namn.",
    "Another zone is called {n} already. Choose another name.",
)

# --- what was written about it ---
MONTHS_HINT: Final = Text(
    "Släppta månader i klasser, den äldsta till vänster. Varje stapel når till klassens nedre "
    "gräns; ett grått streck är få eller inga.",
    "Released months in bands, the oldest to the left. Each bar reaches the low end of its band; "
    "a grey line is few or none.",
)
ON_THE_MAP: Final = Text("{name} på kartan", "{name} on the map")
NOTE: Final = Text("Anteckning", "Note")
NOTED: Final = Text("Skrivet {day}.", "Written {day}.")
WRITE_NOTE: Final = Text("Skriv en anteckning", "Write a note")
CHANGE_NOTE: Final = Text("Ändra anteckningen", "Change the note")
KEEP_NOTE: Final = Text("Spara anteckningen", "Keep the note")
NOTE_HINT: Final = Text(
    "Om platsen: belysning, byggen, öppettider. Aldrig om personer. Syns för dem som har samma "
    "insyn som du. Tomt tar bort anteckningen.",
    "About the place: lighting, building works, opening hours. Never about persons. Seen by those "
    "who may read what you may. Empty takes the note away.",
)
NOT_NOTED: Final = Text("Anteckningen sparades inte", "The note was not kept")
NO_NOTE: Final = Text(
    "I en nödinsyn kan inget skrivas.", "Nothing can be written during an emergency reading."
)
NO_JOINT_NAME: Final = Text(
    "I den gemensamma lägesbilden ger planerare och administratörer zonerna namn; egna namn ges i "
    "den egna lägesbilden.",
    "In the joint picture planners and administrators name the zones; names of your own are given "
    "in your own picture.",
)

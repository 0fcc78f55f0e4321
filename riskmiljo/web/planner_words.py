"""Every sentence of the planner's pages, in both languages, each written once."""

from __future__ import annotations

from typing import Final

from riskmiljo.wording import Text

# --- around ---
NAV_WEEK: Final = Text("Veckoläge", "Weekly review")
NAV_OPERATIONS: Final = Text("Insatser", "Operations")
TITLE: Final = Text("Veckoläge i {area}", "Weekly review, {area}")
PRINT: Final = Text("Skriv ut", "Print")
PRINT_BY_HAND: Final = Text(
    "Skriv ut med webbläsarens utskrift; sidan är gjord för A4.",
    "Print with the browser's own command; the page is made for A4.",
)
WITHHELD: Final = Text("visas inte", "not shown")
IN_FIGURES: Final = Text("Diagrammet i siffror", "The chart in figures")
SHORT_DAY: Final = Text("{d}/{m}", "{d}/{m}")
TO: Final = Text("{a} till {b}", "{a} to {b}")
SHARE_RANGE: Final = Text("{e} ({a} till {b})", "{e} ({a} to {b})")

# --- the rhythm of EST ---
RHYTHM: Final = Text("Vecka {w} i EST", "Week {w} of EST")
RHYTHM_LINE: Final = Text(
    "Veckans bild, beslut, åtgärd, uppföljning. Tre gånger om året en fördjupad analys.",
    "The week's picture, decision, measure, follow-up. Three times a year a deeper analysis.",
)
WEEK_PICTURE: Final = Text("Bild efter vecka {w}", "Picture after week {w}")
DEEPER: Final = Text("Fördjupad analys {p}", "Deeper analysis {p}")
THIRDS: Final = (
    Text("januari–april {y}", "January–April {y}"),
    Text("maj–augusti {y}", "May–August {y}"),
    Text("september–december {y}", "September–December {y}"),
)
FOLLOW_UP: Final = Text("Uppföljning av insatser", "Follow-up of operations")
LATEST_PICTURE: Final = Text("Senaste bilden", "The latest picture")

# --- expected and seen ---
WEEK_TITLE: Final = Text("Veckan mot det väntade", "The week against what was expected")
WEEK_LEAD: Final = Text(
    "{n} {n:händelse|händelser} {days}. Väntat {e}, med 95 % säkerhet {a} till {b}: {v}.",
    "{n} {n:incident|incidents} {days}. {e} expected, {a} to {b} with 95% certainty: {v}.",
)
WEEK_LEAD_UNJUDGED: Final = Text(
    "{n} {n:händelse|händelser} {days}. Historiken är för kort för att säga vad som var att vänta.",
    "{n} {n:incident|incidents} {days}. The record is too short to tell what to expect.",
)
WEEK_LEAD_WITHHELD: Final = Text(
    "Antalet händelser {days} är för litet för att visas.",
    "The number of incidents {days} is too small to be shown.",
)
WEEK_LEAD_BAND: Final = Text(
    "{n} {n:händelse|händelser} {days} i de rutor som kan visas.",
    "{n} {n:incident|incidents} {days} in the cells that can be shown.",
)
WITHIN: Final = Text("som väntat", "as expected")
OVER: Final = Text("fler än väntat", "more than expected")
UNDER: Final = Text("färre än väntat", "fewer than expected")
ZONES_ABOVE: Final = Text("Zoner över det väntade: {names}.", "Zones above expectation: {names}.")
ZONES_USUAL: Final = Text(
    "Ingen zon ligger över det väntade.", "No zone is above what was expected."
)
AREA_CHART: Final = Text(
    "Händelser per vecka i hela området, {n} {n:vecka|veckor} tillbaka, mot det väntade",
    "Incidents a week in the whole area, {n} {n:week|weeks} back, against what was expected",
)
MONTH_TITLE: Final = Text("Månad för månad", "Month by month")
MONTH_CHART: Final = Text(
    "Händelser per månad i de rutor som kan visas; varje stapel når till klassens nedre gräns",
    "Incidents a month in the cells that can be shown; each bar reaches the low end of its band",
)
MONTH_CELLS: Final = Text(
    "Fler eller färre rutor kan visas olika månader: jämför inte staplarna två och två.",
    "More or fewer cells can be shown in different months: do not compare bars two by two.",
)
TOLD_WEEKS_NONE: Final = Text(
    "Ingen vecka är släppt än, eller så är urvalet inte alla händelser: veckor släpps för hela "
    "området och alla händelser tillsammans, sju dagar efter att de slutat.",
    "No week has been released yet, or the selection is not all incidents: weeks are released for "
    "the whole area and all incidents together, seven days after they have ended.",
)
TOLD_WEEK_LEAD: Final = Text(
    "{n} {n:händelse|händelser} i hela området vecka {w}, {days}. Det som {who} har "
    "registrerat: {v}.",
    "{n} {n:incident|incidents} in the whole area in week {w}, {days}. What {who} registered: {v}.",
)
TOLD_WEEK_UNJUDGED: Final = Text(
    "{n} {n:händelse|händelser} i hela området vecka {w}, {days}.",
    "{n} {n:incident|incidents} in the whole area in week {w}, {days}.",
)
TOLD_WEEKS_HINT: Final = Text(
    "En vecka släpps en gång, sju dagar efter att den slutat, som klass och ett ord. Det som en "
    "myndighet har färre än tio av ingår inte, och socialtjänstens händelser och de om unga räknas "
    "för sig. Ordet gäller en enda myndighets övriga händelser: fler eller färre än väntat betyder "
    "utanför det som 95 veckor av 100 ligger i.",
    "A week is released once, seven days after it has ended, as a band and a word. What an "
    "authority has fewer than ten of is not in it, and incidents of social services and those "
    "about the young are counted apart. The word is of one single authority's other incidents: "
    "more or fewer than expected means outside of where 95 weeks in 100 lie.",
)
TOLD_WEEKS_TABLE: Final = Text("De senast släppta veckorna", "The latest released weeks")
STATES: Final[dict[str, Text]] = {"over": OVER, "within": WITHIN, "under": UNDER}
MONTH_BEGINS: Final = Text("Månad från", "Month from")
WEEK_BEGINS: Final = Text("Vecka från", "Week from")
SEEN: Final = Text("Händelser", "Incidents")
EXPECTED: Final = Text("Väntat", "Expected")
RANGE: Final = Text("95 % intervall", "95% interval")
JUDGED: Final = Text("Läge", "State")
LATE_WEEK: Final = Text(
    "Händelser som registreras sent saknas i den sista veckan: den kan vara för låg.",
    "Incidents that are registered late are missing from the last week: it may be too low.",
)
JUDGEMENTS: Final[dict[str, Text]] = {
    "alarm": Text("larm", "alarm"),
    "above": Text("över det väntade", "above expected"),
    "usual": Text("som väntat", "as expected"),
    "below": Text("under det väntade", "below expected"),
    "short": Text("för kort historik", "record too short"),
    "empty": Text("ingen historik", "no record"),
}

# --- zones ---
ZONE_TABLE: Final = Text("Zon för zon", "Zone by zone")
ZONE: Final = Text("Zon", "Zone")
WEEKS: Final = Text("{n} {n:vecka|veckor}", "{n} {n:week|weeks}")
IN_PERIOD: Final = Text("I perioden", "In the period")
CHANGE: Final = Text("Senaste 28 dagarna", "The last 28 days")
YEAR_BEFORE: Final = Text("Mot året före", "Against the year before")
LATEST_WEEK: Final = Text("Senaste veckan", "Latest week")
SPARK: Final = Text(
    "{z}: händelser per {s} under {n} {n:vecka|veckor}, i siffror under tabellen",
    "{z}: incidents by {s} over {n} {n:week|weeks}, in figures below the table",
)
WEEK: Final = Text("vecka", "week")
FOUR_WEEKS: Final = Text("fyra veckor", "four weeks")
SPARK_HINT: Final = Text(
    "Smala staplar är veckor, breda är fyra veckor: så visas zoner med få händelser. Varje zon "
    "har sin egen skala. Ett grått streck är ett antal som inte får visas, noll eller få.",
    "Narrow bars are weeks, wide ones four weeks: so are zones with few incidents shown. Each zone "
    "has a scale of its own. A grey line is a count that may not be shown, zero or few.",
)
SPARK_MONTHS: Final = Text(
    "{z}: händelser per månad under {n} {n:månad|månader}, i siffror under tabellen",
    "{z}: incidents a month over {n} {n:month|months}, in figures below the table",
)
MONTHS: Final = Text("{n} {n:månad|månader}", "{n} {n:month|months}")
SPARK_MONTHS_HINT: Final = Text(
    "Varje stapel är en släppt månad och når till klassens nedre gräns. Varje zon har sin egen "
    "skala. Ett grått streck är få eller inga.",
    "Each bar is a released month and reaches the low end of its band. Each zone has a scale of "
    "its own. A grey line is few or none.",
)
ZONE_MONTHS: Final = Text("Zonernas månader i siffror", "The zones' months in figures")
ON_THE_MAP: Final = Text("På kartan", "On the map")
ZONE_FIGURES: Final = Text("Zonernas veckor i siffror", "The zones' weeks in figures")
ZONE_FIGURES_HINT: Final = Text(
    "Veckan nämns efter sin första dag. En bred cell är fyra veckor. – visas inte.",
    "A week is named by its first day. A wide cell is four weeks. – is not shown.",
)

# --- what is new ---
NEWS: Final = Text("Vad är nytt", "What is new")
NEWS_SINCE: Final = Text(
    "Riskzonerna av alla händelser, jämförda med dem till och med {day}.",
    "The risk zones of all incidents, compared with those up to and including {day}.",
)
NEWS_ONE: Final = Text(
    "Bara en uppsättning riskzoner är sparad. Nästa inläsning visar vad som har ändrats.",
    "Only one set of risk zones is kept. The next import shows what has changed.",
)
NEWS_NONE: Final = Text(
    "Inga nya, växande eller upphörda zoner.", "No new, growing or ceased zones."
)
NEWS_WORDS: Final[dict[str, Text]] = {
    "new": Text("Nya", "New"),
    "growing": Text("Växer", "Growing"),
    "ceased": Text("Upphörda eller uppgångna i andra", "Ceased or merged into others"),
}

# --- data quality ---
QUALITY: Final = Text("Underlagets kvalitet", "Quality of the data")
DELAY: Final = Text("Från händelse till registrering", "From incident to registration")
DELAY_BELOW: Final = Text("median under ett dygn", "median below one day")
DELAY_DAYS: Final = Text("median {n} dygn", "median {n} {n:day|days}")
LATE: Final = Text("Registrerade efter mer än en vecka", "Registered after more than a week")
REPORTED: Final = Text("Rapporterade av andra", "Reported by others")
DISCOVERED: Final = Text("Upptäckta vid spaning och kontroll", "Discovered by patrols and checks")
UNKNOWN: Final = Text("Okänt hur de blev kända", "Unknown how they became known")
COARSE: Final = Text("Plats känd sämre än 100 m", "Place known no better than 100 m")
PLACELESS: Final = Text(
    "Rader som avvisades för att platsen inte gick att använda",
    "Rows that were refused because their place could not be used",
)
WEAKNESSES: Final[dict[str, Text]] = {
    "late": Text(
        "{s} registrerades mer än en vecka efteråt: de senaste veckorna är för låga.",
        "{s} were registered more than a week later: the latest weeks are too low.",
    ),
    "placeless": Text(
        "{s} av de levererade raderna saknar en plats som går att använda: de finns inte i bilden.",
        "{s} of the delivered rows lack a place that can be used: they are not in the picture.",
    ),
    "coarse": Text(
        "{s} har en plats som är känd sämre än 100 m: de kan ligga i fel kvarter.",
        "{s} have a place known no better than 100 m: they may lie in the wrong block.",
    ),
    "unknown": Text(
        "för {s} är det okänt hur de blev kända: de kan visa var man har letat.",
        "for {s} it is unknown how they became known: they may show where patrols have looked.",
    ),
    "discovered": Text(
        "{s} upptäcktes vid spaning och kontroll: de visar också var man har letat.",
        "{s} were discovered by patrols and checks: they also show where patrols have looked.",
    ),
}
QUALITY_GOOD: Final = Text("inget sticker ut. Störst: {w}", "nothing stands out. The largest: {w}")
QUALITY_UNTOLD: Final = Text(
    "ingen brist är så stor att den kan visas, eller så är händelserna för få.",
    "no weakness is large enough to be shown, or the incidents are too few.",
)
TOO_FEW: Final = Text("få eller inga", "few or none")
JOINT_NEWS: Final = Text(
    "Veckor är för korta för den gemensamma lägesbilden: en zons vecka har för få händelser för "
    "att släppas. Varningar vecka för vecka ser varje myndighet i sina egna data.",
    "Weeks are too short for the joint picture: a zone's week has too few incidents to be "
    "released. Each authority sees warnings week by week in its own data.",
)
MONTH_NEWS: Final = Text(
    "Senast släppta månad, {month}, mot {n} {n:månad|månader} före den:",
    "The latest released month, {month}, against {n} {n:month|months} before it:",
)
MONTH_NEWS_WORDS: Final[dict[str, Text]] = {
    "higher": Text("Högre än i någon av dem", "Higher than in any of them"),
    "lower": Text("Lägre än i någon av dem", "Lower than in any of them"),
}
MONTH_ZONE: Final = Text("{zone}: {band} (före: {before})", "{zone}: {band} (before: {before})")
MONTH_NEWS_NONE: Final = Text(
    "Ingen zon ligger i en högre eller lägre klass än i alla månaderna före.",
    "No zone is in a higher or lower band than in all the months before.",
)
MONTH_NEWS_UNKNOWN: Final = Text(
    "Zonernas månader kan inte jämföras med detta urval: det behövs sex släppta månader, och alla "
    "slags händelser.",
    "The zones' months cannot be compared for this selection: it takes six released months, and "
    "incidents of every kind.",
)
JOINT_QUALITY: Final = Text(
    "Inget är släppt om underlaget än. Det släpps med nästa månad.",
    "Nothing has been released about the data yet. It is released with the next month.",
)
JOINT_SHARES_OF: Final = Text(
    "Andelar av alla händelser {p}, oavsett urval, i steg om 5 procentenheter; det som en "
    "myndighet har färre än tio av räknas som fem. Många upptäckta händelser visar också "
    "var man har letat.",
    "Shares of all incidents {p}, whatever the selection, in steps of 5 percentage points; what an "
    "authority has fewer than ten of counts as five. Many discovered incidents also show where "
    "patrols have looked.",
)
SHARES_OF: Final = Text(
    "Andelar av händelserna {p}. Många upptäckta händelser visar också var man har letat.",
    "Shares of the incidents {p}. Many discovered incidents also show where patrols have looked.",
)

# --- operations, in brief ---
OPERATIONS: Final = Text("Insatser", "Operations")
NO_OPERATIONS: Final = Text("Inga insatser är inlagda.", "No operations have been entered.")
ALL_OPERATIONS: Final = Text("Alla insatser", "All operations")
TOLD_VERDICT: Final = Text("I den gemensamma lägesbilden", "In the joint picture")
NAME_AND_PERIOD: Final = Text("Namn och period", "Name and period")
NOT_EVALUATED: Final = Text("Inte utvärderad", "Not evaluated")

# --- forecasts ---
RECORD: Final = Text("Hur bra har prognoserna varit", "How good have the forecasts been")
TOLD_RECORD_NONE: Final = Text(
    "Inget är släppt om prognoserna än. Det släpps varje vecka när prognoserna är prövade på alla "
    "händelser, vecka för vecka, och tillräckligt många fångades och missades. Pröva dem med",
    "Nothing has been released about the forecasts yet. It is released weekly once they have been "
    "tested on all incidents, week by week, and enough were caught and missed. Test them with",
)
TOLD_RECORD_MADE: Final = Text(
    "Prövad {day} på {n} {n:prognos|prognoser} om en vecka, rutor om {c} m. En vecka "
    "släpps sju dagar efter att den slutat, en gång, i hela procent; veckor där få "
    "fångades eller missades saknas.",
    "Tested on {day} by {n} {n:forecast|forecasts} of a week, cells of {c} m. A week "
    "is released seven days after it has ended, once, in whole per cent; weeks in "
    "which few were caught or missed are left out.",
)
TOLD_WEEKS: Final = Text(
    "{n} {n:släppt vecka|släppta veckor}, de senaste: andel fångade händelser på 5 % av ytan",
    "{n} released {n:week|weeks}, the latest: share of the incidents caught in 5% of the area",
)
TOLD_WEEK: Final = Text(
    "Den senast släppta veckan: andel fångade händelser på 5 % av ytan",
    "The latest released week: share of the incidents caught in 5% of the area",
)
RECORD_OFF: Final = Text(
    "Prognoser är avstängda i denna installation.", "Forecasts are turned off here."
)
RECORD_NONE: Final = Text(
    "Ingen prövning är gjord än. Den visar hur stor del av händelserna prognoserna hade fångat, "
    "bredvid senaste årets antal. Gör en med",
    "No test has been made yet. It shows how many of the incidents the forecasts would have "
    "caught, beside last year's count. Make one with",
)
RECORD_MODEL: Final = Text("Vald modell.", "Chosen model.")
RECORD_MADE: Final = Text(
    "Prövad {day} på {n} {n:prognos|prognoser} om {d} {d:dag|dagar}, rutor om {c} m.",
    "Tested on {day} by {n} {n:forecast|forecasts} of {d} {d:day|days}, cells of {c} m.",
)
RECORD_OF: Final = Text("Gäller {what}.", "Of {what}.")
RECORD_CAPTION: Final = Text(
    "Andel av händelserna som kom i de rutor där mest väntades",
    "Share of the incidents that came in the cells where most was expected",
)
MODEL: Final = Text("Modell", "Model")
SHARE_1: Final = Text("På 1 % av ytan", "In 1% of the area")
SHARE_5: Final = Text("På 5 % av ytan", "In 5% of the area")
DIFFERENCE_5: Final = Text("Mot senaste årets antal, 5 %", "Against last year's count, 5%")
CEILING_5: Final = Text("Väntat tak, 5 %", "Expected ceiling, 5%")
RECORD_WEEKS: Final = Text(
    "{n} {n:prognos|prognoser}, de senaste: andel fångade händelser på 5 % av ytan",
    "{n} {n:forecast|forecasts}, the latest: share of the incidents caught in 5% of the area",
)
FORECAST_OF: Final = Text("Prognos för", "Forecast of")
CHOSEN: Final = Text("Vald modell", "Chosen model")
BASELINE: Final = Text("Senaste årets antal", "Last year's count")
CEILING: Final = Text("Väntat tak", "Expected ceiling")
CEILING_HINT: Final = Text(
    "Taket är ungefär vad den skulle fånga som kände den sanna risken: resten är slump. En enskild "
    "vecka kan gå över det.",
    "The ceiling is roughly what one who knew the true risk would catch: the rest is chance. A "
    "single week may go above it.",
)
RECORD_SAME: Final = Text(
    "Den valda modellen är senaste årets antal: inget annat var säkert bättre.",
    "The chosen model is last year's count: nothing else was reliably better.",
)

# --- the page of operations ---
OPERATIONS_TITLE: Final = Text("Insatser i {area}", "Operations, {area}")
OPERATIONS_LEAD: Final = Text(
    "Vad som gjorts, var och när, och om det hjälpte. Antal och platser, aldrig personer.",
    "What was done, where and when, and whether it helped. Counts and places, never persons.",
)
PERIOD: Final = Text("Period", "Period")
PARTNERS: Final = Text("Medverkande", "Partners")
GOAL: Final = Text("Mål", "Goal")
PLACES: Final = Text("Platser", "Places")
OUTCOMES: Final = Text("Utfall", "Outcome")
OUTCOME: Final = Text("{name}: {n}", "{name}: {n}")
EFFECT: Final = Text("Hjälpte insatsen?", "Did the operation help?")
EVALUATE: Final = Text("Utvärdera", "Evaluate")
EVALUATE_NAMED: Final = Text("Utvärdera {name}", "Evaluate {name}")
EVALUATE_AGAIN: Final = Text("Utvärdera igen", "Evaluate again")
EVALUATED: Final = Text("Utvärderad {day}.", "Evaluated on {day}.")
COUNTED: Final = Text("Räknade händelser", "Incidents counted")
COMPARE: Final = Text("Jämförelseplatser (valfritt)", "Comparison places (optional)")
COMPARE_HINT: Final = Text(
    "En plats per rad, där inget gjordes: en zon, ett platsnamn eller latitud,longitud, med radie "
    "i meter om du vill: Kvarntorget:200. Lämna tomt så väljs jämförbara platser.",
    "One place a line, where nothing was done: a zone, the name of a place or latitude,longitude, "
    "with a radius in metres if you like: Kvarntorget:200. Leave it empty and comparable places "
    "are chosen.",
)
CANNOT_EVALUATE: Final = Text("{name} kan inte utvärderas", "{name} cannot be evaluated")
POWER: Final = Text("Vad som alls kunde synas", "What could be seen at all")
VERDICT: Final = Text("Omdöme", "Verdict")
ESTIMATE: Final = Text("Förändring mot jämförelsen", "Change against the comparison")
AROUND: Final = Text("Förändring runt om", "Change around the places")
PLACEBO_TIME: Final = Text("Påhittad insats strax före", "Imagined operation just before")
PLACEBO_TIME_HINT: Final = Text("noll ska ligga i intervallet", "zero should lie in the interval")
PLACEBO_P: Final = Text("Lika stor ändring på andra platser", "As large a change at other places")
PLACEBO_P_VALUE: Final = Text("hos {p} av dem", "in {p} of them")
WDQ: Final = Text("Förflyttning (WDQ)", "Displacement (WDQ)")
WDQ_HINT: Final = Text(
    "över 0: även runt om minskade det; under −1: det som minskade flyttade",
    "above 0: it fell around the places too; below −1: what fell has moved",
)
NOT_TRIED: Final = Text("kunde inte prövas", "could not be tried")
INTERVAL_CHART: Final = Text(
    "Förändring med 95 % intervall, noll är ingen förändring",
    "Change with its 95% interval, zero is no change",
)
SERIES_CHART: Final = Text(
    "Händelser på insatsens platser i block om fyra veckor, mot vad jämförelsen ger anledning att "
    "vänta",
    "Incidents at the operation's places in blocks of four weeks, against what the comparison "
    "leads to expect",
)
BLOCK_BEGINS: Final = Text("Block från", "Block from")
BEFORE: Final = Text("Före", "Before")
DURING: Final = Text("Under", "During")
WHEN: Final = Text("När", "When")
COUNTS_TABLE: Final = Text("Händelser per vecka", "Incidents a week")
GROUP: Final = Text("Platser", "Places")
NUMBER: Final = Text("Antal platser", "Number of places")

# --- the form ---
ADD: Final = Text("Lägg in en insats", "Enter an operation")
ADD_BUTTON: Final = Text("Spara insatsen", "Keep the operation")
CANNOT_ADD: Final = Text("Insatsen kan inte sparas", "The operation cannot be kept")
NAME: Final = Text("Namn", "Name")
FIRST_DAY: Final = Text("Första dagen", "First day")
LAST_DAY: Final = Text("Sista dagen", "Last day")
ZONES: Final = Text("Riskzoner", "Risk zones")
OTHER_PLACES: Final = Text("Andra platser, en per rad", "Other places, one a line")
OTHER_PLACES_HINT: Final = Text(
    "Namn ur ortregistret eller latitud,longitud. Med :200 efter gäller 200 meter runt platsen, "
    "annars 150.",
    "A name from the gazetteer or latitude,longitude. With :200 behind it 200 metres around count, "
    "else 150.",
)
PARTNERS_HINT: Final = Text(
    "Organisationer med komma emellan, aldrig personer.",
    "Organisations with commas between, never persons.",
)
OUTCOME_COUNTS: Final = Text("Utfall i antal", "Outcome in counts")
OUTCOME_HINT: Final = Text(
    "Tomt är inte räknat. Alla som läser om insatsen ser antalen, från 5 (från 10 för unga och "
    "deras stöd).",
    "Empty is not counted. All who read of the operation see the counts, from 5 (from 10 for the "
    "young and their support).",
)
NO_DATA: Final = Text(
    "Läs in händelser först: en insats ligger på en karta som kommer med dem.",
    "Import incidents first: an operation lies on a map that comes with them.",
)
WRONG_DAY: Final = Text(
    "{field}: {v} är inget datum. Skriv till exempel 2026-03-01.",
    "{field}: {v} is no date. Write for example 2026-03-01.",
)
WRONG_ORDER: Final = Text(
    "Sista dagen ligger före den första. Byt dem.",
    "The last day is before the first. Swap them.",
)
NO_PLACES: Final = Text(
    "Insatsen saknar platser. Kryssa i en riskzon eller skriv en plats.",
    "The operation has no places. Tick a risk zone or write a place.",
)
NO_SUCH_ZONE: Final = Text(
    "En av riskzonerna finns inte längre. Ladda om sidan och välj igen.",
    "One of the risk zones is there no longer. Reload the page and choose again.",
)
WRONG_COUNT: Final = Text(
    "{field}: {v} är inget antal. Skriv ett heltal från 0 till 999999.",
    "{field}: {v} is no count. Write a whole number from 0 to 999999.",
)
TOO_LONG: Final = Text(
    "{field} får ha högst {n} tecken och inga styrtecken.",
    "{field} may have at most {n} {n:character|characters} and no control characters.",
)
TOO_MANY: Final = Text("{field}: högst {n}.", "{field}: at most {n}.")

"""What the codes of the intake mean: one sentence each, in both languages."""

from __future__ import annotations

import re
from typing import Final

from riskmiljo.intake.personal import KINDS
from riskmiljo.wording import Text

# Why a row is refused, and how to mend it.
REFUSALS: Final[dict[str, Text]] = {
    "ANTAL_KOLUMNER": Text(
        "raden har fler eller färre celler än rubrikraden. Rätta avgränsare och citattecken.",
        "the row has more or fewer cells than the header. Correct delimiters and quotation marks.",
    ),
    "TEXT_FOR_LANG": Text(
        "cellen är längre än 10 000 tecken. Korta den eller ta bort kolumnen.",
        "the cell is longer than 10,000 characters. Shorten it or remove the column.",
    ),
    "TECKEN_OTILLATET": Text(
        "cellen innehåller ett styrtecken. Exportera filen på nytt.",
        "the cell holds a control character. Export the file again.",
    ),
    "CELLFEL": Text(
        "cellen innehåller ett Excelfel. Rätta formeln eller skriv värdet.",
        "the cell holds an Excel error. Correct the formula or write the value.",
    ),
    "FORMEL_UTAN_VARDE": Text(
        "formeln har aldrig räknats ut. Öppna filen i Excel, spara den och importera igen.",
        "the formula was never calculated. Open the file in Excel, save it and import again.",
    ),
    "SUMMARAD": Text(
        "det är en summarad, ingen händelse. Ingenting behöver göras.",
        "this is a row of totals, no incident. Nothing needs to be done.",
    ),
    "PERSONNUMMER": Text(
        "cellen innehåller ett personnummer. Ta bort det ur filen.",
        "the cell holds a personal identity number. Remove it from the file.",
    ),
    "TELEFON": Text(
        "cellen innehåller ett telefonnummer. Ta bort det ur filen.",
        "the cell holds a phone number. Remove it from the file.",
    ),
    "EPOST": Text(
        "cellen innehåller en e-postadress. Ta bort den ur filen.",
        "the cell holds an e-mail address. Remove it from the file.",
    ),
    "REGNR": Text(
        "cellen innehåller ett registreringsnummer. Ta bort det ur filen.",
        "the cell holds a registration number. Remove it from the file.",
    ),
    "GEOM_SAKNAS": Text(
        "händelsen har ingen punkt. Sätt ut den på kartan.",
        "the incident has no point. Place it on the map.",
    ),
    "GEOM_TYP": Text(
        "geometrin är ingen punkt. En yta eller linje görs inte om till en punkt; rita en.",
        "the geometry is no point. An area or a line is not turned into one; draw one.",
    ),
    "KOORD_SAKNAS": Text(
        "koordinaten saknas. Fyll i den.", "the coordinate is missing. Fill it in."
    ),
    "KOORD_NOLL": Text(
        "koordinaten är 0, 0. Fyll i den rätta.", "the coordinate is 0, 0. Fill in the right one."
    ),
    "KOORD_FORMAT": Text(
        "koordinaten är inget tal. Skriv till exempel 59,8586 eller 6638608.",
        "the coordinate is not a number. Write for example 59.8586 or 6638608.",
    ),
    "KOORD_UTANFOR": Text(
        "koordinaten är ingen möjlig plats i {crs}. Rätta den eller ange rätt koordinatsystem.",
        "the coordinate is no possible place in {crs}. Correct it or give the right system.",
    ),
    "UTANFOR_OMRADE": Text(
        "platsen ligger utanför området {area}. Rätta koordinaten eller ta bort raden.",
        "the place lies outside the area {area}. Correct the coordinate or remove the row.",
    ),
    "LATLON_OMKASTAD": Text(
        "latitud och longitud verkar ha bytt plats. Byt kolumnerna (till exempel "
        "--map {first}=lat --map {second}=lon).",
        "latitude and longitude seem to have changed places. Swap the columns (for example "
        "--map {first}=lat --map {second}=lon).",
    ),
    "AXLAR_OMKASTADE": Text(
        "nord och öst verkar ha bytt plats. Byt kolumnerna (till exempel --map {first}=y "
        "--map {second}=x).",
        "north and east seem to have changed places. Swap the columns (for example "
        "--map {first}=y --map {second}=x).",
    ),
    "CRS_STRIDER": Text(
        "talen stämmer inte med koordinatsystemet som filen uppger, {crs}.{proposal}",
        "the numbers do not agree with the coordinate system that the file gives, {crs}.{proposal}",
    ),
    "CRS_OKLAR": Text(
        "koordinatsystemet kan inte avgöras ur talen. Ange det, till exempel --crs 3006.{proposal}",
        "the coordinate system cannot be told from the numbers. Give it, for example --crs 3006."
        "{proposal}",
    ),
    "TID_SAKNAS": Text("tiden saknas. Fyll i den.", "the time is missing. Fill it in."),
    "TID_FORMAT": Text(
        "tiden kan inte läsas. Skriv till exempel 2026-04-30 22:15.",
        "the time cannot be read. Write for example 2026-04-30 22:15.",
    ),
    "TID_TVETYDIG": Text(
        "det går inte att avgöra vad som är dag och månad i filen. Skriv 2026-04-30.",
        "day and month cannot be told apart in the file. Write 2026-04-30.",
    ),
    "TID_FINNS_INTE": Text(
        "{when} finns inte (klockan ställdes fram). Ange tidszon eller rätta tiden.",
        "{when} does not exist (the clock was put forward). Give an offset or correct the time.",
    ),
    "TID_ORIMLIG": Text(
        "{when} ligger i framtiden eller orimligt långt bak. Rätta tiden.",
        "{when} lies in the future or absurdly far back. Correct the time.",
    ),
    "TID_OMVAND": Text(
        "tidsintervallet slutar innan det börjar. Byt plats på tiderna.",
        "the interval ends before it begins. Swap the times.",
    ),
    "TYP_OKAND": Text(
        "händelsetypen finns inte i ordtabellen. Lägg till ordet eller ange en kategori.",
        "the kind of incident is not in the word table. Add the word or give a category.",
    ),
    "ORD_OKANT": Text(
        "ordet är inte tillåtet i fältet {field}. Rätta det eller släng kolumnen "
        "(--map {column}=-).",
        "the word is not allowed in the field {field}. Correct it or drop the column "
        "(--map {column}=-).",
    ),
    "TAL_FORMAT": Text(
        "{field} ska vara ett tal, noll eller större. Rätta det.",
        "{field} must be a number, zero or more. Correct it.",
    ),
    "ID_FORMAT": Text(
        "id är längre än 200 tecken. Korta det.",
        "the id is longer than 200 characters. Shorten it.",
    ),
    "DUBBLETT_I_FIL": Text(
        "samma händelse står redan på rad {other}. Ingenting behöver göras.",
        "the same incident already stands in row {other}. Nothing needs to be done.",
    ),
    "ID_KONFLIKT": Text(
        "samma id har olika innehåll på flera rader (även rad {other}). Rätta id eller innehåll.",
        "the same id has different content in several rows (also row {other}). Correct one.",
    ),
    "PLATS_OKAND": Text(
        "platsen finns inte i ortregistret, eller finns flera gånger. Skriv namnet som där, eller "
        "ange koordinater.",
        "the place is not in the gazetteer, or is there more than once. Write its name as there, "
        "or give coordinates.",
    ),
    "NARVARO_FOR_LANG": Text(
        "närvaron är längre än 24 timmar. Rätta tiderna eller dela upp den.",
        "the presence is longer than 24 hours. Correct the times or part it.",
    ),
    "STYRKA_OKAND": Text(
        "styrkans slag är okänt. Skriv polis, ungdomsjour eller nattvandrare.",
        "the kind of crew is not known. Write police, outreach or night walkers.",
    ),
}

# What the user should know though rows are taken. `{rows}` is their number.
WARNINGS: Final[dict[str, Text]] = {
    "KODNING_GISSAD": Text(
        "Teckenkodningen gissades till {encoding}. Kontrollera att å, ä och ö är rätt.",
        "The character encoding was guessed to be {encoding}. Check that å, ä and ö are right.",
    ),
    "MISSTANKT_DUBBELKODNING": Text(
        "Texten verkar ha kodats två gånger (Ã¥ i stället för å). Exportera den på nytt.",
        "The text seems to have been encoded twice (Ã¥ for å). Export it again.",
    ),
    "RUBRIK_HITTAD_RAD": Text(
        "Rubrikerna hittades på rad {row}; raderna ovanför hoppades över.",
        "The headers were found in row {row}; the rows above were skipped.",
    ),
    "ANDRA_BLAD": Text(
        "Andra blad i arbetsboken lästes inte: {layers}.",
        "Other sheets of the workbook were not read: {layers}.",
    ),
    "FLERA_LAGER": Text(
        "Lagret {layer} lästes; annat i filen lästes inte: {layers}.",
        "The layer {layer} was read; other content was not: {layers}.",
    ),
    "DOLD_RAD": Text(
        "{rows} {rows:rad|rader} är {rows:dold|dolda} i arbetsbladet. {rows:Den|De} "
        "har tagits med.",
        "{rows} {rows:row is|rows are} hidden in the sheet. {rows:It was|They were} taken in.",
    ),
    "HOJD_BORTTAGEN": Text(
        "{rows} {rows:punkt|punkter} hade en höjd, som inte sparas.",
        "{rows} {rows:point|points} had a height, which is not kept.",
    ),
    "JSON_OGILTIG": Text(
        "Filen innehåller {word}, som inte är tillåtet i JSON.",
        "The file holds {word}, which JSON does not allow.",
    ),
    "CRS_SAKNAS": Text(
        "Filen uppger inget känt koordinatsystem.", "The file gives no known coordinate system."
    ),
    "CRS_GISSAD": Text(
        "Koordinatsystemet gissades ur talen till EPSG:{epsg}. Bekräfta med --crs {epsg}.",
        "The coordinate system was guessed from the numbers to be EPSG:{epsg}. Confirm with "
        "--crs {epsg}.",
    ),
    "AXLAR_NORR_FORST": Text(
        "X är norr och Y är öst i filen, efter svensk lantmätarsed. Så lästes de.",
        "X is north and Y is east in the file, as Swedish surveyors write. They were read so.",
    ),
    "CRS_STRIDER": Text(
        "Punkterna hamnar utanför området; talen ser ut att vara i {epsg}.",
        "The points fall outside the area; the numbers look like {epsg}.",
    ),
    "OMRADE_UR_DATA": Text(
        "Punkterna ligger inte i det inställda området. Området och det metriska systemet "
        "(EPSG:{epsg}) valdes ur data.",
        "The points do not lie in the configured area. The area and the metric system "
        "(EPSG:{epsg}) were chosen from the data.",
    ),
    "TIDSZON_MISSTANKT": Text(
        "Tider utan tidszon lästes som {tz}, men punkterna ligger långt därifrån. Ange tz.",
        "Times without an offset were read as {tz}, but the points lie far from there. Give tz.",
    ),
    "TID_TVETYDIG": Text(
        "{rows} {rows:tid|tider} kan läsas på två sätt: {why}.",
        "{rows} {rows:time|times} can be read in two ways: {why}.",
    ),
    "TID_EXCEL_SERIE": Text(
        "Kolumnen {column} är tal och lästes som Excels serienummer för datum.",
        "The column {column} is numbers and was read as Excel's serial dates.",
    ),
    "TID_EPOK": Text(
        "Kolumnen {column} är tal och lästes som sekunder sedan 1970 (UTC).",
        "The column {column} is numbers and was read as seconds since 1970 (UTC).",
    ),
    "TID_BARA_DATUM": Text(
        "{rows} {rows:händelse|händelser} har bara datum. {rows:Den|De} läses som "
        "ett intervall på hela dygnet.",
        "{rows} {rows:incident has|incidents have} a date only. {rows:It is|They "
        "are} read as an interval of the whole day.",
    ),
    "REGISTRERAD_FORE": Text(
        "{rows} {rows:händelse|händelser} registrerades innan {rows:den|de} "
        "inträffade. Kontrollera kolumnerna.",
        "{rows} {rows:incident was|incidents were} registered before {rows:it|they} "
        "happened. Check the columns.",
    ),
    "TYP_SAKNAS": Text(
        "{rows} {rows:händelse|händelser} saknar typ. {rows:Den|De} räknas som Övrigt.",
        "{rows} {rows:incident has|incidents have} no kind. {rows:It counts|They count} as Other.",
    ),
    "NYCKEL_BERAKNAD": Text(
        "{rows} {rows:händelse|händelser} saknar id. En nyckel räknades ut av källa, "
        "minut, typ och plats.",
        "{rows} {rows:incident has|incidents have} no id. A key was computed from "
        "source, minute, kind and place.",
    ),
    "KOLUMN_GISSAD": Text(
        "Kolumnen {column} togs för {field} efter sina värden. Bekräfta med "
        "--map {column}={field}.",
        "The column {column} was taken for {field} by its values. Confirm with "
        "--map {column}={field}.",
    ),
    "ORD_OKANT": Text(
        "{rows} {rows:cell|celler} i kolumnen {column} är {rows:ett okänt ord; "
        "den|okända ord; de} räknas som okänt.",
        "{rows} {rows:cell|cells} of the column {column} {rows:is an unknown word; "
        "it counts|are unknown words; they count} as unknown.",
    ),
    "NARVARO_SAMTIDIGT": Text(
        "{rows} besök börjar medan ett annat med samma styrka är kvar på samma plats. "
        "{rows:Det|De} räknas som flera patruller; rätta tiderna om det var en.",
        "{rows} {rows:visit begins|visits begin} while another of the same crew is still at the "
        "same place. {rows:It counts|They count} as several patrols; correct the times if it was "
        "one.",
    ),
    "NARVARO_NOLL": Text(
        "{rows} besök börjar och slutar samtidigt: {rows:det|de} ger ingen närvaro. "
        "Rätta tiderna om någon var där.",
        "{rows} {rows:visit begins and ends|visits begin and end} at the same time: "
        "{rows:it gives|they give} no presence. Correct the times if somebody was there.",
    ),
    "NARVARO_LIKA": Text(
        "{rows} {rows:rad|rader} är lika en annan rad (plats, tider och styrka). "
        "{rows:Den|De} räknas som flera patruller; ta bort {rows:den om den är en "
        "dubblett|dem om de är dubbletter}.",
        "{rows} {rows:row equals|rows equal} another row (place, times and crew). "
        "{rows:It counts|They count} as several patrols; remove {rows:it if it is a "
        "duplicate|them if they are duplicates}.",
    ),
    "PERSONUPPGIFT": Text(
        "Kolumnen {column} innehåller {kind} på {rows} {rows:rad|rader}. Kolumnen sparas inte.",
        "The column {column} holds {kind} in {rows} {rows:row|rows}. The column is not kept.",
    ),
}

# Why a column is not kept.
DROPPED: Final[dict[str, Text]] = {
    "told": Text("slängd på begäran", "dropped as asked"),
    "personal": Text("ser ut att innehålla {kind}", "looks like {kind}"),
    "unused": Text("behövs inte", "not needed"),
}


def warning(code: str, *, rows: int, detail: dict[str, object]) -> Text:
    """Return the sentence of a warning.

    Parameters
    ----------
    code
        Its code; ``CRS_GISSAD_3006`` and the like share a sentence.
    rows
        How many rows it concerns.
    detail
        What fills its gaps.

    Returns
    -------
    Text
        Complete.
    """
    sentence = WARNINGS["PERSONUPPGIFT"] if code in KINDS else WARNINGS[re.sub(r"_\d+$", "", code)]
    return sentence.fill(rows=rows, **detail)

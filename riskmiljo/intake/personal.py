"""Personal data in cells: found by pattern and checksum, reported by kind, never repeated."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskmiljo.intake.header_words import simplified
from riskmiljo.wording import Text

KINDS: Final[dict[str, Text]] = {
    "PERSONNUMMER": Text("personnummer", "personal identity numbers"),
    "TELEFON": Text("telefonnummer", "phone numbers"),
    "EPOST": Text("e-postadresser", "e-mail addresses"),
    "REGNR": Text("registreringsnummer", "vehicle registration numbers"),
    "NAMN_MISSTANKT": Text("personnamn (misstänkta)", "names of persons (suspected)"),
    "ADRESS": Text("gatuadresser", "street addresses"),
    "FRITEXT": Text("fritext", "free text"),
}

_PERSONAL_NUMBER: Final = re.compile(
    r"(?<![\dA-Za-z.,-])(?:(?:1[89]|20)?(\d{2}))(\d{2})(\d{2}) ?[-+–]? ?(\d{3})(\d)(?![\d])"
)
_CENTURY: Final = re.compile(r"(?<![\dA-Za-z.,-])(1[89]|20)\d{6} ?[-+–]? ?\d{4}(?!\d)")
_PHONE: Final = re.compile(
    r"(?<![\d./:-])(?:\+46|0046|0)[ -]?(?:\(0\))?[1-9]\d{0,2}(?:[ -]|(?<=7\d)|(?<=8))"
    r"\d{2,3}(?:[ -]?\d{2,3}){1,2}(?!\d|[./:]\d)"
)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Letters that plates use; three letters and a number of another meaning are told apart below.
_PLATE: Final = re.compile(
    r"(?<![\w-])(?!SOS|SMS|TEL|LGH|BUS|RUM|SAL|NR|DNR|RAD|KAP|RFC)"
    r"[A-HJ-PR-UW-Z]{3}[ -]?\d{2}[A-HJ-NPR-UW-Z\d](?![\w-])"
)
_ADDRESS: Final = re.compile(
    r"\b[A-ZÅÄÖ][\wåäöé]+(?:gatan|vägen|gränd|stigen|backen|allén|torget|plan|väg|gata) \d{1,3}"
    r"(?: ?[A-Z]\b)?|\b(?:lgh|lägenhet|portkod) ?\d+",
    re.IGNORECASE,
)
_GIVEN_NAMES: Final = (
    "Adam|Agneta|Ahmed|Alexander|Ali|Alice|Amina|Anders|Andreas|Anita|Anna|Anneli|Anton|Arvid|"
    "Astrid|Axel|Barbro|Bengt|Birgitta|Björn|Bo|Britt|Camilla|Carina|Carl|Caroline|Cecilia|"
    "Charlotte|Christer|Christian|Christina|Christoffer|Daniel|David|Ebba|Elias|Elin|Elisabeth|"
    "Ella|Elsa|Emelie|Emil|Emilia|Emma|Erik|Eva|Fatima|Felicia|Felix|Filip|Frida|Fredrik|Gabriel|"
    "Gunilla|Gunnar|Gustav|Hampus|Hanna|Hans|Hassan|Helena|Henrik|Hugo|Ibrahim|Ida|Ingrid|Isak|"
    "Jakob|Jan|Jennifer|Jenny|Jens|Jesper|Jessica|Joakim|Johan|Johanna|Johannes|John|Jonas|"
    "Jonathan|Josefin|Julia|Karin|Karl|Katarina|Kent|Kerstin|Kevin|Klara|Kristina|Lars|Leif|Leo|"
    "Liam|Lina|Linda|Linn|Lisa|Linnea|Linus|Louise|Lovisa|Lucas|Lukas|Magnus|Maja|Malin|Marcus|"
    "Margareta|Maria|Marie|Markus|Martin|Mats|Mattias|Maryam|Matilda|Max|Melker|Michael|Mikael|"
    "Moa|Mohamed|Mohammad|Monica|Muhammad|Nathalie|Nils|Nina|Olof|Olivia|Omar|Oscar|Oskar|Ove|"
    "Patrik|Per|Peter|Petra|Pernilla|Philip|Pontus|Rebecka|Rickard|Robert|Robin|Roger|Rolf|"
    "Samuel|Sandra|Sara|Sebastian|Signe|Simon|Siv|Sofia|Sofie|Stefan|Sten|Stig|Sven|Susanne|"
    "Thomas|Tobias|Tomas|Tove|Ulf|Ulla|Ulrika|Vera|Victor|Victoria|Viktor|Vilma|Wilma|William|"
    "Yasmin|Yusuf|Åke|Åsa|Örjan"
)
_NAME: Final = re.compile(
    rf"\b(?:{_GIVEN_NAMES})(?:-[A-ZÅÄÖ][a-zåäöé]+)? [A-ZÅÄÖ][a-zåäöéü]{{2,}}\b"
    r"|\b[A-ZÅÄÖ][a-zåäöé]{2,} [A-ZÅÄÖ][a-zåäöé]+(?:sson|dotter|qvist|kvist|ström|gren|lund)\b"
)


def _personal_number(text: str) -> bool:
    for match in _PERSONAL_NUMBER.finditer(text):
        year, month, day, serial, check = match.groups()
        if _is_date(match, int(year), int(month), int(day)) and _luhn(
            year + month + day + serial + check
        ):
            return True
    return False


def _is_date(match: re.Match[str], year: int, month: int, day: int) -> bool:
    """Tell whether the first part is a date; a coordination number has 60 added to the day."""
    if not 1 <= month <= 12:  # noqa: PLR2004 - months; organisations have 20 and more here
        return False
    if day > 60:  # noqa: PLR2004 - a coordination number
        day -= 60
    century = _CENTURY.match(match.string, match.start())
    full = int(century[1]) * 100 + year if century else 2000 + year
    if century is None and not 1 <= day <= calendar.monthrange(full, month)[1]:
        full -= 100
    return 1 <= day <= calendar.monthrange(full, month)[1]


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(digits)]
    return sum(v // 10 + v % 10 for v in doubled) % 10 == 0


def _pattern(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


# Kind -> a cheap pattern that every hit matches (RE2, whole columns at once), and the real test.
_TESTS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "PERSONNUMMER": (r"\d{6} ?[-+–]? ?\d{4}", _personal_number),
    "TELEFON": (r"(\+46|0046|0)[ \-(0)]*\d[\d \-]{5,}", _pattern(_PHONE)),
    "EPOST": (r"\w@[\w\-]+\.", _pattern(_EMAIL)),
    "REGNR": (r"[A-Z]{3}[ \-]?\d{2}[A-Z\d]", _pattern(_PLATE)),
    "NAMN_MISSTANKT": (r"[A-ZÅÄÖ][\w\-]+ [A-ZÅÄÖ][a-zåäö]", _pattern(_NAME)),
    "ADRESS": (
        r"(?i)(gatan|vägen|gränd|stigen|backen|allén|torget|plan|väg|gata|lgh|lägenhet|kod) ?\d",
        _pattern(_ADDRESS),
    ),
}
_IN_KEPT_CELLS: Final = ("PERSONNUMMER", "EPOST", "TELEFON")

# What is surely of a person. Names and addresses of places look like those of persons.
_SURE: Final = ("PERSONNUMMER", "TELEFON", "EPOST", "REGNR")

_NEVER_KEPT: Final[dict[str, str]] = {
    "NAMN_MISSTANKT": (
        "namn|fornamn|efternamn|name|first name|last name|full name|malsagande|malsagare|"
        "misstankt|garningsman|gm|anmalare|vittne|person|personnamn|suspect|victim|kontaktperson|"
        "handlaggare|polisman|uppgiftslamnare namn|vardnadshavare|offer"
    ),
    "PERSONNUMMER": (
        "personnummer|personnr|pnr|person nr|samordningsnummer|fodelsedatum|fodelsear|ssn|"
        "personal number|social security number|date of birth|dob|personid|person id"
    ),
    "TELEFON": "telefon|telefonnummer|tel|tfn|mobil|mobilnummer|phone|phone number|mobile",
    "EPOST": "epost|e post|e postadress|epostadress|email|e mail|mail|mejl",
    "REGNR": "regnr|reg nr|registreringsnummer|bil|fordon|registration number|license plate|plate",
    "ADRESS": (
        "adress|gatuadress|bostadsadress|hemadress|address|street address|block|street|gata|"
        "brottsplats|plats text"
    ),
    "FRITEXT": (
        "fritext|fri text|text|anteckning|anteckningar|beskrivning|handelsebeskrivning|kommentar|"
        "kommentarer|notering|noteringar|description|comment|comments|note|notes|summary|"
        "sammanfattning|narrative|details|meddelande|message|anmalningstext|fritextfalt|"
        "ovrigt|memo|remarks"
    ),
}
_KIND_OF_HEADER: Final = {
    word: kind for kind, words in _NEVER_KEPT.items() for word in words.split("|")
}
_TEN_DIGITS: Final = 10**9 // 10  # a number loses its leading zero
_LONG_TEXT: Final = 25
_MANY_WORDS: Final = 0.5
_MOST: Final = 0.5


def kind_of_header(header: str) -> str:
    """Return the kind of personal data that a header announces; empty for none."""
    return _KIND_OF_HEADER.get(simplified(header), "")


def kinds_in(text: str) -> tuple[str, ...]:
    """Return the kinds of personal data that surely stand in a text somebody writes.

    Parameters
    ----------
    text
        Anything.

    Returns
    -------
    tuple of str
        Keys of `KINDS`; empty for none.
    """
    return tuple(kind for kind in _SURE if _TESTS[kind][1](text))


def hits(cells: pa.ChunkedArray, kinds: tuple[str, ...] = tuple(_TESTS)) -> pd.DataFrame:
    """Find personal data in a column of text.

    Parameters
    ----------
    cells
        Any column; other than text has none, apart from whole numbers of ten or twelve digits.
    kinds
        What is looked for.

    Returns
    -------
    pandas.DataFrame
        One boolean column per kind found, one row per cell.
    """
    text = _as_text(cells)
    if text is None:
        return pd.DataFrame(index=range(len(cells)))
    # A column of repeated words is searched word by word.
    codes = None
    if pa.types.is_dictionary(text.type):
        whole = text.combine_chunks()
        encoded = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        text = encoded.dictionary
    found: dict[str, npt.NDArray[np.bool_]] = {}
    for kind in kinds:
        cheap, test = _TESTS[kind]
        maybe = pc.fill_null(pc.match_substring_regex(text, cheap), False)  # noqa: FBT003 - pyarrow's signature
        at = np.flatnonzero(maybe.to_numpy(zero_copy_only=False))
        sure = [int(index) for index in at if test(text[int(index)].as_py())]
        is_hit = np.zeros(len(text) + 1, dtype=bool)  # the last one is "no value"
        is_hit[sure] = True
        rows = is_hit[:-1] if codes is None else is_hit[codes]
        if rows.any():
            found[kind] = rows
    return pd.DataFrame(found, index=range(len(cells)))


def _as_text(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = cells.type
    if pa.types.is_string(kind) or (
        pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type)
    ):
        return cells
    if pa.types.is_integer(kind) and (pc.max(cells).as_py() or 0) >= _TEN_DIGITS:
        return cells.cast(pa.string())
    return None


def hits_in_kept(cells: pa.ChunkedArray) -> pd.Series:
    """Return, for each cell that is to be kept, the kind of personal data in it; empty for none."""
    found = hits(cells, _IN_KEPT_CELLS)
    kinds = pd.Series("", index=found.index, dtype=object)
    for kind in reversed(found.columns):
        kinds[found[kind]] = kind
    return kinds


def kind_of_column(header: str, cells: pa.ChunkedArray, found: pd.DataFrame) -> str:
    """Tell whether a column as a whole is of a kind that is never kept.

    Parameters
    ----------
    header
        Its header.
    cells
        Its cells.
    found
        What `hits` found in it.

    Returns
    -------
    str
        A key of `KINDS`, or empty.
    """
    if announced := kind_of_header(header):
        return announced
    filled = len(cells) - cells.null_count
    for kind in found.columns:
        if filled and found[kind].sum() > _MOST * filled:
            return str(kind)
    text = _as_text(cells)
    if text is None or pa.types.is_integer(cells.type):
        return ""
    distinct = text.unique()
    words = distinct.dictionary if isinstance(distinct, pa.DictionaryArray) else distinct
    mean = pc.mean(pc.utf8_length(words)).as_py() or 0
    many = len(words) > _MANY_WORDS * max(filled, 1)
    return "FRITEXT" if mean > _LONG_TEXT and many else ""

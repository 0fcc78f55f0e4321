"""A number and its word agree, in every sentence of the product: one incident, two incidents."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import riskmiljo
from riskmiljo.wording import Text, decimal_text

ROOM = Path(riskmiljo.__file__).parent
# What the product counts, as it is written of many. A word that is written the same of one, such
# as "besök", needs no choice.
MANY = {
    "sv": "händelser zoner riskzoner rader dagar dagarna dygnen veckor veckorna timmar minuter "
    "sekunder platser celler rutor prognoser prognoserna provprognoser punkter månader månaderna "
    "enheter kolumner delar hållpunkter jämförelseplatser perioder sökningar gånger filer skeden "
    "patruller sträckor järnvägar linjer vuxenminuter tillfällen etiketter vikter raderna "
    "kolumnerna punkterna",
    "en": "incidents zones rows days weeks hours minutes seconds places cells forecasts points "
    "months metres units columns parts stops periods searches times files slices patrols "
    "occasions labels weights events corners teams visits hectares characters alarms years "
    "stretches lines railways shifts",
}
# One adjective may stand between: "{n} hela veckor".
COUNTED = {
    language: re.compile(
        r"\{(\w+)(?::[^}|]*)?\}[\s\N{NO-BREAK SPACE}](?:(?!mot|men|but|against)[a-zåäö]+ )?("
        + words.replace(" ", "|")
        + r")\b(?![}|])"
    )
    for language, words in MANY.items()
}
# A range reads as many, whatever it ends in, "1 till 4 veckor"; so does the most that is allowed.
RANGE = re.compile(r"(?:[}0-9]|\bingen) (?:till|to) $|\}[–/]$|(?:högst|at most) $")
# Gaps of a number that is fixed in the code and more than one, or of no number.
NEVER_ONE = {
    ("d", "dygnen"),  # the weeks that a presence, an answer or a rise is looked for in
    ("n", "kolumnerna"),  # as many as the page of an import shows
    ("n", "characters"),  # the shortest password
    ("w", "stops"),  # what has none
    ("d", "stops"),  # minutes at stops
    ("e", "points"),  # a difference, with its decimals
}


@cache
def sentences() -> tuple[tuple[str, Text], ...]:
    found = []
    for path in sorted(ROOM.rglob("*.py")):
        source = path.read_text("utf-8")
        if not re.search(r"\b(?:Text|say)\(", source):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Text", "say"}:
                both = [literal(one) for one in node.args]
                if len(both) == 2 and None not in both:
                    where = f"{path.relative_to(ROOM)}:{node.lineno}"
                    found.append((where, Text(str(both[0]), str(both[1]))))
    return tuple(found)


def literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{f}" for p in node.values)
    return None


def disagreeing(language: str, sentence: str) -> Iterator[str]:
    for match in COUNTED[language].finditer(sentence):
        if RANGE.search(sentence[: match.start()]):
            continue
        if (match[1], match[2]) not in NEVER_ONE:
            yield match[0]


def test_every_counted_word_agrees_with_its_number():
    wrong = [
        (where, said)
        for where, text in sentences()
        for language, sentence in text.as_dict().items()
        for said in disagreeing(language, sentence)
    ]
    assert wrong == []
    assert len(sentences()) > 2000


def test_every_sentence_with_a_choice_of_words_can_be_filled_with_one_and_with_two():
    choosing = 0
    for where, text in sentences():
        chosen = set(re.findall(r"\{(\w+):[^}]*\|", text.sv + text.en))
        if not chosen:
            continue
        choosing += 1
        gaps = set(re.findall(r"\{(\w+)", text.sv + text.en))
        filled = []
        for number in (1, 2):
            # What is not chosen by is of no matter here, nor how it is written.
            plain = [
                re.sub(r"(\{\w+)(?:![rs])?(?::[^}|]*)?\}", r"\1}", s) for s in (text.sv, text.en)
            ]
            values = {gap: number if gap in chosen else "x" for gap in gaps}
            filled.append(Text(*plain).fill(**values))
        one, two = filled
        for first, second in ((one.sv, two.sv), (one.en, two.en)):
            assert "|" not in first + second, where
            assert not re.search(r"[{}]", first + second), where
        assert one.sv + one.en != re.sub(r"\b2\b", "1", two.sv + two.en), where
    assert choosing > 100


def test_a_word_is_chosen_by_the_number_that_is_read_and_not_by_a_finer_one():
    rounded = re.compile(r"\{(\w+):[^}|]+\}.*\{\1:[^}]*\||\{(\w+):[^}]*\|.*\{\2:[^}|]+\}")
    assert [where for where, text in sentences() if rounded.search(text.sv + text.en)] == []


@pytest.mark.parametrize(
    ("number", "sv", "en"),
    [
        (0, "0 händelser", "0 incidents"),
        (1, "1 händelse", "1 incident"),
        (21, "21 händelser", "21 incidents"),
        (decimal_text(1), "1 händelse", "1 incident"),
        (decimal_text(1.04, 1), "1 händelse", "1 incident"),
        (decimal_text(1, 1, fixed=True), "1,0 händelser", "1.0 incidents"),
        (decimal_text(1001), "1 001 händelser", "1,001 incidents"),
        ("5–9", "5–9 händelser", "5–9 incidents"),
    ],
)
def test_a_word_is_chosen_by_how_the_number_reads(number, sv, en):
    text = Text("{n} {n:händelse|händelser}", "{n} {n:incident|incidents}").fill(n=number)
    assert text.sv.replace("\N{NO-BREAK SPACE}", " ") == sv
    assert text.en == en

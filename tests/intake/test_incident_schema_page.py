from __future__ import annotations

import csv

from riskmiljo.intake.header_words import HEADER_WORDS, fields_of, simplified
from riskmiljo.intake.messages import REFUSALS, WARNINGS
from riskmiljo.intake.schema import contract_text
from riskmiljo.intake.words import CategoryWords
from riskmiljo.model.incidents import COLUMN_NAMES
from riskmiljo.model.vocabulary import CATEGORIES
from riskmiljo.settings import shipped

WORDS = shipped("data", "category_words.csv")


def test_the_shipped_description_of_the_contract_is_in_step():
    page = shipped("data", "incidents_schema.md").read_text(encoding="utf-8")
    assert page == contract_text()
    for name in COLUMN_NAMES:
        assert f"| `{name}` |" in page


def test_the_shipped_words_reach_every_category_and_none_twice():
    with WORDS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["category"] for row in rows} == set(CATEGORIES)
    keys = [(row["source"], row["word"].casefold()) for row in rows]
    assert len(keys) == len(set(keys))
    table = CategoryWords.read(None, WORDS)
    for row in rows:
        assert table.meaning(row["word"], "police").category == row["category"]


def test_every_header_word_is_written_as_it_is_looked_up():
    for name, words in HEADER_WORDS.items():
        for word in words:
            assert word == simplified(word)
            assert name in fields_of(word)


def test_every_message_is_told_in_both_languages():
    for text in (*REFUSALS.values(), *WARNINGS.values()):
        assert text.sv != text.en
        assert text.sv.endswith((".", "}"))
        assert text.en.endswith((".", "}"))

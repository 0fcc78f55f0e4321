"""What the joint picture says of operations, in words; and which zones stand out in a month."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskmiljo.situation.joint_news import _status
from riskmiljo.situation.release_verdicts import KIND
from riskmiljo.situation.told_verdicts import AROUND, told_verdicts
from riskmiljo.store import open_store

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
TOLD = {
    "state": "told", "word": "helped", "why": None, "estimate": -0.35, "lower": -0.55,
    "upper": -0.15, "around": "level", "owners": "police",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('omdomen')}/s.sqlite") as made:
        yield made


@pytest.fixture
def said(store):
    """Keep a verdict, and return what is read of it."""

    def keep(**body):
        number = len(store.results.all(KIND)) + 1
        asked = {"operation": number, "begins": NOW.isoformat(), "ground": []}
        store.results.add(KIND, parameters=asked, body=body, now=NOW)
        return told_verdicts(store)[number, 0]

    return keep


@pytest.mark.parametrize(
    ("change", "sv", "en"),
    [
        ({}, "Hjälpte: ungefär 35 % färre än väntat, 95 %: −55 till −15 %.",
         "Helped: about 35% fewer than expected, 95%: −55 to −15%."),
        ({"word": "worse", "estimate": 0.5, "lower": 0.05, "upper": 2.0},
         ("Ökade: ungefär 50 % fler än väntat, 95 %: +5 till mer än +200 %, trots insatsen eller "
         "på grund av den."),
         ("Rose: about 50% more than expected, 95%: +5 to more than +200%, in spite of the "
         "operation or because of it.")),
        ({"word": "no_clear_effect", "estimate": 0.0, "lower": -0.2, "upper": 0.25},
         "Ingen tydlig effekt: ungefär som väntat, 95 %: −20 till +25 %.",
         "No clear effect: about as expected, 95%: −20 to +25%."),
        ({"word": "cannot_tell", "why": "common", "upper": 0.0},
         ("Det går inte att avgöra: lika stora ändringar är vanliga där inget gjordes (ungefär "
         "35 % färre än väntat, 95 %: −55 till 0 %)."),
         ("Cannot tell: changes as large are common where nothing was done (about 35% fewer than "
         "expected, 95%: −55 to 0%).")),
    ],
    ids=["helped", "worse", "no_clear_effect", "cannot_tell"],
)  # fmt: skip
def test_a_verdict_is_said_with_its_rounded_change(said, change, sv, en):
    told = said(**{**TOLD, **change})
    assert (told.text.sv, told.text.en) == (sv, en)
    assert told.around_text == AROUND["level"]
    assert told.owners == "police"


@pytest.mark.parametrize("why", ["compared", "power", "common", "parted", "around"])
def test_every_reason_why_it_cannot_be_told_is_said(said, why):
    told = said(**{**TOLD, "word": "cannot_tell", "why": why, "around": None})
    assert told.text.sv.startswith("Det går inte att avgöra: ")
    assert ": (" not in told.text.en
    assert "för få" in told.around_text.sv


@pytest.mark.parametrize("state", ["too_few", "shared", "corrected", "large", "record"])
def test_what_is_not_told_has_a_reason_and_no_figure(said, state):
    told = said(state=state)
    assert (told.word, told.estimate, told.around_text, told.owners) == (None,) * 4
    assert told.text.sv != told.text.en
    assert not any(sign.isdigit() for sign in told.text.sv.replace("25 km²", ""))


def test_a_month_stands_out_only_in_a_band_of_its_own():
    assert _status(20, [5, 10, 10]) == "higher"
    assert _status(0, [5, 10]) == "lower"
    assert _status(10, [5, 10]) is None

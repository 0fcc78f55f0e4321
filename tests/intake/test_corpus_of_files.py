"""The shared corpus of good, odd and hostile files, with what must come of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskmiljo.errors import UnreadableFileError

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
MANIFEST = CORPUS / "manifest.json"
EXPECTED = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.is_file() else {}
# The child costs a third of a second: it reads the first file of each kind and outcome, and every
# hostile one that is no plain table; the others are read here.
BY_CHILD = {}
for _name, _one in EXPECTED.items():
    BY_CHILD.setdefault((Path(_name).suffix, _one["sev"]), _name)
# What is already in a store is the store's to say, not the reader's.
NOT_OURS = {"REDAN_IMPORTERAD"}
NUMBERS = ("080517-2392", "0805172392", "200805172392", "19991203 2399", "850169-2399")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not EXPECTED, reason=f"{MANIFEST} is absent"),
]


def outcome(name, reader):
    try:
        intake = reader(CORPUS / name, now=datetime(2026, 1, 1, tzinfo=UTC))
    except UnreadableFileError as error:
        return 0, 0, {error.code}, str(error)
    codes = set(intake.rejects["code"]) | {w["code"] for w in intake.receipt["warnings"]}
    said = intake.rejects.to_csv() + json.dumps(intake.receipt, ensure_ascii=False)
    return len(intake.incidents), len(intake.rejects), codes, said


@pytest.mark.parametrize("name", list(EXPECTED) or ["absent"])
def test_every_file_of_the_corpus_comes_out_as_its_manifest_says(name, request):
    expected = EXPECTED[name]
    hostile = expected["sev"] == "avvisa-fil" and not name.endswith(".csv")
    by_child = hostile or name in BY_CHILD.values()
    reader = request.getfixturevalue("read_by_child" if by_child else "read")
    accepted, refused, codes, said = outcome(name, reader)
    assert expected["ok"] in (None, accepted)
    assert expected["rej"] in (None, refused)
    assert set(expected["codes"]) - NOT_OURS <= codes
    if expected["sev"] == "avvisa-fil":
        assert accepted == 0
    if expected["sev"] == "ok":
        assert refused == 0
        assert not codes - {""}
    assert not any(number in said for number in NUMBERS)


def test_the_same_incidents_in_another_order_or_format_are_the_same_incidents(read):
    first = read(CORPUS / "01_ok_wgs84.csv").incidents
    for name in ("62_samma_som_01_annan_ordning.csv", "17_geojson_ok.geojson"):
        other = read(CORPUS / name).incidents
        other = other.sort_values("incident_id", ignore_index=True)
        assert other.equals(first.sort_values("incident_id", ignore_index=True))

"""docs/json.md names every key that the commands answer with, and no other."""

import json
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("words", "rows", "beside"),
    [
        (("zones",), "zones", set()),
        (("heatmap",), "classes", {"unit", "cell_m", "bandwidth_m", "kernel"}),
        (("patrol", "areas", "--teams", "2"), "areas", {"shift", "teams", "balance"}),
    ],
)
def test_every_key_of_an_answer_is_documented(
    call, filled: Path, words: tuple[str, ...], rows: str, beside: set[str], documented
) -> None:
    body = json.loads(call(filled, *words, "--json").stdout)
    every = documented("Every answer about the situation")
    assert set(body) == every | beside | {rows}
    name = " ".join(word for word in words if word.isalpha())
    assert set(body[rows][0]) == documented(f"riskmiljo {name}")


def test_every_key_of_a_receipt_is_documented(
    call, write, good, tmp_path: Path, documented
) -> None:
    write(tmp_path / "april.csv", *good)
    [receipt] = json.loads(call(tmp_path, "import", "april.csv", "--json").stdout)
    assert set(receipt) == documented("riskmiljo import")

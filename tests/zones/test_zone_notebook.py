"""The notebook on the choice of method runs, and shows what it says."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "zones.ipynb"


@pytest.fixture(scope="module")
def ran():
    book = nbformat.read(NOTEBOOK, as_version=4)
    show = (
        "import json\n"
        "out = {'recovered': recovered.reset_index().to_json(), 'stable': stable.to_json(),"
        " 'foretold': foretold.reset_index().to_json(), 'nothing': nothing,"
        " 'scattered': len(scattered)}\n"
        "print(json.dumps(out))"
    )
    book.cells.append(nbformat.v4.new_code_cell(show))
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    return pd.read_json(StringIO(book.cells[-1].outputs[0]["text"]), typ="series")


def test_the_notebook_shows_that_the_default_is_truest_and_foretells_best(ran):
    recovered = pd.read_json(StringIO(ran["recovered"])).set_index("level_1")
    default, others = recovered.loc["auto"], recovered.drop(index="auto")
    assert default["recall"].min() >= 0.9
    both = others["recall"] * others["true"]
    assert (default["recall"] * default["true"]).mean() > both.groupby(level=0).mean().max()
    foretold = pd.read_json(StringIO(ran["foretold"]))
    caught = foretold.groupby("level_1")["share caught"].mean()
    assert caught["auto"] >= 0.95 * caught.max()


def test_the_notebook_shows_that_the_zones_of_the_default_come_back(ran):
    stable = pd.read_json(StringIO(ran["stable"]), typ="series")
    assert stable["auto"] >= 0.9
    assert stable["auto"] >= stable.max() - 0.05
    assert stable["auto"] > stable["hdbscan"]


def test_the_notebook_shows_how_scattered_incidents_are_read(ran):
    assert ran["scattered"] == 2
    assert ran["nothing"].startswith("No place stands out")

"""What the README and the help pages promise is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from riskmiljo.cli import _COMMANDS

ROOT = Path(__file__).resolve().parents[2]
RISKMILJO = Path(sys.executable).parent / "riskmiljo"


def help_page(*words: str, lang: str = "sv") -> str:
    command = [str(RISKMILJO), "--lang", lang, *words, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_help_lists_every_command_without_loading_the_heavy_libraries() -> None:
    page = help_page()
    for name in _COMMANDS:
        assert re.search(rf"^  {name} ", page, re.MULTILINE)
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, riskmiljo.cli; print('geopandas' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert loaded.strip() == "False"


@pytest.mark.parametrize(
    ("lang", "heads", "foreign"),
    [("sv", ("Användning:", "Val"), "Usage:"), ("en", ("Usage:", "Options"), "Användning:")],
)
def test_help_speaks_one_language_at_a_time(lang: str, heads: tuple, foreign: str) -> None:
    asked = ("", "import", "zones", "patrol areas", "maps build")
    # One process for all: the command line takes some seconds to start where nothing is compiled.
    # The language is known from the first word, before any text is made.
    code = (
        "import sys; asked = sys.argv[2:]; sys.argv = ['riskmiljo', '--lang', sys.argv[1]]\n"
        "from riskmiljo.cli import run\n"
        "for words in asked:\n"
        "    run([*sys.argv[1:], *words.split(), '--help']); print('\\f')"
    )
    command = [sys.executable, "-c", code, lang, *asked]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages = told.split("\f\n")[:-1]
    assert len(pages) == len(asked)
    for page in pages:
        assert all(head in page for head in heads)
        assert foreign not in page


def test_every_command_that_the_readme_shows_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fenced = "".join(readme.split("```")[1::2])
    shown = set(re.findall(r"^riskmiljo (?:--\w+ \S+ )?([a-z]+)", fenced, re.MULTILINE))
    assert {"import", "zones", "heatmap", "patrol", "maps", "serve"} <= shown
    assert shown <= set(_COMMANDS)


def test_the_files_that_the_readme_links_to_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", readme)
    assert targets
    missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
    assert missing == []

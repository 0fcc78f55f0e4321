"""What the README and the help pages promise is there."""

import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from riskmiljo.cli import _COMMANDS
from riskmiljo.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_DRIFT = (ROOT / "docs" / "drift.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("page", ["README.md", "docs/drift.md", "docs/uppgifter.md"])
def test_the_files_that_a_document_links_to_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    assert targets
    beside = (ROOT / page).parent
    missing = [t for t in targets if "://" not in t and not (beside / t).exists()]
    assert missing == []


def test_the_readme_names_every_setting_and_the_documents_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("### Settings")[1].split("\n### ")[0]
    cells = "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", cells)) == set(Settings.model_fields)
    [file] = re.findall(r"riskmiljo\.toml`.*?```\n(.*?)```", _DRIFT, re.DOTALL)
    assert Settings(**tomllib.loads(file)).trusted_proxies == 1


def test_every_command_that_running_it_takes_exists() -> None:
    shown = set(re.findall(r"bin/riskmiljo ([a-z]+)", _DRIFT))
    assert {"serve", "user", "backup", "restore", "purge"} <= shown
    assert shown <= set(_COMMANDS)


def test_the_examples_of_docstrings_print_what_they_say() -> None:
    modules = [
        path
        for path in sorted((ROOT / "riskmiljo").rglob("*.py"))
        if ">>> " in path.read_text(encoding="utf-8")
    ]
    assert len(modules) > 20
    tried = 0
    for path in modules:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        outcome = doctest.testmod(importlib.import_module(name))
        assert outcome.failed == 0, name
        tried += outcome.attempted
    assert tried > 30

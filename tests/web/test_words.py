from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import riskmiljo.web
from riskmiljo.web import plan_words, tonight_words, words, zone_words
from riskmiljo.wording import Text

ROOM = Path(riskmiljo.web.__file__).parent
MODULES = {
    "words": words,
    "plan_words": plan_words,
    "tonight_words": tonight_words,
    "zone_words": zone_words,
}
CONSTANTS = {
    (module, name): value
    for module, found in MODULES.items()
    for name, value in vars(found).items()
    if name.isupper()
}


def sources(*patterns: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for path in sorted(ROOM.rglob(pattern)):
            yield path.name, path.read_text("utf-8")


def test_every_sentence_is_used_and_every_used_sentence_exists():
    used = {
        found
        for file, source in sources("*.py", "*.html")
        if file.removesuffix(".py") not in MODULES
        for found in re.findall(rf"\b({'|'.join(MODULES)})\.([A-Z_]+)", source)
    }
    assert used == set(CONSTANTS)


def test_both_languages_have_the_same_gaps_and_are_not_empty():
    texts = [value for value in CONSTANTS.values() if isinstance(value, Text)]
    texts += [*words.ERROR_TITLES.values(), *plan_words.FILE_NAMES.values()]
    for text in texts:
        gaps = [set(re.findall(r"\{(\w+)", one)) for one in (text.sv, text.en)]
        assert gaps[0] == gaps[1], text
        assert text.sv.strip()
        assert text.en.strip()


def test_templates_hold_no_sentence_script_or_style_of_their_own():
    for file, source in sources("*.html"):
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", source), file
        assert not re.search(r"<script(?![^>]*\ssrc=)", source), file
        assert "|safe" not in source, file
        visible = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", source, flags=re.DOTALL)
        # Names of commands and registers, and hours, are the same in every language.
        left = set(re.findall(r"[A-Za-zÅÄÖåäö]{2,}", visible))
        assert left <= {"riskmiljo", "import", "demo", "backtest", "ha", "doctype", "EPSG"}, (
            file,
            left,
        )

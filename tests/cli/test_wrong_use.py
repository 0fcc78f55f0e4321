"""What is wrong with a call is told in the language of the call, click's own sentences included."""

from __future__ import annotations

import re

import click
import pytest

from riskmiljo.cli import language, run

WRONG = {
    "nonsense": "Kommandot 'nonsense' finns inte.",
    "user ad": "Kommandot 'ad' finns inte.",
    "user disable": "'NAME' saknas.",
    "import": "'FILE...' saknas.",
    "user add anna": "'--role' måste anges. Välj bland police, outreach, planner, partner, admin.",
    "zones --fromm x": "'--fromm' finns inte. Menade du någon av '--format', '--from'?",
    "zones --jsn": "'--jsn' finns inte. Menade du '--json'?",
    "zones --format pdf": "'--format' duger inte: 'pdf' är inget av 'table', 'json', 'geojson', "
    "'csv'.",
    "zones --hours": "Ett värde saknas efter '--hours'.",
    "zones --json=3": "'--json' tar inget värde.",
    "audit list --most x": "'--most' duger inte: 'x' är inget heltal.",
    "audit list --most 0": "'--most' duger inte: 0 går inte; det ska vara 1 till 10000.",
    "audit verify en två": "För många ord i anropet: en två.",
    "purge --before igår": "'--before' duger inte: 'igår' har inte formen 'ÅÅÅÅ-MM-DD'.",
    "audit export /finns/inte/a.jsonl": "'FILE' duger inte: '/finns/inte/a.jsonl' kan inte öppnas. "
    "Kontrollera sökvägen och rättigheterna.",
}
ENGLISH = re.compile(r"invalid|missing|no such|did you|not one of|valid|range|unexpected|requires")


@pytest.mark.parametrize(("call", "said"), WRONG.items())
def test_a_wrong_call_says_what_is_wrong_in_the_language_of_the_call(
    call, said, capsys, monkeypatch
):
    told = {}
    for chosen in ("sv", "en"):
        monkeypatch.setattr(language, "LANGUAGE", chosen)
        assert run(call.split()) == 2
        out, told[chosen] = capsys.readouterr()
        assert not out
    line = told["sv"].splitlines()[-1]
    assert line.removeprefix("Fel i anropet: ").startswith(said)
    assert not ENGLISH.search(line.replace("nonsense", "").lower())
    assert told["en"].splitlines()[-1].startswith("Wrong use: ")
    assert not re.search(r"[åäö]", told["en"].replace("igår", "").replace("två", ""))


def test_every_kind_of_value_that_a_command_takes_is_refused_in_swedish(monkeypatch, tmp_path):
    from riskmiljo.cli.wrong_use import told  # noqa: PLC0415 - the language must be known first

    monkeypatch.setattr(language, "LANGUAGE", "sv")
    gone = str(tmp_path / "borta")
    tried = [
        (click.FLOAT, "x"),
        (click.INT, "1.5"),
        (click.IntRange(min=2), "1"),
        (click.IntRange(max=2), "3"),
        (click.FloatRange(0, 1), "2"),
        (click.FloatRange(0, 1), "x"),
        (click.Choice(["a"]), "b"),
        (click.DateTime(["%Y-%m-%d %H:%M", "%H:%M"]), "b"),
        (click.Path(exists=True), gone),
        (click.Path(exists=True, dir_okay=False), gone),
        (click.Path(exists=True, file_okay=False), gone),
        (click.Path(dir_okay=False), str(tmp_path)),
        (click.File("r"), gone),
    ]
    for kind, value in tried:
        with pytest.raises(click.BadParameter) as refused:
            kind.convert(value, None, None)
        refused.value.param_hint = "'--x'"
        sentence = told(refused.value)
        assert sentence.startswith("'--x' duger inte: "), sentence
        assert not ENGLISH.search(sentence.replace(str(tmp_path), "").lower()), sentence
        assert re.search(r"[åäö]|finns|formen", sentence), sentence

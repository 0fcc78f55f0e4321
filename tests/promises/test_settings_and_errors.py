import pickle
from pathlib import Path

import pytest

from riskmiljo import errors
from riskmiljo.errors import RiskmiljoError, SettingsError, UnreadableFileError
from riskmiljo.settings import load_settings, shipped
from riskmiljo.wording import Text


def test_the_environment_wins_over_the_file_and_an_argument_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text('port = 6000\nlanguage = "en"\n', encoding="utf-8")
    monkeypatch.setenv("RISKMILJO_SETTINGS", str(file))
    assert load_settings().port == 6000
    monkeypatch.setenv("RISKMILJO_PORT", "6001")
    assert load_settings().port == 6001
    assert load_settings(port=6002).port == 6002
    assert load_settings().language == "en"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("port = 0", "port"),
        ('colour = "red"', "colour"),
        ("port = ", "TOML"),
        ("area_bbox = [1, 2, 0, 3]", "area_bbox"),
    ],
)
def test_a_wrong_setting_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, word: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("RISKMILJO_SETTINGS", str(file))
    with pytest.raises(SettingsError, match=word):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "99999", "port duger inte: det ska vara högst 65535"),
        ("PORT", "x", "port duger inte: det ska vara ett heltal"),
        ("LANGUAGE", "de", "language duger inte: det ska vara sv eller en"),
        ("FORECASTING", "perhaps", "det ska vara true eller false"),
        ("AREA_BBOX", "[1, 2, 3, 4, 5]", "listan är för lång"),
        ("AREA_BBOX", "1 2", "RISKMILJO_AREA_BBOX"),
    ],
)
def test_a_wrong_variable_is_told_in_the_reader_s_language(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"RISKMILJO_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert words in caught.value.message.sv


def test_a_settings_file_that_is_named_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKMILJO_SETTINGS", "/nowhere/riskmiljo.toml")
    with pytest.raises(SettingsError, match="nowhere"):
        load_settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


def test_the_error_tree_drawn_in_the_docstring_is_the_real_one() -> None:
    for name in errors.__all__:
        assert f" {name} " in f" {errors.__doc__} ".replace("\n", " ")
        kind = getattr(errors, name)
        assert issubclass(kind, RiskmiljoError)
        assert kind.exit_code in {1, 2}


def test_an_error_keeps_both_languages_across_processes() -> None:
    error = UnreadableFileError(Text("trasig", "broken"), code="FIL_TRASIG")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.message, again.code) == (type(error), error.message, "FIL_TRASIG")


def test_what_we_ship_is_found() -> None:
    assert shipped("data").is_dir()
    assert shipped("maps").is_dir()


def test_gaps_in_a_text_are_filled_in_each_language() -> None:
    filled = Text("{a} är {n}", "{a} is {n}").fill(a=Text("Rån", "Robbery"), n=3)
    assert filled.as_dict() == {"sv": "Rån är 3", "en": "Robbery is 3"}

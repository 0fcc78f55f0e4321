from __future__ import annotations

import pytest

from riskmiljo.errors import SettingsError
from riskmiljo.maps import read_standing_maps
from riskmiljo.model.role import Role

GOOD = """
audience = "police"
period = "last-28-days"
layers = ["base", "zones"]
shown = ["zones"]
teams = 4
[title]
sv = "Karta"
en = "Map"
[filter]
category = ["robbery", "theft"]
hours = "18-02"
weekday = [5, 6]
"""


def write(folder, text, name="egen.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_one_standing_map_per_audience_is_shipped():
    maps = {one.name: one for one in read_standing_maps()}
    assert {name: one.audience for name, one in maps.items()} == {
        "planerare": Role.PLANNER,
        "polis": Role.POLICE,
        "ungdomsjour": Role.OUTREACH,
    }
    assert "areas" not in maps["planerare"].layers
    assert all(set(one.shown) <= set(one.layers) for one in maps.values())


def test_a_standing_map_is_read_as_written(tmp_path):
    [one] = read_standing_maps(write(tmp_path, GOOD))
    assert (one.name, one.title.en, one.teams, one.period) == ("egen", "Map", 4, "last-28-days")
    assert (one.layers, one.shown) == (("base", "zones"), ("zones",))
    assert one.question.categories == ("robbery", "theft")
    assert one.question.hours == (18, 2)
    assert one.question.weekdays == (5, 6)


@pytest.mark.parametrize("period", ["2026-04", "2026-W18", "2026-04-01/2026-05-01", "last-7-days"])
def test_periods_are_those_of_the_command_line(tmp_path, period):
    [one] = read_standing_maps(write(tmp_path, GOOD.replace("last-28-days", period)))
    assert one.period == period


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"police"', '"chef"', r"egen\.toml, audience: 'chef' är ingen roll"),
        ('audience = "police"', "", r"egen\.toml, audience: None är ingen roll"),
        ('"last-28-days"', '"last-0-days"', r"egen\.toml, period: 'last-0-days' kan inte läsas"),
        ('"last-28-days"', "28", r"egen\.toml, period: 28 kan inte läsas"),
        ('["base", "zones"]', '["punkter"]', r"egen\.toml, layers: måste vara en lista"),
        ('shown = ["zones"]', 'shown = ["heat"]', r"egen\.toml, shown: måste vara en lista"),
        ("teams = 4", "teams = 0", r"egen\.toml, teams: måste vara ett heltal"),
        ("teams = 4", "teams = true", r"egen\.toml, teams: måste vara ett heltal"),
        ("teams = 4", "lag = 4", r"egen\.toml, lag: okänd nyckel"),
        ('en = "Map"', 'en = " "', r"egen\.toml, title\.en: måste vara en text"),
        ('en = "Map"', 'fr = "Carte"', r"egen\.toml, title\.fr: okänd nyckel"),
        ('"robbery"', '"rån"', r"egen\.toml, filter: category: 'rån' finns inte"),
        ('hours = "18-02"', "hours = 18.5", r"egen\.toml, filter\.hours: måste vara en text"),
        ('hours = "18-02"', 'tid = "18-02"', r"egen\.toml, filter\.tid: okänd nyckel"),
        ("[title]", "[title", r"egen\.toml är inte giltig TOML"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(SettingsError, match=said):
        read_standing_maps(write(tmp_path, GOOD.replace(old, new)))


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "egen.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"egen\.toml är inte giltig TOML"):
        read_standing_maps(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SettingsError, match="finns inte"):
        read_standing_maps(tmp_path / "borta")

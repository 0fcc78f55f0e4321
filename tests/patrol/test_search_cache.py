"""The compiled search never outlives the code that it was made of."""

from __future__ import annotations

import numba
import pytest

from riskmiljo.patrol import search_compile


@pytest.fixture
def sources(tmp_path, monkeypatch):
    for name in ("search_a.py", "search_b.py"):
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(search_compile, "_HERE", tmp_path)
    search_compile._folder.cache_clear()
    yield tmp_path
    search_compile._folder.cache_clear()


def test_a_change_in_any_file_of_the_search_gets_a_folder_of_its_own(sources):
    first = search_compile._folder("")
    (sources / "search_b.py").write_text("x = 2\n")
    search_compile._folder.cache_clear()
    second = search_compile._folder("")
    assert first != second
    assert first.is_dir()
    assert second.parent == sources / "__pycache__"


@pytest.mark.usefixtures("sources")
def test_a_folder_that_the_installation_names_is_used(tmp_path):
    assert search_compile._folder(str(tmp_path / "eget")).parent == tmp_path / "eget"


def test_where_nothing_can_be_written_numba_finds_a_folder_for_itself(sources):
    (sources / "__pycache__").write_text("not a folder")
    assert search_compile._folder("") is None
    before = numba.config.CACHE_DIR
    with search_compile._kept_apart():
        assert before == numba.config.CACHE_DIR


def test_numba_is_left_as_it_was(sources):
    before = numba.config.CACHE_DIR
    with search_compile._kept_apart():
        assert str(sources) in numba.config.CACHE_DIR
    assert before == numba.config.CACHE_DIR

"""Files and streams that a command writes: whole or not at all, and devices as devices."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click
import pytest

import riskmiljo.cli
from riskmiljo.cli.options import filter_options
from riskmiljo.cli.output import require_folder, write_bytes
from riskmiljo.errors import InvalidInputError


def test_a_file_is_put_in_place_whole_or_not_at_all(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "zoner.csv"
    write_bytes(path, b"before")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InvalidInputError, match="No space left"):
        write_bytes(path, b"after")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [
        ("zoner.csv", b"before")
    ]


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_bytes(pipe, b"answer")
    assert os.read(reader, 100) == b"answer"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("path", ["", ".", "..", "/"])
def test_a_folder_is_no_file_to_write_to(path: str) -> None:
    with pytest.raises(InvalidInputError, match="är en mapp"):
        require_folder(Path(path))


def test_an_empty_filter_does_not_widen_the_question(monkeypatch, capsys) -> None:
    @click.command()
    @filter_options
    def counted(query: dict[str, list[str]]) -> None:
        click.echo(f"asked {query['category']} {query['hours']}")

    monkeypatch.setattr(riskmiljo.cli, "root", counted)
    assert riskmiljo.cli.run(["--category", "violence", "--hours", "18-02"]) == 0
    assert capsys.readouterr().out == "asked ['violence'] ['18-02']\n"
    for wrong in (
        ["--category", ""],
        ["--category", "violence", "--category", " "],
        ["--from", ""],
    ):
        assert riskmiljo.cli.run(wrong) == 2
        said = capsys.readouterr()
        assert (said.out, "är tomt" in said.err) == ("", True)


def test_a_full_disk_behind_the_answer_is_one_sentence(monkeypatch, capsys) -> None:
    @click.command()
    def spoken() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(riskmiljo.cli, "root", spoken)
    assert riskmiljo.cli.run([]) == 2
    assert "Frigör plats" in capsys.readouterr().err

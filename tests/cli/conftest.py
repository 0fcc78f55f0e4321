"""Call the command line inside this process: starting Python anew costs seconds each time."""

import os
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from riskmiljo.cli import run


@dataclass
class Called:
    """How one call ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def call() -> Callable[..., Called]:
    """Call ``riskmiljo`` with these words in a folder; the store is ``s.sqlite`` there."""

    def called(folder: Path, *words: object, store: str | None = "sqlite:///s.sqlite") -> Called:
        before = dict(os.environ)
        out, err = StringIO(), StringIO()
        os.environ.update({} if store is None else {"RISKMILJO_STORE": store})
        try:
            with chdir(folder), redirect_stdout(out), redirect_stderr(err):
                code = run([str(word) for word in words])
        finally:
            os.environ.clear()
            os.environ.update(before)
        return Called(code, out.getvalue(), err.getvalue())

    return called


_HEAD = "id;typ;tid;latitud;longitud\n"
_GOOD = [
    f"A{i};{'Rån' if i % 2 else 'Misshandel'};2026-04-{i % 28 + 1:02d} 2{i % 4}:15;"
    f"{59.8586 + (i % 5) * 3e-4:.5f};{17.6390 + (i % 7) * 3e-4:.5f}"
    for i in range(60)
]


@pytest.fixture(scope="session")
def good() -> list[str]:
    """Sixty rows around Stora torget."""
    return _GOOD


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    """Write rows below the head of a file."""

    def written(path: Path, *rows: str) -> Path:
        path.write_text(_HEAD + "\n".join(rows) + "\n", encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def filled(call, write, good, tmp_path_factory) -> Path:
    """A folder with a store of those sixty rows."""
    folder = tmp_path_factory.mktemp("filled")
    write(folder / "april.csv", *good)
    result = call(folder, "import", "april.csv", "--source", "police")
    assert result.returncode == 0, result.stderr
    return folder

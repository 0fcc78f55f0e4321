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

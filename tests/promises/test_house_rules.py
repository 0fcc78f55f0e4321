"""The house keeps its own rules: layers, lint, types, docstrings, sizes, the public surface."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import riskmiljo

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "riskmiljo").rglob("*.py"))
TOOLS = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "default", "NO_COLOR": "1"}
    return subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("lint-imports", "--no-cache"),
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("numpydoc", "lint", *(str(path.relative_to(ROOT)) for path in SOURCES)),
    ],
    ids=["import contracts", "lint", "format", "types", "docstrings"],
)
def test_the_code_passes_its_own_checks(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_no_module_grows_past_600_lines() -> None:
    kinds = ("*.py", "*.js", "*.css", "*.html")
    files = [path for kind in kinds for path in (ROOT / "riskmiljo").rglob(kind)]
    files += (ROOT / "tests").rglob("*.py")
    large = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 600
    }
    assert large == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [p.name for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []


def test_the_public_surface_is_sorted_and_every_name_can_be_had() -> None:
    names = list(riskmiljo._WHERE)
    assert names == sorted(names)
    for name in names:
        assert getattr(riskmiljo, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = riskmiljo.no_such_thing


def test_no_address_of_another_host_stands_in_what_we_serve() -> None:
    hosts = ("cdn.", "unpkg", "cdnjs", "googleapis", "tile.openstreetmap", "jsdelivr")
    kinds = ("*.py", "*.js", "*.css", "*.html", "*.toml")
    found = [
        (path.name, host)
        for folder in ("riskmiljo", "maps")
        for kind in kinds
        for path in (ROOT / folder).rglob(kind)
        for host in hosts
        if host in path.read_text(encoding="utf-8")
    ]
    assert found == []

"""The house keeps its own rules: layers, lint, types, docstrings, sizes, the public surface."""

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from numpydoc.validate import validate

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
    ],
    ids=["import contracts", "lint", "format", "types"],
)
def test_the_code_passes_its_own_checks(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


# numpydoc's own names: no summary, wrong summary, a parameter that is missing, unknown or in
# another order, a missing Returns or Yields.
DOCSTRING_CHECKS = {"GL03", "GL08", "SS02", "SS03", "PR01", "PR02", "PR03", "RT01", "YD01"}


def public_names() -> Iterator[str]:
    for path in SOURCES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if ".migrations" in module or module.rpartition(".")[2].startswith("_"):
            continue
        loaded = importlib.import_module(module)
        for name, thing in vars(loaded).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module:
                continue
            if inspect.isfunction(thing):
                yield f"{module}.{name}"
            elif inspect.isclass(thing):
                yield f"{module}.{name}"
                for method, value in vars(thing).items():
                    if not method.startswith("_") and inspect.isfunction(value):
                        yield f"{module}.{name}.{method}"


def faults_of(name: str) -> list[str]:
    # At run time and not from the source: numpydoc's own lint does not see a dataclass's fields.
    result = validate(name)
    wanted = set(DOCSTRING_CHECKS)
    text = (result["docstring"] or "").strip()
    missing = re.search(r"\{(.*)\} not documented", str(result["errors"]))
    is_class = name.rpartition(".")[2][0].isupper()
    if is_class and "Parameters\n" not in text:
        # Fields may stand under Attributes; enums, errors and protocols take what their base takes.
        wanted -= {"PR01"}
    elif "\n" not in text and (missing is None or missing[1].count(",") == 0):
        # One line is whole where there is at most one argument to explain.
        wanted -= {"PR01", "RT01", "YD01"}
    return [f"{name}: {code} {fault}" for code, fault in result["errors"] if code in wanted]


def test_every_public_docstring_is_whole() -> None:
    assert [fault for name in public_names() for fault in faults_of(name)] == []


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

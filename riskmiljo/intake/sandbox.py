"""Hand a foreign file to a child process, and take its table back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import riskmiljo
from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake.raw import ANSWER_REFUSAL, ANSWER_TABLE, RawTable, read_raw
from riskmiljo.wording import Text

MAX_SECONDS: Final = 300
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from riskmiljo.intake.child import main; main()"
)


def parse_in_child(path: Path, *, name: str, layer: str | None) -> RawTable:
    """Parse a file in a process of its own.

    Parameters
    ----------
    path
        The file.
    name
        Its name as the user knows it.
    layer
        The sheet or layer wanted; None where there is one.

    Returns
    -------
    RawTable
        What the file holds. It comes through a pipe: no part of it is written to a disk.

    Raises
    ------
    UnreadableFileError
        If the child refused the file, died or took too long.
    """
    root = str(Path(riskmiljo.__file__).parents[1])
    command = [sys.executable, "-I", "-c", _PROGRAM, root, str(path.absolute()), name, layer or ""]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MAX_SECONDS,
            check=False,
            # Nothing of the parent's environment, where passwords may lie.
            env={"PYTHONUTF8": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(
            Text(
                "Filen tog mer än {s} {s:sekund|sekunder} att läsa. Dela den.",
                "The file took more than {s} {s:second|seconds} to read. Split it.",
            ).fill(s=MAX_SECONDS),
            code="FIL_FOR_STOR",
        ) from error
    if done.returncode == 0 and done.stdout.startswith(ANSWER_TABLE):
        return read_raw(done.stdout[len(ANSWER_TABLE) :])
    if done.returncode == 0 and done.stdout.startswith(ANSWER_REFUSAL):
        swedish, english, code = json.loads(done.stdout[len(ANSWER_REFUSAL) :])
        raise UnreadableFileError(Text(swedish, english), code=code)
    raise UnreadableFileError(
        Text(
            "Filen kunde inte läsas inom de gränser som gäller (skadad, eller kräver för mycket "
            "minne). Hämta den på nytt eller dela den.",
            "The file could not be read within the limits (damaged, or needs too much memory). "
            "Fetch it again or split it.",
        ),
        code="FIL_TRASIG",
    )

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from riskmiljo.errors import UnreadableFileError
from riskmiljo.intake import child, sandbox
from riskmiljo.intake.raw import Fault, Geometry, Note, RawTable, read_raw, write_raw

PLAIN = b"id,tid,typ,lat,lon\na,2025-01-10 08:15,R,59.8586,17.6389\n"


def in_child(code, tmp_path):
    """Run code under the child's limits and return what it printed."""
    program = f"from riskmiljo.intake import child; child._limit()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("import socket; socket.socket()", "PermissionError"),
        ("import socket; socket.getaddrinfo('example.org', 80)", "PermissionError"),
        ("import subprocess; subprocess.run(['true'])", "PermissionError"),
        ("import os; os.system('true')", "PermissionError"),
        ("import os; os.fork()", "PermissionError"),
        ("with open('left_behind', 'w') as f: f.write('x')", "OSError"),
        ("bytearray(child.MAX_MEMORY)", "MemoryError"),
    ],
)
def test_the_child_has_no_network_no_programs_no_disk_and_little_memory(tmp_path, code, complaint):
    out, complained = in_child(f"{code}\nprint('got through')", tmp_path)
    assert out == ""
    assert complaint in complained or complained == ""  # killed by the signal of the limit
    left = tmp_path / "left_behind"
    assert not left.exists() or left.stat().st_size == 0


def test_a_child_that_dies_becomes_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN)
    for program in ("import os; os._exit(9)", "import os; os.kill(os.getpid(), 11)", "1/0"):
        monkeypatch.setattr(sandbox, "_PROGRAM", program)
        with pytest.raises(UnreadableFileError) as caught:
            sandbox.parse_in_child(path, name="a.csv", layer=None)
        assert caught.value.code == "FIL_TRASIG"


def test_what_goes_wrong_after_the_answer_takes_no_table_away(tmp_path, monkeypatch):
    # As the threads of a library do when the interpreter ends before them.
    ends_badly = "import atexit, os; atexit.register(os.abort); "
    monkeypatch.setattr(sandbox, "_PROGRAM", ends_badly + sandbox._PROGRAM)
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN)
    assert len(sandbox.parse_in_child(path, name="a.csv", layer=None).rows) == 1
    path.write_bytes(b"")
    with pytest.raises(UnreadableFileError) as caught:
        sandbox.parse_in_child(path, name="a.csv", layer=None)
    assert caught.value.code == "FIL_TOM"


def test_a_child_that_hangs_is_stopped(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN)
    monkeypatch.setattr(sandbox, "_PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.3)
    with pytest.raises(UnreadableFileError) as caught:
        sandbox.parse_in_child(path, name="a.csv", layer=None)
    assert caught.value.code == "FIL_FOR_STOR"


def test_a_file_over_the_limit_is_not_even_opened(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN)
    monkeypatch.setattr(child, "MAX_BYTES", 10)
    with pytest.raises(UnreadableFileError) as caught:
        child.parse(path, "a.csv", None)
    assert caught.value.code == "FIL_FOR_STOR"


def test_a_table_comes_through_the_pipe_as_it_was(tmp_path):
    columns = pa.table({"a": ["x", None], "b": pa.array([1.5, None]), "ö": pa.array(["å", "å"])})
    raw = RawTable(
        "gpkg",
        columns,
        np.array([1, 2]),
        geometry=Geometry(np.array([1.0, np.nan]), np.zeros(2), np.zeros(2, np.int8), "EPSG:3006"),
        faults=[Fault(2, "CELLFEL", "a", "tom")],
        notes=[Note("DOLD_RAD", 1, [2])],
        excel_1904=True,
    )
    path = tmp_path / "pipe"
    with path.open("wb") as sink:
        write_raw(raw, sink)
    back = read_raw(path.read_bytes())
    assert back.columns.equals(columns)
    assert (back.rows == raw.rows).all()
    assert np.array_equal(back.geometry.x, raw.geometry.x, equal_nan=True)
    assert (back.geometry.crs, back.faults, back.notes) == ("EPSG:3006", raw.faults, raw.notes)
    assert back.excel_1904

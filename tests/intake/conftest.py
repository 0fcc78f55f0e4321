from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskmiljo.intake import child, reading, sandbox

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read text, bytes or a file at a fixed time, without the child: it has tests of its own."""

    def parse(path, *, name, layer):
        return child.parse(path, name, layer)

    monkeypatch.setattr(reading, "parse_in_child", parse)
    return _reader(tmp_path)


@pytest.fixture
def read_by_child(tmp_path):
    """Read as a user does, by way of the child process, at a fixed time."""
    assert reading.parse_in_child is sandbox.parse_in_child
    return _reader(tmp_path)


def _reader(folder):
    def read_it(content, name="file.csv", **options):
        path = content
        if not isinstance(content, Path):
            path = folder / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return reading.read_incidents(path, **{"now": NOW, **options})

    return read_it

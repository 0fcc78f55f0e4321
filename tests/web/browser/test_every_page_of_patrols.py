"""Every page of those who are out in the evening, in a real browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_every_page_is_open_to_everybody_and_asks_nobody_else(shown, faults_of):
    assert faults_of(shown) == []

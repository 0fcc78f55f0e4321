"""A file name chooses the export."""

from __future__ import annotations

import pytest

from riskmiljo.errors import InvalidInputError
from riskmiljo.export import (
    PLAN_FILES,
    plan_file,
    plan_geojson,
    plan_gpx,
    plan_html,
    plan_ics,
    plan_pdf,
    plan_suffix,
)


def test_each_suffix_gives_its_own_file(plan, plans, base):
    about = {"language": "en", "area_name": "Uppsala", "base": base}
    wanted = {
        ".gpx": plan_gpx(plan, language="en"),
        ".ics": plan_ics(plan, language="en", now=plans.now),
        ".geojson": plan_geojson(plan),
        ".html": plan_html(plan, **about).encode(),
        ".pdf": plan_pdf(plan, **about, now=plans.now),
    }
    assert set(wanted) == set(PLAN_FILES)
    for suffix, body in wanted.items():
        assert plan_file(plan, suffix, now=plans.now, **about) == body


@pytest.mark.parametrize("name", [".PDF", "pass.pdf", "/tmp/a.b/Pass 1.Pdf"])  # noqa: S108 - no file
def test_a_whole_name_will_do(name):
    assert plan_suffix(name) == ".pdf"


@pytest.mark.parametrize("name", ["", "gpx", ".docx", "plan", "plan.gpx.exe", ".", "\u202e.xlsx"])
def test_other_names_are_refused_with_those_that_can_be(plan, plans, name):
    with pytest.raises(
        InvalidInputError, match=r"\.gpx, \.ics, \.geojson, \.html, \.pdf"
    ) as raised:
        plan_file(plan, name, language="sv", now=plans.now, area_name="Uppsala")
    assert "Choose one of" in raised.value.message.en

"""The briefing in a real browser: on a screen, on a phone, on paper."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from riskmiljo.export import plan_html
from riskmiljo.model.plan import Route
from riskmiljo.wording import Text

pytestmark = pytest.mark.browser

SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def opened(watch, tmp_path):
    def open_plan(plan, language="sv", base=None, **options):
        path = tmp_path / f"plan-{language}.html"
        text = plan_html(plan, language=language, area_name="Uppsala", base=base)
        path.write_text(text, encoding="utf-8")
        watched = watch(**options)
        watched.page.goto(path.as_uri())
        return watched

    return open_plan


@pytest.mark.parametrize("size", SIZES)
def test_it_opens_without_complaint_request_or_sideways_scrolling(opened, hostile_plan, base, size):
    watched = opened(hostile_plan, base=base, viewport=SIZES[size])
    assert watched.problems == []
    assert len(watched.requests) == 1
    wide = watched.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SIZES[size]["width"]


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [
        ("sv", "desktop", "light"),
        ("en", "desktop", "dark"),
        ("en", "phone", "light"),
        ("sv", "phone", "dark"),
    ],
)
def test_nobody_is_shut_out(opened, plans, base, language, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    plan = plans.make("2026-10-24 18:00/04:00", stops=(3, 0), distance="straight")
    # axe is put into the page by the test; the page's own policy would rightly refuse it.
    watched = opened(
        plan, language, base, viewport=SIZES[size], color_scheme=scheme, bypass_csp=True
    )
    found = axe.run(watched.page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize("size", SIZES)
def test_one_map_of_each_kind_is_seen_and_its_numbers_can_be_read(opened, plans, size):
    page = opened(plans.make(stops=(16,)), viewport=SIZES[size]).page
    assert page.locator("svg.map:visible").count() == 2
    heights = page.evaluate(
        "[...document.querySelectorAll('.marker text')].filter(t => t.checkVisibility())"
        ".map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"
    )
    assert len(heights) == 32
    assert min(heights) >= 11.5


def test_the_ruled_lines_are_for_paper_only(opened, plan):
    page = opened(plan).page
    assert page.locator(".rule:visible").count() == 0
    page.emulate_media(media="print")
    assert page.locator(".rule:visible").count() >= 4


def test_sixteen_stops_with_reasons_of_two_lines_fit_a_page(opened, plans):
    why = Text(
        "6 händelser fre och lör 22–02 på 4 veckor. 12 % av passets risk finns här; väntat 0,4 "
        "kl. 22–23. Topp 23–00.",
        "",
    )
    plan = plans.make(stops=(16,))
    steps = tuple(
        replace(step, why=why) if hasattr(step, "why") else step for step in plan.routes[0].steps
    )
    page = opened(replace(plan, routes=(Route(plan.routes[0].crew, steps),))).page
    body = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", body)) == 2


@pytest.mark.parametrize(
    ("text", "stops", "count"),
    [
        ("2026-04-30 18:00/02:00", (8, 5, 16, 0), 5),
        ("2026-10-24 22:00/06:00", (16,), 2),
        ("2026-04-30 18:00/02:00", (40,), 3),
    ],
    ids=["a page each", "with all warnings", "many stops go on"],
)
def test_on_a4_each_crew_has_its_page(opened, plans, base, text, stops, count):
    straight = "straight" if count == 2 else "streets"
    page = opened(plans.make(text, stops=stops, distance=straight), base=base).page
    body = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", body)) == count
    assert re.search(rb"/MediaBox \[0 0 59[45]\.?\d* 84[12]\.?\d*\]", body)


def test_a_crews_table_is_never_small_on_paper_and_a_second_page_says_whose_it_is(opened, plans):
    page = opened(plans.make(stops=(16, 27))).page
    page.emulate_media(media="print")
    small, heads = page.evaluate(
        "[Math.min(...[...document.querySelectorAll('.stops *')].filter(e => e.checkVisibility()"
        " && e.textContent && !e.closest('thead')).map(e => parseFloat(getComputedStyle(e).fontSize"
        "))), [...document.querySelectorAll('.stops')].map(t => t.tHead.rows[0].innerText)]"
    )
    assert small >= 8.5 / 0.75 - 0.01
    assert "Lag 2" in heads[1]
    assert (
        page.locator(".stops thead").nth(1).evaluate("one => getComputedStyle(one).display")
        == "table-header-group"
    )
    body = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", body)) == 4


def test_numbers_stay_within_their_marks(opened, plans):
    page = opened(plans.make(stops=(12, 3)), viewport=SIZES["phone"]).page
    spill = page.evaluate(
        "[...document.querySelectorAll('.marker')].filter(m => m.checkVisibility()).map(m =>"
        " m.querySelector('text').getBBox().width - m.querySelector('rect').getBBox().width)"
    )
    assert len(spill) == 30
    assert max(spill) < 0

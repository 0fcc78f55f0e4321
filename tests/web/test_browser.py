"""The situation's page in a real browser: its form beside or above the map, and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
SIZES = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
DRAWN = ".karta[data-ready=true]"


@pytest.fixture
def origin(app, serving):
    with serving(app) as address:
        yield address


def visit(watch, origin, path, *, size, ready=None):
    watched = watch(**SIZES[size])
    watched.page.goto(origin + path)
    if ready:
        watched.page.wait_for_selector(ready, timeout=15_000)
    return watched


def test_a_mistaken_address_keeps_the_form_open(watch, origin):
    page = visit(watch, origin, "/?hours=99-2", size="phone").page
    assert page.locator("#f-from").is_visible()


def test_the_phone_shows_the_map_before_the_filter_and_has_large_targets(watch, origin):
    page = visit(watch, origin, "/", size="phone").page
    assert not page.locator("#f-from").is_visible()
    assert page.locator(".karta").bounding_box()["y"] < 400
    page.locator(".selection > summary").click()
    assert page.locator("#f-from").is_visible()
    small = page.evaluate(
        """[...document.querySelectorAll(`header a, .selection summary, .filter select,
        .filter button, .filter input[type=date], .filter .box, .filter a`)]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
        .map(e => e.outerHTML.slice(0, 100))"""
    )
    assert small == []


def test_the_wide_page_has_its_filter_open_beside_the_map(watch, origin):
    page = visit(watch, origin, "/", size="desktop").page
    assert page.locator("#f-from").is_visible()
    form, chart = page.locator(".filter").bounding_box(), page.locator(".karta").bounding_box()
    assert form["x"] + form["width"] <= chart["x"]


def test_the_form_leads_to_an_address_that_holds_the_choice(watch, origin, stage):
    page = visit(watch, origin, "/?lang=en", size="desktop").page
    page.locator("input[name=weekday][value='5']").check()
    page.locator("#f-hour-from").select_option("22")
    page.locator("#f-hour-to").select_option("02")
    page.locator("input[name=category][value='robbery']").check()
    page.locator("#f-teams").select_option("2")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**hours=22**")
    asked = stage.asked[-1]
    assert (asked.question.weekdays, asked.question.hours) == ((5,), (22, 2))
    assert (asked.question.categories, asked.teams) == (("robbery",), 2)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("input[name=weekday][value='5']").is_checked()


def test_the_page_prints_on_a4(watch, origin):
    page = visit(watch, origin, "/", size="desktop", ready=DRAWN).page
    page.emulate_media(media="print")
    assert not page.locator(".filter").is_visible()
    assert page.locator("table").first.is_visible()
    paper = page.pdf(path=ARTIFACTS / "web-situation.pdf", format="A4")
    assert paper.startswith(b"%PDF")

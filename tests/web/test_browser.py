"""The pages in a real browser: nothing foreign is asked for, nothing complained about, and axe
finds no fault, at desktop and phone size, in both languages."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from riskmiljo.errors import NothingFoundError
from riskmiljo.wording import Text

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
SIZES = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
DRAWN = ".karta[data-ready=true]"
# Nothing that the page shows may be wider than the window; what scrolls inside itself is fine.
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def origin(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def faults(page):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - optional dependency

    found = Axe().run(page, options=WCAG).response["violations"]
    return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]


def visit(watch, origin, path, *, size, scheme="light", name=None, ready=None):
    watched = watch(**SIZES[size], color_scheme=scheme)
    page = watched.page
    page.goto(origin + path)
    if ready:
        page.wait_for_selector(ready, timeout=15_000)
    if name:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"web-{name}.png", full_page=True)
    return watched


def check(watched, origin):
    assert watched.problems == []
    hosts = {urlsplit(url).netloc for url in watched.requests if not url.startswith("data:")}
    assert hosts == {urlsplit(origin).netloc}
    assert not watched.page.evaluate(TOO_WIDE)
    assert faults(watched.page) == []


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_situation_keeps_every_promise(watch, origin, size, language):
    name = f"situation-{size}-{language}"
    watched = visit(watch, origin, f"/?lang={language}", size=size, name=name, ready=DRAWN)
    assert watched.page.locator("html").get_attribute("lang") == language
    check(watched, origin)


@pytest.mark.parametrize("size", SIZES)
def test_the_dark_page_has_contrast_too(watch, origin, size):
    name = f"situation-{size}-dark"
    check(visit(watch, origin, "/", size=size, scheme="dark", name=name, ready=DRAWN), origin)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/zoner/z1", "/zoner/z1?lang=en"])
def test_the_zone_page_keeps_every_promise(watch, origin, size, path):
    name = f"zone-{size}-{'en' if 'lang' in path else 'sv'}"
    check(visit(watch, origin, path, size=size, name=name), origin)


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_store_is_met_with_help(watch, origin, stage, size):
    stage.store.filled = False
    stage.store.flags.clear()
    check(visit(watch, origin, "/", size=size, name=f"empty-{size}"), origin)


@pytest.mark.parametrize("size", SIZES)
def test_a_question_without_an_answer_keeps_the_form(watch, origin, stage, size):
    stage.error = NothingFoundError(
        Text("Inga händelser för 2026-01-01/2026-02-01.", "No incidents for 2026-01.")
    )
    path = "/?from=2026-01-01&to=2026-02-01&category=robbery"
    check(visit(watch, origin, path, size=size, name=f"nothing-{size}"), origin)


def test_a_mistaken_address_keeps_the_form_open(watch, origin):
    watched = visit(watch, origin, "/?hours=99-2", size="phone", name="refused-phone")
    assert watched.page.locator("#f-from").is_visible()
    assert faults(watched.page) == []


def test_the_not_found_page_is_in_house_style(watch, origin):
    watched = visit(watch, origin, "/finns/inte", size="phone", name="error-phone")
    assert watched.page.locator("h1").inner_text() == "Sidan finns inte"
    assert faults(watched.page) == []


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

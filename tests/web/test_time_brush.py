"""The time brush and the comparison in a real browser: by keyboard, by touch, without motion."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from riskmiljo.situation.tiles_compare import Difference
from riskmiljo.web import time_views

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
READY = ".tid[data-ready=true]"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PERIOD = "from=2025-11-03&to=2026-03-30"
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def origin(app, monkeypatch, serving):
    rows = [
        Difference("", "", 380, 400, 76.0, 80.0, 0.05, -0.09, 0.21),
        Difference("z1", "Resecentrum", 60, 120, 12.0, 24.0, 1.0, 0.46, 1.77),
        Difference("z3", "Gottsunda centrum", None, 12, None, 2.4, None, None, None),
    ]
    monkeypatch.setattr(time_views, "differences", lambda *_: rows)
    with serving(app) as address:
        yield address


def visit(watch, address, **options):
    watched = watch(**options)
    watched.page.goto(address)
    watched.page.wait_for_selector(READY, timeout=15_000)
    return watched


def check(watched, name):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - optional dependency

    ARTIFACTS.mkdir(exist_ok=True)
    watched.page.screenshot(path=ARTIFACTS / f"web-{name}.png", full_page=True)
    found = Axe().run(watched.page, options=WCAG).response["violations"]
    assert [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]] == []
    assert watched.problems == []
    assert not watched.page.evaluate(TOO_WIDE)
    hosts = {urlsplit(url).netloc for url in watched.requests}
    assert hosts == {urlsplit(watched.page.url).netloc}


def fields(address):
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def drawn(page, **expected):
    """Wait until the map shows tiles of these fields."""
    page.wait_for_function(
        """expected => {
          const shown = document.querySelector(".karta").dataset.drawn;
          const fields = new URL(shown ?? "", location.href).searchParams;
          return Object.entries(expected).every(([key, value]) => fields.get(key) === value);
        }""",
        arg=expected,
        timeout=10_000,
    )


def test_arrow_keys_move_the_period_of_map_address_and_form(watch, origin):
    watched = visit(watch, f"{origin}/karta?{PERIOD}&category=theft")
    page = watched.page
    start, end = (page.locator(f".tid-{name}") for name in ("from", "to"))
    assert start.get_attribute("role") == "slider"
    assert start.get_attribute("aria-valuetext") == "3 nov. 2025"
    start.focus()
    page.keyboard.press("ArrowRight")
    drawn(page, **{"from": "2025-11-10", "to": "2026-03-30", "category": "theft"})
    assert start.get_attribute("aria-valuetext") == "10 nov. 2025"
    end.focus()
    page.keyboard.press("PageDown")
    drawn(page, **{"from": "2025-11-10", "to": "2026-03-02"})
    assert end.get_attribute("aria-valuetext") == "till och med 1 mars 2026"
    shown = fields(page.url)
    assert (shown["from"], shown["to"], shown["category"]) == ("2025-11-10", "2026-03-02", "theft")
    assert page.locator("#f-from").input_value() == "2025-11-10"
    # What did not follow is said, with the way to it.
    note = page.locator(".tid-note")
    assert "Zoner, tabeller och siffror gäller fortfarande 3 nov. 2025" in note.inner_text()
    assert fields(note.locator("a").get_attribute("href"))["from"] == "2025-11-10"
    assert fields(page.locator("a.switch").get_attribute("href"))["from"] == "2025-11-10"
    check(watched, "tid-desktop-sv")
    # The ends do not pass each other, whatever is pressed.
    start.focus()
    page.keyboard.press("End")
    assert int(start.get_attribute("aria-valuenow")) == int(end.get_attribute("aria-valuenow")) - 1
    # One step back from all of that is the page as it came, and forward what it had become.
    brushed = fields(page.url)
    page.go_back()
    drawn(page, **{"from": "2025-11-03", "to": "2026-03-30"})
    assert fields(page.url)["from"] == "2025-11-03"
    page.go_forward()
    drawn(page, **{"from": brushed["from"]})


def test_a_box_that_is_ticked_colours_the_map_at_once(watch, origin):
    page = visit(watch, f"{origin}/karta?{PERIOD}&category=theft").page
    page.locator("input[name=category][value=robbery]").check()
    page.locator("input[name=category][value=theft]").uncheck()
    drawn(page, category="robbery")
    assert fields(page.url)["category"] == "robbery"
    page.locator("input[name=category][value=robbery]").uncheck()
    page.wait_for_function("() => !new URLSearchParams(location.search).has('category')")


def test_playback_steps_a_window_of_four_weeks_and_can_be_paused(watch, origin):
    page = visit(watch, f"{origin}/karta?{PERIOD}&lang=en").page
    page.get_by_role("button", name="Play 4 weeks at a time").click()
    drawn(page, **{"from": "2025-11-10", "to": "2025-12-08"})
    page.get_by_role("button", name="Pause").click()
    at = page.url
    page.get_by_role("button", name="One step back").click()
    page.wait_for_function("at => location.href !== at", arg=at)
    begins = fields(page.url)["from"]
    assert begins < fields(at)["from"] or begins == "2025-11-03"
    assert page.get_by_role("button", name="Play 4 weeks at a time").is_visible()


def test_who_wants_no_motion_steps_by_hand(watch, origin):
    page = visit(watch, f"{origin}/karta?{PERIOD}", reduced_motion="reduce").page
    assert page.locator(".tid-button").count() == 2
    page.get_by_role("button", name="Ett steg framåt").click()
    drawn(page, **{"from": "2025-11-10", "to": "2026-04-06"})


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_two_periods_are_compared_by_a_line_that_keys_can_move(watch, origin, size):
    options = {**PHONE, "color_scheme": "dark"} if size == "phone" else {}
    address = f"{origin}/karta?{PERIOD}&jamfor=2025-05-05/2025-09-29"
    watched = visit(watch, address, **options)
    page = watched.page
    line = page.locator(".jamfor-line")
    assert line.get_attribute("aria-valuenow") == "50"
    line.focus()
    page.keyboard.press("PageUp")
    assert line.get_attribute("aria-valuenow") == "70"
    assert "5 maj–28 sep. 2025" in line.get_attribute("aria-valuetext")
    asked = [fields(url) for url in watched.requests if "/tiles/" in url]
    assert {one["from"] for one in asked} == {"2025-11-03", "2025-05-05"}
    # The same smoothing, hence the same scale, for both.
    assert len({one["utjamning"] for one in asked}) == 1
    table = page.locator("table", has=page.get_by_role("cell", name="osäker")).inner_text()
    assert "+100" in table
    assert "går inte att säga" in table
    small = page.evaluate(
        """[...document.querySelectorAll(".tid-handle, .tid-button, .jamfor-line, .jamfor a")]
        .map(e => e.getBoundingClientRect()).filter(r => r.width < 44 || r.height < 44).length"""
    )
    assert size == "desktop" or small == 0
    check(watched, f"jamfor-{size}")


def test_on_a_phone_the_brush_lies_under_the_map_itself(watch, origin):
    page = visit(watch, f"{origin}/karta?{PERIOD}", **PHONE).page
    chart, brush = page.locator(".folium-map").bounding_box(), page.locator(".tid").bounding_box()
    assert abs(brush["y"] - chart["y"] - chart["height"]) < 3

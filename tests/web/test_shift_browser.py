"""Shifts in a real browser: a plan's map, and a team's phone with and without a network."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

SIZES = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
DRAWN = ".karta[data-ready=true]"
READY = ".phone[data-offline=ready]"
QUERY = "shift=2026-04-30T18:00/22:00&police_walk=1&outreach_walk=1"


@pytest.fixture
def origin(city, serving):
    with serving(city.app) as address:
        yield address


@pytest.fixture
def own_origin(own_city, serving):
    with serving(own_city.app) as address:
        yield address


def visit(watch, address, *, size, ready=DRAWN, **options):
    watched = watch(**SIZES[size], **options)
    watched.page.goto(address)
    if ready:
        watched.page.wait_for_selector(ready, timeout=30_000)
    return watched


def test_a_stop_opens_by_key_from_the_map_the_list_and_the_table(watch, origin):
    page = visit(watch, f"{origin}/pass?{QUERY}", size="desktop").page
    panel = page.locator(".karta-info")
    for opener in (".karta-stop", ".karta-routes button", "[data-stop]"):
        first = page.locator(opener).first
        first.focus()
        page.keyboard.press("Enter")
        assert panel.is_visible()
        said = panel.inner_text()
        assert "Andel av passets risk" in said
        assert "Lag 1" in said
        page.keyboard.press("Escape")
        assert panel.is_hidden()
    assert page.locator(".karta-route-key").inner_text().startswith("1")
    before = page.locator(".leaflet-routes-pane path").count()
    page.locator("#karta-layer-routes").uncheck()
    assert page.locator(".karta-stop").count() == 0
    assert page.locator(".leaflet-routes-pane path").count() < before
    page.locator("#karta-layer-areas").check()
    assert page.locator(".karta-area").count() > 0


def test_a_stop_is_dragged_to_another_place_and_keeps_its_terms(watch, origin):
    asked = f"{QUERY}&own=Stora+torget+19:00-19:30+15+min"
    page = visit(watch, f"{origin}/pass?{asked}", size="desktop", ready=".movable").page
    before = page.url
    page.locator("#karta-layer-areas").check()
    # A press opens the stop; to move it takes more.
    mark = page.locator(".karta-stop[data-mark='own.1']")
    mark.click()
    assert page.locator(".karta-info").is_visible()
    page.keyboard.press("Escape")
    box = mark.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 50, steps=5)
    page.mouse.up()
    page.wait_for_url(lambda url: url != before, timeout=30_000)
    page.wait_for_selector(DRAWN, timeout=30_000)
    [own] = parse_qs(urlsplit(page.url).query)["own"]
    assert re.fullmatch(r"59\.[0-9]{5},17\.[0-9]{5} 19:00-19:30 15 min", own)
    page.locator(".stops").get_by_text("Eget stopp nära").first.wait_for()
    # The changed plan's map shows the layers that were shown before.
    assert page.locator("#karta-layer-areas").is_checked()
    assert page.locator(".karta-area").count() > 0


def test_a_plan_is_printed_with_its_map_and_reasons_and_a_page_for_each_team(
    watch, origin, kept_plan
):
    page = visit(watch, f"{origin}{kept_plan}", size="desktop").page
    box = page.locator(".karta .folium-map")
    before = box.bounding_box()
    body = page.pdf(prefer_css_page_size=True)
    teams = page.locator("section.team").count()
    assert len(re.findall(rb"/Type /Page\b(?!s)", body)) == teams + 1
    assert box.bounding_box() == before
    page.emulate_media(media="print")
    assert page.locator(".on-paper:visible").count() == teams + 1
    assert page.locator(".replan:visible, .files:visible, nav:visible").count() == 0


def test_every_mark_on_the_map_can_be_pressed(watch, origin):
    page = visit(watch, f"{origin}/pass?{QUERY}", size="desktop").page
    boxes = [mark.bounding_box() for mark in page.locator(".karta-stop").all()]
    assert len(boxes) > 3
    for number, a in enumerate(boxes):
        assert min(a["width"], a["height"]) >= 24
        for b in boxes[number + 1 :]:
            apart = (
                a["x"] + a["width"] <= b["x"]
                or b["x"] + b["width"] <= a["x"]
                or a["y"] + a["height"] <= b["y"]
                or b["y"] + b["height"] <= a["y"]
            )
            assert apart


def test_the_phones_buttons_are_large(watch, origin, kept_plan):
    page = visit(watch, f"{origin}{kept_plan}/lag/1", size="phone").page
    heights = [
        button.bounding_box()["height"]
        for button in page.locator(".here button").all()
        if button.is_visible()
    ]
    assert len(heights) > 3
    assert min(heights) >= 56
    links = page.locator("main a:visible, header a").all()
    assert min(link.bounding_box()["height"] for link in links) >= 44
    assert page.locator(".next-stop:visible button").bounding_box()["y"] < 844


def test_a_team_works_on_without_a_network(watch, own_city, own_origin, own_plan):
    own_city.move(timedelta(hours=4, minutes=20))
    watched = watch(**SIZES["phone"])
    page, context = watched.page, watched.page.context
    page.clock.set_fixed_time(own_city.now())
    page.goto(f"{own_origin}{own_plan}/lag/1")
    page.wait_for_selector(READY)
    page.wait_for_selector(DRAWN)
    first = page.locator(".next-stop:visible .next-name").inner_text()
    context.set_offline(True)
    page.reload()
    page.wait_for_selector(DRAWN)
    page.wait_for_selector(READY)
    assert page.locator(".next-stop:visible .next-name").inner_text() == first
    page.locator(".next-stop:visible button").click()
    page.get_by_text("skickas när nätet är tillbaka").first.wait_for()
    assert page.locator(".next-stop:visible .next-name").inner_text() != first
    assert own_city.store.presence().empty
    # The visit waits also while the page is closed.
    page.reload()
    page.wait_for_selector(READY)
    assert page.locator(".next-stop:visible .next-name").inner_text() != first
    own_city.move(timedelta(hours=4, minutes=50))
    context.set_offline(False)
    page.locator(".phone-stops").get_by_text("Noterat 18:20", exact=True).wait_for()
    assert page.evaluate("localStorage.getItem('riskmiljo-har')") == "[]"
    [row] = own_city.store.presence().to_dict("records")
    assert row["begins"].to_pydatetime() == own_city.now() - timedelta(minutes=30)
    page.reload()
    page.wait_for_selector(READY)
    assert page.locator(".next-stop:visible .next-name").inner_text() != first
    assert "Noterat 18:20" in page.locator(".phone-stops").inner_text()


def test_only_the_plan_opened_last_stays_on_the_phone(watch, own_city, own_origin, own_plan):
    page = visit(watch, f"{own_origin}{own_plan}/lag/1", size="phone", ready=READY).page
    fields = {"shift": "2026-04-30T18:00/22:00", "police_walk": "1"}
    headers = {"Origin": "http://localhost"}
    other = own_city.client.post("/pass", data=fields, headers=headers).headers["Location"]
    page.goto(f"{own_origin}{other}/lag/1")
    page.wait_for_selector(READY)
    kept = page.evaluate(
        """async () => (await (await caches.open("riskmiljo-pass")).keys())
        .map((request) => new URL(request.url).pathname)"""
    )
    pages = [path for path in kept if path.startswith("/pass/")]
    assert sorted(pages) == [f"{other}/lag/1", f"{other}/lag/1/lager.json"]

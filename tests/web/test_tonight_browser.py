"""A patrol's evening in a real browser: open, start, note, answer, without a network, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from riskmiljo.model.role import Role
from riskmiljo.store.audit_log import AuditQuestion

pytestmark = pytest.mark.browser

SIZES = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
DRAWN = ".karta[data-ready=true]"
READY = ".tonight[data-offline=ready]"
UNDER_WAY = timedelta(hours=4, minutes=20)
MOST_ASKED = 25
KEPT = "localStorage.getItem('riskmiljo-ikvall')"


@pytest.fixture
def staffed(own_city):
    """The plan is given to the police, who can now log in; nobody else made it."""
    own_city.move(UNDER_WAY)
    plan = own_city.store.plans.get(1)
    kept = own_city.store.plans.add(plan, now=own_city.now(), replaces=1, rests_on="police")
    for role in (Role.POLICE, Role.PARTNER):
        number = own_city.store.users.add(str(role), role, password=None, now=own_city.now())
        own_city.keys = {
            **getattr(own_city, "keys", {}),
            role: own_city.store.logins.begin(number, now=own_city.now()),
        }
    own_city.kept = kept
    return own_city


@pytest.fixture
def origin(staffed, serving):
    with serving(staffed.app) as staffed.origin:
        yield staffed.origin


@pytest.fixture
def open_as(watch, origin, staffed):
    def opened(role, path, *, size="phone", ready=DRAWN, **options):
        watched = watch(**SIZES[size], **options)
        cookie = {"name": "riskmiljo_login", "value": staffed.keys[role], "url": origin}
        watched.page.context.add_cookies([cookie])
        watched.page.clock.set_fixed_time(staffed.now())
        watched.page.goto(origin + path)
        watched.page.wait_for_selector(ready, timeout=30_000)
        return watched

    return opened


@pytest.mark.parametrize("size", SIZES)
def test_the_buttons_are_large_and_the_first_is_within_reach(open_as, size):
    page = open_as(Role.POLICE, "/", size=size, ready=READY).page
    page.locator(".wrong > summary").first.click()
    buttons = page.locator(".tonight-stops.shown button:visible, .tonight-add button:visible").all()
    assert len(buttons) >= 8
    assert min(button.bounding_box()["height"] for button in buttons) >= 56
    # The first thing to do is within reach without scrolling.
    first = page.locator(".tonight-stops.shown .here button").first.bounding_box()
    assert first["y"] + first["height"] <= SIZES[size]["viewport"]["height"]


def begin_without_network(page):
    """Start what nobody had started, note the first stop, and return what it is called."""
    page.wait_for_selector(DRAWN)
    first = page.locator(".tonight-stops.shown h3").first.inner_text()
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector(f"{READY}:has({DRAWN})")
    assert page.locator(".tonight-stops.shown h3").first.inner_text() == first
    assert page.locator(".tonight-buttons:visible").count() == 0
    page.get_by_role("button", name="Starta").click()
    page.locator(".told").get_by_text("Sparas när nätet är tillbaka").wait_for()
    stop = page.locator(".tonight-stops.shown > li").first
    stop.locator(".wrong > summary").click()
    stop.get_by_role("button", name="Fel tid").click()
    page.locator(".told").get_by_text("Skickas när nätet är tillbaka").wait_for()
    stop.locator(".here button").click()
    page.locator(".told").get_by_text("skickas när nätet är tillbaka").wait_for()
    assert page.locator(".tonight-stops.shown h3").first.inner_text() != first
    # Pressed by mistake: taken back before anything was sent, and then noted after all.
    page.locator(".told-undo").get_by_role("button", name="Ångra besöket").click()
    page.locator(".told").get_by_text("tas bort när nätet är tillbaka").wait_for()
    assert page.locator(".tonight-stops.shown h3").first.inner_text() == first
    page.locator(".tonight-stops.shown > li").first.locator(".here button").click()
    assert page.locator(".tonight-stops.shown h3").first.inner_text() != first
    # What needs a network says so where it was pressed, not at the top of a long page.
    page.locator("#f-place").fill("Stora torget")
    page.locator(".tonight-add button[type=submit]").click()
    said = page.locator(".tonight-add").get_by_text("Det här går inte utan nät")
    assert 0 < said.bounding_box()["y"] < SIZES["phone"]["viewport"]["height"]
    return first


def test_a_start_visits_and_answers_wait_for_the_network_and_arrive_once(open_as, staffed):
    watched = open_as(Role.POLICE, "/ikvall?teams=2", ready=READY)
    page, context = watched.page, watched.page.context
    first = begin_without_network(page)
    assert staffed.store.presence().empty
    # What waits does so also while the page is closed.
    page.reload()
    page.wait_for_selector(READY)
    assert page.evaluate(f"JSON.parse({KEPT}).length") == 5
    assert page.locator(".tonight-start:visible").count() == 0
    assert page.locator(".tonight-stops.shown h3").first.inner_text() != first
    # The first answers are lost on the way back: the phone must ask again, the store keep one.
    lost = []

    def lose(route):
        if len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/ikvall/svar", lose)
    context.set_offline(False)
    page.wait_for_url(f"**/ikvall?plan={staffed.kept + 1}&lag=1", timeout=30_000)
    page.wait_for_selector(READY)
    for _ in range(3):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_timeout(700)
    # A function: text would be evaluated while it waits, which the pages' policy forbids.
    page.wait_for_function(f"() => {KEPT} === '[]'", timeout=45_000)
    assert lost == [201, 200]
    [row] = staffed.store.presence().to_dict("records")
    noted = (row["begins"].to_pydatetime(), row["crew_kind"], row["source"])
    assert noted == (staffed.now(), "police", "checked_in")
    acts = [row.act for row in staffed.store.audit_log.rows(AuditQuestion(), most=50)]
    assert [act for act in acts if act.startswith("presence")] == [
        "presence",
        "presence_undo",
        "presence",
    ]
    [answer] = staffed.store.feedback.since(staffed.now() - timedelta(hours=1))
    assert (answer.reason, answer.crew_kind) == ("wrong_time", "police")
    page.reload()
    page.wait_for_selector(READY)
    second = page.locator(".tonight-stops.shown h3").first.inner_text()
    assert second != first
    # What is kept for hours without a network knows of visits that were sent, and is what the front
    # page leads to.
    # A quarter of an hour later: the same place again is another visit by then.
    staffed.move(UNDER_WAY + timedelta(minutes=15))
    page.clock.set_fixed_time(staffed.now())
    with page.expect_response(lambda answer: answer.url == page.url and answer.ok):
        page.locator(".tonight-stops.shown .here button").first.click()
    page.wait_for_function(f"() => {KEPT} === '[]'")
    left = page.locator(".tonight-stops.shown h3").all_inner_texts()
    assert second not in left
    page.wait_for_timeout(300)
    context.set_offline(True)
    page.goto(staffed.origin + "/")
    page.wait_for_selector(READY)
    assert page.url.endswith(f"/ikvall?plan={staffed.kept + 1}&lag=1")
    assert page.locator(".tonight-stops.shown h3").all_inner_texts() == left
    asked = {url for url in watched.requests if "lat" in url or "lon" in url.split("/")[-1]}
    assert asked == set()


def test_a_long_press_adds_a_stop_and_so_does_the_keyboard(open_as, staffed):
    page = open_as(Role.POLICE, "/", ready=READY).page
    page.wait_for_selector(DRAWN)
    box = page.locator(".folium-map")
    box.scroll_into_view_if_needed()
    corner = box.bounding_box()
    finger = [{"x": corner["x"] + 120, "y": corner["y"] + 90}]
    glass = page.context.new_cdp_session(page)
    glass.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": finger})
    page.get_by_role("button", name="Avbryt").wait_for()
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.get_by_role("button", name="Avbryt").click()
    box.click(button="right", position={"x": 120, "y": 90})
    page.locator("dialog").get_by_role("button", name="Lägg till").click()
    # Where the other team goes there, it is that team's page.
    page.wait_for_url(f"**/ikvall?plan={staffed.kept + 1}&lag=*#stopp-*", timeout=30_000)
    page.wait_for_selector(DRAWN)
    # It is shown, wherever in the shift it came to stand, by a name that can be found.
    added = page.locator(".tonight-stop:target")
    added.get_by_text("Eget stopp nära").wait_for()
    page.locator("#f-place").focus()
    page.keyboard.type("Stora torget")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ikvall?plan={staffed.kept + 2}&lag=*#stopp-*", timeout=30_000)
    own = [
        visit.name
        for route in staffed.store.plans.get(staffed.kept + 2).routes
        for visit in route.visits
        if visit.kind == "own"
    ]
    assert "Stora torget" in own
    assert any(name.startswith("Eget stopp nära ") for name in own)


def test_the_first_load_is_light_and_no_script_holds_the_page_up(watch, origin, staffed):
    watched = watch(**SIZES["phone"])
    page = watched.page
    cookie = {"name": "riskmiljo_login", "value": staffed.keys[Role.POLICE], "url": origin}
    page.context.add_cookies([cookie])
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => (window.mapWaits = !('L' in window)))"
    )
    page.goto(origin + "/")
    page.wait_for_selector(DRAWN, timeout=30_000)
    # The stops can be used before the map's scripts take the processor.
    assert page.evaluate("window.mapWaits")
    assert sum(sizes) < 200_000
    assert len(set(watched.requests)) <= MOST_ASKED
    # How long a phone takes is measured beside the tests; that nothing waits for a script is seen.
    assert page.locator("script:not([defer]):not([type=module])").count() == 0

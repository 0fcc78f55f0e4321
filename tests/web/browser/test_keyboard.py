"""The main tasks by keyboard alone: every step is seen, nothing holds the focus, it comes back."""

from __future__ import annotations

import pytest

from riskmiljo.model.role import Role

pytestmark = pytest.mark.browser

# What has the focus, whether its outline can be seen, and whether something lies over it.
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ringed = [style, getComputedStyle(one.closest("label") ?? one)].some((seen) =>
    seen.outlineStyle !== "none" && parseFloat(seen.outlineWidth) >= 2);
  const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) =>
    document.elementFromPoint(box.x + box.width * x, box.y + box.height * y));
  const open = points.some((point) => point && (one.contains(point) || point.contains(one)));
  window.seen ??= new Map();
  if (!window.seen.has(one)) window.seen.set(one, window.seen.size);
  return {number: window.seen.get(one), ringed, open, what: one.outerHTML.slice(0, 120)};
}"""
WALKS = [
    (Role.POLICE, "/"),
    (Role.POLICE, "/pass/1"),
    (Role.OUTREACH, "/narvaro"),
    (Role.PLANNER, "/"),
    (Role.PLANNER, "/lagesbild"),
    (Role.PLANNER, "/insatser"),
    (Role.PARTNER, "/delade/2"),
    (Role.ADMIN, "/admin"),
    (None, "/login"),
]


@pytest.mark.parametrize(("role", "path"), WALKS, ids=[path for _, path in WALKS])
def test_tab_goes_through_the_page_and_out_again_and_is_always_seen(window, town, role, path):
    one = window(town, role)
    one.wear("desktop", "light")
    one.open(path)
    page = one.page
    page.evaluate("document.activeElement.blur()")
    wrong, met = [], []
    for _ in range(400):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if met and found is not None and found["number"] == met[-1]:
            continue  # the parts of a date
        if found is None or (met and found["number"] == 0):
            break
        met.append(found["number"])
        if not (found["ringed"] and found["open"]):
            wrong.append(found["what"])
    else:
        pytest.fail("the focus does not come out again")
    assert wrong == []
    # Nothing is met twice, so nothing held the focus; and it did go somewhere.
    assert len(set(met)) == len(met) > 2


@pytest.fixture(scope="module")
def evening(busy, window):
    """The police's own page in a town where a visit may be noted."""
    one = window(busy, Role.POLICE)
    one.open("/")
    return one.page


def tab_to(page, selector, key="Tab"):
    """Press Tab until what is meant has the focus."""
    for _ in range(200):
        page.keyboard.press(key)
        if page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            return
    pytest.fail(f"{selector} is not reached")


def test_the_first_key_skips_the_menu(evening):
    evening.evaluate("document.activeElement.blur()")
    evening.keyboard.press("Tab")
    assert evening.locator(".skip").evaluate("one => one.getBoundingClientRect().top >= 0")
    evening.keyboard.press("Enter")
    assert evening.evaluate("document.activeElement.id") == "innehall"
    evening.keyboard.press("Tab")
    assert evening.evaluate("document.activeElement.closest('main') !== null")


def test_a_patrol_answers_and_notes_a_visit(evening):
    first = evening.locator(".tonight-stops.shown h3").first.inner_text()
    tab_to(evening, ".wrong > summary")
    evening.keyboard.press("Enter")
    tab_to(evening, "[name=reason][value=wrong_place]")
    evening.keyboard.press("Enter")
    evening.wait_for_function("() => document.querySelector('.told').textContent !== ''")
    tab_to(evening, ".here button", "Shift+Tab")
    evening.keyboard.press("Enter")
    evening.wait_for_function(
        "name => document.querySelector('.tonight-stops.shown h3').innerText !== name", arg=first
    )
    # What has just been done is gone: the next thing to do has the focus.
    assert evening.evaluate("document.activeElement.closest('.tonight-stops.shown') !== null")


def test_what_opens_is_open_to_everybody_takes_the_focus_and_gives_it_back(evening, busy, window):
    night = window(busy, Role.POLICE)
    tab_to(evening, ".karta-stop")
    evening.keyboard.press("Enter")
    assert evening.evaluate("document.activeElement.id") == "karta-info-name"
    assert night.faults("desktop", "dark") == []
    evening.keyboard.press("Escape")
    assert evening.evaluate("document.activeElement.matches('.karta-stop')")
    # Only a long press asks in a dialog; by keys a stop is added without one.
    evening.locator(".folium-map").click(button="right", position={"x": 120, "y": 90})
    assert evening.evaluate("document.activeElement.closest('dialog[open]') !== null")
    assert night.faults("desktop", "light") == []
    evening.keyboard.press("Escape")
    assert evening.locator("dialog[open]").count() == 0
    assert evening.evaluate("document.activeElement.closest('.folium-map') !== null")
    tab_to(evening, "[data-middle]")


def test_a_planner_moves_a_period_and_asks_for_the_map(window, town):
    one = window(town, Role.PLANNER)
    one.wear("desktop", "light")
    one.open("/karta")
    page = one.page
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "[name=category][value=robbery]")
    page.keyboard.press("Space")
    tab_to(page, ".filter button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**category=robbery**")
    one.drawn()
    assert page.locator("[name=category][value=robbery]").is_checked()
    page.locator("body").press("Home")
    tab_to(page, ".tid-from")
    before = page.locator(".tid-from").get_attribute("aria-valuenow")
    page.keyboard.press("ArrowRight")
    assert page.locator(".tid-from").get_attribute("aria-valuenow") != before


def test_an_account_is_entered_by_keys(window, town):
    one = window(town)
    one.open("/login")
    page = one.page
    # The first field waits for the name.
    page.keyboard.type("police")
    page.keyboard.press("Tab")
    page.keyboard.type("fel lösenord, tre ord")
    page.keyboard.press("Enter")
    page.locator("[role=alert]").wait_for()
    assert page.locator("#name").input_value() == "police"
    # The browser itself complains of the answer.
    one.problems = [said for said in one.problems if "status of 403" not in said]

"""What each role comes for, done from beginning to end, at both sizes and in both languages."""

from __future__ import annotations

import os
import re

import pytest

from riskmiljo.model.role import Role

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SIZES = {"desktop": {"viewport": {"width": 1440, "height": 900}}, "phone": PHONE}
KEPT_PLAN = re.compile(r"/pass/[0-9]+")
EVERY_WAY = pytest.mark.parametrize(
    ("size", "language"), [(size, language) for size in SIZES for language in ("sv", "en")]
)
# What is long is done once at each size and once in each language; RISKMILJO_LONG=1 crosses them.
CROSSED = pytest.mark.parametrize(("size", "language"), [("phone", "sv"), ("desktop", "en")])
if os.environ.get("RISKMILJO_LONG") == "1":
    CROSSED = EVERY_WAY


@pytest.fixture
def come(busy, window, size, language):
    """Open a reader's first page."""
    opened = []

    def open_as(role, path="/", **options):
        one = window(busy, role, fresh=True, **SIZES[size], **options)
        opened.append(one)
        one.open(f"{path}?lang={language}")
        return one

    yield open_as
    for one in opened:
        # The language is kept the whole way.
        assert one.page.locator("html").get_attribute("lang") == language
        one.page.context.close()


def go(one, name):
    """Follow the menu."""
    one.page.locator(f"nav.pages a[href^='/{name}']").click()
    one.page.wait_for_url(f"**/{name}*")
    one.drawn()


@EVERY_WAY
def test_police_start_note_a_visit_and_say_what_is_wrong(busy, come):
    before = len(busy.store.presence()), len(busy.store.feedback.since(busy.now))
    one = come(Role.POLICE)
    page = one.page
    stops = page.locator(".tonight-stops.shown > li")
    assert 1 <= stops.count() <= 4
    first = stops.first.locator("h3").inner_text()
    stops.first.locator(".wrong > summary").click()
    with page.expect_response("**/ikvall/svar"):
        stops.first.locator("button[value=wrong_time]").click()
    page.wait_for_function("() => document.querySelector('.told').textContent !== ''")
    with page.expect_response("**/har"):
        stops.first.locator(".here button").click()
    page.wait_for_function(
        "name => document.querySelector('.tonight-stops.shown h3').innerText !== name", arg=first
    )
    page.reload()
    one.drawn()
    assert stops.first.locator("h3").inner_text() != first
    after = len(busy.store.presence()), len(busy.store.feedback.since(busy.now))
    assert after == (before[0] + 1, before[1] + 1)


@CROSSED
def test_police_plan_a_shift_and_hand_it_over(come):
    one = come(Role.POLICE, "/pass")
    page = one.page
    page.locator("#f-day").fill("2026-05-02")
    page.locator("#f-ends").fill("22:00")
    page.locator("[name=police_walk]").fill("1")
    page.locator(".filter .actions button").click()
    page.wait_for_selector(".keep button")
    one.drawn()
    assert "police_walk=1" in page.url
    page.locator(".keep button").first.click()
    page.wait_for_url(KEPT_PLAN)
    one.drawn()
    for link in page.locator(".files a.button").all():
        answer = page.context.request.get(one.town.origin + link.get_attribute("href"))
        assert answer.status == 200
        assert len(answer.body()) > 500
    page.locator("a[href*='/lag/1']").first.click()
    page.locator(".next-stop:visible .here button").wait_for()
    page.emulate_media(media="print")
    assert page.locator(".next-stop:visible").count() + page.locator("ol li:visible").count() > 0
    page.emulate_media(media="screen")


@CROSSED
def test_outreach_read_the_week_log_adults_and_share_a_plan_with_night_walkers(come, size):
    one = come(Role.OUTREACH)
    page = one.page
    page.locator(".best a").first.click()
    page.wait_for_url("**/narvaro?*plats=*")
    page.locator("#l-place").select_option(index=1)
    page.locator("#l-day").fill("2026-04-29")
    page.locator("#l-from").fill("20:00")
    page.locator("#l-until").fill("22:00")
    page.locator(".log-form .actions button").click()
    page.locator("[role=status]").first.wait_for()
    go(one, "pass")
    # The same shift once more would be the plan that is shared already.
    page.locator("#f-ends").fill({"phone": "22:00", "desktop": "23:00"}[size])
    for name, count in (("police_walk", "0"), ("outreach_walk", "1")):
        page.locator(f"[name={name}]").fill(count)
    page.locator(".filter .actions button").click()
    page.locator(".keep button").first.click()
    page.wait_for_url(KEPT_PLAN)
    number = page.url.partition("/pass/")[2].partition("?")[0]
    page.locator("#delning form:has([value=partner]) button").click()
    page.locator("#delning .tag").wait_for()
    walker = come(Role.PARTNER)
    walker.page.locator(f"a[href^='/delade/{number}']").click()
    walker.page.wait_for_url(f"**/delade/{number}*")
    walker.drawn()
    walker.page.locator(".karta-stop").first.click()
    assert walker.page.locator(".karta-info").is_visible()


@CROSSED
def test_a_planner_compares_periods_and_takes_the_report_to_the_meeting(come):
    one = come(Role.PLANNER)
    page = one.page
    page.locator(".jamfor > summary").click()
    page.locator("#j-from").fill("2024-12-01")
    page.locator("#j-to").fill("2025-04-01")
    page.locator(".jamfor button[form=filter]").click()
    page.wait_for_url("**jamfor=**")
    one.drawn()
    page.locator("#compare-title").wait_for()
    go(one, "lagesbild")
    with page.expect_download() as saving:
        page.locator("a[href*='rapport.pdf']").click()
    paper = saving.value.path().read_bytes()
    assert paper.startswith(b"%PDF")
    assert len(paper) > 10_000


@pytest.mark.parametrize(("size", "language"), [("phone", "sv")])
def test_a_planner_corrects_an_operation_and_takes_it_out(come):
    one = come(Role.PLANNER, "/insatser")
    page = one.page
    for name, value in (("name", "Trygg höst"), ("first", "2026-01-01"), ("last", "2026-01-31")):
        page.locator(f"#o-{name}").fill(value)
    page.locator("#o-places").fill("City\nResecentrum")
    page.locator(".entering .actions button").click()
    page.locator(".operation-change a[href*='/ratta']").click()
    page.locator("#o-last").fill("2026-02-28")
    page.locator("label:has([name=kvar][value='0'])").click()
    page.locator(".entering .actions button").click()
    card = page.locator(".operation:has(.operation-done)")
    assert "1 jan.–28 feb. 2026" in card.inner_text()
    assert page.url.endswith(f"#{card.get_attribute('id')}")
    card.locator(".operation-change a[href*='/bort']").click()
    page.locator("button.button[type=submit]").click()
    page.locator("[role=status].operation-done").wait_for()
    assert page.locator(".operation").count() == 0


@CROSSED
def test_an_administrator_takes_a_file_in_and_out_and_makes_an_account(come, csv_file, size):
    one = come(Role.ADMIN)
    page, language = one.page, one.page.locator("html").get_attribute("lang")
    go(one, "import")
    page.locator("#i-file").set_input_files(csv_file)
    page.locator("main form button").first.click()
    page.locator("#w-0").wait_for(state="attached", timeout=60_000)
    one.drawn()
    assert page.locator(".import-table b").count() == 0
    assert page.get_by_text("{{7*7191}}<b>x</b>", exact=True).count() == 1
    if size == "phone":
        selects = page.locator(".import-table select:visible").all()
        assert min(select.bounding_box()["width"] for select in selects) >= 300
    page.locator("#w-0").select_option("public_order")
    page.locator("#read-title + form .actions button").click()
    page.locator(".import-known", has_text="Gatukul").wait_for(state="attached", timeout=60_000)
    one.drawn()
    page.locator(".import-tick input").check()
    page.locator(".import-take .actions button").click()
    page.locator(".import-done").wait_for(timeout=60_000)
    page.locator("main a.import-link").first.click()
    page.locator("#undo-title").wait_for()
    page.locator(".import-tick input").check()
    page.locator("main form button").click()
    page.locator(".import-done").wait_for()
    go(one, "admin")
    page.locator("#name").fill(f"berit-{size}-{language}")
    page.locator("form[action*='/admin/konton'] select[name=role]").last.select_option("outreach")
    page.locator("section:has(#name) form:has(#name) button").click()
    once = page.locator(".made code").inner_text()
    new = come(None, "/login")
    new.page.locator("#name").fill(f"berit-{size}-{language}")
    new.page.locator("#password").fill(once)
    new.page.keyboard.press("Enter")
    new.page.locator("#password-now").fill(once)
    new.page.locator("#password-new").fill("tre ord räcker")
    new.page.locator("#password-again").fill("tre ord räcker")
    new.page.keyboard.press("Enter")
    new.page.locator("#best-title").wait_for()

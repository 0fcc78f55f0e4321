"""Login and account in a real browser: one press in, no violation of WCAG, nothing left behind."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest
from werkzeug.serving import make_server

from riskmiljo.access import passwords
from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

pytestmark = pytest.mark.browser

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SMALL = """[...document.querySelectorAll("main button, main input:not([type=hidden])")]
  .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_MEMORY_KIB", 64)
        passwords._hasher.cache_clear()
        address = f"sqlite:///{tmp_path_factory.mktemp('demo')}/s.sqlite"
        app = create_app(Settings(store=address), clock=lambda: NOW)
        store = service_of(app).store
        store.set_flag("simulated", "1", now=NOW)
        for login in DEMO_LOGINS:
            store.users.add(login.name, login.role, password=DEMO_PASSWORD, now=NOW)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()
    passwords._hasher.cache_clear()


def faults(page):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - optional dependency

    options = {"runOnly": {"type": "tag", "values": WCAG}}
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]


@pytest.mark.parametrize(
    ("width", "theme", "lang", "role"),
    [(390, "light", "sv", "Områdespolis"), (1440, "dark", "en", "Planner")],
)
def test_one_press_logs_in_and_one_logs_out(watch, origin, width, theme, lang, role):
    watched = watch(viewport={"width": width, "height": 844}, color_scheme=theme)
    page = watched.page
    page.goto(f"{origin}/konto?lang={lang}")
    assert "/login?" in page.url
    assert page.get_attribute("html", "lang") == lang
    assert faults(page) == []
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name=role, exact=True).click()
    page.wait_for_url("**/konto**")
    assert page.locator("dd").first.inner_text() == role
    assert faults(page) == []
    assert page.evaluate(SMALL) == []
    assert not page.evaluate(TOO_WIDE)
    page.fill("#factor-password", DEMO_PASSWORD)
    page.press("#factor-password", "Enter")
    page.wait_for_selector(".square svg")
    assert faults(page) == []
    page.locator("form[action*='/logout'] button").click()
    page.wait_for_url("**/login**")
    page.goto(f"{origin}/konto?lang={lang}")
    assert "/login?" in page.url
    assert watched.problems == []
    assert all(address.startswith((origin, "data:")) for address in watched.requests)

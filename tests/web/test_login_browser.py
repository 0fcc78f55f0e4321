"""Login and account in a real browser: one press in, nothing left behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskmiljo.access import passwords
from riskmiljo.access.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

pytestmark = pytest.mark.browser

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def origin(tmp_path_factory, serving):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_MEMORY_KIB", 64)
        passwords._hasher.cache_clear()
        address = f"sqlite:///{tmp_path_factory.mktemp('demo')}/s.sqlite"
        app = create_app(Settings(store=address), clock=lambda: NOW)
        store = service_of(app).store
        store.set_flag("simulated", "1", now=NOW)
        for login in DEMO_LOGINS:
            store.users.add(login.name, login.role, password=DEMO_PASSWORD, now=NOW)
        with serving(app) as address:
            yield address
        store.close()
    passwords._hasher.cache_clear()


def test_one_press_logs_in_and_one_logs_out(watch, origin):
    watched = watch(viewport={"width": 390, "height": 844})
    page = watched.page
    page.goto(f"{origin}/konto")
    assert "/login?" in page.url
    page.get_by_role("button", name="Områdespolis", exact=True).click()
    page.wait_for_url("**/konto**")
    assert page.locator("dd").first.inner_text() == "Områdespolis"
    page.fill("#factor-password", DEMO_PASSWORD)
    page.press("#factor-password", "Enter")
    page.wait_for_selector(".square svg")
    page.locator("form[action*='/logout'] button").click()
    page.wait_for_url("**/login**")
    page.goto(f"{origin}/konto")
    assert "/login?" in page.url
    assert watched.problems == []
    assert all(address.startswith((origin, "data:")) for address in watched.requests)

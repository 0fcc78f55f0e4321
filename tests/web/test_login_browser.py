"""Login and account in a real browser: one press in, nothing left behind."""

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

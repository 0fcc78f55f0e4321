"""A file taken in with a real browser, its columns and words chosen on a phone."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest
from werkzeug.serving import make_server

from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

pytestmark = pytest.mark.browser

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DRAWN = ".karta[data-ready=true]"
HEADER = "Id;Datum;Tid;Brottstyp;Latitud;Longitud;Namn;{{7*7191}}<b>x</b>\n"


@pytest.fixture
def origin(tmp_path):
    app = create_app(Settings(store=f"sqlite:///{tmp_path}/s.sqlite"), clock=lambda: NOW)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    service_of(app).store.close()


@pytest.fixture
def file(tmp_path):
    rows = [
        f"H{n};2026-04-{1 + n % 20:02d};22:10;{'Rån' if n % 3 else 'Gatukul'};"
        f"59,8{n:02d};17,6{(n * 7) % 80:02d};Anna Ek;<b>ord</b>\n"
        for n in range(40)
    ]
    path = tmp_path / "mars.csv"
    path.write_text(HEADER + "".join(rows) + "X;2026-04-01;22:10;Rån;12,0;17,6;;\n", "cp1252")
    return path


def test_a_file_is_seen_mended_taken_in_and_undone_on_a_phone(watch, origin, file):
    watched = watch(**PHONE)
    page = watched.page
    page.goto(f"{origin}/import")
    page.locator("#i-file").set_input_files(file)
    page.locator("#i-source").select_option("police")
    page.locator("main form button").first.click()
    page.wait_for_selector(DRAWN, timeout=60_000)
    assert page.locator(".import-table b").count() == 0
    assert page.get_by_text("{{7*7191}}<b>x</b>", exact=True).count() == 1
    selects = page.locator(".import-table select:visible").all()
    assert len(selects) == 9  # eight columns and one word
    boxes = [select.bounding_box() for select in selects]
    assert min(box["height"] for box in boxes) >= 44
    assert min(box["width"] for box in boxes) >= 300
    page.locator("#w-0").select_option("public_order")
    address = page.url
    page.locator("#read-title + form .actions button").click()
    mended = page.locator(".import-known", has_text="Gatukul")
    mended.wait_for(state="attached", timeout=60_000)
    page.wait_for_selector(DRAWN)
    assert page.url == address
    # Nothing is unknown any more: what was chosen stands among the known words.
    assert page.locator(".import-table:not(.import-known *) [id^=w-]").count() == 0
    page.locator(".import-tick input").check()
    page.locator(".import-take .actions button").click()
    page.wait_for_selector(".import-done", timeout=60_000)
    page.locator("main a.import-link").first.click()
    page.locator("#undo-title").wait_for()
    page.locator(".import-tick input").check()
    page.locator("main form button").click()
    page.locator(".import-done").wait_for()
    page.locator(".back a").click()
    page.get_by_role("row").nth(1).wait_for()
    assert watched.problems == []

"""The first look at each role's start page on a phone with a slow processor.

Run: python tests/benchmarks/first_load.py [SLOWER]

Chromium with nothing kept, its processor SLOWER times slowed (4), a phone's window. Times are from
the beginning of the navigation, by the browser's own clock, and so rise on a busy machine; what the
page's own work takes (`TaskDuration`) is processor time, slowed. The server is warm and runs on the
same machine. Interactive is when the page and its scripts are done and the form can be used; drawn
is when the map's layers are on it.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from threading import Thread

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from riskmiljo.model.role import Role
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings, shipped
from riskmiljo.simulate import simulate_city
from riskmiljo.situation.releases import make_release
from riskmiljo.store import Area, open_store
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
LOOKS = 3
SEE_OTHER = 303
DONE = """() => {
  const [entry] = performance.getEntriesByType("navigation");
  return entry.domContentLoadedEventEnd;
}"""


def town(settings):
    """A year of a small town in every owner's name, released once, with the schematic streets."""
    incidents = simulate_city(seed=8, end=date(2026, 5, 12), years=1, incidents=3000).incidents
    with open_store(settings.store) as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        store.set_flag("simulated", "1")
        for source, rows in incidents.groupby("source", observed=True):
            store.add_incidents(
                rows.reset_index(drop=True),
                file_name=f"{source}.csv",
                sha256=str(source).ljust(64, "0"),
                source=str(source),
                receipt={},
                now=NOW,
            )
        streets = read_streets(shipped("data", "streets.geojson"), crs=settings.epsg)
        store.save_streets(streets.lines(), source="Schematiskt", now=NOW)
        make_release(store, settings, now=NOW)
        return {role: store.users.add(str(role), role, password=None, now=NOW) for role in Role}


def keep_plan(app, key):
    """Keep a plan of this evening for the police, that they look at when they begin."""
    client = app.test_client()
    client.set_cookie("riskmiljo_login", key)
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/konto").text)[1]
    sent = {"shift": "2026-05-12T18:00/22:00", "police_walk": "2", "csrf_token": token}
    kept = client.post("/pass", data=sent, headers={"Origin": "http://localhost"})
    if kept.status_code != SEE_OTHER:
        raise SystemExit(kept.text)


def look(browser, origin, key, slower):
    """Open the start page once; returns bytes, requests, interactive, drawn and work in ms."""
    context = browser.new_context(viewport=PHONE, locale="sv-SE")
    context.add_cookies([{"name": "riskmiljo_login", "value": key, "url": origin}])
    page = context.new_page()
    session = context.new_cdp_session(page)
    for domain in ("Network", "Performance"):
        session.send(f"{domain}.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{origin}/")
    interactive = page.evaluate(DONE)
    drawn = float("nan")
    if page.locator("[data-layers]").count():
        page.wait_for_selector("[data-layers][data-ready=true]", timeout=60_000)
        drawn = page.evaluate("performance.now()")
    told = session.send("Performance.getMetrics")["metrics"]
    work = next(one["value"] for one in told if one["name"] == "TaskDuration") * 1000
    context.close()
    return sum(sizes), len(sizes), interactive, drawn, work


def main():
    slower = float(sys.argv[1]) if len(sys.argv) > 1 else 4
    folder = Path(tempfile.mkdtemp())
    settings = Settings(store=f"sqlite:///{folder}/stad.sqlite")
    users = town(settings)
    app = create_app(settings, clock=lambda: NOW)
    keep_plan(app, service_of(app).store.logins.begin(users[Role.POLICE], now=NOW))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.port}"
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    print(f"processor slowed {slower:g} times; median of {LOOKS}; milliseconds")
    print(
        f"{'role':10s} {'kB':>6s} {'requests':>9s} {'interactive':>12s} {'drawn':>7s} {'work':>6s}"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for role in Role:
            key = service_of(app).store.logins.begin(users[role], now=NOW)
            # The server makes the picture once; a reader seldom comes first.
            look(browser, origin, key, 1)
            looks = [look(browser, origin, key, slower) for _ in range(LOOKS)]
            size, number, interactive, drawn, work = (
                median(one) for one in zip(*looks, strict=True)
            )
            print(
                f"{role:10s} {size / 1000:6.0f} {number:9.0f} {interactive:12.0f}"
                f" {drawn:7.0f} {work:6.0f}"
            )
        browser.close()
    server.shutdown()
    service_of(app).store.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

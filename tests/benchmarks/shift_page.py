"""From a change of a shift's plan to the map that shows it, in a browser.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/shift_page.py STORE [DAY]

STORE is a file with incidents, a street network and an account with the role police; a copy of it
is served. Times are the browser's own from the click: when the page has come, when routes and stops
are on the map, and when the whole map is, base map included. CPU time is the server's.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from threading import Thread

import waitress
from playwright.sync_api import sync_playwright

from riskmiljo.model.role import Role
from riskmiljo.patrol.warm import warm
from riskmiljo.settings import Settings
from riskmiljo.web import create_app
from riskmiljo.web.factory import now_utc
from riskmiljo.web.service import install, service_of

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
# Three crews on foot, then one thing after the other changed.
CHANGES = {
    "the first plan after a start": ["police_walk=3"],
    "another dwell, gap, mode, stop": [
        "police_walk=3&dwell=13", "police_walk=3&gap=60", "police_walk=2&police_cycle=1",
        "police_walk=1&outreach_walk=2", "police_walk=3&own=59.8586,17.6389",
    ],
    "other hours": ["police_walk=3&begins=19:00", "police_walk=3&begins=20:00"],
    "another number of crews": ["police_walk=2", "police_walk=4", "police_walk=5"],
}  # fmt: skip
WATCH = """addEventListener("DOMContentLoaded", () => {
  const map = document.querySelector(".karta");
  if (!map) return;
  window.T = {};
  // A message comes right after the frame, before whatever else waits for it.
  const note = (name) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (T[name] = performance.now());
    port2.postMessage(null);
  });
  new MutationObserver(() => {
    if (!T.begun && map.querySelector(".leaflet-marker-icon")) note((T.begun = "routes"));
    if (!T.ended && map.dataset.ready) note((T.ended = "whole"));
  }).observe(map, { attributes: true, childList: true, subtree: true });
});"""
CAME = "() => performance.getEntriesByType('navigation')[0].responseEnd"


def served(path):
    app = create_app(Settings(store=f"sqlite:///{path}"))
    install(app, replace(service_of(app), beside=True))
    warm()
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    Thread(target=server.run, daemon=True).start()
    return app, server


def main():
    source = Path(sys.argv[1])
    day = sys.argv[2] if len(sys.argv) > 2 else "2026-11-27"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = shutil.copy(source, folder)
        app, server = served(path)
        store = service_of(app).store
        origin = f"http://127.0.0.1:{server.effective_port}"
        police = next(user for user in store.users.all() if user.role == Role.POLICE)
        key = store.logins.begin(police.user_id, now=now_utc())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "riskmiljo_login", "value": key, "url": origin}])
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{origin}/pass")
        with closing(store):
            for name, queries in CHANGES.items():
                looks = []
                for query in queries:
                    start = time.process_time()
                    page.goto(f"{origin}/pass?day={day}&ends=02:00&{query}")
                    page.wait_for_function("() => window.T && T.whole")
                    spent = 1000 * (time.process_time() - start)
                    times = page.evaluate("() => [T.routes, T.whole]")
                    looks.append([page.evaluate(CAME), *times, spent])
                figures = (f"{median(each):6.0f}" for each in zip(*looks, strict=True))
                labels = ("page", "routes", "whole map", "server CPU")
                line = ", ".join(
                    f"{label} {figure} ms" for label, figure in zip(labels, figures, strict=True)
                )
                print(f"{name:31s} {line}", flush=True)
            browser.close()
            server.close()


if __name__ == "__main__":
    main()

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import geopandas as gpd
import pytest
import shapely

from riskmiljo.errors import SettingsError, StoreError
from riskmiljo.patrol import warm
from riskmiljo.settings import Settings
from riskmiljo.situation import networks
from riskmiljo.store import Area
from riskmiljo.web import create_app, serve, server
from riskmiljo.web.server import is_loopback
from riskmiljo.web.service import service_of
from riskmiljo.wording import Text

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 - it is refused
        "192.168.1.4",
        "::",
        "riskmiljo.example",
        "",
        "2130706433",
    ],
)
def test_serving_to_other_machines_without_login_is_refused(host):
    with pytest.raises(SettingsError) as refused:
        serve(Settings(host=host, store="sqlite:////nowhere/at/all.sqlite"))
    assert "127.0.0.1" in refused.value.message.sv
    assert "login" in refused.value.message.en


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_the_own_machine_may_be_served(host):
    assert is_loopback(host)


def test_what_the_first_plan_needs_is_made_ready_beside_the_pages(monkeypatch, tmp_path):
    called, kept = threading.Event(), threading.Event()
    monkeypatch.setattr(warm, "warm", called.set)
    monkeypatch.setattr(server.gc, "freeze", kept.set)
    app = create_app(Settings(store=f"sqlite:///{tmp_path}/s.sqlite"))
    store = service_of(app).store
    lines = gpd.GeoDataFrame(
        {"name": ["Gatan"], "kind": ["street"]},
        geometry=[shapely.LineString([(0, 0), (90, 0)])],
        crs=3006,
    )
    try:
        store.set_area(Area("Staden", (17.5, 59.8, 17.7, 59.9), 3006, "Europe/Stockholm"), now=NOW)
        store.save_streets(lines, source="test", now=NOW)
        thread = server._warm_up(app)
        assert thread.daemon  # it never holds the program up
        thread.join(timeout=20)
        assert called.is_set()
        assert kept.is_set()
        known = networks._networks._kept
        assert any(
            mode == "walk" and len(made.edges) == 1 for (_, mode), (_, made) in known.items()
        )
    finally:
        store.close()


def test_the_joint_picture_is_refreshed_weekly_by_a_server_that_is_never_restarted(
    own_city, monkeypatch, caplog
):
    caplog.set_level(logging.INFO)
    store, hours, done = own_city.store, iter([0, 1, 24, 7 * 24 - 1, 7 * 24]), threading.Event()
    seen, now = [], NOW

    def sleep(_seconds):
        nonlocal now
        latest = store.releases.latest()
        seen.append(None if latest is None else latest.release_id)
        hour = next(hours, None)
        if hour is None:
            done.set()
            threading.Event().wait()
        now = NOW + timedelta(hours=hour)

    def busy(*_given, **_named):
        monkeypatch.setattr(server, "make_release", released)
        raise StoreError(Text("Databasen är upptagen.", "The store is busy."))

    released = server.make_release
    monkeypatch.setattr(server, "make_release", busy)
    monkeypatch.setattr(server, "now_utc", lambda: now)
    monkeypatch.setattr(server, "time", SimpleNamespace(sleep=sleep))
    assert server._look_after(own_city.app).daemon
    assert done.wait(60)
    # A store that is busy is tried again in an hour; then a week passes.
    assert seen == [None, 1, 1, 1, 1, 2]
    assert "joint picture not refreshed" in caplog.text
    assert caplog.text.count("joint picture refreshed") == 2


def test_a_taken_port_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}"):
            serve(Settings(port=port, store=f"sqlite:///{tmp_path}/s.sqlite"))


def test_the_production_server_answers_and_stops_when_interrupted(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "from riskmiljo.settings import Settings; from riskmiljo.web import serve; "
        f"serve(Settings(port={port}, store='sqlite:///{tmp_path}/s.sqlite', trusted_proxies=1))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    try:
        answer = _when_up(f"http://127.0.0.1:{port}/", process)
        assert "riskmiljo import" in answer.read().decode()
        assert "Werkzeug" not in str(answer.headers)
        assert "Strict-Transport-Security" not in answer.headers
        # What the trusted proxy in front tells comes through the server to the pages.
        told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": f"localhost:{port}"}
        answer = urlopen(Request(f"http://127.0.0.1:{port}/health", headers=told), timeout=60)
        assert "Strict-Transport-Security" in answer.headers
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stderr.close()


def _when_up(address, process):
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            return urlopen(address, timeout=10)  # noqa: S310 - our own loopback address
        except HTTPError:
            # It is up, and answers with a fault of ours.
            raise
        except OSError:
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.1)
    pytest.fail("the server did not answer within 120 s")

"""Fixtures for all rooms: a real browser, and pages whose requests and complaints are recorded."""

from __future__ import annotations

import os

# One thread a worker, said before NumPy is loaded: on few cores the threads of linear algebra wait
# for each other more than they help, and a quarter of the work was that.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hashlib
import io
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from werkzeug.serving import make_server

from riskmiljo.situation import build, standing
from riskmiljo.store import engine

# A busy machine is no fault of the code; and what CI says must be the same for the same commit.
settings.register_profile(
    "riskmiljo",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("riskmiljo")

# Chromium makes a page of its own for the pop-up of the address bar with every window that is
# opened, three times the work of the window itself, and nobody writes in it. The list that is given
# last is the whole list, so what Playwright turns off stands in it too.
TURNED_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(TURNED_OFF)}",
]
# Addresses of this machine; and what a browser says where a test refuses an answer, cuts the
# network or leaves a page that still fetches, or reads a canvas and serves a bare page itself.
OWN = r"(https?://(127\.0\.0\.1|localhost)[:/]|data:|blob:|file:|about:)"
PROVOKED = r"Failed to (load resource|fetch)|getImageData|Loading the image 'data:,'|/lager\.json$"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Compiled(BytecodeCache):
    """Templates that an earlier application of this process has compiled."""

    def __init__(self) -> None:
        self.kept = {}

    def load_bytecode(self, bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    """Let hundreds of small applications share what each would compile anew, 0.1 s a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Compiled()})
        yield


@pytest.fixture(scope="session", autouse=True)
def shipped_pragmas() -> Iterator[tuple[str, ...]]:
    """Wait for no disk: what a power cut would leave is no matter of a test's own store.

    The tests of the store itself put these settings, which are returned, back in force.
    """
    shipped = engine._PRAGMAS
    quick = tuple(one.replace("synchronous = EXTRA", "synchronous = OFF") for one in shipped)
    assert quick != shipped
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_PRAGMAS", quick)
        yield shipped


@pytest.fixture(scope="session")
def documented() -> Callable[[str], set[str]]:
    """What the tables under a heading of docs/json.md name in their first column."""
    page = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")

    def keys(heading: str) -> set[str]:
        section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
        cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}

    return keys


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def serving() -> Callable[[Flask], AbstractContextManager[str]]:
    """``with serving(app) as origin``: pages for a browser, under an address of this machine."""
    return serve


class Once:
    """A function of its arguments alone, worked out once for the same arguments.

    All of them count, to the last bit; what it answers is each asker's own.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        self.kept: dict[bytes, bytes] = {}

    def __call__(self, *args: object, **options: object) -> object:
        written = io.BytesIO()
        # Plainly written: equal words are equal, whether or not they are one and the same object.
        pickler = pickle.Pickler(written, protocol=5)
        pickler.fast = True
        pickler.dump((args, sorted(options.items())))
        key = hashlib.sha256(written.getbuffer()).digest()
        if key not in self.kept:
            self.kept[key] = pickle.dumps(self.function(*args, **options))
        return pickle.loads(self.kept[key])  # noqa: S301 - written by this process


@pytest.fixture(scope="session", autouse=True)
def same_answers() -> Iterator[None]:
    """Let copies of one town share the search for zones and the sharing out among teams.

    Neither looks at anything but its arguments. The tests of their own rooms call them as they are.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "patrol_areas", Once(build.patrol_areas))
        patch.setattr(standing, "find_zones", Once(standing.find_zones))
        yield


# Begun first, so that no worker is left alone with one of them at the end.
LONG = (
    "test_crawl",
    "test_house_rules",
    "test_main_tasks",
    "test_every_page_of_patrols",
    "test_every_page_of_planners",
    "test_api_fuzz",
    "test_disclosure_over_http",
    "test_demo_command",
    "test_no_template_execution",
    "test_real_files",
    "test_real_deliveries",
    "test_zone_notebook",
    "test_effort_notebook",
    "test_forecast_notebook",
)


def pytest_configure(config) -> None:
    """Keep the order of the collection: xdist would begin with the files of most tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items) -> None:
    """Put the longest files first; the others stay room by room."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))


@dataclass
class Watched:
    """A page with everything that it asked for and complained about."""

    page: object
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def _without(reason: str):
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium from the system packages, one process for the whole run."""
    executable = next(
        (path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None
    )
    if executable is None:
        _without("Chromium is not installed (apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - optional dependency
    except ImportError:
        _without("playwright is not installed (pip install 'riskmiljo[dev]')")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def watch(browser) -> Iterator[Callable[..., Watched]]:
    """Open pages of their own: ``watch(viewport=PHONE)`` returns a `Watched`."""
    contexts, opened = [], []

    def open_page(**options: object) -> Watched:
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "sv-SE", **options})
        contexts.append(context)
        watched = Watched(context.new_page())
        opened.append(watched)
        watched.page.on("request", lambda request: watched.requests.append(request.url))
        watched.page.on(
            "console",
            lambda message: (
                watched.problems.append(f"{message.type}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        watched.page.on("pageerror", lambda error: watched.problems.append(f"error: {error}"))
        return watched

    yield open_page
    # Before they are closed: what a page was still fetching then fails.
    asked = [url for watched in opened for url in watched.requests]
    heard = [one for watched in opened for one in watched.problems]
    for context in contexts:
        context.close()
    # Whatever else a test looked at: no page of any test asks elsewhere, and none complains.
    assert [url for url in asked if not re.match(OWN, url)] == []
    assert [one for one in heard if not re.search(PROVOKED, one)] == []

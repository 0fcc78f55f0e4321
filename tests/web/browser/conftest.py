"""A served town with accounts, one browser window per reader, and what every page is asked."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest

from riskmiljo.access import passwords
from riskmiljo.access.rules import ROUTES
from riskmiljo.intake import child, reading
from riskmiljo.model.role import Role
from riskmiljo.patrol.streets import read_streets
from riskmiljo.settings import Settings, shipped
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import importing, refresh_zones
from riskmiljo.situation.releases import make_release
from riskmiljo.store import Area, open_store
from riskmiljo.web import create_app, import_jobs, shift_query
from riskmiljo.web.service import service_of

# Every page as every role that may read it, each asked everything in every dress: half an hour.
LONG = os.environ.get("RISKMILJO_LONG") == "1"
ARTIFACTS = Path(__file__).resolve().parents[3] / "artifacts"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
# Thursday evening, 20 minutes into the shift of the kept plan.
TODAY = datetime(2026, 4, 30, 16, 20, tzinfo=UTC)
PASSWORD = "korrekt häst batteri"  # noqa: S105 - test data
SHIFT = "2026-04-30T18:00/22:00"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DRAWN = ".karta[data-ready=true]"

# Theme and size change colours and places alone: what a page is called by is asked as it is loaded.
# Nor does a theme move anything: what lies where is asked once of each size.
BY_COLOURS = ["color-contrast", "link-in-text-block"]
BY_LOOKS = [*BY_COLOURS, "scrollable-region-focusable", "target-size"]
FAULTS = """async ({only, tags}) => {
  const chosen = only ? {type: "rule", values: only} : {type: "tag", values: tags};
  const found = await axe.run(document, {
    resultTypes: ["violations"], preload: false, runOnly: chosen});
  return found.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`));
}"""
# Nothing may be wider than the window; what scrolls inside itself is fine.
TOO_WIDE = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => !one.closest(".scroll") && one.scrollWidth + one.offsetLeft > clientWidth)
    .map((one) => one.outerHTML.slice(0, 120)).slice(-3).concat(`${scrollWidth} px`);
}"""
# What a finger must hit is 44 px high. Links in running text and in the cells of a table, and what
# stands on a map where places decide, may be smaller (WCAG 2.5.8 asks 24 px of those on the map).
SMALL = """() => {
  const height = (one) => {
    const box = one.matches("[type=checkbox], [type=radio]") ? one.closest("label") ?? one : one;
    return box.getBoundingClientRect();
  };
  const all = document.querySelectorAll(
    "a[href], button, select, textarea, summary, input:not([type=hidden]), [role=slider]");
  return [...all].filter((one) => {
    if (!one.checkVisibility({visibilityProperty: true}) || one.matches(".skip")) return false;
    if (one.matches("a") && one.closest("p, td, th, li.said")) return false;
    const least = one.closest(".leaflet-container") && !one.closest(".leaflet-control") ? 24 : 44;
    const {width, height: tall} = height(one);
    return width > 0 && (tall < least - 0.5 || width < 23.5);
  }).map((one) => one.outerHTML.slice(0, 120));
}"""


@dataclass
class Town:
    """A served installation.

    Attributes
    ----------
    app, store, origin
        The application, its store, and where it is served.
    numbers, keys
        Role to its account and its login's cookie; "ny" has just been given a password. Empty
        while nobody has an account.
    facts
        What stands in addresses: ids of zones, of a file that waits, of a file taken in.
    now
        What its clock says.
    """

    app: object
    store: object
    origin: str = ""
    numbers: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    now: datetime = TODAY

    def client(self, role=None):
        client = self.app.test_client()
        if role is not None:
            client.set_cookie("riskmiljo_login", self.keys[role])
        return client

    def post(self, reader, path, **fields):
        client = self.client(reader)
        at = client.get("/konto").text
        fields["csrf_token"] = re.search(r'name="csrf-token" content="([^"]*)"', at)[1]
        answer = client.post(path, data=fields, headers={"Origin": "http://localhost"})
        assert answer.status_code == 303, (path, re.findall("(?s)alert.*?</div>", answer.text))
        return answer.headers["Location"]

    def json(self, role, path):
        return self.client(role).get(path).json


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """Two years of a small town, each authority's incidents its own, zones found and released."""
    path = tmp_path_factory.mktemp("browser") / "stad.sqlite"
    city = simulate_city(seed=5, end=date(2026, 4, 30), years=2, incidents=3000)
    settings = Settings(store=f"sqlite:///{path}")
    with open_store(settings.store) as store:
        area = Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        store.set_area(area)
        store.set_flag("simulated", "1")
        for source, rows in city.incidents.groupby("source", observed=True):
            store.add_incidents(
                rows.reset_index(drop=True),
                file_name=f"{source}_simulerad.csv",
                sha256=str(source).ljust(64, "0"),
                source=str(source),
                receipt={},
                now=TODAY,
            )
        streets = read_streets(shipped("data", "streets.geojson"), crs=settings.epsg)
        store.save_streets(streets.lines(), source="Schematiskt", now=TODAY)
        store.add_presence(city.presence, now=TODAY)
        refresh_zones(store, settings, now=TODAY, bootstraps=0)
        make_release(store, settings, now=TODAY)
    return path


@contextmanager
def _quick():
    """Hashes, the search and the child that reads files are tested where they are at home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_MEMORY_KIB", 64)
        passwords._hasher.cache_clear()
        patch.setattr(shift_query, "SEARCH_S", 0.1)
        patch.setattr(import_jobs, "start", lambda _key, work: (work(), True)[1])
        for module in (reading, importing):
            patch.setattr(
                module,
                "parse_in_child",
                lambda path, *, name, layer: child.parse(path, name, layer),
            )
        yield
    passwords._hasher.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Only while these files run: others in the same process ask what is patched here."""
    with _quick():
        yield


@pytest.fixture(scope="session")
def serve(serving):
    """Serve stores: ``serve(path)`` returns a `Town`, with an account per role."""
    with ExitStack() as served:

        def begin(path, *, accounts=True):
            town = Town(None, None)
            town.app = create_app(Settings(store=f"sqlite:///{path}"), clock=lambda: town.now)
            town.store = service_of(town.app).store
            served.callback(town.store.close)
            if accounts:
                for role in Role:
                    number = town.store.users.add(str(role), role, password=None, now=town.now)
                    town.numbers[role] = number
                    town.keys[role] = town.store.logins.begin(number, now=town.now)
                new = town.store.users.add(
                    "ny", Role.POLICE, password=PASSWORD, now=town.now, temporary=True
                )
                town.keys["ny"] = town.store.logins.begin(new, now=town.now)
            town.origin = served.enter_context(serving(town.app))
            return town

        yield begin


CSV = "Id;Datum;Tid;Brottstyp;Latitud;Longitud;{{7*7191}}<b>x</b>\n" + "".join(
    f"H{n};2026-04-{1 + n % 20:02d};22:10;{'Rån' if n % 3 else 'Gatukul'};"
    f"59,8{n:02d};17,6{n:02d};<b>ord</b>\n"
    for n in range(10, 40)
)


@pytest.fixture(scope="session")
def csv_file(tmp_path_factory):
    """Incidents as they come: a word that nobody knows, a row outside the area, hostile text."""
    path = tmp_path_factory.mktemp("filer") / "mars.csv"
    path.write_text(CSV + "X;2026-04-01;22:10;Rån;12,0;17,6;\n", encoding="cp1252")
    return path


@pytest.fixture(scope="session")
def own_town(filled, serve, tmp_path_factory):
    """Serve a copy of the town with a plan for tonight: ``own_town()`` is a `Town` to change."""

    def begin():
        path = shutil.copy(filled, tmp_path_factory.mktemp("egen"))
        with _quick():
            town = serve(path)
            town.post(Role.POLICE, "/pass", shift=SHIFT, police_walk="2")
            town.post(Role.PLANNER, "/pass", shift=SHIFT, police_walk="1", outreach_walk="1")
        return town

    return begin


@pytest.fixture(scope="session")
def town(own_town, csv_file):
    """The town that is read: plans, one of them shared, an operation, a file that waits."""
    made = own_town()
    for role in (Role.PARTNER, Role.OUTREACH):
        made.post(Role.PLANNER, "/pass/2/dela", role=str(role))
    made.post(
        Role.PLANNER,
        "/insatser",
        name="Trygg vår",
        first="2026-01-01",
        last="2026-03-31",
        places="City\nResecentrum",
        partners="Polisen, Uppsala kommun",
        goal="Färre rån",
        n_drug_seizures="12",
    )
    with csv_file.open("rb") as opened, _quick():
        waits = made.post(Role.POLICE, "/import", fil=(opened, "mars.csv"), kalla="police")
    with _quick():
        made.store.users.set_password(made.numbers[Role.POLICE], PASSWORD, now=made.now)
    made.keys[Role.POLICE] = made.store.logins.begin(made.numbers[Role.POLICE], now=made.now)
    [batch, *_] = made.json(Role.POLICE, "/import.json")["batches"]
    made.facts = {
        "zone": made.json(Role.POLICE, "/karta.json")["zones"][0]["zone_id"],
        "joint_zone": made.json(Role.PLANNER, "/karta.json")["zones"][0]["zone_id"],
        "zone_of": {
            str(role): made.json(role, "/karta.json")["zones"][0]["zone_id"]
            for role in (Role.POLICE, Role.OUTREACH, Role.PLANNER, Role.ADMIN)
            if LONG
        },
        "waits": waits,
        "batch": batch["batch"],
    }
    return made


@pytest.fixture(scope="session")
def busy(own_town):
    """The town in which things are done, one after the other."""
    return own_town()


@pytest.fixture(scope="session")
def open_town(filled, serve, tmp_path_factory):
    """The town before anybody has an account."""
    return serve(shutil.copy(filled, tmp_path_factory.mktemp("oppen")), accounts=False)


@pytest.fixture(scope="session")
def empty_town(serve, tmp_path_factory):
    """A store in which nothing has been taken in."""
    return serve(tmp_path_factory.mktemp("tom") / "tom.sqlite", accounts=False)


# --- what a page is asked


class Window:
    """One reader's window, and all that its pages asked for and complained about."""

    def __init__(self, context, town) -> None:
        self.town, self.page = town, context.new_page()
        self.requests, self.problems = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _heard(self, message):
        # The window refuses service workers; what they are for is tested where they are used.
        if message.type in ("error", "warning") and "Service Worker" not in message.text:
            self.problems.append(message.text)

    def open(self, path, *, status=200):
        del self.requests[:], self.problems[:]
        answer = self.page.goto(self.town.origin + path)
        assert answer.status == status
        if status >= 400:
            # The browser itself complains of the answer that was asked for.
            self.problems = [one for one in self.problems if f"status of {status}" not in one]
        self.drawn()

    def drawn(self):
        if self.page.locator(".karta").count():
            self.page.wait_for_selector(DRAWN, timeout=30_000)

    def wear(self, size, scheme):
        self.page.set_viewport_size(SIZES[size])
        self.page.emulate_media(color_scheme=scheme)

    def faults(self, size, scheme, *, whole=True):
        """Return all that is wrong with the page as it is shown now."""
        self.wear(size, scheme)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        by_looks = BY_LOOKS if scheme == "light" else BY_COLOURS
        asked = {"tags": WCAG, "only": None if whole else by_looks}
        found = self.page.evaluate(FAULTS, asked)
        found += [f"too wide: {one}" for one in self.page.evaluate(TOO_WIDE)]
        if size == "phone" and scheme == "light":
            found += [f"small: {one}" for one in self.page.evaluate(SMALL)]
        found += self.problems
        found += [f"asked {host}" for host in self.asked_elsewhere()]
        return [f"{size} {scheme}: {one}" for one in found]

    def too_wide(self):
        """As wide as a desktop's window is at 400 %, and the smallest of phones."""
        self.page.set_viewport_size({"width": 320, "height": 640})
        return [f"too wide at 320: {one}" for one in self.page.evaluate(TOO_WIDE)]

    def asked_elsewhere(self):
        asked = (url for url in self.requests if not url.startswith(("data:", "blob:")))
        return {urlsplit(url).netloc for url in asked} - {urlsplit(self.town.origin).netloc}

    def keep(self, name):
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(
            path=ARTIFACTS / f"{name}.jpg", type="jpeg", quality=70, full_page=True
        )


@pytest.fixture(scope="session")
def windows():
    """Every window that is open."""
    return []


@pytest.fixture(autouse=True)
def quiet(windows):
    """Whatever else a test looks at: nothing was complained about, and nobody else was asked."""
    yield
    for one in windows:
        heard, one.problems = one.problems, []
        assert heard == []
        assert one.asked_elsewhere() == set()


@pytest.fixture(scope="session")
def window(browser, windows):
    """Open windows: ``window(town, role)``; a reader's own is opened once."""
    contexts, kept = [], {}

    def open_window(town, role=None, *, fresh=False, **options):
        if not fresh and (town.origin, role) in kept:
            return kept[town.origin, role]
        chosen = {"viewport": DESKTOP, "locale": "sv-SE", "service_workers": "block", **options}
        context = browser.new_context(**chosen)
        contexts.append(context)
        if role is not None:
            cookie = {"name": "riskmiljo_login", "value": town.keys[role], "url": town.origin}
            context.add_cookies([cookie])
        opened = Window(context, town)
        windows.append(opened)
        opened.page.clock.set_fixed_time(town.now)
        if not fresh:
            kept[town.origin, role] = opened
        return opened

    yield open_window
    for context in contexts:
        context.close()


# --- every page


@dataclass(frozen=True)
class Shown:
    """A page, who reads it, and what is done before it is looked at."""

    name: str
    role: Role | None
    path: str
    status: int = 200
    then: object = None
    town: str = "town"


def _unfold(window):
    window.page.evaluate("document.querySelectorAll('main details').forEach((o) => o.open = true)")


def _ask_for_code(window):
    # Asked for once, it stands there until it is taken up.
    if window.page.locator("#factor-password").count():
        window.page.fill("#factor-password", PASSWORD)
        window.page.press("#factor-password", "Enter")
    window.page.wait_for_selector(".square svg")


def _send_as_it_is(window):
    """Send the page's form past what the browser itself would stop."""
    form = window.page.locator("main form[method=post]:has(input[type=text])").last
    with window.page.expect_navigation():
        form.evaluate("(one) => { one.noValidate = true; one.requestSubmit(); }")
    window.problems = [one for one in window.problems if "status of 4" not in one]
    assert window.page.locator("[role=alert]").count() >= 1


P, O, L, N, A = Role.POLICE, Role.OUTREACH, Role.PLANNER, Role.PARTNER, Role.ADMIN  # noqa: E741
PAST = "from=2025-11-03&to=2026-03-30"
ASKED = f"/pass?shift={SHIFT}&police_walk=1&outreach_walk=1"
PAGES = {
    "patrols": (
        Shown("ikvall", P, "/", then=_unfold),
        Shown("delade-inga", P, "/delade"),
        Shown("karta", P, "/karta"),
        Shown("karta-jamford", P, f"/karta?{PAST}&jamfor=2025-05-05/2025-09-29"),
        Shown("karta-utan-handelser", P, "/karta?from=2020-01-06&to=2020-02-03"),
        Shown("zon", P, "/zoner/{zone}"),
        Shown("zon-rita-om", P, "/zoner/{zone}/rita"),
        Shown("zon-rita", P, "/zoner/ny"),
        Shown("passet", P, "/pass"),
        Shown("pass-telefon", P, "/pass/1/lag/1"),
        Shown("veckolage", P, "/lagesbild"),
        Shown("prognos", P, "/lagesbild/prognos"),
        Shown("import-vantar", P, "{waits}"),
        Shown("import-kvitto", P, "/import/kvitto/{batch}"),
        Shown("konto", P, "/konto"),
        Shown("eget-losenord", "ny", "/konto"),
        Shown("konto-engangskod", P, "/konto", then=_ask_for_code),
        Shown("narvaro", O, "/narvaro?plats=City", then=_unfold),
        Shown("delade-ungdomsjour", O, "/delade"),
        Shown("delade", N, "/"),
        Shown("delad-plan", N, "/delade/2"),
        Shown("inte-delad-plan", N, "/delade/1", 404),
        Shown("stangd", N, "/karta", 404),
    ),
    "planners": (
        Shown("planerarens-karta", L, "/"),
        Shown("planerarens-zon", L, "/zoner/{joint_zone}"),
        Shown("planerarens-vecka", L, "/lagesbild"),
        Shown("planerarens-forslag", L, ASKED),
        Shown("planerarens-plan", L, "/pass/2"),
        Shown("insatser", L, "/insatser", then=_unfold),
        Shown("insats-ratta", L, "/insatser/1/ratta"),
        Shown("insats-bort", L, "/insatser/1/bort"),
        Shown("insatser-fel", L, "/insatser", then=_send_as_it_is),
        Shown("import", L, "/import"),
        Shown("karta-fel", L, "/karta?hours=99-2", 400),
        Shown("finns-inte", L, "/finns/inte", 404),
        Shown("ikvall-inget", A, "/ikvall?plan=99", 404),
        Shown("forvaltning", A, "/admin", then=_unfold),
        Shown("forvaltning-fel", A, "/admin", then=_send_as_it_is),
        Shown("loggen", A, "/admin/logg?act=share"),
        Shown("logga-in", None, "/login"),
        Shown("logga-in-fel", None, "/login", then=_send_as_it_is),
        Shown("oppen-karta", None, "/", town="open_town"),
        Shown("tom-karta", None, "/", town="empty_town"),
        Shown("tom-narvaro", None, "/narvaro", town="empty_town"),
        Shown("tomt-pass", None, "/pass", town="empty_town"),
        Shown("tomma-insatser", None, "/insatser", town="empty_town"),
        Shown("tom-import", None, "/import", town="empty_town"),
    ),
}
# Endpoint to where it is, for the roles that the lists above do not show it to.
OF_EVERY_ROLE = {
    "account.index": "/konto",
    "home.index": "/",
    "tonight.index": "/ikvall",
    "presence.index": "/narvaro",
    "shared.index": "/delade",
    "shared.plan": "/delade/2",
    "situation.index": "/karta",
    "zones.zone": "/zoner/{{zone_of[{0}]}}",
    "drawing.new": "/zoner/ny",
    "shift.index": "/pass",
    "plans.plan": "/pass/2",
    "phone.team": "/pass/2/lag/1",
    "planner.overview": "/lagesbild",
    "forecasts.index": "/lagesbild/prognos",
    "planner.operations": "/insatser",
    "importing.index": "/import",
}


# The police read their own plan; plan 2 is shared with two; in the joint picture nothing is drawn.
NOT_FOR = {
    "plans.plan": {Role.POLICE},
    "phone.team": {Role.POLICE},
    "shared.plan": {Role.POLICE, Role.PLANNER, Role.ADMIN},
    "drawing.new": {Role.PLANNER, Role.ADMIN},
}


def _of_every_role():
    seen = {(one.role, one.path) for pages in PAGES.values() for one in pages}
    return tuple(
        Shown(f"{endpoint.replace('.', '-')}-{role}", role, path.format(role))
        for endpoint, path in OF_EVERY_ROLE.items()
        for role in sorted(ROUTES[endpoint]["GET"])
        if (role, path) not in seen and role not in NOT_FOR.get(endpoint, ())
    )


if LONG:
    PAGES["planners"] += _of_every_role()

# Language, size and theme of the pictures that are kept: as loaded at that size.
KEPT = {("sv", "desktop", "light"), ("en", "phone", "dark")}


def pytest_generate_tests(metafunc):
    """Give a file whose name ends in a reader's the pages of that reader."""
    if "shown" in metafunc.fixturenames:
        readers = metafunc.module.__name__.rpartition("_")[2]
        metafunc.parametrize("shown", PAGES[readers], ids=lambda one: one.name)


@pytest.fixture(scope="session")
def all_pages():
    return tuple(one for pages in PAGES.values() for one in pages)


@pytest.fixture
def faults_of(request, window):
    """Look at a page in both languages, at both sizes, in both themes; returns what is wrong."""

    def look(shown):
        town = request.getfixturevalue(shown.town)
        path = shown.path.format(**town.facts)
        opened, found = window(town, shown.role), []
        for language, sizes in (("sv", ("desktop", "phone")), ("en", ("phone", "desktop"))):
            opened.wear(sizes[0], "light")
            sign = "&" if "?" in path else "?"
            opened.open(f"{path}{sign}lang={language}", status=shown.status)
            if shown.then is not None:
                shown.then(opened)
            assert opened.page.locator("html").get_attribute("lang") == language
            for size in sizes:
                for scheme in ("light", "dark"):
                    as_loaded = (size, scheme) == (sizes[0], "light")
                    wrong = opened.faults(size, scheme, whole=as_loaded or LONG)
                    found += [f"{language} {one}" for one in wrong]
                    if (language, size, scheme) in KEPT:
                        opened.keep(f"{shown.name}-{language}-{size}-{scheme}")
            found += [f"{language} {one}" for one in opened.too_wide()]
        return found

    return look

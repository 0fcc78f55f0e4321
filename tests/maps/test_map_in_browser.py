from __future__ import annotations

import http.server
import threading

import pytest

from riskmiljo.maps import asset, json_text, map_fragment, standalone_page
from riskmiljo.maps.assets import MODULES, SCRIPTS, STYLESHEETS
from riskmiljo.settings import Settings
from riskmiljo.wording import Text

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module")
def files(payload, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    for language in ("sv", "en"):
        page = standalone_page(payload, language=language)
        (folder / f"{language}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def opened(files, watch):
    def open_file(language="sv", **options):
        watched = watch(**options)
        watched.page.goto((files / f"{language}.html").as_uri())
        watched.page.wait_for_selector(".karta[data-ready]")
        return watched

    return open_file


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_file_opens_without_complaint_and_without_any_request(opened, language, size):
    watched = opened(language, viewport=SIZES[size])
    assert watched.problems == []
    assert len(watched.requests) == 1
    wide = watched.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SIZES[size]["width"]


@pytest.mark.parametrize(("language", "size"), [("sv", "desktop"), ("en", "phone")])
def test_nobody_is_shut_out(opened, language, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # axe is put into the page by the test; the page's own policy would rightly refuse it.
    watched = opened(language, viewport=SIZES[size], bypass_csp=True)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    for _ in range(2):
        found = axe.run(watched.page, options=rules)
        assert found.response["violations"] == []
        watched.page.locator(".karta-zones button").first.click()


def test_the_map_speaks_the_language_of_the_page(opened):
    for language, zoom, layers in (
        ("sv", "Zooma in", "Lager"),
        ("en", "Zoom in", "Layers"),
    ):
        page = opened(language).page
        assert page.locator(".leaflet-control-zoom-in").get_attribute("aria-label") == zoom
        assert page.locator(".karta-layers legend").inner_text() == layers


def test_the_scale_is_in_metres_only(opened):
    lines = opened().page.locator(".leaflet-control-scale-line").all_inner_texts()
    assert len(lines) == 1
    assert lines[0].endswith(("m", "km"))


@pytest.mark.parametrize("size", SIZES)
def test_a_zone_opens_by_enter_and_closes_by_escape(opened, size):
    page = opened(viewport=SIZES[size]).page
    first = page.locator(".karta-zones button").first
    first.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".karta-info")
    assert panel.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "1. City"
    said = panel.inner_text()
    for part in ("576", "Ökar", "fre", "192 platser"):
        assert part in said
    assert panel.locator("[role=img]").get_attribute("aria-label").startswith("Mest fre 22–02")
    assert panel.locator(".karta-cell").count() == 168
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    assert page.evaluate("document.activeElement === document.querySelector('.karta-zones button')")


def test_a_plate_on_the_map_opens_its_zone_and_its_area(opened):
    page = opened().page
    page.locator(".karta-plate").first.click()
    assert page.locator(".karta-info-name").inner_text().startswith("1. City")
    page.locator(".karta-area").first.click()
    assert page.locator(".karta-info-name").inner_text() == "Patrullområde 1: Väst"
    assert "Väntat 3 händelser" in page.locator(".karta-info").inner_text()


def test_an_area_opens_from_its_list_and_is_marked_on_the_map(opened):
    page = opened().page
    before = page.locator(".leaflet-areas-pane path").count()
    page.locator(".karta-areas button").nth(1).click()
    assert page.locator(".karta-info-name").inner_text() == "Patrullområde 2: Öst"
    assert page.locator(".leaflet-areas-pane path").count() == before + 1
    page.keyboard.press("Escape")
    assert page.locator(".leaflet-areas-pane path").count() == before


def test_a_click_on_the_outline_opens_the_zone(opened):
    page = opened().page
    page.locator(".leaflet-zones-pane path.leaflet-interactive").nth(3).dispatch_event("click")
    assert page.locator(".karta-info").is_visible()


@pytest.mark.parametrize("size", SIZES)
def test_labels_never_lie_over_each_other(opened, size):
    page = opened(viewport=SIZES[size]).page
    for step in range(3):
        boxes = page.eval_on_selector_all(
            ".karta-label > *",
            """all => all.map(e => { const r = e.getBoundingClientRect();
                return [r.left, r.top, r.right, r.bottom, e.textContent]; })""",
        )
        assert step or len(boxes) >= 5
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                assert apart, (a, b)
        page.evaluate("void map_1.setZoom(map_1.getZoom() + 1, { animate: false })")


@pytest.mark.parametrize("size", SIZES)
def test_city_and_resecentrum_can_both_be_read_when_the_map_opens(opened, size):
    page = opened(viewport=SIZES[size]).page
    numbers = page.locator(".karta-plate .karta-number").all_inner_texts()
    assert {"1", "2"} <= set(numbers)


def test_layers_are_switched_by_their_boxes(opened):
    page = opened().page
    assert page.locator(".karta-plate").count() > 0
    page.locator("#karta-layer-zones").uncheck()
    assert page.locator(".karta-plate").count() == 0
    page.locator("#karta-layer-zones").check()
    assert page.locator(".karta-plate").count() > 0
    legend = page.locator(".karta-legend")
    assert "inte jämföras" not in legend.inner_text()
    page.get_by_label("Värmekarta (relativ)").check()
    assert "inte jämföras" in legend.inner_text()
    assert page.locator("canvas.leaflet-heatmap-layer").count() == 1
    page.get_by_label("Värmekarta (relativ)").uncheck()
    assert page.locator("canvas.leaflet-heatmap-layer").count() == 0


def test_panning_does_not_change_the_relative_heat(opened):
    page = opened().page
    page.get_by_label("Värmekarta (relativ)").check()
    measure = "window.heat_map_1._heat._max"
    before = page.evaluate(measure)
    for _ in range(2):
        page.evaluate("void map_1.panBy([400, 0], { animate: false })")
        page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate(measure) == before


@pytest.mark.parametrize(
    "selector", [".karta-layers label", ".leaflet-bar a", ".karta-whole", ".karta-zones button"]
)
def test_on_a_phone_everything_can_be_hit_with_a_thumb(opened, selector):
    page = opened(viewport=PHONE).page
    for target in page.locator(selector).all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44


def test_on_a_phone_the_chosen_zone_is_seen_above_its_sheet(opened):
    page = opened(viewport=PHONE).page
    page.locator(".karta-zones button").nth(3).click()
    page.wait_for_timeout(500)
    sheet = page.locator(".karta-info").bounding_box()
    seen = page.evaluate(
        """() => { const point = map_1.latLngToContainerPoint([59.81143, 17.62795]);
            return point.y + document.querySelector('.folium-map').getBoundingClientRect().top; }"""
    )
    assert 0 <= seen <= sheet["y"]


def test_the_density_on_the_screen_has_the_colour_of_the_legend(opened):
    page = opened().page
    pixel = page.evaluate(
        """() => {
            const canvas = document.querySelector('.leaflet-density-pane canvas');
            const at = map_1.latLngToContainerPoint([59.85861, 17.63874]);
            const box = canvas.getBoundingClientRect();
            const origin = map_1.getContainer().getBoundingClientRect();
            const scale = canvas.width / box.width;
            const x = (at.x + origin.left - box.left) * scale;
            const y = (at.y + origin.top - box.top) * scale;
            return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
        }"""
    )
    # The peak is 1.5 per hectare and week: the class 1-2, drawn at 82 %.
    assert pixel[:3] == pytest.approx([0xAD, 0x2C, 0x52], abs=2)
    assert pixel[3] == pytest.approx(0.82 * 255, abs=2)


class Served:
    """The map in a page of another maker, under the strict policy of the web."""

    def __init__(self, payload, *, policy="default-src 'self'", status=200):
        head = "".join(f'<link rel="stylesheet" href="/assets/{one}">' for one in STYLESHEETS)
        head += "".join(f'<script defer src="/assets/{one}"></script>' for one in SCRIPTS)
        head += "".join(f'<script type="module" src="/assets/{one}"></script>' for one in MODULES)
        body = map_fragment("/lager.json", Text("Karta", "Map"))
        link = '<p><a href="/zoner/z3" data-zone="z3">till kartan</a></p>'
        icon = '<link rel="icon" href="data:,">'
        page = (
            f'<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>t</title>{icon}'
            f"{head}</head><body><main>{body}{link}</main></body></html>"
        )
        answers = {
            "/": ("text/html; charset=utf-8", page.encode(), 200),
            "/lager.json": ("application/json", json_text(payload).encode(), status),
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/assets/"):
                    found = asset(self.path.removeprefix("/assets/"))
                    kind, content, code = found.media_type, found.content, 200
                else:
                    kind, content, code = answers.get(self.path, ("text/plain", b"", 404))
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def without_icon(problems):
    # The empty icon of the test page is a data address, which the strict policy refuses.
    return [one for one in problems if "data:," not in one]


def test_the_fragment_works_in_a_page_under_the_strict_policy(payload, watch):
    with Served(payload) as served:
        watched = watch()
        watched.page.goto(served.address)
        watched.page.wait_for_selector(".karta[data-ready]")
        assert without_icon(watched.problems) == []
        assert all(url.startswith((served.address, "data:,")) for url in watched.requests)
        watched.page.locator("[data-zone=z3]").click()
        assert watched.page.locator(".karta-info-name").inner_text() == "3. Gränbystaden"
        assert watched.page.url == served.address + "/"


def test_layers_that_cannot_be_fetched_are_told_of(payload, watch):
    with Served(payload, status=503) as served:
        watched = watch()
        watched.page.goto(served.address)
        alert = watched.page.locator(".karta-status[role=alert]")
        alert.wait_for()
        assert alert.inner_text().startswith("Kartans uppgifter kunde inte hämtas")


def test_a_tile_server_is_asked_for_tiles_and_for_nothing_else(make, watch):
    with Served(make.payload()) as tiles:
        settings = Settings(
            tile_url=tiles.address + "/kakel/{z}/{x}/{y}.png",
            tile_attribution="© <b>Kartverket</b>",
        )
        policy = f"default-src 'self'; img-src 'self' data: {tiles.address}"
        with Served(make.payload(settings=settings), policy=policy) as served:
            watched = watch()
            watched.page.goto(served.address)
            watched.page.wait_for_selector(".karta[data-ready]")
            watched.page.wait_for_timeout(300)
            foreign = [url for url in watched.requests if url.startswith(tiles.address)]
            assert foreign
            assert all("/kakel/" in url for url in foreign)
            origin = watched.page.locator(".karta-origin").inner_text()
            assert origin.startswith("© <b>Kartverket</b>")

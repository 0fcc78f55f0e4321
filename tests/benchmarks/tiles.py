"""Map tiles of the density and the time from a key to the changed map, beside other ways.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/tiles.py [INCIDENTS]

CPU time of this process, in which the server runs too; for the browser also the time that passes
between the key or tick and the frame after the one with all new tiles, by the browser's own clock,
as a reader who has logged in: each answer is counted and written down first. rasterio and rio-tiler
take part only where they are installed.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from threading import Thread

import numpy as np
import waitress
from PIL import Image

from riskmiljo.access.lens import demo_lens
from riskmiljo.geo.crs import transform
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES
from riskmiljo.maps.tiles import pyramid, tile
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.simulate import simulate_city
from riskmiljo.situation import build_situation
from riskmiljo.situation.tiles import own_surface, seen_rows
from riskmiljo.store import Area, open_store
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
SETTINGS = Settings()
LENS = demo_lens(SETTINGS)
ZOOM = 13
CENTRE = (647_500.0, 6_638_500.0)
YEAR = Period.between("2025-05-01", "2026-04-30")
MONTH = Period.between("2026-04-01", "2026-04-29")
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
KEYS = ("ArrowRight",) * 5 + ("ArrowLeft",) * 5
TICKS = (*(("category", at) for at in range(3)), ("weekday", 4), ("weekday", 5))


def cpu(work, times=1):
    """Median CPU milliseconds of some runs, and the last result."""
    took = []
    for _ in range(times):
        start = time.process_time()
        result = work()
        took.append(1000 * (time.process_time() - start))
    return median(took), result


def line(name, milliseconds, more=""):
    print(f"{name:58s} {milliseconds:10.1f} ms CPU   {more}", flush=True)


def filled(path, count):
    city = simulate_city(seed=1, end=date(2026, 4, 30), incidents=count)
    store = open_store(f"sqlite:///{path}")
    store.set_area(Area("Uppsala", SETTINGS.area_bbox, 3006, "Europe/Stockholm"))
    store.add_incidents(
        city.incidents, file_name="a", sha256="a", source="police", receipt={}, now=NOW
    )
    return store


def tile_numbers():
    lon, lat = (float(one[0]) for one in transform([CENTRE[0]], [CENTRE[1]], 3006, 4326))
    n = 2**ZOOM
    x = int((lon + 180) / 360 * n)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
    return [(ZOOM, x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def mercator(lon, lat):
    half = math.pi * 6_378_137.0
    north = np.arcsinh(np.tan(np.radians(lat))) / math.pi * half
    return np.asarray(lon) / 180 * half, north


def box_of(z, x, y):
    half = math.pi * 6_378_137.0
    side = 2 * half / 2**z
    return -half + x * side, half - (y + 1) * side, -half + (x + 1) * side, half - y * side


def by_matplotlib(surface):
    """Filled contours of the grid in Web Mercator, in the same classes, without a frame."""
    import matplotlib as mpl  # noqa: PLC0415 - a peer

    mpl.use("agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - after the choice of the drawing

    lon, lat = transform(*surface.grid.centres.T, surface.grid.crs, 4326)
    east, north = (one.reshape(surface.grid.shape) for one in mercator(lon, lat))
    colours = [one.colour for one in DENSITY_CLASSES]

    def draw(z, x, y):
        west, south, right, top = box_of(z, x, y)
        margin = 400.0
        near = (east > west - margin) & (east < right + margin)
        near &= (north > south - margin) & (north < top + margin)
        if not near.any():
            return None
        rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        figure = plt.figure(figsize=(2.56, 2.56), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        levels = [*BREAKS, 1e9]
        axes.contourf(
            east[part], north[part], surface.values[part], levels, colors=colours, antialiased=False
        )
        axes.set_xlim(west, right)
        axes.set_ylim(south, top)
        target = io.BytesIO()
        figure.savefig(target, format="png", transparent=True)
        plt.close(figure)
        return target.getvalue()

    return draw


def by_rasterio(surface):
    """The warp alone, bilinear, without classes and without a picture."""
    from rasterio.crs import CRS  # noqa: PLC0415 - a peer
    from rasterio.transform import from_origin  # noqa: PLC0415
    from rasterio.warp import Resampling, reproject  # noqa: PLC0415

    grid = surface.grid
    values = np.ascontiguousarray(surface.values[::-1], dtype=np.float32)
    placed = from_origin(grid.x0, grid.bounds[3], grid.cell_m, grid.cell_m)

    def draw(z, x, y):
        west, _, right, top = box_of(z, x, y)
        out = np.zeros((256, 256), dtype=np.float32)
        reproject(
            values,
            out,
            src_transform=placed,
            src_crs=CRS.from_epsg(3006),
            dst_transform=from_origin(west, top, (right - west) / 256, (right - west) / 256),
            dst_crs=CRS.from_epsg(3857),
            resampling=Resampling.bilinear,
        )
        return np.searchsorted(BREAKS, out, side="right")

    return draw


def classes(content):
    if isinstance(content, np.ndarray):
        return content
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")).astype(int)
    colours = np.array([list(bytes.fromhex(one.colour[1:])) for one in DENSITY_CLASSES])
    away = abs(picture[..., None, :3] - colours).sum(axis=-1)
    return np.where(picture[..., 3] < 128, 0, 1 + away.argmin(axis=-1))


def tiles_and_peers(surface):
    took, source = cpu(lambda: pyramid(surface), 3)
    line("block means of the surface", took, f"{surface.grid.shape}")
    wanted = tile_numbers()
    ours = {}
    peers = {"matplotlib, filled contours": by_matplotlib(surface)}
    if find_spec("rasterio"):
        peers["rasterio.warp alone, no picture"] = by_rasterio(surface)
    took = [cpu(lambda one=one: tile(source, *one), 5) for one in wanted]
    ours = {one: made for one, (_, made) in zip(wanted, took, strict=True)}
    size = sum(map(len, ours.values())) / len(ours) / 1000
    line("one tile: warp, classes, PNG", median(each for each, _ in took), f"{size:.1f} kB")
    for name, draw in peers.items():
        took, same = [], []
        for one in wanted:
            each, made = cpu(lambda one=one, draw=draw: draw(*one), 3)
            if made is not None:
                took.append(each)
                same.append((classes(made) == classes(ours[one])).mean())
        line(f"one tile: {name}", median(took), f"the same class in {np.mean(same):.1%} of pixels")


def changed_map(url):
    """From a key on the handle of the brush to the map with all its new tiles."""
    if not (find_spec("playwright") and Path(CHROMIUM).exists()):
        print("no browser: playwright or Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - optional dependency

    app = create_app(Settings(store=url), clock=lambda: NOW)
    store = service_of(app).store
    police = store.users.add("polis", Role.POLICE, password=None, now=NOW)
    key = store.logins.begin(police, now=NOW)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    Thread(target=server.run, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        origin = f"http://127.0.0.1:{server.effective_port}"
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "riskmiljo_login", "value": key, "url": origin}])
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{origin}/karta")
        page.wait_for_selector(".tid[data-ready=true]")
        page.locator(".tid-from").focus()
        page.evaluate(
            """() => {
              const root = document.querySelector(".karta");
              const frame = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
              for (const kind of ["keydown", "change"]) {
                document.addEventListener(kind, () => (window.begun ??= performance.now()), true);
              }
              root.addEventListener("karta:drawn", () =>
                frame(() => (window.took = performance.now() - begun)));
            }"""
        )
        waited, spent = [], []
        tick = "([name, at]) => document.querySelectorAll(`.filter [name=${name}]`)[at].click()"
        for act in (*KEYS, *TICKS):
            page.evaluate("window.took = window.begun = null")
            start = time.process_time()
            if isinstance(act, str):
                page.keyboard.press(act)
            else:
                page.evaluate(tick, act)
            page.wait_for_function("() => window.took !== null")
            waited.append(page.evaluate("window.took"))
            spent.append(1000 * (time.process_time() - start))
        browser.close()
    server.close()
    for name, which in (
        ("key to changed map, a period not seen before", slice(0, 5)),
        ("key to changed map, a period seen before", slice(5, 10)),
        ("tick to changed map, a category", slice(10, 13)),
        ("tick to changed map, a weekday", slice(13, 15)),
    ):
        text = f"{median(waited[which]):.0f} ms by the browser's clock"
        line(name, median(spent[which]), text)


def main():
    counts = [int(sys.argv[1])] if len(sys.argv) > 1 else [100_000, 1_000_000]
    for count in counts:
        print(f"--- {count:,} incidents")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "city.sqlite"
            store = filled(path, count)
            took, rows = cpu(lambda store=store: seen_rows(store, LENS, tz="Europe/Stockholm"))
            line(
                "all incidents as arrays, once for each import", took, f"{rows.nbytes / 1e6:.0f} MB"
            )
            picture = None
            for period, name in ((YEAR, "a year"), (MONTH, "four weeks")):
                asked = Filter(period=period)
                took, picture = cpu(
                    lambda asked=asked, store=store: build_situation(
                        store, SETTINGS, LENS, asked, now=NOW
                    )
                )
                line(f"the whole situation, {name}", took, f"{picture.total} incidents")
                work = lambda asked=asked, rows=rows: own_surface(rows, LENS, asked, 175.0)  # noqa: E731
                took, surface = cpu(work, 5)
                line(f"the density alone, {name}", took)
                if period is YEAR:
                    tiles_and_peers(surface)
            store.close()
            changed_map(f"sqlite:///{path}")


if __name__ == "__main__":
    main()

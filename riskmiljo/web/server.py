"""The production server: waitress, on the own machine only while there are no accounts."""

from __future__ import annotations

import gc
import socket
import threading
import time
from dataclasses import replace

import waitress
from flask import Flask

from riskmiljo.errors import NothingFoundError, SettingsError, StoreError
from riskmiljo.settings import Settings
from riskmiljo.situation.importing_staging import Stagings
from riskmiljo.situation.networks import loaded_streets, networks
from riskmiljo.situation.releases import make_release, release_due
from riskmiljo.store import open_store
from riskmiljo.store.engine import path_of
from riskmiljo.web import words
from riskmiljo.web.factory import create_app, now_utc
from riskmiljo.web.server_address import is_loopback
from riskmiljo.web.service import install, service_of

# More than a browser asks at once, so that a page is answered while a map's tiles wait for theirs.
_THREADS = 8
_HOUR = 3600.0
# Those of a shift's plan: the largest, and its search takes its own time.
_TEMPLATES = ("shift/index.html", "shift/form.html", "shift/head.html", "shift/kept.html")


def serve(settings: Settings) -> None:
    """Serve the pages until interrupted.

    Parameters
    ----------
    settings
        Where to listen, and everything else.

    Raises
    ------
    SettingsError
        If another machine could reach the address while there are no accounts, or the port is
        taken.
    StoreError
        If the store cannot be opened.
    """
    if not is_loopback(settings.host) and not _asks_for_login(settings):
        raise SettingsError(words.ONLY_LOOPBACK.fill(host=settings.host), code="LOOPBACK")
    app = create_app(settings)
    install(app, replace(service_of(app), beside=True))
    try:
        with _listen(settings) as listening:
            _warm_up(app)
            _look_after(app)
            server = waitress.create_server(
                app,
                sockets=[listening],
                threads=_THREADS,
                ident=None,
                # What trusted proxies tell is for the application to read; else it goes no further.
                clear_untrusted_proxy_headers=not settings.trusted_proxies,
            )
            try:
                server.run()
            finally:
                server.close()
    finally:
        service_of(app).store.close()


def _asks_for_login(settings: Settings) -> bool:
    if settings.oidc_issuer:
        return True
    if not path_of(settings.store).is_file():
        return False
    with open_store(settings.store, create=False) as store:
        return store.users.exist()


def _warm_up(app: Flask) -> threading.Thread:
    """Make ready beside the pages what the first plan needs, so that no one waits for it."""

    def fill() -> None:
        # The compiler comes along: not before the pages answer.
        from riskmiljo.patrol.warm import warm  # noqa: PLC0415 - see above

        warm()
        for network in networks(loaded_streets(service_of(app).store)).values():
            network.nearest_corner(network.nodes[:1])
        for name in _TEMPLATES:
            app.jinja_env.get_template(name)
        # What is loaded by now stays: the collector need not go through it at each page.
        gc.collect()
        gc.freeze()

    thread = threading.Thread(target=fill, name="warm-up", daemon=True)
    thread.start()
    return thread


def _look_after(app: Flask) -> threading.Thread:
    """Do each hour what nobody asks for: old uploads go, and the joint picture is refreshed."""

    def look_after() -> None:
        stagings = Stagings(service_of(app).settings.store)
        while True:
            stagings.sweep(now=now_utc())
            _release_if_due(app)
            time.sleep(_HOUR)

    thread = threading.Thread(target=look_after, name="look-after", daemon=True)
    thread.start()
    return thread


def _release_if_due(app: Flask) -> None:
    here, now = service_of(app), now_utc()
    try:
        if release_due(here.store, now=now, settings=here.settings):
            made = make_release(here.store, here.settings, now=now)
            app.logger.info("joint picture refreshed: release %d", made.release_id)
    except NothingFoundError:
        # No month that every owner has passed: there may be one in an hour.
        return
    except StoreError:
        # The store is busy or full: the pages say so too, and the next hour tries again.
        app.logger.exception("joint picture not refreshed")


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SettingsError(
            words.PORT_TAKEN.fill(host=settings.host, port=settings.port, why=error.strerror),
            code="PORT",
        ) from error

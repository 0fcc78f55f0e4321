"""What every request needs: settings, lens, store and clock, kept together on the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flask import Flask, current_app, g, has_request_context, request

from riskmiljo.access.lens import Lens
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.settings import Settings
from riskmiljo.situation.memory import Memory
from riskmiljo.store import Area, Store

_KEY: Final = "riskmiljo"

_AREAS: Final = Memory[Area](most=8)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Service:
    """One running installation.

    Attributes
    ----------
    settings
        Its choices.
    lens
        What this request's reader may see.
    store
        The open store.
    clock
        Returns the present, aware.
    started
        When it was started.
    reader
        Who asks.
    beside
        Whether what the next request will ask for is begun beside this one.
    """

    settings: Settings
    lens: Lens
    store: Store
    clock: Clock
    started: datetime
    reader: Reader = NOBODY
    beside: bool = False

    def area(self) -> Area:
        """Return the area that the store covers, or the configured one while it is empty.

        Returns
        -------
        Area
            Its name and time zone are those that pages show.
        """
        # A page asks many times over; only what is sent in can change it on the way.
        if not _reads():
            return self._area()
        known: Area | None = g.get("area")
        if known is None:
            known = g.area = _AREAS.get(
                (self.store.url, self.settings, self.map_version()), self._area
            )
        return known

    def _area(self) -> Area:
        chosen = self.settings
        return self.store.area() or Area(
            chosen.area_name, chosen.area_bbox, chosen.epsg, chosen.timezone
        )

    def map_version(self) -> str:
        """Return what maps of one's own data rest on, read once for each request.

        Returns
        -------
        str
            As `riskmiljo.store.Store.map_version`; a request that reads is answered with one state
            of it.
        """
        if not _reads():
            return self.store.map_version()
        known: str | None = g.get("map_version")
        if known is None:
            known = g.map_version = self.store.map_version()
        return known

    def simulated(self) -> bool:
        """Ask whether the store holds simulated data.

        Returns
        -------
        bool
            True where pages must say so.
        """
        return self.store.flag("simulated") is not None


def _reads() -> bool:
    return has_request_context() and request.method in ("GET", "HEAD")


def install(app: Flask, service: Service) -> None:
    """Put the service on the application.

    Parameters
    ----------
    app
        The application.
    service
        What its requests will use.
    """
    app.extensions[_KEY] = service


def service_of(app: Flask) -> Service:
    """Return the service of an application.

    Parameters
    ----------
    app
        An application made by `create_app`.

    Returns
    -------
    Service
        The one that was installed.
    """
    found: Service = app.extensions[_KEY]
    return found


def service() -> Service:
    """Return the service of the application, as the reader of this request may use it.

    Returns
    -------
    Service
        The installed one, with the reader's lens in the place of its own.
    """
    found: Service | None = g.get("service")
    return service_of(current_app) if found is None else found


def read_as(reader: Reader, lens: Lens) -> None:
    """Let the rest of this request be answered to one reader.

    Parameters
    ----------
    reader
        Who asks.
    lens
        What they may see.
    """
    g.service = replace(service_of(current_app), reader=reader, lens=lens)

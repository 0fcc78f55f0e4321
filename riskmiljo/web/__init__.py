"""The Flask application: pages that show the situation, each with a twin in the other language.

Addresses (all answer GET and HEAD only; every field of the query is optional):

==========================  ======================================================================
``/``                       map, tables and filter form
``/index.json``             the same tables as JSON, both languages at once
``/lager.json``             the map's layers (shape: `riskmiljo.maps`)
``/zoner/<zone_id>``        one risk zone
``/zoner/<zone_id>.json``   the same as JSON
``/assets/<release>/...``   stylesheets, scripts and images, kept by browsers for ever
``/health``                 ``{"status": "ok"}`` while the store answers
==========================  ======================================================================

Query: ``period`` (2026-04, 2026-W18, 2026-04-30, START/END, last-28-days) or ``from`` and ``to``
(the end is not included), ``weekday`` (1 to 7), ``hours`` (18-02), ``category``, ``detection``,
``source``, ``bbox``, ``shift`` (2026-04-30T18:00/02:00), ``teams`` and ``lang`` (sv, en). The
address holds the page's whole state; an unknown field is refused (400). Errors of the JSON
addresses are ``{"error": {"status", "code", "message": {"sv", "en"}}}``.
"""

from __future__ import annotations

from riskmiljo.web.factory import create_app
from riskmiljo.web.server import serve

__all__ = ["create_app", "serve"]

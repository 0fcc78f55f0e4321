"""The Flask application: pages that show the situation, each with a twin in the other language.

Addresses (they answer GET and HEAD, and POST where it is said; every field of a query is optional;
which role may use which, and how, stands in `riskmiljo.access.rules`):

==============================  ==================================================================
``/``                           each role's own page: the map, tonight, the presence week, or
                                shared plans; ``/index.json`` is its twin
``/karta``                      map, tables and filter form
``/karta.json``                 the same tables as JSON, both languages at once
``/ikvall``                     a patrol's next stops, with ``.json`` and ``/lager.json``
``/ikvall/starta``              POST keeps the suggested plan and leads to it
``/ikvall/svar``                POST answers to a stop: ``plan``, ``stop_id``, ``reason``, ``when``
``/ikvall/stopp``               POST adds a stop of one's own: ``place``
``/delade``                     plans shared with the reader's role, with ``.json``
``/delade/<id>``                places and times of one, with ``.json`` and ``/lager.json``
``/lager.json``                 the map's layers (shape: `riskmiljo.maps`)
``/tiles/...``                  the density as pictures: ``<surface>/<z>/<x>/<y>.png``
``/tid.json``                   incidents by week, for the time brush
``/lagesbild``                  the weekly review, with ``.json`` and ``/rapport.pdf``
``/lagesbild/prognos``          what the coming shift is expected to bring, with ``.json``
``/insatser``                   operations and whether they helped, with ``.json``; POST adds one;
                                ``/<id>/utvardera`` and ``/<id>/utfall`` take POST
``/insatser/<id>/ratta``        corrects one that the reader's own authority entered; POST keeps it
``/insatser/<id>/bort``         asks whether it is to be removed; POST removes it
``/narvaro``                    the presence week, with ``.json``; POST below it notes stays, days
``/zoner/<zone_id>``            one risk zone, with ``.json`` and ``/historik.csv``; POST
                                ``/namn``, ``/anteckning``
``/zoner/<zone_id>/rita``       its outline; POST redraws it, POST ``/bort`` removes it
``/zoner/ny``                   drawn zones, with ``.json`` and ``/lager.json``; POST draws one
``/pass``                       plan a shift; POST keeps the plan and leads to it
``/pass.json``                  the plan as JSON; without a shift the list of kept plans
``/pass/lager.json``            its map's layers
``/pass/plan.<suffix>``         its files: gpx, ics, geojson, html, pdf
``/pass/<id>``                  a kept plan, with ``.json``, ``/lager.json``, ``/plan.<suffix>``
``/pass/<id>/om``               POST plans the rest of the shift anew: ``late_1=40``, ``away_2=1``
``/pass/<id>/dela``             POST shares a plan: ``role``, ``share=0`` to stop
``/pass/<id>/lag/<n>``          a team's phone page, with ``/lager.json``
``/pass/<id>/har``              POST notes a visit: ``stop_id``, ``team``, ``when``, ``minutes``
``/import``                     files on their way in, with ``.json``; POST uploads one
``/import/<id>``                one of them, with ``.json``, ``/lager.json``, ``/avvisade.csv``;
                                POST ``/titta``, ``/spara``, ``/slang``
``/import/kvitto/<n>``          what an import brought, with ``.json``; POST ``/angra`` undoes it
``/login``, ``/logout``         in and out; ``/login/organisation``, ``/login/svar`` by the provider
``/konto``                      password, one-time code, tokens and purpose, with ``.json``
``/admin``                      accounts, settings, health, emergency reading, with ``.json``
``/admin/logg``                 the audit, with ``.json`` and ``.csv``
``/sw.js``                      keeps a team's page for hours without a network
``/assets/<release>/...``       stylesheets, scripts and images, kept by browsers for ever
``/health``                     ``{"status": "ok"}`` while the store answers
==============================  ==================================================================

A POST must come from our own pages: ``Origin`` (or, where a browser sends none, ``Sec-Fetch-Site``)
is compared with the host, with login a form carries the login's token too, and what is refused gets
403. What a role does not have answers 404.

Query: ``period`` (2026-04, 2026-W18, 2026-04-30, START/END, last-28-days) or ``from`` and ``to``
(the end is not included), ``weekday`` (1 to 7), ``hours`` (18-02), ``category``, ``detection``,
``source``, ``bbox``, ``shift`` (2026-04-30T18:00/02:00), ``teams`` and ``lang`` (sv, en). The
address holds the page's whole state; ``/pass`` also takes what `read_shift` of
`riskmiljo.web.shift_query` describes. An unknown field is refused (400). Errors of the JSON
addresses are ``{"error": {"status", "code", "message": {"sv", "en"}}}``.
"""

from __future__ import annotations

from riskmiljo.web.factory import create_app
from riskmiljo.web.server import serve

__all__ = ["create_app", "serve"]

"""Every page of planners, administrators and those who have not logged in, in a real browser."""

from __future__ import annotations

import pytest

from riskmiljo.access.rules import ROUTES

pytestmark = pytest.mark.browser

# What is read by programs, files to take out, and the way to another's login.
NO_PAGE = ("data", "_data", "layers", "file", "table", "history", "rejects", "weeks", "tile_of")
IN_THE_PLACE_OF_ANOTHER = {"tonight.index", "account.own_password"}
NO_PAGES = {
    "assets.asset_file",
    "health.health",
    "phone.worker",
    "report.paper",
    "login.left",
    "login.organisation_begin",
    "login.organisation_end",
}


def test_every_page_is_open_to_everybody_and_asks_nobody_else(shown, faults_of):
    assert faults_of(shown) == []


def test_no_page_is_left_out(all_pages, town):
    routes = town.app.url_map.bind("localhost")
    seen = set()
    for one in all_pages:
        if one.status == 200:
            path = one.path.format(**town.facts).partition("?")[0]
            seen.add(routes.match(path)[0])
    pages = {
        endpoint
        for endpoint, methods in ROUTES.items()
        if "GET" in methods and not endpoint.endswith(NO_PAGE)
    }
    assert pages - NO_PAGES - IN_THE_PLACE_OF_ANOTHER <= seen

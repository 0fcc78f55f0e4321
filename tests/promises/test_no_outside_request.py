"""Promise: a reader's browser talks to us and to nobody else.

Here the pages are read; that no request leaves when a browser shows them, scripts and all, is
watched in tests/web/browser.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

ADDRESSES = ("/", "/?lang=en", "/?category=robbery", "/finns/inte", "/?hours=x")


class Loaded(HTMLParser):
    """Every address in a page that a browser would follow or fetch."""

    def __init__(self, page):
        super().__init__()
        self.addresses = []
        self.feed(page)

    def handle_starttag(self, _tag, attrs):
        self.addresses += [
            value
            for name, value in attrs
            if name in ("href", "src", "srcset", "action", "data", "poster", "data-layers")
        ]


@pytest.fixture
def client(make_city):
    return make_city().app.test_client()


def test_every_address_in_every_page_is_our_own(client):
    zone = client.get("/index.json").json["zones"][0]["zone_id"]
    for address in (*ADDRESSES, f"/zoner/{zone}"):
        page = client.get(address).text
        found = Loaded(page).addresses
        assert found
        for one in found:
            assert re.match(r"/(?!/)|\?|#", one), (address, one)
        assert "http:" not in page
        assert "https:" not in page


def test_the_map_layers_name_no_server(client):
    assert not re.search(r"https?://|//[a-z]", client.get("/lager.json").text)


def test_no_style_or_script_of_ours_fetches_from_elsewhere(client):
    page = client.get("/").text
    own = {part for part in page.split('"') if part.startswith("/assets/")}
    assert len(own) >= 6
    for address in own:
        text = client.get(address).text
        if address.endswith(".css"):
            assert not re.search(r"@import|url\(\s*['\"]?(https?:|//)", text), address

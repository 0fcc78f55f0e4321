"""Promise: the first look at a page costs a phone little, whoever asks.

How long it takes on a slow processor is measured by tests/benchmarks/first_load.py.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest

from riskmiljo.model.role import Role

GZIP = {"Accept-Encoding": "gzip"}
MOST_BYTES = 200_000
# Of them what a slow processor must parse and run before anything can be done.
MOST_SCRIPT_BYTES = 100_000


class FirstLoad:
    """What a browser with nothing kept fetches for a page; map tiles are drawn afterwards."""

    def __init__(self, client, address) -> None:
        self.client = client
        self.bytes = {}
        page = self.fetch(address)
        for one in re.findall(r'(?:href|src|data-layers)="([^"]+)"', page):
            if re.search(r"/assets/|lager\.json", one):
                self.fetch(urljoin(address, one.replace("&amp;", "&")))

    def fetch(self, address):
        if address in self.bytes:
            return ""
        plain = self.client.get(address)
        assert plain.status_code == 200, address
        pressed = self.client.get(address, headers=GZIP)
        self.bytes[address] = int(pressed.headers["Content-Length"])
        if address.endswith(".js"):
            for one in re.findall(r'(?:from|import)\s*"(\./[^"]+)"', plain.text):
                self.fetch(urljoin(address, one))
        return plain.text

    @property
    def script_bytes(self):
        return sum(size for one, size in self.bytes.items() if one.endswith(".js"))


@pytest.mark.parametrize("role", [*Role, None, "open"])
def test_the_first_load_of_the_start_page_is_under_200_kilobytes(planted, role):
    client, _ = planted.client(role)
    # The police begin with a plan, where there is one for tonight.
    start = {Role.POLICE: "/?plan=1", None: "/login"}.get(role, "/")
    load = FirstLoad(client, start)
    scripts = [one for one in load.bytes if one.endswith(".js")]
    # Without scripts there is a form alone; everything else that is shown has a map.
    assert (len(scripts) > 4) == any("lager.json" in one for one in load.bytes)
    total = sum(load.bytes.values())
    assert total < MOST_BYTES, sorted(load.bytes.items(), key=lambda one: -one[1])[:5]
    assert load.script_bytes < MOST_SCRIPT_BYTES

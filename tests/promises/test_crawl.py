"""Promise: whatever a page leads to opens for its reader, and nothing tells what is others'.

A crawler begins at ``/`` as each role, as nobody and where there are no accounts, and follows
every link, form, twin, tile and file that the answers hold. Then it asks for what the others
made. RISKMILJO_LONG=1 follows more of each kind.
"""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from html.parser import HTMLParser
from itertools import count
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest

from riskmiljo.access.lens import OWN_DATA
from riskmiljo.access.rules import ROUTES, may_use
from riskmiljo.model.role import Role

LONG = os.environ.get("RISKMILJO_LONG") == "1"
OPEN = "open"
READERS = (*Role, None, OPEN)
# Of addresses that differ in numbers and values alone.
MOST_ALIKE = 3 if LONG else 1
# What one of them has seen under every filter, the others see without.
BRIEF = () if LONG else (Role.OUTREACH, Role.ADMIN, OPEN)
ODD = (
    "", "-1", "0", "99999999999999999999", "NaN", "1e309", "\x00", "å\u2028\U0001f9ff",
    "<script>alert(7)</script>", "{{7*7191}}", "0001-01-01", "9999-12-31", "2026-03-29T02:30",
    "24-24", "../../etc/passwd", "a" * 3000, "' OR 1=1 --", "%00", "1,2,3,4", "last-1e9-days",
)  # fmt: skip
PLACES = ("12/2249/1200", "14/8999/4803", "19/0/0")

# What no page leads to: for machines and scripts, for logins of another kind, and what this town
# has none of.
UNLINKED = {
    "account.own_password", "drawing.outline", "health.health", "home.data", "importing.rejects",
    "login.left", "login.organisation_begin", "login.organisation_end", "phone.worker",
    "zones.history",
}  # fmt: skip


class Page(HTMLParser):
    """What a page leads to.

    Attributes
    ----------
    links
        Every address in any attribute.
    asked
        The forms that ask for a page: where, and the fields as they stand.
    sent
        The same of the forms that change something.
    """

    def __init__(self, text):
        super().__init__()
        self.links, self.asked, self.sent = set(), [], []
        self._fields, self._select = None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if name != "action":
                self.links |= {word for word in value.split() if re.match(r"/[a-z?]|\?\w|/$", word)}
        if tag == "form":
            self._fields = []
            forms = self.sent if given.get("method") == "post" else self.asked
            forms.append((given["action"], self._fields))
        elif tag == "select":
            self._select = given.get("name")
        elif tag in ("input", "textarea", "button") and "name" in given:
            if self._fields is None:
                return
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            self._fields.append((given["name"], given.get("value", ""), ticked))
        elif tag == "option" and self._fields is not None and self._select:
            self._fields.append((self._select, given.get("value", ""), "selected" in given))

    def handle_endtag(self, tag):
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = None


def names_of(address):
    return {name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}


def kind_of(address):
    """Return what addresses have in common that differ in numbers, ids and values alone."""
    parts, names = urlsplit(address), names_of(address)
    path = re.sub(r"[0-9a-f]{8,}|\d+", "#", parts.path)
    path = re.sub(r"/zoner/(?!ny\b)[^/.]+", "/zoner/#", path)
    if not LONG:
        # Bare, in the other language, in the other view, and with fields of one kind or another.
        names = names & {"lang", "insyn"} or {"fields"} & {"fields" for _ in names}
    return f"{path}?{'&'.join(sorted(names))}"


class Crawler:
    """One reader who follows everything."""

    def __init__(self, town, role, fields, odd) -> None:
        self.town, self.role, self.fields, self.odd = town, role, fields, odd
        self.client, _ = town.client(role)
        self.found, self.alike = {}, Counter()

    def ask(self, address):
        """Ask for an address, and see that the answer tells nothing that it must not."""
        answer = self.client.get(address)
        self.town.look(self.role, address, answer)
        return answer

    def wants(self, address):
        """Return whether an address is worth following."""
        names = names_of(address)
        if not LONG and names & {"lang", "insyn"} and len(names) > 1:
            # The other language and the other view once a page, whatever else it shows.
            return False
        if self.role in BRIEF:
            slow = names - {"insyn", "vecka"} or address.endswith(".pdf")
            if slow and not address.startswith("/?"):
                return False
        kind = kind_of(address)
        self.alike[kind] += 1
        return self.alike[kind] <= MOST_ALIKE and address not in self.found

    def crawl(self):
        """Follow everything that can be reached from the start page, once."""
        both = LONG and self.role in OWN_DATA
        starts = ["/", "/?insyn=gemensam"] if both else ["/"]
        waiting = deque(("", start) for start in starts if not self.found)
        while waiting:
            source, address = waiting.popleft()
            if not self.wants(address):
                continue
            answer = self.ask(address)
            self.found[address] = answer.status_code
            # What stands on a page opens for its reader.
            assert answer.status_code < 400, (self.role, source, address, answer.status_code)
            waiting.extend((address, one) for one in self.led_to(address, answer))
        return self

    def led_to(self, address, answer):
        """Return the addresses that an answer holds, those of its forms among them."""
        if answer.status_code in (301, 302, 303):
            return [answer.headers["Location"]]
        links = set()
        if answer.mimetype == "text/html":
            page = Page(answer.text)
            links |= page.links
            for method, forms in (("GET", page.asked), ("POST", page.sent)):
                for where, fields in forms:
                    self.look_at_form(address, urljoin(address, where), fields, method)
            for where, fields in page.asked:
                plain = urljoin(address, where).split("#")[0]
                links.add(f"{plain}?{urlencode([one[:2] for one in fields if one[2]])}")
                self.try_odd(plain, fields)
        elif answer.is_json:
            links |= {one for one in texts_of(answer.json) if re.match(r"/[a-z]", one)}
        whole = {urljoin(address, one).split("#")[0] for one in links}
        tiles = {one for one in whole if "{z}" in one}
        whole |= {one.replace("{z}/{x}/{y}", place) for one in tiles for place in PLACES}
        return sorted(whole - tiles)

    def try_odd(self, where, fields):
        """Ask a form for what nobody would choose, one field at a time."""
        for name in dict.fromkeys(name for name, _, _ in fields):
            if self.alike[where, name]:
                continue
            self.alike[where, name] += 1
            # Together all readers try everything.
            for odd in ODD if LONG else [ODD[next(self.odd) % len(ODD)]]:
                self.ask(f"{where}?{urlencode({name: odd})}")

    def look_at_form(self, page, action, fields, method):
        """See that a form's reader may use it, and that its fields are known to the tests."""
        adapter = self.town.app.url_map.bind("localhost")
        endpoint, _ = adapter.match(urlsplit(action).path, method=method)
        role = self.role if self.role in self.town.users else Role.PLANNER
        assert may_use(role, endpoint, method).allowed, (self.role, page, action)
        names = {re.sub(r"\d+$", "1", name) for name, _, _ in fields}
        known = {
            re.sub(r"\d+$", "1", one) for one in self.fields[method == "POST"].get(endpoint, ())
        }
        assert names <= {*known, "csrf_token", "lang", "insyn"}, (page, endpoint, names - known)


def texts_of(value):
    if isinstance(value, str):
        return {value}
    inside = value.values() if isinstance(value, dict) else value
    return set().union(*map(texts_of, inside)) if isinstance(value, (dict, list)) else set()


@pytest.fixture(scope="module")
def crawlers(planted, fields_of_routes):
    """Everybody; who has followed everything is asked for by a test of its own."""
    odd = count()
    return {role: Crawler(planted, role, fields_of_routes, odd) for role in READERS}


@pytest.mark.parametrize("role", READERS)
def test_whatever_is_linked_opens_and_tells_nothing_of_others(crawlers, role):
    found = crawlers[role].crawl().found
    assert len(found) > (10 if role is None else 20)


def test_every_page_that_can_be_read_is_led_to(crawlers):
    reached = set()
    for crawler in crawlers.values():
        adapter = crawler.town.app.url_map.bind("localhost")
        found = crawler.crawl().found
        reached |= {adapter.match(urlsplit(one).path, method="GET")[0] for one in found}
    readable = {endpoint for endpoint, methods in ROUTES.items() if "GET" in methods}
    missing = sorted(readable - reached - UNLINKED)
    assert not missing, missing


def test_what_one_has_made_is_closed_to_those_it_is_not_for(crawlers, planted):
    for maker, paths in planted.own_pages.items():
        for path in paths:
            for role in READERS:
                if role not in (maker, OPEN):
                    expected = (303, 401) if role is None else (404,)
                    answer = crawlers[role].ask(path)
                    assert answer.status_code in expected, (path, role)


def test_what_the_others_have_found_tells_nothing_either(crawlers):
    everything = {one for crawler in crawlers.values() for one in crawler.crawl().found}
    named = {one for one in everything if re.search(r"/\d|/[0-9a-f]{32}|/zoner/", one)}
    for role in READERS[:-1]:
        mine = {one for one in named if LONG or "?" not in one} - crawlers[role].found.keys()
        for address in sorted(one for one in mine if "/assets/" not in one):
            crawlers[role].ask(address)


def test_what_the_others_must_not_be_told_is_told_to_those_whose_it_is(crawlers, planted):
    for role, owner in (
        (Role.POLICE, "police"),
        (Role.OUTREACH, "social"),
        (Role.PLANNER, "municipality"),
    ):
        crawlers[role].crawl()
        assert planted.seen[role] == {owner, "shared"}
        assert planted.places_seen[role] > 500

"""Names that would be code are shown as they are on every page of a shift, and never run."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from riskmiljo.model.plan import Pause, Spot, Visit
from riskmiljo.web.shift_query import SHIFT_FIELDS
from riskmiljo.wording import Text

RESULT = "50337"
NAMES = (
    "{{ 7*7191 }}",
    "<script>window.__pwn=1</script>",
    '"><img src=x onerror=window.__pwn=1>',
    "${7*7191}{% print(7*7191) %}",
    "</title><svg onload=window.__pwn=1>",
    "javascript:window.__pwn=1",
    "{0.__class__}{name}%(x)s",
    "\u202e\u2028å",
)


class Active(HTMLParser):
    """Whatever in a page could run."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "script" and not given.get("src", "").startswith("/assets/"):
            self.found.append((tag, given))
        if tag in ("img", "svg", "iframe") and not given.get("src", "").startswith("/assets/"):
            self.found.append((tag, given))
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append((tag, given))
            if name in ("href", "src", "action") and not re.match(r"[/?#]", value or ""):
                self.found.append((tag, given))


def search(answer):
    assert answer.status_code < 500
    if answer.mimetype == "application/pdf":
        return
    assert RESULT not in answer.text
    if answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers:
        assert Active(answer.text).found == []


@pytest.fixture
def hostile_plan(own_city, own_plan):  # noqa: ARG001 - the plan is in its store
    """The kept plan with every name and reason exchanged."""
    plan = own_city.store.plans.get(1)

    def step(one, name):
        if isinstance(one, Visit):
            return replace(one, name=name, why=Text(name, name))
        return replace(one, spot=Spot(name, 0, 0)) if isinstance(one, Pause) else one

    routes = []
    for route in plan.routes:
        crew = replace(route.crew, start=replace(route.crew.start, name=NAMES[1]))
        steps = [step(one, NAMES[at % len(NAMES)]) for at, one in enumerate(route.steps)]
        routes.append(replace(route, crew=crew, steps=tuple(steps)))
    left = tuple(
        replace(one, name=NAMES[at % len(NAMES)], why=Text(NAMES[at % 8], NAMES[at % 8]))
        for at, one in enumerate(plan.left_out)
    )
    hostile = replace(
        plan,
        routes=tuple(routes),
        left_out=left,
        comparison=Text(NAMES[2], NAMES[2]),
        notes=(Text(NAMES[1], NAMES[1]),),
    )
    return f"/pass/{own_city.store.plans.add(hostile, now=own_city.now())}"


def test_a_hostile_plan_is_shown_as_it_is(own_city, hostile_plan):
    shown = unescape(own_city.client.get(hostile_plan).text)
    for name in NAMES[:3]:
        assert name in shown
    for end in ("", ".json", "/lager.json", "/lag/1", "/lag/1/lager.json", "?lang=en"):
        search(own_city.client.get(hostile_plan + end))
    for suffix in ("gpx", "ics", "geojson", "html", "pdf"):
        answer = own_city.client.get(f"{hostile_plan}/plan.{suffix}")
        assert answer.status_code == 200
        search(answer)


@pytest.mark.parametrize("field", SHIFT_FIELDS)
def test_no_field_of_an_address_is_run(city, field):
    for number, name in enumerate(NAMES):
        fixed = "" if field in ("shift", "day") else "shift=2026-04-30T18:00/22:00&"
        for page in ("/pass", "/pass.json", "/pass/plan.gpx", "/pass/lager.json")[number % 4 :][:1]:
            search(city.client.get(f"{page}?{fixed}{field}={quote(name)}"))
    search(city.client.get(f"/pass?{quote(NAMES[1])}=1"))


@pytest.mark.browser
@pytest.mark.parametrize("end", ["", "/lag/1"])
def test_nothing_hostile_runs_in_a_browser(own_city, hostile_plan, watch, serving, end):
    with serving(own_city.app) as origin:
        watched = watch()
        page = watched.page
        page.goto(f"{origin}{hostile_plan}{end}")
        page.wait_for_selector(".karta[data-ready=true]", timeout=30_000)
        for mark in page.locator(".karta-stop").all()[:4]:
            mark.click()
            assert page.locator(".karta-info").is_visible()
        assert page.evaluate("window.__pwn") is None
        assert RESULT not in page.content()
        assert watched.problems == []

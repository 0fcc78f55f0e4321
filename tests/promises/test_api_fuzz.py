"""Promise: no address and no form that anybody can think of makes a fault or tells what is others'.

Every route that the table of rules knows is described as OpenAPI, from the routes themselves and
the fields that the pages' modules name, and asked by schemathesis as every role; then a few fields
at a time by Hypothesis alone, so that one that is refused does not hide the others.
RISKMILJO_LONG=1 tries many more, of another kind each time.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import Counter
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskmiljo.access.rules import ROUTES, UPLOADS, may_use
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.web import create_app, import_jobs, shift_query
from riskmiljo.web.service import service_of

LONG = os.environ.get("RISKMILJO_LONG") == "1"
EXAMPLES = int(os.environ.get("RISKMILJO_EXAMPLES", "40" if LONG else "1"))
HOST = "http://localhost"
OWN = {"Origin": HOST}
# Of one processor; the most that an honest question of this town takes is a few seconds.
MOST_CPU_S = 30.0
ODD = [
    "-1", "0", "00", "+1", "1_000", "2147483648", "9223372036854775808", "000000000019999999999",
    "9" * 5000, "NaN", "inf", "1e309", "-0.0", "0x10", "\u0661\u0662", "\u00b2", "\x00", "a\x00b",
    "\r\nX-Evil: 1", "\u2028", "\u202e", "\ufeff", "\U0001f9ff", "e\u0301" * 30,
    "0001-01-01", "9999-12-31", "2026-02-30", "2026-03-29T02:30", "2025-10-26T02:30",
    "0001-01-01T00:00/23:59", "9999-12-31T18:00/02:00", "2026-03-28T22:00/06:00",
    "24-24", "00-00", "last-0-days", "last-99999999-days", "last-1-days", "2026-W99", "0000-W01",
    "9999-W52", "0001-01-01/0001-01-02", "9999-12-30/9999-12-31", "2026-01-01/2025-01-01",
    "-181,-91,181,91", "17,59,17,59", "nan,nan,nan,nan", "1e308,1e308,1e308,1e308", ",,,",
    "59.86,17.64", "91,181", "-0.0,-0.0", "<script>alert(7)</script>", "{{7*7191}}", "${7*7191}",
    "../../etc/passwd", "%2e%2e%2f", "' OR 1=1 --", "a" * 10_000, "//evil.example",
    "javascript:alert(7)", "[]", "{}", "null", "true", " ", "\t1", "1 ",
]  # fmt: skip
GOOD = {
    "period": ["last-28-days", "last-364-days"], "from": ["2026-01-01", "2026-05-01"],
    "to": ["2026-04-01", "2026-05-12"], "hours": ["18-02", "18"], "weekday": ["5", "5,6"],
    "category": ["violence", "violence,robbery"], "detection": ["reported"], "source": ["police"],
    "bbox": ["17.6,59.8,17.7,59.9"], "shift": ["2026-05-15T18:00/21:00"], "teams": ["2"],
    "jamfor": ["2025-06-01/2025-07-01"], "lang": ["en"], "insyn": ["gemensam", "egen"],
    "utjamning": ["200"], "day": ["2026-05-15"], "begins": ["18:00"], "ends": ["21:00"],
    "police_walk": ["1"], "outreach_walk": ["1"], "start": ["Stora torget"], "dwell": ["12"],
    "gap": ["90"], "break": ["0"], "own": ["59.86,17.64", "Stora torget"], "seed": ["1"],
    "unpredictable": ["1"], "plan": ["1", "2", "3"], "lag": ["1"], "vecka": ["2026-W20"],
    "plats": ["City"], "klart": ["logg"], "act": ["login"], "user": ["1"], "before": ["9"],
    "sida": ["1"], "next": ["/karta"], "role": ["partner", "police"], "sure": ["1"],
    "reason": ["other", "ett skäl som räcker"], "owner": ["police"], "place": ["City"],
    "until": ["23:00"], "adults": ["2"], "crew": ["outreach"], "kind": ["valborg"],
    "year": ["2026"], "first": ["2026-04-01"], "last": ["2026-04-28"], "name": ["Nytt namn"],
    "places": ["Stora torget", "59.86,17.64"], "goal": ["lugn"], "partners": ["A, B"],
    "late_1": ["15"], "away_1": ["1"], "stop_id": ["x"], "team": ["1"], "minutes": ["12"],
    "when": ["2026-05-12T11:00:00Z"], "share": ["0", "1"], "purpose": ["planning"],
    "days": ["30"], "kalla": ["police"], "compare": ["City"], "saker": ["1"], "steg": ["kod"],
}  # fmt: skip
NUMBERS = [0, 1, 2, 3, 99, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**30]


def values_of(name):
    return [*GOOD.get(name, []), *ODD]


def parameter(name, place, schema):
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def text_of(name):
    # A long list costs more than it finds: Hypothesis alone tries it whole.
    known = values_of(name) if LONG else [*GOOD.get(name, []), *ODD[::6]]
    return {"anyOf": [{"enum": known}, {"type": "string", "maxLength": 40}]}


def described(app, fields, ids):
    """Return what the application can be asked as OpenAPI, from its routes and known fields."""
    asked, sent = fields
    paths = {}
    for rule in app.url_map.iter_rules():
        for method in ROUTES[rule.endpoint]:
            if method == "HEAD":
                continue
            names = re.findall(r"<(?:(\w+)[^>]*:)?(\w+)>", rule.rule)
            parameters = [
                parameter(
                    name,
                    "path",
                    {"enum": NUMBERS}
                    if kind == "int"
                    else {
                        "anyOf": [{"enum": [*ids.get(name, ["x"]), *ODD[:60]]}, {"type": "string"}]
                    },
                )
                for kind, name in names
            ]
            parameters += [
                parameter(name, "query", text_of(name))
                for name in dict.fromkeys((*asked.get(rule.endpoint, ()), "lang", "insyn"))
            ]
            operation = {
                "operationId": f"{rule.endpoint} {method}",
                "parameters": parameters,
                "responses": {"default": {"description": "Any"}},
            }
            if method == "POST":
                operation["requestBody"] = body_of(rule.endpoint, sent.get(rule.endpoint, ()))
            path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)
            paths.setdefault(path, {})[method.lower()] = operation
    return {"openapi": "3.1.0", "info": {"title": "riskmiljö", "version": "1"}, "paths": paths}


def body_of(endpoint, names):
    closed = {"type": "object", "additionalProperties": False}
    form = {**closed, "properties": {name: text_of(name) for name in names}}
    loose = {"anyOf": [{"enum": [None, True, -1, 1e300, 10**400, [], {}, [[]]]}]}
    free = {name: {"anyOf": [*text_of(name)["anyOf"], *loose["anyOf"]]} for name in names}
    content = {
        "application/x-www-form-urlencoded": {"schema": form},
        "application/json": {"schema": {**closed, "properties": free}},
    }
    if endpoint in UPLOADS:
        files = {**form["properties"], "fil": {"type": "string", "format": "binary"},
                 "file": {"type": "string", "format": "binary"}}  # fmt: skip
        content["multipart/form-data"] = {"schema": {**closed, "properties": files}}
    return {"content": content}


class Asker:
    """Every reader's browser over a town of its own that may be changed."""

    def __init__(self, town) -> None:
        self.town = town
        self.browsers = {}
        self.slowest = (0.0, None, "")
        self.asked = Counter()

    def browser(self, role):
        """Return a browser and its token; the account is opened again where somebody shut it."""
        if role not in self.browsers:
            if role in self.town.users:
                users, now = self.town.store.users, self.town.now
                users.enable(self.town.users[role], now=now)
                if users.get(self.town.users[role]).role is not role:
                    users.set_role(self.town.users[role], role, now=now)
            self.browsers[role] = self.town.client(role)
        return self.browsers[role]

    def ask(self, role, made):
        """Send a request as a reader, and see that it is answered as it should be."""
        client, token = self.browser(role)
        address = made.url.removeprefix(HOST)
        headers = {**made.headers, "Accept-Encoding": "identity"}
        if made.method == "POST":
            headers |= {**OWN, "X-CSRFToken": token}
        before = time.process_time()
        answer = client.open(address, method=made.method, headers=headers, data=made.body)
        took = time.process_time() - before
        self.asked[answer.status_code] += 1
        self.slowest = max(self.slowest, (took, role, address[:200]))
        self.town.look(role, address, answer)
        assert took < MOST_CPU_S, (role, address[:200], took)
        if made.method == "POST" and "/login" in answer.headers.get("Location", ""):
            del self.browsers[role]
        return answer


@pytest.fixture(scope="module")
def asker(planted, tmp_path_factory):
    """The planted town copied: what is sent to it changes it."""
    folder = tmp_path_factory.mktemp("rörd") / "stad"
    # The uploaded files lie beside the store.
    shutil.copytree(planted.folder, folder)
    apps = [
        create_app(Settings(store=f"sqlite:///{folder}/{name}.sqlite"), clock=lambda: planted.now)
        for name in ("konton", "oppen")
    ]
    town = type(planted)(*apps, planted.planted, folder, users=dict(planted.users))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shift_query, "SEARCH_S", 0.05)
        # A file is looked at in a process of its own: what it may hold is tried in its own tests.
        patch.setattr(import_jobs, "start", lambda _key, _work: True)
        yield Asker(town)
    for app in apps:
        service_of(app).store.close()


@pytest.fixture(scope="module")
def ids(planted):
    """Ids that exist, by the name that a route gives them."""
    client, _ = planted.client("open")
    zones = client.get("/karta.json").json["zones"]
    staged = [one.split("/")[2] for one in planted.own_pages[Role.POLICE] if one.count("/") == 2]
    staged = [one for one in staged if re.fullmatch("[0-9a-f]{32}", one)]
    return {
        "zone_id": [zone["zone_id"] for zone in zones[:2]],
        "staging_id": staged,
        "suffix": ["gpx", "ics", "geojson", "html", "pdf"],
        "surface": ["density"],
    }


def tried(examples):
    """Return how Hypothesis tries: the same each time, but for the long run."""
    return settings(
        max_examples=examples,
        derandomize=not LONG,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def allowed(endpoint, method):
    """Return who may use a route, with somebody who may not."""
    inside = [role for role in Role if may_use(role, endpoint, method).allowed]
    return [*inside, "open", *[role for role in (*Role, None) if role not in inside][:1]]


MODES = ("positive", "negative") if LONG else ("positive",)


@pytest.mark.parametrize("mode", MODES)
def test_every_operation_of_the_interface_stands_whatever_is_sent(
    asker, planted, fields_of_routes, ids, mode
):
    import schemathesis  # noqa: PLC0415 - a second that no other test should wait for

    generation = schemathesis.GenerationMode(mode)
    schema = schemathesis.openapi.from_dict(described(planted.app, fields_of_routes, ids))
    known = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        endpoint, method = operation.definition.raw["operationId"].split()
        known[endpoint] = operation
        roles = st.sampled_from(allowed(endpoint, method))

        @tried(EXAMPLES)
        @given(case=operation.as_strategy(generation_mode=generation), role=roles)
        def stands(case, role):
            asker.ask(role, requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare())

        stands()
    assert set(known) == set(ROUTES)


def test_a_few_fields_at_a_time_are_answered_whatever_stands_in_them(asker, fields_of_routes, ids):
    asked, sent = fields_of_routes
    for rule in asker.town.app.url_map.iter_rules():
        for method in sorted(ROUTES[rule.endpoint].keys() - {"HEAD"}):
            names = (sent if method == "POST" else asked).get(rule.endpoint, ())
            roles = allowed(rule.endpoint, method)[:-1]
            try_fields(asker, method, st.sampled_from(roles), paths_of(rule, ids), chosen_of(names))


def try_fields(asker, method, roles, paths, fields):
    @tried(2 * EXAMPLES)
    @given(role=roles, path=paths, chosen=fields, as_json=st.booleans())
    def stands(role, path, chosen, as_json):
        where = "params" if method == "GET" else "json" if as_json else "data"
        asker.ask(role, requests.Request(method, HOST + path, **{where: chosen}).prepare())

    stands()


def paths_of(rule, ids):
    """Return paths of a route: mostly such as exist."""
    parts = re.split(r"(<[^>]+>)", rule.rule)
    drawn = []
    for part in parts:
        found = re.fullmatch(r"<(?:(\w+)[^>]*:)?(\w+)>", part)
        if not found:
            drawn.append(st.just(part))
        elif found[1] == "int":
            drawn.append(st.sampled_from([1, 2, 3, *NUMBERS]).map(str))
        else:
            known = ids.get(found[2], ["x"])
            drawn.append(st.sampled_from([*known * 20, *ODD]).map(lambda one: quote(one, safe="")))
    return st.tuples(*drawn).map("".join)


def chosen_of(names):
    """Return up to four fields with their values, at most a few of them odd."""
    if not names:
        return st.just({})
    fields = st.sampled_from(names).flatmap(
        lambda name: st.tuples(
            st.just(name),
            st.one_of(
                st.sampled_from(GOOD.get(name, ["x"])),
                st.sampled_from(ODD),
                st.lists(st.sampled_from(values_of(name)), max_size=3),
            ),
        )
    )
    return st.lists(fields, max_size=4).map(dict)

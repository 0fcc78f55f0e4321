"""docs/json.md names every address that answers in JSON, and of many every key and no other."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from riskmiljo.access.rules import ROUTES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "json.md"
OWN = {"Origin": "http://localhost"}
QUERY = "shift=2026-04-30T18:00/22:00&police_walk=1&outreach_walk=1"


def test_every_key_of_a_plan_is_documented(city, kept_plan, documented):
    asked = city.client.get(f"/pass.json?{QUERY}").json
    kept = city.client.get(f"{kept_plan}.json").json
    assert set(asked) | set(kept) == documented("A plan at /pass.json and /pass/ID.json")
    assert set(asked) - set(kept) == {"query", "situation_notes"}
    assert set(kept) - set(asked) == {"replaced_by"}


def test_every_key_of_the_list_of_plans_is_documented(city, kept_plan, documented):  # noqa: ARG001 - one is kept
    [row, *_] = city.client.get("/pass.json").json["plans"]
    assert set(row) == documented("Kept plans at /pass.json")


def test_every_key_of_a_visit_is_documented(own_city, own_plan, documented):
    step = own_city.client.get(f"{own_plan}.json").json["routes"][0]["steps"][1]
    answer = own_city.client.post(
        f"{own_plan}/har", json={"stop_id": step["stop_id"]}, headers=OWN
    ).json
    assert set(answer) == documented("A visit sent to /pass/ID/har")
    visit = {"stop_id": step["stop_id"], "when": answer["begins"]}
    gone = own_city.client.post(f"{own_plan}/har/bort", json=visit, headers=OWN).json
    assert set(gone) == documented("A visit taken back at /pass/ID/har/bort")


def keys_of(value):
    """Every key at any depth, but for texts and what only names them."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if not isinstance(value, dict) or set(value) == {"sv", "en"}:
        return set()
    return set(value).union(*map(keys_of, value.values()))


def test_every_key_of_tonight_and_of_a_shared_plan_is_documented(own_city, own_plan, documented):
    own_city.client.post(f"{own_plan}/dela", data={"role": "partner"}, headers=OWN)
    tonight = own_city.client.get("/ikvall.json?plan=1").json
    send = {"plan": 1, "stop_id": tonight["stops"][0]["stop_id"], "reason": "other"}
    own_city.move(timedelta(hours=4, minutes=10))
    answer = own_city.client.post("/ikvall/svar", json=send, headers=OWN)
    assert set(answer.json) == documented("An answer sent to /ikvall/svar")
    tonight = own_city.client.get("/ikvall.json?plan=1").json
    assert keys_of(tonight) - {"ends", "reason", "count"} == documented("Tonight at /ikvall.json")
    shared = own_city.client.get("/delade/1.json").json
    assert keys_of(shared) == documented("A shared plan at /delade/ID.json") | {
        "team", "label", "place", "time", "until", "joint"
    }  # fmt: skip


def test_every_address_that_answers_in_json_is_documented(city):
    document = DOCUMENT.read_text(encoding="utf-8")
    named = set(re.findall(r"/[\w/]+\.json", document))
    rules = [rule for rule in city.app.url_map.iter_rules() if rule.rule.endswith(".json")]
    asked = {re.sub(r"<[^>]*(batch_id|team)>", "N", rule.rule) for rule in rules}
    asked = {re.sub(r"<[^>]+>", "ID", one) for one in asked}
    assert len(asked) >= 27
    assert asked - named == set()
    # Nor is one told of that nobody has.
    assert {one for one in named if not one.startswith("/pass/ID")} <= asked
    assert {rule.endpoint for rule in rules} <= set(ROUTES)


def test_every_key_of_the_map_is_documented(city, documented):
    query = "shift=2026-04-30T18:00/22:00&jamfor=2025-11-03/2026-03-02"
    body = city.client.get(f"/karta.json?{query}").json
    assert set(body.pop("query")) == {"shift", "jamfor"}
    assert keys_of(body) | {"query"} == documented("The map's page at /karta.json")
    nothing = city.client.get("/karta.json?from=2020-01-06&to=2020-02-03").json
    assert (nothing["total"], nothing["zones"], len(nothing["notes"])) == (None, [], 1)


def test_every_key_of_a_zone_of_the_weeks_and_of_the_layers_is_documented(city, documented):
    row = city.client.get("/karta.json").json["zones"][0]
    body = city.client.get(f"/zoner/{row['zone_id']}.json").json
    assert body["zone"] == row
    area = body.pop("area")
    assert keys_of(area) <= documented("The map's page at /karta.json")
    told = documented("One zone at /zoner/ID.json")
    assert {*keys_of({**body, "zone": None}), "area"} == told
    assert set(city.client.get("/tid.json").json) == documented("Incidents by week at /tid.json")
    layers = city.client.get("/lager.json").json
    assert set(layers) == documented("A map's layers at /lager.json")


def test_every_key_of_an_account_and_of_the_audit_is_documented(house, documented):
    house.store.tokens.add(house.users["en-admin"], now=house.now)
    client = house.client("en-admin")
    account = client.get("/konto.json").json
    assert keys_of(account) == documented("One's own account at /konto.json")
    audit = client.get("/admin/logg.json").json
    rows = [{**row, "detail": None} for row in audit["rows"]]
    assert keys_of({**audit, "rows": rows}) == documented("The audit at /admin/logg.json")
    assert house.client("anna").get("/admin/logg.json").status_code == 404


def test_every_key_of_the_review_and_of_an_operation_is_documented(city, own_city, documented):
    review = city.client.get("/lagesbild.json").json
    assert set(review) == documented("The weekly review at /lagesbild.json")
    sent = {"name": "Trygg vår", "first": "2026-01-01", "last": "2026-01-31", "places": "City"}
    own_city.client.post("/insatser", data=sent, headers=OWN)
    [told] = own_city.client.get("/insatser.json").json["operations"]
    assert set(told) == documented("Operations at /insatser.json")

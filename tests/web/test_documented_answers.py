"""docs/json.md names every key of the plans' JSON, and no other."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "json.md"
OWN = {"Origin": "http://localhost"}
QUERY = "shift=2026-04-30T18:00/22:00&police_walk=1&outreach_walk=1"


def documented(heading):
    section = DOCUMENT.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_every_key_of_a_plan_is_documented(city, kept_plan):
    asked = city.client.get(f"/pass.json?{QUERY}").json
    kept = city.client.get(f"{kept_plan}.json").json
    assert set(asked) | set(kept) == documented("A plan at /pass.json and /pass/ID.json")
    assert set(asked) - set(kept) == {"query", "situation_notes"}
    assert set(kept) - set(asked) == {"replaced_by"}


def test_every_key_of_the_list_of_plans_is_documented(city, kept_plan):  # noqa: ARG001 - one is kept
    [row, *_] = city.client.get("/pass.json").json["plans"]
    assert set(row) == documented("Kept plans at /pass.json")


def test_every_key_of_a_visit_is_documented(own_city, own_plan):
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


def test_every_key_of_tonight_and_of_a_shared_plan_is_documented(own_city, own_plan):
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

"""Plans that were made before anybody could log in are shared by the administrator."""

from __future__ import annotations

import re

import pytest

from riskmiljo.model.role import Role
from riskmiljo.store.audit_log import AuditQuestion

OWN = {"Origin": "http://localhost"}


@pytest.fixture
def log_in(own_city):
    """Browsers of roles in the town of a plan, once it has accounts."""

    def logged_in(role):
        number = own_city.store.users.add(str(role), role, password=None, now=own_city.now())
        client = own_city.app.test_client()
        key = own_city.store.logins.begin(number, now=own_city.now())
        client.set_cookie("riskmiljo_login", key)
        return client

    return logged_in


def test_a_plan_that_opens_to_nobody_is_shared_with_those_who_go_out(own_city, log_in, documented):
    admin, police = log_in(Role.ADMIN), log_in(Role.POLICE)
    assert police.get("/pass/1").status_code == 404
    page = admin.get("/admin").text
    assert "Plan 1, 30 april 2026 18:00–22:00" in page
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def send(path, role):
        return admin.post(path, data={"role": role, "csrf_token": token}, headers=OWN)

    assert send("/admin/planer/1/dela", "planner").status_code == 400
    assert send("/admin/planer/7/dela", "police").status_code == 404
    assert send("/admin/planer/1/dela", "police").headers["Location"].endswith("#planer")
    [row] = own_city.store.audit_log.rows(AuditQuestion(act="share"), most=5)
    assert row.detail == {"plan": 1, "role": "police", "user": 1}
    assert police.get("/delade/1").status_code == 200
    # Places and times; the reasons rest on others' incidents still.
    assert police.get("/pass/1").status_code == 404
    [told] = admin.get("/admin.json").json["plans_of_nobody"]
    assert (told["plan"], told["shared_with"]) == (1, ["police"])
    own_city.store.plans.add(own_city.store.plans.get(1), now=own_city.now(), rests_on="police")
    assert send("/admin/planer/2/dela", "partner").status_code == 404
    assert documented("The administrator's page at /admin.json") == set(
        admin.get("/admin.json").json
    )

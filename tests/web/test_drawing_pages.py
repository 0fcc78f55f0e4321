"""Zones that readers draw and redraw, over HTTP."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from functools import partial
from html import unescape
from pathlib import Path

import pytest

from riskmiljo.access.lens import EVERY_OWNER, lens_of
from riskmiljo.errors import InvalidInputError
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation import drawing, standing
from riskmiljo.situation.standing import refresh_zones_of
from riskmiljo.store import zone_sets
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app
from riskmiljo.web.drawing_pages import read_corners
from riskmiljo.web.service import service_of

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "json.md"
OWN = {"Origin": "http://localhost"}
POLICE = frozenset({"police"})


def square(lat, lon, side=0.004):
    half = side / 2
    steps = ((-half, -half), (-half, half), (half, half), (half, -half))
    return "\n".join(f"{lat + dy:.6f}, {lon + 2 * dx:.6f}" for dy, dx in steps)


class Drawers:
    """The filled town with accounts; each reader's client and token."""

    def __init__(self, path, now) -> None:
        self.app = create_app(Settings(store=f"sqlite:///{path}"), clock=lambda: now)
        self.store, self.now = service_of(self.app).store, now
        self.users = {
            role: self.store.users.add(str(role), role, password=None, now=now) for role in Role
        }

    def client(self, role):
        client = self.app.test_client()
        key = self.store.logins.begin(self.users[role], now=self.now)
        client.set_cookie("riskmiljo_login", key)
        token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/konto").text)[1]
        return client, {**OWN, "X-CSRFToken": token}


@pytest.fixture(scope="module")
def drawers(filled_store, tmp_path_factory):
    path = shutil.copy(filled_store, tmp_path_factory.mktemp("ritad"))
    made = Drawers(path, NOW)
    with pytest.MonkeyPatch.context() as patch:
        # How surely zones come back is tested where they are found.
        patch.setattr(drawing, "refresh_zones_of", partial(refresh_zones_of, bootstraps=0))
        yield made
    made.store.close()


def said(answer):
    found = re.search(r'role="alert">.*?<p>(.*?)</p>', answer.text, re.DOTALL)
    return unescape(found[1]) if found else ""


def field(page):
    return unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[1])


def test_a_redrawn_zone_keeps_id_and_name_wins_and_can_be_given_back(drawers):
    client, headers = drawers.client(Role.POLICE)
    zone = client.get("/karta.json").json["zones"][0]
    zone_id, name = zone["zone_id"], zone["name"]
    assert f"/zoner/{zone_id}/rita" in client.get(f"/zoner/{zone_id}").text
    page = client.get(f"/zoner/{zone_id}/rita")
    corners = read_corners(field(page.text))
    assert 3 <= len(corners) <= 24
    lon, lat = (sum(one[axis] for one in corners) / len(corners) for axis in (0, 1))
    drawn = square(lat, lon, 0.006)
    answer = client.post(f"/zoner/{zone_id}/rita", data={"corners": drawn}, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/zoner/{zone_id}")
    # Kept as the drawn one, and nothing found lies over it.
    kept = drawers.store.zones(owners=POLICE).set_index("zone_id")
    assert kept["name"][zone_id] == name
    others = kept.drop(zone_id).geometry
    assert others.intersection(kept.geometry[zone_id]).area.max() < 1
    assert field(client.get(f"/zoner/{zone_id}/rita").text) == drawn
    shown = {one["zone_id"]: one["name"] for one in client.get("/karta.json").json["zones"]}
    assert shown[zone_id] == name
    # No other group of owners: neither name nor outline.
    assert drawers.store.drawn_zones.of(EVERY_OWNER) is None
    outreach, _ = drawers.client(Role.OUTREACH)
    assert outreach.get("/zoner/ny.json").json["drawn"] == []
    told = client.get("/zoner/ny.json").json
    section = DOCUMENT.read_text(encoding="utf-8").split("## Drawn zones at /zoner/ny.json\n")[1]
    keys = {*told, *told["drawn"][0]}
    assert set(re.findall(r"`(\w+)`", section.split("\n## ")[0])) == keys
    # The place may be a zone of theirs too, as it was found in what they read.
    for page in (f"/zoner/{zone_id}/rita", "/zoner/ny"):
        assert drawn.splitlines()[0] not in outreach.get(page).text
    given_back = client.post(
        f"/zoner/{zone_id}/rita/bort",
        headers=headers,
        data={"x": "1"},
    )
    assert given_back.status_code == 303
    assert drawers.store.drawn_zones.of(POLICE) is None
    after = drawers.store.zones(owners=POLICE).set_index("zone_id")
    assert not after.geometry.get(zone_id).equals(kept.geometry[zone_id])
    by_whom = {"zone": zone_id, "user": drawers.users[Role.POLICE]}
    # A zone of one's own over it, taken away again, leaves the place its id, name and places.
    body = {"name": "Ritat", "corners": drawn}
    made = client.post("/zoner/ny", data=body, headers=headers).headers["Location"]
    over = drawers.store.zones(owners=POLICE).set_index("zone_id")
    own_id = made.rsplit("/", 1)[-1]
    assert (over["name"][own_id], over["status"][own_id]) == ("Ritat", "new")
    assert zone_id not in over.index
    client.post(f"{made}/rita/bort", headers=headers, data={"x": "1"})
    again = drawers.store.zones(owners=POLICE, levels=2).set_index("zone_id")
    assert again["name"][zone_id] == name
    assert again["first_seen"][zone_id] == after["first_seen"][zone_id]
    assert own_id not in again.index
    assert "Ritat" not in set(again["name"])
    for act in ("drawn", "drawn_removed"):
        rows = drawers.store.audit_log.rows(AuditQuestion(act=act), most=9)
        mine = {**by_whom, "zone": own_id}
        assert [dict(row.detail) for row in rows] == [mine, by_whom]


def test_a_new_zone_with_few_incidents_waits_and_can_be_found_again(drawers):
    client, headers = drawers.client(Role.POLICE)
    body = {"name": "<b>Skogen</b>", "corners": square(59.80, 17.55)}
    answer = client.post("/zoner/ny", data=body, headers=headers)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "för få händelser" in unescape(page)
    assert "<b>Skogen" not in page
    assert "&lt;b&gt;Skogen" in client.get("/zoner/ny").text
    [zone_id] = [one["zone_id"] for one in client.get("/zoner/ny.json").json["drawn"]]
    outreach, _ = drawers.client(Role.OUTREACH)
    assert outreach.get(f"/zoner/{zone_id}/rita").status_code == 404
    assert "Skogen" not in outreach.get("/zoner/ny").text
    again = client.post("/zoner/ny", data={**body, "name": "Annan"}, headers=headers)
    assert "överlappar den ritade zonen <b>Skogen</b>" in said(again)
    same = {"name": "<B>skogen</B>", "corners": square(59.82, 17.55)}
    assert "heter redan" in said(client.post("/zoner/ny", data=same, headers=headers))


def kept_of(store):
    drawn = store.drawn_zones.of(POLICE)
    sets = store.zone_history(owners=POLICE)["set_id"].nunique()
    names = [] if drawn is None else drawn["name"].tolist()
    return names, sets, len(store.audit_log.rows(AuditQuestion(), most=99))


def test_a_search_that_fails_leaves_everything_as_it_was(drawers, monkeypatch):
    client, headers = drawers.client(Role.POLICE)
    body = {"name": "Stenhagen", "corners": square(59.855, 17.52)}
    made = client.post("/zoner/ny", data=body, headers=headers).headers["Location"]
    gone = f"/zoner/{made.split('/')[2]}/rita/bort"
    before = kept_of(drawers.store)
    assert "Stenhagen" in before[0]

    def fails(*_, **__):
        raise RuntimeError

    other = {"name": "Torget", "corners": square(59.87, 17.7)}
    for where in ((standing, "find_zones"), (zone_sets.zone_rows, "write_zones")):
        monkeypatch.setattr(*where, fails)
        assert client.post("/zoner/ny", data=other, headers=headers).status_code == 500
        assert client.post(gone, headers=headers, data={"x": "1"}).status_code == 500
        assert kept_of(drawers.store) == before
        monkeypatch.undo()
    assert client.post(gone, headers=headers, data={"x": "1"}).status_code == 303
    assert "Stenhagen" not in kept_of(drawers.store)[0]


def test_what_another_reader_draws_during_the_search_is_not_lost(drawers, monkeypatch):
    settings, lens = service_of(drawers.app).settings, lens_of(Role.POLICE, Settings())

    def keep(name, lat):
        corners = read_corners(square(lat, 17.8))
        return drawing.keep_outlines(
            drawers.store, settings, lens, [drawing.Drawing(name, corners)], now=drawers.now
        )

    whole, searches = standing.find_zones, []

    def interrupted(*given, **more):
        searches.append(1)
        if len(searches) == 1:
            keep("Den andras", 59.82)
        return whole(*given, **more)

    monkeypatch.setattr(standing, "find_zones", interrupted)
    keep("Min egen", 59.84)
    assert {"Den andras", "Min egen"} <= set(kept_of(drawers.store)[0])
    # What was found before the other one's outline was there is not kept: it was searched again.
    assert len(searches) == 3


BOW = "59.80, 17.60\n59.81, 17.62\n59.80, 17.62\n59.81, 17.60"


@pytest.mark.parametrize(
    ("corners", "why"),
    [
        ("", "har 0 hörn"),
        ("59.80, 17.60\n59.80, 17.60\n59.81, 17.60", "har 2 hörn"),
        (BOW, "korsar"),
        ("59.80, 17.60\n59.81, 17.61\n59.82, 17.62", "nästan ingen yta"),
        ("59.80, 17.60\n\nhär", "Rad 3"),
        ("1, 2\n1, 3\n2, 3", "Hörn 1 ligger utanför"),
        (square(59.85, 17.64, 0.06), "högst 25 km²"),
        ("\n".join(f"59.8{n:03d}, 17.6" for n in range(501)), "högst 500"),
    ],
)
def test_each_fault_has_a_sentence_and_the_form_stays_as_it_was(drawers, corners, why):
    client, headers = drawers.client(Role.POLICE)
    answer = client.post("/zoner/ny", data={"name": "Min", "corners": corners}, headers=headers)
    assert answer.status_code == 400
    assert why in said(answer)
    assert field(answer.text).splitlines() == corners.splitlines()
    assert 'value="Min"' in answer.text
    english = client.post(
        "/zoner/ny?lang=en", data={"name": "Min", "corners": corners}, headers=headers
    )
    assert said(english) not in ("", said(answer))


def test_nothing_is_drawn_in_the_joint_picture_or_by_who_only_looks(drawers):
    client, headers = drawers.client(Role.POLICE)
    joint = {"name": "Min", "corners": square(59.86, 17.60)}
    for answer in (
        client.get("/zoner/ny?insyn=gemensam"),
        client.post("/zoner/ny?insyn=gemensam", data=joint, headers=headers),
        drawers.client(Role.PLANNER)[0].get("/zoner/ny"),
    ):
        assert answer.status_code == 400
        assert "zoner är fasta" in unescape(answer.text)
    assert "/zoner/ny" not in drawers.client(Role.PLANNER)[0].get("/karta").text
    admin, token = drawers.client(Role.ADMIN)
    begun = {"owner": "police", "reason": "ett skäl som räcker", "sure": "1"}
    assert admin.post("/admin/nodinsyn", data=begun, headers=token).status_code == 303
    assert admin.post("/zoner/ny?insyn=egen", data=joint, headers=token).status_code in (400, 404)
    assert drawers.client(Role.PARTNER)[0].get("/zoner/ny").status_code == 404
    assert client.get("/zoner/znej/rita").status_code == 404
    assert client.post("/zoner/ny", data=joint, headers=OWN).status_code == 403


@pytest.mark.parametrize(
    ("row", "lat_lon"),
    [
        ("59.8583, 17.6389", (59.8583, 17.6389)),
        ("59.8583,17.6389", (59.8583, 17.6389)),
        ("59,8583; 17,6389", (59.8583, 17.6389)),
        ("59,8583 17,6389", (59.8583, 17.6389)),
        (" 59 17 ", (59, 17)),
        ("-59.5;-17.25", (-59.5, -17.25)),
    ],
)
def test_corners_are_read_as_people_write_them(row, lat_lon):
    assert read_corners(f"\n{row}\n") == [lat_lon[::-1]]


@pytest.mark.parametrize(
    "row", ["59.8", "59,85,17,63", "nan, 1", "1e3, 2", "1, 2, 3", "59.8 N", "5٩, 1"]
)
def test_what_is_no_corner_is_refused(row):
    with pytest.raises(InvalidInputError, match=r"^Rad 1 "):
        read_corners(row)

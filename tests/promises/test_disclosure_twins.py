"""Two towns that differ only in what may not be told are told alike, to the last byte.

They differ in counts below the minimum counts, in counts within one band, in reports from one home,
and in what is left of a total when its categories are taken away.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from riskmiljo.geo.crs import points_frame
from riskmiljo.model.incidents import complete_incidents
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation.releases import make_release
from riskmiljo.store import Area, open_store
from riskmiljo.web import create_app
from riskmiljo.web.service import service_of

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
SOURCES = {"police": "police", "social": "outreach"}
CENTRE = (648_000, 6_638_500)
# What a form carries back differs from visit to visit.
TOKEN = re.compile(rb'(?<=csrf[-_]token" )(content|value)="[^"]+"')
# Squares of 500 m, kilometres from one another and from all else.
LONELY = [(644_000 + 2000 * (n % 4), 6_630_000 + 2000 * (n // 4)) for n in range(10)]


def incidents_of(owner, corner, number, category, month, *, hour=12, home=False):
    """Return incidents at places 53 m apart, one a day from Sunday to Thursday."""
    at = np.arange(number)
    apart = np.column_stack([at % 4, at // 4 % 4]) * (0 if home else 53) + 20
    days = pd.date_range(f"2026-{month:02d}-01", periods=400, tz="UTC")
    days = days[days.day_of_week.isin([6, 0, 1, 2, 3])][:number] + pd.Timedelta(hours=hour)
    columns = {
        "incident_id": [f"{owner}-{category}-{corner}-{month}-{hour}-{n}" for n in at],
        "occurred_from": pd.Series(days),
        "category": [category] * number,
        "source": [SOURCES[owner]] * number,
        "owner": [owner] * number,
        "registered_at": pd.Series(days),
    }
    xy = np.array(corner) + apart
    return complete_incidents(points_frame(columns, xy[:, 0], xy[:, 1], 3006))


# Corner, owner, category, month, hour, and how many there are in either town.
DIFFERENT = (
    (0, "police", "robbery", 3, 12, (4, 1)),
    (1, "police", "robbery", 3, 12, (5, 9)),
    (2, "police", "theft", 2, 12, (10, 14)),
    (3, "police", "narcotics", 3, 19, (3, 1)),
    (4, "social", "welfare_concern", 3, 12, (9, 4)),
    (5, "social", "welfare_concern", 2, 12, (10, 19)),
    (6, "police", "vandalism", 4, 12, (4, 3)),
    (7, "social", "welfare_concern", 3, 12, (9, 0)),
    # Beside nine of the police's own, which know so many.
    (9, "social", "welfare_concern", 3, 12, (4, 0)),
)
ALIKE = (
    (3, "theft", 3, 12),
    (4, "theft", 3, 12),
    (6, "vandalism", 3, 7),
    (9, "welfare_concern", 3, 9),
)


def town(path, which):
    parts = [
        # So many a week that what the towns differ in leaves every week in its band.
        *(incidents_of("police", CENTRE, 90, "violence", 1, hour=10 + n) for n in range(12)),
        *(incidents_of("social", CENTRE, 90, "welfare_concern", 1, hour=15 + n) for n in range(5)),
        incidents_of("police", LONELY[8], (5, 2)[which], "violence", 3, home=True),
        *(incidents_of("police", LONELY[at], n, what, month) for at, what, month, n in ALIKE),
        *(
            incidents_of(owner, LONELY[at], counts[which], what, month, hour=hour)
            for at, owner, what, month, hour, counts in DIFFERENT
            if counts[which]
        ),
    ]
    settings = Settings(store=f"sqlite:///{path}")
    with open_store(settings.store) as store:
        store.set_area(
            Area(settings.area_name, settings.area_bbox, settings.epsg, settings.timezone)
        )
        for source, rows in pd.concat(parts, ignore_index=True).groupby("source", observed=True):
            store.add_incidents(
                rows.reset_index(drop=True), file_name=f"{source}.csv",
                sha256=str(source).ljust(64, "0"), source=str(source), receipt={}, now=NOW,
            )  # fmt: skip
        make_release(store, settings, now=NOW)
        for role in Role:
            store.users.add(str(role), role, password=None, now=NOW)
        return create_app(settings, clock=lambda: NOW), store.releases.rows()


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tvillingar")
    made = [town(folder / f"{which}.sqlite", which) for which in (0, 1)]
    yield [app for app, _ in made], [rows for _, rows in made]
    for app, _ in made:
        service_of(app).store.close()


def test_what_may_not_be_told_leaves_no_trace_in_the_released_bands(twins):
    _, (one, other) = twins
    pd.testing.assert_frame_equal(one, other)
    # The squares that may be told are told: the towns are not alike for being empty.
    told = {(x // 1000, y // 1000) for x, y in zip(one["x0"], one["y0"], strict=True)}
    for at in (0, 1, 2, 3, 5, 8, 9):
        is_told = at in {1, 2, 3, 5}
        assert ((LONELY[at][0] // 1000, LONELY[at][1] // 1000) in told) is is_told, at


def test_what_may_not_be_told_leaves_no_trace_in_any_answer(twins):
    apps, _ = twins
    asked = [
        f"{page}?insyn=gemensam{more}"
        for page in ("/karta.json", "/lager.json")
        for more in (
            "",
            "&category=robbery",
            "&category=narcotics",
            "&period=2026-03",
            "&hours=12-18",
        )
    ]
    asked += [f"/lagesbild{more}?insyn=gemensam" for more in ("", ".json", "/rapport.pdf")]
    answers = []
    for app in apps:
        store, client = service_of(app).store, app.test_client()
        [user] = [one.user_id for one in store.users.all() if one.role is Role.PLANNER]
        client.set_cookie("riskmiljo_login", store.logins.begin(user, now=NOW))
        got = [client.get(address) for address in asked]
        answers.append(
            [
                (one.status_code, TOKEN.sub(b"", one.data), one.headers.get("Content-Length"))
                for one in got
            ]
        )
    assert answers[0] == answers[1]
    assert sum(status == 200 for status, *_ in answers[0]) >= 9
    weeks = json.loads(answers[0][-2][1])["weeks_released"]
    assert {week["state"] for week in weeks} == {"within", None}
    assert {week["owner"] for week in weeks} == {"police", None}

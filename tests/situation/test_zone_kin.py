"""Which zones lie where a former one lay."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import shapely

from riskmiljo.situation.zone_kin import now_there


def test_a_zone_lies_where_another_lay_if_they_share_a_fifth_of_the_smaller():
    lay = shapely.box(0, 0, 100, 100)
    lies = {
        "within": shapely.box(10, 10, 20, 20),
        "a fifth": shapely.box(80, 0, 180, 100),
        "less": shapely.box(81, 0, 181, 100),
        "beside": shapely.box(100, 0, 200, 100),
        "itself": lay,
    }
    zones = gpd.GeoDataFrame({"zone_id": list(lies), "name": list(lies)}, geometry=[*lies.values()])
    situation = SimpleNamespace(zones=zones, lens=SimpleNamespace(owners=frozenset({"police"})))
    store = SimpleNamespace(last_outlines=lambda zone_ids, **_: dict.fromkeys(zone_ids, lay))
    found = now_there("itself", situation, store)
    assert [zone_id for zone_id, _ in found] == ["within", "a fifth"]

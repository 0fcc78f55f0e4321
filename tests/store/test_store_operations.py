"""Operations and results are kept with what they were made of."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError, NothingFoundError
from riskmiljo.model.operation import Operation


def operation(name="Vår i City", crs=3006, **changes):
    places = gpd.GeoDataFrame(
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)], crs=crs
    )
    return Operation(
        **{
            "name": name,
            "period": ("2026-03-01", "2026-06-01"),
            "places": places,
            "partners": ("polis", "ungdomsjour"),
            "goal": "Färre rån",
            "outcomes": {"drug_seizures": 4},
            **changes,
        }
    )


def test_an_operation_comes_back_as_it_was_entered(store, now):
    number = store.operations.add(operation(), now=now)
    row = store.operations.get(number)
    kept, given = row.operation, operation()
    assert (kept.name, kept.period, kept.partners) == (given.name, given.period, given.partners)
    assert (kept.goal, kept.outcomes) == (given.goal, given.outcomes)
    assert kept.places.geometry.tolist() == given.places.geometry.tolist()
    assert kept.places.crs == given.places.crs
    assert row.added_at == now


def test_the_latest_operation_stands_first_and_one_entered_by_mistake_can_go(store, now):
    store.operations.add(operation("Tidig", period=("2025-03-01", "2025-04-01")), now=now)
    late = store.operations.add(operation("Sen"), now=now)
    assert [row.operation.name for row in store.operations.all()] == ["Sen", "Tidig"]
    store.operations.remove(late, now=now)
    assert [row.operation.name for row in store.operations.all()] == ["Tidig"]
    with pytest.raises(NothingFoundError, match="finns inte"):
        store.operations.remove(late, now=now)
    with pytest.raises(NothingFoundError, match="finns inte"):
        store.operations.get(late)
    assert store.verify_audit() == []


def test_a_correction_keeps_the_number_and_the_counts_and_tells_when_it_moved(store, now):
    number = store.operations.add(operation(), now=now, owner="police", named=[("zone", "z1")] * 2)
    store.operations.count(number, {"weapon_seizures": 7}, now=now)

    def correct(seen, **changes):
        given = operation(**changes)
        store.operations.correct(number, given, seen=seen, now=now, named=[("zone", "z1")] * 2)
        return store.operations.get(number)

    row = correct(0, name="Vår i  City", goal="Färre bråk")
    assert (row.operation.name, row.operation.goal) == ("Vår i City", "Färre bråk")
    assert row.operation.outcomes == {"drug_seizures": 4, "weapon_seizures": 7}
    assert (row.owner, row.named, row.corrections, row.revision) == (
        "police", (("zone", "z1"), ("zone", "z1")), 1, 0
    )  # fmt: skip
    later = ("2026-03-02", "2026-06-01")
    row = correct(1, goal="Färre bråk", period=later)
    assert (row.operation.period.start.day, row.corrections, row.revision) == (1, 2, 2)
    # Sent twice it is one correction; made of what is no more it is none.
    version = store.version()
    assert correct(1, goal="Färre bråk", period=later).corrections == 2
    with pytest.raises(InvalidInputError, match="rättats sedan du öppnade"):
        correct(1, goal="Annat")
    with pytest.raises(InvalidInputError, match="namn"):
        correct(2, name=" ")
    with pytest.raises(CRSError):
        correct(2, crs=3857)
    with pytest.raises(NothingFoundError, match="finns inte"):
        store.operations.correct(9, operation(), seen=0, now=now)
    assert store.version() == version
    # Moved back it is of the revision that it was, and moved again of the one after.
    assert correct(2, goal="Färre bråk").revision == 0
    assert correct(3, goal="Färre bråk", period=later).revision == 2
    assert correct(4, period=("2026-03-03", "2026-06-01")).revision == 5
    assert store.verify_audit() == []


def test_an_operation_without_name_or_places_or_elsewhere_is_refused(store, now):
    before = store.version()
    with pytest.raises(InvalidInputError, match="namn"):
        store.operations.add(operation("  "), now=now)
    with pytest.raises(InvalidInputError, match="platser"):
        store.operations.add(operation(places=shapely.Point(0, 0)), now=now)
    with pytest.raises(CRSError):
        store.operations.add(operation(crs=3857), now=now)
    assert store.version() == before


def test_the_latest_result_of_each_kind_is_found_with_the_data_it_was_made_of(store, now):
    assert store.results.latest("backtest") is None
    version = store.version()
    store.results.add("backtest", parameters={"cell_m": 250}, body={"n": 1}, now=now)
    store.results.add("effect", parameters={}, body={"n": 2}, now=now)
    last = store.results.add("backtest", parameters={"cell_m": 100}, body={"n": 3}, now=now)
    found = store.results.latest("backtest")
    assert (found.result_id, found.parameters, found.body) == (last, {"cell_m": 100}, {"n": 3})
    assert found.made_at == now
    assert store.results.latest("effect").body == {"n": 2}
    assert found.data_version != version

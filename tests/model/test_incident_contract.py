import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.model.incidents import (
    COLUMN_NAMES,
    complete_incidents,
    incident_keys,
    to_utc,
    validate_incidents,
)
from riskmiljo.model.vocabulary import OWNER_OF_SOURCE, SOURCES


def bare(n: int = 3, **columns: object) -> gpd.GeoDataFrame:
    times = pd.date_range("2026-04-01 12:00", periods=n, freq="h")
    points = shapely.points([648_000.0 + 10 * i for i in range(n)], [6_638_000.0] * n)
    return gpd.GeoDataFrame({"occurred_from": times, **columns}, geometry=points, crs=3006)


def test_a_point_and_a_time_are_enough() -> None:
    full = complete_incidents(bare())
    assert tuple(full.columns) == COLUMN_NAMES
    assert validate_incidents(full) is full
    assert str(full["occurred_from"].iloc[0]) == "2026-04-01 10:00:00+00:00"
    assert (full["occurred_to"] == full["occurred_from"]).all()


def test_the_callers_frame_is_left_as_it_was() -> None:
    frame = bare()
    before = frame.copy()
    complete_incidents(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_the_owner_follows_from_the_source() -> None:
    for source in SOURCES:
        assert set(complete_incidents(bare(), source=source)["owner"]) == {OWNER_OF_SOURCE[source]}


def test_an_owner_that_is_given_stays() -> None:
    full = complete_incidents(bare(owner=["social", "police", None]), source="citizen")
    assert full["owner"].tolist() == ["social", "police", "municipality"]


def test_keys_are_the_same_each_time_and_never_two_alike() -> None:
    frame = complete_incidents(pd.concat([bare(), bare()], ignore_index=True))
    assert frame["incident_id"].is_unique
    again = complete_incidents(pd.concat([bare(), bare()], ignore_index=True))
    assert frame["incident_id"].equals(again["incident_id"])
    moved = frame.assign(geometry=frame.geometry.translate(0.3, 0.0))
    assert incident_keys(moved).equals(incident_keys(frame))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"category": "cars"}, "category"),
        ({"detection": "seen"}, "detection"),
        ({"weight": float("nan")}, "weight"),
        ({"weight": -1.0}, "weight"),
        ({"precision_m": float("inf")}, "precision_m"),
        ({"incident_id": ""}, "incident_id"),
        ({"incident_id": "same"}, "incident_id"),
        ({"geometry": shapely.Point()}, "geometry"),
        ({"geometry": shapely.box(0, 0, 1, 1)}, "geometry"),
    ],
)
def test_a_value_outside_the_contract_is_refused_by_name(change: dict, word: str) -> None:
    full = complete_incidents(bare())
    for name, value in change.items():
        full[name] = [value] * len(full)
    with pytest.raises(InvalidInputError, match=word):
        validate_incidents(full)


def test_a_word_outside_the_vocabulary_is_named_with_what_is_allowed() -> None:
    with pytest.raises(InvalidInputError, match=r"cars.*narcotics"):
        complete_incidents(bare(category="cars"))


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    full = complete_incidents(bare())
    full["occurred_to"] -= pd.Timedelta(hours=1)
    with pytest.raises(InvalidInputError, match="occurred_to"):
        validate_incidents(full)


def test_degrees_are_refused() -> None:
    with pytest.raises(CRSError, match="EPSG:3006"):
        complete_incidents(bare().to_crs(4326))


def test_a_local_time_that_does_not_exist_is_refused() -> None:
    frame = bare(1)
    frame["occurred_from"] = pd.to_datetime(["2025-03-30 02:30"])
    with pytest.raises(InvalidInputError, match="finns inte"):
        complete_incidents(frame)


def test_no_incidents_are_still_a_valid_frame() -> None:
    assert len(complete_incidents(bare(0))) == 0


def test_offsets_may_differ_between_summer_and_winter():
    both = pd.Series(["2026-03-01T10:00+01:00", None, "2026-07-01 10:00+02:00"])
    read = to_utc(both, "Europe/Stockholm")
    assert read.dtype == "datetime64[us, UTC]"
    assert read.isna().tolist() == [False, True, False]
    assert read.dropna().dt.hour.tolist() == [9, 8]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["2026-03-29 01:59", "2026-03-29 02:30"], "Tiden 2026-03-29 02:30 på rad 1 finns inte i"),
        (["2026-03-01", "2026-07-01 10:00+02:00"], "Tiden 2026-03-01 på rad 0 saknar tidszon"),
        (["2026-03-01 10:00", "i går"], "Tiden i går på rad 1 kan inte läsas"),
    ],
)
def test_a_time_that_cannot_be_taken_is_named_with_its_row(times, message):
    with pytest.raises(InvalidInputError, match=message) as refused:
        to_utc(pd.Series(times), "Europe/Stockholm")
    # No words of the libraries.
    assert not {"nonexistent", "daylight", "format", "timezone"} & set(str(refused.value).split())

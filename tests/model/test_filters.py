import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmiljo.errors import InvalidInputError
from riskmiljo.model.filters import Filter
from riskmiljo.model.vocabulary import CATEGORIES, DETECTIONS, SOURCES


def as_query(question: Filter) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for name, value in question.to_query():
        query.setdefault(name, []).append(value)
    return query


@given(
    categories=st.sets(st.sampled_from(list(CATEGORIES))),
    detections=st.sets(st.sampled_from(list(DETECTIONS))),
    sources=st.sets(st.sampled_from(list(SOURCES))),
    weekdays=st.sets(st.integers(1, 7)),
    first=st.integers(0, 23),
    last=st.integers(0, 24),
    days=st.integers(1, 400),
)
def test_an_address_holds_the_whole_filter(
    categories, detections, sources, weekdays, first, last, days
) -> None:
    start = pd.Timestamp("2026-01-01")
    query = {
        "category": [",".join(categories)],
        "detection": list(detections),
        "source": list(sources),
        "weekday": [str(day) for day in weekdays],
        "hours": [f"{first}-{last}"],
        "from": [str(start.date())],
        "to": [str((start + pd.Timedelta(days=days)).date())],
    }
    question = Filter.from_query(query)
    assert Filter.from_query(as_query(question)) == question
    assert question.categories == tuple(word for word in CATEGORIES if word in categories)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category", "cars"),
        ("weekday", "0"),
        ("hours", "25-02"),
        ("hours", "kväll"),
        ("bbox", "1,2,3"),
        ("bbox", "18,59,17,60"),
        ("from", "2026-01-01"),
        ("period", "igår"),
    ],
)
def test_a_filter_that_cannot_be_used_says_which_part(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Filter.from_query({name: [value]})
    assert caught.value.message.sv != caught.value.message.en


def frame(*local: str) -> pd.DataFrame:
    times = pd.Series(pd.to_datetime(list(local))).dt.tz_localize("Europe/Stockholm")
    utc = times.dt.tz_convert("UTC")
    return pd.DataFrame({"occurred_from": utc, "occurred_to": utc})


def test_friday_night_holds_the_hours_after_midnight() -> None:
    question = Filter.from_query({"weekday": ["5"], "hours": ["18-02"]})
    incidents = frame(
        "2026-05-01 01:00",  # Friday, but Thursday's night
        "2026-05-01 18:00",
        "2026-05-02 01:59",
        "2026-05-02 02:00",
        "2026-05-02 20:00",
    )
    assert question.clock_mask(incidents).tolist() == [False, True, True, False, False]


def test_hours_are_those_of_the_local_clock_in_summer_and_winter() -> None:
    question = Filter.from_query({"hours": ["12-13"]})
    incidents = frame("2026-01-15 12:30", "2026-07-15 12:30", "2026-07-15 13:30")
    assert question.clock_mask(incidents).tolist() == [True, True, False]

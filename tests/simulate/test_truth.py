from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.simulate import Truth


def _nearest(truth: Truth) -> float:
    xy = np.array([(place.x, place.y) for place in truth.places])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return float(apart[np.triu_indices(len(xy), 1)].min())


def test_uppsala_is_planted_at_places_of_the_gazetteer():
    names = set(read_gazetteer()["name"])
    planted = [place.name for place in Truth.uppsala().places]
    assert set(planted) <= names
    assert {"City", "Resecentrum", "Gottsunda centrum", "Vaksala torg"} <= set(planted)


def test_uppsala_sums_to_about_four_thousand_a_year():
    truth = Truth.uppsala()
    total = (
        sum(place.per_year for place in truth.places)
        + sum(event.per_year for event in truth.events)
        + truth.background_per_year
    )
    assert total == pytest.approx(4_000, rel=0.03)


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_random_truth_keeps_its_places_apart(seed):
    truth = Truth.random(seed)
    assert 8 <= len(truth.places) <= 20
    assert _nearest(truth) >= 400
    assert all(60 <= place.radius_m <= 180 for place in truth.places)


def test_a_random_truth_is_the_same_for_the_same_seed_only():
    assert Truth.random(7) == Truth.random(7)
    assert Truth.random(7) != Truth.random(8)


def test_a_random_truth_can_stand_in_another_gazetteer():
    places = read_gazetteer()
    truth = Truth.random(3, places=places)
    kinds = places.set_index("name")["kind"]
    assert _nearest(truth) >= 400
    assert not {kinds[place.name] for place in truth.places} & {"district", "street"}


def test_a_gazetteer_without_room_is_refused():
    with pytest.raises(InvalidInputError, match="rymmer bara"):
        Truth.random(1, places=read_gazetteer().head(6))


def test_a_place_is_planted_once():
    truth = Truth.uppsala()
    with pytest.raises(InvalidInputError, match="samma id"):
        dataclasses.replace(truth, places=(*truth.places, truth.places[0]))


def test_an_event_visits_planted_places_only():
    truth = Truth.uppsala()
    with pytest.raises(InvalidInputError, match="ekonomikumparken"):
        dataclasses.replace(
            truth, places=tuple(p for p in truth.places if p.place_id != "ekonomikumparken")
        )


def test_places_stand_from_largest_to_smallest():
    sizes = [place.per_year for place in Truth.uppsala().places]
    assert all(one >= other for one, other in pairwise(sizes))


@pytest.mark.parametrize(
    "wrong",
    [{"rhythm": "sovande"}, {"mix": "allt"}, {"per_year": -1.0}],
    ids=lambda w: next(iter(w)),
)
def test_a_place_that_cannot_be_planted_is_refused(wrong):
    truth = Truth.uppsala()
    first, *rest = truth.places
    with pytest.raises(InvalidInputError, match="okänd rytm"):
        dataclasses.replace(truth, places=(dataclasses.replace(first, **wrong), *rest))


def test_an_empty_truth_is_refused():
    with pytest.raises(InvalidInputError, match="inget alls"):
        Truth(places=(), events=(), background_per_year=0.0)

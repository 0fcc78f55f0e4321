"""The simulated city: incidents with a known truth, for the demo and the tests."""

from riskmiljo.simulate.almanac import YearlyEvent
from riskmiljo.simulate.city import SimulatedCity, simulate_city
from riskmiljo.simulate.truth import PlantedPlace, Truth

__all__ = ["PlantedPlace", "SimulatedCity", "Truth", "YearlyEvent", "simulate_city"]

"""Clusters of incidents as named risk zones that last from week to week."""

from riskmiljo.zones.cluster import cluster
from riskmiljo.zones.explain import ZoneExplanation, explain_zone
from riskmiljo.zones.find import find_zones
from riskmiljo.zones.membership import assign_zones

__all__ = ["ZoneExplanation", "assign_zones", "cluster", "explain_zone", "find_zones"]

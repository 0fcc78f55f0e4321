"""Clusters of incidents as named risk zones that last from week to week."""

from riskmiljo.zones.cluster import cluster
from riskmiljo.zones.find import find_zones
from riskmiljo.zones.membership import assign_zones

__all__ = ["assign_zones", "cluster", "find_zones"]

"""Patrols that can be walked: the street network, and patrol areas shared between teams."""

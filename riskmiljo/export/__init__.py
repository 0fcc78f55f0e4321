"""Files for other programs and for paper: GPX, ICS, GeoJSON, the printed briefing."""

from riskmiljo.export.files import PLAN_FILES, plan_file, plan_suffix
from riskmiljo.export.geojson import plan_geojson
from riskmiljo.export.gpx import plan_gpx
from riskmiljo.export.ics import plan_ics
from riskmiljo.export.page import plan_html
from riskmiljo.export.paper import plan_pdf

__all__ = [
    "PLAN_FILES",
    "plan_file",
    "plan_geojson",
    "plan_gpx",
    "plan_html",
    "plan_ics",
    "plan_pdf",
    "plan_suffix",
]

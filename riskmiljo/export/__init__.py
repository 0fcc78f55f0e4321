"""Files for other programs and for paper: GPX, ICS, GeoJSON, the printed briefing."""

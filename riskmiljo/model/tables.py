"""The columns of the other tables that pass between rooms: zones, patrol areas, places, presence.

A table that crosses a border has its columns named here once; the room that makes it checks it
with `check_columns` before handing it on.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.wording import Text

# A zone as `rm.find_zones` returns it (GeoDataFrame, metric CRS, one row a zone).
ZONE_COLUMNS: Final[dict[str, str]] = {
    "zone_id": "stable id, kept from period to period",
    "name": "from the gazetteer or a user",
    "incidents": "weighted count inside the outline",
    "events": "plain count inside the outline (the one that minimum counts look at)",
    "places": "unique places, merged within 50 m",
    "days": "unique local days",
    "area_ha": "hectares",
    "per_ha_week": "incidents per hectare and week",
    "share": "share of all incidents, 0 to 1",
    "reported": "plain count with detection 'reported'",
    "discovered": "plain count with detection 'discovered'",
    "stability": "share of bootstraps in which it appears, 0 to 1; NaN when not asked for",
    "parent_id": "zone_id of the zone it lies in; empty for none",
    "status": "new, persisting, growing, shrinking, moved, split, merged; empty without a previous "
    "set",
    "first_seen": "UTC start of the period in which it first appeared",
    "geometry": "simple valid polygon; zones of one level never overlap",
}

# What `rm.find_zones` tells besides; a set that was kept before these were has none of them.
ZONE_DETAIL_COLUMNS: Final[dict[str, str]] = {
    "per_ha_week_lower": "lower end of the 95 % interval of per_ha_week",
    "per_ha_week_upper": "upper end of it",
    "peak_first_day": "weekday, 1 to 7, on which the peak hours begin; 0 where no hours stand out",
    "peak_last_day": "the last such weekday; before the first one where the run passes Sunday",
    "peak_start_h": "local hour, 0 to 23; 0 where no hours stand out",
    "peak_end_h": "local hour; at or before the start it is on the next day",
    "peak_share": "share of the zone's incidents in these hours, 0 to 1; NaN where none stand out",
    "level": "1 for a zone, 2 for a micro-place within one",
    "drawn": "whether a user drew it",
}

# A patrol area as `rm.patrol_areas` returns it.
AREA_COLUMNS: Final[dict[str, str]] = {
    "area_id": "1 to N, the same input gives the same number",
    "name": "after its weightiest zones",
    "area_ha": "hectares",
    "expected": "expected incidents in the shift",
    "risk_share": "its share of all areas' expected incidents, 0 to 1",
    "zones": "tuple of zone_id, weightiest first",
    "zone_names": "tuple of names in the same order",
    "why_sv": "one line, Swedish",
    "why_en": "one line, English",
    "geometry": "one contiguous polygon; areas never overlap",
}

# A place of the gazetteer, in a metric CRS.
PLACE_COLUMNS: Final[dict[str, str]] = {
    "name": "as people say it",
    "kind": "square, station, school, park, shopping, street, district, stop, landmark, "
    "square_area (a named part of town such as City)",
    "radius_m": "how far the name reaches",
    "geometry": "point",
}

# A candidate stop of a shift, as `candidate_stops` of the patrol room returns it.
STOP_COLUMNS: Final[dict[str, str]] = {
    "stop_id": "unique text",
    "name": "where it is, as people say it",
    "kind": "zone, own, explore",
    "zone_id": "the zone it serves; empty for none",
    "risk": "tuple: expected incidents an hour in each of the shift's `Shift.hour_slots`",
    "pinned": "must be visited",
    "joint": "must be visited by two crews of different kinds at the same time",
    "opens": "UTC; no visit begins before; NaT for any time",
    "closes": "UTC; no visit begins after; NaT for any time",
    "dwell_min": "minutes to stay; NaN for the plan's own",
    "why_sv": "one line from the data, Swedish",
    "why_en": "one line from the data, English",
    "geometry": "point on a street, metres; a corner or a zone's centre, never an incident's",
}

PRESENCE_COLUMNS: Final[dict[str, str]] = {
    "begins": "UTC",
    "ends": "UTC",
    "minutes": "patrol or outreach minutes on the spot",
    "crew_kind": "police, outreach, night_walkers",
    "source": "checked_in, planned, imported",
    "geometry": "point, metres",
}


def check_columns(frame: pd.DataFrame, columns: dict[str, str], what: Text) -> None:
    """Refuse a table that lacks a column of its contract.

    Parameters
    ----------
    frame
        The table.
    columns
        One of this module's contracts.
    what
        What the table is called in the message.

    Raises
    ------
    InvalidInputError
        Naming the missing columns.
    """
    missing = [name for name in columns if name not in getattr(frame, "columns", ())]
    if missing:
        raise InvalidInputError(
            Text(
                "{what} saknar {c}.",
                "{what} lacks {c}.",
            ).fill(what=what, c=", ".join(missing)),
            code="CONTRACT",
        )

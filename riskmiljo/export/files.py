"""Which export a file name asks for."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from riskmiljo.errors import InvalidInputError
from riskmiljo.export.geojson import plan_geojson
from riskmiljo.export.gpx import plan_gpx
from riskmiljo.export.ics import plan_ics
from riskmiljo.export.page import plan_html
from riskmiljo.export.paper import plan_pdf
from riskmiljo.export.parts import harmless
from riskmiljo.model.plan import Plan
from riskmiljo.wording import Language, Text

PLAN_FILES: Final[dict[str, str]] = {
    ".gpx": "application/gpx+xml",
    ".ics": "text/calendar; charset=utf-8",
    ".geojson": "application/geo+json",
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
}


def plan_file(
    plan: Plan,
    suffix: str,
    *,
    language: Language,
    now: datetime,
    area_name: str,
    base: Any = None,
) -> bytes:
    """Return a plan as the kind of file that a suffix names; nothing is written to disk.

    Parameters
    ----------
    plan
        The plan.
    suffix
        One of `PLAN_FILES`, or a file name that ends so; case does not matter.
    language
        Of all words.
    now
        When the file is made (aware).
    area_name
        The town or district.
    base
        Streets, water and parks for the drawn maps, as in `plan_html`.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    InvalidInputError
        If no such file can be made; names those that can.
    """
    match plan_suffix(suffix):
        case ".gpx":
            return plan_gpx(plan, language=language)
        case ".ics":
            return plan_ics(plan, language=language, now=now)
        case ".geojson":
            return plan_geojson(plan)
        case ".html":
            page = plan_html(plan, language=language, area_name=area_name, base=base)
            return page.encode("utf-8")
        case _:
            return plan_pdf(plan, language=language, area_name=area_name, base=base, now=now)


def plan_suffix(name: str) -> str:
    """Return the suffix of a plan file, so that a wrong name is refused before any search.

    Parameters
    ----------
    name
        A suffix or a file name.

    Returns
    -------
    str
        One of `PLAN_FILES`.

    Raises
    ------
    InvalidInputError
        If it is none of them; names those that can be made.
    """
    last = PurePath(name).name.lower()
    suffix = last if last.startswith(".") else PurePath(last).suffix
    if suffix in PLAN_FILES:
        return suffix
    raise InvalidInputError(
        Text(
            "En passplan kan inte skrivas som {n!r}. Välj en av: {all}.",
            "A shift plan cannot be written as {n!r}. Choose one of: {all}.",
        ).fill(n=harmless(last)[:60], all=", ".join(PLAN_FILES))
    )

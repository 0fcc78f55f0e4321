"""What the time brush, the tiles and the comparison need from an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import request, url_for

from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.situation import Situation
from riskmiljo.situation.tiles_compare import Difference, differences
from riskmiljo.web import time_words
from riskmiljo.web.pictures import Picture
from riskmiljo.web.service import Service
from riskmiljo.web.view import Query, address, as_query
from riskmiljo.wording import Text

# As many whole weeks as make a year: the same weekdays on both sides.
_YEAR: Final = timedelta(weeks=52)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period beside the one that the page shows.

    Attributes
    ----------
    before
        The other period.
    rows
        The whole area first, then each zone.
    tiles
        Where the other period's tiles are; None where nothing may be shown.
    """

    before: Period
    rows: list[Difference]
    tiles: str | None


def filter_query(picture: Picture) -> Query:
    """Return the fields of an address that say which incidents, without the period.

    Parameters
    ----------
    picture
        With a view.

    Returns
    -------
    dict of list of str
        Neither shift, teams nor comparison are among them.
    """
    question = Filter() if picture.view is None else picture.view.question
    return as_query([pair for pair in question.to_query() if pair[0] not in ("from", "to")])


def tiles_address(picture: Picture, period: Period | None = None) -> str | None:
    """Return where the tiles of a situation's density are.

    Parameters
    ----------
    picture
        What the page shows.
    period
        Another period in the same smoothing; None is the situation's.

    Returns
    -------
    str or None
        With ``{z}``, ``{x}`` and ``{y}``; None where the situation shows no density.
    """
    situation = picture.situation
    if situation is None or situation.surface is None:
        return None
    chosen = Filter(period=period or situation.period, tz=situation.tz)
    fields = {
        **as_query(chosen.to_query()),
        **filter_query(picture),
        "utjamning": [f"{situation.surface.bandwidth_m:.10g}"],
    }
    made = address("tiles.tile_of", fields, surface="density", z="0", x="0", y="0")
    path = url_for("tiles.tile_of", surface="density", z=0, x=0, y=0)
    return path.removesuffix("0/0/0.png") + "{z}/{x}/{y}.png" + made.removeprefix(path)


def comparison_of(picture: Picture, here: Service) -> Comparison | None:
    """Return the comparison that an address asks for.

    Parameters
    ----------
    picture
        What the page shows.
    here
        The installation, as its reader sees it.

    Returns
    -------
    Comparison or None
        None where none is asked for, or there is nothing to compare.
    """
    view, situation = picture.view, picture.situation
    if view is None or view.compare is None or situation is None:
        return None
    return Comparison(
        before=view.compare,
        rows=differences(here.store, situation, view.compare),
        tiles=tiles_address(picture, view.compare),
    )


def compare_choices(situation: Situation, query: Query) -> list[tuple[Text, str]]:
    """Return ready-made periods to compare with, as links.

    Parameters
    ----------
    situation
        Its period is the one compared.
    query
        The page's fields.

    Returns
    -------
    list of tuple
        What it is called, and the address.
    """
    first, end = situation.period.local(situation.tz)
    length = end.date() - first.date() or timedelta(days=1)
    periods = [(time_words.PERIOD_BEFORE, first.date() - length, first.date())]
    if length != _YEAR:
        periods.append((time_words.YEAR_BEFORE, first.date() - _YEAR, end.date() - _YEAR))
    # The period in words would move on with the data: the comparison names its dates.
    named = as_query(Filter(period=situation.period, tz=situation.tz).to_query())
    kept = {key: values for key, values in query.items() if key not in ("period", "from", "to")}
    endpoint = request.endpoint or "situation.index"
    return [
        (name, address(endpoint, {**named, **kept, "jamfor": [f"{start}/{before}"]}))
        for name, start, before in periods
    ]


def change_words(row: Difference) -> Text:
    """Say how much a zone changed, and how sure that is.

    Parameters
    ----------
    row
        One row of the comparison.

    Returns
    -------
    Text
        For example "+32 % (+5 till +66)"; that it cannot be told where a count is withheld.
    """
    if row.before_band is not None and row.now_band is not None:
        step = (row.now or 0) - (row.before or 0)
        return time_words.BAND_STEPS[(step > 0) - (step < 0)]
    if row.change is None or row.lower is None or row.upper is None:
        return time_words.CANNOT_TELL
    text = time_words.CHANGED if row.certain else time_words.UNCERTAIN
    return text.fill(c=_signed(row.change), a=_signed(row.lower), b=_signed(row.upper))


def _signed(share: float) -> Text:
    """Return a relative change as whole per cent, with its sign."""
    figure = round(100 * share)
    sign = "−" if figure < 0 else "+" if figure > 0 else "±"
    return Text(f"{sign}{abs(figure)}\u00a0%", f"{sign}{abs(figure)}%")


def comparison_json(comparison: Comparison | None, tz: str) -> dict[str, Any] | None:
    """Return a comparison as JSON values.

    Parameters
    ----------
    comparison
        The comparison, or None.
    tz
        The zone of local dates.

    Returns
    -------
    dict or None
        ``from`` and ``to`` of the other period, and one row for the whole area and each zone;
        what may not be shown is null.
    """
    if comparison is None:
        return None
    first, end = comparison.before.local(tz)
    return {
        "from": first.isoformat(),
        "to": end.isoformat(),
        "zones": [
            {
                "zone_id": row.zone_id,
                "name": row.name,
                "before": row.before,
                "now": row.now,
                "before_per_week": row.before_per_week,
                "now_per_week": row.now_per_week,
                "before_band": None if row.before_band is None else row.before_band.as_dict(),
                "now_band": None if row.now_band is None else row.now_band.as_dict(),
                "change": row.change,
                "lower": row.lower,
                "upper": row.upper,
                "verdict": change_words(row).as_dict(),
            }
            for row in comparison.rows
        ],
    }

"""The joint picture's answer to a question: released bands, and the question they answer.

A question is widened to what was released: whole months or a year of twelve, day-parts of six
hours, one kind of term at a time. What was not released is not guessed at: the answer says so.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.situation.release_margins import (
    ALL,
    CATEGORY,
    DAYPART,
    DETECTION,
    GROUP,
    GROUPS,
    ONLY_IN_GROUP,
    PARTS,
    WEEK_PARTS,
    upper_of,
)
from riskmiljo.store import Store
from riskmiljo.store.releases import ReleaseInfo
from riskmiljo.wording import Text, decimal_text

_YEAR_DAYS: Final = 300
_REMEMBERED: Final = 4
CELL: Final = ["owners", "x0", "y0", "side_m"]

NO_RELEASE: Final = Text(
    "Den gemensamma lägesbilden är inte släppt ännu. Släpp den med riskmiljo release.",
    "The joint picture has not been released yet. Release it with riskmiljo release.",
)
NEEDS_INCIDENTS: Final = Text(
    "Detta räknas på enskilda händelser och finns inte i den gemensamma lägesbilden.",
    "This is reckoned from single incidents and is not in the joint picture.",
)
_OUTSIDE: Final = Text(
    "Den gemensamma lägesbilden täcker {p}. Välj en period inom den.",
    "The joint picture covers {p}. Choose a period within it.",
)
_TOO_MANY: Final = Text(
    "Den gemensamma lägesbilden är indelad efter en sak i taget: kategori, upptäcktssätt eller "
    "tid på veckan. Välj en av dem.",
    "The joint picture is divided by one thing at a time: category, way of detection, or time of "
    "the week. Choose one of them.",
)
_NO_SOURCE: Final = Text(
    "Den gemensamma lägesbilden är inte indelad efter källa. Ta bort källan.",
    "The joint picture is not divided by source. Remove the source.",
)
_NO_BOX: Final = Text(
    "Den gemensamma lägesbilden har fasta rutor och kan inte skäras av en egen ram. Ta bort ramen.",
    "The joint picture has fixed cells and cannot be cut by a box of one's own. Remove the box.",
)
_NONE: Final = Text(
    "Ingen ruta har så många händelser att de får visas med detta filter. Välj längre period eller "
    "färre villkor.",
    "No cell has so many incidents that they may be shown with this filter. Choose a longer period "
    "or fewer terms.",
)
_SNAPPED: Final = Text(
    "Perioden är utvidgad till det som är släppt: {p}.",
    "The period is widened to what was released: {p}.",
)
_WEEK_PART: Final = Text(
    "Tiden är utvidgad till fasta delar: fredag–lördag eller söndag–torsdag, sextimmarspass från "
    "kl. 06.",
    "The time is widened to fixed parts: Friday and Saturday or Sunday to Thursday, six hours from "
    "06:00.",
)
_IN_GROUP: Final = Text(
    "Sexualbrott visas aldrig för sig i den gemensamma lägesbilden; hela gruppen våld och hot "
    "visas.",
    "Sexual offences are never shown alone in the joint picture; the whole group of violence and "
    "threats is shown.",
)


@dataclass(frozen=True)
class Answer:
    """Released bands that answer a question.

    Attributes
    ----------
    release
        Which release.
    period
        The period that they are about, UTC.
    cells
        One row a group of owners, cell and released period: `CELL`, ``begins``, ``ends``, ``low``
        and ``high`` (what the bands let the count be; ``high`` may be infinite) and ``about``, the
        figure to calculate with: the middle of the band on a scale of ratios, within what the
        cell's other bands leave open.
    shares
        How the cells' incidents divide: `CELL`, ``begins``, ``margin``, ``value``, ``about``.
    months
        The same for each month within: `CELL`, ``month`` (UTC), ``about``.
    term
        The margin that the question chose from; `ALL` for none.
    chosen
        Its values.
    notes
        How the question was widened.
    """

    release: ReleaseInfo
    period: Period
    cells: pd.DataFrame = field(repr=False)
    shares: pd.DataFrame = field(repr=False)
    months: pd.DataFrame = field(repr=False)
    term: str
    chosen: tuple[str, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class _Table:
    release: ReleaseInfo
    rows: pd.DataFrame
    number: dict[Period, int]
    cells: pd.DataFrame
    spans: pd.DataFrame
    whole_months: pd.DataFrame
    years: list[Period]
    months: list[Period]


_memory: OrderedDict[tuple[str, int], _Table] = OrderedDict()
_lock = threading.Lock()


def refuse_joint(lens: Lens) -> None:
    """Refuse what can only be reckoned from incidents.

    Parameters
    ----------
    lens
        Who asks.

    Raises
    ------
    NothingFoundError
        Under the joint lens.
    """
    if lens.scope == "joint":
        raise NothingFoundError(NEEDS_INCIDENTS)


def about_of(low: float) -> float:
    """Return the figure that a band is calculated with.

    Parameters
    ----------
    low
        Its lower end.

    Returns
    -------
    float
        The geometric mean of its ends: 6.7 for 5–9, 13.8 for 10–19. For the open band its lower
        end.
    """
    high = upper_of(int(low))
    return float(low) if np.isinf(high) else float(np.sqrt(low * high))


def band_text(low: float, high: float | None = None) -> Text:
    """Return a band in words.

    Parameters
    ----------
    low, high
        Its ends; without ``high`` those of the band that begins at ``low``.

    Returns
    -------
    Text
        For example ``10–19`` or ``100+``.
    """
    top = upper_of(int(low)) if high is None else high
    start = decimal_text(low, 0)
    if not np.isfinite(top):
        return Text(f"{start.sv}+", f"{start.en}+")
    end = decimal_text(top, 0)
    return Text(f"{start.sv}–{end.sv}", f"{start.en}–{end.en}")


def joint_release(store: Store) -> ReleaseInfo:
    """Return the release that the joint picture shows.

    Parameters
    ----------
    store
        The store.

    Returns
    -------
    ReleaseInfo
        The latest.

    Raises
    ------
    NothingFoundError
        If nothing was released.
    """
    latest = store.releases.latest()
    if latest is None:
        raise NothingFoundError(NO_RELEASE)
    return latest


def picture_version(store: Store, *, joint: bool) -> str:
    """Return what a picture rests on: for caches and the tags of answers.

    Parameters
    ----------
    store
        The store.
    joint
        Whether it is the joint picture, which an import does not touch.

    Returns
    -------
    str
        Differs whenever the picture may.
    """
    if not joint:
        return store.version()
    latest = store.releases.latest()
    number = 0 if latest is None else latest.release_id
    names = "".join(f" {zone}={name}" for zone, name in store.releases.zone_names().items())
    return f"release-{number}{names}"


def map_version(store: Store, *, joint: bool) -> str:
    """Return what the incidents of a picture rest on: as `picture_version`, without presence.

    Parameters
    ----------
    store
        The store.
    joint
        Whether it is the joint picture.

    Returns
    -------
    str
        A visit, an answer, a plan, an operation or a kept result leaves it alone.
    """
    return picture_version(store, joint=True) if joint else store.map_version()


def released_periods(store: Store) -> tuple[list[Period], list[Period]]:
    """Return the years and the months that were released, in order.

    Parameters
    ----------
    store
        The store.

    Returns
    -------
    tuple of list of Period
        Years, which may overlap, and months.

    Raises
    ------
    NothingFoundError
        If nothing was released.
    """
    table = _table(store)
    return table.years, table.months


def released_span(store: Store) -> Period:
    """Return what the released months cover.

    Parameters
    ----------
    store
        The store.

    Returns
    -------
    Period
        From the first month's beginning to the last one's end, UTC.

    Raises
    ------
    NothingFoundError
        If nothing was released.
    """
    months = _table(store).months
    if not months:
        raise NothingFoundError(_NONE)
    return Period(months[0].start, months[-1].end)


def released_answer(store: Store, question: Filter) -> Answer:
    """Answer a question from what was released.

    Parameters
    ----------
    store
        Where releases are kept; no incident is read.
    question
        The filter. Without a period: the latest released year.

    Returns
    -------
    Answer
        With at least one cell.

    Raises
    ------
    NothingFoundError
        If nothing was released, or no band answers.
    InvalidInputError
        If the question has terms that were not released together.
    """
    table = _table(store)
    term, chosen, notes = _term(question)
    whole_years = term not in (ALL, GROUP)
    spans, period = _spans(table, question.period, whole_years=whole_years, tz=question.tz)
    if question.period is not None and period != question.period:
        notes.append(_SNAPPED.fill(p=period.days_text(question.tz)))
    keys = [table.number[span] for span in spans]
    rows = table.rows[table.rows["period"].isin(keys)]
    if rows.empty:
        raise NothingFoundError(_NONE)
    cells = _cells(rows, table, term, chosen)
    if cells.empty:
        raise NothingFoundError(_NONE)
    months = table.whole_months
    months = months[(months["begins"] >= period.start) & (months["ends"] <= period.end)]
    shares = rows[rows["margin"] != ALL]
    if term != ALL:
        shares = shares[(shares["margin"] == term) & shares["value"].isin(chosen)]
    return Answer(
        release=table.release,
        period=period,
        cells=cells,
        shares=shares[[*CELL, "begins", "margin", "value", "about"]].reset_index(drop=True),
        months=months[[*CELL, "begins", "about"]].rename(columns={"begins": "month"}),
        term=term,
        chosen=chosen,
        notes=tuple(notes),
    )


def released_months(store: Store, question: Filter, period: Period) -> list[tuple[Period, float]]:
    """Return the released months within a period, with the sum of what answers a question.

    Parameters
    ----------
    store
        Where releases are kept.
    question
        The filter; its period is not looked at.
    period
        Which months.

    Returns
    -------
    list of tuple
        Each month and the sum of the figures that its bands are calculated with; 0 where no band
        answers. Empty where the question has terms that months were not released by.
    """
    table = _table(store)
    term, chosen, _ = _term(question)
    if term not in (ALL, GROUP):
        return []
    rows = table.rows[
        (table.rows["span"] == 1)
        & (table.rows["margin"] == term)
        & table.rows["value"].isin(chosen)
    ]
    sums = rows.groupby("begins")["about"].sum()
    return [
        (month, float(sums.get(pd.Timestamp(month.start), 0.0)))
        for month in table.months
        if month.start >= period.start and month.end <= period.end
    ]


def year_before(store: Store, question: Filter, period: Period) -> Answer | None:
    """Answer the same question for the released year that ends where a released year begins.

    Parameters
    ----------
    store
        Where releases are kept.
    question
        The filter; its period is not looked at.
    period
        The later year.

    Returns
    -------
    Answer or None
        None where the period is no released year, none ends there, or no band answers.
    """
    table = _table(store)
    former = [year for year in table.years if year.end == period.start]
    if period not in table.years or not former:
        return None
    try:
        return released_answer(store, question.within(former[0]))
    except NothingFoundError:
        return None


def _table(store: Store) -> _Table:
    release = joint_release(store)
    key = (store.url, release.release_id)
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
    rows = store.releases.rows()
    rows["span"] = np.where((rows["ends"] - rows["begins"]).dt.days > _YEAR_DAYS, 12, 1)
    rows["high"] = [upper_of(int(low)) for low in rows["low"]]
    rows["about"] = [about_of(low) for low in rows["low"]]
    told = store.releases.periods()
    periods = {
        (begins, ends): Period(begins.to_pydatetime(), ends.to_pydatetime())
        for begins, ends in zip(told["begins"], told["ends"], strict=True)
    }
    every = sorted(periods.values(), key=lambda one: (one.start, one.end))
    number = {one: at for at, one in enumerate(every)}
    at_bounds = {(one.start, one.end): at for one, at in number.items()}
    rows["period"] = [at_bounds[one] for one in zip(rows["begins"], rows["ends"], strict=True)]
    cells = rows[CELL].drop_duplicates().sort_values(CELL, ignore_index=True)
    rows["cell"] = pd.MultiIndex.from_frame(cells).get_indexer(pd.MultiIndex.from_frame(rows[CELL]))
    # One number for cell and period: sums by it are quick.
    rows["key"] = rows["cell"] * len(number) + rows["period"]
    table = _Table(
        release,
        rows,
        number,
        cells,
        pd.DataFrame(list(at_bounds), columns=["begins", "ends"]),
        rows[(rows["margin"] == ALL) & (rows["span"] == 1)],
        [one for one in every if one.days > _YEAR_DAYS],
        [one for one in every if one.days <= _YEAR_DAYS],
    )
    with _lock:
        _memory[key] = table
        while len(_memory) > _REMEMBERED:
            _memory.popitem(last=False)
    return table


def _term(question: Filter) -> tuple[str, tuple[str, ...], list[Text]]:
    """Return the margin that a question chooses from, and the values it chooses."""
    if question.sources:
        raise InvalidInputError(_NO_SOURCE)
    if question.bbox is not None:
        raise InvalidInputError(_NO_BOX)
    timed = bool(question.weekdays) or question.hours is not None
    if sum((bool(question.categories), bool(question.detections), timed)) > 1:
        raise InvalidInputError(_TOO_MANY)
    if question.detections:
        return DETECTION, question.detections, []
    if timed:
        return DAYPART, _dayparts(question), [_WEEK_PART]
    if not question.categories:
        return ALL, ("",), []
    wanted = set(question.categories)
    whole = tuple(group for group, held in GROUPS.items() if set(held) <= wanted)
    if wanted == {word for group in whole for word in GROUPS[group]}:
        return GROUP, whole, []
    if wanted & ONLY_IN_GROUP:
        groups = tuple(group for group, held in GROUPS.items() if wanted & set(held))
        return GROUP, groups, [_IN_GROUP]
    return CATEGORY, question.categories, []


def _dayparts(question: Filter) -> tuple[str, ...]:
    days = set(question.weekdays) or set(range(1, 8))
    hours = question.hours
    begins = [int(part) for part in PARTS]
    if hours is None:
        parts = set(PARTS)
    else:
        length = (hours[1] - hours[0]) % 24
        asked = {(hours[0] + n) % 24 for n in range(length)}
        parts = {f"{start:02d}" for start in begins if asked & set(range(start, start + 6))}
    chosen: list[str] = []
    for name, held in WEEK_PARTS.items():
        for part in PARTS:
            # A day of the calendar has its small hours in the night before, unless the hours run
            # past midnight: then they belong to the evening.
            if part == "00" and (hours is None or hours[0] < hours[1]):
                mine = {day % 7 + 1 for day in held}
            else:
                mine = set(held)
            if part in parts and days & mine:
                chosen.append(f"{name} {part}")
    return tuple(chosen)


def _spans(
    table: _Table, asked: Period | None, *, whole_years: bool, tz: str
) -> tuple[list[Period], Period]:
    """Return released periods without overlap that cover what was asked for, and their span."""
    if not table.months:
        raise NothingFoundError(_NONE)
    first, last = table.months[0].start, table.months[-1].end
    if asked is None:
        spans = [table.years[-1]] if table.years else table.months
    elif asked.end <= first or asked.start >= last:
        raise NothingFoundError(_OUTSIDE.fill(p=Period(first, last).days_text(tz)))
    elif whole_years:
        if not table.years:
            raise NothingFoundError(_NONE)
        spans = [max(table.years, key=lambda year: (_overlap(year, asked), year.end))]
    else:
        spans = _covering(table, asked)
    return spans, Period(spans[0].start, spans[-1].end)


def _covering(table: _Table, asked: Period) -> list[Period]:
    """Cover a period with whole released years, counted back from its end, and months."""
    months = [one for one in table.months if one.end > asked.start and one.start < asked.end]
    start, end = months[0].start, months[-1].end
    years: list[Period] = []
    before = end
    for year in reversed(table.years):
        if year.end <= before and year.start >= start:
            years.append(year)
            before = year.start
    left = [one for one in months if not any(y.start <= one.start < y.end for y in years)]
    return sorted([*years, *left], key=lambda one: one.start)


def _overlap(one: Period, other: Period) -> float:
    return (min(one.end, other.end) - max(one.start, other.start)).total_seconds()


def _cells(rows: pd.DataFrame, table: _Table, term: str, chosen: tuple[str, ...]) -> pd.DataFrame:
    """Return what the bands say of each cell and period."""
    picked = rows[(rows["margin"] == term) & rows["value"].isin(chosen)]
    parts = rows[rows["margin"] != ALL] if term == ALL else picked.iloc[:0]
    if term == GROUP:
        within = tuple(word for group in chosen for word in GROUPS[group])
        parts = rows[(rows["margin"] == CATEGORY) & rows["value"].isin(within)]
    cells = picked.groupby("key")[["low", "high", "about"]].sum()
    # The parts of a whole tell at least their sum of it, also where the whole itself is withheld.
    least = parts.groupby(["key", "margin"])["low"].sum().groupby("key").max()
    if term == ALL:
        least = pd.concat([least, _of_years(table, rows, "low")]).groupby(level=0).max()
    cells = cells.reindex(cells.index.union(least.index))
    cells["low"] = np.fmax(cells["low"].to_numpy(), least.reindex(cells.index).to_numpy())
    cells["high"] = cells["high"].fillna(np.inf)
    cells["about"] = np.clip(cells["about"].fillna(0.0), cells["low"], cells["high"])
    open_end = np.isinf(cells["high"].to_numpy())
    if term == ALL and open_end.any():
        # The months of a busy cell tell more of it than the open band does.
        guess = _of_years(table, rows, "about")
        known = guess.reindex(cells.index).fillna(0.0).to_numpy()
        cells.loc[open_end, "about"] = np.fmax(cells["about"].to_numpy(), known)[open_end]
    number, period = np.divmod(cells.index.to_numpy(dtype=np.int64), len(table.number))
    of_cells = table.cells.iloc[number].reset_index(drop=True)
    spans = table.spans.iloc[period].reset_index(drop=True)
    return pd.concat([of_cells, spans, cells.reset_index(drop=True)], axis=1)


def _of_years(table: _Table, rows: pd.DataFrame, column: str) -> pd.Series:
    """Sum the bands of months over the years that they lie in, by cell and period."""
    months = table.whole_months
    sums = []
    for period in rows["period"].unique():
        begins, ends = table.spans.iloc[period]
        inside = months[(months["begins"] >= begins) & (months["ends"] <= ends)]
        total = inside.groupby("cell")[column].sum()
        sums.append(total.set_axis(total.index * len(table.number) + period))
    every: pd.Series = pd.concat(sums)
    return every.rename_axis("key")

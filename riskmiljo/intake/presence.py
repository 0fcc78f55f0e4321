"""`read_presence_file`: a file of where patrols and outreach were becomes checked presence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from riskmiljo.errors import InvalidInputError, UnreadableFileError
from riskmiljo.geo.crs import coordinates, parse_crs, points_frame, require_geometry
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.intake.area import AreaLike, ConfiguredArea
from riskmiljo.intake.arguments import check_arguments
from riskmiljo.intake.clock import Instants, instants
from riskmiljo.intake.columns import Plan, shown_names
from riskmiljo.intake.fields import read_place, text_cells
from riskmiljo.intake.header_words import (
    CREW_WORDS,
    HEADER_WORDS,
    fields_of,
    header_word,
    simplified,
)
from riskmiljo.intake.ledger import Ledger
from riskmiljo.intake.personal import KINDS, hits, kind_of_column
from riskmiljo.intake.raw import RawTable
from riskmiljo.intake.reading import digest_of, named_error
from riskmiljo.intake.reference import Labels, Placed, place
from riskmiljo.intake.sandbox import parse_in_child
from riskmiljo.intake.times import LocalTimes, date_order, joined, read_times
from riskmiljo.intake.words import code_of, tidied
from riskmiljo.model.period import check_zone
from riskmiljo.model.tables import PRESENCE_COLUMNS, check_columns
from riskmiljo.settings import load_settings, path_of
from riskmiljo.wording import Text

CREW_KINDS: Final = ("police", "outreach", "night_walkers")
FIELDS: Final = (
    "place", "begins", "ends", "date", "crew_kind", "lon", "lat", "east", "north", "x", "y",
)  # fmt: skip
# Headers beside those of incidents, written without case and accents.
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "place": ("plats", "place", "place name", "platsnamn", "ort", "hallpunkt", "stopp", "stop",
              "zon", "zone", "location", "var", "where"),
    "begins": ("begins", "borjar", "borjan", "in", "incheckad", "incheckning", "check in",
               "ankomst", "arrival", "arrived", "pa plats", *HEADER_WORDS["occurred_from"]),
    "ends": ("ends", "slutar", "ut", "utcheckad", "utcheckning", "check out", "avgang",
             "departure", "left", "lamnade", *HEADER_WORDS["occurred_to"]),
    "date": HEADER_WORDS["date"],
    "crew_kind": (*CREW_WORDS, "slag", "enhet", "organisation", "vem", "who", "unit"),
}  # fmt: skip
_PAIRS: Final[tuple[tuple[Labels, str, str], ...]] = (
    ("lonlat", "lon", "lat"), ("eastnorth", "east", "north"), ("xy", "x", "y"),
)  # fmt: skip
_GAZETTEER: Final = Text("Ortregistret", "The gazetteer")
_PLACE: Final = dict.fromkeys(("name", "geometry"), "")
_CLOCK: Final = r"^(?:kl\.? ?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?$"
_DAY: Final = np.timedelta64(1, "D")
_HOUR: Final = np.timedelta64(1, "h")
_SHORTEST_APART_M: Final = 300.0
_TWICE: Final = Text(
    "klockan ställdes tillbaka, så timmen inträffade två gånger; den första togs om inte slutet "
    "säger annat",
    "the clock was put back, so that the hour occurred twice; the first was taken unless the end "
    "says otherwise",
)

Objects = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PresenceIntake:
    """What came of reading one file of presence.

    Parameters
    ----------
    presence
        `PRESENCE_COLUMNS`, earliest first, in the metric system of the area; ``source`` is
        ``imported``.
    rejects
        The rows refused, as `riskmiljo.intake.read_incidents` gives them.
    receipt
        What was read and how, fit for JSON.
    """

    presence: gpd.GeoDataFrame
    rejects: pd.DataFrame
    receipt: dict[str, Any]


def read_presence_file(
    path: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    crs: Any = None,
    tz: str = "Europe/Stockholm",
    crew_kind: str | None = None,
    gazetteer: gpd.GeoDataFrame | None = None,
    area: AreaLike | None = None,
    layer: str | None = None,
    now: datetime | None = None,
) -> PresenceIntake:
    """Read a file of presence: place, from, to and crew kind.

    Parameters
    ----------
    path
        CSV, or another format that `riskmiljo.intake.read_incidents` takes. The place is a name
        in the gazetteer, ``lat`` and ``lon``, or ``x`` and ``y``; times are moments, or a date and
        two times of day (past midnight is the next day).
    mapping
        Column to field (`FIELDS`); empty or ``-`` drops the column. Others are known by their
        headers, Swedish or English.
    crs
        The reference system of the coordinates; None takes it from the values, where one fits.
    tz
        The zone of times without an offset.
    crew_kind
        Of every row, where the file has no such column.
    gazetteer
        ``PLACE_COLUMNS``; None reads the installation's.
    area
        Where presence is expected; None is the installation's. What lies outside is refused.
    layer
        The sheet or layer, where the file has several.
    now
        An aware datetime; times after it are refused. None is the present.

    Returns
    -------
    PresenceIntake
        With no presence where every row was refused.

    Raises
    ------
    UnreadableFileError
        If nothing can be taken from the file as a whole.
    InvalidInputError
        If an argument cannot be used.
    """
    file = path_of(path)
    check_arguments(mapping=mapping, area=area, layer=layer, now=now, word=("crew_kind", crew_kind))
    check_zone(tz)
    if gazetteer is not None:
        require_geometry(gazetteer, _GAZETTEER)
        check_columns(gazetteer, _PLACE, _GAZETTEER)
    if crew_kind is not None and crew_kind not in CREW_KINDS:
        raise InvalidInputError(
            Text(
                "Styrkan {k!r} finns inte. Tillåtna: {all}.",
                "There is no crew kind {k!r}. Allowed: {all}.",
            ).fill(k=crew_kind, all=", ".join(CREW_KINDS))
        )
    expected = ConfiguredArea.of(load_settings()) if area is None else area
    within = ConfiguredArea(expected.name, expected.bbox, int(expected.epsg), tz)
    digest = digest_of(file)
    try:
        raw = parse_in_child(file, name=file.name, layer=layer)
    except UnreadableFileError as error:
        raise named_error(file, error) from error
    plan = _plan(raw, mapping or {})
    _require_columns(file, raw, plan, crew_kind)
    ledger = Ledger(raw)
    ledger.refuse_faults(set(plan.columns.values()))
    x, y, placed = _places(raw, plan, ledger, crs, within, gazetteer)
    begins, ends = _times(raw, plan, ledger, tz=tz, now=now or datetime.now(UTC))
    crews = _crews(raw, plan, ledger, crew_kind)
    presence = _presence(ledger, begins, ends, crews, x, y, within.epsg)
    rejects = ledger.rejects()
    receipt = {
        "file": file.name,
        "sha256": digest,
        "format": raw.kind,
        "encoding": raw.encoding,
        "rows": len(presence) + len(rejects),
        "accepted": len(presence),
        "refused": len(rejects),
        "refused_by_code": rejects["code"].value_counts().sort_index().to_dict(),
        "mapping": {column: name for name, column in plan.columns.items()},
        "dropped": _dropped(raw, plan),
        "crs": placed.crs if placed is not None else None,
        "tz": tz,
        "hours": (presence.groupby("crew_kind")["minutes"].sum() / 60).round(2).to_dict(),
        "span": [t.isoformat() for t in (presence["begins"].min(), presence["ends"].max())]
        if len(presence)
        else [],
        "warnings": ledger.warnings(),
        "severity": _severity(presence, rejects, ledger),
    }
    return PresenceIntake(presence, rejects, receipt)


def _plan(raw: RawTable, mapping: Mapping[str, str]) -> Plan:
    plan = Plan()
    names = raw.columns.column_names
    by_plain = {simplified(name): name for name in names}
    for given, wanted in mapping.items():
        column = given if given in names else by_plain.get(simplified(given))
        field = wanted.strip()
        if column is None or (field not in FIELDS and field not in ("", "-")):
            raise InvalidInputError(
                Text(
                    "{c!r} = {f!r} kan inte användas. Kolumner: {all}. Fält: {fields}, eller - "
                    "för att slänga kolumnen.",
                    "{c!r} = {f!r} cannot be used. Columns: {all}. Fields: {fields}, or - to drop "
                    "the column.",
                ).fill(c=given, f=wanted, all=shown_names(raw), fields=", ".join(FIELDS)),
                code="KOLUMN_SAKNAS",
            )
        if field in ("", "-"):
            plan.asked_to_drop.add(column)
        else:
            plan.columns[field] = column
    for field, words in _WORDS.items():
        if field not in plan.columns:
            free = {header_word(name): name for name in reversed(names) if name not in plan.used}
            found = [free[word] for word in words if word in free]
            plan.columns |= {field: found[0]} if found else {}
    for labels, east, north in _PAIRS:
        pair = [plan.columns.get(field) or _of(raw, plan, field) for field in (east, north)]
        if pair[0] and pair[1] and pair[0] != pair[1]:
            plan.columns |= {east: pair[0], north: pair[1]}
            plan.labels = labels
            break
    return plan


def _of(raw: RawTable, plan: Plan, field: str) -> str | None:
    free = (name for name in raw.columns.column_names if name not in plan.used)
    return next((name for name in free if field in fields_of(name)), None)


def _has_points(raw: RawTable, plan: Plan) -> bool:
    return plan.labels != "geometry" or raw.geometry is not None


def _require_columns(file: Path, raw: RawTable, plan: Plan, crew_kind: str | None) -> None:
    needed = {
        Text("platsen", "the place"): "place" in plan.columns or _has_points(raw, plan),
        Text("när den började", "when it began"): "begins" in plan.columns,
        Text("när den slutade", "when it ended"): "ends" in plan.columns,
        Text("styrkans slag", "the kind of crew"): "crew_kind" in plan.columns
        or crew_kind is not None,
    }
    for what, there in needed.items():
        if not there:
            error = UnreadableFileError(
                Text(
                    "Filen har ingen kolumn för {w}. Kolumner: {all}.",
                    "The file has no column for {w}. Columns: {all}.",
                ).fill(w=what, all=shown_names(raw)),
                code="KOLUMN_SAKNAS",
            )
            raise named_error(file, error)


def _places(
    raw: RawTable,
    plan: Plan,
    ledger: Ledger,
    crs: Any,
    area: ConfiguredArea,
    gazetteer: gpd.GeoDataFrame | None,
) -> tuple[Floats, Floats, Placed | None]:
    """Return where each row was, by its name or else by its coordinates."""
    count = len(raw.rows)
    x, y, placed = np.full(count, np.nan), np.full(count, np.nan), None
    named = np.zeros(count, dtype=bool)
    if "place" in plan.columns:
        column = plan.columns["place"]
        words = text_cells(raw.columns[column])
        named = (words != "").to_numpy()
        known = _known_places(gazetteer, area.epsg)
        found = words.map({word: known.get(tidied(word)) for word in words.unique()})
        unknown = found.isna().to_numpy() & (named | (not _has_points(raw, plan)))
        ledger.refuse(unknown, "PLATS_OKAND", column)
        at = np.flatnonzero(found.notna().to_numpy())
        if at.size:
            x[at], y[at] = np.array(found.iloc[at].tolist()).T
    if not named.all() and _has_points(raw, plan):
        rest = Ledger(raw)
        east, north, usable, labels = read_place(raw, plan, rest)
        placed = place(
            east, north, usable & ~named, labels=labels, told=crs, declared=_declared(raw, plan),
            area=area, area_given=True,
        )  # fmt: skip
        hint = Text("", "")
        if placed.proposal:
            hint = Text(f" Talen ser ut som {placed.proposal}.", f" It may be {placed.proposal}.")
        pair = next((p for p in _PAIRS if p[0] == plan.labels), ("", "", ""))
        first, second = (plan.columns.get(field, "") for field in pair[1:])
        ledger.common(crs=placed.crs, area=area.name, proposal=hint, first=second, second=first)
        rest.pass_on(ledger, ~named)
        ledger.refuse_codes(placed.code, second)
        ledger.notes += placed.notes
        x, y = np.where(named, x, placed.x), np.where(named, y, placed.y)
    return x, y, placed


def _declared(raw: RawTable, plan: Plan) -> str | None:
    return raw.geometry.crs if plan.labels == "geometry" and raw.geometry is not None else None


def _known_places(gazetteer: gpd.GeoDataFrame | None, epsg: int) -> dict[str, tuple[float, float]]:
    """Return the places whose name means one place, by tidied name."""
    if gazetteer is None:
        gazetteer = read_gazetteer(load_settings().gazetteer, crs=epsg)
    elif parse_crs(gazetteer.crs) != parse_crs(epsg):
        gazetteer = gazetteer.to_crs(epsg)
    known: dict[str, tuple[float, float]] = {}
    doubtful: set[str] = set()
    for name, (east, north) in zip(gazetteer["name"], coordinates(gazetteer), strict=True):
        word = tidied(str(name))
        first = known.setdefault(word, (float(east), float(north)))
        if np.hypot(first[0] - east, first[1] - north) > _SHORTEST_APART_M:
            doubtful.add(word)
    return {word: spot for word, spot in known.items() if word not in doubtful}


def _times(
    raw: RawTable, plan: Plan, ledger: Ledger, *, tz: str, now: datetime
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """Return when each row began and ended; refuse what cannot be."""
    cells = {name: raw.columns[plan.columns[name]] for name in ("begins", "ends")}
    by_clock = "date" in plan.columns and all(_are_clocks(c) for c in cells.values())
    if by_clock:
        days = raw.columns[plan.columns["date"]]
        cells = {name: joined(days, clock) for name, clock in cells.items()}
    order = date_order(list(cells.values()), month_first=tz.startswith("America/"))
    begins, ends = (read_times(c, order=order, excel_1904=raw.excel_1904) for c in cells.values())
    if by_clock:
        # Two times of day: one that is not later is past midnight.
        past = ~np.isnat(ends.local) & (ends.local <= begins.local)
        ends.local[past] += _DAY
    first, last = (
        _instants(local, plan.columns[name], ledger, tz=tz, now=now)
        for name, local in (("begins", begins), ("ends", ends))
    )
    twice = first.ambiguous | last.ambiguous
    if twice.any():
        ledger.note("TID_TVETYDIG", twice, why=_TWICE)
    start, stop = first.begins, last.begins.copy()
    # Of an hour that occurred twice, the end is the second where the first would be too early.
    stop[last.ambiguous & (stop < start)] += _HOUR
    ledger.refuse(stop < start, "TID_OMVAND", plan.columns["ends"])
    ledger.refuse(stop - start > _DAY, "NARVARO_FOR_LANG", plan.columns["ends"])
    return start, stop


def _are_clocks(cells: pa.ChunkedArray) -> bool:
    if not pa.types.is_string(cells.type):
        return False
    text = text_cells(cells)
    return bool(text[text != ""].str.fullmatch(_CLOCK.strip("^$")).mean() > 0.5)  # noqa: PLR2004 - most


def _instants(
    times: LocalTimes, column: str, ledger: Ledger, *, tz: str, now: datetime
) -> Instants:
    found = instants(times, tz, now=now)
    code = found.code
    code[found.day_only] = "TID_FORMAT"
    shown = np.isin(code, ("TID_FINNS_INTE", "TID_ORIMLIG"))
    when = {
        int(at): {"when": str(times.local[at].astype("datetime64[m]")).replace("T", " ")}
        for at in np.flatnonzero(shown)
    }
    ledger.refuse_codes(code, column, when)
    return found


def _crews(raw: RawTable, plan: Plan, ledger: Ledger, default: str | None) -> Objects:
    if "crew_kind" not in plan.columns:
        return np.full(len(raw.rows), default, dtype=object)
    column = plan.columns["crew_kind"]
    cells = text_cells(raw.columns[column])
    codes = {word: _crew(word, default) for word in cells.unique()}
    crews = cells.map(codes)
    ledger.refuse(crews.isna().to_numpy(), "STYRKA_OKAND", column)
    return crews.to_numpy(dtype=object)


def _crew(word: str, default: str | None) -> str | None:
    if not word:
        return default
    code = code_of("source", word) or code_of("source", word.casefold().replace("patrull", ""))
    return code if code in CREW_KINDS else None


def _presence(
    ledger: Ledger,
    begins: npt.NDArray[np.datetime64],
    ends: npt.NDArray[np.datetime64],
    crews: Objects,
    x: Floats,
    y: Floats,
    epsg: int,
) -> gpd.GeoDataFrame:
    keep = np.flatnonzero(ledger.open)
    keep = keep[np.argsort(begins[keep], kind="stable")]
    data = {
        "begins": pd.Series(begins[keep]).dt.tz_localize("UTC"),
        "ends": pd.Series(ends[keep]).dt.tz_localize("UTC"),
        "minutes": (ends[keep] - begins[keep]).astype("timedelta64[us]").astype(float) / 6e7,
        "crew_kind": pd.Series(crews[keep], dtype="str"),
        "source": pd.Series(["imported"] * len(keep), dtype="str"),
    }
    frame = points_frame(data, x[keep], y[keep], epsg)[list(PRESENCE_COLUMNS)]
    key = pd.DataFrame({"b": begins, "e": ends, "c": crews, "x": x, "y": y})
    same = key.duplicated().to_numpy() & ledger.open
    if same.any():
        ledger.note("NARVARO_LIKA", same)
    meets = _meets_another(key.assign(open=ledger.open)) & ~same
    if meets.any():
        ledger.note("NARVARO_SAMTIDIGT", meets)
    empty = ledger.open & (ends == begins)
    if empty.any():
        ledger.note("NARVARO_NOLL", empty)
    return frame


def _meets_another(key: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which visits begin while an earlier one of the same crew and place is still there."""
    kept = key[key["open"]].sort_values(["c", "x", "y", "b"], kind="stable")
    place = ["c", "x", "y"]
    so_far = kept.groupby(place, sort=False)["e"].cummax()
    before = so_far.groupby([kept[name] for name in place], sort=False).shift()
    meets = pd.Series(data=False, index=key.index)
    meets[kept.index] = (kept["b"] < before).to_numpy()
    return meets.to_numpy()


def _dropped(raw: RawTable, plan: Plan) -> list[dict[str, str]]:
    dropped = []
    for name in raw.columns.column_names:
        if name not in plan.columns.values():
            kind = kind_of_column(name, raw.columns[name], hits(raw.columns[name]))
            text = KINDS.get(kind, Text("", ""))
            dropped.append({"column": name, "kind": kind, **text.as_dict()})
    return dropped


def _severity(presence: gpd.GeoDataFrame, rejects: pd.DataFrame, ledger: Ledger) -> str:
    if presence.empty:
        return "file_refused"
    if len(rejects):
        return "rows_refused"
    return "warning" if ledger.notes else "ok"

"""The incident contract (DESIGN section 4): one schema, used at every border."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pandera.pandas as pa

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.model.vocabulary import (
    AGE_BANDS,
    CATEGORIES,
    DETECTIONS,
    OWNER_OF_SOURCE,
    OWNERS,
    SOURCES,
)
from riskmiljo.wording import Text

UTC_DTYPE: Final = "datetime64[us, UTC]"
# Of a time of day: the end of a date alone looks like one.
_OFFSET: Final = r"[T ]\S*(?:Z|[+-]\d{2}(?::?\d{2})?)$"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    Parameters
    ----------
    name
        The column's name.
    kind
        ``string``, ``time``, ``category``, ``number``, ``roles`` or ``point``.
    note
        What it holds, for the documentation and the example file.
    values
        The allowed words of a category column.
    """

    name: str
    kind: str
    note: Text
    values: tuple[str, ...] = ()


COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "incident_id", "string", Text("källans id, annars en hash", "the source's id or a hash")
    ),
    Column("occurred_from", "time", Text("tidigaste tid, UTC", "earliest time, UTC")),
    Column("occurred_to", "time", Text("senaste tid, UTC", "latest time, UTC")),
    Column("category", "category", Text("händelsens art", "kind of incident"), tuple(CATEGORIES)),
    Column("detection", "category", Text("hur den blev känd", "how known"), tuple(DETECTIONS)),
    Column("owner", "category", Text("vems sekretess", "whose secrecy"), tuple(OWNERS)),
    Column("source", "category", Text("varifrån", "where from"), tuple(SOURCES)),
    Column("registered_at", "time", Text("när den blev känd, UTC", "when it became known, UTC")),
    Column("age_band", "category", Text("åldersgrupp", "age band"), tuple(AGE_BANDS)),
    Column("weight", "number", Text("vikt, 1,0 om inget annat valts", "weight, 1.0 by default")),
    Column("precision_m", "number", Text("lägets osäkerhet, meter", "place precision, metres")),
    Column("restricted_to", "roles", Text("roller, kommaskilda", "roles, comma separated")),
    Column("geometry", "point", Text("punkt, meter", "point, metres")),
)
COLUMN_NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)


def _schema() -> pa.DataFrameSchema:
    fields: dict[str, pa.Column] = {}
    for column in COLUMNS:
        match column.kind:
            case "string":
                fields[column.name] = pa.Column(
                    str,
                    [
                        pa.Check.str_length(1, 200, error="is empty or over 200 characters"),
                    ],
                    unique=True,
                )
            case "time":
                fields[column.name] = pa.Column(pd.DatetimeTZDtype("us", "UTC"))
            case "category":
                fields[column.name] = pa.Column(
                    pd.CategoricalDtype(list(column.values)), nullable=False
                )
            case "number":
                check = pa.Check(
                    lambda values: np.isfinite(values) & (values >= 0),
                    error="must be finite and not negative",
                )
                fields[column.name] = pa.Column(float, check)
            case "roles":
                fields[column.name] = pa.Column("string", nullable=True)
            case "point":
                points = pa.Check(
                    lambda values: (values.geom_type == "Point") & ~values.is_empty,
                    error="must be a point",
                )
                fields[column.name] = pa.Column(None, points, nullable=False)
    ordered = pa.Check(
        lambda frame: frame["occurred_to"] >= frame["occurred_from"],
        error="occurred_to must not be before occurred_from",
    )
    return pa.DataFrameSchema(fields, checks=[ordered], strict=True, ordered=True)


SCHEMA: Final[pa.DataFrameSchema] = _schema()


def validate_incidents(incidents: pd.DataFrame) -> pd.DataFrame:
    """Check a frame against the contract and return it unchanged.

    Parameters
    ----------
    incidents
        A GeoDataFrame with exactly the columns of DESIGN section 4, in a projected CRS (metres).

    Returns
    -------
    pandas.DataFrame
        The same frame.

    Raises
    ------
    CRSError
        If the frame has no CRS or one in degrees.
    InvalidInputError
        If a column is missing, of the wrong type, or holds a value that is not allowed; all
        complaints are gathered, the first three are named.
    """
    crs = getattr(incidents, "crs", None)
    if crs is None or not crs.is_projected:
        raise CRSError(
            Text(
                "Händelserna saknar metriskt koordinatsystem. Ange det, till exempel EPSG:3006.",
                "The incidents have no metric coordinate system. Give one, for example EPSG:3006.",
            )
        )
    try:
        SCHEMA.validate(incidents, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        named = "; ".join(
            f"{row.column}: {row.check}"
            for row in cases.drop_duplicates("check").head(3).itertuples()
        )
        raise InvalidInputError(
            Text(
                "Händelserna följer inte kontraktet ({n} fel): {named}.",
                "The incidents do not follow the contract ({n} {n:fault|faults}): {named}.",
            ).fill(n=len(cases), named=named),
            code="CONTRACT",
        ) from error
    return incidents


def _as_category(values: pd.Series, column: Column) -> pd.Categorical:
    unknown = ~values.isin(column.values)
    if unknown.any():
        raise InvalidInputError(
            Text(
                "Kolumn {c}: värdet {v!r} är inte tillåtet. Tillåtna: {all}.",
                "Column {c}: the value {v!r} is not allowed. Allowed: {all}.",
            ).fill(c=column.name, v=values[unknown].iloc[0], all=", ".join(column.values)),
            code="CONTRACT",
        )
    return pd.Categorical(values, categories=list(column.values))


def _missing_required(incidents: pd.DataFrame) -> list[str]:
    return [name for name in ("occurred_from", "geometry") if name not in incidents.columns]


def complete_incidents(
    incidents: pd.DataFrame, *, source: str = "open_data", tz: str = "Europe/Stockholm"
) -> Any:
    """Give a frame that has at least ``geometry`` and ``occurred_from`` the whole contract.

    Parameters
    ----------
    incidents
        A GeoDataFrame in a projected CRS. Columns outside the contract are left out of the copy.
    source
        The source where the frame names none.
    tz
        The time zone of times without an offset.

    Returns
    -------
    geopandas.GeoDataFrame
        A validated copy with the columns of DESIGN section 4, in their order.

    Raises
    ------
    InvalidInputError
        If a required column is missing or a value is not allowed.
    CRSError
        If the CRS is missing or in degrees.
    """
    missing = _missing_required(incidents)
    if missing:
        raise InvalidInputError(
            Text(
                "Kolumnen {c} saknas. Händelser behöver minst geometry och occurred_from.",
                "The column {c} is missing. Incidents need at least geometry and occurred_from.",
            ).fill(c=missing[0])
        )
    # A copy: the caller's frame is never changed.
    frame = incidents[[name for name in COLUMN_NAMES if name in incidents.columns]].copy()
    frame["occurred_from"] = to_utc(frame["occurred_from"], tz)
    for name, earlier in (("occurred_to", "occurred_from"), ("registered_at", "occurred_to")):
        times = frame[earlier]
        frame[name] = to_utc(frame[name], tz).fillna(times) if name in frame else times
    # The source comes before the owner: it decides the owner where none is named.
    given = {"source": source, "category": "other", "detection": "unknown", "age_band": "unknown"}
    for name, default in given.items():
        frame[name] = frame[name].astype(object).fillna(default) if name in frame else default
    by_source = frame["source"].map(OWNER_OF_SOURCE)
    frame["owner"] = (
        frame["owner"].astype(object).fillna(by_source) if "owner" in frame else by_source
    )
    for column in COLUMNS:
        if column.kind == "category":
            frame[column.name] = _as_category(frame[column.name], column)
    for name, number in (("weight", 1.0), ("precision_m", 0.0)):
        frame[name] = frame[name].astype(float).fillna(number) if name in frame else number
    if "restricted_to" not in frame:
        frame["restricted_to"] = pd.Series(pd.NA, index=frame.index, dtype="string")
    frame["restricted_to"] = frame["restricted_to"].astype("string")
    if "incident_id" in frame:
        frame["incident_id"] = frame["incident_id"].astype(str)
    else:
        frame["incident_id"] = incident_keys(frame)
    return validate_incidents(frame[list(COLUMN_NAMES)])


def to_utc(times: pd.Series, tz: str) -> pd.Series:
    """Turn a column of times into UTC with microseconds.

    Parameters
    ----------
    times
        Datetimes, or text in ISO 8601, all with an offset or all without.
    tz
        The zone of times without an offset. A local time in the spring gap is refused; in the
        autumn overlap the first of the two is taken.

    Returns
    -------
    pandas.Series
        ``datetime64[us, UTC]``.

    Raises
    ------
    InvalidInputError
        If a time cannot be read or does not exist in the zone.
    """
    written = times.dtype == object or pd.api.types.is_string_dtype(times.dtype)
    try:
        parsed = pd.to_datetime(times, format="ISO8601") if written else pd.to_datetime(times)
    except ValueError:
        parsed = _each_with_its_offset(times, written=written)
    if parsed.dt.tz is None:
        first = np.ones(len(parsed), dtype=bool)
        local = parsed.dt.tz_localize(tz, ambiguous=first, nonexistent="NaT")
        gap = local.isna() & parsed.notna()
        if gap.any():
            raise _no_time(
                times,
                gap,
                Text(
                    "finns inte i {tz} (klockan ställdes fram). Ange tidszon eller rätta tiden",
                    "does not exist in {tz} (the clock was put forward). Give an offset or "
                    "correct the time",
                ).fill(tz=tz),
            )
        parsed = local
    return parsed.dt.tz_convert("UTC").dt.as_unit("us")


def _each_with_its_offset(times: pd.Series, *, written: bool) -> pd.Series:
    """Read times whose offsets differ, as those of summer and winter do; refuse what is no time."""
    utc = pd.to_datetime(times, format="ISO8601" if written else None, errors="coerce", utc=True)
    unread = utc.isna() & times.notna()
    if unread.any():
        how = Text(
            "kan inte läsas. Skriv 2026-04-30 21:15", "cannot be read. Write 2026-04-30 21:15"
        )
        raise _no_time(times, unread, how)
    bare = times.notna() & ~times.astype(str).str.contains(_OFFSET)
    if bare.any():
        how = Text(
            "saknar tidszon, men andra i kolumnen har den. Ge den åt alla eller ingen",
            "has no offset, but others of the column have. Give it to all or none",
        )
        raise _no_time(times, bare, how)
    return utc


def _no_time(times: pd.Series, wrong: pd.Series, problem: Text) -> InvalidInputError:
    row = int(np.argmax(wrong.to_numpy()))
    return InvalidInputError(
        Text("Tiden {t} på rad {row} {problem}.", "The time {t} in row {row} {problem}.").fill(
            t=str(times.iloc[row])[:40], row=row, problem=problem
        )
    )


def incident_keys(incidents: pd.DataFrame) -> pd.Series:
    """Return a stable key for incidents whose source gave none (METHODS section 7).

    Parameters
    ----------
    incidents
        With ``source``, ``occurred_from``, ``category`` and ``geometry`` (metres).

    Returns
    -------
    pandas.Series
        A hash of source, minute, kind and place rounded to one metre; incidents that agree in all
        of them are told apart by a running number, so that the same file gives the same keys.
    """
    geometry = incidents["geometry"]
    parts = (
        incidents["source"].astype(str)
        + "|"
        + incidents["occurred_from"].dt.strftime("%Y-%m-%dT%H:%M")
        + "|"
        + incidents["category"].astype(str)
        + "|"
        + geometry.x.round().astype("int64").astype(str)
        + "|"
        + geometry.y.round().astype("int64").astype(str)
    )
    number = parts.groupby(parts).cumcount()
    full = parts.where(number == 0, parts + "#" + number.astype(str))
    hashes = [hashlib.blake2b(text.encode(), digest_size=10).hexdigest() for text in full]
    return pd.Series(hashes, index=incidents.index, dtype=str)

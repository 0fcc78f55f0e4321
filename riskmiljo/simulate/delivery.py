"""Files of the simulated city, as three owners would deliver them: with their words and their dirt.

Every file's name holds "simulerad", every id begins with SIM.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd

from riskmiljo.errors import InvalidInputError
from riskmiljo.geo.crs import SWEREF99_TM, WGS84, coordinates, transform
from riskmiljo.model.period import TZ
from riskmiljo.model.vocabulary import AGE_BANDS, CATEGORIES, DETECTIONS, SOURCES
from riskmiljo.simulate.streams import stream
from riskmiljo.wording import Text

# The police's own word for the category; the others' words are the product's.
_POLICE_WORDS: Final = {"violence": "Misshandel"}
_UNKNOWN_WORD: Final = "Zorbning"
_DIRTY_ID: Final = "SIM-X-"

# Headers of the delivered files, by what the column holds; "x" is east or longitude.
_POLICE: Final = {
    "id": "Ärende-id", "kind": "Brottstyp", "from": "Brottstid från", "to": "Brottstid till",
    "registered": "Registrerad", "detection": "Upptäcktssätt", "age": "Åldersgrupp",
    "y": "SWEREF99TM N", "x": "SWEREF99TM E", "precision": "Noggrannhet m", "note": "Fritext",
}  # fmt: skip
_SOCIAL: Final = {
    "id": "Id", "from": "Tid från", "to": "Tid till", "kind": "Typ", "detection": "Upptäcktssätt",
    "age": "Åldersgrupp", "y": "Latitud", "x": "Longitud", "precision": "Noggrannhet m",
    "registered": "Registrerad", "note": "Anteckning",
}  # fmt: skip
_MUNICIPALITY: Final = {
    "id": "id", "kind": "kategori", "from": "tid_från", "to": "tid_till",
    "registered": "registrerad", "source": "källa", "detection": "upptäcktssätt",
    "age": "åldersgrupp", "precision": "noggrannhet_m", "note": "beskrivning",
}  # fmt: skip

# Invented persons: a number of the tax agency's test series, a telephone number that the
# telecommunications authority keeps for fiction.
_PERSONAL_NUMBER: Final = "19121212-1212"
_NOTES: Final = (
    "",
    "Patrull på plats",
    "Ungdomar samlade vid entrén",
    "Trasig belysning, ärendet överlämnat",
    f"Talade med {_PERSONAL_NUMBER} på platsen",
    "Vittne nås på 070-174 06 05",
)
_NOTE_SHARES: Final = (0.5, 0.22, 0.12, 0.1, 0.03, 0.03)

Row = dict[str, Any]


def write_files(
    incidents: gpd.GeoDataFrame, folder: Path, *, dirty_share: float, seed: int
) -> list[Path]:
    """Write one file for each owner that has incidents.

    Parameters
    ----------
    incidents
        The incident contract, EPSG:3006.
    folder
        Made if it does not exist.
    dirty_share
        Spoilt rows are added: about this many for each good one.
    seed
        Decides which rows are copied and spoilt.

    Returns
    -------
    list of pathlib.Path
        A CSV in Windows-1252 with semicolons, decimal commas and SWEREF 99 TM (police), an XLSX
        with WGS 84 (social services), a GeoJSON with WGS 84 and times with an offset
        (municipality).

    Raises
    ------
    InvalidInputError
        If the share is not between 0 and 1.
    """
    if not 0.0 <= dirty_share <= 1.0:
        raise InvalidInputError(
            Text(
                "Andelen felaktiga rader måste vara mellan 0 och 1, inte {v}.",
                "The share of faulty rows must be between 0 and 1, not {v}.",
            ).fill(v=dirty_share)
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for owner, name, write in _FILES:
        own = incidents[incidents["owner"] == owner]
        if own.empty:
            continue
        rng = stream(seed, "delivery", owner)
        path = folder / name
        write(_with_dirt(_clean(own, owner, rng), dirty_share, rng), path)
        written.append(path)
    return written


def write_truth(truth: gpd.GeoDataFrame, planted: pd.Series, path: Path) -> list[Path]:
    """Write the planted places as GeoJSON (WGS 84), and a CSV of what each incident belongs to.

    Parameters
    ----------
    truth, planted
        Of a `SimulatedCity`.
    path
        The GeoJSON file; its folder is made if it does not exist.

    Returns
    -------
    list of pathlib.Path
        The GeoJSON file, and the CSV beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    xy = coordinates(truth)
    lon, lat = transform(xy[:, 0], xy[:, 1], SWEREF99_TM, WGS84)
    rows = truth.drop(columns="geometry").to_dict("records")
    features = [_feature(row, *at) for row, *at in zip(rows, lon, lat, strict=True)]
    _write_collection(features, path)
    beside = path.with_name(f"{path.stem}_incidents.csv")
    planted.to_frame().to_csv(beside, encoding="utf-8", lineterminator="\n")
    return [path, beside]


def _clean(own: gpd.GeoDataFrame, owner: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows in the owner's words and reference system, times local."""
    xy = coordinates(own)
    if owner == "police":
        x, y = xy[:, 0].round(2), xy[:, 1].round(2)
    else:
        lon, lat = transform(xy[:, 0], xy[:, 1], SWEREF99_TM, WGS84)
        x, y = lon.round(7), lat.round(7)
    words = {key: text.sv for key, text in CATEGORIES.items()}
    if owner == "police":
        words |= _POLICE_WORDS
    # Object columns: a spoilt row may hold what a clean one never does.
    return pd.DataFrame(
        {
            "id": own["incident_id"],
            "kind": own["category"].map(words),
            "from": own["occurred_from"].dt.tz_convert(TZ),
            "to": own["occurred_to"].dt.tz_convert(TZ),
            "registered": own["registered_at"].dt.tz_convert(TZ),
            "source": own["source"].map({key: text.sv for key, text in SOURCES.items()}),
            "detection": own["detection"].map({key: text.sv for key, text in DETECTIONS.items()}),
            "age": own["age_band"].map({key: text.sv for key, text in AGE_BANDS.items()}),
            "x": x,
            "y": y,
            "precision": own["precision_m"],
            "note": rng.choice(np.array(_NOTES, dtype=object), len(own), p=_NOTE_SHARES),
        }
    ).astype(object)


def _with_dirt(clean: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Mix copies of random rows in, each spoilt in one way, the ways by turns."""
    originals = rng.integers(0, len(clean), round(len(clean) * share))
    ways = tuple(_SPOILT.values())
    spoilt: list[Row] = []
    copied_from: list[int] = []
    for number, at in enumerate(originals):
        spoil = ways[number % len(ways)]
        rows = spoil(clean.iloc[at].to_dict(), f"{_DIRTY_ID}{number + 1:05d}")
        spoilt += rows
        copied_from += [int(at)] * len(rows)
    if not spoilt:
        return clean
    mixed = pd.concat([clean, pd.DataFrame(spoilt, dtype=object)], ignore_index=True)
    # A spoilt row stands somewhere after the row that it was copied from.
    source = np.array(copied_from)
    after = source + rng.random(len(source)) * (len(clean) - source)
    order = np.argsort(np.concatenate([np.arange(len(clean)), after]), kind="stable")
    return mixed.iloc[order]


def _skipped_hour(row: Row, new_id: str) -> list[Row]:
    """Half past two on the night when the clock is put forward, as somebody wrote it."""
    march = date(row["from"].year, 3, 31)
    sunday = march - timedelta(days=(march.weekday() + 1) % 7)
    never = datetime(sunday.year, sunday.month, sunday.day, 2, 30)  # noqa: DTZ001 - does not exist
    return [row | {"id": new_id, "from": never, "to": never}]


def _same_id_twice(row: Row, new_id: str) -> list[Row]:
    other = next(text.sv for text in CATEGORIES.values() if text.sv != row["kind"])
    return [row | {"id": new_id}, row | {"id": new_id, "kind": other}]


# What can be wrong with a row: the good row and a free id give the rows to add.
_SPOILT: Final[dict[str, Callable[[Row, str], list[Row]]]] = {
    "no coordinates": lambda row, new_id: [row | {"id": new_id, "x": None, "y": None}],
    "swapped coordinates": lambda row, new_id: [row | {"id": new_id, "x": row["y"], "y": row["x"]}],
    "nowhere": lambda row, new_id: [row | {"id": new_id, "x": 0.0, "y": 0.0}],
    "skipped hour": _skipped_hour,
    "unreadable time": lambda row, new_id: [
        row | {"id": new_id, "from": "i går kväll", "to": "i går kväll"}
    ],
    "ends before it begins": lambda row, new_id: [
        row | {"id": new_id, "to": row["from"] - timedelta(hours=5)}
    ],
    "unknown kind": lambda row, new_id: [row | {"id": new_id, "kind": _UNKNOWN_WORD}],
    "personal number": lambda row, new_id: [row | {"id": f"{new_id} {_PERSONAL_NUMBER}"}],
    "same id, other content": _same_id_twice,
    "same row again": lambda row, _: [row],
}


def _local(moment: Any) -> Any:
    """Return a local time without its offset; text as it is."""
    return moment if isinstance(moment, str) else moment.replace(tzinfo=None)


def _text(moment: Any) -> str:
    return moment if isinstance(moment, str) else f"{moment:%Y-%m-%d %H:%M}"


def _write_police(rows: pd.DataFrame, path: Path) -> None:
    table = rows.assign(
        **{name: rows[name].map(_text) for name in ("from", "to", "registered")},
        **{name: rows[name].map(_decimal_comma) for name in ("x", "y", "precision")},
    )
    table[list(_POLICE)].rename(columns=_POLICE).to_csv(
        path, sep=";", index=False, encoding="cp1252", lineterminator="\r\n"
    )


def _decimal_comma(number: Any) -> str:
    return "" if pd.isna(number) else f"{number:.2f}".replace(".", ",")


def _write_social(rows: pd.DataFrame, path: Path) -> None:
    table = rows.assign(**{name: rows[name].map(_local) for name in ("from", "to", "registered")})
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Händelser (simulerade)")
    sheet.append(list(_SOCIAL.values()))
    for row in table[list(_SOCIAL)].itertuples(index=False):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
    book.save(path)


def _write_municipality(rows: pd.DataFrame, path: Path) -> None:
    features = []
    for row in rows.to_dict("records"):
        properties = {header: row[name] for name, header in _MUNICIPALITY.items()}
        for name in ("from", "to", "registered"):
            moment = row[name]
            properties[_MUNICIPALITY[name]] = (
                moment if isinstance(moment, str) else moment.isoformat(timespec="minutes")
            )
        features.append(_feature(properties, row["x"], row["y"]))
    _write_collection(features, path)


def _feature(properties: dict[str, Any], x: Any, y: Any) -> dict[str, Any]:
    point = None if x is None else {"type": "Point", "coordinates": [round(x, 7), round(y, 7)]}
    return {"type": "Feature", "properties": properties, "geometry": point}


def _write_collection(features: list[dict[str, Any]], path: Path) -> None:
    collection = {"type": "FeatureCollection", "name": path.stem, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


_FILES: Final[tuple[tuple[str, str, Callable[[pd.DataFrame, Path], None]], ...]] = (
    ("police", "polisen_simulerad.csv", _write_police),
    ("social", "socialtjansten_simulerad.xlsx", _write_social),
    ("municipality", "kommunen_simulerad.geojson", _write_municipality),
)

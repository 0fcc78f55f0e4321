"""Standing maps: one small TOML file per saved map, rendered by ``riskmiljo maps build``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from riskmiljo.errors import SettingsError
from riskmiljo.maps.payload import LAYER_IDS
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import shipped
from riskmiljo.wording import Text

# A standing map shows the situation; routes belong to one shift.
_IDS: Final = tuple(name for name in LAYER_IDS if name != "routes")
_KEYS: Final = frozenset({"title", "audience", "period", "layers", "shown", "teams", "filter"})
_FILTER_KEYS: Final = frozenset({"category", "source", "detection", "weekday", "hours", "bbox"})
_MOST_TEAMS: Final = 50


@dataclass(frozen=True, slots=True)
class StandingMap:
    """One saved map.

    Attributes
    ----------
    name
        The file's name without ``.toml``; also the name of the file that is built.
    title
        In both languages.
    audience
        The role whose lens it is drawn with.
    period
        ``last-28-days`` or what `riskmiljo.model.period.Period.parse` takes.
    layers, shown
        Ids of the layers it has, and of those that are on when it opens.
    teams
        Number of patrol areas.
    question
        The filter, without a period.
    """

    name: str
    title: Text
    audience: Role
    period: str
    layers: tuple[str, ...]
    shown: tuple[str, ...]
    teams: int
    question: Filter


def read_standing_maps(folder: Path | None = None) -> list[StandingMap]:
    """Read all standing maps of a folder.

    Parameters
    ----------
    folder
        With ``*.toml`` files; None reads the shipped ones.

    Returns
    -------
    list of StandingMap
        Sorted by name.

    Raises
    ------
    SettingsError
        If there is no such folder, or a file cannot be used; names file and key.
    """
    where = folder or shipped("maps")
    if not where.is_dir():
        raise SettingsError(
            Text(
                "Mappen {f} med stående kartor finns inte.",
                "The folder {f} of standing maps does not exist.",
            ).fill(f=where)
        )
    return [_read(path) for path in sorted(where.glob("*.toml"))]


def _read(path: Path) -> StandingMap:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            Text("{f} är inte giltig TOML: {why}.", "{f} is not valid TOML: {why}.").fill(
                f=path.name, why=error
            )
        ) from error
    _known(path, table, _KEYS, "")
    question = _table(path, table, "filter")
    _known(path, question, _FILTER_KEYS, "filter.")
    layers = _layers(path, table, "layers", _IDS)
    return StandingMap(
        name=path.stem,
        title=_title(path, table),
        audience=_audience(path, table),
        period=_period(path, table),
        layers=layers,
        shown=_layers(path, table, "shown", layers),
        teams=_teams(path, table),
        question=_filter(path, question),
    )


def _wrong(path: Path, key: str, why: Text) -> SettingsError:
    return SettingsError(
        Text("{f}, {k}: {why}", "{f}, {k}: {why}").fill(f=path.name, k=key, why=why),
        code="STÅENDE_KARTA",
    )


def _known(path: Path, table: dict[str, Any], keys: frozenset[str], prefix: str) -> None:
    for key in table:
        if key not in keys:
            raise _wrong(
                path,
                prefix + key,
                Text("okänd nyckel. Tillåtna: {a}.", "unknown key. Allowed: {a}.").fill(
                    a=", ".join(sorted(keys))
                ),
            )


def _table(path: Path, table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(path, key, Text("måste vara en tabell.", "must be a table."))
    return value


def _title(path: Path, table: dict[str, Any]) -> Text:
    title = _table(path, table, "title")
    _known(path, title, frozenset({"sv", "en"}), "title.")
    for language in ("sv", "en"):
        value = title.get(language)
        if not isinstance(value, str) or not value.strip():
            raise _wrong(
                path,
                f"title.{language}",
                Text("måste vara en text.", "must be a text."),
            )
    return Text(title["sv"].strip(), title["en"].strip())


def _audience(path: Path, table: dict[str, Any]) -> Role:
    value = table.get("audience")
    if value not in list(Role):
        raise _wrong(
            path,
            "audience",
            Text("{v!r} är ingen roll. Tillåtna: {a}.", "{v!r} is no role. Allowed: {a}.").fill(
                v=value, a=", ".join(Role)
            ),
        )
    return Role(value)


def _period(path: Path, table: dict[str, Any]) -> str:
    value = table.get("period")
    if isinstance(value, str) and re.fullmatch(r"last-[1-9]\d{0,3}-days", value):
        return value
    try:
        Period.parse(value if isinstance(value, str) else "")
    except ValueError as error:
        raise _wrong(
            path,
            "period",
            Text(
                "{v!r} kan inte läsas. Skriv till exempel last-28-days eller 2026-04.",
                "{v!r} cannot be read. Write for example last-28-days or 2026-04.",
            ).fill(v=value),
        ) from error
    return str(value)


def _layers(
    path: Path, table: dict[str, Any], key: str, allowed: tuple[str, ...]
) -> tuple[str, ...]:
    value = table.get(key, list(allowed))
    if not isinstance(value, list) or not all(name in allowed for name in value):
        raise _wrong(
            path,
            key,
            Text("måste vara en lista med lager ur {a}.", "must be a list of layers of {a}.").fill(
                a=", ".join(allowed)
            ),
        )
    return tuple(name for name in allowed if name in value)


def _teams(path: Path, table: dict[str, Any]) -> int:
    value = table.get("teams", 3)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_TEAMS:
        raise _wrong(
            path,
            "teams",
            Text("måste vara ett heltal från 1 till {n}.", "must be an integer, 1 to {n}.").fill(
                n=_MOST_TEAMS
            ),
        )
    return value


def _filter(path: Path, question: dict[str, Any]) -> Filter:
    words: dict[str, list[str]] = {}
    for key, value in question.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int) for one in values):
            raise _wrong(
                path,
                f"filter.{key}",
                Text("måste vara en text eller lista.", "must be a text or a list."),
            )
        words[key] = [str(one) for one in values]
    try:
        return Filter.from_query(words)
    except ValueError as error:
        why = getattr(error, "message", Text(str(error), str(error)))
        raise _wrong(path, "filter", why) from error

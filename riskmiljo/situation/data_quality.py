"""How good the data of a picture are: late, misplaced, discovered rather than reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from riskmiljo.access.lens import Lens
from riskmiljo.model.period import Period
from riskmiljo.store import Store

# A place that is known no better than this is coarser than the cells of the map.
COARSE_M: Final = 100.0
LATE_DAYS: Final = 7

# From which share each weakness is one to speak of. What was discovered is a fair part of any
# police record; late and misplaced incidents falsify the latest weeks and the map directly.
LIMITS: Final[dict[str, float]] = {
    "late": 0.10,
    "placeless": 0.05,
    "coarse": 0.10,
    "unknown": 0.20,
    "discovered": 0.40,
}

# Why an import refuses a row whose place cannot be used.
_NO_PLACE: Final = frozenset(
    {
        "AXLAR_OMKASTADE",
        "CRS_OKLAR",
        "CRS_STRIDER",
        "GEOM_SAKNAS",
        "GEOM_TYP",
        "KOORD_FORMAT",
        "KOORD_NOLL",
        "KOORD_SAKNAS",
        "KOORD_UTANFOR",
        "LATLON_OMKASTAD",
    }
)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the data of a period are.

    Attributes
    ----------
    median_days
        From occurred to registered, days; None where too few tell it.
    late
        Share that was registered more than a week after it occurred.
    reported, discovered, unknown
        Shares by how the incidents became known.
    coarse
        Share whose place is known no better than 100 m.
    placeless
        Share of the delivered rows that were refused because their place cannot be used.
    """

    median_days: float | None
    late: float | None
    reported: float | None
    discovered: float | None
    unknown: float | None
    coarse: float | None
    placeless: float | None = None


@dataclass(frozen=True, slots=True)
class Weakness:
    """What is worst with the data.

    Attributes
    ----------
    name
        The field of `Quality`.
    share
        Its value.
    grave
        Whether it is at or above the limit from which it is one to speak of.
    """

    name: str
    share: float
    grave: bool


def data_quality(
    incidents: gpd.GeoDataFrame, lens: Lens, *, delivered: tuple[int, int] = (0, 0)
) -> Quality:
    """Tell how good some incidents are as data.

    Parameters
    ----------
    incidents
        The incident contract.
    lens
        Whose minimum counts hold.
    delivered
        As of `delivered_rows`.

    Returns
    -------
    Quality
        A share is None where the incidents behind it, or behind the rest, are too few.
    """
    days = waited_days(incidents)
    known = len(days) >= lens.fewest
    rows, lost = delivered
    return Quality(
        median_days=round(float(days.median()), 1) if known else None,
        placeless=_share(lost, rows, lens),
        **{
            name: _share(int(chosen.sum()), len(chosen), lens)
            for name, chosen in traits(incidents).items()
        },
    )


def waited_days(incidents: gpd.GeoDataFrame) -> pd.Series:
    """Return how long incidents waited for their registration.

    Parameters
    ----------
    incidents
        The incident contract.

    Returns
    -------
    pandas.Series
        Days, of those whose source says when they were registered.
    """
    # A source that does not say when an incident was registered is given when it occurred.
    told = (incidents["registered_at"] != incidents["occurred_from"]) & (
        incidents["registered_at"] != incidents["occurred_to"]
    )
    waited = (incidents["registered_at"] - incidents["occurred_from"])[told].dropna()
    days: pd.Series = waited.dt.total_seconds() / 86_400
    return days


def traits(incidents: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Return which incidents each share of `Quality` counts.

    Parameters
    ----------
    incidents
        The incident contract.

    Returns
    -------
    dict of str to pandas.Series
        By field: one boolean an incident; for ``late`` one for each that tells.
    """
    how = incidents["detection"].astype(str)
    return {
        "late": waited_days(incidents) > LATE_DAYS,
        "reported": how == "reported",
        "discovered": how == "discovered",
        "unknown": how == "unknown",
        "coarse": incidents["precision_m"] > COARSE_M,
    }


def delivered_rows(store: Store, owners: frozenset[str], period: Period) -> tuple[int, int]:
    """Count the rows of the files that tell of a period, and those refused for want of a place.

    Parameters
    ----------
    store
        Where imports are kept.
    owners
        Files that hold any other owner's incidents are left out.
    period
        Files whose own span does not touch it are left out, and those that were undone.

    Returns
    -------
    rows, lost : int
        Zero where there is no such file.
    """
    rows = lost = 0
    for one in store.batches().to_dict("records"):
        receipt: dict[str, Any] = one["receipt"]
        if not pd.isna(one["undone_at"]) or not _touches(receipt.get("span"), period):
            continue
        mine = store.owners_of_batch(int(one["batch_id"]))
        if mine and mine <= owners:
            rows += int(receipt["rows"])
            refused = receipt.get("refused_by_code", {})
            lost += sum(int(number) for code, number in refused.items() if code in _NO_PLACE)
    return rows, lost


def weakest(quality: Quality) -> Weakness | None:
    """Return what is worst with the data: the share that is largest beside its limit.

    Parameters
    ----------
    quality
        Of the data.

    Returns
    -------
    Weakness or None
        None where no share is known, or all are zero.
    """
    shares = {name: getattr(quality, name) or 0.0 for name in LIMITS}
    name = max(shares, key=lambda one: shares[one] / LIMITS[one])
    if not shares[name]:
        return None
    return Weakness(name, shares[name], grave=shares[name] >= LIMITS[name])


def _touches(span: Any, period: Period) -> bool:
    if not span or None in span:
        return False
    first, last = (pd.Timestamp(text) for text in span)
    return bool(first < period.end and last >= period.start)


def _share(part: int, whole: int, lens: Lens) -> float | None:
    rest = whole - part
    if min(part, rest) < lens.fewest and not (rest == 0 and part >= lens.fewest):
        return None
    return part / whole
